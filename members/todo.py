"""What the workbench says of the register: transfers that wait for an answer, re-election, what the county answered.

Each function asks a constant number of questions of rows that the user may see, however many there are.
"""

from datetime import date, datetime
from typing import Any

from django.db.models import Count, Min
from django.urls import reverse
from django.utils import timezone

from members.filters import NO_ROLE, NO_ROLE_KEY, in_term
from members.models import HeldNumber, HeldState, TransferRequest, TransferState, Union, User
from members.models.codes import Level
from pingtang_union.core.dates import display_partial
from pingtang_union.core.todo import LAST, SHOWN, Item, Step
from pingtang_union.workflow.waiting import Waiting, day_of


def todo(user: Any, today: date) -> list[Item]:
    """Transfers that wait for the user's answer, and the own union's re-election."""
    items = _transfer_items(user) if user.has_perm("members.answer_transferrequest") else []
    if user.union.level not in (Level.PREFECTURE, Level.COUNTY):
        items += _term_items(user.union, may_change=user.has_perm("members.change_union"))
    return items


def desk(user: Any, today: date) -> list[Waiting]:
    """What waits for the county: transfers without an answer, numbers to look at, elections that are due, accounts
    without a role."""
    found = []
    if user.has_perm("members.answer_transferrequest"):
        rows = TransferRequest.objects.visible_to(user).pending().aggregate(n=Count("pk"), since=Min("asked_at"))
        pending = f"state__exact={TransferState.PENDING}"
        found.append(("转会申请待答复", "arrow-right-left", rows, "transferrequest", pending, "件"))
    if user.has_perm("members.settle_heldnumber"):
        held = HeldNumber.objects.visible_to(user).filter(state=HeldState.OPEN)
        rows = held.aggregate(n=Count("pk"), since=Min("at"))
        found.append(("证件号码待核实", "user-search", rows, "heldnumber", f"state__exact={HeldState.OPEN}", "个"))
    if user.has_perm("members.change_union"):
        due = in_term(Union.objects.visible_to(user), "overdue").only("last_elected_on", "term_years")
        ends = [union.term_ends_on for union in due]
        rows = {"n": len(ends), "since": min(filter(None, ends), default=None)}
        found.append(("工会届满待换届", "calendar-sync", rows, "union", "term=overdue", "个"))
    if user.has_perm("members.assign_roles"):
        new = User.objects.visible_to(user).filter(NO_ROLE, is_active=True).exclude(pk=user.pk)
        rows = new.aggregate(n=Count("pk"), since=Min("date_joined"))
        found.append(("账号待分配角色", "user-check", rows, "user", f"role={NO_ROLE_KEY}&state=on", "个"))
    return [
        Waiting(
            label,
            icon,
            rows["n"],
            f"{reverse(f'admin:members_{name}_changelist')}?{query}",
            day_of(rows["since"]),
            unit=unit,
        )
        for label, icon, rows, name, query, unit in found
        if rows["n"]
    ]


def came_back(user: Any, since: datetime) -> list[tuple[Any, Item]]:
    """Transfers refused, and numbers that the county has looked at."""
    items = _transfers_back(user, since) if user.has_perm("members.view_transferrequest") else []
    if user.has_perm("members.view_heldnumber"):
        items += _numbers_back(user, since)
    return items


def _transfer_items(user: Any) -> list[Item]:
    """Requests that wait for an answer by the user's side: out of the subtree, and asked by another."""
    prefix = user.union.path
    pending = TransferRequest.objects.visible_to(user).pending().filter(from_union__path__startswith=prefix)
    asked_by_others = pending.exclude(asked_by=user)
    requests = asked_by_others.select_related("member", "from_union", "to_union").order_by("asked_at", "pk")[:SHOWN]
    return [
        Item(
            f"{request.member}申请转到{request.to_union}",
            "待您答复",
            "is-warn",
            f"{timezone.localtime(request.asked_at):%Y-%m-%d} 申请，原因：{request.reason}",
            steps=[Step("查看并答复", reverse("members:transfer_detail", args=[request.pk]))],
        )
        for request in requests
    ]


