"""Leaders' pages: figures with their charts, and the rows behind each figure. Computes nothing itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.contrib.auth.decorators import login_required, permission_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from members.figures import due_window, term_rule_on
from pingtang_union.core.dates import display_partial
from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.figures import (
    UNRECORDED_LABEL,
    Column,
    Dimension,
    Figure,
    Number,
    Scope,
    Slice,
    mask_name,
    parse_as_of,
    registry,
    rows_of,
    values,
)

PER_PAGE = 50
# Who works with persons' records reads their names; for everybody else the pages mask them.
NAMES_NEED = ("members.view_member", "members.view_cadre")

TILES = (
    "unions.total",
    "unions.organ",
    "unions.enterprise",
    "unions.new_sector",
    "cadres.total",
    "cadres.social_workers",
    "trainings.courses",
    "cadres.training_attendances",
)
TERMS = (
    "unions.term_stated",
    "unions.term_due_stated",
    "unions.term_overdue_stated",
    "unions.term_unstated",
    "unions.term_due_if_shortest",
    "unions.term_due_if_longest",
    "unions.term_past_longest",
    "unions.election_unrecorded",
)
TRAININGS = (
    "cadres.leadership_training",
    "cadres.training_xiamen",
    "cadres.training_guangzhou",
    "cadres.grassroots_trained",
)


HONOURS = "awards.total"


@dataclass(frozen=True)
class Asked:
    """A figure with its answer and the address of the rows behind it."""

    figure: Figure
    number: Number
    url: str


@dataclass(frozen=True)
class Part:
    """One line of a breakdown: its label and number, the rows behind it."""

    token: str
    label: str
    number: Number
    url: str


@dataclass(frozen=True)
class Breakdown:
    """A chart and its table: a figure divided by one dimension."""

    slug: str
    title: str
    chart: str
    figure: Figure
    dimension: Dimension
    parts: Sequence[Part]
    total: Asked

    @property
    def is_tall(self) -> bool:
        return len(self.parts) > 8


@dataclass(frozen=True)
class Year:
    """One line of a trend: a year, its number in each part, and all parts together."""

    total: Part
    parts: Sequence[Part]


@login_required
@permission_required("members.view_dashboard", raise_exception=True)
def dashboard(request: HttpRequest) -> HttpResponse:
    """Everything on one page, on one day (?as_of=2018-03-31, today without it)."""
    user: Any = request.user
    as_of = _as_of(request)
    scope = rows_of(user)
    known = registry()
    titles = _titles_by_level()
    of_titles = [id for ids in titles.values() for id in ids]
    numbers = values([known[id] for id in (*TILES, *TERMS, *TRAININGS, HONOURS, *of_titles)], scope, as_of)
    asked = {id: Asked(known[id], number, rows_url(id, as_of)) for id, number in numbers.items()}

    def divide(slug: str, title: str, chart: str, id: str, key: str) -> Breakdown:
        parts = [_part(part, id, key, as_of) for part in known[id].breakdown(key, scope, as_of)]
        return Breakdown(slug, title, chart, known[id], known[id].dimension(key), parts, asked[id])

    levels = divide("honour-levels", "荣誉按级别", "bar-h", HONOURS, "level")

    first, last = due_window(as_of)
    courses = divide("courses", "培训班按级别", "bar-h", "trainings.courses", "level")
    attendances = divide("attendances", "参加培训按级别", "bar-h", "cadres.training_attendances", "level")
    context = {
        "as_of": as_of,
        "as_of_words": display_partial(as_of.isoformat()),
        "union": user.union,
        "tiles": [asked[id] for id in TILES],
        "unions": [
            divide("category", "基层工会按类别", "bar-h", "unions.total", "category"),
            divide("township", "基层工会按乡镇（街道）", "bar-h", "unions.total", "township"),
            divide("year", "基层工会按建会年份", "bar", "unions.total", "year"),
            divide("new-sector", "两新组织覆盖", "bar-h", "unions.total", "new_sector"),
        ],
        "ranks": divide("rank", "工会干部按行政职级", "bar-h", "cadres.total", "rank"),
        "term_rule": term_rule_on(as_of),
        "due_words": f"{display_partial(first.isoformat())}至{display_partial(last.isoformat())}",
        "terms": {id.removeprefix("unions."): asked[id] for id in TERMS},
        "courses": courses,
        "attendances": attendances,
        "levels": _beside(courses, attendances, as_of),
        "trainings": [asked[id] for id in TRAININGS],
        "honour_levels": levels,
        "honours": [
            (level, [asked[id] for id in titles[level.token]]) for level in levels.parts if titles[level.token]
        ],
        "county_titles": _of_county(levels, scope, as_of),
        "years": _by_year(levels, scope, as_of),
    }
    return render(request, "dashboard/dashboard.html", context)


@login_required
@permission_required("members.view_dashboard", raise_exception=True)
def figure_rows(request: HttpRequest, figure_id: str) -> HttpResponse:
    """The rows behind a figure, or behind one value of one of its dimensions (?township=…)."""
    figure = registry().get(figure_id)
    if figure is None:
        raise Http404("no such figure")
    as_of = _as_of(request)
    rows = figure.rows(rows_of(request.user)(figure.model), as_of)
    chosen = []
    for dimension in figure.dimensions:
        if dimension.key in request.GET:
            try:
                chosen.append((dimension.label, dimension.describe(request.GET[dimension.key])))
                rows = dimension.narrow(rows, request.GET[dimension.key])
            except LookupError as error:
                raise Http404("no such value") from error
    page = Paginator(rows.select_related(*figure.related), PER_PAGE).get_page(request.GET.get("page"))
    clear = request.user.has_perms(NAMES_NEED)
    context = {
        "figure": figure,
        "as_of": as_of,
        "as_of_words": display_partial(as_of.isoformat()),
        "chosen": chosen,
        "number": figure.total(rows) if figure.sum_of else page.paginator.count,
        "page_obj": page,
        "rows": [_cells(row, figure.columns, clear=clear, url=_admin_url(request, row)) for row in page],
        "is_masked": not clear and any(column.kind == "name" for column in figure.columns),
        "breadcrumbs": [
            {"label": "数据看板", "url": f"{reverse('dashboard')}?{urlencode({'as_of': as_of.isoformat()})}"},
            {"label": figure.label, "url": ""},
        ],
    }
    return render(request, "dashboard/figure_rows.html", context)


def rows_url(figure_id: str, as_of: date, **narrowed: str) -> str:
    """Address of the rows behind a figure."""
    return f"{reverse('figure_rows', args=[figure_id])}?{urlencode({'as_of': as_of.isoformat(), **narrowed})}"


def _as_of(request: HttpRequest) -> date:
    """The day that the address asks for; today, with a message, where it asks for none that exists."""
    text = request.GET.get("as_of", "")
    if text:
        try:
            return parse_as_of(text)
        except DomainError as error:
            messages.error(request, f"{error}现在显示的是今天的数据。")
    return timezone.localdate()


def _part(part: Slice, id: str, key: str, as_of: date, **within: str) -> Part:
    return Part(part.token, part.label, part.number, rows_url(id, as_of, **within, **{key: part.token}))


def _titles_by_level() -> dict[str, list[str]]:
    """Ids of the figures on single titles (awards.county.pacesetter), by the token of their level."""
    known = registry()
    tokens = [token for token, _label, _value in known[HONOURS].dimension("level").codes]
    return {token: [id for id in known if id.startswith(f"awards.{token}.")] for token in tokens}


def _of_county(levels: Breakdown, scope: Scope, as_of: date) -> Breakdown:
    """The county's own honours by title."""
    figure, county = levels.figure, levels.parts[-1]
    parts = [
        _part(part, figure.id, "title", as_of, level=county.token)
        for part in figure.breakdown("title", scope, as_of, level=county.token)
    ]
    total = Asked(figure, county.number, county.url)
    return Breakdown("county-titles", "县级荣誉按称号", "bar-h", figure, figure.dimension("title"), parts, total)


