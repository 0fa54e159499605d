"""Forget which numbers accounts have asked for, once nobody counts them any more."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from members.services.numbers import PERIOD, purge_attempts


class Command(BaseCommand):
    """Nothing that can be read is kept of them; after thirty days not even that."""

    help = "清除 30 天以前的证件号查对记录（只有摘要，没有号码）"

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"已清除 30 天以前的证件号查对记录 {purge_attempts(timezone.now() - PERIOD)} 条。")
