"""Workbooks of several sheets without a look of their own, written as a stream: rows keep their numbers, values stay
what they are, single cells may be coloured. For answers too large for a library that holds every cell."""

import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import IO
from xml.sax.saxutils import escape

from pingtang_union.core.ledger.clean import Cell, as_text
from pingtang_union.core.ledger.read import Merge
from pingtang_union.core.ledger.sheet import body_of, letters_of

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_LEVEL = 3  # of compression
_PACKET = 500  # rows
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001  day nought of the format, which knows no time zones
_LONGEST_TEXT = 32_767  # characters that the format allows in a cell
_WIDTHS = (8.0, 40.0)  # narrowest and widest column, in characters
_LOOKED_AT = 200  # rows that tell the widths

# Numbers of cell formats, in the order of `_styles`: plain, bold, text, day, moment, then a text in each colour.
PLAIN, BOLD, TEXT, _DAY, _MOMENT, _FIRST_COLOUR = range(6)


@dataclass(slots=True)
class PlainSheet:
    """One sheet to write. rows: (cells, format by column where it isn't the value's own) from row 1 on.

    text_columns: columns from 0 that are texts also where nothing stands yet.
    """

    name: str
    rows: Iterable[tuple[Sequence[Cell], Mapping[int, int]]]
    widths: Sequence[float] = ()
    text_columns: frozenset[int] = frozenset()
    merged: Sequence[Merge] = ()
    is_hidden: bool = False


def coloured(colours: Sequence[str]) -> dict[str, int]:
    """The format of each colour, as `write` numbers them."""
    return {colour: _FIRST_COLOUR + at for at, colour in enumerate(colours)}


def write(file: IO[bytes], sheets: Sequence[PlainSheet], colours: Sequence[str]) -> None:
    """Write the workbook into an open file."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as archive:
        for part, content in _parts(sheets, colours).items():
            archive.writestr(part, _HEAD + content)
        for number, sheet in enumerate(sheets, start=1):
            with archive.open(f"xl/worksheets/sheet{number}.xml", "w", force_zip64=True) as part_file:
                for packet in _packets(sheet):
                    part_file.write(packet.encode())


def widths_of(rows: Sequence[Sequence[Cell]]) -> list[float]:
    """A width for each column from the first rows: wide characters count twice; long titles don't count."""
    widths: list[float] = []
    for row in rows[:_LOOKED_AT]:
        if sum(1 for cell in row if cell not in ("", None)) < 2:
            continue
        for index, cell in enumerate(row):
            if index >= len(widths):
                widths += [_WIDTHS[0]] * (index + 1 - len(widths))
            text = as_text(cell)
            needed = len(text) + sum(1 for char in text if char > "\u2e7f") + 2
            widths[index] = min(max(widths[index], needed), _WIDTHS[1])
    return widths


def fitting_name(name: str, number: int, taken: set[str]) -> str:
    """A sheet's name as the format allows it; another where it is too long or holds what the format refuses, since
    half a union's name would be another union's."""
    if not name or len(name) > 31 or set(name) & set("[]:*?/\\") or name.lower() in taken or name[0] + name[-1] == "''":
        name = f"表{number}"
    taken.add(name.lower())
    return name


def _packets(sheet: PlainSheet) -> Iterator[str]:
    columns = []
    for index in range(max(len(sheet.widths), max(sheet.text_columns, default=-1) + 1)):
        width = sheet.widths[index] if index < len(sheet.widths) else _WIDTHS[0]
        style = f' style="{TEXT}"' if index in sheet.text_columns else ""
        columns.append(f'<col min="{index + 1}" max="{index + 1}" width="{width}" customWidth="1"{style}/>')
    cols = f"<cols>{''.join(columns)}</cols>" if columns else ""
    yield f'{_HEAD}<worksheet xmlns="{_MAIN}">{cols}<sheetData>'
    letters: list[str] = []
    packet: list[str] = []
    for number, (cells, formats) in enumerate(sheet.rows, start=1):
        while len(letters) < len(cells):
            letters.append(letters_of(len(letters) + 1))
        packet.append(_row(number, cells, formats, letters, sheet.text_columns))
        if len(packet) == _PACKET:
            yield "".join(packet)
            packet.clear()
    yield "".join(packet) + "</sheetData>"
    if sheet.merged:
        ranges = "".join(
            f'<mergeCell ref="{letters_of(left + 1)}{top + 1}:{letters_of(right + 1)}{bottom + 1}"/>'
            for (top, left), (bottom, right) in sheet.merged
        )
        yield f'<mergeCells count="{len(sheet.merged)}">{ranges}</mergeCells>'
    yield "</worksheet>"


