"""Files that anyone may download: beside a notice, or on the front page."""

from datetime import date

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from pingtang_union.core.portal import merged
from pingtang_union.pages.public.notices import running
from pingtang_union.workflow.attachments import attachment_response
from pingtang_union.workflow.public_files import PublicFile

FRONT = ("", "首页「资料下载」")


def places(today: date) -> list[tuple[str, str]]:
    """Where a file can hang today, by its key."""
    return [FRONT, *((notice.key, f"公示「{notice.title}」") for notice in running(today))]


def known_places(today: date) -> dict[str, str]:
    """The same, and where apps show files themselves."""
    return dict(places(today)) | merged("FILE_PLACES")


def front_files(today: date) -> list[PublicFile]:
    """Those of the front page."""
    return list(PublicFile.objects.shown().filter(place=FRONT[0]))


@never_cache
@require_safe
def public_file(request: HttpRequest, token: str) -> HttpResponse:
    """A file while it is shown, and while the notice hangs that it belongs to; 404 otherwise."""
    file = get_object_or_404(PublicFile.objects.shown(), token=token)
    if file.place not in known_places(timezone.localdate()):
        raise Http404
    return attachment_response(file)
