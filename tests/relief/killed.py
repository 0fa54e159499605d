"""A payment batch that is killed (SIGKILL) at every step of its way, each time begun again: `python -m
tests.relief.killed` on a database of its own, run by test_killed.py.

A step is a statement sent to the database, or the moment before or after a commit. A process of its own goes so far and
kills itself; the next one goes on with whatever state it finds. After each the money is counted.
"""

import io
import os
import signal
import sys
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import django

django.setup()

import openpyxl  # noqa: E402
from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from members.models import User  # noqa: E402
from relief.models import Entry, Fund, Grant, GrantState, PaymentBatch, PaymentRow, PaymentState, PayWay, RowResult  # noqa: E402
from relief.services import bank, money, payments  # noqa: E402

IN_FUND = Decimal(10_000)


def stop_at(step: int) -> None:
    """Let this process kill itself at its step-th step."""
    done = 0

    def count() -> None:
        nonlocal done
        done += 1
        if done == step:
            os.kill(os.getpid(), signal.SIGKILL)

    def execute(run: Callable, *arguments: Any) -> Any:
        count()
        return run(*arguments)

    def commit(run: Callable = connection.commit) -> None:
        count()
        run()
        count()

    connection.execute_wrappers.append(execute)
    connection.commit = commit  # type: ignore[method-assign]


def go_on() -> None:
    """Whatever comes next, from the state that is found: what its people would click. What failed is put right and paid
    by a second batch."""
    batch = PaymentBatch.objects.latest("pk")
    maker, checker, finance = User.objects.filter(username__startswith="killed").order_by("username")
    if batch.state == PaymentState.MAKING:
        payments.add_grants(batch=batch, grants=Grant.objects.filter(state=GrantState.APPROVED), by=maker)
        payments.hand_in(batch=batch, by=maker)
    elif batch.state == PaymentState.HANDED_IN:
        payments.check(batch=batch, by=checker)
    elif batch.state == PaymentState.CHECKED:
        payments.release(batch=batch, by=finance)
    elif failed := Grant.objects.filter(state=GrantState.FAILED).first():
        payments.retry(grant=failed, account="", bank="", by=checker)
    elif batch.state == PaymentState.SETTLED and Grant.objects.filter(state=GrantState.APPROVED).exists():
        payments.open_batch(fund=batch.fund, title="补发", way=PayWay(batch.way), by=maker)
    elif batch.way == PayWay.BANK:  # settled ones read the answer again
        bank.text(batch=batch, by=finance)
        bank.read_answer(batch=batch, content=answer(batch), name="回盘.xlsx", on=timezone.localdate(), by=finance)


def answer(batch: PaymentBatch) -> bytes:
    """The bank paid the odd ones."""
    book = openpyxl.Workbook()
    book.active.append(["户名", "账号", "金额", "结果"])
    for row in batch.rows.select_related("grant"):
        grant = row.grant
        book.active.append([grant.name, grant.full_account, str(row.amount), "成功" if row.number % 2 else "失败"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def look() -> str:
    """How far it is; raises AssertionError where money is lost or doubled, or rows, grants and entries disagree."""
    out = (PaymentState.RELEASED, PaymentState.SETTLED)
    fund, gone = Fund.objects.get(), Decimal(0)
    latest: dict[int, PaymentRow] = {}
    for batch in PaymentBatch.objects.order_by("pk"):
        rows = list(batch.rows.select_related("grant"))
        gone += sum(row.amount for row in rows if row.result != RowResult.FAILED) if batch.state in out else 0
        is_waiting = any(row.result == RowResult.WAITING for row in rows)
        assert (batch.state == PaymentState.SETTLED) == (batch.state in out and not is_waiting)
        latest |= {row.grant_id: row for row in rows}
    assert fund.available == IN_FUND - gone, (batch.state, fund.available)
    assert (money.faults(), Entry.objects.total()) == ([], fund.available)
    told = {
        RowResult.WAITING: (GrantState.APPROVED,), RowResult.PAID: (GrantState.PAID,),
        RowResult.FAILED: (GrantState.FAILED, GrantState.APPROVED),
    }  # fmt: skip
    assert all(row.grant.state in told[RowResult(row.result)] for row in latest.values())
    states = {row.grant.state for row in latest.values()} if batch.state == PaymentState.SETTLED else set()
    name = next((state for state in (GrantState.FAILED, GrantState.APPROVED) if state in states), batch.state)
    return f"{name}{'_again' if PaymentBatch.objects.count() > 1 else ''}"


def main() -> None:
    """Kill at step 1, 2, 3 … until somebody comes through with everything paid; then once more. Prints how many were
    killed in which state."""
    killed: dict[str, int] = {}
    state, step = look(), 1
    while True:
        connection.close()
        child = os.fork()
        if not child:
            stop_at(step)
            go_on()
            os._exit(0)
        _, status = os.waitpid(child, 0)
        before, state = state, look()
        if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
            killed[before] = killed.get(before, 0) + 1
            step = step + 1 if state == before else 1
        elif status:
            sys.exit("somebody failed otherwise than by the signal")
        elif state != before:
            step = 1
        else:
            break
    print(" ".join(f"{name}={number}" for name, number in killed.items()), f"end={state}")


if __name__ == "__main__":
    main()
