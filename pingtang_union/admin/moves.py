"""Transitions in the admin, made from the table: a button with its page for each, and an action on the list that makes
it of several applications at once. Nothing here writes a state: `perform` does."""

from functools import partial
from types import MethodType
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IS_POPUP_VAR
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from unfold.decorators import action
from unfold.enums import ActionVariant

from pingtang_union.admin.forms import dress
from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.keys import key_in
from pingtang_union.core.permissions import permission_of
from pingtang_union.workflow.models import Application
from pingtang_union.workflow.moving import in_the_way
from pingtang_union.workflow.pages import TransitionForm
from pingtang_union.workflow.table import Transition, transitions_of
from pingtang_union.workflow.timeline import Offer, offers

MOST_AT_ONCE = 50  # a page of the list
_ICONS = {
    "recommend": "recommend", "send_back": "undo", "approve": "check", "return": "undo", "reject": "block",
    "publicise": "campaign", "retract": "visibility_off", "decide": "gavel", "confirm": "verified",
}  # fmt: skip


class MoveForm(TransitionForm):
    """What a transition asks for, in the admin's dress."""

    def __init__(self, *args: Any, record: Application, **kwargs: Any):
        super().__init__(*args, application=record, **kwargs)
        dress(self)


class SeveralForm(MoveForm):
    """The same for several applications: one reason, and of each the revision that the page showed."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)  # "7:2 9:1"

    def clean_seen(self) -> dict[int, int]:
        """Revision by key; whatever is no pair of numbers counts as not seen."""
        pairs = [part.partition(":") for part in self.cleaned_data["seen"].split()]
        return {key_in(key): key_in(revision) for key, _, revision in pairs}


def _move_page(name: str, transition: Transition) -> Any:
    variant = ActionVariant.DEFAULT if transition.needs_reason else ActionVariant.PRIMARY

    def view(self: "MovesMixin", request: HttpRequest, object_id: str) -> HttpResponse:
        return self.move(request, object_id, transition)

    view.__name__ = name  # by which Unfold finds whether it is an action on one object
    return action(
        description=transition.label, url_path=f"move-{transition.name}", permissions=[transition.permission],
        icon=_ICONS.get(transition.name), variant=variant,
    )(view)  # fmt: skip


def _move_several(transition: Transition) -> Any:
    def several(self: "MovesMixin", request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
        return self.move_several(request, queryset, transition)

    return several


class MovesMixin:
    """For the admin of an application: put it before the admin base. `moves` are the offices' transitions."""

    def __init__(self, model: type[Application], admin_site: Any):
        super().__init__(model, admin_site)
        offices = [transition for transition in transitions_of(model) if not transition.is_by_applicant]
        offices.sort(key=lambda transition: (transition.is_danger, transition.needs_reason))  # first what leads on
        self.moves = {f"move_{transition.name}": transition for transition in offices}
        for name, transition in self.moves.items():
            setattr(self, name, MethodType(_move_page(name, transition), self))
        self.actions_detail = (*self.moves, *self.actions_detail)

    def offered(self, request: HttpRequest, application: Application) -> list[Offer]:
        """The offices' transitions that start here and are the user's to make; asked once a request."""
        kept = getattr(request, "offers_of", {})
        if application.pk not in kept:
            transitions = offers(application, request.user)
            kept[application.pk] = [offer for offer in transitions if not offer.transition.is_by_applicant]
            request.offers_of = kept
        return kept[application.pk]

    def unfit_actions(self, request: HttpRequest, application: Application) -> set[str]:
        """Of the transitions those that don't start from the present state."""
        here = {offer.transition.name for offer in self.offered(request, application)}
        return {f"move-{transition.name}" for transition in self.moves.values() if transition.name not in here}

    def move(self, request: HttpRequest, object_id: str, transition: Transition) -> HttpResponse:
        """Say what the transition means and what is in its way, ask what it needs; on POST make it."""
        application = self.visible_or_404(request, object_id)
        form: Any = partial(MoveForm, transition=transition)
        missing = [] if request.method == "POST" else in_the_way(application, transition, request.user)
        return self.ask(
            request,
            application,
            lambda filled: filled.move(application),
            label=transition.label,
            form=form,
            is_danger=transition.is_danger,
            intro=transition.intro,
            facts=[("申报工会", application.union), ("当前状态", application.get_state_display())],
            missing=missing,
            is_blocked=bool(missing),
            leads_on=True,
        )

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """The transitions that the role permits; which rows can make them is said before and after."""
        if IS_POPUP_VAR in request.GET:
            return {}
        return {
            f"several_{transition.name}": (
                _move_several(transition),
                f"several_{transition.name}",
                f"批量{transition.label}",
            )
            for transition in self.moves.values()
            if request.user.has_perm(permission_of(self.model, transition.permission))
        }

    def move_several(self, request: HttpRequest, queryset: QuerySet, transition: Transition) -> HttpResponse | None:
        """Name each of the chosen and what is in its way, ask for one reason; then move each by itself and say by name
        what was done and what not, and why."""
        is_answer = "confirmed" in request.POST
        if is_answer:  # those named on the page: the list may have moved on since
            queryset = self.get_queryset(request).filter(pk__in=request.POST.getlist(ACTION_CHECKBOX_NAME))
        rows: list[Any] = list(queryset.select_related("union").order_by("pk")[: MOST_AT_ONCE + 1])
        if len(rows) > MOST_AT_ONCE:
            messages.error(request, f"一次最多办理 {MOST_AT_ONCE} 份，请用筛选条件分几次办。")
            return None
        if not rows:
            messages.warning(request, "没有选中可以办理的申报，请在列表里重新选择。")
            return None
        form = SeveralForm(
            request.POST if is_answer else None,
            user=request.user,
            transition=transition,
            record=rows[0],
            initial={"seen": " ".join(f"{one.pk}:{one.revision}" for one in rows)},
        )
        if is_answer and form.is_valid():
            self._move_each(request, rows, transition, form)
            return redirect(request.get_full_path())
        told = [(one, in_the_way(one, transition, request.user)) for one in rows]
        for application in rows:
            application.admin_url = self.address("change", application.pk)
        ready = sum(not missing for _, missing in told)
        return self.page(
            request,
            "admin/move_several.html",
            title=f"{transition.label}：选中 {len(rows)} 份，可以办理 {ready} 份",
            intro=transition.intro,
            rows=told,
            action=f"several_{transition.name}",
            keys=[one.pk for one in rows],
            form=form,
            is_blocked=not ready,
            submit_label=f"{transition.label}（{ready} 份）",
            submit_variant="danger" if transition.is_danger else "primary",
            back=request.get_full_path(),
        )

    def _move_each(self, request: HttpRequest, rows: list[Any], transition: Transition, form: SeveralForm) -> None:
        seen, done, refused = form.cleaned_data["seen"], [], []
        for application in rows:
            try:
                done.append(str(form.make(application, seen=seen.get(application.pk, 0))))
            except DomainError as error:
                refused.append(f"{application}没有办理：{error}")
        if done:
            messages.success(request, f"已{transition.label} {len(done)} 份：{'、'.join(done)}。")
        for refusal in refused:
            messages.warning(request, refusal)
