"""Officers' pages of star unions: schemes, the own scorecard step by step, and how far the unions below are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS
from django.core.paginator import Paginator
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.generic import DetailView, TemplateView

from awards import services
from awards.forms.stars import BelowForm, EvidenceForm, Progress, ScoresForm, StartForm
from awards.models import Scorecard, ScorecardFile, StarScheme, stars_label
from awards.models.scorecards import Line, Part
from awards.services.stars import version_of_scores
from members.models import Union
from members.models.codes import UnionStatus
from pingtang_union.core.forms import ScopedForm
from pingtang_union.core.views import PER_PAGE, ScopedActionView, ScopedMixin, crumbs
from pingtang_union.workflow.moving import may_edit, remove_file
from pingtang_union.workflow.pages import ApplicationMoveView, ApplicationPageMixin, AttachmentView, why_closed
from pingtang_union.workflow.table import EDITABLE, State

VIEW, SUBMIT = "awards.view_scorecard", "awards.submit_scorecard"
CRUMB = "星级自评"
_BY_PROGRESS = {
    Progress.NONE: Q(card_state__isnull=True),
    Progress.FILLING: Q(card_state__in=EDITABLE),
    Progress.WAITING: Q(card_state__in=(State.SUBMITTED, State.RECOMMENDED, State.REVIEWED)),
    Progress.DECIDED: Q(card_state=State.DECIDED),
    Progress.REJECTED: Q(card_state=State.REJECTED),
}


@dataclass(frozen=True)
class Entry:
    """A scheme with the own union's scorecard by it, if there is one."""

    scheme: StarScheme
    card: Scorecard | None
    days_left: int | None
    may_start: bool


def unions_of(scheme: StarScheme, user: Any) -> QuerySet[Union]:
    """Unions that the scheme covers and the user sees, in the tree's order; dissolved ones are not scored."""
    covered = Union.objects.visible_to(user).filter(path__startswith=scheme.union.path).exclude(pk=scheme.union_id)
    return covered.exclude(status=UnionStatus.DISSOLVED).order_by("path")


def _with_cards(unions: QuerySet[Union], scheme: StarScheme) -> Any:
    """With card_pk, card_state, card_stars of each union's scorecard by the scheme; None where there is none."""
    cards = Scorecard.objects.standing().filter(scheme=scheme, union=OuterRef("pk"))
    columns = {f"card_{name}": Subquery(cards.values(name)[:1]) for name in ("pk", "state", "stars")}
    return unions.annotate(**columns)


def _way_to(card: Scorecard | None) -> list[tuple[Any, str]]:
    """The list, and the scorecard."""
    page = [(card.union, reverse("awards:scorecard_detail", args=[card.pk]))] if card else []
    return [(CRUMB, reverse("awards:star_list")), *page]


