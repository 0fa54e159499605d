"""What is odd but can be read: read, and what is odd about it said; odd cells end at their row."""

import re

import pytest

from members.models import Member, Union
from pingtang_union.ledger.importing import preview, steps
from pingtang_union.ledger.importing.command import Importer
from pingtang_union.ledger.models import BatchState
from pingtang_union.ledger.reading import child, rows
from pingtang_union.ledger.reading.file import parse
from pingtang_union.ledger.reading.workbook import read_workbook, safe_name
from tests.factories import UnionFactory
from tests.ledger import dress, odd
from tests.ledger.brought import checked, said_of


@pytest.fixture
def power(db) -> Union:
    return UnionFactory(name=odd.UNION, category="enterprise")


# --- Read, and said ------------------------------------------------------------------------


def read(content: bytes, name: str = odd.NAME) -> tuple[list[list[object]], list[str]]:
    """The first sheet's rows from the header on, and what is said of it."""
    [sheet, *_others] = read_workbook(content, name)
    assert sheet.refusal == ""
    return sheet.rows[2:], sheet.notices


PEOPLE = [odd.HEADERS, odd.ROW, odd.OTHER]


def _macros() -> bytes:
    return odd.rebuilt(odd.roster(), {}, {"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0 Sub Auto_Open()"})


def _protected() -> bytes:
    book = odd.opened()
    book.active.protection.set_password("1")
    return odd.saved(book)


def _with_chart() -> bytes:
    book = odd.opened()
    book.create_chartsheet("图")
    return odd.saved(book)


def _claims() -> bytes:
    claim = re.compile(rb"<dimension[^>]*>")
    return odd.rebuilt(odd.roster(), {odd.SHEET: lambda part: claim.sub(b'<dimension ref="A1:XFD1048576"/>', part)})


@pytest.mark.parametrize(
    ("name", "build", "said"),
    [
        ("a.xlsm", _macros, [child.MACROS]),
        ("a.xls", lambda: odd.xls(odd.xls_book()[0]) + "_VBA_PROJECT".encode("utf-16-le"), [child.MACROS]),
        ("a.csv", odd.roster, []),
        ("a.xls", odd.roster, []),
        ("没有后缀", odd.roster, []),
        ("a.et", lambda: odd.xls(odd.xls_book()[0]), []),
        ("a.ods", odd.ods_roster, []),
        ("a.xlsb", lambda: odd.xlsb(odd.cells_of(odd.GRID)), []),
        (odd.NAME, _protected, []),
        (odd.NAME, _with_chart, []),
        (odd.NAME, _claims, []),
        (odd.NAME, odd.million_blank_rows, []),
        ("a.ods", lambda: odd.ods([*map(odd.ods_row, odd.GRID), odd.FAR_ROWS]), []),
        ("a.csv", lambda: dress.csv_bytes(odd.GRID, "gbk"), []),
        ("a.csv", lambda: dress.csv_bytes(odd.GRID, "utf-8-sig", ";"), []),
        ("a.csv", lambda: dress.csv_bytes(odd.GRID, "utf-16"), []),
        ("a.csv", lambda: dress.csv_bytes(odd.GRID, "utf-16-le"), []),
        ("a.csv", lambda: dress.csv_bytes(odd.GRID, "utf-16-be", "\t"), []),
        ("a.csv", lambda: dress.csv_bytes(odd.GRID, "gb18030", "\t"), []),
    ],
)
def test_what_is_odd_but_readable_is_read(name, build, said):
    found, notices = read(build(), name)
    assert [row[:5] for row in found] == PEOPLE
    assert notices == said


def test_hidden_rows_columns_and_filters_are_read_and_said():
    book = odd.opened()
    sheet = book.active
    sheet.row_dimensions[4].hidden = True
    sheet.row_dimensions[90].hidden = True  # holds nothing
    sheet.column_dimensions["C"].hidden = True
    sheet.column_dimensions["H"].hidden = True
    found, notices = read(odd.saved(book))
    assert found == PEOPLE
    assert notices == [
        "隐藏的 1 行（第 4 行）也照样读入了，请核对。",
        "隐藏的 1 列（C 列）也照样读入了，请核对。",
    ]
    sheet.auto_filter.ref = "A3:E5"
    sheet.auto_filter.add_filter_column(1, ["女"])
    _rows, [first, _second] = read(odd.saved(book))
    assert first == "表格正在筛选，没有显示的 1 行（第 4 行）也照样读入了，请核对。"


