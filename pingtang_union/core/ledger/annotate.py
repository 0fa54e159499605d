"""Step 6: the same workbook back, so that the clerk mends it and brings just that file again.

The uploaded .xlsx keeps its look; bad cells are coloured and carry a comment, a last column holds each row's verdict,
a last sheet sums up. Macros are dropped and formulas become the values that were checked. What openpyxl can't hold
or can't read, and every other kind of file, comes back as a plain .xlsx with the same rows at the same numbers.
"""

import logging
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePath
from typing import IO, Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.worksheet.worksheet import Worksheet

from pingtang_union.core.ledger import looks, plain, verdicts
from pingtang_union.core.ledger.clean import Cell
from pingtang_union.core.ledger.parse import OUR_COLUMN, OUR_SHEET, our_column
from pingtang_union.core.ledger.read import Sheet, read_workbook
from pingtang_union.core.ledger.verdicts import Answer, RowAnswer, SheetAnswer

logger = logging.getLogger(__name__)
_PREFIX = "检查结果-"
_WIDTH = 40  # of the last column; what is longer flows over, since nothing stands behind it
_COLOURS = sorted(set(verdicts.FILLS.values()))
_FORMATS = plain.coloured(_COLOURS)
_ANOTHER_KIND = "原文件不是 .xlsx，这里按原来的行号另写成 .xlsx，没有保留原来的格式。"
_TOO_LARGE = "原文件太大，这里按原来的行号重写，没有保留原来的格式；颜色和「检查结果」列照常标注。"
_NOT_KEPT = "原文件的格式不能照样保留，这里按原来的行号重写；颜色和「检查结果」列照常标注。"
_UNCOVERED = "有的合并单元格下面还压着内容，已拆开，免得丢失。"
_VALUES = "原文件里的公式已换成检查时的结果。"


def file_name(name: str) -> str:
    """检查结果-….xlsx. The word stands in front: what follows 会员花名册- may be a union's name."""
    stem = PurePath(name).stem
    while stem.startswith(_PREFIX):
        stem = stem.removeprefix(_PREFIX)
    return f"{_PREFIX}{stem[:150]}.xlsx"


def annotate(content: bytes, answer: Answer) -> IO[bytes]:
    """The workbook back, as an open temporary file. `content`: the bytes that were brought and could be read."""
    file = tempfile.TemporaryFile()  # noqa: SIM115  who asked closes it
    number, has_formulas = looks.measure(content)
    note = _TOO_LARGE if content.startswith(b"PK") and b"xl/workbook.xml" in content else _ANOTHER_KIND
    if number <= looks.MAX_CELLS:
        try:
            _keeping_its_look(content, answer, file, [_VALUES] if has_formulas else [])
            file.seek(0)
            return file
        except Exception:  # an odd file may raise anything, and has its plain answer all the same
            logger.warning("a workbook that was read can't be written back with its look", exc_info=True)
            file.seek(0)
            file.truncate()
            note = _NOT_KEPT
    _plainly(content, answer, file, note)
    file.seek(0)
    return file


# --- With its look -------------------------------------------------------------------------


def _keeping_its_look(content: bytes, answer: Answer, file: IO[bytes], notes: list[str]) -> None:
    content, covering = looks.uncover(content)
    book = looks.open_workbook(content, keeps_formulas=False)
    if OUR_SHEET in book.sheetnames:
        del book[OUR_SHEET]
    for sheet in book.worksheets:
        looks.take_off_marks(book, sheet, set(_COLOURS))
    for told in answer.sheets:
        if told.sheet in book.sheetnames:
            _mark_sheet(book[told.sheet], told)
    _add_sum(book, answer, [*notes, _UNCOVERED] if covering else notes)
    with looks.quiet():
        book.save(file)


def _mark_sheet(sheet: Worksheet, told: SheetAnswer) -> None:
    column = _result_column(sheet, told.header_row)
    looks.own_width(sheet, column, _WIDTH)
    header = sheet.cell(told.header_row, column)
    looks.put(header, OUR_COLUMN)
    header.font = Font(bold=True)
    for number, row in told.rows.items():
        for mark in row.marks:
            if mark.column is not None:
                _mark_cell(sheet, number, mark)
        cell = sheet.cell(number, column)
        looks.put(cell, row.text)
        cell.alignment = Alignment(vertical="center")
        if row.fill:
            looks.colour(cell, row.fill)  # type: ignore[arg-type]  # no merged cell reaches this column


def _result_column(sheet: Worksheet, header_row: int) -> int:
    """The column for the verdicts, from 1: where an earlier answer put them, emptied, else behind all others."""
    headed = [place for place, cell in sheet._cells.items() if place[0] <= header_row and cell.value == OUR_COLUMN]
    if not headed:
        return looks.used_width(sheet, header_row - 2) + 1
    top, ours = min(headed)
    for (row, column), cell in list(sheet._cells.items()):
        if column == ours and row >= top:
            looks.put(cell, None)
    return ours


def _mark_cell(sheet: Worksheet, number: int, mark: verdicts.Mark) -> None:
    assert mark.column is not None  # noqa: S101  the caller has looked
    cell = looks.top_left(sheet, number, mark.column + 1)
    before = cell.fill.fgColor.rgb if cell.fill.fill_type == "solid" else ""
    if verdicts.FILLS[mark.kind] == verdicts.RED or before not in _COLOURS:
        looks.colour(cell, verdicts.FILLS[mark.kind])
    looks.remark(cell, mark.text if cell.row == number else f"第 {number} 行：{mark.text}")


