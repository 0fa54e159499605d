"""Payment batches for county staff: made, checked, released, answered; what failed waits in a queue."""

import io
from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect
from unfold.decorators import display
from unfold.enums import ActionVariant

from pingtang_union.admin import (
    ChoicesFilter,
    ConditionFilter,
    OpenInline,
    PlainForm,
    ReadOnlyAdmin,
    ScopedAdmin,
    ScopedAutocompleteFilter,
    amount,
    asks,
    column,
    role_may,
)
from pingtang_union.core.exceptions import DomainError
from pingtang_union.money import capitals, yuan
from relief.admin.names import NamedSearchMixin
from relief.admin.payment_forms import AnswerForm, FileForm, JoinForm, OpenForm, RemoveForm, RetryForm, WhyForm
from relief.models import (
    Grant,
    GrantState,
    PaymentBatch,
    PaymentRow,
    PaymentState,
    PayWay,
    RowResult,
)
from relief.models.grants import shown_name
from relief.services import bank, payments, slips


class RowInline(OpenInline):
    """Payments of a batch, to read."""

    model = PaymentRow
    per_page = 50
    fields = ("number", "payee_label", "account_label", "bank_label", "amount_text", "result_label", "reason")
    readonly_fields = ("payee_label", "account_label", "bank_label", "amount_text", "result_label")
    verbose_name_plural = "发放明细"
    can_delete = False
    result_label = column("result", "结果", RowResult)
    amount_text = amount("amount", "金额（元）")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        rows = super().get_queryset(request).annotate(shown_name=shown_name(request.user, "grant__"))
        return rows.select_related("grant").order_by("number")

    @display(description="收款人")
    def payee_label(self, obj: PaymentRow) -> str:
        return obj.shown_name

    @display(description="收款账号")
    def account_label(self, obj: PaymentRow) -> str:
        return str(obj.grant.account or "—")

    @display(description="开户银行")
    def bank_label(self, obj: PaymentRow) -> str:
        return obj.grant.bank or "—"


# Which button has something to do in which state.
_STEPS = {
    "join": (PaymentState.MAKING,),
    "remove": (PaymentState.MAKING,),
    "hand-in": (PaymentState.MAKING,),
    "drop": (PaymentState.MAKING,),
    "approve": (PaymentState.HANDED_IN,),
    "send-back": (PaymentState.HANDED_IN, PaymentState.CHECKED),
    "release": (PaymentState.CHECKED,),
    "file": (PaymentState.RELEASED, PaymentState.SETTLED),
    "answer": (PaymentState.RELEASED, PaymentState.SETTLED),
    "slips": (PaymentState.RELEASED, PaymentState.SETTLED),
}
_MAKERS = ("join", "remove", "hand-in")


