"""Unions with their place in the tree, their other names, and the law's rule on terms."""

import re
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.widgets import AutocompleteSelect
from django.db.models import Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import BooleanRadioFilter
from unfold.decorators import display

from members import services
from members.admin.county import CountyMixin, serves_county
from members.admin.filters import TermDueFilter
from members.models import Cadre, Member, TermRule, Township, Union, UnionName
from members.models.codes import CURRENT, Level, UnionStatus
from pingtang_union.admin import (
    CatalogueAdminMixin,
    ChoicesFilter,
    Inconsistency,
    LedgerAdminMixin,
    RecordForm,
    ScopedAdmin,
    ScopedTabularInline,
    ValuesFilter,
    catalogue,
)
from pingtang_union.admin.bases import PageMixin
from pingtang_union.admin.columns import column
from pingtang_union.admin.links import link
from pingtang_union.core.permissions import may_view
from pingtang_union.core.scope import reaches
from pingtang_union.core.text import fold

_SUPERIOR = (None, {"fields": ("name", "parent", ("short_name", "level"))})


def _without_county(term: str) -> str:
    """A folded name without the county before it: 平塘县供电局 and 平塘供电局 are looked up as 供电局."""
    county = fold(settings.FEDERATION_NAME.removesuffix("总工会"))
    return re.sub(f"^(?:{re.escape(county)}|{re.escape(county[:-1])})", "", term) if len(county) > 2 else term


class UnionForm(RecordForm):
    """A union with its superior, which is its place in the tree and no column."""

    user: Any = None  # set on the class that UnionAdmin.get_form makes for one request
    parent = forms.ModelChoiceField(
        label="上级工会",
        queryset=Union.objects.none(),
        help_text="从管辖范围内选择；移动时，下级工会一并移动",
    )

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        visible = Union.objects.visible_to(self.user)
        if self.instance.pk is None:
            self.fields["parent"].queryset = visible
            return
        superior = visible.filter(path=self.instance.parent_path).first()
        if superior is None:  # the node that the user serves stays where and what it is
            self.fields.pop("parent", None)
            if "level" in self.fields:
                self.fields["level"].disabled = True
            return
        self.fields["parent"].queryset = visible
        self.initial.setdefault("parent", superior.pk)

    def clean_level(self) -> str:
        """Counties are made by who serves one: county roles reach as far as the node's level says."""
        level = self.cleaned_data["level"]
        if level in (Level.PREFECTURE, Level.COUNTY) and "level" in self.changed_data and not serves_county(self.user):
            raise forms.ValidationError("仅县总工会以上账号可设置该层级。")
        return level

    def clean_parent(self) -> Union:
        """Not the union itself, nor one below it."""
        parent = self.cleaned_data["parent"]
        if self.instance.pk and parent.path.startswith(self.instance.path):
            raise forms.ValidationError("上级工会不能是它自己或它的下级。")
        return parent


class UnionNameInline(ScopedTabularInline):
    """Other names under which ledgers may call the union."""

    model = UnionName
    fields = ("name",)
    hide_title = True
    verbose_name = "别名"
    verbose_name_plural = "别名（曾用名、习惯名称，导入台账时用于识别单位）"


def _roster_size() -> Subquery:
    """How many current members stand on a union's own roster; null for none."""
    current = Member.objects.current().filter(union=OuterRef("pk")).order_by().values("union")
    return Subquery(current.annotate(n=Count("pk")).values("n"), output_field=IntegerField())


def against_roster(rows: QuerySet) -> QuerySet:
    """Unions that declare another number of members than their roster has, where there is a roster."""
    known = rows.alias(on_roster=_roster_size()).filter(on_roster__isnull=False, members_total__isnull=False)
    return known.exclude(members_total=F("on_roster"))


