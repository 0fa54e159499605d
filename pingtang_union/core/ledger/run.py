"""From files to committed rows and back to what the clerk is told. One transaction a file.

`Importer` reads, recognises, cleans, plans and commits; its reports are the same for a dry run as for a
real one.
"""

import gc
import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import PurePath
from typing import Any

from django.apps import apps
from django.db import DatabaseError, transaction

from pingtang_union.core.ledger import bulk
from pingtang_union.core.ledger.clean import Cleaner, CleanError, as_text, masked
from pingtang_union.core.ledger.context import Context
from pingtang_union.core.ledger.read import UnreadableFile, read_workbook
from pingtang_union.core.ledger.recognise import Recognition, recognise
from pingtang_union.core.ledger.report import FileReport, SheetReport
from pingtang_union.core.ledger.schema import Ledger, LedgerRefused, Message, MessageKind, RowPlan, ledgers
from pingtang_union.core.ledger.table import Table
from pingtang_union.core.ledger.unsupported import UNSUPPORTED
from pingtang_union.core.models import ImportBatch, ImportRow, Verdict
from pingtang_union.core.text import visible


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """Tens of thousands of plans live until the end; looking through them for cycles again and again finds none."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


class _TakeBack(Exception):
    """Rolls a file's transaction back."""


