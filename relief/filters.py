"""Search and filters of the lists of relief."""

from typing import Any

import django_filters
from django.db.models import QuerySet

from members.filters import SearchFilter, UnionScopedFilter
from pingtang_union.core.text import fold_name
from pingtang_union.workflow.table import State
from relief.models import Household
from relief.models.codes import FileState, HardshipCategory


class HouseholdFilter(UnionScopedFilter):
    """Hardship files."""

    first = ("q", "state", "file_state")
    q = SearchFilter(label="申请人", method="search", help_text="姓名开头几个字")
    state = django_filters.ChoiceFilter(label="办理状态", choices=State.choices)
    file_state = django_filters.ChoiceFilter(label="档案状态", choices=FileState.choices)
    category = django_filters.ChoiceFilter(label="困难类别", choices=HardshipCategory.choices[:-1])

    class Meta:
        model = Household
        fields = ("q", "state", "file_state", "category", "union")

    def search(self, queryset: QuerySet, name: str, value: str) -> Any:
        """By the beginning of the name."""
        return queryset.filter(name_key__startswith=fold_name(value))
