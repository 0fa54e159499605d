"""The desk of county staff: every number is its list, for who may, at a constant price."""

from datetime import timedelta
from unittest.mock import patch

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from awards.models import Nomination
from members import roles
from pingtang_union.workflow import marking
from pingtang_union.workflow.objections import record_objection
from pingtang_union.workflow.table import State
from tests.awards.walk import lead, perform
from tests.factories import (
    BatchFactory,
    CallFactory,
    HeldNumberFactory,
    NominationFactory,
    ReturnFactory,
    RoundFactory,
    TransferRequestFactory,
    UnionFactory,
    UserFactory,
    county,
)

pytestmark = pytest.mark.django_db


def make(number: int) -> list[Nomination]:
    """So many of every kind of thing that can wait."""
    round_ = RoundFactory(needs_recommendation=False)
    made = []
    for _ in range(number):
        made.append(lead(NominationFactory(round=round_), State.SUBMITTED))
        objected = lead(NominationFactory(round=round_), State.PUBLICISED)
        clerk = UserFactory(roles=(roles.ECONOMY,))
        record_objection(objected, by=clerk, received_on=timezone.localdate(), way="call", text="事迹与实际不符")
        lead(NominationFactory(round=round_), State.REVIEWED)
        TransferRequestFactory()
        HeldNumberFactory()
        UnionFactory(last_elected_on="2010-05", term_years=5)
        BatchFactory(union=county(), state="ready", rejected=2, at=timezone.now())
    return made


def waiting(page) -> dict[str, tuple[int, str]]:
    return {one.label: (one.number, one.url) for one, _age, _tone in page.context["waiting"]}


@pytest.mark.parametrize(
    ("role", "kinds"),
    [
        (
            roles.ECONOMY,
            {"荣誉推荐待审核", "荣誉推荐待公示", "荣誉推荐异议待核查", "台账有退回待处理"},
        ),
        (roles.ORGANISATION, {"转会申请待答复", "证件号码待核实", "工会届满待换届", "台账有退回待处理"}),
        (roles.AUDITOR, set()),
        (roles.SYSTEM_ADMIN, set()),
    ],
)
def test_every_number_is_the_list_behind_it(role, kinds, signed_in):
    make(2)
    client = signed_in(UserFactory(roles=(role,)))
    found = waiting(client.get("/desk/"))
    assert set(found) == kinds
    for label, (number, url) in found.items():
        assert client.get(url).context["cl"].result_count == number >= 2, label


def test_publicity_that_ends_is_told_before_and_waits_after(county_clerk, signed_in):
    one = lead(NominationFactory(), State.PUBLICISED)
    for days, label, badge in ((-1, "荣誉推荐公示即将期满", 0), (1, "荣誉推荐公示期满待决定", 1)):
        with time_machine.travel(
            timezone.localtime().replace(hour=12) + timedelta(days=days) + _until(one), tick=False
        ):
            page = signed_in(county_clerk).get("/admin/")
            assert set(waiting(page)) & {"荣誉推荐公示即将期满", "荣誉推荐公示期满待决定"} == {label}
            entries = [item for group in page.context["sidebar_navigation"] for item in group["items"]]
            assert [item["waiting"] for item in entries if item["title"] == "荣誉推荐"] == [badge]


def _until(one: Nomination) -> timedelta:
    return one.publicised_until - timezone.localdate()


def test_the_admins_first_page_shows_the_same(awards_clerk, signed_in):
    make(1)
    client = signed_in(awards_clerk)
    own, admins = client.get("/desk/"), client.get("/admin/")
    assert waiting(own) == waiting(admins) != {}
    for page in (own, admins):
        assert "desk/_desk.html" in [template.name for template in page.templates]


def test_the_sidebar_counts_what_is_due(awards_clerk, signed_in):
    make(1)
    page = signed_in(awards_clerk).get(reverse("admin:awards_award_changelist"))
    entries = {
        item["title"]: item["waiting"] for group in page.context["sidebar_navigation"] for item in group["items"]
    }
    assert (entries["荣誉推荐"], entries["获奖记录"]) == (3, 0)


def test_staff_alone_see_it(leader, officer, township_officer, client, signed_in):
    assert [signed_in(user).get("/desk/").status_code for user in (leader, officer, township_officer)] == [403] * 3
    assert client.get("/desk/").url.startswith("/login/")


def test_another_county_finds_nothing(outsider, signed_in):
    make(1)
    page = signed_in(outsider).get("/desk/")
    assert (waiting(page), list(page.context["batches"]), page.context["called"]) == ({}, [], [])


def test_returns_stand_by_township(county_clerk, signed_in, township):
    below, _other, _straight = UnionFactory(parent=township), UnionFactory(parent=township), UnionFactory()
    call = CallFactory(union=county())
    ReturnFactory(union=below, ledger=call.ledger, batch=BatchFactory(union=below, written_at=timezone.now()))
    (called,) = signed_in(county_clerk).get("/desk/").context["called"]
    rows = {one.branch: (one.asked, one.returned) for one in called.branches}
    assert rows["金盆街道"][1] == 1
    assert rows["直属工会"] == (1, 0)
    assert (called.whole.asked, called.whole.returned) == tuple(map(sum, zip(*rows.values(), strict=True)))


def test_followed_and_assigned_are_the_viewers_and_go_with_the_scope(awards_clerk, county_clerk, signed_in):
    mine, other = make(2)
    marking.follow(Nomination, [mine.pk], by=awards_clerk)
    marking.follow(Nomination, [other.pk], by=county_clerk)
    marking.assign(other, awards_clerk, by=awards_clerk, instead_of=None)
    shown = signed_in(awards_clerk).get("/desk/").context
    assert [one.record for one in shown["followed"]] == [mine]
    assert [one.record for one in shown["assigned"]] == [other]
    perform(other, "reject", by=awards_clerk, reason="不符合评选条件")
    assert signed_in(awards_clerk).get("/desk/").context["assigned"] == [], "what is over needs nobody"


@pytest.mark.parametrize("address", ["/desk/", "/admin/"])
def test_three_of_each_cost_as_much_as_one(address, insider, signed_in):
    client = signed_in(insider)

    def cost() -> int:
        for one in make(1):
            marking.follow(Nomination, [one.pk], by=insider)
            marking.assign(one, insider, by=insider, instead_of=None)
        CallFactory(union=county())
        client.get(address)
        with CaptureQueriesContext(connection) as found:
            assert client.get(address).status_code == 200
        return len(found)

    first = cost()
    cost()
    assert cost() == first


def test_many_finished_cases_hide_no_open_one(insider, signed_in):
    oldest = lead(NominationFactory(name="还没有办完的"), State.SUBMITTED)
    marking.assign(oldest, insider, by=insider, instead_of=None)
    for _ in range(3):
        marking.assign(lead(NominationFactory(), State.DECIDED), insider, by=insider, instead_of=None)

    with patch("pingtang_union.pages.desk.SHOWN", 2):
        assigned = signed_in(insider).get("/desk/").context["assigned"]

    assert [mark.record for mark in assigned] == [oldest]
