"""A hardship file led to any state as its people would, for tests that begin there."""

from datetime import timedelta
from typing import Any

import time_machine
from django.utils import timezone

from members import roles
from members.models import Union, User
from pingtang_union.workflow.table import State
from relief import services
from relief.models import Household
from tests.awards.walk import DOCUMENT, perform
from tests.factories import HouseholdFactory, PolicyFactory, UserFactory

_WAY = ("submit", "recommend", "visit", "check", "approve", "publicise", "decide")
_REACHED = {
    State.DRAFT: 0, State.SUBMITTED: 1, State.RECOMMENDED: 2, State.REVIEWED: 5, State.PUBLICISED: 6, State.DECIDED: 7,
}  # fmt: skip


def people_for(household: Household) -> dict[str, User]:
    """One person for each thing that is done with a file, each with the role that does it."""
    township = Union.objects.filter(path=household.union.parent_path).first() or household.union
    return {
        "submit": UserFactory(union=household.union, roles=(roles.GRASSROOTS,)),
        "recommend": UserFactory(union=township, roles=(roles.TOWNSHIP,)),
        "visit": UserFactory(union=household.union, roles=(roles.GRASSROOTS,)),
        "check": UserFactory(roles=(roles.RELIEF,)),
        "approve": UserFactory(roles=(roles.RELIEF,)),
        "publicise": UserFactory(roles=(roles.RELIEF,)),
        "decide": UserFactory(roles=(roles.ORGANISATION,)),
    }


def visit(household: Household, by: User, **told: Any) -> Any:
    told = {"visited_on": timezone.localdate(), "companion": "王同行", "findings": "与申报一致，家中有病人。"} | told
    return services.record_visit(household=household, by=by, **told)


def check(household: Household, by: User, **told: Any) -> Household:
    today = timezone.localdate()
    told = {"asked_on": today, "answered_on": today, "verdict": "matches", "note": ""} | told
    return services.record_check(household=household, by=by, **told)


def lead(household: Household, state: State, people: dict[str, User] | None = None) -> Household:
    """The file moved on to `state`; a policy is made where there is none. For DECIDED the publicity is over: the
    decision is made three weeks later than now."""
    people = people or people_for(household)
    if household.policy() is None:
        PolicyFactory(issued_by=people["approve"])
    reason = "说得清楚的原因"
    if state == State.ABANDONED:
        return perform(household, "abandon", by=people["submit"], reason=reason)
    if state in (State.RETURNED, State.REJECTED):
        lead(household, State.RECOMMENDED, people)
        name = "return" if state == State.RETURNED else "reject"
        return perform(household, name, by=people["approve"], reason=reason)
    for name in _WAY[: _REACHED[state]]:
        if name == "recommend" and not household.needs_recommendation():
            continue
        if name == "visit":
            visit(household, people[name])
        elif name == "check":
            check(household, people[name])
        elif name == "decide":
            with time_machine.travel(timezone.now() + timedelta(days=21), tick=False):
                perform(household, name, by=people[name], details={"decision_document": DOCUMENT})
        else:
            perform(household, name, by=people[name])
        household = Household.objects.get(pk=household.pk)
    return household


def on_file(union: Union, **told: Any) -> Household:
    """A file that stands, since five weeks ago."""
    with time_machine.travel(timezone.now() - timedelta(days=60), tick=False):
        return lead(HouseholdFactory(union=union, **told), State.DECIDED)
