"""List filters of county staff: a union with everything below it, terms that end."""

from typing import Any

from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from unfold.contrib.filters.admin import DropdownFilter

from members import figures
from members.models import Union
from pingtang_union.core.admin import ScopedAutocompleteFilter


class UnionFilter(ScopedAutocompleteFilter):
    """A union and everything below it."""

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.title = f"{self.title}（含下级）"

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """Rows of the chosen union's subtree; none for a union that the user may not see."""
        value = self.value()
        if not value:
            return queryset
        if not str(value).isdecimal():
            raise IncorrectLookupParameters
        union = Union.objects.visible_to(request.user).filter(pk=value).first()
        return queryset.filter(**{f"{self.field_path}__path__startswith": union.path}) if union else queryset.none()


class TermDueFilter(DropdownFilter):
    """By the end of the present term, for unions that exist below the county."""

    title = "届期"
    parameter_name = "term"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("overdue", "已到期未换届"),
            ("soon", "六个月内到期"),
            ("unrecorded", "未登记届期或换届时间"),
            ("perhaps", "未登记届期，按最短届期已到期"),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """Months without a day count from their first day; a term of unknown length is overdue once the longest
        lawful one has passed."""
        today = timezone.localdate()
        match self.value():
            case "overdue":
                return queryset & (figures.overdue_stated(queryset, today) | figures.past_longest(queryset, today))
            case "soon":
                return figures.due_stated(queryset, today)
            case "unrecorded":
                unions = figures.existing(queryset, today)
                return unions.filter(Q(term_years__isnull=True) | Q(last_elected_on__isnull=True))
            case "perhaps":
                return figures.past_shortest(queryset, today)
        return queryset


class InPostFilter(DropdownFilter):
    """Cadres in post, or those who have left."""

    title = "在任情况"
    parameter_name = "in_post"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "在任"), ("no", "已离任")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() == "yes":
            return queryset.filter(ended_on__isnull=True)
        if self.value() == "no":
            return queryset.filter(ended_on__isnull=False)
        return queryset


class IsCadreFilter(DropdownFilter):
    """Attendances of cadres, or of others."""

    title = "是否工会干部"
    parameter_name = "is_cadre"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "工会干部"), ("no", "其他人员")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() in ("yes", "no"):
            return queryset.filter(cadre__isnull=self.value() == "no")
        return queryset
