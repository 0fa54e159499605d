"""荣誉台账 from file to records: titles, holders, documents, days; what is refused and what a ledger may not change."""

import csv
import io
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.utils import timezone

from awards.models import Award
from awards.services import revoke_award
from members.models import Union, UnionName
from pingtang_union.ledger.importing import preview
from pingtang_union.ledger.importing.command import Importer
from pingtang_union.ledger.models import ImportRow, Verdict
from pingtang_union.workflow.table import State
from tests.awards.walk import lead
from tests.factories import (
    AwardFactory,
    CadreFactory,
    MemberFactory,
    NominationFactory,
    UnionFactory,
    honour,
    id_number,
)
from tests.ledger import dress
from tests.members.test_steps import deliver, take_back, write

pytestmark = pytest.mark.django_db

SHIPPED = Path(__file__).parents[2] / "pingtang_union" / "demo" / "ledgers"
LABELS = (
    "荣誉称号", "级别", "类型", "获奖集体（个人）", "所在工会", "授予单位", "授予时间", "表彰文号", "证书编号",
)  # fmt: skip
WATER = "平塘县自来水公司工会委员会"


def shipped(name: str) -> tuple[str, bytes]:
    return f"{name}.xlsx", (SHIPPED / f"{name}.xlsx").read_bytes()


def row(**cells) -> dict[str, object]:
    """A person's honour by label, with `cells` instead."""
    usual = {
        "荣誉称号": "平塘县五一劳动标兵",
        "获奖集体（个人）": "穆平",
        "所在工会": WATER,
        "授予时间": "2017-04-25",
        "表彰文号": "平工发〔2017〕12号",
    }
    return {**usual, **cells}


def ledger(*rows, labels=LABELS) -> bytes:
    """A workbook of rows by label; a text among them is a section's title."""
    grid = [["平塘县总工会荣誉台账"], ["序号", *labels]]
    grid += [[one] if isinstance(one, str) else ["", *(one.get(label, "") for label in labels)] for one in rows]
    return dress.xlsx({"荣誉台账": grid})


def bring(*rows, by=None, labels=LABELS, is_partial=False):
    """The report of the one sheet."""
    [report] = Importer(by=by, is_partial=is_partial).bring([("荣誉台账.xlsx", ledger(*rows, labels=labels))])
    assert report.error == ""
    return report.sheets[0]


def counted(sheet) -> dict[str, int]:
    return {str(verdict): number for verdict, number in sheet.counts.items() if number and verdict != "warned"}


def said(sheet) -> list[tuple[str, str]]:
    return [(message["column"], message["message"]) for message in sheet.messages]


@pytest.fixture
def water(db) -> Union:
    return UnionFactory(name=WATER, category="enterprise")


# --- The county's own ledger -----------------------------------------------------------------


def facts() -> list[tuple]:
    fields = ("honour__code", "recipient_key", "union__name", "granted_by", "awarded_on", "document_number", "note")
    return sorted(Award.objects.values_list(*fields, "recipient_union__name"))


def test_the_countys_ledger_comes_in_whole_and_twice_changes_nothing():
    for expected in ("new", "unchanged"):
        reports = Importer().bring([shipped("荣誉台账"), shipped("基层工会组织花名册")])  # in whatever order
        [sheet] = reports[0].sheets
        assert (counted(sheet), sheet.messages) == ({expected: 236}, [])
    awards = list(Award.objects.select_related("honour", "recipient_union"))
    assert len({award.token for award in awards}) == 236
    assert {award.source for award in awards} == {"ledger"}
    assert {award.recipient_union_id is None for award in awards if not award.honour.is_for_person} == {False}
    assert {award.recipient == award.recipient_union.name for award in awards if award.recipient_union} == {True}
    assert {award.union_id == award.recipient_union_id for award in awards if award.recipient_union} == {True}


ALIASES = {
    "荣誉称号": "获奖名称",
    "级别": "表彰级别",
    "类型": "集体/个人",
    "获奖集体（个人）": "获奖单位（个人）",
    "所在工会": "所属工会",
    "授予单位": "表彰单位",
    "授予时间": "获奖年月",
    "表彰文号": "文号",
}


