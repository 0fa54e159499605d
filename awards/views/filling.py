"""The later steps of a nomination, each saved by itself: 事迹, 材料, 否决情形, 检查并提交.."""

from collections.abc import Sequence
from copy import copy
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.generic import TemplateView

from awards import services
from awards.forms.nominations import DeedsForm, PapersForm, VetoesForm
from awards.models import Nomination, NomineeKind
from awards.models.nominations import MOST_DEEDS, MOST_SUMMARY, counted
from awards.services.nominations import MOST_FILES
from awards.views.nominations import answers_of, papers_of
from awards.views.steps import CHECK, DEEDS, MAY_START, PAPERS, STEPS, VETOES, NominationStepView, steps_of, way_to
from pingtang_union.core.application_views import key_in, why_closed
from pingtang_union.core.attachments import MAX_ATTACHMENT_BYTES, TAKEN, upload_of
from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.views import ScopedMixin
from pingtang_union.core.workflow import transition_called, what_is_missing


class NominationDeedsView(NominationStepView):
    """2 事迹: at length and in short."""

    step = DEEDS
    labels = ("事迹",)
    form_class = DeedsForm
    template_name = "awards/nomination_deeds.html"

    def get_form_kwargs(self) -> dict[str, Any]:
        """A copy of the draft."""
        return {**super().get_form_kwargs(), "instance": copy(self.object)}

    def perform(self, form: Any) -> str:
        """Change them; the counts are said, for who has no scripts."""
        saved = services.change_nomination(nomination=self.object, by=self.user, values=form.cleaned_data)
        return f"已保存。事迹材料 {counted(saved.deeds)} 字，事迹简介 {counted(saved.summary)} 字。"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With the limits, and how long the texts are now."""
        context = super().get_context_data(**kwargs)
        form = context["form"]
        limits = {"deeds": MOST_DEEDS, "summary": MOST_SUMMARY}
        return context | {
            "texts": [(form[name], counted(form[name].value() or ""), limit) for name, limit in limits.items()]
        }


class NominationPapersView(NominationStepView):
    """3 材料: the checklist, and files. Good files are kept, those that can't be taken are named."""

    step = PAPERS
    labels = ("材料：", "其他附件")
    form_class = PapersForm
    template_name = "awards/nomination_papers.html"
    refused: Sequence[str] = ()

    def get_form_kwargs(self) -> dict[str, Any]:
        """The nominee's own checklist."""
        one = self.object
        ready = {line.paper_id for line in one.papers.all() if line.is_ready}
        return {**super().get_form_kwargs(), "papers": one.required_papers(), "ready": ready}

    def perform(self, form: Any) -> str:
        """Tick off, take a file away where asked, take files in."""
        one, by = self.object, self.user
        services.tick_papers(nomination=one, ready=form.ready(), by=by)
        said = ["已保存。"]
        key = self.request.POST.get("remove", "")
        if key:
            files = one.files.filter(pk=key_in(key))
            for file in files.defer("content"):
                services.remove_file(file=file, by=by)
                said.append(f"已删去「{file.name}」。")
        taken, self.refused = 0, []
        for paper, upload in form.uploads():
            try:
                services.add_file(nomination=one, checked=upload_of(upload), paper=paper, by=by)
            except DomainError as error:
                self.refused.append(str(error))
            else:
                taken += 1
        if taken:
            said.append(f"已收下 {taken} 个文件。")
        for refusal in self.refused:
            messages.error(self.request, refusal)
        return "".join(said)

    def get_success_url(self) -> str:
        """Here, where there is something to look at; else on."""
        stays = self.refused or {"remove", "stay"} & set(self.request.POST)
        return self.request.path if stays else super().get_success_url()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The lines of the checklist with the files that are there."""
        context = super().get_context_data(**kwargs)
        form = context["form"]
        by_paper = {line["paper"].pk if line["paper"] else None: line["files"] for line in papers_of(self.object)}
        return context | {
            "lines": [(paper, box, files, by_paper.get(paper.pk, [])) for paper, box, files in form.lines()],
            "other_files": by_paper.get(None, []),
            "other_field": form.other(),
            "taken": TAKEN,
            "most_mb": MAX_ATTACHMENT_BYTES // 1024 // 1024,
            "most_files": MOST_FILES,
        }


class NominationVetoesView(NominationStepView):
    """4 否决情形: of each whether it occurred."""

    step = VETOES
    labels = ("有无",)
    form_class = VetoesForm
    template_name = "awards/nomination_vetoes.html"

    def get_form_kwargs(self) -> dict[str, Any]:
        """The round's vetoes with what was answered."""
        answers = {one.veto_id: (one.occurred, one.explanation) for one in self.object.veto_answers.all()}
        vetoes = list(self.object.round.vetoes.all())
        return {**super().get_form_kwargs(), "vetoes": vetoes, "answers": answers}

    def perform(self, form: Any) -> str:
        """Answer them."""
        services.answer_vetoes(nomination=self.object, answers=form.answers(), by=self.user)
        return "已保存否决情形。"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Each veto with its fields."""
        context = super().get_context_data(**kwargs)
        return context | {"lines": context["form"].lines()}


class NominationCheckView(ScopedMixin, TemplateView):
    """5 检查并提交: everything at a glance, what is missing with the way to its step, the button."""

    model = Nomination
    template_name = "awards/nomination_check.html"

    def needed_permissions(self) -> tuple[str, ...]:
        """To apply."""
        return (MAY_START[1],)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The page; of what can't be handed in any more its own, with why."""
        rows = self.visible().select_related("union", "honour", "round", "member", "cadre", "nominee_union")
        self.object = get_object_or_404(rows, pk=self.kwargs["pk"])
        if not self.object.is_editable:
            messages.warning(request, why_closed(self.object))
            return redirect("nomination_detail", self.object.pk)
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The nomination, and what is in the way."""
        one = self.object
        lines = steps_of(one, CHECK)
        asked = [missing for line in lines for missing in line.missing or []]
        beyond = [
            words for words in what_is_missing(one, transition_called(Nomination, "submit")) if words not in asked
        ]
        return super().get_context_data(**kwargs) | {
            "title": STEPS[-1][1],
            "nomination": one,
            "round": one.round,
            "steps": lines,
            "papers": papers_of(one),
            "answers": answers_of(one),
            "lacking": [line for line in lines if line.missing],
            "beyond": beyond,
            "is_ready": not asked and not beyond,
            "breadcrumbs": way_to(one, STEPS[-1][1]),
            "is_person": one.kind != NomineeKind.COLLECTIVE,
        }
