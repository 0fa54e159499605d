"""Blank and prefilled workbooks: read as our own, without a word said against them."""

import io

import pytest
from auditlog.models import LogEntry
from openpyxl import load_workbook

from members import roles
from members.models import Member
from pingtang_union.core.audit import is_export
from pingtang_union.core.exceptions import DomainError
from pingtang_union.ledger.declaration import ledger_by_slug, ledgers
from pingtang_union.ledger.giving import template
from pingtang_union.ledger.importing import preview
from pingtang_union.ledger.models import BatchState
from pingtang_union.ledger.reading.ours import CHOICES_SHEET, NOTES_SHEET
from tests.factories import ActivityFactory, CadreFactory, MemberFactory, TrainingFactory, UnionFactory, UserFactory
from tests.members.test_steps import deliver, write

pytestmark = pytest.mark.django_db
LEDGERS = [pytest.param(ledger, id=ledger.slug) for ledger in ledgers()]
HEADER = 4


def bytes_of(given) -> bytes:
    with given.file as file:
        return file.read()


def filled(content: bytes, rows: list[dict[str, str]]) -> bytes:
    """The workbook with rows typed in below its header, by label."""
    book = load_workbook(io.BytesIO(content))
    sheet = book.worksheets[0]
    places = {cell.value: cell.column for cell in sheet[HEADER]}
    for number, row in enumerate(rows, start=HEADER + 1):
        for label, value in row.items():
            sheet.cell(number, places[label]).value = value
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize("ledger", LEDGERS)
def test_an_unfilled_template_says_that_it_has_no_rows(ledger, county_clerk):
    batch = deliver(county_clerk, bytes_of(template.blank(ledger, union=county_clerk.union)), f"{ledger.title}.xlsx")
    assert (batch.state, batch.rows, batch.new) == (BatchState.READY, 0, 0) or "没有" in batch.error
    with pytest.raises(DomainError):
        write(batch)


@pytest.mark.parametrize("ledger", LEDGERS)
def test_every_choice_of_a_dropdown_is_read_without_a_warning(ledger):
    book = load_workbook(io.BytesIO(bytes_of(template.blank(ledger, union="某工会"))))
    sheet = book.worksheets[0]
    offered = {}
    for rule in sheet.data_validations.dataValidation:
        label = sheet.cell(HEADER, next(iter(rule.sqref.ranges)).min_col).value
        if rule.formula1.startswith('"'):
            offered[label] = rule.formula1.strip('"').split(",")
        else:
            area = rule.formula1.split("!")[1].replace("$", "")
            offered[label] = [cell.value for [cell] in book[CHOICES_SHEET][area]]
    assert offered == {column.label: list(column.choices) for column in ledger.columns if column.choices}
    for column in ledger.columns:
        assert [column.clean(choice).warning for choice in column.choices] == [""] * len(column.choices)


FILLED = {
    "unions": {
        "工会名称": "某某局工会委员会",
        "上级工会": "平塘县总工会",
        "工会类别": "机关工会",
        "所属行业": "教育",
        "建会时间": "2018-03",
    },
    "cadres": {"姓名": "穆平", "工会职务": "主席", "行政职级": "乡科级正职", "任职时间": "2016"},
    "social-workers": {"姓名": "穆平", "岗位": "专干", "聘用时间": "2016-05"},
    "trainings": {"培训班名称": "工会主席培训班", "开班时间": "2017-05"},
    "attendances": {"姓名": "穆平", "培训班名称": "第一期"},
    "members": {"姓名": "穆平", "身份证号": "522727198511259937", "民族": "布依族", "入会时间": "2012-04"},
    "grants": {
        "姓名": "穆平",
        "身份证号": "522727198511259937",
        "人员类别": "困难职工",
        "所在工会（住址）": "平塘供电局工会委员会",
        "帮扶项目": "五一慰问",
        "批次": 1,
        "发放时间": "2018-04-27",
        "慰问金（元）": 400,
    },
    "households": {"申请人": "穆平", "姓名": "穆平", "身份证号": "522727198511259937", "单位性质": "国有企业"},
    "cards": {"卡种": "爱心服务卡", "发放时间": "2016-06-05", "张数": 30},
    "activities": {
        "活动名称": "趣味运动会",
        "类别": "其他活动",
        "主办工会": "平塘供电局工会委员会",
        "举办时间": "2018-04-27",
        "参加人数": 60,
    },
    "outcomes": {"活动名称": "读书月", "成果项目": "征文", "数量": 8},
    "awards": {"荣誉称号": "全国模范职工之家", "获奖集体（个人）": "平塘供电局工会委员会", "授予时间": "2016-04"},
}


