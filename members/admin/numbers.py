"""Names and numbers that wait for the county, and the alarms of who asked for too many."""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from unfold.enums import ActionVariant

from members.admin.filters import UnionFilter
from members.admin.forms import answer_form
from members.models import HeldNumber, HeldState, NumberAlarm
from members.services import numbers
from pingtang_union.admin import ChoicesFilter, ReadOnlyAdmin, RevealMixin, ScopedAdmin, asks
from pingtang_union.admin.columns import column


@admin.register(HeldNumber)
class HeldNumberAdmin(ReadOnlyAdmin, RevealMixin, ScopedAdmin):
    """待核实号码。"""

    measure = "个"
    list_display = ("name", "masked_number", "union", "why_label", "by", "at", "state_label", "settled_at")
    list_filter = (("state", ChoicesFilter), ("why", ChoicesFilter), ("union", UnionFilter))
    list_select_related = ("union", "by")
    list_before_template = "admin/queue.html"
    linked_lookups = ("state__exact",)
    search_help_text = "姓名开头几个字"
    actions_detail = ("reveal", "confirm", "refuse")
    fieldsets = (
        (None, {"fields": (("name", "state_label"), ("id_type", "masked_number"), "union", "why_label")}),
        ("来源", {"fields": (("by", "at"), "place", "batch")}),
        ("核实", {"fields": (("settled_by", "settled_at"), "answer")}),
    )
    readonly_fields = ("masked_number", "state_label", "why_label")

    def has_settle_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whether the user may settle at all; which ones is the service's to say."""
        return request.user.has_perm("members.settle_heldnumber") and self.has_reveal_permission(request)

    def unfit_actions(self, request: HttpRequest, held: HeldNumber) -> tuple[str, ...]:
        """What is settled stays, and nobody settles her own."""
        is_open = held.state == HeldState.OPEN and held.by_id != request.user.pk
        return () if is_open else ("confirm", "refuse")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list, with how many stand where and the alarms of thirty days."""
        visible = HeldNumber.objects.visible_to(request.user).order_by()
        counts = dict(visible.values_list("state").annotate(number=Count("pk")))
        page = reverse("admin:members_heldnumber_changelist")
        shown = request.GET.get("state__exact")
        queue = [
            (f"{page}?state__exact={state}", HeldState(state).label, counts.get(state, 0), shown == state)
            for state in HeldState.values
        ]
        if request.user.has_perm("members.view_numberalarm"):
            since = timezone.now() - timedelta(days=30)
            alarms = NumberAlarm.objects.visible_to(request.user).filter(at__gte=since).count()
            queue.append((reverse("admin:members_numberalarm_changelist"), "近 30 天号码试探告警", alarms, False))
        return super().changelist_view(request, {**(extra_context or {}), "queue": queue})

    @asks(
        "核实无误", permission="settle", icon="check", variant=ActionVariant.PRIMARY,
        form=answer_form("核实说明", required=False),
        intro="请先查看完整证件号，和报送工会提供的身份证核对。"
        "号码在别的工会有在任的干部记录的，先给那条记录填离任时间。核实以后，这个工会再报这个人就照常办理。",
    )  # fmt: skip
    def confirm(self, request: HttpRequest, held: HeldNumber, form: Any) -> str:
        """Name and number are right."""
        numbers.settle_number(held=held, by=request.user, agree=True, **form.cleaned_data)
        return f"已登记：{held}核实无误。"

    @asks(
        "不予登记", permission="settle", icon="close", intro="该姓名和号码不予登记。",
        form=answer_form("不予登记的原因", help_text="报送工会可见，请勿填写其他工会和他人的情况。"),
    )  # fmt: skip
    def refuse(self, request: HttpRequest, held: HeldNumber, form: Any) -> str:
        """They are not to be registered."""
        numbers.settle_number(held=held, by=request.user, agree=False, **form.cleaned_data)
        return f"已登记：{held}不予登记。"

    state_label = column("state", "状态", HeldState)
    why_label = column("why", "为什么暂缓")


@admin.register(NumberAlarm)
class NumberAlarmAdmin(ReadOnlyAdmin, ScopedAdmin):
    """号码试探告警。"""

    list_display = ("at", "account", "union", "numbers", "place")
    list_display_links = ("at",)
    list_filter = (("union", UnionFilter),)
    list_select_related = ("account", "union")
    search_help_text = "完整账号"
    prefix_field = "account__username"
    fields = ("at", "account", "union", "numbers", "place", "batch")
