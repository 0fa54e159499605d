"""Funds, their entries and the bank's balances, for those who keep the books."""

import uuid
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import F, Q, QuerySet, Sum
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from unfold.contrib.filters.admin import BooleanRadioFilter
from unfold.decorators import display
from unfold.enums import ActionVariant

from pingtang_union.admin import (
    ChoicesFilter,
    ConditionFilter,
    PlainForm,
    ReadOnlyAdmin,
    ScopedAdmin,
    ScopedAutocompleteFilter,
    amount,
    asks,
    column,
    role_may,
)
from pingtang_union.admin.links import link
from pingtang_union.core.fields import DocumentNumberField
from pingtang_union.money import MoneyField, yuan
from relief.models import BankBalance, Entry, EntryKind, Fund
from relief.models.entries import in_books
from relief.services import money


class MoneyMovesForm(PlainForm):
    """How much, when, by which document. The key makes a form that is sent twice count once."""

    amount = MoneyField("金额（元）").formfield(min_value=0)
    effective_on = forms.DateField(label="发生日期", initial=timezone.localdate, widget=forms.DateInput)
    document_number = DocumentNumberField("文号", blank=True).formfield()
    key = forms.CharField(widget=forms.HiddenInput, max_length=32, initial=lambda: uuid.uuid4().hex)


class RecordForm(MoneyMovesForm):
    """Money that came in or was spent."""

    kind = forms.ChoiceField(label="类别", choices=[(kind.value, kind.label) for kind in money.OWN_KINDS])
    field_order = ("kind",)


class TransferForm(MoneyMovesForm):
    """To which fund."""

    target = forms.ModelChoiceField(label="划入资金", queryset=Fund.objects.none(), empty_label="请选择")
    field_order = ("target",)

    def __init__(self, *args: Any, record: Fund, user: Any, **kwargs: Any):
        super().__init__(*args, record=record, user=user, **kwargs)
        rows = Fund.objects.visible_to(user).filter(is_open=True).exclude(pk=record.pk)
        self.fields["target"].queryset = rows  # type: ignore[attr-defined]


class ReverseForm(PlainForm):
    """Why."""

    reason = forms.CharField(label="冲正原因", max_length=200, widget=forms.Textarea, help_text="原因会记入审计日志。")


@admin.register(Fund)
class FundAdmin(ScopedAdmin):
    """资金。"""

    measure = "项"
    list_display = ("name", "year", "source_label", "union", "available_text", "open_label")
    list_filter = (("source", ChoicesFilter), ("is_open", BooleanRadioFilter))
    list_select_related = ("union",)
    ordering = ("-year", "pk")
    autocomplete_fields = ("union",)
    prefix_field = "name"
    search_help_text = "资金名称的开头几个字"
    later, begins_with = ("余额",), ("union", "year")
    actions_detail = ("record", "transfer")
    readonly_fields = ("available_text", "came_in", "went_out", "entries_link")
    fieldsets = (
        ("余额", {"fields": (("available_text", "came_in", "went_out"), "entries_link")}),
        (None, {"fields": (("name", "year"), ("source", "union"), "purpose", "is_open")}),
    )
    source_label = column("source", "来源")
    available_text = amount("available", "可用余额（元）", sorts=True)
    came_in = amount("plus", "累计增加（元）")
    has_move_permission = role_may("move")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """With what came in and went out."""
        sums = {
            name: Sum(
                "entries__amount", filter=Q(**{f"entries__amount__{sign}": 0}), default=0, output_field=MoneyField()
            )
            for name, sign in (("plus", "gt"), ("minus", "lt"))
        }
        return super().get_queryset(request).annotate(**sums)

    @display(description="累计减少（元）")
    def went_out(self, obj: Any) -> str:
        return yuan(-obj.minus)

    @display(description="状态", ordering="is_open", label={"使用中": "is-ok", "已停用": ""})
    def open_label(self, obj: Fund) -> str:
        return "使用中" if obj.is_open else "已停用"

    @display(description="资金流水")
    def entries_link(self, obj: Fund) -> str:
        url = reverse("admin:relief_entry_changelist")
        return link(f"{url}?fund={obj.pk}", f"共 {obj.version} 笔，查看流水")

    @asks(
        "登记收支", permission="move", icon="payments", variant=ActionVariant.PRIMARY, form=RecordForm,
        intro="发放给个人的由发放批次列支，不在这里登记。登记后不能修改和删除，有误的可以冲正。",
        facts=lambda fund: [("可用余额", f"{yuan(fund.available)} 元")],
    )  # fmt: skip
    def record(self, request: HttpRequest, fund: Fund, form: RecordForm) -> str:
        told = form.cleaned_data
        told["kind"] = EntryKind(told["kind"])
        entry = money.record(fund=fund, by=request.user, **told)
        return f"已登记{entry.get_kind_display()} {yuan(abs(entry.amount))} 元，余额 {yuan(entry.balance)} 元。"

    @asks(
        "划转", permission="move", icon="swap_horiz", form=TransferForm, intro="从本项资金划出，划入另一项资金。",
        facts=lambda fund: [("可用余额", f"{yuan(fund.available)} 元")],
    )  # fmt: skip
    def transfer(self, request: HttpRequest, fund: Fund, form: TransferForm) -> str:
        out, into = money.transfer(source=fund, by=request.user, **form.cleaned_data)
        return f"已划转 {yuan(into.amount)} 元至「{into.fund}」，余额 {yuan(out.balance)} 元。"


