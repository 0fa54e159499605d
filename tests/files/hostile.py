"""Files made to harm whoever opens them: workbooks that are written back with their look, pictures, papers. What harms
who only reads cells stands in tests/ledger/test_hostile.py."""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Callable

from PIL import Image

from tests.ledger import odd

_BEFORE_MARGINS = b"</sheetData>"


def _in_sheet(xml: bytes) -> bytes:
    """A roster with more XML behind its cells."""
    return odd.rebuilt(odd.roster(), {odd.SHEET: lambda part: part.replace(_BEFORE_MARGINS, _BEFORE_MARGINS + xml)})


def _in_another_folder(xml: bytes) -> bytes:
    """The sheet lies where nobody looks for one, so that nobody counts its cells beforehand."""
    parts = odd.parts_of(_in_sheet(xml))
    parts["xl/odd/sheet1.xml"] = parts.pop(odd.SHEET)
    links = parts["xl/_rels/workbook.xml.rels"]
    parts["xl/_rels/workbook.xml.rels"] = re.sub(rb"/?(?:xl/)?worksheets/sheet1", b"/xl/odd/sheet1", links)
    kinds = parts["[Content_Types].xml"]
    parts["[Content_Types].xml"] = kinds.replace(b"/xl/worksheets/sheet1.xml", b"/xl/odd/sheet1.xml")
    return odd.zipped(parts.items())


def _part(name: str, content: bytes) -> bytes:
    return odd.rebuilt(odd.roster(), {}, {name: content})


def _styles(xml: bytes) -> bytes:
    return odd.rebuilt(odd.roster(), {"xl/styles.xml": lambda part: part.replace(b"</cellXfs>", xml + b"</cellXfs>")})


def _picture_inside(content: bytes) -> bytes:
    """A roster with a picture drawn on it."""
    book = odd.opened()
    parts = odd.parts_of(odd.saved(book))
    space = b"http://schemas.openxmlformats.org"
    office = space + b"/officeDocument/2006/relationships"
    parts["xl/media/image1.png"] = content
    parts["xl/drawings/drawing1.xml"] = (
        b'<xdr:wsDr xmlns:xdr="%b/drawingml/2006/spreadsheetDrawing" xmlns:a="%b/drawingml/2006/main">'
        b"<xdr:oneCellAnchor><xdr:from><xdr:col>0</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>9</xdr:row>"
        b'<xdr:rowOff>0</xdr:rowOff></xdr:from><xdr:ext cx="9" cy="9"/><xdr:pic><xdr:nvPicPr>'
        b'<xdr:cNvPr id="1" name="x"/><xdr:cNvPicPr/></xdr:nvPicPr><xdr:blipFill>'
        b'<a:blip xmlns:r="%b" r:embed="rId1"/></xdr:blipFill><xdr:spPr/></xdr:pic><xdr:clientData/>'
        b"</xdr:oneCellAnchor></xdr:wsDr>" % (space, space, office)
    )
    links = b'<Relationships xmlns="%b/package/2006/relationships"><Relationship Id="rId1" Type="%b/%b" Target="%b"/>'
    links += b"</Relationships>"
    begin = space, office
    parts["xl/drawings/_rels/drawing1.xml.rels"] = links % (*begin, b"image", b"../media/image1.png")
    parts["xl/worksheets/_rels/sheet1.xml.rels"] = links % (*begin, b"drawing", b"../drawings/drawing1.xml")
    parts[odd.SHEET] = parts[odd.SHEET].replace(
        b"</worksheet>", b'<drawing xmlns:r="%b" r:id="rId1"/></worksheet>' % office
    )
    parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(
        b"<Override ",
        b'<Default Extension="png" ContentType="image/png"/><Override PartName="/xl/drawings/drawing1.xml" '
        b'ContentType="application/vnd.openxmlformats-officedocument.drawing+xml"/><Override ',
        1,
    )
    return odd.zipped(parts.items())


def _merged(area: bytes) -> bytes:
    return b'<mergeCells count="1"><mergeCell ref="%b"/></mergeCells>' % area


def _rules(number: int) -> bytes:
    rule = b'<conditionalFormatting sqref="A1:XFD1048576"><cfRule type="expression" priority="1">'
    return (rule + b"<formula>1</formula></cfRule></conditionalFormatting>") * number


def _entities(part: str) -> bytes:
    return odd.with_entities(odd.saved(odd.opened()), part)