class StarListView(ScopedMixin, TemplateView):
    """星级自评: what one is scored by now, one's own scorecards and stars; for who has unions below, how far they are,
    in the tree's order: nobody is ranked."""

    model = StarScheme
    template_name = "awards/star_list.html"

    def needed_permissions(self) -> tuple[str, ...]:
        return (VIEW,)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Entries, the stars of all years, and a page of unions below."""
        user = self.user
        in_use = list(self.visible().in_use().select_related("union"))
        cards = Scorecard.objects.visible_to(user).standing().filter(union=user.union_id)
        own = list(cards.select_related("scheme__union", "union").order_by("-scheme__year", "-pk"))
        return super().get_context_data(**kwargs) | {
            "title": CRUMB,
            "entries": self._entries(in_use, own),
            "decided": [card for card in own if card.state == State.DECIDED],
            **(self._below(in_use) if user.union_id and user.union.numchild and in_use else {}),
        }

    def _entries(self, in_use: Sequence[StarScheme], own: Sequence[Scorecard]) -> list[Entry]:
        """Schemes in use, and those put aside under which the own scorecard is still on its way."""
        today, user = timezone.localdate(), self.user
        by_scheme = {card.scheme_id: card for card in own}
        schemes = [*in_use, *(card.scheme for card in own if not card.is_over and not card.scheme.is_in_use)]
        entries = []
        for scheme in schemes:
            card = by_scheme.get(scheme.pk)
            covers = user.union is not None and scheme.covers(user.union)
            left = (scheme.closes_on - today).days if scheme.closes_on else None
            may_start = covers and card is None and scheme.is_open_on(today) and user.has_perm(SUBMIT)
            entries.append(Entry(scheme, card, left, may_start))
        return entries

    def _below(self, in_use: Sequence[StarScheme]) -> dict[str, Any]:
        form = BelowForm(self.request.GET, schemes=self.visible().in_use(), first=in_use[0])
        unions = Union.objects.none()
        scheme = in_use[0]
        if form.is_valid():
            scheme = next(scheme for scheme in in_use if scheme.pk == form.cleaned_data["scheme"].pk)
            unions = _with_cards(unions_of(scheme, self.user).exclude(pk=self.user.union_id), scheme)
            if progress := form.cleaned_data["progress"]:
                unions = unions.filter(_BY_PROGRESS[progress])
        page = Paginator(unions, PER_PAGE).get_page(self.request.GET.get("page"))
        return {
            "form": form,
            "page_obj": page,
            "lines": [
                (union, State(union.card_state) if union.card_state else None, stars_label(union.card_stars))
                for union in page
            ],
            "may_start_below": scheme.is_open_on(timezone.localdate()) and self.user.has_perm(SUBMIT),
            "chosen": scheme,
        }


class ScorecardStartView(ScopedActionView):
    """开始自评, of one union by one scheme."""

    model = StarScheme
    permission = SUBMIT
    form_class = StartForm
    heading = "开始自评"
    intro = "一个工会一年只填一份。可分次填写，随填随存。"
    submit_label = "开始自评"
    started: Scorecard

    def visible(self) -> Any:
        """Schemes in use."""
        return super().visible().in_use().select_related("union")

    def get_form_kwargs(self) -> dict[str, Any]:
        """Unions that have none yet; the own one to begin with."""
        unions = _with_cards(unions_of(self.object, self.user), self.object).filter(card_pk__isnull=True)
        first = unions.filter(pk=self.user.union_id).values_list("pk", flat=True).first()
        return super().get_form_kwargs() | {"unions": unions, "initial": {"union": first}}

    def perform(self, form: Any) -> str:
        self.started = services.start_scorecard(scheme=self.object, union=form.cleaned_data["union"], by=self.user)
        return f"已开始自评：{self.started.union}。"

    def get_success_url(self) -> str:
        return reverse("awards:scorecard_score", args=[self.started.pk])

    def back(self) -> str:
        """The list."""
        return reverse("awards:star_list")

    def way(self) -> list[tuple[Any, str]]:
        return _way_to(None)


class ScorecardView(ApplicationPageMixin, ScopedMixin, DetailView):
    """One scorecard: dimension by dimension both scores and the evidence, the sums, and its way."""

    model = Scorecard  # type: ignore[misc]  # Django's stubs want it on the instance
    route = "awards:scorecard"
    template_name = "awards/star_scorecard.html"

    def needed_permissions(self) -> tuple[str, ...]:
        return (VIEW,)

    def get_queryset(self) -> Any:
        return self.visible().select_related("union", "scheme__union").prefetch_related("scheme__thresholds")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With parts, sums and the stars that the present sum would reach."""
        card = self.object
        parts = card.parts()
        own, county = sum(part.own for part in parts), sum(part.county for part in parts)
        shows_county = card.shows_county_scores or self.user.has_perm("awards.review_scorecard")
        return super().get_context_data(**kwargs) | {
            "title": str(card.scheme),
            "breadcrumbs": crumbs(*_way_to(None), (card.union, "")),
            "scorecard": card,
            "parts": parts,
            "full": sum(part.marks for part in parts),
            "own": own,
            "county": county,
            "shows_county": shows_county,
            "present_stars": stars_label(
                card.scheme.stars_for(county if card.state == State.REVIEWED else own) or None
            ),
            "unscored": sum(part.unscored for part in parts),
        }