class Importer:
    """Brings ledgers in. `by`: the account, or None for an operator at the command line.

    is_partial: the good rows of a file are written though others are rejected; otherwise such a file
    writes nothing.
    """

    def __init__(self, *, by: Any = None, is_partial: bool = False):
        self.context = Context(by=by)
        self.is_partial = is_partial

    def bring(self, files: Sequence[tuple[str, bytes]], *, dry_run: bool = False) -> list[FileReport]:
        """Import files (name, content) in the order that their references need; reports in the order given.

        A dry run writes everything inside one transaction and takes it back, so that it reports as the
        real run would.
        """
        with _without_garbage_collection():
            return self._dry_run(files) if dry_run else self._bring(files)

    def _dry_run(self, files: Sequence[tuple[str, bytes]]) -> list[FileReport]:
        reports: list[FileReport] = []
        try:
            with transaction.atomic():
                reports = self._bring(files)
                raise _TakeBack
        except _TakeBack:
            self.context.forget()
        for report in reports:
            report.is_written = False
        return reports

    def _bring(self, files: Sequence[tuple[str, bytes]]) -> list[FileReport]:
        reports: dict[int, FileReport] = {}
        parsed: dict[int, tuple[str, str, list[Table], list[SheetReport]]] = {}
        for index, (name, content) in enumerate(files):
            result = self._parse(name, content)
            if isinstance(result, FileReport):
                reports[index] = result
            else:
                parsed[index] = (name, hashlib.sha256(content).hexdigest(), *result)
        waiting = sorted(parsed, key=lambda index: (min(t.ledger.order for t in parsed[index][2]), index))
        # A file may name records that a later one brings (a superior union, a course): such files wait while
        # others still write something.
        while waiting:
            held, progress = [], False
            for index in waiting:
                name, digest, tables, notes = parsed[index]
                report = self._bring_file(name, digest, tables, notes, hold=len(waiting) > 1)
                reports[index] = report
                if report.awaits_reference and not report.is_written:
                    held.append(index)
                else:
                    progress = progress or report.is_written
                    parsed.pop(index)
            if held and not progress:
                for index in held:
                    name, digest, tables, notes = parsed.pop(index)
                    reports[index] = self._bring_file(name, digest, tables, notes, hold=False)
                break
            waiting = held
        return [reports[index] for index in range(len(files))]

    def _parse(self, name: str, content: bytes) -> FileReport | tuple[list[Table], list[SheetReport]]:
        """The tables of a file and what is to be said of its other sheets, or a report why there are none."""
        try:
            sheets = read_workbook(content, name)
        except UnreadableFile as error:
            return FileReport(name, error=f"「{name}」{error}")
        known: list[Ledger] = [*ledgers(), *UNSUPPORTED]
        tables: list[Table] = []
        notes: list[SheetReport] = []
        refusals: list[str] = []
        unsupported: list[str] = []
        for sheet in sheets:
            recognition: Recognition = recognise(sheet, known, PurePath(name).stem)
            if recognition.table is None:
                refusals.append(recognition.refusal)
                if recognition.is_tabular:
                    kind = MessageKind.REJECT if recognition.is_near else MessageKind.WARN
                    note = SheetReport(sheet.name, "")
                    note.tell(1, None, "", Message("", kind, recognition.refusal + "这个工作表没有读入。"))
                    notes.append(note)
            elif recognition.table.ledger in UNSUPPORTED:
                unsupported.append(recognition.table.ledger.title)
                note = SheetReport(sheet.name, "")
                text = f"这个工作表是{recognition.table.ledger.title}，本系统目前还不支持导入，没有读入。"
                note.tell(1, None, "", Message("", MessageKind.WARN, text))
                notes.append(note)
            else:
                tables.append(recognition.table)
        if unsupported and not tables:
            titles = "、".join(dict.fromkeys(unsupported))
            return FileReport(
                name, error=f"「{name}」是{titles}，本系统目前还不支持导入这种台账，没有读入。", is_unsupported=True
            )
        if not tables:
            return FileReport(name, error=f"「{name}」" + ("".join(refusals) or "里没有工作表。"))
        return sorted(tables, key=lambda table: table.ledger.order), notes

    def _bring_file(
        self, name: str, digest: str, tables: list[Table], notes: list[SheetReport], *, hold: bool
    ) -> FileReport:
        """Plan and write one file in one transaction; `hold` takes it back while rows await a reference."""
        report = FileReport(name)
        self.context.file_name = name
        try:
            with transaction.atomic():
                bulk.lock_ledgers()
                self.context.forget()  # what others wrote before the lock was ours
                plans = self._plan_and_commit(tables, report)
                report.sheets += notes
                report.is_refused = report.is_refused or any(
                    message["verdict"] == MessageKind.REJECT for note in notes for message in note.messages
                )
                if ((report.rejected or report.is_refused) and not self.is_partial) or (
                    hold and report.awaits_reference
                ):
                    raise _TakeBack
                self._record_batch(digest, report, plans)
            report.is_written = True
        except _TakeBack:
            self.context.forget()
        except DatabaseError as error:
            self.context.forget()
            report.sheets.clear()
            report.error = f"「{name}」没有写入：{_constraint_message(error)}"
        return report

    def _plan_and_commit(self, tables: list[Table], report: FileReport) -> list[tuple[Table, list[RowPlan]]]:
        done = []
        by_ledger: dict[str, list[Table]] = {}
        for table in tables:
            by_ledger.setdefault(table.ledger.title, []).append(table)
        for group in by_ledger.values():
            ledger = group[0].ledger
            planned: list[tuple[Table, SheetReport, list[RowPlan]]] = []
            for table in group:
                sheet_report = SheetReport(table.sheet.name, ledger.title)
                report.sheets.append(sheet_report)
                _tell_of_header(table, sheet_report)
                rows = read_rows(table)
                try:
                    ledger.plan(table, rows, self.context)
                except LedgerRefused as error:
                    report.awaits_reference = report.awaits_reference or error.awaits_reference
                    report.is_refused = True
                    _refuse_all(rows, sheet_report, table, str(error))
                planned.append((table, sheet_report, rows))
            ledger.commit([row for _table, _report, rows in planned for row in rows], self.context)
            for table, sheet_report, rows in planned:
                _tally(sheet_report, rows, report)
                done.append((table, rows))
        return done

    def _record_batch(self, digest: str, report: FileReport, plans: list[tuple[Table, list[RowPlan]]]) -> None:
        total: Counter[str] = Counter()
        for sheet in report.sheets:
            total.update(sheet.counts)
            total["rows"] += sheet.rows
        by = self.context.by
        batch = ImportBatch.objects.create(
            union_id=self.context.home,
            by=by,
            file_name=report.file[-255:],
            sha256=digest,
            is_partial=self.is_partial,
            rows=total["rows"],
            new=total[Verdict.NEW],
            changed=total[Verdict.CHANGED],
            unchanged=total[Verdict.UNCHANGED],
            warned=total["warned"],
            transfer=total[Verdict.TRANSFER],
            rejected=total[Verdict.REJECT],
            messages=[
                {"sheet": sheet.sheet, "verdict": message["verdict"], "message": message["message"]}
                for sheet in report.sheets
                for message in sheet.messages
                if message["no"] is None
            ],
        )
        names = (
            "batch_id",
            "sheet",
            "ledger",
            "row",
            "number",
            "name",
            "verdict",
            "model",
            "object_id",
            "before",
            "after",
            "messages",
        )
        bulk.insert(
            ImportRow,
            names,
            (
                (
                    batch.pk,
                    table.sheet.name[:100],
                    table.ledger.title,
                    plan.row,
                    plan.number,
                    plan.name[:200],
                    str(plan.verdict),
                    getattr(table.ledger, "model_label", ""),
                    plan.object_id,
                    json.dumps(plan.before, ensure_ascii=False) if plan.before else None,
                    json.dumps(plan.after(), ensure_ascii=False) if plan.before else None,
                    json.dumps([[m.column, m.kind, m.text] for m in plan.messages], ensure_ascii=False)
                    if plan.messages
                    else None,
                )
                for table, rows in plans
                for plan in rows
            ),
        )


