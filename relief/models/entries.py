"""What moves a fund's money: entries (资金流水), written once and for ever, and the bank balances held against them.

No entry holds personal data: it names a fund, a payment batch and a document, never a recipient."""

from datetime import date
from decimal import Decimal
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import F, Q, Sum

from pingtang_union.core.fields import DocumentNumberField, account
from pingtang_union.core.scope import ScopedModel, ScopedQuerySet
from pingtang_union.money import MoneyField
from relief.models.codes import EntryKind
from relief.models.funds import Fund


class EntryQuerySet(ScopedQuerySet):
    """Questions asked of entries."""

    def until(self, day: date) -> Self:
        """Entries that took effect by `day`."""
        return self.filter(effective_on__lte=day)

    def total(self) -> Decimal:
        """Sum of the amounts, 0 for none."""
        return self.aggregate(total=Sum("amount", default=0, output_field=MoneyField()))["total"]


class Entry(ScopedModel):
    """One movement of a fund's money. Entries stand in the order of the fund's versions, in which they were written;
    `effective_on` may lie before. The database refuses to change or delete one (proof.append_only); what was wrong is
    reversed by another."""

    scope_path = "fund__union"
    is_append_only: ClassVar[bool] = True

    fund = models.ForeignKey(Fund, models.PROTECT, verbose_name="资金", related_name="entries", db_index=False)
    version = models.PositiveIntegerField("序号")
    amount = MoneyField("金额（元）")
    balance = MoneyField("余额（元）")
    kind = models.CharField("类别", max_length=10, choices=EntryKind)
    effective_on = models.DateField("发生日期")
    reverses = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, verbose_name="冲正的流水", related_name="reversed_by"
    )
    key = models.CharField("防重编号", max_length=64, unique=True)
    transfer = models.CharField("划转编号", max_length=32, blank=True)
    payment = models.ForeignKey(
        "relief.PaymentBatch", models.PROTECT, null=True, blank=True, verbose_name="发放批次", related_name="entries"
    )
    document_number = DocumentNumberField("文号", blank=True)
    by = account("登记人")
    at = models.DateTimeField("登记时间", auto_now_add=True)

    objects: ClassVar = EntryQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "资金流水"
        ordering = ["fund", "-version"]
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(fields=["fund", "version"], name="entry_one_a_version"),
            models.CheckConstraint(condition=~Q(amount=0), name="entry_moves_something"),
            models.CheckConstraint(condition=Q(balance__gte=0), name="entry_not_overdrawn"),
            models.CheckConstraint(
                condition=Q(kind__in=(EntryKind.TRANSFER, EntryKind.REVERSAL))
                | Q(kind__in=(EntryKind.INCOME, EntryKind.RETURN), amount__gt=0)
                | Q(kind__in=(EntryKind.EXPENSE, EntryKind.PAYMENT), amount__lt=0),
                name="entry_sign_of_kind",
            ),
            models.CheckConstraint(
                condition=Q(kind=EntryKind.REVERSAL, reverses__isnull=False)
                | (~Q(kind=EntryKind.REVERSAL) & Q(reverses__isnull=True)),
                name="entry_reversal_names_its_entry",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=(EntryKind.PAYMENT, EntryKind.RETURN), payment__isnull=False)
                | (~Q(kind__in=(EntryKind.PAYMENT, EntryKind.RETURN)) & Q(payment__isnull=True)),
                name="entry_payment_names_its_batch",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.fund} 第{self.version}笔"


class BankBalance(ScopedModel):
    """What the bank says a fund holds at the end of a day: held against the entries until then."""

    scope_path = "fund__union"

    fund = models.ForeignKey(Fund, models.PROTECT, verbose_name="资金", related_name="bank_balances")
    on = models.DateField("日期")
    amount = MoneyField("银行余额（元）")
    note = models.CharField("差额说明", max_length=200, blank=True, help_text="如：未达账项 3,000.00 元，12月2日已到账")
    recorded_by = account("登记人", editable=False)

    objects: ClassVar = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "银行对账"
        ordering = ["-on", "fund"]
        constraints = [
            models.UniqueConstraint(
                fields=["fund", "on"],
                name="bankbalance_one_a_day",
                violation_error_message="这项资金这一天的银行余额已登记过。",
            ),
            models.CheckConstraint(
                condition=Q(amount__gte=0), name="bankbalance_positive", violation_error_message="余额不能小于零。"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.fund} {self.on}"


def in_books(rows: models.QuerySet[BankBalance]) -> Any:
    """Bank balances with `booked`, the sum of their fund's entries until that day, and `difference` from it."""
    until = Entry.objects.filter(fund=models.OuterRef("fund"), effective_on__lte=models.OuterRef("on"))
    summed = until.order_by().values("fund").annotate(n=Sum("amount")).values("n")
    booked = models.functions.Coalesce(models.Subquery(summed), 0, output_field=MoneyField())
    rows = rows.annotate(booked=booked)
    return rows.annotate(difference=models.ExpressionWrapper(F("amount") - F("booked"), output_field=MoneyField()))
