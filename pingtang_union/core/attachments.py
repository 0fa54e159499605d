"""Attachments of applications: papers that a union sends along. Checked by content, kept sealed in the database, given
out by a scoped view only; they have no public address."""

import io
import re
import zipfile
import zlib
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import models
from django.http import HttpResponse
from django.utils.http import content_disposition_header
from PIL import Image, ImageOps

from pingtang_union.core import crypto
from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.scope import ScopedModel, ScopedQuerySet

MAX_ATTACHMENT_BYTES = 10 * 1024 * 1024
_MAX_PIXELS = 50_000_000
_LONGEST_EDGE = 4000
_MAX_UNPACKED = 100 * 1024 * 1024
# What makes a PDF do something by itself, or carry another file inside. A script names /JavaScript as its kind, or is
# played as a /Rendition; its short key /JS stands in the bytes of every fifth scan of 5 MB by chance.
_ACTIVE_PDF = re.compile(rb"/(?:JavaScript|Rendition|Launch|EmbeddedFile|RichMedia|XFA\s*[\[\d])")
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
_PACKED_OBJECTS = re.compile(rb"/ObjStm\b.{0,300}?stream\r?\n", re.DOTALL)
_KINDS = "[Content_Types].xml"
_ACTIVE_OFFICE = re.compile(r"vbaProject|macroEnabled|/macrosheets/|/activeX/", re.IGNORECASE)
TAKEN = "PDF、JPG、PNG 图片、Word（.docx）或 Excel（.xlsx）"


@dataclass(frozen=True)
class CheckedFile:
    """A file that may be kept: its name, its kind and its bytes; of pictures the bytes are written anew."""

    name: str
    content_type: str
    content: bytes


def check_file(name: str, content: bytes, *, size: int | None = None) -> CheckedFile:
    """The file as it may be kept. Pictures are written anew, without place and camera (EXIF).

    `size`: as sent, where the bytes were not kept. Raises DomainError that names the file: too big, empty, of a kind
    that isn't taken or damaged, with macros or scripts inside.
    """
    name = "".join(char for char in name if char.isprintable())
    name = name.replace("\\", "/").rsplit("/", 1)[-1].strip()[-100:] or "未命名"
    if (size or len(content)) > MAX_ATTACHMENT_BYTES:
        raise DomainError(f"「{name}」超过 {MAX_ATTACHMENT_BYTES // 1024 // 1024} MB，请压缩或分成几份再传。")
    if not content:
        raise DomainError(f"「{name}」是空文件，请核对后再传。")
    if content[:5] == b"%PDF-":
        _refuse_active_pdf(name, content)
        return CheckedFile(_with_suffix(name, ".pdf"), "application/pdf", content)
    if content[:3] == b"\xff\xd8\xff" or content[:8] == b"\x89PNG\r\n\x1a\n":
        return _picture(name, content)
    if content[:4] == b"PK\x03\x04":
        return _office(name, content)
    raise DomainError(f"「{name}」不是能收的文件，请传 {TAKEN}。")


def _with_suffix(name: str, *suffixes: str) -> str:
    return name if name.lower().endswith(suffixes) else name + suffixes[0]


def _refuse_active_pdf(name: str, content: bytes) -> None:
    """Names may be written with escapes (/J#61vaScript), and objects may lie packed in a stream."""
    pieces, budget = [content], _MAX_UNPACKED
    for match in _PACKED_OBJECTS.finditer(content):
        try:
            packed = content[match.end() : content.find(b"endstream", match.end())]
            piece = zlib.decompressobj().decompress(packed, budget + 1)
        except zlib.error:
            continue  # not packed this way, or by a filter before: nothing that a reader would run is hidden better
        budget -= len(piece)
        if budget < 0:
            raise DomainError(f"「{name}」解开后太大，不能收。")
        pieces.append(piece)
    for piece in pieces:
        if _ACTIVE_PDF.search(_ESCAPED.sub(lambda match: bytes([int(match[1], 16)]), piece)):
            raise DomainError(f"「{name}」里有脚本或嵌入的文件，不能收。请打印成普通的 PDF 再传。")


