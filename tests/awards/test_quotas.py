"""Places: whose a nomination takes, when it takes one, and when it gives one back."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from awards.models import Nomination
from members.services import place_union
from pingtang_union.core.exceptions import DomainError
from pingtang_union.workflow.table import State
from tests.awards.walk import lead, people_for, perform
from tests.factories import NominationFactory, QuotaFactory, RoundFactory, UnionFactory

pytestmark = pytest.mark.usefixtures("enable_db")


@pytest.fixture
def round_(db):
    return RoundFactory()


def taken(quota) -> int:
    return Nomination.objects.filter(quota.takers(), round=quota.round).count()


@pytest.mark.parametrize(
    ("state", "own", "townships"),
    [
        (State.DRAFT, 0, 0),
        (State.SUBMITTED, 1, 0),
        (State.RECOMMENDED, 1, 1),
        (State.REVIEWED, 1, 1),
        (State.PUBLICISED, 1, 1),
        (State.DECIDED, 1, 1),
        (State.RETURNED, 0, 0),
        (State.REJECTED, 0, 0),
        (State.ABANDONED, 0, 0),
    ],
)
def test_when_a_place_is_taken(round_, township, grassroots, state, own, townships):
    """Of the own union when it is handed in, of the township when it is recommended; what came back has none."""
    of_union, of_township = (QuotaFactory(round=round_, union=one, places=5) for one in (grassroots, township))
    lead(NominationFactory(round=round_, union=grassroots), state)

    assert (taken(of_union), taken(of_township)) == (own, townships)


def test_what_nobody_recommends_takes_all_places_at_once(township, grassroots):
    round_ = RoundFactory(needs_recommendation=False)
    quota = QuotaFactory(round=round_, union=township, places=1)
    lead(NominationFactory(round=round_, union=grassroots), State.SUBMITTED)

    assert taken(quota) == 1
    with pytest.raises(DomainError, match="金盆街道工会联合会的 1 个名额已经用完"):
        lead(NominationFactory(round=round_, union=UnionFactory(parent=township)), State.SUBMITTED)


def test_the_townships_own_nominee_takes_its_place(round_, township, grassroots):
    QuotaFactory(round=round_, union=township, places=1)
    own = lead(NominationFactory(round=round_, union=township), State.SUBMITTED)
    assert own.is_direct

    with pytest.raises(DomainError, match="1 个名额已经用完"):
        lead(NominationFactory(round=round_, union=grassroots), State.RECOMMENDED)


def test_a_place_given_back_is_taken_by_the_next(round_, township, grassroots):
    QuotaFactory(round=round_, union=township, places=1)
    first = NominationFactory(round=round_, union=grassroots)
    people = people_for(first)
    lead(first, State.RECOMMENDED, people)
    second = lead(NominationFactory(round=round_, union=grassroots), State.SUBMITTED, people)

    with pytest.raises(DomainError, match="1 个名额已经用完"):
        perform(second, "recommend", by=people["recommend"])
    perform(first, "withdraw", by=people["submit"])
    assert perform(second, "recommend", by=people["recommend"]).state == State.RECOMMENDED
    perform(first, "submit", by=people["submit"])  # it may wait, but is not recommended
    with pytest.raises(DomainError, match="1 个名额已经用完"):
        perform(first, "recommend", by=people["recommend"])


def test_places_of_a_system_and_of_a_township_both_count(round_, township):
    QuotaFactory(round=round_, union=None, system="教育", places=1)
    school, other = (UnionFactory(parent=township, system=name) for name in ("教育", "卫生"))
    lead(NominationFactory(round=round_, union=school), State.RECOMMENDED)
    lead(NominationFactory(round=round_, union=other), State.RECOMMENDED)

    with pytest.raises(DomainError, match="教育系统的 1 个名额已经用完"):
        lead(NominationFactory(round=round_, union=school), State.RECOMMENDED)


def test_places_of_another_round_are_not_taken(township, grassroots):
    quota = QuotaFactory(round=RoundFactory(), union=township, places=1)
    lead(NominationFactory(round=RoundFactory(), union=grassroots), State.RECOMMENDED)

    assert taken(quota) == 0


def test_the_countys_places_are_taken_by_approving(township, grassroots):
    round_ = RoundFactory(county_places=1)
    first, second = (NominationFactory(round=round_, union=grassroots) for _ in range(2))
    people = people_for(first)
    lead(first, State.REVIEWED, people)
    lead(second, State.RECOMMENDED, people)

    with pytest.raises(DomainError, match="全县 1 个名额已经用完"):
        perform(second, "approve", by=people["approve"])
    perform(first, "reject", by=people["approve"], reason="事迹经核查不实")
    assert perform(second, "approve", by=people["approve"]).state == State.REVIEWED


def test_a_union_that_moved_takes_the_places_of_where_it_is(round_, township, grassroots):
    elsewhere = UnionFactory(level="township")
    here, there = (QuotaFactory(round=round_, union=one, places=1) for one in (township, elsewhere))
    lead(NominationFactory(round=round_, union=grassroots), State.RECOMMENDED)

    grassroots.refresh_from_db()
    place_union(union=grassroots, parent=elsewhere)

    assert (taken(here), taken(there)) == (0, 1)


# --- Days ------------------------------------------------------------------------------------


def test_first_in_time_and_again_whenever_it_was_returned(grassroots):
    """The county reviews after the last day: what it returns then can come again, until the round is ended."""
    round_ = RoundFactory()
    late, first = (NominationFactory(round=round_, union=grassroots) for _ in range(2))
    people = people_for(first)
    round_.recommend_by = round_.closes_on
    round_.save()
    lead(first, State.RECOMMENDED, people)

    with time_machine.travel(timezone.now() + timedelta(days=30), tick=False):
        with pytest.raises(DomainError, match="申报已经截止"):
            perform(late, "submit", by=people["submit"])
        perform(first, "return", by=people["approve"], reason="请补充近两年的事例")
        perform(first, "submit", by=people["submit"])
        assert perform(first, "recommend", by=people["recommend"]).state == State.RECOMMENDED
        perform(first, "return", by=people["approve"], reason="还是写得笼统")
        round_.closed_on = timezone.localdate()
        round_.save()
        with pytest.raises(DomainError, match="申报已经截止"):
            perform(first, "submit", by=people["submit"])


def test_before_the_first_day_and_after_the_last_of_recommending(grassroots):
    round_ = RoundFactory(opens_on=timezone.localdate() + timedelta(days=1))
    nomination = NominationFactory(round=round_, union=grassroots)
    people = people_for(nomination)

    with pytest.raises(DomainError, match="申报尚未开始"):
        perform(nomination, "submit", by=people["submit"])
    with time_machine.travel(timezone.now() + timedelta(days=2), tick=False):
        perform(nomination, "submit", by=people["submit"])
        round_.recommend_by = round_.opens_on
        round_.save()
        with pytest.raises(DomainError, match="推荐已经截止"):
            perform(nomination, "recommend", by=people["recommend"])
