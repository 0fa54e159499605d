"""Union cadres and social workers."""

from django.contrib import admin

from members.admin.asked import AskedNumberAdmin
from members.admin.filters import InPostFilter, UnionFilter
from members.models import Cadre
from members.models.codes import UnionStatus
from pingtang_union.admin import ChoicesFilter, Inconsistency, LedgerAdminMixin, RevealMixin, ScopedAdmin
from pingtang_union.admin.columns import column


@admin.register(Cadre)
class CadreAdmin(AskedNumberAdmin, LedgerAdminMixin, RevealMixin, ScopedAdmin):
    """工会干部。"""

    measure = "名"
    list_display = ("name", "union", "kind_label", "post", "duty", "rank", "masked_number", "began", "ended")
    list_filter = (
        ("union", UnionFilter),
        InPostFilter,
        ("kind", ChoicesFilter),
        ("duty", ChoicesFilter),
        ("rank", ChoicesFilter),
        ("grade", ChoicesFilter),
        ("gender", ChoicesFilter),
    )
    inconsistencies = (
        Inconsistency(
            "dissolved",
            "在任，但所在工会已撤销",
            lambda rows: rows.filter(ended_on__isnull=True, union__status=UnionStatus.DISSOLVED),
        ),
    )
    list_select_related = ("union",)
    autocomplete_fields = ("union",)
    search_help_text = "姓名开头几个字，或完整电话"
    exact_fields = ("phone",)
    actions_detail = ("reveal",)
    fieldsets = (
        (None, {"fields": ("name", ("gender", "ethnicity", "born_on"), ("id_type", "id_number", "phone"))}),
        ("任职", {"fields": ("union", ("kind", "post", "duty"), ("rank", "grade"), ("started_on", "ended_on"))}),
        ("备注", {"fields": ("note",)}),
    )

    kind_label = column("kind", "人员类别")
    began = column("started_on", "任职")
    ended = column("ended_on", "离任")
