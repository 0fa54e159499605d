"""Workbooks that no office program would write, or that one would write to harm: built part by part."""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Mapping

import xlwt
from openpyxl import Workbook
from xlwt.CompoundDoc import XlsDoc

from tests.ledger import dress

UNION = "平塘供电局工会委员会"
HEADERS = ["姓名", "性别", "身份证号", "入会时间", "移动电话"]
ROW = ["穆平", "男", "522727198511259937", "2012.04", "19000023695"]
OTHER = ["罗秀英", "女", "522727199003070024", "2015.06", "19000023696"]
GRID = [[f"{UNION}会员花名册"], [f"工会名称：{UNION}"], HEADERS, ROW, OTHER]  # rows 4 and 5 are people
NAME = "会员花名册.xlsx"


def saved(book: Workbook) -> bytes:
    """A workbook's bytes."""
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def roster() -> bytes:
    """Two people as any office would send them."""
    return dress.xlsx({"会员花名册": GRID})


def opened() -> Workbook:
    """The same to change."""
    book = Workbook()
    book.active.title = "会员花名册"
    for row in GRID:
        book.active.append(row)
    return book


def zipped(parts: Iterable[tuple[str, bytes]]) -> bytes:
    """An archive of the parts."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts:
            archive.writestr(name, content)
    return buffer.getvalue()


def parts_of(content: bytes) -> dict[str, bytes]:
    """The parts of an archive."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def rebuilt(content: bytes, changes: Mapping[str, Callable[[bytes], bytes]], more: Mapping[str, bytes] = {}) -> bytes:
    """An archive with some parts changed, and more of them."""
    parts = {name: changes.get(name, bytes)(part) for name, part in parts_of(content).items()}
    return zipped({**parts, **more}.items())


SHEET = "xl/worksheets/sheet1.xml"
_TEXTS = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>text</t></si></sst>'


def with_rows(xml: bytes, content: bytes | None = None) -> bytes:
    """A roster with more XML behind its last row."""
    return rebuilt(content or roster(), {SHEET: lambda part: part.replace(b"</sheetData>", xml + b"</sheetData>")})


def with_cell(place: str, xml: bytes) -> bytes:
    """A roster with one cell written otherwise; `xml` is the whole cell."""
    cell = re.compile(rb'<c r="%b"[^>]*>.*?</c>' % place.encode())
    return rebuilt(roster(), {SHEET: lambda part: cell.sub(lambda _match: xml, part)})


_LAST = b"\x03\x00"  # the block that ends a packed stream


def _flushed(piece: bytes) -> bytes:
    """Packed as a whole number of bytes that refer to nothing before, so that copies can follow each other."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(piece) + packer.flush(zlib.Z_FULL_FLUSH)


def bomb(megabytes: int, *, is_lying: bool = False, has_small_texts: bool = False) -> bytes:
    """A roster whose texts are so many MB, each of one MB or of one letter; lying, it claims a thousand bytes."""
    text = b"<si><t>x</t></si>" * (1 << 16) if has_small_texts else b"<si><t>" + b"x" * (1 << 20) + b"</t></si>"
    begin, end = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">', b"</sst>"
    entry = zipfile.ZipInfo("xl/sharedStrings.xml")
    entry.compress_type, entry.CRC = zipfile.ZIP_DEFLATED, 0
    entry.file_size = len(begin) + len(text) * megabytes + len(end)
    for piece in (begin, *[text] * megabytes, end):
        entry.CRC = zlib.crc32(piece, entry.CRC)
    packed = _flushed(begin) + _flushed(text) * megabytes + _flushed(end) + _LAST
    entry.compress_size = len(packed)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts_of(roster()).items():
            if name != entry.filename:
                archive.writestr(name, part)
        entry.header_offset = buffer.tell()
        buffer.write(entry.FileHeader(zip64=False) + packed)
        archive.start_dir = buffer.tell()
        archive.filelist.append(entry)
    content = bytearray(buffer.getvalue())
    if is_lying:
        at = content.rindex(b"xl/sharedStrings.xml") - 46  # its entry in the central directory
        content[at + 24 : at + 28] = struct.pack("<I", 1000)
    return bytes(content)


ENTITIES = (
    b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
    + b"".join(b'<!ENTITY %b "%b">' % (bytes([98 + at]), b"&%b;" % bytes([97 + at]) * 10) for at in range(9))
    + b"]>"
)


def with_entities(content: bytes, part: str) -> bytes:
    """The part declares entities that grow to a thousand million letters, and asks for one."""

    def declare(xml: bytes) -> bytes:
        begin = xml.index(b"?>") + 2 if xml.startswith(b"<?xml") else 0
        return xml[:begin] + ENTITIES + re.sub(rb">[^<&]{2,}</", b">&j;</", xml[begin:], count=1)

    if part not in parts_of(content):  # our writer puts texts into their cells
        return rebuilt(content, {}, {part: declare(_TEXTS)})
    return rebuilt(content, {part: declare})


# --- .ods ----------------------------------------------------------------------------------

_OFFICE = "urn:oasis:names:tc:opendocument:xmlns"
_ODS = (
    f'<?xml version="1.0" encoding="UTF-8"?><office:document-content xmlns:office="{_OFFICE}:office:1.0" '
    f'xmlns:table="{_OFFICE}:table:1.0" xmlns:text="{_OFFICE}:text:1.0" '
    'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0" office:version="1.2">'
    "<office:body><office:spreadsheet>"
)


def ods_row(cells: Iterable[object], attributes: str = "") -> str:
    """A row of texts."""
    inner = "".join(
        f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>' for cell in cells
    )
    return f"<table:table-row{attributes}>{inner}</table:table-row>"


def ods(rows: Iterable[str], *, manifest: str = "", before: str = "") -> bytes:
    """An .ods of one sheet with the rows' XML."""
    table = f'<table:table table:name="会员花名册">{before}{"".join(rows)}</table:table>'
    content = f"{_ODS}{table}</office:spreadsheet></office:body></office:document-content>"
    return zipped(
        [
            ("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"),
            ("META-INF/manifest.xml", f"<manifest:manifest>{manifest}</manifest:manifest>".encode()),
            ("content.xml", content.encode()),
        ]
    )


