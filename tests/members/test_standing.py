"""Who a roster says to be gone never comes in as a member, a cadre or a union: told row by row, whatever the words."""

import io

import pytest
from django.urls import reverse
from openpyxl import Workbook, load_workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from members.ledgers import standing
from members.models import Cadre, Member, MembershipEvent, Union
from members.models.codes import EventKind, MemberStatus
from members.services import record_event
from pingtang_union.core.cleaning import CleanError
from pingtang_union.ledger.declaration import ledger_by_slug
from pingtang_union.ledger.giving import answer, marked, template
from pingtang_union.ledger.giving.export import export
from pingtang_union.ledger.standing import gone_word
from tests.factories import CadreFactory, MemberFactory, UnionFactory
from tests.ledger import dress, odd
from tests.ledger.brought import checked
from tests.members.test_ledgers import bring

pytestmark = pytest.mark.django_db
POWER = "平塘供电局工会委员会"
PEOPLE = [
    ["穆平", "男", "522727198511259937", "2012-04"],
    ["罗秀英", "女", "522727199003070024", "2015-06"],
]


@pytest.fixture
def power(db) -> Union:
    return UnionFactory(name=POWER, category="enterprise")


def roster(*more: dict[str, object], without_date: bool = False) -> bytes:
    """The two people, with more cells by header."""
    headers = ["姓名", "性别", "身份证号", *([] if without_date else ["入会时间"])]
    extra = list(dict.fromkeys(header for row in more for header in row))
    rows = [
        [*person[: len(headers)], *(cells.get(header, "") for header in extra)]
        for person, cells in zip(PEOPLE, [*more, *[{}] * (2 - len(more))], strict=True)
    ]
    return dress.xlsx({"会员花名册": [[f"工会名称：{POWER}"], [*headers, *extra], *rows]})


def told(report) -> dict[int, list[str]]:
    """What is said of each row, as "verdict column"."""
    said: dict[int, list[str]] = {}
    for sheet in report.sheets:
        for message in sheet.messages:
            said.setdefault(message["row"], []).append(f"{message['verdict']} {message['column']}")
    return said


# --- Members -------------------------------------------------------------------------------

GONE = (  # noqa: SIM905  a page of quotes would hide the words
    "已退会 退会 自动退会 退会（2023年5月） 转出 已转出 转出到县医院 除名 已除名 开除会籍 注销 会籍已注销 "
    "死亡 病故 已故 停止 会籍停止 中止 终止 暂停 冻结 停用 失效 离职 已离职 辞职 解除劳动合同 未入会 非会员 "
    "不在会 否 × 退會 已離會 取消会籍"
).split()
HERE = (
    *("在会 正常 有效 已入会 入会 转入 恢复会籍 在职 在册 是 √ 正常（在岗） 无变化".split()),  # noqa: SIM905
    "在 会",
)
EXOTIC = ("待审核", "申请中", "1", "A类", "甲", "待定会籍", "01", "未知")


@pytest.mark.parametrize("word", GONE)
def test_words_that_say_gone(word):
    assert gone_word(standing.STANDING.clean(word).value) == word


@pytest.mark.parametrize("word", HERE)
def test_words_that_say_here(word):
    assert standing.STANDING.clean(word).value in (standing.ACTIVE, standing.JOINED)


@pytest.mark.parametrize("word", EXOTIC)
def test_a_word_that_nobody_knows_is_refused_with_those_that_are(word):
    with pytest.raises(CleanError, match=r"在会.*保留.*退会"):
        standing.STANDING.clean(word)


@pytest.mark.parametrize(
    "header",
    [
        "会籍状态",
        "会员状态",
        "人员状态",
        "在会情况",
        "状态",
        "TRADE_STATUS",
        "会籍变化",
        "会籍变化类型",
        "变动类型",
        "★会籍状态（必填）",
        "是否在会",
    ],
)
def test_whoever_is_gone_is_refused_and_the_others_come_in(header, power):
    word = "否" if header == "是否在会" else "已退会"
    here = "是" if header == "是否在会" else "在会"
    report = bring(roster({header: here}, {header: word}), is_partial=True)
    assert list(Member.objects.values_list("name", "status")) == [("穆平", "active")]
    [[_row, [said]]] = told(report).items()
    assert said.startswith("reject 会籍")
    [message] = [message for sheet in report.sheets for message in sheet.messages]
    assert f"「{word}」" in message["message"]


