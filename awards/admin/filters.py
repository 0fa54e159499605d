"""List filters of honours: rounds and titles by name, levels, years, what was named or revoked."""

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest

from awards.models import Honour, HonourLevel, Naming, SelectionRound
from pingtang_union.admin import ConditionFilter, DayYearFilter, OfferedFilter, RecordFilter


class RoundFilter(RecordFilter):
    """By the round, among those that the viewer sees."""

    title = "评选推荐"
    parameter_name = "round"
    model = SelectionRound


class HonourFilter(OfferedFilter):
    """By the title."""

    title = "荣誉称号"
    asks_once = True
    parameter_name = "honour"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(honour.pk), honour.title) for honour in Honour.objects.in_order()]


class LevelFilter(OfferedFilter):
    """By the level of the title."""

    title = "级别"
    parameter_name = "level"
    column = "honour__level"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(level.value, str(level.label)) for level in HonourLevel]


class YearFilter(DayYearFilter):
    """By the year in which it was given."""

    title = "授予年份"
    column = "awarded_on"


class RevokedFilter(ConditionFilter):
    """Awards that stand, or revoked ones."""

    title = "是否有效"
    parameter_name = "revoked"
    conditions = {"no": ("有效", Q(revoked_on__isnull=True)), "yes": ("已撤销", Q(revoked_on__isnull=False))}


class NamingFilter(OfferedFilter):
    """By what a superior made of what was sent up; first what isn't answered yet."""

    title = "上级命名"
    parameter_name = "naming"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("awaited", "等待上级命名"), *((naming.value, str(naming.label)) for naming in Naming)]

    def narrow(self, queryset: QuerySet, value: str) -> QuerySet:
        return queryset.awaiting_naming() if value == "awaited" else super().narrow(queryset, value)
