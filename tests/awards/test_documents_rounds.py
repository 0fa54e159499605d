"""Notice of publicity, decision and report of a round: read back from Word, over rows that could leak."""

from datetime import date

import pytest
import time_machine
from auditlog.models import LogEntry
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from docx import Document
from docx.oxml.ns import qn

from awards import documents
from awards.documents import (
    ABOUT_TO_BE,
    decision_batches,
    decision_paper,
    notice_batches,
    publicity_notice,
)
from awards.models import Nomination
from members.models import Union
from pingtang_union.files.word import blocks
from pingtang_union.workflow.objections import record_objection, settle_objection
from pingtang_union.workflow.rules import PublicityRule
from pingtang_union.workflow.table import State
from tests.awards.papers import body, shown, texts
from tests.awards.walk import DOCUMENT, lead, people_for, perform
from tests.factories import (
    NominationFactory,
    RoundFactory,
    UnionFactory,
    UserFactory,
    honour,
)

pytestmark = pytest.mark.django_db

# Wednesday; the five working days after it end on Wednesday the 20th.
NOW = "2026-05-13 10:00+08:00"


def round_with(*codes, **said):
    return RoundFactory(honours=[honour(code) for code in codes], **said)


@pytest.fixture
def now():
    with time_machine.travel(NOW, tick=False):
        yield


# --- The notice --------------------------------------------------------------------------------------


@pytest.fixture
def call(now):
    """A round for a title for persons, one for posts, and one above the county."""
    return round_with(
        "county.pacesetter", "county.pacesetter_post", "prefecture.may_day_medal", title="2026 年评选",
        call_document="平工发〔2026〕3号", objection_contact="县总工会二楼",
    )  # fmt: skip


def nominee(call, union, name="韦春芽", code="county.pacesetter", **said) -> Nomination:
    kind = "collective" if code == "county.pacesetter_post" else "front_line"
    return NominationFactory(round=call, union=union, name=name, honour=honour(code), kind=kind, **said)


def mine(call):
    return Nomination.objects.filter(round=call)


def test_notice_names_titles_nominees_period_and_the_way_to_object(call, grassroots):
    lead(nominee(call, grassroots, position="制茶班长"), State.PUBLICISED)
    lead(nominee(call, grassroots, "急诊科护理组", "county.pacesetter_post", position=""), State.PUBLICISED)
    (batch,) = notice_batches(mine(call))

    paper = publicity_notice(call, batch)

    assert (paper.rows, paper.lacks) == (2, ())
    assert texts(paper.word()) == [
        "平塘县总工会\n关于平塘县五一劳动标兵岗、平塘县五一劳动标兵推荐对象的公示",
        "根据平工发〔2026〕3号文件要求，经工会申报推荐、平塘县总工会审核，现将下列推荐对象予以公示，接受职工群众监督。",
        "一、平塘县五一劳动标兵岗（1个）",
        "序号 | 姓名（名称） | 工作单位和职务（岗位） | 推荐工会",
        "1 | 急诊科护理组 |  | 金盆街道第一小学工会",
        "二、平塘县五一劳动标兵（1名）",
        "序号 | 姓名（名称） | 工作单位和职务（岗位） | 推荐工会",
        "1 | 韦*芽 | 制茶班长 | 金盆街道第一小学工会",
        "公示时间：2026年5月13日至2026年5月20日，共5个工作日（开始当天不计算在内）。"
        "公示期的规定：参照推荐评选五一劳动奖章的通知（公示不少于 5 个工作日）。",
        "公示期间，对公示对象有异议的，请向平塘县总工会反映。受理方式：县总工会二楼",
        "平塘县总工会",
        "2026年5月13日",
    ]


def test_notice_on_paper_gives_whole_names(call, grassroots):
    lead(nominee(call, grassroots), State.PUBLICISED)
    (batch,) = notice_batches(mine(call))

    said = texts(publicity_notice(call, batch, is_masked=False).word())

    assert said[4] == "1 | 韦春芽 | 车间班长 | 金盆街道第一小学工会"


def test_batches_stand_apart_by_the_day_on_which_publicity_began(call, grassroots):
    first = lead(nominee(call, grassroots, "甲一"), State.PUBLICISED)
    waiting = lead(nominee(call, grassroots, "乙一"), State.REVIEWED)
    lead(nominee(call, grassroots, "丙一"), State.SUBMITTED)
    with time_machine.travel("2026-05-14 10:00+08:00", tick=False):
        second = lead(nominee(call, grassroots, "丁一"), State.PUBLICISED)

    found = [(batch.key, batch.nominations) for batch in notice_batches(mine(call))]

    assert found == [("2026-05-14", [second]), ("2026-05-13", [first]), (ABOUT_TO_BE, [waiting])]