@pytest.mark.parametrize(
    ("header", "cell"),
    [
        ("是否退会", "是"),
        ("是否已转出", "√"),
        ("退会时间", "2023-05"),
        ("离会日期", "2023.5.1"),
        ("退会原因", "调外县"),
        ("转往单位", "都匀市供电局"),
    ],
)
def test_a_column_of_leaving_says_gone_where_it_is_filled(header, cell, power):
    report = bring(roster({header: "否" if header.startswith("是否") else ""}, {header: cell}), is_partial=True)
    assert list(Member.objects.values_list("name", flat=True)) == ["穆平"]
    assert told(report)[4][0].startswith("reject")


def test_a_change_that_joins_gives_the_joining_date(power):
    content = roster(
        {"会籍变化类型": "入会", "会籍变化日期": "2015-06"},
        {"会籍变化类型": "转入", "会籍变化日期": "2019-07"},
        without_date=True,
    )
    assert bring(content).sheets[0].as_json()["new"] == 2
    assert list(Member.objects.values_list("joined_on", flat=True)) == ["2015-06", "2019-07"]


def test_a_joining_date_of_its_own_stays_and_a_change_of_another_kind_gives_none(power):
    content = roster(
        {"会籍变化类型": "转入", "会籍变化日期": "2019-07"}, {"会籍变化类型": "恢复会籍", "会籍变化日期": "2020-01"}
    )
    bring(content)
    assert list(Member.objects.values_list("joined_on", flat=True)) == ["2012-04", "2015-06"]


def test_who_is_retained_comes_in_so_with_the_day_and_undone_goes(power, county_clerk):
    content = roster({"会籍状态": "保留会籍", "会籍变化日期": "2021-01"}, {"会籍状态": "在会"})
    report = bring(content)
    retained = Member.objects.get(name="穆平")
    assert retained.status == MemberStatus.RETAINED
    assert list(retained.events.in_order().values_list("kind", "on")) == [("join", "2012-04"), ("retain", "2021-01")]
    assert report.sheets[0].as_json()["new"] == 2
    again = bring(content).sheets[0].as_json()
    assert (again["unchanged"], again["warned"]) == (2, 0)


def test_who_is_retained_since_nobody_knows_when_is_refused(power):
    report = bring(roster({"会籍状态": "保留会籍"}, {"会籍状态": "退休", "会籍变化日期": "2014-01"}), is_partial=True)
    assert told(report) == {3: ["reject 会籍状态"], 4: ["reject 会籍变化日期"]}
    assert not Member.objects.exists()


def test_a_roster_changes_no_standing_and_says_what_contradicts(power):
    active = MemberFactory(union=power, name="穆平", id_number=PEOPLE[0][2], joined_on="2012-04")
    kept = MemberFactory(union=power, name="罗秀英", id_number=PEOPLE[1][2], joined_on="2015-06")
    record_event(member=kept, kind=EventKind.RETAIN, on="2020-01", by=None)
    report = bring(roster({"会籍状态": "保留会籍"}, {"会籍状态": "在会"}))
    assert told(report) == {3: ["warn 会籍状态"], 4: ["warn 会籍状态"]}
    assert report.sheets[0].as_json()["rejected"] == 0
    assert list(Member.objects.order_by("pk").values_list("status", flat=True)) == ["active", "retained"]
    assert MembershipEvent.objects.count() == 3
    report = bring(roster({"会籍状态": "在会"}, {"会籍状态": "保留"}))
    assert told(report) == {}
    report = bring(roster({"会籍状态": "已退会"}), is_partial=True)
    assert told(report) == {3: ["reject 会籍状态"]}
    active.refresh_from_db()
    assert active.status == MemberStatus.ACTIVE


