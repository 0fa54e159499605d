"""Pages of applications (workflow.moving): the steps on which one is filled in, the buttons that the table offers, the
form of one transition, the timeline, what changed since it came back, attachments.

Apps subclass with their model and route; the names of addresses are `<route>_detail`, `<route>_move`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.forms import ScopedForm
from pingtang_union.core.permissions import permission_of
from pingtang_union.core.versions import changed_since, not_overwritten, version_of
from pingtang_union.core.views import ScopedActionView, ScopedMixin
from pingtang_union.workflow.attachments import Attachment, attachment_response, check_uploads
from pingtang_union.workflow.models import Application, Return, Step
from pingtang_union.workflow.moving import UNCHANGED, in_the_way, is_applicant, is_unchanged, may_edit, perform
from pingtang_union.workflow.table import LONGEST_REASON, State, Transition, transition_called
from pingtang_union.workflow.timeline import Difference, changes_since_return, offers, timeline, waits_for

CONFIRM = "退回后尚未修改，仍按原内容提交"


class TransitionForm(ScopedForm):
    """What a transition asks for: a reason where it needs one, fields of the application, the revision seen."""

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)  # of an office required, see `clean`
    reason = forms.CharField(label="说明", max_length=LONGEST_REASON, required=False, widget=forms.Textarea)

    def __init__(self, *args: Any, transition: Transition, application: Application, **kwargs: Any):
        kwargs["initial"] = {"seen": application.revision, **(kwargs.get("initial") or {})}
        super().__init__(*args, **kwargs)
        self.transition = transition
        self.fields["reason"].widget.attrs["rows"] = 4
        if transition.needs_reason:
            self.fields["reason"].label = f"{transition.label}的原因"
            self.fields["reason"].required = True
            self.fields["reason"].error_messages["required"] = f"请写明{transition.label}的原因。"
        if transition.name == "submit" and is_unchanged(application):
            self.fields["unchanged"] = forms.BooleanField(label=CONFIRM, error_messages={"required": UNCHANGED})
        for name in transition.asks:
            self.fields[name] = application._meta.get_field(name).formfield()  # type: ignore[union-attr, assignment]  # a column
        if transition.target == State.RETURNED:
            steps = type(application).filling_steps
            if steps:
                choices = [("", "未指定"), *steps]
                self.fields["step"] = forms.ChoiceField(label="需要修改的部分", choices=choices, required=False)
            calendar = forms.DateInput({"autocomplete": "off", "data-date": "day"}, format="%Y-%m-%d")
            self.fields["until"] = forms.DateField(label="修改期限", required=False, widget=calendar)
        self.order_fields(["seen", *transition.asks, "step", "reason", "until"])

    def clean(self) -> dict[str, Any]:
        """An office's answer is to what was shown; said above the form, since the field is hidden."""
        cleaned = super().clean() or self.cleaned_data
        if not self.transition.is_by_applicant and cleaned.get("seen") is None:
            self.add_error(None, "没有说明办理的是哪一版内容。请重新打开这一页，看过再办。")
        return cleaned

    def make(self, application: Application, *, seen: int | None = None) -> Application:
        """Make the transition as filled in; `seen` where the form holds several revisions. Raises DomainError."""
        given = self.cleaned_data
        return perform(
            application,
            self.transition.name,
            by=self.user,
            reason=given["reason"],
            seen=given["seen"] if seen is None else seen,
            details={name: given[name] for name in self.transition.asks},
            step=given.get("step", ""),
            until=given.get("until"),
            unchanged=given.get("unchanged", False),
        )

    def move(self, application: Application) -> str:
        """Make it; gives what is said afterwards."""
        moved = self.make(application)
        if moved.is_editable or moved.is_over:
            return f"{moved}：{moved.get_state_display()}。"
        return f"{moved}：{moved.get_state_display()}，{waits_for(moved)}。"


