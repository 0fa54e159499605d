"""The job that checks an attachment: told by its content, pictures written anew, whatever could do something refused.

Runs in the limited child. What it says: "kind" with the content type and the suffixes that a name may have, then for a
picture its new bytes.
"""

import io
import re
import zipfile
import zlib
from typing import Any

from PIL import Image, ImageOps

from pingtang_union.files.child import Refused, Say

_MAX_PIXELS = 50_000_000
_LONGEST_EDGE = 4000
_MAX_UNPACKED = 100 * 1024 * 1024
_MAX_OBJECTS = 20_000  # packed streams of one PDF: a thick report has some hundred
# What makes a PDF do something by itself, or carry another file inside. A script names /JavaScript as its kind, or is
# played as a /Rendition; its short key /JS stands in the bytes of every fifth scan of 5 MB by chance.
_ACTIVE = ("JavaScript", "Rendition", "Launch", "EmbeddedFile", "RichMedia")
_FORMS = rb"\s*[\[\d]"  # behind /XFA: a form that runs scripts
_OBJECT_STREAM = re.compile(rb"/ObjStm\b")
_STREAM = re.compile(rb"stream\r?\n")
_AHEAD = 300  # bytes of a dictionary between /ObjStm and its stream
_KINDS = "[Content_Types].xml"
_ACTIVE_OFFICE = re.compile(r"vbaProject|macroEnabled|/macrosheets/|/activeX/", re.IGNORECASE)
_OFFICE = "application/vnd.openxmlformats-officedocument."
TAKEN = "PDF、JPG、PNG 图片、Word（.docx）或 Excel（.xlsx）"


def job(content: bytes, told: Any, say: Say) -> None:
    """Say what the file is, or refuse it: the words follow the file's name."""
    if content[:5] == b"%PDF-":
        _refuse_active_pdf(content)
        say("kind", ["application/pdf", [".pdf"]])
    elif content[:3] == b"\xff\xd8\xff" or content[:8] == b"\x89PNG\r\n\x1a\n":
        _picture(content, say)
    elif content[:4] == b"PK\x03\x04":
        say("kind", _office(content))
    else:
        raise Refused(f"不是能收的文件，请传 {TAKEN}。")


# --- PDF -----------------------------------------------------------------------------------


def _spelled(name: str) -> bytes:
    """A pattern of a PDF's name, each letter as itself or escaped: /J#61vaScript is /JavaScript."""
    return b"".join(b"(?:%s|#%s)" % (re.escape(char.encode()), _hex(char)) for char in name)


def _hex(char: str) -> bytes:
    return "".join(f"[{digit}{digit.lower()}]" if digit.isalpha() else digit for digit in f"{ord(char):02X}").encode()


_ACTIVE_PDF = re.compile(b"/(?:" + b"|".join(map(_spelled, _ACTIVE)) + b"|" + _spelled("XFA") + _FORMS + b")")


def _refuse_active_pdf(content: bytes) -> None:
    """Looked for in the bytes, and in objects that lie packed in a stream."""
    if _ACTIVE_PDF.search(content):
        raise Refused("里有脚本或嵌入的文件，不能收。请打印成普通的 PDF 再传。")
    budget, end = _MAX_UNPACKED, 0
    for number, match in enumerate(_OBJECT_STREAM.finditer(content)):
        stream = _STREAM.search(content, match.end(), match.end() + _AHEAD)
        if stream is None:
            continue
        if number > _MAX_OBJECTS:
            raise Refused("里的内容太零碎，不能收。请打印成普通的 PDF 再传。")
        if end < stream.end():  # looked for once for all streams before it
            end = content.find(b"endstream", stream.end())
            if end < 0:
                end = len(content)
        try:
            piece = zlib.decompressobj().decompress(memoryview(content)[stream.end() : end], budget + 1)
        except zlib.error:
            continue  # not packed this way, or by a filter before: nothing that a reader would run is hidden better
        budget -= len(piece)
        if budget < 0:
            raise Refused("解开后太大，不能收。")
        if _ACTIVE_PDF.search(piece):
            raise Refused("里有脚本或嵌入的文件，不能收。请打印成普通的 PDF 再传。")


# --- Pictures ------------------------------------------------------------------------------


def _picture(content: bytes, say: Say) -> None:
    """Written anew without place and camera (EXIF), upright, no larger than a screen needs."""
    try:
        with Image.open(io.BytesIO(content), formats=("JPEG", "PNG")) as probe:
            if probe.width * probe.height > _MAX_PIXELS:
                raise Refused("的像素太多，请缩小后再传。")
            probe.verify()
        with Image.open(io.BytesIO(content), formats=("JPEG", "PNG")) as picture:
            kind = picture.format or "PNG"
            # Made small before anything else is done with it: a JPEG is even read at a part of its size.
            picture.thumbnail((_LONGEST_EDGE, _LONGEST_EDGE))
            has_alpha = "A" in picture.getbands() or picture.mode == "P"
            plain = picture.convert("RGBA" if kind == "PNG" and has_alpha else "RGB")
            plain = ImageOps.exif_transpose(plain)  # as phones mean it, before EXIF goes
            plain.info.clear()  # comments too would be written again
            out = io.BytesIO()
            plain.save(out, kind, quality=88)
    except MemoryError:
        raise Refused("的像素太多，请缩小后再传。") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Refused("的像素太多，请缩小后再传。") from error
    except (OSError, SyntaxError, ValueError) as error:
        raise Refused("的图片已损坏，无法打开，请重新拍照或扫描。") from error
    say("kind", ["image/jpeg", [".jpg", ".jpeg"]] if kind == "JPEG" else ["image/png", [".png"]])
    say("bytes", out.getvalue())


# --- Word, Excel ---------------------------------------------------------------------------


def _office(content: bytes) -> list[Any]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            names = set(packed.namelist())
            if sum(info.file_size for info in packed.infolist()) > _MAX_UNPACKED:
                raise Refused("解开后太大，不能收。")
            # A part with macros may go by any name: the list of kinds tells.
            kinds = packed.read(_KINDS).decode() if _KINDS in names else ""
    # What zipfile says of broken files: unknown versions and methods, passwords, names and lengths that can't be.
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, ValueError, OSError, EOFError) as error:
        raise Refused("已损坏或加了密码，无法打开，请重新保存后再传。") from error
    if any(_ACTIVE_OFFICE.search(name) for name in (*names, kinds)):
        raise Refused("里有宏，不能收。请另存为不带宏的文件再传。")
    if "word/document.xml" in names:
        return [_OFFICE + "wordprocessingml.document", [".docx"]]
    if "xl/workbook.xml" in names:
        return [_OFFICE + "spreadsheetml.sheet", [".xlsx"]]
    raise Refused(f"不是能收的文件，请传 {TAKEN}。")
