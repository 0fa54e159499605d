"""Steps 4 and 5 over the tables of one file: what would happen with each row, and making it happen.

Called inside the caller's transaction; who calls says whether it stands.
"""

import gc
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import orjson
from django.apps import apps
from django.db import DatabaseError
from django.utils import timezone

from pingtang_union.ledger import bulk
from pingtang_union.ledger.context import Context
from pingtang_union.ledger.declaration import Ledger, LedgerRefused, ledgers
from pingtang_union.ledger.hidden import sealed_values
from pingtang_union.ledger.models import BatchState, ImportBatch, ImportRow, LedgerReturn, Verdict
from pingtang_union.ledger.outcome import Message, MessageKind, RowOutcome
from pingtang_union.ledger.reading.file import tell_of_header
from pingtang_union.ledger.reading.table import Table
from pingtang_union.ledger.report import FileReport, SheetReport
from pingtang_union.ledger.rights import VERBS
from pingtang_union.ledger.wording import COUNTED, WARNED


class TakeBack(Exception):
    """Rolls a transaction back on purpose."""


@dataclass(slots=True)
class Planned:
    """A table with its rows' plans."""

    table: Table
    rows: list[RowOutcome]


@contextmanager
def without_garbage_collection() -> Iterator[None]:
    """Tens of thousands of plans live until the end; looking through them for cycles again and again finds none."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def needs_writing(planned: Sequence[Planned]) -> bool:
    """Whether planning has to write (and take back): when later tables refer to rows of earlier ones, or when
    writing itself can refuse."""
    kinds = {part.table.ledger.title for part in planned}
    return len(kinds) > 1 or any(part.table.ledger.decides_when_writing for part in planned)


def run_plan(planned: Sequence[Planned], context: Context, report: FileReport, *, writes: bool) -> None:
    """Plan the tables ledger by ledger, and write them when `writes` or when a later step needs it."""
    groups: dict[str, list[Planned]] = {}
    for part in planned:
        groups.setdefault(part.table.ledger.title, []).append(part)
    if writes:
        bulk.hold_still(model for group in groups.values() for model in group[0].table.ledger.writes)
    for number, group in enumerate(groups.values(), start=1):
        ledger: Ledger = group[0].table.ledger
        reports: list[SheetReport] = []
        for part in group:
            sheet_report = SheetReport(part.table.sheet.name, ledger.title)
            reports.append(sheet_report)
            report.sheets.append(sheet_report)
            tell_of_header(part.table, sheet_report)
            try:
                ledger.plan(part.table, part.rows, context)
            except LedgerRefused as error:
                report.awaits_reference = report.awaits_reference or error.awaits_reference
                report.is_refused = True
                _refuse_all(part.rows, sheet_report, part.table, str(error))
        if writes or number < len(groups) or ledger.decides_when_writing:
            ledger.commit([row for part in group for row in part.rows], context)
        for part, sheet_report in zip(group, reports, strict=True):
            _tally(sheet_report, part.rows, report)


def screen(planned: Sequence[Planned], context: Context, *, registers: bool) -> None:
    """Keep rows back that may not be compared (`Ledger.screen`). Comes before `run_plan`, and where it registers
    outside of any transaction that may be taken back."""
    for ledger, rows in _by_ledger(planned):
        ledger.screen(rows, context, registers=registers)


def tell(planned: Sequence[Planned], context: Context) -> None:
    """Have the ledgers write down what a preview tells (`Ledger.told`)."""
    for ledger, rows in _by_ledger(planned):
        ledger.told(rows, context)


def _by_ledger(planned: Sequence[Planned]) -> list[tuple[Ledger, list[RowOutcome]]]:
    """Each ledger of a file with its rows, over all sheets: how much is asked is counted by the file."""
    by_title: dict[str, tuple[Ledger, list[RowOutcome]]] = {}
    for part in planned:
        by_title.setdefault(part.table.ledger.title, (part.table.ledger, []))[1].extend(part.rows)
    return list(by_title.values())


def _refuse_all(rows: list[RowOutcome], report: SheetReport, table: Table, text: str) -> None:
    report.tell(table.header.row + 1, None, "", Message("", MessageKind.REJECT, text))
    for row in rows:
        row.verdict = Verdict.REJECT


def _tally(sheet_report: SheetReport, rows: list[RowOutcome], report: FileReport) -> None:
    sheet_report.rows = len(rows)
    for row in rows:
        sheet_report.counts[row.verdict] += 1
        sheet_report.counts[WARNED] += row.is_warned
        for message in row.messages:
            report.awaits_reference = report.awaits_reference or message.awaits_reference
            sheet_report.tell(row.row, row.number, row.name, message)


def counts_of(report: FileReport) -> dict[str, int]:
    """A batch's counters from what was found."""
    total: Counter[str] = Counter()
    for sheet in report.sheets:
        total.update(sheet.counts)
        total["rows"] += sheet.rows
    return {"rows": total["rows"]} | {words.counter: total[verdict] for verdict, words in COUNTED.items()}


