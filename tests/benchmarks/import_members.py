"""A member roster from .xlsx to committed by the portal's web path (bring, check with preview, confirm, write with the
batch's record), beside the bare writing of the same rows and django-import-export as it comes.

Each way runs in a child process against a copy of a prepared database; the child prints one line of JSON. The ways
take turns, and the best of each counts: whatever else runs slows both.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

from django.contrib.auth.models import Group  # noqa: E402  after Django's set-up
from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.test import Client  # noqa: E402

from members import roles  # noqa: E402
from members.models import Member, Union, User  # noqa: E402
from pingtang_union.ledger import bulk  # noqa: E402
from pingtang_union.ledger.importing import steps  # noqa: E402
from pingtang_union.ledger.models import BatchState, ImportBatch, ImportRow  # noqa: E402
from pingtang_union.ledger.reading.workbook import read_workbook  # noqa: E402
from tests.benchmarks import rosters  # noqa: E402
from tests.benchmarks.stock import stock, stock_page, stock_unaudited  # noqa: E402

SMALL, LARGE = 10_000, 1_000_000  # members in the table beforehand
PREVIEWED = 10_000


# --- Preparing -----------------------------------------------------------------------------


def prepare(folder: Path, count: int) -> None:
    """An empty database with the union and who brings its roster."""
    call_command("migrate", verbosity=0)
    root = Union.objects.get(depth=1)
    Union.objects.add_child(root, instance=Union(name=rosters.UNION, category="enterprise"))
    user = User.objects.create_user(
        "benchmark", full_name="测试人", union=root, must_change_password=False, is_staff=True
    )
    user.groups.set(Group.objects.filter(name=roles.ORGANISATION))


def fill(folder: Path, count: int) -> None:
    """So many other members in the table."""
    names = [name for name in bulk.attnames(Member) if name != "id"]
    people = rosters.people(count, first=2_000_000)
    with transaction.atomic():
        bulk.insert(Member, names, rosters.records(people, Union.objects.get(name=rosters.UNION).pk))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def write_files(folder: Path, count: int) -> None:
    """The workbooks that the ways bring in."""
    rosters.write_roster(folder / "insert.xlsx", rosters.people(count))
    rosters.write_roster(folder / "update.xlsx", rosters.people(count, is_changed=True))
    rosters.write_roster(folder / "preview.xlsx", rosters.people(PREVIEWED))
    rosters.write_plain(folder / "stock.xlsx", rosters.people(count // 50))


# --- The ways ------------------------------------------------------------------------------


def web(path: Path, count: int, verdict: str) -> dict[str, Any]:
    """The portal's own path; `verdict`: what all rows come to."""
    by = User.objects.get(username="benchmark")
    content = path.read_bytes()
    seconds: dict[str, float] = {}

    def timed(name: str, step: Callable[[], Any]) -> Any:
        begun = time.perf_counter()
        result = step()
        seconds[name] = round(time.perf_counter() - begun, 2)
        return result

    batch = timed("bring", lambda: steps.deliver(by=by, name=path.name, content=content))
    timed("check", lambda: steps.check(batch.pk))
    batch.refresh_from_db()
    if (batch.state, getattr(batch, verdict)) != (BatchState.READY, count):
        raise SystemExit(f"{batch.state} {batch.error} {batch.new} {batch.changed} {batch.messages}")
    timed("confirm", lambda: steps.request_writing(batch=batch, by=batch.by, is_partial=False))
    timed("write", lambda: steps.write(batch.pk))
    batch.refresh_from_db()
    if batch.state != BatchState.WRITTEN or ImportRow.objects.filter(batch=batch, verdict=verdict).count() != count:
        raise SystemExit(f"{batch.state} {batch.error}")
    return {"seconds": sum(seconds.values()), "rows": count, "steps": seconds}


def insert(folder: Path, count: int) -> dict[str, Any]:
    """A roster of new members."""
    before = Member.objects.count()
    result = web(folder / "insert.xlsx", count, "new")
    if Member.objects.count() - before != count:
        raise SystemExit("the rows counted are not the rows committed")
    return result