def _picture(name: str, content: bytes) -> CheckedFile:
    try:
        with Image.open(io.BytesIO(content), formats=("JPEG", "PNG")) as probe:
            if probe.width * probe.height > _MAX_PIXELS:
                raise DomainError(f"「{name}」的像素太多，请缩小后再传。")
            probe.verify()
        with Image.open(io.BytesIO(content), formats=("JPEG", "PNG")) as picture:
            kind = picture.format or "PNG"
            upright = ImageOps.exif_transpose(picture)  # as phones mean it, before EXIF goes
            upright.thumbnail((_LONGEST_EDGE, _LONGEST_EDGE))
            has_alpha = "A" in upright.getbands() or upright.mode == "P"
            plain = upright.convert("RGBA" if kind == "PNG" and has_alpha else "RGB")
            plain.info.clear()  # comments too would be written again
            out = io.BytesIO()
            plain.save(out, kind, quality=88)
            if kind == "JPEG":
                return CheckedFile(_with_suffix(name, ".jpg", ".jpeg"), "image/jpeg", out.getvalue())
            return CheckedFile(_with_suffix(name, ".png"), "image/png", out.getvalue())
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise DomainError(f"「{name}」的像素太多，请缩小后再传。") from error
    except (OSError, SyntaxError, ValueError) as error:
        raise DomainError(f"「{name}」的图片已损坏，打不开，请重新拍照或扫描。") from error


def _office(name: str, content: bytes) -> CheckedFile:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            names = set(packed.namelist())
            if sum(info.file_size for info in packed.infolist()) > _MAX_UNPACKED:
                raise DomainError(f"「{name}」解开后太大，不能收。")
            # A part with macros may go by any name: the list of kinds tells.
            kinds = packed.read(_KINDS).decode() if _KINDS in names else ""
    # What zipfile says of broken files: unknown versions and methods, passwords, names and lengths that can't be.
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, ValueError, OSError, EOFError) as error:
        raise DomainError(f"「{name}」已损坏或加了密码，打不开，请重新保存后再传。") from error
    if any(_ACTIVE_OFFICE.search(one) for one in (*names, kinds)):
        raise DomainError(f"「{name}」里有宏，不能收。请另存为不带宏的文件再传。")
    if "word/document.xml" in names:
        kind = "wordprocessingml.document"
        return CheckedFile(
            _with_suffix(name, ".docx"), f"application/vnd.openxmlformats-officedocument.{kind}", content
        )
    if "xl/workbook.xml" in names:
        kind = "spreadsheetml.sheet"
        return CheckedFile(
            _with_suffix(name, ".xlsx"), f"application/vnd.openxmlformats-officedocument.{kind}", content
        )
    raise DomainError(f"「{name}」不是能收的文件，请传 {TAKEN}。")


class Attachment(ScopedModel):
    """A file of an application. Subclasses have `application`, a foreign key with related_name "files"."""

    scope_path = "application__union"

    name = models.CharField("文件名", max_length=120)
    content_type = models.CharField("类型", max_length=100)
    size = models.PositiveIntegerField("大小（字节）")
    content = models.BinaryField("内容（加密）")
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="上传人", related_name="+", db_index=False
    )
    added_at = models.DateTimeField("上传时间", auto_now_add=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name

    def fill(self, checked: CheckedFile) -> None:
        """Take a checked file in, sealed."""
        self.name, self.content_type, self.size = checked.name, checked.content_type, len(checked.content)
        self.content = crypto.seal_bytes(checked.content)

    def opened(self) -> bytes:
        """The file's bytes."""
        return crypto.unseal_bytes(self.content)


def attachment_response(attachment: Attachment) -> HttpResponse:
    """The file as a download that no browser opens as a page, and no cache keeps."""
    response = HttpResponse(attachment.opened(), content_type=attachment.content_type)
    response.headers["Content-Disposition"] = content_disposition_header(True, attachment.name) or "attachment"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    return response


def upload_of(upload: Any) -> CheckedFile:
    """A file of a form, checked. One beyond the portal's limit comes without its bytes, but with its size."""
    return check_file(upload.name, upload.read(), size=upload.size)
