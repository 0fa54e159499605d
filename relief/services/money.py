"""The one way in which a fund's money moves: an amount taken off or put on `available` by one statement, refused where
there isn't enough, and the entry that says so, in one transaction.

`move` asks nobody: who may is asked by the functions that it serves, here and in payments.py.
"""

import logging
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from auditlog.models import LogEntry
from django.db import IntegrityError, connection, transaction
from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from pingtang_union.core.audit import stated
from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.permissions import may
from pingtang_union.money import MoneyField, yuan
from pingtang_union.proof.append_only import unguarded
from pingtang_union.workflow.marking import people_for, tell
from relief.models import BankBalance, Entry, EntryKind, Fund, PaymentBatch
from relief.models.entries import in_books

logger = logging.getLogger(__name__)
_NOT_YOURS = "没有这项资金，或者它不在您的管理范围。"
# What finance writes down itself; payments and what comes back of them are payments.py's.
OWN_KINDS = {EntryKind.INCOME: 1, EntryKind.EXPENSE: -1}
_OWN = "own-"  # before keys that forms give, so that none of them is taken for one of ours ("payment-12")
_KEY_LENGTH = 32  # of a form's key: as long as a transfer's id
COMES_BACK = (EntryKind.RETURN, EntryKind.REVERSAL)  # also of a fund that is closed by now


@dataclass(frozen=True, kw_only=True)
class Leg:
    """One entry to be written."""

    fund: Fund
    amount: Decimal  # below zero where money leaves
    kind: EntryKind
    key: str  # the same key moves money once
    effective_on: date
    by: Any
    document_number: str = ""
    transfer: str = ""
    reverses: Entry | None = None
    payment: PaymentBatch | None = None


def move(legs: Sequence[Leg]) -> list[Entry]:
    """Write entries, all or none; gives them in the order of `legs`. Legs whose keys stand in the books already move
    nothing and give the entries as they were written.

    Funds change in the order of their keys, so that two that cross can't wait for each other. Raises DomainError where
    a fund hasn't enough or is closed, and for a key that stands for something else.
    """
    try:
        with transaction.atomic():
            ordered = sorted(range(len(legs)), key=lambda at: (legs[at].fund.pk, at))
            made = {at: _write(legs[at]) for at in ordered}
    except (IntegrityError, DomainError):  # keys that stand already: asked only where something was refused
        if written := _written(legs):
            return written
        raise
    return [made[at] for at in range(len(legs))]


def _written(legs: Sequence[Leg]) -> list[Entry]:
    """The entries of these keys; [] where there are none yet."""
    known = {entry.key: entry for entry in Entry.objects.filter(key__in=[leg.key for leg in legs])}
    if not known:
        return []
    for leg in legs:
        entry = known.get(leg.key)
        if entry is None or (entry.fund_id, entry.amount, entry.kind) != (leg.fund.pk, leg.amount, leg.kind):
            raise DomainError("这个防重编号已经用于另一笔资金流水，没有登记。请刷新页面后重新填写。")
    return [known[leg.key] for leg in legs]


def _write(leg: Leg) -> Entry:
    """One statement takes the money where there is enough, and tells what is left."""
    change = MoneyField().get_prep_value(leg.amount)
    is_open = "" if leg.kind in COMES_BACK else "AND is_open"
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE relief_fund SET available = available + %s, version = version + 1 "  # noqa: S608  no text of others
            f"WHERE id = %s AND available + %s >= 0 {is_open} RETURNING available, version",
            [change, leg.fund.pk, change],
        )
        moved = cursor.fetchone()
    if moved is None:
        raise DomainError(_refusal(leg))
    balance, version = Decimal(moved[0]).scaleb(-2), moved[1]
    return Entry.objects.create(
        fund=leg.fund,
        version=version,
        amount=leg.amount,
        balance=balance,
        kind=leg.kind,
        key=leg.key,
        effective_on=leg.effective_on,
        by=leg.by,
        document_number=leg.document_number,
        transfer=leg.transfer,
        reverses=leg.reverses,
        payment=leg.payment,
    )


def _refusal(leg: Leg) -> str:
    fund = Fund.objects.get(pk=leg.fund.pk)
    if not fund.is_open and leg.kind not in COMES_BACK:
        return f"「{fund}」已停用，不能登记收支。"
    return f"「{fund}」可用余额 {yuan(fund.available)} 元，不够支出 {yuan(-leg.amount)} 元，没有登记。"


# --- What finance does -----------------------------------------------------------------------


def record(
    *,
    fund: Fund,
    kind: EntryKind,
    amount: Decimal,
    effective_on: date,
    by: Any,
    key: str = "",
    document_number: str = "",
) -> Entry:
    """Write down money that came in, or was spent otherwise than on grants. Raises DomainError for who may not."""
    if kind not in OWN_KINDS:
        raise DomainError("请选择拨入或其他支出。")
    fund = _mine(fund, by)
    leg = Leg(
        fund=fund, amount=_positive(amount) * OWN_KINDS[kind], kind=kind, key=f"{_OWN}{_key(key)}",
        effective_on=_past(effective_on), by=by, document_number=document_number,
    )  # fmt: skip
    return move([leg])[0]


