"""Papers of a hardship file as they are given out: scans of identity papers bear a watermark."""

from typing import Any

from django.http import HttpResponse
from django.utils import timezone

from pingtang_union.workflow.attachments import attachment_response, watermarked_response
from relief.models import HouseholdFile


def shown_file(file: HouseholdFile, user: Any) -> HttpResponse:
    """The file as a download; of an identity paper only the picture with purpose, day and who asked written over it.
    Raises DomainError where that can't be done."""
    if file.paper is None or not file.paper.is_identity:
        return attachment_response(file)
    words = f"仅供困难职工帮扶核查使用 {timezone.localdate():%Y-%m-%d} {user.full_name or user.username}"
    return watermarked_response(file, words)
