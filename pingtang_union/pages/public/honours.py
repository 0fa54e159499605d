"""The honour roll (光荣榜): standing awards, with search and filters, and a page a holder."""

from typing import Any

import django_filters
from django import forms
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Substr
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from awards.models import Award, Honour, HonourLevel, RecipientKind
from awards.models.honours import place_of_level
from awards.shown import OPEN_NAMES, Honoured, loaded
from members.filters import SearchFilter
from pingtang_union.core.text import fold
from pingtang_union.core.views import PER_PAGE, crumbs
from pingtang_union.lists import ListFilter

ON_A_PAGE = 20  # three screens of a phone
_KINDS = (("collective", "集体（岗位）"), ("person", "个人"))


def _titles(request: Any) -> QuerySet[Honour]:
    standing = Award.objects.standing().order_by().values("honour")
    return Honour.objects.filter(pk__in=standing).in_order()


class HonourRollFilter(ListFilter):
    """Search and conditions of the honour roll."""

    first = ("level", "q", "year", "kind")
    q = SearchFilter(label="称号、工会或集体名称（支持部分名称）", method="search")
    level = django_filters.ChoiceFilter(
        label="级别", field_name="honour__level", choices=HonourLevel.choices, widget=forms.HiddenInput
    )
    year = django_filters.ChoiceFilter(label="授予年份", field_name="awarded_on", lookup_expr="startswith")
    kind = django_filters.ChoiceFilter(label="集体或个人", choices=_KINDS, method="by_kind")
    title = django_filters.ModelChoiceFilter(label="荣誉称号", field_name="honour", queryset=_titles)
    township = django_filters.ChoiceFilter(label="所属乡镇（街道）", field_name="union__township")

    class Meta:
        model = Award
        fields = ("q", "level", "year", "kind", "title", "township")

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        standing = Award.objects.standing().order_by()
        years = standing.annotate(year_given=Substr("awarded_on", 1, 4)).values_list("year_given", flat=True)
        townships = standing.exclude(union__township="").values_list("union__township", flat=True)
        self.filters["year"].extra["choices"] = [(year, f"{year}年") for year in sorted(set(years.distinct()))[::-1]]
        self.filters["township"].extra["choices"] = [(name, name) for name in sorted(set(townships.distinct()))]

    def search(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        """By a part of a title, a union's name, or a recipient's that may be read: whoever searches for a masked
        person's name learns nothing."""
        key = fold(value)
        if not key:
            return queryset.none()
        recipient = OPEN_NAMES & Q(recipient_key__contains=key)
        return queryset.filter(recipient | Q(honour__title_key__contains=key) | Q(union__name_key__contains=key))

    def by_kind(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        """Titles for persons, or those for collectives and posts."""
        person = Q(honour__kind=RecipientKind.PERSON)
        return queryset.filter(person if value == "person" else ~person)

    def by_level(self) -> dict[str, int]:
        """How many rows each level has under the other conditions: {"county": 3}."""
        rows = self.queryset.all()
        for name, value in self.form.cleaned_data.items():
            if name != "level":
                rows = self.filters[name].filter(rows, value)
        return dict(rows.order_by().values_list("honour__level").annotate(Count("pk")))


@never_cache
@require_safe
def honour_roll(request: HttpRequest) -> HttpResponse:
    """光荣榜."""
    filterset = HonourRollFilter(request.GET, queryset=Award.objects.standing(), request=request)
    is_valid = filterset.form.is_valid()
    rows = loaded(filterset.qs).order_by("-awarded_on", place_of_level("honour__level"), "honour__order", "pk")
    page = Paginator(rows, ON_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "section": "honours",
        "filterset": filterset,
        "is_filtered": bool(filterset.conditions()) or not is_valid,
        "page_obj": page,
        "awards": [Honoured.of(award) for award in page],
        "levels": _levels(request, filterset) if is_valid else [],
    }
    return render(request, "public/honour_roll.html", context)


def _levels(request: HttpRequest, filterset: HonourRollFilter) -> list[dict[str, Any]]:
    """Tabs: all, then each level, with the number of rows that its link leads to."""
    numbers = filterset.by_level()
    chosen = filterset.form.cleaned_data["level"]
    tabs = [("", "全部", sum(numbers.values()))]
    tabs += [(level.value, str(level.label), numbers.get(level.value, 0)) for level in HonourLevel]
    links = []
    for level, label, number in tabs:
        query = request.GET.copy()
        query.pop("page", None)
        query.pop("level", None)
        if level:
            query["level"] = level
        address = f"{request.path}?{query.urlencode()}" if query else request.path
        links.append({"label": label, "number": number, "url": address, "is_current": level == chosen})
    return links


def award_of(token: str) -> Award:
    """The award at a public address, standing or revoked; 404 otherwise."""
    award = loaded(Award.objects.all()).filter(token=token).first()
    if award is None:
        raise Http404("no such award")
    return award


def of_same_holder(award: Award) -> QuerySet[Award]:
    """Standing awards of whom holds `award`: the same record, else the same name in the same union.

    Of a person only those that show the name in the same manner: side by side, one that she agreed to publish would
    tell whose the others are.
    """
    if award.recipient_union_id or award.member_id or award.cadre_id:
        same = Q()
        for field in ("recipient_union_id", "member_id", "cadre_id"):
            if value := getattr(award, field):
                same |= Q(**{field: value})
    else:
        same = Q(union_id=award.union_id, recipient_key=award.recipient_key)
        same &= Q(recipient_union__isnull=True, member__isnull=True, cadre__isnull=True)
        person = Q(honour__kind=RecipientKind.PERSON)
        same &= person if award.honour.is_for_person else ~person
    if award.member_id or award.cadre_id or award.honour.is_for_person:
        same &= Q(shows_name=award.shows_name)
    return Award.objects.standing().filter(same)


@never_cache
@require_safe
def holder(request: HttpRequest, token: str) -> HttpResponse:
    """Who holds an award, and all that the same holder has. A revoked one leads to the page that says so."""
    award = award_of(token)
    if not award.is_standing:
        return redirect("verify_award", token=token)
    rows = loaded(of_same_holder(award)).order_by("-awarded_on", place_of_level("honour__level"), "pk")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    shown = Honoured.of(award)
    context = {
        "section": "honours",
        "award": shown,
        "page_obj": page,
        "awards": [Honoured.of(award) for award in page],
        "breadcrumbs": crumbs(("光荣榜", reverse("honour_roll")), (shown.name, "")),
    }
    return render(request, "public/holder.html", context)
