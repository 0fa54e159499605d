"""Rounds as unions read them: announced ones, places, what they have put up."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from pingtang_union.workflow.table import State
from tests.awards.walk import lead
from tests.factories import (
    NominationFactory,
    PaperFactory,
    QuotaFactory,
    RatioFactory,
    RequiredOpinionFactory,
    RoundFactory,
    UnionFactory,
    VetoFactory,
)

pytestmark = pytest.mark.django_db
LIST = "/rounds/"


def page(round_):
    return reverse("awards:round_detail", args=[round_.pk])


def days(number):
    return timezone.localdate() + timedelta(days=number)


def test_open_rounds_come_first_by_when_they_close(signed_in, officer):
    late = RoundFactory(closes_on=days(20))
    soon = RoundFactory(closes_on=days(3))
    past = RoundFactory(opens_on=days(-20), closes_on=days(-1))
    ended = RoundFactory(opens_on=days(-30), closes_on=days(5), closed_on=days(-2))
    shown = signed_in(officer).get(LIST).context

    assert [(one.round, one.words, one.urgency) for one in shown["open_rows"]] == [
        (soon, "还有 3 天", "is-warn"),
        (late, "还有 20 天", ""),
    ]
    assert [(one.round, one.words) for one in shown["other_rows"]] == [(ended, "已结束"), (past, "申报已截止")]


def test_officers_know_of_no_round_before_it_opens(signed_in, officer, awards_clerk):
    coming = RoundFactory(opens_on=days(1))
    own, office = signed_in(officer), signed_in(awards_clerk)

    assert (own.get(LIST).context["page_obj"].paginator.count, own.get(page(coming)).status_code) == (0, 404)
    assert own.get(f"{reverse('awards:nomination_create')}?round={coming.pk}").status_code == 404
    assert [one.words for one in office.get(LIST).context["other_rows"]] == ["尚未开始"]
    assert office.get(page(coming)).status_code == 200


def test_another_countys_round_is_not_there(signed_in, officer, outsider):
    foreign = RoundFactory(union=outsider.union)
    client = signed_in(officer)

    assert (client.get(LIST).context["page_obj"].paginator.count, client.get(page(foreign)).status_code) == (0, 404)


def test_places_of_the_own_union_are_counted_and_shared_ones_named(signed_in, officer, township, township_officer):
    union = officer.union
    union.system = "教育"
    union.save()
    round_ = RoundFactory()
    QuotaFactory(round=round_, union=township, places=5)
    QuotaFactory(round=round_, union=union, places=2)
    QuotaFactory(round=round_, union=None, system="教育", places=4)
    QuotaFactory(round=round_, places=9)  # of another union
    lead(NominationFactory(round=round_, union=union), State.RECOMMENDED)
    lead(NominationFactory(round=round_, union=UnionFactory(parent=township)), State.RECOMMENDED)

    def shares(user):
        return {
            (one.holder, one.places, one.used, one.left)
            for one in signed_in(user).get(page(round_)).context["seen"].shares
        }

    assert shares(officer) == {
        (township.name, 5, None, None),
        (union.name, 2, 1, 1),
        ("教育系统", 4, None, None),
    }
    assert shares(township_officer) == {(township.name, 5, 2, 3)}


def test_what_the_own_unions_have_put_up(signed_in, officer, township_officer, township):
    round_ = RoundFactory()
    draft = NominationFactory(round=round_, union=officer.union)
    lead(NominationFactory(round=round_, union=UnionFactory(parent=township)), State.SUBMITTED)
    lead(NominationFactory(round=round_, union=officer.union), State.ABANDONED)
    NominationFactory(round=round_)

    def counted(user):
        seen = signed_in(user).get(LIST).context["open_rows"][0]
        return seen.drafts, seen.handed_in

    assert (counted(officer), counted(township_officer)) == ((1, 0), (1, 1))
    shown = signed_in(officer).get(page(round_)).context
    assert (list(shown["nominations"]), shown["total"]) == ([draft], 1)


def test_the_call_is_told_in_plain_words(signed_in, officer):
    round_ = RoundFactory(call_document="平工发〔2026〕3号", note="面向一线")
    PaperFactory(round=round_, title="审批表", copies=3, needs_file=True)
    PaperFactory(round=round_, title="企业意见", applies_to="enterprise_head")
    RequiredOpinionFactory(round=round_, department="税务部门")
    VetoFactory(round=round_, period="近三年内")
    RatioFactory(round=round_)
    text = signed_in(officer).get(page(round_)).content.decode()

    said = ("平工发〔2026〕3号", "面向一线", "审批表", "3 份，须上传扫描件", "所有推荐对象", "企业负责人", "税务部门",
            "近三年内拖欠职工工资", "产业工人不低于 35%")  # fmt: skip
    assert [words for words in said if words not in text] == []


def test_who_may_nominate_is_led_to_it(signed_in, officer, awards_clerk):
    round_ = RoundFactory()
    address = f"{reverse('awards:nomination_create')}?round={round_.pk}"

    found = [address in signed_in(user).get(page(round_)).content.decode() for user in (officer, awards_clerk)]
    assert found == [True, False]


def test_the_slate_is_for_those_who_recommend_or_review(signed_in, officer, township_officer, awards_clerk):
    round_ = RoundFactory()
    address = reverse("awards:round_slate", args=[round_.pk])

    users = (officer, township_officer, awards_clerk)
    assert [address in signed_in(user).get(page(round_)).content.decode() for user in users] == [False, True, True]


def test_rounds_are_paged(signed_in, officer):
    for _ in range(21):
        RoundFactory()
    client = signed_in(officer)

    assert [len(client.get(LIST, {"page": page}).context["open_rows"]) for page in (1, 2)] == [20, 1]


@pytest.mark.parametrize("which", ["list", "detail"])
def test_pages_ask_the_same_questions_of_few_and_many(signed_in, township_officer, township, which):
    client = signed_in(township_officer)
    counted = []
    for number in (1, 2):
        for _ in range(number):
            round_ = RoundFactory()
            for _ in range(number):
                union = UnionFactory(parent=township)
                QuotaFactory(round=round_, union=union)
                PaperFactory(round=round_)
                NominationFactory(round=round_, union=union)
            QuotaFactory(round=round_, union=township)
        address = LIST if which == "list" else page(round_)
        client.get(address)
        with CaptureQueriesContext(connection) as captured:
            client.get(address)
        counted.append(len(captured))
    assert counted[0] == counted[1]