@admin.register(Union)
class UnionAdmin(LedgerAdminMixin, ScopedAdmin):
    """工会。"""

    form = UnionForm
    inlines = (UnionNameInline,)
    measure = "个"
    list_display = (
        "name",
        "superior",
        "category",
        "place",
        "founded",
        "elected",
        "term_end",
        "declared",
        "roster",
        "status_label",
    )
    list_filter = (
        TermDueFilter,
        ("category", ChoicesFilter),
        ("level", ChoicesFilter),
        ("township", ValuesFilter),
        ("system", ValuesFilter),
        ("is_new_sector", BooleanRadioFilter),
        ("status", ChoicesFilter),
        ("nature", ChoicesFilter),
        ("industry", ChoicesFilter),
    )
    inconsistencies = (
        Inconsistency("roster", "填报的会员人数与花名册人数不符（有花名册的）", against_roster, "members.view_member"),
        Inconsistency("superior", "上级工会已撤销，本工会未撤销", lambda rows: rows.dissolved_superior()),
    )
    ordering = ("path",)
    linked_lookups = ("path__startswith", "depth__exact")
    search_help_text = "名称或别名的部分文字，或统一社会信用代码"
    exact_fields = ("credit_code", "phone")
    readonly_fields = ("roster", "cadres_link", "below_link")
    fieldsets = (
        _SUPERIOR,
        ("分类", {"fields": (("category", "nature"), ("industry", "is_new_sector"), ("township", "system"))}),
        (
            "建会与换届",
            {
                "fields": (
                    ("set_up_on", "document_number"),
                    ("last_elected_on", "term_years"),
                    ("status", "dissolved_on"),
                )
            },
        ),
        (
            "人数（工会自己填报的数）",
            {
                "fields": (
                    ("staff_total", "staff_women", "staff_migrant"),
                    ("members_total", "members_women", "members_migrant"),
                )
            },
        ),
        ("已登记人员（由花名册实时统计，不能填写）", {"fields": (("roster", "cadres_link", "below_link"),)}),
        ("联系与法人", {"fields": (("chair", "phone"), "credit_code", "note")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """With `parent_name` and `roster_count`, the current members on this union's own roster."""
        rows = super().get_queryset(request).with_parent_name()
        return rows.annotate(roster_count=Coalesce(_roster_size(), 0))

    def search_condition(self, term: str) -> Q:
        """By part of any name, with the county's or without; by a whole credit code. 506 rows bear the scan."""
        key = _without_county(fold(term)) or fold(term)
        if not key:
            return Q(pk__in=[])
        other = UnionName.objects.filter(union=OuterRef("pk"), name_key__contains=key)
        by_name = Q(name_key__contains=key) | Q(short_name__contains=term) | Exists(other)
        return by_name | Q(credit_code=term.upper()) | Q(phone=term)

    def get_form(self, request: HttpRequest, obj: Union | None = None, change: bool = False, **kwargs: Any) -> Any:
        """The form knows its user; the superior is found by autocomplete."""
        form = super().get_form(request, obj, change, **kwargs)
        form.user = request.user
        if "parent" in form.base_fields:
            widget = AutocompleteSelect(Cadre._meta.get_field("union"), self.admin_site)
            form.base_fields["parent"].widget = widget
            widget.choices = form.base_fields["parent"].choices
        return form

    def get_fieldsets(self, request: HttpRequest, obj: Union | None = None) -> Any:
        """Without the superior where it is not the user's to choose, and without people who are not the user's
        to look at."""
        if obj is None:
            return tuple(part for part in self.fieldsets if "roster" not in str(part[1]["fields"]))
        parts = tuple(
            part if "roster" not in str(part[1]["fields"]) else _people(request.user) for part in self.fieldsets
        )
        if self._superior_is_visible(request, obj) and self.has_change_permission(request, obj):
            return parts
        return ((None, {"fields": ("name", ("short_name", "level"))}), *parts[1:])

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        """How many members there are is for who may see them."""
        shows = may_view(request.user, Member)
        return tuple(name for name in self.list_display if shows or name != "roster")

    def _superior_is_visible(self, request: HttpRequest, obj: Union) -> bool:
        return Union.objects.visible_to(request.user).filter(path=obj.parent_path).exists()

    def save_model(self, request: HttpRequest, obj: Union, form: Any, change: bool) -> None:
        """Save in the place chosen. A DomainError reaches the clerk through changeform_view."""
        parent = form.cleaned_data.get("parent")
        if parent is None:
            obj.save()
        else:
            services.place_union(union=obj, parent=parent)
        if obj.township_doubt:
            self.message_user(request, obj.township_doubt, messages.WARNING)

    @display(description="上级工会")
    def superior(self, obj: Union) -> str:
        return obj.parent_name or ""

    place = column("township", "乡镇（街道）")
    founded = column("set_up_on", "建会")
    elected = column("last_elected_on", "换届")
    declared = column("members_total", "填报会员")
    status_label = column("status", "状态", UnionStatus)

    @display(description="届满")
    def term_end(self, obj: Union) -> str:
        return obj.term_ends_on or ""

    @display(description="花名册人数", ordering="roster_count")
    def roster(self, obj: Union) -> str:
        url = reverse("admin:members_member_changelist")
        return link(f"{url}?union__exact={obj.pk}&status__in={','.join(CURRENT)}", obj.roster_count)

    @display(description="工会干部")
    def cadres_link(self, obj: Union) -> str:
        url = reverse("admin:members_cadre_changelist")
        return link(f"{url}?union__id__exact={obj.pk}", "查看本级及下级的干部")

    @display(description="直接下级工会")
    def below_link(self, obj: Union) -> str:
        url = reverse("admin:members_union_changelist")
        return link(f"{url}?path__startswith={obj.path}&depth__exact={obj.depth + 1}", f"{obj.numchild} 个")


def _people(user: Any) -> tuple[str, dict[str, Any]]:
    """The part of the page that counts and links what is registered here: as far as the user may look."""
    shown = (("roster", Member), ("cadres_link", Cadre), ("below_link", Union))
    names = tuple(name for name, model in shown if may_view(user, model))
    title = "已登记人员（由花名册实时统计，不能填写）" if "roster" in names else "系统里登记的情况"
    return title, {"fields": (names,)}


@admin.register(Township)
class TownshipAdmin(CatalogueAdminMixin, CountyMixin, ScopedAdmin):
    """乡镇（街道）名单。"""

    resource_classes = (catalogue(Township, "code"),)
    measure = "个"
    list_display = ("name", "code", "federation", "source")
    list_select_related = ("federation",)
    fields = (("name", "code"), "other_names", ("county", "federation"), "source")
    autocomplete_fields = ("county", "federation")
    search_help_text = "支持部分名称"

    def has_change_permission(self, request: HttpRequest, obj: Township | None = None) -> bool:
        """One's own list and those of unions below; that of a union above is to read."""
        return super().has_change_permission(request, obj) and (obj is None or reaches(request.user, obj.county))

    def search_condition(self, term: str) -> Q:
        """By a part of the name or of another way to write it."""
        return Q(name__contains=term) | Q(other_names__contains=term)


@admin.register(TermRule)
class TermRuleAdmin(CatalogueAdminMixin, CountyMixin, PageMixin, ModelAdmin):
    """届期规定。"""

    resource_classes = (catalogue(TermRule, "in_force_from"),)
    list_display = ("in_force_from", "shortest_years", "longest_years", "document")
