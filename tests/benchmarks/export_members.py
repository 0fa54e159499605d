"""A roster of members from the database to .xlsx: the portal's export beside openpyxl's write-only mode, which is
given the same cells as lists that are in memory already.

Each way runs in a child process; the child prints one line of JSON. The parent makes the test database they read,
and another child fills it: a child's peak memory counts from its parent's.
"""

import argparse
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROWS = (10_000, 100_000)


def fill(count: int) -> None:
    """`count` members in ten unions, every column filled as a roster fills it."""
    from members.models import Member, Union  # noqa: PLC0415  after Django's set-up
    from members.models.codes import (  # noqa: PLC0415
        Contract,
        Education,
        Employment,
        Household,
        Political,
        Skill,
    )
    from pingtang_union.core import crypto  # noqa: PLC0415
    from pingtang_union.ledger import bulk  # noqa: PLC0415
    from tests.benchmarks.rosters import people  # noqa: PLC0415

    root = Union.objects.get(depth=1)
    unions = [
        Union.objects.add_child(root, instance=Union(name=f"平塘县第{number}工会委员会", category="organ")).pk
        for number in range(10)
    ]
    rng = random.Random(7)
    names = bulk.attnames(Member)
    blank = dict(zip(names, bulk.blank_row(Member), strict=True))
    made = []
    for pk, row in enumerate(people(count), start=1):
        number = str(row[5])
        values = {
            "id": pk,
            "union_id": unions[pk % 10],
            "name": row[1],
            "name_key": row[1],
            "gender": "1" if row[2] == "男" else "2",
            "ethnicity": rng.choice(["01", "06", "09"]),
            "id_type": "resident",
            "id_number": crypto.seal(number),
            "id_index": crypto.blind_index(number),
            "born_on": f"{number[6:10]}-{number[10:12]}-{number[12:14]}",
            "phone": row[9],
            "joined_on": str(row[12]).replace(".", "-"),
            "card_number": f"0{pk:09d}",
            "education": rng.choice(Education.values),
            "political": rng.choice(Political.values),
            "contract": rng.choice(Contract.values),
            "is_migrant": rng.choice([True, False]),
            "employment": rng.choice(Employment.values),
            "skill": rng.choice(Skill.values),
            "household": rng.choice(Household.values),
            "household_place": "贵州省平塘县金盆街道",
            "native_place": "贵州平塘",
            "employer": "平塘县人民医院",
            "team": "第一小组",
            "note": "",
        }
        made.append([{**blank, **values}[name] for name in names])
    bulk.insert(Member, names, made)


def _members(count: int) -> Any:
    from members.models import Member  # noqa: PLC0415

    return Member.objects.filter(pk__lte=count)


def ours(path: Path, count: int, *, is_full: bool) -> float:
    """Seconds from queryset to file."""
    from members.models import User  # noqa: PLC0415
    from pingtang_union.ledger.declaration import ledger_by_slug  # noqa: PLC0415
    from pingtang_union.ledger.giving.export import export  # noqa: PLC0415

    by = User.objects.get(username="benchmark")
    start = time.perf_counter()
    given = export(ledger_by_slug("members"), _members(count), by=by, is_full=is_full, reason="核对花名册")
    taken = time.perf_counter() - start
    if given.rows != count:
        raise SystemExit(f"{given.rows} rows")
    with path.open("wb") as copy:
        shutil.copyfileobj(given.file, copy)
    return taken


def openpyxl(path: Path, count: int) -> float:
    """Seconds from lists in memory to file."""
    from openpyxl import Workbook  # noqa: PLC0415

    from pingtang_union.ledger.declaration import ledger_by_slug  # noqa: PLC0415
    from pingtang_union.ledger.giving import cells as given  # noqa: PLC0415

    ledger = ledger_by_slug("members")
    cells = given.cells(ledger, _members(count), is_full=True)
    data = [[number, *row.values()] for number, row in enumerate(cells, start=1)]
    start = time.perf_counter()
    book = Workbook(write_only=True)
    sheet = book.create_sheet(ledger.title)
    sheet.append(["序号", *(column.label for column in ledger.columns)])
    for row in data:
        sheet.append(row)
    book.save(path)
    return time.perf_counter() - start


def child(way: str, count: int) -> None:
    """Run one way against the parent's database and print what it cost."""
    import django  # noqa: PLC0415

    django.setup()
    if way == "fill":
        _prepare()
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "export.xlsx"
        taken = openpyxl(path, count) if way == "openpyxl" else ours(path, count, is_full=way == "full")
        size = path.stat().st_size
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps({"way": way, "rows": count, "seconds": round(taken, 2), "peak_mb": peak, "size_kb": size // 1024}))


def run(way: str, count: int, database: str) -> str:
    """What a child prints."""
    return subprocess.run(
        [sys.executable, "-m", __spec__.name, "--way", way, "--rows", str(count)],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "DATABASE_URL": database},
    ).stdout


def measure(way: str, count: int, database: str) -> dict[str, Any]:
    """What a way cost."""
    line = run(way, count, database).strip().splitlines()[-1]
    print(line)
    return dict(json.loads(line))


def main() -> None:
    """Make the database, run every way, print ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--way", choices=["fill", "masked", "full", "openpyxl"])
    parser.add_argument("--rows", type=int, default=ROWS[-1])
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    if arguments.way:
        child(arguments.way, arguments.rows)
        return
    import django  # noqa: PLC0415

    django.setup()
    from django.db import connection  # noqa: PLC0415
    from django.test.runner import DiscoverRunner  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder:
        if connection.vendor == "sqlite":  # a file, so that the children find it
            connection.settings_dict["TEST"]["NAME"] = f"{folder}/export.sqlite3"
        runner = DiscoverRunner(verbosity=0, interactive=False)
        old = runner.setup_databases()
        try:
            name = connection.settings_dict["NAME"]
            database = f"sqlite:///{name}"
            if connection.vendor == "postgresql":
                database = os.environ["DATABASE_URL"].rpartition("/")[0] + f"/{name}"
            connection.close()
            run("fill", ROWS[-1], database)
            _compare(database, arguments.rounds)
        finally:
            runner.teardown_databases(old)


def _prepare() -> None:
    from django.contrib.auth.models import Permission  # noqa: PLC0415

    from members.models import Union, User  # noqa: PLC0415

    fill(ROWS[-1])
    user = User.objects.create_user("benchmark", full_name="测试人", union=Union.objects.get(depth=1))
    user.user_permissions.set(Permission.objects.filter(codename="reveal_member"))


def _compare(database: str, rounds: int) -> None:
    for count in ROWS:
        best: dict[str, dict[str, Any]] = {}
        for way in ("masked", "full", "openpyxl") * rounds:  # in turn: whatever else runs slows all
            result = measure(way, count, database)
            if way not in best or result["seconds"] < best[way]["seconds"]:
                best[way] = result
        for way in ("masked", "full"):
            ratio = best["openpyxl"]["seconds"] / best[way]["seconds"]
            print(f"{count} rows, {way} numbers: {ratio:.1f} times openpyxl's write-only mode")


if __name__ == "__main__":
    main()
