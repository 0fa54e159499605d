"""Rounds of selection with all that a call asks for."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from unfold.decorators import display
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from awards import services
from awards.admin.forms import CopyForm
from awards.admin.kept import KeptAdmin, KeptInline, KeptRowsFormSet
from awards.models import (
    Honour,
    Nomination,
    Quota,
    RequiredOpinion,
    RequiredPaper,
    RoundVeto,
    SelectionRound,
    SlateRatio,
)
from pingtang_union.admin import OfferedFilter, asks
from pingtang_union.admin.links import links


class AnsweredFormSet(KeptRowsFormSet):
    """Requirements that nominations have answered."""

    def uses(self, row: models.Model) -> str:
        number = _uses(row)
        return f"{number} 份推荐用到" if number else ""


def _uses(row: models.Model) -> int:
    """How many nominations hold the row: by ticks and files, answers, opinions."""
    keys: set[int] = set()
    for relation in row._meta.related_objects:
        if relation.on_delete is models.PROTECT:
            way = "application_id" if hasattr(relation.related_model, "application_id") else "nomination_id"
            held: Any = relation.related_model._base_manager.filter(**{relation.field.name: row})
            keys |= set(held.values_list(way, flat=True))
    return len(keys)


class _OfRoundInline(KeptInline):
    """A tab of the form; without scripts the tabs stand below each other."""

    formset = AnsweredFormSet
    tab = True


class QuotaInline(_OfRoundInline):
    """Places."""

    model = Quota
    fields = ("union", "system", "places")
    autocomplete_fields = ("union",)
    verbose_name_plural = "名额"


class PaperInline(_OfRoundInline):
    """Papers."""

    model = RequiredPaper
    fields = ("order", "title", "applies_to", "copies", "needs_file", "note")
    ordering_field = "order"  # by dragging; who has no scripts writes the number
    verbose_name_plural = "报送材料"


class OpinionInline(_OfRoundInline):
    """Departments asked."""

    model = RequiredOpinion
    fields = ("order", "department", "applies_to")
    ordering_field = "order"
    verbose_name_plural = "征求意见部门"


class VetoInline(_OfRoundInline):
    """Vetoes."""

    model = RoundVeto
    fields = ("kind", "period")
    verbose_name_plural = "否决情形"


class RatioInline(_OfRoundInline):
    """Shares of the slate."""

    model = SlateRatio
    fields = ("trait", "bound", "percent")
    verbose_name_plural = "结构比例"


class OpenFilter(OfferedFilter):
    """Rounds that take nominations, or not."""

    title = "申报"
    parameter_name = "open"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "正在申报"), ("no", "不在申报")]

    def narrow(self, queryset: Any, value: str) -> Any:
        is_open = queryset.open_on(timezone.localdate())
        return is_open if value == "yes" else queryset.exclude(pk__in=is_open)


class YearFilter(OfferedFilter):
    """By year, among the viewer's rounds."""

    title = "年度"
    asks_once = True
    parameter_name = "year"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        years = SelectionRound.objects.visible_to(request.user).order_by("-year").values_list("year", flat=True)
        return [(str(year), f"{year} 年") for year in years.distinct()]


@admin.register(SelectionRound)
class SelectionRoundAdmin(KeptAdmin):
    """评选推荐。"""

    applications = Nomination
    named_by = "round"
    begins_with = (*KeptAdmin.begins_with, "opens_on")
    nothing = "尚未推荐。"
    inlines = (QuotaInline, PaperInline, OpinionInline, VetoInline, RatioInline)
    measure = "次"
    list_display = ("title", "union", "year", "opens_on", "closes_on", "recommend_by", "state_label", "handed_in_link")
    list_filter = (OpenFilter, YearFilter)
    actions_detail = ("copy",)
    readonly_fields = ("progress", "papers_out")
    fieldsets = (
        ("进展", {"fields": ("progress", "papers_out")}),
        (None, {"fields": ("title", ("union", "year"), "honours", "call_document")}),
        ("时间", {"fields": (("opens_on", "closes_on"), ("recommend_by", "closed_on"))}),
        ("办法", {"fields": (("county_places", "needs_recommendation"), "objection_contact", "note")}),
    )

    def handed_in(self, applications: Any) -> Any:
        return applications.running()

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """The titles as a list to tick, from the highest level down; works without scripts."""
        kwargs["queryset"] = Honour.objects.in_order()
        field = super().formfield_for_manytomany(db_field, request, **kwargs)
        if isinstance(field, forms.ModelMultipleChoiceField):
            field.widget = UnfoldAdminCheckboxSelectMultipleWidget()
            field.widget.choices = field.choices
            field.help_text = ""
        return field

    def unfit_actions(self, request: HttpRequest, round: SelectionRound) -> tuple[str, ...]:
        """Requirements are copied into rounds that the user keeps."""
        return () if services.may_keep(round, request.user) else ("copy",)

    @asks(
        "复制以前的要求", permission="keep", icon="content_copy", path="copy", form=CopyForm,
        intro="复制材料、征求意见的部门、否决情形和结构比例；已有的不重复。名额每年不同，不复制。",
    )  # fmt: skip
    def copy(self, request: HttpRequest, round: SelectionRound, form: CopyForm) -> str:
        """Take over papers, opinions, vetoes and ratios of an earlier round."""
        added = services.copy_requirements(round=round, source=form.cleaned_data["source"], by=request.user)
        if not added:
            return "无需复制，各项要求均已登记。"
        return f"已复制 {added} 项要求，请逐项核对是否与今年的通知一致。"

    @display(
        description="申报", label={"正在申报": "success", "尚未开始": "info", "已截止": "warning", "已结束": "info"}
    )
    def state_label(self, obj: SelectionRound) -> str:
        today = timezone.localdate()
        if obj.closed_on:
            return "已结束"
        if today < obj.opens_on:
            return "尚未开始"
        return "正在申报" if obj.is_open_on(today) else "已截止"

    @display(description="名单和文稿")
    def papers_out(self, obj: SelectionRound) -> str:
        routes = (
            ("awards:round_slate", "名单结构"),
            ("awards:round_notice", "公示稿"),
            ("awards:round_decision", "决定稿"),
        )
        papers = [(url, label) for name, label in routes if (url := _address(name, obj.pk))]
        return links(papers, "—")


def _address(name: str, pk: int) -> str:
    try:
        return reverse(name, args=[pk])
    except NoReverseMatch:
        return ""
