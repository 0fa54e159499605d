"""Ledgers from the admin's lists: the way to bring one, and any list, as it is filtered, taken out as a ledger."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import SimpleListFilter
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from unfold.decorators import action
from unfold.widgets import UnfoldAdminRadioSelectWidget

from pingtang_union.core.admin.forms import PlainForm
from pingtang_union.core.audit import may_reveal
from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.fields import mask_typed
from pingtang_union.core.ledger.export import export, is_guarded
from pingtang_union.core.ledger.records import RecordLedger
from pingtang_union.core.ledger.schema import ledgers
from pingtang_union.core.scope import ScopedModel

MASKED, FULL = "masked", "full"


class ExportForm(PlainForm):
    """Which ledger, how identity numbers are given, and why where they are given in full."""

    ledger = forms.ChoiceField(label="导出成", widget=UnfoldAdminRadioSelectWidget)
    numbers = forms.ChoiceField(label="证件号码", widget=UnfoldAdminRadioSelectWidget, initial=MASKED)
    reason = forms.CharField(
        label="需要完整证件号的理由",
        max_length=200,
        widget=forms.Textarea,
        required=False,
        help_text="导出完整号码时必填，如：报送省总工会实名制系统。理由会记入审计日志。",
    )

    def __init__(self, *args: Any, choices: list[tuple[str, str]], may_full: bool, is_guarded: bool, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["ledger"].choices = choices
        self.fields["ledger"].initial = choices[0][0]
        if len(choices) == 1:
            self.fields["ledger"].widget = forms.HiddenInput()
        self.fields["numbers"].choices = [(MASKED, "隐去中间数字（出生日期只留年份）"), (FULL, "完整号码")]
        if not is_guarded or not may_full:
            del self.fields["numbers"]
            del self.fields["reason"]


class LedgerListMixin:
    """Adds 导入台账 and 导出台账 to the list of a model that a ledger holds; put it before the admin base.

    What is exported are exactly the list's rows: scoped, searched and filtered as the address says.
    """

    actions_list = ("bring_ledger", "export_ledger")

    def has_bring_permission(self, request: HttpRequest) -> bool:
        """Whether the user may bring ledgers at all."""
        return request.user.has_perm("core.add_importbatch")

    def has_export_permission(self, request: HttpRequest) -> bool:
        """Whether the user may take out what may be seen."""
        may_see = self.has_view_permission(request)  # type: ignore[attr-defined]
        return may_see and request.user.has_perm("core.export_importbatch")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list; 导出台账 carries the list's conditions along."""
        response = super().changelist_view(request, extra_context)  # type: ignore[misc]
        query = request.GET.urlencode()
        shown = getattr(response, "context_data", None) or {}
        for one in shown.get("actions_list", ()) if query else ():
            if one["path"].endswith("/export/"):
                one["path"] += f"?{query}"
        return response

    @action(description="导入台账", url_path="bring", permissions=["bring"], icon="upload_file")
    def bring_ledger(self, request: HttpRequest) -> HttpResponse:
        """To the portal's page for that."""
        return redirect("ledgers")

    @action(description="导出台账", url_path="export", permissions=["export"], icon="download")
    def export_ledger(self, request: HttpRequest) -> HttpResponse:
        """Say what would be exported and ask how; on POST give the workbook, which leaves an audit event."""
        opts = self.opts  # type: ignore[attr-defined]
        back = reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist")
        try:
            changelist = self.get_changelist_instance(request)  # type: ignore[attr-defined]
        except IncorrectLookupParameters:
            messages.error(request, "筛选条件不对，没有导出。请在列表里重新筛选。")
            return redirect(back)
        rows, user = changelist.queryset, request.user
        found = [one for one in ledgers() if isinstance(one, RecordLedger) and one.model is self.model]  # type: ignore[attr-defined]
        counts = {one.slug: one.given(rows, user).count() for one in found}
        form = ExportForm(
            request.POST if request.method == "POST" else None,
            choices=[(one.slug, f"{one.title}（{counts[one.slug]} 行）") for one in found],
            may_full=may_reveal(user, self.model),  # type: ignore[attr-defined]
            is_guarded=any(is_guarded(one) for one in found),
        )
        said = conditions(changelist, user)
        if request.method == "POST" and form.is_valid():
            ledger = next(one for one in found if one.slug == form.cleaned_data["ledger"])
            try:
                if not counts[ledger.slug]:
                    raise DomainError("没有可以导出的行，请返回列表放宽条件。")
                given = export(
                    ledger,
                    rows,
                    by=user,
                    is_full=form.cleaned_data.get("numbers") == FULL,
                    reason=form.cleaned_data.get("reason", ""),
                    conditions=said,
                )
            except DomainError as error:
                form.add_error("reason" if "理由" in str(error) else None, str(error))
            else:
                return FileResponse(given.file, as_attachment=True, filename=given.name)
        query = request.GET.urlencode()
        return self.page(  # type: ignore[attr-defined]
            request,
            "admin/form_page.html",
            title=f"{opts.verbose_name}：导出台账",
            facts=[
                *((("台账", found[0].title), ("行数", f"{counts[found[0].slug]} 行")) if len(found) == 1 else ()),
                ("条件", said or "全部（没有筛选）"),
            ],
            intro="按列表现在的搜索和筛选条件导出，导出人和时间写在表里，也记入审计日志。",
            form=form,
            submit_label="导出",
            back=f"{back}?{query}" if query else back,
        )


def conditions(changelist: Any, user: Any) -> str:
    """How a list is searched and filtered, in words: 搜索：陈；会员状态：在会. "" when it isn't."""
    said = [f"搜索：{mask_typed(changelist.query)}"] if changelist.query else []
    told: set[str] = set()
    for one in changelist.filter_specs:
        used = _texts(one.used_parameters)
        if used:
            told |= set(one.expected_parameters())
            field = getattr(one, "field", None)
            offered = dict(one.lookup_choices) if isinstance(one, SimpleListFilter) else None
            said.append(f"{one.title}：{_words(field, used, user, offered)}")
    # What links of other pages ask for beyond the filters.
    for name, value in changelist.get_filters_params().items():
        if name not in told and (texts := _texts({name: value})):
            said.append(_linked(changelist.opts, name, texts, user))
    return "；".join(said)


def _texts(used: dict[str, Any]) -> list[str]:
    """The values of parameters, those of lists one by one, without empty ones."""
    values = [one for value in used.values() for one in (value if isinstance(value, list) else [value])]
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
        keys = [value for value in values if value.isdecimal()]
        seen = field.related_model._default_manager.visible_to(user).filter(pk__in=keys)  # type: ignore[union-attr]
        labels = {str(row.pk): str(row) for row in seen}
        return "、".join(labels.get(value, "没有这个单位或记录") for value in values)
    elif isinstance(field, models.BooleanField):
        labels = {"1": "是", "0": "否", "True": "是", "False": "否"}
    else:
        labels = {str(key): str(label) for key, label in getattr(field, "flatchoices", ())}
    return "、".join(labels.get(value, value) for value in values)
