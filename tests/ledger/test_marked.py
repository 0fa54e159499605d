"""The same workbook back: look kept, faults marked, read again without a trace of what we added."""

import io
import zipfile
from datetime import date

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment
from openpyxl.drawing.image import Image as Drawing
from openpyxl.styles import Font, PatternFill
from PIL import Image

from members.models import Member
from pingtang_union.ledger.giving import marked, styled
from pingtang_union.ledger.giving.answer import RED, Answer, SheetAnswer, answer_to
from pingtang_union.ledger.importing import preview
from pingtang_union.ledger.models import BatchState
from pingtang_union.ledger.reading.ours import OUR_COLUMN, OUR_SHEET
from pingtang_union.ledger.reading.workbook import read_workbook
from tests.factories import UnionFactory
from tests.ledger import dress
from tests.members.test_ledgers import FAULTY, SHIPPED
from tests.members.test_steps import deliver, number, write

pytestmark = pytest.mark.django_db

NAME = "平塘县自来水公司工会委员会"
HEADER = ["序号", "姓名", "性别", "身份证号", "入会时间"]
GOOD = [1, "穆平", "男", "522727198511259937", "2012.04"]
BAD = [2, "罗秀英", "女", "522727199003070025", "2015.06"]
NO_NUMBER = [3, "石平", "男", "", "2015.06"]


@pytest.fixture
def water(db):
    return UnionFactory(name=NAME, category="enterprise")


def plain_rows(rows=(GOOD, BAD, NO_NUMBER)) -> list[list]:
    return [[f"{NAME}会员花名册"], [f"工会名称：{NAME}"], HEADER, *map(list, rows), ["填表人：某某"]]


def book_of(rows) -> Workbook:
    book = Workbook()
    book.active.title = "花名册"
    for row in rows:
        book.active.append(row)
    return book


def saved(book: Workbook) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def given_back(batch, content: bytes) -> bytes:
    with marked.annotate(content, answer_to(batch, at="2026-05-01 10:00")) as file:
        return file.read()


def mended(content: bytes, changes: dict[str, str]) -> bytes:
    book = load_workbook(io.BytesIO(content))
    for place, value in changes.items():
        book.worksheets[0][place] = value
    return saved(book)


def test_bad_cells_carry_colour_and_comment_and_each_row_its_verdict(county_clerk, water):
    content = saved(book_of(plain_rows()))
    batch = deliver(county_clerk, content)
    book = load_workbook(io.BytesIO(given_back(batch, content)))
    sheet = book["花名册"]
    assert [cell.value for cell in sheet[3]] == [*HEADER, OUR_COLUMN]
    assert sheet["F4"].value == "新增"
    assert sheet["F5"].value.startswith("退回：身份证号：")
    assert sheet["D5"].fill.fgColor.rgb == RED
    assert sheet["D5"].comment.text.startswith("【检查结果】\n身份证号：")
    assert sheet["D6"].fill.fgColor.rgb == RED
    assert "没有填" in sheet["D6"].comment.text
    assert sheet["D4"].comment is None
    assert sheet["F7"].value is None
    total = [[cell for cell in row if cell is not None] for row in book[OUR_SHEET].iter_rows(values_only=True)]
    assert total[1] == ["文件：会员花名册.xlsx"]
    assert ["花名册", "会员花名册", 3, 1, 0, 0, 0, 0, 0, 2, 0] in total
    assert [row[:5] for row in total if row[:1] == ["花名册"]][1:] == [
        ["花名册", 5, "身份证号", "罗秀英", "退回"],
        ["花名册", 6, "身份证号", "石平", "退回"],
    ]


def test_the_look_stays_and_formulas_become_values(county_clerk, water):
    book = book_of(plain_rows())
    sheet = book.active
    sheet["A1"].font = Font(name="黑体", size=20, bold=True)
    sheet["B4"].fill = PatternFill("solid", fgColor="FF00FF00")
    sheet.merge_cells("A1:E1")
    sheet.column_dimensions["B"].width = 33
    sheet.column_dimensions["F"].hidden = True
    sheet.column_dimensions["F"].min, sheet.column_dimensions["F"].max = 6, 16384
    sheet.row_dimensions[4].hidden = True
    sheet.auto_filter.ref = "A3:E6"
    sheet.freeze_panes = "C4"
    sheet["D5"].comment = Comment("请财务核对", "张会计")
    sheet["A4"] = "=ROW()-3"
    picture = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(picture, "PNG")
    sheet.add_image(Drawing(picture), "H1")
    content = saved(book)
    batch = deliver(county_clerk, content)
    answer = load_workbook(io.BytesIO(given_back(batch, content)))
    kept = answer["花名册"]
    assert (kept["A1"].font.name, kept["A1"].font.size) == ("黑体", 20)
    assert kept["B4"].fill.fgColor.rgb == "FF00FF00"
    assert [str(one) for one in kept.merged_cells.ranges] == ["A1:E1"]
    assert kept.column_dimensions["B"].width == 33
    assert kept.column_dimensions["F"].hidden is False
    assert (kept.column_dimensions["G"].min, kept.column_dimensions["G"].max) == (7, 16384)
    assert kept.column_dimensions["G"].hidden is True
    assert kept.row_dimensions[4].hidden is True
    assert kept.auto_filter.ref == "A3:E6"
    assert kept.freeze_panes == "C4"
    assert kept["D5"].comment.text.startswith("请财务核对\n\n【检查结果】\n")
    assert len(kept._images) == 1
    assert kept["A4"].data_type != "f"
    assert any("公式" in str(row[0]) for row in answer[OUR_SHEET].iter_rows(values_only=True))


