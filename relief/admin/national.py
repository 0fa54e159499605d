"""The national hardship system: its words and columns, the table handed in, lists of its brought back."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, Q
from django.http import FileResponse, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from unfold.admin import ModelAdmin
from unfold.decorators import display

from members.admin.filters import UnionFilter
from pingtang_union.admin import (
    CatalogueAdminMixin,
    ChoicesFilter,
    OfferedFilter,
    PlainForm,
    ReadOnlyAdmin,
    ScopedAdmin,
    ScopedAutocompleteFilter,
    asks,
    catalogue,
    column,
    role_may,
)
from pingtang_union.admin.bases import PageMixin
from pingtang_union.admin.links import link
from pingtang_union.ledger.against import MAX_BYTES
from pingtang_union.ledger.giving.export import Given
from relief.models import Cause, NationalColumn, NationalList, NationalRow, NationalWord
from relief.models.national import ListKind, RowVerdict, Source
from relief.services import masking, national, national_lists


def given(workbook: Given) -> HttpResponse:
    """The workbook, to be saved."""
    response: Any = FileResponse(workbook.file, as_attachment=True, filename=workbook.name)
    response.headers["Cache-Control"] = "no-store"
    return response


@admin.register(NationalWord)
class NationalWordAdmin(CatalogueAdminMixin, PageMixin, ModelAdmin):
    """全国系统词表."""

    resource_classes = (catalogue(NationalWord, "list", "code", "word"),)
    list_display = ("word", "list", "code_label", "is_written", "source")
    list_filter = (("list", ChoicesFilter),)
    fields = (("list", "word"), ("code", "is_written"), "source")

    def prepare(self, request: HttpRequest, records: Iterable[Any]) -> None:
        """With the names of causes, whose codes are numbers."""
        super().prepare(request, records)
        causes = {str(one.number): one.name for one in Cause.objects.all()}
        for one in records:
            one.causes = causes

    @display(description="本平台的说法", ordering="code")
    def code_label(self, obj: NationalWord) -> str:
        known = obj.causes if obj.list == Source.CAUSE else {}  # type: ignore[attr-defined]  # prepare gives it
        return known.get(obj.code) or national.label_of(obj.list, obj.code) or "（没有填写）"


@admin.register(NationalColumn)
class NationalColumnAdmin(CatalogueAdminMixin, PageMixin, ModelAdmin):
    """全国系统列名."""

    resource_classes = (catalogue(NationalColumn, "kind", "source"),)
    list_display = ("header", "kind", "source", "is_compulsory", "order", "note")
    list_filter = (("kind", ChoicesFilter),)
    fields = (("kind", "header"), ("source", "other_headers"), ("is_compulsory", "order"), "note")


class BringForm(PlainForm):
    """A list of the national system."""

    kind = forms.ChoiceField(label="种类", choices=ListKind.choices)
    file = forms.FileField(label="名单文件", help_text="从全国系统导出或上级退回的 .xlsx、.xls 或 .csv")
    until = forms.DateField(label="答复期限", required=False, widget=forms.DateInput, help_text="上级退回意见填写")

    def clean_file(self) -> Any:
        """Not beyond what is read."""
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise forms.ValidationError(f"文件超过 {MAX_BYTES // 1024 // 1024} MB，请拆分后再传。")
        return file


class TableForm(PlainForm):
    """Which files are handed in, and why."""

    scope = forms.ChoiceField(
        label="范围", choices=[("ready", "已填齐的在档档案"), ("all", "全部在档档案（缺项留空）")]
    )
    reason = forms.CharField(label="导出的理由", max_length=200, widget=forms.Textarea)


@admin.register(NationalList)
class NationalListAdmin(ReadOnlyAdmin, ScopedAdmin):
    """全国系统名单."""

    measure = "份"
    list_display = ("title", "kind", "union", "brought_at", "rows_label", "differing", "unknown", "open_remarks")
    list_filter = (("kind", ChoicesFilter),)
    list_select_related = ("union",)
    ordering = ("-pk",)
    prefix_field = "title"
    search_help_text = "文件名的开头几个字"
    actions_list = ("bring", "table")
    fields = (("title", "kind"), ("union", "until"), ("brought_by", "brought_at"), "rows_label")
    readonly_fields = ("rows_label",)

    has_bring_permission = role_may("add")
    has_table_permission = role_may("export")

    def get_queryset(self, request: HttpRequest) -> Any:
        remarks = Q(rows__verdict=RowVerdict.REMARK, rows__answered_at__isnull=True)
        return super().get_queryset(request).annotate(
            lines=Count("rows"), differing_rows=Count("rows", filter=Q(rows__verdict=RowVerdict.DIFFERS)),
            unknown_rows=Count("rows", filter=Q(rows__verdict=RowVerdict.UNKNOWN)),
            open_rows=Count("rows", filter=remarks),
        )  # fmt: skip

    @asks("登记名单", permission="bring", icon="upload_file", form=BringForm, error_field="file",
          intro="名单对照：逐户逐项与本平台档案比较。上级退回意见：找到对应的档案，转给所在工会答复。")  # fmt: skip
    def bring(self, request: HttpRequest, record: None, form: BringForm) -> str:
        """Read a list and compare it."""
        file, told = form.cleaned_data["file"], form.cleaned_data
        brought = national_lists.bring(
            content=file.read(), name=file.name, kind=told["kind"], until=told["until"], by=request.user
        )
        rows = list(brought.rows.values_list("verdict", flat=True))
        parts = [f"{verdict.label} {rows.count(verdict)} 行" for verdict in RowVerdict if verdict in rows]
        return f"已登记，共 {len(rows)} 行：{'，'.join(parts)}。"

    @asks("导出报送表", permission="table", icon="table_view", form=TableForm, submit="导出", error_field="reason",
          intro="按全国系统的列和说法导出，含完整证件号码和健康状况，导出记入审计日志。")  # fmt: skip
    def table(self, request: HttpRequest, record: None, form: TableForm) -> HttpResponse:
        """The table to hand in."""
        ready = form.cleaned_data["scope"] == "ready"
        return given(national.export(only_ready=ready, reason=form.cleaned_data["reason"], by=request.user))

    @display(description="各行")
    def rows_label(self, obj: Any) -> str:
        url = reverse("admin:relief_nationalrow_changelist")
        return link(f"{url}?brought__id__exact={obj.pk}", f"{obj.lines} 行")

    @display(description="有差异")
    def differing(self, obj: Any) -> int:
        return obj.differing_rows

    @display(description="没有对应")
    def unknown(self, obj: Any) -> int:
        return obj.unknown_rows

    @display(description="待答复")
    def open_remarks(self, obj: Any) -> int:
        return obj.open_rows


class FindingFilter(OfferedFilter):
    """What the national system lists as well, and what waits."""

    title = "查找"
    parameter_name = "finding"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("unchanged", "一年未改"),
            ("never", "未帮扶过"),
            ("open", "上级意见待答复"),
            ("loose", "上级意见待对应"),
        ]

    def narrow(self, queryset: Any, value: str) -> Any:
        if value == "loose":
            return queryset.filter(brought__kind=ListKind.REMARKS, household__isnull=True)
        named = {"unchanged": "unchanged_for_a_year", "never": "never_helped", "open": "open_remarks"}
        return getattr(queryset, named[value])()


@admin.register(NationalRow)
class NationalRowAdmin(ReadOnlyAdmin, ScopedAdmin):
    """全国系统名单明细: what differs, what has no file, what the superior says."""

    measure = "行"
    list_display = ("place", "file_label", "union", "verdict_label", "differs_label", "changed_on", "remark", "answer")
    list_filter = (("brought", ScopedAutocompleteFilter), ("verdict", ChoicesFilter), FindingFilter,
                   ("union", UnionFilter))  # fmt: skip
    list_select_related = ("union", "household", "brought")
    prefix_field = "union__name"
    search_help_text = "工会名称的开头几个字"
    readonly_fields = ("file_label", "told_table", "acts")
    verdict_label = column("verdict", "结果", RowVerdict)

    def get_fields(self, request: HttpRequest, obj: NationalRow | None = None) -> Any:
        """What is asked of a row of its kind."""
        told: Any = (("brought", "place"), ("file_label", "union"), ("verdict", "way"), "told_table")
        if obj is not None and obj.brought.kind == ListKind.MIRROR:
            return (*told, "changed_on")
        return (*told, "remark", "answer", ("answered_by", "answered_at"), "acts")

    @display(description="困难职工档案")
    def file_label(self, obj: NationalRow) -> str:
        if obj.household is None:
            return "—"
        name = masking.shown_name(obj.household, obj.reader)  # type: ignore[attr-defined]  # prepare gives it
        member = "（家庭成员）" if obj.is_person else ""
        return link(reverse("admin:relief_household_change", args=[obj.household_id]), f"{name}户{member}")

    @display(description="有差异的列")
    def differs_label(self, obj: NationalRow) -> str:
        return "、".join(obj.differs) or "—"

    @display(description="名单内容和差异")
    def told_table(self, obj: NationalRow) -> str:
        reader = obj.reader  # type: ignore[attr-defined]  # as above
        if not masking.works_on_files(reader):
            return "—"
        both = obj.verdict == RowVerdict.DIFFERS
        rows = [(header, f"名单：{theirs or '（空）'}" if both else theirs, f"档案：{ours or '（空）'}" if both else "")
                for header, theirs, ours in national_lists.shown(obj, reader)]  # fmt: skip
        return render_to_string("admin/_triples.html", {"rows": rows, "nothing": "—"})

    @display(description="办理")
    def acts(self, obj: NationalRow) -> str:
        if obj.brought.kind != ListKind.REMARKS or obj.answered_at:
            return "—"
        if obj.household_id is None:
            return link(reverse("relief:remark_assign", args=[obj.pk]), "对应到档案")
        return link(reverse("relief:remark_answer", args=[obj.pk]), "答复（了结）")
