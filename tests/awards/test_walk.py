"""The way of a nomination from draft to award, with the people and the rules of the table."""

import pytest

from awards.models import Award
from pingtang_union.core.exceptions import DomainError
from pingtang_union.workflow.table import State
from tests.awards.walk import DOCUMENT, lead, people_for, perform
from tests.factories import NominationFactory

pytestmark = pytest.mark.usefixtures("enable_db")


def test_a_nomination_becomes_an_award(grassroots):
    nomination = lead(NominationFactory(union=grassroots), State.DECIDED)

    award = Award.objects.get()
    assert (award.recipient, award.union, award.honour) == (nomination.name, grassroots, nomination.honour)
    assert award.document_number == DOCUMENT
    assert [step.name for step in nomination.steps.all()] == ["submit", "recommend", "approve", "publicise", "decide"]


@pytest.mark.parametrize("state", list(State))
def test_every_state_is_reached(state, grassroots):
    assert lead(NominationFactory(union=grassroots), state).state == state


def test_nobody_decides_before_the_publicity_is_over(grassroots):
    nomination = NominationFactory(union=grassroots)
    people = people_for(nomination)
    lead(nomination, State.PUBLICISED, people)

    with pytest.raises(DomainError, match="期满后才能作出决定"):
        perform(nomination, "decide", by=people["decide"], details={"decision_document": DOCUMENT})
