"""Ledger batches and what they did with each row: read only, explained in words."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.contrib.admin import ShowFacets
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.utils.html import format_html, format_html_join
from unfold.decorators import display

from pingtang_union.admin.bases import ReadOnlyAdmin, ScopedAdmin
from pingtang_union.admin.columns import column
from pingtang_union.admin.filters import ChoicesFilter, ConditionFilter, MomentFilter, ScopedAutocompleteFilter
from pingtang_union.admin.links import link, record_url
from pingtang_union.admin.queue import queue
from pingtang_union.core.changes import model_of
from pingtang_union.core.permissions import may_view
from pingtang_union.ledger.history import describe_import
from pingtang_union.ledger.importing.shown import verdict_counts
from pingtang_union.ledger.models import STUCK, BatchKind, BatchState, ImportBatch, ImportRow, Verdict
from pingtang_union.ledger.rights import Rights
from pingtang_union.ledger.wording import KINDS


class StuckFilter(ConditionFilter):
    """Batches that wait for a person."""

    title = "处理情况"
    parameter_name = "stuck"
    conditions = {"yes": ("有退回待处理", STUCK), "no": ("其他", ~STUCK)}


@admin.register(ImportBatch)
class ImportBatchAdmin(ReadOnlyAdmin, ScopedAdmin):
    """台账导入批次。"""

    measure = "批"
    list_display = ("name_marked", "portal", "at", "union", "by", "state_label", "rows", "new", "changed", "rejected")
    list_filter = (
        StuckFilter,
        ("state", ChoicesFilter),
        ("kind", ChoicesFilter),
        ("at", MomentFilter),
        ("union", ScopedAutocompleteFilter),
    )
    list_select_related = ("union", "by", "undone_by")
    prefix_field = "file_name"
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
        ("关于整张表的说明", {"fields": ("sheet_notes",)}),
    )
    readonly_fields = ("verdicts", "digest", "sheet_notes", "kind_label", "state_label", "portal", "why")
    kind_label = column("kind", "种类")

    def get_urls(self) -> list[Any]:
        return [path("queue/", self.admin_site.admin_view(queue), name="core_importbatch_queue"), *super().get_urls()]

    @display(description="文件名", ordering="file_name")
    def name_marked(self, obj: ImportBatch) -> str:
        """Struck through once undone, as on the portal's lists."""
        return format_html("<s>{}</s>", obj.file_name) if obj.is_undone else obj.file_name

    @display(description="状态", ordering="state", label={str(state.label): state.tone for state in BatchState})
    def state_label(self, obj: ImportBatch) -> str:
        return obj.standing[0] if obj.is_undone else obj.get_state_display()

    def get_queryset(self, request: HttpRequest) -> Any:
        """With what rights on a batch depend on."""
        return super().get_queryset(request).select_related("union", "by", "undoes", "undone_by")

    def prepare(self, request: HttpRequest, records: Iterable[ImportBatch]) -> None:
        """With whether the reader may confirm it."""
        rights = Rights(request.user)
        for batch in records:
            is_ready = batch.state == BatchState.READY
            batch.may_be_confirmed = is_ready and not rights.why_not("write", batch, asks_uploader=False)

    @display(description="办理")
    def portal(self, obj: ImportBatch) -> str:
        words = "查看并确认" if obj.may_be_confirmed else "查看"
        return link(reverse("ledger_batch", args=[obj.pk]), words)

    @display(description="原因")
    def why(self, obj: ImportBatch) -> str:
        return obj.reason or obj.error or "—"

    @display(description="文件校验值（SHA-256）")
    def digest(self, obj: ImportBatch) -> str:
        return " ".join(obj.sha256[start : start + 8] for start in range(0, len(obj.sha256), 8))

    @display(description="")
    def sheet_notes(self, obj: ImportBatch) -> str:
        notes = ((message.get("sheet", ""), message.get("message", "")) for message in obj.messages or [])
        return format_html_join("", "<div>{}：{}</div>", notes) or "—"

    @display(description="各行结果")
    def verdicts(self, obj: ImportBatch) -> str:
        if obj.kind == BatchKind.CONFIRM:
            return f"{obj.rows} 条记录和实际情况一样。没有传文件，所以没有逐行的明细。"
        rows = reverse("admin:core_importrow_changelist")
        counts = [
            {
                "label": count.label,
                "count": count.number,
                "url": f"{rows}?batch__id__exact={obj.pk}&verdict__exact={count.verdict}",
            }
            for count in verdict_counts(obj, "")[0]
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
class ImportRowAdmin(ReadOnlyAdmin, ScopedAdmin):
    """台账导入明细。"""

    measure = "行"
    list_display = ("number", "sheet", "row", "name", "verdict_label", "notes", "before_short", "batch")
    list_display_links = ("number", "name")
    show_facets = ShowFacets.NEVER  # rows of all batches: too many to count at each look
    list_filter = (("verdict", ChoicesFilter), ("batch", ScopedAutocompleteFilter))
    list_select_related = ("batch",)
    prefix_field = "name"
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
                    "notes",
                )
            },
        ),
        ("改前改后", {"fields": ("changes_table",)}),
    )
    readonly_fields = ("verdict_label", "ledger_label", "record", "notes", "changes_table")
    verdict_label = column("verdict", "结果", Verdict)

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """By the beginning of the name as the ledger wrote it."""
        term = search_term.strip()
        return (queryset.filter(self.search_condition(term)) if term else queryset), False

    @display(description="台账类型")
    def ledger_label(self, obj: ImportRow) -> str:
        model = model_of(obj.model) if obj.model else None
        return str(model._meta.verbose_name) if model else obj.ledger

    @display(description="说明")
    def notes(self, obj: ImportRow) -> str:
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
            return "导入前无此记录，或导入未作改动。"
        return render_to_string("admin/_changes.html", {"changes": changes})

    @display(description="对应的记录")
    def record(self, obj: ImportRow) -> str:
        model = model_of(obj.model) if obj.model else None
        url = record_url(model, obj.object_id) if model and obj.object_id else ""
        if not url:
            return "—"
        text = f"{model._meta.verbose_name}（编号 {obj.object_id}）"
        return link(url, text) if may_view(obj.reader, model) else text


def _texts(entries: Any) -> list[str]:
    """The sentences in a row's messages, [column, kind, text] each: 退回：…. The text itself names the column."""
    return [f"{KINDS.get(kind, '说明')}：{text}" for _, kind, text in entries or []]