def test_notice_of_those_about_to_be_publicised_is_reckoned_from_today(call, grassroots):
    lead(nominee(call, grassroots), State.REVIEWED)
    (batch,) = notice_batches(mine(call))
    with time_machine.travel("2026-09-24 10:00+08:00", tick=False):
        paper = publicity_notice(call, batch)

    # 25 to 27 September are Mid-Autumn, 1 to 7 October National Day: 28, 29, 30, 8 and 9 are worked.
    assert (paper.facts["period"], paper.facts["date"]) == ("2026年9月24日至2026年10月9日", "2026年9月24日")
    assert paper.lacks == ("这些推荐尚未开始公示，下面的日期按今天开始公示计算。开始公示以后请重新打印。",)


def test_notice_says_what_is_lacking(call, grassroots):
    call.objection_contact = ""
    with time_machine.travel("2035-05-16 10:00+08:00", tick=False):
        one = RoundFactory(objection_contact="")
        lead(nominee(one, grassroots), State.PUBLICISED)
        (batch,) = notice_batches(mine(one))
        lacks = publicity_notice(one, batch).lacks

    assert [text[:10] for text in lacks] == ["这段时间所在年份的节", "这次评选没有填受理异"]


def test_without_a_rule_there_is_no_notice(call, grassroots, awards_clerk, signed_in):
    lead(nominee(call, grassroots), State.REVIEWED)
    PublicityRule.objects.all().delete()
    client = signed_in(awards_clerk)

    page = client.get(reverse("awards:round_notice", args=[call.pk]))
    file = client.get(reverse("awards:round_notice_word", args=[call.pk]))

    assert (page.status_code, page.context["paper"]) == (200, None)
    assert page.context["refusal"].startswith("还没有登记公示期规定")
    assert file.url == reverse("awards:round_notice", args=[call.pk])
    assert not LogEntry.objects.filter(action=LogEntry.Action.ACCESS).exists()


def test_notice_page_says_what_the_file_says(call, grassroots, awards_clerk, signed_in):
    lead(nominee(call, grassroots, position="<b>{{ 7*7 }}"), State.PUBLICISED)
    client = signed_in(awards_clerk)

    page = client.get(reverse("awards:round_notice", args=[call.pk]), {"names": "full"})
    file = client.get(reverse("awards:round_notice_word", args=[call.pk]), {"names": "full"})

    assert page.context["blocks"] == blocks(body(file))
    assert "&lt;b&gt;{{ 7*7 }}" in shown(page)
    entry = LogEntry.objects.get(action=LogEntry.Action.ACCESS)
    assert (entry.object_repr, entry.actor, entry.changes) == (
        "公示稿-2026 年评选-2026年5月13日起公示（Word）", awards_clerk,
        {"行数": ["", "1"], "条件": ["", "2026 年评选；2026年5月13日起公示；姓名完整"]},
    )  # fmt: skip


def test_pages_mask_names_unless_asked(call, grassroots, awards_clerk, signed_in):
    lead(nominee(call, grassroots), State.PUBLICISED)

    page = shown(signed_in(awards_clerk).get(reverse("awards:round_notice", args=[call.pk])))

    assert ("韦*芽" in page, "韦春芽" in page) == (True, False)


# --- Decision and report --------------------------------------------------------------------------------


def test_decision_gives_titles_of_the_county(call, grassroots):
    for name in ("韦春芽", "罗采青"):
        lead(nominee(call, grassroots, name), State.DECIDED)
    lead(nominee(call, grassroots, "急诊科护理组", "county.pacesetter_post", position=""), State.DECIDED)
    lead(nominee(call, grassroots, "没有决定的"), State.PUBLICISED)
    (sending,) = decision_batches(mine(call))

    paper = decision_paper(call, sending)

    assert (paper.template, paper.rows, paper.lacks) == ("decision.docx", 3, ())
    assert texts(paper.word()) == [
        "平塘县总工会文件",
        DOCUMENT,
        "平塘县总工会\n关于授予平塘县五一劳动标兵岗、平塘县五一劳动标兵称号的决定",
        "全县各级工会：",
        "根据平工发〔2026〕3号文件要求，经工会申报推荐、平塘县总工会审核，"
        "并于2026年5月13日至2026年5月20日公示，公示期间没有收到异议。现决定：",
        "授予急诊科护理组“平塘县五一劳动标兵岗”称号；",
        "授予韦春芽等2名同志“平塘县五一劳动标兵”称号。",
        "希望受到表彰的集体和个人珍惜荣誉，再接再厉。全县各级工会和广大职工要以先进为榜样，立足岗位，干在实处。",
        "附件：授予荣誉称号名单",
        "平塘县总工会",
        "2026年6月2日",
        "附件",
        "授予荣誉称号名单",
        "一、平塘县五一劳动标兵岗（1个）",
        "序号 | 姓名（名称） | 工作单位和职务（岗位） | 推荐工会",
        "1 | 急诊科护理组 |  | 金盆街道第一小学工会",
        "二、平塘县五一劳动标兵（2名）",
        "序号 | 姓名（名称） | 工作单位和职务（岗位） | 推荐工会",
        "1 | 韦春芽 | 车间班长 | 金盆街道第一小学工会",
        "2 | 罗采青 | 车间班长 | 金盆街道第一小学工会",
    ]


