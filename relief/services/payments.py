"""Payment batches: made, checked and released by three people; what the bank answered.

Each step is one transaction that begins with the batch's row locked, and money moves under a key of its own: whoever is
stopped in between has done a step or hasn't, and doing it again changes nothing.
"""

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max, Sum
from django.utils import timezone

from pingtang_union.core.audit import stated
from pingtang_union.core.crypto import blind_index
from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.permissions import may
from pingtang_union.core.text import narrow
from pingtang_union.files.privacy import hidden
from pingtang_union.money import MoneyField, yuan
from relief.models import (
    EntryKind,
    Fund,
    Grant,
    GrantState,
    PaymentBatch,
    PaymentRow,
    PaymentState,
    PayWay,
    RowResult,
)
from relief.services.grants import above_cap, refuse_approving
from relief.services.money import Leg, move

MOST_ROWS = 2_000  # of one batch: what a bank takes at once
_TOLD = 10  # problems said at once
_WORDS = {"add": "编制发放批次", "check": "复核发放批次", "release": "放款"}
CHANGED = "复核以后有人改动了这个批次里的发放记录，没有放款。请退回编制人核对后重新提交。"


@dataclass(frozen=True)
class Result:
    """What became of one payment, as the bank says."""

    number: int
    is_paid: bool
    reason: str = ""


def open_batch(*, fund: Fund, title: str, way: PayWay, by: Any) -> PaymentBatch:
    """A batch without grants. Raises DomainError for who may not."""
    _ask(by, "add")
    if not Fund.objects.visible_to(by).filter(pk=fund.pk, is_open=True).exists():
        raise DomainError("没有这项资金，或者它已停用。")
    return PaymentBatch.objects.create(union=fund.union, fund=fund, title=title.strip(), way=way, made_by=by)


@transaction.atomic
def add_grants(*, batch: PaymentBatch, grants: Iterable[Grant], by: Any) -> int:
    """Let approved grants join; gives how many did, without those that are in it already. Raises DomainError for who
    may not, and naming each that can't be paid in this batch."""
    locked = _making(batch, by)
    there = set(locked.rows.values_list("grant", flat=True))
    keys = [grant.pk for grant in grants if grant.pk not in there]
    rows = Grant.objects.visible_to(by).filter(pk__in=keys)
    rows = rows.select_related("plan__fund", "household__union").order_by("township", "union", "pk")
    joining = list(rows)
    if problems := [f"{grant.name}：{words}" for grant in joining if (words := _unfit(grant, locked))]:
        raise DomainError(_listed(problems))
    if len(there) + len(joining) > MOST_ROWS:
        raise DomainError(f"一个批次最多 {MOST_ROWS} 笔，请分成几个批次。")
    last = locked.rows.aggregate(last=Max("number"))["last"] or 0
    try:
        with transaction.atomic():
            PaymentRow.objects.bulk_create(
                PaymentRow(batch=locked, number=number, grant=grant, amount=_amount(grant, locked))
                for number, grant in enumerate(joining, last + 1)
            )
    except IntegrityError as error:
        raise DomainError("所选发放里有的已在另一个批次里，请刷新后重新选择。") from error
    _sum_up(locked)
    return len(joining)


@transaction.atomic
def remove_rows(*, batch: PaymentBatch, numbers: Iterable[int], by: Any) -> int:
    """Take payments out of a batch that is still being made."""
    locked = _making(batch, by)
    removed, _ = locked.rows.filter(number__in=list(numbers)).delete()
    _sum_up(locked)
    return removed


@transaction.atomic
def hand_in(*, batch: PaymentBatch, by: Any) -> PaymentBatch:
    """Give the batch to who checks it."""
    locked = _making(batch, by)
    if not locked.rows.exists():
        raise DomainError("批次里尚无发放，请先加入。")
    return _to(locked, PaymentState.HANDED_IN, handed_in_at=timezone.now(), reason="")


