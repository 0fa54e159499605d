"""Seen, followed, labelled, given out, returned, told: who may, and what of it reaches whom."""

from datetime import timedelta

import pytest
from auditlog.models import LogEntry
from django.utils import timezone

from awards.models import Nomination
from members import roles
from members.models import Union, User
from pingtang_union.core.exceptions import DomainError
from pingtang_union.workflow import marking
from pingtang_union.workflow.attention import Assignment, Follow, Label, Labelling, Notice, Return, Seen
from pingtang_union.workflow.table import State
from tests.at_once import at_once, needs_postgresql
from tests.awards.walk import lead, people_for, perform
from tests.factories import NominationFactory, RoundFactory, UserFactory

pytestmark = pytest.mark.django_db
ACTS = {
    "see": lambda one, by: marking.mark_seen(Nomination, [one.pk], by=by),
    "follow": lambda one, by: marking.follow(Nomination, [one.pk], by=by),
    "label": lambda one, by: marking.label(Nomination, [one.pk], Label.objects.get(name="急件"), by=by),
    "labels": lambda one, by: marking.relabel(one, put=[Label.objects.get(name="急件")], taken=[], by=by),
    "assign": lambda one, by: marking.assign(one, by, by=by, instead_of=None),
}


@pytest.fixture
def nomination():
    return lead(NominationFactory(round=RoundFactory(needs_recommendation=False)), State.SUBMITTED)


def kept() -> int:
    return sum(model.objects.count() for model in (Seen, Follow, Labelling, Assignment, Notice))


@pytest.mark.parametrize("act", ACTS)
def test_staff_of_another_county_leaders_and_accounts_without_a_role_mark_nothing(act, nomination, outsider, leader):
    nobody, gone = UserFactory(), UserFactory(union=None, roles=(roles.ECONOMY,))
    for user in (outsider, leader, nobody, gone):
        with pytest.raises(DomainError):
            ACTS[act](nomination, user)
    assert kept() == 0


@pytest.mark.parametrize("act", ["label", "labels", "assign"])
def test_officers_see_their_own_but_put_no_office_marks_on_it(act, nomination):
    with pytest.raises(DomainError, match="不能办理"):
        ACTS[act](nomination, nomination.submitted_by)
    assert kept() == 0


@pytest.mark.parametrize("act", ACTS)
def test_the_desk_marks_twice_with_the_same_result(act, nomination, awards_clerk):
    ACTS[act](nomination, awards_clerk)
    before = kept()
    if act != "assign":
        ACTS[act](nomination, awards_clerk)
    assert (before, kept()) == (1, 1)


def test_a_label_out_of_use_is_put_on_nothing_new_and_taken_off(nomination, awards_clerk):
    urgent, other = Label.objects.get(name="急件"), Label.objects.get(name="待补正")
    marking.relabel(nomination, put=[urgent, other], taken=[], by=awards_clerk)
    Label.objects.filter(pk=urgent.pk).update(is_active=False)
    with pytest.raises(DomainError, match="已停用"):
        marking.label(Nomination, [nomination.pk], Label.objects.get(pk=urgent.pk), by=awards_clerk)
    marking.relabel(nomination, put=[], taken=[urgent], by=awards_clerk)
    assert [one.label for one in Labelling.objects.to(nomination)] == [other]


def test_a_label_is_taken_off_by_who_may_put_it_on_only(nomination, awards_clerk, outsider, leader):
    urgent = Label.objects.get(name="急件")
    marking.label(Nomination, [nomination.pk], urgent, by=awards_clerk)
    for user in (outsider, leader, nomination.submitted_by):
        with pytest.raises(DomainError):
            marking.unlabel(Nomination, [nomination.pk], urgent, by=user)
    assert Labelling.objects.count() == 1
    numbers = [marking.unlabel(Nomination, [nomination.pk], urgent, by=awards_clerk) for _ in range(2)]
    assert (numbers, Labelling.objects.count()) == ([1, 0], 0)


# --- Who works on it -------------------------------------------------------------------------


def test_work_is_given_to_staff_who_see_it_and_they_are_told(nomination, awards_clerk, county_clerk):
    marking.assign(nomination, county_clerk, by=awards_clerk, instead_of=None)
    given = Assignment.objects.to(nomination).get()
    notice = Notice.objects.get()
    assert (given.user, given.by, notice.user) == (county_clerk, awards_clerk, county_clerk)
    assert notice.url == f"/admin/awards/nomination/{nomination.pk}/change/"


@pytest.mark.parametrize("who", ["outsider", "leader", "township_officer", "auditor"])
def test_work_is_given_to_nobody_else(who, nomination, awards_clerk, request):
    with pytest.raises(DomainError, match="另选经办人"):
        marking.assign(nomination, request.getfixturevalue(who), by=awards_clerk, instead_of=None)
    assert (Assignment.objects.count(), Notice.objects.count()) == (0, 0)


