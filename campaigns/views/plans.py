"""年度活动计划: a year as a calendar, and one series' year beside the year before."""

from typing import Any

from django.db.models import Count, Q, Sum
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.generic import TemplateView

from campaigns import services
from campaigns.models import Activity, ActivityState, Edition, Series
from campaigns.models.catalogue import YEAR
from pingtang_union.core.forms import ScopedForm
from pingtang_union.core.permissions import may, permission_of
from pingtang_union.core.views import ScopedActionView, ScopedMixin, crumbs
from pingtang_union.money import yuan


def year_of(text: str) -> str:
    """A year of an address; this one where it names none."""
    return text if YEAR.regex.search(text) else str(timezone.localdate().year)  # type: ignore[union-attr]  # compiled


def by_month(activities: Any) -> list[tuple[str, list[tuple[str, Any]]]]:
    """(month in words, [(day in words, activity)]) of activities in the order of days; those known to the year alone
    come first."""
    months: dict[str, list[tuple[str, Any]]] = {}
    for one in activities:
        month = f"{int(one.held_on[5:7])}月" if len(one.held_on) > 4 else "月份待定"
        day = f"{int(one.held_on[8:])}日" if len(one.held_on) > 7 else "日期待定"
        months.setdefault(month, []).append((day, one))
    return list(months.items())


class _ReadView(ScopedMixin, TemplateView):
    model = Activity

    def needed_permissions(self) -> tuple[str, ...]:
        return (permission_of(Activity, "view"),)


class PlanView(_ReadView):
    """年度活动计划: the visible activities of a year by month, and the series that it has."""

    template_name = "campaigns/plan.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        year = year_of(self.request.GET.get("year", ""))
        rows = self.visible().filter(year=year).select_related("kind", "union", "series")
        activities = list(rows.order_by("held_on", "pk"))
        series = {one.series for one in activities if one.series} | set(
            Series.objects.filter(editions__year=year) | Series.objects.filter(activities__in=self._before(year))
        )
        return super().get_context_data(**kwargs) | {
            "year": year,
            "before": str(int(year) - 1),
            "after": str(int(year) + 1),
            "months": by_month(activities),
            "number": len(activities),
            "series": sorted(series, key=lambda one: (one.order, one.pk)),
            "table": f"{reverse('campaigns:activity_list')}?year={year}",
        }

    def _before(self, year: str) -> Any:
        return self.visible().filter(year=str(int(year) - 1)).order_by().values("pk")


class EditionView(_ReadView):
    """One series in one year beside the year before: by kind, then each activity."""

    template_name = "campaigns/edition.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        year = self.kwargs["year"]
        if not YEAR.regex.search(year):  # type: ignore[union-attr]  # compiled
            raise Http404
        before = str(int(year) - 1)
        series = get_object_or_404(Series, pk=self.kwargs["pk"])
        rows = self.visible().filter(series=series, year__in=(year, before)).exclude(state=ActivityState.CANCELLED)
        asked: dict[str, Any] = {}
        for name, which in (("now", year), ("then", before)):
            held = Q(year=which, state=ActivityState.HELD)
            asked |= {
                f"n_{name}": Count("pk", filter=Q(year=which)), f"people_{name}": Sum("headcount", filter=held),
                f"spent_{name}": Sum("spent", filter=held),
            }  # fmt: skip
        kinds = list(rows.order_by("kind__order").values("kind__name").annotate(**asked))
        for kind in kinds:
            kind |= {name: yuan(kind[name]) for name in ("spent_now", "spent_then")}
        return super().get_context_data(**kwargs) | {
            "series": series,
            "year": year,
            "before": before,
            "edition": Edition.objects.filter(series=series, year=year).first(),
            "kinds": kinds,
            "activities": rows.filter(year=year).select_related("kind", "union").order_by("held_on", "pk"),
            "copy_url": self._copy_url(series, year, kinds),
            "breadcrumbs": crumbs(
                ("年度活动计划", f"{reverse('campaigns:plan')}?year={year}"), (f"{series}（{year}年）", "")
            ),
        }

    def _copy_url(self, series: Series, year: str, kinds: list[dict[str, Any]]) -> str:
        has_past = any(kind["n_then"] for kind in kinds)
        may_copy = has_past and int(year) >= timezone.localdate().year and may(self.user, "add", Activity)
        return reverse("campaigns:edition_copy", args=[series.pk, year]) if may_copy else ""


class CopyView(ScopedActionView):
    """按上年编制计划."""

    model = Series
    permission = permission_of(Activity, "add")
    form_class = ScopedForm
    heading = "按上年编制计划"
    intro = (
        "把上一年这个系列的活动列为今年的计划：名称、类别、主题、地点、月份照旧，上年经费作为预算；"
        "结果、照片和报道不带过来。已有的不重复。"
    )
    submit_label = "编制计划"

    def visible(self) -> Any:
        """Brands are everybody's."""
        return Series.objects.all()

    def perform(self, form: Any) -> str:
        number = services.copy_edition(series=self.object, year=year_of(self.kwargs["year"]), by=self.user)
        return f"已编入 {number} 个活动，请核对时间和预算。" if number else "上年的活动都已在计划中。"

    def back(self) -> str:
        return reverse("campaigns:edition", args=[self.object.pk, self.kwargs["year"]])

    def way(self) -> list[tuple[Any, str]]:
        return [("年度活动计划", reverse("campaigns:plan")), (self.object, self.back())]