# --- Pictures and papers -------------------------------------------------------------------


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _png(*chunks: bytes, size: tuple[int, int] = (4, 4)) -> bytes:
    head = _chunk(b"IHDR", struct.pack(">IIBBBBB", *size, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(chunks) + _chunk(b"IEND", b"")


def huge_picture(mode: str = "RGBA", side: int = 7000) -> bytes:
    """A few hundred kilobytes that are up to 49 million pixels once they are opened."""
    out = io.BytesIO()
    Image.new(mode, (side, side)).save(out, "PNG", compress_level=9)
    return out.getvalue()


def _jpeg(*, scans: int = 0, **options: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (2000, 2000), "red").save(out, "JPEG", **options)
    content = out.getvalue()
    begin = content.index(b"\xff\xda")
    return content[:begin] + content[begin:-2] * max(scans, 1) + content[-2:]


def _packed(stream: bytes, times: int = 1) -> bytes:
    one = b"1 0 obj << /Type /ObjStm /Filter /FlateDecode >>\nstream\n" + zlib.compress(stream, 9) + b"\nendstream\n"
    return b"%PDF-1.7\n" + one * times


def _office(*parts: tuple[str, bytes]) -> bytes:
    return odd.zipped([("[Content_Types].xml", b"<Types/>"), *parts])


def _overlapping(times: int) -> bytes:
    """An archive whose many entries are all one and the same packed megabytes."""
    content = bytearray(_office(("word/document.xml", bytes(30 * 1024 * 1024))))
    end = content.rindex(b"PK\x05\x06")
    start = int.from_bytes(content[end + 16 : end + 20], "little")
    entries = bytes(content[start:end])
    last = entries[entries.rindex(b"PK\x01\x02") :]
    total = len(zipfile.ZipFile(io.BytesIO(content)).infolist()) + times
    closing = bytearray(content[end:])
    closing[8:12] = struct.pack("<HH", total, total)
    closing[12:16] = struct.pack("<I", len(entries) + len(last) * times)
    return bytes(content[:end]) + last * times + bytes(closing)


Build = Callable[[], bytes]
# Written back with marks, and filled as a form.
WORKBOOKS: dict[str, Build] = {
    "merged to row 100,005 in another folder": lambda: _in_another_folder(_merged(b"A9:XFD100005")),
    "merged over the whole sheet": lambda: _in_sheet(_merged(b"A9:XFD1048576")),
    "a thousand merged columns": lambda: _in_sheet(
        b"<mergeCells>"
        + b"".join(b'<mergeCell ref="A%d:XFD%d"/>' % (row, row) for row in range(9, 1009))
        + b"</mergeCells>"
    ),
    "a link over the whole sheet, elsewhere": lambda: _in_another_folder(
        b'<hyperlinks><hyperlink ref="A1:XFD1048576" location="x"/></hyperlinks>'
    ),
    "a list of a million cells": lambda: _in_sheet(
        b'<dataValidations><dataValidation type="list" sqref="%b"/></dataValidations>'
        % b" ".join(b"A%d" % row for row in range(1, 200_000))
    ),
    "ten thousand rules of formats": lambda: _in_sheet(_rules(10_000)),
    "a row beyond the last": lambda: odd.with_rows(b'<row r="2147483647"><c r="A2147483647"><v>1</v></c></row>'),
    "a column beyond the last": lambda: odd.with_rows(b'<row r="9"><c r="ZZZZZ9"><v>1</v></c></row>'),
    "a text of no number": lambda: odd.with_rows(b'<row r="9"><c r="A9" t="s"><v>999999999</v></c></row>'),
    "a style of no number": lambda: odd.with_rows(b'<row r="9"><c r="A9" s="999999999"><v>1</v></c></row>'),
    "sixty thousand styles": lambda: _styles(b'<xf numFmtId="0" fontId="0" fillId="0" borderId="0"/>' * 60_000),
    "columns of every width": lambda: odd.rebuilt(
        odd.roster(),
        {
            odd.SHEET: lambda part: part.replace(
                b"<sheetData>",
                b"<cols>" + b'<col min="1" max="16384" width="9"/>' * 20_000 + b"</cols><sheetData>",
                1,
            )
        },
    ),
    "deep formulas": lambda: odd.with_rows(
        b'<row r="9"><c r="A9"><f>' + b"(" * 500_000 + b")" * 500_000 + b"</f></c></row>"
    ),
    "formulas over everything": lambda: odd.with_rows(
        b'<row r="9"><c r="A9"><f t="array" ref="A1:XFD1048576">1</f><v>1</v></c></row>'
    ),
    "a huge picture inside": lambda: _picture_inside(huge_picture()),
    "a picture that promises more": lambda: _picture_inside(_png(size=(60_000, 60_000))),
    "a broken picture inside": lambda: _picture_inside(b"\x89PNG\r\n\x1a\n" + b"x" * 100),
    "entities in the theme": lambda: _entities("xl/theme/theme1.xml"),
    "entities in the styles": lambda: _entities("xl/styles.xml"),
    "entities in the properties": lambda: _entities("docProps/core.xml"),
    "many links between parts": lambda: _part(
        "xl/worksheets/_rels/sheet1.xml.rels",
        b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        + b"".join(b'<Relationship Id="r%d" Type="x" Target="sheet1.xml"/>' % at for at in range(100_000))
        + b"</Relationships>",
    ),
    "parts that lead out": lambda: _part("../../../../etc/passwd", b"x"),
    "a hundred thousand names": lambda: odd.rebuilt(
        odd.roster(),
        {
            "xl/workbook.xml": lambda part: part.replace(
                b"</workbook>",
                b"<definedNames>"
                + b"".join(b'<definedName name="n%d">A1:XFD1048576</definedName>' % at for at in range(50_000))
                + b"</definedNames></workbook>",
            )
        },
    ),
    "a bomb of texts": lambda: odd.bomb(390),
    "one letter four million times": lambda: odd.bomb(64, has_small_texts=True),
    "a bomb that lies": lambda: odd.bomb(450, is_lying=True),
    "deep XML": lambda: odd.with_rows(b"<row>" + b"<c>" * 100_000 + b"</row>"),
    "blank rows down to the end": lambda: odd.with_rows(
        b"".join(b'<row r="%d" ht="9" customHeight="1"/>' % row for row in range(6, 400_000))
    ),
    "no workbook at all": lambda: b"PK\x03\x04" + b"\0" * 1000,
}
PAPERS: dict[str, Build] = {
    "slow PDF": lambda: b"%PDF-1.7\n" + b"/ObjStm " * 240_000,
    "slow PDF, with streams": lambda: b"%PDF-1.7\n" + b"/ObjStm stream\n" * 120_000,
    "escaped names without end": lambda: b"%PDF-1.7\n" + b"/#4A#61#76#61#53" * 500_000,
    "packed number signs": lambda: _packed(b"/#41" * (22 * 1024 * 1024)),
    "packed 300 MB": lambda: _packed(bytes(99 * 1024 * 1024)) + _packed(bytes(99 * 1024 * 1024))[9:] * 2,
    "ten thousand packed objects": lambda: _packed(b"x" * 5000, times=10_000),
    "streams inside one another": lambda: b"%PDF-1.7\n" + (b"/ObjStm stream\n" + zlib.compress(b"x")) * 20_000,
    "PDF of nothing": lambda: b"%PDF-1.7" + bytes(9 * 1024 * 1024),
    "49 million pixels with transparency": huge_picture,
    "49 million grey pixels": lambda: huge_picture("L"),
    "a palette of 49 million": lambda: huge_picture("P"),
    "a picture of 60,000 by 60,000": lambda: _png(_chunk(b"IDAT", b""), size=(60_000, 60_000)),
    "a picture of no width": lambda: _png(_chunk(b"IDAT", b""), size=(0, 5)),
    "a packed comment of 90 MB": lambda: _png(_chunk(b"zTXt", b"k\0\0" + zlib.compress(bytes(90 * 1024 * 1024), 9))),
    "a packed colour profile": lambda: _png(_chunk(b"iCCP", b"k\0\0" + zlib.compress(bytes(90 * 1024 * 1024), 9))),
    "a hundred thousand chunks": lambda: _png(*[_chunk(b"tEXt", b"k\0v")] * 100_000),
    "cut PNG": lambda: huge_picture()[:5000],
    "JPEG of many scans": lambda: _jpeg(scans=100, progressive=True),
    "cut JPEG": lambda: _jpeg()[:400],
    "JPEG that promises 65,000 by 65,000": lambda: re.sub(
        rb"(\xff\xc0\x00\x11\x08)....", lambda found: found[1] + b"\xfd\xe8\xfd\xe8", _jpeg(), count=1
    ),
    "JPEG with a circle of EXIF": lambda: _jpeg(exif=b"Exif\0\0II*\0\x08\0\0\0\x01\0\x69\x87\4\0\1\0\0\0\x08\0\0\0"),
    "Word that unpacks to 300 MB": lambda: _office(("word/document.xml", bytes(300 * 1024 * 1024))),
    "a list of kinds of 99 MB": lambda: odd.zipped(
        [("[Content_Types].xml", bytes(99 * 1024 * 1024)), ("word/document.xml", b"x")]
    ),
    "sixty thousand parts": lambda: _office(*((f"word/{at}.xml", b"") for at in range(60_000))),
    "overlapping parts": lambda: _overlapping(3_000),
    "an archive of archives": lambda: _office(("word/a.docx", odd.bomb(50))),
    "names that lead out": lambda: _office(("../../word/document.xml", b"x"), ("word/document.xml", b"x")),
    "an archive cut short": lambda: _office(("word/document.xml", b"x" * 9000))[:-40],
    "half a head of an archive": lambda: b"PK\x03\x04\xff\xff\xff\xff",
    "another picture": lambda: b"\x89PNG\r\n\x1a\n",
    "photograph of nothing": lambda: b"\xff\xd8\xff",
}