def test_hidden_rows_of_other_kinds_are_said_too():
    book, sheet = odd.xls_book()
    sheet.row(3).hidden = True
    sheet.col(2).hidden = True
    assert read(odd.xls(book), "a.xls") == (
        PEOPLE,
        ["隐藏的 1 行（第 4 行）也照样读入了，请核对。", "隐藏的 1 列（C 列）也照样读入了，请核对。"],
    )
    rows = [
        *map(odd.ods_row, odd.GRID[:3]),
        odd.ods_row(odd.ROW, ' table:visibility="filter"'),
        odd.ods_row(odd.OTHER),
    ]
    columns = '<table:table-column table:number-columns-repeated="2"/><table:table-column table:visibility="collapse"/>'
    assert read(odd.ods(rows, before=columns), "a.ods") == (
        PEOPLE,
        ["表格正在筛选，没有显示的 1 行（第 4 行）也照样读入了，请核对。", "隐藏的 1 列（C 列）也照样读入了，请核对。"],
    )
    assert read(odd.xlsb(odd.cells_of(odd.GRID), [3]), "a.xlsb")[1] == ["隐藏的 1 行（第 4 行）也照样读入了，请核对。"]


def test_formulas_without_a_result_are_refused_cell_by_cell(county_clerk, power):
    book = odd.opened()
    book.active["D4"] = '=TEXT("2012-04","@")'  # openpyxl saves no results
    book.active["H4"] = "=1+1"  # in no column of ours
    batch = checked(county_clerk, odd.saved(book))
    assert (batch.state, batch.new, batch.rejected) == (BatchState.READY, 1, 1)
    [row] = preview.Rows(batch, "reject")[0:9]
    assert (row.row, [(message.column, message.text) for message in row.messages]) == (
        4,
        [("入会时间", "入会时间：公式没有保存结果，请在表格软件里打开、保存一次再传。")],
    )
    assert said_of(batch)[0] == "D4、H4 格里的公式没有保存结果，请在表格软件里打开、保存一次再传。"


def test_a_formula_whose_result_is_an_empty_text_is_blank():
    found, notices = read(odd.with_cell("E4", b'<c r="E4" t="str"><f>IF(1,"","x")</f><v></v></c>'))
    assert (found[1][4], notices) == ("", [])


def _error_xls() -> bytes:
    book, sheet = odd.xls_book()
    sheet._cell_overwrite_ok = True
    sheet.row(3).set_cell_error(3, 42)
    return odd.xls(book)


@pytest.mark.parametrize(
    ("name", "build"),
    [
        (odd.NAME, lambda: odd.with_cell("D4", b'<c r="D4" t="e"><f>VLOOKUP(1,A1,2)</f><v>#N/A</v></c>')),
        (odd.NAME, lambda: odd.with_cell("D4", b'<c t="e" r="D4"><v>#N/A</v></c>')),
        ("a.xls", _error_xls),
        ("a.xlsb", lambda: odd.xlsb(odd.cells_of(odd.GRID) | {(3, 3): None})),
        (
            "a.ods",
            lambda: odd.ods(
                [
                    *map(odd.ods_row, odd.GRID[:3]),
                    odd.ods_row(odd.ROW).replace(
                        '<table:table-cell office:value-type="string"><text:p>2012.04',
                        '<table:table-cell table:formula="of:=NA()" office:value-type="string" '
                        'office:string-value="" calcext:value-type="error"><text:p>#N/A',
                    ),
                    odd.ods_row(odd.OTHER),
                ]
            ),
        ),
    ],
)
def test_error_values_are_not_read_as_blanks(name, build, county_clerk, power):
    batch = checked(county_clerk, build(), name)
    assert (batch.state, batch.new, batch.rejected) == (BatchState.READY, 1, 1)
    [row] = preview.Rows(batch, "reject")[0:9]
    assert [message.text for message in row.messages] == ["入会时间：单元格里是公式错误 #N/A，请改成实际的内容。"]
    assert said_of(batch)[0] == "D4 格里是公式错误，没有读入。"


