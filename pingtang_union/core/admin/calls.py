"""Calls for ledgers, what came of them, and what offices have said of their headers."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db import models
from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget

from pingtang_union.core.admin.audit import NoDeadLinksMixin
from pingtang_union.core.admin.bases import ReadOnlyAdmin, ScopedAdmin
from pingtang_union.core.admin.filters import ScopedAutocompleteFilter
from pingtang_union.core.ledger import calls
from pingtang_union.core.ledger.schema import ledgers
from pingtang_union.core.models import HeaderChoice, LedgerCall, LedgerReturn
from pingtang_union.core.scope import scope_prefix

LEFT_OUT = "不导入这一列"


class LedgerFilter(DropdownFilter):
    """By the ledger."""

    title = "台账"
    parameter_name = "ledger"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(ledger.title, ledger.title) for ledger in ledgers()]

    def queryset(self, request: HttpRequest, queryset: models.QuerySet) -> models.QuerySet:
        return queryset.filter(ledger=self.value()) if self.value() else queryset


class OpenFilter(DropdownFilter):
    """Calls that are open, or closed."""

    title = "状态"
    parameter_name = "open"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "正在收报"), ("no", "已结束")]

    def queryset(self, request: HttpRequest, queryset: models.QuerySet) -> models.QuerySet:
        if self.value() in ("yes", "no"):
            return queryset.filter(closed_on__isnull=self.value() == "yes")
        return queryset


@admin.register(LedgerCall)
class LedgerCallAdmin(NoDeadLinksMixin, ScopedAdmin):
    """台账收报通知。"""

    list_display = ("title", "union", "ledger", "opened_on", "due_on", "state_label", "asked", "returned", "missing")
    list_filter = (OpenFilter, LedgerFilter)
    list_select_related = ("union",)
    autocomplete_fields = ("union",)
    search_fields = ("title",)
    search_help_text = "标题的开头几个字"
    readonly_fields = ("answers",)
    fieldsets = (
        (None, {"fields": ("title", ("ledger", "union"), ("opened_on", "due_on", "closed_on"))}),
        ("文件", {"fields": ("document_number", "note")}),
        ("收报情况", {"fields": ("answers",)}),
    )

    def search_condition(self, term: str) -> Q:
        return Q(title__startswith=term)

    def formfield_for_dbfield(self, db_field: models.Field, request: HttpRequest, **kwargs: Any) -> Any:
        """The ledger is one of those that the portal takes."""
        if db_field.name == "ledger":
            titles = [(ledger.title, ledger.title) for ledger in ledgers()]
            return forms.ChoiceField(label="台账", choices=[("", "请选择"), *titles], widget=UnfoldAdminSelectWidget)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """From one's own union, from today on."""
        initial = {"union": request.user.union_id, "opened_on": timezone.localdate()}
        return initial | super().get_changeform_initial_data(request)

    def get_fieldsets(self, request: HttpRequest, obj: LedgerCall | None = None) -> Any:
        """A new call has no answers to show yet."""
        fieldsets = super().get_fieldsets(request, obj)
        return fieldsets if obj else fieldsets[:-1]

    def has_change_permission(self, request: HttpRequest, obj: LedgerCall | None = None) -> bool:
        """One's own calls and those of unions below; those from above are to read."""
        if not super().has_change_permission(request, obj):
            return False
        prefix = scope_prefix(request.user)
        return obj is None or (prefix is not None and obj.union.path.startswith(prefix))

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """The list, each call with its tally."""
        changelist = super().get_changelist_instance(request)
        self._count(request, changelist.result_list)
        return changelist

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> LedgerCall | None:
        """The call with its tally."""
        call = super().get_object(request, object_id, from_field)
        if call is not None:
            self._count(request, [call])
        return call

    def _count(self, request: HttpRequest, found: Any) -> None:
        unions = LedgerCall._meta.get_field("union").related_model._default_manager.visible_to(request.user)  # type: ignore[union-attr]
        tallies = calls.tallies(list(found), unions, timezone.localdate())
        for call in found:
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
            '{}　{}　{}　<a class="text-link" href="{}">这种台账的每次收报</a>',
            _link(obj, "all", f"应报 {tally.asked} 个"),
            _link(obj, "returned", f"已报 {tally.returned} 个"),
            _link(obj, "missing", f"未报 {tally.missing} 个"),
            returns,
        )


def _link(call: LedgerCall, show: str, text: str) -> str:
    url = f"{reverse('ledger_call', args=[call.pk])}?show={show}"
    return format_html('<a class="text-link" href="{}">{}</a>', url, text)


@admin.register(LedgerReturn)
class LedgerReturnAdmin(NoDeadLinksMixin, ReadOnlyAdmin, ScopedAdmin):
    """台账收报：which union's ledger came when, with which file."""

    list_display = ("union", "ledger", "rows", "written_at", "batch")
    list_display_links = ("union",)
    list_filter = (LedgerFilter, ("union", ScopedAutocompleteFilter))
    list_select_related = ("union", "batch")
    search_fields = ("union__name",)
    search_help_text = "工会名称的开头几个字"
    ordering = ("-pk",)
    fields = ("union", "ledger", "rows", "written_at", "batch")
    readonly_fields = ("written_at",)

    def search_condition(self, term: str) -> Q:
        return Q(union__name__startswith=term)

    @display(description="收报时间", ordering="batch__written_at")
    def written_at(self, obj: LedgerReturn) -> Any:
        return obj.batch.written_at


@admin.register(HeaderChoice)
class HeaderChoiceAdmin(NoDeadLinksMixin, ScopedAdmin):
    """表头对应关系：what an office said a header means; its next file is read so."""

    deletable = True
    list_display = ("header", "column_label", "ledger", "union", "chosen_by", "chosen_at")
    list_filter = (LedgerFilter, ("union", ScopedAutocompleteFilter))
    list_select_related = ("union", "chosen_by")
    search_fields = ("header",)
    search_help_text = "表头的开头几个字"
    fields = (("union", "ledger"), "header", "column", ("chosen_by", "chosen_at"))
    readonly_fields = ("union", "ledger", "header", "chosen_by", "chosen_at")

    def search_condition(self, term: str) -> Q:
        return Q(header__startswith=term)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """They come from files brought."""
        return False

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
                help_text="改了以后，这个单位下次上传这种台账时照新的读；已经写入的不变。",
            )
        return form

    def save_model(self, request: HttpRequest, obj: HeaderChoice, form: Any, change: bool) -> None:
        """Whoever corrected it is who says so now."""
        obj.chosen_by = request.user
        super().save_model(request, obj, form, change)

    @display(description="对应的列")
    def column_label(self, obj: HeaderChoice) -> str:
        return dict(columns_of(obj.ledger)).get(obj.column, obj.column) or LEFT_OUT


def columns_of(title: str) -> list[tuple[str, str]]:
    """(name, header) of the columns of the ledger of that title."""
    return [(column.name, column.label) for ledger in ledgers() if ledger.title == title for column in ledger.columns]
