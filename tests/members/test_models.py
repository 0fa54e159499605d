"""What must never be, the database refuses: forms, services and model code are gone around here."""

import pytest
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils import timezone

from members.models import Attendance, Cadre, Member, MembershipEvent, TermRule, Training, Union, UnionName
from pingtang_union.core import crypto
from tests.factories import (
    AttendanceFactory,
    CadreFactory,
    EventFactory,
    MemberFactory,
    TrainingFactory,
    UnionFactory,
    UnionNameFactory,
    county,
)

pytestmark = pytest.mark.django_db


def refused(constraint: str, write) -> None:
    """Assert that the database refuses `write`, and by that constraint where it names one."""
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        write()
    said = str(caught.value)
    assert constraint in said or "UNIQUE constraint failed" in said


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("union_term_after_founding", {"set_up_on": "2018-05", "last_elected_on": "2018-04"}),
        ("union_term_after_founding", {"set_up_on": "2018-05-12", "last_elected_on": "2018-05-11"}),
        ("union_term_after_founding", {"set_up_on": "2018", "last_elected_on": "2017"}),
        ("union_dissolved_after_founding",
         {"set_up_on": "2018-05", "dissolved_on": "2017", "status": "dissolved"}),
        ("union_dissolved_has_date", {"status": "dissolved"}),
        ("union_dissolved_has_date", {"dissolved_on": "2020"}),
        ("union_staff_women_within_total", {"staff_total": 10, "staff_women": 11}),
        ("union_staff_migrant_within_total", {"staff_total": 10, "staff_migrant": 11}),
        ("union_members_women_within_total", {"members_total": 10, "members_women": 11}),
        ("union_members_migrant_within_total", {"members_total": 10, "members_migrant": 11}),
        ("union_term_three_or_five", {"term_years": 4}),
        ("union_category_below_county", {"category": ""}),
        ("union_category_below_county", {"level": "county"}),
        ("union_dates_well_formed", {"set_up_on": "2018-5"}),
    ],
)  # fmt: skip
def test_union_refuses(constraint, values):
    union = UnionFactory()

    refused(constraint, lambda: Union.objects.filter(pk=union.pk).update(**values))


@pytest.mark.parametrize(
    "values",
    [
        {"set_up_on": "2018-05-12", "last_elected_on": "2018-05"},  # as exactly as the coarser is known
        {"set_up_on": "2018-05-12", "last_elected_on": "2018"},
        {"set_up_on": "2018", "last_elected_on": "2018-03"},
        {"set_up_on": None, "last_elected_on": "2018"},
        {"staff_total": 10, "staff_women": 10, "members_total": None, "members_women": 3},
        {"status": "dissolved", "dissolved_on": "2020-01-01"},
    ],
)
def test_union_takes(values):
    union = UnionFactory()

    assert Union.objects.filter(pk=union.pk).update(**values) == 1


def test_two_existing_unions_of_one_name_are_refused():
    first, second = UnionFactory(name="供电局工会"), UnionFactory()

    refused("union_name_unique", lambda: Union.objects.filter(pk=second.pk).update(name_key=first.name_key))


def test_a_dissolved_unions_name_is_free_again():
    UnionFactory(name="供电局工会", status="dissolved", dissolved_on="2020")

    assert UnionFactory(name="供电局工会").pk


def test_one_credit_code_one_union():
    UnionFactory(credit_code="81520000MC12345678")
    other = UnionFactory()

    refused("union_credit_code_unique",
            lambda: Union.objects.filter(pk=other.pk).update(credit_code="81520000MC12345678"))  # fmt: skip


def test_one_other_name_once():
    name = UnionNameFactory(name="县电力公司工会")

    refused("unionname_unique", lambda: UnionName.objects.bulk_create(
        [UnionName(union=county(), name="县电力公司工会", name_key=name.name_key)]))  # fmt: skip


def bare_member(member: Member, **values) -> Member:
    """A copy of `member`'s number in another row, without model code."""
    fields = {"union": member.union, "name": "石云", "name_key": "石云", "id_number": crypto.seal("x"),
              "id_index": member.id_index, "status": "active"}  # fmt: skip
    return Member(**{**fields, **values})


