"""Payments from one fund, many at once: the portal's one conditional UPDATE beside locking the fund and summing its
entries. PostgreSQL only: `DATABASE_URL=postgres://… python -m tests.benchmarks.funds`.

Both ways write the same entry into the same books, on a test database that is made anew and removed. What the disk
takes for a commit is the same for both and left out, unless --durable asks for it.
"""

import argparse
import os
import threading
import time
import uuid
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django

django.setup()

from django.db import connection, transaction  # noqa: E402
from django.test.utils import setup_databases, teardown_databases  # noqa: E402

from members.models import Union  # noqa: E402
from relief.models import Entry, EntryKind, Fund  # noqa: E402
from relief.services.money import Leg, move  # noqa: E402

DAY = date(2018, 2, 1)
ONE = Decimal("1.00")


def conditional(fund: Fund) -> None:
    """The portal's way."""
    leg = Leg(fund=fund, amount=-ONE, kind=EntryKind.EXPENSE, key=uuid.uuid4().hex, effective_on=DAY, by=None)
    move([leg])


def lock_then_sum(fund: Fund) -> None:
    """The usual way: hold the fund, sum what was written, write one more."""
    with transaction.atomic():
        Fund.objects.select_for_update().get(pk=fund.pk)
        entries = Entry.objects.filter(fund=fund)
        balance = entries.total()
        if balance < ONE:
            raise ValueError(balance)
        version = entries.count() + 1
        Entry.objects.create(
            fund=fund, version=version, amount=-ONE, balance=balance - ONE, kind=EntryKind.EXPENSE,
            key=uuid.uuid4().hex, effective_on=DAY,
        )  # fmt: skip
        Fund.objects.filter(pk=fund.pk).update(available=balance - ONE, version=version)


def books(name: str, entries: int) -> Fund:
    """A fund with so many entries, the last of them at a million."""
    fund = Fund.objects.create(union=Union.objects.get(depth=1), name=name, source="dues", year=2018)
    money = Decimal(1_000_000)
    rows = [
        Entry(
            fund=fund, version=version, amount=money if version == 1 else (ONE if version % 2 else -ONE),
            balance=money, kind=EntryKind.INCOME if version % 2 else EntryKind.EXPENSE, key=f"{name}-{version}",
            effective_on=DAY,
        )
        for version in range(1, entries + 1)
    ]  # fmt: skip
    Entry.objects.bulk_create(rows, batch_size=5_000)
    Fund.objects.filter(pk=fund.pk).update(available=Entry.objects.filter(fund=fund).total(), version=entries)
    return fund


def rate(way: Callable[[Fund], None], fund: Fund, writers: int, each: int, *, is_durable: bool) -> float:
    """Entries a second of `writers` at once."""

    def write() -> None:
        try:
            if not is_durable:
                with connection.cursor() as cursor:
                    cursor.execute("SET synchronous_commit = off")
            for _ in range(each):
                way(fund)
        finally:
            connection.close()

    threads = [threading.Thread(target=write) for _ in range(writers)]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    taken = time.perf_counter() - begun
    fund.refresh_from_db()
    if fund.available != Entry.objects.filter(fund=fund).total():
        raise SystemExit("money was lost")
    return writers * each / taken


def main() -> None:
    """Both ways in turn, the best of each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, nargs="+", default=[1_000, 20_000])
    parser.add_argument("--writers", type=int, default=8)
    parser.add_argument("--each", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--durable", action="store_true", help="wait for the disk at each commit")
    told: Any = parser.parse_args()
    if connection.vendor != "postgresql":
        raise SystemExit("many writers need PostgreSQL")
    made = setup_databases(verbosity=0, interactive=False)
    try:
        for entries in told.entries:
            best: dict[str, float] = {}
            for turn in range(told.rounds):
                for way in (conditional, lock_then_sum):
                    fund = books(f"{way.__name__}-{entries}-{turn}", entries)
                    best[way.__name__] = max(
                        best.get(way.__name__, 0), rate(way, fund, told.writers, told.each, is_durable=told.durable)
                    )
            told_rates = "  ".join(f"{name} {found:,.0f}/s" for name, found in best.items())
            print(f"{entries:>7,} entries: {told_rates}  {best['conditional'] / best['lock_then_sum']:.1f} times")
    finally:
        teardown_databases(made, verbosity=0)


if __name__ == "__main__":
    main()
