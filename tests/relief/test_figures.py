"""What each figure on relief counts on a day."""

import json
from datetime import date
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.urls import reverse

from members import roles
from pingtang_union.core.figures import registry, values, whole_database
from pingtang_union.ledger.importing.command import Importer
from tests.factories import CardIssueFactory, GrantFactory, UserFactory
from tests.members.test_numbers import numbered

pytestmark = pytest.mark.django_db
DAY = date(2018, 3, 31)
SHIPPED = Path(__file__).parents[2] / "pingtang_union" / "demo" / "ledgers"


def asked(on=DAY):
    """Values of the figures on relief, without the zeros."""
    found = values([figure for figure in registry().values() if figure.id.startswith("relief.")], whole_database, on)
    return {id.removeprefix("relief."): value for id, value in found.items() if value}


def test_the_reports_three_figures_follow_from_the_ledgers():
    names = ("基层工会组织花名册", "慰问帮扶发放台账", "爱心服务卡发放台账")
    Importer().bring([(f"{name}.xlsx", (SHIPPED / f"{name}.xlsx").read_bytes()) for name in names])
    assert asked() == {
        "amount": Decimal("1105320.00"), "person_times": 856, "persons": 856, "service_cards": 7215,
    }  # fmt: skip
    call_command("figures", "--as-of", "2018-03-31", "--json", stdout=(out := StringIO()))
    told = json.loads(out.getvalue())
    assert [told[f"relief.{id}"] for id in ("amount", "person_times", "service_cards")] == [1105320, 856, 7215]


@pytest.mark.parametrize(
    ("granted", "state", "counted"),
    [("2018-03-31", "paid", 1), ("2018-04-01", "paid", 0), ("2018-03", "paid", 1), ("2018-03-31", "approved", 0),
     ("2018-03-31", "failed", 0)],
)  # fmt: skip
def test_a_grant_counts_from_the_day_it_was_paid(granted, state, counted):
    GrantFactory(granted_on=granted, state=state)
    assert asked().get("person_times", 0) == counted


def test_persons_are_counted_once_and_times_each_time():
    for programme in ("五一慰问", "大病救助"):
        GrantFactory(of=programme, id_number=numbered(3))
        GrantFactory(of=programme, id_number="", name="无证", address="平舟镇光明村")
    assert (asked()["person_times"], asked()["persons"]) == (4, 2)


def test_cards_of_another_kind_are_not_service_cards():
    CardIssueFactory(count=5)
    CardIssueFactory(count=7, kind="relief")
    assert asked() == {"service_cards": 5}


def test_parts_add_up_and_lead_to_their_rows(signed_in):
    GrantFactory(name="吴静颖", cash=640, goods=160)
    GrantFactory(of="大病救助", cash=5000, granted_on="2016-10")
    figure = registry()["relief.amount"]
    for dimension in figure.dimensions:
        assert sum(part.number for part in figure.breakdown(dimension.key, whole_database, DAY)) == 5800
    leader = UserFactory(roles=(roles.LEADER,))
    client = signed_in(leader)
    page = client.get(reverse("dashboard") + "?as_of=2018-03-31").content.decode()
    assert ("5,800" in page, "按帮扶项目" in page) == (True, True)
    rows = client.get(reverse("figure_rows", args=["relief.amount"]) + "?as_of=2018-03-31").content.decode()
    assert [word in rows for word in ("吴*颖", "吴静颖", "大病救助")] == [True, False, True]
