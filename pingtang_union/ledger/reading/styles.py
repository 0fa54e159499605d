"""Where workbooks keep the formats of their cells, and from which day they count: .xlsx, .xls, .xlsb and .ods.

Only formats that show something else than the value (ledger.reading.formats) are looked for in the cells, so that a
workbook without any costs the reading of its styles. Runs in the child process (ledger.reading.child).
"""

import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import unescape
from struct import error as struct_error
from xml.etree import ElementTree

from pingtang_union.ledger.reading import binary
from pingtang_union.ledger.reading.formats import Format, Shown, compiled
from pingtang_union.ledger.reading.unseen import blocks_of, column_number, names_of, sheet_parts_of

_1904 = 1462  # days from 1899-12-30 to 1904-01-01
_MAX_ROW, _MAX_COLUMN = 105_000, 150  # what lies beyond is not read
_MAX_STYLES = 65_000

# Formats that workbooks name by number only, as a Chinese Excel shows them (ECMA-376 part 1, 18.8.30); those that
# show the value as it is are left out.
_BUILT_IN = {
    2: "0.00",
    16: "d-mmm",
    17: "mmm-yy",
    18: "h:mm AM/PM",
    19: "h:mm:ss AM/PM",
    20: "h:mm",
    21: "h:mm:ss",
    **dict.fromkeys((27, 36, 50, 52, 57), 'yyyy"年"m"月"'),
    **dict.fromkeys((28, 29, 51, 53, 54, 58), 'm"月"d"日"'),
    **dict.fromkeys((32, 34, 55), 'h"时"mm"分"'),
    **dict.fromkeys((33, 35, 56), 'h"时"mm"分"ss"秒"'),
    45: "mm:ss",
    47: "mm:ss",
}


@dataclass
class Styles:
    """Of a workbook: days to add to its day numbers so that they count from 1899-12-30, and the cells of each sheet
    that show something else than their value, in the workbook's order; no sheets where no cell does."""

    day_shift: int = 0
    sheets: list[Shown] = field(default_factory=list)


def _known(codes: Mapping[int, str], numbers: list[int], day_shift: int) -> dict[int, Format]:
    """Formats by the number of the style, of those that matter. `codes`: the workbook's own, by number; `numbers`:
    the number of each style's format."""
    formats: dict[int, Format | None] = {}
    for number in set(numbers):
        formats[number] = compiled(codes.get(number, _BUILT_IN.get(number, "")), day_shift)
    return {style: known for style, number in enumerate(numbers[:_MAX_STYLES]) if (known := formats[number])}


# --- .xlsx, .xlsm --------------------------------------------------------------------------

