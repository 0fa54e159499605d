"""Filling in a hardship file; the home visit and the check of income. Moving it is workflow.moving's."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from members.models import Member, Union
from members.models.codes import Gender, IdType
from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.permissions import permission_of
from pingtang_union.core.validators import day_of_birth
from pingtang_union.workflow.attachments import CheckedFile
from pingtang_union.workflow.moving import locked_for, locked_for_edit, refuse_invalid
from pingtang_union.workflow.table import State
from relief.models import (
    Cause,
    Consent,
    Exclusion,
    HomeVisit,
    Household,
    HouseholdCause,
    HouseholdFile,
    HouseholdPerson,
    PolicyPaper,
)
from relief.models.codes import NATIONAL, CheckVerdict, Income, Relation, Spending
from relief.models.people import GUARDED_AGE

MOST_FILES = 40
MOST_PEOPLE = 20
# What the applying side says of a file, and nothing else of its columns.
WHO = ("phone", "address", "housing", "area_band", "employer", "employer_kind", *NATIONAL, "is_single_parent")
MONEY = (
    *(f"{kind}_income" for kind in Income.values),
    *(f"{kind}_spending" for kind in Spending.values),
    "exclusions_checked",
)
ACCOUNT = ("payee_name", "bank", "bank_account")
FILLED = frozenset((*WHO, *MONEY, *ACCOUNT))


@transaction.atomic
def start_household(*, household: Household, by: Any, member: Member | None = None) -> Household:
    """Save a new draft with the worker as its first person; a member's row gives name, number and union. Raises
    DomainError for who may not, and for a union or member that isn't the user's own or below."""
    if not by.has_perm(permission_of(Household, "submit")):
        raise DomainError("您的账号不能申请建档。")
    worker = HouseholdPerson(relation=Relation.SELF, name=household.name)
    if member is not None:
        if not Member.objects.visible_to(by).filter(pk=member.pk).exists():
            raise DomainError("只能为自己的工会和下级工会的职工申请。")
        household.member, household.union, household.name = member, member.union, member.name
        for name in ("name", "gender", "ethnicity", "born_on", "id_type", "id_number", "id_index", "phone"):
            setattr(worker, name, getattr(member, name))
    if not Union.objects.visible_to(by).filter(pk=household.union_id).exists():
        raise DomainError("只能为自己的工会和下级工会的职工申请。")
    household.created_by = by
    refuse_invalid(household)
    household.save()
    worker.household = household
    worker.save()
    return household


@transaction.atomic
def change_household(
    *, household: Household, by: Any, values: Mapping[str, Any], exclusions: Iterable[Exclusion] | None = None
) -> Household:
    """Change what a draft or returned file says; `values` by field name, of FILLED. Raises DomainError where it
    can't be changed now."""
    if unknown := set(values) - FILLED:
        raise ValueError(f"nobody fills in {unknown}")
    locked = locked_for_edit(household, by=by)
    for name, value in values.items():
        setattr(locked, name, value)
    refuse_invalid(locked)
    locked.save()
    if exclusions is not None:
        locked.exclusions.set(exclusions)
    return locked


@transaction.atomic
def set_causes(*, household: Household, main: Cause | None, others: Sequence[Cause], by: Any) -> None:
    """Say the main cause and the others; a cause said twice counts once."""
    locked = locked_for_edit(household, by=by)
    named = list(dict.fromkeys([*([main] if main else []), *others]))
    locked.causes.all().delete()
    first = 0 if main else 1
    for place, cause in enumerate(named, first):
        line = HouseholdCause(household=locked, cause=cause, place=place)
        refuse_invalid(line)
        line.save()
    locked.save()


@transaction.atomic
def save_person(*, person: HouseholdPerson, by: Any) -> HouseholdPerson:
    """Add a person to a file, or change one. The worker's name is the file's. Raises DomainError."""
    locked = locked_for_edit(person.household, by=by)
    person.household = locked
    if person.pk is None and locked.people.count() >= MOST_PEOPLE:
        raise DomainError(f"一户最多登记 {MOST_PEOPLE} 人。")
    if isinstance(person.id_number, str) and person.id_number:
        person.born_on = day_of_birth(person.id_number, timezone.localdate().isoformat()) or person.born_on
        if person.born_on and not person.gender and person.id_type == IdType.RESIDENT:
            person.gender = Gender.MALE if int(person.id_number[16]) % 2 else Gender.FEMALE
    refuse_invalid(person)
    person.save()
    if person.is_worker and locked.name != person.name:
        locked.name = person.name
        locked.payee_name = ""
    locked.save()
    return person


@transaction.atomic
def remove_person(*, person: HouseholdPerson, by: Any) -> None:
    """Take a person out of a file, with the consents. Raises DomainError for the worker."""
    locked = locked_for_edit(person.household, by=by)
    if person.is_worker:
        raise DomainError("申请人本人不能删去；不再申请的，请办理「不再申报」。")
    person.delete()
    locked.save()


