"""What the workbench says of honours: what is due, what waits, what came back and why."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from awards import todo as honours
from awards.models import Nomination, SelectionRound
from pingtang_union.core.todo import CAME_BACK_WITHIN_DAYS
from pingtang_union.workflow.table import State
from tests.awards.walk import lead, people_for, perform
from tests.factories import NominationFactory, PaperFactory, QuotaFactory, RoundFactory, UnionFactory, UserFactory

pytestmark = pytest.mark.django_db


def todo(user):
    return [(item.title, item.badge, item.urgency) for item in honours.todo(user, timezone.localdate())]


def came_back(user):
    return honours.came_back(user, timezone.now() - timedelta(days=CAME_BACK_WITHIN_DAYS))


def back(user):
    return [(item.title, item.badge, item.reasons) for _at, item in came_back(user)]


def close(round_):
    SelectionRound.objects.filter(pk=round_.pk).update(closed_on=timezone.localdate())


# --- Rounds --------------------------------------------------------------------------------


def test_an_open_round_with_a_place_is_due_until_somebody_is_put_up(officer):
    round_ = RoundFactory(closes_on=timezone.localdate() + timedelta(days=3))
    QuotaFactory(round=round_, union=officer.union, places=2)
    NominationFactory(round=round_)  # of another union
    assert todo(officer) == [(round_.title, "还有 3 天", "is-warn")]

    [item] = honours.todo(officer, timezone.localdate())
    assert item.text == "评选推荐正在进行，本单位尚未推荐。本工会有 2 个名额。"
    assert item.steps[0].url == f"{reverse('awards:nomination_create')}?round={round_.pk}"

    lead(NominationFactory(round=round_, union=officer.union), State.SUBMITTED)
    assert todo(officer) == []


def test_who_gave_up_has_put_up_nobody(officer):
    round_ = RoundFactory()
    lead(NominationFactory(round=round_, union=officer.union), State.ABANDONED)

    assert [title for title, _badge, _urgency in todo(officer)] == [round_.title]


@pytest.mark.parametrize("opens", [-20, 1])
def test_rounds_that_take_nobody_are_not_due(officer, opens):
    day = timezone.localdate() + timedelta(days=opens)
    RoundFactory(opens_on=day, closes_on=day + timedelta(days=5))

    assert todo(officer) == []


def test_without_a_place_nothing_is_due(officer, township):
    taken, none = RoundFactory(), RoundFactory()
    QuotaFactory(round=none, union=officer.union, places=0)
    QuotaFactory(round=taken, union=township, places=1)
    lead(NominationFactory(round=taken, union=UnionFactory(parent=township)), State.RECOMMENDED)

    assert todo(officer) == []


def test_a_township_is_reminded_while_nobody_below_was_put_up(township_officer, grassroots):
    round_ = RoundFactory()
    assert [title for title, *_rest in todo(township_officer)] == [round_.title]
    NominationFactory(round=round_, union=grassroots)
    assert todo(township_officer) == []


def test_reviewers_are_not_asked_to_put_up_anybody(awards_clerk):
    RoundFactory()

    assert todo(awards_clerk) == []


# --- Drafts and what was sent back -----------------------------------------------------------


def test_a_draft_says_what_is_missing(officer):
    draft = NominationFactory(union=officer.union, deeds="", round__closes_on=timezone.localdate())
    PaperFactory(round=draft.round)
    [item] = honours.todo(officer, timezone.localdate())

    assert (item.title, item.badge) == (str(draft), "今天截止")
    assert item.text == f"{draft.round}的推荐草稿。还有 2 项未填。"
    assert [(step.label, step.url) for step in item.steps] == [
        ("继续填写", reverse("awards:nomination_check", args=[draft.pk]))
    ]


def test_what_was_sent_back_says_why_once(officer):
    returned = lead(NominationFactory(union=officer.union), State.RETURNED)
    [item] = honours.todo(officer, timezone.localdate())

    assert (item.title, item.badge, item.reasons) == (str(returned), "退回修改", ["原因：事迹要写得具体"])
    assert [step.label for step in item.steps] == ["修改", "检查并提交"]
    assert back(officer) == []


def test_after_the_close_it_came_back_and_is_due_no_more(officer):
    returned = lead(NominationFactory(union=officer.union), State.RETURNED)
    close(returned.round)

    assert todo(officer) == []
    assert back(officer) == [(str(returned), "退回修改", ["原因：事迹要写得具体"])]


def test_drafts_of_others_are_theirs(officer, township_officer, township):
    NominationFactory(union=UnionFactory(parent=township))
    NominationFactory()

    assert [todo(user) for user in (officer, township_officer)] == [
        [(one.title, "还有 10 天", "") for one in SelectionRound.objects.order_by("closes_on", "pk")],
        [(SelectionRound.objects.order_by("pk").last().title, "还有 10 天", "")],
    ]


def test_a_refusal_came_back_for_two_months(officer, township_officer):
    refused = lead(NominationFactory(union=officer.union), State.REJECTED)
    elsewhere = lead(NominationFactory(round=refused.round), State.REJECTED)
    assert elsewhere.state == State.REJECTED

    found = [(str(refused), "不予通过", ["原因：事迹要写得具体"])]
    assert (todo(officer), back(officer), back(township_officer)) == ([], found, found)
    [(_at, item)] = came_back(township_officer)
    assert item.text.startswith(f"{officer.union}，{refused.round}，")
    with time_machine.travel(timezone.now() + timedelta(days=61), tick=False):
        assert back(officer) == []


def test_only_the_latest_return_is_told(officer, grassroots):
    nomination = NominationFactory(union=grassroots)
    people = people_for(nomination)
    lead(nomination, State.RETURNED, people)
    perform(nomination, "submit", by=people["submit"])
    assert back(officer) == []

    again = perform(nomination, "send_back", by=people["recommend"], reason="照片也要换")
    close(again.round)
    assert back(officer) == [(str(again), "退回修改", ["原因：照片也要换"])]


# --- Under way -------------------------------------------------------------------------------


def test_what_was_handed_in_says_where_it_is_and_since_when(officer, township_officer, grassroots):
    today = timezone.localdate()
    sent = lead(NominationFactory(union=grassroots, round__needs_recommendation=False), State.SUBMITTED)
    shown = lead(NominationFactory(union=grassroots), State.PUBLICISED)
    for state in (State.DRAFT, State.RETURNED, State.DECIDED):
        lead(NominationFactory(union=grassroots), state)
    lead(NominationFactory(), State.SUBMITTED)  # of another union
    NominationFactory(union=grassroots)

    found = {item.title: (item.badge, item.urgency, item.text) for item in honours.under_way(officer)}
    assert found == {
        str(sent): ("已提交", "is-info", f"等待县总工会审核，自 {today} 起"),
        str(shown): ("公示中", "is-notice", f"公示至 {shown.publicised_until}，自 {today} 起"),
    }
    assert honours.under_way(township_officer) == []  # neither its own nor passed on by it


# --- Waiting for a township ----------------------------------------------------------------


def test_what_waits_for_a_township_is_counted_by_round(township_officer, township):
    until = timezone.localdate() + timedelta(days=2)
    first, second = RoundFactory(recommend_by=until), RoundFactory()
    for round_ in (first, first, second):
        lead(NominationFactory(round=round_, union=UnionFactory(parent=township)), State.SUBMITTED)
    own = NominationFactory(round=second, union=UnionFactory(parent=township), created_by=township_officer)
    perform(own, "submit", by=township_officer)
    lead(NominationFactory(round=second), State.SUBMITTED)  # of another township

    items = honours.recommend_items(township_officer, timezone.localdate())
    assert [(item.title, item.badge, item.text[:7]) for item in items] == [
        (first.title, "还有 2 天", "有 2 份推荐"),
        (second.title, "待您推荐", "有 1 份推荐"),
    ]
    assert items[0].steps[0].url == f"{reverse('awards:nomination_list')}?show=waiting&round={first.pk}"


def test_officers_are_not_asked_to_recommend(officer):
    lead(NominationFactory(union=officer.union), State.SUBMITTED)

    assert todo(officer) == []


def test_the_workbench_shows_it(client, officer):
    lead(NominationFactory(union=officer.union, name="石梅"), State.RETURNED)
    client.force_login(officer)
    response = client.get("/workbench/")

    assert "原因：事迹要写得具体" in response.content.decode()
    assert {"评选推荐", "荣誉", "荣誉阶梯", "星级自评"} <= {item["label"] for item in response.context["nav_items"]}


def test_an_account_without_the_role_hears_nothing(client):
    round_ = RoundFactory(title="某次评选")
    NominationFactory(round=round_)
    client.force_login(UserFactory())

    assert "某次评选" not in client.get("/workbench/").content.decode()
    assert Nomination.objects.count() == 1
