"""List filters of honours: rounds and titles by name, levels, years, what was named or revoked."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.admin import DropdownFilter

from awards.models import Award, Honour, HonourLevel, Naming, SelectionRound


class RoundFilter(DropdownFilter):
    """By the round, among those that the viewer sees."""

    title = "评选推荐"
    parameter_name = "round"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(one.pk), one.title) for one in SelectionRound.objects.visible_to(request.user)]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        offered = {key for key, _ in self.lookup_choices}
        return queryset.filter(round=self.value()) if self.value() in offered else queryset


class HonourFilter(DropdownFilter):
    """By the title."""

    title = "荣誉称号"
    parameter_name = "honour"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(one.pk), one.title) for one in Honour.objects.in_order()]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        offered = {key for key, _ in self.lookup_choices}
        return queryset.filter(honour=self.value()) if self.value() in offered else queryset


class LevelFilter(DropdownFilter):
    """By the level of the title."""

    title = "级别"
    parameter_name = "level"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(level.value, str(level.label)) for level in HonourLevel]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(honour__level=self.value()) if self.value() in HonourLevel.values else queryset


class YearFilter(DropdownFilter):
    """By the year in which it was given, among the years that the viewer's awards have."""

    title = "授予年份"
    parameter_name = "year"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        dates = Award.objects.visible_to(request.user).order_by().values_list("awarded_on", flat=True).distinct()
        return [(year, f"{year} 年") for year in sorted({day[:4] for day in dates if day}, reverse=True)]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        offered = {key for key, _ in self.lookup_choices}
        return queryset.filter(awarded_on__startswith=self.value()) if self.value() in offered else queryset


class RevokedFilter(DropdownFilter):
    """Awards that stand, or revoked ones."""

    title = "是否有效"
    parameter_name = "revoked"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("no", "有效"), ("yes", "已撤销")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() in ("yes", "no"):
            return queryset.filter(revoked_on__isnull=self.value() == "no")
        return queryset


class NamingFilter(DropdownFilter):
    """By what a superior made of what was sent up; first what isn't answered yet."""

    title = "上级命名"
    parameter_name = "naming"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("awaited", "等待上级命名"), *((one.value, str(one.label)) for one in Naming)]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() == "awaited":
            return queryset.awaiting_naming()  # type: ignore[attr-defined]  # of nominations
        return queryset.filter(naming=self.value()) if self.value() in Naming.values else queryset
