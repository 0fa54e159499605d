"""The later steps of a nomination, each saved by itself: 事迹, 材料, 否决情形, 检查并提交.."""

from copy import copy
from typing import Any

from awards import services
from awards.forms.nominations import MeritsForm, PapersForm, VetoesForm
from awards.models import NomineeKind
from awards.models.nominations import MOST_MERITS, MOST_SUMMARY, counted
from awards.services.nominations import MOST_FILES
from awards.views.steps import NominationStepView
from pingtang_union.workflow.attachments import CheckedFile
from pingtang_union.workflow.filling import CheckView, MendView, PapersStepView


class NominationMeritsView(NominationStepView):
    """2 事迹: at length and in short."""

    step = "merits"
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


class NominationPapersView(NominationStepView, PapersStepView):
    """3 材料: the checklist, and files."""

    labels = ("材料：", "其他附件")
    form_class = PapersForm
    template_name = "awards/nomination_papers.html"

    def get_form_kwargs(self) -> dict[str, Any]:
        nomination = self.object
        ready = {tick.paper_id for tick in nomination.papers.all() if tick.is_ready}
        return {**super().get_form_kwargs(), "papers": nomination.required_papers(), "ready": ready}

    def keep(self, form: Any) -> None:
        services.tick_papers(nomination=self.object, ready=form.ready(), by=self.user)

    def add_file(self, checked: CheckedFile, paper: Any) -> None:
        services.add_file(nomination=self.object, checked=checked, paper=paper, by=self.user)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With each paper's box beside its field."""
        context = super().get_context_data(**kwargs)
        lines = [(paper, context["form"].box(paper), field, files) for paper, field, files in context["lines"]]
        return context | {"lines": lines, "most_files": MOST_FILES}


class NominationVetoesView(NominationStepView):
    """4 否决情形: of each whether it occurred."""

    step = "vetoes"
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


class NominationMendView(NominationStepView, MendView):
    """The way to what a return speaks of."""


class NominationCheckView(NominationStepView, CheckView):
    """5 检查并提交."""

    template_name = "awards/nomination_check.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With the nomination's facts."""
        nomination = self.object
        return super().get_context_data(**kwargs) | {
            "round": nomination.round,
            "papers": nomination.checklist(),
            "answers": nomination.answered_vetoes(),
            "is_person": nomination.kind != NomineeKind.COLLECTIVE,
        }
