"""Schemes of star unions for county staff: dimensions, items, thresholds; put in use, copied to another year."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from unfold.decorators import action, display
from unfold.enums import ActionVariant
from unfold.forms import PaginationInlineFormSet

from awards import services
from awards.admin.deeds import deed_page
from awards.models import Scorecard, StarDimension, StarItem, StarScheme, StarThreshold, points
from awards.services.stars import NOT_HANDED_IN, handed_in, lock_items, refuse_unusable
from pingtang_union.core.admin import PlainForm, ScopedAdmin, ScopedTabularInline
from pingtang_union.core.admin.audit import NoDeadLinksMixin
from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.workflow import State


class YearForm(PlainForm):
    """For which year a scheme is copied."""

    year = forms.IntegerField(
        label="新的年度", min_value=1949, max_value=2199, error_messages={"invalid": "年度要写成 2026 这样的四位数。"}
    )


class UnscoredFormSet(PaginationInlineFormSet):
    """Dimensions and items that scorecards have scored stay: deleting one is refused in words, with their number
    (Django's own check would name every single score)."""

    def clean(self) -> None:
        for form in self.deleted_forms:
            if form.instance.pk and (used := _uses(form.instance)):
                raise ValidationError(
                    f"「{form.instance}」已经有 {used} 份自评打过分或传过材料，不能删除；没有保存，请取消勾选「删除」。"
                )
        super().clean()


def _uses(row: models.Model) -> int:
    of_row = Q(scores__item=row) | Q(files__item=row)
    if isinstance(row, StarDimension):
        of_row = Q(scores__item__dimension=row) | Q(files__item__dimension=row)
    return Scorecard.objects.filter(of_row).distinct().count()


class _OfSchemeInline(NoDeadLinksMixin, ScopedTabularInline):
    """Rows of a scheme: written where it is kept, and those that bear marks until a scorecard is handed in."""

    hide_title = True
    show_change_link = False
    bears_marks = True

    def _is_open(self, request: HttpRequest, obj: Any) -> bool:
        scheme = getattr(obj, "scheme", obj)
        if scheme is None or scheme.pk is None:
            return True
        return services.may_keep(scheme, request.user) and not (self.bears_marks and _handed_in(scheme))

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_add_permission(request, obj) and self._is_open(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and self._is_open(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and self._is_open(request, obj)


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
        said = f"{obj.number} 项，{points(obj.marks)} 分" if obj.number else "还没有，打开填写"
        url = reverse("admin:awards_stardimension_change", args=[obj.pk])
        return render_to_string("admin/_link.html", {"url": url, "text": said})


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

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """A form that was opened before a scorecard was handed in and is sent after it is refused, not passed over."""
        one = self.get_object(request, object_id) if request.method == "POST" and object_id else None  # type: ignore[attr-defined]
        if one is not None and any(name.endswith(_OF_ITEMS) for name in request.POST):
            try:
                lock_items(self.scheme_of(one))
            except DomainError as error:
                messages.error(request, f"没有保存。{error}")
                return redirect(request.get_full_path())
        return super().changeform_view(request, object_id, form_url, extra_context)  # type: ignore[misc]

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Refuse what would change marks under people's feet, or leave a scheme in use without what it needs. Raises
        DomainError, with nothing saved."""
        scheme = self.scheme_of(form.instance)
        bearing = [one for one in formsets if one.model is not StarThreshold and one.has_changed()]
        if bearing or (form.instance is not scheme and form.has_changed()):
            lock_items(scheme)
        super().save_related(request, form, formsets, change)  # type: ignore[misc]
        refuse_unusable(StarScheme.objects.get(pk=scheme.pk))

    @display(description="说明")
    def notice(self, obj: Any) -> str:
        """Why items can't be changed, and what can be done."""
        number = _handed_in(self.scheme_of(obj))
        if not number:
            return "还没有工会提交自评，维度、评分项目和分值可以修改。"
        return (
            f"已有 {number} 个工会提交了自评，维度、评分项目和分值不能再改。"
            "确实要改，请先把这些自评退回；已经认定的，请复制成新的评定标准。"
        )


@admin.register(StarScheme)
class StarSchemeAdmin(_SchemeMixin, NoDeadLinksMixin, ScopedAdmin):
    """星级评定标准。"""

    inlines = (DimensionInline, ThresholdInline)
    list_display = ("title", "union", "year", "closes_on", "use_label", "handed_in_link")
    list_select_related = ("union",)
    autocomplete_fields = ("union",)
    search_fields = ("title",)
    search_help_text = "名称的开头几个字"
    actions_detail = ("put_in_use", "take_out_of_use", "copy")
    readonly_fields = ("use_label", "progress", "notice", "full_label")
    fieldsets = (
        ("进展", {"fields": (("use_label", "full_label"), "progress", "notice")}),
        (None, {"fields": ("title", ("union", "year"), ("document", "document_number"), "closes_on", "note")}),
    )

    def search_condition(self, term: str) -> Q:
        return Q(title__startswith=term)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """With `handed_in_count`: how many of the user's rows were handed in."""
        mine = Scorecard.objects.visible_to(request.user).exclude(state__in=NOT_HANDED_IN)
        counted = mine.filter(scheme=OuterRef("pk")).order_by().values("scheme").annotate(n=Count("pk")).values("n")
        held = Coalesce(Subquery(counted, output_field=IntegerField()), 0)
        return super().get_queryset(request).annotate(handed_in_count=held)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """The scheme with its reader, whose scorecards are counted."""
        one = super().get_object(request, object_id, from_field)
        if one is not None:
            one.reader = request.user
            one.handed_in_count = handed_in(one)  # all of them: the marks are everybody's
        return one

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """From one's own union, this year."""
        initial = {"union": request.user.union_id, "year": timezone.localdate().year}
        return initial | super().get_changeform_initial_data(request)

    def get_fieldsets(self, request: HttpRequest, obj: StarScheme | None = None) -> Any:
        """A new scheme has no progress yet."""
        return self.fieldsets if obj else self.fieldsets[1:]

    def has_change_permission(self, request: HttpRequest, obj: StarScheme | None = None) -> bool:
        """One's own schemes and those of unions below; those from above are to read."""
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or services.may_keep(obj, request.user))

    def has_keep_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whether the role keeps schemes at all."""
        return request.user.has_perm("awards.change_starscheme")

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Of 启用 and 停用 the one that fits; none for a scheme that only is read."""
        one = self.get_object(request, str(object_id))
        if one is None or not services.may_keep(one, request.user):
            return []
        other = "put_in_use" if one.is_in_use else "take_out_of_use"
        return [it for it in super().get_actions_detail(request, object_id) if it.path != other]

    @action(
        description="启用", url_path="put_in_use", permissions=["keep"], icon="play_arrow",
        variant=ActionVariant.PRIMARY,
    )  # fmt: skip
    def put_in_use(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Let unions score themselves by it."""
        one = self.visible_or_404(request, object_id)

        def do(form: Any) -> str:
            services.put_in_use(scheme=one, by=request.user)
            return f"已启用「{one}」，各工会现在可以自评。"

        missing = one.missing_to_use()
        intro = f"现在还不能启用：{'；'.join(missing)}。" if missing else "启用后，下级工会就能按它自评。"
        return deed_page(self, request, one, PlainForm, label="启用", do=do, intro=intro)

    @action(description="停用", url_path="take_out_of_use", permissions=["keep"], icon="pause")
    def take_out_of_use(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Take no more scorecards by it."""
        one = self.visible_or_404(request, object_id)

        def do(form: Any) -> str:
            services.take_out_of_use(scheme=one, by=request.user)
            return f"已停用「{one}」。"

        intro = "停用后不能再开始和提交自评；已经提交的照常办理。以后可以再启用。"
        return deed_page(self, request, one, PlainForm, label="停用", do=do, intro=intro)

    @action(description="复制到新年度", url_path="copy", permissions=["keep"], icon="content_copy")
    def copy(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Take dimensions, items and thresholds over to another year."""
        one = self.visible_or_404(request, object_id)

        def do(form: Any) -> str:
            copied = services.copy_scheme(scheme=one, year=form.cleaned_data["year"], by=request.user)
            return f"已复制成「{copied}」（{copied.year} 年度，还没有启用）。请到列表里打开它，核对后启用。"

        return deed_page(
            self, request, one, YearForm, label="复制到新年度", do=do, initial={"year": one.year + 1},
            intro="复制维度、评分项目和分数线。依据文件、文号和截止日期每年不同，不复制；请核对是否与新的文件一致。",
        )  # fmt: skip

    @display(description="是否启用", label={"正在使用": "success", "没有启用": "info"})
    def use_label(self, obj: StarScheme) -> str:
        return "正在使用" if obj.is_in_use else "没有启用"

    @display(description="已提交自评", ordering="handed_in_count")
    def handed_in_link(self, obj: StarScheme) -> str:
        url = f"{reverse('admin:awards_scorecard_changelist')}?scheme={obj.pk}&state="
        return render_to_string("admin/_link.html", {"url": url, "text": f"{obj.handed_in_count} 份"})

    @display(description="满分")
    def full_label(self, obj: StarScheme) -> str:
        return f"{points(obj.full_marks())} 分"

    @display(description="各状态的自评")
    def progress(self, obj: StarScheme) -> str:
        mine = Scorecard.objects.visible_to(obj.reader).filter(scheme=obj)
        counts = dict(mine.order_by().values("state").annotate(n=Count("pk")).values_list("state", "n"))
        url = f"{reverse('admin:awards_scorecard_changelist')}?scheme={obj.pk}&state="
        links = [(url + state, f"{state.label} {counts[state]} 份") for state in State if counts.get(state)]
        return render_to_string("admin/_links.html", {"links": links, "nothing": "还没有自评。"})


@admin.register(StarDimension)
class StarDimensionAdmin(_SchemeMixin, NoDeadLinksMixin, ScopedAdmin):
    """A dimension with its items; reached from its scheme."""

    inlines = (ItemInline,)
    list_display = ("name", "scheme", "order")
    list_select_related = ("scheme__union",)
    search_fields = ("name",)
    search_help_text = "维度名称的开头几个字"
    readonly_fields = ("scheme_link", "notice")
    fields = ("scheme_link", ("name", "order"), "notice")

    class Media:
        css = {"all": ["css/admin_stars.css"]}

    def search_condition(self, term: str) -> Q:
        return Q(name__startswith=term)

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
        return render_to_string("admin/_link.html", {"url": url, "text": str(obj.scheme)})
