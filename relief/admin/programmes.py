"""What relief is given under: programmes, groups of people, instalments."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import BooleanRadioFilter

from members.admin.county import CountyMixin
from pingtang_union.admin import CatalogueAdminMixin, ScopedAdmin, ValuesFilter, catalogue
from pingtang_union.admin.bases import PageMixin
from relief.admin.filters import ProgrammeFilter
from relief.models import Group, Instalment, Programme


@admin.register(Programme)
class ProgrammeAdmin(CatalogueAdminMixin, CountyMixin, PageMixin, ModelAdmin):
    """帮扶项目。"""

    resource_classes = (catalogue(Programme, "name"),)
    measure = "项"
    list_display = ("name", "other_names", "begins_in", "is_festive", "is_once_a_household", "is_in_use", "order")
    list_filter = (("is_festive", BooleanRadioFilter), ("is_in_use", BooleanRadioFilter))
    search_fields = ("name", "other_names")
    search_help_text = "支持部分名称"
    fieldsets = (
        (None, {"fields": ("name", "other_names", ("begins_in", "order"), ("is_festive", "is_once_a_household"),
                           "is_in_use", "note")}),
    )  # fmt: skip


@admin.register(Group)
class GroupAdmin(CatalogueAdminMixin, CountyMixin, PageMixin, ModelAdmin):
    """人员类别。"""

    resource_classes = (catalogue(Group, "name"),)
    measure = "类"
    list_display = ("name", "other_names", "is_for_children", "is_in_use", "order")
    list_filter = (("is_in_use", BooleanRadioFilter),)
    search_fields = ("name", "other_names")
    search_help_text = "支持部分名称"
    fieldsets = ((None, {"fields": ("name", "other_names", "order", ("is_for_children", "is_in_use"))}),)


@admin.register(Instalment)
class InstalmentAdmin(CatalogueAdminMixin, ScopedAdmin):
    """发放计划。"""

    resource_classes = (catalogue(Instalment, "union", "programme", "edition", "number"),)
    measure = "批"
    list_display = ("title", "programme", "edition", "number", "fund", "a_person", "opens_on", "closes_on")
    list_filter = (ProgrammeFilter, ("edition", ValuesFilter))
    list_select_related = ("programme", "fund")
    search_help_text = "名称开头几个字，或完整文号"
    prefix_field = "title"
    exact_fields = ("document_number",)
    autocomplete_fields = ("union", "programme", "groups")
    fieldsets = (
        (None, {"fields": ("title", ("union", "programme"), ("edition", "number"), "fund")}),
        ("发放", {"fields": ("groups", ("a_person", "most_a_person"), ("opens_on", "closes_on"))}),
        ("依据", {"fields": ("document_number", "note")}),
    )

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Of who makes it, for this year."""
        initial = {"union": getattr(request.user, "union_id", None), "edition": timezone.localdate().year}
        return initial | super().get_changeform_initial_data(request)
