"""Papers of a hardship file as they are given out: scans of identity papers bear a watermark."""

from typing import Any

from django.http import HttpResponse
from django.utils import timezone

from pingtang_union.core.exceptions import DomainError
from pingtang_union.files import limited
from pingtang_union.workflow.attachments import attachment_response
from relief.models import HouseholdFile

_JOB = "pingtang_union.files.watermark:job"
_SECONDS = 20.0


def shown_file(file: HouseholdFile, user: Any) -> HttpResponse:
    """The file as a download; of an identity paper only the picture with purpose, day and who asked written over it.
    Raises DomainError where that can't be done: without its watermark it isn't given out."""
    response = attachment_response(file)
    if file.paper is None or not file.paper.is_identity:
        return response
    words = f"仅供困难职工帮扶核查使用 {timezone.localdate():%Y-%m-%d} {user.full_name or user.username}"
    answer: dict[str, Any] = {}
    try:
        limited.run(_JOB, file.opened(), words, hear=answer.__setitem__, seconds=_SECONDS)
    except limited.Refused as refusal:
        raise DomainError(str(refusal)) from refusal
    except limited.NotDone as error:
        raise DomainError("水印没有加上，请稍后再试。") from error
    response.content = answer["bytes"]
    return response