def test_who_assigns_by_an_old_page_is_told_who_has_it_now(nomination, awards_clerk, county_clerk):
    marking.assign(nomination, county_clerk, by=awards_clerk, instead_of=None)
    with pytest.raises(DomainError, match="已由宣教经办人分给组织经办人"):
        marking.assign(nomination, awards_clerk, by=awards_clerk, instead_of=None)
    marking.assign(nomination, None, by=awards_clerk, instead_of=county_clerk.pk)
    assert not Assignment.objects.exists()


@needs_postgresql
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_of_two_who_assign_at_once_one_is_told(nomination, awards_clerk, county_clerk):
    people = (awards_clerk, county_clerk)
    done = at_once([lambda to=to: marking.assign(nomination, to, by=awards_clerk, instead_of=None) for to in people])
    refused = [one for one in done if isinstance(one, DomainError)]
    assert (done.count(None), len(refused), Assignment.objects.count()) == (1, 1, 1)


# --- Who is told -----------------------------------------------------------------------------


def test_followers_who_still_see_it_are_told_that_it_moved(nomination, awards_clerk, county_clerk):
    moved_away = UserFactory(roles=(roles.ECONOMY,))
    for user in (awards_clerk, county_clerk, moved_away):
        marking.follow(Nomination, [nomination.pk], by=user)
    User.objects.filter(pk=moved_away.pk).update(
        union=Union.objects.add_root(instance=Union(name="独山县总工会", level="county"))
    )
    perform(nomination, "approve", by=awards_clerk)
    assert [(one.user, "审核通过" in one.words) for one in Notice.objects.all()] == [(county_clerk, True)]


def test_a_return_says_what_where_and_until_when_to_who_filled_it_in(nomination, awards_clerk, signed_in):
    until = timezone.localdate() + timedelta(days=5)
    perform(nomination, "return", by=awards_clerk, reason="获奖证书不清楚", step="papers", until=until)
    back = Return.objects.to(nomination).get()
    assert (back.what, back.step, back.step_label(), back.until, back.by) == (
        "获奖证书不清楚", "papers", "材料", until, awards_clerk,
    )  # fmt: skip
    notice = Notice.objects.get()
    assert (notice.user, notice.url) == (nomination.submitted_by, f"/nominations/{nomination.pk}/")
    page = signed_in(nomination.submitted_by).get(notice.url).content.decode()
    assert "需要修改的部分：材料。" in page
    assert f"请于{until.year}年{until.month}月{until.day}日前修改" in page


@pytest.mark.parametrize("gone", [{"union": None}, {"is_active": False}])
def test_who_filled_it_in_and_is_gone_is_told_nothing(gone, nomination, awards_clerk):
    User.objects.filter(pk=nomination.submitted_by_id).update(**gone)
    perform(nomination, "return", by=awards_clerk, reason="获奖证书不清楚")
    assert not Notice.objects.exists()


@pytest.mark.parametrize("told", [{"step": "nowhere"}, {"until": timezone.localdate() - timedelta(days=3)}])
def test_a_return_to_no_step_or_into_the_past_is_refused(told, nomination, awards_clerk):
    with pytest.raises(DomainError):
        perform(nomination, "return", by=awards_clerk, reason="获奖证书不清楚", **told)
    nomination.refresh_from_db()
    assert (nomination.state, Return.objects.count()) == (State.SUBMITTED, 0)


def test_one_approval_is_one_event_that_holds_every_column(nomination, awards_clerk):
    before = LogEntry.objects.count()
    perform(nomination, "approve", by=awards_clerk)
    entry = LogEntry.objects.get_for_object(nomination).latest("pk")
    assert LogEntry.objects.count() == before + 1
    assert entry.changes["办理"] == ["已提交", "审核通过：县审核通过"]
    assert entry.changes["reviewed_by"] == ["None", str(awards_clerk.pk)]
    assert entry.actor == awards_clerk


def test_each_step_of_a_way_is_one_event():
    nomination = NominationFactory()
    before = LogEntry.objects.get_for_object(nomination).count()
    lead(nomination, State.DECIDED, people_for(nomination))
    events = LogEntry.objects.get_for_object(nomination).count() - before
    assert events == nomination.steps.count()


def test_notices_are_put_away_by_who_was_told(awards_clerk, county_clerk, signed_in):
    mine, other = (
        Notice.objects.create(user=user, words="请看", url="/desk/") for user in (awards_clerk, county_clerk)
    )
    client = signed_in(awards_clerk)
    assert client.post(f"/desk/notices/{other.pk}/").status_code == 404
    assert client.get(f"/desk/notices/{mine.pk}/").status_code == 405
    assert client.post(f"/desk/notices/{mine.pk}/").url == "/desk/"
    assert [one.read_at is None for one in Notice.objects.order_by("pk")] == [False, True]


def test_following_costs_the_same_for_many(awards_clerk, django_assert_num_queries, nomination):
    more = [NominationFactory(round=nomination.round) for _ in range(3)]
    marking.follow(Nomination, [nomination.pk], by=awards_clerk)  # the permissions are known from here on
    for chosen in ([more[0]], more):
        with django_assert_num_queries(2):
            marking.follow(Nomination, [one.pk for one in chosen], by=awards_clerk)
