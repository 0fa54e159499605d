"""What each figure of organisation counts on a day."""

from datetime import date

import pytest

from members.figures import due_window, term_rule_on
from members.models import TermRule
from pingtang_union.core.figures import registry, values, whole_database
from tests.factories import AttendanceFactory, CadreFactory, TrainingFactory, UnionFactory, county

pytestmark = pytest.mark.django_db
DAY = date(2018, 3, 31)


def asked(*ids, on=DAY):
    """Values of figures, without the zeros."""
    found = values([registry()[id] for id in ids], whole_database, on)
    return {id.split(".", 1)[1]: value for id, value in found.items() if value}


def rows(id, on=DAY):
    figure = registry()[id]
    return set(figure.rows(whole_database(figure.model), on))


def test_unions_are_counted_by_category_below_the_county():
    UnionFactory(level="township", category="organ")
    UnionFactory(category="organ")
    UnionFactory(category="enterprise", is_new_sector=True)
    assert asked("unions.total", "unions.organ", "unions.enterprise", "unions.new_sector") == {
        "total": 3,
        "organ": 2,
        "enterprise": 1,
        "new_sector": 1,
    }


@pytest.mark.parametrize(
    ("fields", "counted"),
    [
        ({"set_up_on": "2018-03-31"}, 1),
        ({"set_up_on": "2018-04-01"}, 0),
        ({"set_up_on": "2018-03"}, 1),
        ({"set_up_on": "2018-04"}, 0),
        ({"set_up_on": "2018"}, 1),
        ({"set_up_on": None}, 1),
        ({"status": "dissolved", "dissolved_on": "2018-03-31"}, 0),
        ({"status": "dissolved", "dissolved_on": "2018-04"}, 1),
        ({"status": "preparing"}, 0),
    ],
)
def test_a_union_counts_from_its_founding_to_its_end(fields, counted):
    UnionFactory(**fields)
    assert registry()["unions.total"].value(whole_database, DAY) == counted


def test_founding_years_are_sorted_with_the_unknown_last():
    for day in ("2017-05", "2016", "2017-01-02", None):
        UnionFactory(set_up_on=day)
    slices = registry()["unions.total"].breakdown("year", whole_database, DAY)
    assert [(part.token, part.label, part.number) for part in slices] == [
        ("2016", "2016", 1),
        ("2017", "2017", 2),
        ("-", "未登记", 1),
    ]


def test_new_sector_tells_no_from_unknown():
    for answer in (True, True, False, None):
        UnionFactory(is_new_sector=answer)
    slices = registry()["unions.total"].breakdown("new_sector", whole_database, DAY)
    assert [(part.label, part.number) for part in slices] == [("是", 2), ("否", 1), ("未登记", 1)]


def test_townships_come_largest_first():
    for township in ("克度镇", "平舟镇", "平舟镇", ""):
        UnionFactory(township=township)
    slices = registry()["unions.total"].breakdown("township", whole_database, DAY)
    assert [(part.label, part.number) for part in slices] == [("平舟镇", 2), ("克度镇", 1), ("未登记", 1)]


# --- Terms ---------------------------------------------------------------------------------


def test_the_window_is_six_months():
    assert due_window(DAY) == (date(2018, 3, 31), date(2018, 9, 30))


@pytest.mark.parametrize(
    ("elected", "years", "due", "overdue"),
    [
        ("2015-03-31", 3, 1, 0),
        ("2015-03-30", 3, 0, 1),
        ("2015-09-30", 3, 1, 0),
        ("2015-10-01", 3, 0, 0),
        ("2015-03", 3, 1, 0),
        ("2015-02", 3, 0, 1),
        ("2015-09", 3, 1, 0),
        ("2015-10", 3, 0, 0),
        ("2013-05-01", 5, 1, 0),
        ("2015-05-01", 5, 0, 0),
        ("2012-12", 5, 0, 1),
        ("2015", 3, 1, 0),
        ("2014", 3, 0, 1),
        (None, 3, 0, 0),
    ],
)
def test_a_recorded_term_is_exact(elected, years, due, overdue):
    UnionFactory(last_elected_on=elected, term_years=years)
    figures = registry()
    assert figures["unions.term_due_stated"].value(whole_database, DAY) == due
    assert figures["unions.term_overdue_stated"].value(whole_database, DAY) == overdue
    assert (
        asked(
            "unions.term_unstated",
            "unions.term_due_if_shortest",
            "unions.term_due_if_longest",
            "unions.term_past_longest",
        )
        == {}
    )