class _FillingView(ScopedActionView):
    """A page on which an editable scorecard is filled in; from any other one is led to its page."""

    model = Scorecard
    related = ("union", "scheme__union")
    route = "awards:scorecard"
    permission = SUBMIT

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The page, while there is something to fill in."""
        card = self.object = self.get_object()
        if not may_edit(card, self.user):
            messages.warning(request, why_closed(card, self.user))
            return HttpResponseRedirect(self.back())
        return self.render_to_response(self.get_context_data())

    def way(self) -> list[tuple[Any, str]]:
        return _way_to(self.object)


class ScorecardScoreView(_FillingView):
    """自评, one dimension at a time; without a step in the address the first that isn't done."""

    form_class = ScoresForm
    template_name = "awards/star_score.html"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"lines": self.part().lines, "side": "self"}

    def parts(self) -> list[Part]:
        """The whole sheet, asked once a request."""
        if not hasattr(self, "_parts"):
            self._parts = self.object.parts()
        return self._parts

    def step(self) -> int:
        """The step asked for, from 1 on. 404 for one that isn't there."""
        parts = self.parts()
        asked = self.kwargs.get("step")
        if asked is None:
            asked = next((number for number, part in enumerate(parts, 1) if not part.is_done), 1)
        if not 1 <= asked <= len(parts):
            raise Http404
        return asked

    def part(self) -> Part:
        """The dimension of this step."""
        return self.parts()[self.step() - 1]

    def perform(self, form: Any) -> str:
        services.save_self_scores(
            scorecard=self.object, scores=form.scores(), by=self.user, version=form.cleaned_data["version"]
        )
        return f"已保存「{self.part().dimension}」。"

    def form_invalid(self, form: Any) -> HttpResponse:
        """The page with what was typed. What others wrote meanwhile has been named above it when the service refused,
        and counts as seen from then on."""
        if set(form.errors) == {NON_FIELD_ERRORS}:
            self.__dict__.pop("_parts", None)
            form.data = {**form.data.dict(), "version": version_of_scores(self.part().lines, "self")}
        return super().form_invalid(form)

    def get_success_url(self) -> str:
        """Where the pressed button leads: the item's evidence, the next step, or here again."""
        then = self.request.POST.get("then", "")
        if then == "next":
            if self.step() < len(self.parts()):
                return reverse("awards:scorecard_score", args=[self.object.pk, self.step() + 1])
            return self.back()
        keys = {f"files-{line.item.pk}": line.item.pk for line in self.part().lines}
        if then in keys:
            return reverse("awards:scorecard_evidence", args=[self.object.pk, keys[then]])
        return reverse("awards:scorecard_score", args=[self.object.pk, self.step()])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        self.heading = str(self.part().dimension)
        step, parts = self.step(), self.parts()
        return super().get_context_data(**kwargs) | {
            "scorecard": self.object,
            "steps": [(number, part, number == step) for number, part in enumerate(parts, 1)],
            "part": self.part(),
            "step": step,
            "is_last": step == len(parts),
        }


class ScorecardEvidenceView(_FillingView):
    """佐证材料 of one item: what is there, and more of it."""

    form_class = EvidenceForm
    template_name = "awards/star_evidence.html"
    heading = "佐证材料"
    submit_label = "上传"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Save; files that were sent along are opened only for who may keep them."""
        card = self.get_object()
        if not may_edit(card, self.user):
            self.object = card
            messages.warning(request, why_closed(card, self.user))
            return HttpResponseRedirect(self.back())
        return super().post(request, *args, **kwargs)

    def located(self) -> tuple[int, Line]:
        """The step and the line of the item in the address; 404 for an item of another scheme."""
        for step, part in enumerate(self.object.parts(), 1):
            for line in part.lines:
                if line.item.pk == self.kwargs["item"]:
                    return step, line
        raise Http404

    def perform(self, form: Any) -> str:
        _, line = self.located()
        files = form.cleaned_data["uploads"]
        services.add_evidence(scorecard=self.object, item=line.item, files=files, by=self.user)
        return f"已上传 {len(files)} 份佐证材料：{'、'.join(file.name for file in files)}。"

    def get_success_url(self) -> str:
        """Here again: more may follow."""
        return self.request.path

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With the item, its files, and the step that it belongs to."""
        step, line = self.located()
        context = super().get_context_data(**kwargs)
        back = reverse("awards:scorecard_score", args=[self.object.pk, step])
        return context | {"scorecard": self.object, "line": line, "back": back}


class EvidenceRemoveView(ScopedActionView):
    """删除佐证材料."""

    model = ScorecardFile
    related = ("application__union",)
    permission = SUBMIT
    form_class = ScopedForm
    heading = "删除佐证材料"
    intro = "删除后不能恢复，要用时请重新上传。"
    submit_label = "删除"
    is_danger = True

    def perform(self, form: Any) -> str:
        remove_file(file=self.object, by=self.user)
        return f"已删除「{self.object.name}」。"

    def back(self) -> str:
        """The item's files."""
        return reverse("awards:scorecard_evidence", args=[self.object.application_id, self.object.item_id])

    def way(self) -> list[tuple[Any, str]]:
        return [*_way_to(self.object.application), ("佐证材料", self.back())]


class ScorecardMoveView(ApplicationMoveView):
    """One transition of a scorecard."""

    model = Scorecard
    related = ("union", "scheme__union")
    route = "awards:scorecard"

    def way(self) -> list[tuple[Any, str]]:
        return _way_to(self.object)


class ScorecardFileView(AttachmentView):
    """A file of evidence."""

    model = ScorecardFile