def test_mended_and_brought_again_it_takes_only_what_is_new(county_clerk, water):
    original = (FAULTY / "会员花名册-有错.xlsx").read_bytes()
    UnionFactory(name="平塘供电局工会委员会", category="enterprise")
    clean = SHIPPED / "会员花名册-平塘供电局工会委员会.xlsx"
    write(deliver(county_clerk, clean.read_bytes(), clean.name))
    first = write(deliver(county_clerk, original, "会员花名册-有错.xlsx"), is_partial=True)
    written = set(Member.objects.values_list("pk", flat=True))
    content = given_back(first, original)
    again = deliver(county_clerk, content, marked.file_name(first.file_name))
    assert (again.state, again.new, again.changed, again.rejected) == (BatchState.READY, 0, 0, first.rejected)
    assert again.unchanged == first.new
    assert [one["message"] for one in again.messages] == [one["message"] for one in first.messages]
    [sheet] = again.sheets
    assert OUR_COLUMN not in [column["text"] for column in sheet["columns"]]
    [bad] = [row for row in preview.Rows(again, "reject") if row.number == 13]
    column = next(one["index"] for one in sheet["columns"] if one["column"] == "id_number")
    place = load_workbook(io.BytesIO(content)).worksheets[0].cell(bad.row, column + 1).coordinate
    right = number("52272719851125888")
    good = deliver(county_clerk, mended(content, {place: right}), marked.file_name(first.file_name))
    assert (good.new, good.changed, good.unchanged) == (1, 0, first.new)
    write(good, is_partial=True)
    assert Member.objects.exclude(pk__in=written).get().full_id_number == right


def test_a_second_answer_replaces_the_first(county_clerk, water):
    content = saved(book_of(plain_rows()))
    first = given_back(deliver(county_clerk, content), content)
    content = mended(first, {"D5": "522727199003070024"})
    second = load_workbook(io.BytesIO(given_back(deliver(county_clerk, content), content)))
    sheet = second["花名册"]
    assert [cell.value for cell in sheet[3]] == [*HEADER, OUR_COLUMN]
    assert [sheet[f"F{row}"].value[:2] for row in (4, 5, 6)] == ["新增", "新增", "退回"]
    assert (sheet["D5"].comment, sheet["D5"].fill.fill_type) == (None, None)
    assert sheet["F5"].fill.fill_type is None
    assert sheet["D6"].comment.text.count("【检查结果】") == 1
    assert second.sheetnames == ["花名册", OUR_SHEET]


def test_contents_beneath_a_merged_cell_are_not_lost(county_clerk, water):
    content = (FAULTY / "会员花名册-有错.xlsx").read_bytes()  # its row 37 is merged over values
    batch = deliver(county_clerk, content, "会员花名册-有错.xlsx")
    book = load_workbook(io.BytesIO(given_back(batch, content)))
    assert book.worksheets[0]["B37"].value == "陈志强安"
    assert "A37:N37" not in [str(one) for one in book.worksheets[0].merged_cells.ranges]
    assert any("压着内容" in str(row[0]) for row in book[OUR_SHEET].iter_rows(values_only=True))


