"""What the parts of a workbook say that its cells don't: hidden rows and columns, filters, errors, formulas whose
result was never saved, pictures in cells.

Runs in the child process (ledger.reading.child): imports nothing of Django, and needs no guard of its own against
documents made to exhaust it.
"""

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree import ElementTree

from pingtang_union.files.child import TooBig

Place = tuple[int, int]  # row, column, both from 0
MAX_PLACES = 100_000  # of one kind in one sheet
_BLOCK = 4 * 1024 * 1024
_MAX_CARRIED = 64 * 1024 * 1024  # a single row of more XML than this is nobody's ledger


@dataclass
class Marks:
    """Of one sheet."""

    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)  # first and last
    is_filtered: bool = False
    unsaved: list[Place] = field(default_factory=list)
    errors: list[tuple[int, int, str]] = field(default_factory=list)
    images: list[Place] = field(default_factory=list)
    day_shift: int = 0  # days to add to the workbook's day numbers so that they count from 1899-12-30

    def check(self) -> None:
        """Raise TooBig when there is more to say than anyone would read."""
        if max(len(self.hidden_rows), len(self.unsaved), len(self.errors), len(self.images)) > 12 * MAX_PLACES:
            raise TooBig


def column_number(letters: str) -> int:
    """From 0: A is 0, AA is 26."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


# --- .xlsx, .xlsm --------------------------------------------------------------------------

_ROW = re.compile(rb"<(?:\w+:)?row\b([^>]*)>")
_COL = re.compile(rb"<(?:\w+:)?col\b([^>]*)>")
_HIDDEN = re.compile(rb"""\bhidden\s*=\s*["'](?:1|true|on)["']""")
_NUMBER_OF_ROW = re.compile(rb"""\br\s*=\s*["'](\d{1,7})["']""")
_MIN = re.compile(rb"""\bmin\s*=\s*["'](\d{1,6})["']""")
_MAX = re.compile(rb"""\bmax\s*=\s*["'](\d{1,6})["']""")
_FORMULA_CELL = re.compile(
    rb"<(?:\w+:)?c\b([^>]*)>\s*<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)([^<]*(?:<(?!/?(?:\w+:)?c\b)[^<]*)*)"
)
_ERROR_CELL = re.compile(
    rb"""<(?:\w+:)?c\b([^>]*\bt\s*=\s*["']e["'][^>]*)>(?:(?!</(?:\w+:)?c>).)*?<(?:\w+:)?v>([^<]{1,20})<""", re.DOTALL
)
_MAYBE_FORMULA = re.compile(rb"f[ />]")
_REFERENCE = re.compile(rb"""\br\s*=\s*["']([A-Z]{1,3})(\d{1,7})["']""")
_TEXT_TYPE = re.compile(rb"""\bt\s*=\s*["'](?:str|inlineStr)["']""")
_VALUE = re.compile(rb"<(?:\w+:)?v\b[^>]*>[^<]|<(?:\w+:)?is\b")
_VALUE_TAG = re.compile(rb"<(?:\w+:)?v\b")
_RICH_VALUE = re.compile(rb"""\bvm\s*=\s*["']\d""")


def names_of(archive: zipfile.ZipFile) -> dict[str, str]:
    """The archive's parts by the name that readers look for: some programs write other slashes or capitals."""
    return {name.replace("\\", "/").lower(): name for name in archive.namelist()}


def sheets_of_xlsx(archive: zipfile.ZipFile) -> list[Marks]:
    """Marks of each sheet in the workbook's order; [] when the workbook's list of sheets can't be followed."""
    try:
        parts = sheet_parts_of(archive)
    except (KeyError, ElementTree.ParseError):
        return []
    has_pictures = "xl/richdata/richvaluerel.xml" in names_of(archive)
    return [_of_xml(archive, part, has_pictures) if part else Marks() for part in parts]


def sheet_parts_of(archive: zipfile.ZipFile) -> list[str]:
    """The part of each sheet of an .xlsx in the workbook's order, "" where there is none. Raises KeyError or
    ParseError when the workbook's list of sheets can't be followed."""
    names = names_of(archive)
    book = ElementTree.fromstring(archive.read(names["xl/workbook.xml"]))  # noqa: S314  in a child with limits
    links = ElementTree.fromstring(archive.read(names["xl/_rels/workbook.xml.rels"]))  # noqa: S314
    targets = {link.get("Id", ""): link.get("Target", "") for link in links}
    parts = []
    for sheet in book.findall(".//{*}sheets/{*}sheet"):
        link = next((value for key, value in sheet.attrib.items() if key.endswith("}id")), "")
        target = targets.get(link, "").replace("\\", "/")
        parts.append(names.get((target.lstrip("/") if target.startswith("/") else f"xl/{target}").lower(), ""))
    return parts


def _of_xml(archive: zipfile.ZipFile, part: str, has_pictures: bool) -> Marks:
    marks = Marks()
    is_first, is_odd = True, False
    # Nearly every block of nearly every sheet has nothing to say, so the questions are cheap ones.
    for block in blocks_of(archive, part, b"row"):
        if is_first:
            is_first, is_odd = False, b" r='" in block[:200_000]
            marks.hidden_columns = [
                (int(low[1]) - 1, int(high[1]) - 1)
                for column in _COL.finditer(block[:200_000])
                if _HIDDEN.search(column[1]) and (low := _MIN.search(column[1])) and (high := _MAX.search(column[1]))
            ]
        if b"hidden" in block:
            for row in _ROW.finditer(block):
                if _HIDDEN.search(row[1]) and (number := _NUMBER_OF_ROW.search(row[1])):
                    marks.hidden_rows.append(int(number[1]) - 1)
        if _MAYBE_FORMULA.search(block):
            _formulas(block, marks)
        if is_odd or b't="e' in block:
            _errors(block, marks, has_pictures)
        if not block.endswith(b"</row>"):
            marks.is_filtered |= b"filterColumn" in block  # it stands behind the last row
        marks.check()
    return marks


def _formulas(block: bytes, marks: Marks) -> None:
    for cell in _FORMULA_CELL.finditer(block):
        # A text that is empty is a result; no value, or an empty one that is no text, is none.
        has_result = _VALUE.search(cell[2]) or (_TEXT_TYPE.search(cell[1]) and _VALUE_TAG.search(cell[2]))
        if not has_result and (place := _place(cell[1])):
            (marks.images if b"DISPIMG" in cell[0].upper() else marks.unsaved).append(place)


def _errors(block: bytes, marks: Marks, has_pictures: bool) -> None:
    for cell in _ERROR_CELL.finditer(block):
        if place := _place(cell[1]):
            if has_pictures and _RICH_VALUE.search(cell[1]):
                marks.images.append(place)  # the error is what programs show that don't know such pictures
            else:
                marks.errors.append((*place, cell[2].decode("utf-8", "replace").strip()))


def _place(attributes: bytes) -> Place | None:
    match = _REFERENCE.search(attributes)
    return (int(match[2]) - 1, column_number(match[1].decode())) if match else None


def blocks_of(archive: zipfile.ZipFile, part: str, tag: bytes) -> Iterator[bytes]:
    """A part's XML in blocks that end before an opening `tag`."""
    carried = b""
    with archive.open(part) as stream:
        while read := stream.read(_BLOCK):
            block = carried + read
            cut = max(block.rfind(b"<" + tag), block.rfind(b":" + tag))
            if cut > 0:
                cut = block.rfind(b"<", 0, cut + 1)
            if cut <= 0:
                if len(block) > _MAX_CARRIED:
                    raise TooBig
                carried = block
                continue
            yield block[:cut]
            carried = block[cut:]
    yield carried


# --- .ods ----------------------------------------------------------------------------------

_TAG = re.compile(rb"<(/?)table:(table|table-row|table-column|table-cell|covered-table-cell)(?![\w-])([^>]*?)(/?)>")
_REPEATED = re.compile(rb'table:number-(?:rows|columns)-repeated="(\d{1,9})"')
_INVISIBLE = re.compile(rb'table:visibility="(collapse|filter)"')
_ODS_ERROR = re.compile(rb"<text:p>([^<]{1,20})</text:p>")


def sheets_of_ods(archive: zipfile.ZipFile) -> list[Marks]:
    """Marks of each sheet, in order."""
    marks_by_sheet: list[Marks] = []
    row = column = at = 0  # row of the sheet, column of its definitions, column of the row's cells
    repeats = 1
    for block in blocks_of(archive, "content.xml", b"table:table-row"):
        has_cells = b"table:formula=" in block
        for tag in _TAG.finditer(block):
            is_end, kind, attributes = bool(tag[1]), tag[2], tag[3]
            times = int(match[1]) if (match := _REPEATED.search(attributes)) else 1
            if kind == b"table" and not is_end:
                marks_by_sheet.append(Marks())
                row = column = 0
            elif not marks_by_sheet or (is_end and kind != b"table-row"):
                continue
            elif kind == b"table-row" and not is_end:
                at, repeats = 0, times
                if invisible := _INVISIBLE.search(attributes):
                    marks_by_sheet[-1].is_filtered |= invisible[1] == b"filter"
                    marks_by_sheet[-1].hidden_rows += range(row, row + min(times, MAX_PLACES))
                if tag[4]:
                    row += times
            elif kind == b"table-row":
                row += repeats
            elif kind == b"table-column":
                if _INVISIBLE.search(attributes):
                    marks_by_sheet[-1].hidden_columns.append((column, column + times - 1))
                column += times
            elif kind.endswith(b"cell") and has_cells:
                if b"table:formula=" in attributes:
                    _ods_formula(block, tag, (row, at), marks_by_sheet[-1])
                at += times
            marks_by_sheet[-1].check()
    return marks_by_sheet


def _ods_formula(block: bytes, tag: "re.Match[bytes]", place: Place, marks: Marks) -> None:
    attributes = tag[3]
    if b'calcext:value-type="error"' in attributes:
        text = _ODS_ERROR.match(block, tag.end())
        marks.errors.append((*place, text[1].decode("utf-8", "replace") if text else "#VALUE!"))
    elif b"office:value-type=" not in attributes and not block.startswith(b"<text:p", tag.end()):
        marks.unsaved.append(place)


def letters_of(number: int) -> str:
    """A, B, … Z, AA: a column's letters by its number from 1."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