@transaction.atomic
def check(*, batch: PaymentBatch, by: Any) -> PaymentBatch:
    """Say that the batch is right, and lock what it says. Raises DomainError for the maker."""
    locked = _locked(batch, by, "check", PaymentState.HANDED_IN)
    if locked.made_by_id == by.pk:
        raise DomainError("这个批次由您编制，应由他人复核。")
    rows = _rows(locked)
    if problems := [f"第{row.number}笔：{words}" for row in rows if (words := _unfit(row.grant, locked, row))]:
        raise DomainError(_listed(problems))
    for row in rows:
        row.payee, row.account, row.bank = row.grant.name, row.grant.account, row.grant.bank
    PaymentRow.objects.bulk_update(rows, ["payee", "account", "bank"], batch_size=500)
    return _to(locked, PaymentState.CHECKED, checked_by=by, checked_at=timezone.now(), lock=lock_of(locked, rows))


@transaction.atomic
def send_back(*, batch: PaymentBatch, reason: str, by: Any) -> PaymentBatch:
    """Give a batch that isn't right back to its maker; it will be checked anew."""
    verb = "release" if may(by, "release", PaymentBatch) else "check"
    locked = _locked(batch, by, verb, PaymentState.HANDED_IN, PaymentState.CHECKED)
    reason = stated(reason, asked="退回的原因")
    return _to(locked, PaymentState.MAKING, reason=reason, lock="", checked_by=None, checked_at=None, handed_in_at=None)


@transaction.atomic
def drop(*, batch: PaymentBatch, reason: str, by: Any) -> PaymentBatch:
    """Give a batch up that is still being made; its grants are free for another. Who checks may as well as the maker,
    who may have left."""
    locked = _locked(batch, by, "check", PaymentState.MAKING) if may(by, "check", PaymentBatch) else _making(batch, by)
    reason = stated(reason, asked="作废的原因")
    locked.rows.all().delete()
    return _to(locked, PaymentState.DROPPED, reason=reason, total=Decimal(0))


@transaction.atomic
def release(*, batch: PaymentBatch, by: Any) -> PaymentBatch:
    """Take the money from the fund: the bank's file may go out, or what is handed over is given. Again changes nothing.

    Raises DomainError for who may not, for maker and checker, where a row was changed since the check, and where the
    fund hasn't enough.
    """
    known = _locked(batch, by, "release", PaymentState.CHECKED, PaymentState.RELEASED, PaymentState.SETTLED)
    if known.state != PaymentState.CHECKED:
        return known
    if by.pk in (known.made_by_id, known.checked_by_id):
        raise DomainError("这个批次由您编制或复核，应由他人放款。")
    rows = _rows(known, lock=True)
    if lock_of(known, rows) != known.lock:
        raise DomainError(CHANGED)
    total = sum((row.amount for row in rows), Decimal(0))
    today = timezone.localdate()
    move(
        [
            Leg(
                fund=known.fund, amount=-total, kind=EntryKind.PAYMENT, key=f"payment-{known.pk}",
                effective_on=today, by=by, payment=known,
            )
        ]
    )  # fmt: skip
    known = _to(known, PaymentState.RELEASED, released_by=by, released_at=timezone.now())
    if known.way == PayWay.HAND:
        _note(known, [(row, Result(row.number, is_paid=True)) for row in rows], today, by)
    return known


