"""The catalogue of titles with its ladder."""

from typing import Any

from django.contrib import admin
from django.db.models import Prefetch, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import BooleanRadioFilter
from unfold.decorators import display

from awards.models import Honour
from awards.models.honours import place_of_level
from members.admin.county import CountyMixin
from pingtang_union.admin import CatalogueAdminMixin, ChoicesFilter, catalogue
from pingtang_union.admin.bases import PageMixin
from pingtang_union.admin.columns import column
from pingtang_union.admin.links import link
from pingtang_union.core.text import fold, narrow


@admin.register(Honour)
class HonourAdmin(CatalogueAdminMixin, CountyMixin, PageMixin, ModelAdmin):
    """荣誉称号: one catalogue for all; a title that isn't awarded any more stays, for old awards."""

    resource_classes = (catalogue(Honour, "title"),)
    measure = "项"
    list_display = (
        "title", "level", "kind", "granted_by", "below_label", "above_titles", "years_label", "basis_label",
        "is_in_use",
    )  # fmt: skip
    list_filter = (("level", ChoicesFilter), ("kind", ChoicesFilter), ("is_in_use", BooleanRadioFilter))
    list_select_related = ("below",)
    search_fields = ("title_key",)
    search_help_text = "称号或别称的部分文字"
    readonly_fields = ("above_titles", "awards_link")
    fieldsets = (
        (None, {"fields": ("title", "other_titles", ("level", "kind"), ("granted_by", "order"), "is_in_use")}),
        ("荣誉阶梯", {"fields": (("below", "above_titles"), "wait_years")}),
        ("依据", {"fields": (("basis", "basis_document"), "note")}),
        ("获奖记录", {"fields": ("awards_link",)}),
    )

    def get_ordering(self, request: HttpRequest) -> tuple[Any, ...]:
        """From the highest level down, in lists and dropdowns."""
        return (place_of_level("level"), "order", "pk")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """With what stands directly above each."""
        return super().get_queryset(request).prefetch_related(Prefetch("above", Honour.objects.in_order()))

    def get_fieldsets(self, request: HttpRequest, obj: Honour | None = None) -> Any:
        """A new title has no awards, and nothing stands above it."""
        if obj is not None:
            return self.fieldsets
        ladder = ("荣誉阶梯", {"fields": ("below", "wait_years")})
        return (self.fieldsets[0], ladder, self.fieldsets[2])

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        """By part of any name; some dozens of rows bear the scan."""
        term = narrow(search_term)
        key = fold(term)
        if not term:
            return queryset, False
        condition = Q(other_titles__contains=term) | (Q(title_key__contains=key) if key else Q(pk__in=[]))
        return queryset.filter(condition), False

    below_label = column("below", "下一级荣誉")
    years_label = column("wait_years", "间隔年限")
    basis_label = column("basis", "评比表彰项目")

    @display(description="上一级荣誉")
    def above_titles(self, obj: Honour) -> str:
        return "、".join(title.title for title in obj.above.all()) or "—"

    @display(description="获奖记录")
    def awards_link(self, obj: Honour) -> str:
        url = reverse("admin:awards_award_changelist")
        return link(f"{url}?honour={obj.pk}", "查看该荣誉的获奖记录")
