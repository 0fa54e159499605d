"""Grants: what was given to whom. Those that a fund paid change by acts only, those of years past here."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.decorators import display

from members.admin.filters import UnionFilter
from pingtang_union.admin import ChoicesFilter, Inconsistency, LedgerAdminMixin, RevealMixin, ScopedAdmin
from pingtang_union.admin.columns import column
from pingtang_union.money import yuan
from relief import services
from relief.admin.filters import BooksFilter, GroupFilter, ProgrammeFilter, YearFilter
from relief.admin.payment_forms import PastGrantForm
from relief.models import Grant, GrantState


@admin.register(Grant)
class GrantAdmin(LedgerAdminMixin, RevealMixin, ScopedAdmin):
    """帮扶发放。"""

    form = PastGrantForm
    measure = "笔"
    list_display = (
        "recipient", "group", "place", "programme", "edition", "granted_on", "amount_label", "state_label",
    )  # fmt: skip
    list_filter = (
        ("union", UnionFilter), ProgrammeFilter, GroupFilter, YearFilter, ("state", ChoicesFilter), BooksFilter,
    )  # fmt: skip
    list_select_related = ("union", "programme", "group")
    autocomplete_fields = ("union", "plan")
    search_help_text = "姓名开头几个字"
    inconsistencies = (
        Inconsistency(
            "plan",
            "与所属的发放计划不是同一项目、年度或批次",
            lambda rows: rows.against_plan(),
        ),
    )
    actions_detail = ("reveal",)
    readonly_fields = ("state_label", "source_label", "is_outside_books", "reason", "member", "amount_label")
    fieldsets = (
        (None, {"fields": ("name", ("id_type", "id_number"), "group", ("union", "address"), "township")}),
        ("发放", {"fields": (
            ("programme", "edition", "instalment"), "plan", ("cash", "goods"), ("granted_on", "handled_by"),
            "received_by", "note",
        )}),
    )  # fmt: skip
    _origin = ("来源和状态", {"fields": (("state_label", "source_label", "is_outside_books"), "member", "reason")})
    state_label = column("state", "状态", GrantState)
    source_label = column("source", "来源")

    def get_fieldsets(self, request: HttpRequest, obj: Grant | None = None) -> Any:
        """With where it stands."""
        fieldsets = [*super().get_fieldsets(request, obj)]
        return [*fieldsets, self._origin] if obj is not None else fieldsets

    def has_change_permission(self, request: HttpRequest, obj: Grant | None = None) -> bool:
        """What the books hold isn't edited."""
        return super().has_change_permission(request, obj) and (obj is None or obj.is_outside_books)

    def has_delete_permission(self, request: HttpRequest, obj: Grant | None = None) -> bool:
        """A grant that was wrongly recorded by hand goes; what came by a ledger is taken back with its batch."""
        return super().has_delete_permission(request, obj) and (obj is None or services.may_delete(obj))

    def save_model(self, request: HttpRequest, obj: Grant, form: Any, change: bool) -> None:
        """A new one was paid before the portal kept books."""
        services.record(grant=obj, by=request.user)

    @display(description="姓名", ordering="name_key")
    def recipient(self, obj: Grant) -> str:
        return obj.name_for(obj.reader)

    @display(description="所在工会（住址）", ordering="union")
    def place(self, obj: Grant) -> str:
        return obj.address or obj.union.name

    @display(description="金额（元）", ordering="amount")
    def amount_label(self, obj: Grant) -> str:
        return yuan(obj.amount)
