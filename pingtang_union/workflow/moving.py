"""Moving applications: `perform` is the only writer of an application's state.

Apps subclass `Application`, `Step` and `Objection`, and differ only by guards (`missing_for`), hooks
(`prepare_<transition>` before the row is saved, `on_<transition>` after) and what they say of themselves (`content`).
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, TypeVar

from auditlog.context import disable_auditlog
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import Q
from django.utils import timezone

from pingtang_union.core.audit import record_workflow
from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.permissions import permission_of
from pingtang_union.workflow.marking import people_for, tell
from pingtang_union.workflow.models import Application, Follow, ObjectionState, Return
from pingtang_union.workflow.publishing import wrong_in
from pingtang_union.workflow.rules import PublicityRule
from pingtang_union.workflow.table import LONGEST_REASON, SHORTEST_REASON, STAGES, State, Transition, transition_called
from pingtang_union.workflow.workdays import deadline

A = TypeVar("A", bound=Application)
UNCHANGED = "退回后尚未修改。请按退回原因修改；确需按原内容提交的，请勾选确认。"


@transaction.atomic
def perform(
    application: A,
    name: str,
    *,
    by: Any,
    reason: str = "",
    seen: int | None = None,
    details: Mapping[str, Any] | None = None,
    step: str = "",
    until: date | None = None,
    unchanged: bool = False,
) -> A:
    """Move `application` along the transition called `name`; gives the row as it stands then.

    Locks the row, then checks that `by` sees it, the permission, whose side `by` is on, that its state is one that the
    transition starts from, that nobody acts at two stages, the reason, and the model's guard. Writes state, stage, a
    Step and an audit event, and calls the model's hooks `prepare_<name>()` and `on_<name>(by=…)`, all or nothing.
    `seen` is the revision that the page showed: an office always tells it, since nobody answers what he hasn't seen.
    `details` holds what the transition asks for; of a return `step` says in which step of filling in it has to be
    mended, and `until` by when. What was sent back is handed in as it was only where `unchanged` says that this is
    meant. Raises DomainError with what is wrong and what to do.
    """
    model = type(application)
    locked = locked_for(application, by)
    try:
        transition = transition_called(model, name)
    except LookupError:
        raise DomainError("没有这样的办理事项。") from None
    if not by.has_perm(permission_of(model, transition.permission)):
        raise DomainError(f"您的账号不能办理「{transition.label}」。")
    if transition.is_by_applicant and not is_applicant(locked, by):
        raise DomainError(f"只有申报的工会和替它填报的人能{transition.label}。不合要求的，请退回。")
    if locked.state not in transition.sources:
        raise DomainError(f"当前状态是「{locked.get_state_display()}」，不能{transition.label}。请刷新后再看。")
    if seen is None and not transition.is_by_applicant:
        raise DomainError("没有说明办理的是哪一版内容。请打开页面看过以后再办。")
    if seen is not None and seen != locked.revision:
        raise DomainError("您打开这一页以后，内容有了变动，没有办理。请先看过现在的内容再办。")
    barred = barred_from(locked, transition, by)
    if barred:
        raise DomainError(barred)
    if name == "submit" and not unchanged and is_unchanged(locked):
        raise DomainError(UNCHANGED)
    reason = _reason(reason, transition)
    _check_return(model, transition, step, until)
    _take_details(locked, transition, details or {})
    missing = what_is_missing(locked, transition)
    if missing:
        raise DomainError("；".join(missing))
    now = timezone.now()
    source = locked.state
    before = model._base_manager.get(pk=locked.pk)
    _mark_stages(locked, transition, by, now)
    if name == "publicise":
        _begin_publicity(locked)
    elif name in ("retract", "return", "withdraw"):
        locked.publicised_from = locked.publicised_until = locked.publicity_days = None
    if transition.target in (State.RETURNED, State.REJECTED):
        locked.reason = reason
    prepare = getattr(locked, f"prepare_{name}", None)
    if prepare is not None:
        prepare()
    locked.state = transition.target
    locked.revision += 1
    _write(locked)
    steps: Any = locked.steps  # type: ignore[attr-defined]  # every concrete Step names it
    steps.create(
        number=steps.count() + 1,
        name=name,
        source=source,
        target=transition.target,
        by=by,
        at=now,
        reason=reason,
        content=locked.content() if name == "submit" else None,
    )
    record_workflow(locked, label=transition.label, before=before, after=transition.target.label, by=by, reason=reason)
    if transition.target == State.RETURNED:
        Return.objects.create(target=locked, union=locked.union, what=reason, step=step, until=until, by=by, at=now)
    _tell(locked, transition, by, reason)
    hook = getattr(locked, f"on_{name}", None)
    if hook is not None:
        hook(by=by)
    return locked


def locked_for(application: A, by: Any) -> A:
    """The application as stored, locked, for `by` who sees it. Raises DomainError for any other."""
    rows = type(application).objects.visible_to(by).select_for_update(of=("self",))
    locked = rows.filter(pk=application.pk).first()
    if locked is None:
        raise DomainError("没有这份申报，或者它不在您的管理范围。")
    return locked


def refuse_invalid(record: models.Model) -> None:
    """Raise DomainError where a record isn't valid, in the words of its fields and constraints."""
    try:
        record.full_clean()
    except ValidationError as error:
        raise DomainError("；".join(error.messages)) from error