def update(folder: Path, count: int) -> dict[str, Any]:
    """The same members with three columns changed in every row, one of them indexed."""
    result = web(folder / "update.xlsx", count, "changed")
    if Member.objects.filter(employer="平塘供电局克度供电所").count() != count:
        raise SystemExit("the rows counted are not the rows updated")
    return result


def bare(folder: Path, count: int) -> dict[str, Any]:
    """The same rows, ready in memory, into the member table with its indexes and constraints and nothing else: COPY
    FROM STDIN of finished text, or executemany of finished tuples."""
    names = [name for name in bulk.attnames(Member) if name != "id"]
    union_id = Union.objects.get(name=rosters.UNION).pk
    rows = list(rosters.records(rosters.people(count), union_id))
    before = Member.objects.count()
    listed = ", ".join(connection.ops.quote_name(name) for name in names)
    if connection.vendor == "postgresql":
        lines = ["\t".join(map(_copy_text, row)) + "\n" for row in rows]
        blocks = ["".join(lines[start : start + 500]).encode() for start in range(0, count, 500)]
        begun = time.perf_counter()
        copying = f"COPY members_member ({listed}) FROM STDIN"
        with transaction.atomic(), connection.cursor() as cursor, cursor.copy(copying) as copy:
            for block in blocks:
                copy.write(block)
    else:
        marks = ", ".join("?" * len(names))
        begun = time.perf_counter()
        with transaction.atomic():
            connection.connection.executemany(f"INSERT INTO members_member ({listed}) VALUES ({marks})", rows)
    seconds = time.perf_counter() - begun
    if Member.objects.count() - before != count:
        raise SystemExit("not every row is in the table")
    return {"seconds": seconds, "rows": count}


def _copy_text(value: Any) -> str:
    value = getattr(value, "obj", value)  # the driver's wrapper of bytes
    if value is None:
        return r"\N"
    return rf"\\x{value.hex()}" if isinstance(value, bytes) else str(value)


def preview(folder: Path, count: int) -> dict[str, Any]:
    """From the file brought to its first page shown; what reading the file alone takes stands beside it."""
    by = User.objects.get(username="benchmark")
    client = Client(SERVER_NAME="localhost")
    client.force_login(by)
    content = (folder / "preview.xlsx").read_bytes()
    client.get("/")  # what the first request alone loads
    begun = time.perf_counter()
    batch = steps.deliver(by=by, name="会员花名册.xlsx", content=content)
    steps.check(batch.pk)
    page = client.get(f"/ledgers/{batch.pk}/")
    seconds = time.perf_counter() - begun
    if page.status_code != 200 or ImportBatch.objects.get(pk=batch.pk).new != PREVIEWED:
        raise SystemExit(f"{page.status_code} {batch.error}")
    begun = time.perf_counter()
    read_workbook(content, "会员花名册.xlsx")
    reading = time.perf_counter() - begun
    return {"seconds": seconds, "rows": PREVIEWED, "reading": round(reading, 2)}


def door(folder: Path, count: int, *, is_admin: bool) -> dict[str, Any]:
    """`insert` with both forms sent by a browser: the page of ledgers, or the list of members in the admin. The steps
    that they queue are done as by the worker."""
    client = Client(SERVER_NAME="localhost")
    client.force_login(User.objects.get(username="benchmark"))
    client.get("/")  # what the first request alone loads
    with (folder / "insert.xlsx").open("rb") as file:
        begun = time.perf_counter()
        if is_admin:
            client.post("/admin/members/member/import/", {"resource": "0", "format": "0", "import_file": file})
        else:
            client.post("/ledgers/bring/", {"files": file})
    batch = ImportBatch.objects.get()
    steps.check(batch.pk)
    batch.refresh_from_db()
    shown = {"import_file_name": batch.pk, "original_file_name": "x", "format": "0", "seen": batch.outcome}
    client.post("/admin/members/member/process_import/" if is_admin else f"/ledgers/{batch.pk}/write/", shown)
    steps.write(batch.pk)
    seconds = time.perf_counter() - begun
    if Member.objects.count() != count:
        raise SystemExit("the rows counted are not the rows committed")
    return {"seconds": seconds, "rows": count}