def sheet_messages(report: FileReport) -> list[dict[str, Any]]:
    """What is said of whole sheets, as a batch keeps it."""
    return [
        {"sheet": sheet.sheet, "verdict": message["verdict"], "message": message["message"]}
        for sheet in report.sheets
        for message in sheet.messages
        if message["no"] is None
    ]


def record(batch: ImportBatch, planned: Sequence[Planned], report: FileReport) -> None:
    """Keep what happened: the batch's counts, a row for each row, and whose ledgers have been returned."""
    for name, value in counts_of(report).items():
        setattr(batch, name, value)
    batch.messages = sheet_messages(report)
    batch.concerns = concerns_of(planned)
    batch.state = BatchState.WRITTEN
    batch.written_at = batch.moved_at = timezone.now()
    batch.attempts = 0
    batch.error = ""
    batch.save()
    keep_rows(batch, (row for part in planned for row in part.rows))
    returned: Counter[tuple[str, int]] = Counter()
    for part in planned:
        ledger = part.table.ledger
        for row in part.rows:
            if row.is_open and (union_id := ledger.union_of(row)) is not None:
                returned[(ledger.title, union_id)] += 1
    LedgerReturn.objects.bulk_create(
        LedgerReturn(batch=batch, union_id=union_id, ledger=title, rows=number)
        for (title, union_id), number in returned.items()
    )


def keep_rows(batch: ImportBatch, rows: Iterable[RowOutcome]) -> None:
    """Write what the batch did with each row."""
    by_title = {ledger.title: ledger for ledger in ledgers()}
    names = ("batch_id", "sheet", "ledger", "row", "number", "name", "verdict", "model", "object_id")
    bulk.insert(
        ImportRow,
        (*names, "before", "after", "messages"),
        (
            (
                batch.pk,
                row.sheet[:100],
                row.ledger,
                row.row,
                row.number,
                row.name[:200],
                str(row.verdict),
                by_title[row.ledger].model_label,
                row.object_id,
                *_values(row, by_title[row.ledger].guards),
                orjson.dumps([[m.column, m.kind, m.text] for m in row.messages]).decode() if row.messages else None,
            )
            for row in rows
        ),
    )


def _values(row: RowOutcome, guards: frozenset[str]) -> tuple[str | None, str | None]:
    """A row's values before and after, as JSON; those of guarded columns sealed."""
    if row.hidden:
        return orjson.dumps(sealed_values(row.hidden, row.after())).decode(), None
    if not row.before:
        return None, None
    before, after = row.before, row.after()
    if guarded := guards.intersection(before):
        sealed = sealed_values(*({name: part.get(name) for name in guarded} for part in (before, after)))
        before = {name: value for name, value in before.items() if name not in guarded} | sealed
        after = {name: value for name, value in after.items() if name not in guarded}
    return orjson.dumps(before).decode(), orjson.dumps(after).decode()


def constraint_message(error: DatabaseError) -> str:
    """The words of the constraint that the database named, or a general refusal."""
    text = str(error)
    for model in apps.get_models():
        for constraint in model._meta.constraints:
            if constraint.name in text:
                return f"{constraint.violation_error_message}请核对后重新导入。"
    return "数据库拒绝了其中的行（可能有人同时改动了同一批记录），请稍后重新导入。"


def concerns_of(planned: Iterable[Planned]) -> dict[str, dict[str, Any]]:
    """What a batch concerns, by the ledger's title: what its rows do, and whose they are. A row that moves its
    record concerns the union that it leaves, too; one that the planning let it leave unseen counts for the undoing
    only."""
    concerns: dict[str, tuple[set[str], set[Any], set[Any]]] = {}
    for part in planned:
        ledger = part.table.ledger
        verbs, unions, left = concerns.setdefault(ledger.title, (set(), set(), set()))
        verdicts: set[str] = set()
        for row in part.rows:  # by the hundred thousand
            if row.is_open:
                verdicts.add(row.verdict)
                unions.add(ledger.union_of(row))
                if row.before:
                    unions.add(row.before.get("union_id"))
                if row.hidden:
                    left.add(row.hidden.get("union_id"))
        verbs.update(VERBS[Verdict(verdict)] for verdict in verdicts if verdict in VERBS)
        unions.discard(None)
        left.discard(None)
    return {
        title: {"verbs": sorted(verbs), "unions": sorted(unions)} | ({"left": sorted(left)} if left else {})
        for title, (verbs, unions, left) in concerns.items()
    }