def test_a_term_that_is_not_recorded_is_only_reckoned():
    if_three = UnionFactory(last_elected_on="2015-05-20")
    if_five = UnionFactory(last_elected_on="2013-05-20")
    past = UnionFactory(last_elected_on="2013-03-30")
    unknown = UnionFactory(last_elected_on=None)
    UnionFactory(last_elected_on="2017-01")
    assert asked("unions.term_due_stated", "unions.term_overdue_stated") == {}
    assert rows("unions.term_due_if_shortest") == {if_three}
    assert rows("unions.term_due_if_longest") == {if_five}
    assert rows("unions.term_past_longest") == {past}
    assert rows("unions.election_unrecorded") == {unknown}
    assert asked("unions.term_unstated") == {"term_unstated": 5}


def test_the_rule_in_force_on_the_day_decides():
    TermRule.objects.create(in_force_from=date(2019, 1, 1), shortest_years=4, longest_years=6, document="测试规定")
    union = UnionFactory(last_elected_on="2015-05-20")
    assert term_rule_on(DAY).document == "《中华人民共和国工会法》（2001年修正）第十五条"
    assert term_rule_on(date(2019, 1, 1)).document == "测试规定"
    assert rows("unions.term_due_if_shortest", date(2019, 4, 1)) == {union}
    assert rows("unions.term_due_if_longest", date(2021, 4, 1)) == {union}


def test_without_a_rule_nothing_is_reckoned():
    UnionFactory(last_elected_on="1990-01-01")
    on = date(1999, 1, 1)
    assert term_rule_on(on) is None
    assert asked("unions.term_due_if_shortest", "unions.term_due_if_longest", "unions.term_past_longest", on=on) == {}


# --- Cadres and training -------------------------------------------------------------------


def test_cadres_are_counted_by_rank_with_social_workers_apart():
    union = UnionFactory()
    for rank in ("deputy_county", "section_chief", "deputy_section", "deputy_section", "unit_level", "staff", ""):
        CadreFactory(union=union, rank=rank)
    CadreFactory(union=union, kind="social_worker", rank="")
    assert asked(*(id for id in registry() if id.startswith("cadres."))) == {
        "total": 7,
        "deputy_county": 1,
        "section_chief": 1,
        "deputy_section": 2,
        "unit_level": 1,
        "social_workers": 1,
    }


@pytest.mark.parametrize(
    ("started", "ended", "counted"),
    [(None, None, 1), ("2018-03", None, 1), ("2018-04", None, 0), ("2012", "2018-03-31", 0), ("2012", "2018-04-01", 1)],
)
def test_a_cadre_counts_while_in_post(started, ended, counted):
    CadreFactory(started_on=started, ended_on=ended)
    assert registry()["cadres.total"].value(whole_database, DAY) == counted


def test_attendances_are_person_times():
    union = UnionFactory()
    for level, place, on, attendees in (
        ("province", "贵阳", "2017-09-13", 2),
        ("prefecture", "福建厦门", "2017-09", 3),
        ("prefecture", "广州", "2017", 1),
        ("county", "平塘", None, 4),
        ("county", "平塘", "2018-04", 5),
    ):
        training = TrainingFactory(union=county(), level=level, place=place, started_on=on)
        for _ in range(attendees):
            AttendanceFactory(training=training, union=union)
    assert asked(
        "cadres.leadership_training",
        "cadres.training_xiamen",
        "cadres.training_guangzhou",
        "cadres.grassroots_trained",
        "cadres.training_attendances",
        "trainings.courses",
    ) == {
        "leadership_training": 2,
        "training_xiamen": 3,
        "training_guangzhou": 1,
        "grassroots_trained": 4,
        "training_attendances": 10,
        "courses": 4,
    }
