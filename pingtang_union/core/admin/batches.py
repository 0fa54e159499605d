"""Ledger batches and what they did with each row: read only, explained in words."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, Q
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from unfold.decorators import display

from pingtang_union.core.admin.audit import NoDeadLinksMixin, record_url
from pingtang_union.core.admin.bases import ReadOnlyAdmin, ScopedAdmin
from pingtang_union.core.admin.filters import ChoicesFilter, MomentFilter, ScopedAutocompleteFilter
from pingtang_union.core.changes import describe_import, may_view, model_of
from pingtang_union.core.ledger.schema import MessageKind
from pingtang_union.core.models import BatchKind, BatchState, ImportBatch, ImportRow, Verdict

# What a sentence asks of the clerk, by the kind that the import stored with it.
_KINDS = {MessageKind.WARN: "提醒", MessageKind.REJECT: "退回", MessageKind.TRANSFER: "转会"}
_COUNTERS = {
    Verdict.NEW: "new",
    Verdict.CHANGED: "changed",
    Verdict.UNCHANGED: "unchanged",
    Verdict.TRANSFER: "transfer",
    Verdict.UNDECIDED: "undecided",
    Verdict.REJECT: "rejected",
}


@admin.register(ImportBatch)
class ImportBatchAdmin(NoDeadLinksMixin, ReadOnlyAdmin, ScopedAdmin):
    """台账导入批次。"""

    list_display = ("file_name", "portal", "at", "union", "by", "state_label", "rows", "new", "changed", "rejected")
    list_filter = (
        ("state", ChoicesFilter),
        ("kind", ChoicesFilter),
        ("at", MomentFilter),
        ("union", ScopedAutocompleteFilter),
    )
    list_select_related = ("union", "by")
    search_fields = ("file_name",)
    search_help_text = "文件名的开头几个字"
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("file_name", "portal"),
                    ("union", "by", "at"),
                    ("kind_label", "state_label"),
                    ("confirmed_by", "written_at"),
                    ("is_partial", "digest"),
                    "why",
                )
            },
        ),
        ("结果（点击查看明细）", {"fields": ("verdicts",)}),
        ("关于整张表的说明", {"fields": ("sheets_said",)}),
    )
    readonly_fields = ("verdicts", "digest", "sheets_said", "kind_label", "state_label", "portal", "why")

    def search_condition(self, term: str) -> Q:
        return Q(file_name__startswith=term)

    @display(description="种类", ordering="kind")
    def kind_label(self, obj: ImportBatch) -> str:
        return obj.get_kind_display()

    @display(
        description="状态",
        ordering="state",
        label={
            BatchState.WRITTEN.label: "success",
            BatchState.READY.label: "warning",
            BatchState.UNREADABLE.label: "danger",
            BatchState.FAILED.label: "danger",
        },
    )
    def state_label(self, obj: ImportBatch) -> str:
        return obj.get_state_display()

    @display(description="办理")
    def portal(self, obj: ImportBatch) -> str:
        words = "查看并确认" if obj.state == BatchState.READY else "查看"
        return render_to_string("admin/_link.html", {"url": reverse("ledger_batch", args=[obj.pk]), "text": words})

    @display(description="原因")
    def why(self, obj: ImportBatch) -> str:
        return obj.reason or obj.error or "—"

    @display(description="文件校验值（SHA-256）")
    def digest(self, obj: ImportBatch) -> str:
        return " ".join(obj.sha256[start : start + 8] for start in range(0, len(obj.sha256), 8))

    @display(description="")
    def sheets_said(self, obj: ImportBatch) -> str:
        said = ((one.get("sheet", ""), one.get("message", "")) for one in obj.messages or [])
        return format_html_join("", "<div>{}：{}</div>", said) or "—"

    @display(description="各行结果")
    def verdicts(self, obj: ImportBatch) -> str:
        if obj.kind == BatchKind.CONFIRM:
            return f"{obj.rows} 条记录和实际情况一样。没有传文件，所以没有逐行的明细。"
        rows = reverse("admin:core_importrow_changelist")
        numbers = {verdict: getattr(obj, name) for verdict, name in _COUNTERS.items()}
        if obj.kind == BatchKind.UNDO:
            numbers = dict.fromkeys((Verdict.RESTORED, Verdict.REMOVED, Verdict.KEPT), 0)
            found = obj.import_rows.order_by().values_list("verdict").annotate(number=Count("pk"))
            numbers |= {Verdict(verdict): number for verdict, number in found}
        counts = [
            {
                "label": verdict.label,
                "count": number,
                "url": f"{rows}?batch__id__exact={obj.pk}&verdict__exact={verdict.value}",
            }
            for verdict, number in numbers.items()
        ]
        return render_to_string(
            "admin/_verdicts.html",
            {
                "counts": counts,
                "total": obj.rows,
                "warned": obj.warned,
                "url": f"{rows}?batch__id__exact={obj.pk}",
            },
        )


@admin.register(ImportRow)
class ImportRowAdmin(NoDeadLinksMixin, ReadOnlyAdmin, ScopedAdmin):
    """台账导入明细。"""

    list_display = ("number", "sheet", "row", "name", "verdict_label", "said", "before_short", "batch")
    list_display_links = ("number", "name")
    list_filter = (("verdict", ChoicesFilter), ("batch", ScopedAutocompleteFilter))
    list_select_related = ("batch",)
    search_fields = ("name",)
    search_help_text = "名称或姓名的开头几个字"
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "batch",
                    ("sheet", "row", "number"),
                    ("name", "ledger_label"),
                    ("verdict_label", "record"),
                    "said",
                )
            },
        ),
        ("改前改后", {"fields": ("changes_table",)}),
    )
    readonly_fields = ("verdict_label", "ledger_label", "record", "said", "changes_table")

    def search_condition(self, term: str) -> Q:
        return Q(name__startswith=term)

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """The list, each row with its reader: values before are shown as the reader may see them."""
        changelist = super().get_changelist_instance(request)
        for row in changelist.result_list:
            row.reader = request.user
        return changelist

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> ImportRow | None:
        """The row, with its reader."""
        row = super().get_object(request, object_id, from_field)
        if row is not None:
            row.reader = request.user
        return row

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """By the beginning of the name as the ledger wrote it."""
        term = search_term.strip()
        return (queryset.filter(self.search_condition(term)) if term else queryset), False

    @display(
        description="结果",
        ordering="verdict",
        label={
            Verdict.NEW.label: "success",
            Verdict.CHANGED.label: "info",
            Verdict.TRANSFER.label: "warning",
            Verdict.REJECT.label: "danger",
        },
    )
    def verdict_label(self, obj: ImportRow) -> str:
        return obj.get_verdict_display()

    @display(description="台账类型")
    def ledger_label(self, obj: ImportRow) -> str:
        model = model_of(obj.model) if obj.model else None
        return str(model._meta.verbose_name) if model else obj.ledger

    @display(description="说明")
    def said(self, obj: ImportRow) -> str:
        return format_html_join("", "<div>{}</div>", ((text,) for text in _texts(obj.messages))) or "—"

    @display(description="改前的值")
    def before_short(self, obj: ImportRow) -> str:
        changes = describe_import(obj, obj.reader)
        shown = "；".join(f"{change.label}：{change.before}" for change in changes[:3])
        return (shown + (f" 等 {len(changes)} 项" if len(changes) > 3 else "")) or "—"

    @display(description="")
    def changes_table(self, obj: ImportRow) -> str:
        changes = describe_import(obj, obj.reader)
        if not changes:
            return "导入前没有这条记录，或没有改动它。"
        return render_to_string("admin/_changes.html", {"changes": changes})

    @display(description="对应的记录")
    def record(self, obj: ImportRow) -> str:
        model = model_of(obj.model) if obj.model else None
        url = record_url(model, obj.object_id) if model and obj.object_id else ""
        if not url:
            return "—"
        text = f"{model._meta.verbose_name}（编号 {obj.object_id}）"
        return format_html('<a class="text-link" href="{}">{}</a>', url, text) if may_view(obj.reader, model) else text


def _texts(said: Any) -> list[str]:
    """The sentences in a row's messages, [column, kind, text] each: 退回：…. The text itself names the column."""
    return [f"{_KINDS.get(kind, '说明')}：{text}" for _, kind, text in said or []]