def ods_roster() -> bytes:
    """The two people as .ods."""
    return ods([ods_row(row) for row in GRID])


# --- .xlsb ---------------------------------------------------------------------------------


def _record(kind: int, content: bytes = b"") -> bytes:
    number = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
    size, length = b"", len(content)
    while True:
        size += bytes([length & 0x7F | (0x80 if length > 127 else 0)])
        length >>= 7
        if not length:
            return number + size + content


def _wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def xlsb(
    cells: Mapping[tuple[int, int], str | float | None],
    hidden_rows: Iterable[int] = (),
    codes: Mapping[tuple[int, int], str] = {},
    *,
    is_1904: bool = False,
) -> bytes:
    """An .xlsb of one sheet: texts and numbers by (row, column) from 0, None an error value #N/A; codes: the formats
    of some cells."""
    rows: dict[int, list[tuple[int, str | float | None]]] = {}
    styles = ["General", *codes.values()]
    for (row, column), text in sorted(cells.items()):
        rows.setdefault(row, []).append((column, text))
    size = struct.pack("<IIII", 0, max(row for row, _ in cells), 0, max(column for _, column in cells))
    sheet = _record(129) + _record(148, size) + _record(145)
    for row, found in rows.items():
        flags = 0x10 if row in set(hidden_rows) else 0
        sheet += _record(0, struct.pack("<IIHBBBI", row, 0, 300, 0, flags, 0, 0))
        for column, text in found:
            head = struct.pack("<II", column, styles.index(codes.get((row, column), "General")))
            if isinstance(text, float):
                sheet += _record(5, head + struct.pack("<d", text))
            else:
                sheet += _record(3, head + b"\x2a") if text is None else _record(6, head + _wide(text))
    sheet += _record(146) + _record(130)
    bundle = struct.pack("<II", 0, 1) + _wide("rId1") + _wide("会员花名册")
    book = (
        _record(131)
        + _record(153, struct.pack("<III", is_1904, 0, 0))
        + _record(143)
        + _record(156, bundle)
        + _record(144)
        + _record(132)
    )
    look = _record(278) + _record(615, struct.pack("<I", len(styles)))
    for number, code in enumerate(styles):
        look += _record(44, struct.pack("<H", 164 + number) + _wide(code))
    look += _record(616) + _record(617, struct.pack("<I", len(styles)))
    for number in range(len(styles)):
        look += _record(47, struct.pack("<HHHHHHHH", 0, 164 + number if number else 0, 0, 0, 0, 0, 0, 0))
    look += _record(618) + _record(279)
    office = "http://schemas.openxmlformats.org"
    types = (
        f'<Types xmlns="{office}/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Override PartName="/xl/workbook.bin" '
        'ContentType="application/vnd.ms-excel.sheet.binary.macroEnabled.main"/></Types>'
    )
    links = f'<Relationships xmlns="{office}/package/2006/relationships">'
    links += '<Relationship Id="rId1" Type="{}" Target="{}"/>'
    kind = f"{office}/officeDocument/2006/relationships"
    return zipped(
        [
            ("[Content_Types].xml", types.encode()),
            ("_rels/.rels", (links.format(f"{kind}/officeDocument", "xl/workbook.bin") + "</Relationships>").encode()),
            ("xl/workbook.bin", book),
            (
                "xl/_rels/workbook.bin.rels",
                (links.format(f"{kind}/worksheet", "worksheets/sheet1.bin") + "</Relationships>").encode(),
            ),
            ("xl/worksheets/sheet1.bin", sheet),
            ("xl/styles.bin", look),
        ]
    )


def cells_of(grid: list[list[str]]) -> dict[tuple[int, int], str | None]:
    """A grid by place."""
    return {(at, column): cell for at, row in enumerate(grid) for column, cell in enumerate(row)}


# --- .xls ----------------------------------------------------------------------------------


def xls_book() -> tuple[xlwt.Workbook, xlwt.Worksheet]:
    """The two people as .xls, to change."""
    book = xlwt.Workbook()
    sheet = book.add_sheet("会员花名册")
    for at, row in enumerate(GRID):
        for column, cell in enumerate(row):
            sheet.write(at, column, cell)
    return book, sheet


def xls(book: xlwt.Workbook, change: Callable[[bytes], bytes] = bytes) -> bytes:
    """The book's bytes, its records changed by `change`."""
    buffer = io.BytesIO()
    XlsDoc().save(buffer, change(book.get_biff_data()))
    return buffer.getvalue()


def locked(records: bytes) -> bytes:
    """The records with one that says they are encrypted, behind the first."""
    size = 4 + struct.unpack_from("<H", records, 2)[0]
    return records[:size] + struct.pack("<HHHHH", 0x2F, 6, 0, 1, 2) + records[size:]


FAR_ROWS = (
    '<table:table-row table:number-rows-repeated="1048569">'
    '<table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
)  # blank, down to the last


def million_blank_rows() -> bytes:
    """The two people, and below them styled rows down to the last that hold nothing."""
    return with_rows(
        b"".join(
            b'<row r="%d" s="1" customFormat="1"><c r="A%d" s="1"/><c r="E%d" s="1"/></row>' % (row, row, row)
            for row in range(6, 1_048_577)
        )
    )