def in_gbk(content: bytes) -> tuple[str, bytes]:
    [rows] = dress.load(content).values()
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerows([[int(cell) if isinstance(cell, float) else cell for cell in one] for one in rows])
    return "荣誉台账.csv", buffer.getvalue().encode("gbk")


def test_other_dress_gives_the_same_records():
    name, content = shipped("荣誉台账")
    sheets = dress.load(content)
    rows = sheets["荣誉台账"]
    Importer().bring([shipped("基层工会组织花名册"), (name, content)])
    expected = facts()
    # Neither numbers nor levels: the sections' titles stand in the first of the other columns.
    bare = [[one[1] if at == 2 or isinstance(one[0], float) else one[0], *one[3:]] for at, one in enumerate(rows)]
    for file in (
        (name, dress.xlsx(dress.traditional(sheets))),
        (name, dress.xlsx(dress.wide_digits(sheets))),
        (name, dress.xlsx(dress.shifted(sheets))),
        (name, dress.xlsx(dress.reordered(sheets, 2))),
        (name, dress.xlsx(dress.renamed(sheets, ALIASES))),
        (name, dress.xlsx(dress.other_dates(sheets, (), lambda day: f"{day.year}/{day.month}/{day.day}"))),
        ("获奖情况.xls", dress.xls(sheets)),
        ("获奖情况.xlsx", dress.xlsx({"获奖情况": bare})),
        in_gbk(content),
    ):
        Award.objects.all().delete()
        [report] = Importer().bring([file])
        assert (file[0], report.error, report.rejected) == (file[0], "", 0)
        # Names of persons are kept as they are written; their keys are the same.
        assert facts() == expected


# --- Titles ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "level", "code"),
    [
        ("平塘县五一劳动标兵", "", "county.pacesetter"),
        ("平塘县“五一劳动标兵”", "", "county.pacesetter"),
        ("五一劳动标兵", "", "county.pacesetter"),
        ("平塘縣「五一勞動標兵」稱號", "縣級", "county.pacesetter"),
        ("2017年度平塘县五一劳动标兵荣誉称号", "", "county.pacesetter"),
    ],
)
def test_a_title_goes_by_any_of_its_names(water, written, level, code):
    sheet = bring(row(荣誉称号=written, 级别=level))
    assert (counted(sheet), said(sheet)) == ({"new": 1}, [])
    assert Award.objects.get().honour == honour(code)


@pytest.mark.parametrize(
    ("written", "level", "code"),
    [
        ("行业道德标兵", "省级", "province.ethics_model"),
        ("五一劳动奖章", "州级", "prefecture.may_day_medal"),
        ("五一劳动奖章", "全国", "national.may_day_medal"),
    ],
)
def test_the_level_tells_which_title_is_meant_without_its_place_and_it_is_said(water, written, level, code):
    sheet = bring(row(荣誉称号=written, 级别=level))
    title = honour(code)
    expected = f"荣誉称号：「{written}」按{title.get_level_display()}的「{title}」登记，请核对。"
    assert (counted(sheet), said(sheet)) == ({"new": 1}, [("荣誉称号", expected)])
    assert Award.objects.get().honour == title


@pytest.mark.parametrize(
    ("written", "level", "near"),
    [
        ("平塘县五一劳动模范", "", "「平塘县五一劳动标兵」"),
        ("五一劳动奖章", "", "五一劳动奖章」"),  # of which level?
        ("道德标兵", "省级", "「贵州省行业道德标兵」"),  # not only the place is missing
        ("标兵", "县级", "标兵」"),
    ],
)
def test_an_unknown_title_is_refused_with_the_nearest(water, written, level, near):
    [(column, text)] = said(bring(row(荣誉称号=written, 级别=level)))
    assert column == "荣誉称号"
    assert text.startswith(f"荣誉称号：荣誉称号目录里没有「{written}」。是不是「")
    assert near in text
    assert text.endswith("请县总工会先在业务管理的「荣誉称号」里添加。")


def test_nothing_is_near_a_title_of_another_world(water):
    [(_column, text)] = said(bring(row(荣誉称号="优秀共产党员")))
    assert "是不是" not in text


