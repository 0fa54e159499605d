"""Schemes of star unions for county staff: dimensions, items, thresholds; put in use, copied to another year."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db import models
from django.db.models import Count, Q, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from unfold.decorators import display
from unfold.enums import ActionVariant

from awards import services
from awards.admin.kept import KeptAdmin, KeptInline, KeptRowsFormSet
from awards.models import Scorecard, StarDimension, StarItem, StarScheme, StarThreshold, points
from awards.services.stars import NOT_HANDED_IN, handed_in, lock_items, refuse_unusable
from pingtang_union.admin import CatalogueAdminMixin, PlainForm, ScopedAdmin, asks, catalogue
from pingtang_union.admin.links import link
from pingtang_union.core.exceptions import DomainError


class YearForm(PlainForm):
    """For which year a scheme is copied."""

    year = forms.IntegerField(
        label="新的年度", min_value=1949, max_value=2199, error_messages={"invalid": "年度要写成 2026 这样的四位数。"}
    )

    def __init__(self, *args: Any, record: StarScheme, **kwargs: Any):
        super().__init__(*args, record=record, initial={"year": record.year + 1}, **kwargs)


class UnscoredFormSet(KeptRowsFormSet):
    """Dimensions and items that scorecards have scored."""

    def uses(self, row: models.Model) -> str:
        of_row = Q(scores__item=row) | Q(files__item=row)
        if isinstance(row, StarDimension):
            of_row = Q(scores__item__dimension=row) | Q(files__item__dimension=row)
        number = Scorecard.objects.filter(of_row).distinct().count()
        return f"{number} 份自评打过分或传过材料" if number else ""


class _OfSchemeInline(KeptInline):
    """Rows that bear marks are closed once a scorecard is handed in."""

    bears_marks = True

    def is_open(self, request: HttpRequest, obj: Any) -> bool:
        scheme = getattr(obj, "scheme", obj)
        if scheme is None or scheme.pk is None:
            return True
        return super().is_open(request, scheme) and not (self.bears_marks and _handed_in(scheme))


def _handed_in(scheme: StarScheme) -> int:
    """Asked once a request: the scheme is fetched anew in each."""
    if not hasattr(scheme, "handed_in_count"):
        scheme.handed_in_count = handed_in(scheme)
    return scheme.handed_in_count


class DimensionInline(_OfSchemeInline):
    """Dimensions; their items have a page each."""

    model = StarDimension
    formset = UnscoredFormSet
    fields = ("name", "order", "items_link")
    readonly_fields = ("items_link",)
    verbose_name_plural = "评定维度（先保存维度，再打开填写评分项目）"

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """With number and marks of the items."""
        rows = super().get_queryset(request).annotate(number=Count("items"), marks=Sum("items__marks"))
        return rows.order_by("order", "pk")

    @display(description="评分项目")
    def items_link(self, obj: StarDimension) -> str:
        if obj.pk is None:
            return "保存以后填写"
        words = f"{obj.number} 项，{points(obj.marks)} 分" if obj.number else "未填写，点击填写"
        url = reverse("admin:awards_stardimension_change", args=[obj.pk])
        return link(url, words)


class ItemInline(_OfSchemeInline):
    """Items of a dimension."""

    model = StarItem
    formset = UnscoredFormSet
    fields = ("text", "marks", "needs_evidence", "order")
    verbose_name_plural = "评分项目"


class ThresholdInline(_OfSchemeInline):
    """Thresholds: what is confirmed already keeps its stars."""

    model = StarThreshold
    fields = ("stars", "least")
    verbose_name_plural = "星级分数线（按文件填写）"
    bears_marks = False


_OF_ITEMS = ("name", "-text", "-marks")  # inputs of dimensions and items, which a page to read has none of


class _SchemeMixin:
    """What is written of a scheme in use leaves it usable; its items only change before scorecards are handed in."""

    def scheme_of(self, obj: Any) -> StarScheme:
        return getattr(obj, "scheme", obj)

    def changeform_view(self, request: HttpRequest, object_id: str | None = None, *rest: Any) -> HttpResponse:
        """A form that was opened before a scorecard was handed in and is sent after it is refused, not passed over."""
        record = self.get_object(request, object_id) if request.method == "POST" and object_id else None
        if record is not None and any(name.endswith(_OF_ITEMS) for name in request.POST):
            try:
                lock_items(self.scheme_of(record))
            except DomainError as error:
                messages.error(request, f"没有保存。{error}")
                return redirect(request.get_full_path())
        return super().changeform_view(request, object_id, *rest)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Refuse what would change marks under people's feet, or leave a scheme in use without what it needs. Raises
        DomainError, with nothing saved."""
        scheme = self.scheme_of(form.instance)
        bearing = [formset for formset in formsets if formset.model is not StarThreshold and formset.has_changed()]
        if bearing or (form.instance is not scheme and form.has_changed()):
            lock_items(scheme)
        super().save_related(request, form, formsets, change)
        refuse_unusable(StarScheme.objects.get(pk=scheme.pk))

    @display(description="说明")
    def notice(self, obj: Any) -> str:
        """Why items can't be changed, and what can be done."""
        number = _handed_in(self.scheme_of(obj))
        if not number:
            return "尚无工会提交自评，维度、评分项目和分值可以修改。"
        return (
            f"已有 {number} 个工会提交了自评，维度、评分项目和分值不能再改。"
            "确实要改，请先把这些自评退回；已经认定的，请复制成新的评定标准。"
        )