def _row(
    number: int, cells: Sequence[Cell], formats: Mapping[int, int], letters: list[str], text_columns: frozenset[int]
) -> str:
    made = []
    for index, cell in enumerate(cells):
        if cell == "" or cell is None:
            if index in formats:
                made.append(f'<c r="{letters[index]}{number}" s="{formats[index]}"/>')
            elif index in text_columns:
                made.append(f'<c r="{letters[index]}{number}" s="{TEXT}"/>')
            continue
        style, body = _cell(cell)
        style = formats.get(index, TEXT if index in text_columns else style)
        made.append(f'<c r="{letters[index]}{number}" s="{style}" {body}')
    return f'<row r="{number}">{"".join(made)}</row>' if made else ""


def _cell(cell: Cell) -> tuple[int, str]:
    """A value's format and its XML behind the reference."""
    if isinstance(cell, str):
        # A number as a text stays one also when somebody types it anew.
        return (TEXT if cell[:1].isdigit() else PLAIN), body_of(cell[:_LONGEST_TEXT])
    if cell.__class__ is bool:
        return PLAIN, f't="b"><v>{int(cell)}</v></c>'
    if isinstance(cell, int | float):
        return PLAIN, f"><v>{cell!r}</v></c>"
    if isinstance(cell, date):
        moment = cell if isinstance(cell, datetime) else datetime(cell.year, cell.month, cell.day)  # noqa: DTZ001
        days = (moment - _EPOCH).total_seconds() / 86_400
        if days >= 61:  # before March 1900 the format's own days are one off
            return (_DAY, f"><v>{int(days)}</v></c>") if days == int(days) else (_MOMENT, f"><v>{days!r}</v></c>")
    return PLAIN, body_of(as_text(cell))


def _parts(sheets: Sequence[PlainSheet], colours: Sequence[str]) -> dict[str, str]:
    numbers = range(1, len(sheets) + 1)
    overrides = "".join(
        f'<Override PartName="/xl/worksheets/sheet{number}.xml" ContentType="{_TYPE}.worksheet+xml"/>'
        for number in numbers
    )
    listed = "".join(
        f'<sheet name="{escape(sheet.name, {chr(34): "&quot;"})}" sheetId="{number}"'
        f'{" state=" + chr(34) + "hidden" + chr(34) if sheet.is_hidden else ""} r:id="rId{number}"/>'
        for number, sheet in enumerate(sheets, start=1)
    )
    related = "".join(
        f'<Relationship Id="rId{number}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{number}.xml"/>'
        for number in numbers
    )
    return {
        "[Content_Types].xml": (
            f'<Types xmlns="{_PACKAGE}/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Default Extension="xml" ContentType="application/xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
            f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/>{overrides}</Types>'
        ),
        "_rels/.rels": (
            f'<Relationships xmlns="{_PACKAGE}/relationships">'
            f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
        ),
        "xl/workbook.xml": (f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{listed}</sheets></workbook>'),
        "xl/_rels/workbook.xml.rels": (
            f'<Relationships xmlns="{_PACKAGE}/relationships">{related}'
            f'<Relationship Id="rId{len(sheets) + 1}" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>'
        ),
        "xl/styles.xml": _styles(colours),
    }


def _styles(colours: Sequence[str]) -> str:
    fills = "".join(
        f'<fill><patternFill patternType="solid"><fgColor rgb="{colour}"/></patternFill></fill>' for colour in colours
    )
    cells = "".join(
        f'<xf numFmtId="49" fillId="{at + 2}" applyNumberFormat="1" applyFill="1"/>' for at in range(len(colours))
    )
    return (
        f'<styleSheet xmlns="{_MAIN}"><numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/>'
        '<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd\\ hh:mm"/></numFmts>'
        '<fonts count="2"><font><sz val="11"/><name val="宋体"/></font>'
        '<font><b/><sz val="11"/><name val="宋体"/></font></fonts>'
        f'<fills count="{2 + len(colours)}"><fill><patternFill patternType="none"/></fill>'
        f'<fill><patternFill patternType="gray125"/></fill>{fills}</fills><borders count="1"><border/></borders>'
        f'<cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="{5 + len(colours)}"><xf/>'
        '<xf fontId="1" applyFont="1"/><xf numFmtId="49" applyNumberFormat="1"/>'
        '<xf numFmtId="164" applyNumberFormat="1"/><xf numFmtId="165" applyNumberFormat="1"/>'
        f'{cells}</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
        "</styleSheet>"
    )


__all__ = ["BOLD", "PLAIN", "TEXT", "PlainSheet", "coloured", "fitting_name", "widths_of", "write"]
