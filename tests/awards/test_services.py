"""What services of nominations and awards write, and what they refuse."""

from decimal import Decimal

import pytest
from django.utils import timezone

from awards import services
from awards.models import Award, Nomination, NominationFile, VetoAnswer
from awards.services.nominations import MOST_FILES
from members import roles
from members.models import Union
from pingtang_union.core.exceptions import DomainError
from pingtang_union.workflow.attachments import CheckedFile
from pingtang_union.workflow.moving import remove_file
from pingtang_union.workflow.table import State
from tests.awards.walk import DOCUMENT, lead, people_for, perform
from tests.factories import (
    AwardFactory,
    CadreFactory,
    MemberFactory,
    NominationFactory,
    PaperFactory,
    RequiredOpinionFactory,
    RoundFactory,
    UnionFactory,
    UserFactory,
    VetoFactory,
    honour,
)

pytestmark = pytest.mark.usefixtures("enable_db")
PAPER = CheckedFile("证明.pdf", "application/pdf", b"%PDF-1.7")


def again(one):
    return type(one).objects.get(pk=one.pk)


def draft_of(union, **said) -> Nomination:
    round_ = said.pop("round", None) or RoundFactory()
    return NominationFactory.build(round=round_, honour=round_.honours.first(), union=union, **said)


# --- Filling in ------------------------------------------------------------------------------


def test_who_begins_what(grassroots, officer, awards_clerk):
    started = services.start_nomination(nomination=draft_of(grassroots), by=officer)

    assert (started.state, started.created_by, started.revision) == (State.DRAFT, officer, 1)
    with pytest.raises(DomainError, match="您的账号不能申报"):
        services.start_nomination(nomination=draft_of(grassroots), by=awards_clerk)
    with pytest.raises(DomainError, match="只能为自己的工会或下级工会申报"):
        services.start_nomination(nomination=draft_of(UnionFactory()), by=officer)


def test_nobody_is_put_up_in_another_countys_round(officer, grassroots, outsider):
    theirs = RoundFactory(union=outsider.union)

    with pytest.raises(DomainError, match="不面向这个工会"):
        services.start_nomination(nomination=draft_of(grassroots, round=theirs), by=officer)


def test_nobody_puts_up_people_of_another_union(officer, grassroots):
    elsewhere = UnionFactory()
    strangers = [
        {"member": MemberFactory(union=elsewhere)},
        {"cadre": CadreFactory(union=elsewhere)},
        {"nominee_union": elsewhere, "kind": "collective"},
    ]
    mine = services.start_nomination(nomination=draft_of(grassroots), by=officer)

    for stranger in strangers:
        with pytest.raises(DomainError, match="只能推荐本工会和下级工会的个人和集体"):
            services.start_nomination(nomination=draft_of(grassroots, **stranger), by=officer)
        with pytest.raises(DomainError, match="只能推荐本工会和下级工会的个人和集体"):
            services.change_nomination(nomination=mine, by=officer, values=stranger)


@pytest.mark.parametrize("name", ["state", "union", "round", "is_direct", "county_score", "submitted_by", "naming"])
def test_only_what_is_filled_in_is_changed(officer, grassroots, name):
    nomination = NominationFactory(union=grassroots)

    with pytest.raises(ValueError, match=name):
        services.change_nomination(nomination=nomination, by=officer, values={name: None})


def test_changing_grows_the_revision_and_a_wrong_value_changes_nothing(officer, grassroots):
    nomination = NominationFactory(union=grassroots)

    services.change_nomination(nomination=nomination, by=officer, values={"position": "调度员"})
    with pytest.raises(DomainError, match="事迹材料最多 2000 字，现在是 2001 字"):
        services.change_nomination(nomination=nomination, by=officer, values={"deeds": "字" * 2001})
    with pytest.raises(DomainError, match="推荐对象类别不符"):
        services.change_nomination(nomination=nomination, by=officer, values={"kind": "collective"})

    assert (again(nomination).position, again(nomination).revision) == ("调度员", 2)


def test_what_was_handed_in_stays_when_the_record_changes(grassroots, awards_clerk):
    member = MemberFactory(union=grassroots, name="韦春牙")
    nomination = NominationFactory(union=grassroots, member=member)
    people = people_for(nomination)
    member.name = "韦春芽"
    member.save()
    assert lead(nomination, State.SUBMITTED, people).name == "韦春芽"  # until it is handed in it follows
    member.name = "韦某某"
    member.save()
    services.score_nomination(nomination=nomination, score=Decimal(90), by=awards_clerk)
    perform(nomination, "recommend", by=people["recommend"])

    assert (again(nomination).name, again(nomination).steps.first().content["推荐对象"]) == ("韦春芽", "韦春芽")


