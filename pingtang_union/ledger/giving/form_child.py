"""The job that fills a superior's blank form; form.py says with what.

Runs in the limited child. told: {"name", "sheet", "at": its place among the sheets, "header": as of _Header, "columns":
the index of each cell of a record, "texts": which of them stay texts, "records": rows of cells, "union", "footer",
"keeps_look"}; indexes from 0. Answers with the workbook's bytes.
"""

import contextlib
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import Cell, MergedCell
from openpyxl.styles import Alignment, Border, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from pingtang_union.core.cleaning import as_text
from pingtang_union.core.text import narrow, visible
from pingtang_union.files.child import Refused, Say
from pingtang_union.ledger.giving import styled, xlsx
from pingtang_union.ledger.giving.make_room import push_down
from pingtang_union.ledger.giving.marked_child import give
from pingtang_union.ledger.reading.workbook import Sheet, read_here

MAX_ROWS = 10_000  # records: each cell is held in memory
# Where forms ask for the union: 填报单位（盖章）：
_ASKS = re.compile(
    r"((?:工会名称|工会全称|填[表报]单位|填[表报]工会|上报单位|报送单位|单位名称|所在工会|基层工会(?:名称)?)"
    r"(?:[（(](?:盖章|公章|签章|章)[)）])?\s*[:：])[ \u3000_＿]*"
    r"(?=$|[^\s\u3000_＿:：]{2,8}(?:[（(][^）)]*[)）])?\s*[:：])"
)
_BEYOND = 8  # columns behind the header that belong to the form
_SUMS = ("合计", "总计", "小计", "共计")
_EXAMPLES = ("例", "示例", "样例", "例如", "范例", "填写示例")
_THIN = Side(style="thin")


def job(content: bytes, told: Any, say: Say) -> None:
    """Fill it, with its look where openpyxl can hold it."""
    book = _book_of(content, told)
    name = told["sheet"]
    sheet = book[name] if name in book.sheetnames else book.worksheets[told["at"]]
    _fill_sheet(sheet, told)
    styled.say_in_footer(sheet, told["footer"])
    file = io.BytesIO()
    styled.save(book, file)
    give(file, say)


def _book_of(content: bytes, told: Any) -> Workbook:
    """The form as openpyxl holds it; one that is no .xlsx, or that openpyxl can't read, as a plain workbook."""
    number, _has_formulas = styled.measure(content)
    if told["keeps_look"] and number <= styled.MAX_CELLS:
        with contextlib.suppress(Exception):  # an odd file may raise anything; its rows can be read all the same
            return styled.open_workbook(content, keeps_formulas=True)
    book = Workbook()
    book.remove(book.worksheets[0])
    taken: set[str] = set()
    for at, sheet in enumerate(read_here(content, told["name"]), start=1):
        if sum(len(row) for row in sheet.rows) > styled.MAX_CELLS:
            raise Refused("这份表太大，不像是空表，没有填。请把表头部分另存为一份新表再上传。")
        _copy_plainly(sheet, book.create_sheet(xlsx.fitting_name(sheet.name, at, taken)))
    return book


def _copy_plainly(sheet: Sheet, target: Worksheet) -> None:
    for at, row in enumerate(sheet.rows, start=1):
        for index, value in enumerate(row, start=1):
            if value not in ("", None):
                styled.put(target.cell(at, index), value)
    rest = styled.MAX_CELLS  # a merged cell is laid out cell by cell
    for (top, left), (bottom, right) in sheet.merged:
        rest -= (bottom - top + 1) * (right - left + 1)
        if rest < 0:
            break
        target.merge_cells(start_row=top + 1, start_column=left + 1, end_row=bottom + 1, end_column=right + 1)
    for index, width in enumerate(xlsx.widths_of(sheet.rows), start=1):
        target.column_dimensions[get_column_letter(index)].width = width


@dataclass(frozen=True, slots=True)
class _Header:
    """Where the form's header stands: its last row and how many it has; the columns that have a text, and the one
    that numbers the rows."""

    row: int
    levels: int
    indexes: list[int]
    serial: int | None

    @property
    def width(self) -> int:
        """Columns that belong to the form."""
        return max(self.indexes) + _BEYOND


