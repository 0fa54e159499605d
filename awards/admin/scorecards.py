"""Scorecards of star unions for county staff: in queues, scored on one page, confirmed; who has which stars.

Nobody is ranked: the list follows the tree of unions and is sorted by nothing else.
"""

from itertools import groupby
from typing import Any

from django.contrib import admin, messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from awards import services
from awards.forms.stars import ScoresForm
from awards.models import Scorecard, StarScheme, points, stars_label
from awards.models.scorecards import Line, Part
from awards.models.stars import STARS
from awards.services.stars import barred_from_scoring, version_of_scores
from members.admin.filters import UnionFilter
from pingtang_union.admin import ApplicationAdmin, OfferedFilter, QueueFilter
from pingtang_union.admin.forms import dress
from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.text import fold_name


class SchemeFilter(OfferedFilter):
    """By the scheme, among those that the viewer sees."""

    title = "评定标准"
    asks_once = True
    parameter_name = "scheme"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            (str(scheme.pk), f"{scheme.title}（{scheme.year} 年度）")
            for scheme in StarScheme.objects.visible_to(request.user)
        ]


class StarsFilter(OfferedFilter):
    """By the stars that were confirmed."""

    title = "评定星级"
    parameter_name = "stars"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [*((str(number), label) for number, label in reversed(STARS)), ("0", stars_label(0))]


@admin.register(Scorecard)
class ScorecardAdmin(ApplicationAdmin):
    """星级自评。"""

    measure = "份"
    list_display = ("union", "scheme", "state_label", "stars_text", "submitted_on")
    list_filter = (QueueFilter, SchemeFilter, StarsFilter, ("union", UnionFilter))
    list_select_related = ("scheme", "union")
    ordering = ("union__path", "-scheme__year", "-pk")
    sortable_by = ()
    search_help_text = "工会名称的开头几个字"
    prefix_field = "union__name_key"
    actions_detail = ("score",)
    fieldsets = (
        ("自评", {"fields": (("union", "scheme"), "submitted_on")}),
        ("评定结果", {"fields": (("stars_text", "total_text"), "decision_document", "naming")}),
        ("各项得分", {"fields": ("sheet",)}),
    )
    readonly_fields = ("submitted_on", "stars_text", "total_text", "naming", "sheet")

    class Media:
        css = {"all": ["css/admin_stars.css"]}

    def search_condition(self, term: str) -> Q:
        key = fold_name(term)
        return Q(union__name_key__startswith=key) if key else Q(pk__in=[])

    def file_title(self, file: Any) -> str:
        """The item that it is for."""
        return str(file.item)

    def unfit_actions(self, request: HttpRequest, card: Scorecard) -> set[str]:
        """评分 only while it can be done."""
        closed = {"score"} if barred_from_scoring(card, request.user) else set()
        return super().unfit_actions(request, card) | closed

    @action(description="评分", url_path="score", permissions=["review"], icon="star", variant=ActionVariant.PRIMARY)
    def score(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """All items on one page, beside the union's own scores and its evidence."""
        card = self.visible_or_404(request, object_id)
        parts = card.parts()
        form = _scores_form(parts, request)
        barred = barred_from_scoring(card, request.user)
        if request.method == "POST" and form.is_valid():
            try:
                services.save_county_scores(
                    scorecard=card, scores=form.scores(), by=request.user, version=form.cleaned_data["version"]
                )
            except DomainError as error:
                parts = card.parts()  # what others wrote meanwhile is named, and counts as seen from then on
                form = _scores_form(parts, request, version=version_of_scores(_lines(parts), "county"))
                form.add_error(None, str(error))
            else:
                messages.success(request, f"已保存评分：{card.union}。")
                name = "move_approve" if request.POST.get("then") == "approve" else "change"
                return redirect(reverse(f"admin:awards_scorecard_{name}", args=[card.pk]))
        return self.page(
            request,
            "admin/star_scoring.html",
            title=f"{card.union}：评分",
            original=card,
            back=reverse("admin:awards_scorecard_change", args=[card.pk]),
            form=form,
            barred=barred,
            blocks=[(part, list(rows)) for part, rows in _blocks(parts, form)],
            file_route="admin:awards_scorecard_file",
        )

    @display(description="评定星级")
    def stars_text(self, obj: Scorecard) -> str:
        return obj.stars_label() or "—"

    @display(description="评定得分")
    def total_text(self, obj: Scorecard) -> str:
        return "—" if obj.total is None else f"{points(obj.total)} 分"

    @display(description="命名")
    def naming(self, obj: Scorecard) -> str:
        return "四星级、五星级由上级命名的，命名文件下来以后，请到「获奖记录」登记；评定星级不会自动变成荣誉。"

    @display(description="各项得分")
    def sheet(self, obj: Scorecard) -> str:
        parts = obj.parts()
        county = sum(part.county for part in parts)
        context = {
            "parts": parts,
            "full": sum(part.marks for part in parts),
            "own": sum(part.own for part in parts),
            "county": county,
            "county_stars": stars_label(obj.scheme.stars_for(county) or None) if obj.total is None else "",
        }
        return render_to_string("admin/star_sheet.html", context)


def _lines(parts: list[Part]) -> list[Line]:
    return [line for part in parts for line in part.lines]


def _scores_form(parts: list[Part], request: HttpRequest, version: str = "") -> ScoresForm:
    data = request.POST.dict() | ({"version": version} if version else {}) if request.method == "POST" else None
    form = ScoresForm(data, lines=_lines(parts), side="county", user=request.user)
    dress(form)
    return form


def _blocks(parts: list[Part], form: ScoresForm) -> Any:
    """The form's rows below their dimensions."""
    of_item = {line.item.pk: part for part in parts for line in part.lines}
    return groupby(form.rows(), key=lambda row: of_item[row.line.item.pk])