@pytest.mark.parametrize(
    ("cells", "column", "text"),
    [
        (
            {"级别": "州级"},
            "级别",
            "级别：填的是「州级」，而「平塘县五一劳动标兵」是县级荣誉，请核对称号和级别哪个写错了。",
        ),
        (
            {"类型": "集体"},
            "类型",
            "类型：填的是「集体」，而「平塘县五一劳动标兵」授予个人，请核对称号和类型哪个写错了。",
        ),
        (
            {"荣誉称号": "平塘县工人先锋号", "类型": "个人"},
            "类型",
            "类型：填的是「个人」，而「平塘县工人先锋号」授予集体或岗位，请核对称号和类型哪个写错了。",
        ),
    ],
)
def test_what_contradicts_the_catalogue_is_refused(water, cells, column, text):
    assert said(bring(row(**cells))) == [(column, text)]


@pytest.mark.parametrize("kind", ["集体", "岗位", "班组", ""])
def test_ledgers_call_posts_collectives_too(water, kind):
    assert counted(bring(row(荣誉称号="平塘县工人先锋号", 类型=kind, **{"获奖集体（个人）": "抢修班"}))) == {"new": 1}


def test_a_sections_title_gives_the_level_where_the_row_has_none(water):
    rows = (
        "二、州级荣誉",
        row(荣誉称号="工人先锋号", **{"获奖集体（个人）": "抢修班"}),
        "（一）集体",
        row(荣誉称号="五一劳动奖章"),
        "三、县级荣誉",
        row(荣誉称号="工人先锋号", 级别="州级", **{"获奖集体（个人）": "营业厅"}),
        row(荣誉称号="工人先锋号", **{"获奖集体（个人）": "抄表班"}),
    )
    assert counted(bring(*rows)) == {"new": 4}
    assert dict(Award.objects.values_list("recipient", "honour__code")) == {
        "抢修班": "prefecture.worker_pioneer",
        "穆平": "prefecture.may_day_medal",
        "营业厅": "prefecture.worker_pioneer",
        "抄表班": "county.worker_pioneer",
    }


def test_a_section_without_the_column_says_the_level_and_contradicts_too(water):
    labels = tuple(label for label in LABELS if label != "级别")
    assert counted(bring("四、县级荣誉", row(荣誉称号="工人先锋号", 类型="集体"), labels=labels)) == {"new": 1}
    [(column, text)] = said(bring("一、国家级荣誉", row(), labels=labels))
    assert (column, "填的是「国家级」" in text) == ("级别", True)


# --- Holders ---------------------------------------------------------------------------------


@pytest.mark.parametrize("written", [WATER, "县自来水公司工会", "平塘縣自來水公司工會委員會", "水司工会", "水司"])
def test_a_union_is_recognised_by_any_of_its_names(water, written):
    UnionName.objects.create(union=water, name="水司")
    bring(row(荣誉称号="黔南州模范职工之家", 所在工会="", **{"获奖集体（个人）": written}))
    award = Award.objects.get()
    assert (award.recipient, award.recipient_union, award.union) == (WATER, water, water)


@pytest.mark.parametrize("written", ["抢修班", "平塘县自来水公司", "县自来水公司抢修班工会小组"])
def test_a_team_and_a_unit_stay_what_they_are_called(water, written):
    bring(row(荣誉称号="黔南州工人先锋号", **{"获奖集体（个人）": written}))
    award = Award.objects.get()
    assert (award.recipient, award.recipient_union, award.union) == (written, None, water)


def test_of_two_unions_of_one_name_the_rows_own_is_meant(water):
    UnionFactory(name="自来水公司工会", category="enterprise")
    bring(row(荣誉称号="黔南州模范职工之家", **{"获奖集体（个人）": "县自来水公司工会"}))
    assert Award.objects.get().recipient_union == water


def test_a_name_that_a_union_had_then_stays(water):
    AwardFactory(
        honour=honour("prefecture.model_home"), union=water, recipient="平塘县水厂工会", recipient_union=water,
        document_number="",
    )  # fmt: skip
    UnionName.objects.create(union=water, name="平塘县水厂工会")
    cells = {"荣誉称号": "黔南州模范职工之家", "表彰文号": ""}
    for written in ("平塘县水厂工会", WATER):
        assert counted(bring(row(**cells, **{"获奖集体（个人）": written}))) == {"unchanged": 1}
    assert Award.objects.get().recipient == "平塘县水厂工会"