def _fill_sheet(sheet: Worksheet, told: Any) -> None:
    header = _Header(**told["header"])
    records: list[list[Any]] = told["records"]
    _name_union(sheet, header, told["union"])
    first, ruled = _blank_rows(sheet, header)
    _ensure_style(sheet, first, header)
    if len(records) > ruled:
        push_down(sheet, first, ruled, len(records) - ruled, header.width)
    for row, record in enumerate(records, start=first):
        if header.serial is not None:
            styled.put(sheet.cell(row, header.serial + 1), row - first + 1)
        for index, is_text, value in zip(told["columns"], told["texts"], record, strict=True):
            cell = sheet.cell(row, index + 1)
            if isinstance(cell, MergedCell):
                continue
            if value is None:
                cell.value = None
            else:
                styled.put(cell, value)
                if is_text:
                    cell.number_format = "@"


def _name_union(sheet: Worksheet, header: _Header, union: str) -> None:
    """Write the union's name where the form asks for it above the header."""
    last = max(header.row - header.levels + 1, 1)
    for row in sheet.iter_rows(max_row=last, max_col=header.width):
        for cell in row:
            if isinstance(cell, Cell) and isinstance(cell.value, str):
                asked = _ASKS.sub(lambda match: f"{match[1]}{union}    ", cell.value, count=1)
                if asked != cell.value:
                    styled.put(cell, asked.rstrip())
                    return


def _blank_rows(sheet: Worksheet, header: _Header) -> tuple[int, int]:
    """(first blank row from 1, how many there are) below the header. Rows that number the columns, give an example or
    sum up what follows stay above them; what stands below them is the footer. Of blank rows at the end only those that
    are ruled count."""
    first = header.row + 2
    last = max((row for (row, _column), cell in sheet._cells.items() if cell.value is not None), default=first)
    while first <= last and not _is_blank(sheet, first, header) and _stays_above(sheet, first, header):
        first += 1
    row = first
    # A form has some dozen rows: what stands thousands of rows below is no footer of it.
    while row <= last and row - first < MAX_ROWS and _is_blank(sheet, row, header):
        row += 1
    if row > last:
        while row > first and not _is_ruled(sheet, row - 1, header):
            row -= 1
        while row - first < MAX_ROWS and _is_ruled(sheet, row, header):
            row += 1
    return first, row - first


def _values(sheet: Worksheet, row: int, header: _Header) -> list[Any]:
    """What stands in a row, from the first column to a little beyond the header; looking makes no cell."""
    places = (sheet._cells.get((row, column)) for column in range(1, header.width))
    return [cell.value if cell is not None else None for cell in places]


def _is_blank(sheet: Worksheet, row: int, header: _Header) -> bool:
    """Whether a row waits to be filled: nothing in it but its number, and formulas that reckon with the rest."""
    for index, value in enumerate(_values(sheet, row, header)):
        if value is None or (isinstance(value, str) and not value.strip()):
            continue
        if index == header.serial and re.fullmatch(r"\d+(?:\.0)?|=.*", str(value)):
            continue
        if index and isinstance(value, str) and value.startswith("=") and not _sums(value):
            continue
        return False
    return True


def _sums(formula: str) -> bool:
    return "SUM" in formula.upper() or "COUNT" in formula.upper()


def _stays_above(sheet: Worksheet, row: int, header: _Header) -> bool:
    values = _values(sheet, row, header)
    if belongs_above(values):
        return True
    head = next((visible(value) for value in values if isinstance(value, str) and value.strip()), "")
    return head.replace(" ", "") in _SUMS and _is_blank(sheet, row + 1, header)


def belongs_above(cells: Iterable[Any]) -> bool:
    """Whether a row between header and blank rows belongs to the header: 1 2 3 …, 甲 乙 丙 …, or an example."""
    words = [narrow(as_text(cell)) for cell in cells if cell not in (None, "")]
    if not words:
        return False
    numbers = [str(number) for number in range(1, len(words) + 1)]
    return words == numbers or "".join(words) in "甲乙丙丁戊己庚辛壬癸" or words[0].strip("（()）:：") in _EXAMPLES


def _is_ruled(sheet: Worksheet, row: int, header: _Header) -> bool:
    if header.serial is not None and _values(sheet, row, header)[header.serial] not in (None, ""):
        return True
    cells = (sheet._cells.get((row, index + 1)) for index in header.indexes)
    borders = [cell.border for cell in cells if cell is not None and cell.has_style]
    return any(side is not None and side.style for border in borders for side in (border.bottom, border.left))


def _ensure_style(sheet: Worksheet, row: int, header: _Header) -> None:
    """Rule the first row where the form hasn't: as its header is ruled."""
    if any(sheet.cell(row, index + 1).has_style for index in header.indexes):
        return
    for index in header.indexes:
        cell = sheet.cell(row, index + 1)
        if isinstance(cell, Cell):
            cell.border = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
            cell.alignment = Alignment(vertical="center")