@transaction.atomic
def note_results(*, batch: PaymentBatch, results: Sequence[Result], on: date, by: Any) -> tuple[int, int]:
    """Write down what the bank answered: how many were paid and how many failed, of those not noted before. The money
    of a failed one goes back to the fund. Of what was paid the bank may say later that it came back.

    Raises DomainError for who may not, and where an answer contradicts another: then nothing is written.
    """
    locked = _locked(batch, by, "release", PaymentState.RELEASED, PaymentState.SETTLED)
    if on > timezone.localdate():
        raise DomainError("日期在今天以后，请核对。")
    if on < timezone.localdate(locked.released_at):
        raise DomainError("到账日期早于放款日期，请核对。")
    rows = {row.number: row for row in _rows(locked, lock=True)}
    problems: list[str] = []
    told: dict[int, RowResult] = {}
    fresh: list[tuple[PaymentRow, Result]] = []
    for result in results:
        row = rows.get(result.number)
        wanted = RowResult.PAID if result.is_paid else RowResult.FAILED
        if row is None:
            problems.append(f"批次里没有第{result.number}笔")
        elif told.setdefault(result.number, wanted) != wanted:
            problems.append(f"第{result.number}笔：回盘里有两个不同的结果")
        elif row.result == RowResult.FAILED and result.is_paid:
            problems.append(f"第{result.number}笔：已登记为发放失败，款项已退回资金，不能改为成功")
        elif row.result != wanted:
            row.result = wanted  # the same line twice counts once
            fresh.append((row, result))
    if problems:
        raise DomainError(_listed(problems))
    _note(locked, fresh, on, by)
    return sum(result.is_paid for _, result in fresh), sum(not result.is_paid for _, result in fresh)


@transaction.atomic
def retry(*, grant: Grant, account: str, bank: str, by: Any) -> Grant:
    """Approve a failed grant again with its account put right ("" keeps it): it may join another batch. Raises
    DomainError for who may not, and where the person has the grant by now."""
    locked = Grant.objects.select_for_update(of=("self",)).visible_to(by).filter(pk=grant.pk).first()
    if locked is None or locked.state != GrantState.FAILED:
        raise DomainError("没有这份发放失败的记录，或者它不在您的管理范围。")
    if not may(by, "approve", Grant):
        raise DomainError("您的账号不能核定帮扶发放。")
    refuse_approving(locked, by)
    locked.state, locked.reason = GrantState.APPROVED, ""
    if account:
        locked.account = tidy_account(account)
    locked.bank = bank.strip() or locked.bank
    try:
        with transaction.atomic():
            locked.save(update_fields=["state", "reason", "account", "bank"])
    except IntegrityError as error:
        raise DomainError("这个人（这户）在这个项目这一批次已经另有一份，不能重新发放。") from error
    return locked


def tidy_account(account: str) -> str:
    """The digits of an account as the bank takes them. Raises DomainError for what is none."""
    digits = re.sub(r"[\s-]", "", narrow(account))
    if not re.fullmatch(r"[0-9]{8,32}", digits):
        raise DomainError("收款账号应为 8 至 32 位数字，请核对。")
    return digits


def lock_of(batch: PaymentBatch, rows: Sequence[PaymentRow]) -> str:
    """The keyed hash over a batch: everything that the bank is told, and on what ground it is paid."""
    told = [
        [
            row.number, row.grant_id, str(row.amount), row.grant.name, row.grant.id_index or "",
            row.grant.full_account, row.grant.bank, str(row.grant.cash), str(row.grant.goods), row.grant.state,
            row.grant.programme_id, row.grant.edition, row.grant.instalment,
        ]
        for row in rows
    ]  # fmt: skip
    return blind_index(json.dumps([batch.pk, batch.fund_id, batch.way, told], ensure_ascii=False))


# --- Inside ----------------------------------------------------------------------------------


def _ask(by: Any, verb: str) -> None:
    if not may(by, verb, PaymentBatch):
        raise DomainError(f"您的账号不能{_WORDS[verb]}。")


def _locked(batch: PaymentBatch, by: Any, verb: str, *states: PaymentState) -> PaymentBatch:
    _ask(by, verb)
    rows = PaymentBatch.objects.visible_to(by).select_for_update(of=("self",)).select_related("fund")
    locked = rows.filter(pk=batch.pk).first()
    if locked is None:
        raise DomainError("没有这个发放批次，或者它不在您的管理范围。")
    if locked.state not in states:
        raise DomainError(f"这个批次当前是「{locked.get_state_display()}」，不能办理。请刷新后再看。")
    return locked


