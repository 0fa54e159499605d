"""Applications (workflow.moving) in the admin: a queue of what waits, and the page of each with its transitions.

Apps subclass and say what the list and the page show; no app writes a page of approval (admin.moves does).
"""

from typing import Any

from django.core.exceptions import FieldDoesNotExist, PermissionDenied
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils import timezone
from unfold.decorators import display
from unfold.enums import ActionVariant

from pingtang_union.admin.asking import role_may
from pingtang_union.admin.attention import AttentionMixin
from pingtang_union.admin.bases import ReadOnlyAdmin, ScopedAdmin
from pingtang_union.admin.columns import column
from pingtang_union.admin.filters import OfferedFilter
from pingtang_union.admin.moves import MovesMixin
from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.permissions import may_view
from pingtang_union.workflow.attachments import attachment_response
from pingtang_union.workflow.models import Application
from pingtang_union.workflow.moving import unasked
from pingtang_union.workflow.table import State, transitions_of
from pingtang_union.workflow.timeline import changes_since_return, timeline
from pingtang_union.workflow.waiting import awaited, kinds, waiting

WAITING = "waiting"


class QueueFilter(OfferedFilter):
    """By state: first all that waits for the viewer, then each state, those that wait before the others."""

    title = "状态"
    parameter_name = "state"
    all_option = ["", "全部"]

    def lookups(self, request: HttpRequest, model_admin: "ApplicationAdmin") -> list[tuple[str, str]]:
        model, user = model_admin.model, request.user
        self.conditions = {kind.name: kind.rows for kind in kinds(model, user)}
        offered = [(kind.name, kind.label) for kind in kinds(model, user)]
        if (waits := waiting(model, user)) is not None:
            self.conditions[WAITING] = waits
            offered.insert(0, (WAITING, "待我办理"))
        first = {state for transition in awaited(model, user) for state in transition.sources}
        states = sorted(model_admin.states(), key=lambda state: state not in first)
        return [*offered, *((state.value, str(state.label)) for state in states)]

    def narrow(self, queryset: QuerySet, value: str) -> QuerySet:
        return queryset.filter(self.conditions[value]) if value in self.conditions else super().narrow(queryset, value)


def _flat(navigation: list[Any]) -> list[Any]:
    return [button for entry in navigation for button in entry.get("items", [entry])]


class ApplicationAdmin(AttentionMixin, MovesMixin, ReadOnlyAdmin, ScopedAdmin):
    """Base of the admin of an application: facts to read, since what was handed in is the union's word; a button, and
    an action on the list, for each transition of an office.

    `actions_detail` of a subclass stand behind those buttons; workflow.waiting says which rows wait for whom.
    """

    list_filter: Any = (QueueFilter,)
    list_before_template = "admin/queue.html"
    change_form_outer_before_template = "admin/application_state.html"
    change_form_outer_after_template = "admin/application_trail.html"
    actions_detail: Any = ()

    # --- who may what ---

    has_recommend_permission = role_may("recommend")
    has_review_permission = role_may("review")
    has_publicise_permission = role_may("publicise")
    has_decide_permission = role_may("decide")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """By the permission to view; the one to change is the applying side's."""
        return may_view(request.user, self.model)

    # --- the queue ---

    def touched(self, user: Any) -> Subquery:
        """By its last step that wasn't the viewer's."""
        steps = self.opts.get_field("steps").related_model.objects.filter(application=OuterRef("pk"))
        return Subquery(steps.exclude(by=user).order_by("-number").values("at")[:1])

    def queue_rows(self, request: HttpRequest) -> QuerySet | None:
        waits = waiting(self.model, request.user)
        return None if waits is None else self.get_queryset(request).filter(waits).order_by(*self.opts.ordering)

    def states(self) -> list[State]:
        """States that applications of this kind can be in."""
        reached = {transition.target for transition in transitions_of(self.model)} | {State.DRAFT}
        return [state for state in State if state in reached]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list; opened without any condition it is what waits for the viewer."""
        if not request.GET and waiting(self.model, request.user) is not None:
            request.GET = QueryDict(f"state={WAITING}")  # so that filter and pager know it
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
        condition = waiting(self.model, request.user)
        if condition is not None:
            links.append((WAITING, "待我办理", other.filter(condition).distinct().count()))
        shown = request.GET.get("state", "")
        links += [
            (kind.name, kind.label, other.filter(kind.rows).distinct().count())
            for kind in kinds(self.model, request.user)
            if kind.name == shown
        ]
        links.append(("", "全部", sum(counts.values())))
        links += [(state.value, str(state.label), counts[state]) for state in self.states() if counts.get(state)]
        return [
            (changelist.get_query_string({"state": state}, ["p"]), label, number, state == shown)
            for state, label, number in links
        ]

    state_label = column("state", "状态", State)

    @display(description="提交日期", ordering="submitted_at")
    def submitted_on(self, obj: Application) -> str:
        return f"{timezone.localtime(obj.submitted_at):%Y-%m-%d}" if obj.submitted_at else "—"

    @display(description="公示")
    def publicity_label(self, obj: Application) -> str:
        end = obj.publicity()
        if end is None:
            return "—"
        unknown = "" if end.is_known else "，其中的节假日安排还没有登记，按工作日计算"
        return f"{obj.publicised_from} 至 {end.day}（{obj.publicity_days} 个工作日{unknown}）"

    # --- one application ---

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The facts, and around them state, differences, objections, files and what happened."""
        application = self.get_object(request, str(object_id)) if object_id else None
        if application is not None and self.has_view_permission(request, application):
            extra_context = {**(extra_context or {}), **self.surroundings(request, application)}
        response = super().changeform_view(request, object_id, form_url, extra_context)
        shown = getattr(response, "context_data", None)
        if shown is not None:  # beside the state, as links: Unfold's menu needs scripts, and hides them on a phone
            waiting = {label for label, _ in shown.get("blocked", ())}
            shown["buttons"] = [
                {
                    **it,
                    "path": it["path"] + self.kept(request),
                    "variant": ActionVariant.DEFAULT if it["title"] in waiting else it["variant"],
                }
                for it in _flat(shown.get("actions_detail") or [])
            ]
            shown["actions_detail"] = []
        return response

    def surroundings(self, request: HttpRequest, application: Any) -> dict[str, Any]:
        """Context of admin/application_state.html and admin/application_trail.html."""
        user = request.user
        steps = list(application.steps.visible_to(user).select_related("by__union"))
        blocked = [
            (it.transition.label, unasked(application, it.transition, it.why_not))
            for it in self.offered(request, application)
        ]
        return {
            "blocked": [(label, missing) for label, missing in blocked if missing],
            "returned_reason": application.reason if application.state in (State.RETURNED, State.REJECTED) else "",
            "differences": [] if application.is_editable else changes_since_return(steps),
            "moments": timeline(application, steps),
            "objections": self._related(application, "objections", user, "settled_by"),
            "files": [
                (reverse(f"admin:{self._route('file')}", args=[file.pk]), file, self.file_title(file))
                for file in self._related(application, "files", user)
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

    def _related(self, application: Any, name: str, user: Any, *related: str) -> Any:
        """Rows that belong to the application, as far as the user may see any of their kind."""
        if not self._has(name):
            return []
        rows = getattr(application, name)
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