@admin.register(Entry)
class EntryAdmin(ReadOnlyAdmin, ScopedAdmin):
    """资金流水。"""

    measure = "笔"
    list_display = (
        "place",
        "fund",
        "kind_label",
        "amount_text",
        "balance_text",
        "effective_on",
        "document_number",
        "by",
    )
    list_filter = (("fund", ScopedAutocompleteFilter), ("kind", ChoicesFilter))
    list_select_related = ("fund", "by")
    linked_lookups = ("fund", "payment")
    ordering = ("-at", "-pk")
    prefix_field = "document_number"
    search_help_text = "文号的开头几个字"
    actions_detail = ("reverse",)
    fieldsets = (
        (None, {"fields": (("fund", "place"), ("kind_label", "amount_text", "balance_text"), "effective_on",
                           "document_number", "payment", ("reverses", "transfer"), ("by", "at"))}),
    )  # fmt: skip
    readonly_fields = ("place", "kind_label", "amount_text", "balance_text")
    kind_label = column("kind", "类别")
    amount_text = amount("amount", "金额（元）", sorts=True)
    balance_text = amount("balance", "余额（元）")
    has_move_permission = role_may("move", Fund)

    def unfit_actions(self, request: HttpRequest, entry: Entry) -> tuple[str, ...]:
        is_own = entry.kind in (*money.OWN_KINDS, EntryKind.TRANSFER)
        return () if is_own and not hasattr(entry, "reversed_by") else ("reverse",)

    @display(description="序号", ordering="version")
    def place(self, obj: Entry) -> str:
        return f"第 {obj.version} 笔"

    @asks(
        "冲正", permission="move", icon="undo", variant=ActionVariant.DANGER, form=ReverseForm,
        intro="冲正另记一笔金额相反的流水，原流水保留。划转的两笔一并冲正。",
        facts=lambda entry: [
            ("资金", entry.fund), ("类别", entry.get_kind_display()), ("金额", f"{yuan(entry.amount)} 元"),
        ],
    )  # fmt: skip
    def reverse(self, request: HttpRequest, entry: Entry, form: ReverseForm) -> str:
        money.reverse(entry=entry, by=request.user, **form.cleaned_data)
        return "已冲正。"


class DifferenceFilter(ConditionFilter):
    """Whether the bank says what the books say."""

    title = "是否相符"
    parameter_name = "agrees"
    conditions = {
        "no": ("不符", ~Q(amount=F("booked"))),
        "open": ("不符且未说明", ~Q(amount=F("booked")) & Q(note="")),
        "yes": ("相符", Q(amount=F("booked"))),
    }


@admin.register(BankBalance)
class BankBalanceAdmin(ScopedAdmin):
    """银行对账。"""

    measure = "条"
    list_display = ("fund", "on", "amount_text", "booked_text", "difference_text", "agrees", "note")
    list_filter = (DifferenceFilter, ("fund", ScopedAutocompleteFilter))
    list_select_related = ("fund",)
    autocomplete_fields = ("fund",)
    prefix_field = "fund__name"
    search_help_text = "资金名称的开头几个字"
    begins_with = ("on",)
    fields = (("fund", "on"), "amount", "note")
    amount_text = amount("amount", "银行余额（元）", sorts=True)
    booked_text = amount("booked", "账面余额（元）")
    difference_text = amount("difference", "差额（元）")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """With the books of that day."""
        return in_books(super().get_queryset(request))

    def save_model(self, request: HttpRequest, obj: BankBalance, form: Any, change: bool) -> None:
        obj.recorded_by = request.user
        super().save_model(request, obj, form, change)

    @display(description="结果", label={"相符": "is-ok", "不符": "is-bad", "不符，已说明": "is-warn"})
    def agrees(self, obj: Any) -> str:
        if not obj.difference:
            return "相符"
        return "不符，已说明" if obj.note else "不符"
