"""See whether every fund has what its entries come to, and every bank balance what the books said on its day."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from pingtang_union.core.money import yuan
from relief.models import BankBalance
from relief.models.entries import in_books
from relief.services.money import check_books


class Command(BaseCommand):
    help = "核对资金余额与流水、银行余额"

    def handle(self, *args: Any, **options: Any) -> None:
        faults = [
            f"「{fault.fund}」可用余额 {yuan(fault.fund.available)} 元，流水合计 {yuan(fault.booked)} 元"
            for fault in check_books()
        ]
        open_balances = in_books(BankBalance.objects.filter(note="")).exclude(difference=0).select_related("fund")
        faults += [
            f"「{balance.fund}」{balance.on} 银行余额 {yuan(balance.amount)} 元，账上 {yuan(balance.booked)} 元"
            for balance in open_balances
        ]
        if faults:
            raise CommandError("；".join(faults))
        self.stdout.write("资金账实相符。")
