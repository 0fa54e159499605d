"""Recipients' slips for county staff: what they said, and the cases that follow."""

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from unfold.decorators import display
from unfold.enums import ActionVariant

from pingtang_union.admin import (
    ChoicesFilter,
    ConditionFilter,
    ReadOnlyAdmin,
    ScopedAdmin,
    amount,
    asks,
    column,
    role_may,
)
from pingtang_union.money import yuan
from relief.admin.names import NamedSearchMixin
from relief.admin.payment_forms import FindingForm
from relief.models import Slip, SlipState
from relief.models.grants import shown_name
from relief.models.slips import DIFFERENT
from relief.services import slips


class CaseFilter(ConditionFilter):
    """Slips that staff has to look into."""

    title = "处理情况"
    parameter_name = "due"
    conditions = {"yes": ("有差异待核实", Q(state__in=DIFFERENT, settled_at__isnull=True))}


@admin.register(Slip)
class SlipAdmin(NamedSearchMixin, ReadOnlyAdmin, ScopedAdmin):
    """收款回执。"""

    measure = "份"
    list_display = ("payee", "batch", "paid_text", "state_label", "said_text", "answered_at", "finding")
    list_filter = (CaseFilter, ("state", ChoicesFilter))
    list_select_related = ("row__batch", "row__grant")
    way = "row__grant"
    ordering = ("-pk",)
    prefix_field = "row__grant__name_key"
    search_help_text = "收款人姓名的开头几个字"
    actions_detail = ("settle",)
    fieldsets = (
        (None, {"fields": (("payee", "batch", "paid_text"), ("state_label", "said_text", "answered_at"),
                           ("made_by", "made_at"))}),
        ("核实", {"fields": ("finding", ("settled_by", "settled_at"))}),
    )  # fmt: skip
    readonly_fields = ("payee", "batch", "paid_text", "state_label", "said_text")
    state_label = column("state", "收款人确认", SlipState)
    paid_text, said_text = amount("row.amount", "发放金额（元）"), amount("said", "所报金额（元）")
    has_settle_permission = role_may("settle")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """With names as the reader may read them."""
        return super().get_queryset(request).annotate(shown_name=shown_name(request.user, "row__grant__"))

    def unfit_actions(self, request: HttpRequest, slip: Slip) -> tuple[str, ...]:
        return () if slip.is_case else ("settle",)

    @display(description="收款人")
    def payee(self, obj: Slip) -> str:
        return obj.shown_name

    @display(description="发放批次")
    def batch(self, obj: Slip) -> str:
        return str(obj.row.batch)

    @asks(
        "登记核实结果", permission="settle", icon="fact_check", form=FindingForm, variant=ActionVariant.PRIMARY,
        facts=lambda slip: [
            ("收款人", slip.row.grant.name), ("发放金额", f"{yuan(slip.row.amount)} 元"),
            ("收款人确认", slip.get_state_display()),
        ],
    )  # fmt: skip
    def settle(self, request: HttpRequest, slip: Slip, form: FindingForm) -> str:
        slips.settle(slip=slip, by=request.user, **form.cleaned_data)
        return "已登记核实结果。"
