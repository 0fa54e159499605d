"""Pages of applications (core.workflow): the steps on which one is filled in, the buttons that the table offers, the
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
from django.utils.crypto import salted_hmac

from pingtang_union.core.attachments import Attachment, attachment_response
from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.forms import ScopedForm
from pingtang_union.core.timeline import Difference, changes_since_return, offers, timeline
from pingtang_union.core.views import ScopedActionView, ScopedMixin
from pingtang_union.core.workflow import (
    LONGEST_REASON,
    Application,
    State,
    Step,
    Transition,
    perform,
    permission_of,
    transition_called,
    what_is_missing,
)


class TransitionForm(ScopedForm):
    """What a transition asks for: a reason where it needs one, fields of the application, the revision seen."""

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)
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
        for name in transition.asks:
            self.fields[name] = application._meta.get_field(name).formfield()  # type: ignore[union-attr, assignment]  # a column
        self.order_fields(["seen", *transition.asks, "reason"])

    def details(self) -> dict[str, Any]:
        """What `perform` takes as details."""
        return {name: self.cleaned_data[name] for name in self.transition.asks}


class ApplicationMoveView(ScopedActionView):
    """One transition of one application: says what it means and what is in its way, asks what it needs, does it."""

    model: ClassVar[type[Application]]
    route: ClassVar[str]
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
        """The transition's own."""
        return (permission_of(self.model, self.transition.permission),)

    def get_form_kwargs(self) -> dict[str, Any]:
        """The form follows from the transition."""
        return {**super().get_form_kwargs(), "transition": self.transition, "application": self.object}

    def perform(self, form: Any) -> str:
        """Move it."""
        moved = perform(
            self.object,
            self.transition.name,
            by=self.user,
            reason=form.cleaned_data["reason"],
            seen=form.cleaned_data["seen"],
            details=form.details(),
        )
        return f"已办理「{self.transition.label}」：{moved}，现在是「{moved.get_state_display()}」。"

    def back(self) -> str:
        """The application's page."""
        return reverse(f"{self.route}_detail", args=[self.object.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """What crud/move.html needs."""
        transition = self.transition
        self.heading, self.intro = transition.label, transition.intro
        self.submit_label, self.is_danger = transition.label, transition.is_danger
        # A source state that doesn't fit is said like anything else that is in the way.
        fits = self.object.state in transition.sources
        missing = (
            what_is_missing(self.object, transition)
            if fits
            else [f"现在的状态是「{self.object.get_state_display()}」，不能{transition.label}"]
        )
        # What a form still asks for isn't missing yet.
        asked = {f"要填写{self.model._meta.get_field(name).verbose_name}" for name in transition.asks}  # type: ignore[union-attr]
        context = super().get_context_data(**kwargs)
        context |= {"transition": transition, "missing": [one for one in missing if one not in asked]}
        context["is_possible"] = fits and not context["missing"]
        return context


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
    found: list[Passage] = []
    for kind, old_from, old_to, new_from, new_to in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            found += _unchanged(new[new_from:new_to], is_first=new_from == 0, is_last=new_to == len(new))
            continue
        if old_to > old_from:
            found.append(Passage("del", "".join(old[old_from:old_to])))
        if new_to > new_from:
            found.append(Passage("ins", "".join(new[new_from:new_to])))
    return Marked(difference.label, found)


def _unchanged(sentences: list[str], *, is_first: bool, is_last: bool) -> list[Passage]:
    """What stayed, its middle left out; at the ends of the text only the side toward the change."""
    head, tail = ([] if is_first else sentences[:_AROUND]), ([] if is_last else sentences[-_AROUND:])
    if len(sentences) <= len(head) + len(tail):
        return [Passage("same", "".join(sentences))]
    said = [Passage("same", "".join(head)), Passage("gap", GAP), Passage("same", "".join(tail))]
    return [one for one in said if one.text]


# --- The page of one application ---------------------------------------------------------------


def is_applicant(application: Application, user: Any) -> bool:
    """Whether the applying side's deeds are offered to `user`: the union's own officers, and whoever began it for the
    union. An office above sends back rather than withdraws."""
    own = application.union_id == user.union_id
    return own or user.pk in (application.created_by_id, application.submitted_by_id)


class ApplicationPageMixin:
    """For the page of one application: context for partials/_offers, _timeline and _differences."""

    object: Any
    route: ClassVar[str]
    request: HttpRequest

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With `offers` (offer, address), `moments`, `differences`, `returned_reason` and `returned_step` (who sent it
        back, and when), `may_edit`."""
        context: dict[str, Any] = super().get_context_data(**kwargs)  # type: ignore[misc]  # a view behind it
        one, user = self.object, self.request.user
        if not isinstance(one, Application) or one.pk is None:
            return context
        steps: list[Step] = list(one.steps.select_related("by__union"))  # type: ignore[attr-defined]  # every Step names it
        context["offers"] = [
            (offer, reverse(f"{self.route}_move", args=[one.pk, offer.transition.name]))
            for offer in offers(one, user)
            if is_applicant(one, user) or not offer.transition.is_by_applicant
        ]
        context["moments"] = timeline(one, steps)
        context["differences"] = [marked(each) for each in changes_since_return(steps)] if not one.is_editable else []
        came_back = one.state in (State.RETURNED, State.REJECTED)
        context["returned_reason"] = one.reason if came_back else ""
        context["returned_step"] = steps[-1] if came_back and steps else None
        context["may_edit"] = one.is_editable and user.has_perm(permission_of(type(one), "submit"))
        return context


# --- Filling one in ----------------------------------------------------------------------------


class ApplicationFillView(ScopedActionView):
    """One of the pages on which a draft is filled in, each saved by itself.

    Subclasses say which labels of `Application.content()` stand on the page (`holds`), and `perform`. Who saves second
    is told what changed meanwhile, and nothing is overwritten until she saves again.
    """

    model: ClassVar[type[Application]]
    route: ClassVar[str]
    version = ""
    _stored: Mapping[str, str]

    def needed_permissions(self) -> tuple[str, ...]:
        """To fill in is to apply."""
        return (permission_of(self.model, "submit"),)

    def holds(self, label: str) -> bool:
        """Whether what the application says under `label` is filled in here."""
        raise NotImplementedError(f"{type(self).__name__} holds nothing")

    def get_object(self) -> Any:
        """The application, read once."""
        return self.object or super().get_object()

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The page; one that can't be changed any more is shown instead, with why."""
        self.object = self.get_object()
        if not self.object.is_editable:
            messages.warning(request, why_closed(self.object))
            return redirect(self.back())
        self.version = self._marks(self._said())
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Save. The row is locked from reading to writing, so that of two who save at once the second is told."""
        with transaction.atomic():
            self.object = get_object_or_404(self.visible().select_for_update(of=("self",)), pk=self.kwargs["pk"])
            self._stored = self._said()
            self.version = request.POST.get("version", "")
            return super().post(request, *args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        """Write, or say what someone else wrote meanwhile."""
        changed = self._changed_meanwhile() if self.object.is_editable else ""
        if changed:
            form.add_error(
                None,
                f"您打开这一页以后，别人改过：{changed}。没有覆盖。请先核对；仍要按下面填的保存，请再点一次「保存」。",
            )
            self.version = self._marks(self._stored)
            return self.form_invalid(form)
        return super().form_valid(form)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With the mark of what the page showed, for a hidden field."""
        return super().get_context_data(**kwargs) | {"version": self.version}

    def back(self) -> str:
        """The application's page."""
        return reverse(f"{self.route}_detail", args=[self.object.pk])

    def _said(self) -> dict[str, str]:
        return {label: words for label, words in self.object.content().items() if self.holds(label)}

    def _marks(self, said: Mapping[str, str]) -> str:
        return " ".join(f"{self._mark(label)}:{self._mark(label, words)}" for label, words in said.items())

    def _mark(self, *parts: str) -> str:
        text = " ".join((self.model._meta.label, str(self.object.pk), *parts))
        return salted_hmac("core.application_views", text).hexdigest()[:12]

    def _changed_meanwhile(self) -> str:
        """What is said otherwise than when the page was opened, in words."""
        seen = dict(pair.split(":", 1) for pair in self.version.split() if ":" in pair)
        found = [
            f"{label}，现在是「{words[:_SHORT]}{GAP if len(words) > _SHORT else ''}」"
            for label, words in self._stored.items()
            if seen.pop(self._mark(label), None) != self._mark(label, words)
        ]
        return "；".join([*found, "有的内容已删去"] if seen else found)


def key_in(text: str) -> int:
    """The key that an address or a form names; 0, which no record has, for what is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0


def why_closed(application: Application) -> str:
    """Why an application can't be changed now, and what to do."""
    can_be_withdrawn = application.state in (State.SUBMITTED, State.RECOMMENDED)
    words = "内容不能改；要改请先撤回" if can_be_withdrawn else "内容不能再改"
    return f"现在的状态是「{application.get_state_display()}」，{words}。"


class AttachmentView(ScopedMixin):
    """An attachment as a download, for whoever sees its application."""

    model: ClassVar[type[Attachment]]

    def needed_permissions(self) -> tuple[str, ...]:
        """To view attachments of that kind."""
        return (f"{self.model._meta.app_label}.view_{self.model._meta.model_name}",)

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The bytes."""
        attachment = get_object_or_404(self.visible(), pk=pk)
        try:
            return attachment_response(attachment)
        except DomainError as error:
            raise Http404(str(error)) from error


__all__ = [
    "ApplicationFillView",
    "ApplicationMoveView",
    "ApplicationPageMixin",
    "AttachmentView",
    "Marked",
    "Passage",
    "TransitionForm",
    "is_applicant",
    "key_in",
    "marked",
    "why_closed",
]
