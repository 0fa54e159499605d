"""What `perform` asks beside the table, and objections. Nominations stand for all applications."""

from datetime import date, datetime, timedelta

import pytest
import time_machine
from django.db import IntegrityError
from django.utils import timezone

from awards.models import Nomination, NominationObjection
from awards.services import change_nomination
from members import roles
from pingtang_union.core.exceptions import DomainError
from pingtang_union.workflow import moving
from pingtang_union.workflow.models import ObjectionState
from pingtang_union.workflow.moving import locked_for_edit, may_edit
from pingtang_union.workflow.objections import record_objection, settle_objection
from pingtang_union.workflow.rules import PublicityRule
from pingtang_union.workflow.table import LONGEST_REASON, TRANSITIONS, State, diagram, transitions_of
from pingtang_union.workflow.timeline import changes_between, offers, timeline
from tests.awards import cards
from tests.awards.walk import DOCUMENT, lead, people_for, perform
from tests.factories import CadreFactory, MemberFactory, NominationFactory, RoundFactory, UserFactory, id_number

pytestmark = pytest.mark.usefixtures("enable_db")
DECISION = {"details": {"decision_document": DOCUMENT}}


def later(days: int) -> time_machine.travel:
    return time_machine.travel(timezone.now() + timedelta(days=days), tick=False)


@pytest.fixture
def nomination(grassroots):
    return NominationFactory(union=grassroots)


@pytest.fixture
def people(nomination):
    return people_for(nomination)


def objected(one, by, **said) -> NominationObjection:
    said = {"received_on": timezone.localdate(), "way": "call", "text": "事迹与实际不符", **said}
    return record_objection(one, by=by, **said)


# --- What is asked ---------------------------------------------------------------------------


def test_the_table_is_whole():
    """Each line has a name of its own, leaves no end behind, and no office's line lacks its word before it is done."""
    keys = [(one.name, one.publicity) for one in TRANSITIONS]

    assert len(keys) == len(set(keys))
    assert {source for one in TRANSITIONS for source in one.sources} == set(State) - {
        State.DECIDED, State.REJECTED, State.ABANDONED,
    }  # fmt: skip
    assert [one.name for one in TRANSITIONS if not one.intro] == []
    assert len(diagram().splitlines()) == len(TRANSITIONS)


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("", "至少 4 个字"),
        ("不 行", "至少 4 个字"),
        ("  \n 不行 \t ", "至少 4 个字"),
        ("长" * (LONGEST_REASON + 1), f"最多写 {LONGEST_REASON} 个字"),
    ],
)
def test_a_reason_is_asked_for_and_kept_short(nomination, people, reason, said):
    lead(nomination, State.RECOMMENDED, people)

    with pytest.raises(DomainError, match=said):
        perform(nomination, "return", by=people["approve"], reason=reason)
    assert Nomination.objects.get().state == State.RECOMMENDED


def test_a_returned_one_says_why_and_forgets_who_had_passed_it_on(nomination, people):
    lead(nomination, State.REVIEWED, people)
    returned = perform(nomination, "return", by=people["publicise"], reason=" 事迹要\n写得具体 ")

    assert returned.reason == "事迹要 写得具体"
    assert (returned.submitted_by, returned.recommended_by, returned.reviewed_by) == (people["submit"], None, None)
    assert returned.steps.last().reason == returned.reason


def test_only_what_a_transition_asks_for_is_taken(nomination, people):
    with pytest.raises(ValueError, match="asks for no"):
        perform(nomination, "submit", by=people["submit"], details={"county_score": 100})
    lead(nomination, State.PUBLICISED, people)
    with later(20), pytest.raises(DomainError, match="决定文号"):
        perform(nomination, "decide", by=people["decide"], details={"decision_document": "文" * 51})