def test_papers_answers_and_files_belong_to_the_round(officer, grassroots):
    round_ = RoundFactory()
    paper, veto = PaperFactory(round=round_), VetoFactory(round=round_)
    nomination = NominationFactory(round=round_, union=grassroots)

    services.tick_papers(nomination=nomination, ready=[paper, PaperFactory()], by=officer)
    services.answer_vetoes(nomination=nomination, answers={veto: (True, "  已整改 ")}, by=officer)
    with pytest.raises(DomainError, match="不是这次评选的否决情形"):
        services.answer_vetoes(nomination=nomination, answers={VetoFactory(): (False, "")}, by=officer)
    with pytest.raises(DomainError, match="不是这次评选要的材料"):
        services.add_file(nomination=nomination, checked=PAPER, paper=PaperFactory(), by=officer)

    assert [(one.paper, one.is_ready) for one in nomination.papers.all()] == [(paper, True)]
    assert VetoAnswer.objects.get().explanation == "已整改"
    services.tick_papers(nomination=nomination, ready=[], by=officer)
    assert [one.is_ready for one in nomination.papers.all()] == [False]
    with pytest.raises(DomainError, match="按规定不能推荐"):
        perform(nomination, "submit", by=officer)


def test_no_more_files_than_an_office_can_read(officer, grassroots):
    nomination = NominationFactory(union=grassroots)
    for _ in range(MOST_FILES):
        services.add_file(nomination=nomination, checked=PAPER, paper=None, by=officer)

    with pytest.raises(DomainError, match=f"最多 {MOST_FILES} 个附件"):
        services.add_file(nomination=nomination, checked=PAPER, paper=None, by=officer)
    remove_file(file=nomination.files.first(), by=officer)
    assert NominationFile.objects.count() == MOST_FILES - 1
    lead(nomination, State.SUBMITTED, {**people_for(nomination), "submit": officer})
    with pytest.raises(DomainError, match="内容不能改"):
        remove_file(file=nomination.files.first(), by=officer)


# --- The county's part -----------------------------------------------------------------------


def test_who_approves_has_seen_score_and_opinions(grassroots, awards_clerk):
    required = RequiredOpinionFactory()
    nomination = NominationFactory(union=grassroots, round=required.round)
    people = people_for(nomination)
    seen = lead(nomination, State.RECOMMENDED, people).revision
    today = timezone.localdate()

    services.record_opinion(nomination=nomination, required=required, verdict="agrees", on=today, by=awards_clerk)
    services.score_nomination(nomination=nomination, score=Decimal("92.5"), by=awards_clerk)

    assert again(nomination).revision == seen + 2
    with pytest.raises(DomainError, match="内容有了变动"):
        perform(nomination, "approve", by=people["approve"], seen=seen)


def test_a_department_is_asked_heard_and_may_object_late(grassroots, awards_clerk):
    required = RequiredOpinionFactory(department="税务部门")
    nomination = NominationFactory(union=grassroots, round=required.round)
    people = people_for(nomination)
    said = {"nomination": nomination, "required": required, "on": timezone.localdate(), "by": awards_clerk}
    lead(nomination, State.RECOMMENDED, people)

    with pytest.raises(DomainError, match="还没有登记税务部门的意见"):
        perform(nomination, "approve", by=people["approve"])
    with pytest.raises(DomainError, match="不同意要写明原因"):
        services.record_opinion(**said, verdict="objects")
    with pytest.raises(DomainError, match="不征求这个部门"):
        services.record_opinion(**{**said, "required": RequiredOpinionFactory()}, verdict="agrees")
    services.record_opinion(**said, verdict="agrees")
    perform(nomination, "approve", by=people["approve"])
    services.record_opinion(**said, verdict="objects", note="查实欠税")
    with pytest.raises(DomainError, match="税务部门不同意"):
        perform(nomination, "publicise", by=people["publicise"])
    assert nomination.opinions.count() == 1


@pytest.mark.parametrize("state", [State.DRAFT, State.RETURNED, State.DECIDED, State.REJECTED, State.ABANDONED])
def test_nothing_is_scored_that_isnt_under_review(grassroots, awards_clerk, state):
    nomination = lead(NominationFactory(union=grassroots), state)

    with pytest.raises(DomainError, match="不能评分和登记意见"):
        services.score_nomination(nomination=nomination, score=Decimal(90), by=awards_clerk)


