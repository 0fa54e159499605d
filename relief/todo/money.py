"""What waits at the county's desks of relief's money: batches to check, to release, to hear of from the bank; payments
that failed; slips that tell of a difference. One question each, of rows that the user may see. Of books that don't
agree the nightly check tells finance itself."""

from datetime import date
from typing import Any

from django.db.models import Count, Min, Q
from django.urls import reverse

from pingtang_union.core.permissions import may
from pingtang_union.workflow.waiting import Waiting, day_of
from relief.models import (
    Grant,
    GrantState,
    PaymentBatch,
    PaymentRow,
    PaymentState,
    PayWay,
    RowResult,
)
from relief.models.slips import DIFFERENT, Slip


def desk(user: Any, today: date) -> list[Waiting]:
    """The kinds that have any."""
    return [*_applied(user), *_batches(user), *_failed(user), *_slips(user)]


def _list(model: str, query: str) -> str:
    return f"{reverse(f'admin:relief_{model}_changelist')}?{query}"


def _applied(user: Any) -> list[Waiting]:
    if not may(user, "approve", Grant):
        return []
    rows = Grant.objects.visible_to(user).filter(state=GrantState.APPLIED).exclude(created_by=user)
    number = rows.count()
    url = _list("grant", f"state__exact={GrantState.APPLIED}")
    return [Waiting("帮扶申请待核定", "hand-heart", number, url, unit="笔")] if number else []


def _batches(user: Any) -> list[Waiting]:
    kinds = []
    if may(user, "check", PaymentBatch):
        kinds.append(("待复核", "clipboard-check", PaymentState.HANDED_IN, ~Q(made_by=user), "handed_in_at"))
    if may(user, "release", PaymentBatch):
        free = ~Q(made_by=user) & ~Q(checked_by=user)
        kinds.append(("待放款", "banknote", PaymentState.CHECKED, free, "checked_at"))
        kinds.append(("待登记回盘", "file-up", PaymentState.RELEASED, Q(way=PayWay.BANK), "released_at"))
    if not kinds:
        return []
    asked: dict[str, Any] = {}
    for _, _, state, rows, since in kinds:
        asked[f"n_{state}"] = Count("pk", filter=Q(state=state) & rows)
        asked[f"since_{state}"] = Min(since, filter=Q(state=state) & rows)
    found = PaymentBatch.objects.visible_to(user).aggregate(**asked)
    return [
        Waiting(
            f"发放批次{label}", icon, number, _list("paymentbatch", f"state__exact={state}"),
            day_of(found[f"since_{state}"]), unit="批",
        )
        for label, icon, state, _, _ in kinds
        if (number := found[f"n_{state}"])
    ]  # fmt: skip


def _failed(user: Any) -> list[Waiting]:
    if not may(user, "approve", Grant):
        return []
    rows = PaymentRow.objects.visible_to(user).filter(result=RowResult.FAILED, grant__state=GrantState.FAILED)
    found = rows.aggregate(number=Count("grant", distinct=True), since=Min("batch__released_at"))
    if not found["number"]:
        return []
    url = _list("paymentrow", "due=yes")
    return [Waiting("发放失败待处理", "circle-x", found["number"], url, day_of(found["since"]), unit="笔")]


def _slips(user: Any) -> list[Waiting]:
    if not may(user, "settle", Slip):
        return []
    rows = Slip.objects.visible_to(user).filter(state__in=DIFFERENT, settled_at__isnull=True)
    found = rows.aggregate(number=Count("pk"), since=Min("answered_at"))
    if not found["number"]:
        return []
    url = _list("slip", "due=yes")
    return [Waiting("收款回执待核实", "receipt-text", found["number"], url, day_of(found["since"]), unit="份")]