@pytest.mark.parametrize(
    "cell",
    [
        b'<c r="E4" t="str"><f>_xlfn.DISPIMG("ID_1",1)</f><v>=DISPIMG("ID_1",1)</v></c>',
        b'<c r="E4"><f>_xlfn.DISPIMG("ID_1",1)</f></c>',
        b'<c r="E4" t="inlineStr"><is><t>=DISPIMG("ID_1",1)</t></is></c>',
    ],
)
def test_pictures_in_cells_are_said_and_never_a_value(cell, county_clerk, power):
    batch = checked(county_clerk, odd.with_cell("E4", cell))
    assert (batch.state, batch.new, batch.rejected) == (BatchState.READY, 2, 0)
    assert ["phone" in row.values for row in preview.Rows(batch, "new")] == [False, True]
    assert said_of(batch) == ["E4 格里是图片。图片不能读入，别的格子照常读入了。"]


def test_pictures_as_excel_keeps_them_are_no_errors():
    content = odd.rebuilt(
        odd.with_cell("E4", b'<c r="E4" t="e" vm="1"><v>#VALUE!</v></c>'), {}, {"xl/richData/richValueRel.xml": b"<x/>"}
    )
    found, notices = read(content)
    assert (found[1][4], notices) == ("", ["E4 格里是图片。图片不能读入，别的格子照常读入了。"])


def test_a_column_that_comes_twice_is_read_once_and_said(county_clerk, power):
    grid = [[*row, extra] for row, extra in zip(odd.GRID, ["", "", "移动电话", "13900000000", ""], strict=True) if row]
    grid = [[*row[:-1], *[""] * (6 - len(row)), row[-1]] for row in grid]
    batch = checked(county_clerk, dress.xlsx({"会员花名册": grid}))
    assert (batch.state, batch.new) == (BatchState.READY, 2)
    assert [row.values["phone"] for row in preview.Rows(batch, "new")] == [odd.ROW[4], odd.OTHER[4]]
    assert said_of(batch) == ["「移动电话」列有重复：读了 E 列，F 列没有读入，请核对。"]


def test_a_flood_of_faults_is_refused_with_the_first_of_them(county_clerk, power, monkeypatch):
    monkeypatch.setattr(rows, "_MOST_KILOBYTES", 8.0)
    assert checked(county_clerk, odd.roster()).state == BatchState.READY
    bad = dress.xlsx({"会员花名册": [*odd.GRID[:3], ["穆平", "x1", "y1"], ["罗秀英", "x2", "y2"]]})
    batch = checked(county_clerk, bad)
    assert batch.state == BatchState.UNREADABLE
    assert "有问题的格子太多" in batch.error
    assert "第 4 行性别：「x1」不在可选范围内" in batch.error
    [report] = Importer().bring([(odd.NAME, bad)])
    assert report.error == batch.error


def test_the_limits_are_those_of_all_sheets_together(monkeypatch):
    told = []
    content = dress.xlsx({"一": odd.GRID, "二": odd.GRID})

    def read(limits: child.Limits) -> list[str]:
        told.clear()
        child.read(content, is_text=False, say=lambda kind, value: told.append(kind), limits=limits)
        return told

    with pytest.raises(child.Larger):  # while a person waits: for the worker
        read(child.Limits(rows=7))
    assert told == ["sheet", "rows", "end", "sheet"]
    monkeypatch.setattr(child, "MAX_ROWS", 7)
    assert read(child.Limits(rows=7)) == ["sheet", "rows", "end", "sheet", "apart"]


def test_a_sheet_that_cannot_be_read_leaves_the_others(county_clerk, power):
    book = odd.opened()
    book.create_sheet("别的")["ZZ3"] = "x"
    batch = checked(county_clerk, odd.saved(book))
    assert (batch.state, batch.new) == (BatchState.READY, 2)
    assert said_of(batch) == [
        "第 150 列以后还有内容（到第 702 列），台账最多 150 列。请删去多余的列，再导入。这个工作表没有读入。"
    ]