def _making(batch: PaymentBatch, by: Any) -> PaymentBatch:
    """A batch that is being made, for who makes it: else two could put together what one of them then checks."""
    locked = _locked(batch, by, "add", PaymentState.MAKING)
    if locked.made_by_id != by.pk:
        raise DomainError("这个批次由他人编制，请由编制人修改。")
    return locked


def _to(batch: PaymentBatch, state: PaymentState, **columns: Any) -> PaymentBatch:
    """The only writer of a batch's state."""
    for name, value in {"state": state, **columns}.items():
        setattr(batch, name, value)
    batch.save()
    return batch


def _rows(batch: PaymentBatch, *, lock: bool = False) -> list[PaymentRow]:
    rows = batch.rows.select_related("grant__plan__fund", "grant__household__union").order_by("number")
    return list(rows.select_for_update(of=("self", "grant")) if lock else rows)


def _sum_up(batch: PaymentBatch) -> None:
    batch.total = batch.rows.aggregate(total=Sum("amount", default=0, output_field=MoneyField()))["total"]
    batch.save(update_fields=["total"])


def _amount(grant: Grant, batch: PaymentBatch) -> Decimal:
    """What of a grant the batch pays: goods leave the fund with what is handed over."""
    return grant.cash if batch.way == PayWay.BANK else grant.amount


def _unfit(grant: Grant, batch: PaymentBatch, row: PaymentRow | None = None) -> str:
    """Why a grant can't be paid in the batch, "" where it can."""
    capped = above_cap(grant, batch.fund.source)
    checks: tuple[tuple[bool, Callable[[], str]], ...] = (
        (grant.is_outside_books, lambda: "是账外历史记录，不由资金发放"),
        (grant.state != GrantState.APPROVED, lambda: f"当前是「{grant.get_state_display()}」，已核定的才能发放"),
        (bool(grant.plan and grant.plan.fund_id not in (None, batch.fund_id)), lambda: "发放计划规定由另一项资金列支"),
        (batch.way == PayWay.BANK and grant.goods > 0, lambda: "含慰问物资，请编入现场发放的批次"),
        (batch.way == PayWay.BANK and not grant.full_account, lambda: "未填收款账号"),
        (bool(capped), lambda: capped),
        (
            row is not None and row.amount != _amount(grant, batch),
            lambda: f"批次里是 {yuan(row.amount if row else None)} 元，发放记录是 {yuan(_amount(grant, batch))} 元",
        ),
    )
    return next((words() for is_wrong, words in checks if is_wrong), "")


def _note(batch: PaymentBatch, results: Sequence[tuple[PaymentRow, Result]], on: date, by: Any) -> None:
    """Write results into rows, grants and the fund; the batch is settled once none is waited for."""
    for row, result in results:
        row.result = RowResult.PAID if result.is_paid else RowResult.FAILED
        row.reason = hidden(result.reason)[:100]  # banks quote accounts
        row.settled_on = on
        row.save(update_fields=["result", "reason", "settled_on"])
        grant = row.grant
        if result.is_paid:
            grant.state, grant.reason, grant.granted_on = GrantState.PAID, "", on.isoformat()
        else:
            grant.state, grant.reason, grant.granted_on = GrantState.FAILED, row.reason, None  # type: ignore[assignment]  # a day that isn't known
        grant.save(update_fields=["state", "reason", "granted_on"])
    move(
        [
            Leg(
                fund=batch.fund, amount=row.amount, kind=EntryKind.RETURN, key=f"return-{row.pk}", effective_on=on,
                by=by, payment=batch,
            )
            for row, result in results
            if not result.is_paid
        ]
    )  # fmt: skip
    is_settled = not batch.rows.filter(result=RowResult.WAITING).exists()
    if is_settled and batch.state == PaymentState.RELEASED:
        _to(batch, PaymentState.SETTLED, settled_at=timezone.now())


def _listed(problems: Sequence[str]) -> str:
    more = f"；另有 {len(problems) - _TOLD} 处" if len(problems) > _TOLD else ""
    return "；".join(problems[:_TOLD]) + more + "。没有登记。"
