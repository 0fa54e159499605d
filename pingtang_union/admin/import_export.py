"""导入 and 导出 of the admin's lists: django-import-export's pages over our rights, files and masks.

An import starts with a file, shows what it would do, and is confirmed. An export holds exactly the list's rows: scoped,
searched and filtered as the address says.
"""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import SimpleListFilter
from django.contrib.admin.options import IncorrectLookupParameters
from django.core import signing
from django.core.exceptions import FieldDoesNotExist, PermissionDenied
from django.db import models
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.html import format_html
from django.views.generic import RedirectView
from import_export.admin import ImportExportMixin
from import_export.forms import ConfirmImportForm
from unfold.contrib.import_export import forms as unfold_forms
from unfold.widgets import UnfoldAdminRadioSelectWidget

from pingtang_union.admin.forms import dress
from pingtang_union.admin.resources import (
    SHOWN,
    BatchStorage,
    FormStorage,
    LedgerResource,
    Outcome,
    Workbook,
    resource_of,
)
from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.forms import PortalForm
from pingtang_union.core.keys import key_in
from pingtang_union.core.masking import mask_typed
from pingtang_union.core.permissions import may_reveal
from pingtang_union.core.scope import ScopedModel
from pingtang_union.ledger.calls import answered_for_others, several
from pingtang_union.ledger.declaration import ledgers
from pingtang_union.ledger.giving.export import Given, export, is_guarded
from pingtang_union.ledger.models import BatchState
from pingtang_union.ledger.reading.workbook import UnreadableFile
from pingtang_union.ledger.rights import Rights

MASKED, FULL = "masked", "full"
_ONLY = [("0", "0")]


class ImportForm(PortalForm, unfold_forms.ImportForm):
    """The file, taken in by `storage` as soon as nothing else is wrong: a refusal stands beside it."""

    def __init__(self, formats: Any, resources: Any, *, storage: Any, user: Any, **kwargs: Any):
        super().__init__(formats, resources[:1], **kwargs)  # which ledger it is, its headers tell
        self.storage, self.user = storage, user

    def clean(self) -> None:
        file = self.cleaned_data.get("import_file")
        if file is not None and not self.errors:
            try:
                file.taken_in_as = self.storage.take_in(file, self.user)
            except (UnreadableFile, DomainError) as error:
                self.add_error("import_file", f"「{file.name}」{error}")


class ConfirmForm(PortalForm, ConfirmImportForm):
    """What the preview showed."""

    format = forms.ChoiceField(choices=_ONLY, widget=forms.HiddenInput)
    resource = forms.ChoiceField(choices=_ONLY, widget=forms.HiddenInput, required=False)
    seen = forms.CharField(widget=forms.HiddenInput)
    reason = forms.CharField(label="代报的原因", max_length=200, required=False, widget=forms.Textarea)

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        dress(self)

    def ask_for(self, others: Sequence[Any]) -> None:
        """Ask why an office answers for other unions; not where there are none."""
        if not others:
            del self.fields["reason"]
            return
        self.fields["reason"].required = True
        self.fields["reason"].help_text = f"本表为{several(others)}报送，该工会将看到此原因。"


class ExportForm(PortalForm, unfold_forms.SelectableFieldsExportForm):
    """Which columns, how identity numbers are given where there are any, and why where they are given in full."""

    numbers = forms.ChoiceField(
        label="证件号码",
        choices=[(MASKED, "隐去中间数字（出生日期只留年份）"), (FULL, "完整号码")],
        widget=UnfoldAdminRadioSelectWidget,
        initial=MASKED,
    )
    why = forms.CharField(
        label="需要完整证件号的理由",
        max_length=200,
        widget=forms.Textarea,
        required=False,
        help_text="导出完整号码时必填，如：报送省总工会实名制系统。理由会记入审计日志。",
    )

    def __init__(self, *args: Any, asks_numbers: bool, **kwargs: Any):
        super().__init__(*args, **kwargs)
        dress(self)
        self.fields["resource"].label = "导出成"
        if not asks_numbers:
            del self.fields["numbers"], self.fields["why"]

    def _get_field_label(self, resource: Any, field_name: str) -> str:
        return resource.fields[field_name].column_name