def _what_use_means(scheme: StarScheme) -> str:
    missing = scheme.missing_to_use()
    return f"目前不能启用：{'；'.join(missing)}。" if missing else "启用后，下级工会即可据此自评。"


@admin.register(StarScheme)
class StarSchemeAdmin(CatalogueAdminMixin, _SchemeMixin, KeptAdmin):
    """星级评定标准。"""

    applications = Scorecard
    named_by = "scheme"
    nothing = "尚无自评。"
    # Put in use on its page, where dimensions, items and thresholds are filled in or copied.
    resource_classes = (catalogue(StarScheme, "union", "year", "title", without=("is_in_use",)),)
    inlines = (DimensionInline, ThresholdInline)
    measure = "份"
    list_display = ("title", "union", "year", "closes_on", "use_label", "handed_in_link")
    actions_detail = ("put_in_use", "take_out_of_use", "copy")
    readonly_fields = ("use_label", "progress", "notice", "full_label")
    fieldsets = (
        ("进展", {"fields": (("use_label", "full_label"), "progress", "notice")}),
        (None, {"fields": ("title", ("union", "year"), ("document", "document_number"), "closes_on", "note")}),
    )

    def handed_in(self, applications: QuerySet) -> QuerySet:
        return applications.exclude(state__in=NOT_HANDED_IN)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """The scheme with the number of all that was handed in: the marks are everybody's."""
        scheme = super().get_object(request, object_id, from_field)
        if scheme is not None:
            scheme.handed_in_count = handed_in(scheme)
        return scheme

    def unfit_actions(self, request: HttpRequest, scheme: StarScheme) -> tuple[str, ...]:
        """Of 启用 and 停用 the one that doesn't fit; all for a scheme that only is read."""
        if not services.may_keep(scheme, request.user):
            return ("put_in_use", "take_out_of_use", "copy")
        return ("put_in_use",) if scheme.is_in_use else ("take_out_of_use",)

    @asks("启用", permission="keep", icon="play_arrow", variant=ActionVariant.PRIMARY, intro=_what_use_means)
    def put_in_use(self, request: HttpRequest, scheme: StarScheme, form: PlainForm) -> str:
        """Let unions score themselves by it."""
        services.put_in_use(scheme=scheme, by=request.user)
        return f"已启用「{scheme}」，各工会现在可以自评。"

    @asks(
        "停用", permission="keep", icon="pause",
        intro="停用后不能开始和提交自评；已提交的继续办理。停用后可重新启用。",
    )  # fmt: skip
    def take_out_of_use(self, request: HttpRequest, scheme: StarScheme, form: PlainForm) -> str:
        """Take no more scorecards by it."""
        services.take_out_of_use(scheme=scheme, by=request.user)
        return f"已停用「{scheme}」。"

    @asks(
        "复制到新年度", permission="keep", icon="content_copy", form=YearForm,
        intro="复制维度、评分项目和分数线。依据文件、文号和截止日期每年不同，不复制；请核对是否与新的文件一致。",
    )  # fmt: skip
    def copy(self, request: HttpRequest, scheme: StarScheme, form: YearForm) -> str:
        """Take dimensions, items and thresholds over to another year."""
        copied = services.copy_scheme(scheme=scheme, year=form.cleaned_data["year"], by=request.user)
        return f"已复制成「{copied}」（{copied.year} 年度，还没有启用）。请到列表里打开它，核对后启用。"

    @display(description="是否启用", label={"正在使用": "success", "没有启用": "info"})
    def use_label(self, obj: StarScheme) -> str:
        return "正在使用" if obj.is_in_use else "没有启用"

    @display(description="满分")
    def full_label(self, obj: StarScheme) -> str:
        return f"{points(obj.full_marks())} 分"


@admin.register(StarDimension)
class StarDimensionAdmin(_SchemeMixin, ScopedAdmin):
    """A dimension with its items; reached from its scheme."""

    inlines = (ItemInline,)
    measure = "个"
    list_display = ("name", "scheme", "order")
    list_select_related = ("scheme__union",)
    prefix_field = "name"
    search_help_text = "维度名称的开头几个字"
    readonly_fields = ("scheme_link", "notice")
    fields = ("scheme_link", ("name", "order"), "notice")

    class Media:
        css = {"all": ["css/admin_stars.css"]}

    def has_add_permission(self, request: HttpRequest) -> bool:
        """On the scheme's page."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: StarDimension | None = None) -> bool:
        """Where the scheme is kept, until a scorecard is handed in."""
        allowed = super().has_change_permission(request, obj)
        kept = obj is None or (services.may_keep(obj.scheme, request.user) and not _handed_in(obj.scheme))
        return allowed and kept

    @display(description="评定标准")
    def scheme_link(self, obj: StarDimension) -> str:
        url = reverse("admin:awards_starscheme_change", args=[obj.scheme_id])
        return link(url, obj.scheme)