def test_who_has_left_is_not_retained_by_a_roster(power):
    left = MemberFactory(union=power, name="穆平", id_number=PEOPLE[0][2], joined_on="2012-04")
    record_event(member=left, kind=EventKind.LEAVE, on="2016-01", by=None, reason="调外县")
    report = bring(roster({"会籍状态": "保留会籍", "会籍变化日期": "2020-01"}), is_partial=True)
    assert "reject 会籍状态" in told(report)[3]
    left.refresh_from_db()
    assert left.status == MemberStatus.LEFT


def test_an_export_says_the_standing_and_brought_again_changes_nothing(power, county_clerk):
    MemberFactory(union=power, name="穆平", id_number=PEOPLE[0][2])
    kept = MemberFactory(union=power, name="罗秀英", id_number=PEOPLE[1][2])
    record_event(member=kept, kind=EventKind.RETAIN, on="2020-01", by=None)
    given = export(ledger_by_slug("members"), Member.objects.order_by("pk"), by=county_clerk, is_full=False)
    with given.file as file:
        content = file.read()
    rows = [[cell.value for cell in row] for row in load_workbook(io.BytesIO(content)).worksheets[0].iter_rows()]
    at = next(row.index("会籍状态") for row in rows if "会籍状态" in row)
    assert [row[at] for row in rows if row[at] in ("在会", "保留会籍")] == ["在会", "保留会籍"]
    report = bring(content).sheets[0].as_json()
    assert (report["unchanged"], report["warned"], report["rejected"]) == (2, 0, 0)


def test_a_template_offers_the_standing_and_none_of_what_is_read_only(power):
    with template.blank(ledger_by_slug("members"), union=power).file as file:
        sheet = load_workbook(file).worksheets[0]
    headers = [cell.value for row in sheet.iter_rows(max_row=6) for cell in row]
    assert "会籍状态" in headers
    assert not {"会籍变化类型", "会籍变化日期", "是否退会", "退会时间"} & set(headers)
    rules = [rule.formula1 for rule in sheet.data_validations.dataValidation]
    assert any("在会" in rule and "保留会籍" in rule for rule in rules)


def test_a_preview_shows_the_standing_in_words(power, county_clerk, client):
    batch = checked(county_clerk, roster({"会籍状态": "已入会"}, {"会籍状态": "已退会"}))
    client.force_login(county_clerk)
    pages = [
        client.get(reverse("ledger_batch", args=[batch.pk]), {"show": show}).content.decode()
        for show in ("new", "reject")
    ]
    assert "<ins>在会</ins>" in pages[0]
    assert "「已退会」表明这个人已经不在会" in pages[1]
    assert not any("gone 已退会" in page for page in pages)


def test_a_header_of_standing_that_nobody_knows_is_told(power):
    report = bring(roster({"审核状态": "已审核"}))
    [message] = [message["message"] for sheet in report.sheets for message in sheet.messages]
    assert message == "不认识 「审核状态」 列，这些列没有读入。"


# --- Cadres --------------------------------------------------------------------------------

CADRES = ["姓名", "性别", "所在工会", "工会职务", "任职时间"]


def cadres(header: str, *cells: object, ended: str = "") -> bytes:
    rows = [[f"吴{'安平文'[at]}", "男", POWER, "委员", "2012.08", ended, cell] for at, cell in enumerate(cells)]
    return dress.xlsx({"工会干部": [[*CADRES, "离任时间", header], *rows]})


@pytest.mark.parametrize(
    ("header", "here", "gone"),
    [
        ("在职状态", "在职", "离任"),
        ("任职状态", "现任", "已免职"),
        ("是否在职", "是", "否"),
        ("是否离任", "否", "是"),
        ("状态", "正常", "退休"),
        ("人员状态", "在岗", "调离"),
    ],
)
def test_a_cadre_out_of_post_needs_the_day(header, here, gone, power):
    report = bring(cadres(header, here, gone), name="工会干部花名册.xlsx", is_partial=True)
    assert list(Cadre.objects.values_list("name", flat=True)) == ["吴安"]
    assert [said.split()[0] for said in told(report)[3]] == ["reject"]


