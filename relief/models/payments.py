"""Payment batches (发放批次): grants of one fund that are paid together. One person makes a batch, another checks it, a
third releases it."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from members.models import Union
from pingtang_union.core.fields import Sealed, SealedField
from pingtang_union.core.fields import account as account_of
from pingtang_union.core.scope import ScopedModel, ScopedQuerySet
from pingtang_union.money import MoneyField
from relief.models.codes import PaymentState, PayWay, RowResult
from relief.models.funds import Fund
from relief.models.grants import Grant


class PaymentBatch(ScopedModel):
    """Payments of one fund. Once checked it is locked by `lock`, a keyed hash over everything that the bank is told."""

    scope_path = "union"

    union = models.ForeignKey(Union, models.PROTECT, verbose_name="发放单位", related_name="+")
    fund = models.ForeignKey(Fund, models.PROTECT, verbose_name="资金", related_name="payment_batches")
    title = models.CharField("名称", max_length=60)
    way = models.CharField("发放方式", max_length=4, choices=PayWay, default=PayWay.BANK)
    state = models.CharField("状态", max_length=10, choices=PaymentState, default=PaymentState.MAKING, editable=False)
    reason = models.CharField("退回或作废原因", max_length=200, blank=True, editable=False)
    total = MoneyField("合计（元）", default=0, editable=False)
    lock = models.CharField("锁定校验值", max_length=32, blank=True, editable=False)
    made_by = account_of("编制人", editable=False)
    made_at = models.DateTimeField("编制时间", auto_now_add=True)
    handed_in_at = models.DateTimeField("提交时间", null=True, editable=False)
    checked_by = account_of("复核人", editable=False)
    checked_at = models.DateTimeField("复核时间", null=True, editable=False)
    released_by = account_of("放款人", editable=False)
    released_at = models.DateTimeField("放款时间", null=True, editable=False)
    settled_at = models.DateTimeField("办结时间", null=True, editable=False)

    objects: ClassVar = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "发放批次"
        ordering = ["-pk"]
        permissions = [("check_paymentbatch", "复核发放批次"), ("release_paymentbatch", "放款")]
        constraints = [
            models.CheckConstraint(
                condition=(Q(checked_by__isnull=True) | ~Q(made_by=F("checked_by")))
                & (Q(released_by__isnull=True) | (~Q(made_by=F("released_by")) & ~Q(checked_by=F("released_by")))),
                name="paymentbatch_three_people",
                violation_error_message="编制、复核、放款应由三个人分别办理。",
            ),
            models.CheckConstraint(
                condition=Q(state__in=(PaymentState.MAKING, PaymentState.HANDED_IN, PaymentState.DROPPED))
                | (Q(made_by__isnull=False, checked_by__isnull=False) & ~Q(lock="")),
                name="paymentbatch_checked_is_locked",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=(PaymentState.RELEASED, PaymentState.SETTLED)) | Q(released_by__isnull=False),
                name="paymentbatch_released_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        """Whether grants may still join and leave."""
        return self.state == PaymentState.MAKING


class PaymentRow(ScopedModel):
    """One grant in a batch. A grant stands in one batch at a time; where the payment failed, it may join another."""

    scope_path = "batch__union"

    batch = models.ForeignKey(PaymentBatch, models.CASCADE, verbose_name="发放批次", related_name="rows")
    number = models.PositiveSmallIntegerField("序号")
    grant = models.ForeignKey(Grant, models.PROTECT, verbose_name="帮扶发放", related_name="payments")
    amount = MoneyField("金额（元）")
    # What the check has locked and the bank is told, whatever becomes of the grant.
    payee = models.CharField("收款人", max_length=50, blank=True, editable=False)
    account = SealedField("收款账号", blank=True, editable=False)
    bank = models.CharField("开户银行", max_length=60, blank=True, editable=False)
    result = models.CharField("结果", max_length=8, choices=RowResult, default=RowResult.WAITING)
    reason = models.CharField("失败原因", max_length=100, blank=True)
    settled_on = models.DateField("到账（退回）日期", null=True, blank=True)

    objects: ClassVar = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "发放明细"
        ordering = ["batch", "number"]
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(fields=["batch", "number"], name="paymentrow_one_a_number"),
            models.UniqueConstraint(
                fields=["grant"],
                condition=~Q(result=RowResult.FAILED),
                name="paymentrow_one_a_grant",
                violation_error_message="这份发放已在另一个批次里。",
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="paymentrow_amount_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.batch} 第{self.number}笔"

    @property
    def full_account(self) -> str:
        """The account's number in full, for the bank's file and answer."""
        return self.account.reveal() if isinstance(self.account, Sealed) else str(self.account or "")