def test_an_honour_outlives_its_union(water):
    UnionFactory(name="平塘县旧厂工会委员会", status="dissolved", dissolved_on="2018-01")
    cells = {"荣誉称号": "黔南州模范职工之家", "获奖集体（个人）": "县旧厂工会", "所在工会": "平塘县旧厂工会委员会"}
    for expected in ("new", "unchanged"):
        assert counted(bring(row(**cells))) == {expected: 1}
    assert Award.objects.get().recipient == "平塘县旧厂工会委员会"


@pytest.mark.parametrize(
    ("members", "cadres", "linked"),
    [
        ([], [], (False, False)),
        (["a"], [], (True, False)),
        ([], ["a"], (False, True)),
        (["a"], ["a"], (True, True)),
        (["a"], [""], (True, True)),
        (["a"], ["b"], (False, False)),
        (["a", "b"], [], (False, False)),
        ([], ["a", "b"], (False, False)),
    ],
)
def test_a_person_is_linked_when_exactly_one_fits(water, members, cadres, linked):
    numbers = {"a": id_number(), "b": id_number("19810101"), "": ""}
    for one in members:
        MemberFactory(name="穆平", union=water, id_number=numbers[one])
    for one in cadres:
        CadreFactory(name="穆平", union=water, id_number=numbers[one])
    MemberFactory(name="穆平")
    CadreFactory(name="穆平")
    bring(row(**{"获奖集体（个人）": " 穆 平\u3000"}))
    award = Award.objects.get()
    assert award.recipient == "穆平"
    assert (award.member is not None, award.cadre is not None) == linked
    assert {one.union for one in (award.member, award.cadre) if one} <= {water}


@pytest.mark.parametrize(
    ("cells", "column", "text"),
    [
        ({"获奖集体（个人）": "穆平、罗秀英"}, "获奖集体（个人）", "像是写了几个人"),
        ({"获奖集体（个人）": "空缺"}, "获奖集体（个人）", "没有填"),
        ({"获奖集体（个人）": ""}, "获奖集体（个人）", "没有填"),
        ({"荣誉称号": "平塘县工人先锋号", "获奖集体（个人）": "……"}, "获奖集体（个人）", "里面没有文字"),
        ({"所在工会": ""}, "所在工会", "没有填"),
        ({"所在工会": "火星工会"}, "所在工会", "没有找到名为「火星工会」的工会"),
        ({"荣誉称号": ""}, "荣誉称号", "没有填"),
        ({"授予时间": ""}, "授予时间", "没有填"),
        ({"授予时间": "2017.13"}, "授予时间", "没有 13 月"),
        ({"授予时间": "2099-01-01"}, "授予时间", "以后"),
    ],
)
def test_what_is_missing_or_wrong_is_said_at_its_cell(water, cells, column, text):
    told = [(at, words) for at, words in said(bring(row(**cells)))]
    assert [at for at, _words in told] == [column]
    assert text in told[0][1]
    assert not Award.objects.exists()


def test_a_rows_union_may_be_the_one_that_the_sheet_is_of(water):
    cells = row(所在工会="")
    grid = [["荣誉台账"], [f"工会名称：{WATER}"], list(LABELS), [cells.get(label, "") for label in LABELS]]
    [report] = Importer().bring([("荣誉台账.xlsx", dress.xlsx({"荣誉台账": grid}))])
    assert report.is_written
    grid[1] = ["工会名称：平塘县总工会"]  # whose sheet holds everybody's honours
    [report] = Importer().bring([("荣誉台账.xlsx", dress.xlsx({"荣誉台账": grid}))])
    assert report.rejected == 1


# --- Documents, certificates, days -------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("平工发〔2017〕12号", "平工发〔2017〕12号"),
        ("平工发[2017]12号", "平工发〔2017〕12号"),
        ("平工发（2017）第012号", "平工发〔2017〕12号"),
        ("平工發【２０１７】１２號", "平工发〔2017〕12号"),
        ("", ""),
        ("无", ""),
    ],
)
def test_a_documents_number_is_mended_where_that_is_sure(water, written, stored):
    sheet = bring(row(表彰文号=written))
    assert (counted(sheet), sheet.messages) == ({"new": 1}, [])
    assert Award.objects.get().document_number == stored


