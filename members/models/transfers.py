"""Requests to move a membership: the receiving union asks, the giving union agrees or the county decides."""

from typing import Any, Self

from django.db import models
from django.db.models import F, Q

from members.models.members import Member
from members.models.unions import Union
from pingtang_union.core.fields import PartialDateField, account, well_formed
from pingtang_union.core.scope import ScopedModel, ScopedQuerySet, scope_q
from pingtang_union.tones import Toned


class TransferState(Toned):
    """Where a request stands."""

    PENDING = "pending", "is-info", "等待答复"
    AGREED = "agreed", "is-ok", "已同意"
    REFUSED = "refused", "is-bad", "未同意"
    WITHDRAWN = "withdrawn", "", "已撤回"


class TransferRequestQuerySet(ScopedQuerySet):
    """Questions asked of transfer requests."""

    def visible_to(self, user: Any) -> Self:
        """Requests that either union of which lies in the user's subtree: both sides see theirs."""
        return self.filter(scope_q(user, "from_union") | scope_q(user, "to_union"))

    def pending(self) -> Self:
        """Those that wait for an answer."""
        return self.filter(state=TransferState.PENDING)


class TransferRequest(ScopedModel):
    """One request. Agreed, it becomes two events in the member's history; the row stays as who asked and answered."""

    scope_path = "to_union"

    member = models.ForeignKey(Member, models.PROTECT, verbose_name="会员", related_name="transfer_requests")
    from_union = models.ForeignKey(Union, models.PROTECT, verbose_name="转出工会", related_name="+")
    to_union = models.ForeignKey(Union, models.PROTECT, verbose_name="转入工会", related_name="+")
    on = PartialDateField("转会日期")
    reason = models.CharField("申请原因", max_length=200)
    state = models.CharField("状态", max_length=10, choices=TransferState, default=TransferState.PENDING)
    asked_by = account("申请人", null=False)
    asked_at = models.DateTimeField("申请时间", auto_now_add=True)
    answer = models.CharField("答复说明", max_length=200, blank=True)
    answered_by = account("答复人")
    answered_at = models.DateTimeField("答复时间", null=True, blank=True)
    batch = models.ForeignKey(
        "core.ImportBatch",
        models.SET_NULL,
        null=True,
        blank=True,
        verbose_name="来自导入批次",
        related_name="+",
        db_index=False,
    )

    objects = TransferRequestQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "转会申请"
        ordering = ["-asked_at", "-pk"]
        permissions = [("answer_transferrequest", "答复转会申请")]
        constraints = [
            models.UniqueConstraint(
                fields=["member"],
                condition=Q(state=TransferState.PENDING),
                name="transferrequest_one_pending",
                violation_error_message="这位会员已有一份等待答复的转会申请。",
            ),
            models.CheckConstraint(
                condition=~Q(from_union=F("to_union")),
                name="transferrequest_two_unions",
                violation_error_message="转出工会和转入工会不能是同一个。",
            ),
            models.CheckConstraint(
                condition=Q(state=TransferState.PENDING, answered_by__isnull=True, answered_at__isnull=True)
                | (~Q(state=TransferState.PENDING) & Q(answered_by__isnull=False, answered_at__isnull=False)),
                name="transferrequest_answer_has_person",
                violation_error_message="答复要记下答复人和时间。",
            ),
            models.CheckConstraint(
                condition=~Q(state=TransferState.REFUSED) | ~Q(answer=""),
                name="transferrequest_refusal_has_reason",
                violation_error_message="不同意要写明原因。",
            ),
            models.CheckConstraint(
                condition=Q(answered_by__isnull=True)
                | Q(state=TransferState.WITHDRAWN)
                | ~Q(answered_by=F("asked_by")),
                name="transferrequest_not_by_oneself",
                violation_error_message="自己提出的转会申请不能由自己答复。",
            ),
            well_formed("transferrequest_date_well_formed", "on"),
        ]

    def __str__(self) -> str:
        return f"{self.member}：{self.from_union} → {self.to_union}"