def as_it_comes(folder: Path, count: int, way: Callable[[Path], int] = stock) -> dict[str, Any]:
    """django-import-export on a part of the same rows."""
    begun = time.perf_counter()
    rows = way(folder / "stock.xlsx")
    return {"seconds": time.perf_counter() - begun, "rows": rows}


PREPARE: dict[str, Callable[[Path, int], None]] = {"prepare": prepare, "fill": fill, "files": write_files}
# Each way with the prepared database that it begins with.
WAYS: dict[str, tuple[str, Callable[[Path, int], dict[str, Any]]]] = {
    "stock": ("empty", as_it_comes),
    "stock page": ("empty", partial(as_it_comes, way=stock_page)),
    "stock unaudited": ("empty", partial(as_it_comes, way=stock_unaudited)),
    "bare": ("empty", bare),
    "insert": ("empty", insert),
    "update": ("inserted", update),
    "at 10000": ("small", insert),
    "at 1000000": ("large", insert),
    "bare at 10000": ("small", bare),
    "bare at 1000000": ("large", bare),
    "preview": ("empty", preview),
    "page door": ("empty", partial(door, is_admin=False)),
    "admin door": ("empty", partial(door, is_admin=True)),
}


def child(way: str, folder: Path, count: int) -> None:
    """Run one way against the database of DATABASE_URL and print what it cost."""
    if way in PREPARE:
        PREPARE[way](folder, count)
        return
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("CHECKPOINT")  # what copying the database left to be written isn't the way's
    result = WAYS[way][1](folder, count)
    # The high-water mark of this very program: getrusage would begin with its parent's.
    peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    result |= {"way": way, "database": connection.vendor, "peak_mb": int(peak.split()[1]) // 1024}
    print(json.dumps(result | {"seconds": round(result["seconds"], 2)}, ensure_ascii=False))


# --- Databases and children ----------------------------------------------------------------


class Databases:
    """Prepared databases and copies of them: files of SQLite, or templates of a PostgreSQL server."""

    def __init__(self, folder: Path):
        self.folder, self.vendor = folder, connection.vendor
        self.made: set[str] = set()
        connection.close()

    def url(self, name: str) -> str:
        """What a child is given as DATABASE_URL."""
        if self.vendor == "sqlite":
            return f"sqlite:///{self.folder / name}.sqlite3"
        return os.environ["DATABASE_URL"].rpartition("/")[0] + f"/benchmark_{os.getpid()}_{name}"

    def create(self, name: str, template: str = "") -> None:
        """A new database, or a copy of another."""
        if self.vendor == "sqlite":
            if template:
                shutil.copy(self.folder / f"{template}.sqlite3", self.folder / f"{name}.sqlite3")
            return
        self.drop(name)
        of = f" TEMPLATE {self._quoted(template)}" if template else ""
        self._execute(f"CREATE DATABASE {self._quoted(name)}{of}")
        self.made.add(name)

    def drop(self, name: str) -> None:
        """Remove a database."""
        if self.vendor == "sqlite":
            for path in self.folder.glob(f"{name}.sqlite3*"):
                path.unlink()
        else:
            self._execute(f"DROP DATABASE IF EXISTS {self._quoted(name)}")
            self.made.discard(name)

    def drop_all(self) -> None:
        """Leave nothing on the server."""
        for name in list(self.made):
            self.drop(name)

    @staticmethod
    def _quoted(name: str) -> str:
        return f'"benchmark_{os.getpid()}_{name}"'

    @staticmethod
    def _execute(sql: str) -> None:
        with connection._nodb_cursor() as cursor:
            cursor.execute(sql)


def run(way: str, folder: Path, count: int, database: str) -> str:
    """What a child prints."""
    return subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.import_members", "--child", way, str(folder), "--rows", str(count)],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "DATABASE_URL": database},
    ).stdout


