"""The job that writes a workbook back with marks on its cells; marked.py says what they are.

Runs in the limited child. told: {"sheets": [{"sheet", "header_row", "text_columns", "rows": [[row, words, colour,
marks]]}], "sum": the last sheet's rows [[cells, formats by column]], "notes_at": before which of them stands what has
become of the look, "colours", "name", "keeps_look"}; rows from 1, columns from 0, marks [[column or null, colour,
words]]. Answers with the workbook's bytes, and "failed" when its look could not be kept.
"""

import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.worksheet.worksheet import Worksheet

from pingtang_union.core.cleaning import Cell
from pingtang_union.files.child import Say
from pingtang_union.ledger.giving import styled, xlsx
from pingtang_union.ledger.reading.ours import OUR_COLUMN, OUR_SHEET, blank_our_column
from pingtang_union.ledger.reading.workbook import Sheet, read_here

_WIDTH = 40  # of the last column; what is longer flows over, since nothing stands behind it
_PIECE = 1024 * 1024  # bytes of the answer at a time
_ANOTHER_KIND = "原文件不是 .xlsx，这里按原来的行号另写成 .xlsx，没有保留原来的格式。"
_TOO_LARGE = "原文件太大，这里按原来的行号重写，没有保留原来的格式；颜色和「检查结果」列照常标注。"
_NOT_KEPT = "原文件的格式不能照样保留，这里按原来的行号重写；颜色和「检查结果」列照常标注。"
_UNCOVERED = "有的合并单元格下面还压着内容，已拆开，免得丢失。"
_VALUES = "原文件里的公式已换成检查时的结果。"
_Row = list[Any]  # [row, words, colour, marks]


def job(content: bytes, told: Any, say: Say) -> None:
    """Write it back, with its look where openpyxl can hold it."""
    file = io.BytesIO()
    number, has_formulas = styled.measure(content)
    note = _TOO_LARGE if content.startswith(b"PK") and b"xl/workbook.xml" in content else _ANOTHER_KIND
    is_done = False
    if not told["keeps_look"]:
        note = _NOT_KEPT
    elif number <= styled.MAX_CELLS:
        try:
            _keeping_its_look(content, told, file, [_VALUES] if has_formulas else [])
            is_done = True
        except Exception:  # an odd file may raise anything, and has its plain answer all the same
            say("failed", None)
            note = _NOT_KEPT
    if not is_done:
        file = io.BytesIO()
        _plainly(content, told, file, note)
    give(file, say)


def give(file: io.BytesIO, say: Say) -> None:
    """Answer with a file's bytes, a piece at a time."""
    view = file.getbuffer()
    for start in range(0, len(view), _PIECE):
        say("bytes", bytes(view[start : start + _PIECE]))


# --- With its look -------------------------------------------------------------------------


def _keeping_its_look(content: bytes, told: Any, file: io.BytesIO, notes: list[str]) -> None:
    content, covering = styled.uncover(content)
    book = styled.open_workbook(content, keeps_formulas=False)
    if OUR_SHEET in book.sheetnames:
        del book[OUR_SHEET]
    for sheet in book.worksheets:
        styled.take_off_marks(book, sheet, set(told["colours"]))
    for answer in told["sheets"]:
        if answer["sheet"] in book.sheetnames:
            _mark_sheet(book[answer["sheet"]], answer, told["colours"])
    _add_sum(book, told, [*notes, _UNCOVERED] if covering else notes)
    styled.save(book, file)


def _mark_sheet(sheet: Worksheet, told: Any, colours: Sequence[str]) -> None:
    column = _result_column(sheet, told["header_row"])
    styled.own_width(sheet, column, _WIDTH)
    header = sheet.cell(told["header_row"], column)
    styled.put(header, OUR_COLUMN)
    header.font = Font(bold=True)
    for number, words, fill, marks in told["rows"]:
        for index, colour, text in marks:
            if index is not None:
                _mark_cell(sheet, (number, index + 1), colour, text, colours)
        cell = sheet.cell(number, column)
        styled.put(cell, words)
        cell.alignment = Alignment(vertical="center")
        if fill:
            styled.colour(cell, fill)  # type: ignore[arg-type]  # no merged cell reaches this column


def _result_column(sheet: Worksheet, header_row: int) -> int:
    """The column for the verdicts, from 1: where an earlier answer put them, emptied, else behind all others."""
    headed = [place for place, cell in sheet._cells.items() if place[0] <= header_row and cell.value == OUR_COLUMN]
    if not headed:
        return styled.used_width(sheet, header_row - 2) + 1
    top, ours = min(headed)
    for (row, column), cell in list(sheet._cells.items()):
        if column == ours and row >= top:
            styled.put(cell, None)
    return ours


