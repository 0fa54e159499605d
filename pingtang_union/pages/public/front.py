"""The front page: what apps show to anyone, and what the office says of itself."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from pingtang_union.core.portal import declared


@never_cache
@require_safe
def front_page(request: HttpRequest) -> HttpResponse:
    """For whoever isn't signed in; slots without rows aren't shown."""
    today = timezone.localdate()
    slots = [(slot, rows) for slot in declared("PUBLIC") if (rows := slot.rows(today))]
    return render(request, "public/front.html", {"section": "front", "slots": slots})
