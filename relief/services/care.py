"""Visits that become grants; who was never helped, who is helped from many sides: facts of the records; who may need
help early, by the rules in force, for a person to look at."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet, Subquery, Sum
from django.utils import timezone

from members.models import Member, MembershipEvent, Township, Union
from members.models.codes import EventKind, IdType, Level, MemberStatus
from pingtang_union.core.audit import stated
from pingtang_union.core.dates import shift_years
from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.permissions import may
from pingtang_union.core.scope import reaches
from pingtang_union.money import MoneyField
from pingtang_union.workflow.attachments import CheckedFile
from pingtang_union.workflow.moving import refuse_invalid
from pingtang_union.workflow.table import State
from relief.models import (
    CareRule,
    CareVisit,
    Check,
    EarlyCase,
    Grant,
    GrantSource,
    Group,
    Household,
    HouseholdPerson,
    VisitPhoto,
)
from relief.models.care import EARLY, rules_on
from relief.models.codes import FileState, Relation
from relief.models.grants import person
from relief.services.grants import refuse_outside

# --- Visits ----------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Visited:
    """One person who was visited."""

    name: str
    group: Group | None = None
    id_number: str = ""
    id_type: str = IdType.RESIDENT
    cash: Decimal = Decimal()
    goods: Decimal = Decimal()


@transaction.atomic
def register_visit(
    *, visit: CareVisit, people: Sequence[Visited], union: Union, township: str, photos: Sequence[CheckedFile], by: Any
) -> list[Grant]:
    """Write a visit and a grant applied for each person, which the county approves as any other: whether somebody has
    one already isn't said here. union: where the address belongs, the user's own or below, else the town's federation
    or the county. A form sent twice counts once. Raises DomainError."""
    if not may(by, "apply", Grant) or by.union is None:
        raise DomainError("您的账号不能登记走访慰问。")
    addressed = union.level == Level.COUNTY or Township.objects.filter(federation=union).exists()
    if not (reaches(by, union) or addressed):
        raise DomainError("只能登记自己的工会和下级工会，或按乡镇、村（社区）填写。")
    if visit.visited_on > timezone.localdate():
        raise DomainError("走访日期在今天以后，请核对。")
    if not people:
        raise DomainError("请至少填写一名走访对象。")
    if known := CareVisit.objects.filter(key=visit.key, recorded_by=by).first():
        return list(known.grants.all())
    visit.union, visit.recorded_by = by.union, by
    refuse_invalid(visit)
    visit.save()
    for checked in photos:
        photo = VisitPhoto(application=visit, added_by=by)
        photo.fill(checked)
        photo.save()
    plan, day = visit.plan, visit.visited_on.isoformat()
    made = []
    for one in people:
        if plan is not None:
            refuse_outside(plan, union=by.union, group=one.group, amount=one.cash + one.goods)
        grant = Grant(
            union=union, programme=visit.programme, plan=plan, visit=visit, name=one.name, group=one.group,
            edition=plan.edition if plan else visit.programme.edition_on(day), instalment=plan.number if plan else 1,
            id_type=one.id_type, id_number=one.id_number, address=visit.address, township=township, cash=one.cash,
            goods=one.goods, granted_on=day, handled_by=by.full_name, source=GrantSource.VISIT, note=visit.note,
            created_by=by,
        )  # fmt: skip
        refuse_invalid(grant)
        grant.save()
        made.append(grant)
    return made


# --- Facts for the county ----------------------------------------------------------------------


def _given(year: int | None) -> QuerySet[Grant]:
    """Grants that are promised or paid: of a year, or ever."""
    rows = Grant.objects.counted().order_by()
    return rows if year is None else rows.filter(Q(granted_on__startswith=str(year)) | Q(granted_on__isnull=True))


def unhelped_files(year: int | None) -> Q:
    """Condition on files that stand and whose family was given nothing in a year, or ever: by the file or a number."""
    numbers = _given(year).filter(id_index__isnull=False).values("id_index")
    by_number = HouseholdPerson.objects.filter(household=OuterRef("pk"), id_index__in=numbers)
    by_file = _given(year).filter(household=OuterRef("pk"))
    return Q(file_state=FileState.ON_FILE) & ~Exists(by_file) & ~Exists(by_number)


def unhelped_unions(year: int | None) -> Q:
    """Condition on unions of which nobody was given anything in a year, or ever."""
    return ~Q(Exists(_given(year).filter(union=OuterRef("pk"))))


def many_sided(rule: CareRule, grants: QuerySet[Grant], day: date) -> QuerySet[Grant]:
    """Of `grants`, those of persons whose year comes to what the rule says: so many programmes, or so much."""
    year = grants.counted().filter(granted_on__startswith=str(day.year)).order_by()  # type: ignore[attr-defined]  # a GrantQuerySet
    sums: dict[str, Any]
    if rule.check_code == Check.PROGRAMMES:
        sums = {"n": Count("programme", distinct=True)}
        least: Any = rule.threshold
    else:
        sums, least = {"n": Sum("amount", output_field=MoneyField())}, Decimal(rule.threshold or 0)
    persons = year.annotate(who=person()).values("who").annotate(**sums).filter(n__gte=least)
    return year.annotate(who=person()).filter(who__in=persons.values("who"))


# --- Early list --------------------------------------------------------------------------------


def _current() -> Any:
    return HouseholdPerson.objects.filter(is_current=True).values("id_index")


def _ill(rule: CareRule, day: date) -> Iterable[tuple[int, int]]:
    """The latest grant of each person who was given so much under the programme within a year and stands in no
    file."""
    rows = Grant.objects.counted().filter(
        programme=rule.programme_id, granted_on__gte=shift_years(day.isoformat(), -1), granted_on__lte=day.isoformat()
    )
    persons = rows.exclude(id_index__in=_current()).order_by().annotate(who=person()).values("who")
    told = persons.annotate(total=Sum("amount", output_field=MoneyField()), last=Max("pk"))
    latest = told.filter(total__gte=Decimal(rule.threshold or 0)).values("last")
    return Grant.objects.filter(pk__in=latest).values_list("pk", "union_id")


def _single(rule: CareRule, day: date) -> Iterable[tuple[int, int]]:
    """Files refused, given up or ended, of one person with wages and a child at school, whose worker stands in no
    other."""
    over = Q(state__in=(State.REJECTED, State.ABANDONED)) | Q(file_state__in=(FileState.OUT, FileState.CANCELLED))
    elsewhere = HouseholdPerson.objects.filter(household=OuterRef("pk"), id_index__in=_current())
    rows = Household.objects.filter(over).filter(~Exists(elsewhere)).order_by()
    pupils = Q(people__relation=Relation.CHILD) & ~Q(people__school="")
    rows = rows.annotate(earners=Count("people", filter=Q(people__income__gt=0)))
    rows = rows.annotate(pupils=Count("people", filter=pupils)).filter(earners=1, pupils__gt=0)
    return rows.values_list("pk", "union_id")


def _retained(rule: CareRule, day: date) -> Iterable[tuple[int, int]]:
    """Members whose membership has been retained for so many years."""
    events = MembershipEvent.objects.standing().filter(member=OuterRef("pk"), kind=EventKind.RETAIN)
    since = Subquery(events.in_order().reverse().values("on")[:1])
    rows = Member.objects.filter(status=MemberStatus.RETAINED).annotate(since=since)
    return rows.filter(since__lte=shift_years(day.isoformat(), -(rule.threshold or 0))).values_list("pk", "union_id")


_FINDS: dict[str, tuple[str, Callable[[CareRule, date], Iterable[tuple[int, int]]]]] = {
    Check.ILLNESS: ("grant", _ill), Check.SINGLE: ("household", _single), Check.RETAINED: ("member", _retained),
}  # fmt: skip


@transaction.atomic
def find_early(by: Any = None) -> int:
    """Bring the list up to the rules in force, of the unions that `by` sees or (None, the nightly job) of all: new
    cases in; those that fit no more go, or stay marked where somebody has looked at them. Gives how many came. Nothing
    else follows. Raises DomainError for who may not."""
    if by is not None and not may(by, "look", EarlyCase):
        raise DomainError("您的账号不能更新提前关注名单。")
    unions = Union.objects.order_by() if by is None else Union.objects.visible_to(by).order_by()
    ours = EarlyCase.objects.filter(union__in=unions.values("pk"))
    reached = set(unions.values_list("pk", flat=True))
    today, came, kept = timezone.localdate(), 0, []
    for rule in rules_on(today):
        if rule.check_code not in EARLY:
            continue
        name, find = _FINDS[rule.check_code]
        found = {pk: union for pk, union in find(rule, today) if union in reached}
        known = {getattr(case, f"{name}_id"): case for case in ours.filter(rule=rule)}
        fresh = [EarlyCase(rule=rule, union_id=found[pk], **{f"{name}_id": pk}) for pk in found.keys() - known.keys()]
        came += len(EarlyCase.objects.bulk_create(fresh))
        kept += [case.pk for pk, case in known.items() if pk in found] + [case.pk for case in fresh]
    EarlyCase.objects.filter(pk__in=kept, is_current=False).update(is_current=True)
    over = ours.exclude(pk__in=kept)
    over.filter(looked_on__isnull=True).delete()
    over.filter(is_current=True).update(is_current=False)
    return came


@transaction.atomic
def look_at(*, case: EarlyCase, note: str, by: Any) -> EarlyCase:
    """Note that a person has looked, and what came of it. Raises DomainError for who may not."""
    locked = EarlyCase.objects.select_for_update(of=("self",)).visible_to(by).filter(pk=case.pk).first()
    if locked is None or not may(by, "look", EarlyCase):
        raise DomainError("您没有登记查看情况的权限。")
    locked.looked_on, locked.looked_by, locked.note = timezone.localdate(), by, stated(note, asked="查看情况")
    locked.save()
    return locked