_OWN_FORMAT = re.compile(rb"""<(?:\w+:)?numFmt\b((?:\s+[\w:]+\s*=\s*(?:"[^"]*"|'[^']*'))*)""")
_FORMAT_NUMBER = re.compile(rb"""\bnumFmtId\s*=\s*["'](\d{1,6})["']""")
_FORMAT_CODE = re.compile(rb"""\bformatCode\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_CELL_STYLES = re.compile(rb"<(?:\w+:)?cellXfs\b.*?</(?:\w+:)?cellXfs>", re.DOTALL)
_CELL_STYLE = re.compile(rb"<(?:\w+:)?xf\b([^>]*)")
_TRUE = ("1", "true", "on")
_TAG = re.compile(rb"<(?:\w+:)?(row|c)\b([^>]*)>")
_CELL = re.compile(rb"<(?:\w+:)?c\b")
_ROW_NUMBER = re.compile(rb"""\br\s*=\s*["'](\d{1,7})["']""")
_REFERENCE = re.compile(rb"""\br\s*=\s*["']([A-Z]{1,3})(\d{1,7})["']""")
_STYLE = re.compile(rb"""\bs\s*=\s*["'](\d{1,6})["']""")


def of_xlsx(archive: zipfile.ZipFile) -> Styles:
    """Styles of an .xlsx; none where its parts can't be followed."""
    names = names_of(archive)
    styles = Styles()
    try:
        book = ElementTree.fromstring(archive.read(names["xl/workbook.xml"]))  # noqa: S314  in a child with limits
        properties = book.find("{*}workbookPr")
        if properties is not None and properties.get("date1904", "").lower() in _TRUE:
            styles.day_shift = _1904
        codes, numbers = _codes_and_numbers(archive.read(names["xl/styles.xml"]))
        known = {str(at).encode(): one for at, one in _known(codes, numbers, styles.day_shift).items()}
        if known:
            styles.sheets = [_of_xml(archive, part, known) for part in sheet_parts_of(archive)]
    except (KeyError, ElementTree.ParseError, ValueError):
        return styles
    return styles


def _codes_and_numbers(xml: bytes) -> tuple[dict[int, str], list[int]]:
    """The workbook's own formats by number, and the number of each style's. Old workbooks have ten thousands of
    styles: no tree is made of them."""
    codes = {}
    for one in _OWN_FORMAT.finditer(xml):
        if (number := _FORMAT_NUMBER.search(one[1])) and (code := _FORMAT_CODE.search(one[1])):
            codes[int(number[1])] = unescape((code[1] or code[2] or b"").decode("utf-8", "replace"))
    cells = _CELL_STYLES.search(xml)
    numbers = [_FORMAT_NUMBER.search(one[1]) for one in _CELL_STYLE.finditer(cells[0] if cells else b"")]
    return codes, [int(number[1]) if number else 0 for number in numbers]


def _of_xml(archive: zipfile.ZipFile, part: str, known: Mapping[bytes, Format]) -> Shown:
    shown = Shown()
    if not part:
        return shown
    plain = re.compile(b' s="(' + b"|".join(known) + b')"')
    odd = re.compile(rb"""\bs\s*=\s*["'](""" + b"|".join(known) + rb""")["']""")
    for block in blocks_of(archive, part, b"row"):
        if b"0" in known:
            return _counted(archive, part, known)  # cells without a style of their own have it too
        is_odd = b"s='" in block[:200_000] or b"s =" in block[:200_000]
        for style in (odd if is_odd else plain).finditer(block):
            begin = block.rfind(b"<", 0, style.start())
            if not _CELL.match(block, begin):
                continue
            reference = _REFERENCE.search(block, begin, block.find(b">", begin) + 1)
            if reference is None:
                return _counted(archive, part, known)
            _put(shown, int(reference[2]) - 1, column_number(reference[1].decode()), known[style[1]])
    return shown


def _counted(archive: zipfile.ZipFile, part: str, known: Mapping[bytes, Format]) -> Shown:
    """The same where cells don't tell their place or their style: every tag is looked at."""
    shown = Shown()
    row = column = -1
    for block in blocks_of(archive, part, b"row"):
        for tag in _TAG.finditer(block):
            if tag[1] == b"row":
                number = _ROW_NUMBER.search(tag[2])
                row, column = (int(number[1]) - 1 if number else row + 1), -1
                continue
            reference = _REFERENCE.search(tag[2])
            column = column_number(reference[1].decode()) if reference else column + 1
            style = _STYLE.search(tag[2])
            if cell_format := known.get(style[1] if style else b"0"):
                _put(shown, row, column, cell_format)
    return shown


def _put(shown: Shown, row: int, column: int, cell_format: Format) -> None:
    if 0 <= row < _MAX_ROW and 0 <= column < _MAX_COLUMN:
        shown.put(row, column, cell_format)


# --- .xls ----------------------------------------------------------------------------------

_DATEMODE, _FORMAT, _XF, _SHEET = 0x0022, 0x041E, 0x00E0, 0x0085
_NUMBER, _RK, _MULRK, _FORMULA = 0x0203, 0x027E, 0x00BD, 0x0006


def of_xls(content: bytes) -> Styles:
    """Styles of an .xls; none when the file is no .xls."""
    styles = Styles()
    try:
        stream = binary.stream_of_xls(content)
        has_wide_texts = binary.U16.unpack_from(stream, 4)[0] >= 0x0600
        codes: dict[int, str] = {}
        numbers: list[int] = []
        begins = []
        for kind, at, size in binary.records(stream, 0):
            if kind == _DATEMODE and binary.U16.unpack_from(stream, at)[0]:
                styles.day_shift = _1904
            elif kind == _XF:
                numbers.append(binary.U16.unpack_from(stream, at + 2)[0])
            elif kind == _FORMAT:
                codes[binary.U16.unpack_from(stream, at)[0]] = _code(stream[at + 2 : at + size], has_wide_texts)
            elif kind == _SHEET and size >= 8:
                begins.append(binary.U32.unpack_from(stream, at)[0])
        known = _known(codes, numbers, styles.day_shift)
        if known:
            styles.sheets = [_of_records(stream, begin, known) for begin in begins]
    except (struct_error, IndexError, ValueError):
        return styles
    return styles


def _code(text: bytes, is_wide: bool) -> str:
    if not is_wide:
        return text[1 : 1 + text[0]].decode("gb18030", "replace")
    length = binary.U16.unpack_from(text, 0)[0]
    if text[2] & 1:
        return text[3 : 3 + 2 * length].decode("utf-16-le", "replace")
    return text[3 : 3 + length].decode("latin-1")


def _of_records(stream: bytes, begin: int, known: Mapping[int, Format]) -> Shown:
    shown = Shown()
    for kind, at, size in binary.records(stream, begin):
        if kind in (_NUMBER, _RK, _FORMULA):
            if cell_format := known.get(binary.U16.unpack_from(stream, at + 4)[0]):
                _put(
                    shown, binary.U16.unpack_from(stream, at)[0], binary.U16.unpack_from(stream, at + 2)[0], cell_format
                )
        elif kind == _MULRK:
            row, column = binary.RECORD.unpack_from(stream, at)
            for place in range((size - 6) // 6):
                if cell_format := known.get(binary.U16.unpack_from(stream, at + 4 + 6 * place)[0]):
                    _put(shown, row, column + place, cell_format)
    return shown


# --- .xlsb ---------------------------------------------------------------------------------


def of_xlsb(archive: zipfile.ZipFile) -> Styles:
    """Styles of an .xlsb; none where its parts can't be followed."""
    names = names_of(archive)
    styles = Styles()
    try:
        for kind, content in binary.small_records(archive.read(names["xl/workbook.bin"])):
            if kind == 153 and content[0] & 1:
                styles.day_shift = _1904
        codes: dict[int, str] = {}
        numbers: list[int] = []
        is_cells = False
        for kind, content in binary.small_records(archive.read(names["xl/styles.bin"])):
            if kind == 44:
                length = binary.U32.unpack_from(content, 2)[0]
                codes[binary.U16.unpack_from(content, 0)[0]] = content[6 : 6 + 2 * length].decode(
                    "utf-16-le", "replace"
                )
            elif kind in (617, 618):
                is_cells = kind == 617
            elif kind == 47 and is_cells:
                numbers.append(binary.U16.unpack_from(content, 2)[0])
        known = _known(codes, numbers, styles.day_shift)
        if known:
            styles.sheets = [
                _of_small_records(archive.read(part), known) for part in binary.sheet_parts_of_xlsb(archive)
            ]
    except (KeyError, ElementTree.ParseError, struct_error, IndexError, UnicodeDecodeError):
        return styles
    return styles


def _of_small_records(stream: bytes, known: Mapping[int, Format]) -> Shown:
    shown, row = Shown(), 0
    for kind, content in binary.small_records(stream):
        if kind == 0:
            row = binary.U32.unpack_from(content, 0)[0]
        elif kind in (2, 5, 9) and (cell_format := known.get(binary.U32.unpack_from(content, 4)[0] & 0xFFFFFF)):
            _put(shown, row, binary.U32.unpack_from(content, 0)[0], cell_format)
    return shown


# --- .ods ----------------------------------------------------------------------------------

_NUMBER_NS = "{urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0}"
_STYLE_NS = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_TABLE_NS = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_DATE_PARTS = {
    "year": "yyyy",
    "month": "mm",
    "day": "dd",
    "day-of-week": "dddd",
    "hours": "hh",
    "minutes": "mm",
    "seconds": "ss",
}
_ODS_TAG = re.compile(rb"<(/?)table:(table|table-row|table-column|table-cell|covered-table-cell)(?![\w-])([^>]*?)(/?)>")
_REPEATED = re.compile(rb'table:number-(?:rows|columns)-repeated="(\d{1,9})"')
_STYLE_NAME = re.compile(rb'table:(?:default-cell-)?style-name="([^"]*)"')
_HAS_NUMBER = re.compile(rb'office:value-type="(?:date|float|time)"')


def of_ods(archive: zipfile.ZipFile) -> Styles:
    """Styles of an .ods; none where its parts can't be followed."""
    styles = Styles()
    names = names_of(archive)
    try:
        head = _head(archive)
        if re.search(rb'<table:null-date\b[^>]*table:date-value="1904-01-01', head):
            styles.day_shift = _1904
        known: dict[bytes, Format] = {}
        for part in ("content.xml", "styles.xml"):
            if part in names:
                xml = head[: head.find(b"<office:body")] + b"</office:document-content>" if part[0] == "c" else None
                tree = ElementTree.fromstring(xml or archive.read(names[part]))  # noqa: S314  in a child with limits
                known = {**_of_styles(tree, styles.day_shift), **known}
        if known:
            styles.sheets = list(_of_tables(archive, known))
    except (KeyError, ElementTree.ParseError, ValueError):
        return styles
    return styles


def _head(archive: zipfile.ZipFile) -> bytes:
    """What stands in content.xml before the first row."""
    return next(blocks_of(archive, "content.xml", b"table:table-row"))


def _of_styles(tree: ElementTree.Element, day_shift: int) -> dict[bytes, Format]:
    """Formats by the name of the cells' style."""
    formats = {
        style.get(_STYLE_NS + "name", ""): compiled(_code_of(style), day_shift)
        for kind in ("date-style", "time-style", "number-style")
        for style in tree.iter(_NUMBER_NS + kind)
    }
    return {
        style.get(_STYLE_NS + "name", "").encode(): known
        for style in tree.iter(_STYLE_NS + "style")
        if (known := formats.get(style.get(_STYLE_NS + "data-style-name", "")))
    }


def _code_of(style: ElementTree.Element) -> str:
    """A data style in the words that .xlsx has for it."""
    code = ""
    for part in style:
        kind = part.tag.removeprefix(_NUMBER_NS)
        if kind == "number":
            code += _places_of(part)
        elif kind == "text":
            code += f'"{part.text or ""}"'
        elif kind in _DATE_PARTS:
            code += _DATE_PARTS[kind]
    return code


def _places_of(number: ElementTree.Element) -> str:
    if number.get(_NUMBER_NS + "grouping") == "true":
        return "#,##0"
    texts = {
        int(text.get(_NUMBER_NS + "position", "0")): f'"{text.text or ""}"'
        for text in number.iterfind(_NUMBER_NS + "embedded-text")
    }  # by how many digits stand to the right
    digits = min(int(number.get(_NUMBER_NS + "min-integer-digits", "1")), 30)
    places = [("0" if at < digits else "#") + texts.get(at, "") for at in range(max([digits, 1, *texts]))]
    decimals = min(int(number.get(_NUMBER_NS + "decimal-places", "0")), 30)
    return "".join(reversed(places)) + ("." + "0" * decimals if decimals else "")


def _of_tables(archive: zipfile.ZipFile, known: Mapping[bytes, Format]) -> Iterator[Shown]:
    shown: Shown | None = None
    row = at = 0
    repeats = 1
    defaults: list[bytes] = []  # the styles of the columns, for cells that name none
    for block in blocks_of(archive, "content.xml", b"table:table-row"):
        for tag in _ODS_TAG.finditer(block):
            is_end, kind, attributes = bool(tag[1]), tag[2], tag[3]
            times = int(match[1]) if (match := _REPEATED.search(attributes)) else 1
            if kind == b"table":
                if is_end and shown is not None:
                    yield shown
                shown, row, defaults = (None if is_end else Shown()), 0, []
            elif shown is None or (is_end and kind != b"table-row"):
                continue
            elif kind == b"table-row":
                if is_end or tag[4]:
                    row += repeats if is_end else times
                else:
                    at, repeats = 0, times
            elif kind == b"table-column":
                style = match[1] if (match := re.search(rb'default-cell-style-name="([^"]*)"', attributes)) else b""
                defaults += [style] * min(times, _MAX_COLUMN - len(defaults))
            else:
                if _HAS_NUMBER.search(attributes):
                    named = _STYLE_NAME.search(attributes)
                    style = named[1] if named else (defaults[at] if at < len(defaults) else b"")
                    if cell_format := known.get(style):
                        for beside in range(min(times, _MAX_COLUMN)):
                            for below in range(min(repeats, _MAX_ROW)):
                                _put(shown, row + below, at + beside, cell_format)
                at += times
