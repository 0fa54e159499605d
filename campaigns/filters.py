"""Search and filters of lists of activities, for pages and exports alike."""

from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils import timezone

from campaigns.models import LACKS, Activity, ActivityKind, ActivityState, Series
from members.filters import SearchFilter, UnionScopedFilter
from pingtang_union.lists import ListFilter


def _kinds(request: Any) -> Any:
    return ActivityKind.objects.all()


def _series(request: Any) -> Any:
    return Series.objects.all()


class ActivityFilter(UnionScopedFilter):
    """Activities."""

    first = ("q", "kind", "year", "lacks")
    q = SearchFilter(label="活动名称", method="search", help_text="支持部分名称")
    kind = django_filters.ModelChoiceFilter(label="活动类别", queryset=_kinds)
    year = django_filters.CharFilter(
        label="年份", max_length=4, widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"})
    )
    lacks = django_filters.ChoiceFilter(label="待补充", choices=[*LACKS.items()], method="by_lack")
    series = django_filters.ModelChoiceFilter(label="活动系列", queryset=_series)
    state = django_filters.ChoiceFilter(label="状态", choices=ActivityState.choices)

    class Meta:
        model = Activity
        fields = ("q", "kind", "year", "lacks", "series", "state", "union")

    def search(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        """By a part of the name."""
        return queryset.searched(value)  # type: ignore[attr-defined]

    def by_lack(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        """Those that lack it today."""
        return queryset.lacking(value, timezone.localdate())  # type: ignore[attr-defined]


class OutcomeFilter(ActivityFilter):
    """Outcomes of the activities that the same conditions let through."""

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        activities = super().filter_queryset(Activity.objects.visible_to(self.request.user))
        return queryset.filter(activity__in=activities.order_by().values("pk"))


FILTERS: dict[str, type[ListFilter]] = {"activities": ActivityFilter, "outcomes": OutcomeFilter}
