"""Leaders' pages: the sections that apps declare, and the rows behind each figure. Computes nothing itself."""

from collections.abc import Sequence
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

from pingtang_union.core.database import only_reads
from pingtang_union.core.dates import display_partial
from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.figures import UNRECORDED_LABEL, Column, mask_name, parse_as_of, registry, rows_of
from pingtang_union.core.views import PER_PAGE, crumbs
from pingtang_union.sections import Board, sections


@login_required
@permission_required("members.view_dashboard", raise_exception=True)
@only_reads
def dashboard(request: HttpRequest) -> HttpResponse:
    """Everything on one page, on one day (?as_of=2018-03-31, today without it)."""
    user: Any = request.user
    as_of = _as_of(request)
    board = Board(rows_of(user), as_of, rows_url)
    context = {
        "as_of": as_of,
        "as_of_words": display_partial(as_of.isoformat()),
        "is_today": as_of == timezone.localdate(),
        "union": user.union,
        "top": {"tiles": board.top()},
        "sections": [section.show(board) for section in sections()],
        "dates": "、".join(name for section in sections() for name in section.dates),
    }
    return render(request, "dashboard/dashboard.html", context)


@login_required
@permission_required("members.view_dashboard", raise_exception=True)
@only_reads
def figure_rows(request: HttpRequest, figure_id: str) -> HttpResponse:
    """The rows behind a figure, or behind one value of one of its dimensions (?township=…), or
    the doubtful ones among them (?doubtful=1)."""
    figure = registry().get(figure_id)
    if figure is None:
        raise Http404("no such figure")
    if "doubtful" in request.GET and figure.doubt:
        figure = figure.doubts()
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
    counts = figure.counts(rows)
    paginator = Paginator(rows.select_related(*figure.related), PER_PAGE)
    paginator.count = counts["records"]
    page = paginator.get_page(request.GET.get("page"))
    masked = [column.label for column in figure.columns if column.is_masked_for(request.user)]
    context = {
        "figure": figure,
        "as_of": as_of,
        "as_of_words": display_partial(as_of.isoformat()),
        "chosen": chosen,
        "is_before_records": figure.since and as_of < figure.since,
        **counts,
        "page_obj": page,
        "rows": [_cells(row, figure.columns, masked, url=_admin_url(request, row)) for row in page],
        "is_masked": masked,
        "breadcrumbs": crumbs(("数据看板", f"{reverse('dashboard')}?as_of={as_of.isoformat()}"), (figure.label, "")),
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
            messages.error(request, f"{error}当前显示今天的数据。")
    return timezone.localdate()


def _cells(row: Any, columns: Sequence[Column], masked: Sequence[str], *, url: str) -> list[dict[str, Any]]:
    """A row as the page shows it: texts, with the link to its record on the first."""
    cells = []
    for column in columns:
        value = column.value(row)
        if column.label in masked and column.is_person(row):
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