def is_applicant(application: Application, user: Any) -> bool:
    """Whether `user` is of the applying side, which alone fills in, hands in, withdraws and gives up: accounts of the
    union itself, and whoever began or handed in the application for it. An office above sends back instead."""
    own = user.union_id is not None and application.union_id == user.union_id
    return own or user.pk in (application.created_by_id, application.submitted_by_id)


def is_unchanged(application: Application) -> bool:
    """Whether what was sent back still says what it said when it was handed in."""
    if application.state != State.RETURNED:
        return False
    steps: Any = application.steps  # type: ignore[attr-defined]  # every concrete Step names it
    last = steps.filter(content__isnull=False).order_by("-number").first()
    return last is not None and last.content == application.content()


def may_edit(application: Application, user: Any) -> bool:
    """Whether `user` may change now what an application says, among those that `user` sees."""
    permitted = user.has_perm(permission_of(type(application), "submit"))
    return application.is_editable and permitted and is_applicant(application, user)


def barred_from(application: Application, transition: Transition, by: Any) -> str:
    """Why `by` in person may not do it ("" when nothing is against it): nobody acts at two stages of one application,
    and no office's transition is made by the person who submitted it."""
    if transition.is_by_applicant:
        return ""
    if application.submitted_by_id == by.pk:
        return f"这份申报是您自己提交的，要由别人{transition.label}。"
    if transition.stage:
        before = STAGES[: STAGES.index(transition.stage)]
        acted = any(getattr(application, f"{stage}_by_id") == by.pk for stage in before)
        model = type(application)
        if acted or model._base_manager.filter(model.acted_beside(by), pk=application.pk).exists():
            return f"前面的环节是您办理的，要由别人{transition.label}。"
    return ""


def what_is_missing(application: Application, transition: Transition) -> list[str]:
    """What keeps a transition from happening: order of offices, publicity, objections, numbers in what would be public,
    and the model's own guard."""
    missing = []
    first = transition_called(type(application), "recommend").act
    if transition.name == "approve" and application.state == State.SUBMITTED and application.needs_recommendation():
        missing.append(f"要先由上级工会（乡镇或系统）{first}")
    if transition.name in ("recommend", "send_back") and not application.needs_recommendation():
        missing.append(f"这份申报不用{first}，直接由县总工会审核")
    if transition.name == "decide":
        missing += _publicity_missing(application)
    if transition.name in ("publicise", "decide"):
        missing += _objections_missing(application, transition)
    if transition.name in ("publicise", "decide"):
        missing += wrong_in(application.public_texts())
    if transition.name == "publicise" and PublicityRule.objects.on(timezone.localdate()) is None:
        missing.append("还没有登记公示期规定，不知道要公示几个工作日，请先在业务管理里登记")
    return missing + application.missing_for(transition)


def in_the_way(application: Application, transition: Transition, by: Any) -> list[str]:
    """What keeps `by` from making `transition` now, in words, without what its form still asks for."""
    if application.state not in transition.sources:
        return [f"当前状态是「{application.get_state_display()}」，不能{transition.label}"]
    barred = barred_from(application, transition, by)
    return [barred] if barred else unasked(application, transition, what_is_missing(application, transition))


def unasked(application: Application, transition: Transition, missing: Iterable[str]) -> list[str]:
    """`missing` without what the transition's form asks for."""
    asked = {f"要填写{application._meta.get_field(name).verbose_name}" for name in transition.asks}  # type: ignore[union-attr]
    return [words for words in missing if words not in asked]


def _publicity_missing(application: Application) -> list[str]:
    missing = []
    end = application.publicity()
    if end is None or timezone.localdate() <= end.day:
        until = f"{end.day:%Y-%m-%d}" if end else "（没有登记）"
        missing.append(f"公示到 {until} 为止，期满后才能作出决定")
    return missing


def _objections_missing(application: Application, transition: Transition) -> list[str]:
    """Open objections, and those upheld that no review has looked at since. What was mended and approved anew may go
    on: an objection isn't held against it for ever."""
    stands = Q(state=ObjectionState.OPEN) | Q(state=ObjectionState.UPHELD, settled_at__gte=application.reviewed_at)
    states = set(application.objections.filter(stands).values_list("state", flat=True))  # type: ignore[attr-defined]
    missing = []
    if ObjectionState.OPEN in states:
        missing.append(f"还有异议没有核查完，了结后才能{transition.label}")
    if ObjectionState.UPHELD in states:
        first = "撤下公示、" if application.state == State.PUBLICISED else ""
        missing.append(f"有异议经查属实，不能{transition.label}；请{first}退回修改、重新审核，或不予通过")
    return missing