@pytest.mark.parametrize("status", ["active", "retained", "left"])
def test_two_rows_of_one_number_are_refused(status):
    """So there are never two current memberships of one person: a person is one row for life."""
    member = MemberFactory()

    refused("member_one_row_a_number", lambda: Member.objects.bulk_create([bare_member(member, status=status)]))


def test_member_without_number_is_refused():
    refused("member_has_id_number", lambda: Member.objects.bulk_create(
        [Member(union=county(), name="石云", name_key="石云")]))  # fmt: skip


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("member_joined_after_birth", {"born_on": "1990-05-01", "joined_on": "1990-04"}),
        ("member_dates_well_formed", {"joined_on": "2018/5"}),
    ],
)
def test_member_refuses(constraint, values):
    member = MemberFactory()

    refused(constraint, lambda: Member.objects.filter(pk=member.pk).update(**values))


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("cadre_end_after_start", {"started_on": "2020-05", "ended_on": "2020-04"}),
        ("cadre_start_after_birth", {"born_on": "1990", "started_on": "1989-12"}),
        ("cadre_dates_well_formed", {"started_on": "2020-5"}),
    ],
)
def test_cadre_refuses(constraint, values):
    cadre = CadreFactory()

    refused(constraint, lambda: Cadre.objects.filter(pk=cadre.pk).update(**values))


def test_two_posts_of_one_number_at_a_time_are_refused():
    cadre = CadreFactory()
    again = Cadre(union=cadre.union, name="石云", name_key="石云", id_number=crypto.seal("x"),
                  id_index=cadre.id_index)  # fmt: skip

    refused("cadre_one_current_row", lambda: Cadre.objects.bulk_create([again]))
    Cadre.objects.filter(pk=cadre.pk).update(ended_on="2024")
    assert Cadre.objects.bulk_create([again])


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("training_end_after_start", {"started_on": "2020-05", "ended_on": "2020-04"}),
        ("training_dates_well_formed", {"started_on": "May"}),
    ],
)
def test_training_refuses(constraint, values):
    training = TrainingFactory()

    refused(constraint, lambda: Training.objects.filter(pk=training.pk).update(**values))


def test_one_person_once_a_course():
    one = AttendanceFactory(name="石云")

    refused("attendance_once_a_course", lambda: Attendance.objects.bulk_create(
        [Attendance(training=one.training, union=one.union, name="石云", name_key=one.name_key)]))  # fmt: skip


@pytest.mark.parametrize("kind", ["leave", "expel"])
def test_leaving_wants_a_reason(kind):
    member = MemberFactory()
    event = MembershipEvent(member=member, union=member.union, kind=kind, recorded_at=timezone.now())

    refused("event_leave_has_reason", lambda: MembershipEvent.objects.bulk_create([event]))


def test_event_dates_are_well_formed():
    event = EventFactory()

    refused("event_date_well_formed", lambda: MembershipEvent.objects.filter(pk=event.pk).update(on="2020.5.1"))


def test_an_event_is_corrected_once():
    event = EventFactory()
    EventFactory(member=event.member, corrects=event)

    refused("", lambda: EventFactory(member=event.member, corrects=event))


def test_term_rule_bounds():
    rule = TermRule.objects.first()

    refused("termrule_shortest_within_longest",
            lambda: TermRule.objects.filter(pk=rule.pk).update(shortest_years=6))  # fmt: skip


def test_what_hangs_together_is_protected():
    """No delete takes a history with it."""
    member = MemberFactory()

    with pytest.raises(ProtectedError), transaction.atomic():
        member.delete()
    with pytest.raises(ProtectedError), transaction.atomic():
        member.union.delete()


@pytest.mark.parametrize("text", ["abcd", "2018-99", "2018-12-99", "2018/12/01", "99-1", "0018-01-01"])
def test_what_is_no_date_is_refused_by_the_database(text):
    """Forms and ledgers read dates; the database refuses what comes past them."""
    with pytest.raises(IntegrityError), transaction.atomic():
        Union.objects.filter(depth=1).update(set_up_on=text)
