"""What nobody gets round: four eyes over a second visit or a return, and what only who works on files reads."""

import pytest

from members import roles
from pingtang_union.core.exceptions import DomainError
from pingtang_union.workflow.moving import barred_from
from pingtang_union.workflow.table import State, transition_called
from pingtang_union.workflow.waiting import waiting
from relief.models import Household
from tests.awards.walk import perform
from tests.factories import HouseholdFactory, UserFactory
from tests.relief.walk import check, lead, people_for, visit

pytestmark = pytest.mark.usefixtures("enable_db")


# --- Four eyes -----------------------------------------------------------------------------------


def test_no_other_visitor_takes_the_first_ones_place(grassroots):
    household = HouseholdFactory(union=grassroots)
    people = people_for(household)
    lead(household, State.RECOMMENDED, people)
    visit(household, people["visit"])

    with pytest.raises(DomainError, match="不能更换入户人"):
        visit(household, UserFactory(union=grassroots, roles=(roles.GRASSROOTS,)))
    visit(household, people["visit"])
    assert Household.objects.get().visited_by == people["visit"]


def test_returned_file_is_visited_and_checked_anew(grassroots):
    """And who visited before the return approves nothing after it."""
    household = HouseholdFactory(union=grassroots)
    people = people_for(household)
    first = UserFactory(roles=(roles.RELIEF, roles.GRASSROOTS))
    household = lead(household, State.RECOMMENDED, people | {"visit": first})
    visit(household, first)
    check(household, people["check"])

    household = perform(household, "return", by=people["approve"], reason="收入证明过期")
    assert (household.visited_by, household.check_answered_on, household.check_verdict) == (None, None, "")
    household = perform(household, "submit", by=people["submit"])
    household = perform(household, "recommend", by=people["recommend"])
    visit(household, people["visit"])
    household = check(household, people["check"])

    assert "要由别人" in barred_from(household, transition_called(Household, "approve"), first)
    assert not Household.objects.filter(waiting(Household, first)).exists()
    perform(household, "approve", by=people["approve"])
