"""What each figure on activities counts on a day."""

import json
from datetime import date
from io import StringIO

import pytest
from django.core.management import call_command
from django.urls import reverse

from campaigns.figures import FIGURES
from campaigns.models import Activity, ActivityKind
from pingtang_union.core.figures import registry, values, whole_database
from pingtang_union.ledger.importing.command import Importer
from tests.campaigns.test_ledgers import shipped
from tests.factories import ActivityFactory, OutcomeFactory, UnionFactory

pytestmark = pytest.mark.django_db
DAY = date(2018, 3, 31)
REPORTED = {
    "contest_participants": 14986, "march8_hike_participants": 1493, "essays": 78, "handbooks": 30412,
    "recruiters": 93, "jobs_offered": 5126, "youth_trained": 25, "employment_trainings": 23,
    "employment_training_people": 2688, "employed": 512, "congress_study_leaders": 53, "guides_trained": 140,
    "guide_courses": 4, "hotel_staff_trained": 860, "hotel_staff_courses": 3, "volunteers": 456, "seconded_cadres": 5,
}  # fmt: skip


def asked(on=DAY):
    """Values of the figures on activities, without the zeros."""
    found = values(FIGURES, whole_database, on)
    return {id.removeprefix("campaigns."): value for id, value in found.items() if value}


@pytest.fixture
def imported(db):
    Importer().bring([shipped("基层工会组织花名册"), shipped("活动台账")])


def test_the_reports_seventeen_figures_follow_from_the_ledger(imported, signed_in, leader):
    found = asked()
    assert {id: found[id] for id in REPORTED} == REPORTED
    assert len(REPORTED) == 17
    assert (found["activities"], set(found)) == (95, {*REPORTED, "activities", "participants"})
    call_command("figures", "--as-of", "2018-03-31", "--json", stdout=(out := StringIO()))
    told = json.loads(out.getvalue())
    assert {id: told[f"campaigns.{id}"] for id in REPORTED} == REPORTED
    client = signed_in(leader)
    for id in REPORTED:  # each leads to its rows
        figure = registry()[f"campaigns.{id}"]
        rows = list(figure.rows(figure.model.objects.visible_to(leader), DAY))
        page = client.get(f"{reverse('figure_rows', args=[figure.id])}?as_of=2018-03-31").content.decode()
        assert (rows[0].name if isinstance(rows[0], Activity) else rows[0].activity.name) in page


def test_what_a_kind_counts_as_is_said_by_the_office_and_by_no_name(imported):
    ActivityKind.objects.filter(name="劳动竞赛").update(name="建功竞赛")
    assert asked()["contest_participants"] == 14986
    ActivityKind.objects.filter(name="建功竞赛").update(group="other")
    assert asked()["contest_participants"] == 14986 - 8000


@pytest.mark.parametrize(
    ("held_on", "state", "counted"),
    [("2018-03-31", "held", 1), ("2018-04-01", "held", 0), ("2018-03", "held", 1), ("2018", "held", 1),
     ("2018-03-01", "planned", 0), ("2018-03-01", "cancelled", 0)],
)  # fmt: skip
def test_an_activity_counts_from_the_day_it_was_held(held_on, state, counted):
    OutcomeFactory(activity=ActivityFactory(held_on=held_on, state=state))
    assert asked().get("activities", 0) == counted
    assert asked().get("jobs_offered", 0) == counted * 5


def test_the_declared_count_goes_before_sign_ups():
    ActivityFactory(declared=30, signed_up=50)
    ActivityFactory(declared=None, signed_up=7)
    ActivityFactory(declared=None)
    assert (asked()["participants"], asked()["activities"]) == (37, 3)
    assert registry()["campaigns.participants"].doubts().value(whole_database, DAY) == 1


def test_courses_count_sessions_and_trainings_activities():
    ActivityFactory(of="导游（解说员）培训", sessions=3)
    ActivityFactory(of="就业创业培训", sessions=3)
    assert (asked()["guide_courses"], asked()["employment_trainings"]) == (3, 1)


def test_parts_add_up(signed_in, leader):
    ActivityFactory(union=UnionFactory(township="平舟镇", system="教育"), declared=40)
    OutcomeFactory(activity=ActivityFactory(of="招聘会", held_on="2016-02", declared=60))
    for id, whole in (("campaigns.participants", 100), ("campaigns.jobs_offered", 5)):
        for dimension in registry()[id].dimensions:
            assert sum(part.number for part in registry()[id].breakdown(dimension.key, whole_database, DAY)) == whole
    page = signed_in(leader).get(reverse("dashboard") + "?as_of=2018-03-31").content.decode()
    assert [word in page for word in ("活动竞赛", "按活动类别", "按系统", "平舟镇")] == [True] * 4