def _reason(reason: str, transition: Transition) -> str:
    reason = " ".join(reason.split())
    if transition.needs_reason and len(reason) < SHORTEST_REASON:
        raise DomainError(f"请写明{transition.label}的原因（至少 {SHORTEST_REASON} 个字），对方要看得懂。")
    if len(reason) > LONGEST_REASON:
        raise DomainError(f"原因最多写 {LONGEST_REASON} 个字，现在是 {len(reason)} 个字。")
    return reason


def _check_return(model: type[Application], transition: Transition, step: str, until: date | None) -> None:
    if (step or until) and transition.target != State.RETURNED:
        raise ValueError(f"{transition.name} is no return")
    if step and step not in dict(model.filling_steps):
        raise DomainError("没有这个填报步骤，请重新选择。")
    if until is not None and until < timezone.localdate():
        raise DomainError("修改期限不能早于今天。")


def _tell(application: Application, transition: Transition, by: Any, reason: str) -> None:
    """Who filled it in is told that it came back, who follows it that it moved; as far as they still see it."""
    said = f"：{reason}" if reason else ""
    seeing = people_for(application)
    if transition.target in (State.RETURNED, State.REJECTED):
        filled_in = seeing.filter(pk__in=(application.created_by_id, application.submitted_by_id))
        tell(filled_in, f"{application}已{transition.label}{said}", application, but=by)
    following = seeing.filter(pk__in=Follow.objects.to(application).values("user"))
    tell(following, f"您关注的{application}：{transition.label}{said}", application, but=by)


def _take_details(application: Application, transition: Transition, details: Mapping[str, Any]) -> None:
    if unknown := set(details) - set(transition.asks):
        raise ValueError(f"{transition.name} asks for no {unknown}")
    for name, value in details.items():
        field = application._meta.get_field(name)
        assert isinstance(field, models.Field)  # noqa: S101  the table names columns
        try:
            setattr(application, name, field.clean(value, application))
        except ValidationError as error:
            raise DomainError(f"{field.verbose_name}：{error.messages[0]}") from error


def _write(application: Application) -> None:
    """Save it; what the database refuses is said in the words of the constraint."""
    try:
        # What moved it is one event of the trail, which `record_workflow` writes with every column that changed.
        with transaction.atomic(), disable_auditlog():
            application.save()
    except IntegrityError as error:
        try:
            application.validate_constraints()
        except ValidationError as invalid:
            raise DomainError("；".join(invalid.messages)) from error
        raise


def _mark_stages(application: Application, transition: Transition, by: Any, now: Any) -> None:
    """Note who acted, and forget the stages that have to be gone through again."""
    if transition.stage:
        setattr(application, f"{transition.stage}_by", by)
        setattr(application, f"{transition.stage}_at", now)
        again = STAGES[STAGES.index(transition.stage) + 1 :]
    elif transition.target in (State.RETURNED, State.DRAFT):
        again = STAGES[1:]
    else:
        again = ()
    for stage in again:
        setattr(application, f"{stage}_by", None)
        setattr(application, f"{stage}_at", None)


def _begin_publicity(application: Application) -> None:
    today = timezone.localdate()
    rule = PublicityRule.objects.on(today)
    assert rule is not None  # noqa: S101  what_is_missing has looked
    application.publicity_days = rule.working_days
    application.publicised_from = today
    application.publicised_until = deadline(today, rule.working_days).day


# --- Editing ---------------------------------------------------------------------------------


def locked_for_edit(application: A, *, by: Any) -> A:
    """The application, locked, for changing what it says; its revision grows with the caller's save. Call it inside a
    transaction. Raises DomainError unless it is a draft or was returned, `by` may submit it, and is of the applying
    side."""
    locked = locked_for(application, by)
    if not by.has_perm(permission_of(type(application), "submit")):
        raise DomainError("您的账号不能修改这份申报。")
    if not is_applicant(locked, by):
        raise DomainError("只有申报的工会和替它填报的人能修改。不合要求的，请退回。")
    if not locked.is_editable:
        raise DomainError(f"当前状态是「{locked.get_state_display()}」，内容不能改；要改请先撤回。")
    locked.revision += 1
    return locked


@transaction.atomic
def remove_file(*, file: Any, by: Any) -> None:
    """Take an attachment away while its application can be changed. Raises DomainError as `locked_for_edit` does."""
    locked = locked_for_edit(file.application, by=by)
    file.delete()
    locked.save()
