"""Filling in an application on pages of its own, step by step: the list of steps, papers to be scanned, the page where
all is checked and handed in.

The model says which steps there are (`filling_steps`) and what each still lacks (`missing_by_step`). Apps subclass with
model and route; addresses are `<route>_update` for the first step, `<route>_<step>` for the others, `<route>_check`,
`<route>_mend`, `<route>_file`, `<route>_move`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.forms import ScopedForm
from pingtang_union.core.keys import key_in
from pingtang_union.workflow.attachments import MAX_ATTACHMENT_BYTES, TAKEN, CheckedFile, upload_of
from pingtang_union.workflow.models import Application
from pingtang_union.workflow.moving import is_unchanged, remove_file, what_is_missing
from pingtang_union.workflow.pages import CONFIRM, ApplicationFillView
from pingtang_union.workflow.table import transition_called
from pingtang_union.workflow.timeline import return_step

CHECK = "check"
PICTURES = ".jpg,.jpeg,.png"
_ANY_KIND = f".pdf,{PICTURES},.docx,.xlsx"


class ManyFilesInput(forms.FileInput):
    """An input that takes several files."""

    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """Several files, or none; what they are is checked by workflow.attachments, which names each."""

    def __init__(self, *args: Any, accept: str = _ANY_KIND, **kwargs: Any):
        super().__init__(*args, required=False, widget=ManyFilesInput(attrs={"accept": accept}), **kwargs)

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        """The files as sent."""
        return [file for file in data or [] if file]


class PapersForm(ScopedForm):
    """Files for each paper that is asked for, and for none."""

    def __init__(self, *args: Any, papers: list[Any], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.papers = papers
        for paper in papers:
            field = ManyFilesField(label="上传扫描件或照片", accept=self.accepted(paper))
            self.fields[f"files-{paper.pk}"] = field
        self.fields["files-other"] = ManyFilesField(label="上传其他附件")

    def accepted(self, paper: Any) -> str:
        """The kinds of files that a picker offers for a paper."""
        return _ANY_KIND

    def uploads(self) -> list[tuple[Any, Any]]:
        """The files sent, each with the paper that it is for, or None."""
        names = [*((paper, f"files-{paper.pk}") for paper in self.papers), (None, "files-other")]
        return [(paper, upload) for paper, name in names for upload in self.cleaned_data[name]]


@dataclass(frozen=True)
class StepLine:
    """A step as the list of steps shows it; `missing` is None while there is no draft yet, and of the last."""

    number: int
    label: str
    url: str
    is_current: bool
    missing: list[str] | None

    @property
    def is_done(self) -> bool:
        """Whether nothing is missing there."""
        return self.missing == []


def steps_of(model: type[Application]) -> dict[str, str]:
    """The steps in order, by name and in words; the last is where it is handed in."""
    return {**dict(model.filling_steps), CHECK: "检查并提交"}


def step_address(route: str, step: str, application: Application) -> str:
    """Where a step is filled in."""
    is_first = step == application.filling_steps[0][0]
    return reverse(f"{route}_{'update' if is_first else step}", args=[application.pk])


def step_lines(route: str, application: Application, current: str) -> list[StepLine]:
    """All steps with what is still missing in each."""
    is_there = application.pk is not None
    missing = application.missing_by_step() if is_there else {}
    return [
        StepLine(
            number, label, step_address(route, name, application) if is_there else "", name == current,
            missing.get(name),
        )
        for number, (name, label) in enumerate(steps_of(type(application)).items(), 1)
    ]  # fmt: skip


class StepView(ApplicationFillView):
    """One step, filled in by a form; crud/filling.html is the frame of all."""

    route: ClassVar[str]
    step: ClassVar[str]
    labels: ClassVar[tuple[str, ...]] = ()  # of Application.content() on this page, or what they begin with
    template_name = "crud/filling.html"
    object: Any

    def holds(self, label: str) -> bool:
        return label.startswith(self.labels)

    def told(self, application: Any) -> tuple[str, str]:
        """What is filled in, as its pages are headed: its name, and what is said beside it."""
        return str(application), application.union.name

    @property
    def heading(self) -> str:  # type: ignore[override]  # follows from the step
        return steps_of(self.model)[self.step]

    def get_success_url(self) -> str:
        """The next step, this one again, or the application's page for who goes on later."""
        if "leave" in self.request.POST:
            return self.back()
        if "stay" in self.request.POST:
            return self.request.path
        names = list(steps_of(self.model))
        return step_address(self.route, names[names.index(self.step) + 1], self.object)

    def stored(self) -> Any:
        """The application as it is stored, with what its steps ask for."""
        return self.model.objects.with_checklists().get(pk=self.object.pk)  # type: ignore[attr-defined]  # who has steps has it

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With the application under its model's name too, the list of steps, and how the page is headed."""
        stored = self.stored()
        subject, beside = self.told(stored)
        return super().get_context_data(**kwargs) | {
            "application": stored,
            str(self.model._meta.model_name): stored,
            "steps": step_lines(self.route, stored, self.step),
            "subject": subject,
            "beside": beside,
        }


