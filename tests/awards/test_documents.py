"""The story kit of a nomination: introduction, dossier read back from Word, poster; over rows that could leak."""

from datetime import date

import pytest
import segno
import time_machine
from auditlog.models import LogEntry
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from docx import Document

from awards import documents
from awards.documents import (
    dossier,
    held_by,
    introduction,
    numeral,
)
from awards.models import Award, Nomination
from awards.services import record_opinion, revoke_award
from members import roles
from pingtang_union.core.exceptions import DomainError
from pingtang_union.workflow.table import State
from tests.awards.papers import body, shown, texts
from tests.awards.walk import DOCUMENT, lead, people_for
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

pytestmark = pytest.mark.django_db

# Wednesday; the five working days after it end on Wednesday the 20th.
NOW = "2026-05-13 10:00+08:00"
HOSTILE = '第一段 <b>&amp; "引号" ${{ 7*7 }}\n{% for x in y %}{_{ 8*8 }_} {# 注 #}\x0b]]>\r\n\n　末段 </w:t>'


def round_with(*codes, **said):
    return RoundFactory(honours=[honour(code) for code in codes], **said)


@pytest.fixture
def now():
    with time_machine.travel(NOW, tick=False):
        yield


# --- The introduction --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("summary", "deeds", "text"),
    [
        ("扎根一线。", "别的。", "扎根一线。"),
        ("", "", ""),
        ("", "第一句。\n  第二句！", "第一句。第二句！"),
        ("", "一" * 200 + "。" + "二" * 98 + "。三。", "一" * 200 + "。" + "二" * 98 + "。"),
        ("", "一" * 200 + "。" + "二" * 99 + "。", "一" * 200 + "。"),
        ("", "他说：“" + "干" * 294 + "！”" + "好。", "他说：“" + "干" * 294 + "！”"),
        ("", "长" * 400, "长" * 299 + "…"),
        ("", "a b " * 200, "a b " * 149 + "a" + "…"),
    ],
)
def test_introduction_ends_with_a_sentence_within_300_characters(summary, deeds, text):
    assert introduction(Nomination(summary=summary, deeds=deeds)) == text


@pytest.mark.parametrize(
    ("number", "said"), [(1, "一"), (9, "九"), (10, "十"), (11, "十一"), (20, "二十"), (24, "二十四")]
)
def test_headings_are_numbered_in_chinese(number, said):
    assert numeral(number) == said


# --- Honours already held ------------------------------------------------------------------------


def test_held_are_the_nominees_standing_awards_of_before(officer, awards_clerk):
    number = "522727198001010010"
    member = MemberFactory(union=officer.union, id_number=number, name="韦春芽")
    cadre = CadreFactory(union=officer.union, id_number=number, name="韦春芽")
    nomination = NominationFactory(union=officer.union, member=member, name="")
    own = AwardFactory(union=officer.union, member=member, recipient="韦春芽", awarded_on="2018")
    as_cadre = AwardFactory(cadre=cadre, recipient="韦春芽", awarded_on="2019-05")
    by_name = AwardFactory(union=officer.union, recipient="韦 春芽", awarded_on="2016-04-25")
    AwardFactory(recipient="韦春芽")  # a namesake elsewhere
    AwardFactory(
        union=officer.union, recipient="韦春芽", honour=honour("county.pacesetter_post")
    )  # a team of that name
    AwardFactory(
        union=officer.union, member=member, recipient="韦春芽", awarded_on="2015", revoked_on="2016", revoke_reason="x",
        revoke_document="平工发〔2016〕1号", revoked_by=awards_clerk,
    )  # fmt: skip

    assert list(held_by(nomination, Award.objects.all())) == [as_cadre, own, by_name]


def test_held_of_a_union_are_its_own(officer):
    nomination = NominationFactory(
        round=round_with("county.pacesetter_post"), union=officer.union, nominee_union=officer.union, kind="collective"
    )
    own = AwardFactory(union=officer.union, recipient_union=officer.union, recipient="甲")
    AwardFactory(union=officer.union, recipient="某人")

    assert list(held_by(nomination, Award.objects.all())) == [own]


