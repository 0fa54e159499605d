"""What a database can't hold, as each admin declares it: records that contradict others.

`manage.py check_records` counts them over all rows; the page 核对记录 counts those that the viewer may see, each number
one click from exactly those rows.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib.admin import ModelAdmin, site
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from pingtang_union.admin.filters import OfferedFilter

PARAMETER = "check"


@dataclass(frozen=True)
class Inconsistency:
    """A contradiction: the value in the address, what is wrong in words, and which of the rows given have it."""

    slug: str
    label: str
    narrow: Callable[[QuerySet], QuerySet]
    needs: str = ""  # a permission on what it is compared with

    def is_told(self, user: Any) -> bool:
        return not self.needs or user.has_perm(self.needs)


@dataclass(frozen=True)
class Count:
    """How many rows have it, and where they are listed."""

    model: str
    label: str
    number: int
    url: str


class InconsistencyFilter(OfferedFilter):
    """Rows with one of the contradictions that the admin declares."""

    title = "核对"
    parameter_name = PARAMETER

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        self.known = {check.slug: check for check in model_admin.inconsistencies if check.is_told(request.user)}
        return [(slug, check.label) for slug, check in self.known.items()]

    def narrow(self, queryset: QuerySet, value: str) -> QuerySet:
        return self.known[value].narrow(queryset)


def counts(rows_of: Callable[[ModelAdmin, Inconsistency], QuerySet | None]) -> Iterator[Count]:
    """Every contradiction declared, counted among `rows_of` each; None leaves it out."""
    for model_admin in site._registry.values():
        meta = model_admin.opts
        for check in getattr(model_admin, "inconsistencies", ()):
            rows = rows_of(model_admin, check)
            if rows is None:
                continue
            address = reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")
            number = check.narrow(rows).order_by().distinct().count()
            yield Count(str(meta.verbose_name), check.label, number, f"{address}?{PARAMETER}={check.slug}")


def counts_for(request: HttpRequest) -> list[Count]:
    """What the viewer's roles may see, counted among the viewer's rows."""

    def rows_of(model_admin: Any, check: Inconsistency) -> QuerySet | None:
        may_see = model_admin.has_view_permission(request) and check.is_told(request.user)
        return model_admin.model._default_manager.visible_to(request.user) if may_see else None

    return list(counts(rows_of))


def checks_page(request: HttpRequest) -> HttpResponse:
    """核对记录."""
    counted = counts_for(request)
    if not counted:
        raise PermissionDenied
    return render(request, "admin/checks.html", {**site.each_context(request), "title": "核对记录", "counts": counted})
