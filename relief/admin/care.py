"""Rules of attention, the early list and visits."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from unfold.admin import ModelAdmin
from unfold.decorators import display

from members.admin.filters import UnionFilter
from members.models import Member
from pingtang_union.admin import (
    ConditionFilter,
    OfferedFilter,
    PlainForm,
    ReadOnlyAdmin,
    ScopedAdmin,
    ValuesFilter,
    asks,
    role_may,
)
from pingtang_union.admin.bases import PageMixin
from pingtang_union.admin.links import link, links, record_url
from pingtang_union.core.figures import mask_name
from pingtang_union.core.permissions import may
from relief import services
from relief.models import CareRule, CareVisit, Check, EarlyCase
from relief.models.grants import NAMES_READ_WITH
from relief.services import masking


@admin.register(CareRule)
class CareRuleAdmin(PageMixin, ModelAdmin):
    """关注规则: a new threshold is a new row, so that what was looked at keeps the rule that named it."""

    list_display = ("words_label", "check_code", "threshold", "programme", "in_force_from", "document", "is_in_use")
    list_select_related = ("programme",)
    fields = ("words", ("check_code", "threshold", "programme"), ("in_force_from", "is_in_use"),
              ("document", "document_number"), "is_example")  # fmt: skip

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never: take it out of use."""
        return False

    @display(description="规则", ordering="words")
    def words_label(self, obj: CareRule) -> str:
        return str(obj)


class LookForm(PlainForm):
    """What came of looking."""

    note = forms.CharField(label="查看情况", max_length=200, widget=forms.Textarea)


class LookedFilter(ConditionFilter):
    """Whether a person has looked."""

    title = "查看"
    parameter_name = "looked"
    conditions = {
        "no": ("待查看", Q(looked_on__isnull=True, is_current=True)),
        "yes": ("已查看", Q(looked_on__isnull=False)),
        "over": ("不再符合规则", Q(is_current=False)),
    }


class RuleFilter(OfferedFilter):
    """By the rule."""

    title = "规则"
    asks_once = True
    parameter_name = "rule"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(one.pk), str(one)) for one in CareRule.objects.all()]


@admin.register(EarlyCase)
class EarlyCaseAdmin(ReadOnlyAdmin, ScopedAdmin):
    """提前关注: for a person to look at; nothing follows by itself, and nothing is ordered by need."""

    measure = "条"
    list_display = ("who", "union", "why", "found_on", "looked_on", "looked_by", "note")
    list_filter = (LookedFilter, RuleFilter, ("union", UnionFilter))
    list_select_related = ("union", "rule", "member", "household", "grant__group", "looked_by")
    prefix_field = "union__name"
    search_help_text = "工会名称的开头几个字"
    actions_list = ("find",)
    actions_detail = ("look",)
    fields = (("who", "union"), "why", ("document", "found_on", "is_current"), "record", ("looked_on", "looked_by"),
              "note")  # fmt: skip
    readonly_fields = ("who", "why", "document", "record")
    has_look_permission = role_may("look")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Without what tells of health or children, for who may not read of either."""
        hidden = [
            check for check, verb in ((Check.ILLNESS, "health"), (Check.SINGLE, "children"))
            if not masking.sees(request.user, verb)
        ]  # fmt: skip
        return super().get_queryset(request).exclude(rule__check_code__in=hidden)

    @asks("更新名单", permission="look", icon="refresh",
          intro="按使用中的规则从本系统的记录中查找，供人工查看；不认定困难类别，不打分，不排序。")  # fmt: skip
    def find(self, request: HttpRequest, record: None, form: PlainForm) -> str:
        """Bring the list up to date."""
        return f"已更新，新列入 {services.find_early(request.user)} 条。"

    @asks("登记查看情况", permission="look", icon="visibility", form=LookForm, facts=lambda case: [("规则", case.rule)])
    def look(self, request: HttpRequest, case: EarlyCase, form: LookForm) -> str:
        """A person has looked."""
        services.look_at(case=case, note=form.cleaned_data["note"], by=request.user)
        return "已登记查看情况。"

    @display(description="对象")
    def who(self, obj: EarlyCase) -> str:
        user = obj.reader  # type: ignore[attr-defined]  # prepare gives it
        if obj.household is not None:
            return f"{masking.shown_name(obj.household, user)}户"
        if obj.grant is not None:
            return obj.grant.name_for(user)
        name = obj.member.name if obj.member is not None else ""
        return name if may(user, "view", Member) and user.has_perms(NAMES_READ_WITH) else mask_name(name)

    @display(description="列入的规则", ordering="rule")
    def why(self, obj: EarlyCase) -> str:
        return str(obj.rule)

    @display(description="依据")
    def document(self, obj: EarlyCase) -> str:
        return f"{obj.rule.document}{obj.rule.document_number}"

    @display(description="记录")
    def record(self, obj: EarlyCase) -> str:
        of: Any = obj.household or obj.grant or obj.member
        return link(record_url(of, of.pk), "查看原记录")


@admin.register(CareVisit)
class CareVisitAdmin(ReadOnlyAdmin, ScopedAdmin):
    """走访慰问: written on the page of the visit."""

    measure = "次"
    list_display = ("visited_on", "address", "programme", "union", "people", "recorded_by")
    list_filter = (("union", UnionFilter), ("address", ValuesFilter))
    list_select_related = ("union", "programme", "recorded_by")
    ordering = ("-visited_on", "-pk")
    prefix_field = "address"
    search_help_text = "地址的开头几个字"
    fields = (("visited_on", "address"), ("programme", "plan"), ("union", "recorded_by"), "note", "people", "photos")
    readonly_fields = ("people", "photos")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).annotate(number=Count("grants"))

    @display(description="走访对象")
    def people(self, obj: Any) -> str:
        return link(f"{reverse('admin:relief_grant_changelist')}?visit={obj.pk}", f"{obj.number} 人")

    @display(description="照片")
    def photos(self, obj: CareVisit) -> str:
        return links([(reverse("relief:visit_photo", args=[one.pk]), one.name) for one in obj.files.all()], "—")
