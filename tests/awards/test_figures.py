"""What each figure on honours counts on a day."""

import json
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.urls import reverse

from awards.figures import FIGURES
from members import roles
from pingtang_union.core.figures import registry, values, whole_database
from pingtang_union.ledger.importing.command import Importer
from tests.factories import AwardFactory, HonourFactory, UnionFactory, UserFactory, honour

pytestmark = pytest.mark.django_db
DAY = date(2018, 3, 31)
SHIPPED = Path(__file__).parents[2] / "pingtang_union" / "demo" / "ledgers"
# The work report of 2018, 典型选树: (number, unit) by figure.
REPORT = {
    "awards.national.model_home": (1, "个"),
    "awards.national.model_small_home": (1, "个"),
    "awards.province.model_home": (3, "个"),
    "awards.province.model_small_home": (1, "个"),
    "awards.province.may_day_award": (1, "个"),
    "awards.province.ethics_model": (1, "人"),
    "awards.prefecture.may_day_certificate": (2, "个"),
    "awards.prefecture.worker_pioneer": (2, "个"),
    "awards.prefecture.may_day_medal": (4, "人"),
    "awards.prefecture.model_home": (12, "个"),
    "awards.prefecture.five_star_union": (7, "个"),
    "awards.prefecture.four_star_union": (13, "个"),
    "awards.county.pacesetter_post": (32, "个"),
    "awards.county.women_post": (21, "个"),
    "awards.county.worker_pioneer": (9, "个"),
    "awards.county.craftsman": (7, "个"),
    "awards.county.startup_star": (9, "个"),
    "awards.county.pacesetter": (60, "人"),
    "awards.county.women_pacesetter": (50, "人"),
}


def asked(on=DAY):
    """Values of the figures on honours, without the zeros."""
    found = values([figure for figure in registry().values() if figure.id.startswith("awards.")], whole_database, on)
    return {id.removeprefix("awards."): value for id, value in found.items() if value}


def test_the_reports_nineteen_figures_follow_from_the_ledgers():
    files = [(f"{name}.xlsx", (SHIPPED / f"{name}.xlsx").read_bytes()) for name in ("基层工会组织花名册", "荣誉台账")]
    assert [report.is_written for report in Importer().bring(files)] == [True, True]
    out = StringIO()
    call_command("figures", "--as-of", "2018-03-31", "--json", stdout=out)
    told = {id: value for id, value in json.loads(out.getvalue()).items() if id.startswith("awards.")}
    assert told == {"awards.total": 236, **{id: number for id, (number, _unit) in REPORT.items()}}
    call_command("figures", "--as-of", "2013-12-31", "--json", stdout=(before := StringIO()))
    assert {value for id, value in json.loads(before.getvalue()).items() if id.startswith("awards.")} == {0}


def test_every_figure_has_the_reports_unit_and_says_what_it_counts():
    assert {figure.id: figure.unit for figure in FIGURES} == {
        "awards.total": "项",
        **{id: unit for id, (_number, unit) in REPORT.items()},
    }
    for figure in FIGURES[1:]:
        code = figure.id.removeprefix("awards.")
        assert f"「{honour(code).title}」" in figure.note
        assert honour(code).title.endswith(figure.label) or figure.label.endswith(honour(code).title)


@pytest.mark.parametrize(
    ("given", "revoked", "counted"),
    [
        ("2013-12-31", None, 0),
        ("2014", None, 1),
        ("2014-01-01", None, 1),
        ("2018-03-31", None, 1),
        ("2018-04", None, 0),
        ("2018-04-01", None, 0),
        ("2016", "2018-03-31", 0),
        ("2016", "2018-04-01", 1),
        ("2016", "2018-03", 0),
    ],
)
def test_an_honour_counts_from_its_day_until_it_is_revoked(given, revoked, counted):
    taken = {"revoke_reason": "弄虚作假", "revoke_document": "平工发〔2018〕9号", "revoked_by": UserFactory()}
    AwardFactory(awarded_on=given, revoked_on=revoked, **(taken if revoked else {}))
    expected = {"total": counted, "county.pacesetter": counted} if counted else {}
    assert asked() == expected


def test_a_title_of_the_office_counts_in_the_total_only():
    AwardFactory(honour=HonourFactory(title="平塘县五一劳动标兵岗位能手"))
    AwardFactory(honour=honour("county.pacesetter_post"), recipient="急诊科护理组")
    assert asked() == {"total": 2, "county.pacesetter_post": 1}


def test_dimensions_add_up_and_a_part_can_be_divided_again():
    town, other = UnionFactory(township="克度镇"), UnionFactory(township="")
    AwardFactory(union=town, awarded_on="2015-04", honour=honour("prefecture.model_home"))
    AwardFactory(union=town, awarded_on="2015")
    AwardFactory(union=other, awarded_on="2017-04-25", honour=honour("county.craftsman"))
    total = registry()["awards.total"]

    def divided(key, **within):
        return {part.label: part.number for part in total.breakdown(key, whole_database, DAY, **within) if part.number}

    assert divided("level") == {"州级": 1, "县级": 2}
    assert divided("year") == {"2015": 2, "2017": 1}
    assert divided("kind") == {"集体": 1, "个人": 2}
    assert divided("township") == {"克度镇": 2, "未登记": 1}
    assert divided("title") == {"黔南州模范职工之家": 1, "平塘县五一劳动标兵": 1, "平塘工匠": 1}
    assert divided("year", level="county") == {"2015": 1, "2017": 1}
    assert divided("title", level="county", year="2015") == {"平塘县五一劳动标兵": 1}
    with pytest.raises(LookupError):
        total.breakdown("year", whole_database, DAY, level="moon")


# --- The rows behind a number --------------------------------------------------------------


def recipients(client, role):
    client.force_login(UserFactory(roles=(role,)))
    response = client.get(reverse("figure_rows", args=["awards.total"]), {"as_of": DAY.isoformat()})
    return sorted(row[2]["text"] for row in response.context["rows"])


def test_only_names_of_persons_are_masked(client):
    union = UnionFactory(name="平塘县林业局工会委员会")
    AwardFactory(union=union, recipient="杨秀英")
    AwardFactory(union=union, recipient=union.name, recipient_union=union, honour=honour("prefecture.model_home"))
    AwardFactory(union=union, recipient="采茶班", honour=honour("county.pacesetter_post"))
    assert recipients(client, roles.LEADER) == ["平塘县林业局工会委员会", "杨*英", "采茶班"]
    assert recipients(client, roles.ORGANISATION) == ["平塘县林业局工会委员会", "杨秀英", "采茶班"]


def test_an_account_sees_the_honours_of_its_own_unions(client, leader, township, grassroots):
    AwardFactory(union=grassroots)
    AwardFactory()
    address = reverse("figure_rows", args=["awards.county.pacesetter"])
    client.force_login(leader)
    assert client.get(address).context["number"] == 2
    client.force_login(UserFactory(union=township, roles=(roles.LEADER,)))
    assert client.get(address).context["number"] == 1


@pytest.mark.parametrize("id", ["awards.total", "awards.county.pacesetter"])
def test_a_list_costs_the_same_for_one_and_three(client, leader, django_assert_num_queries, id):
    client.force_login(leader)
    AwardFactory()
    address = reverse("figure_rows", args=[id])
    client.get(address)  # the first request of a session writes it
    with django_assert_num_queries(8):
        client.get(address)
    AwardFactory()
    AwardFactory()
    with django_assert_num_queries(8):
        client.get(address)
