"""The desk of county staff (工作台), on a page of its own and as the admin's first one: what waits, how far the
returns are, the latest ledgers, what one follows and works on. Apps say what waits (core.portal)."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.admin import site
from django.contrib.auth.decorators import login_required
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from members.models import Union
from pingtang_union.admin.inconsistencies import counts_for
from pingtang_union.core.database import only_reads
from pingtang_union.core.dates import left
from pingtang_union.core.portal import portals
from pingtang_union.ledger import calls
from pingtang_union.ledger.models import ImportBatch, LedgerCall
from pingtang_union.workflow import marking
from pingtang_union.workflow.attention import Assignment, Follow, Notice
from pingtang_union.workflow.models import Application
from pingtang_union.workflow.table import ENDS
from pingtang_union.workflow.waiting import Waiting

SHOWN = 8  # of each list
LONG = 7  # days after which what waits is marked


@dataclass(frozen=True)
class Returned:
    """How far the unions below one branch have answered a call."""

    branch: str
    asked: int
    returned: int

    @property
    def missing(self) -> int:
        """How many still have to."""
        return self.asked - self.returned

    @property
    def share(self) -> int:
        """In percent."""
        return round(100 * self.returned / self.asked)

    @property
    def tone(self) -> str:
        return "is-ok" if self.share == 100 else ""


@dataclass(frozen=True)
class Called:
    """An open call, as a whole and branch by branch."""

    call: LedgerCall
    left: str
    urgency: str
    whole: Returned
    branches: list[Returned]


@dataclass(frozen=True)
class Marked:
    """A record that one follows or works on."""

    record: Any
    kind: str
    url: str
    state: str


@login_required
@only_reads
def desk(request: HttpRequest) -> HttpResponse:
    """The page of its own: of the portal's frame, so that browsers too old for the admin's show it too."""
    user: Any = request.user
    if not user.is_staff:
        raise PermissionDenied
    return render(request, "desk/desk.html", shown(request))


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """The admin's first page (Unfold calls it)."""
    return context | shown(request)


@login_required
@require_POST
def read_notice(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a notice of one's own away, and go where it leads."""
    user: Any = request.user
    notice = get_object_or_404(Notice.objects.filter(user=user), pk=pk)
    marking.put_away([pk], by=user)
    return redirect(notice.url or "home")


def waiting(request: HttpRequest) -> list[Waiting]:
    """What waits for the signed-in person, as the apps declare it; asked once a request, for desk and sidebar."""
    user: Any = request.user
    if not hasattr(request, "waiting"):
        today = timezone.localdate()
        found = [one for app in portals() for one in app.desk(user, today)] if user.is_staff else []
        request.waiting = found  # type: ignore[attr-defined]
    return request.waiting  # type: ignore[attr-defined]


def shown(request: HttpRequest) -> dict[str, Any]:
    """What desk/_desk.html needs."""
    user: Any = request.user
    today = timezone.localdate()
    checks = [count for count in counts_for(request) if count.number]
    return {
        "today": today,
        "waiting": [(one, *_age(one, today)) for one in waiting(request)],
        "checks": sum(count.number for count in checks),
        "notices": Notice.objects.unread(user)[:SHOWN],
        "called": _called(user, today),
        "batches": _batches(user),
        "assigned": _marked(request, Assignment.objects.filter(user=user).order_by("-since", "-pk")),
        "followed": _marked(request, Follow.objects.filter(user=user).order_by("-at", "-pk")),
    }


def _age(one: Waiting, today: date) -> tuple[str, str]:
    """(words, tone) of how long the oldest waits."""
    if one.oldest is None:
        return "", ""
    days = (today - one.oldest).days
    if days < 0:
        return f"最早 {one.oldest} 期满", "is-info"
    return f"最早 {one.oldest}，{f'已 {days} 天' if days else '今天'}", "is-warn" if days > LONG else ""


def _batches(user: Any) -> Any:
    if not user.has_perm("core.view_importbatch"):
        return []
    return (
        ImportBatch.objects.visible_to(user).select_related("union", "by", "undone_by").order_by("-at", "-pk")[:SHOWN]
    )


def _called(user: Any, today: date) -> list[Called]:
    """Open calls branch by branch: the unions right below the county, each with all below it."""
    open_calls = calls.open_calls(user, today) if user.has_perm("core.view_ledgercall") else []
    if not open_calls:
        return []
    unions = Union.objects.visible_to(user)
    rows = list(unions.order_by("path").values_list("pk", "path", "township", "name", "numchild"))
    found = calls.standings(open_calls, unions, today)
    called = []
    for call in open_calls:
        depth = len(call.union.path) + Union.steplen
        names = {path: town or name for _pk, path, town, name, children in rows if len(path) == depth and children}
        asked: dict[str, list[bool]] = defaultdict(list)
        for pk, path, *_rest in rows:
            if pk in found[call.pk]:
                answer = found[call.pk][pk]
                asked[names.get(path[:depth], "")].append(answer is not None and not answer.left_out)
        branches = [
            Returned(name or "直属工会", len(each), sum(each)) for name, each in sorted(asked.items(), key=_last)
        ]
        everyone = [one for each in asked.values() for one in each]
        if everyone:
            whole = Returned("合计", len(everyone), sum(everyone))
            called.append(Called(call, *left(call.due_on, today), whole, branches))
    return called


def _last(pair: tuple[str, Any]) -> bool:
    """Those right below the county, in no township, come last; the rest in the tree's order."""
    return pair[0] == ""


def _marked(request: HttpRequest, marks: Any) -> list[Marked]:
    """The records behind `marks`, those that the viewer still sees and that aren't over: two questions for each of
    their models, however many marks there are."""
    keys = marks.order_by().values_list("content_type", flat=True).distinct()
    records: dict[tuple[int, int], Any] = {}
    ahead: list[Any] = []
    for kind in keys:
        model = ContentType.objects.get_for_id(kind).model_class()
        model_admin = site._registry.get(model) if model else None
        if model_admin is None or not model_admin.has_view_permission(request):
            continue
        rows = model_admin.get_queryset(request).select_related(*_related(model_admin))
        if issubclass(model_admin.model, Application) and marks.model is Assignment:
            rows = rows.exclude(state__in=ENDS)
        first = list(marks.filter(content_type=kind, object_id__in=rows.order_by().values("pk"))[:SHOWN])
        records |= {(kind, row.pk): row for row in rows.filter(pk__in=[mark.object_id for mark in first])}
        ahead += first
    ahead.sort(key=lambda mark: (getattr(mark, "since", None) or mark.at, mark.pk), reverse=True)
    return [_shown(records[mark.content_type_id, mark.object_id], request) for mark in ahead[:SHOWN]]


def _related(model_admin: Any) -> Any:
    return model_admin.list_select_related or ()


def _shown(record: Any, request: HttpRequest) -> Marked:
    state = record.get_state_display() if hasattr(record, "get_state_display") else ""
    return Marked(record, str(record._meta.verbose_name), marking.address_of(record, request.user), state)
