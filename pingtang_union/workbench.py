"""An officer's home: the own union as the records have it, what is due, what came back, and the unions below."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.core.paginator import Paginator
from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from members.completeness import compared, missing
from members.filters import in_term
from members.models import Cadre, Member, Union
from members.models.codes import Level, UnionStatus
from pingtang_union import due, due_honours
from pingtang_union.core.dates import left
from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.ledger import calls
from pingtang_union.core.models import LedgerCall

PER_PAGE = 50
TERMS = {"overdue": "已到期、该换届的工会", "soon": "六个月内届满的工会", "unrecorded": "没有登记届期或换届时间的工会"}
# (what, where, a sentence, the permission it needs)
DEEDS = (
    ("上传台账", "ledgers", "花名册、台账原样传上来。先检查，您确认了才写入。", "core.add_importbatch"),
    ("下载模板", "giving", "空白的表，或者已经填好本单位情况的表。", "core.export_importbatch"),
    ("填上级发的空表", "ledger_fill", "上级发来的空表传上来，系统替您填好。", "core.export_importbatch"),
    ("会员", "member_list", "查会员，登记新会员，办理保留、退会。", "members.view_member"),
    ("转入会员", "member_transfer_in", "有人从别的工会调来，在这里申请转入。", "members.add_transferrequest"),
    ("干部", "cadre_list", "登记主席、委员等工会干部，填任职和离任。", "members.view_cadre"),
    ("培训", "training_list", "登记培训班和参加的人。", "members.view_training"),
    ("评选推荐", "round_list", "看评选通知，推荐先进个人和集体，分几步填。", "awards.view_selectionround"),
    ("荣誉", "award_list", "本工会得过的荣誉，什么时候、谁授予的。", "awards.view_award"),
    ("星级自评", "star_list", "按评定标准给本工会打分、传佐证材料，看评了几星。", "awards.view_scorecard"),
)


@dataclass(frozen=True)
class Below:
    """A union below one's own, with its counts; None where the viewer may not see the records counted."""

    union: Union
    members: int | None
    cadres: int | None


@dataclass(frozen=True)
class Called:
    """A call with how far the unions below have answered it."""

    call: LedgerCall
    tally: calls.Tally
    left: str
    urgency: str


@login_required
def workbench(request: HttpRequest) -> HttpResponse:
    """The union of whoever is signed in; a kind word, and no rows, for an account without one."""
    user: Any = request.user
    if not user.has_perm("members.view_union"):
        if user.has_perm("members.view_dashboard"):
            return redirect("dashboard")
        return render(request, "workbench/no_union.html", {"lacks": "角色"})
    unions = Union.objects.visible_to(user)
    union = unions.with_parent_name().filter(pk=user.union_id).first()
    if union is None:
        return render(request, "workbench/no_union.html", {"lacks": "所在工会"})
    today = timezone.localdate()
    # A permission on the records counted decides whether their number shows: no number of what one may not read.
    members = Member.objects.visible_to(user).current() if user.has_perm("members.view_member") else None
    cadres = Cadre.objects.visible_to(user).in_post_on(today) if user.has_perm("members.view_cadre") else None
    below = unions.exclude(pk=union.pk).exclude(status=UnionStatus.DISSOLVED)
    page = Paginator(below, PER_PAGE).get_page(request.GET.get("page"))
    open_calls = calls.open_calls(user, today) if user.has_perm("core.view_ledgercall") else []
    context = {
        "union": union,
        "missing": [] if union.is_root() else missing(union),
        "mend_url": reverse("union_update", args=[union.pk]) if user.has_perm("members.change_union") else "",
        "compared": None if members is None else compared(union, members.filter(union=union)),
        "cadres": None if cadres is None else list(cadres.filter(union=union)),
        "page_obj": page,
        "below": with_counts(page, members, cadres),
        "todo": _todo(user, union, open_calls),
        "back": _back(user),
        "back_days": due.CAME_BACK_WITHIN_DAYS,
        "deeds": _deeds(user, union),
        "called": _called(user, union, open_calls) if page.paginator.count else [],
        "terms": _terms(unions) if page.paginator.count else [],
    }
    return render(request, "workbench/workbench.html", context)


def _todo(user: Any, union: Union, open_calls: list[LedgerCall]) -> list[due.Item]:
    """What is due and what waits for this office, the most urgent kind first."""
    today = timezone.localdate()
    items = due.call_items(open_calls, union, today, may_bring=user.has_perm("core.add_importbatch"))
    if user.has_perm("core.view_importbatch"):
        items += due.batch_items(due.waiting_batches(user)[: due.SHOWN], user)
    if user.has_perm("members.answer_transferrequest"):
        items += due.transfer_items(due.transfers_to_answer(user)[: due.SHOWN])
    items += due_honours.todo(user, today)
    if union.level not in (Level.PREFECTURE, Level.COUNTY):
        items += due.term_items(union, may_change=user.has_perm("members.change_union"))
    return items


def _back(user: Any) -> list[due.Item]:
    """What came back and why, of the kinds that the role reads."""
    also = due_honours.came_back(user, timezone.localdate()) if user.has_perm("awards.view_nomination") else []
    sees_ledgers = user.has_perm("core.view_importbatch")
    with_transfers = sees_ledgers and user.has_perm("members.view_transferrequest")
    return due.came_back(user, with_ledgers=sees_ledgers, with_transfers=with_transfers, also=also)


