"""From files to committed rows and back to what the clerk is told, for the command line. One transaction a file.

Pages do the same in two steps with a person between them: core.ledger.delivery.
"""

import hashlib
from collections.abc import Sequence
from typing import Any

from django.db import DatabaseError, transaction

from pingtang_union.core.ledger import bulk
from pingtang_union.core.ledger.context import Context
from pingtang_union.core.ledger.parse import Parsed, parse
from pingtang_union.core.ledger.planning import (
    Planned,
    TakeBack,
    constraint_message,
    record,
    run_plan,
    without_garbage_collection,
)
from pingtang_union.core.ledger.read import UnreadableFile, safe_name
from pingtang_union.core.ledger.report import FileReport, SheetReport
from pingtang_union.core.ledger.rows import read_rows
from pingtang_union.core.ledger.schema import MessageKind
from pingtang_union.core.models import BatchState, ImportBatch


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
        with without_garbage_collection():
            return self._dry_run(files) if dry_run else self._bring(files)

    def _dry_run(self, files: Sequence[tuple[str, bytes]]) -> list[FileReport]:
        reports: list[FileReport] = []
        try:
            with transaction.atomic():
                reports = self._bring(files)
                raise TakeBack
        except TakeBack:
            self.context.forget()
        for report in reports:
            report.is_written = False
        return reports

    def _bring(self, files: Sequence[tuple[str, bytes]]) -> list[FileReport]:
        reports: dict[int, FileReport] = {}
        waiting: dict[int, tuple[Parsed, str]] = {}
        for index, (name, content) in enumerate(files):
            parsed = parse(name, content)
            if parsed.error:
                reports[index] = FileReport(name, error=parsed.error, is_unsupported=parsed.is_unsupported)
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
                planned = [Planned(table, read_rows(table)) for table in parsed.tables]
                run_plan(planned, self.context, report, writes=True)
                report.sheets += parsed.notes
                report.is_refused = report.is_refused or is_refused(parsed.notes)
                if ((report.rejected or report.is_refused) and not self.is_partial) or (
                    hold and report.awaits_reference
                ):
                    raise TakeBack
                record(batch, planned, report)
            report.is_written = True
        except TakeBack:
            self.context.forget()
        except UnreadableFile as error:
            report.error = f"「{parsed.name}」{error}"
        except DatabaseError as error:
            self.context.forget()
            report.sheets.clear()
            report.error = f"「{parsed.name}」没有写入：{constraint_message(error)}"
        return report


def is_refused(notes: Sequence[SheetReport]) -> bool:
    """Whether a sheet that was surely meant as a ledger could not be taken."""
    return any(message["verdict"] == MessageKind.REJECT for note in notes for message in note.messages)


__all__ = ["FileReport", "Importer", "SheetReport", "is_refused"]
