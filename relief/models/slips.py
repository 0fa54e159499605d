"""Slips (回执) that recipients hold: with a code they say whether the money came."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import Q

from pingtang_union.core.fields import SealedField, account
from pingtang_union.core.scope import ScopedModel, ScopedQuerySet
from pingtang_union.money import MoneyField
from pingtang_union.tones import Toned
from relief.models.codes import RowResult
from relief.models.payments import PaymentRow


class SlipState(Toned):
    """What the recipient said."""

    OUT = "out", "", "待收款人确认"
    RECEIVED = "received", "is-ok", "如数收到"
    MISSING = "missing", "is-bad", "未收到"
    OTHER = "other", "is-bad", "金额不符"


ANSWERS = (SlipState.RECEIVED, SlipState.MISSING, SlipState.OTHER)
DIFFERENT = (SlipState.MISSING, SlipState.OTHER)


class SlipQuerySet(ScopedQuerySet):
    """Questions asked of slips."""

    def of_paid(self) -> Self:
        """Slips of payments that came through and didn't come back."""
        return self.filter(row__result=RowResult.PAID)

    def answerable(self) -> Self:
        """Of these, those that nobody has answered."""
        return self.of_paid().filter(state=SlipState.OUT)


class Slip(ScopedModel):
    """The slip of one payment. Its code is random, answers once, and is sealed. What differs is a case for staff until
    `finding` says what came of it."""

    scope_path = "row__batch__union"

    row = models.OneToOneField(PaymentRow, models.PROTECT, verbose_name="发放明细", related_name="slip")
    code = SealedField("回执码", index="code_index", editable=False)
    code_index = models.CharField("回执码索引", max_length=32, null=True, unique=True, editable=False)
    state = models.CharField("收款人确认", max_length=8, choices=SlipState, default=SlipState.OUT, editable=False)
    said = MoneyField("收款人所报金额（元）", null=True, blank=True, editable=False)
    answered_at = models.DateTimeField("确认时间", null=True, editable=False)
    made_by = account("制作人", editable=False)
    made_at = models.DateTimeField("制作时间", auto_now_add=True)
    finding = models.CharField("核实结果", max_length=200, blank=True, editable=False)
    settled_by = account("核实人", editable=False)
    settled_at = models.DateTimeField("核实时间", null=True, editable=False)

    objects: ClassVar = SlipQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "收款回执"
        ordering = ["-pk"]
        default_permissions = ("view",)
        permissions = [("settle_slip", "核实收款回执")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state=SlipState.OUT, answered_at__isnull=True)
                | (~Q(state=SlipState.OUT) & Q(answered_at__isnull=False)),
                name="slip_answered_has_moment",
            ),
            models.CheckConstraint(
                condition=Q(state=SlipState.OTHER, said__isnull=False)
                | (~Q(state=SlipState.OTHER) & Q(said__isnull=True)),
                name="slip_other_amount_is_said",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.row}回执"

    @property
    def is_case(self) -> bool:
        """Whether staff has to look into it."""
        return self.state in DIFFERENT and self.settled_at is None
