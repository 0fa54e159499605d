"""A payment batch killed at every step and resumed, also while the bank's answer is read and what failed is paid again:
money is neither lost nor doubled."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from members import roles
from pingtang_union.proof import append_only
from relief.models import Entry, PayWay
from relief.services import payments
from tests.factories import UserFactory
from tests.relief.books import fund, grant

ROOT = Path(__file__).resolve().parents[2]


def prepare(way: PayWay) -> None:
    """A batch that is begun, the fund, two grants, and the three people."""
    desks = (roles.RELIEF, roles.RELIEF, roles.FINANCE)
    people = [UserFactory(username=f"killed{at}", roles=(role,)) for at, role in enumerate(desks)]
    payments.open_batch(fund=fund("10000", people[2]), title="春节送温暖第一批", way=way, by=people[0])
    for _ in range(2):
        grant()


@pytest.fixture
def guarded_again(django_db_setup, django_db_blocker):
    """What is written once can't be flushed on SQLite: its triggers are away until the flush is over."""
    yield
    with django_db_blocker.unblock():
        append_only.guard(connection, Entry._meta.db_table)


@pytest.fixture
def address(guarded_again, tmp_path, transactional_db, django_db_serialized_rollback, way):
    """A database that other processes see, with the batch: on SQLite a copy."""
    prepare(way)
    at = connection.settings_dict
    if connection.vendor == "sqlite":
        path = tmp_path / "killed.sqlite3"
        with closing(sqlite3.connect(path)) as copy:
            connection.connection.backup(copy)
        append_only.unguard(connection, Entry._meta.db_table)
        return f"sqlite:///{path}"
    return f"postgres://{at['USER']}:{at['PASSWORD']}@{at['HOST']}:{at['PORT'] or 5432}/{at['NAME']}"


@pytest.mark.parametrize("way", PayWay)
def test_a_batch_killed_at_every_step_loses_and_doubles_nothing(way, address, tmp_path):
    told = {
        "DATABASE_URL": address, "DJANGO_SETTINGS_MODULE": "tests.settings", "PYTHONPATH": str(ROOT),
        "DATA_KEY": settings.DATA_KEY, "PROGRESS_DIR": str(tmp_path), "PROGRESS_DIR_OF": "",
    }  # fmt: skip
    run = subprocess.run(
        [sys.executable, "-m", "tests.relief.killed"], env=os.environ | told, cwd=ROOT, check=True, timeout=550,
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip

    counts = dict(pair.split("=") for pair in run.stdout.split())
    steps, few = ["making", "handed_in", "checked"], []
    if way == PayWay.BANK:  # one of two is refused, put right, and paid by a second batch
        steps += ["released", *(f"{name}_again" for name in (*steps, "released"))]
        few = ["failed", "approved"]
    assert counts.pop("end") == ("settled_again" if way == PayWay.BANK else "settled")
    assert [name for name in steps if int(counts[name]) >= 8] == steps
    assert [name for name in few if int(counts[name]) >= 3] == few
