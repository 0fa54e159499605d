"""Applications (core.workflow) in the admin: a queue of what waits, and deeds made from the table of transitions, one
at a time or several at once.

Apps subclass and say what the list and the page show. No app writes a deed of approval, and nothing here writes a
state: `perform` does.
"""

from types import MethodType
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IS_POPUP_VAR
from django.core.exceptions import FieldDoesNotExist, PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils import timezone
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from pingtang_union.core.admin.audit import NoDeadLinksMixin
from pingtang_union.core.admin.bases import ScopedAdmin
from pingtang_union.core.admin.forms import dress
from pingtang_union.core.application_views import TransitionForm
from pingtang_union.core.attachments import attachment_response
from pingtang_union.core.changes import may_view
from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.timeline import changes_since_return, offers, timeline
from pingtang_union.core.workflow import (
    STAGES,
    Application,
    State,
    Transition,
    barred_from,
    perform,
    permission_of,
    transitions_of,
    what_is_missing,
)

MOST_AT_ONCE = 50  # a page of the list
WAITING = "waiting"
_ICONS = {
    "recommend": "recommend", "send_back": "undo", "approve": "check", "return": "undo", "reject": "block",
    "publicise": "campaign", "retract": "visibility_off", "decide": "gavel", "confirm": "verified",
}  # fmt: skip


class MoveForm(TransitionForm):
    """What a transition asks for, in the admin's dress."""

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        dress(self)


