"""One server's process to whom hostile files are sent, door by door; run by test_hostile_doors.py.

    python -m tests.files.doors DOOR FOLDER

Prints a line of JSON for each file of the folder, and at the end the most memory that this process has held.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

import django

django.setup()

from pingtang_union.core.exceptions import DomainError  # noqa: E402
from pingtang_union.ledger.giving import form, marked  # noqa: E402
from pingtang_union.ledger.giving.answer import RED, Answer, SheetAnswer  # noqa: E402
from pingtang_union.ledger.reading.file import parse  # noqa: E402
from pingtang_union.ledger.reading.workbook import HURRIED, LargerFile, UnreadableFile  # noqa: E402
from pingtang_union.workflow.attachments import check_file  # noqa: E402  Django first
from pingtang_union.workflow.publishing import look_into  # noqa: E402

_MARKED = Answer(
    "会员花名册.xlsx",
    "2026-05-01 10:00",
    False,
    [SheetAnswer("会员花名册", "会员花名册", 3, rows=[(4, "退回：错", RED, [(1, RED, "错")])])],
)
_FORM = {
    "name": "空表.xlsx",
    "sheet": "会员花名册",
    "at": 0,
    "header": {"row": 2, "levels": 1, "indexes": [0, 1, 2, 3, 4], "serial": None},
    "columns": [0, 1],
    "texts": [False, True],
    "records": [["穆平", "男"]] * 20,
    "union": "平塘供电局工会委员会",
    "footer": "导出",
}


def read(content: bytes) -> Any:
    return parse("会员花名册.xlsx", content, limits=HURRIED)


def mark(content: bytes) -> Any:
    with marked.annotate(content, _MARKED) as file:
        return len(file.read())


def fill_in(content: bytes) -> Any:
    given = {"seconds": form._SECONDS, "busy": form._BUSY, "failed": form._FAILED}
    with marked.rewritten(form._JOB, content, _FORM, **given) as file:
        return len(file.read())


def attach(content: bytes) -> Any:
    return check_file("材料", content).content_type


def look(content: bytes) -> Any:
    return look_into("材料", content, listed=())


DOORS = {"read": read, "mark": mark, "fill": fill_in, "attach": attach, "look": look}


def main() -> None:
    door = DOORS[sys.argv[1]]
    for path in sorted(Path(sys.argv[2]).iterdir()):
        began, words, kind = time.monotonic(), "", ""
        try:
            door(path.read_bytes())
        except (DomainError, UnreadableFile, LargerFile) as error:
            words, kind = str(error), type(error).__name__
        except Exception as error:
            kind = f"{type(error).__name__}: {error}"
        print(json.dumps({"file": path.name, "kind": kind, "words": words, "seconds": time.monotonic() - began}))
    status = Path("/proc/self/status").read_text().splitlines()
    peak = next(line.split()[1] for line in status if line.startswith("VmHWM"))
    print(json.dumps({"megabytes": int(peak) / 1024}))


if __name__ == "__main__":
    main()
