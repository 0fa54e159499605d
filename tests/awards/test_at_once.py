"""Many at once, on PostgreSQL: of two who act exactly one does, and no more get through than there are places."""

import pytest
from django.utils import timezone

from awards.models import Award, Nomination, NominationObjection
from awards.services import change_nomination, start_nomination
from members import roles
from pingtang_union.core.exceptions import DomainError
from pingtang_union.workflow.models import ObjectionState
from pingtang_union.workflow.objections import record_objection
from pingtang_union.workflow.table import State
from tests.at_once import at_once, needs_postgresql
from tests.awards.walk import DOCUMENT, lead, people_for, perform
from tests.factories import NominationFactory, QuotaFactory, RoundFactory, UnionFactory, UserFactory

pytestmark = [needs_postgresql, pytest.mark.django_db(transaction=True, serialized_rollback=True)]


def refused(results: list) -> list[str]:
    """What the losers were told; anything but a DomainError is a fault."""
    errors = [one for one in results if isinstance(one, Exception)]
    assert [one for one in errors if not isinstance(one, DomainError)] == []
    return [str(one) for one in errors]


def test_of_approving_and_returning_exactly_one_happens(grassroots):
    nomination = NominationFactory(union=grassroots)
    people = people_for(nomination)
    nomination = lead(nomination, State.RECOMMENDED, people)
    before = nomination.steps.count()

    seen = nomination.revision
    results = at_once([
        lambda: perform(nomination, "approve", by=people["approve"], seen=seen),
        lambda: perform(nomination, "return", by=people["publicise"], reason="事迹要写得具体", seen=seen),
    ])  # fmt: skip

    assert len(refused(results)) == 1
    assert nomination.steps.count() == before + 1


def test_of_eight_who_approve_one_does(grassroots):
    nomination = NominationFactory(union=grassroots)
    lead(nomination, State.RECOMMENDED)
    before = nomination.steps.count()
    reviewers = [UserFactory(roles=(roles.ECONOMY,)) for _ in range(8)]

    results = at_once([lambda by=by: perform(nomination, "approve", by=by) for by in reviewers])

    assert len(refused(results)) == 7
    assert nomination.steps.count() == before + 1


def test_of_withdrawing_and_approving_what_was_seen_one_happens(grassroots):
    nomination = NominationFactory(union=grassroots)
    people = people_for(nomination)
    seen = lead(nomination, State.RECOMMENDED, people).revision

    results = at_once([
        lambda: perform(nomination, "approve", by=people["approve"], seen=seen),
        lambda: perform(nomination, "withdraw", by=people["submit"], seen=seen),
    ])  # fmt: skip

    assert len(refused(results)) == 1


def test_nothing_is_decided_with_an_open_objection(grassroots):
    nomination = NominationFactory(union=grassroots)
    people = people_for(nomination)
    lead(nomination, State.PUBLICISED, people)
    Nomination.objects.update(publicised_from="2026-03-02", publicised_until="2026-03-09")
    said = {"received_on": timezone.localdate(), "way": "call", "text": "事迹与实际不符"}

    results = at_once([
        lambda: perform(nomination, "decide", by=people["decide"], details={"decision_document": DOCUMENT}),
        lambda: record_objection(nomination, by=people["approve"], **said),
    ])  # fmt: skip

    assert len(refused(results)) == 1
    is_open = NominationObjection.objects.filter(state=ObjectionState.OPEN).exists()
    assert (Nomination.objects.get().state == State.DECIDED) != is_open


def test_of_two_who_decide_one_does_and_the_award_is_there_once(grassroots):
    nomination = NominationFactory(union=grassroots)
    lead(nomination, State.PUBLICISED)
    Nomination.objects.update(publicised_from="2026-03-02", publicised_until="2026-03-09")
    deciders = [UserFactory(roles=(roles.ORGANISATION,)) for _ in range(4)]
    details = {"decision_document": DOCUMENT}

    results = at_once([lambda by=by: perform(nomination, "decide", by=by, details=details) for by in deciders])

    assert len(refused(results)) == 3
    assert Award.objects.count() == 1