@pytest.mark.parametrize("ledger", LEDGERS)
def test_a_filled_template_is_read_without_a_word(ledger, county_clerk):
    union = UnionFactory(name="平塘供电局工会委员会")
    TrainingFactory(name="第一期", union=county_clerk.union)
    ActivityFactory(name="读书月", union=union)
    row = dict(FILLED[ledger.slug])
    for column in ledger.columns:
        if column.choices and column.label != "证件类型" and column.label not in row:
            row[column.label] = column.choices[0]
    row.pop("性别", None)  # the number tells it
    row.pop("工会层级", None)  # the first would be the county's
    content = filled(bytes_of(template.blank(ledger, union=union)), [row])
    if ledger.slug in ("grants", "cards"):
        county_clerk = UserFactory(roles=(roles.RELIEF,))  # each desk keeps its own
    if ledger.slug in ("activities", "outcomes"):
        county_clerk = UserFactory(roles=(roles.ECONOMY,))
    if ledger.slug == "households":
        county_clerk = UserFactory(union=union, roles=(roles.GRASSROOTS,))
    batch = deliver(county_clerk, content, f"{ledger.title}.xlsx")
    assert [message.text for row in preview.Rows(batch) for message in row.messages] == []
    assert (batch.messages, batch.new, batch.warned, batch.rejected) == ([], 1, 0, 0)
    if ledger.slug in ("members", "cadres", "social-workers", "attendances"):
        write(batch)
        assert ledger.model.objects.get(name="穆平").union == union


@pytest.mark.parametrize("ledger", LEDGERS)
def test_codes_phones_numbers_and_dates_are_texts_down_the_blank_rows(ledger):
    sheet = load_workbook(io.BytesIO(bytes_of(template.blank(ledger, union="某工会")))).worksheets[0]
    texts = template.text_columns(ledger)
    for index, column in enumerate(ledger.columns, start=2):
        wanted = "@" if column.name in texts else "General"
        formats = {sheet.cell(row, index).number_format for row in (HEADER + 1, HEADER + template.ROWS)}
        assert formats == {wanted}
        letter = sheet.cell(HEADER, index).column_letter
        assert sheet.column_dimensions[letter].number_format == wanted
    named = {column.label for column in ledger.columns if column.name in texts}
    assert named >= {column.label for column in ledger.columns if column.label.endswith(("时间", "年月"))}
    assert sheet.freeze_panes == "C5"
    assert sheet["A2"].value == "工会名称：某工会"


def test_required_columns_and_notes_are_marked():
    ledger = ledger_by_slug("members")
    book = load_workbook(io.BytesIO(bytes_of(template.blank(ledger, union="某工会"))))
    header = {cell.value: cell for cell in book.worksheets[0][HEADER]}
    red = [
        label for label, cell in header.items() if cell.font.color is not None and cell.font.color.rgb == template._RED
    ]
    assert red == ["姓名", "身份证号"]
    assert header["身份证号"].comment.text.startswith("必填。")
    assert "某工会" in header["所在工会"].comment.text
    assert book.sheetnames == [ledger.title, NOTES_SHEET, CHOICES_SHEET]
    assert book[CHOICES_SHEET].sheet_state == "hidden"
    explained = {row[0]: row[1] for row in book[NOTES_SHEET].iter_rows(min_row=8, values_only=True)}
    assert explained["姓名"] == "必填"
    assert list(explained) == [column.label for column in ledger.columns]


def test_a_prefilled_workbook_holds_the_unions_rows_masked_and_is_an_event(officer, grassroots):
    member = MemberFactory(name="=1+1", union=grassroots, phone="19000023695")
    MemberFactory(name="别处的人")
    ledger = ledger_by_slug("members")
    given = template.prefilled(ledger, Member.objects.visible_to(officer), by=officer, conditions="本单位")
    assert given.rows == 1
    content = bytes_of(given)
    sheet = load_workbook(io.BytesIO(content)).worksheets[0]
    header = [cell.value for cell in sheet[HEADER]]
    row = dict(zip(header, (cell.value for cell in sheet[HEADER + 1]), strict=True))
    assert (row["姓名"], row["身份证号"]) == ("=1+1", str(member.id_number))
    assert "*" in row["身份证号"]
    assert sheet.oddFooter.left.text.startswith(f"导出人：{officer}    导出时间：20")
    assert sheet.cell(HEADER + 1, 2).data_type == "s"
    assert sheet.cell(HEADER + 2, 2).value is None
    [event] = [one for one in LogEntry.objects.all() if is_export(one)]
    assert (event.actor, event.object_repr) == (officer, "会员花名册：下载已填好的表")
    assert event.changes["行数"] == ["", "1"]


def test_a_prefilled_workbook_brought_again_changes_nothing(officer, grassroots):
    MemberFactory(name="穆平", union=grassroots)
    CadreFactory(name="罗秀英", union=grassroots, post="主席", started_on="2016-05")
    for slug in ("members", "cadres", "unions"):
        ledger = ledger_by_slug(slug)
        given = template.prefilled(ledger, ledger.model.objects.visible_to(officer), by=officer)
        batch = deliver(officer, bytes_of(given), f"{ledger.title}.xlsx")
        assert (batch.rows, batch.unchanged, batch.messages) == (1, 1, []), slug


def test_too_many_records_are_for_an_export(officer, grassroots, monkeypatch):
    monkeypatch.setattr(template, "MAX_ROWS", 1)
    MemberFactory(union=grassroots)
    MemberFactory(union=grassroots)
    with pytest.raises(DomainError, match="导出"):
        template.prefilled(ledger_by_slug("members"), Member.objects.visible_to(officer), by=officer)
