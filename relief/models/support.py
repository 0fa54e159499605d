"""Support to unions (阵地建设): what a union was given from a fund, its receipt, and what each holds."""

from typing import Any, ClassVar, Self

from django.db import models, transaction
from django.db.models import F, Q

from members.models import Union
from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.fields import DocumentNumberField, account
from pingtang_union.core.scope import ScopedModel, ScopedQuerySet
from pingtang_union.money import MoneyField
from pingtang_union.tones import Toned
from pingtang_union.workflow.attachments import Attachment
from relief.models.entries import Entry
from relief.models.funds import Fund

RELEASED = "这项支持已经支付，清单不能再改。"


class SupportState(Toned):
    """Where a support stands; follows from its entry and the union's word."""

    PLANNED = "planned", "is-info", "待支付"
    RELEASED = "released", "is-notice", "待工会确认"
    RECEIVED = "received", "is-ok", "已确认收到"
    REVERSED = "reversed", "is-bad", "已冲正"


_REVERSED = Q(entry__reversed_by__isnull=False)
# What each state is, asked of rows.
IN_STATE = {
    SupportState.PLANNED: Q(entry__isnull=True),
    SupportState.RELEASED: Q(entry__isnull=False, received_on__isnull=True) & ~_REVERSED,
    SupportState.RECEIVED: Q(received_on__isnull=False) & ~_REVERSED,
    SupportState.REVERSED: _REVERSED,
}


class SupportQuerySet(ScopedQuerySet):
    """Questions asked of supports."""

    def in_state(self, state: SupportState) -> Self:
        """Those that stand there."""
        return self.filter(IN_STATE[state])


class Support(ScopedModel):
    """What one union is given: recorded by one, paid by another, confirmed by the union. The money is an entry of the
    fund; neither holds personal data."""

    scope_path = "union"

    union = models.ForeignKey(Union, models.PROTECT, verbose_name="受助工会", related_name="+")
    title = models.CharField("支持事项", max_length=60, help_text="如 2018年新业态工会阵地建设")
    fund = models.ForeignKey(Fund, models.PROTECT, verbose_name="资金", related_name="+")
    document_number = DocumentNumberField("文号", blank=True)
    note = models.CharField("说明", max_length=200, blank=True)
    recorded_by = account("登记人", null=False, editable=False)
    entry = models.OneToOneField(
        Entry, models.PROTECT, null=True, blank=True, verbose_name="资金流水", related_name="support", editable=False
    )
    released_by = account("支付人", editable=False)
    received_on = models.DateField("收到日期", null=True, blank=True, editable=False)
    received_note = models.CharField("验收情况", max_length=200, blank=True, editable=False)
    received_by = account("确认人", editable=False)

    objects: ClassVar = SupportQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "阵地支持"
        ordering = ["-pk"]
        permissions = [("receive_support", "确认收到阵地支持")]
        constraints = [
            models.CheckConstraint(
                condition=Q(entry__isnull=True, released_by__isnull=True)
                | Q(entry__isnull=False, released_by__isnull=False) & ~Q(released_by=F("recorded_by")),
                name="support_released_by_another",
                violation_error_message="登记人不能支付自己登记的支持。",
            ),
            models.CheckConstraint(
                condition=Q(received_on__isnull=True, received_by__isnull=True)
                | Q(received_on__isnull=False, received_by__isnull=False, entry__isnull=False),
                name="support_received_after_release",
                violation_error_message="支付以后才能确认收到。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.union}：{self.title}"

    @property
    def state(self) -> SupportState:
        """Where it stands. Asks for the entry's reversal: load it along."""
        if self.entry is None:
            return SupportState.PLANNED
        if hasattr(self.entry, "reversed_by"):
            return SupportState.REVERSED
        return SupportState.RECEIVED if self.received_on else SupportState.RELEASED


class SupportLine(ScopedModel):
    """One thing that is given, or money."""

    scope_path = "support__union"

    support = models.ForeignKey(Support, models.CASCADE, verbose_name="阵地支持", related_name="lines")
    item = models.CharField("物品（资金）", max_length=40, help_text="如 电脑、办公桌、文件柜、建设资金")
    quantity = models.PositiveIntegerField("数量", default=1)
    value = MoneyField("金额（元）", help_text="这一行合计")

    objects: ClassVar = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "支持清单"
        ordering = ["support", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["support", "item"], name="supportline_once", violation_error_message="这一项已在清单里。"
            ),
            models.CheckConstraint(
                condition=Q(quantity__gt=0, value__gt=0),
                name="supportline_positive",
                violation_error_message="数量和金额要大于零。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item} × {self.quantity}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Raises DomainError once the money has moved."""
        with transaction.atomic():
            self._hold()
            super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        """As `save`."""
        with transaction.atomic():
            self._hold()
            return super().delete(*args, **kwargs)

    def _hold(self) -> None:
        if Support.objects.select_for_update().filter(pk=self.support_id, entry__isnull=False).exists():
            raise DomainError(RELEASED)


class Receipt(Attachment):
    """The signed receipt of a union."""

    application = models.ForeignKey(Support, models.CASCADE, verbose_name="阵地支持", related_name="files")

    class Meta(Attachment.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "签收单"