def test_titles_above_the_county_are_sent_up_in_a_report(call, grassroots):
    lead(nominee(call, grassroots), State.DECIDED)
    lead(nominee(call, grassroots, "罗采青", "prefecture.may_day_medal"), State.DECIDED)
    decision, report = decision_batches(mine(call))

    said = texts(decision_paper(call, report).word())

    assert [decision.key, report.key] == [f"decision:{DOCUMENT}", f"report:{DOCUMENT}"]
    assert said[1:4] == [
        f"{DOCUMENT}　　签发人：", "平塘县总工会\n关于黔南州五一劳动奖章推荐对象的报告", "黔南州总工会：",
    ]  # fmt: skip
    assert said[5:9] == ["罗采青同志为“黔南州五一劳动奖章”推荐对象。", "特此报告。", "附件：推荐名单", "平塘县总工会"]
    assert "1 | 韦春芽 | 车间班长 | 金盆街道第一小学工会" not in said


def test_report_without_number_or_superior_says_so(call, grassroots):
    national = RoundFactory(honours=[honour("national.may_day_medal")])
    one = NominationFactory(round=national, union=grassroots)
    people = people_for(one)
    lead(one, State.PUBLICISED, people)
    with time_machine.travel("2026-06-02 10:00+08:00", tick=False):
        perform(one, "decide", by=people["decide"])
    (sending,) = decision_batches(mine(national))

    paper = decision_paper(national, sending)

    assert sending.label == "推荐报告 （没有文号）"
    assert paper.lacks == (
        "还没有文号，请在 Word 里填写。", "系统里没有上级工会的名称，主送机关空着，请在 Word 里填写。",
    )  # fmt: skip
    assert paper.facts["basis"] == f"按照{national.title}安排"


def test_report_goes_to_the_union_above_in_the_tree(call, grassroots):
    one = lead(nominee(call, grassroots, code="prefecture.may_day_medal"), State.DECIDED)
    Union.objects.filter(pk=grassroots.pk).update(name="平塘县总工会")
    Union.objects.filter(path=grassroots.path[:4]).update(name="原来的县总工会")
    (sending,) = decision_batches(mine(call))

    assert sending.nominations == [one]
    assert decision_paper(call, sending).facts["superior"] == "金盆街道工会联合会"


def test_decision_tells_of_objections_that_were_settled(call, grassroots):
    one = nominee(call, grassroots)
    people = people_for(one)
    lead(one, State.PUBLICISED, people)
    objection = record_objection(one, by=people["approve"], received_on=date(2026, 5, 13), way="call", text="不是一线")
    settle_objection(objection, upheld=False, finding="经查在一线工作", by=people["approve"])
    with time_machine.travel("2026-06-02 10:00+08:00", tick=False):
        perform(one, "decide", by=people["decide"], details={"decision_document": DOCUMENT})
    (sending,) = decision_batches(mine(call))

    assert decision_paper(call, sending).facts["objections"] == "公示期间收到的异议已核查了结"


def test_many_titles_are_summed_up_in_the_heading(call, grassroots):
    codes = ("county.craftsman", "county.startup_star", "county.women_pacesetter")
    call.honours.add(*(honour(code) for code in codes))
    for number, code in enumerate((*codes, "county.pacesetter")):
        lead(nominee(call, grassroots, f"先进{number}", code), State.PUBLICISED)
    (batch,) = notice_batches(mine(call))

    assert publicity_notice(call, batch).facts["titles"] == "平塘工匠等荣誉"


# --- Pages of a round's papers --------------------------------------------------------------------------

PAPERS = ["awards:round_notice", "awards:round_notice_word", "awards:round_decision", "awards:round_decision_word"]