class _Doors(ImportExportMixin):
    """What both kinds share; subclasses say who may import, and what an export gives."""

    import_form_class = ImportForm
    confirm_form_class = ConfirmForm
    import_template_name = "admin/import.html"
    export_template_name = "admin/export.html"
    import_formats = export_formats = (Workbook,)
    skip_admin_log = True  # the audit trail has it

    def get_resource_kwargs(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return {"admin": self, "request": request}

    # --- import ---

    def get_import_form_kwargs(self, request: HttpRequest) -> dict[str, Any]:
        kept = {"storage": self.tmp_storage_class, "user": request.user}
        return {**super().get_import_form_kwargs(request), **kept}

    def write_to_tmp_storage(self, import_file: Any, input_format: Any) -> Any:
        return self.tmp_storage_class(name=import_file.taken_in_as)

    def get_import_data_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        said = kwargs["form"].cleaned_data
        return {"seen": said.get("seen", ""), "reason": said.get("reason", "")}

    def import_action(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """The form, and once a file is sent its preview."""
        response = super().import_action(request, **kwargs)
        response.context_data["title"] = f"导入{self.opts.verbose_name}"
        response.context_data["back"] = self.address("changelist")
        if (form := response.context_data.get("confirm_form")) is not None:
            result = response.context_data["result"]
            form.initial["seen"] = result.seen
            form.ask_for(answered_for_others(result.batch) if result.batch else [])
        return response

    def process_import(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Do what was confirmed."""
        if not self.has_import_permission(request):
            raise PermissionDenied
        try:
            if self.create_confirm_form(request).is_valid():
                return super().process_import(request, **kwargs)
        except signing.BadSignature:
            pass
        messages.error(request, "未导入：预览已失效，请重新上传文件。")
        return redirect(self.address("import"))

    def process_result(self, result: Outcome, request: HttpRequest) -> HttpResponse:
        if result.refusal:
            messages.error(request, result.refusal)
            return redirect(self.address("import"))
        done = result.totals
        words = f"已导入：新增 {done['new']} 条，更新 {done['update']} 条，没有变化 {done['skip']} 条。"
        messages.success(request, words)
        return redirect(self.address("changelist"))

    # --- export ---

    def asks_numbers(self, request: HttpRequest) -> bool:
        """Whether full identity numbers may be had."""
        return False

    def held_by(self, resource: Any, rows: Any, request: HttpRequest) -> Any:
        """Those of `rows` that the resource holds."""
        return rows

    def has_export_permission(self, request: HttpRequest) -> bool:
        """Whether the user may take out what may be seen."""
        may_see = self.has_view_permission(request)
        return may_see and request.user.has_perm("core.export_importbatch")

    def export_action(self, request: HttpRequest) -> HttpResponse:
        """Say what would be exported and ask how; on POST give the workbook, which leaves an audit event."""
        if not self.has_export_permission(request):
            raise PermissionDenied
        try:
            changelist = self.get_changelist_instance(request)
        except IncorrectLookupParameters:
            messages.error(request, "筛选条件有误，未导出。请在列表中重新筛选。")
            return redirect(self.address("changelist"))
        words, resources = conditions(changelist, request.user), self.get_resource_classes(request)
        counts = [self.held_by(resource, changelist.queryset, request).count() for resource in resources]
        form = ExportForm([Workbook], resources, data=request.POST or None, asks_numbers=self.asks_numbers(request))
        titles = [resource.get_display_name() for resource in resources]
        form.fields["resource"].choices = [(at, f"{titles[at]}（{counts[at]} 条）") for at in range(len(titles))]
        if request.method == "POST" and form.is_valid():
            try:
                if not counts[self.get_resource_index(form)]:
                    raise DomainError("没有可以导出的内容，请返回列表放宽条件。")
                given = self.give(request, changelist.queryset, form, words)
            except DomainError as error:
                form.add_error("why" if "理由" in str(error) else None, str(error))
            else:
                return FileResponse(given.file, as_attachment=True, filename=given.name)
        only = (("台账", titles[0]), ("条数", f"{counts[0]} 条")) if len(titles) == 1 else ()
        return self.page(
            request,
            self.export_template_name,
            title=f"导出{self.opts.verbose_name}",
            facts=[*only, ("条件", words or "全部（没有筛选）")],
            form=form,
            export_url="",
            back=self.address("changelist") + (f"?{request.GET.urlencode()}" if request.GET else ""),
        )


class LedgerAdminMixin(_Doors):
    """For a model that ledgers hold; put it before the admin base. The file is a batch from the first byte, and what
    the preview here can't show is shown on the batch's own page."""

    tmp_storage_class = BatchStorage

    def get_urls(self) -> list[Any]:
        """With the address that the import had once."""
        return [path("bring/", RedirectView.as_view(url="../import/")), *super().get_urls()]

    def get_resource_classes(self, request: HttpRequest) -> list[type[LedgerResource]]:
        return [resource_of(ledger) for ledger in ledgers() if ledger.owner is self.model]

    def has_import_permission(self, request: HttpRequest) -> bool:
        """Whether the user brings ledgers, and may write records of one of these at all."""
        rights, titles = Rights(request.user), [ledger.title for ledger in ledgers() if ledger.owner is self.model]
        return request.user.has_perm("core.add_importbatch") and any(map(rights.may_keep, titles))

    def import_action(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """The preview, where the file is read, holds these ledgers only, and something is to be written."""
        response = super().import_action(request, **kwargs)
        if (result := response.context_data.get("result")) is None:
            return response
        batch, page = result.batch, reverse("ledger_batch", args=[result.batch.pk])
        ours = {resource.ledger.title for resource in self.get_resource_classes(request)}
        read = {sheet["ledger"] for sheet in batch.sheets or [] if sheet["is_read"]}
        good = batch.new + batch.changed + batch.held
        if batch.state != BatchState.READY or not good or not read <= ours:
            return redirect(page)
        faulty = batch.rejected + batch.undecided + batch.transfer
        left = f"退回、待辨认和待转会的 {faulty} 条不导入。" if faulty else ""
        words = f"共 {batch.rows} 条：新增 {batch.new} 条，更新 {batch.changed} 条。{left}下面是前 {SHOWN} 条。"
        messages.info(request, format_html('{}<a class="underline" href="{}">查看全部各行</a>', words, page))
        return response

    def process_result(self, result: Outcome, request: HttpRequest) -> HttpResponse:
        if result.refusal:
            messages.error(request, result.refusal)
        return redirect("ledger_batch", result.batch.pk)

    def asks_numbers(self, request: HttpRequest) -> bool:
        resources = self.get_resource_classes(request)
        return may_reveal(request.user, self.model) and any(is_guarded(resource.ledger) for resource in resources)

    def held_by(self, resource: Any, rows: Any, request: HttpRequest) -> Any:
        return resource.ledger.given(rows, request.user)

    def give(self, request: HttpRequest, rows: Any, form: ExportForm, words: str) -> Given:
        """Raises DomainError for full numbers without permission or reason."""
        return export(
            form.get_selected_resource().ledger,
            rows,
            by=request.user,
            is_full=form.cleaned_data.get("numbers") == FULL,
            reason=form.cleaned_data.get("why", ""),
            conditions=words,
            columns=form.get_selected_resource_export_fields(),
        )


class CatalogueAdminMixin(_Doors):
    """For a small table that staff keep as a list; put it before the admin base, with `resource_classes`."""

    tmp_storage_class = FormStorage

    def has_import_permission(self, request: HttpRequest) -> bool:
        """Who may add and change rows here."""
        return self.has_add_permission(request) and self.has_change_permission(request)

    def brought_in(self, request: HttpRequest, record: Any) -> None:
        """Give a row that a table brings what the record's own page gives it."""

    def give(self, request: HttpRequest, rows: Any, form: ExportForm, words: str) -> Given:
        resource = form.get_selected_resource()(**self.get_resource_kwargs(request))
        return resource.give(rows, names=form.get_selected_resource_export_fields(), conditions=words)


def conditions(changelist: Any, user: Any) -> str:
    """How a list is searched and filtered, in words: 搜索：陈；会员状态：在会. "" when it isn't."""
    words = [f"搜索：{mask_typed(changelist.query)}"] if changelist.query else []
    told: set[str] = set()
    for filter_ in changelist.filter_specs:
        used = _texts(filter_.used_parameters)
        if used:
            told |= set(filter_.expected_parameters())
            field = getattr(filter_, "field", None)
            offered = dict(filter_.lookup_choices) if isinstance(filter_, SimpleListFilter) else None
            words.append(f"{filter_.title}：{_words(field, used, user, offered)}")
    # What links of other pages ask for beyond the filters.
    for name, value in changelist.get_filters_params().items():
        if name not in told and (texts := _texts({name: value})):
            words.append(_linked(changelist.opts, name, texts, user))
    return "；".join(words)


def _texts(used: dict[str, Any]) -> list[str]:
    """The values of parameters, those of lists one by one, without empty ones."""
    values = [item for value in used.values() for item in (value if isinstance(value, list) else [value])]
    return [text for value in values for text in str(value).split(",") if text and value is not None]


def _linked(opts: Any, name: str, texts: list[str], user: Any) -> str:
    try:
        field = opts.get_field(name.split("__")[0])
    except FieldDoesNotExist:
        return "从其他页面打开的部分"
    if field.name in ("path", "depth"):
        return "某个工会的直接下级" if field.name == "depth" else "某个工会及其下级"
    return f"{field.verbose_name}：{_words(field, texts, user, None)}"


def _words(field: Any, values: list[str], user: Any, offered: dict[Any, Any] | None) -> str:
    """Values in the words that people know them by; of records only those that the user may see."""
    if offered is not None:
        labels = {str(key): str(label) for key, label in offered.items()}
    elif isinstance(field, models.ForeignKey) and issubclass(field.related_model, ScopedModel):  # type: ignore[arg-type]
        keys = [key for value in values if (key := key_in(value))]
        seen = field.related_model._default_manager.visible_to(user).filter(pk__in=keys)  # type: ignore[union-attr]
        labels = {str(row.pk): str(row) for row in seen}
        return "、".join(labels.get(value, "没有这个单位或记录") for value in values)
    elif isinstance(field, models.BooleanField):
        labels = {"1": "是", "0": "否", "True": "是", "False": "否"}
    else:
        labels = {str(key): str(label) for key, label in getattr(field, "flatchoices", ())}
    return "、".join(labels.get(value, value) for value in values)
