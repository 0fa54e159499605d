"""Calls for ledgers, what came of them, and what offices have said of their headers."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.db import models
from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget

from pingtang_union.admin.bases import ReadOnlyAdmin, ScopedAdmin
from pingtang_union.admin.filters import ConditionFilter, OfferedFilter, ScopedAutocompleteFilter
from pingtang_union.admin.links import link
from pingtang_union.core.scope import reaches
from pingtang_union.ledger import calls
from pingtang_union.ledger.declaration import ledgers
from pingtang_union.ledger.models import HeaderChoice, LedgerCall, LedgerReturn
from pingtang_union.ledger.rights import Rights

LEFT_OUT = "不导入这一列"


class LedgerFilter(OfferedFilter):
    """By the ledger."""

    title = "台账"
    parameter_name = "ledger"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(ledger.title, ledger.title) for ledger in ledgers()]


class OpenFilter(ConditionFilter):
    """Calls that are open, or closed."""

    title = "状态"
    parameter_name = "open"
    conditions = {"yes": ("正在收报", Q(closed_on__isnull=True)), "no": ("已结束", Q(closed_on__isnull=False))}


@admin.register(LedgerCall)
class LedgerCallAdmin(ScopedAdmin):
    """台账收报通知。"""

    measure = "份"
    list_display = ("title", "union", "ledger", "opened_on", "due_on", "state_label", "asked", "returned", "missing")
    list_filter = (OpenFilter, LedgerFilter)
    list_select_related = ("union",)
    autocomplete_fields = ("union",)
    prefix_field = "title"
    search_help_text = "标题的开头几个字"
    later, begins_with = ("收报情况",), ("union", "opened_on")
    readonly_fields = ("answers",)
    fieldsets = (
        (None, {"fields": ("title", ("ledger", "union"), ("opened_on", "due_on", "closed_on"))}),
        ("文件", {"fields": ("document_number", "note")}),
        ("收报情况", {"fields": ("answers",)}),
    )

    def formfield_for_dbfield(self, db_field: models.Field, request: HttpRequest, **kwargs: Any) -> Any:
        """The ledger is one of those that the portal takes."""
        if db_field.name == "ledger":
            titles = [(ledger.title, ledger.title) for ledger in ledgers()]
            return forms.ChoiceField(label="台账", choices=[("", "请选择"), *titles], widget=UnfoldAdminSelectWidget)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def has_change_permission(self, request: HttpRequest, obj: LedgerCall | None = None) -> bool:
        """One's own calls and those of unions below; those from above are to read."""
        return super().has_change_permission(request, obj) and (obj is None or reaches(request.user, obj.union))

    def prepare(self, request: HttpRequest, records: Iterable[LedgerCall]) -> None:
        """With its tally."""
        unions = LedgerCall._meta.get_field("union").related_model._default_manager.visible_to(request.user)
        tallies = calls.tallies(list(records), unions, timezone.localdate())
        for call in records:
            call.tally = tallies[call.pk]

    @display(description="状态", label={"正在收报": "success", "已过期": "danger", "已结束": "info"})
    def state_label(self, obj: LedgerCall) -> str:
        if obj.closed_on:
            return "已结束"
        return "已过期" if obj.due_on < timezone.localdate() else "正在收报"

    @display(description="应报")
    def asked(self, obj: LedgerCall) -> str:
        return _link(obj, "all", str(obj.tally.asked))

    @display(description="已报")
    def returned(self, obj: LedgerCall) -> str:
        return _link(obj, "returned", str(obj.tally.returned))

    @display(description="未报")
    def missing(self, obj: LedgerCall) -> str:
        return _link(obj, "missing", str(obj.tally.missing))

    @display(description="各工会收报")
    def answers(self, obj: LedgerCall) -> str:
        tally = obj.tally
        returns = f"{reverse('admin:core_ledgerreturn_changelist')}?ledger={obj.ledger}"
        return format_html(
            "{}　{}　{}　{}",
            _link(obj, "all", f"应报 {tally.asked} 个"),
            _link(obj, "returned", f"已报 {tally.returned} 个"),
            _link(obj, "missing", f"未报 {tally.missing} 个"),
            link(returns, "这种台账的每次收报"),
        )


def _link(call: LedgerCall, show: str, text: str) -> str:
    url = f"{reverse('ledger_call', args=[call.pk])}?show={show}"
    return link(url, text)


@admin.register(LedgerReturn)
class LedgerReturnAdmin(ReadOnlyAdmin, ScopedAdmin):
    """台账收报：which union's ledger came when, with which file."""

    measure = "份"
    list_display = ("union", "ledger", "rows", "written_at", "batch")
    list_display_links = ("union",)
    list_filter = (LedgerFilter, ("union", ScopedAutocompleteFilter))
    list_select_related = ("union", "batch")
    prefix_field = "union__name"
    search_help_text = "工会名称的开头几个字"
    ordering = ("-pk",)
    fields = ("union", "ledger", "rows", "written_at", "batch")
    readonly_fields = ("written_at",)

    @display(description="收报时间", ordering="batch__written_at")
    def written_at(self, obj: LedgerReturn) -> Any:
        return obj.batch.written_at


@admin.register(HeaderChoice)
class HeaderChoiceAdmin(ScopedAdmin):
    """表头对应关系：what an office said a header means; its next file is read so."""

    deletable = True
    list_display = ("header", "column_label", "ledger", "union", "chosen_by", "chosen_at")
    list_filter = (LedgerFilter, ("union", ScopedAutocompleteFilter))
    list_select_related = ("union", "chosen_by")
    prefix_field = "header"
    search_help_text = "表头的开头几个字"
    fields = (("union", "ledger"), "header", "column", ("chosen_by", "chosen_at"))
    readonly_fields = ("union", "ledger", "header", "chosen_by", "chosen_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """They come from files brought."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: HeaderChoice | None = None) -> bool:
        """Only who writes records of that ledger says what its headers mean."""
        return super().has_change_permission(request, obj) and _keeps(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: HeaderChoice | None = None) -> bool:
        return super().has_delete_permission(request, obj) and _keeps(request, obj)

    def get_form(
        self, request: HttpRequest, obj: HeaderChoice | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """The column is one of the ledger's, or none."""
        form = super().get_form(request, obj, change, **kwargs)
        if obj is not None and "column" in form.base_fields:
            form.base_fields["column"] = forms.ChoiceField(
                label="对应的列",
                choices=[("", LEFT_OUT), *columns_of(obj.ledger)],
                required=False,
                widget=UnfoldAdminSelectWidget,
                help_text="修改后，该单位再次上传此类台账时按新的对应关系识别；已导入的不变。",
            )
        return form

    def save_model(self, request: HttpRequest, obj: HeaderChoice, form: Any, change: bool) -> None:
        """Whoever corrected it is who says so now."""
        obj.chosen_by = request.user
        super().save_model(request, obj, form, change)

    @display(description="对应的列")
    def column_label(self, obj: HeaderChoice) -> str:
        return dict(columns_of(obj.ledger)).get(obj.column, obj.column) or LEFT_OUT


def _keeps(request: HttpRequest, choice: HeaderChoice | None) -> bool:
    return choice is None or Rights(request.user).may_keep(choice.ledger)


def columns_of(title: str) -> list[tuple[str, str]]:
    """(name, header) of the columns of the ledger of that title."""
    return [
        (column.name, column.label) for ledger in ledgers() if ledger.title == title for column in ledger.read_columns
    ]
