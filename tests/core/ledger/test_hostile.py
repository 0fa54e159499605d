"""Broken and hostile files: refused in a clerk's words or read with what is odd said, nothing written, no limit passed.

Every file is built here, part by part (tests/core/ledger/odd.py).
"""

import json
import os
import random
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from django.urls import reverse
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from members.models import Cadre, Member, MembershipEvent, Training, Union
from pingtang_union.core.ledger import child, delivery, rows, stash
from pingtang_union.core.ledger.parse import parse
from pingtang_union.core.ledger.read import read_workbook, safe_name, unpacked_size
from pingtang_union.core.ledger.run import Importer
from pingtang_union.core.models import BatchState, ImportBatch, ImportChunk, ImportRow
from tests.core.ledger import dress, odd
from tests.factories import UnionFactory

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
FAR_ROWS = (
    '<table:table-row table:number-rows-repeated="1048569">'
    '<table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
)
FAR_CELL = (
    '<table:table-row><table:table-cell table:number-columns-repeated="16383"/>'
    '<table:table-cell office:value-type="string"><text:p>x</text:p></table:table-cell></table:table-row>'
)


def _ole(stream: str) -> bytes:
    return OLE + b"\0" * 600 + stream.encode("utf-16-le") + b"\0" * 600


def _wide(columns: int) -> bytes:
    book = Workbook()
    for at in range(30):
        book.active.append([f"列{column}" if at == 0 else "x" for column in range(columns)])
    return odd.saved(book)


def _far_xlsb() -> bytes:
    return odd.xlsb(odd.cells_of(odd.GRID) | {(1_048_575, 16_383): "x"})


def _far_ods() -> bytes:
    return odd.ods([*map(odd.ods_row, odd.GRID), FAR_ROWS, FAR_CELL])


def _repeated_ods() -> bytes:
    repeated = odd.ods_row(odd.ROW, ' table:number-rows-repeated="1048000"')
    return odd.ods([*map(odd.ods_row, odd.GRID), repeated])


def _far_xlsx() -> bytes:
    book = odd.opened()
    book.active["XFD1048576"] = " "
    return odd.saved(book)


def _same_text_everywhere() -> bytes:
    """Half a million cells that all mean one text of 30,000 letters: 15,000 MB, were each read into a copy."""
    text = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>%b</t></si></sst>'
    rows = b"".join(
        b'<row r="%d">%b</row>' % (row, b"".join(b'<c r="%c%d" t="s"><v>0</v></c>' % (at, row) for at in b"ABCDE"))
        for row in range(6, 100_000)
    )
    return odd.rebuilt(odd.with_rows(rows), {}, {"xl/sharedStrings.xml": text % (b"x" * 30_000)})


def _nested() -> bytes:
    """XML a hundred thousand levels deep."""
    return odd.with_rows(b'<row r="9"><c r="A9" t="inlineStr"><is>' + b"<t>" * 100_000 + b"</is></c></row>")


def _many_parts() -> bytes:
    return odd.rebuilt(odd.roster(), {}, {f"xl/media/{at}.xml": b"" for at in range(6000)})


def _locked_zip() -> bytes:
    content = bytearray(odd.roster())
    at = content.rindex(b"PK\x01\x02")
    content[at + 8] |= 1
    return bytes(content)


def _loop() -> bytes:
    """An .xls whose table of sectors leads in a circle."""
    content = bytearray(odd.xls(odd.xls_book()[0]))
    table = 512 * (1 + int.from_bytes(content[76:80], "little"))
    for at in range(table, table + 512, 4):
        content[at : at + 4] = b"\0\0\0\0"
    return bytes(content)


LOCKED_ODS = '<manifest:file-entry manifest:full-path="content.xml"><manifest:encryption-data/></manifest:file-entry>'

