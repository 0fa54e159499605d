"""Union cadres and social workers."""

from django.contrib import admin
from unfold.decorators import display

from members.admin.filters import InPostFilter, UnionFilter
from members.models import Cadre
from members.models.codes import CadreKind
from pingtang_union.core.admin import ChoicesFilter, LedgerListMixin, RevealMixin, ScopedAdmin
from pingtang_union.core.admin.audit import ImportHistoryMixin, NoDeadLinksMixin


@admin.register(Cadre)
class CadreAdmin(LedgerListMixin, ImportHistoryMixin, NoDeadLinksMixin, RevealMixin, ScopedAdmin):
    """工会干部。"""

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
    list_select_related = ("union",)
    autocomplete_fields = ("union",)
    search_help_text = "姓名开头几个字，或完整证件号、电话"
    exact_fields = ("phone",)
    actions_detail = ("reveal",)
    fieldsets = (
        (None, {"fields": ("name", ("gender", "ethnicity", "born_on"), ("id_type", "id_number", "phone"))}),
        ("任职", {"fields": ("union", ("kind", "post", "duty"), ("rank", "grade"), ("started_on", "ended_on"))}),
        ("备注", {"fields": ("note",)}),
    )

    @display(
        description="人员类别",
        ordering="kind",
        label={
            CadreKind.CADRE.label: "info",
            CadreKind.SOCIAL_WORKER.label: "success",
        },
    )
    def kind_label(self, obj: Cadre) -> str:
        return obj.get_kind_display()

    @display(description="证件号码")
    def masked_number(self, obj: Cadre) -> str:
        return str(obj.id_number or "—")

    @display(description="任职", ordering="started_on")
    def began(self, obj: Cadre) -> str | None:
        return obj.started_on

    @display(description="离任", ordering="ended_on")
    def ended(self, obj: Cadre) -> str | None:
        return obj.ended_on
