"""Attachments of applications: papers that a union sends along. Checked by content, kept sealed in the database, given
out by a scoped view only; they have no public address."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.http import HttpResponse
from django.utils.http import content_disposition_header

from pingtang_union.core import crypto
from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.fields import account
from pingtang_union.core.scope import ScopedModel, ScopedQuerySet
from pingtang_union.files import limited
from pingtang_union.files.papers import TAKEN as TAKEN

MAX_ATTACHMENT_BYTES = 10 * 1024 * 1024
_JOB = "pingtang_union.files.papers:job"
_WATERMARK = "pingtang_union.files.watermark:job"
_SECONDS = 15.0  # ten megabytes are looked through in two
_SECONDS_TOGETHER = 30.0  # for the files of one form
_WHY = {
    limited.TooBig: "打开时占用太多内存，不能收，请换一份普通的文件再传。",
    limited.TooSlow: "检查了太久，不能收，请换一份普通的文件再传。",
    limited.Damaged: "已损坏，无法打开，请重新保存后再传。",
    limited.Busy: "还没有检查：同时上传的人较多，请稍后再传。",
    limited.Interrupted: "还没有检查完就中断了，请再传一次。",
}


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
    answer: dict[str, Any] = {}
    try:
        limited.run(_JOB, content, hear=answer.__setitem__, seconds=_SECONDS)
    except limited.Refused as refusal:
        raise DomainError(f"「{name}」{refusal}") from refusal
    except limited.NotDone as error:
        raise DomainError(f"「{name}」{_WHY[type(error)]}") from error
    content_type, suffixes = answer["kind"]
    if not name.lower().endswith(tuple(suffixes)):
        name += suffixes[0]
    return CheckedFile(name, content_type, answer.get("bytes", content))


class AttachmentManager(models.Manager.from_queryset(ScopedQuerySet)):
    """Without the bytes, which only a download opens."""

    def get_queryset(self) -> ScopedQuerySet:
        return super().get_queryset().defer("content")


class KeptFile(models.Model):
    """A checked file in the database, sealed."""

    name = models.CharField("文件名", max_length=120)
    content_type = models.CharField("类型", max_length=100)
    size = models.PositiveIntegerField("大小（字节）")
    content = models.BinaryField("内容（加密）")
    added_by = account("上传人", null=False)
    added_at = models.DateTimeField("上传时间", auto_now_add=True)

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


class Attachment(KeptFile, ScopedModel):
    """A file of an application. Subclasses have `application`, a foreign key with related_name "files"."""

    scope_path = "application__union"

    objects = AttachmentManager()

    class Meta(KeptFile.Meta):
        abstract = True


def attachment_response(attachment: KeptFile) -> HttpResponse:
    """The file as a download that no browser opens as a page, and no cache keeps."""
    response = HttpResponse(attachment.opened(), content_type=attachment.content_type)
    response.headers["Content-Disposition"] = content_disposition_header(True, attachment.name) or "attachment"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    return response


def check_uploads(uploads: Iterable[Any]) -> None:
    """Check the files of a form before rows are locked: what is found out waits on the upload for `upload_of`.

    Of many files that each take long the last are not looked at: nobody holds the others up for minutes.
    """
    until = time.monotonic() + _SECONDS_TOGETHER
    for upload in uploads:
        try:
            if time.monotonic() > until:
                raise DomainError(f"「{upload.name}」没有检查：前面的文件检查得太久。请分几次上传。")
            upload.checked = check_file(upload.name, upload.read(), size=upload.size)
        except DomainError as error:
            upload.checked = error


def upload_of(upload: Any) -> CheckedFile:
    """A file of a form, checked. One beyond the portal's limit comes without its bytes, but with its size. Raises
    DomainError as `check_file` does."""
    if not hasattr(upload, "checked"):
        check_uploads([upload])
    if isinstance(upload.checked, DomainError):
        raise upload.checked
    checked: CheckedFile = upload.checked
    return checked


def watermarked_response(picture: KeptFile, words: str) -> HttpResponse:
    """A picture as a download with `words` written over it. Raises DomainError where that can't be done: without them
    it isn't given out."""
    response = attachment_response(picture)
    answer: dict[str, Any] = {}
    try:
        limited.run(_WATERMARK, picture.opened(), words, hear=answer.__setitem__, seconds=_SECONDS)
    except limited.Refused as refusal:
        raise DomainError(str(refusal)) from refusal
    except limited.NotDone as error:
        raise DomainError("水印没有加上，请稍后再试。") from error
    response.content = answer["bytes"]
    return response