class PapersStepView(StepView):
    """The step of papers: good files are kept, those that can't be taken are named. Subclasses say what keeps them."""

    step = "papers"
    refused: Sequence[str] = ()

    def keep(self, form: Any) -> None:
        """Keep what is said beside the files."""

    def add_file(self, checked: CheckedFile, paper: Any) -> None:
        """Keep a file. May raise DomainError."""
        raise NotImplementedError(f"{type(self).__name__} keeps no files")

    def removable(self) -> Any:
        """The files that may be taken away here."""
        return self.object.files.all()

    def perform(self, form: Any) -> str:
        self.keep(form)
        sentences = ["已保存。"]
        if key := self.request.POST.get("remove", ""):
            for file in self.removable().filter(pk=key_in(key)):
                remove_file(file=file, by=self.user)
                sentences.append(f"已删去「{file.name}」。")
        taken, self.refused = 0, []
        for paper, upload in form.uploads():
            try:
                self.add_file(upload_of(upload), paper)
                taken += 1
            except DomainError as error:
                self.refused.append(str(error))
        if taken:
            sentences.append(f"已收下 {taken} 个文件。")
        if self.refused:
            sentences.append(f"有 {len(self.refused)} 个文件没有收下。")
        for refusal in self.refused:
            messages.error(self.request, refusal)
        return "".join(sentences)

    def get_success_url(self) -> str:
        """Here, where there is something to look at; else on."""
        stays = self.refused or "remove" in self.request.POST
        return self.request.path if stays else super().get_success_url()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With `lines` (paper, its field, its files), and what is there beside them."""
        context = super().get_context_data(**kwargs)
        form = context["form"]
        files: dict[Any, list[Any]] = {}
        for file in context["application"].files.all():
            files.setdefault(file.paper_id, []).append(file)
        lines = [(paper, form[f"files-{paper.pk}"], files.pop(paper.pk, [])) for paper in form.papers]
        return context | {
            "lines": lines,
            "other_field": form["files-other"],
            "other_files": [file for rest in files.values() for file in rest],
            "file_route": f"{self.route}_file",
            "taken": TAKEN,
            "most_mb": MAX_ATTACHMENT_BYTES // 1024 // 1024,
        }


class MendView(StepView):
    """The way to the step that the reason of a return speaks of; to the last where it names none."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Lead there."""
        application = get_object_or_404(self.visible(), pk=self.kwargs["pk"])
        return redirect(step_address(self.route, return_step(application) or CHECK, application))


class CheckView(StepView):
    """Everything at a glance: what is missing with the way to its step, what else is in the way, the button."""

    step = CHECK
    template_name = "crud/filling_check.html"
    http_method_names = ["get", "head"]

    def get_object(self) -> Any:
        return get_object_or_404(self.visible().with_checklists(), pk=self.kwargs["pk"])

    def get_form(self, form_class: Any = None) -> Any:
        """None: the button leads to the transition's page."""
        return None

    def stored(self) -> Any:
        return self.object

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        lacking = [line for line in context["steps"] if line.missing]
        asked = [words for line in lacking for words in line.missing]
        missing = what_is_missing(self.object, transition_called(self.model, "submit"))
        return context | {
            "lacking": lacking,
            "beyond": [words for words in missing if words not in asked],
            "is_ready": not asked and not missing,
            "confirm_unchanged": CONFIRM if is_unchanged(self.object) else "",
            "mend_url": reverse(f"{self.route}_mend", args=[self.object.pk]),
            "submit_url": reverse(f"{self.route}_move", args=[self.object.pk, "submit"]),
        }