# --- The dossier -----------------------------------------------------------------------------------


@pytest.fixture
def nomination(grassroots):
    """A nomination whose round asks for two papers, one veto and one opinion."""
    round_ = RoundFactory(title="2026 年评选")
    one = NominationFactory(round=round_, union=grassroots, name="韦春芽", position="制茶班长", is_migrant=True)
    ready, VETO = PaperFactory(round=round_, title="审批表", copies=3, order=1), VetoFactory(round=round_)
    PaperFactory(round=round_, title="会议纪要", needs_file=True, order=2)
    RequiredOpinionFactory(round=round_, department="县税务局")
    one.papers.create(paper=ready, is_ready=True)
    one.veto_answers.create(veto=VETO, occurred=False, explanation="核过")
    return one


def test_dossier_says_everything_on_the_nominee(nomination, awards_clerk):
    AwardFactory(union=nomination.union, recipient="韦春芽", awarded_on="2017-04")

    assert texts(dossier(nomination, reader=awards_clerk).word()) == [
        "平塘县五一劳动标兵推荐材料",
        "项目 | 内容",
        "推荐的荣誉 | 平塘县五一劳动标兵",
        "推荐对象 | 韦春芽",
        "类别 | 其他一线职工",
        "工作单位和职务（岗位） | 制茶班长",
        "身份 | 农民工",
        "推荐工会 | 金盆街道第一小学工会",
        "评选推荐 | 2026 年评选",
        "状态 | 草稿",
        "提交 | 还没有提交",
        "一、事迹简介",
        "扎根一线的好班长。",
        "二、事迹材料",
        "十年如一日，扎根一线。",
        "三、已获荣誉",
        "2017年4月，平塘县五一劳动标兵（平工发〔2017〕12号）",
        "四、材料清单",
        "序号 | 材料 | 份数 | 备齐 | 扫描件",
        "1 | 审批表 | 3 | √ | 不要求",
        "2 | 会议纪要 | 1 |  | 没有传",
        "五、否决情形",
        "情形 | 有无 | 说明",
        "拖欠职工工资 | 无 | 核过",
        "六、部门意见",
        "部门 | 意见 | 答复日期 | 说明",
        "县税务局 | 还没有登记 |  | ",
    ]


def test_dossier_names_who_submitted_when(now, grassroots):
    people = people_for(one := NominationFactory(union=grassroots))
    one = lead(one, State.SUBMITTED, people)

    said = texts(dossier(one, reader=people["submit"]).word())

    assert f"提交 | 2026年5月13日，{grassroots} {people['submit'].full_name}" in said


def test_dossier_shows_opinions_to_who_may_view_them_only(nomination, officer, awards_clerk):
    nomination = Nomination.objects.get(pk=nomination.pk)
    nomination.papers.update(is_ready=True)
    nomination.round.papers.update(needs_file=False)
    for paper in nomination.round.papers.all():
        nomination.papers.update_or_create(paper=paper, defaults={"is_ready": True})
    lead(nomination, State.SUBMITTED)
    record_opinion(
        nomination=nomination, required=nomination.round.opinions.get(), verdict="objects", on=date(2026, 5, 12),
        note="欠税未缴", by=awards_clerk,
    )  # fmt: skip
    fresh = Nomination.objects.get(pk=nomination.pk)

    staff, union = (texts(dossier(fresh, reader=who).word()) for who in (awards_clerk, officer))

    assert staff[-3:] == [
        "六、部门意见",
        "部门 | 意见 | 答复日期 | 说明",
        "县税务局 | 不同意 | 2026年5月12日 | 欠税未缴",
    ]
    assert union == staff[:-3]


def test_dossier_says_what_there_is_none_of(officer):
    said = texts(dossier(NominationFactory(union=officer.union, deeds="", summary=""), reader=officer).word())

    assert said[-10:] == [
        "一、事迹简介", "未填写。", "二、事迹材料", "未填写。", "三、已获荣誉", "没有登记。",
        "四、材料清单", "这次评选没有要求材料。", "五、否决情形", "这次评选没有设否决情形。",
    ]  # fmt: skip