def test_macros_are_said_once_however_many_sheets():
    book = odd.opened()
    book.copy_worksheet(book.active)
    parsed = parse("a.xlsm", odd.rebuilt(odd.saved(book), {}, {"xl/vbaProject.bin": b"x"}))
    assert [table.sheet.notices for table in parsed.tables] == [[child.MACROS], []]


# --- Odd cells and names -------------------------------------------------------------------


@pytest.mark.parametrize(
    "value",
    [
        b'<c r="A4" t="inlineStr"><is><t>a_x0000_1&#x1F600;</t></is></c>',
        b'<c r="A4" t="inlineStr"><is><t xml:space="preserve">   </t></is></c>',
        b'<c r="A4" t="inlineStr"><is><t>' + b"\xe5\xb9\xb3" * 3_500_000 + b"</t></is></c>",
        b'<c r="D4"><v>NaN</v></c>',
        b'<c r="D4"><v>1e308</v></c>',
        b'<c r="D4"><v>1e999</v></c>',
        b'<c r="D4"><v>-41000</v></c>',
        b'<c r="D4"><v>99999999</v></c>',
        b'<c r="D4" t="d"><v>9999-99-99T99:99:99</v></c>',
        b'<c r="D4" t="b"><v>1</v></c>',
        b'<c r="C4"><v>522727198511259937</v></c>',
        b'<c r="E4"><v>-1.5</v></c>',
    ],
)
def test_odd_cells_end_at_their_row(value, county_clerk, power):
    place = re.search(rb'r="(\w+)"', value)[1].decode()
    batch = checked(county_clerk, odd.with_cell(place, value))
    assert (batch.state, batch.new, batch.rejected) == (BatchState.READY, 1, 1)
    [row] = preview.Rows(batch, "reject")[0:9]
    assert row.row == 4
    assert "\0" not in row.name + "".join(message.text + message.cell for message in row.messages)


def test_control_characters_never_reach_the_records(county_clerk, power):
    cell = '<c r="A4" t="inlineStr"><is><t>\u202e穆_x0000__x0007_\u200b平\u2066</t></is></c>'
    batch = checked(county_clerk, odd.with_cell("A4", cell.encode()))
    steps.request_writing(batch=batch, by=batch.by, is_partial=False)
    steps.write(batch.pk)
    batch.refresh_from_db()
    assert (batch.state, batch.error) == (BatchState.WRITTEN, "")
    assert Member.objects.filter(name="穆平").count() == 1


def test_sheets_get_names_that_can_be_shown_kept_and_told_apart():
    book = odd.opened()
    names = ["a\u202eb", " ", "x" * 31]
    for name in names:
        book.create_sheet("s").title = name
    content = odd.rebuilt(
        odd.saved(book), {"xl/workbook.xml": lambda part: part.replace(b"x" * 31, "会员花名册".encode())}
    )
    found = [sheet.name for sheet in read_workbook(content, odd.NAME)]
    assert found == ["会员花名册", "ab", "第 3 个工作表", "会员花名册（2）"]
    long = odd.ods_roster().replace(b"x", b"x")
    parts = odd.parts_of(long)
    parts["content.xml"] = parts["content.xml"].replace("会员花名册".encode(), ("长" * 300).encode(), 1)
    assert [len(sheet.name) for sheet in read_workbook(odd.zipped(parts.items()), "a.ods")] == [100]


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("名册.xlsx", "名册.xlsx"),
        ("../../etc/名册.xlsx", "名册.xlsx"),
        ("C:\\桌面\\名册.xlsx", "名册.xlsx"),
        ("名\0册\n.xlsx", "名册 .xlsx"),
        ("名册\u202excod.xlsx", "名册xcod.xlsx"),
        ("名" * 300 + ".xlsx", "名" * 249 + "….xlsx"),
        ("\u200b", "未命名"),
    ],
)
def test_names_of_files_are_safe_to_keep_and_show(name, kept, county_clerk):
    assert safe_name(name) == kept
    assert steps.deliver(by=county_clerk, name=name, content=b"x").file_name == kept
