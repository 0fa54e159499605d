"""Workbooks of others opened so that they can be written back with their look: what openpyxl can hold, and how texts,
marks and columns are put into them."""

import io
import logging
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from typing import IO, Any

from openpyxl import Workbook, load_workbook
from openpyxl.cell import Cell, MergedCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.comments import Comment
from openpyxl.drawing.spreadsheet_drawing import SpreadsheetDrawing
from openpyxl.styles import PatternFill
from openpyxl.utils import column_index_from_string, get_column_letter
from openpyxl.utils.cell import range_boundaries
from openpyxl.worksheet._writer import WorksheetWriter
from openpyxl.worksheet.dimensions import ColumnDimension
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.writer.excel import ExcelWriter

logger = logging.getLogger(__name__)

# Half a kilobyte a cell, by measurement: 300,000 cells take 160 MB and about seven seconds there and back.
MAX_CELLS = 300_000
_MAX_BYTES = 150 * 1024 * 1024  # unpacked: shared texts and pictures count too
# Ranges that are laid out cell by cell when they are read.
_RANGE = re.compile(rb"""<(?:\w+:)?(?:mergeCell|hyperlink)\s[^>]*?\bref\s*=\s*["']([A-Z]+\d+(?::[A-Z]+\d+)?)["']""")
_FORMULA = re.compile(rb"<(?:\w+:)?f[ >/]")
_MARK = "【检查结果】"  # begins our part of a comment, so that it can be taken off again
_AUTHOR = "检查结果"


def measure(content: bytes) -> tuple[int, bool]:
    """(how many cells and rows openpyxl would hold, whether there are formulas) of an .xlsx or .xlsm; a number far
    above MAX_CELLS for any other file, or one whose parts can't be looked at."""
    too_many = 10 * MAX_CELLS
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            sizes = {entry.filename: entry.file_size for entry in archive.infolist()}
            if "xl/workbook.xml" not in sizes or sum(sizes.values()) > _MAX_BYTES:
                return too_many, False
            number, has_formulas = 0, False
            for part in sizes:
                if not (part.startswith("xl/worksheets/") and part.endswith(".xml")):
                    continue
                xml = archive.read(part)
                if b"<!" in xml[:2000]:
                    return too_many, False  # no office program declares a document type
                number += xml.count(b"<c ") + xml.count(b":c ") + xml.count(b"<row ") + xml.count(b":row ")
                has_formulas = has_formulas or _FORMULA.search(xml) is not None
                for match in _RANGE.finditer(xml):
                    left, top, right, bottom = _bounds(match[1].decode())
                    number += (right - left + 1) * (bottom - top + 1)
            return number, has_formulas
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError, ValueError, KeyError):
        return too_many, False


_MERGE = re.compile(
    rb"""<(?:\w+:)?mergeCell\s[^>]*?\bref\s*=\s*["']([A-Z]+\d+:[A-Z]+\d+)["'][^>]*?(?:/>|></(?:\w+:)?mergeCell>)"""
)
_FILLED = re.compile(rb"""<(?:\w+:)?c\s[^>]*?\br\s*=\s*["']([A-Z]+)(\d+)["'][^>/]*>\s*<""")


def uncover(content: bytes) -> tuple[bytes, int]:
    """The workbook without the merged ranges that cover contents, and how many there were: openpyxl would empty all
    but their first cell, though readers see the rows beneath."""
    file = io.BytesIO()
    covering = 0
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w") as new:
        for entry in old.infolist():
            xml = old.read(entry)
            if entry.filename.startswith("xl/worksheets/") and b"mergeCell" in xml:
                covers = [merge for merge in _MERGE.finditer(xml) if _covers(merge[1].decode(), xml)]
                covering += len(covers)
                for merge in reversed(covers):
                    xml = xml[: merge.start()] + xml[merge.end() :]
                # An empty list, or one whose count is wrong, is a damaged file to some programs.
                if covers:
                    left = len(_MERGE.findall(xml))
                    xml = re.sub(rb"(<(?:\w+:)?mergeCells\b)[^>]*>", rb'\g<1> count="%d">' % left, xml)
                    if not left:
                        xml = re.sub(rb"<(\w+:)?mergeCells\b[^>]*>\s*</(\w+:)?mergeCells>", b"", xml)
            new.writestr(entry.filename, xml)
    return (file.getvalue(), covering) if covering else (content, 0)


def _bounds(reference: str) -> tuple[int, int, int, int]:
    """(left, top, right, bottom) of a reference that names both its corners, or one cell."""
    left, top, right, bottom = range_boundaries(reference)
    return int(left or 1), int(top or 1), int(right or 1), int(bottom or 1)


def _covers(merged: str, xml: bytes) -> bool:
    """Whether a cell of a merged range other than its first holds something."""
    left, top, right, bottom = _bounds(merged)
    first = xml.find(b'<row r="%d"' % top)
    for cell in _FILLED.finditer(xml, max(first, 0)):
        row = int(cell[2])
        if row > bottom:
            return False
        if row >= top:
            column = column_index_from_string(cell[1].decode())
            if left <= column <= right and (row, column) != (top, left):
                return True
    return False