def test_hostile_merits_come_through_whole_and_are_never_run(officer):
    long = "长" * 1900 + "。"
    one = NominationFactory(union=officer.union, deeds=f"{HOSTILE}\n{long}", name="{{ 9*9 }}<", position="{% raw %}")

    said = texts(dossier(one, reader=officer).word())

    start = said.index("二、事迹材料")
    assert said[start + 1 : said.index("三、已获荣誉")] == [
        '第一段 <b>&amp; "引号" ${{ 7*7 }}', "{% for x in y %}{_{ 8*8 }_} {# 注 #}", "]]>", "末段 </w:t>", long,
    ]  # fmt: skip
    assert "推荐对象 | {{ 9*9 }}<" in said
    assert "工作单位和职务（岗位） | {% raw %}" in said


def test_dossier_holds_no_identity_number(officer):
    member = MemberFactory(union=officer.union)
    one = NominationFactory(union=officer.union, member=member)
    number = member.full_id_number

    content = dossier(one, reader=officer).word()

    assert not [text for text in texts(content) if number in text or number[-4:] in text]


def test_an_award_of_another_union_stays_hidden(officer):
    member = MemberFactory(union=officer.union)
    one = NominationFactory(union=officer.union, member=member)
    AwardFactory(member=member, recipient=member.name, document_number="平工发〔2011〕77号")  # given elsewhere

    said = texts(dossier(one, reader=officer).word())

    assert said[said.index("三、已获荣誉") + 1] == "没有登记。"


def test_taking_the_dossier_is_an_audit_event(nomination, officer, signed_in):
    response = signed_in(officer).get(reverse("awards:nomination_dossier", args=[nomination.pk]))

    assert response.headers["Content-Disposition"].startswith("attachment; filename*=utf-8''")
    assert texts(body(response))[0] == "平塘县五一劳动标兵推荐材料"
    entry = LogEntry.objects.get(action=LogEntry.Action.ACCESS)
    assert (entry.object_repr, entry.actor, entry.additional_data["export"]) == (
        "推荐材料-韦春芽-平塘县五一劳动标兵（Word）", officer, True,
    )  # fmt: skip


@pytest.mark.parametrize("content", [b"no word at all", b""])
def test_a_broken_template_is_told_in_words(content, nomination, officer, signed_in, tmp_path, monkeypatch):
    monkeypatch.setattr(documents, "TEMPLATES", tmp_path)
    (tmp_path / "dossier.docx").write_bytes(content)

    response = signed_in(officer).get(reverse("awards:nomination_dossier", args=[nomination.pk]), follow=True)

    assert "Word 模板「dossier.docx」用不了" in shown(response)
    assert response.redirect_chain == [(reverse("awards:nomination_story", args=[nomination.pk]), 302)]
    assert not LogEntry.objects.filter(action=LogEntry.Action.ACCESS).exists()


@pytest.mark.parametrize("text", ["{{ nobody }}", "{{ honour.save() }}", "{% for %}", "{{ ''.__class__.__mro__ }}"])
def test_a_template_reaches_nothing_but_its_facts(text, nomination, officer, tmp_path, monkeypatch):
    monkeypatch.setattr(documents, "TEMPLATES", tmp_path)
    template = Document()
    template.add_paragraph(text)
    template.save(tmp_path / "dossier.docx")

    with pytest.raises(DomainError, match="用不了"):
        dossier(nomination, reader=officer).word()


# --- Pages of the story kit --------------------------------------------------------------------------


def test_story_page_counts_the_introduction(nomination, officer, signed_in):
    response = signed_in(officer).get(reverse("awards:nomination_story", args=[nomination.pk]))

    assert (response.context["introduction"], response.context["count"]) == ("扎根一线的好班长。", 9)
    assert response.context["is_cut"] is False


