"""A nomination led to any state as its people would, for tests that begin there."""

from datetime import timedelta
from typing import Any

import time_machine
from django.utils import timezone

from awards.models import Nomination
from members import roles
from members.models import Union, User
from pingtang_union.workflow import moving
from pingtang_union.workflow.table import STAGES, TRANSITIONS, State
from tests.factories import UserFactory

_WAY = ("submit", "recommend", "approve", "publicise", "decide")
_REACHED = {
    State.DRAFT: 0,
    State.SUBMITTED: 1,
    State.RECOMMENDED: 2,
    State.REVIEWED: 3,
    State.PUBLICISED: 4,
    State.DECIDED: 5,
}
_BY_APPLICANT = {one.name for one in TRANSITIONS if one.is_by_applicant}
DOCUMENT = "平工发〔2026〕12号"


def perform(application: Any, name: str, *, by: User, **told: Any) -> Any:
    """As workflow.perform, of an office by someone who has just opened the page, unless `seen` says otherwise; who
    hands in again confirms that it is unchanged."""
    if name == "submit":
        told.setdefault("unchanged", True)
    if name not in _BY_APPLICANT:
        told.setdefault("seen", type(application).objects.values_list("revision", flat=True).get(pk=application.pk))
    return moving.perform(application, name, by=by, **told)


def people_for(nomination: Nomination) -> dict[str, User]:
    """One person for each stage of a nomination, each with the role that has it."""
    township = Union.objects.filter(path=nomination.union.parent_path).first() or nomination.union
    return {
        "submit": UserFactory(union=nomination.union, roles=(roles.GRASSROOTS,)),
        "recommend": UserFactory(union=township, roles=(roles.TOWNSHIP,)),
        "approve": UserFactory(roles=(roles.ECONOMY,)),
        "publicise": UserFactory(roles=(roles.ECONOMY,)),
        "decide": UserFactory(roles=(roles.ORGANISATION,)),
    }


def lead(
    nomination: Nomination, state: State, people: dict[str, User] | None = None, document: str = DOCUMENT
) -> Nomination:
    """The nomination moved on to `state` by `people` (see people_for); what its round asks for must be there.

    For DECIDED the publicity is over: the decision is made two weeks later than now.
    """
    people = people or people_for(nomination)
    if state == State.ABANDONED:
        return perform(nomination, "abandon", by=people["submit"], reason="本人提出不再申报")
    if state in (State.RETURNED, State.REJECTED):
        lead(nomination, State.SUBMITTED, people)
        if nomination_needs(nomination) and state == State.RETURNED:
            return perform(nomination, "send_back", by=people["recommend"], reason="事迹要写得具体")
        return perform(nomination, "return" if state == State.RETURNED else "reject", by=people["approve"],
                       reason="事迹要写得具体")  # fmt: skip
    for name in _WAY[: _REACHED[state]]:
        if name == "recommend" and not nomination_needs(nomination):
            continue
        if name == "decide":
            with time_machine.travel(timezone.now() + timedelta(days=20), tick=False):
                nomination = perform(nomination, name, by=people[name], details={"decision_document": document})
        else:
            nomination = perform(nomination, name, by=people[name])
    return nomination


def nomination_needs(nomination: Nomination) -> bool:
    """Whether its township has to recommend it."""
    return Nomination.objects.get(pk=nomination.pk).needs_recommendation()


__all__ = ["DOCUMENT", "STAGES", "lead", "people_for", "perform"]
