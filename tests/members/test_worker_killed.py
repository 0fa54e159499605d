"""Faults under a real worker: killed while writing, its database gone, its reading child killed. Nothing is
half-written, nothing is lost, and no good file is blamed."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.core.cache.backends.filebased import FileBasedCache
from django.db import connection

from tests.at_once import needs_postgresql

ROOT = Path(__file__).resolve().parents[2]
ROWS = 20_000
_PREPARE = """
import sys
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from pathlib import Path
from django.contrib.auth.models import Group
from members import roles
from members.models import Union, User
from pingtang_union.ledger.importing import steps
from pingtang_union.ledger.importing.tasks import check_ledger, write_ledger
from tests.benchmarks import rosters as made
root = Union.objects.get(depth=1)
Union.objects.add_child(root, instance=Union(name=made.UNION, category="enterprise"))
clerk = User.objects.create_user("clerk", full_name="经办人", union=root)
clerk.groups.add(Group.objects.get(name=roles.ORGANISATION))
path = Path("roster.xlsx")
made.write_roster(path, made.people(int(sys.argv[1])))
batch = steps.deliver(by=clerk, name=path.name, content=path.read_bytes())
if sys.argv[2] == "check":
    check_ledger.enqueue(batch.pk)
else:
    steps.check(batch.pk)
    steps.request_writing(batch=batch, by=batch.by, is_partial=False)
    write_ledger.enqueue(batch.pk)
"""
_TELL = """
import django
django.setup()
from members.models import Member, MembershipEvent
from pingtang_union.ledger.models import ImportBatch, ImportRow
counts = [model.objects.count() for model in (Member, MembershipEvent, ImportRow)]
print(ImportBatch.objects.get().state, *counts)
"""


@pytest.fixture
def database(tmp_path: Path, transactional_db, django_db_serialized_rollback) -> Iterator[str]:
    """Address of a database of its own, of the kind that the tests run on; on SQLite a copy of the migrated one, with
    the rows that an earlier test may have flushed."""
    if connection.vendor == "sqlite":
        path = tmp_path / "killed.sqlite3"
        with closing(sqlite3.connect(path)) as copy:
            connection.ensure_connection()
            connection.connection.backup(copy)
        yield f"sqlite:///{path}"
        return
    at = connection.settings_dict
    name = f"killed_{os.getpid()}"
    server = {"host": at["HOST"], "port": at["PORT"] or 5432, "user": at["USER"], "password": at["PASSWORD"] or None}
    with psycopg.connect(dbname="postgres", autocommit=True, **server) as session:
        session.execute(f'CREATE DATABASE "{name}"')
    yield f"postgres://{at['USER']}:{at['PASSWORD']}@{at['HOST']}:{at['PORT'] or 5432}/{name}"
    with psycopg.connect(dbname="postgres", autocommit=True, **server) as session:
        session.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


class Bench:
    """A database with one roster queued, and processes on it."""

    def __init__(self, address: str, folder: Path):
        self.folder = folder
        self.environment = {
            **os.environ,
            "DATABASE_URL": address,
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "PROGRESS_DIR": str(folder / "progress"),
            "PYTHONPATH": str(ROOT),
            "DATA_KEY": settings.DATA_KEY,
        }
        self.progress = FileBasedCache(str(folder / "progress"), {})

    def run(self, *arguments: str) -> str:
        command = [sys.executable, *arguments]
        run = subprocess.run(
            command, cwd=self.folder, env=self.environment, check=True, stdout=subprocess.PIPE, timeout=120
        )
        return run.stdout.decode()

    def prepare(self, rows: int, step: str) -> None:
        self.run("-c", _PREPARE, str(rows), step)

    def tell(self) -> list[str]:
        return self.run("-c", _TELL).split()

    @contextmanager
    def worker(self) -> Iterator[subprocess.Popen]:
        command = [sys.executable, str(ROOT / "manage.py"), "worker"]
        log = (self.folder / "worker.log").open("ab")
        worker = subprocess.Popen(command, cwd=self.folder, env=self.environment, stderr=log)
        log.close()
        try:
            yield worker
        finally:
            worker.kill()
            worker.wait()

    def wait_until_writing(self) -> int:
        """Rows written when the writing was seen to run."""
        done = 0

        def is_writing() -> bool:
            nonlocal done
            told = self.progress.get("batch-1") or {}
            done = told["done"] if told.get("step") == "导入" else 0
            return done > 0

        wait_for(is_writing)
        return done

    def log(self) -> str:
        return (self.folder / "worker.log").read_text()


def wait_for(check: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if check():
            return
        time.sleep(0.01)
    pytest.fail("waited in vain")


@pytest.fixture
def bench(database: str, tmp_path: Path) -> Bench:
    return Bench(database, tmp_path)


def test_a_worker_killed_half_way_leaves_nothing_and_the_next_takes_it_up(bench):
    bench.prepare(ROWS, "write")
    assert bench.tell() == ["waiting", "0", "0", "0"]
    with bench.worker() as worker:
        done = bench.wait_until_writing()
        worker.send_signal(signal.SIGKILL)
    assert 0 < done < ROWS
    assert bench.tell() == ["writing", "0", "0", "0"]
    bench.run(str(ROOT / "manage.py"), "worker", "--batch")
    assert bench.tell() == ["written", str(ROWS), str(ROWS), str(ROWS)]


@needs_postgresql
def test_a_worker_whose_database_goes_writes_it_when_it_is_back(bench):
    rows = 20_000
    bench.prepare(rows, "write")
    with bench.worker() as worker:
        bench.wait_until_writing()
        with psycopg.connect(bench.environment["DATABASE_URL"], autocommit=True) as session:
            session.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        wait_for(lambda: "now written" in bench.log())
        assert worker.poll() is None
    assert bench.tell() == ["written", str(rows), str(rows), str(rows)]
    assert "batch 1: interrupted while writing, waits again" in bench.log()


def test_a_reading_child_that_is_killed_reads_again(bench):
    bench.prepare(20_000, "check")
    with bench.worker() as worker:

        def kill_a_child() -> bool:
            threads = Path(f"/proc/{worker.pid}/task").iterdir()
            children = [int(pid) for thread in threads for pid in (thread / "children").read_text().split()]
            for child in children:
                os.kill(child, signal.SIGKILL)
            return bool(children)

        wait_for(kill_a_child)
        wait_for(lambda: "now ready" in bench.log())
    assert bench.tell()[0] == "ready"
    assert "batch 1: interrupted while checking, waits again" in bench.log()
