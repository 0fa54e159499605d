"""Search and filters of relief's lists, for pages and exports alike."""

from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet

from members.filters import SearchFilter, UnionScopedFilter
from pingtang_union.core.text import fold_name
from pingtang_union.lists import ListFilter
from pingtang_union.workflow.table import State
from relief.models import (
    CardIssue,
    CardKind,
    Grant,
    GrantState,
    Group,
    Household,
    PlaceKind,
    Programme,
    ServicePoint,
    Support,
    SupportState,
)
from relief.models.codes import FileState, HardshipCategory
from relief.services.masking import works_on_files


class YearFilter(django_filters.CharFilter):
    """Rows whose day, which may be known in part, lies in a year; none for what is no year."""

    def __init__(self, **options: Any):
        box = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"})
        super().__init__(max_length=4, widget=box, **options)

    def filter(self, qs: QuerySet, value: str) -> QuerySet:
        """The rows of the year."""
        if not value:
            return qs
        is_year = len(value) == 4 and value.isascii() and value.isdecimal()
        return qs.filter(**{f"{self.field_name}__startswith": value}) if is_year else qs.none()


def _programmes(request: Any) -> Any:
    return Programme.objects.all()


def _groups(request: Any) -> Any:
    return Group.objects.all()


class GrantFilter(UnionScopedFilter):
    """Grants."""

    first = ("q", "programme", "year")
    q = SearchFilter(label="姓名", method="search", help_text="姓名开头几个字")
    programme = django_filters.ModelChoiceFilter(label="帮扶项目", queryset=_programmes)
    year = YearFilter(label="发放年份", field_name="granted_on")
    group = django_filters.ModelChoiceFilter(label="人员类别", queryset=_groups)
    state = django_filters.ChoiceFilter(label="状态", choices=GrantState.choices)

    class Meta:
        model = Grant
        fields = ("q", "programme", "year", "group", "state", "union")

    def search(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        """By the beginning of the name; children are found by who may read their names."""
        key = fold_name(value)
        rows = queryset.named_for(self.request.user)  # type: ignore[attr-defined]
        return rows.filter(name_key__startswith=key) if key else queryset.none()


class CardFilter(UnionScopedFilter):
    """Service cards."""

    first = ("kind", "year")
    kind = django_filters.ChoiceFilter(label="卡种", choices=CardKind.choices)
    year = YearFilter(label="发放年份", field_name="issued_on")

    class Meta:
        model = CardIssue
        fields = ("kind", "year", "union")


class PointFilter(UnionScopedFilter):
    """Service points."""

    kind = django_filters.ModelChoiceFilter(label="站点类型", queryset=lambda request: PlaceKind.objects.all())

    class Meta:
        model = ServicePoint
        fields = ("kind", "union")


class SupportFilter(UnionScopedFilter):
    """Support that was paid."""

    state = django_filters.ChoiceFilter(label="状态", choices=SupportState.choices[1:], method="in_state")

    class Meta:
        model = Support
        fields = ("state", "union")

    def in_state(self, queryset: QuerySet, name: str, value: str) -> Any:
        """Those that stand there."""
        return queryset.in_state(SupportState(value))  # type: ignore[attr-defined]


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
        """By the beginning of the name, for who works on files: no name is found out by searching for it."""
        if not works_on_files(self.request.user):
            return queryset.none()
        return queryset.filter(name_key__startswith=fold_name(value))


FILTERS: dict[str, type[ListFilter]] = {
    "grants": GrantFilter, "cards": CardFilter, "households": HouseholdFilter,
}  # fmt: skip
