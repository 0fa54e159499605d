"""Papers on honours: the story kit of a nomination; notice, decision and report of a round. Nothing is written here but
the audit entry of what is taken out."""

import io
from typing import Any

import segno
from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import NoReverseMatch, reverse
from django.utils.functional import cached_property
from django.views.generic import TemplateView, View

from awards.documents import (
    Batch,
    Paper,
    Sending,
    decision_batches,
    decision_paper,
    dossier,
    introduction,
    notice_batches,
    publicity_notice,
)
from awards.models import Award, Nomination, SelectionRound
from awards.models.nominations import MOST_SUMMARY, counted
from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.views import ScopedMixin, crumbs
from pingtang_union.workflow.publishing import wrong_in
from pingtang_union.workflow.table import State

PUBLICISE, DECIDE = "awards.publicise_nomination", "awards.decide_nomination"


def _address(name: str, *args: Any) -> str:
    """An address of the public pages, which lie above this app; "" where there is none such."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def as_download(paper: Paper, by: Any) -> FileResponse:
    """The paper as Word on its way to the person; raises DomainError when it can't be made."""
    content, name = paper.take_out(by=by)
    return FileResponse(io.BytesIO(content), as_attachment=True, filename=name)


# --- Story kit -----------------------------------------------------------------------------------


class StoryMixin(ScopedMixin):
    """One nomination with all that its papers tell."""

    model = Nomination

    def needed_permissions(self) -> tuple[str, ...]:
        return ("awards.view_nomination",)

    @cached_property
    def nomination(self) -> Nomination:
        """The nomination of the address, among the visible ones; 404 otherwise."""
        rows = self.visible().select_related(
            "union", "honour", "round", "member", "cadre", "nominee_union", "submitted_by__union"
        )
        rows = rows.prefetch_related(
            "papers", "files", "veto_answers", "opinions", "round__papers", "round__vetoes", "round__opinions"
        )
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    def breadcrumbs(self, *last: str) -> list[dict[str, str]]:
        """The nomination, its story kit, this page."""
        nomination = self.nomination
        kit = reverse("awards:nomination_story", args=[nomination.pk]) if last else ""
        page = reverse("awards:nomination_detail", args=[nomination.pk])
        return crumbs((nomination, page), ("事迹包", kit), *((label, "") for label in last))


class StoryView(StoryMixin, TemplateView):
    """事迹包: the introduction to copy, the Word dossier, the poster."""

    template_name = "awards/documents/story.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The introduction with its length, and where it comes from."""
        text = introduction(self.nomination)
        return super().get_context_data(**kwargs) | {
            "title": f"事迹包：{self.nomination.name}",
            "breadcrumbs": self.breadcrumbs(),
            "nomination": self.nomination,
            "introduction": text,
            "count": counted(text),
            "most": MOST_SUMMARY,
            "is_cut": bool(text) and not counted(self.nomination.summary),
            "wrong": wrong_in({"简介": text}),
        }


class DossierView(StoryMixin, View):
    """The dossier as Word."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse | FileResponse:
        """The file, with its audit entry."""
        try:
            return as_download(dossier(self.nomination, reader=self.user), self.user)
        except DomainError as error:
            messages.error(request, str(error))
            return redirect("awards:nomination_story", pk)


class PosterView(StoryMixin, TemplateView):
    """A page to print and hang up. It names a holder only where a standing award is on record."""

    template_name = "awards/documents/poster.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Only what may hang where anyone reads it."""
        if wrong := wrong_in({"事迹简介": introduction(self.nomination)}):
            messages.error(request, "；".join(wrong) + "。")
            return redirect("awards:nomination_story", self.nomination.pk)
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With the award and a QR code that leads to the holder's public page."""
        nomination = self.nomination
        award = Award.objects.visible_to(self.user).standing().filter(nomination=nomination).first()
        public = _address("honour_holder", award.token) if award else ""
        code = segno.make(self.request.build_absolute_uri(public), error="m") if public else None
        return super().get_context_data(**kwargs) | {
            "title": f"展板：{nomination.name}",
            "breadcrumbs": self.breadcrumbs("展板"),
            "nomination": nomination,
            "introduction": introduction(nomination),
            "award": award,
            "is_fallen": nomination.state in (State.REJECTED, State.ABANDONED),
            "code": code.svg_data_uri(border=0, dark="#000") if code else "",
        }


