"""What relief is given under: programmes, groups of people, instalments."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet, Sum
from django.http import HttpRequest
from django.utils import timezone
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import BooleanRadioFilter
from unfold.decorators import display

from members.admin.county import CountyMixin
from pingtang_union.admin import CatalogueAdminMixin, ScopedAdmin, ValuesFilter, catalogue
from pingtang_union.admin.bases import PageMixin
from pingtang_union.core.permissions import may
from pingtang_union.money import MoneyField, yuan
from relief.admin.filters import ProgrammeFilter
from relief.models import COUNTED, Fund, Group, Instalment, Programme


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
    list_display = (
        "title", "programme", "edition", "number", "planned_text", "promised_text", "paid_text", "fund",
        "available_text", "closes_on",
    )  # fmt: skip
    list_filter = (ProgrammeFilter, ("edition", ValuesFilter))
    list_select_related = ("programme", "fund")
    ordering = ("-edition", "programme__order", "number")
    search_help_text = "名称开头几个字，或完整文号"
    prefix_field = "title"
    exact_fields = ("document_number",)
    autocomplete_fields = ("union", "programme", "groups")
    fieldsets = (
        (None, {"fields": ("title", ("union", "programme"), ("edition", "number"), ("fund", "planned"))}),
        ("发放", {"fields": ("groups", ("a_person", "most_a_person"), ("opens_on", "closes_on"))}),
        ("依据", {"fields": ("document_number", "note")}),
    )

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Of who makes it, for this year."""
        initial = {"union": getattr(request.user, "union_id", None), "edition": timezone.localdate().year}
        return initial | super().get_changeform_initial_data(request)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """With what was promised and paid of each."""
        sums = {
            str(state): Sum("grants__amount", filter=Q(grants__state=state), output_field=MoneyField())
            for state in COUNTED
        }
        return super().get_queryset(request).annotate(**sums)

    @display(description="计划金额（元）", ordering="planned")
    def planned_text(self, obj: Instalment) -> str:
        return "—" if obj.planned is None else yuan(obj.planned)

    @display(description="已核定未发（元）")
    def promised_text(self, obj: Any) -> str:
        return yuan(obj.approved or 0)

    @display(description="已发放（元）")
    def paid_text(self, obj: Any) -> str:
        return yuan(obj.paid or 0)

    @display(description="资金可用余额（元）")
    def available_text(self, obj: Any) -> str:
        is_seen = obj.fund is not None and may(obj.reader, "view", Fund)
        return yuan(obj.fund.available) if is_seen else "—"