class SeveralForm(MoveForm):
    """The same for several applications: one reason, and of each the revision that the page showed."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)  # type: ignore[assignment]  # "7:2 9:1"

    def clean_seen(self) -> dict[int, int]:
        """Revision by key; whatever is no pair of numbers counts as not seen."""
        pairs = [part.partition(":") for part in self.cleaned_data["seen"].split()]
        return {int(key): int(revision) for key, _, revision in pairs if (key + revision).isdecimal() and revision}


class QueueFilter(DropdownFilter):
    """By state: first all that waits for the viewer, then each state, those that wait before the others."""

    title = "状态"
    parameter_name = "state"
    all_option = ["", "全部"]

    def lookups(self, request: HttpRequest, model_admin: "ApplicationAdmin") -> list[tuple[str, str]]:
        self.condition = model_admin.waiting(request.user)
        waiting = [(WAITING, "待我办理")] if self.condition is not None else []
        first = {state for one in model_admin.awaited(request.user) for state in one.sources}
        states = sorted(model_admin.states(), key=lambda state: state not in first)
        return [*waiting, *((state.value, str(state.label)) for state in states)]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        value = self.value()
        if value == WAITING and self.condition is not None:
            return queryset.filter(self.condition)
        return queryset.filter(state=value) if value in State.values else queryset


def _move_page(name: str, transition: Transition) -> Any:
    variant = ActionVariant.DEFAULT if transition.needs_reason else ActionVariant.PRIMARY

    def view(self: "ApplicationAdmin", request: HttpRequest, object_id: str) -> HttpResponse:
        return self.move(request, object_id, transition)

    view.__name__ = name  # by which Unfold finds whether it is an action on one object
    return action(
        description=transition.label, url_path=f"move-{transition.name}", permissions=[transition.permission],
        icon=_ICONS.get(transition.name), variant=variant,
    )(view)  # fmt: skip


def _flat(navigation: list[Any]) -> list[Any]:
    return [one for entry in navigation for one in entry.get("items", [entry])]


def _move_several(transition: Transition) -> Any:
    def several(self: "ApplicationAdmin", request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
        return self.move_several(request, queryset, transition)

    return several


class ApplicationAdmin(NoDeadLinksMixin, ScopedAdmin):
    """Base of the admin of an application: facts to read; a button, and an action on the list, for each transition of
    an office.

    `actions_detail` of a subclass stand behind those buttons; `awaits` says which rows wait for a transition.
    """

    list_filter: Any = (QueueFilter,)
    list_before_template = "admin/queue.html"
    change_form_outer_before_template = "admin/application_state.html"
    change_form_outer_after_template = "admin/application_trail.html"
    actions_detail: Any = ()

    def __init__(self, model: type[Application], admin_site: Any):
        super().__init__(model, admin_site)
        offices = [one for one in transitions_of(model) if not one.is_by_applicant]
        offices.sort(key=lambda one: (one.is_danger, one.needs_reason))  # what leads on comes first
        self.moves = {f"move_{one.name}": one for one in offices}
        for name, one in self.moves.items():
            setattr(self, name, MethodType(_move_page(name, one), self))
        self.actions_detail = (*self.moves, *self.actions_detail)

    # --- who may what ---

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Never here: the applying side fills in its own pages."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never: what was handed in is the union's word."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    def _may(self, request: HttpRequest, verb: str) -> bool:
        return request.user.has_perm(permission_of(self.model, verb))

    def has_recommend_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whether the role recommends."""
        return self._may(request, "recommend")

    def has_review_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whether the role reviews."""
        return self._may(request, "review")

    def has_publicise_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whether the role publicises."""
        return self._may(request, "publicise")

    def has_decide_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whether the role decides."""
        return self._may(request, "decide")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """By the permission to view; the one to change is the applying side's."""
        return may_view(request.user, self.model)

    # --- the queue ---

    def states(self) -> list[State]:
        """States that applications of this kind can be in."""
        reached = {one.target for one in transitions_of(self.model)} | {State.DRAFT}
        return [state for state in State if state in reached]

    def awaited(self, user: Any) -> list[Transition]:
        """Transitions that lead on and are the user's to make."""
        return [
            one
            for one in self.moves.values()
            if not one.needs_reason and user.has_perm(permission_of(self.model, one.permission))
        ]

    def awaits(self, transition: Transition) -> Q:
        """Condition on rows that wait for `transition` today, whoever makes it."""
        condition = Q(state__in=transition.sources)
        if transition.name == "decide":
            condition &= Q(publicised_until__lt=timezone.localdate())
        return condition

    def waiting(self, user: Any) -> Q | None:
        """Condition on rows that `user` in person can move on; None for a role that moves nothing."""
        condition = None
        for one in self.awaited(user):
            mine = Q(submitted_by=user)
            for stage in STAGES[: STAGES.index(one.stage)] if one.stage else ():
                mine |= Q(**{f"{stage}_by": user})
            waits = self.awaits(one) & ~mine
            condition = waits if condition is None else condition | waits
        return condition

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list; opened without any condition it is what waits for the viewer."""
        if not request.GET and self.waiting(request.user) is not None:
            request.GET = QueryDict(f"state={WAITING}")  # type: ignore[assignment]  # so that filter and pager know it
        response = super().changelist_view(request, extra_context)
        changelist = (getattr(response, "context_data", None) or {}).get("cl")
        if changelist is not None:
            response.context_data["queue"] = self.queue(request, changelist)
        return response

    def queue(self, request: HttpRequest, changelist: Any) -> list[tuple[str, str, int, bool]]:
        """(address, words, number, whether it is shown) of what waits, of all, and of each state that has any; the
        list's other conditions stay."""
        other = changelist.root_queryset
        for spec in changelist.filter_specs:
            if not isinstance(spec, QueueFilter):
                other = spec.queryset(request, other)
        other = self.get_search_results(request, other, changelist.query)[0]
        counts = dict(other.order_by().values("state").annotate(n=Count("pk", distinct=True)).values_list("state", "n"))
        links: list[tuple[str, str, int]] = []
        condition = self.waiting(request.user)
        if condition is not None:
            links.append((WAITING, "待我办理", other.filter(condition).distinct().count()))
        links.append(("", "全部", sum(counts.values())))
        links += [(state.value, str(state.label), counts[state]) for state in self.states() if counts.get(state)]
        shown = request.GET.get("state", "")
        return [
            (changelist.get_query_string({"state": state}, ["p"]), label, number, state == shown)
            for state, label, number in links
        ]

    @display(
        description="状态",
        ordering="state",
        label={
            State.SUBMITTED.label: "warning", State.RECOMMENDED.label: "warning", State.REVIEWED.label: "info",
            State.PUBLICISED.label: "info", State.DECIDED.label: "success", State.RETURNED.label: "danger",
            State.REJECTED.label: "danger",
        },
    )  # fmt: skip
    def state_label(self, obj: Application) -> str:
        return obj.get_state_display()

    # --- one application ---

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Of the transitions those that start from the present state."""
        found = super().get_actions_detail(request, object_id)
        one = self.get_object(request, str(object_id))
        here = {offer.transition.name for offer in self._offers(request, one)} if one else set()
        return [it for it in found if not it.path.startswith("move-") or it.path.removeprefix("move-") in here]

    def _offers(self, request: HttpRequest, one: Application) -> list[Any]:
        """What the page offers of the offices' transitions; asked once a request."""
        kept = getattr(request, "offers_of", {})
        if one.pk not in kept:
            kept[one.pk] = [it for it in offers(one, request.user) if not it.transition.is_by_applicant]
            request.offers_of = kept  # type: ignore[attr-defined]
        return kept[one.pk]

    def _asked(self, transition: Transition, missing: Any) -> list[str]:
        """What is missing, without what the form still asks for."""
        asked = {f"要填写{self.opts.get_field(name).verbose_name}" for name in transition.asks}  # type: ignore[union-attr]
        return [one for one in missing if one not in asked]

    def in_the_way(self, one: Application, transition: Transition, user: Any) -> list[str]:
        """What keeps `user` from making `transition` now, in words."""
        if one.state not in transition.sources:
            return [f"现在的状态是「{one.get_state_display()}」，不能{transition.label}"]
        barred = barred_from(one, transition, user)
        return [barred] if barred else self._asked(transition, what_is_missing(one, transition))

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The facts, and around them state, differences, objections, files and what happened."""
        one = self.get_object(request, str(object_id)) if object_id else None
        if one is not None and self.has_view_permission(request, one):
            extra_context = {**(extra_context or {}), **self.surroundings(request, one)}
        response = super().changeform_view(request, object_id, form_url, extra_context)
        shown = getattr(response, "context_data", None)
        if shown is not None:  # beside the state, as links: Unfold's menu needs scripts, and hides them on a phone
            waiting = {label for label, _ in shown.get("blocked", ())}
            shown["deeds"] = [
                {**it, "variant": ActionVariant.DEFAULT if it["title"] in waiting else it["variant"]}
                for it in _flat(shown.get("actions_detail") or [])
            ]
            shown["actions_detail"] = []
        return response

    def surroundings(self, request: HttpRequest, one: Any) -> dict[str, Any]:
        """Context of admin/application_state.html and admin/application_trail.html."""
        user = request.user
        steps = list(one.steps.visible_to(user).select_related("by__union"))
        blocked = [(it.transition.label, self._asked(it.transition, it.why_not)) for it in self._offers(request, one)]
        return {
            "blocked": [(label, missing) for label, missing in blocked if missing],
            "returned_reason": one.reason if one.state in (State.RETURNED, State.REJECTED) else "",
            "differences": [] if one.is_editable else changes_since_return(steps),
            "moments": timeline(one, steps),
            "objections": self._related(one, "objections", user, "settled_by"),
            "files": [
                (reverse(f"admin:{self._route('file')}", args=[file.pk]), file, self.file_title(file))
                for file in self._related(one, "files", user).defer("content")
            ]
            if self._has("files")
            else [],
        }

    def file_title(self, file: Any) -> str:
        """What a file is for."""
        return ""

    def _has(self, name: str) -> bool:
        try:
            self.opts.get_field(name)
        except FieldDoesNotExist:
            return False
        return True

    def _related(self, one: Any, name: str, user: Any, *related: str) -> Any:
        """Rows that belong to the application, as far as the user may see any of their kind."""
        if not self._has(name):
            return []
        rows = getattr(one, name)
        return rows.visible_to(user).select_related(*related) if may_view(user, rows.model) else rows.none()

    def _route(self, name: str) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{name}"

    def get_urls(self) -> list[Any]:
        """With the download of an attachment, named by its own key."""
        urls = super().get_urls()
        if self._has("files"):
            view = self.admin_site.admin_view(self.file_view)
            urls.insert(0, path("files/<int:object_id>/", view, name=self._route("file")))
        return urls

    def file_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """An attachment of an application that the user sees, as a download that no cache keeps."""
        model: Any = self.opts.get_field("files").related_model
        if not (may_view(request.user, self.model) and may_view(request.user, model)):
            raise PermissionDenied
        file = get_object_or_404(model.objects.visible_to(request.user), pk=object_id)
        try:
            return attachment_response(file)
        except DomainError as error:
            raise Http404(str(error)) from error

    def move(self, request: HttpRequest, object_id: str, transition: Transition) -> HttpResponse:
        """Say what the transition means and what is in its way, ask what it needs; on POST make it."""
        one = self.visible_or_404(request, object_id)
        back = reverse(f"admin:{self._route('change')}", args=[one.pk])
        is_post = request.method == "POST"
        form = MoveForm(request.POST if is_post else None, user=request.user, transition=transition, application=one)
        if is_post and form.is_valid():
            try:
                moved = perform(
                    one,
                    transition.name,
                    by=request.user,
                    reason=form.cleaned_data["reason"],
                    seen=form.cleaned_data["seen"],
                    details=form.details(),
                )
            except DomainError as error:
                form.add_error(None, str(error))
            else:
                messages.success(
                    request, f"已办理「{transition.label}」：{moved}，现在是「{moved.get_state_display()}」。"
                )
                return redirect(back)
        missing = [] if is_post else self.in_the_way(one, transition, request.user)
        return self.page(
            request,
            "admin/move_page.html",
            title=f"{one}：{transition.label}",
            original=one,
            back=back,
            form=form,
            missing=missing,
            is_blocked=bool(missing),
            move_label=transition.label,
            submit_label=transition.label,
            submit_variant="danger" if transition.is_danger else "primary",
            facts=[("申报工会", one.union), ("现在的状态", one.get_state_display())],
            intro=transition.intro,
        )

    # --- several ---

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """The transitions that the role permits; which rows can make them is said before and after."""
        if IS_POPUP_VAR in request.GET:
            return {}
        return {
            f"several_{one.name}": (_move_several(one), f"several_{one.name}", f"批量{one.label}")
            for one in self.moves.values()
            if self._may(request, one.permission)
        }

    def move_several(self, request: HttpRequest, queryset: QuerySet, transition: Transition) -> HttpResponse | None:
        """Name each of the chosen and what is in its way, ask for one reason; then move each by itself and say by name
        what was done and what not, and why."""
        is_answer = "confirmed" in request.POST
        if is_answer:  # those named on the page: the list may have moved on since
            keys = [key for key in request.POST.getlist(ACTION_CHECKBOX_NAME) if key.isdecimal() and len(key) < 19]
            queryset = self.get_queryset(request).filter(pk__in=keys)
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
            application=rows[0],
            initial={"seen": " ".join(f"{one.pk}:{one.revision}" for one in rows)},
        )
        if is_answer and form.is_valid():
            self._move_each(request, rows, transition, form)
            return redirect(request.get_full_path())
        told = [(one, self.in_the_way(one, transition, request.user)) for one in rows]
        for one in rows:
            one.admin_url = reverse(f"admin:{self._route('change')}", args=[one.pk])
        ready = sum(not missing for _, missing in told)
        return self.page(
            request,
            "admin/move_several.html",
            title=f"{transition.label}：选中 {len(rows)} 份，可以办理 {ready} 份",
            intro=transition.intro,
            rows=told,
            action=f"several_{transition.name}",
            form=form,
            is_blocked=not ready,
            submit_label=f"{transition.label}（{ready} 份）",
            submit_variant="danger" if transition.is_danger else "primary",
            back=request.get_full_path(),
        )

    def _move_each(self, request: HttpRequest, rows: list[Any], transition: Transition, form: SeveralForm) -> None:
        seen, done, refused = form.cleaned_data["seen"], [], []
        for one in rows:
            try:
                moved = perform(
                    one,
                    transition.name,
                    by=request.user,
                    reason=form.cleaned_data["reason"],
                    seen=seen.get(one.pk, 0),
                    details=form.details(),
                )
            except DomainError as error:
                refused.append(f"{one}没有办理：{error}")
            else:
                done.append(str(moved))
        if done:
            messages.success(request, f"已办理「{transition.label}」{len(done)} 份：{'、'.join(done)}。")
        for said in refused:
            messages.warning(request, said)


__all__ = ["ApplicationAdmin", "MoveForm", "QueueFilter"]
