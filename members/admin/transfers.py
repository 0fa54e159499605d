"""Requests to move a membership: county staff reads them all and decides where the giving union doesn't answer."""

from typing import Any

from django.contrib import admin
from django.db.models import Case, QuerySet, When
from django.http import HttpRequest
from unfold.enums import ActionVariant

from members import services
from members.admin.filters import UnionFilter
from members.admin.forms import answer_form
from members.models import TransferRequest, TransferState
from pingtang_union.admin import ChoicesFilter, ReadOnlyAdmin, ScopedAdmin, asks, role_may
from pingtang_union.admin.attention import AttentionMixin
from pingtang_union.admin.columns import column


@admin.register(TransferRequest)
class TransferRequestAdmin(AttentionMixin, ReadOnlyAdmin, ScopedAdmin):
    """转会申请."""

    measure = "件"
    list_display = ("member", "from_union", "to_union", "on", "state_label", "asked_at", "answered_at")
    list_filter = (("state", ChoicesFilter), ("from_union", UnionFilter), ("to_union", UnionFilter))
    list_select_related = ("member", "from_union", "to_union")
    change_form_outer_before_template = "admin/attention.html"
    search_help_text = "姓名开头几个字"
    prefix_field = "member__name_key"
    actions_detail = ("agree", "refuse")
    fieldsets = (
        (None, {"fields": ("member", ("from_union", "to_union"), ("on", "state_label"), "reason")}),
        ("申请与答复", {"fields": (("asked_by", "asked_at"), ("answered_by", "answered_at"), "answer", "batch")}),
    )
    readonly_fields = ("state_label",)

    has_answer_permission = role_may("answer")

    def touched(self, user: Any) -> Case:
        """By the request, then by the answer, unless they are the viewer's."""
        return Case(
            When(answered_by=user, then=None),
            When(answered_at__isnull=False, then="answered_at"),
            When(asked_by=user, then=None),
            default="asked_at",
        )

    def queue_rows(self, request: HttpRequest) -> QuerySet:
        return self.get_queryset(request).pending().order_by("asked_at", "pk")

    def unfit_actions(self, request: HttpRequest, asked: TransferRequest) -> tuple[str, ...]:
        """Only a request that waits can be answered, and not by who asked."""
        is_open = asked.state == TransferState.PENDING and asked.asked_by_id != request.user.pk
        return () if is_open else ("agree", "refuse")

    @asks(
        "同意转会", permission="answer", icon="check", variant=ActionVariant.PRIMARY, submit="同意",
        form=answer_form("答复说明", required=False), leads_on=True,
        intro="同意后，会籍即转入申请工会，并登记转出、转入各一次。",
    )  # fmt: skip
    def agree(self, request: HttpRequest, asked: TransferRequest, form: Any) -> str:
        """The county decides for it."""
        services.answer_transfer(request=asked, by=request.user, agree=True, **form.cleaned_data)
        return f"已同意：{asked}。"

    @asks(
        "不同意转会", permission="answer", icon="close", path="refuse", submit="不同意", intro="会籍保留在原工会。",
        form=answer_form("不同意的原因", help_text="申请工会可见。"), leads_on=True,
    )  # fmt: skip
    def refuse(self, request: HttpRequest, asked: TransferRequest, form: Any) -> str:
        """The county decides against it, and says why."""
        services.answer_transfer(request=asked, by=request.user, agree=False, **form.cleaned_data)
        return f"已答复不同意：{asked}。"

    state_label = column("state", "状态", TransferState)
