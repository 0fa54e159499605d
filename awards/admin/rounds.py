"""Rounds of selection with all that a call asks for."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Count, IntegerField, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import action, display
from unfold.forms import PaginationInlineFormSet
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from awards import services
from awards.admin.deeds import deed_page
from awards.admin.forms import CopyForm
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
from pingtang_union.core.admin import ScopedAdmin, ScopedTabularInline
from pingtang_union.core.admin.audit import NoDeadLinksMixin
from pingtang_union.core.workflow import State


class KeptInUseFormSet(PaginationInlineFormSet):
    """Rows that nominations have answered stay: deleting one is refused in words, with the number of answers."""

    def clean(self) -> None:
        """Before Django's own refusal, which would list every answer by name, others' too."""
        for form in self.forms:
            if self._should_delete_form(form) and form.instance.pk and (used := _uses(form.instance)):
                raise ValidationError(
                    f"「{form.instance}」已经有 {used} 份推荐用到，不能删除；没有保存，请取消勾选「删除」后再保存。"
                )
        super().clean()


def _uses(row: models.Model) -> int:
    """How many nominations hold the row: by ticks and files, answers, opinions."""
    found: set[int] = set()
    for relation in row._meta.related_objects:
        if relation.on_delete is models.PROTECT:
            way = "application_id" if hasattr(relation.related_model, "application_id") else "nomination_id"
            held: Any = relation.related_model._base_manager.filter(**{relation.field.name: row})  # type: ignore[union-attr]
            found |= set(held.values_list(way, flat=True))
    return len(found)


class _OfRoundInline(NoDeadLinksMixin, ScopedTabularInline):
    formset = KeptInUseFormSet
    hide_title = True
    show_change_link = False

    def _keeps(self, request: HttpRequest, obj: Any) -> bool:
        return obj is None or services.may_keep(obj, request.user)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only in rounds that the user keeps."""
        return super().has_add_permission(request, obj) and self._keeps(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only in rounds that the user keeps."""
        return super().has_change_permission(request, obj) and self._keeps(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only in rounds that the user keeps."""
        return super().has_delete_permission(request, obj) and self._keeps(request, obj)


class QuotaInline(_OfRoundInline):
    """Places."""

    model = Quota
    fields = ("union", "system", "places")
    autocomplete_fields = ("union",)
    verbose_name_plural = "名额（给一个工会连同下级，或给一个系统）"


class PaperInline(_OfRoundInline):
    """Papers."""

    model = RequiredPaper
    fields = ("title", "applies_to", "copies", "needs_file", "note", "order")
    verbose_name_plural = "所需材料"


class OpinionInline(_OfRoundInline):
    """Departments asked."""

    model = RequiredOpinion
    fields = ("department", "applies_to", "order")
    verbose_name_plural = "征求意见的部门"


class VetoInline(_OfRoundInline):
    """Vetoes."""

    model = RoundVeto
    fields = ("kind", "period")
    verbose_name_plural = "一票否决情形"


class RatioInline(_OfRoundInline):
    """Shares of the slate."""

    model = SlateRatio
    fields = ("trait", "bound", "percent")
    verbose_name_plural = "结构比例（按通知要求）"


class OpenFilter(DropdownFilter):
    """Rounds that take nominations, or not."""

    title = "申报"
    parameter_name = "open"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "正在申报"), ("no", "不在申报")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        today = timezone.localdate()
        if self.value() == "yes":
            return queryset.open_on(today)
        return queryset.exclude(pk__in=queryset.open_on(today)) if self.value() == "no" else queryset


class YearFilter(DropdownFilter):
    """By year, among the viewer's rounds."""

    title = "年度"
    parameter_name = "year"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        years = SelectionRound.objects.visible_to(request.user).order_by("-year").values_list("year", flat=True)
        return [(str(year), f"{year} 年") for year in years.distinct()]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        offered = {key for key, _ in self.lookup_choices}
        return queryset.filter(year=self.value()) if self.value() in offered else queryset


