"""Bytes become sheets, or a refusal that says what to do. The content decides, not the suffix."""

import io
import zipfile

import pytest
from openpyxl import Workbook

from pingtang_union.ledger.reading.workbook import UnreadableFile, read_workbook
from tests.ledger import dress

ROWS = [["姓名", "性别"], ["张三", "男"]]


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (dress.xlsx({"名册": ROWS}), "a.xlsx"),
        (dress.xls({"名册": ROWS}), "a.xls"),
        (dress.xlsx({"名册": ROWS}), "a.xls"),
        (dress.csv_bytes(ROWS, "gb18030"), "a.csv"),
        (dress.csv_bytes(ROWS, "utf-8-sig"), "a.csv"),
        (dress.csv_bytes(ROWS, "utf-16"), "a.csv"),
        (dress.csv_bytes(ROWS, "utf-8", "\t"), "a.csv"),
    ],
)
def test_kinds_of_files(content, name):
    [sheet] = read_workbook(content, name)
    assert sheet.rows == ROWS


def test_merged_ranges_and_hidden_sheets_are_told():
    book = Workbook()
    book.active.append(["标题", None])
    book.active.merge_cells("A1:B1")
    hidden = book.create_sheet("旧表")
    hidden.sheet_state = "hidden"
    hidden.append(["x"])
    buffer = io.BytesIO()
    book.save(buffer)
    first, second = read_workbook(buffer.getvalue(), "a.xlsx")
    assert first.merged == [((0, 0), (0, 1))]
    assert (first.is_hidden, second.is_hidden) == (False, True)


def _bomb() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for index in range(7):
            archive.writestr(f"xl/{index}.xml", b"\0" * (100 * 1024 * 1024))
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"", "a.xlsx", "空文件"),
        (dress.xlsx({"名册": ROWS})[:-200], "a.xlsx", "损坏"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"),
            "a.xlsx",
            "取消密码",
        ),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "a.xls", "损坏"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "a.xls", "网页"),
        ("姓名\t性别\n".encode("gbk"), "a.xls", "不是表格文件"),
        (b"%PDF-1.4", "a.xlsx", "是 PDF 文件，不是表格"),
        (b"\xff\xfe\x00\xd8\x00\xd8", "a.csv", "编码"),
    ],
)
def test_what_cannot_be_read_is_refused(content, name, said):
    with pytest.raises(UnreadableFile, match=said):
        read_workbook(content, name)


def test_a_zip_bomb_is_refused_before_it_is_unpacked():
    with pytest.raises(UnreadableFile, match="大得异常"):
        read_workbook(_bomb(), "a.xlsx")


def _with_cell(cell: str, value: str) -> bytes:
    book = Workbook()
    book.active["A1"] = "姓名"
    book.active[cell] = value
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def test_a_blank_in_the_last_cell_of_all_is_refused_before_the_sheet_is_laid_out():
    with pytest.raises(UnreadableFile, match="大得异常"):
        read_workbook(_with_cell("XFD1048576", " "), "a.xlsx")


@pytest.mark.parametrize("cell", ["B1048576", "ZZ9000"])
def test_a_blank_far_away_is_passed_over(cell):
    [sheet] = read_workbook(_with_cell(cell, " "), "a.xlsx")
    assert (sheet.rows, sheet.refusal) == ([["姓名"]], "")


@pytest.mark.parametrize(("cell", "said"), [("B1048576", "一个文件最多 10 万行"), ("ZZ9", "第 702 列")])
def test_something_far_away_puts_the_sheet_apart(cell, said):
    [sheet] = read_workbook(_with_cell(cell, "x"), "a.xlsx")
    assert said in sheet.refusal
    assert sheet.rows == []
