"""List filters of county staff: a union with everything below it, terms that end."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from members.filters import IN_POST, IS_CADRE, TERMS, in_term
from members.models import Union
from pingtang_union.admin import ConditionFilter, OfferedFilter, ScopedAutocompleteFilter


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
        union = Union.objects.visible_to(request.user).filter(pk=value).first()
        return queryset.filter(**{f"{self.field_path}__path__startswith": union.path}) if union else queryset.none()


class TermDueFilter(OfferedFilter):
    """By the end of the present term, for unions that exist below the county."""

    title = "届期"
    parameter_name = "term"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(TERMS)

    def narrow(self, queryset: QuerySet, value: str) -> QuerySet:
        return in_term(queryset, value)


class InPostFilter(ConditionFilter):
    """Cadres in post, or those who have left."""

    title = "在任情况"
    parameter_name = "in_post"
    conditions = IN_POST


class IsCadreFilter(ConditionFilter):
    """Attendances of cadres, or of others."""

    title = "是否工会干部"
    parameter_name = "is_cadre"
    conditions = IS_CADRE
