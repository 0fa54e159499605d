"""What anyone reads of published activities, by explicit fields: the calendar, also as .ics, and a page each."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any, Self

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from campaigns.models import Activity, ActivityState, Photo
from campaigns.models.activities import ActivityQuerySet
from campaigns.views.plans import by_month, year_of
from pingtang_union.core.dates import display_partial
from pingtang_union.core.views import crumbs
from pingtang_union.workflow.attachments import attachment_response
from pingtang_union.workflow.publishing import listed_phones, public_text

_AT_ONCE = 5  # on the front page
_LINE = 75  # octets, RFC 5545, 3.1


@dataclass(frozen=True)
class PublicActivity:
    """One published activity."""

    pk: int
    name: str
    kind: str
    theme: str
    union: str
    partners: str
    place: str
    first: str
    last: str
    is_held: bool

    @classmethod
    def of(cls, one: Activity, listed: Callable[[], list[str]]) -> Self:
        """Of an activity out of `loaded`; listed: how the office's phones are asked for, once a page."""
        return cls(
            one.pk, public_text(one.name, listed), one.kind.name, public_text(one.theme, listed), one.union.name,
            public_text(one.partners, listed), public_text(one.place, listed), one.held_on or "", one.ended_on or "",
            one.state == ActivityState.HELD,
        )  # fmt: skip

    @property
    def when(self) -> str:
        """The days in words."""
        last = f"至{display_partial(self.last)}" if self.last else ""
        return f"{display_partial(self.first)}{last}"


def loaded(rows: ActivityQuerySet) -> ActivityQuerySet:
    """Published ones of `rows` with the columns that are shown, and no others."""
    return rows.public().select_related("kind", "union").only(
        "name", "theme", "partners", "place", "held_on", "ended_on", "state", "kind__name", "union__name"
    )  # fmt: skip


def coming(today: date) -> list[PublicActivity]:
    """What is on or comes next, for the front page; a month counts until it is over."""
    rows = loaded(Activity.objects.filter(held_on__gte=today.isoformat()[:7], state=ActivityState.PLANNED))
    day = today.isoformat()
    on = [
        one for one in rows.order_by("held_on", "pk")[:50] if (one.ended_on or one.held_on) >= day[: len(one.held_on)]
    ]
    listed = cache(listed_phones)
    return [PublicActivity.of(one, listed) for one in on[:_AT_ONCE]]


def _of_year(year: str) -> list[Activity]:
    return list(loaded(Activity.objects.filter(year=year)).order_by("held_on", "pk"))


@never_cache
@require_safe
def calendar(request: HttpRequest) -> HttpResponse:
    """活动日历: the published activities of a year by month."""
    year = year_of(request.GET.get("year", ""))
    listed = cache(listed_phones)
    months = [
        (month, [(day, PublicActivity.of(one, listed)) for day, one in days])
        for month, days in by_month(_of_year(year))
    ]
    context = {
        "section": "activities", "year": year, "before": str(int(year) - 1), "after": str(int(year) + 1),
        "months": months,
    }  # fmt: skip
    return render(request, "campaigns/public_calendar.html", context)


@never_cache
@require_safe
def activity(request: HttpRequest, pk: int) -> HttpResponse:
    """A published activity: what it is, what was written of it, the photos that were passed. 404 for any other."""
    row = get_object_or_404(loaded(Activity.objects.all()), pk=pk)
    listed = cache(listed_phones)
    shown = PublicActivity.of(row, listed)
    context = {
        "section": "activities",
        "activity": shown,
        "news": public_text(Activity.objects.values_list("news", flat=True).get(pk=pk), listed),
        "coverage": [(one.url, public_text(f"{one.title} {one.medium}".strip(), listed)) for one in row.coverage.all()],
        "photos": row.photos.filter(is_public=True),
        "breadcrumbs": crumbs(
            ("活动日历", f"{reverse('campaigns:public_calendar')}?year={shown.first[:4]}"), (shown.name, "")
        ),
    }
    return render(request, "campaigns/public_activity.html", context)


@never_cache
@require_safe
def photo(request: HttpRequest, pk: int) -> HttpResponse:
    """A passed photo of a published activity; 404 for any other."""
    published = Activity.objects.public().order_by().values("pk")
    return attachment_response(get_object_or_404(Photo.objects.filter(is_public=True, activity__in=published), pk=pk))


# --- .ics --------------------------------------------------------------------------------------


@never_cache
@require_safe
def calendar_file(request: HttpRequest) -> HttpResponse:
    """The published activities of a year whose day is known, for calendars (RFC 5545)."""
    listed = cache(listed_phones)
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//pingtang-union//activities//ZH", "CALSCALE:GREGORIAN"]
    for one in _of_year(year_of(request.GET.get("year", ""))):
        if len(one.held_on or "") == 10:
            lines += _event(PublicActivity.of(one, listed), request)
    lines.append("END:VCALENDAR")
    content = "".join(f"{folded}\r\n" for line in lines for folded in _folded(line))
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="activities.ics"'
    return response


def _event(one: PublicActivity, request: HttpRequest) -> list[str]:
    last = date.fromisoformat(one.last if len(one.last) == 10 else one.first) + timedelta(days=1)  # the day after it
    address = request.build_absolute_uri(reverse("campaigns:public_activity", args=[one.pk]))
    return [
        "BEGIN:VEVENT", f"UID:activity-{one.pk}@{request.get_host()}",
        f"DTSTAMP:{timezone.now():%Y%m%dT%H%M%SZ}", f"DTSTART;VALUE=DATE:{one.first.replace('-', '')}",
        f"DTEND;VALUE=DATE:{last:%Y%m%d}", f"SUMMARY:{_escaped(one.name)}",
        *([f"LOCATION:{_escaped(one.place)}"] if one.place else []),
        f"DESCRIPTION:{_escaped(f'{one.kind}，{one.union}主办')}", f"URL:{address}", "END:VEVENT",
    ]  # fmt: skip


def _escaped(text: str) -> str:
    for char in ("\\", ";", ","):
        text = text.replace(char, f"\\{char}")
    return " ".join(text.splitlines())


def _folded(line: str) -> Iterator[Any]:
    """A line in pieces of at most 75 octets, no character torn."""
    piece = ""
    for char in line:
        if len((piece + char).encode()) > _LINE:
            yield piece
            piece = " "
        piece += char
    yield piece
