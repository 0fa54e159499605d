"""Kinds, indicators, series with their editions, and the rules by which a ledger is read."""

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import BooleanRadioFilter

from campaigns.models import ActivityKind, Edition, ImportRule, Indicator, Series
from members.admin.county import CountyMixin, serves_county
from pingtang_union.admin import CatalogueAdminMixin, ChoicesFilter, ValuesFilter, catalogue
from pingtang_union.admin.bases import PageMixin


class _ListAdmin(CatalogueAdminMixin, CountyMixin, PageMixin, ModelAdmin):
    search_fields = ("name", "other_names")
    search_help_text = "支持部分名称"


@admin.register(ActivityKind)
class ActivityKindAdmin(_ListAdmin):
    """活动类别。"""

    resource_classes = (catalogue(ActivityKind, "name"),)
    measure = "类"
    list_display = ("name", "other_names", "group", "is_in_use", "order")
    list_filter = (("group", ChoicesFilter), ("is_in_use", BooleanRadioFilter))
    fieldsets = ((None, {"fields": ("name", "other_names", "group", ("order", "is_in_use"))}),)


@admin.register(Indicator)
class IndicatorAdmin(_ListAdmin):
    """成果项目。"""

    resource_classes = (catalogue(Indicator, "name"),)
    measure = "项"
    list_display = ("name", "other_names", "unit", "group", "is_in_use", "order")
    list_filter = (("group", ChoicesFilter), ("is_in_use", BooleanRadioFilter))
    fieldsets = ((None, {"fields": ("name", "other_names", ("unit", "group"), ("order", "is_in_use"))}),)


@admin.register(Series)
class SeriesAdmin(_ListAdmin):
    """活动系列。"""

    resource_classes = (catalogue(Series, "name"),)
    measure = "个"
    list_display = ("name", "other_names", "is_in_use", "order", "note")
    list_filter = (("is_in_use", BooleanRadioFilter),)
    fieldsets = ((None, {"fields": ("name", "other_names", ("order", "is_in_use"), "note")}),)


@admin.register(Edition)
class EditionAdmin(_ListAdmin):
    """年度活动方案。"""

    resource_classes = (catalogue(Edition, "series", "year"),)
    measure = "份"
    list_display = ("series", "year", "theme")
    list_display_links = ("series", "year")
    list_filter = (("year", ValuesFilter),)
    list_select_related = ("series",)
    search_fields = ("theme",)
    fieldsets = ((None, {"fields": (("series", "year"), "theme", "programme")}),)


@admin.register(ImportRule)
class ImportRuleAdmin(_ListAdmin):
    """台账归类规则。A rule only reads ledgers to come, so that a wrong one may go."""

    resource_classes = (catalogue(ImportRule, "words"),)
    list_display = ("words", "kind", "series", "is_in_use", "order")
    list_filter = (("is_in_use", BooleanRadioFilter),)
    list_select_related = ("kind", "series")
    search_fields = ("words",)
    fieldsets = ((None, {"fields": ("words", ("kind", "series"), ("order", "is_in_use"))}),)

    def has_delete_permission(self, request: HttpRequest, obj: ImportRule | None = None) -> bool:
        return ModelAdmin.has_delete_permission(self, request, obj) and serves_county(request.user)
