"""The demo's database as the portal made it on 25 November 2026 (commit 1f26a7b, invented people, its key thrown away)
is migrated by the code of today: nothing in it is lost or renamed, and every figure is what it was."""

import gzip
import importlib
import json
import os
import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest
from django.apps import apps
from django.utils.module_loading import import_string
from django_tasks_db.models import DBTaskResult

from pingtang_union.ledger.importing import tasks

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "tests" / "data"
# With every model, and with what its app grants to roles.
GROWS = {"auth_group_permissions", "auth_permission", "django_content_type", "django_migrations"}
GROWS |= {"auditlog_logentry", "core_rolegrant"}
QUEUED = [f"pingtang_union.core.tasks.{name}" for name in ("check_ledger", "write_ledger", "undo_ledger")]
_QUEUE = (
    "INSERT INTO django_tasks_database_dbtaskresult (id, status, enqueued_at, args_kwargs, priority, task_path,"
    " worker_ids, queue_name, backend_name, run_after, exception_class_path, traceback) VALUES"
    " (?, 'READY', '2026-11-25 08:00', '{\"args\": [1], \"kwargs\": {}}', 0, ?, '[]', 'default', 'default',"
    " '9999-12-31', '', '')"
)

Rows = Counter[tuple[object, ...]]


def manage(path: Path, *arguments: str) -> str:
    """What a command prints over the database at `path`."""
    environment = os.environ | {"DATABASE_URL": f"sqlite:///{path}", "DJANGO_SETTINGS_MODULE": "tests.settings"}
    command = [sys.executable, ROOT / "manage.py", *arguments]
    return subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def columns(path: Path) -> dict[str, list[str]]:
    with closing(sqlite3.connect(path)) as database:
        names = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: [row[1] for row in database.execute(f"PRAGMA table_info({name})")] for name in names}


def rows(path: Path, table: str, names: list[str]) -> Rows:
    quoted = ", ".join(f'"{name}"' for name in names)
    with closing(sqlite3.connect(path)) as database:
        return Counter(database.execute(f"SELECT {quoted} FROM {table}"))


@pytest.fixture(scope="module")
def before(tmp_path_factory) -> Path:
    """The database of then, with one job of each kind waiting."""
    path = tmp_path_factory.mktemp("yesterday") / "demo.sqlite3"
    path.write_bytes(gzip.decompress((DATA / "demo-1f26a7b.sqlite3.gz").read_bytes()))
    with closing(sqlite3.connect(path)) as database, database:
        database.executemany(_QUEUE, [(f"{number:032x}", task) for number, task in enumerate(QUEUED)])
    return path


@pytest.fixture(scope="module")
def after(before) -> Path:
    """The same, migrated."""
    path = before.with_name("migrated.sqlite3")
    path.write_bytes(before.read_bytes())
    manage(path, "migrate", "--verbosity=0")
    return path


def test_no_table_or_column_is_lost(before, after):
    old, new = columns(before), columns(after)
    lost = {table: set(names) - set(new.get(table, [])) for table, names in old.items()}

    assert len(old) > 50
    assert {table: names for table, names in lost.items() if names} == {}


def test_every_row_stays_as_it_was(before, after):
    """Permissions, content types and what each role was granted are rows too."""
    for table, names in columns(before).items():
        if table in {"sqlite_sequence", "django_tasks_database_dbtaskresult"}:
            continue
        old, new = rows(before, table, names), rows(after, table, names)
        assert old - new == Counter(), f"{table} has lost rows"
        assert table in GROWS or new == old, f"{table} has more rows than before"


def test_figures_are_what_they_were(after):
    expected = json.loads((DATA / "demo-1f26a7b.figures.json").read_text())
    figures = json.loads(manage(after, "figures", "--as-of", "2018-03-31", "--json"))

    assert {name: figures.get(name) for name in expected} == expected


def test_jobs_queued_under_the_old_address_are_found(after):
    waiting = rows(after, "django_tasks_database_dbtaskresult", ["task_path", "status"])
    found = [import_string(path) for path, _status in sorted(waiting)]

    assert found == [tasks.check_ledger, tasks.undo_ledger, tasks.write_ledger]
    assert {status for _path, status in waiting} == {"READY"}


def test_addresses_of_jobs_go_back_as_they_came(db):
    migration = importlib.import_module("pingtang_union.ledger.migrations.0010_task_paths")
    new = tasks.check_ledger.enqueue(1).id

    migration.backward(apps, None)
    assert DBTaskResult.objects.get(pk=new).task_path == QUEUED[0]
    migration.forward(apps, None)
    assert DBTaskResult.objects.get(pk=new).task_path == tasks.check_ledger.module_path