@transaction.atomic
def give_consent(
    *, person: HouseholdPerson, purpose: str, signed_on: date, signer: HouseholdPerson | None = None, by: Any
) -> Consent:
    """Note a person's signed agreement to one purpose. Below fourteen a guardian of the household signs. Raises
    DomainError."""
    locked = locked_for_edit(person.household, by=by)
    signer = signer or person
    if signed_on > timezone.localdate():
        raise DomainError("签署日期不能晚于今天。")
    if signer.household_id != locked.pk:
        raise DomainError("签署人应为本户成员。")
    if person.is_below(GUARDED_AGE, signed_on) and signer == person:
        raise DomainError(f"{person.told}未满 {GUARDED_AGE} 周岁，要由监护人签署。")
    if signer.is_minor and signer != person:
        raise DomainError("监护人要是成年人。")
    consent = Consent(
        person=person, purpose=purpose, signed_on=signed_on, signer=signer, is_guardian=signer != person, recorded_by=by
    )
    refuse_invalid(consent)
    consent.save()
    locked.save()
    return consent


@transaction.atomic
def withdraw_consent(*, consent: Consent, on: date, by: Any) -> None:
    """Note that a person takes the agreement back: whenever it is, also of a file that is under review."""
    locked = locked_for(consent.person.household, by)
    if not by.has_perm(permission_of(Household, "submit")) and not by.has_perm(permission_of(Household, "check")):
        raise DomainError("您的账号不能登记撤回授权。")
    consent.withdrawn_on = on
    refuse_invalid(consent)
    consent.save()
    locked.revision += 1
    locked.save(update_fields=["revision"])


@transaction.atomic
def add_file(*, household: Household, checked: CheckedFile, paper: PolicyPaper | None, by: Any) -> HouseholdFile:
    """Attach a checked file, to a paper of the policy or to none. Scans of identity papers are pictures, since only
    those can bear a watermark. Raises DomainError."""
    locked = locked_for_edit(household, by=by)
    if paper is not None and paper.is_identity and not checked.content_type.startswith("image/"):
        raise DomainError(f"「{checked.name}」不是图片：身份证件请拍照或扫描成 JPG、PNG 再传。")
    file = _attach(locked, checked, by, paper=paper)
    locked.save()
    return file


def _attach(household: Household, checked: CheckedFile, by: Any, **facts: Any) -> HouseholdFile:
    if household.files.count() >= MOST_FILES:
        raise DomainError(f"一份档案最多 {MOST_FILES} 个附件，请合并或删去一些。")
    file = HouseholdFile(application=household, added_by=by, **facts)
    file.fill(checked)
    file.save()
    return file


# --- Between first review and the county's: the visit, the check -------------------------------


def _under_review(household: Household, by: Any, verb: str, what: str) -> Household:
    """The file, locked, after the first review and before the county's."""
    locked = locked_for(household, by)
    if not by.has_perm(permission_of(Household, verb)):
        raise DomainError(f"您的账号不能登记{what}。")
    reviewed_first = locked.state == State.RECOMMENDED or (locked.state == State.SUBMITTED and locked.is_direct)
    if not reviewed_first:
        raise DomainError(f"初审以后、县审核以前才登记{what}，当前状态是「{locked.get_state_display()}」。")
    return locked


@transaction.atomic
def record_visit(
    *,
    household: Household,
    visited_on: date,
    companion: str,
    findings: str,
    photos: Iterable[CheckedFile] = (),
    by: Any,
) -> HomeVisit:
    """Note a home visit by two: `by` and a companion. Raises DomainError for the first reviewer, for one visitor twice,
    where another has visited, and for a day to come."""
    locked = _under_review(household, by, "visit", "入户走访")
    if by.pk in (locked.recommended_by_id, *((locked.submitted_by_id,) if locked.is_direct else ())):
        raise DomainError("初审是您办理的，要由别人入户走访。")
    if locked.visited_by_id not in (None, by.pk):
        raise DomainError("已由他人登记入户走访，不能更换入户人。")
    companion = " ".join(companion.split())
    if companion == by.full_name:
        raise DomainError("入户走访由两人进行，同行走访人不能是您自己。")
    if visited_on > timezone.localdate():
        raise DomainError("走访日期不能晚于今天。")
    visit = HomeVisit(
        application=locked, visited_on=visited_on, visitor=by, companion=companion, findings=findings.strip()
    )
    refuse_invalid(visit)
    visit.save()
    for photo in photos:
        if not photo.content_type.startswith("image/"):
            raise DomainError(f"「{photo.name}」不是图片，走访照片请传 JPG 或 PNG。")
        _attach(locked, photo, by, visit=visit)
    locked.visited_by, locked.visited_at = by, timezone.now()
    locked.revision += 1
    _save(locked)
    return visit


@transaction.atomic
def record_check(
    *, household: Household, asked_on: date, answered_on: date | None, verdict: str, note: str, by: Any
) -> Household:
    """Note that the check of income and property was asked for, and what was answered. Raises DomainError without
    everybody's consent, and for a difference without a word about it."""
    locked = _under_review(household, by, "check", "家庭经济状况核对")
    lacking = locked.lacking_check_consent()
    if lacking:
        raise DomainError(f"不能提请核对：{'；'.join(lacking)}。")
    if max(asked_on, answered_on or asked_on) > timezone.localdate():
        raise DomainError("日期不能晚于今天。")
    if verdict == CheckVerdict.DIFFERS and not note.strip():
        raise DomainError("与申报不一致的，请写明核对情况。")
    locked.check_asked_on, locked.check_answered_on = asked_on, answered_on
    locked.check_verdict, locked.check_note = verdict, note.strip()
    locked.revision += 1
    refuse_invalid(locked)
    _save(locked)
    return locked


def _save(household: Household) -> None:
    try:
        with transaction.atomic():
            household.save()
    except IntegrityError as error:
        raise DomainError("初审、入户、审核、决定要由不同的人办理。") from error
