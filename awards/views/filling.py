"""The later steps of a nomination, each saved by itself: 事迹, 材料, 否决情形, 检查并提交.."""

from collections.abc import Sequence
from copy import copy
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.generic import TemplateView, View

from awards import services
from awards.forms.nominations import MeritsForm, PapersForm, VetoesForm
from awards.models import Nomination, NomineeKind
from awards.models.nominations import MOST_MERITS, MOST_SUMMARY, counted
from awards.services.nominations import MOST_FILES
from awards.views.steps import CHECK, MAY_START, MERITS, PAPERS, STEPS, VETOES, NominationStepView, steps_of, way_to
from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.keys import key_in
from pingtang_union.core.views import ScopedMixin, crumbs
from pingtang_union.workflow.attachments import MAX_ATTACHMENT_BYTES, TAKEN, upload_of
from pingtang_union.workflow.moving import is_unchanged, may_edit, remove_file, what_is_missing
from pingtang_union.workflow.pages import CONFIRM, why_closed
from pingtang_union.workflow.table import transition_called
from pingtang_union.workflow.timeline import return_step


class NominationMeritsView(NominationStepView):
    """2 事迹: at length and in short."""

    step = MERITS
    labels = ("事迹",)
    form_class = MeritsForm
    template_name = "awards/nomination_merits.html"

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
        limits = {"deeds": MOST_MERITS, "summary": MOST_SUMMARY}
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
        nomination = self.object
        ready = {tick.paper_id for tick in nomination.papers.all() if tick.is_ready}
        return {**super().get_form_kwargs(), "papers": nomination.required_papers(), "ready": ready}

    def perform(self, form: Any) -> str:
        """Tick off, take a file away where asked, take files in."""
        nomination, by = self.object, self.user
        services.tick_papers(nomination=nomination, ready=form.ready(), by=by)
        sentences = ["已保存。"]
        key = self.request.POST.get("remove", "")
        if key:
            for file in nomination.files.filter(pk=key_in(key)):
                remove_file(file=file, by=by)
                sentences.append(f"已删去「{file.name}」。")
        taken, self.refused = 0, []
        for paper, upload in form.uploads():
            try:
                services.add_file(nomination=nomination, checked=upload_of(upload), paper=paper, by=by)
            except DomainError as error:
                self.refused.append(str(error))
            else:
                taken += 1
        if taken:
            sentences.append(f"已收下 {taken} 个文件。")
        if self.refused:
            sentences.append(f"有 {len(self.refused)} 个文件没有收下。")
        for refusal in self.refused:
            messages.error(self.request, refusal)
        return "".join(sentences)

    def get_success_url(self) -> str:
        """Here, where there is something to look at; else on."""
        stays = self.refused or {"remove", "stay"} & set(self.request.POST)
        return self.request.path if stays else super().get_success_url()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The lines of the checklist with the files that are there."""
        context = super().get_context_data(**kwargs)
        form = context["form"]
        files = {line.paper: line.files for line in self.object.checklist()}
        return context | {
            "lines": [(paper, box, field, files.get(paper, [])) for paper, box, field in form.lines()],
            "other_files": files.get(None, []),
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
        answers = {answer.veto_id: (answer.occurred, answer.explanation) for answer in self.object.veto_answers.all()}
        vetoes = list(self.object.round.vetoes.all())
        return {**super().get_form_kwargs(), "vetoes": vetoes, "answers": answers}

    def perform(self, form: Any) -> str:
        services.answer_vetoes(nomination=self.object, answers=form.answers(), by=self.user)
        return "已保存否决情形。"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Each veto with its fields."""
        context = super().get_context_data(**kwargs)
        return context | {"lines": context["form"].lines()}


class NominationMendView(ScopedMixin, View):
    """The way to the step that the reason of a return speaks of; to the overview where it names none."""

    model = Nomination

    def needed_permissions(self) -> tuple[str, ...]:
        return (MAY_START[1],)

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Lead there."""
        step = return_step(get_object_or_404(self.visible(), pk=pk)) or CHECK
        return redirect(next(route for name, _label, route in STEPS if name == step), pk)


class NominationCheckView(ScopedMixin, TemplateView):
    """5 检查并提交: everything at a glance, what is missing with the way to its step, the button."""

    model = Nomination
    template_name = "awards/nomination_check.html"

    def needed_permissions(self) -> tuple[str, ...]:
        return (MAY_START[1],)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The page; of what can't be handed in any more its own, with why."""
        rows = self.visible().select_related("union", "honour", "round", "member", "cadre", "nominee_union")
        self.object = get_object_or_404(rows, pk=self.kwargs["pk"])
        if not may_edit(self.object, self.user):
            messages.warning(request, why_closed(self.object, self.user))
            return redirect("awards:nomination_detail", self.object.pk)
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The nomination, and what is in the way."""
        nomination = self.object
        lines = steps_of(nomination, CHECK)
        asked = [missing for line in lines for missing in line.missing or []]
        beyond = [
            words
            for words in what_is_missing(nomination, transition_called(Nomination, "submit"))
            if words not in asked
        ]
        return super().get_context_data(**kwargs) | {
            "title": STEPS[-1][1],
            "nomination": nomination,
            "round": nomination.round,
            "steps": lines,
            "papers": nomination.checklist(),
            "answers": nomination.answered_vetoes(),
            "lacking": [line for line in lines if line.missing],
            "beyond": beyond,
            "is_ready": not asked and not beyond,
            "confirm_unchanged": CONFIRM if is_unchanged(nomination) else "",
            "breadcrumbs": crumbs(*way_to(nomination), (STEPS[-1][1], "")),
            "is_person": nomination.kind != NomineeKind.COLLECTIVE,
        }