def test_poster_calls_nobody_a_holder_before_the_award(now, grassroots, signed_in):
    one = NominationFactory(union=grassroots, name="韦春芽")
    client = signed_in(UserFactory(union=grassroots, roles=(roles.GRASSROOTS,)))
    address = reverse("awards:nomination_poster", args=[one.pk])

    before = client.get(address)
    lead(one, State.DECIDED)
    after = client.get(address)
    award = Award.objects.get(nomination=one)

    assert "<span>推荐对象</span>" in shown(before)
    assert before.context["award"] is None
    assert "<span>推荐对象</span>" not in shown(after)
    assert after.context["award"] == award
    assert DOCUMENT in shown(after)


def test_poster_leads_to_the_holders_public_page(now, grassroots, signed_in, monkeypatch):
    award = Award.objects.get(nomination=lead(NominationFactory(union=grassroots), State.DECIDED))
    client = signed_in(UserFactory(union=grassroots, roles=(roles.GRASSROOTS,)))
    asked = []
    make = segno.make
    monkeypatch.setattr(segno, "make", lambda text, **said: asked.append(text) or make(text, **said))

    response = client.get(reverse("awards:nomination_poster", args=[award.nomination_id]))

    assert asked == [f"http://testserver{reverse('honour_holder', args=[award.token])}"]
    assert response.context["code"].startswith("data:image/svg+xml")


def test_poster_of_a_revoked_award_calls_nobody_a_holder(now, grassroots, awards_clerk, signed_in):
    award = Award.objects.get(nomination=lead(NominationFactory(union=grassroots), State.DECIDED))
    with time_machine.travel("2026-06-20 10:00+08:00", tick=False):
        revoke_award(
            award=award, on="2026-06-20", reason="弄虚作假", document_number="平工发〔2026〕30号", by=awards_clerk
        )

    response = signed_in(awards_clerk).get(reverse("awards:nomination_poster", args=[award.nomination_id]))

    assert (response.context["award"], response.context["code"]) == (None, "")


@pytest.mark.parametrize("state", [State.REJECTED, State.ABANDONED])
def test_poster_warns_of_a_nomination_that_fell(state, grassroots, signed_in):
    one = lead(NominationFactory(union=grassroots), state)
    client = signed_in(UserFactory(union=grassroots, roles=(roles.GRASSROOTS,)))

    assert "请勿继续用于宣传" in shown(client.get(reverse("awards:nomination_poster", args=[one.pk])))


@pytest.mark.parametrize("route", ["awards:nomination_story", "awards:nomination_dossier", "awards:nomination_poster"])
def test_story_kit_asks_for_the_role_and_the_row(route, nomination, officer, outsider, leader, signed_in, client):
    address = reverse(route, args=[nomination.pk])
    other = UserFactory(union=UnionFactory(), roles=(roles.GRASSROOTS,))

    found = [signed_in(who).get(address).status_code for who in (officer, other, outsider, leader)]

    assert found == [200, 404, 404, 403]
    assert client.get(address).url == f"{reverse('login')}?next={address}"


@pytest.mark.parametrize("route", ["awards:nomination_story", "awards:nomination_dossier", "awards:nomination_poster"])
def test_story_kit_asks_as_much_of_three_as_of_one(
    route, nomination, awards_clerk, signed_in, django_assert_num_queries
):
    client, address = signed_in(awards_clerk), reverse(route, args=[nomination.pk])
    client.get(address)
    with CaptureQueriesContext(connection) as asked:
        client.get(address)

    for number in range(2):
        nomination.papers.create(paper=PaperFactory(round=nomination.round), is_ready=True)
        nomination.veto_answers.create(
            veto=VetoFactory(round=nomination.round, kind=("safety", "pollution")[number]), occurred=False
        )
        RequiredOpinionFactory(round=nomination.round)
        AwardFactory(union=nomination.union, recipient="韦春芽", awarded_on=f"201{number}")

    with django_assert_num_queries(len(asked)):
        client.get(address)