@pytest.mark.parametrize("kind", ["xls", "csv"])
def test_other_kinds_come_back_as_xlsx_with_the_same_rows(county_clerk, water, kind):
    rows = plain_rows()
    name = f"会员花名册.{kind}"
    content = dress.xls({"花名册": rows}) if kind == "xls" else dress.csv_bytes(rows)
    batch = deliver(county_clerk, content, name)
    assert (batch.new, batch.rejected) == (1, 2)
    answer = given_back(batch, content)
    sheet = load_workbook(io.BytesIO(answer)).worksheets[0]
    assert [cell.value for cell in sheet[3]] == [*HEADER, OUR_COLUMN]
    assert [sheet[f"D{row}"].value for row in (4, 5, 6)] == ["522727198511259937", "522727199003070025", None]
    assert [sheet[f"D{row}"].number_format for row in (4, 5, 6)] == ["@", "@", "@"]
    assert sheet["D5"].fill.fgColor.rgb == RED
    again = deliver(county_clerk, mended(answer, {"D5": "522727199003070024"}), "检查结果-会员花名册.xlsx")
    assert (again.new, again.rejected, again.messages) == (2, 1, [])


def test_values_of_every_kind_and_merged_rows_stay_in_a_plain_answer(without_look):
    book = book_of([["甲", "乙", "丙", "丁"], ["=1+1", 2.5, True, None], [None, 3, None, "x"]])
    sheet = book.active
    sheet["A2"].data_type = "s"
    sheet["D2"] = date(2018, 3, 1)
    sheet.merge_cells("A2:A3")
    told = SheetAnswer("花名册", "会员花名册", 1, rows=[(2, "新增", "", [])])
    answer = Answer("甲.xlsx", "", False, [told])
    with marked.annotate(saved(book), answer) as file:
        given = file.read()
    [first, _total] = read_workbook(given, "甲.xlsx")
    assert first.rows[1][:4] == ["=1+1", 2.5, True, date(2018, 3, 1)]
    assert first.rows[1][4] == "新增"
    assert first.merged == [((1, 0), (2, 0))]
    assert load_workbook(io.BytesIO(given)).worksheets[0]["A2"].data_type == "s"


def test_texts_that_look_like_formulas_stay_texts(county_clerk, water):
    book = book_of(plain_rows([[1, "=1+1", "男", "522727198511259937", "2012.04"]]))
    book.active["B4"].data_type = "s"
    content = saved(book)
    batch = deliver(county_clerk, content)
    answer = load_workbook(io.BytesIO(given_back(batch, content)))
    assert (answer["花名册"]["B4"].value, answer["花名册"]["B4"].data_type) == ("=1+1", "s")
    formulas = [cell for sheet in answer for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    assert formulas == []


def with_an_odd_view(content: bytes) -> bytes:
    """A view that no program knows: readers of cells don't mind, openpyxl does."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w") as new:
        for entry in old.infolist():
            xml = old.read(entry)
            if entry.filename == "xl/worksheets/sheet1.xml":
                xml = xml.replace(b"<sheetView ", b'<sheetView view="odd" ')
            new.writestr(entry.filename, xml)
    return file.getvalue()


@pytest.mark.usefixtures("without_look")
def test_what_openpyxl_cannot_hold_comes_back_plainly(county_clerk, water):
    check_plain(county_clerk, saved(book_of(plain_rows())))


def test_what_openpyxl_cannot_read_comes_back_plainly(county_clerk, water):
    check_plain(county_clerk, with_an_odd_view(saved(book_of(plain_rows()))))


def check_plain(clerk, content):
    batch = deliver(clerk, content)
    book = load_workbook(io.BytesIO(given_back(batch, content)))
    assert book["花名册"]["D5"].fill.fgColor.rgb == RED
    assert "没有保留" in book[OUR_SHEET]["A5"].value or "重写" in book[OUR_SHEET]["A5"].value


def test_hostile_ranges_are_never_laid_out():
    book = book_of(plain_rows())
    book.active.merged_cells.ranges = []
    content = saved(book)
    assert styled.measure(content)[0] < 100
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w") as new:
        for entry in old.infolist():
            xml = old.read(entry)
            if entry.filename == "xl/worksheets/sheet1.xml":
                xml = xml.replace(
                    b"</sheetData>", b'</sheetData><mergeCells><mergeCell ref="A9:XFD1048576"/></mergeCells>'
                )
            new.writestr(entry.filename, xml)
    assert styled.measure(file.getvalue())[0] > styled.MAX_CELLS


def test_a_mark_in_a_merged_range_shows_at_its_first_cell(county_clerk, water):
    rows = plain_rows([GOOD, [2, "罗秀英", "女", "522727199003070024", "2050.01"], [3, "石平", "男", "", None]])
    book = book_of(rows)
    book.active.merge_cells("E5:E6")
    content = saved(book)
    batch = deliver(county_clerk, content)
    sheet = load_workbook(io.BytesIO(given_back(batch, content)))["花名册"]
    said = sheet["E5"].comment.text
    assert said.startswith("【检查结果】\n入会时间：")
    assert "\n第 6 行：入会时间：" in said
