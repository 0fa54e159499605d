"""Pages of applications (core.workflow): the buttons that the table offers, the form of one transition, the timeline,
what changed since it came back, attachments.

Apps subclass with their model and route; the names of addresses are `<route>_detail`, `<route>_move`.
"""

from typing import Any, ClassVar

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from pingtang_union.core.attachments import Attachment, attachment_response
from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.forms import ScopedForm
from pingtang_union.core.views import ScopedActionView, ScopedMixin
from pingtang_union.core.workflow import (
    LONGEST_REASON,
    Application,
    Transition,
    changes_since_return,
    offers,
    perform,
    permission_of,
    timeline,
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


class ApplicationPageMixin:
    """For the page of one application: context for partials/_offers, _timeline and _changes."""

    object: Any
    route: ClassVar[str]
    request: HttpRequest

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With `offers` (offer, address), `moments`, `differences`, `returned_reason`, `may_edit`."""
        context: dict[str, Any] = super().get_context_data(**kwargs)  # type: ignore[misc]  # a view behind it
        one, user = self.object, self.request.user
        if not isinstance(one, Application) or one.pk is None:
            return context
        steps = list(one.steps.select_related("by__union"))  # type: ignore[attr-defined]  # every concrete Step names it
        context["offers"] = [
            (offer, reverse(f"{self.route}_move", args=[one.pk, offer.transition.name])) for offer in offers(one, user)
        ]
        context["moments"] = timeline(one, steps)
        context["differences"] = changes_since_return(steps) if not one.is_editable else []
        context["returned_reason"] = one.reason if one.state in ("returned", "rejected") else ""
        context["may_edit"] = one.is_editable and user.has_perm(permission_of(type(one), "submit"))
        return context


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


__all__ = ["ApplicationMoveView", "ApplicationPageMixin", "AttachmentView", "TransitionForm"]
