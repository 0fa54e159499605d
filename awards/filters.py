"""Search and filters of the lists of honours, for pages and exports alike."""

from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils import timezone

from awards.models import Award, Honour, HonourLevel, Nomination, SelectionRound
from members.filters import ConditionFilter, SearchFilter, UnionScopedFilter
from pingtang_union.core.text import fold, fold_name
from pingtang_union.lists import ListFilter
from pingtang_union.workflow.table import State

WAITING = "waiting"
STANDING = {"standing": ("有效", Q(revoked_on__isnull=True)), "revoked": ("已撤销", Q(revoked_on__isnull=False))}


def known_rounds(user: Any) -> Any:
    """The rounds that the user may read of: officers those that have been announced."""
    rounds = SelectionRound.objects.visible_to(user)
    return rounds if user is not None and user.is_staff else rounds.announced(timezone.localdate())


def _known_rounds(request: Any) -> Any:
    return known_rounds(request.user if request is not None else None)


def _honours(request: Any) -> Any:
    return Honour.objects.in_order()


class NominationFilter(UnionScopedFilter):
    """Nominations."""

    first = ("q", "round", "state", "show")
    q = SearchFilter(label="姓名或集体名称", method="search", help_text="个人填姓名开头几个字，集体支持部分名称")
    show = django_filters.ChoiceFilter(
        label="待办", choices=((WAITING, "等我推荐"),), method="by_queue", widget=forms.HiddenInput
    )
    round = django_filters.ModelChoiceFilter(label="评选", queryset=_known_rounds)
    state = django_filters.ChoiceFilter(label="状态", choices=State.choices)
    honour = django_filters.ModelChoiceFilter(label="荣誉", queryset=_honours)

    class Meta:
        model = Nomination
        fields = ("q", "round", "state", "show", "honour", "union")

    def search(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        """By the beginning of a name, or a part of a collective's."""
        key = fold(value)
        condition = Q(name_key__startswith=fold_name(value))
        return queryset.filter(condition | Q(name_key__contains=key) if key else condition)

    def by_queue(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        """What waits for the viewer's recommendation; nobody recommends what she submitted herself."""
        return queryset.awaiting_recommendation().exclude(submitted_by=self.request.user)  # type: ignore[attr-defined]


class AwardFilter(UnionScopedFilter):
    """Awards."""

    first = ("q", "level", "year")
    q = SearchFilter(label="获奖集体（个人）", method="search", help_text="支持部分名称")
    level = django_filters.ChoiceFilter(label="级别", field_name="honour__level", choices=HonourLevel.choices)
    year = django_filters.CharFilter(
        label="授予年份",
        method="by_award_year",
        max_length=4,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    honour = django_filters.ModelChoiceFilter(label="荣誉", queryset=_honours)
    standing = ConditionFilter("是否有效", STANDING)

    class Meta:
        model = Award
        fields = ("q", "level", "year", "honour", "union", "standing")

    def search(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        """By a part of the name."""
        key = fold(value)
        return queryset.filter(recipient_key__contains=key) if key else queryset.none()

    def by_award_year(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        """Given in the year; none for what is no year."""
        is_year = len(value) == 4 and value.isascii() and value.isdecimal()
        return queryset.filter(awarded_on__startswith=value) if is_year else queryset.none()


FILTERS: dict[str, type[ListFilter]] = {"awards": AwardFilter}