def _term_items(union: Union, *, may_change: bool) -> list[Item]:
    """What is to be said of the own union's re-election: at most one item."""
    mine = Union.objects.filter(pk=union.pk)
    if in_term(mine, "overdue").exists():
        ends = union.term_ends_on
        why = f"届期到 {display_partial(ends)} 已满" if ends else "距最近换届已超过法定最长的届期"
        told = ("已到期", "is-bad", f"{why}，请尽快换届；已换届的，请登记换届时间。")
    elif in_term(mine, "soon").exists():
        told = ("即将到期", "is-warn", f"本届 {display_partial(union.term_ends_on)} 届满，请提前准备换届。")
    elif in_term(mine, "unrecorded").exists():
        recorded = (("最近换届时间", union.last_elected_on), ("届期", union.term_years))
        lacks = "、".join(label for label, value in recorded if not value)
        told = ("未登记", "is-warn", f"未登记{lacks}，无法推算届满时间。请按批复补充登记。")
    else:
        return []
    steps = [Step("登记换届情况", reverse("members:union_update", args=[union.pk]))] if may_change else []
    return [Item("换届", *told, steps=steps, place=LAST)]


def _transfers_back(user: Any, since: datetime) -> list[tuple[Any, Item]]:
    refused = TransferRequest.objects.visible_to(user).filter(
        state=TransferState.REFUSED, answered_at__gte=since, to_union__path__startswith=user.union.path
    )
    related = refused.select_related("member", "to_union")
    requests = related.order_by("-answered_at", "-pk")[:SHOWN]
    return [
        (
            request.answered_at,
            Item(
                f"{request.member}转到{request.to_union}",
                "未同意",
                "is-bad",
                f"{timezone.localtime(request.answered_at):%Y-%m-%d} 对方工会或县总工会答复不同意。",
                [f"原因：{request.answer}"],
                [Step("查看申请", reverse("members:transfer_detail", args=[request.pk]))],
            ),
        )
        for request in requests
    ]


def _numbers_back(user: Any, since: datetime) -> list[tuple[Any, Item]]:
    settled = HeldNumber.objects.visible_to(user).exclude(state=HeldState.OPEN).filter(settled_at__gte=since)
    rows = settled.select_related("union", "batch").order_by("-settled_at", "-pk")[:SHOWN]
    return [(one.settled_at, _number_item(one)) for one in rows]


def _number_item(held: HeldNumber) -> Item:
    """What has become of a name and number that the county was to look at."""
    on = f"{timezone.localtime(held.settled_at):%Y-%m-%d}" if held.settled_at else ""
    steps = [Step("查看这份台账", reverse("ledger_batch", args=[held.batch_id]))] if held.batch_id else []
    title = f"{held.name}（{held.id_number!s}）"
    if held.state == HeldState.CONFIRMED:
        again = "请重新上传这一条" if held.batch_id else "请重新登记"
        text = f"{held.union}报送的姓名和号码，{on} 县总工会核实无误，{again}。"
        return Item(title, "核实无误", "is-ok", text, [f"说明：{held.answer}"] if held.answer else [], steps)
    text = f"{held.union}报送的姓名和号码，{on} 县总工会答复不予登记。"
    return Item(title, "不予登记", "is-bad", text, [f"原因：{held.answer}"], steps)


# --- What is under way -----------------------------------------------------------------------


def under_way(user: Any) -> list[Item]:
    """Transfers that this side asked for, and the own union's numbers that the county looks at."""
    items = []
    if user.has_perm("members.view_transferrequest"):
        asked = TransferRequest.objects.visible_to(user).pending().filter(to_union__path__startswith=user.union.path)
        rows = asked.exclude(from_union__path__startswith=user.union.path).select_related("member", "from_union")
        items += [
            Item(
                f"{one.member}转入",
                one.get_state_display(),
                TransferState(one.state).tone,
                f"{timezone.localtime(one.asked_at):%Y-%m-%d} 申请，等待{one.from_union}答复",
                steps=[Step("查看", reverse("members:transfer_detail", args=[one.pk]))],
            )
            for one in rows.order_by("asked_at", "pk")[:SHOWN]
        ]
    if user.has_perm("members.view_heldnumber"):
        held = HeldNumber.objects.visible_to(user).open().filter(union=user.union_id).order_by("at", "pk")[:SHOWN]
        items += [
            Item(
                f"{one.name}（{one.id_number!s}）",
                one.get_state_display(),
                "is-info",
                f"{timezone.localtime(one.at):%Y-%m-%d} 提交，等待县总工会核实",
                steps=[Step("查看", reverse("ledger_batch", args=[one.batch_id]))] if one.batch_id else [],
            )
            for one in held
        ]
    return items