@pytest.mark.parametrize("name", ["nothing", "confirm", "", "__class__"])
def test_there_are_no_other_transitions(nomination, people, name):
    with pytest.raises(DomainError, match="没有这样的办理事项"):
        perform(nomination, name, by=people["submit"])


def test_the_database_speaks_in_words(grassroots, people):
    """A member and a cadre turn out to be one person after both were put up."""
    number, round_ = id_number(), RoundFactory()
    member, cadre = MemberFactory(union=grassroots, id_number=number), CadreFactory(union=grassroots)
    NominationFactory(round=round_, union=grassroots, member=member)
    draft = NominationFactory(round=round_, union=grassroots, cadre=cadre)
    cadre.id_number = number
    cadre.save()

    with pytest.raises(DomainError, match="一次评选只能推荐一次"):
        perform(draft, "submit", by=people["submit"])


def test_a_fault_of_the_program_is_no_refusal(nomination, people, monkeypatch):
    def torn(self, *args, **kwargs):
        raise IntegrityError("something else")

    monkeypatch.setattr(Nomination, "save", torn)

    with pytest.raises(IntegrityError, match="something else"):
        perform(nomination, "submit", by=people["submit"])


def test_editing_ends_with_handing_in(nomination, people, outsider):
    with pytest.raises(DomainError, match="不在您的管理范围"):
        locked_for_edit(nomination, by=outsider)
    with pytest.raises(DomainError, match="您的账号不能修改"):
        locked_for_edit(nomination, by=people["approve"])
    lead(nomination, State.SUBMITTED, people)
    with pytest.raises(DomainError, match="「已提交」，内容不能改；要改请先撤回"):
        locked_for_edit(nomination, by=people["submit"])


# --- Publicity -------------------------------------------------------------------------------


def test_without_a_rule_nothing_is_publicised(nomination, people):
    PublicityRule.objects.all().delete()
    lead(nomination, State.REVIEWED, people)

    with pytest.raises(DomainError, match="还没有登记公示期规定"):
        perform(nomination, "publicise", by=people["publicise"])


def test_decided_on_the_day_after_the_last(nomination, people):
    one = lead(nomination, State.PUBLICISED, people)
    last = datetime.combine(one.publicised_until, datetime.min.time(), timezone.get_current_timezone())

    with time_machine.travel(last + timedelta(hours=23), tick=False), pytest.raises(DomainError, match="期满后才能"):
        perform(nomination, "decide", by=people["decide"], **DECISION)
    with time_machine.travel(last + timedelta(hours=25), tick=False):
        assert perform(nomination, "decide", by=people["decide"], **DECISION).state == State.DECIDED


def test_holidays_known_later_only_lengthen(nomination):
    """Publicised over the New Year of 2019, whose holidays count, though the day was reckoned by weekdays only."""
    nomination.publicised_from, nomination.publicity_days = date(2018, 12, 28), 5
    nomination.publicised_until = date(2019, 1, 4)
    assert nomination.publicity().day == date(2019, 1, 7)
    nomination.publicised_until = date(2019, 1, 9)
    assert nomination.publicity().day == date(2019, 1, 9)


def test_publicity_over_a_year_not_announced_yet_says_so(nomination):
    nomination.publicised_from, nomination.publicised_until = date(2026, 12, 30), date(2027, 1, 6)
    nomination.publicity_days = 5

    assert (nomination.publicity().day, nomination.publicity().is_known) == (date(2027, 1, 6), False)


def test_taken_down_and_publicised_again_the_days_begin_anew(nomination, people):
    first = lead(nomination, State.PUBLICISED, people).publicised_until
    taken = perform(nomination, "retract", by=people["publicise"], reason="公示内容有误")
    assert (taken.publicised_from, taken.publicised_until, taken.publicity_days) == (None, None, None)

    with later(20):
        again = perform(nomination, "publicise", by=people["publicise"])
    assert again.publicised_until > first


# --- Objections ------------------------------------------------------------------------------


