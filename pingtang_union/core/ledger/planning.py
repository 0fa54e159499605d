"""Steps 4 and 5 over the tables of one file: what would happen with each row, and making it happen.

Called inside the caller's transaction; who calls says whether it stands.
"""

import gc
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import orjson
from django.apps import apps
from django.db import DatabaseError
from django.utils import timezone

from pingtang_union.core.ledger import bulk
from pingtang_union.core.ledger.context import Context
from pingtang_union.core.ledger.parse import tell_of_header
from pingtang_union.core.ledger.report import FileReport, SheetReport
from pingtang_union.core.ledger.schema import Ledger, LedgerRefused, Message, MessageKind, RowPlan
from pingtang_union.core.ledger.table import Table
from pingtang_union.core.models import BatchState, ImportBatch, ImportRow, LedgerReturn, Verdict


class TakeBack(Exception):
    """Rolls a transaction back on purpose."""


@dataclass(slots=True)
class Planned:
    """A table with its rows' plans."""

    table: Table
    rows: list[RowPlan]


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
    kinds = {one.table.ledger.title for one in planned}
    return len(kinds) > 1 or any(one.table.ledger.decides_when_writing for one in planned)


def run_plan(planned: Sequence[Planned], context: Context, report: FileReport, *, writes: bool) -> None:
    """Plan the tables ledger by ledger, and write them when `writes` or when a later step needs it."""
    groups: dict[str, list[Planned]] = {}
    for one in planned:
        groups.setdefault(one.table.ledger.title, []).append(one)
    if writes:
        bulk.hold_still(model for group in groups.values() if (model := group[0].table.ledger.model) is not None)
    for number, group in enumerate(groups.values(), start=1):
        ledger: Ledger = group[0].table.ledger
        reports: list[SheetReport] = []
        for one in group:
            sheet_report = SheetReport(one.table.sheet.name, ledger.title)
            reports.append(sheet_report)
            report.sheets.append(sheet_report)
            tell_of_header(one.table, sheet_report)
            try:
                ledger.plan(one.table, one.rows, context)
            except LedgerRefused as error:
                report.awaits_reference = report.awaits_reference or error.awaits_reference
                report.is_refused = True
                _refuse_all(one.rows, sheet_report, one.table, str(error))
        if writes or number < len(groups) or ledger.decides_when_writing:
            ledger.commit([row for one in group for row in one.rows], context)
        for one, sheet_report in zip(group, reports, strict=True):
            _tally(sheet_report, one.rows, report)


def _refuse_all(rows: list[RowPlan], report: SheetReport, table: Table, text: str) -> None:
    report.tell(table.header.row + 1, None, "", Message("", MessageKind.REJECT, text))
    for row in rows:
        row.verdict = Verdict.REJECT


def _tally(sheet_report: SheetReport, rows: list[RowPlan], report: FileReport) -> None:
    sheet_report.rows = len(rows)
    for row in rows:
        sheet_report.counts[row.verdict] += 1
        if row.is_open and row.messages:
            sheet_report.counts["warned"] += 1
        for message in row.messages:
            report.awaits_reference = report.awaits_reference or message.awaits_reference
            sheet_report.tell(row.row, row.number, row.name, message)


def counts_of(report: FileReport) -> dict[str, int]:
    """A batch's counters from what was found."""
    total: Counter[str] = Counter()
    for sheet in report.sheets:
        total.update(sheet.counts)
        total["rows"] += sheet.rows
    return {
        "rows": total["rows"],
        "new": total[Verdict.NEW],
        "changed": total[Verdict.CHANGED],
        "unchanged": total[Verdict.UNCHANGED],
        "warned": total["warned"],
        "transfer": total[Verdict.TRANSFER],
        "undecided": total[Verdict.UNDECIDED],
        "rejected": total[Verdict.REJECT],
    }


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
    batch.state = BatchState.WRITTEN
    batch.written_at = timezone.now()
    batch.error = ""
    batch.save()
    names = ("batch_id", "sheet", "ledger", "row", "number", "name", "verdict", "model", "object_id", "before")
    bulk.insert(ImportRow, (*names, "after", "messages"), _row_tuples(batch, planned))
    returned: Counter[tuple[str, int]] = Counter()
    for one in planned:
        ledger = one.table.ledger
        for row in one.rows:
            if row.is_open and (union_id := ledger.union_of(row)) is not None:
                returned[(ledger.title, union_id)] += 1
    LedgerReturn.objects.bulk_create(
        LedgerReturn(batch=batch, union_id=union_id, ledger=title, rows=number)
        for (title, union_id), number in returned.items()
    )


def _row_tuples(batch: ImportBatch, planned: Sequence[Planned]) -> Iterator[tuple[Any, ...]]:
    for one in planned:
        sheet, title = one.table.sheet.name[:100], one.table.ledger.title
        model = getattr(one.table.ledger, "model_label", "")
        for row in one.rows:
            yield (
                batch.pk,
                sheet,
                title,
                row.row,
                row.number,
                row.name[:200],
                str(row.verdict),
                model,
                row.object_id,
                orjson.dumps(row.before).decode() if row.before else None,
                orjson.dumps(row.after()).decode() if row.before else None,
                orjson.dumps([[m.column, m.kind, m.text] for m in row.messages]).decode() if row.messages else None,
            )


def constraint_message(error: DatabaseError) -> str:
    """The words of the constraint that the database named, or a general refusal."""
    text = str(error)
    for model in apps.get_models():
        for constraint in model._meta.constraints:
            if constraint.name in text:
                return f"{constraint.violation_error_message}请核对后重新导入。"
    return "数据库拒绝了其中的行（可能有人同时改动了同一批记录），请稍后重新导入。"
