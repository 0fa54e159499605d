"""Officers' pages of acts: a member's history, what may follow from it, each with a day and a reason."""

import pytest
from django.urls import reverse

from members import services
from members.models import Member, MembershipEvent
from tests.factories import MemberFactory, UnionFactory
from tests.members.test_views_members import act, page, said, state
from tests.page_helpers import errors, filled

pytestmark = pytest.mark.django_db


@pytest.fixture
def member(grassroots) -> Member:
    """A member of the officer's own union."""
    return MemberFactory(union=grassroots, name="石梅", joined_on="2015-06", phone="19000010002")


@pytest.fixture
def other(db) -> Member:
    """A member of a union that no officer of these tests sees, with an act of that union."""
    other = MemberFactory(union=UnionFactory(name="别处泄密工会"), name="别处泄密人", joined_on="2020-01")
    act(other, "retain", "2020-03", "别处泄密原因")
    return other


def test_the_page_tells_the_history_oldest_first(signed_in, officer, member):
    wrong = services.record_event(member=member, kind="retain", on="2020-03", reason="待岗", by=officer)
    services.correct_event(event=wrong, on="2020-04", reason="下岗待业", by=officer)

    lines = signed_in(officer).get(page(member)).context["lines"]

    assert [(line.event.kind, line.event.on, line.is_corrected, line.recorder) for line in lines] == [
        ("join", "2015-06", False, "随台账导入"),
        ("retain", "2020-03", True, "工会小组长"),
        ("retain", "2020-04", False, "工会小组长"),
    ]
    assert [(line.may_correct, line.may_cancel) for line in lines] == [(True, False), (False, False), (True, True)]


@pytest.mark.parametrize(
    ("acts", "offered"),
    [
        ((), ["保留会籍", "退会", "除名", "死亡"]),
        (("retain",), ["恢复会籍", "退会", "除名", "死亡"]),
        (("leave",), ["重新入会"]),
    ],
)
def test_only_acts_that_can_follow_are_offered(signed_in, officer, member, acts, offered):
    for kind in acts:
        act(member, kind, "2020-03", "办理")

    assert [one["label"] for one in signed_in(officer).get(page(member)).context["acts"]] == offered


def test_the_history_came_along_and_the_former_unions_words_did_not(signed_in, officer, other, grassroots):
    services.transfer_member(member=other, to=grassroots, on="2026-01", by=None, reason="别处泄密调动")
    MembershipEvent.objects.filter(union=grassroots).update(reason="调入")

    response = signed_in(officer).get(page(other))

    assert [(line.event.kind, line.is_own, line.may_correct) for line in response.context["lines"]] == [
        ("join", False, False), ("retain", False, False), ("transfer_out", False, False), ("transfer_in", True, False),
    ]  # fmt: skip
    for secret in ("别处泄密原因", "别处泄密调动"):
        assert secret not in response.content.decode()
    foreign = other.events.get(kind="retain")
    assert signed_in(officer).get(reverse("members:event_correct", args=[foreign.pk])).status_code == 404


def test_the_page_asks_the_same_questions_of_one_act_and_of_three(
    signed_in, officer, member, django_assert_num_queries
):
    client = signed_in(officer)
    client.get(page(member))
    with django_assert_num_queries(9) as first:
        client.get(page(member))
    retain = act(member, "retain", "2020-03")
    services.correct_event(event=retain, on="2020-04", reason="", by=officer)
    with django_assert_num_queries(len(first)):
        client.get(page(member))


@pytest.mark.parametrize(
    ("name", "before", "status"),
    [
        ("retain", (), "retained"),
        ("restore", ("retain",), "active"),
        ("leave", (), "left"),
        ("expel", (), "left"),
        ("death", (), "left"),
        ("rejoin", ("leave",), "active"),
    ],
)
def test_each_act_takes_a_day_and_a_reason(signed_in, officer, member, name, before, status):
    for kind in before:
        act(member, kind, "2020-03", "办理")
    client = signed_in(officer)
    address = page(member, "act", name)
    assert client.get(address).status_code == 200

    response = client.post(address, {"on": "2026.5", "reason": "会议决定"}, follow=True)

    assert response.redirect_chain[0][0] == page(member)
    assert len(said(response)) == 1
    event = member.events.standing().in_order().last()
    assert (event.on, event.reason, event.recorded_by) == ("2026-05", "会议决定", officer)
    assert state(member)[1] == status


@pytest.mark.parametrize(
    ("name", "facts", "expected"),
    [
        ("leave", {"reason": ""}, {"reason": ["此项必填。"]}),
        ("expel", {"reason": ""}, {"reason": ["此项必填。"]}),
        ("retain", {"on": ""}, {"on": ["此项必填。"]}),
        ("retain", {"on": "2199-01"}, {"on": ["「2199-01」在今天以后，请核对后重填。"]}),
        ("restore", {}, {"__all__": ["石梅没有保留会籍，不能办理恢复。"]}),
        ("rejoin", {}, {"__all__": ["石梅已是会员，不能再办理入会。"]}),
    ],
)
def test_an_act_that_does_not_fit_is_refused_in_words(signed_in, officer, member, name, facts, expected):
    client = signed_in(officer)

    response = client.post(page(member, "act", name), {"on": "2026-05", "reason": "办理", **facts})

    assert errors(response) == expected
    assert member.events.count() == 1


@pytest.mark.parametrize("name", ["transfer", "nonsense"])
def test_what_is_no_act_of_officers_is_not_there(signed_in, officer, member, name):
    address = page(member, "act", name)

    assert signed_in(officer).get(address).status_code == 404
    assert signed_in(officer).post(address, {"on": "2026-05", "reason": "调动"}).status_code == 404


def test_who_joins_again_does_so_in_a_union_of_ones_own(signed_in, township_officer, township, member, other):
    second = UnionFactory(parent=township)
    act(member, "leave", "2024-01", "辞职")
    client = signed_in(township_officer)
    address = page(member, "act", "rejoin")
    facts = {"on": "2026-05", "reason": ""}

    assert set(client.get(address).context["form"].fields["union"].queryset) == {member.union, second}
    assert list(errors(client.post(address, {**facts, "union": other.union_id}))) == ["union"]
    client.post(address, {**facts, "union": second.pk})

    assert state(member) == (second.name, "active", "2026-05")


def test_an_act_is_corrected_and_taken_back_on_pages(signed_in, officer, member):
    client = signed_in(officer)
    event = act(member, "leave", "2020-03", "辞职")
    correct = reverse("members:event_correct", args=[event.pk])
    assert filled(client.get(correct)) == {"on": "2020-03", "reason": "辞职"}
    assert errors(client.post(correct, {"on": "2020-03", "reason": "辞职"})) == {
        "__all__": ["日期和原因都没有改动，不用更正。"]
    }

    client.post(correct, {"on": "2020-04", "reason": "辞职离县"})
    assert client.get(correct).status_code == 404
    latest = member.events.standing().in_order().last()
    assert (latest.on, latest.reason, latest.corrects) == ("2020-04", "辞职离县", event)
    client.post(reverse("members:event_cancel", args=[latest.pk]), {"reason": "登记错了人"})

    assert state(member)[1] == "active"