def test_a_cadre_out_of_post_with_the_day_comes_in_ended(power):
    report = bring(cadres("在职状态", "离任", "在职", ended="2019-05"), name="工会干部花名册.xlsx")
    assert list(Cadre.objects.values_list("ended_on", flat=True)) == ["2019-05", "2019-05"]
    assert told(report) == {3: ["warn 在职状态"]}


def test_a_word_of_post_that_nobody_knows_is_refused(power):
    report = bring(cadres("在职状态", "某某"), name="工会干部花名册.xlsx", is_partial=True)
    assert told(report) == {2: ["reject 在职状态"]}


def test_an_export_of_cadres_has_no_such_column(power, county_clerk):
    CadreFactory(union=power)
    with export(ledger_by_slug("cadres"), Cadre.objects.all(), by=county_clerk, is_full=False).file as file:
        sheet = load_workbook(file).worksheets[0]
    assert not {"在职状态", "是否离任"} & {cell.value for row in sheet.iter_rows() for cell in row}


# --- Unions --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "here", "gone"),
    [
        ("状态", "正常", "撤销"),
        ("工会状态", "存续", "已注销"),
        ("建会状态", "已建会", "筹备"),
        ("是否撤销", "否", "是"),
        ("撤销时间", "", "2020-05"),
    ],
)
def test_a_union_that_is_none_is_refused(header, here, gone):
    rows = [["甲厂工会委员会", "2010.05", here], ["乙厂工会委员会", "2010.05", gone]]
    content = dress.xlsx({"企业工会": [["工会名称", "建会时间", header], *rows]})
    report = bring(content, name="基层工会组织花名册.xlsx", is_partial=True)
    assert list(Union.objects.filter(name__endswith="厂工会委员会").values_list("name", flat=True)) == [
        "甲厂工会委员会"
    ]
    assert [said.split()[0] for said in told(report)[3]] == ["reject"]


# --- Dates and numbers of the workbook, through to the record --------------------------------


@pytest.mark.usefixtures("without_look")
def test_a_1904_roster_brought_and_its_answer_brought_again_give_the_same_days(power, county_clerk):
    book = Workbook()
    book.epoch = CALENDAR_MAC_1904
    sheet = book.active
    for row in ([f"工会名称：{POWER}"], ["姓名", "性别", "身份证号", "入会时间", "会员卡号"]):
        sheet.append(row)
    sheet.append([*PEOPLE[0][:3], 41040, 12345])
    sheet.append([*PEOPLE[1][:3], 41040, 700])
    sheet["D4"].number_format = 'yyyy"年"m"月"'
    sheet["E3"].number_format = sheet["E4"].number_format = "0000000000"
    content = odd.saved(book)
    batch = checked(county_clerk, content)
    for kept in (content, _plainly(batch, content)):
        bring(kept)
        assert list(Member.objects.order_by("pk").values_list("joined_on", "card_number")) == [
            ("2016-05-12", "0000012345"),
            ("2016-05", "0000000700"),
        ]


def _plainly(batch, content: bytes) -> bytes:
    """The answer as it is written for what can't keep its look."""
    with marked.annotate(content, answer.answer_to(batch, at="2026-05-01 10:00")) as file:
        return file.read()


def test_the_day_of_a_change_is_no_joining_date_of_who_is_known(power):
    known = MemberFactory(union=power, name="穆平", id_number=PEOPLE[0][2], joined_on="2010-01")
    moved = {"会籍变化类型": "转入", "会籍变化日期": "2023-05"}

    bring(roster(moved, moved, without_date=True))

    known.refresh_from_db()
    assert (known.joined_on, Member.objects.get(name="罗秀英").joined_on) == ("2010-01", "2023-05")
    assert MembershipEvent.objects.filter(member=known, kind=EventKind.JOIN, on="2023-05").count() == 0


def test_a_day_of_coming_before_the_birth_is_refused(power):
    report = bring(roster({"会籍变化类型": "入会", "会籍变化日期": "1980-05"}, {}, without_date=True))

    assert "reject 入会时间" in str(told(report))
    assert not Member.objects.filter(name="穆平").exists()
