"""List filters of relief: programmes and groups by name, the years that there are."""

from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone

from pingtang_union.admin import ConditionFilter, DayYearFilter, OfferedFilter, RecordFilter
from pingtang_union.core.permissions import may
from relief.models import Grant, Group, PlaceKind, Programme
from relief.models.care import EARLY, rules_on
from relief.services.care import many_sided, unhelped_files, unhelped_unions


class ProgrammeFilter(RecordFilter):
    """By programme."""

    title = "帮扶项目"
    parameter_name = "programme"
    model = Programme


class GroupFilter(RecordFilter):
    """By the kind of people."""

    title = "人员类别"
    parameter_name = "group"
    model = Group


class KindFilter(RecordFilter):
    """By the kind of service point."""

    title = "站点类型"
    parameter_name = "kind"
    model = PlaceKind


class YearFilter(DayYearFilter):
    """By the year in which it was given."""

    title = "发放年份"
    column = "granted_on"


class CardYearFilter(DayYearFilter):
    """The same of cards."""

    title = "发放年份"
    column = "issued_on"


class BooksFilter(ConditionFilter):
    """Paid by the portal, or before it kept books."""

    title = "账目"
    parameter_name = "books"
    conditions = {
        "in": ("服务平台发放", Q(is_outside_books=False)),
        "out": ("账外历史记录", Q(is_outside_books=True)),
    }


class HelpedFilter(OfferedFilter):
    """Files whose family was given nothing: this year, or ever."""

    title = "走访帮扶"
    parameter_name = "helped"
    condition = staticmethod(unhelped_files)
    offered = (("year", "本年度未走访帮扶"), ("ever", "从未走访帮扶"))

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(self.offered)

    def narrow(self, queryset: Any, value: str) -> Any:
        year = timezone.localdate().year if value == "year" else None
        return queryset.filter(type(self).condition(year))


class HelpedUnionFilter(HelpedFilter):
    """The same of unions and their people."""

    condition = staticmethod(unhelped_unions)
    offered = (("year", "本年度无人受助"), ("ever", "从未有人受助"))


class SidesFilter(OfferedFilter):
    """Grants of persons whose year comes to what a rule says: for who approves grants."""

    title = "多头帮扶"
    asks_once = True
    parameter_name = "sides"

    def __init__(self, request: HttpRequest, *args: Any):
        self.asked = request
        super().__init__(request, *args)

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        if not may(request.user, "approve", Grant):
            return []
        rules = [one for one in rules_on(timezone.localdate()) if one.check_code not in EARLY]
        request.__dict__["sides"] = {one.check_code: one for one in rules}
        return [(one.check_code, str(one)) for one in rules]

    def narrow(self, queryset: Any, value: str) -> Any:
        rule = self.asked.__dict__["sides"][value]
        found = many_sided(rule, Grant.objects.visible_to(self.asked.user), timezone.localdate())
        return queryset.filter(pk__in=found.values("pk"))