def _mark_cell(sheet: Worksheet, place: tuple[int, int], colour: str, text: str, colours: Sequence[str]) -> None:
    """`colours`: ours, the gravest first: a cell shows the gravest of its marks."""
    cell = styled.top_left(sheet, *place)
    before = cell.fill.fgColor.rgb if cell.fill.fill_type == "solid" else ""
    if before not in colours or colours.index(colour) < colours.index(before):
        styled.colour(cell, colour)
    styled.remark(cell, text if cell.row == place[0] else f"第 {place[0]} 行：{text}")


def _add_sum(book: Workbook, told: Any, notes: Sequence[str]) -> None:
    sheet = book.create_sheet(OUR_SHEET)
    for letter, width in zip("ABCDEFGHIJ", (18, 22, 18, 14, 10, 60, 10, 10, 10, 12), strict=True):
        sheet.column_dimensions[letter].width = width
    for number, (cells, formats) in enumerate(_sum_rows(told, notes), start=1):
        for index, value in enumerate(cells):
            if value in ("", None):
                continue
            cell = sheet.cell(number, index + 1)
            styled.put(cell, value)
            style = formats.get(index)
            if style == xlsx.BOLD:
                cell.font = Font(bold=True)
            elif style is not None:
                styled.colour(cell, told["colours"][style - xlsx.FIRST_COLOUR])


def _sum_rows(told: Any, notes: Sequence[str]) -> Iterator[tuple[list[Any], Mapping[int, int]]]:
    """The last sheet's rows with their formats; what has become of the look stands behind the head."""
    for at, (cells, formats) in enumerate(told["sum"]):
        if at == told["notes_at"]:
            for note in notes:
                yield [note], {}
        yield cells, {int(index): style for index, style in formats.items()}


# --- Plainly -------------------------------------------------------------------------------


def _plainly(content: bytes, told: Any, file: io.BytesIO, note: str) -> None:
    marked = {answer["sheet"]: answer for answer in told["sheets"]}
    taken = {OUR_SHEET.lower()}
    sheets = [
        _plain_sheet(sheet, marked.get(sheet.name), xlsx.fitting_name(sheet.name, number, taken), told["colours"])
        for number, sheet in enumerate(read_here(content, told["name"]), start=1)
        if sheet.name != OUR_SHEET
    ]
    widths = (18.0, 22.0, 18.0, 14.0, 10.0, 60.0)
    total = xlsx.PlainSheet(OUR_SHEET, _sum_rows(told, [note]), widths)
    xlsx.write_sheets(file, [*sheets, total], told["colours"])


def _plain_sheet(sheet: Sheet, told: Any, name: str, colours: Sequence[str]) -> xlsx.PlainSheet:
    if told is None:
        as_is: Iterator[tuple[Sequence[Cell], Mapping[int, int]]] = ((row, {}) for row in sheet.rows)
        widths = xlsx.widths_of(sheet.rows)
        return xlsx.PlainSheet(
            name, as_is, widths, merged=sheet.merged, is_hidden=sheet.is_hidden, day_shift=sheet.day_shift
        )
    blank_our_column(sheet.rows)
    width = max((_length(row) for row in sheet.rows), default=0)
    width = max(
        [width, *(right + 1 for (_top, _left), (bottom, right) in sheet.merged if bottom + 1 >= told["header_row"])]
    )
    widths = xlsx.widths_of(sheet.rows)[:width]
    widths += [8.0] * (width - len(widths)) + [float(_WIDTH)]
    texts = frozenset(told["text_columns"])
    rows = _marked_rows(sheet, told, width, colours)
    return xlsx.PlainSheet(name, rows, widths, texts, sheet.merged, sheet.is_hidden, sheet.day_shift)


def _length(row: Sequence[Cell]) -> int:
    """How many cells a row has up to the last that holds anything."""
    length = len(row)
    while length and row[length - 1] in ("", None):
        length -= 1
    return length


def _marked_rows(
    sheet: Sheet, told: Any, width: int, colours: Sequence[str]
) -> Iterator[tuple[Sequence[Cell], Mapping[int, int]]]:
    """A sheet's rows with what is said of them behind; each row is forgotten once it is written."""
    rows = sheet.rows
    answers = {answer[0]: answer for answer in told["rows"]}
    for at in range(len(rows)):
        row, rows[at] = rows[at], []
        number = at + 1
        if number == told["header_row"]:
            yield _widened(row, width, OUR_COLUMN), dict.fromkeys(range(width + 1), xlsx.BOLD)
        elif number in answers:
            yield _widened(row, width, answers[number][1]), _formats(answers[number], width, colours)
        else:
            yield row, {}


def _widened(row: list[Cell], width: int, last: str) -> list[Cell]:
    return [*row[:width], *[""] * (width - len(row)), last]


def _formats(answer: _Row, width: int, colours: Sequence[str]) -> dict[int, int]:
    _number, _words, fill, marks = answer
    formats = {width: xlsx.FIRST_COLOUR + colours.index(fill)} if fill else {}
    for column, colour, _text in marks:
        if column is not None:
            formats[column] = min(formats.get(column, 99), xlsx.FIRST_COLOUR + colours.index(colour))
    return formats