@admin.register(SelectionRound)
class SelectionRoundAdmin(NoDeadLinksMixin, ScopedAdmin):
    """评选推荐。"""

    inlines = (QuotaInline, PaperInline, OpinionInline, VetoInline, RatioInline)
    list_display = ("title", "union", "year", "opens_on", "closes_on", "recommend_by", "state_label", "handed_in")
    list_filter = (OpenFilter, YearFilter)
    list_select_related = ("union",)
    autocomplete_fields = ("union",)
    search_fields = ("title",)
    search_help_text = "名称的开头几个字"
    actions_detail = ("copy",)
    readonly_fields = ("progress", "papers_out")
    fieldsets = (
        ("进展", {"fields": ("progress", "papers_out")}),
        (None, {"fields": ("title", ("union", "year"), "honours", "call_document")}),
        ("时间", {"fields": (("opens_on", "closes_on"), ("recommend_by", "closed_on"))}),
        ("办法", {"fields": (("county_places", "needs_recommendation"), "objection_contact", "note")}),
    )

    def search_condition(self, term: str) -> Q:
        return Q(title__startswith=term)

    def get_queryset(self, request: HttpRequest) -> Any:
        """With `handed_in_count`: of how many of the user's rows it was handed in and not fallen."""
        mine = Nomination.objects.visible_to(request.user).running().filter(round=OuterRef("pk")).order_by()
        held = Subquery(mine.values("round").annotate(n=Count("pk")).values("n"), output_field=IntegerField())
        return super().get_queryset(request).annotate(handed_in_count=Coalesce(held, 0))

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """The titles as a list to tick, from the highest level down; works without scripts."""
        kwargs["queryset"] = Honour.objects.in_order()
        field = super().formfield_for_manytomany(db_field, request, **kwargs)
        if isinstance(field, forms.ModelMultipleChoiceField):
            field.widget = UnfoldAdminCheckboxSelectMultipleWidget()
            field.widget.choices = field.choices
            field.help_text = ""
        return field

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """From one's own union, this year, from today on."""
        today = timezone.localdate()
        initial = {"union": request.user.union_id, "year": today.year, "opens_on": today}
        return initial | super().get_changeform_initial_data(request)

    def get_fieldsets(self, request: HttpRequest, obj: SelectionRound | None = None) -> Any:
        """A new round has no progress yet."""
        fieldsets = super().get_fieldsets(request, obj)
        return fieldsets if obj else fieldsets[1:]

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """The round with its reader, whose nominations are counted."""
        one = super().get_object(request, object_id, from_field)
        if one is not None:
            one.reader = request.user
        return one

    def has_change_permission(self, request: HttpRequest, obj: SelectionRound | None = None) -> bool:
        """One's own rounds and those of unions below; those from above are to read."""
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or services.may_keep(obj, request.user))

    def has_keep_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whether the role keeps rounds at all."""
        return request.user.has_perm("awards.change_selectionround")

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Requirements are copied into rounds that the user keeps."""
        one = self.get_object(request, str(object_id))
        return super().get_actions_detail(request, object_id) if one and services.may_keep(one, request.user) else []

    @action(description="复制以前的要求", url_path="copy", permissions=["keep"], icon="content_copy")
    def copy(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Take over papers, opinions, vetoes and ratios of an earlier round."""
        one = self.visible_or_404(request, object_id)

        def do(form: Any) -> str:
            added = services.copy_requirements(round=one, source=form.cleaned_data["source"], by=request.user)
            return (
                f"已复制 {added} 项要求，请逐项核对是否与今年的通知一致。"
                if added
                else "没有要复制的，要求都已经有了。"
            )

        return deed_page(
            self, request, one, CopyForm, label="复制以前的要求", do=do,
            rounds=SelectionRound.objects.visible_to(request.user).exclude(pk=one.pk),
            intro="复制材料、征求意见的部门、否决情形和结构比例；已有的不重复。名额每年不同，不复制。",
        )  # fmt: skip

    @display(
        description="申报", label={"正在申报": "success", "还没有开始": "info", "已截止": "warning", "已结束": "info"}
    )
    def state_label(self, obj: SelectionRound) -> str:
        today = timezone.localdate()
        if obj.closed_on:
            return "已结束"
        if today < obj.opens_on:
            return "还没有开始"
        return "正在申报" if obj.is_open_on(today) else "已截止"

    @display(description="已报", ordering="handed_in_count")
    def handed_in(self, obj: SelectionRound) -> str:
        url = f"{reverse('admin:awards_nomination_changelist')}?round={obj.pk}&state="
        return render_to_string("admin/_link.html", {"url": url, "text": f"{obj.handed_in_count} 份"})

    @display(description="各状态的推荐")
    def progress(self, obj: SelectionRound) -> str:
        mine = Nomination.objects.visible_to(obj.reader).filter(round=obj)
        counts = dict(mine.order_by().values("state").annotate(n=Count("pk")).values_list("state", "n"))
        url = f"{reverse('admin:awards_nomination_changelist')}?round={obj.pk}&state="
        links = [(url + state, f"{state.label} {counts[state]} 份") for state in State if counts.get(state)]
        return render_to_string("admin/_links.html", {"links": links, "nothing": "还没有推荐。"})

    @display(description="名单和文稿")
    def papers_out(self, obj: SelectionRound) -> str:
        routes = (("round_slate", "名单结构"), ("round_notice", "公示稿"), ("round_decision", "决定稿"))
        links = [(url, label) for name, label in routes if (url := _address(name, obj.pk))]
        return render_to_string("admin/_links.html", {"links": links, "nothing": "—"})


def _address(name: str, pk: int) -> str:
    try:
        return reverse(name, args=[pk])
    except NoReverseMatch:
        return ""