def test_who_scores(grassroots, officer, outsider, awards_clerk):
    both = UserFactory(roles=(roles.ORGANISATION, roles.ECONOMY))
    nomination = NominationFactory(union=grassroots, created_by=both)
    lead(nomination, State.SUBMITTED, {**people_for(nomination), "submit": both})
    said = {"nomination": nomination, "score": Decimal(90)}

    for by, words in ((outsider, "不在您的管理范围"), (officer, "不能评分"), (both, "您自己提交的")):
        with pytest.raises(DomainError, match=words):
            services.score_nomination(**said, by=by)
    with pytest.raises(DomainError, match="0 至 100"):
        services.score_nomination(**{**said, "score": Decimal(101)}, by=awards_clerk)
    assert again(nomination).county_score is None


# --- Awards ----------------------------------------------------------------------------------


def test_what_a_superior_answers_is_recorded_once_and_in_order(grassroots, awards_clerk, officer, outsider):
    medal = honour("prefecture.may_day_medal")
    nomination = NominationFactory(union=grassroots, round=RoundFactory(honours=[medal]))
    said = {"nomination": nomination, "naming": "not_named"}
    lead(nomination, State.SUBMITTED)

    for by, words in (
        (outsider, "不在您的管理范围"),
        (officer, "不能登记命名结果"),
        (awards_clerk, "作出上报决定以后"),
    ):
        with pytest.raises(DomainError, match=words):
            services.record_naming(**said, by=by)
    decided = lead(NominationFactory(union=grassroots, round=RoundFactory(honours=[medal])), State.DECIDED)
    said = {"nomination": decided, "document_number": DOCUMENT, "by": awards_clerk}
    for wrong, words in (
        ({"naming": "named", "on": "2199"}, "晚于今天"),
        ({"naming": "named", "on": "2018-02-30"}, "2018-03"),
        ({"naming": "perhaps"}, "请选择命名结果"),
    ):
        with pytest.raises(DomainError, match=words):
            services.record_naming(**said, **wrong)
    assert (again(decided).naming, Award.objects.count()) == ("", 0)
    services.record_naming(**said, naming="not_named", note="名额所限")
    assert (again(decided).naming, Award.objects.count()) == ("not_named", 0)


def test_the_countys_own_title_has_no_superior(grassroots, awards_clerk):
    decided = lead(NominationFactory(union=grassroots), State.DECIDED)

    with pytest.raises(DomainError, match="不需登记上级命名"):
        services.record_naming(nomination=decided, naming="named", by=awards_clerk)


def test_an_award_of_the_same_name_on_that_day_is_no_second(grassroots):
    nomination = NominationFactory(union=grassroots)
    people = people_for(nomination)
    one = lead(nomination, State.PUBLICISED, people)
    Nomination.objects.update(publicised_from="2026-03-02", publicised_until="2026-03-09")
    AwardFactory(honour=one.honour, union=grassroots, recipient=one.name, awarded_on=timezone.localdate().isoformat())

    with pytest.raises(DomainError, match=f"{one.name}：同一天授予的同一个荣誉已经登记过"):
        perform(nomination, "decide", by=people["decide"], details={"decision_document": DOCUMENT})
    assert again(one).state == State.PUBLICISED


def test_two_who_register_the_same_at_once_are_told(grassroots, monkeypatch):
    nomination = lead(NominationFactory(union=grassroots), State.DECIDED)
    monkeypatch.setattr(Award, "full_clean", lambda self: None)  # neither has seen the other's row

    with pytest.raises(DomainError, match="刚刚有人登记过"):
        nomination.give(on="2026-11-01", document_number=DOCUMENT)


def test_who_takes_a_title_back_and_when(awards_clerk, county_clerk, outsider):
    award = AwardFactory(union=Union.objects.get(path="0001"))
    said = {"award": award, "on": "2020-01", "reason": "发生责任事故", "document_number": DOCUMENT}

    for by, words in ((outsider, "不在您的管理范围"), (county_clerk, "您的账号不能撤销荣誉")):
        with pytest.raises(DomainError, match=words):
            services.revoke_award(**said, by=by)
    for wrong, words in (
        ({"on": "2199-01"}, "晚于今天"),
        ({"document_number": "12号"}, "文号要写成"),
        ({"on": "2020-13"}, "2018-03"),
    ):
        with pytest.raises(DomainError, match=words):
            services.revoke_award(**{**said, **wrong}, by=awards_clerk)
    assert again(award).is_standing
    services.revoke_award(**said, by=awards_clerk)
    assert (again(award).is_standing, again(award).revoked_by) == (False, awards_clerk)