def prepare_all(databases: Databases, folder: Path, count: int, wanted: set[str]) -> None:
    """The files, and the databases that the wanted ways begin with."""
    databases.create("empty")
    run("prepare", folder, count, databases.url("empty"))
    run("files", folder, count, databases.url("empty"))
    for name, members in (("small", SMALL), ("large", LARGE)):
        if name in wanted:
            databases.create(name, "empty")
            run("fill", folder, members, databases.url(name))
    if "inserted" in wanted:
        databases.create("inserted", "empty")
        run("insert", folder, count, databases.url("inserted"))


def measure(databases: Databases, folder: Path, count: int, ways: list[str], rounds: int) -> dict[str, dict[str, Any]]:
    """The best of each way."""
    best: dict[str, dict[str, Any]] = {}
    for way in ways * rounds:
        databases.create("work", WAYS[way][0])
        line = run(way, folder, count, databases.url("work")).strip().splitlines()[-1]
        databases.drop("work")
        print(line, flush=True)
        result = json.loads(line)
        if way not in best or result["seconds"] < best[way]["seconds"]:
            best[way] = result | {"peak_mb": max(result["peak_mb"], best.get(way, result)["peak_mb"])}
    return best


def compare(best: dict[str, dict[str, Any]]) -> None:
    """Print what was measured and the ratios beside what the portal is to reach."""
    cost = {way: result["seconds"] / result["rows"] for way, result in best.items()}
    for way, result in best.items():
        print(
            f"{way:15} {result['database']:10} {result['rows']:7} rows {result['seconds']:7.2f} s "
            f"{1 / cost[way]:8.0f} rows/s  peak {result['peak_mb']:3} MB"
        )
    ratios = (
        ("times as fast as django-import-export's import", "stock", "insert", ">= 30"),
        ("times as fast as its admin page (dry run, then import)", "stock page", "insert", "no target"),
        ("times as fast as its import without audit entries", "stock unaudited", "insert", "no target"),
        ("of the rate of the bare writing", "bare", "insert", ">= 0.4"),
        ("times the time of inserts for updates", "update", "insert", "<= 1.5"),
        ("times the cost a row at 1,000,000 members", "at 1000000", "at 10000", "<= 1.5"),
        ("times the time of the page's door for the admin's", "admin door", "page door", "<= 1.1"),
        ("times the cost a row of the bare writing there", "bare at 1000000", "bare at 10000", "no target"),
    )
    for text, one, other, wanted in ratios:
        if one in cost and other in cost:
            print(f"{cost[one] / cost[other]:6.2f} {text}  (wanted: {wanted})")
    if "preview" in best:
        beyond = best["preview"]["seconds"] - best["preview"]["reading"]
        print(f"{beyond:6.2f} s beyond reading the file until the first page of {PREVIEWED} rows  (wanted: <= 2)")
    ours = [result["peak_mb"] for way, result in best.items() if not way.startswith(("stock", "bare"))]
    print(f"{max(ours, default=0):6} MB at most  (wanted: < 512)")


def main() -> None:
    """Prepare, run every way in turn, print the comparison."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--ways", nargs="*", choices=list(WAYS), default=list(WAYS))
    parser.add_argument("--child", nargs=2, metavar=("WAY", "FOLDER"))
    options = parser.parse_args()
    if options.child:
        child(options.child[0], Path(options.child[1]), options.rows)
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        databases = Databases(folder)
        try:
            prepare_all(databases, folder, options.rows, {WAYS[way][0] for way in options.ways})
            compare(measure(databases, folder, options.rows, options.ways, options.rounds))
        finally:
            databases.drop_all()


if __name__ == "__main__":
    main()
