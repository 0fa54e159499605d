"""Support to unions: the list of each, its payment by finance, what every union holds."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet, Sum
from django.http import HttpRequest
from django.urls import reverse
from unfold.decorators import display
from unfold.enums import ActionVariant

from members.admin.filters import UnionFilter
from pingtang_union.admin import (
    CatalogueAdminMixin,
    ConditionFilter,
    PlainForm,
    ReadOnlyAdmin,
    ScopedAdmin,
    ScopedAutocompleteFilter,
    ScopedTabularInline,
    ValuesFilter,
    asks,
    catalogue,
    role_may,
)
from pingtang_union.admin.links import links
from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.scope import reaches
from pingtang_union.money import MoneyField, yuan
from relief import services
from relief.models import Fund, Support, SupportLine, SupportState
from relief.models.support import IN_STATE, RELEASED


class StateFilter(ConditionFilter):
    """Where a support stands."""

    title = "状态"
    parameter_name = "state"
    conditions = {state.value: (str(state.label), rows) for state, rows in IN_STATE.items()}


class LineInline(ScopedTabularInline):
    """What is given; only read once it was paid."""

    model = SupportLine
    hide_title = True
    fields = ("item", "quantity", "value")

    def _is_open(self, obj: Support | None) -> bool:
        return obj is None or obj.entry_id is None

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_add_permission(request, obj) and self._is_open(obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and self._is_open(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and self._is_open(obj)


@admin.register(Support)
class SupportAdmin(ScopedAdmin):
    """阵地支持。"""

    measure = "项"
    inlines = (LineInline,)
    list_display = ("title", "union", "fund", "total_text", "state_label", "received_on")
    list_filter = (StateFilter, ("union", UnionFilter), ("fund", ScopedAutocompleteFilter))
    list_select_related = ("union", "fund", "entry__reversed_by")
    ordering = ("-pk",)
    autocomplete_fields = ("union", "fund")
    prefix_field = "title"
    search_help_text = "支持事项的开头几个字"
    actions_detail = ("release",)
    readonly_fields = ("total_text", "state_label", "recorded_by", "released_by", "receipts")
    fieldsets = (
        (None, {"fields": ("title", ("union", "fund"), "document_number", "note")}),
        ("办理", {"fields": (("state_label", "total_text"), ("recorded_by", "released_by"))}),
        ("工会确认", {"fields": (("received_on", "received_by"), "received_note", "receipts")}),
    )
    has_release_permission = role_may("move", Fund)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        total = Sum("lines__value", output_field=MoneyField())
        return super().get_queryset(request).annotate(total=total)

    def get_readonly_fields(self, request: HttpRequest, obj: Support | None = None) -> tuple[str, ...]:
        return (*super().get_readonly_fields(request, obj), "received_on", "received_by", "received_note")

    def get_fieldsets(self, request: HttpRequest, obj: Support | None = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        return fieldsets if obj else fieldsets[:1]

    def has_change_permission(self, request: HttpRequest, obj: Support | None = None) -> bool:
        """Until it was paid."""
        return super().has_change_permission(request, obj) and (obj is None or obj.entry_id is None)

    def save_model(self, request: HttpRequest, obj: Support, form: Any, change: bool) -> None:
        """What was paid meanwhile isn't changed."""
        if not reaches(request.user, obj.union):
            raise DomainError("只能登记自己的工会和下级工会得到的支持。")
        if change and Support.objects.select_for_update().filter(pk=obj.pk, entry__isnull=False).exists():
            raise DomainError(RELEASED)
        if not change:
            obj.recorded_by = request.user  # type: ignore[assignment]  # signed in
        super().save_model(request, obj, form, change)

    def unfit_actions(self, request: HttpRequest, support: Support) -> set[str]:
        """What waits is paid, by another than who recorded it."""
        return {"release"} if support.entry_id or support.recorded_by_id == request.user.pk else set()

    @asks(
        "支付", permission="release", icon="payments", variant=ActionVariant.PRIMARY,
        intro="按清单合计从资金列支，另记一笔其他支出；支付后清单不能再改，有误的冲正后重新登记。",
        facts=lambda support: [
            ("受助工会", support.union), ("资金", f"{support.fund}，可用余额 {yuan(support.fund.available)} 元"),
            *((str(line), f"{yuan(line.value)} 元") for line in support.lines.all()),
            ("合计", f"{yuan(services.total_of(support))} 元"),
        ],
    )  # fmt: skip
    def release(self, request: HttpRequest, support: Support, form: PlainForm) -> str:
        """Pay it."""
        paid = services.release_support(support=support, by=request.user)
        return f"已支付：{paid}，等待工会确认收到。"

    @display(description="合计（元）")
    def total_text(self, obj: Any) -> str:
        return yuan(obj.total or 0)

    @display(description="状态", label={str(state.label): state.tone for state in SupportState})
    def state_label(self, obj: Support) -> str:
        return str(obj.state.label)

    @display(description="签收单")
    def receipts(self, obj: Support) -> str:
        return links([(reverse("relief:receipt", args=[one.pk]), one.name) for one in obj.files.all()], "—")


@admin.register(SupportLine)
class SupportLineAdmin(CatalogueAdminMixin, ReadOnlyAdmin, ScopedAdmin):
    """What unions hold: lines that were paid and not taken back."""

    resource_classes = (catalogue(SupportLine, "support", "item"),)
    list_display = ("item", "quantity", "value_text", "holder", "support", "received")
    list_filter = (("item", ValuesFilter), ("support__union", UnionFilter))
    list_select_related = ("support__union",)
    prefix_field = "item"
    search_help_text = "物品名称的开头几个字"
    fields = ("support", ("item", "quantity", "value"))

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        held = Support.objects.in_state(SupportState.RELEASED) | Support.objects.in_state(SupportState.RECEIVED)
        return super().get_queryset(request).filter(support__in=held.values("pk"))

    @display(description="持有工会", ordering="support__union")
    def holder(self, obj: SupportLine) -> str:
        return obj.support.union.name

    @display(description="金额（元）", ordering="value")
    def value_text(self, obj: SupportLine) -> str:
        return yuan(obj.value)

    @display(description="收到日期", ordering="support__received_on")
    def received(self, obj: SupportLine) -> Any:
        return obj.support.received_on and obj.support.received_on.isoformat()