def _deeds(user: Any, union: Union) -> list[dict[str, str]]:
    """The few things that the role lets one do, each with a sentence."""
    found = [
        {"label": label, "url": reverse(route), "text": text}
        for label, route, text, permission in DEEDS
        if user.has_perm(permission)
    ]
    if user.has_perm("members.change_union"):
        mend = reverse("union_update", args=[union.pk])
        found.append({"label": "工会资料", "url": mend, "text": "改主席、电话、换届时间和填报的人数。"})
    return found


def _called(user: Any, union: Union, open_calls: list[LedgerCall]) -> list[Called]:
    """Open calls that ask unions below, with how many have answered."""
    today = timezone.localdate()
    below = Union.objects.visible_to(user).exclude(pk=union.pk)
    found = calls.tallies(open_calls, below, today)
    return [Called(call, found[call.pk], *left(call.due_on, today)) for call in open_calls if found[call.pk].asked]


def _terms(unions: Any) -> list[dict[str, Any]]:
    """How many of `unions` are to hold elections, each number with the address of the list behind it."""
    return [
        {"label": label, "number": in_term(unions, state).count(), "url": f"{reverse('union_list')}?term={state}"}
        for state, label in TERMS.items()
    ]


def with_counts(unions: Iterable[Union], members: QuerySet | None, cadres: QuerySet | None) -> list[Below]:
    """Each union with the number of its own members and cadres: two queries, however many unions."""
    unions = list(unions)

    def count(rows: QuerySet | None) -> dict[int, int] | None:
        if rows is None:
            return None
        found = rows.filter(union__in=unions).order_by().values_list("union").annotate(number=Count("pk"))
        return {union.pk: 0 for union in unions} | dict(found)

    by_member, by_cadre = count(members), count(cadres)
    return [
        Below(
            union, None if by_member is None else by_member[union.pk], None if by_cadre is None else by_cadre[union.pk]
        )
        for union in unions
    ]


# --- Who has answered a call ---------------------------------------------------------------


def _home(user: Any) -> dict[str, str]:
    """Where the calls are listed: officers' workbench, the county's admin."""
    if user.is_staff:
        return {"label": "台账收报通知", "url": reverse("admin:core_ledgercall_changelist")}
    return {"label": "我的工会", "url": reverse("workbench")}


_SHOWN = {"missing": "未报", "returned": "已报", "all": "全部"}


@permission_required(("core.view_ledgercall", "members.view_union"), raise_exception=True)
def call_page(request: HttpRequest, pk: int) -> HttpResponse:
    """The visible unions that a call asks, in the tree's order, each with its latest answer; no ranking."""
    call = get_object_or_404(LedgerCall.objects.visible_to(request.user).select_related("union"), pk=pk)
    today = timezone.localdate()
    unions = calls.with_answers(call, calls.asked(call, Union.objects.visible_to(request.user), today))
    show = request.GET.get("show", "missing")
    show = show if show in _SHOWN else "missing"
    returned = unions.filter(answer_at__isnull=False)
    missing_ones = calls.with_records(call, unions.filter(answer_at__isnull=True))
    numbers = {"returned": returned.count(), "missing": missing_ones.count()}
    numbers["all"] = numbers["returned"] + numbers["missing"]
    chosen = {"missing": missing_ones, "returned": returned, "all": unions}[show]
    user: Any = request.user
    words, urgency = left(call.due_on, today)
    context = {
        "call": call,
        "left": "已结束" if call.closed_on else words,
        "urgency": "" if call.closed_on else urgency,
        "page_obj": Paginator(chosen, PER_PAGE).get_page(request.GET.get("page")),
        "choices": [(kind, label, numbers[kind], kind == show) for kind, label in _SHOWN.items()],
        "show": show,
        "may_bring": user.has_perm("core.add_importbatch") and call.closed_on is None,
        "may_open_batch": user.has_perm("core.view_importbatch"),
        "breadcrumbs": [
            _home(user),
            {"label": call.title, "url": ""},
        ],
    }
    return render(request, "workbench/call.html", context)


@permission_required(("core.view_ledgercall", "core.add_importbatch"), raise_exception=True)
def unchanged(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer a call by saying that the records stand, for the own union or (`union`) one below."""
    user: Any = request.user
    call = get_object_or_404(LedgerCall.objects.visible_to(user).select_related("union"), pk=pk)
    chosen = str(request.GET.get("union", user.union_id))
    if not chosen.isdecimal():
        raise Http404
    union = get_object_or_404(Union.objects.visible_to(user), pk=chosen)
    is_own = union.pk == user.union_id
    back = reverse("workbench") if is_own else reverse("ledger_call", args=[pk])
    if request.method == "POST":
        try:
            calls.confirm_unchanged(call=call, union=union, by=user)
        except DomainError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, f"已记下：{union}的{call.ledger}没有变化。")
        return redirect(back)
    context = {
        "call": call,
        "union": union,
        "rows": calls.records_kept(call, union),
        "is_answered": calls.asks(call, union) and not calls.unanswered([call], union),
        "back": back,
        "breadcrumbs": [
            _home(user),
            {"label": call.title, "url": back if not is_own else ""},
            {"label": "没有变化", "url": ""},
        ],
    }
    return render(request, "workbench/unchanged.html", context)
