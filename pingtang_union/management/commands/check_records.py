"""Count the records that contradict others, over the whole database."""

from typing import Any

from django.core.management.base import BaseCommand

from pingtang_union.admin.inconsistencies import counts


class Command(BaseCommand):
    """Changes nothing; exit 1 when there are any, so that a timer can tell."""

    help = "核对全部记录，列出前后对不上的有多少条（不改动任何记录）"

    def handle(self, *args: Any, **options: Any) -> None:
        rows = list(counts(lambda model_admin, _one: model_admin.model._default_manager.all()))
        for count in rows:
            self.stdout.write(f"{count.model}　{count.label}：{count.number}")
        if any(count.number for count in rows):
            raise SystemExit(1)
