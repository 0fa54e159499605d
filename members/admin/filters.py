"""List filters of county staff: a union with everything below it, terms that end."""

from typing import Any

from django.contrib.auth.models import Group
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from members.filters import IN_POST, IS_CADRE, NO_ROLE, NO_ROLE_KEY, TERMS, in_term
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


class RoleFilter(OfferedFilter):
    """Accounts with a role, or those that nobody has given one."""

    title = "角色"
    parameter_name = "role"
    asks_once = True

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        known = Group.objects.order_by("pk").values_list("pk", "name")
        return [(NO_ROLE_KEY, "未分配"), *((str(pk), name) for pk, name in known)]

    def narrow(self, queryset: QuerySet, value: str) -> QuerySet:
        return queryset.filter(NO_ROLE) if value == NO_ROLE_KEY else queryset.filter(groups=value)


class InUseFilter(ConditionFilter):
    """Accounts that can sign in, or those put out of use."""

    title = "状态"
    parameter_name = "state"
    conditions = {"on": ("启用", Q(is_active=True)), "off": ("停用", Q(is_active=False))}
