"""A wrong act is corrected by a new one, and union, status and date of joining follow."""

import pytest

from members import services
from members.models import Member
from pingtang_union.core.exceptions import DomainError
from tests.factories import MemberFactory, UnionFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def member(db):
    return MemberFactory(union=UnionFactory(name="甲工会"), name="石梅", joined_on="2015-06", born_on="1990-01-01")


def act(member, kind, on, reason=""):
    return services.record_event(member=member, kind=kind, on=on, reason=reason, by=None)


def correct(event, on, reason="", by=None):
    return services.correct_event(event=event, on=on, reason=reason, by=by)


def history(member) -> list[tuple]:
    return list(member.events.standing().in_order().values_list("kind", "on", "reason"))


def state(member) -> tuple:
    return Member.objects.values_list("union__name", "status", "joined_on").get(pk=member.pk)


def test_a_corrected_joining_moves_the_date_and_keeps_the_wrong_act(member):
    wrong = member.events.get()

    right = correct(wrong, "2012-06", "原件核对")

    assert state(member) == ("甲工会", "active", "2012-06")
    assert (right.corrects, right.kind, right.union) == (wrong, "join", member.union)
    assert history(member) == [("join", "2012-06", "原件核对")]
    assert member.events.count() == 2


def test_it_is_corrected_once_and_then_its_correction(member):
    wrong = member.events.get()
    right = correct(wrong, "2012-06")

    with pytest.raises(DomainError, match="已经更正过"):
        correct(wrong, "2013-06")
    correct(right, "2013-06")

    assert state(member)[2] == "2013-06"
    assert history(member) == [("join", "2013-06", "")]


@pytest.mark.parametrize(
    ("on", "reason", "said"),
    [
        ("2020-03", "", "要写明原因"),
        ("2020-03", "辞职", "没有改动"),
        ("", "辞职了", "请填日期"),
        ("2199-01", "辞职", "日期晚于今天"),
        ("2014-01", "辞职", "「退会」就和其他事项的先后矛盾"),
    ],
)
def test_what_makes_no_sense_is_refused(member, on, reason, said):
    event = act(member, "leave", "2020-03", "辞职")

    with pytest.raises(DomainError, match=said):
        correct(event, on, reason)
    assert history(member) == [("join", "2015-06", ""), ("leave", "2020-03", "辞职")]


def test_a_joining_is_not_before_the_birth(member):
    with pytest.raises(DomainError, match="入会时间不能早于出生日期"):
        correct(member.events.get(), "1989")


def test_of_one_day_the_order_stays(member):
    first = act(member, "retain", "2020-03", "待岗")
    act(member, "restore", "2020-03", "返岗")
    act(member, "leave", "2020-03", "辞职")

    correct(first, "2020-03", "下岗待业")

    assert history(member) == [
        ("join", "2015-06", ""),
        ("retain", "2020-03", "下岗待业"),
        ("restore", "2020-03", "返岗"),
        ("leave", "2020-03", "辞职"),
    ]
    assert state(member)[1] == "left"


def test_an_act_moves_only_where_the_others_allow(member):
    retain = act(member, "retain", "2020-03")
    act(member, "restore", "2020-05")

    with pytest.raises(DomainError, match="先后矛盾"):
        correct(retain, "2020-06")
    correct(retain, "2020-04")

    assert history(member) == [("join", "2015-06", ""), ("retain", "2020-04", ""), ("restore", "2020-05", "")]
    assert state(member)[1] == "active"


@pytest.mark.parametrize("half", [0, 1])
def test_both_halves_of_a_transfer_are_corrected_together(member, county_clerk, half):
    services.transfer_member(member=member, to=UnionFactory(name="乙工会"), on="2020-03-01", by=None, reason="调动")
    pair = list(member.events.filter(kind__startswith="transfer").order_by("pk"))

    correct(pair[half], "2020-04-01", "工作调动", by=county_clerk)

    assert history(member)[1:] == [
        ("transfer_out", "2020-04-01", "工作调动"),
        ("transfer_in", "2020-04-01", "工作调动"),
    ]
    assert state(member) == ("乙工会", "active", "2015-06")


def test_one_union_alone_corrects_no_transfer(member, officer):
    services.transfer_member(member=member, to=officer.union, on="2020-03-01", by=None, reason="调动")

    with pytest.raises(DomainError, match="联系县总工会更正"):
        correct(member.events.get(kind="transfer_in"), "2020-04-01", "调动", by=officer)
    assert history(member)[-1] == ("transfer_in", "2020-03-01", "调动")


@pytest.mark.parametrize(
    ("before", "kind", "stands"),
    [
        ((), "death", ("restore", "active")),
        ((), "leave", ("restore", "active")),
        ((), "retain", ("restore", "active")),
        (("retain",), "expel", ("retain", "retained")),
        (("retain",), "restore", ("retain", "retained")),
    ],
)
def test_the_latest_act_is_taken_back(member, before, kind, stands):
    for one in before:
        act(member, one, "2019-01")
    event = act(member, kind, "2020-03", "办理")

    back = services.cancel_event(event=event, reason="登记错了人", by=None)

    assert (back.kind, back.corrects, state(member)[1]) == (stands[0], event, stands[1])
    assert history(member)[-1] == (stands[0], "2020-03", "登记错了人")
    act(member, "leave", "2021-01", "辞职")
    assert state(member)[1] == "left"


def test_what_was_taken_back_can_be_recorded_anew_and_the_taking_back_corrected(member):
    event = act(member, "death", "2020-03")
    back = services.cancel_event(event=event, reason="登记错了人", by=None)

    correct(back, "2020-03", "同名的另一人去世")
    act(member, "retain", "2020-03")

    assert history(member)[1:] == [("restore", "2020-03", "同名的另一人去世"), ("retain", "2020-03", "")]
    assert state(member)[1] == "retained"


def test_only_the_latest_and_no_joining_or_transfer_is_taken_back(member):
    retain = act(member, "retain", "2020-03")
    act(member, "restore", "2020-05")
    services.transfer_member(member=member, to=UnionFactory(), on="2021-01", by=None)
    latest = member.events.standing().in_order().last()

    for event in (member.events.get(kind="join"), retain, latest):
        with pytest.raises(DomainError, match="只能撤销最近一次"):
            services.cancel_event(event=event, reason="登记错了", by=None)
    assert len(history(member)) == 5


def test_taking_back_says_why_and_is_not_taken_back(member):
    event = act(member, "leave", "2020-03", "辞职")

    with pytest.raises(DomainError, match="请写明撤销的原因"):
        services.cancel_event(event=event, reason="", by=None)
    back = services.cancel_event(event=event, reason="登记错了人", by=None)
    with pytest.raises(DomainError, match="只能撤销最近一次"):
        services.cancel_event(event=back, reason="又错了", by=None)
