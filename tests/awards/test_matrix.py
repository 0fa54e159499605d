"""Every state × transition × role: exactly what the table says happens, anything else changes nothing."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone

from awards.models import Nomination
from members import roles
from members.models import Union, User
from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.workflow import TRANSITIONS, State, perform, transitions_of
from tests.awards.walk import DOCUMENT, lead, people_for
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


def actor(who: str, nomination: Nomination) -> User:
    """Someone who has no part in the nomination yet."""
    township, union = Union.objects.get(path=nomination.union.parent_path), nomination.union
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


def stands(nomination: Nomination) -> tuple[Any, ...]:
    now = Nomination.objects.get(pk=nomination.pk)
    return now.state, now.revision, now.steps.count()


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("who", [*roles.ALL, *ELSEWHERE])
def test_exactly_what_the_table_says(state, who, grassroots):
    nomination = lead(NominationFactory(union=grassroots), state)
    someone = actor(who, nomination)
    before = stands(nomination)
    happened, expected = set(), set()
    with time_machine.travel(timezone.now() + timedelta(days=2 if state != State.PUBLICISED else 20), tick=False):
        for one in TRANSITIONS:
            is_ours = one in transitions_of(Nomination)
            # The township stands between: the county doesn't approve what it hasn't recommended.
            skips = one.name == "approve" and state == State.SUBMITTED
            if is_ours and state in one.sources and one.permission in VERBS.get(who, set()) and not skips:
                expected.add(one.name)
            try:
                perform_and_undo(nomination, one.name, someone)
                happened.add(one.name)
            except DomainError:
                assert stands(nomination) == before

    assert happened == expected


def perform_and_undo(nomination: Nomination, name: str, by: User) -> None:
    """Move it, look at where it stands, and take the moving back, so that the next one starts from the same."""

    class Back(Exception):
        pass

    try:
        with transaction.atomic():
            perform(nomination, name, by=by, **asked(name))
            target = next(one.target for one in TRANSITIONS if one.name == name)
            assert Nomination.objects.get(pk=nomination.pk).state == target
            raise Back
    except Back:
        pass


@pytest.mark.parametrize("name", [one.name for one in transitions_of(Nomination) if not one.is_by_applicant])
def test_who_submitted_does_no_offices_deed(name, grassroots):
    transition = next(one for one in TRANSITIONS if one.name == name)
    nomination = NominationFactory(union=grassroots)
    people = people_for(nomination)
    # Someone with every role at the county: only the person is against it.
    people["submit"] = UserFactory(roles=(roles.ORGANISATION, roles.ECONOMY, roles.TOWNSHIP, roles.GRASSROOTS))
    state = next(s for s in reversed(transition.sources) if s != State.SUBMITTED or len(transition.sources) == 1)
    nomination = lead(nomination, state, people)

    with (
        time_machine.travel(timezone.now() + timedelta(days=20), tick=False),
        pytest.raises(DomainError, match="您自己提交的"),
    ):
        perform(nomination, name, by=people["submit"], **asked(name))


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
