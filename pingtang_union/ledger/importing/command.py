"""From files to committed rows and back to what the clerk is told, for the command line. One transaction a file.

Files are read and rows written as on the pages (ledger.importing.steps), with no person in between.
"""

import hashlib
import math
from collections.abc import Sequence
from contextlib import nullcontext, suppress
from typing import Any

from django.db import DatabaseError, transaction

from pingtang_union.core.exceptions import Interrupted
from pingtang_union.ledger import bulk
from pingtang_union.ledger.context import Context
from pingtang_union.ledger.importing.attempts import INTERRUPTIONS
from pingtang_union.ledger.importing.plan import TakeBack, constraint_message, without_garbage_collection
from pingtang_union.ledger.importing.steps import read_tables, write_planned
from pingtang_union.ledger.models import BatchState, ImportBatch
from pingtang_union.ledger.outcome import MessageKind
from pingtang_union.ledger.reading.file import Parsed, parse
from pingtang_union.ledger.reading.workbook import safe_name
from pingtang_union.ledger.report import FileReport, SheetReport

LOST = "数据库连不上，或者正忙。文件没有问题，请稍后重新导入。"


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
        reports: list[FileReport] = []
        with without_garbage_collection(), suppress(TakeBack), transaction.atomic() if dry_run else nullcontext():
            reports = self._bring(files)
            if dry_run:
                self.context.forget()
                for report in reports:
                    report.is_written = False
                raise TakeBack
        return reports

    def _bring(self, files: Sequence[tuple[str, bytes]]) -> list[FileReport]:
        reports: dict[int, FileReport] = {}
        waiting: dict[int, tuple[Parsed, str]] = {}
        for index, (name, content) in enumerate(files):
            try:
                parsed = parse(name, content, patience=math.inf)
            except Interrupted as error:
                reports[index] = FileReport(name, error=f"「{name}」{error}")
                continue
            if parsed.error:
                reports[index] = FileReport(name, error=parsed.error)
            else:
                waiting[index] = (parsed, hashlib.sha256(content).hexdigest())
        order = sorted(waiting, key=lambda index: (waiting[index][0].tables[0].ledger.order, index))
        # A file may name records that a later one brings (a superior union, a course): such files wait while
        # others still write something.
        while order:
            held, progress = [], False
            for index in order:
                report = self._bring_file(*waiting[index], hold=len(order) > 1)
                reports[index] = report
                if report.awaits_reference and not report.is_written:
                    held.append(index)
                else:
                    progress = progress or report.is_written
                    waiting.pop(index)
            if held and not progress:
                for index in held:
                    reports[index] = self._bring_file(*waiting.pop(index), hold=False)
                break
            order = held
        return [reports[index] for index in range(len(files))]

    def _bring_file(self, parsed: Parsed, digest: str, *, hold: bool) -> FileReport:
        """Plan and write one file in one transaction; `hold` takes it back while rows await a reference."""
        report = FileReport(parsed.name)
        self.context.file_name = parsed.name

        def is_wanted() -> bool:
            report.sheets += parsed.notes
            report.is_refused = report.is_refused or is_refused(parsed.notes)
            is_good = self.is_partial or not (report.rejected or report.is_refused)
            return is_good and not (hold and report.awaits_reference)

        try:
            with transaction.atomic():
                bulk.lock_ledgers()
                self.context.forget()  # what others wrote before the lock was ours
                batch = ImportBatch.objects.create(
                    union_id=self.context.home,
                    by=self.context.by,
                    state=BatchState.WRITING,
                    file_name=safe_name(parsed.name),
                    sha256=digest,
                    is_partial=self.is_partial,
                )
                self.context.batch_id = batch.pk
                planned = read_tables(parsed)
                if parsed.error:
                    raise TakeBack
                write_planned(batch, planned, self.context, report, is_wanted, registers=True)
            report.is_written = True
        except (TakeBack, DatabaseError) as error:
            self.context.forget()
            report.error = parsed.error
            if isinstance(error, DatabaseError):
                report.sheets.clear()
                words = LOST if isinstance(error, INTERRUPTIONS) else constraint_message(error)
                report.error = f"「{parsed.name}」没有导入：{words}"
        return report


def is_refused(notes: Sequence[SheetReport]) -> bool:
    """Whether a sheet that was surely meant as a ledger could not be taken."""
    return any(message["verdict"] == MessageKind.REJECT for note in notes for message in note.messages)