def read_rows(table: Table) -> list[RowPlan]:
    """Step 3 over a whole table: every data row cleaned, its bad cells said."""
    # A repetitive column's cells are read once each: the memory maps (class, cell) to Cleaned or CleanError.
    columns: list[tuple[Any, int, Any, dict[Any, Any] | None]] = [
        (column, table.header.found[column.name], column.clean, {} if column.is_repetitive else None)
        for column in table.ledger.columns
        if column.name in table.header.found
    ]
    required = [column for column in table.ledger.columns if column.is_required and column.name in table.header.found]
    rows: list[RowPlan] = []
    for number, (row_number, cells) in enumerate(table.data_rows(), start=1):
        plan = RowPlan(row_number, number, {})
        values = plan.values
        for column, index, clean, memory in columns:
            cell = cells[index]
            if cell == "":
                continue
            cleaned = _cleaned(cell, clean) if memory is None else memory.get((cell.__class__, cell))
            if cleaned is None:
                assert memory is not None  # noqa: S101  only a memory can miss
                cleaned = memory[(cell.__class__, cell)] = _cleaned(cell, clean)
            if cleaned.__class__ is CleanError:
                plan.reject(column.label, _said(table, column.name, column.label, str(cleaned)))
            elif cleaned.value is not None:
                values[column.name] = cleaned.value
                if cleaned.warning:
                    plan.warn(column.label, _said(table, column.name, column.label, cleaned.warning))
        for column in required:
            if column.name not in values and not any(m.column == column.label for m in plan.messages):
                plan.reject(column.label, _said(table, column.name, column.label, "没有填，请补填。"))
        index = table.header.found[table.ledger.columns[0].name]
        plan.name = str(values.get(table.ledger.columns[0].name) or masked(visible(as_text(cells[index]))))
        rows.append(plan)
    return rows


def _cleaned(cell: Any, clean: Cleaner) -> Any:
    try:
        return clean(cell)
    except CleanError as error:
        return error


def _said(table: Table, name: str, label: str, text: str) -> str:
    """A cell's message, beginning with the header as the clerk's own sheet has it."""
    written = table.header.texts[table.header.found[name]]
    return f"{written or label}：{text}"


def _tell_of_header(table: Table, report: SheetReport) -> None:
    row = table.header.row + 1
    if table.sheet.is_hidden:
        report.tell(row, None, "", Message("", MessageKind.WARN, "这是隐藏的工作表，内容照样读入了，请核对。"))
    for name, written in table.header.likely.items():
        label = table.ledger.label(name)
        report.tell(
            row,
            None,
            "",
            Message(
                label,
                MessageKind.WARN,
                f"第 {row} 行的「{written}」列按「{label}」读入，请核对；如果不是，请改表头后重新导入。",
            ),
        )
    if table.header.unknown:
        listed = "、".join(f"「{text}」" for text in table.header.unknown)
        report.tell(row, None, "", Message("", MessageKind.WARN, f"不认识 {listed} 列，这些列没有读入。"))


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


def _constraint_message(error: DatabaseError) -> str:
    """The words of the constraint that the database named, or a general refusal."""
    text = str(error)
    for model in apps.get_models():
        for constraint in model._meta.constraints:
            if constraint.name in text:
                return f"{constraint.violation_error_message}请核对后重新导入。"
    return "数据库拒绝了其中的行（可能有人同时改动了同一批记录），请稍后重新导入。"


__all__ = ["FileReport", "Importer", "SheetReport", "read_rows"]
