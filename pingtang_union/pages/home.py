"""An officer's home: what is due, what one was told, what came back, what is under way, what is often done, and the
unions below."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from members.completeness import missing
from members.filters import in_term
from members.models import Cadre, Member, Union
from members.models.codes import UnionStatus
from members.roles import SECURITY_ADMIN, SYSTEM_ADMIN
from pingtang_union.core.database import only_reads
from pingtang_union.core.dates import left
from pingtang_union.core.portal import Page, declared, portals
from pingtang_union.core.todo import CAME_BACK_WITHIN_DAYS, Item
from pingtang_union.ledger import calls
from pingtang_union.ledger.models import LedgerCall
from pingtang_union.workflow.attention import Notice

PER_PAGE = 20
NOTICES = 5  # the latest unread; reading one brings up the next
TERMS = {"overdue": "已到期未换届", "soon": "六个月内届满", "unreckoned": "未登记，无法推算"}
STATES = (("overdue", "已到期", "is-bad"), ("soon", "即将到期", "is-warn"), ("unreckoned", "未登记", "is-warn"))


@dataclass(frozen=True)
class Below:
    """A union below one's own: its term as (words, tone), its counts, and how many of the open calls it has answered.
    None where the viewer may not see the records counted."""

    union: Union
    term: tuple[str, str]
    members: int | None
    cadres: int | None
    asked: int
    returned: int

    @property
    def roster_share(self) -> int:
        """How much of the declared membership the roster holds, in percent."""
        declared = self.union.members_total
        return min(100, round(100 * (self.members or 0) / declared)) if declared else 0

    @property
    def returned_share(self) -> int:
        """How many of the calls are answered, in percent."""
        return round(100 * self.returned / self.asked) if self.asked else 0


@dataclass(frozen=True)
class Called:
    """A call with how far the unions below have answered it."""

    call: LedgerCall
    tally: calls.Tally
    left: str
    urgency: str

    @property
    def share(self) -> int:
        """How many have answered in full, in percent."""
        return round(100 * self.tally.returned / self.tally.asked)


@login_required
@only_reads
def workbench(request: HttpRequest) -> HttpResponse:
    """The union of whoever is signed in; a kind word, and no rows, for an account without one."""
    user: Any = request.user
    if not user.has_perm("members.view_union"):
        if user.has_perm("members.view_dashboard"):
            return redirect("dashboard")
        return render(request, "workbench/no_union.html", {"lacks": "角色", "who": SECURITY_ADMIN})
    unions = Union.objects.visible_to(user)
    union = unions.with_parent_name().filter(pk=user.union_id).first()
    if union is None:
        return render(request, "workbench/no_union.html", {"lacks": "所在工会", "who": SYSTEM_ADMIN})
    today = timezone.localdate()
    # A permission on the records counted decides whether their number shows: no number of what one may not read.
    members = Member.objects.visible_to(user).current() if user.has_perm("members.view_member") else None
    cadres = Cadre.objects.visible_to(user).in_post_on(today) if user.has_perm("members.view_cadre") else None
    below = unions.exclude(pk=union.pk).exclude(status=UnionStatus.DISSOLVED)
    page = Paginator(below, PER_PAGE).get_page(request.GET.get("page"))
    has_below = bool(page.paginator.count)
    called = _called(user, union) if has_below else []
    context = {
        "union": union,
        "lacks": 0 if union.is_root() else len(missing(union)),
        "roster": None if members is None else members.filter(union=union).count(),
        "todo": _todo(user),
        "notices": Notice.objects.unread(user)[:NOTICES],
        "back": _back(user),
        "under_way": [item for app in portals() for item in app.under_way(user)],
        "back_note": f"最近 {CAME_BACK_WITHIN_DAYS} 天",
        "acts": [(one, reverse(one.route, args=one.args(user))) for one in _common(user)],
        "page_obj": page,
        "below": with_counts(page, members, cadres, [one.call for one in called], today),
        "called": called,
        "may_remind": user.has_perm("core.add_callreminder"),
        "terms": _terms(unions) if has_below else [],
    }
    return render(request, "workbench/workbench.html", context)


def _todo(user: Any) -> list[Item]:
    """What is due and what waits for this office, the most urgent kind first."""
    today = timezone.localdate()
    return sorted((item for app in portals() for item in app.todo(user, today)), key=lambda item: item.place)


def _back(user: Any) -> list[Item]:
    """What came back and why, of the kinds that the role reads, the latest first."""
    since = timezone.now() - timedelta(days=CAME_BACK_WITHIN_DAYS)
    pairs = [pair for app in portals() for pair in app.came_back(user, since)]
    return [item for _moment, item in sorted(pairs, key=lambda pair: pair[0], reverse=True)]


def _common(user: Any) -> list[Page]:
    """The acts that an office does most."""
    return [one for one in declared("PAGES") if one.common and user.has_perm(one.permission)]


def _called(user: Any, union: Union) -> list[Called]:
    """Open calls that ask unions below, with how many have answered."""
    if not user.has_perm("core.view_ledgercall"):
        return []
    today = timezone.localdate()
    open_calls = calls.open_calls(user, today)
    below = Union.objects.visible_to(user).exclude(pk=union.pk)
    tallies = calls.tallies(open_calls, below, today)
    return [Called(call, tallies[call.pk], *left(call.due_on, today)) for call in open_calls if tallies[call.pk].asked]


def _terms(unions: Any) -> list[dict[str, Any]]:
    """How many of `unions` are to hold elections, each number with the address of the list behind it."""
    numbers = unions.aggregate(
        **{state: Count("pk", filter=Q(pk__in=in_term(unions, state).order_by().values("pk"))) for state in TERMS}
    )
    url = reverse("members:union_list")
    return [{"label": label, "number": numbers[state], "url": f"{url}?term={state}"} for state, label in TERMS.items()]


def with_counts(
    unions: Iterable[Union],
    members: QuerySet | None,
    cadres: QuerySet | None,
    open_calls: Sequence[LedgerCall] = (),
    today: date | None = None,
) -> list[Below]:
    """Each union with its term, the number of its own members and cadres, and the calls that it has answered: a
    constant number of queries, however many unions."""
    unions = list(unions)
    shown = Union.objects.filter(pk__in=[union.pk for union in unions])

    def count(rows: QuerySet | None) -> dict[int, int] | None:
        if rows is None:
            return None
        numbers = rows.filter(union__in=unions).order_by().values_list("union").annotate(number=Count("pk"))
        return {union.pk: 0 for union in unions} | dict(numbers)

    by_member, by_cadre = count(members), count(cadres)
    terms = {
        pk: (words, tone)
        for state, words, tone in (STATES if unions else ())
        for pk in in_term(shown, state).values_list("pk", flat=True)
    }
    standings = calls.standings(open_calls, shown, today or timezone.localdate()) if open_calls else {}
    answered = list(standings.values())
    return [
        Below(
            union,
            terms.get(union.pk, ("", "")),
            None if by_member is None else by_member[union.pk],
            None if by_cadre is None else by_cadre[union.pk],
            sum(union.pk in states for states in answered),
            sum((answer := states.get(union.pk)) is not None and not answer.left_out for states in answered),
        )
        for union in unions
    ]