@pytest.mark.parametrize("written", ["2017年12号文", "平工发2017-12", "平工发〔1917〕12号", 12.0])
def test_any_other_is_refused(water, written):
    [(column, text)] = said(bring(row(表彰文号=written)))
    assert (column, "请核对" in text or "要写成" in text) == ("表彰文号", True)


def test_a_day_known_more_or_less_exactly_is_the_same_day(water):
    bring(row(授予时间="2017年4月"))
    assert counted(bring(row(授予时间="2017"))) == {"unchanged": 1}
    assert counted(bring(row(授予时间="2017-04-25"))) == {"changed": 1}
    assert counted(bring(row(授予时间="2017.04"))) == {"unchanged": 1}
    assert counted(bring(row(授予时间="2016-04-25"))) == {"new": 1}
    assert sorted(Award.objects.values_list("awarded_on", flat=True)) == ["2016-04-25", "2017-04-25"]


def test_a_year_that_fits_two_honours_is_asked_about(water):
    bring(row(), row(授予时间="2017-12-20"))
    assert said(bring(row(授予时间="2017"))) == [("授予时间", "授予时间：这段时间里登记过几次同样的荣誉，请写明日期。")]


def test_two_rows_never_mean_one_record(water):
    bring(row(授予时间="2017"))
    sheet = bring(row(授予时间="2017-04"), row(授予时间="2017-05"), is_partial=True)
    assert counted(sheet) == {"changed": 1, "reject": 1}
    assert said(sheet) == [("授予时间", "授予时间：与第 3 行像是同一次授予（登记为2017年），请核对时间。")]
    assert Award.objects.get().awarded_on == "2017-04"


def test_a_repeated_row_is_refused(water):
    sheet = bring(row(), row(表彰文号="平工发〔2017〕13号"), is_partial=True)
    assert counted(sheet) == {"new": 1, "reject": 1}
    assert said(sheet)[0][0] == "获奖集体（个人）"


@pytest.mark.parametrize(("written", "stored"), [("007", "007"), (7.0, "7"), (2017.0, "2017")])
def test_a_certificates_number_is_a_text(water, written, stored):
    bring(row(证书编号=written))
    assert Award.objects.get().certificate_number == stored


def test_a_certificates_number_is_given_once(water):
    AwardFactory(certificate_number="A-1")
    sheet = bring(row(证书编号="A-1"), row(证书编号="A-2", 授予时间="2016"), row(证书编号="A-2", 授予时间="2015"))
    assert said(sheet) == [
        ("证书编号", "证书编号：这个编号已经登记在另一条荣誉上，请核对。"),
        ("证书编号", "证书编号：与第 4 行的编号相同，请核对。"),
    ]


def test_what_the_ledger_leaves_out_comes_from_the_catalogue_and_erases_nothing(water):
    bring(row(证书编号="A-1", 授予单位="县委、县政府"), row(授予时间="2016"))
    assert dict(Award.objects.values_list("awarded_on", "granted_by")) == {
        "2017-04-25": "县委、县政府",
        "2016": "平塘县总工会",
    }
    assert counted(bring(row(表彰文号="", 证书编号=""), row(授予时间="2016", 授予单位=""))) == {"unchanged": 2}
    assert Award.objects.get(awarded_on="2017-04-25").certificate_number == "A-1"


# --- What a ledger may not do ------------------------------------------------------------------


def test_officers_bring_what_is_recorded_but_nothing_new(officer, grassroots):
    cells = {"所在工会": grassroots.name}
    AwardFactory(union=grassroots, recipient="穆平")
    sheet = bring(row(授予时间="2017", **cells), row(授予时间="2016", **cells), by=officer, is_partial=True)
    assert counted(sheet) == {"unchanged": 1, "reject": 1}
    assert said(sheet) == [("荣誉称号", "您的账号不能新建获奖记录，请联系县总工会办理。")]
    changed = {**row(**cells), "表彰文号": "平工发〔2017〕99号"}
    assert said(bring(changed, by=officer)) == [("荣誉称号", "您的账号不能修改获奖记录，请联系县总工会办理。")]


def test_another_offices_honours_are_out_of_reach(outsider, water):
    AwardFactory(union=water, recipient="穆平")
    [(column, text)] = said(bring(row(表彰文号="平工发〔2017〕99号"), by=outsider))
    assert (column, "没有找到" in text) == ("所在工会", True)
    assert Award.objects.get().document_number == "平工发〔2017〕12号"