@pytest.mark.parametrize("route", PAPERS)
def test_papers_are_for_the_desks_that_make_them(
    route, call, grassroots, awards_clerk, county_clerk, officer, township_officer, leader, outsider, signed_in, client
):
    lead(nominee(call, grassroots), State.PUBLICISED)
    lead(nominee(call, grassroots, "罗采青"), State.DECIDED)
    address = reverse(route, args=[call.pk])

    found = [
        signed_in(who).get(address).status_code
        for who in (awards_clerk, county_clerk, officer, township_officer, leader, outsider)
    ]

    assert found == [200, 200, 403, 403, 403, 404]
    assert client.get(address).url == f"{reverse('login')}?next={address}"


@pytest.mark.parametrize("route", PAPERS)
def test_papers_hold_nominations_of_the_own_subtree_only(route, call, grassroots, signed_in):
    """A round of the county seen from a township whose officer may publicise: nothing of another township."""
    lead(nominee(call, grassroots), State.PUBLICISED)
    lead(nominee(call, grassroots, "罗采青"), State.DECIDED)
    other = UserFactory(union=UnionFactory(), is_staff=True)
    other.user_permissions.set(Permission.objects.filter(codename__in=["publicise_nomination", "decide_nomination"]))

    response = signed_in(other).get(reverse(route, args=[call.pk]), {"names": "full"}, follow=True)

    assert response.status_code == 200
    assert not any(name in shown(response) for name in ("韦春芽", "罗采青", "金盆"))


@pytest.mark.parametrize("route", PAPERS)
def test_a_paper_that_is_not_there_is_not_found(route, call, awards_clerk, signed_in):
    client = signed_in(awards_clerk)

    assert client.get(reverse(route, args=[call.pk]), {"of": "2020-01-01"}).status_code == 404
    assert client.get(reverse(route, args=[10**9])).status_code == 404


@pytest.mark.parametrize(
    ("route", "said"), [("awards:round_notice", "目前没有公示中"), ("awards:round_decision", "还没有作出决定")]
)
def test_without_nominations_pages_and_files_say_so(route, said, call, awards_clerk, signed_in):
    client = signed_in(awards_clerk)

    page = client.get(reverse(route, args=[call.pk]))
    file = client.get(reverse(f"{route}_word", args=[call.pk]), follow=True)

    assert (said in shown(page), said in shown(file)) == (True, True)
    assert "下载 Word" not in shown(page)


def test_one_of_several_papers_is_chosen(call, grassroots, awards_clerk, signed_in):
    lead(nominee(call, grassroots), State.DECIDED)
    lead(nominee(call, grassroots, "罗采青", "prefecture.may_day_medal"), State.DECIDED)
    client = signed_in(awards_clerk)

    page = client.get(reverse("awards:round_decision", args=[call.pk]), {"of": f"report:{DOCUMENT}"})
    file = client.get(reverse("awards:round_decision_word", args=[call.pk]), {"of": f"report:{DOCUMENT}"})

    assert "黔南州总工会：" in shown(page)
    assert texts(body(file))[3] == "黔南州总工会："
    assert LogEntry.objects.get(action=LogEntry.Action.ACCESS).changes["条件"] == [
        "", f"2026 年评选；推荐报告 {DOCUMENT}",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("route", "state"), list(zip(PAPERS, ("publicised", "publicised", "decided", "decided"), strict=True))
)
def test_papers_ask_as_much_of_three_as_of_one(
    route, state, call, grassroots, awards_clerk, signed_in, django_assert_num_queries
):
    lead(nominee(call, grassroots), state)
    client, address = signed_in(awards_clerk), reverse(route, args=[call.pk])
    client.get(address)
    with CaptureQueriesContext(connection) as asked:
        client.get(address)
    lead(nominee(call, UnionFactory(), "甲一"), state)
    lead(nominee(call, UnionFactory(), "乙一", "county.pacesetter_post"), state)

    with django_assert_num_queries(len(asked)):
        client.get(address)


@pytest.mark.parametrize("name", ["notice", "decision", "report", "dossier"])
def test_shipped_papers_are_laid_out_as_the_standard_asks(name):
    """GB/T 9704-2012: A4, 37 mm above, 28 mm at the left, a type area of 156 × 225 mm, 仿宋 of 16 pt, titles of 22."""
    document = Document(documents.TEMPLATES / f"{name}.docx")
    page = document.sections[0]
    sizes = [page.page_width, page.page_height, page.top_margin, page.left_margin]
    sizes += [page.page_width - page.left_margin - page.right_margin]
    sizes += [page.page_height - page.top_margin - page.bottom_margin]

    assert [round(size.mm if hasattr(size, "mm") else size / 36000) for size in sizes] == [210, 297, 37, 28, 156, 225]
    assert (document.styles["Title"].font.size.pt, document.styles["Normal"].font.size.pt) == (22, 16)
    assert document.styles["Normal"].element.rPr.rFonts.get(qn("w:eastAsia")) == "仿宋"
