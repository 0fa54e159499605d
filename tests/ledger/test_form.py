"""Blank forms of superiors: filled with what they ask for, their look kept, what stays empty named."""

import io

import pytest
from auditlog.models import LogEntry
from openpyxl import Workbook, load_workbook
from openpyxl.styles import Border, Font, Side
from openpyxl.worksheet.datavalidation import DataValidation

from members.models import Cadre, Member
from pingtang_union.core.audit import is_export
from pingtang_union.core.exceptions import DomainError
from pingtang_union.ledger.declaration import ledgers
from pingtang_union.ledger.giving.form import fill, look_at
from tests.factories import CadreFactory, MemberFactory, id_number
from tests.ledger import dress

pytestmark = pytest.mark.django_db
THIN = Side(style="thin")
RULED = Border(left=THIN, right=THIN, top=THIN, bottom=THIN)


def form(
    header, *, rows=3, footer=(), title="工会干部情况表", note="填报单位（盖章）：          填表日期："
) -> Workbook:
    """A form with `rows` ruled rows."""
    book = Workbook()
    sheet = book.active
    sheet.title = "空表"
    sheet.append([title])
    sheet.append([note])
    sheet.append(header)
    for number in range(1, rows + 1):
        sheet.append([number if header[0] == "序号" else " "])
        for index in range(len(header)):
            sheet.cell(sheet.max_row, index + 1).border = RULED
            sheet.cell(sheet.max_row, index + 1).font = Font(name="仿宋", size=12)
        sheet.row_dimensions[sheet.max_row].height = 25
    for line in footer:
        sheet.append(line)
    return book


def saved(book: Workbook) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def filled(content, by, *, slug="", name="空表.xlsx", model=Cadre, **options):
    fits = look_at(content, name, ledgers())
    fit = next(one for one in fits if not slug or one.ledger.slug == slug)
    told = fill(content, name, fit, model.objects.visible_to(by), by=by, union=by.union, **options)
    with told.given.file as file:
        return told, load_workbook(io.BytesIO(file.read()))


@pytest.fixture
def cadres(grassroots):
    return [
        CadreFactory(name=f"石{number}平", union=grassroots, post="委员", gender="1", started_on="2016-05")
        for number in "一二三四五"
    ]


HEADER = ["序号", "姓名", "性别", "职务", "血型", "任职时间"]
FOOTER = (["合计", None, "=SUM(C4:C6)", "=COUNTA(B4:B6)"], ["填表人：", None, None, "审核人："])


def test_a_form_is_filled_in_its_order_and_the_unknown_column_is_named(officer, cadres):
    told, book = filled(saved(form(HEADER)), officer, slug="cadres")
    assert told.given.rows == 5
    assert (told.columns, told.empty) == (("姓名", "性别", "职务", "任职时间"), ("血型",))
    sheet = book["空表"]
    assert [[cell.value for cell in row] for row in sheet.iter_rows(min_row=4, max_row=8)] == [
        [number, cadre.name, "男", "委员", None, "2016-05"] for number, cadre in enumerate(cadres, start=1)
    ]
    assert sheet["A2"].value == f"填报单位（盖章）：{officer.union}    填表日期："


def test_the_printed_footer_says_who_and_when_behind_what_stood_there(officer, cadres):
    officer.full_name = "甲&乙"
    book = form(HEADER)
    book.active.oddFooter.left.text = "内部资料"
    _told, book = filled(saved(book), officer, slug="cadres")
    footer = book["空表"].oddFooter.left.text
    assert footer.startswith("内部资料    导出人：甲&&乙")
    assert "    导出时间：20" in footer


def test_more_rows_than_ruled_keep_the_style_and_push_the_footer_down(officer, cadres):
    book = form(HEADER, rows=3, footer=FOOTER)
    sheet = book.active
    sheet.merge_cells("A8:C8")
    sheet.row_dimensions[8].height = 40
    sheet.print_area = "A1:F8"
    _told, book = filled(saved(book), officer, slug="cadres")
    sheet = book["空表"]
    assert [sheet.cell(row, 2).value for row in range(4, 9)] == [cadre.name for cadre in cadres]
    assert {sheet.cell(row, 2).font.name for row in range(4, 9)} == {"仿宋"}
    assert {sheet.cell(row, 5).border.bottom.style for row in range(4, 9)} == {"thin"}
    assert {sheet.row_dimensions[row].height for row in range(4, 9)} == {25}
    assert [sheet["A9"].value, sheet["C9"].value, sheet["D9"].value] == ["合计", "=SUM(C4:C8)", "=COUNTA(B4:B8)"]
    assert sheet["A10"].value == "填表人："
    assert [str(one) for one in sheet.merged_cells.ranges] == ["A10:C10"]
    assert sheet.row_dimensions[10].height == 40
    assert sheet.print_area == "'空表'!$A$1:$F$10"