def _by_year(levels: Breakdown, scope: Scope, as_of: date) -> list[Year]:
    """The honours of each year by level; a year without any has its line too."""
    figure = levels.figure
    found = {
        level.token: {part.token: part for part in figure.breakdown("year", scope, as_of, level=level.token)}
        for level in levels.parts
    }
    years = [int(year) for of_level in found.values() for year in of_level]
    lines = []
    for year in map(str, range(min(years), max(years) + 1) if years else ()):
        nothing = Slice(year, f"{year}年", 0)
        parts = [
            _part(of_level.get(year, nothing), figure.id, "year", as_of, level=token)
            for token, of_level in found.items()
        ]
        total = Slice(year, nothing.label, sum(part.number for part in parts))
        lines.append(Year(_part(total, figure.id, "year", as_of), parts))
    return lines


def _beside(one: Breakdown, other: Breakdown, as_of: date) -> list[tuple[Part, Part]]:
    """Two breakdowns of the same dimension, line by line; a value that one lacks is 0 there."""
    lines = {part.token: part for part in (*one.parts, *other.parts)}

    def of(breakdown: Breakdown, line: Part) -> Part:
        found = {part.token: part for part in breakdown.parts}.get(line.token)
        nothing = Slice(line.token, line.label, 0)
        return found or _part(nothing, breakdown.figure.id, breakdown.dimension.key, as_of)

    return [(of(one, line), of(other, line)) for line in lines.values()]


def _cells(row: Any, columns: Sequence[Column], *, clear: bool, url: str) -> list[dict[str, Any]]:
    """A row as the page shows it: texts, with the link to its record on the first."""
    cells = []
    for column in columns:
        value = column.value(row)
        if column.kind == "date":
            value = display_partial(value)
        elif column.kind == "name" and not clear and column.is_person(row):
            value = mask_name(value)
        elif value is None:
            value = ""
        cells.append({"text": str(value) or UNRECORDED_LABEL, "kind": column.kind, "is_missing": value == ""})
    cells[0]["url"] = url
    return cells


def _admin_url(request: HttpRequest, row: Any) -> str:
    """The record's page in the admin, for staff who may open it; "" for everybody else."""
    meta = row._meta
    if not request.user.is_staff or not admin.site.is_registered(type(row)):
        return ""
    if not request.user.has_perm(f"{meta.app_label}.view_{meta.model_name}"):
        return ""
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[row.pk])