def test_an_open_objection_keeps_it_from_being_decided_until_it_is_settled(nomination, people):
    lead(nomination, State.PUBLICISED, people)
    objection = objected(nomination, people["approve"])

    with later(20), pytest.raises(DomainError, match="还有异议没有核查完，了结后才能作出决定"):
        perform(nomination, "decide", by=people["decide"], **DECISION)
    settled = settle_objection(objection, upheld=False, finding="走访核实，情况属实无误", by=people["approve"])
    assert settled.state == ObjectionState.DISMISSED
    with later(20):
        assert perform(nomination, "decide", by=people["decide"], **DECISION).state == State.DECIDED


def test_one_upheld_counts_until_a_new_review(nomination, people):
    lead(nomination, State.PUBLICISED, people)
    objection = objected(nomination, people["approve"])
    settle_objection(objection, upheld=True, finding="获奖时间写错，确有其事", by=people["approve"])

    with later(20), pytest.raises(DomainError, match="经查属实，不能作出决定；请撤下公示、退回修改、重新审核"):
        perform(nomination, "decide", by=people["decide"], **DECISION)
    perform(nomination, "retract", by=people["publicise"], reason="异议经查属实")
    with pytest.raises(DomainError, match="经查属实，不能开始公示；请退回修改"):
        perform(nomination, "publicise", by=people["publicise"])
    perform(nomination, "return", by=people["approve"], reason="请改正获奖时间")
    for name in ("submit", "recommend", "approve", "publicise"):
        perform(nomination, name, by=people[name])
    with later(20):
        assert perform(nomination, "decide", by=people["decide"], **DECISION).state == State.DECIDED


def test_who_decides_has_seen_the_objections(nomination, people):
    seen = lead(nomination, State.PUBLICISED, people).revision
    objection = objected(nomination, people["approve"])
    settle_objection(objection, upheld=False, finding="走访核实，情况属实无误", by=people["approve"])

    with later(20), pytest.raises(DomainError, match="内容有了变动"):
        perform(nomination, "decide", by=people["decide"], seen=seen, **DECISION)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"received_on": date(2199, 1, 1)}, "不能晚于今天"),
        ({"received_on": None}, "不能为null|不能为空|必填"),
        ({"way": "pigeon"}, "pigeon"),
        ({"text": "  "}, "不能为空|必填"),
    ],
)
def test_an_objection_says_when_how_and_what(nomination, people, said, words):
    lead(nomination, State.PUBLICISED, people)

    with pytest.raises(DomainError, match=words):
        objected(nomination, people["approve"], **said)
    assert NominationObjection.objects.count() == 0


def test_who_objects_when_and_who_looks_into_it(nomination, people, outsider, officer):
    lead(nomination, State.REVIEWED, people)
    with pytest.raises(DomainError, match="只有公示中的申报才登记异议"):
        objected(nomination, people["approve"])
    perform(nomination, "publicise", by=people["publicise"])
    with pytest.raises(DomainError, match="不在您的管理范围"):
        objected(nomination, outsider)
    with pytest.raises(DomainError, match="您的账号不能登记和核查异议"):
        objected(nomination, officer)
    objection = objected(nomination, people["approve"])
    with pytest.raises(DomainError, match="请写明核查情况"):
        settle_objection(objection, upheld=False, finding="无", by=people["approve"])
    settle_objection(objection, upheld=False, finding="走访核实无误", by=people["approve"])
    with pytest.raises(DomainError, match="这条异议已有结果：经查不属实"):
        settle_objection(objection, upheld=True, finding="走访核实无误", by=people["approve"])


def test_who_submitted_settles_nothing(nomination, people):
    nomination.created_by = people["submit"] = UserFactory(roles=(roles.ORGANISATION, roles.ECONOMY))
    nomination.save()
    lead(nomination, State.PUBLICISED, people)
    objection = objected(nomination, people["approve"])

    with pytest.raises(DomainError, match="您自己提交的，异议要由别人核查"):
        settle_objection(objection, upheld=False, finding="走访核实无误", by=people["submit"])