def _add_sum(book: Workbook, answer: Answer, notes: Sequence[str]) -> None:
    sheet = book.create_sheet(OUR_SHEET)
    for letter, width in zip("ABCDEFGHIJ", (18, 22, 18, 14, 10, 60, 10, 10, 10, 12), strict=True):
        sheet.column_dimensions[letter].width = width
    number = 0
    for cells, formats in _sum_rows(answer, notes):
        number += 1
        for index, value in enumerate(cells):
            if value in ("", None):
                continue
            cell = sheet.cell(number, index + 1)
            looks.put(cell, value)
            style = formats.get(index)
            if style == plain.BOLD:
                cell.font = Font(bold=True)
            elif style is not None:
                looks.colour(cell, _COLOURS[style - _FORMATS[_COLOURS[0]]])


def _sum_rows(answer: Answer, notes: Sequence[str]) -> Iterator[tuple[list[Any], Mapping[int, int]]]:
    """The last sheet's rows with their formats."""
    yield [OUR_SHEET], {0: plain.BOLD}
    for line in verdicts.lines_of(answer, notes):
        yield [line], {}
    yield [], {}
    yield list(verdicts.HEADINGS), dict.fromkeys(range(len(verdicts.HEADINGS)), plain.BOLD)
    for told in answer.sheets:
        yield verdicts.counts_of(told), {}
    if said := verdicts.said_of(answer):
        yield [], {}
        yield ["关于整张表"], {0: plain.BOLD}
        for line in said:
            yield [line], {}
    yield [], {}
    details = verdicts.details_of(answer)
    first = next(details, None)
    if first is None:
        yield ["各行都没有问题。"], {}
        return
    yield list(verdicts.DETAIL_HEADINGS), dict.fromkeys(range(len(verdicts.DETAIL_HEADINGS)), plain.BOLD)
    yield first[0], {4: _FORMATS[first[1]]}
    for cells, colour in details:
        yield cells, {4: _FORMATS[colour]}


# --- Plainly -------------------------------------------------------------------------------


def _plainly(content: bytes, answer: Answer, file: IO[bytes], note: str) -> None:
    told = {one.sheet: one for one in answer.sheets}
    taken = {OUR_SHEET.lower()}
    sheets = [
        _plain_sheet(sheet, told.get(sheet.name), plain.fitting_name(sheet.name, number, taken))
        for number, sheet in enumerate(read_workbook(content, answer.file_name), start=1)
        if sheet.name != OUR_SHEET
    ]
    widths = (18.0, 22.0, 18.0, 14.0, 10.0, 60.0)
    total = plain.PlainSheet(OUR_SHEET, ((cells, formats) for cells, formats in _sum_rows(answer, [note])), widths)
    plain.write(file, [*sheets, total], _COLOURS)


def _plain_sheet(sheet: Sheet, told: SheetAnswer | None, name: str) -> plain.PlainSheet:
    if told is None:
        rows: Iterator[tuple[Sequence[Cell], Mapping[int, int]]] = ((row, {}) for row in sheet.rows)
        return plain.PlainSheet(name, rows, plain.widths_of(sheet.rows), merged=sheet.merged, is_hidden=sheet.is_hidden)
    if place := our_column(sheet.rows):
        top, index = place
        for row in sheet.rows[top:]:
            if index < len(row):
                row[index] = ""
    width = max((_length(row) for row in sheet.rows), default=0)
    width = max(
        [width, *(right + 1 for (_top, _left), (bottom, right) in sheet.merged if bottom + 1 >= told.header_row)]
    )
    widths = plain.widths_of(sheet.rows)[:width]
    widths += [8.0] * (width - len(widths)) + [float(_WIDTH)]
    return plain.PlainSheet(
        name, _marked_rows(sheet, told, width), widths, told.text_columns, sheet.merged, sheet.is_hidden
    )


def _length(row: Sequence[Cell]) -> int:
    """How many cells a row has up to the last that holds anything."""
    length = len(row)
    while length and row[length - 1] in ("", None):
        length -= 1
    return length


def _marked_rows(sheet: Sheet, told: SheetAnswer, width: int) -> Iterator[tuple[Sequence[Cell], Mapping[int, int]]]:
    """A sheet's rows with the verdict behind them; each row is forgotten once it is written."""
    rows = sheet.rows
    for at in range(len(rows)):
        row, rows[at] = rows[at], []
        number = at + 1
        answer = told.rows.get(number)
        if number == told.header_row:
            yield _widened(row, width, OUR_COLUMN), dict.fromkeys(range(width + 1), plain.BOLD)
        elif answer is None:
            yield row, {}
        else:
            yield _widened(row, width, answer.text), _formats(answer, width)


def _widened(row: list[Cell], width: int, last: str) -> list[Cell]:
    return [*row[:width], *[""] * (width - len(row)), last]


def _formats(answer: RowAnswer, width: int) -> dict[int, int]:
    formats = {width: _FORMATS[answer.fill]} if answer.fill else {}
    by_column: dict[int, list[verdicts.Mark]] = {}
    for mark in answer.marks:
        if mark.column is not None:
            by_column.setdefault(mark.column, []).append(mark)
    return formats | {column: _FORMATS[verdicts.FILLS[verdicts.gravest(found)]] for column, found in by_column.items()}


__all__ = ["annotate", "file_name"]
