"""Files that a clerk might put up: Word, Excel and PDF with a text, each where someone may have written it."""

import io
import zipfile
import zlib
from collections.abc import Callable

from docx import Document
from openpyxl import Workbook
from openpyxl.comments import Comment
from PIL import Image


def _saved(document: object) -> bytes:
    out = io.BytesIO()
    document.save(out)  # type: ignore[attr-defined]  # both kinds have it
    return out.getvalue()


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (60, 40), "white").save(out, "PNG")
    return out.getvalue()


# --- Word --------------------------------------------------------------------------------


def word(text: str) -> bytes:
    document = Document()
    document.add_paragraph(text)
    return _saved(document)


def word_in_runs(text: str) -> bytes:
    """Cut as Word cuts what was typed at several times."""
    document = Document()
    paragraph = document.add_paragraph()
    for sign in text:
        paragraph.add_run(sign).bold = sign.isdigit()
    return _saved(document)


def word_in_header(text: str) -> bytes:
    document = Document()
    document.add_paragraph("公示")
    document.sections[0].header.paragraphs[0].text = text
    return _saved(document)


def word_in_table(text: str) -> bytes:
    """A sign in each cell, as forms have boxes for numbers."""
    document = Document()
    document.add_paragraph("2018")
    table = document.add_table(rows=2, cols=len(text))
    for cell, sign in zip(table.rows[1].cells, text, strict=True):
        cell.text = sign
    return _saved(document)


def word_in_properties(text: str) -> bytes:
    document = Document()
    document.core_properties.comments = text
    return _saved(document)


def word_with_picture(text: str) -> bytes:
    document = Document()
    document.add_paragraph(text)
    document.add_picture(io.BytesIO(picture()))
    return _saved(document)


def word_with_page(text: str) -> bytes:
    """With a page of the web inside, which Word shows as part of the text."""
    out = io.BytesIO(word("公示"))
    with zipfile.ZipFile(out, "a") as packed:
        packed.writestr("word/afchunk.htm", text)
    return out.getvalue()


# --- Excel -------------------------------------------------------------------------------


def excel(text: str) -> bytes:
    book = Workbook()
    book.active.append(["姓名", "备注"])
    book.active.append(["杨*英", text])
    return _saved(book)


def excel_in_number(text: str) -> bytes:
    book = Workbook()
    book.active.append(["电话", int("".join(filter(str.isdigit, text)))])
    return _saved(book)


def excel_hidden(text: str) -> bytes:
    book = Workbook()
    book.active.append(["公示名单"])
    hidden = book.create_sheet("底稿")
    hidden.sheet_state = "hidden"
    hidden.append([text])
    return _saved(book)


def excel_in_comment(text: str) -> bytes:
    book = Workbook()
    book.active["A1"] = "杨*英"
    book.active["A1"].comment = Comment(text, "经办人")
    return _saved(book)


def excel_in_cells(text: str) -> bytes:
    book = Workbook()
    book.active.append([int(sign) if sign.isdigit() else sign for sign in text])
    return _saved(book)


def excel_in_foot(text: str) -> bytes:
    book = Workbook()
    book.active["A1"] = "公示名单"
    book.active.oddFooter.left.text = text
    return _saved(book)


# --- PDF ---------------------------------------------------------------------------------


def _pdf(content: bytes, *objects: bytes, resources: bytes = b"", page: bytes = b"") -> bytes:
    """One page that draws `content`; `objects` are numbered from 5 on."""
    body = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << %b >> %b >>"
        % (resources, page),
        _stream(b"", content),
        *objects,
    ]
    out, places = b"%PDF-1.7\n", []
    for number, one in enumerate(body, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, one)
    begin = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(body) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (len(body) + 1, begin)


def _stream(entries: bytes, content: bytes) -> bytes:
    packed = zlib.compress(content)
    return b"<< %b /Filter /FlateDecode /Length %d >>\nstream\n%b\nendstream" % (entries, len(packed), packed)


def _font(text: str, *, says_letters: bool = True) -> tuple[list[bytes], bytes, bytes]:
    """(objects, resources, the text as the font numbers it): a font of Chinese letters as office programs embed it."""
    pairs = "".join(f"<{number:04x}> <{ord(sign):04x}>\n" for number, sign in enumerate(text, 1))
    letters = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def\n"
        "1 begincodespacerange <0000> <ffff> endcodespacerange\n"
        f"{len(text)} beginbfchar\n{pairs}endbfchar endcmap end end"
    ).encode()
    objects = [
        b"<< /Type /Font /Subtype /Type0 /BaseFont /Song /Encoding /Identity-H /DescendantFonts [6 0 R] %b >>"
        % (b"/ToUnicode 7 0 R" if says_letters else b""),
        b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Song /DW 1000 "
        b"/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> >>",
        _stream(b"", letters),
    ]
    drawn = "".join(f"{number:04x}" for number in range(1, len(text) + 1)).encode()
    return objects, b"/Font << /F1 5 0 R >>", b"<" + drawn + b">"


def pdf(text: str) -> bytes:
    objects, resources, drawn = _font(text)
    return _pdf(b"BT /F1 12 Tf 50 700 Td %b Tj ET" % drawn, *objects, resources=resources)


def pdf_in_note(text: str) -> bytes:
    note = (
        b"<< /Type /Annot /Subtype /Text /Rect [10 10 30 30] /Contents <feff%b> >>"
        % text.encode("utf-16-be").hex().encode()
    )
    objects, resources, drawn = _font("公示名单")
    return _pdf(
        b"BT /F1 12 Tf 50 700 Td %b Tj ET" % drawn, *objects, note, resources=resources, page=b"/Annots [8 0 R]"
    )


def pdf_without_letters(text: str) -> bytes:
    objects, resources, drawn = _font(text, says_letters=False)
    return _pdf(b"BT /F1 12 Tf 50 700 Td %b Tj ET" % drawn, *objects, resources=resources)


def scan() -> bytes:
    image = _stream(
        b"/Type /XObject /Subtype /Image /Width 4 /Height 4 /ColorSpace /DeviceGray /BitsPerComponent 8", bytes(16)
    )
    return _pdf(b"q 595 0 0 842 0 0 cm /Im1 Do Q", image, resources=b"/XObject << /Im1 5 0 R >>")


def scan_with_letters(text: str) -> bytes:
    """A scanned page under a line of text, as programs stamp them."""
    objects, resources, drawn = _font(text)
    image = _stream(
        b"/Type /XObject /Subtype /Image /Width 4 /Height 4 /ColorSpace /DeviceGray /BitsPerComponent 8", bytes(16)
    )
    content = b"q 595 0 0 842 0 0 cm /Im1 Do Q BT /F1 12 Tf 50 700 Td %b Tj ET" % drawn
    return _pdf(content, *objects, image, resources=resources + b" /XObject << /Im1 8 0 R >>")


Build = Callable[[str], bytes]
EVERYWHERE: dict[str, Build] = {
    "公示.docx": word, "分段.docx": word_in_runs, "页眉.docx": word_in_header, "属性.docx": word_in_properties,
    "名单.xlsx": excel, "隐藏.xlsx": excel_hidden, "批注.xlsx": excel_in_comment, "页脚.xlsx": excel_in_foot,
    "公示.pdf": pdf, "批注.pdf": pdf_in_note,
}  # fmt: skip