@contextmanager
def quiet() -> Iterator[None]:
    """openpyxl warns of each part that it leaves out: nobody reads that in a server's log."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def open_workbook(content: bytes, *, keeps_formulas: bool) -> Workbook:
    """The workbook with its look, without macros and links to other files. Raises whatever openpyxl raises over odd
    files."""
    with quiet():
        return load_workbook(io.BytesIO(content), keep_vba=False, data_only=not keeps_formulas, keep_links=False)


class _Writer(ExcelWriter):
    """Writes sheets in memory: the library lays each down in the folder of temporary files, names and all, and the
    limited child may write no file."""

    def write_worksheet(self, ws: Any) -> None:
        ws._drawing = SpreadsheetDrawing()
        ws._drawing.charts, ws._drawing.images = ws._charts, ws._images
        writer = WorksheetWriter(ws, out=io.BytesIO())
        writer.write()
        ws._rels = writer._rels  # type: ignore[attr-defined]  # the stubs know no inner names
        self._archive.writestr(ws.path[1:], writer.read())  # type: ignore[attr-defined]
        self.manifest.append(ws)


def save(book: Workbook, file: IO[bytes]) -> None:
    """Write a workbook into an open file, and nowhere else."""
    with quiet():
        _Writer(book, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED)).save()


def say_in_footer(sheet: Worksheet, text: str) -> None:
    """Print a text at the left below each page, behind what the sheet prints there already."""
    footer = sheet.oddFooter
    if footer is not None:
        escaped = text.replace("&", "&&")  # & begins a code
        footer.left.text = "    ".join(one for one in (footer.left.text, escaped) if one)


def put(cell: Cell | MergedCell, value: Any) -> None:
    """Write a value: texts stay texts, whatever they begin with. The part of a merged cell that can't hold one is
    left alone."""
    if isinstance(cell, MergedCell):
        return
    if isinstance(value, str):
        cell.value = ILLEGAL_CHARACTERS_RE.sub("", value)
        cell.data_type = "s"
    else:
        cell.value = value


def used_width(sheet: Worksheet, first_row: int) -> int:
    """The last column from 1 that holds anything, or is part of a merged cell from `first_row` on."""
    used = max((column for (_row, column), cell in sheet._cells.items() if cell.value is not None), default=0)
    merged = max((area.max_col for area in sheet.merged_cells.ranges if area.max_row >= first_row), default=0)
    return max(used, merged)


def own_width(sheet: Worksheet, column: int, width: float) -> None:
    """Give a column its width, and a place of its own where it was one of many (hidden up to the last, say)."""
    letter = get_column_letter(column)
    for key, dimension in list(sheet.column_dimensions.items()):
        if not (dimension.min and dimension.max and dimension.min <= column <= dimension.max):
            continue
        if dimension.max > column:
            behind = copy(dimension)
            behind.index, behind.min, behind.max = get_column_letter(column + 1), column + 1, dimension.max
            sheet.column_dimensions[behind.index] = behind
        if dimension.min < column:
            dimension.max = column - 1
        else:
            del sheet.column_dimensions[key]
    sheet.column_dimensions[letter] = ColumnDimension(sheet, index=letter, width=width, customWidth=True)


def top_left(sheet: Worksheet, row: int, column: int) -> Cell:
    """The cell that shows what stands at a place: the first one of a merged range, else the cell itself."""
    cell = sheet.cell(row, column)
    if isinstance(cell, MergedCell):
        merged = next(area for area in sheet.merged_cells.ranges if cell.coordinate in area)
        cell = sheet.cell(merged.min_row, merged.min_col)
    assert isinstance(cell, Cell)  # noqa: S101  the first of a merged range is one
    return cell


def colour(cell: Cell, rgb: str) -> None:
    """Fill a cell."""
    cell.fill = PatternFill("solid", fgColor=rgb)


def remark(cell: Cell, text: str) -> None:
    """Add to a cell's comment, behind whatever others wrote there."""
    words = cell.comment.text if cell.comment else ""
    words = f"{words}\n{text}" if _MARK in words else (f"{words}\n\n" if words else "") + f"{_MARK}\n{text}"
    comment = Comment(ILLEGAL_CHARACTERS_RE.sub("", words), _AUTHOR)
    comment.width = 320
    comment.height = 24 + 20 * sum(1 + len(line) // 22 for line in words.split("\n"))
    cell.comment = comment


def take_off_marks(book: Workbook, sheet: Worksheet, colours: set[str]) -> None:
    """Remove what an earlier answer put on cells: our part of comments, and our colours."""
    fills = book._fills  # type: ignore[attr-defined]  # every fill of the workbook, each once
    ours = {at for at, fill in enumerate(fills) if fill.fill_type == "solid" and fill.fgColor.rgb in colours}
    for cell in list(sheet._cells.values()):
        if isinstance(cell, MergedCell):
            continue
        if cell.comment and _MARK in cell.comment.text:
            theirs = cell.comment.text.split(_MARK)[0].strip()
            cell.comment = Comment(theirs, cell.comment.author) if theirs else None
        if ours and cell.has_style and cell._style.fillId in ours:  # type: ignore[attr-defined]  # quicker than the fill itself
            cell.fill = PatternFill()