class ApplicationMoveView(ScopedActionView):
    """One transition of one application: says what it means and what is in its way, asks what it needs, does it."""

    model: ClassVar[type[Application]]
    form_class = TransitionForm
    template_name = "crud/move.html"

    @property
    def transition(self) -> Transition:
        """The line of the table that the address names; 404 for none."""
        try:
            return transition_called(self.model, self.kwargs["name"])
        except LookupError:
            raise Http404 from None

    def needed_permissions(self) -> tuple[str, ...]:
        return (permission_of(self.model, self.transition.permission),)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "transition": self.transition, "application": self.object}

    def perform(self, form: Any) -> str:
        return form.move(self.object)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        transition = self.transition
        self.heading, self.intro = transition.label, transition.intro
        self.submit_label, self.is_danger = transition.label, transition.is_danger
        missing = in_the_way(self.object, transition, self.user)
        context = super().get_context_data(**kwargs)
        return context | {"transition": transition, "missing": missing, "is_possible": not missing}


# --- What changed ------------------------------------------------------------------------------

_SENTENCE = re.compile(r"[^。！？；\n]*[。！？；\n]+|[^。！？；\n]+")
_SHORT = 60  # a text up to here is shown whole, before and after
_AROUND = 1  # sentences of what stayed, on either side of a change
GAP = "……"


@dataclass(frozen=True)
class Passage:
    """A piece of a text that changed: kind is same, del, ins or gap."""

    kind: str
    text: str


@dataclass(frozen=True)
class Marked:
    """One thing said otherwise than before, with the places where."""

    label: str
    passages: list[Passage]


def marked(difference: Difference) -> Marked:
    """A difference with its places: short texts whole, of long ones the sentences that changed and those beside."""
    before, after = difference.before, difference.after
    if max(len(before), len(after)) <= _SHORT or not (before and after):
        return Marked(difference.label, [Passage("del", before or "（空）"), Passage("ins", after or "（空）")])
    old, new = _SENTENCE.findall(before), _SENTENCE.findall(after)
    passages: list[Passage] = []
    for kind, old_from, old_to, new_from, new_to in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            passages += _unchanged(new[new_from:new_to], is_first=new_from == 0, is_last=new_to == len(new))
            continue
        if old_to > old_from:
            passages.append(Passage("del", "".join(old[old_from:old_to])))
        if new_to > new_from:
            passages.append(Passage("ins", "".join(new[new_from:new_to])))
    return Marked(difference.label, passages)


def _unchanged(sentences: list[str], *, is_first: bool, is_last: bool) -> list[Passage]:
    """What stayed, its middle left out; at the ends of the text only the side toward the change."""
    head, tail = ([] if is_first else sentences[:_AROUND]), ([] if is_last else sentences[-_AROUND:])
    if len(sentences) <= len(head) + len(tail):
        return [Passage("same", "".join(sentences))]
    passages = [Passage("same", "".join(head)), Passage("gap", GAP), Passage("same", "".join(tail))]
    return [passage for passage in passages if passage.text]


# --- The page of one application ---------------------------------------------------------------


