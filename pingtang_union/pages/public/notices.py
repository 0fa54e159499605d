"""The notice board (公示栏): who is in publicity today. Over, taken down or decided, a notice is gone."""

from datetime import date
from itertools import groupby

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from pingtang_union.core.portal import portals
from pingtang_union.core.views import PER_PAGE, crumbs
from pingtang_union.workflow.notices import Notice
from pingtang_union.workflow.public_files import PublicFile


def running(today: date) -> list[Notice]:
    """Every notice of the day."""
    return [notice for app in portals() for notice in app.notices(today)]


@never_cache
@require_safe
def notice_board(request: HttpRequest) -> HttpResponse:
    """公示栏: rounds with nominees in publicity."""
    page = Paginator(running(timezone.localdate()), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "public/notice_board.html", {"section": "notices", "page_obj": page})


@never_cache
@require_safe
def notice(request: HttpRequest, key: str) -> HttpResponse:
    """One notice. When there is none, whatever the reason, the same kind words with status 404: an address tells
    nothing of what isn't in publicity."""
    shown = next((notice for notice in running(timezone.localdate()) if notice.key == key), None)
    if shown is None:
        return render(request, "public/notice_over.html", {"section": "notices"}, status=404)
    page = Paginator(shown.nominees, PER_PAGE).get_page(request.GET.get("page"))
    groups = [(title, list(ones)) for title, ones in groupby(page, key=lambda nominee: nominee.title)]
    context = {
        "section": "notices",
        "notice": shown,
        "files": PublicFile.objects.shown().filter(place=key),
        "page_obj": page,
        "groups": groups,
        "breadcrumbs": crumbs(("公示栏", reverse("notice_board")), (shown.title, "")),
    }
    return render(request, "public/notice.html", context)