# --- Notice, decision, report ----------------------------------------------------------------------


class RoundPaperView(ScopedMixin, TemplateView):
    """A round's paper, chosen among several by ?of=…, as a page or as Word."""

    model = SelectionRound
    template_name = "awards/documents/paper.html"
    is_word = False
    route = ""  # of the page; the file's is <route>_word
    heading = ""
    nothing = ""

    def needed_permissions(self) -> tuple[str, ...]:
        """To publicise or to decide: the desks that make these papers."""
        return (PUBLICISE if self.request.user.has_perm(PUBLICISE) else DECIDE,)

    @cached_property
    def round(self) -> SelectionRound:
        """The round of the address, among the visible ones; 404 otherwise."""
        return get_object_or_404(self.visible().select_related("union"), pk=self.kwargs["pk"])

    @cached_property
    def choices(self) -> list[Any]:
        """The papers that there are to make."""
        raise NotImplementedError(f"{type(self).__name__} makes no paper")

    def paper(self, chosen: Any) -> Paper:
        """The paper of one of `choices`. May raise DomainError."""
        raise NotImplementedError(f"{type(self).__name__} makes no paper")

    @property
    def nominations(self) -> Any:
        """The round's nominations that the user sees."""
        return Nomination.objects.visible_to(self.user).filter(round=self.round)

    @cached_property
    def chosen(self) -> Any:
        """The choice of the address, or the first; None when there is nothing to make. 404 for one that isn't there."""
        key = self.request.GET.get("of", "")
        if not key:
            return self.choices[0] if self.choices else None
        for choice in self.choices:
            if choice.key == key:
                return choice
        raise Http404

    def shown(self) -> dict[str, Any]:
        """What else the page shows."""
        return {}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return self.download(request) if self.is_word else super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The paper as Word has it, with what is still lacking; or why there is none."""
        refusal, paper, blocks = "", None, []
        try:
            paper = self.paper(self.chosen) if self.chosen else None
            blocks = paper.blocks() if paper else []
        except DomainError as error:
            refusal = str(error)
        admin = reverse("admin:awards_selectionround_change", args=[self.round.pk])
        return super().get_context_data(**kwargs) | {
            "title": self.heading,
            "nothing": self.nothing,
            "round": self.round,
            "breadcrumbs": crumbs((self.round.title, admin), (self.heading, "")),
            "choices": self.choices,
            "chosen": self.chosen,
            "paper": paper,
            "blocks": blocks,
            "refusal": refusal,
            "word": reverse(f"{self.route}_word", args=[self.round.pk]),
            **self.shown(),
        }

    def download(self, request: HttpRequest) -> HttpResponse | FileResponse:
        """The chosen paper as Word; back to the page where it can't be made."""
        try:
            if self.chosen is None:
                raise DomainError(self.nothing)
            return as_download(self.paper(self.chosen), self.user)
        except DomainError as error:
            messages.error(request, str(error))
            return redirect(self.route, self.round.pk)


class NoticeView(RoundPaperView):
    """公示稿. ?names=full gives persons' names whole."""

    route, heading = "awards:round_notice", "公示稿"
    nothing = "目前没有公示中或者审核通过、等待公示的推荐。"

    @cached_property
    def choices(self) -> list[Batch]:
        """Batches by the day on which publicity began."""
        return notice_batches(self.nominations)

    @property
    def is_masked(self) -> bool:
        """Whether names of persons are masked, as on the public page."""
        return self.request.GET.get("names") != "full"

    def paper(self, chosen: Batch) -> Paper:
        """The notice of a batch."""
        return publicity_notice(self.round, chosen, is_masked=self.is_masked)

    def shown(self) -> dict[str, Any]:
        """Whether names are masked."""
        return {"is_masked": self.is_masked, "has_names": True}


class DecisionView(RoundPaperView):
    """决定 and 推荐报告."""

    route, heading = "awards:round_decision", "决定和推荐报告"
    nothing = "这次评选还没有作出决定的推荐。"

    @cached_property
    def choices(self) -> list[Sending]:
        """One paper for each document."""
        return decision_batches(self.nominations)

    def paper(self, chosen: Sending) -> Paper:
        """The decision or the report."""
        return decision_paper(self.round, chosen)