def transfer(
    *,
    source: Fund,
    target: Fund,
    amount: Decimal,
    effective_on: date,
    by: Any,
    key: str = "",
    document_number: str = "",
) -> tuple[Entry, Entry]:
    """Move money from one fund to another: two entries with one id. Raises DomainError for who may not."""
    source, target = _mine(source, by), _mine(target, by)
    if source.pk == target.pk:
        raise DomainError("请选择另一项资金。")
    key = _key(key)
    shared: dict[str, Any] = {
        "kind": EntryKind.TRANSFER, "effective_on": _past(effective_on), "by": by, "document_number": document_number,
        "transfer": key,
    }  # fmt: skip
    amount = _positive(amount)
    out, into = move(
        [
            Leg(fund=source, amount=-amount, key=f"{_OWN}{key}-out", **shared),
            Leg(fund=target, amount=amount, key=f"{_OWN}{key}-in", **shared),
        ]
    )
    return out, into


def reverse(*, entry: Entry, reason: str, by: Any) -> list[Entry]:
    """Write the opposite of an entry, once; of a transfer both. Payments are taken back by what the bank answers.
    Raises DomainError for who may not."""
    _mine(entry.fund, by)
    reason = stated(reason, asked="冲正的原因")
    if entry.kind in (EntryKind.PAYMENT, EntryKind.RETURN, EntryKind.REVERSAL):
        raise DomainError(f"「{entry.get_kind_display()}」的流水不能冲正；发放的退款按银行回盘登记。")
    entries = [entry]
    if entry.transfer:
        entries = list(Entry.objects.filter(transfer=entry.transfer, kind=entry.kind).select_related("fund"))
        for one in entries:
            _mine(one.fund, by)
    if Entry.objects.filter(reverses__in=entries).exists():
        raise DomainError("这笔流水已经冲正过。")
    today = timezone.localdate()
    made = move(
        [
            Leg(
                fund=one.fund, amount=-one.amount, kind=EntryKind.REVERSAL, key=f"reversal-{one.pk}",
                effective_on=today, by=by, transfer=one.transfer, reverses=one,
                document_number=one.document_number,
            )
            for one in entries
        ]
    )  # fmt: skip
    for one in made:
        record_reason(one, reason, by)
    return made


def record_reason(entry: Entry, reason: str, by: Any) -> None:
    """Write why into the audit log, where words about persons may stand."""
    LogEntry.objects.log_create(
        entry,
        force_log=True,
        action=LogEntry.Action.CREATE,
        actor=by,
        changes={"冲正": ["", yuan(entry.amount)]},
        additional_data={"reason": reason},
    )


def _mine(fund: Fund, by: Any) -> Fund:
    visible = Fund.objects.visible_to(by).filter(pk=fund.pk).first()
    if visible is None:
        raise DomainError(_NOT_YOURS)
    if not may(by, "move", Fund):
        raise DomainError("您的账号不能登记资金收支。")
    return visible


def _key(key: str) -> str:
    """A form's key, or one made for who gave none. Raises DomainError for one that is too long to be kept whole."""
    if len(key) > _KEY_LENGTH:
        raise DomainError(f"防重编号最长 {_KEY_LENGTH} 个字符。请刷新页面后重新填写。")
    return key or uuid.uuid4().hex


def _positive(amount: Decimal) -> Decimal:
    if amount <= 0:
        raise DomainError("金额要大于零。")
    return amount


def _past(day: date) -> date:
    if day > timezone.localdate():
        raise DomainError("发生日期在今天以后，请核对。")
    return day


# --- Whether the books are right ---------------------------------------------------------------


@dataclass(frozen=True)
class Fault:
    """A fund whose available money isn't what its entries come to."""

    fund: Fund
    booked: Decimal


def faults(funds: QuerySet[Fund] | None = None) -> list[Fault]:
    """Of these funds, or of all, those whose `available` isn't the sum of their entries, or whose last entry says
    another balance: one question."""
    entries = Entry.objects.filter(fund=OuterRef("pk")).order_by()
    summed = entries.values("fund").annotate(n=Sum("amount")).values("n")
    last = entries.filter(version=OuterRef("version")).values("balance")
    rows = (Fund.objects.all() if funds is None else funds).annotate(
        booked=Coalesce(Subquery(summed), 0, output_field=MoneyField()),
        last_balance=Coalesce(Subquery(last), 0, output_field=MoneyField()),
    )
    wrong = ~Q(available=F("booked")) | ~Q(available=F("last_balance"))
    return [Fault(fund, fund.booked) for fund in rows.filter(wrong).order_by("pk")]


def check_books() -> list[str]:
    """The nightly check: what is wrong goes to the log, and to whoever moves the fund's money. Gives it in words."""
    said = []
    for name in unguarded(connection):
        logger.error("the trigger %s is missing", name)
    for fault in faults():
        logger.error("fund %s: %s available, entries %s", fault.fund.pk, fault.fund.available, fault.booked)
        said.append(
            (f"「{fault.fund}」可用余额 {yuan(fault.fund.available)} 元，流水合计 {yuan(fault.booked)} 元", fault.fund)
        )
    for balance in in_books(BankBalance.objects.filter(note="")).exclude(difference=0).select_related("fund"):
        words = f"「{balance.fund}」{balance.on} 银行余额 {yuan(balance.amount)} 元，账上 {yuan(balance.booked)} 元"
        said.append((words, balance.fund))
    for words, fund in said:
        tell([person for person in people_for(fund) if may(person, "move", Fund)], f"资金账实不符：{words}。", fund)
    return [words for words, _ in said]
