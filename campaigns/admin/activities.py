"""Activities and their outcomes, with import and export of the ledger."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from unfold.decorators import display
from unfold.enums import ActionVariant

from campaigns import services
from campaigns.models import (
    LACKS,
    Activity,
    ActivityKind,
    ActivityState,
    Coverage,
    Outcome,
    Series,
    VillageAid,
)
from members.admin.filters import UnionFilter
from pingtang_union.admin import (
    ChoicesFilter,
    ConditionFilter,
    LedgerAdminMixin,
    OfferedFilter,
    PlainForm,
    ScopedAdmin,
    ScopedTabularInline,
    ValuesFilter,
    asks,
    role_may,
)
from pingtang_union.admin.columns import column
from pingtang_union.admin.links import link
from pingtang_union.core.text import fold
from pingtang_union.money import yuan


class _NamedFilter(OfferedFilter):
    asks_once = True
    named: Any

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(pk), name) for pk, name in self.named.objects.values_list("pk", "name")]


class KindFilter(_NamedFilter):
    """By kind."""

    title, parameter_name, named = "活动类别", "kind", ActivityKind


class SeriesFilter(_NamedFilter):
    """By series."""

    title, parameter_name, named = "活动系列", "series", Series


class LacksFilter(OfferedFilter):
    """By what is missing."""

    title = "待补充"
    parameter_name = "lacks"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [*LACKS.items()]

    def narrow(self, queryset: QuerySet, value: str) -> QuerySet:
        return queryset.lacking(value, timezone.localdate())


class PublicFilter(ConditionFilter):
    """On the public pages, waiting for it, or neither."""

    title = "公开"
    parameter_name = "public"
    conditions = {
        "offered": ("待核准", Q(offered_by__isnull=False, published_by__isnull=True)),
        "yes": ("已公开", Q(published_by__isnull=False)),
        "no": ("未提请", Q(offered_by__isnull=True)),
    }


class CancelForm(PlainForm):
    """Why it won't be held."""

    reason = forms.CharField(label="取消的原因", max_length=100, widget=forms.Textarea)


class OutcomeInline(ScopedTabularInline):
    model = Outcome
    fields = ("indicator", "value")


class VillageAidInline(ScopedTabularInline):
    model = VillageAid
    fields = ("village", "funds", "goods", "project")


class CoverageInline(ScopedTabularInline):
    model = Coverage
    fields = ("title", "url", "medium")


def facts_of(activity: Activity) -> list[tuple[str, Any]]:
    """What would be public."""
    photos = activity.photos.count()
    return [
        ("活动名称", activity.name), ("主题", activity.theme), ("地点", activity.place),
        ("协办单位", activity.partners),
        ("活动报道", activity.news or "未填写"), ("照片", f"{photos} 张，请先在「活动页面」核看" if photos else "无"),
    ]  # fmt: skip


@admin.register(Activity)
class ActivityAdmin(LedgerAdminMixin, ScopedAdmin):
    """活动。"""

    measure = "个"
    list_display = ("name", "kind", "union", "held_on", "headcount", "spent_label", "state_label")
    list_filter = (
        ("union", UnionFilter), KindFilter, ("year", ValuesFilter), SeriesFilter, ("state", ChoicesFilter), LacksFilter,
        PublicFilter,
    )  # fmt: skip
    list_select_related = ("union", "kind")
    autocomplete_fields = ("union", "co_hosts")
    search_help_text = "活动名称开头几个字"
    fold_term = staticmethod(fold)
    inlines = (OutcomeInline, VillageAidInline, CoverageInline)
    actions_detail = ("publish", "withdraw", "cancel")
    readonly_fields = ("state_label", "signed_up", "offered_by", "published_by", "published_at", "own_page")
    fieldsets = (
        (None, {"fields": ("name", ("kind", "series"), "theme", ("union", "partners"), "co_hosts",
                           ("held_on", "ended_on"), ("place", "sessions"))}),
        ("结果", {"fields": ("declared", ("budget", "spent"), "news", "note")}),
    )  # fmt: skip
    _standing = (
        "状态",
        {"fields": (("state_label", "signed_up", "own_page"), ("offered_by", "published_by", "published_at"))},
    )
    state_label = column("state", "状态", ActivityState)

    def get_fieldsets(self, request: HttpRequest, obj: Activity | None = None) -> Any:
        """With where it stands."""
        fieldsets = super().get_fieldsets(request, obj)
        return [*fieldsets, self._standing] if obj else fieldsets

    def save_model(self, request: HttpRequest, obj: Activity, form: Any, change: bool) -> None:
        services.save_activity(activity=obj, by=request.user)

    has_publish_permission = role_may("publish")

    def has_change_permission(self, request: HttpRequest, obj: Activity | None = None) -> bool:
        """What was cancelled stays as it is."""
        return super().has_change_permission(request, obj) and getattr(obj, "state", "") != ActivityState.CANCELLED

    def unfit_actions(self, request: HttpRequest, activity: Activity) -> set[str]:
        """What can't be done where it stands."""
        unfit = set() if activity.state == ActivityState.PLANNED else {"cancel"}
        if activity.offered_by_id is None:
            unfit |= {"publish", "withdraw"}
        elif activity.published_by_id is not None or activity.offered_by_id == request.user.pk:
            unfit.add("publish")
        return unfit

    @asks(
        "核准公开", permission="publish", icon="public", form=PlainForm, submit="核准公开", facts=facts_of,
        intro="核准后公众可见。提请公开的人不能核准；您自己上传的照片不随本次公开。照片中有未成年人的，须有监护人同意。",
    )  # fmt: skip
    def publish(self, request: HttpRequest, activity: Activity, form: PlainForm) -> str:
        """A second person's yes."""
        services.publish(activity=activity, by=request.user)
        return f"已公开：{activity}。"

    @asks(
        "不再公开", permission="publish", icon="visibility_off", variant=ActionVariant.DANGER, form=PlainForm,
        submit="不再公开", intro="公开页面上不再显示这个活动和照片。",
    )  # fmt: skip
    def withdraw(self, request: HttpRequest, activity: Activity, form: PlainForm) -> str:
        """Take it off the public pages."""
        services.withdraw(activity=activity, by=request.user)
        return f"不再公开：{activity}。"

    @asks(
        "取消活动", permission="change", icon="event_busy", variant=ActionVariant.DANGER, form=CancelForm,
        submit="取消活动", intro="取消后不再列入待登记结果的活动，记录保留。",
    )  # fmt: skip
    def cancel(self, request: HttpRequest, activity: Activity, form: CancelForm) -> str:
        """It won't be held."""
        services.cancel(activity=activity, reason=form.cleaned_data["reason"], by=request.user)
        return f"已取消：{activity}。"

    @display(description="经费（元）", ordering="spent")
    def spent_label(self, obj: Activity) -> str:
        return yuan(obj.spent)

    @display(description="活动页面")
    def own_page(self, obj: Activity) -> str:
        return link(reverse("campaigns:activity_detail", args=[obj.pk]), "照片、提请公开")


@admin.register(Outcome)
class OutcomeAdmin(LedgerAdminMixin, ScopedAdmin):
    """活动成果。"""

    measure = "项"
    deletable = True
    list_display = ("activity", "indicator", "value", "unit")
    list_select_related = ("activity", "indicator")
    autocomplete_fields = ("activity",)
    prefix_field = "activity__name_key"
    fold_term = staticmethod(fold)
    search_help_text = "活动名称开头几个字"
    fields = ("activity", ("indicator", "value"))

    @display(description="单位")
    def unit(self, obj: Outcome) -> str:
        return obj.indicator.unit