@pytest.fixture
def nominated(water):
    """An award that a nomination led to."""
    with time_machine.travel(timezone.now() - timedelta(days=90)):
        return lead(NominationFactory(union=water, name="穆平"), State.DECIDED).award


def test_a_nominations_award_is_not_overwritten(water, nominated):
    Award.objects.update(certificate_number="")  # as before certificates had numbers
    cells = {"授予时间": nominated.awarded_on, "表彰文号": nominated.document_number}
    assert counted(bring(row(**cells))) == {"unchanged": 1}
    [(column, text)] = said(bring(row(**{**cells, "表彰文号": "平工发〔2017〕99号"})))
    assert (column, text.startswith("表彰文号：与评选推荐产生的登记不同")) == ("表彰文号", True)
    assert counted(bring(row(**cells, 证书编号="A-1"))) == {"changed": 1}  # what was blank
    nominated.refresh_from_db()
    assert (nominated.certificate_number, nominated.source) == ("A-1", "nomination")


def test_a_revoked_honour_stays_as_it_is(water, awards_clerk):
    award = AwardFactory(union=water, recipient="穆平")
    revoke_award(award=award, on="2018-05", reason="弄虚作假", document_number="平工发〔2018〕9号", by=awards_clerk)
    sheet = bring(row())
    assert (counted(sheet), said(sheet)) == (
        {"unchanged": 1},
        [("荣誉称号", "这项荣誉已于2018年5月撤销，请从台账里删去这一行。")],
    )
    [(column, text)] = said(bring(row(表彰文号="平工发〔2017〕99号")))
    assert (column, "不再改动" in text) == ("表彰文号", True)


# --- On the pages: preview, writing, taking back -----------------------------------------------


def test_a_preview_shows_words_and_writing_can_be_taken_back(awards_clerk, water):
    AwardFactory(union=water, recipient="罗秀英", document_number="")
    before = list(Award.objects.order_by("pk").values_list())
    content = ledger(row(级别="县级", 类型="个人"), row(**{"获奖集体（个人）": "罗秀英"}))
    batch = deliver(awards_clerk, content, "荣誉台账.xlsx")
    assert [(one.name, one.verdict) for one in preview.Rows(batch)] == [
        ("穆平（平塘县五一劳动标兵）", Verdict.NEW),
        ("罗秀英（平塘县五一劳动标兵）", Verdict.CHANGED),
    ]
    assert next(iter(preview.Rows(batch))).values["level"] == "县级"
    batch = write(batch)
    assert (batch.new, batch.changed, Award.objects.count()) == (1, 1, 2)
    take_back(batch, awards_clerk)
    assert list(Award.objects.order_by("pk").values_list()) == before


def test_taking_back_keeps_what_was_revoked_since(awards_clerk, water):
    batch = write(deliver(awards_clerk, ledger(row(), row(授予时间="2016")), "荣誉台账.xlsx"))
    award = Award.objects.get(awarded_on="2016")
    revoke_award(award=award, on="2018-05", reason="弄虚作假", document_number="平工发〔2018〕9号", by=awards_clerk)
    undoing = take_back(batch, awards_clerk)
    assert dict(ImportRow.objects.filter(batch=undoing).values_list("object_id", "verdict"))[award.pk] == Verdict.KEPT
    assert list(Award.objects.all()) == [award]


def test_a_nominations_award_is_not_removed(awards_clerk, water, nominated):
    Award.objects.update(certificate_number="")
    cells = {"授予时间": nominated.awarded_on, "表彰文号": nominated.document_number, "证书编号": "A-1"}
    batch = write(deliver(awards_clerk, ledger(row(**cells)), "荣誉台账.xlsx"))
    ImportRow.objects.filter(batch=batch).update(verdict=Verdict.NEW)  # were it ever said to be the batch's own
    take_back(batch, awards_clerk)
    assert Award.objects.get() == nominated


def test_comparing_costs_the_same_for_one_and_three(water, django_assert_max_num_queries):
    days = ("2015", "2016", "2017")
    for number in (1, 3):
        with django_assert_max_num_queries(45):
            bring(*(row(授予时间=day) for day in days[:number]))
    assert Award.objects.count() == 3
