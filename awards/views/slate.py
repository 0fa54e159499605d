"""The slate of a round: how its shares stand, and what the next pick would do. Nothing is written here."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.generic import TemplateView

from awards.forms.slate import SlateForm
from awards.models import Nomination, Quota, SelectionRound
from awards.slate import (
    Basis,
    Effect,
    Places,
    Slate,
    advice,
    county_places,
    effects,
    helps,
    is_counted,
    is_on,
    places_of,
    slate_of,
)
from members.models import Union
from pingtang_union.core.scope import scope_prefix
from pingtang_union.core.views import PER_PAGE, ScopedMixin, crumbs

REVIEW, RECOMMEND = "awards.review_nomination", "awards.recommend_nomination"
ON = "slate"  # ?show=slate lists who is on it, without it the candidates


@dataclass(frozen=True)
class Line:
    """A nominee on the page: `is_tried` when the trial adds or takes off just this one."""

    nomination: Nomination
    effects: Sequence[Effect]
    is_tried: bool


class SlateView(ScopedMixin, TemplateView):
    """名单结构: townships see the nominations of their subtree, the county all of them.

    A trial (?pick=…&drop=…) adds candidates to the slate and takes others off it; it lives in the address only.
    """

    model = SelectionRound
    template_name = "awards/slate.html"

    def needed_permissions(self) -> tuple[str, ...]:
        return (REVIEW if self.request.user.has_perm(REVIEW) else RECOMMEND,)

    def round(self) -> SelectionRound:
        """The round of the address; for who only recommends, one that has been announced. 404 otherwise."""
        rounds = self.visible().select_related("union")
        if not self.user.has_perm(REVIEW):
            rounds = rounds.announced(timezone.localdate())
        return get_object_or_404(rounds, pk=self.kwargs["pk"])

    def _nominations(self, round_: SelectionRound, form: SlateForm) -> list[Nomination]:
        if not form.is_valid():
            return []
        rows = Nomination.objects.visible_to(self.user).filter(round=round_).running()
        if form.cleaned_data["honour"]:
            rows = rows.filter(honour=form.cleaned_data["honour"])
        return list(rows.select_related("union", "honour").defer("deeds").order_by("union__path", "pk"))

    def _places(self, round_: SelectionRound) -> list[Places]:
        """The quotas that concern the viewer: of unions below and above, and of the systems of visible unions; the
        county's own for who sees the whole round."""
        prefix = scope_prefix(self.user) or ""
        quotas = Quota.objects.visible_to(self.user).filter(round=round_).select_related("union")
        if round_.union.path.startswith(prefix):
            whole = county_places(round_)
            return [*([whole] if whole else []), *places_of(round_, list(quotas))]
        above = [prefix[:end] for end in range(Union.steplen, len(prefix), Union.steplen)]
        systems = Union.objects.visible_to(self.user).exclude(system="").order_by().values("system")
        concerning = quotas.filter(Q(union__path__startswith=prefix) | Q(union__path__in=above) | Q(system__in=systems))
        return places_of(round_, list(concerning))

    def _left(self, places: Sequence[Places], basis: str, more: int) -> int | None:
        """How many places are left for the viewer's own slate with `more` on it; None where nothing limits it."""
        for quota in places:
            is_own = quota.is_county if basis == Basis.APPROVED else quota.union_id == self.user.union_id
            if is_own and basis != Basis.HANDED_IN:
                return quota.places - quota.used - more
        return None

    def _asked(self, name: str) -> set[str]:
        return set(self.request.GET.getlist(name))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Shares with advice, places, and a page of candidates or of who is on the slate."""
        round_ = self.round()
        default = Basis.APPROVED if self.user.has_perm(REVIEW) else Basis.PASSED_ON
        form = SlateForm(self.request.GET, round=round_, basis=default)
        nominations = self._nominations(round_, form)
        basis = form.cleaned_data.get("basis") or default
        on = [nomination for nomination in nominations if is_on(nomination, basis)]
        off = [nomination for nomination in nominations if not is_on(nomination, basis) and is_counted(nomination)]
        picked = [nomination for nomination in off if str(nomination.pk) in self._asked("pick")]
        dropped = [
            nomination for nomination in on if str(nomination.pk) in self._asked("drop") and is_counted(nomination)
        ]
        ratios = list(round_.ratios.all())
        now = slate_of(ratios, on)
        tried = slate_of(ratios, [*(nomination for nomination in on if nomination not in dropped), *picked])
        places = self._places(round_)
        left = self._left(places, basis, len(picked) - len(dropped))
        return super().get_context_data(**kwargs) | {
            "title": "名单结构",
            "round": round_,
            "breadcrumbs": crumbs((round_.title, ""), ("名单结构", "")),
            "form": form,
            "slate": tried,
            "shares": [
                {"share": share, "was": was, "advice": advice(share, left)}
                for share, was in zip(tried.shares, now.shares, strict=True)
            ],
            "picked": picked,
            "dropped": dropped,
            "is_trial": bool(picked or dropped),
            "left": left,
            "beyond": -left if left is not None and left < 0 else 0,
            "places": places,
            **self._list(form, tried, on, off, [*picked, *dropped]),
        }

    def _list(
        self, form: SlateForm, slate: Slate, on: list[Nomination], off: list[Nomination], tried: list[Nomination]
    ) -> dict[str, Any]:
        """One page of candidates, or of who is on the slate, each with what moving her would do. What is tried on
        other pages is kept along."""
        shows_slate = self.request.GET.get("show") == ON
        persons = [nomination for nomination in on if is_counted(nomination)]
        lines = [
            Line(
                nomination,
                [] if nomination in tried else effects(slate, nomination, -1 if shows_slate else 1),
                nomination in tried,
            )
            for nomination in (persons if shows_slate else off)
        ]
        if form.is_valid() and form.cleaned_data["helps"]:
            lines = [line for line in lines if line.is_tried or helps(line.effects)]
        page = Paginator(lines, PER_PAGE).get_page(self.request.GET.get("page"))
        here = {line.nomination.pk for line in page}
        return {
            "page_obj": page,
            "shows_slate": shows_slate,
            "candidates": len(off),
            "persons": len(persons),
            "kept": [
                ("drop" if nomination in on else "pick", nomination.pk)
                for nomination in tried
                if nomination.pk not in here
            ],
        }
