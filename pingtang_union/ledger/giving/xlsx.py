"""Workbooks written as a stream and kept nowhere: memory stays the same however many rows. One long sheet (`write`),
or several plain ones (`write_sheets`).

The general writers take every cell through a call of their own. `write` knows a single kind of sheet (a title, a
note, a header, then texts and whole numbers) and lets `map` and `zip` put the rows together, while a thread packs
what is finished: `tests/benchmarks/export_members.py` has the figures. Every text is written as a text, none as a
formula, whatever it begins with (ECMA-376 part 1, 18.3.1.4: t="inlineStr").
"""

import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any
from xml.sax.saxutils import escape

from pingtang_union.core.cleaning import Cell, as_text
from pingtang_union.ledger.reading.unseen import letters_of
from pingtang_union.ledger.reading.workbook import Merge

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_USUAL, _TITLE, _HEADER, _TEXTS = 0, 1, 2, 3  # cell formats, in the order of _STYLES
_STYLES = (
    f'<styleSheet xmlns="{_MAIN}"><fonts count="3"><font><sz val="11"/><name val="宋体"/></font>'
    '<font><b/><sz val="16"/><name val="宋体"/></font><font><b/><sz val="11"/><name val="宋体"/></font></fonts>'
    '<fills count="3"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '<fill><patternFill patternType="solid"><fgColor rgb="FFE7EAEE"/></patternFill></fill></fills>'
    '<borders count="2"><border/><border><left style="thin"/><right style="thin"/><top style="thin"/>'
    '<bottom style="thin"/></border></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="4"><xf/>'
    '<xf fontId="1" applyFont="1" applyAlignment="1"><alignment horizontal="center"/></xf>'
    '<xf fontId="2" fillId="2" borderId="1" applyFont="1" applyFill="1" applyBorder="1" applyAlignment="1">'
    '<alignment horizontal="center" vertical="center" wrapText="1"/></xf>'
    '<xf numFmtId="49" applyNumberFormat="1"/></cellXfs>'  # 49 is "@", text
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)
_HIDDEN = ' state="hidden"'
_LEVEL = 3  # of compression: a twelfth larger than the usual 6, in a third of the time
_REMEMBERED = 2_000  # different values of a column whose XML is kept
_AHEAD = 3  # packets that wait to be compressed
# What XML or the format itself gives another meaning: marks, control characters, _x0041_, blanks at the ends.
_SPECIAL = re.compile(r"[&<>\x00-\x1f\ufffe\uffff]|_x[0-9A-Fa-f]{4}_|^\s|\s$|\s\s")
_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)|[\x00-\x08\x0b-\x1f\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Heading:
    """One column: its header, its width in characters, whether its numbers are names and stay texts, whether few
    different values stand in it."""

    label: str
    width: float
    is_text: bool = False
    is_repetitive: bool = True


def write(
    file: IO[bytes], *, name: str, lines: Sequence[str], headings: Sequence[Heading], chunks: Iterable[Any], footer: str
) -> None:
    """Write the workbook.

    lines: the title and the notes above the header. chunks: some rows at a time, each a sequence of columns with
    texts, whole numbers and None; a chunk of one text is a line over the whole width. footer: below each printed
    page, in the format's own words (&P is the page).
    """
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as archive:
        titles = f"'{_quoted(name)}'!${len(lines) + 1}:${len(lines) + 1}"
        print_titles = f'<definedName name="_xlnm.Print_Titles" localSheetId="0">{titles}</definedName>'
        _begin(archive, [(name, False)], _STYLES, behind=f"<definedNames>{print_titles}</definedNames>")
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part, ThreadPoolExecutor(1) as packer:
            packing: list[Future[int]] = []
            for packet in _packets(lines, headings, chunks, footer):
                packing.append(packer.submit(part.write, packet.encode()))
                if len(packing) > _AHEAD:
                    packing.pop(0).result()
            for one in packing:
                one.result()


def _quoted(text: str) -> str:
    return escape(text, {'"': "&quot;"})


def _begin(
    archive: zipfile.ZipFile, sheets: Sequence[tuple[str, bool]], styles: str, *, before: str = "", behind: str = ""
) -> None:
    """Write everything but the sheets themselves: (name, whether it is hidden) each. before, behind: of the list of
    sheets."""
    override = '<Override PartName="/xl/{}.xml" ContentType="' + _TYPE + '.{}+xml"/>'
    relation = '<Relationship Id="rId{}" Type="' + _OFFICE + '/{}" Target="{}.xml"/>'
    numbers = range(1, len(sheets) + 1)
    overrides = [override.format(f"worksheets/sheet{number}", "worksheet") for number in numbers]
    related = [relation.format(number, "worksheet", f"worksheets/sheet{number}") for number in numbers]
    listed = "".join(
        f'<sheet name="{_quoted(name)}" sheetId="{number}"{_HIDDEN if is_hidden else ""} r:id="rId{number}"/>'
        for number, (name, is_hidden) in enumerate(sheets, start=1)
    )
    parts = {
        "[Content_Types].xml": (
            f'<Types xmlns="{_PACKAGE}/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Default Extension="xml" ContentType="application/xml"/>'
            f"{override.format('workbook', 'sheet.main')}{override.format('styles', 'styles')}{''.join(overrides)}"
            "</Types>"
        ),
        "_rels/.rels": (
            f'<Relationships xmlns="{_PACKAGE}/relationships">{relation.format(1, "officeDocument", "xl/workbook")}'
            "</Relationships>"
        ),
        "xl/workbook.xml": (
            f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">{before}<sheets>{listed}</sheets>{behind}</workbook>'
        ),
        "xl/_rels/workbook.xml.rels": (
            f'<Relationships xmlns="{_PACKAGE}/relationships">{"".join(related)}'
            f"{relation.format(len(sheets) + 1, 'styles', 'styles')}</Relationships>"
        ),
        "xl/styles.xml": styles,
    }
    for place, content in parts.items():
        archive.writestr(place, _HEAD + content)


def _packets(lines: Sequence[str], headings: Sequence[Heading], chunks: Iterable[Any], footer: str) -> Iterable[str]:
    """The sheet's XML, a piece at a time."""
    letters = [letters_of(number) for number in range(1, len(headings) + 1)]
    top = len(lines) + 1
    yield _beginning(headings, top)
    for number, line in enumerate(lines, start=1):
        yield _line(line, number, _TITLE if number == 1 else _USUAL)
    labels = [f'<c r="{at}{top}" s="{_HEADER}" {body_of(one.label)}' for at, one in zip(letters, headings, strict=True)]
    yield f'<row r="{top}">{"".join(labels)}</row>'
    styles = [f' s="{_TEXTS}"' if one.is_text else "" for one in headings]
    cells = "".join(f'<c r="{at}%d"{style} %s' for at, style in zip(letters, styles, strict=True))
    template = f'<row r="%d">{cells}</row>'
    bodies = [_Bodies().of if one.is_repetitive else _each_body for one in headings]
    row = top
    for chunk in chunks:
        if isinstance(chunk, str):
            row += 1
            yield _line(chunk, row, _USUAL)
            continue
        numbers = range(row + 1, row + 1 + len(chunk[0]))
        row += len(chunk[0])
        filled: list[Iterable[Any]] = [numbers]
        for of, values in zip(bodies, chunk, strict=True):
            filled += (numbers, of(values))
        yield "".join(map(template.__mod__, zip(*filled, strict=True)))
    yield _ending(letters[-1], lines, footer)


def _beginning(headings: Sequence[Heading], top: int) -> str:
    columns = "".join(
        f'<col min="{at}" max="{at}" width="{one.width}" customWidth="1" style="{_TEXTS if one.is_text else _USUAL}"/>'
        for at, one in enumerate(headings, start=1)
    )
    return (
        f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetPr><pageSetUpPr fitToPage="1"/></sheetPr><sheetViews>'
        f'<sheetView tabSelected="1" workbookViewId="0"><pane xSplit="2" ySplit="{top}" topLeftCell="C{top + 1}" '
        'activePane="bottomRight" state="frozen"/></sheetView></sheetViews>'
        f"<cols>{columns}</cols><sheetData>"
    )


def _ending(last: str, lines: Sequence[str], footer: str) -> str:
    merged = "".join(f'<mergeCell ref="A{number}:{last}{number}"/>' for number in range(1, len(lines) + 1))
    return (
        f'</sheetData><mergeCells count="{len(lines)}">{merged}</mergeCells>'
        '<pageMargins left="0.5" right="0.5" top="0.6" bottom="0.6" header="0.3" footer="0.3"/>'
        '<pageSetup paperSize="9" orientation="landscape" fitToHeight="0"/>'  # A4
        f"<headerFooter><oddFooter>{escape(footer)}</oddFooter></headerFooter></worksheet>"
    )


def _line(text: str, row: int, style: int) -> str:
    return f'<row r="{row}"><c r="A{row}" s="{style}" {body_of(text)}</row>'


class _Bodies(dict[Any, str]):
    """What follows a cell's reference, by its value; most columns have few different ones."""

    def __missing__(self, value: Any) -> str:
        body = self[value] = body_of(value)
        return body

    def of(self, values: Sequence[Any]) -> list[str]:
        """The bodies of a column's values."""
        if len(self) > _REMEMBERED:
            self.clear()
        return list(map(self.__getitem__, values))


def _each_body(values: Sequence[Any]) -> list[str]:
    return list(map(body_of, values))


def body_of(value: Any) -> str:
    """What follows a cell's reference and style: a text that stays one, a whole number, or nothing."""
    if value is None:
        return "/>"
    if value.__class__ is not str:
        return f"><v>{value if value.__class__ is Decimal else int(value)}</v></c>"
    if _SPECIAL.search(value):
        value = escape(_ESCAPED.sub(lambda match: f"_x{ord(match[0]):04X}_", value))
        return f't="inlineStr"><is><t xml:space="preserve">{value}</t></is></c>'
    return f't="inlineStr"><is><t>{value}</t></is></c>'


# --- Several sheets ------------------------------------------------------------------------

# Without a look of their own: rows keep their numbers, values stay what they are, single cells may be coloured. For
# answers too large for a library that holds every cell.
_PACKET = 500  # rows
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001  day nought of the format, which knows no time zones
_LONGEST_TEXT = 32_767  # characters that the format allows in a cell
_WIDTHS = (8.0, 40.0)  # narrowest and widest column, in characters
_LOOKED_AT = 200  # rows that tell the widths

# Numbers of cell formats, in the order of `_styles`: plain, bold, text, day, moment, then a text in each colour.
PLAIN, BOLD, TEXT, _DAY, _MOMENT, FIRST_COLOUR = range(6)


@dataclass(slots=True)
class PlainSheet:
    """One sheet to write. rows: (cells, format by column where it isn't the value's own) from row 1 on.

    text_columns: columns from 0 that are texts also where nothing stands yet. day_shift: as `Sheet.day_shift`.
    """

    name: str
    rows: Iterable[tuple[Sequence[Cell], Mapping[int, int]]]
    widths: Sequence[float] = ()
    text_columns: frozenset[int] = frozenset()
    merged: Sequence[Merge] = ()
    is_hidden: bool = False
    day_shift: int = 0


def coloured(colours: Sequence[str]) -> dict[str, int]:
    """The format of each colour, as `write_sheets` numbers them."""
    return {colour: FIRST_COLOUR + at for at, colour in enumerate(colours)}


def write_sheets(file: IO[bytes], sheets: Sequence[PlainSheet], colours: Sequence[str]) -> None:
    """Write the workbook into an open file."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as archive:
        # Bare day numbers must mean the same days as in the workbook that they come from.
        counting = '<workbookPr date1904="1"/>' if any(sheet.day_shift for sheet in sheets) else ""
        _begin(archive, [(sheet.name, sheet.is_hidden) for sheet in sheets], _styles(colours), before=counting)
        for number, sheet in enumerate(sheets, start=1):
            with archive.open(f"xl/worksheets/sheet{number}.xml", "w", force_zip64=True) as part_file:
                for packet in _pieces(sheet):
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


def _pieces(sheet: PlainSheet) -> Iterator[str]:
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
        packet.append(_row(number, cells, formats, letters, sheet))
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


def _row(number: int, cells: Sequence[Cell], formats: Mapping[int, int], letters: list[str], sheet: PlainSheet) -> str:
    made = []
    text_columns = sheet.text_columns
    for index, cell in enumerate(cells):
        if cell == "" or cell is None:
            if index in formats:
                made.append(f'<c r="{letters[index]}{number}" s="{formats[index]}"/>')
            elif index in text_columns:
                made.append(f'<c r="{letters[index]}{number}" s="{TEXT}"/>')
            continue
        style, body = _cell(cell, sheet.day_shift)
        style = formats.get(index, TEXT if index in text_columns else style)
        made.append(f'<c r="{letters[index]}{number}" s="{style}" {body}')
    return f'<row r="{number}">{"".join(made)}</row>' if made else ""


def _cell(cell: Cell, day_shift: int) -> tuple[int, str]:
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
        days -= day_shift
        if days >= 61:  # before March 1900 the format's own days are one off
            return (_DAY, f"><v>{int(days)}</v></c>") if days == int(days) else (_MOMENT, f"><v>{days!r}</v></c>")
    return PLAIN, body_of(as_text(cell))


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
