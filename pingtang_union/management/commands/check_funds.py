"""See whether every fund has what its entries come to, and every bank balance what the books said on its day."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from relief.services.money import check_books


class Command(BaseCommand):
    help = "核对资金余额与流水、银行余额"

    def handle(self, *args: Any, **options: Any) -> None:
        if wrong := check_books():
            raise CommandError("；".join(wrong))
        self.stdout.write("资金账实相符。")