# what it is: (name, file, words of the refusal)
REFUSED: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "empty": (odd.NAME, lambda: b"", "是空文件"),
    "cut short": (odd.NAME, lambda: odd.roster()[:-200], "不完整或已损坏"),
    "half": (odd.NAME, lambda: odd.roster()[: len(odd.roster()) // 2], "不完整或已损坏"),
    "nothing but the first letters": (odd.NAME, lambda: b"PK\x03\x04", "不完整或已损坏"),
    "zip bomb": (odd.NAME, lambda: odd.bomb(1000), "大得异常"),
    "zip bomb below what an archive may claim": (odd.NAME, lambda: odd.bomb(350, has_small_texts=True), "大得异常"),
    "zip bomb that lies of its size": (odd.NAME, lambda: odd.bomb(1000, is_lying=True), "不完整或已损坏"),
    "zip of very many parts": (odd.NAME, _many_parts, "大得异常"),
    "zip of zips": (odd.NAME, lambda: odd.zipped([("a.zip", odd.bomb(50)), ("b.xlsx", odd.roster())]), "是压缩包"),
    "one text in half a million cells": (odd.NAME, _same_text_everywhere, "大得异常"),
    "entities in the sheet": (odd.NAME, lambda: odd.with_entities(odd.roster(), odd.SHEET), "可能有害"),
    "entities in the texts": (odd.NAME, lambda: odd.with_entities(odd.roster(), "xl/sharedStrings.xml"), "可能有害"),
    "entities in the workbook": (odd.NAME, lambda: odd.with_entities(odd.roster(), "xl/workbook.xml"), "可能有害"),
    "entities in .ods": ("a.ods", lambda: odd.with_entities(odd.ods_roster(), "content.xml"), "可能有害"),
    "XML in two bytes a letter": (
        odd.NAME,
        lambda: odd.rebuilt(odd.roster(), {odd.SHEET: lambda part: part.decode().encode("utf-16")}),
        "可能有害",
    ),
    "XML that is none": (
        odd.NAME,
        lambda: odd.rebuilt(odd.roster(), {odd.SHEET: lambda part: part[: len(part) // 2]}),
        "不完整或已损坏",
    ),
    "deep XML": (odd.NAME, _nested, "不完整或已损坏"),
    "far cell": (odd.NAME, _far_xlsx, "大得异常"),
    "far cell in .ods": ("a.ods", _far_ods, "损坏"),
    "far cell in .xlsb": ("a.xlsb", _far_xlsb, "大得异常"),
    "a row a million times in .ods": ("a.ods", _repeated_ods, "大得异常"),
    "10,000 columns": (odd.NAME, lambda: _wide(10_000), "台账最多 150 列"),
    "locked": (odd.NAME, lambda: _ole("EncryptedPackage"), "请先在表格软件里取消密码"),
    "locked .xls": ("a.xls", lambda: odd.xls(odd.xls_book()[0], odd.locked), "请先在表格软件里取消密码"),
    "locked .ods": ("a.ods", lambda: odd.ods([odd.ods_row(["x"])], manifest=LOCKED_ODS), "请先在表格软件里取消密码"),
    "locked archive": (odd.NAME, _locked_zip, "请先在表格软件里取消密码"),
    "broken .xls": ("a.xls", lambda: OLE + b"\1" * 5000, "不完整或已损坏"),
    "web page named .xls": ("a.xls", lambda: b"\r\n <html><table><tr><td>x</td></tr></table></html>", "其实是网页"),
    "tabbed text named .xls": ("a.xls", lambda: dress.csv_bytes(odd.GRID, "gbk", "\t"), "不是表格文件"),
    "Word": (odd.NAME, lambda: odd.zipped([("word/document.xml", b"<x/>")]), "是 Word 文档"),
    "old Word, or .wps": ("a.wps", lambda: _ole("WordDocument"), "是 Word 文档"),
    "slides": (odd.NAME, lambda: odd.zipped([("ppt/presentation.xml", b"<x/>")]), "是演示文稿"),
    "PDF": (odd.NAME, lambda: b"%PDF-1.4 ...", "是 PDF 文件"),
    "picture": (odd.NAME, lambda: b"\x89PNG\r\n\x1a\n...", "是图片"),
    "photograph named .csv": ("a.csv", lambda: b"\xff\xd8\xff\xe0\0\x10JFIF", "是图片"),
    "RAR": (odd.NAME, lambda: b"Rar!\x1a\x07", "是压缩包"),
    "nonsense": (odd.NAME, lambda: b"hello", "不是表格文件"),
    "header without rows": (odd.NAME, lambda: dress.xlsx({"会员花名册": odd.GRID[:3]}), "只有表头"),
    "header without rows as text": ("a.csv", lambda: dress.csv_bytes([odd.HEADERS]), "只有表头"),
    "blank sheet": (odd.NAME, lambda: odd.saved(Workbook()), "看不出是哪种台账"),
    "1,001 sheets": (odd.NAME, lambda: dress.xlsx({f"s{at}": [] for at in range(1001)}), "有 1001 个工作表"),
    "Chinese without a known encoding": ("a.csv", lambda: b"\xff\xfe\x00\xd8\x00\xd8", "文字编码无法识别"),
    "an odd error value": (
        odd.NAME,
        lambda: odd.with_cell("E4", b'<c r="E4" t="e"><v>#SPILL!</v></c>'),
        "公式错误（#SPILL!）",
    ),
}


def counts() -> list[int]:
    """How many there are of all that a ledger may bring."""
    return [model._base_manager.count() for model in (Union, Cadre, Member, MembershipEvent, Training, ImportRow)]


def checked(by, content: bytes, name: str = odd.NAME) -> ImportBatch:
    batch = delivery.deliver(by=by, name=name, content=content)
    delivery.check(batch.pk)
    batch.refresh_from_db()
    return batch


def said_of(batch: ImportBatch) -> list[str]:
    return [message["message"] for message in batch.messages]


@pytest.fixture
def power(db) -> Union:
    return UnionFactory(name=odd.UNION, category="enterprise")


# --- Refused -------------------------------------------------------------------------------


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_read_is_refused_with_what_to_do(what, county_clerk, power):
    name, build, said = REFUSED[what]
    before = counts()
    batch = checked(county_clerk, build(), name)
    assert batch.state == BatchState.UNREADABLE, batch.error
    assert said in batch.error
    assert batch.error.startswith(f"「{name}」")
    assert batch.error.endswith("。")
    assert counts() == before
    assert not ImportChunk.objects.exists()


@pytest.mark.parametrize("what", [what for what in REFUSED if what not in ("1,001 sheets", "zip of very many parts")])
def test_the_page_says_so_too(what, county_clerk, power, signed_in, settings):
    settings.LEDGER_INLINE_BYTES = 10**9
    name, build, said = REFUSED[what]
    client = signed_in(county_clerk)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(build())
        with path.open("rb") as file:
            response = client.post(reverse("ledger_bring"), {"files": file})
    page = client.get(response.url)
    assert (response.status_code, page.status_code) == (302, 200)
    assert said in page.content.decode()


def test_many_bad_sheets_are_not_told_one_by_one():
    parsed = parse(odd.NAME, dress.xlsx({f"表{at}": [["a", "b", "c"]] for at in range(60)}))
    assert parsed.error.count("看不出是哪种台账。") + parsed.error.count("看不出是哪种台账：") == 6
    assert "另有 55 个工作表" in parsed.error
    assert len(parsed.notes) == 21


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


def _million_blank_rows() -> bytes:
    return odd.with_rows(
        b"".join(
            b'<row r="%d" s="1" customFormat="1"><c r="A%d" s="1"/><c r="E%d" s="1"/></row>' % (row, row, row)
            for row in range(6, 1_048_577)
        )
    )


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
        (odd.NAME, _million_blank_rows, []),
        ("a.ods", lambda: odd.ods([*map(odd.ods_row, odd.GRID), FAR_ROWS]), []),
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
    [row] = stash.Rows(batch, "reject")[0:9]
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
    [row] = stash.Rows(batch, "reject")[0:9]
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
    assert ["phone" in row.values for row in stash.Rows(batch, "new")] == [False, True]
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
    assert [row.values["phone"] for row in stash.Rows(batch, "new")] == [odd.ROW[4], odd.OTHER[4]]
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
    monkeypatch.setattr(child, "MAX_ROWS", 7)
    told = []
    content = dress.xlsx({"一": odd.GRID, "二": odd.GRID})
    child.read(content, is_text=False, send=lambda kind, content: told.append((kind, content)))
    assert [kind for kind, _content in told] == ["sheet", "rows", "end", "sheet", "apart"]


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
    [row] = stash.Rows(batch, "reject")[0:9]
    assert row.row == 4
    assert "\0" not in row.name + "".join(message.text + message.cell for message in row.messages)


def test_control_characters_never_reach_the_records(county_clerk, power):
    cell = '<c r="A4" t="inlineStr"><is><t>\u202e穆_x0000__x0007_\u200b平\u2066</t></is></c>'
    batch = checked(county_clerk, odd.with_cell("A4", cell.encode()))
    delivery.request_writing(batch=batch, is_partial=False)
    delivery.write(batch.pk)
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
    assert delivery.deliver(by=county_clerk, name=name, content=b"x").file_name == kept


# --- Limits --------------------------------------------------------------------------------

_MEASURE = """
import json, os, resource, sys, time
import django
django.setup()
from pingtang_union.core.ledger.parse import parse
from pingtang_union.core.ledger.rows import read_rows
content = open(sys.argv[1], "rb").read()
began = time.monotonic()
parsed = parse(sys.argv[2], content)
rows = sum(len(read_rows(table)) for table in parsed.tables)
own = next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))
peak = [int(own) / 1024, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024]
print(json.dumps({"seconds": time.monotonic() - began, "megabytes": peak, "rows": rows, "error": parsed.error}))
"""


def measured(content: bytes, name: str) -> dict[str, object]:
    """Seconds and peak megabytes (this process, the one that reads) that a file takes in a fresh process."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"}
        told = subprocess.run(
            [sys.executable, "-c", _MEASURE, file.name, name],
            env=environment,
            cwd=Path(__file__).parents[3],
            capture_output=True,
            text=True,
            check=True,
        )
    return json.loads(told.stdout)


def _full(rows: int, columns: int) -> bytes:
    """A text table of ledger-like rows, all different."""
    lines = [",".join([*odd.HEADERS, *[f"列{at}" for at in range(columns - 5)]])]
    lines += [",".join([*odd.ROW, *[f"{row}-{at}" for at in range(columns - 5)]]) for row in range(rows)]
    return "\r\n".join(lines).encode()


WORST: dict[str, tuple[str, Callable[[], bytes], int]] = {  # seconds, generous: other work may go on
    "zip bomb": (odd.NAME, lambda: odd.bomb(390), 20),
    "zip bomb of small texts": (odd.NAME, lambda: odd.bomb(350, has_small_texts=True), 30),
    "entity bomb": ("a.ods", lambda: odd.with_entities(odd.ods_roster(), "content.xml"), 10),
    "one text everywhere": (odd.NAME, _same_text_everywhere, 30),
    "a million blank rows": (odd.NAME, _million_blank_rows, 30),
    "10,000 columns": (odd.NAME, lambda: _wide(10_000), 15),
    "far cell in .ods": ("a.ods", _far_ods, 10),
    "far cell in .xlsb": ("a.xlsb", _far_xlsb, 10),
    "a row a million times": ("a.ods", _repeated_ods, 20),
    "circle of sectors": ("a.xls", _loop, 10),
    "a header of 150 texts forty times": (
        odd.NAME,
        lambda: dress.xlsx({"s": [[f"姓{at}{column}" for column in range(150)] for at in range(45)]}),
        20,
    ),
    "48 MB of text": ("a.csv", lambda: _full(400_000, 15)[: 48 * 1024 * 1024], 60),
    "as many rows as are read": ("a.csv", lambda: _full(104_000, 20), 60),
    "48 MB of commas": ("a.csv", lambda: b"\xe5\xa7\x93," * (12 * 1024 * 1024), 60),
}


@pytest.mark.parametrize("what", WORST)
def test_the_worst_stays_within_memory_and_time(what):
    name, build, seconds = WORST[what]
    told = measured(build(), name)
    assert max(told["megabytes"]) < 512
    assert told["seconds"] < seconds
    print(what, told)


def test_what_unpacks_to_much_is_left_to_the_worker(county_clerk, settings):
    small = delivery.deliver(by=county_clerk, name=odd.NAME, content=odd.roster())
    assert delivery.is_large(small) is False
    content = odd.bomb(100)
    assert len(content) < settings.LEDGER_INLINE_BYTES
    assert unpacked_size(content) > 100 * 1024 * 1024
    assert delivery.is_large(delivery.deliver(by=county_clerk, name=odd.NAME, content=content)) is True


# --- Sent through the page -----------------------------------------------------------------


def _page_after(client, response) -> str:
    assert response.status_code == 302
    page = client.get(response.url)
    assert page.status_code == 200
    return page.content.decode()


@pytest.mark.parametrize("names", [["big.xlsx"], ["big.xlsx", "会员花名册.xlsx"]])
def test_a_file_beyond_the_limit_is_named_and_kept_nowhere(names, county_clerk, power, signed_in, tmp_path, settings):
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    client = signed_in(county_clerk)
    contents = {"big.xlsx": b"PK\x03\x04" + b"\0" * (60 * 1024 * 1024), "会员花名册.xlsx": odd.roster()}
    with tempfile.TemporaryDirectory() as folder:
        opened = []
        for name in names:
            path = Path(folder) / name
            path.write_bytes(contents[name])
            opened.append(path.open("rb"))
        response = client.post(reverse("ledger_bring"), {"files": opened})
        for file in opened:
            file.close()
    assert "「big.xlsx」文件有 60 MB，最大 50 MB" in _page_after(client, response)
    assert list(ImportBatch.objects.values_list("file_name", flat=True)) == names[1:]


@pytest.mark.parametrize("data", [{}, {"files": ""}, {"other": "x"}])
def test_a_form_without_a_file_is_answered(data, county_clerk, signed_in):
    client = signed_in(county_clerk)
    assert "还没有选择文件" in _page_after(client, client.post(reverse("ledger_bring"), data))


def test_a_file_field_without_a_name_is_answered(county_clerk, signed_in):
    client = signed_in(county_clerk)
    body = b'--x\r\nContent-Disposition: form-data; name="files"; filename=""\r\n\r\nabc\r\n--x--\r\n'
    response = client.post(reverse("ledger_bring"), body, content_type="multipart/form-data; boundary=x")
    assert "还没有选择文件" in _page_after(client, response)


def test_a_whole_folder_is_answered_with_how_many_the_page_takes(county_clerk, signed_in):
    client = signed_in(county_clerk)
    part = '--x\r\nContent-Disposition: form-data; name="files"; filename="{}.xlsx"\r\n\r\nabc\r\n'
    body = "".join(part.format(at) for at in range(506)) + "--x--\r\n"
    response = client.post(reverse("ledger_bring"), body.encode(), content_type="multipart/form-data; boundary=x")
    assert "这次选了 506 份" in _page_after(client, response)


# --- Mutated workbooks ---------------------------------------------------------------------

SEEDS = {
    "a.xlsx": odd.roster(),
    "a.xls": odd.xls(odd.xls_book()[0]),
    "a.ods": odd.ods_roster(),
    "a.xlsb": odd.xlsb(odd.cells_of(odd.GRID)),
    "a.csv": dress.csv_bytes(odd.GRID, "gb18030"),
}
_PUT_IN = (b"\0", b"<", b"&#0;", b"]]>", b"\xff\xff", b"999999999", b"-1", b"1e400", b"_x0000_", b'"', b"\xe2\x80\xae")
_ATTRIBUTE = re.compile(rb'[\w:]+="[^"]*"')


def mutated(content: bytes, chance: random.Random) -> bytes:
    """Some bytes flipped, deleted, doubled, put in, or two attributes exchanged."""
    changed = bytearray(content)
    for _ in range(chance.randint(1, 6)):
        if not changed:
            break
        at = chance.randrange(len(changed))
        end = min(at + chance.choice((1, 1, 2, 4, 30, 400)), len(changed))
        how = chance.randrange(6)
        if how == 0:
            changed[at] ^= 1 << chance.randrange(8)
        elif how == 1:
            del changed[at:end]
        elif how == 2:
            changed[at:at] = changed[at:end]
        elif how == 3:
            changed[at:at] = chance.choice(
                (
                    b"\0",
                    b"<",
                    b"&#0;",
                    b"]]>",
                    b"\xff\xff",
                    b"999999999",
                    b"-1",
                    b"1e400",
                    b"_x0000_",
                    b'"',
                    b"\xe2\x80\xae",
                )
            )
        elif how == 4:
            changed[at:end] = bytes(chance.randrange(256) for _ in range(end - at))
        else:
            found = list(_ATTRIBUTE.finditer(bytes(changed)))
            if len(found) > 1:
                one, other = chance.sample(found, 2)
                changed[one.start() : one.end()] = other[0]
    return bytes(changed)


def odd_file(name: str, seed: int, is_inner: bool) -> bytes:
    """A workbook gone wrong: its bytes, or, zipped anew, one of its parts."""
    chance = random.Random(seed)
    if not is_inner or name in ("a.xls", "a.csv"):
        return mutated(SEEDS[name], chance)
    parts = odd.parts_of(SEEDS[name])
    part = chance.choice(sorted(parts))
    if name == "a.xlsx" and chance.random() < 0.6:
        part = odd.SHEET
    parts[part] = mutated(parts[part], chance)
    return odd.zipped(parts.items())


@settings(
    derandomize=True,
    max_examples=int(os.environ.get("MUTATED_WORKBOOKS", "100")),
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(name=st.sampled_from(sorted(SEEDS)), seed=st.integers(0, 2**32), is_inner=st.booleans())
@example(name="a.xlsx", seed=0, is_inner=True)
def test_mutated_workbooks_are_read_or_refused(name, seed, is_inner, county_clerk, power):
    before = counts()
    batch = checked(county_clerk, odd_file(name, seed, is_inner), name)
    assert batch.state in (BatchState.READY, BatchState.UNREADABLE), (seed, batch.error)
    if batch.state == BatchState.UNREADABLE:
        assert re.search("[\u4e00-\u9fff]", batch.error)
    assert counts() == before
