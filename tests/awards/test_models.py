"""What the database itself refuses, whoever writes."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from awards.models import Award, Nomination, Quota
from awards.services import record_naming, revoke_award
from members import roles
from pingtang_union.core.exceptions import DomainError
from pingtang_union.workflow.table import State
from pingtang_union.workflow.timeline import changes_since_return, offers, timeline
from tests.awards.walk import DOCUMENT, lead, people_for, perform
from tests.factories import (
    AwardFactory,
    HonourFactory,
    MemberFactory,
    NominationFactory,
    QuotaFactory,
    RoundFactory,
    UnionFactory,
    UserFactory,
    honour,
)

pytestmark = pytest.mark.usefixtures("enable_db")


def refuses(change, name: str) -> None:
    with pytest.raises(IntegrityError, match=name.replace("_", ".")), transaction.atomic():
        change()


@pytest.mark.parametrize(
    ("state", "values", "name"),
    [
        (State.SUBMITTED, {"submitted_by": None}, "nomination_submitted_has_person"),
        (State.REVIEWED, {"reviewed_by": None}, "nomination_reviewed_has_person"),
        (State.PUBLICISED, {"publicised_until": None}, "nomination_publicised_has_days"),
        (State.DECIDED, {"decided_at": None}, "nomination_decided_has_person"),
        (State.RETURNED, {"reason": ""}, "nomination_return_has_reason"),
        (State.SUBMITTED, {"naming": "named"}, "nomination_named_after_decision"),
        (State.SUBMITTED, {"county_score": 101}, "nomination_score_in_range"),
    ],
)
def test_a_state_has_what_belongs_to_it(state, values, name, grassroots):
    nomination = lead(NominationFactory(union=grassroots), state)

    refuses(lambda: Nomination.objects.filter(pk=nomination.pk).update(**values), name)


@pytest.mark.parametrize(
    ("one", "other"), [("submitted", "reviewed"), ("recommended", "reviewed"), ("reviewed", "decided")]
)
def test_nobody_stands_at_two_stages(one, other, grassroots):
    nomination = lead(NominationFactory(union=grassroots), State.DECIDED)
    person = getattr(nomination, f"{one}_by")

    refuses(
        lambda: Nomination.objects.filter(pk=nomination.pk).update(**{f"{other}_by": person}),
        f"nomination_{one}_not_{other}",
    )


def test_a_nominee_stands_once_in_a_round_until_given_up(grassroots):
    round_, member = RoundFactory(), MemberFactory(union=grassroots)
    first = NominationFactory(round=round_, union=grassroots, member=member)

    with pytest.raises(IntegrityError), transaction.atomic():
        NominationFactory(round=round_, union=grassroots, member=member)
    lead(first, State.ABANDONED)
    assert NominationFactory(round=round_, union=grassroots, member=member).pk
    assert NominationFactory(union=grassroots, member=member).pk


@pytest.mark.parametrize("values", [{"union": None, "system": ""}, {"system": "教育"}])
def test_a_quota_is_a_unions_or_a_systems(values):
    quota = QuotaFactory()

    refuses(lambda: Quota.objects.filter(pk=quota.pk).update(**values), "quota_of_union_or_system")


def test_an_award_is_given_once_and_revoked_with_reason_and_document(awards_clerk):
    award = AwardFactory(certificate_number="平劳〔2017〕1")
    again = {"honour": award.honour, "union": award.union, "recipient": award.recipient}

    with pytest.raises(IntegrityError), transaction.atomic():
        AwardFactory(**again)
    with pytest.raises(IntegrityError), transaction.atomic():
        AwardFactory(certificate_number=award.certificate_number)
    refuses(lambda: Award.objects.filter(pk=award.pk).update(revoked_on="2020-01"), "award_revoked_has_reason")
    with pytest.raises(DomainError, match="原因"):
        revoke_award(award=award, on="2020-01", reason="", document_number=DOCUMENT, by=awards_clerk)
    with pytest.raises(DomainError, match="不能早于"):
        revoke_award(award=award, on="2016-01", reason="发生责任事故", document_number=DOCUMENT, by=awards_clerk)
    revoke_award(award=award, on="2020-01", reason="发生责任事故", document_number=DOCUMENT, by=awards_clerk)
    assert list(Award.objects.standing()) == []
    with pytest.raises(DomainError, match="已经撤销过"):
        revoke_award(award=award, on="2020-01", reason="发生责任事故", document_number=DOCUMENT, by=awards_clerk)


def test_a_ladder_has_no_circle_and_no_step_down():
    lower = HonourFactory()
    upper = HonourFactory(level="province", below=lower)
    lower.below = upper

    with pytest.raises(ValidationError, match="级别比这个荣誉高"):
        lower.full_clean()
    twin = HonourFactory(below=lower)
    lower.below = twin
    with pytest.raises(ValidationError, match="转成一个圈"):
        lower.full_clean()


def test_a_title_above_the_county_is_sent_up_and_named_later(grassroots, awards_clerk):
    medal = honour("prefecture.may_day_medal")
    nomination = lead(NominationFactory(union=grassroots, round=RoundFactory(honours=[medal])), State.DECIDED)
    said = {"nomination": nomination, "naming": "named", "by": awards_clerk}
    today = timezone.localdate().isoformat()

    assert Award.objects.count() == 0
    with pytest.raises(DomainError, match="时间和文号"):
        record_naming(**said)
    record_naming(**said, on=today, document_number="黔南工发〔2026〕40号")
    assert Award.objects.get().document_number == "黔南工发〔2026〕40号"
    with pytest.raises(DomainError, match="命名结果已登记"):
        record_naming(**said, on=today, document_number="黔南工发〔2026〕40号")


@pytest.mark.parametrize("written", ["平工发(2026)第012号", "平工发[2026] 12 号", "平工发【２０２６】12号"])
def test_a_documents_number_is_put_right_and_anything_else_refused(written, grassroots):
    award = lead(NominationFactory(union=grassroots), State.DECIDED, document=written).award

    assert award.document_number == "平工发〔2026〕12号"


def test_a_title_above_the_county_wants_a_documents_number_too(grassroots):
    medal = honour("prefecture.may_day_medal")
    nomination = NominationFactory(union=grassroots, round=RoundFactory(honours=[medal]))

    with pytest.raises(DomainError, match="文号要写成"):
        lead(nomination, State.DECIDED, document="口头通知")


# --- What pages say --------------------------------------------------------------------------


def test_what_changed_since_it_came_back(grassroots):
    nomination = NominationFactory(union=grassroots, deeds="写得笼统")
    people = people_for(nomination)
    nomination = lead(nomination, State.RETURNED, people)
    nomination.deeds = "写得具体"
    nomination.save()
    perform(nomination, "submit", by=people["submit"])

    found = changes_since_return(nomination.steps.all())
    assert [(one.label, one.before, one.after) for one in found] == [("事迹材料", "写得笼统", "写得具体")]


def test_the_timeline_tells_done_now_and_ahead(grassroots):
    nomination = lead(NominationFactory(union=grassroots), State.SUBMITTED)
    moments = [(one.label, one.kind) for one in timeline(nomination, list(nomination.steps.all()))]

    assert moments == [
        ("提交", "done"), ("已提交", "now"), ("推荐", "ahead"), ("审核通过", "ahead"), ("开始公示", "ahead"),
        ("作出决定", "ahead"),
    ]  # fmt: skip


def test_offers_follow_role_and_state(grassroots, township_officer):
    nomination = lead(NominationFactory(union=grassroots), State.SUBMITTED)
    county = UserFactory(roles=(roles.ECONOMY,))

    assert {one.transition.name for one in offers(nomination, township_officer)} == {
        "recommend",
        "send_back",
    }
    found = {one.transition.name: one.why_not for one in offers(nomination, county)}
    assert set(found) == {"approve", "return", "reject"}
    assert found["approve"] == ("要先由上级工会（乡镇或系统）推荐",)


def test_another_unions_nominations_take_no_place_of_ours():
    round_ = RoundFactory(needs_recommendation=False)
    ours, theirs = UnionFactory(), UnionFactory()
    QuotaFactory(round=round_, union=ours, places=1)
    lead(NominationFactory(round=round_, union=theirs), State.SUBMITTED)

    assert lead(NominationFactory(round=round_, union=ours), State.SUBMITTED).submitted_at <= timezone.now()
    with pytest.raises(DomainError, match="1 个名额已经用完"):
        lead(NominationFactory(round=round_, union=ours), State.SUBMITTED)