def test_merged_cells_of_each_row_and_labels_beside_all_rows_go_along(officer, cadres):
    book = form(["", "姓名", "", "性别", "职务"], rows=2, footer=(["", "填表人：", None, None, None],))
    sheet = book.active
    for row in (4, 5):
        sheet.cell(row, 1).value = None
        sheet.merge_cells(start_row=row, end_row=row, start_column=2, end_column=3)
    sheet.merge_cells("A3:A5")
    _told, book = filled(saved(book), officer, slug="cadres")
    sheet = book["空表"]
    assert {str(one) for one in sheet.merged_cells.ranges} == {"A3:A8", "B4:C4", "B5:C5", "B6:C6", "B7:C7", "B8:C8"}
    assert [sheet.cell(row, 2).value for row in range(4, 10)] == [*(cadre.name for cadre in cadres), "填表人："]
    assert [sheet.cell(row, 5).value for row in (4, 8)] == ["委员", "委员"]


def test_formulas_within_a_row_are_kept_and_copied_down(officer, cadres):
    book = form(["序号", "姓名", "性别", "职务", "合计"], rows=2)
    for row in (4, 5):
        book.active.cell(row, 5).value = f"=A{row}*2"
    _told, book = filled(saved(book), officer, slug="cadres")
    assert [book["空表"].cell(row, 5).value for row in (4, 5, 8)] == ["=A4*2", "=A5*2", "=A8*2"]


def test_a_header_of_two_levels_with_numbered_columns_and_few_records(officer, cadres):
    Cadre.objects.exclude(pk=cadres[0].pk).delete()
    book = Workbook()
    sheet = book.active
    for row in (
        ["平塘县工会干部名册"],
        ["序号", "基本情况", None, "任职", None],
        [None, "姓名", "性别", "工会职务", "任职时间"],
        [1, 2, 3, 4, 5],
        [None],
        [None],
        ["单位负责人："],
    ):
        sheet.append(row)
    for area in ("A1:E1", "A2:A3", "B2:C2", "D2:E2"):
        sheet.merge_cells(area)
    told, book = filled(saved(book), officer, slug="cadres")
    sheet = book.active
    assert told.columns == ("姓名", "性别", "工会职务", "任职时间")
    assert [cell.value for cell in sheet[4]] == [1, 2, 3, 4, 5]
    assert [cell.value for cell in sheet[5]] == [1, "石一平", "男", "委员", "2016-05"]
    assert [cell.value for cell in sheet[6]] == [None] * 5
    assert sheet["A7"].value == "单位负责人："


def test_a_form_that_asks_for_three_things_fits_several_ledgers(officer):
    fits = look_at(saved(form(["姓名", "性别", "职务"], title="人员情况表")), "空表.xlsx", ledgers())
    assert {fit.ledger.slug for fit in fits[:2]} == {"cadres", "social-workers"}
    assert "members" in {fit.ledger.slug for fit in fits}


def test_a_table_with_rows_is_refused_by_name():
    book = form(HEADER, rows=0)
    book.active.append([1, "穆平", "男", "主席"])
    with pytest.raises(DomainError, match=r"「空表」.*第 4 行起，共 1 行"):
        look_at(saved(book), "空表.xlsx", ledgers())


def test_a_form_of_nothing_known_is_refused_with_what_was_found():
    with pytest.raises(DomainError, match="「品名」、「单价」、「库存」"):
        look_at(saved(form(["品名", "单价", "库存"], title="盘点")), "空表.xlsx", ledgers())


