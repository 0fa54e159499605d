"""Front page and notice board: who is in publicity today, and nothing else of anyone."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from awards.models import Nomination
from awards.models.papers import OpinionVerdict
from awards.services import score_nomination
from pingtang_union.workflow.notices import blot
from pingtang_union.workflow.objections import record_objection
from pingtang_union.workflow.table import State
from tests.awards.walk import lead, people_for, perform
from tests.factories import (
    AwardFactory,
    MemberFactory,
    NominationFactory,
    OfficePhoneFactory,
    RequiredOpinionFactory,
    RoundFactory,
    UnionFactory,
    honour,
)
from tests.pages.public.seen import notice_of, publicised, revoked, text

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("电话13885412345。", "电话******。"),
        ("电话 138 8541 2345。", "电话 ******。"),
        ("电话138-8541-2345", "电话******"),
        ("电话0854－4822123", "电话******"),
        ("电话１３８８５４１２３４５", "电话******"),
        ("证件号52272719800101123X，班长", "证件号******，班长"),
        ("卡号6217\u200b0000\u200b0000\u200b1234", "卡号******"),
        ("节约120000元", "节约******元"),
        ("2018-2023年连续六年", "2018-2023年连续六年"),
        ("2018—2023年", "2018—2023年"),
        ("2018.05.01至2018-12-31", "2018.05.01至2018-12-31"),
        ("2018年12月完成12345件", "2018年12月完成12345件"),
        ("", ""),
    ],
)
def test_long_numbers_are_blotted_out(said, shown):
    assert blot(said) == shown


def test_front_page_shows_what_runs_and_what_is_new(client):
    nomination = publicised(round__title="五一评选")
    AwardFactory(recipient="旧获奖者", awarded_on="2015")
    AwardFactory(recipient="新获奖者", awarded_on="2018-05")
    revoked(AwardFactory(recipient="已撤销", awarded_on="2017-12"))

    response = client.get("/")
    slots = {slot.title: rows for slot, rows in response.context["slots"]}

    assert [one.title for one in slots["正在公示"]] == ["五一评选"]
    assert [one.name for one in slots["最新荣誉"]] == ["新**者", "旧**者"]
    assert [one.title for one in slots["正在评选"]] == ["五一评选"]
    for address in ("/notices/", "/honours/", "/verify/", "/login/", notice_of(nomination)):
        assert f'href="{address}"' in response.content.decode()


def test_front_page_shows_no_empty_parts(client):
    response = client.get("/")

    assert response.context["slots"] == []
    assert "12351" in text(response)
    for words in ("正在公示", "最新荣誉", "办事指南", "地址", "备案"):
        assert words not in text(response)


def test_who_is_signed_in_keeps_name_and_exit_on_public_pages(officer, signed_in):
    response = signed_in(officer).get("/honours/")
    said = text(response)

    assert [words in said for words in ("工作台", officer.full_name, "退出", "登录")] == [True, True, True, False]
    assert 'class="public"' in response.content.decode()


def test_a_notice_says_who_from_when_until_when_and_how_to_object(client):
    honours = [honour("county.pacesetter"), honour("county.pacesetter_post")]
    union = UnionFactory(name="金盆街道第一小学工会")
    with time_machine.travel("2026-04-01 10:00+08:00", tick=False):
        round_ = RoundFactory(call_document="平工发〔2026〕3号", objection_contact="电话 0854-4822123", honours=honours)
        OfficePhoneFactory(number="0854-4822123")
        summary = "杨秀英、杨 秀英扎根一线，节约1388541元。"
        publicised(round=round_, union=union, name="杨秀英", summary=summary, honour=honours[0])
        publicised(round=round_, union=union, name="语文教研组", kind="collective", honour=honours[1])
        response = client.get(f"/notices/{round_.pk}/")
    said = text(response)

    nominees = {one.title: one for one in response.context["notice"].nominees}
    person, team = nominees["平塘县五一劳动标兵"], nominees["平塘县五一劳动标兵岗"]
    assert (person.name, person.union, person.kind) == ("杨*英", "金盆街道第一小学工会", "其他一线职工")
    assert person.summary == "杨*英、杨*英扎根一线，节约******元。"
    assert (team.name, team.kind) == ("语文教研组", "集体或岗位")
    assert "2026年4月1日至2026年4月9日" in said  # 清明 is no working day
    assert "发布日期 2026年4月1日" in said
    assert "电话 0854-4822123" in said
    assert "平工发〔2026〕3号" in said
    assert "杨秀英" not in response.content.decode()


def test_a_notice_shows_nothing_but_what_it_has_to(client, awards_clerk):
    member = MemberFactory(name="杨秀英", phone="13885412345")
    round_ = RoundFactory(note="内部要求甲")
    required = RequiredOpinionFactory(round=round_, department="县税务局")
    nomination = NominationFactory(
        round=round_, union=member.union, member=member, deeds="事迹全文乙", position="车间班长丙"
    )
    people = people_for(nomination)
    lead(nomination, State.SUBMITTED, people)
    score_nomination(nomination=nomination, score="88.25", note="评分说明丁", by=awards_clerk)
    today = timezone.localdate()
    nomination.opinions.create(
        required=required, verdict=OpinionVerdict.AGREES, on=today, note="意见戊", recorded_by=awards_clerk
    )
    nomination.refresh_from_db()
    for name in ("approve", "publicise"):
        nomination = perform(nomination, name, by=people[name], reason="办理说明己")
    record_objection(nomination, by=awards_clerk, received_on=today, way="letter", text="异议庚", objector="辛先生")

    page = client.get(notice_of(nomination)).content.decode()

    hidden = [
        "杨秀英", member.id_number.reveal(), "13885412345", "内部要求甲", "事迹全文乙", "车间班长丙", "88.25",
        "评分说明丁", "税务局", "意见戊", "办理说明己", "异议庚", "辛先生", *(one.full_name for one in people.values()),
    ]  # fmt: skip
    assert "杨*英" in page
    assert [one for one in hidden if one in page] == []


@pytest.mark.parametrize("state", [one for one in State if one != State.PUBLICISED])
def test_nominations_in_any_other_state_have_no_notice(state, client):
    nomination = lead(NominationFactory(round__title="甲评选", summary="事迹甲"), state)

    board, page = client.get("/notices/"), client.get(notice_of(nomination))

    assert (list(board.context["page_obj"]), page.status_code) == ([], 404)
    assert "公示已结束或不存在" in text(page)
    assert ("甲评选" in text(page), "事迹甲" in text(page)) == (False, False)


def test_a_notice_vanishes_the_day_after_its_end(client):
    nomination = publicised()
    until = nomination.publicised_until
    address = notice_of(nomination)

    def status_on(day):
        with time_machine.travel(f"{day} 12:00+08:00", tick=False):
            return client.get(address).status_code, len(client.get("/notices/").context["page_obj"])

    assert status_on(until) == (200, 1)
    assert status_on(until + timedelta(days=1)) == (404, 0)
    assert status_on(nomination.publicised_from - timedelta(days=1)) == (404, 0)


def test_a_notice_hangs_as_long_as_no_decision_may_be_made(client):
    """Holidays that became known later move the end: the notice moves along with the guard."""
    with time_machine.travel("2026-04-01 10:00+08:00", tick=False):
        nomination = publicised()
    Nomination.objects.filter(pk=nomination.pk).update(publicised_until="2026-04-08")  # as if 清明 weren't known

    for day, status in (("2026-04-09", 200), ("2026-04-10", 404)):
        with time_machine.travel(f"{day} 12:00+08:00", tick=False):
            assert client.get(notice_of(nomination)).status_code == status


def test_a_notice_taken_down_is_gone_at_once(client, awards_clerk):
    nomination = publicised()
    assert client.get(notice_of(nomination)).status_code == 200

    perform(nomination, "retract", by=awards_clerk, reason="材料需要核实")

    assert client.get(notice_of(nomination)).status_code == 404


def test_nominees_of_different_days_say_each_their_own(client):
    with time_machine.travel("2026-04-01 10:00+08:00", tick=False):
        round_ = RoundFactory()
        publicised(round=round_)
    with time_machine.travel("2026-04-03 10:00+08:00", tick=False):
        publicised(round=round_)
        said = text(client.get(f"/notices/{round_.pk}/"))

    assert "2026年4月1日至2026年4月13日；各对象的公示时间见下表" in said
    assert "2026年4月1日至2026年4月9日" in said
    assert "2026年4月3日至2026年4月13日" in said


def test_the_board_groups_by_round_and_title(client):
    person, team = honour("county.pacesetter"), honour("county.worker_pioneer")
    round_ = RoundFactory(title="甲评选", honours=[person, team])
    publicised(round=round_, honour=person)
    publicised(round=round_, honour=person)
    publicised(round=round_, honour=team, kind="collective")
    publicised(round__title="乙评选")

    board = client.get("/notices/").context["page_obj"]

    assert {one.title: one.titles for one in board} == {
        "甲评选": ["平塘县工人先锋号 1 个", "平塘县五一劳动标兵 2 名"],
        "乙评选": ["平塘县五一劳动标兵 1 名"],
    }
