"""Filling in a nomination, and what the county adds to it. Moving it is workflow.moving's."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from awards.models import (
    Nomination,
    NominationFile,
    NominationPaper,
    Opinion,
    RequiredOpinion,
    RequiredPaper,
    RoundVeto,
    VetoAnswer,
)
from members.models import Cadre, Member, Union
from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.permissions import permission_of
from pingtang_union.workflow.attachments import CheckedFile
from pingtang_union.workflow.moving import locked_for, locked_for_edit, refuse_invalid
from pingtang_union.workflow.table import ENDS, State

MOST_FILES = 30
# What the applying side says of a nomination, and nothing else of its columns.
FILLED = frozenset(
    ("honour", "kind", "nominee_union", "member", "cadre", "name", "gender", "position", "is_migrant",
     "is_non_public", "deeds", "summary")
)  # fmt: skip


@transaction.atomic
def start_nomination(*, nomination: Nomination, by: Any) -> Nomination:
    """Save a new draft. Raises DomainError when the round takes none or isn't for the union, when union or nominee
    aren't the user's own or below, and when the nominee has a nomination in this round already."""
    if not by.has_perm(permission_of(Nomination, "submit")):
        raise DomainError("您的账号不能申报荣誉。")
    if not Union.objects.visible_to(by).filter(pk=nomination.union_id).exists():
        raise DomainError("只能为自己的工会或下级工会申报。")
    _check_nominee(nomination, by)
    if not nomination.union.path.startswith(nomination.round.union.path):
        raise DomainError("这次评选不面向这个工会。")
    if not nomination.round.is_open_on(timezone.localdate()):
        raise DomainError("这次评选现在不收申报。")
    nomination.created_by = by
    _save(nomination)
    return nomination


@transaction.atomic
def change_nomination(*, nomination: Nomination, by: Any, values: Mapping[str, Any]) -> Nomination:
    """Change what a draft or returned nomination says; `values` by field name, of FILLED. Raises DomainError when it
    can't be changed any more, and for a nominee who isn't the user's own or below."""
    if unknown := set(values) - FILLED:
        raise ValueError(f"nobody fills in {unknown}")
    locked = locked_for_edit(nomination, by=by)
    before = _records_of(locked)
    for name, value in values.items():
        setattr(locked, name, value)
    if _records_of(locked) != before:
        _check_nominee(locked, by)
    _save(locked)
    return locked


def _records_of(nomination: Nomination) -> tuple[int | None, int | None, int | None]:
    return nomination.nominee_union_id, nomination.member_id, nomination.cadre_id


def _check_nominee(nomination: Nomination, by: Any) -> None:
    for model, key in zip((Union, Member, Cadre), _records_of(nomination), strict=True):
        if key is not None and not model.objects.visible_to(by).filter(pk=key).exists():
            raise DomainError("只能推荐本工会和下级工会的个人和集体。")


def _save(nomination: Nomination) -> None:
    refuse_invalid(nomination)
    try:
        with transaction.atomic():
            nomination.save()
    except IntegrityError as error:
        raise DomainError("这个推荐对象在这次评选中已经有一份推荐，一次评选只能推荐一次。") from error


@transaction.atomic
def tick_papers(*, nomination: Nomination, ready: Iterable[RequiredPaper], by: Any) -> None:
    """Tick off exactly the papers `ready` of the nominee's checklist."""
    locked = locked_for_edit(nomination, by=by)
    wanted = {paper.pk for paper in ready}
    for paper in locked.required_papers():
        NominationPaper.objects.update_or_create(
            nomination=locked, paper=paper, defaults={"is_ready": paper.pk in wanted}
        )
    locked.save()


@transaction.atomic
def answer_vetoes(*, nomination: Nomination, answers: Mapping[RoundVeto, tuple[bool, str]], by: Any) -> None:
    """Answer the round's vetoes: (whether it occurred, explanation) by veto."""
    locked = locked_for_edit(nomination, by=by)
    for veto, (occurred, explanation) in answers.items():
        if veto.round_id != locked.round_id:
            raise DomainError("这不是这次评选的否决情形。")
        VetoAnswer.objects.update_or_create(
            nomination=locked, veto=veto, defaults={"occurred": occurred, "explanation": explanation.strip()}
        )
    locked.save()


@transaction.atomic
def add_file(*, nomination: Nomination, checked: CheckedFile, paper: RequiredPaper | None, by: Any) -> NominationFile:
    """Attach a checked file, to a paper of the round's checklist or to none."""
    locked = locked_for_edit(nomination, by=by)
    if paper is not None and paper.round_id != locked.round_id:
        raise DomainError("这不是这次评选要的材料。")
    if locked.files.count() >= MOST_FILES:
        raise DomainError(f"一份推荐最多 {MOST_FILES} 个附件，请合并或删去一些。")
    file = NominationFile(application=locked, paper=paper, added_by=by)
    file.fill(checked)
    file.save()
    locked.save()
    return file


# --- The county's part -------------------------------------------------------------------------


@transaction.atomic
def record_opinion(
    *, nomination: Nomination, required: RequiredOpinion, verdict: str, on: date, note: str = "", by: Any
) -> Opinion:
    """Record, or correct, what a department said: until the decision, since one may object late. Raises DomainError for
    who may not, for a department that isn't asked, and for an objection without a reason."""
    locked = _under_review(nomination, by)
    if required.pk not in {asked.pk for asked in locked.required_opinions()}:
        raise DomainError("这次评选不征求这个部门对该对象的意见。")
    opinion = Opinion.objects.filter(nomination=locked, required=required).first()
    opinion = opinion or Opinion(nomination=locked, required=required)
    opinion.verdict, opinion.on, opinion.note, opinion.recorded_by = verdict, on, note.strip(), by
    refuse_invalid(opinion)
    opinion.save()
    locked.revision += 1
    locked.save(update_fields=["revision"])
    return opinion


@transaction.atomic
def score_nomination(*, nomination: Nomination, score: Decimal, note: str = "", by: Any) -> Nomination:
    """Give the county's score, 0 to 100."""
    locked = _under_review(nomination, by)
    locked.county_score, locked.score_note = score, note.strip()
    locked.revision += 1  # who approves has to have seen the score
    _save(locked)
    return locked


def _under_review(nomination: Nomination, by: Any) -> Nomination:
    locked = locked_for(nomination, by)
    if not by.has_perm(permission_of(Nomination, "score")):
        raise DomainError("您的账号不能评分和登记部门意见。")
    if locked.submitted_by_id == by.pk:
        raise DomainError("这份申报是您自己提交的，要由别人评分和登记意见。")
    if locked.state in (State.DRAFT, State.RETURNED, *ENDS):
        raise DomainError(f"当前状态是「{locked.get_state_display()}」，不能评分和登记意见。")
    return locked
