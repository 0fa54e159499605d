"""Every state × transition × role: exactly what the table says happens, anything else changes nothing."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone

from awards.models import Nomination, Scorecard
from members import roles
from members.models import Union, User
from pingtang_union.core.exceptions import DomainError
from pingtang_union.workflow.table import TRANSITIONS, State, transitions_of
from tests.awards import cards
from tests.awards.walk import DOCUMENT, lead, people_for, perform
from tests.factories import NominationFactory, UnionFactory, UserFactory

pytestmark = pytest.mark.usefixtures("enable_db")

# What each role may do with a nomination that it sees: said here once more, so that a wrong grant fails.
VERBS = {
    roles.ORGANISATION: {"submit", "decide"},
    roles.ECONOMY: {"review", "publicise", "decide"},
    roles.RELIEF: set(),
    roles.FINANCE: set(),
    roles.TOWNSHIP: {"submit", "recommend"},
    roles.GRASSROOTS: {"submit"},
    roles.LEADER: set(),
    roles.SYSTEM_ADMIN: set(),
    roles.SECURITY_ADMIN: set(),
    roles.AUDITOR: set(),
}
ELSEWHERE = ("officer of another union", "township of another township")


Moved = Nomination | Scorecard


def actor(who: str, one: Moved) -> User:
    """Someone who has no part in it yet."""
    township, union = Union.objects.get(path=one.union.parent_path), one.union
    if who == ELSEWHERE[0]:
        return UserFactory(union=UnionFactory(parent=township), roles=(roles.GRASSROOTS,))
    if who == ELSEWHERE[1]:
        return UserFactory(union=UnionFactory(level="township"), roles=(roles.TOWNSHIP,))
    place = {roles.TOWNSHIP: township, roles.GRASSROOTS: union}.get(who)
    return UserFactory(**({"union": place} if place else {}), roles=(who,))


def asked(name: str) -> dict[str, Any]:
    """What a transition needs beside the actor."""
    found: dict[str, Any] = {"reason": "说得清楚的原因"}
    if name in ("decide", "confirm"):
        found["details"] = {"decision_document": DOCUMENT}
    return found


def stands(one: Moved) -> tuple[Any, ...]:
    now = type(one).objects.get(pk=one.pk)
    return now.state, now.revision, now.steps.count()


@pytest.mark.parametrize("state", list(State))
def test_exactly_what_the_table_says(state, grassroots):
    nomination = lead(NominationFactory(union=grassroots), state)
    # The township stands between: the county doesn't approve what it hasn't recommended.
    skipped = {("approve", State.SUBMITTED)}

    assert_table_holds(nomination, VERBS, skipped, days=20 if state == State.PUBLICISED else 2)


# The county's scorecards go past the townships, and nobody publicises them.
CARD_VERBS = {who: verbs - {"recommend", "publicise"} for who, verbs in VERBS.items()}


@pytest.mark.parametrize("state", [one for one in State if one not in (State.RECOMMENDED, State.PUBLICISED)])
def test_exactly_what_the_table_says_of_scorecards(state, grassroots):
    card = cards.lead(state, grassroots)
    # What the county hasn't scored it doesn't approve.
    skipped = {("approve", State.SUBMITTED)} if not card.scores.exclude(county_score=None).exists() else set()

    assert_table_holds(card, CARD_VERBS, skipped)


def assert_table_holds(
    one: Moved, verbs: dict[str, set[str]], skipped: set[tuple[str, State]], *, days: int = 2
) -> None:
    """Each role tries each transition from where `one` stands: those happen that `verbs` give to it, and no other."""
    model, state = type(one), State(one.state)
    before, expected, happened = stands(one), {}, {}
    for who in [*roles.ALL, *ELSEWHERE]:
        someone = actor(who, one)
        expected[who] = {
            it.name
            for it in transitions_of(model)
            if state in it.sources
            and it.permission in verbs.get(who, set())
            and (it.name, state) not in skipped
            # To fill in and hand in is the union's own; an office above sends back instead.
            and (not it.is_by_applicant or someone.union_id == one.union_id)
        }
        happened[who] = set()
        with time_machine.travel(timezone.now() + timedelta(days=days), tick=False):
            for it in TRANSITIONS:
                try:
                    perform_and_undo(one, it.name, someone)
                    happened[who].add(it.name)
                except DomainError:
                    assert stands(one) == before, (who, it.name)

    assert happened == expected


def perform_and_undo(one: Moved, name: str, by: User) -> None:
    """Move it, look at where it stands, and take the moving back, so that the next one starts from the same."""

    class Back(Exception):
        pass

    try:
        with transaction.atomic():
            perform(one, name, by=by, **asked(name))
            target = next(it.target for it in TRANSITIONS if it.name == name)
            assert type(one).objects.get(pk=one.pk).state == target
            raise Back
    except Back:
        pass


@pytest.mark.parametrize("name", [one.name for one in transitions_of(Nomination) if not one.is_by_applicant])
def test_who_submitted_makes_no_offices_transition(name, grassroots):
    transition = next(one for one in TRANSITIONS if one.name == name)
    # Someone with every role at the county, who began it for the union: only the person is against it.
    everyone = UserFactory(roles=(roles.ORGANISATION, roles.ECONOMY, roles.TOWNSHIP, roles.GRASSROOTS))
    nomination = NominationFactory(union=grassroots, created_by=everyone)
    people = {**people_for(nomination), "submit": everyone}
    state = next(s for s in reversed(transition.sources) if s != State.SUBMITTED or len(transition.sources) == 1)
    nomination = lead(nomination, state, people)

    with (
        time_machine.travel(timezone.now() + timedelta(days=20), tick=False),
        pytest.raises(DomainError, match="您自己提交的"),
    ):
        perform(nomination, name, by=people["submit"], **asked(name))


@pytest.mark.parametrize("name", ["approve", "return", "reject", "confirm"])
def test_who_submitted_a_scorecard_makes_no_offices_transition(name, grassroots):
    people = cards.people_for(grassroots)
    people["submit"] = UserFactory(roles=(roles.ORGANISATION, roles.ECONOMY))
    card = cards.lead(State.REVIEWED if name == "confirm" else State.SUBMITTED, grassroots, people=people)

    with pytest.raises(DomainError, match="您自己提交的"):
        perform(card, name, by=people["submit"], **asked(name))


def test_who_reviewed_does_not_decide(grassroots):
    nomination = NominationFactory(union=grassroots)
    people = people_for(nomination)
    lead(nomination, State.PUBLICISED, people)

    with (
        time_machine.travel(timezone.now() + timedelta(days=20), tick=False),
        pytest.raises(DomainError, match="前面的环节是您办理的"),
    ):
        perform(nomination, "decide", by=people["approve"], details={"decision_document": DOCUMENT})


def test_nobody_approves_what_he_has_not_seen(grassroots):
    nomination = NominationFactory(union=grassroots)
    people = people_for(nomination)
    seen = lead(nomination, State.SUBMITTED, people).revision
    perform(nomination, "withdraw", by=people["submit"])
    Nomination.objects.filter(pk=nomination.pk).update(deeds="别的事迹")
    perform(nomination, "submit", by=people["submit"])

    with pytest.raises(DomainError, match="内容有了变动"):
        perform(nomination, "recommend", by=people["recommend"], seen=seen)