class ApplicationPageMixin:
    """For the page of one application: context for partials/_offers, _timeline and _differences."""

    object: Any
    route: ClassVar[str]
    request: HttpRequest

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With `offers` (offer, address), `moments`, `differences`, `returned_reason` and `returned_step` (who sent it
        back, and when), `returned` (what is to be mended, where, until when), `may_edit`."""
        context: dict[str, Any] = super().get_context_data(**kwargs)  # type: ignore[misc]  # a view behind it
        application, user = self.object, self.request.user
        if not isinstance(application, Application) or application.pk is None:
            return context
        steps: list[Step] = list(application.steps.select_related("by__union"))  # type: ignore[attr-defined]  # every Step names it
        context["offers"] = [
            (offer, reverse(f"{self.route}_move", args=[application.pk, offer.transition.name]))
            for offer in offers(application, user)
        ]
        context["moments"] = timeline(application, steps)
        context["differences"] = (
            [marked(each) for each in changes_since_return(steps)] if not application.is_editable else []
        )
        came_back = application.state in (State.RETURNED, State.REJECTED)
        context["returned_reason"] = application.reason if came_back else ""
        context["returned"] = Return.objects.to(application).first() if application.state == State.RETURNED else None
        context["returned_step"] = steps[-1] if came_back and steps else None
        context["may_edit"] = may_edit(application, user)
        context["is_unchanged"] = context["may_edit"] and is_unchanged(application)
        return context


# --- Filling one in ----------------------------------------------------------------------------


class ApplicationFillView(ScopedActionView):
    """One of the pages on which a draft is filled in, each saved by itself.

    Subclasses say which labels of `Application.content()` stand on the page (`holds`), and `perform`. Who saves second
    is told what changed meanwhile, and nothing is overwritten until she saves again.
    """

    model: ClassVar[type[Application]]
    version = ""
    _stored: Mapping[str, str]

    def needed_permissions(self) -> tuple[str, ...]:
        return (permission_of(self.model, "submit"),)

    def holds(self, label: str) -> bool:
        """Whether what the application says under `label` is filled in here."""
        raise NotImplementedError(f"{type(self).__name__} holds nothing")

    def get_object(self) -> Any:
        return self.object or super().get_object()

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The page; one that the user can't change now is shown instead, with why."""
        self.object = self.get_object()
        if not may_edit(self.object, self.user):
            messages.warning(request, why_closed(self.object, self.user))
            return redirect(self.back())
        self.version = version_of(self.object, self._shown())
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Save. The row is locked from reading to writing, so that of two who save at once the second is told; files
        are opened before."""
        if may_edit(get_object_or_404(self.visible(), pk=self.kwargs["pk"]), self.user):
            check_uploads(file for files in request.FILES.lists() for file in files[1])
        with transaction.atomic():
            self.object = get_object_or_404(self.visible().select_for_update(of=("self",)), pk=self.kwargs["pk"])
            self._stored = self._shown()
            self.version = request.POST.get("version", "")
            return super().post(request, *args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        """Write, or say what someone else wrote meanwhile."""
        labels, is_less = changed_since(self.object, self._stored, self.version)
        if self.object.is_editable and (labels or is_less):
            now = ((label, self._stored[label]) for label in labels)
            changes = [f"{label}，现在是「{text[:_SHORT]}{GAP if len(text) > _SHORT else ''}」" for label, text in now]
            form.add_error(None, not_overwritten([*changes, "有的内容已删去"] if is_less else changes))
            self.version = version_of(self.object, self._stored)
            return self.form_invalid(form)
        return super().form_valid(form)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With the mark of what the page showed, for a hidden field."""
        return super().get_context_data(**kwargs) | {"version": self.version}

    def _shown(self) -> dict[str, str]:
        return {label: words for label, words in self.object.content().items() if self.holds(label)}


def why_closed(application: Application, user: Any) -> str:
    """Why `user` can't change an application now, and what to do."""
    if not is_applicant(application, user):
        return "只有申报的工会和替它填报的人能修改。不合要求的，请退回。"
    can_be_withdrawn = application.state in (State.SUBMITTED, State.RECOMMENDED)
    words = "内容不能改；要改请先撤回" if can_be_withdrawn else "内容不能再改"
    return f"当前状态是「{application.get_state_display()}」，{words}。"


class AttachmentView(ScopedMixin):
    """An attachment as a download, for whoever sees its application."""

    model: ClassVar[type[Attachment]]

    def needed_permissions(self) -> tuple[str, ...]:
        return (permission_of(self.model, "view"),)

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        attachment = get_object_or_404(self.visible(), pk=pk)
        try:
            return attachment_response(attachment)
        except DomainError as error:
            raise Http404(str(error)) from error