@admin.register(PaymentBatch)
class PaymentBatchAdmin(ReadOnlyAdmin, ScopedAdmin):
    """发放批次。"""

    measure = "批"
    list_display = ("title", "fund", "way_label", "number", "total_text", "state_label", "made_by", "made_at")
    list_filter = (("state", ChoicesFilter), ("fund", ScopedAutocompleteFilter), ("way", ChoicesFilter))
    list_select_related = ("fund", "made_by")
    ordering = ("-pk",)
    prefix_field = "title"
    search_help_text = "名称的开头几个字"
    actions_list = ("open",)
    actions_detail = ("approve", "release", "answer", "file", "hand_in", "join", "slips", "remove", "send_back", "drop")
    inlines = (RowInline,)
    fieldsets = (
        (None, {"fields": (("title", "state_label"), ("fund", "way_label"), ("number", "total_text"), "capitals_text",
                           "reason")}),
        ("办理", {"fields": (("made_by", "made_at"), ("checked_by", "checked_at"), ("released_by", "released_at"),
                           "settled_at")}),
    )  # fmt: skip
    readonly_fields = ("state_label", "way_label", "number", "total_text", "capitals_text")
    state_label = column("state", "状态", PaymentState)
    way_label = column("way", "发放方式")
    total_text = amount("total", "合计（元）", sorts=True)
    has_make_permission = role_may("add")
    has_slips_permission = role_may("change")
    has_check_permission = role_may("check")
    has_release_permission = role_may("release")

    def has_either_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Who checks or releases may send back."""
        return self.has_check_permission(request) or self.has_release_permission(request)

    def has_drop_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """The maker gives a batch up, or who checks."""
        return self.has_make_permission(request) or self.has_check_permission(request)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """With the number of payments."""
        return super().get_queryset(request).annotate(rows_number=Count("rows"))

    def unfit_actions(self, request: HttpRequest, batch: PaymentBatch) -> set[str]:
        """What the state doesn't call for, and what is another person's."""
        unfit = {path for path, states in _STEPS.items() if batch.state not in states}
        if batch.made_by_id != request.user.pk:
            unfit |= {*_MAKERS} if self.has_check_permission(request) else {*_MAKERS, "drop"}
        else:
            unfit |= {"approve", "release"}
        if batch.checked_by_id == request.user.pk:
            unfit.add("release")
        return unfit | ({"file", "answer"} if batch.way == PayWay.HAND else set())

    @display(description="笔数")
    def number(self, obj: Any) -> int:
        return obj.rows_number

    @display(description="大写")
    def capitals_text(self, obj: PaymentBatch) -> str:
        return capitals(obj.total)

    @asks(
        "新建批次",
        permission="make",
        icon="add",
        path="open",
        form=OpenForm,
        submit="新建",
        variant=ActionVariant.PRIMARY,
    )
    def open(self, request: HttpRequest, batch: None, form: OpenForm) -> HttpResponse:
        told = form.cleaned_data
        made = payments.open_batch(fund=told["fund"], title=told["title"], way=PayWay(told["way"]), by=request.user)
        return redirect(self.address("change", made.pk))

    @asks("加入发放", permission="make", icon="playlist_add", form=JoinForm)
    def join(self, request: HttpRequest, batch: PaymentBatch, form: JoinForm) -> str:
        number = payments.add_grants(batch=batch, grants=form.grants(), by=request.user)
        return f"已加入 {number} 笔。"

    @asks("移出", permission="make", icon="playlist_remove", form=RemoveForm)
    def remove(self, request: HttpRequest, batch: PaymentBatch, form: RemoveForm) -> str:
        number = payments.remove_rows(batch=batch, by=request.user, **form.cleaned_data)
        return f"已移出 {number} 笔。"

    @asks(
        "提交复核", permission="make", icon="send", path="hand-in", variant=ActionVariant.PRIMARY,
        intro="提交后由他人复核，复核期间不能修改。",
        facts=lambda batch: [("合计", f"{yuan(batch.total)} 元"), ("大写", capitals(batch.total))],
    )  # fmt: skip
    def hand_in(self, request: HttpRequest, batch: PaymentBatch, form: PlainForm) -> str:
        payments.hand_in(batch=batch, by=request.user)
        return "已提交，等待复核。"

    @asks("作废", permission="drop", icon="block", variant=ActionVariant.DANGER, form=WhyForm)
    def drop(self, request: HttpRequest, batch: PaymentBatch, form: WhyForm) -> str:
        payments.drop(batch=batch, by=request.user, **form.cleaned_data)
        return "已作废，其中的发放可以编入其他批次。"

    @asks(
        "复核通过", permission="check", icon="check", variant=ActionVariant.PRIMARY,
        intro="请逐笔核对收款人、账号和金额。复核后批次锁定，再有改动即不能放款。",
        facts=lambda batch: [("合计", f"{yuan(batch.total)} 元"), ("大写", capitals(batch.total))],
    )  # fmt: skip
    def approve(self, request: HttpRequest, batch: PaymentBatch, form: PlainForm) -> str:
        payments.check(batch=batch, by=request.user)
        return "已复核，等待放款。"

    @asks("退回", permission="either", icon="undo", path="send-back", form=WhyForm)
    def send_back(self, request: HttpRequest, batch: PaymentBatch, form: WhyForm) -> str:
        payments.send_back(batch=batch, by=request.user, **form.cleaned_data)
        return "已退回编制人。"

    @asks(
        "放款", permission="release", icon="payments", variant=ActionVariant.PRIMARY,
        intro="放款即从资金列支。银行代发的，放款后下载代发文件送银行，再登记回盘。",
        facts=lambda batch: [
            ("资金", batch.fund), ("可用余额", f"{yuan(batch.fund.available)} 元"),
            ("合计", f"{yuan(batch.total)} 元"), ("大写", capitals(batch.total)),
        ],
    )  # fmt: skip
    def release(self, request: HttpRequest, batch: PaymentBatch, form: PlainForm) -> str:
        payments.release(batch=batch, by=request.user)
        return f"已放款，从资金列支 {yuan(batch.total)} 元。"

    @asks(
        "下载代发文件", permission="release", icon="download", path="file", form=FileForm, submit="下载",
        intro="文件含完整账号，只用于送银行代发。下载会记入审计日志。",
    )  # fmt: skip
    def file(self, request: HttpRequest, batch: PaymentBatch, form: FileForm) -> FileResponse:
        make = bank.workbook if form.cleaned_data["form"] == "workbook" else bank.text
        paper = make(batch=batch, by=request.user)
        return FileResponse(io.BytesIO(paper.content), as_attachment=True, filename=paper.name)

    @asks("收款回执", permission="slips", icon="qr_code", path="slips", submit="制作并打印",
          intro="为发放成功的每一笔制作回执单，交收款人扫码或填写回执码确认。")  # fmt: skip
    def slips(self, request: HttpRequest, batch: PaymentBatch, form: PlainForm) -> HttpResponse:
        slips.make_slips(batch=batch, by=request.user)
        return redirect("relief:slips_print", pk=batch.pk)

    @asks(
        "登记回盘", permission="release", icon="upload_file", form=AnswerForm, variant=ActionVariant.PRIMARY,
        intro="发放失败的，款项退回资金，发放记录进入失败待处理。同一文件重复登记不会重复入账。",
    )  # fmt: skip
    def answer(self, request: HttpRequest, batch: PaymentBatch, form: AnswerForm) -> str:
        file = form.cleaned_data["file"]
        if file.size > bank.MAX_ANSWER_BYTES:
            raise DomainError("回盘文件太大，请核对是否选错了文件。")
        paid, failed = bank.read_answer(
            batch=batch, content=file.read(), name=file.name, on=form.cleaned_data["on"], by=request.user
        )
        return f"已登记：成功 {paid} 笔，失败 {failed} 笔。" if paid or failed else "没有新的结果。"


class FailedFilter(ConditionFilter):
    """Failed payments whose grant waits to be put right."""

    title = "处理情况"
    parameter_name = "due"
    conditions = {"yes": ("失败待处理", Q(result=RowResult.FAILED, grant__state=GrantState.FAILED))}


@admin.register(PaymentRow)
class PaymentRowAdmin(NamedSearchMixin, ReadOnlyAdmin, ScopedAdmin):
    """发放明细。"""

    measure = "笔"
    list_display = ("payee_label", "batch", "amount_text", "account_label", "bank_label", "result_label", "reason")
    list_filter = (FailedFilter, ("result", ChoicesFilter))
    list_select_related = ("batch", "grant")
    way = "grant"
    linked_lookups = ("batch",)
    ordering = ("-batch", "number")
    prefix_field = "grant__name_key"
    search_help_text = "收款人姓名的开头几个字"
    actions_detail = ("retry",)
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("payee_label", "batch"),
                    ("amount_text", "account_label", "bank_label"),
                    ("result_label", "reason"),
                )
            },
        ),
    )
    readonly_fields = ("payee_label", "amount_text", "account_label", "bank_label", "result_label")
    result_label = column("result", "结果", RowResult)
    payee_label, account_label, bank_label = RowInline.payee_label, RowInline.account_label, RowInline.bank_label
    amount_text = RowInline.amount_text
    has_retry_permission = role_may("approve", Grant)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """With names as the reader may read them."""
        return super().get_queryset(request).annotate(shown_name=shown_name(request.user, "grant__"))

    def unfit_actions(self, request: HttpRequest, row: PaymentRow) -> tuple[str, ...]:
        return () if row.result == RowResult.FAILED and row.grant.state == GrantState.FAILED else ("retry",)

    @asks(
        "重新核定", permission="retry", icon="replay", form=RetryForm, variant=ActionVariant.PRIMARY,
        intro="改正账号后重新核定，即可编入新的发放批次。",
        facts=lambda row: [("收款人", row.grant.name), ("账号", row.grant.account or "—"), ("失败原因", row.reason)],
    )  # fmt: skip
    def retry(self, request: HttpRequest, row: PaymentRow, form: RetryForm) -> str:
        payments.retry(grant=row.grant, by=request.user, **form.cleaned_data)
        return f"已重新核定：{row.grant.name}。"