# --- What pages show -------------------------------------------------------------------------


def test_differences_stand_in_the_order_of_the_later():
    before = {"甲": "一", "乙": "二", "去掉的": "三"}
    after = {"乙": "二", "新的": "四", "甲": "五"}

    found = [(one.label, one.before, one.after) for one in changes_between(before, after)]
    assert found == [("新的", "", "四"), ("甲", "一", "五"), ("去掉的", "三", "")]


@pytest.mark.parametrize(
    ("state", "ahead"),
    [
        (State.DRAFT, ["提交", "推荐", "审核通过", "开始公示", "作出决定"]),
        (State.RETURNED, ["提交", "推荐", "审核通过", "开始公示", "作出决定"]),
        (State.RECOMMENDED, ["审核通过", "开始公示", "作出决定"]),
        (State.REVIEWED, ["开始公示", "作出决定"]),
        (State.PUBLICISED, ["作出决定"]),
        (State.DECIDED, []),
        (State.REJECTED, []),
        (State.ABANDONED, []),
    ],
)
def test_the_way_ahead(nomination, state, ahead):
    one = lead(nomination, state)

    assert [moment.label for moment in timeline(one, []) if moment.kind == "ahead"] == ahead


def test_the_way_ahead_of_what_nobody_recommends(grassroots):
    direct = NominationFactory(union=grassroots, round=RoundFactory(needs_recommendation=False))
    card = cards.lead(State.SUBMITTED, grassroots)

    assert [one.label for one in timeline(direct, [])] == ["草稿", "提交", "审核通过", "开始公示", "作出决定"]
    assert [one.label for one in timeline(card, [])] == ["已提交", "审核通过", "认定"]
    assert "publicise" not in {one.name for one in transitions_of(type(card))}


# --- Whose application it is -----------------------------------------------------------------


@pytest.mark.parametrize(("state", "name"), [("draft", "submit"), ("draft", "abandon"), ("submitted", "withdraw")])
def test_a_township_neither_hands_in_nor_withdraws_nor_gives_up(state, name, nomination, people):
    nomination = lead(nomination, State(state), people)
    township = people["recommend"]

    with pytest.raises(DomainError, match="只有申报的工会和替它填报的人能"):
        perform(nomination, name, by=township, reason="说得清楚的原因")
    assert Nomination.objects.get(pk=nomination.pk).state == state
    assert not {one.transition.name for one in offers(nomination, township)} & {"submit", "abandon", "withdraw"}


def test_a_township_rewrites_nothing(nomination, people):
    township = people["recommend"]

    with pytest.raises(DomainError, match="只有申报的工会和替它填报的人能修改"):
        change_nomination(nomination=nomination, by=township, values={"deeds": "别的事迹"})
    assert (may_edit(nomination, township), may_edit(nomination, people["submit"])) == (False, True)
    assert Nomination.objects.get(pk=nomination.pk).deeds == nomination.deeds


def test_whoever_began_it_for_the_union_is_of_its_side(nomination, people):
    nomination.created_by = people["recommend"]
    nomination.save()

    change_nomination(nomination=nomination, by=people["recommend"], values={"deeds": "代填的事迹"})
    assert moving.perform(nomination, "submit", by=people["recommend"]).state == State.SUBMITTED


@pytest.mark.parametrize("name", ["recommend", "send_back", "return", "reject"])
def test_an_office_says_what_it_has_seen(name, nomination, people):
    nomination = lead(nomination, State.SUBMITTED, people)
    by = people["recommend" if name in ("recommend", "send_back") else "approve"]

    with pytest.raises(DomainError, match="没有说明办理的是哪一版内容"):
        moving.perform(nomination, name, by=by, reason="说得清楚的原因")
    assert Nomination.objects.get(pk=nomination.pk).state == State.SUBMITTED
