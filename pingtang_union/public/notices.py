"""The notice board (公示栏) and the front page: who is in publicity today. Over, taken down or decided, a notice is
gone."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import groupby

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from awards.models import Award, Nomination, SelectionRound
from awards.models.honours import place_of_level
from pingtang_union.core.views import PER_PAGE
from pingtang_union.core.workflow import State
from pingtang_union.public.shown import Honoured, Nominee, in_words, loaded

NOTICES_AHEAD = 5  # on the front page
LATEST = 8


@dataclass(frozen=True)
class Notice:
    """A round with its nominees in publicity, the highest title first."""

    pk: int
    title: str
    document: str
    contact: str
    nominees: list[Nominee]

    @classmethod
    def of(cls, round_: SelectionRound, nominations: list[Nomination]) -> "Notice":
        """Of a round and its nominations in publicity."""
        nominees = [Nominee.of(one) for one in nominations]
        return cls(round_.pk, round_.title, round_.call_document, round_.objection_contact, nominees)

    @cached_property
    def period(self) -> str:
        """From when until when, in words: from the first beginning to the last end."""
        first, last = min(one.first for one in self.nominees), max(one.last for one in self.nominees)
        return f"{in_words(first)}至{in_words(last)}"

    @cached_property
    def is_of_one_period(self) -> bool:
        """Whether all of it begins and ends on the same days."""
        return len({(one.first, one.last) for one in self.nominees}) == 1

    @cached_property
    def titles(self) -> list[str]:
        """Each title with how many are put up for it: 平塘县五一劳动标兵 2 名."""
        numbers = Counter((one.title, "名" if one.is_person else "个") for one in self.nominees)
        return [f"{title} {number} {unit}" for (title, unit), number in numbers.items()]


def running(today: date) -> list[Notice]:
    """Every notice of `today`, the newest round first; one query.

    The deadline is reckoned anew, so that a notice hangs as long as no decision may be made (Application.publicity).
    """
    rows = Nomination.objects.filter(state=State.PUBLICISED, publicised_from__lte=today)
    rows = rows.select_related("round", "honour", "union").only(
        "kind", "name", "summary", "publicised_from", "publicised_until", "publicity_days",
        "round__title", "round__call_document", "round__objection_contact",
        "honour__title", "honour__level", "honour__kind", "union__name",
    )  # fmt: skip
    rows = rows.order_by(
        "-round__opens_on", "-round", place_of_level("honour__level"), "honour__order", "honour", "union__path", "pk"
    )
    hanging = [one for one in rows if (end := one.publicity()) and end.day >= today]
    return [Notice.of(round_, list(ones)) for round_, ones in groupby(hanging, key=lambda one: one.round)]


@never_cache
@require_safe
def front_page(request: HttpRequest) -> HttpResponse:
    """The federation, what is in publicity, the latest honours; for whoever isn't signed in."""
    notices = running(timezone.localdate())
    latest = loaded(Award.objects.standing()).order_by("-awarded_on", place_of_level("honour__level"), "pk")[:LATEST]
    context = {
        "section": "front",
        "notices": notices[:NOTICES_AHEAD],
        "is_more": len(notices) > NOTICES_AHEAD,
        "latest": [Honoured.of(award) for award in latest],
    }
    return render(request, "public/front.html", context)


@never_cache
@require_safe
def notice_board(request: HttpRequest) -> HttpResponse:
    """公示栏: rounds with nominees in publicity."""
    page = Paginator(running(timezone.localdate()), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "public/notice_board.html", {"section": "notices", "page_obj": page})


@never_cache
@require_safe
def notice(request: HttpRequest, pk: int) -> HttpResponse:
    """One notice. When there is none, whatever the reason, the same kind words with status 404: an address tells
    nothing of rounds that aren't in publicity."""
    found = next((one for one in running(timezone.localdate()) if one.pk == pk), None)
    if found is None:
        return render(request, "public/notice_over.html", {"section": "notices"}, status=404)
    page = Paginator(found.nominees, PER_PAGE).get_page(request.GET.get("page"))
    groups = [(title, list(ones)) for title, ones in groupby(page, key=lambda one: one.title)]
    context = {
        "section": "notices",
        "notice": found,
        "page_obj": page,
        "groups": groups,
        "breadcrumbs": [{"label": "公示栏", "url": reverse("notice_board")}, {"label": found.title, "url": ""}],
    }
    return render(request, "public/notice.html", context)
