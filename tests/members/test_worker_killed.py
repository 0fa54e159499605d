"""A worker killed in the middle of writing: nothing half-written, and the next one does it all, once."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.core.cache.backends.filebased import FileBasedCache
from django.db import connection

ROOT = Path(__file__).resolve().parents[2]
ROWS = 60_000
_PREPARE = f"""
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from pathlib import Path
from django.contrib.auth.models import Group
from members import roles
from members.models import Union, User
from pingtang_union.core.ledger import delivery
from pingtang_union.core.tasks import write_ledger
from tests.benchmarks import rosters as made
root = Union.objects.get(depth=1)
Union.objects.add_child(root, instance=Union(name=made.UNION, category="enterprise"))
clerk = User.objects.create_user("clerk", full_name="经办人", union=root)
clerk.groups.add(Group.objects.get(name=roles.ORGANISATION))
path = Path("roster.xlsx")
made.write_roster(path, made.people({ROWS}))
batch = delivery.deliver(by=clerk, name=path.name, content=path.read_bytes())
delivery.check(batch.pk)
delivery.request_writing(batch=batch, by=batch.by, is_partial=False)
write_ledger.enqueue(batch.pk)
"""
_TELL = """
import django
django.setup()
from members.models import Member, MembershipEvent
from pingtang_union.core.models import ImportBatch, ImportRow
counts = [model.objects.count() for model in (Member, MembershipEvent, ImportRow)]
print(ImportBatch.objects.get().state, *counts)
"""


@pytest.fixture
def database(tmp_path: Path) -> Iterator[str]:
    """Address of an empty database of its own, of the kind that the tests run on."""
    if connection.vendor == "sqlite":
        yield f"sqlite:///{tmp_path / 'killed.sqlite3'}"
        return
    at = connection.settings_dict
    name = f"killed_{os.getpid()}"
    server = {"host": at["HOST"], "port": at["PORT"] or 5432, "user": at["USER"], "password": at["PASSWORD"] or None}
    with psycopg.connect(dbname="postgres", autocommit=True, **server) as session:
        session.execute(f'CREATE DATABASE "{name}"')
    yield f"postgres://{at['USER']}:{at['PASSWORD']}@{at['HOST']}:{at['PORT'] or 5432}/{name}"
    with psycopg.connect(dbname="postgres", autocommit=True, **server) as session:
        session.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def test_a_worker_killed_half_way_leaves_nothing_and_the_next_takes_it_up(database: str, tmp_path: Path):
    environment = {
        **os.environ,
        "DATABASE_URL": database,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "PROGRESS_DIR": str(tmp_path / "progress"),
        "PYTHONPATH": str(ROOT),
        "DATA_KEY": settings.DATA_KEY,
    }

    def python(*arguments: str) -> list[str]:
        return [sys.executable, *arguments]

    def tell() -> list[str]:
        run = subprocess.run(python("-c", _TELL), cwd=tmp_path, env=environment, check=True, stdout=subprocess.PIPE)
        return run.stdout.decode().split()

    subprocess.run(python("-c", _PREPARE), cwd=tmp_path, env=environment, check=True)
    assert tell() == ["waiting", "0", "0", "0"]
    progress = FileBasedCache(str(tmp_path / "progress"), {})
    worker = subprocess.Popen(python(str(ROOT / "manage.py"), "worker"), cwd=tmp_path, env=environment)
    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            told = progress.get("batch-1") or {}
            if told.get("step") == "写入" and told.get("done"):
                break
            time.sleep(0.01)
        worker.send_signal(signal.SIGKILL)
        worker.wait()
    finally:
        worker.kill()
    assert told["step"] == "写入"
    assert 0 < told["done"] < ROWS
    assert tell() == ["writing", "0", "0", "0"]
    subprocess.run(
        python(str(ROOT / "manage.py"), "worker", "--batch"), cwd=tmp_path, env=environment, check=True, timeout=120
    )
    assert tell() == ["written", str(ROWS), str(ROWS), str(ROWS)]