def test_what_is_handed_in_is_all_of_one_saving_or_of_the_other(grassroots):
    nomination = NominationFactory(union=grassroots, deeds="旧的事迹", summary="旧的简介")
    officer = UserFactory(union=grassroots, roles=(roles.GRASSROOTS,))
    new = {"deeds": "新的事迹", "summary": "新的简介"}

    results = at_once([
        lambda: perform(nomination, "submit", by=officer),
        lambda: change_nomination(nomination=nomination, by=officer, values=new),
    ])  # fmt: skip

    now = Nomination.objects.get()
    kept = now.steps.get().content
    old = {"deeds": "旧的事迹", "summary": "旧的简介"}
    assert {"deeds": kept["事迹材料"], "summary": kept["事迹简介"]} == (old if refused(results) else new)
    assert (now.deeds, now.summary) == (kept["事迹材料"], kept["事迹简介"])


def test_a_nominee_started_by_eight_is_there_once(grassroots):
    round_ = RoundFactory()
    officers = [UserFactory(union=grassroots, roles=(roles.GRASSROOTS,)) for _ in range(8)]
    drafts = [NominationFactory.build(round=round_, union=grassroots, name="韦同名", honour=round_.honours.first())
              for _ in officers]  # fmt: skip

    results = at_once([
        lambda one=one, by=by: start_nomination(nomination=one, by=by) for one, by in zip(drafts, officers, strict=True)
    ])  # fmt: skip

    assert len(refused(results)) == 7
    assert Nomination.objects.count() == 1


# --- Places ----------------------------------------------------------------------------------


def thirty(round_, township) -> list[Nomination]:
    return [NominationFactory(round=round_, union=UnionFactory(parent=township)) for _ in range(30)]


def test_thirty_submit_at_once_and_ten_have_a_place(township):
    round_ = RoundFactory(needs_recommendation=False)
    QuotaFactory(round=round_, union=township, places=10)
    drafts = thirty(round_, township)
    officers = [UserFactory(union=one.union, roles=(roles.GRASSROOTS,)) for one in drafts]

    results = at_once([lambda o=o, by=by: perform(o, "submit", by=by) for o, by in zip(drafts, officers, strict=True)])

    assert all("10 个名额已经用完" in text for text in refused(results))
    assert Nomination.objects.filter(state=State.SUBMITTED).count() == 10


def test_a_unions_own_places_hold_when_its_officers_submit_at_once(grassroots):
    round_ = RoundFactory()
    QuotaFactory(round=round_, union=grassroots, places=2)
    drafts = [NominationFactory(round=round_, union=grassroots) for _ in range(8)]
    officers = [UserFactory(union=grassroots, roles=(roles.GRASSROOTS,)) for _ in drafts]

    at_once([lambda o=o, by=by: perform(o, "submit", by=by) for o, by in zip(drafts, officers, strict=True)])

    assert Nomination.objects.filter(state=State.SUBMITTED).count() == 2


def test_thirty_are_recommended_at_once_and_ten_have_a_place(township):
    round_ = RoundFactory()
    QuotaFactory(round=round_, union=township, places=10)
    waiting = [lead(one, State.SUBMITTED) for one in thirty(round_, township)]
    by = UserFactory(union=township, roles=(roles.TOWNSHIP,))

    results = at_once([lambda one=one: perform(one, "recommend", by=by) for one in waiting])

    assert len(refused(results)) == 20
    assert Nomination.objects.filter(state=State.RECOMMENDED).count() == 10


def test_a_systems_places_hold(township):
    round_ = RoundFactory(needs_recommendation=False)
    QuotaFactory(round=round_, union=None, system="教育", places=3)
    drafts = [NominationFactory(round=round_, union=UnionFactory(system="教育")) for _ in range(9)]
    officers = [UserFactory(union=one.union, roles=(roles.GRASSROOTS,)) for one in drafts]

    at_once([lambda o=o, by=by: perform(o, "submit", by=by) for o, by in zip(drafts, officers, strict=True)])

    assert Nomination.objects.filter(state=State.SUBMITTED).count() == 3


def test_thirty_are_approved_at_once_and_the_countys_places_hold(township):
    round_ = RoundFactory(needs_recommendation=False, county_places=10)
    waiting = [lead(one, State.SUBMITTED) for one in thirty(round_, township)]
    by = UserFactory(roles=(roles.ECONOMY,))

    results = at_once([lambda one=one: perform(one, "approve", by=by) for one in waiting])

    assert len(refused(results)) == 20
    assert Nomination.objects.filter(state=State.REVIEWED).count() == 10
