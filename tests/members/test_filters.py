"""Conditions of lists, for pages and exports alike: they narrow, and what the user may not see finds nothing."""

from types import SimpleNamespace

import pytest
from django.utils import timezone

from members.filters import FILTERS, TERMS, in_term
from members.models import Union
from pingtang_union.core.dates import shift_years
from tests.factories import (
    AttendanceFactory,
    CadreFactory,
    MemberFactory,
    TrainingFactory,
    UnionFactory,
    UnionNameFactory,
)

pytestmark = pytest.mark.django_db


def narrowed(slug: str, user, **conditions):
    """The rows that a list of `slug` holds for `user` under these conditions."""
    filterset = FILTERS[slug]
    rows = filterset._meta.model.objects.visible_to(user)
    return filterset(conditions, queryset=rows, request=SimpleNamespace(user=user))


@pytest.fixture
def rows(grassroots, township):
    """One row of each list in the officer's union, one in a neighbour's, one elsewhere, by the union's name."""
    made = {}
    neighbour, elsewhere = UnionFactory(name="邻近工会", parent=township), UnionFactory(name="别处工会")
    for union in (grassroots, neighbour, elsewhere):
        training = TrainingFactory(union=union, name="业务培训")
        made[union.name] = {
            "members": MemberFactory(union=union),
            "cadres": CadreFactory(union=union),
            "trainings": training,
            "attendances": AttendanceFactory(training=training),
            "unions": union,
        }
    return made


@pytest.mark.parametrize("slug", ["members", "cadres", "trainings", "attendances", "unions"])
def test_by_union_within_ones_own(slug, rows, township_officer, officer, grassroots):
    neighbour, elsewhere = rows["邻近工会"]["unions"], rows["别处工会"]["unions"]

    assert list(narrowed(slug, township_officer, union=neighbour.pk).qs) == [rows["邻近工会"][slug]]
    for foreign in (elsewhere.pk, 0, "x"):
        assert list(narrowed(slug, township_officer, union=foreign).qs) == []
    assert list(narrowed(slug, officer, union=neighbour.pk).qs) == []
    assert list(narrowed(slug, officer).qs) == [rows[grassroots.name][slug]]
    assert "union" not in narrowed(slug, officer).filters


def test_by_a_course_of_ones_own(rows, township_officer):
    own, foreign = rows["邻近工会"]["trainings"], rows["别处工会"]["trainings"]

    assert list(narrowed("attendances", township_officer, training=own.pk).qs) == [rows["邻近工会"]["attendances"]]
    assert list(narrowed("attendances", township_officer, training=foreign.pk).qs) == []


@pytest.mark.parametrize(
    ("slug", "conditions", "said"),
    [
        ("members", {"q": "王", "status": "active"}, "姓名或号码：王；会籍状态：在会"),
        ("members", {"q": "522727198511259937"}, "姓名或号码：522727**********37"),
        ("members", {"q": "５２２７２７ 198511259937"}, "姓名或号码：522727**********37"),
        ("members", {"is_migrant": "no"}, "农民工：否"),
        ("trainings", {"year": "2025"}, "开班年份：2025"),
        ("members", {"status": "nonsense"}, ""),
        ("members", {}, ""),
    ],
)
def test_conditions_in_words(slug, conditions, said, officer):
    assert narrowed(slug, officer, **conditions).conditions() == said


def test_a_chosen_union_is_said_by_its_name(rows, township_officer):
    union = rows["邻近工会"]["unions"]

    assert narrowed("members", township_officer, union=union.pk).conditions() == "所在工会（含下级）：邻近工会"


def test_unions_are_found_by_any_of_their_names(county_clerk):
    union = UnionFactory(name="平塘县林业局工会", short_name="林业工会", credit_code="81522727UGL11U5GND")
    UnionNameFactory(union=union, name="县森林局工会")
    UnionFactory(name="平塘县水务局工会")

    for term in ("林业局", "林業局", "林业工会", "森林", "81522727ugl11u5gnd"):
        assert list(narrowed("unions", county_clerk, q=term).qs) == [union], term
    assert list(narrowed("unions", county_clerk, q="……").qs) == []


def test_terms_stand_apart():
    today = timezone.localdate()
    founded = {"set_up_on": "2000", "term_years": 5}
    unions = {
        "overdue": UnionFactory(last_elected_on=shift_years(today.isoformat(), -6), **founded),
        "soon": UnionFactory(last_elected_on=shift_years(today.isoformat(), -5), **founded),
        "unrecorded": UnionFactory(last_elected_on=shift_years(today.isoformat(), -1)),
        "perhaps": UnionFactory(last_elected_on=shift_years(today.isoformat(), -4)),
        "overdue, unrecorded": UnionFactory(last_elected_on=shift_years(today.isoformat(), -9), set_up_on="2000"),
        "": UnionFactory(last_elected_on=shift_years(today.isoformat(), -1), **founded),
    }
    among = Union.objects.filter(pk__in=[union.pk for union in unions.values()])

    found = {state: set(in_term(among, state)) for state, _label in TERMS}

    assert found == {
        "overdue": {unions["overdue"], unions["overdue, unrecorded"]},
        "soon": {unions["soon"]},
        "unrecorded": {unions["unrecorded"], unions["perhaps"], unions["overdue, unrecorded"]},
        "unreckoned": {unions["unrecorded"], unions["perhaps"]},
        "perhaps": {unions["perhaps"], unions["overdue, unrecorded"]},
    }
    assert set(in_term(among, "")) == set(unions.values())
