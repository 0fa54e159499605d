"""Service cards given to unions."""

from django.contrib import admin

from members.admin.filters import UnionFilter
from pingtang_union.admin import ChoicesFilter, LedgerAdminMixin, ScopedAdmin
from pingtang_union.admin.columns import column
from relief.admin.filters import CardYearFilter
from relief.models import CardIssue


@admin.register(CardIssue)
class CardIssueAdmin(LedgerAdminMixin, ScopedAdmin):
    """发卡记录。"""

    list_display = ("union", "kind_label", "count", "issued_on", "partner", "received_by")
    list_filter = (("union", UnionFilter), ("kind", ChoicesFilter), CardYearFilter)
    list_select_related = ("union",)
    autocomplete_fields = ("union",)
    search_help_text = "工会名称开头几个字"
    prefix_field = "union__name"
    fieldsets = ((None, {"fields": ("union", ("kind", "count"), ("issued_on", "partner"), "received_by", "note")}),)
    kind_label = column("kind", "卡种")
