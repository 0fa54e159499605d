"""A workbook of one long sheet, written column by column and kept nowhere: memory stays the same however many rows.

The general writers take every cell through a call of their own. This one knows a single kind of sheet (a title, a
note, a header, then texts and whole numbers) and lets `map` and `zip` put the rows together, while a thread packs
what is finished: `tests/benchmarks/export_members.py` has the figures. Every text is written as a text, none as a
formula, whatever it begins with (ECMA-376 part 1, 18.3.1.4: t="inlineStr").
"""

import re
import zipfile
from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_PLAIN, _TITLE, _HEADER, _TEXT = 0, 1, 2, 3  # cell formats, in the order of _STYLES
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
_PARTS = {
    "[Content_Types].xml": (
        f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/></Types>'
    ),
    "_rels/.rels": (
        f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/_rels/workbook.xml.rels": (
        f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="rId2" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>'
    ),
    "xl/styles.xml": _STYLES,
}
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
    path: Path, *, name: str, lines: Sequence[str], headings: Sequence[Heading], chunks: Iterable[Any], footer: str
) -> None:
    """Write the workbook.

    lines: the title and the notes above the header. chunks: some rows at a time, each a sequence of columns with
    texts, whole numbers and None; a chunk of one text is a line over the whole width. footer: below each printed
    page, in the format's own words (&P is the page).
    """
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as archive:
        for place, content in _PARTS.items():
            archive.writestr(place, _HEAD + content)
        archive.writestr("xl/workbook.xml", _workbook(name, header_row=len(lines) + 1))
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part, ThreadPoolExecutor(1) as packer:
            packing: list[Future[int]] = []
            for packet in _packets(lines, headings, chunks, footer):
                packing.append(packer.submit(part.write, packet.encode()))
                if len(packing) > _AHEAD:
                    packing.pop(0).result()
            for one in packing:
                one.result()


def _workbook(name: str, *, header_row: int) -> str:
    quoted = escape(name, {'"': "&quot;"})
    return (
        f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
        f'<sheet name="{quoted}" sheetId="1" r:id="rId1"/></sheets><definedNames>'
        f'<definedName name="_xlnm.Print_Titles" localSheetId="0">\'{quoted}\'!${header_row}:${header_row}'
        "</definedName></definedNames></workbook>"
    )


def _packets(lines: Sequence[str], headings: Sequence[Heading], chunks: Iterable[Any], footer: str) -> Iterable[str]:
    """The sheet's XML, a piece at a time."""
    letters = [letters_of(number) for number in range(1, len(headings) + 1)]
    top = len(lines) + 1
    yield _beginning(headings, top)
    for number, line in enumerate(lines, start=1):
        yield _line(line, number, _TITLE if number == 1 else _PLAIN)
    labels = [f'<c r="{at}{top}" s="{_HEADER}" {body_of(one.label)}' for at, one in zip(letters, headings, strict=True)]
    yield f'<row r="{top}">{"".join(labels)}</row>'
    styles = [f' s="{_TEXT}"' if one.is_text else "" for one in headings]
    cells = "".join(f'<c r="{at}%d"{style} %s' for at, style in zip(letters, styles, strict=True))
    template = f'<row r="%d">{cells}</row>'
    bodies = [_Bodies().of if one.is_repetitive else _each_body for one in headings]
    row = top
    for chunk in chunks:
        if isinstance(chunk, str):
            row += 1
            yield _line(chunk, row, _PLAIN)
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
        f'<col min="{at}" max="{at}" width="{one.width}" customWidth="1" style="{_TEXT if one.is_text else _PLAIN}"/>'
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


def letters_of(number: int) -> str:
    """A, B, … Z, AA: a column's letters by its number from 1."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


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
        return f"><v>{int(value)}</v></c>"
    if _SPECIAL.search(value):
        value = escape(_ESCAPED.sub(lambda match: f"_x{ord(match[0]):04X}_", value))
        return f't="inlineStr"><is><t xml:space="preserve">{value}</t></is></c>'
    return f't="inlineStr"><is><t>{value}</t></is></c>'


__all__ = ["Heading", "body_of", "letters_of", "write"]
