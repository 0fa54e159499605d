"""List filters of county staff: a union with everything below it, terms that end."""

from typing import Any

from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.admin import DropdownFilter

from members.filters import TERMS, in_term
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
        return list(TERMS)

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return in_term(queryset, self.value() or "")


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