@pytest.mark.parametrize("kind", ["xls", "csv"])
def test_other_kinds_come_back_as_xlsx(officer, cadres, kind):
    rows = [["工会干部情况表"], ["填报单位："], HEADER, ["", "", "", "", "", ""], ["填表人：", "", "", "", "", ""]]
    content = dress.xls({"空表": rows}) if kind == "xls" else dress.csv_bytes(rows)
    told, book = filled(content, officer, slug="cadres", name=f"空表.{kind}")
    sheet = book.worksheets[0]
    assert told.given.name.startswith("空表-已填-")
    assert [sheet.cell(row, 2).value for row in range(4, 9)] == [cadre.name for cadre in cadres]
    assert sheet["A9"].value == "填表人："


def test_numbers_are_masked_unless_permitted_with_a_reason_and_it_is_an_event(officer, township_officer, grassroots):
    number = id_number()
    member = MemberFactory(name="=1+1", union=grassroots, id_number=number)
    MemberFactory(name="别处的人")
    content = saved(form(["姓名", "身份证号", "出生年月"], title="会员名册"))
    told, book = filled(content, officer, slug="members", model=Member, conditions="本工会")
    sheet = book["空表"]
    assert told.given.rows == 1
    assert [cell.value for cell in sheet[4]][:3] == ["=1+1", str(member.id_number), None]
    assert (sheet["A4"].data_type, sheet["B4"].number_format) == ("s", "@")
    [event] = [one for one in LogEntry.objects.all() if is_export(one)]
    assert event.actor == officer
    assert event.changes["条件"] == ["", "本工会"]
    assert event.changes["证件号码"] == ["", "隐去中间数字"]
    with pytest.raises(DomainError, match="不能查看"):
        filled(content, township_officer, slug="members", model=Member, is_full=True, reason="上级要求报送")
    _told, book = filled(content, officer, slug="members", model=Member, is_full=True, reason="上级要求报送")
    assert book["空表"]["B4"].value == number


def test_no_records_are_said(officer):
    with pytest.raises(DomainError, match="没有可以填的记录"):
        filled(saved(form(HEADER)), officer, slug="cadres")


# --- Forms that were filled wrongly, or not at all ------------------------------------------


def test_a_list_over_a_whole_column_grows_no_further_than_the_sheet(officer, cadres):
    book = form(HEADER, rows=2, footer=FOOTER)
    for area in ("C1:C1048576", "D4:D5", "E9:E1048576"):
        choices = DataValidation(type="list", formula1='"男,女"')
        choices.add(area)
        book.active.add_data_validation(choices)
    book.active.print_area = "A1:F1048576"
    told, answer = filled(saved(book), officer)
    sheet = answer.active
    assert told.given.rows == 5
    lists = {str(rule.sqref) for rule in sheet.data_validations.dataValidation}
    assert lists == {"C1:C1048576", "D4:D8", "E12:E1048576"}
    assert [sheet[f"B{row}"].value for row in range(4, 9)] == [one.name for one in cadres]
    assert sheet["B4"].font.name == "仿宋"


def test_rows_below_a_sum_are_filled_below_it_and_summed(officer, cadres):
    book = form(HEADER, rows=0)
    book.active.append(["合计", None, "=COUNTA(C5:C6)"])
    for number in (1, 2):
        book.active.append([number])
    book.active.append(["分管领导：", None, None, "审核：", None, "制表："])
    _told, answer = filled(saved(book), officer)
    sheet = answer.active
    assert (sheet["A4"].value, sheet["C4"].value) == ("合计", "=COUNTA(C5:C9)")
    assert [sheet[f"B{row}"].value for row in range(5, 10)] == [one.name for one in cadres]
    assert sheet["A10"].value == "分管领导："


@pytest.mark.parametrize("signer", ["带队领导：", "分管领导：张三", "班主任（签字）：", "联络员:"])
def test_whoever_signs_a_form_is_no_row_of_it(signer, officer):
    book = form(
        ["序号", "学员", "性别", "工作单位", "培训班名称", "考核结果"], footer=([signer, None, None, "联系人："],)
    )
    [best, *_others] = look_at(saved(book), "学员花名册.xlsx", ledgers())
    assert best.ledger.slug == "attendances"
    assert ("工作单位", "所在工会", False) in best.columns


def test_the_best_fit_is_refused_by_its_row_rather_than_a_worse_one_filled(officer):
    book = form(["序号", "学员", "性别", "工作单位", "培训班名称", "考核结果"], rows=1)
    book.active.append([2, None, None, None, "青年干部班", None])
    with pytest.raises(DomainError, match="第 5 行起，共 1 行"):
        look_at(saved(book), "学员花名册.xlsx", ledgers())
