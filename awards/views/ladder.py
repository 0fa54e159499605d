"""荣誉阶梯: who stands on which rung, and who could go for the title above."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.generic import TemplateView

from awards.forms.ladder import ProspectForm
from awards.ladder import (
    LATER,
    NOW,
    Held,
    Ladder,
    Prospect,
    Stage,
    held_of,
    lacking,
    nominations_for,
    prospects,
    rungs,
)
from awards.models import Award, Honour, Nomination, SelectionRound
from pingtang_union.core.figures import mask_name
from pingtang_union.core.views import PER_PAGE, ScopedMixin, crumbs

VIEW, FIGURES = "awards.view_award", "members.view_dashboard"
TABS = (("now", "现在可以争取"), ("later", "未满年限"), ("held", "最高到这一级"))


@dataclass(frozen=True)
class Line:
    """A holder as the page shows her; `lacks` is how much of her nomination is still to be filled in."""

    name: str
    held: Held
    title: Honour
    prospect: Prospect | None = None
    lacks: int | None = None


class LadderPage(ScopedMixin, TemplateView):
    """What both pages know: awards, open rounds and nominations of the user's subtree."""

    model = Award

    def needed_permissions(self) -> tuple[str, ...]:
        """To read awards or, as leaders do, figures."""
        return (VIEW if self.request.user.has_perm(VIEW) else FIGURES,)

    @cached_property
    def today(self) -> str:
        """Today, as dates of awards are written."""
        return timezone.localdate().isoformat()

    @cached_property
    def ladder(self) -> Ladder:
        """All titles, with who holds them today among the visible unions."""
        standing = self.visible().standing_on(timezone.localdate())
        return Ladder(Honour.objects.in_order(), held_of(standing))

    @cached_property
    def rounds(self) -> list[SelectionRound]:
        """Rounds that take nominations today."""
        rounds = SelectionRound.objects.visible_to(self.user).open_on(timezone.localdate())
        return list(rounds.select_related("union").prefetch_related("honours"))

    def prospects(self, honours: Sequence[Honour]) -> list[Prospect]:
        """Who could go for `honours`."""
        nominations = nominations_for(Nomination.objects.visible_to(self.user), honours)
        return prospects(self.ladder, honours, self.rounds, nominations, self.today)

    def lines(self, prospects: Iterable[Prospect]) -> list[Line]:
        """A page of prospects as it shows them."""
        prospects = list(prospects)
        lacks = lacking(Nomination.objects.visible_to(self.user), prospects)
        return [
            Line(
                self.name(prospect.held), prospect.held, self.ladder.honours[prospect.held.honour_id], prospect,
                lacks.get(prospect.nomination.pk) if prospect.nomination else None,
            )
            for prospect in prospects
        ]  # fmt: skip

    def name(self, held: Held) -> str:
        """The holder's name; a person's is masked for who reads figures only."""
        is_clear = self.user.has_perm(VIEW) or not self.ladder.honours[held.honour_id].is_for_person
        return held.recipient if is_clear else mask_name(held.recipient)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Also which links the role can follow."""
        return super().get_context_data(**kwargs) | {
            "reads_rounds": self.user.has_perm("awards.view_selectionround"),
            "reads_nominations": self.user.has_perm("awards.view_nomination"),
            "is_masked": not self.user.has_perm(VIEW),
        }


class LadderView(LadderPage):
    """Every ladder with its numbers; officers first read what their union could go for."""

    template_name = "awards/ladder.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The ladders, and for officers a page of prospects: what can be done at once first."""
        chains = self.ladder.chains
        prospects = self.prospects(list({honour.pk: honour for chain in chains for honour in chain[1:]}.values()))
        context = super().get_context_data(**kwargs) | {
            "title": "荣誉阶梯",
            "is_officer": not self.user.has_perm(FIGURES),
            "chains": [self._chain(chain, prospects) for chain in chains],
        }
        if context["is_officer"]:
            context["others"] = [chain for chain in context["chains"] if chain["is_empty"]]
            context["chains"] = [chain for chain in context["chains"] if not chain["is_empty"]]
            prospects.sort(key=lambda prospect: (list(Stage).index(prospect.stage), prospect.held.union_path))
            page = Paginator(prospects, PER_PAGE).get_page(self.request.GET.get("page"))
            context |= {"page_obj": page, "lines": self.lines(page)}
        return context

    def _chain(self, chain: Sequence[Honour], prospects: Iterable[Prospect]) -> dict[str, Any]:
        steps = rungs(self.ladder, chain, prospects, self.rounds)
        is_empty = all(rung.is_empty for rung in steps)
        return {"top": chain[-1], "bottom": chain[0], "rungs": steps, "is_empty": is_empty}


class LadderTitleView(LadderPage):
    """One title: who could go for it now or later, and for whom it is the highest."""

    template_name = "awards/ladder_title.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """A page of holders, by township and by what is missing."""
        honour = get_object_or_404(Honour.objects.select_related("below"), pk=self.kwargs["pk"])
        top = self.request.GET.get("top", "")
        prospects = self.prospects([honour])
        rows: dict[str, list[Any]] = {
            "now": [prospect for prospect in prospects if prospect.is_now],
            "later": [prospect for prospect in prospects if not prospect.is_now],
            "held": self.ladder.standing_on(honour, self.ladder.chain_to(top, honour)),
        }
        show = self.request.GET.get("show", "")
        show = show if show in rows else "now"
        shown = rows[show]
        form = ProspectForm(
            self.request.GET,
            townships=sorted({self._held(row).township for row in shown} - {""}),
            stages={"now": NOW, "later": LATER}.get(show, ()),
        )
        asked = form.cleaned_data if form.is_valid() else None
        page = Paginator(self._narrowed(shown, asked), PER_PAGE).get_page(self.request.GET.get("page"))
        return super().get_context_data(**kwargs) | {
            "title": honour.title,
            "honour": honour,
            "breadcrumbs": crumbs(("荣誉阶梯", reverse("awards:ladder")), (honour.title, "")),
            "tabs": [(name, label, len(rows[name])) for name, label in TABS],
            "show": show,
            "top": top,
            "form": form,
            "is_filtered": asked is None or any(asked.values()),
            "page_obj": page,
            "lines": self.lines(page) if show != "held" else [Line(self.name(award), award, honour) for award in page],
        }

    @staticmethod
    def _held(row: Prospect | Held) -> Held:
        return row if isinstance(row, Held) else row.held

    def _narrowed(self, rows: list[Any], asked: dict[str, str] | None) -> list[Any]:
        """The rows that fit; none when a condition makes no sense."""
        if asked is None:
            return []
        township, stage = asked.get("township"), asked.get("stage")
        return [
            row
            for row in rows
            if (not township or self._held(row).township == township) and (not stage or row.stage == stage)
        ]
