"""Objections to what is publicised: noted, looked into, settled. While one is open nothing is decided."""

from datetime import date
from typing import Any

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.fields import SealedField, account
from pingtang_union.core.permissions import permission_of
from pingtang_union.core.scope import ScopedModel, ScopedQuerySet
from pingtang_union.workflow.models import Application, ObjectionState, moment_field
from pingtang_union.workflow.moving import locked_for, refuse_invalid
from pingtang_union.workflow.table import SHORTEST_REASON, State


class ObjectionWay(models.TextChoices):
    """How an objection came."""

    VISIT = "visit", "来访"
    CALL = "call", "来电"
    LETTER = "letter", "来信"
    MAIL = "mail", "电子邮件"
    OTHER = "other", "其他"


class Objection(ScopedModel):
    """An objection to a publicised application; while it is open nothing is decided. Who objected is sealed: it is
    nobody's business but the office's that looks into it. Subclasses have `application`, a foreign key with
    related_name "objections"."""

    scope_path = "application__union"

    received_on = models.DateField("收到日期")
    way = models.CharField("方式", max_length=10, choices=ObjectionWay)
    objector = SealedField("提出人和联系方式", blank=True, help_text="加密保存，只有县总工会审核人员看得到")
    text = models.CharField("异议内容", max_length=1000)
    state = models.CharField(
        "核查结果", max_length=10, choices=ObjectionState, default=ObjectionState.OPEN, editable=False
    )
    finding = models.CharField("核查情况", max_length=1000, blank=True)
    recorded_by, recorded_at = account("登记人", editable=False), models.DateTimeField("登记时间", auto_now_add=True)
    settled_by, settled_at = account("核查人", editable=False), moment_field("核查时间")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ["received_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state=ObjectionState.OPEN, settled_by__isnull=True, settled_at__isnull=True)
                | (
                    ~Q(state=ObjectionState.OPEN)
                    & Q(settled_by__isnull=False, settled_at__isnull=False)
                    & ~Q(finding="")
                ),
                name="%(class)s_settled_has_finding",
                violation_error_message="核查结果要写明核查情况、核查人和时间。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.received_on} {self.get_way_display()}"


@transaction.atomic
def record_objection(
    application: Application, *, by: Any, received_on: date, way: str, text: str, objector: str = ""
) -> Objection:
    """Note an objection to a publicised application. Raises DomainError for who may not, when the application isn't in
    publicity, and for a day to come."""
    locked = _locked_for_review(application, by)
    if locked.state != State.PUBLICISED:
        raise DomainError(f"只有公示中的申报才登记异议，当前状态是「{locked.get_state_display()}」。")
    objections: Any = locked.objections  # type: ignore[attr-defined]  # every concrete Objection names it
    objection = objections.model(
        application=locked, recorded_by=by, received_on=received_on, way=way, text=text.strip(), objector=objector
    )
    refuse_invalid(objection)
    if objection.received_on > timezone.localdate():
        raise DomainError("收到异议的日期不能晚于今天，请核对。")
    objection.save()
    _grow(locked)
    return objection


@transaction.atomic
def settle_objection(objection: Objection, *, upheld: bool, finding: str, by: Any) -> Objection:
    """Close an objection with what was found. Raises DomainError for who may not or submitted the application herself,
    for one settled before, and without a finding."""
    application: Application = objection.application  # type: ignore[attr-defined]  # every concrete one has it
    locked = _locked_for_review(application, by)
    if locked.submitted_by_id == by.pk:
        raise DomainError("这份申报是您自己提交的，异议要由别人核查。")
    current = type(objection)._base_manager.select_for_update().get(pk=objection.pk)
    if current.state != ObjectionState.OPEN:
        raise DomainError(f"这条异议已有结果：{current.get_state_display()}。")
    finding = " ".join(finding.split())
    if len(finding) < SHORTEST_REASON:
        raise DomainError(f"请写明核查情况（至少 {SHORTEST_REASON} 个字）。")
    current.finding = finding
    current.state = ObjectionState.UPHELD if upheld else ObjectionState.DISMISSED
    current.settled_by, current.settled_at = by, timezone.now()
    current.save()
    _grow(locked)
    return current


def _grow(application: Application) -> None:
    """Who decides has to have seen the objections, and what was found."""
    application.revision += 1
    application.save(update_fields=["revision"])


def _locked_for_review(application: Application, by: Any) -> Application:
    locked = locked_for(application, by)
    if not by.has_perm(permission_of(type(application), "review")):
        raise DomainError("您的账号不能登记和核查异议。")
    return locked
