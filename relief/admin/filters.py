"""List filters of relief: programmes and groups by name, the years that there are."""

from typing import Any

from django.db.models import Q
from django.http import HttpRequest

from pingtang_union.admin import ConditionFilter, OfferedFilter
from relief.models import CardIssue, Grant, Group, Programme


class ProgrammeFilter(OfferedFilter):
    """By programme."""

    title = "帮扶项目"
    asks_once = True
    parameter_name = "programme"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(pk), name) for pk, name in Programme.objects.values_list("pk", "name")]


class GroupFilter(OfferedFilter):
    """By the kind of people."""

    title = "人员类别"
    asks_once = True
    parameter_name = "group"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(pk), name) for pk, name in Group.objects.values_list("pk", "name")]


class YearFilter(OfferedFilter):
    """By the year of a day, among the years that the viewer's rows have."""

    title = "发放年份"
    asks_once = True
    parameter_name = "year"
    column = "granted_on__startswith"
    model: Any = Grant

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        day = self.column.removesuffix("__startswith")
        days = self.model.objects.visible_to(request.user).order_by().values_list(day, flat=True).distinct()
        return [(year, f"{year} 年") for year in sorted({day[:4] for day in days if day}, reverse=True)]


class CardYearFilter(YearFilter):
    """The same of cards."""

    model = CardIssue
    column = "issued_on__startswith"


class BooksFilter(ConditionFilter):
    """Paid by the portal, or before it kept books."""

    title = "账目"
    parameter_name = "books"
    conditions = {
        "in": ("服务平台发放", Q(is_outside_books=False)),
        "out": ("账外历史记录", Q(is_outside_books=True)),
    }
