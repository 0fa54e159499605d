"""What happens to a file after the decision: the yearly re-check, out of hardship, cancelled, back in hardship. Each an
act with its day and reason."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.permissions import permission_of
from pingtang_union.workflow.moving import locked_for, refuse_invalid
from relief.models import Assessment, FileAct, Household
from relief.models.codes import Act, FileState, HardshipCategory
from relief.services.households import MONEY

ENDS = {Act.OUT: FileState.OUT, Act.CANCEL: FileState.CANCELLED}


@transaction.atomic
def recheck(
    *, household: Household, on: date, reason: str, values: Mapping[str, Any], wages: Mapping[int, Decimal], by: Any
) -> FileAct:
    """The yearly re-check: this year's income and spending (`values` by field of the file, `wages` by person), and what
    follows of them. Raises DomainError where the household is no longer in hardship: then it is ended; and for a day
    before the file came to stand or was last checked."""
    locked = _locked(household, by, FileState.ON_FILE)
    if any(on < day for day in (locked.since, locked.rechecked_on) if day is not None):
        raise DomainError("复核日期不能早于建档日期和上次复核日期。")
    assessment = _assessed(locked, values, wages, by)
    if assessment.category == HardshipCategory.NONE:
        raise DomainError(f"按{assessment.policy}不再符合建档标准：{assessment.outcome['reason']}。请办理脱困。")
    locked.category, locked.rechecked_on = assessment.category, on
    return _act(locked, Act.RECHECK, on, reason, by, assessment)


@transaction.atomic
def end_file(*, household: Household, kind: str, on: date, reason: str, by: Any) -> FileAct:
    """Out of hardship, or cancelled: closed at once, its people free for another file. Raises DomainError."""
    locked = _locked(household, by, FileState.ON_FILE)
    if kind not in ENDS:
        raise ValueError(kind)
    record = locked.records.select_for_update().get(ended_on__isnull=True)
    if on < record.opened_on:
        raise DomainError("日期不能早于建档日期。")
    locked.file_state, locked.since = ENDS[Act(kind)], on
    act = _act(locked, kind, on, reason, by)
    locked.people.update(is_current=False)
    record.ended_on = on
    record.save(update_fields=["ended_on"])
    return act


@transaction.atomic
def bring_back(
    *, household: Household, on: date, reason: str, values: Mapping[str, Any], wages: Mapping[int, Decimal], by: Any
) -> FileAct:
    """Back in hardship: by a new calculation. Raises DomainError where it gives no category, or another file holds one
    of its people."""
    locked = _locked(household, by, FileState.OUT)
    if locked.since and on < locked.since:
        raise DomainError("返困日期不能早于脱困日期。")
    assessment = _assessed(locked, values, wages, by)
    if assessment.category == HardshipCategory.NONE:
        raise DomainError(f"按{assessment.policy}不能建档：{assessment.outcome['reason']}。")
    locked.category, locked.file_state, locked.since = assessment.category, FileState.ON_FILE, on
    act = _act(locked, Act.BACK, on, reason, by, assessment)
    locked.claim()
    locked.open_record()
    return act


def _locked(household: Household, by: Any, state: FileState) -> Household:
    locked = locked_for(household, by)
    if not by.has_perm(permission_of(Household, "check")):
        raise DomainError("您的账号不能办理档案的复核、脱困和注销。")
    if locked.file_state != state:
        raise DomainError(f"当前档案状态是「{locked.get_file_state_display()}」，不能办理。请刷新后再看。")
    return locked


def _assessed(
    household: Household, values: Mapping[str, Any], wages: Mapping[int, Decimal], by: Any
) -> Assessment:  # fmt: skip
    if unknown := set(values) - set(MONEY):
        raise ValueError(f"no re-check changes {unknown}")
    for name, value in values.items():
        setattr(household, name, value)
    for person in household.people.all():
        if person.pk in wages and person.income != wages[person.pk]:
            person.income = wages[person.pk]
            refuse_invalid(person)
            person.save(update_fields=["income"])
    refuse_invalid(household)
    assessment: Assessment = household.keep_assessment(by)
    return assessment


def _act(
    household: Household, kind: str, on: date, reason: str, by: Any, assessment: Assessment | None = None
) -> FileAct:
    if on > timezone.localdate():
        raise DomainError("日期不能晚于今天。")
    act = FileAct(household=household, kind=kind, on=on, reason=" ".join(reason.split()), assessment=assessment, by=by)
    refuse_invalid(act)
    act.save()
    household.revision += 1
    household.save()
    return act
