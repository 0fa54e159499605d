"""A file from an office to the records, in steps with a person between them.

    deliver → check → (choose columns, decide rows → check again) → write, once → undo (ledger.importing.undo)

Each step says in the batch's state how far it is; a worker that dies leaves nothing half-written and the batch where
`resume` can take it up. Functions that change a batch take it by a condition on its state, so that of two clerks, or
two workers, one does it.
"""

import hashlib
import math
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from pingtang_union.core import crypto
from pingtang_union.core.audit import acting_as, stated
from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.masking import masked
from pingtang_union.core.text import fold
from pingtang_union.files import limited
from pingtang_union.ledger import bulk, calls
from pingtang_union.ledger.context import Context
from pingtang_union.ledger.declaration import ledgers
from pingtang_union.ledger.importing import attempts, preview
from pingtang_union.ledger.importing.attempts import move
from pingtang_union.ledger.importing.plan import (
    Planned,
    TakeBack,
    concerns_of,
    counts_of,
    needs_writing,
    record,
    run_plan,
    screen,
    sheet_messages,
    tell,
)
from pingtang_union.ledger.importing.progress import CHECKING, WRITING, Progress
from pingtang_union.ledger.models import BatchKind, BatchState, HeaderChoice, ImportBatch, ImportFile
from pingtang_union.ledger.reading.file import SAMPLED_ROWS, Parsed, describe, parse
from pingtang_union.ledger.reading.rows import read_rows
from pingtang_union.ledger.reading.workbook import HURRIED, MAX_BYTES, LargerFile, UnreadableFile, safe_name, too_large
from pingtang_union.ledger.report import FileReport
from pingtang_union.ledger.rights import Rights, uploader_lacks, without_unmade

WITHOUT_UNION = "您的账号还没有分配所在工会，不能上传。请联系县总工会系统管理员。"
BROKEN = "处理时出了错，没有导入任何内容。请点「重新检查」再试；仍然不行，请联系县总工会系统管理员。"
_IMPORT = BatchKind.IMPORT
_CHECK = attempts.Stage("checking", _IMPORT, BatchState.QUEUED, BatchState.CHECKING, CHECKING, "", BROKEN)
_WRITE = attempts.Stage("writing", _IMPORT, BatchState.WAITING, BatchState.WRITING, WRITING, "没有导入：", BROKEN)
STALE = "上次检查以后，有关的记录有人改动过，已按现在的记录重新检查。请再看一遍，确认无误再导入。"


def deliver(*, by: Any, name: str, content: bytes) -> ImportBatch:
    """Take a file in: keep its bytes sealed, and queue its check. Raises UnreadableFile when it is too large."""
    if len(content) > MAX_BYTES:
        raise UnreadableFile(too_large(len(content)))
    with transaction.atomic():
        batch = ImportBatch.objects.create(
            union_id=by.union_id,
            by=by,
            state=BatchState.QUEUED,
            moved_at=timezone.now(),
            file_name=masked(safe_name(name)),
            sha256=hashlib.sha256(content).hexdigest(),
        )
        ImportFile.objects.create(batch=batch, content=crypto.seal_bytes(content), size=len(content))
    return batch


def take_in(file: UploadedFile, *, by: Any) -> ImportBatch:
    """`deliver` for a file that a form sends; one beyond the limit is empty and knows its size (reading.uploads)."""
    if (size := file.size or 0) > MAX_BYTES:
        raise UnreadableFile(too_large(size))
    return deliver(by=by, name=file.name or "", content=file.read())


def file_content(batch: ImportBatch) -> bytes:
    """The bytes that were brought. Raises DomainError when they are no longer kept."""
    file = ImportFile.objects.filter(batch=batch).first()
    if file is None:
        raise DomainError("这个文件已经不再保存，请重新上传。")
    return crypto.unseal_bytes(file.content)


def header_choices(union_id: int) -> dict[tuple[str, str], str]:
    """What an office has said of its headers."""
    rows = HeaderChoice.objects.filter(union_id=union_id).values_list("ledger", "header_key", "column")
    return {(ledger, key): column for ledger, key, column in rows}


# --- Checking ------------------------------------------------------------------------------


def check(batch_id: int, *, is_hurried: bool = False) -> bool:
    """Read the file and plan each row; nothing is written but the batch itself. Ends in READY, UNREADABLE or FAILED;
    False: it waits, interrupted or for the worker.

    is_hurried: a person waits. A file that holds more than one should wait for, or that finds no place to be read in
    time, is left to the worker.
    """
    return bool(attempts.run(_CHECK, batch_id, partial(_check, batch_id, is_hurried=is_hurried)))


def _check(batch_id: int, progress: Progress, *, is_hurried: bool) -> bool:
    batch = ImportBatch.objects.select_related("by", "union").get(pk=batch_id)
    progress.step()
    try:
        read = _read_before(batch, progress) or _read(batch, progress, is_hurried=is_hurried)
    except (LargerFile, limited.Busy):
        move(batch_id, (BatchState.CHECKING,), BatchState.QUEUED)
        return False
    if read is None:
        return True
    planned, sheets, notes = read
    before = [preview.cleaned(table, rows) for table, rows in preview.in_chunks(planned)]
    progress.step()
    context, report = _context(batch), FileReport(batch.file_name)
    screen(planned, context, registers=True)
    _plan_without_writing(planned, context, report)
    progress.step()
    after = [preview.outcomes(rows) for _table, rows in preview.in_chunks(planned)]
    unions = {part.table.sheet.name: _unions(part, context) for part in planned}
    concerns = without_unmade(concerns_of(planned))
    with transaction.atomic():
        is_ours = move(
            batch.pk,
            (BatchState.CHECKING,),
            BatchState.READY,
            outcome=preview.digest(after),
            sheets=[{**sheet, "unions": unions.get(sheet["sheet"], [])} for sheet in sheets],
            concerns=concerns,
            messages=sheet_messages(report) + notes,
            checked_at=timezone.now(),
            **counts_of(report),
        )
        if is_ours:  # otherwise someone took it up meanwhile and was quicker, or gave it up
            preview.keep(batch, planned, before, after)
            tell(planned, context)
    return True


# The tables with their rows, every sheet as it is described, and what is said of those that are no tables.
_Read = tuple[list[Planned], list[dict[str, Any]], list[dict[str, Any]]]


def _read_before(batch: ImportBatch, progress: Progress) -> _Read | None:
    """What an earlier check has read, unless someone wants the file read anew (`_queue_check`)."""
    planned = preview.take(batch)
    if not planned:
        return None
    progress.step()
    names = {part.table.sheet.name for part in planned}
    notes = [message for message in batch.messages if message["sheet"] not in names]
    return planned, batch.sheets, notes


def _read(batch: ImportBatch, progress: Progress, *, is_hurried: bool) -> _Read | None:
    """What the file holds; None for one that can't be read, which the batch then says."""
    parsed = parse(
        batch.file_name,
        file_content(batch),
        header_choices(batch.union_id),
        limits=HURRIED if is_hurried else None,
        patience=limited.PATIENCE_SECONDS if is_hurried else math.inf,
    )
    progress.step(sum(len(table.sheet.rows) for table in parsed.tables))
    planned = read_tables(parsed, progress.tick)
    nearest = [{**describe(table, is_read=False), "rows": 0, "unions": []} for table in parsed.nearest]
    if parsed.error:
        values = {"error": parsed.error, "sheets": nearest, "concerns": {}, "checked_at": timezone.now()}
        with transaction.atomic():
            if move(batch.pk, (BatchState.CHECKING,), BatchState.UNREADABLE, **values):
                preview.drop(batch)
        return None
    for part in planned:  # the outcomes hold what the cells said; a few are shown as samples
        del part.table.sheet.rows[part.table.header.row + 1 + SAMPLED_ROWS :]
    sheets = [{**describe(part.table), "rows": len(part.rows)} for part in planned] + nearest
    return planned, sheets, sheet_messages(FileReport(batch.file_name, parsed.notes))


def read_tables(parsed: Parsed, tick: Callable[[int], None] | None = None) -> list[Planned]:
    """The rows of a file's tables, cleaned; none when so much is wrong that `parsed.error` says so."""
    try:
        return [] if parsed.error else [Planned(table, read_rows(table, tick)) for table in parsed.tables]
    except UnreadableFile as error:
        parsed.error = f"「{parsed.name}」{error}"
        return []


def _plan_without_writing(planned: list[Planned], context: Context, report: FileReport) -> None:
    if not needs_writing(planned):
        run_plan(planned, context, report, writes=False)  # reads only, and holds up nobody
        return
    try:
        with transaction.atomic():
            bulk.lock_ledgers()
            run_plan(planned, context, report, writes=False)
            raise TakeBack
    except TakeBack:
        return


def _context(batch: ImportBatch) -> Context:
    """What the planning needs to know. Raises DomainError when whoever brought the file can't bring it any more: the
    rows are reached by that account's scope, and the batch stays with the office."""
    if refusal := uploader_lacks(batch, {}, by=batch.by):
        raise DomainError(refusal)
    decisions = {}
    for place, record_id in batch.decisions.get("same", {}).items():
        sheet, _tab, row = place.rpartition("\t")
        decisions[(sheet, int(row))] = int(record_id)
    return Context(by=batch.by, file_name=batch.file_name, decisions=decisions, batch_id=batch.pk)


def _unions(part: Planned, context: Context) -> list[str]:
    """Names of the unions whose rows a table holds, the first few."""
    ids = dict.fromkeys(union_id for row in part.rows if (union_id := part.table.ledger.union_of(row)) is not None)
    return [context.unions.names[union_id] for union_id in list(ids)[:4] if union_id in context.unions.names]


# --- What a person says of a preview -------------------------------------------------------


def choose_columns(*, batch: ImportBatch, by: Any, choices: Mapping[tuple[str, str], str]) -> None:
    """Remember what headers mean for this office, and have the file checked again.

    `choices`: (ledger's title, header's key as `describe` gives it) -> a column's name, or "" to leave the column
    out. Raises DomainError for who may not write those ledgers, when a column is unknown or named twice, or the batch
    is past choosing.
    """
    # Nothing chosen is a check anew: as much as a choice on every ledger of the batch.
    Rights(by).require("columns", batch, titles={title for title, _key in choices} or None)
    texts = {(sheet["ledger"], column["key"]): column["text"] for sheet in batch.sheets for column in sheet["columns"]}
    columns = {ledger.title: {column.name for column in ledger.read_columns} for ledger in ledgers()}
    seen: set[tuple[str, str]] = set()
    for (title, key), column in choices.items():
        if title not in columns or (column and column not in columns[title]):
            raise DomainError("选的列不在台账里，请刷新页面后重新选择。")
        if column and (title, column) in seen:
            raise DomainError(f"「{texts.get((title, key), key)}」选的列已经给了另一个表头，一列只能对应一个表头。")
        seen.add((title, column))
    with transaction.atomic():
        _queue_check(batch)
        for (title, key), column in choices.items():
            HeaderChoice.objects.update_or_create(
                union_id=batch.union_id,
                ledger=title,
                header_key=fold(key)[:200],
                defaults={"header": texts.get((title, key), key)[:200], "column": column, "chosen_by": by},
            )


def decide(*, batch: ImportBatch, by: Any, decisions: Mapping[tuple[str, int], int]) -> None:
    """Keep what a person said of rows that may mean someone known, and have what was read planned again."""
    Rights(by).require("decide", batch)
    same = dict(batch.decisions.get("same", {}))
    same |= {f"{sheet}\t{row}": record_id for (sheet, row), record_id in decisions.items()}
    _queue_check(batch, reads_anew=False, decisions={**batch.decisions, "same": same})


def recheck(*, batch: ImportBatch, by: Any) -> None:
    """Queue another check. Raises DomainError for who may not, and when the batch is past that."""
    Rights(by).require("recheck", batch)
    _queue_check(batch)


@transaction.atomic
def _queue_check(batch: ImportBatch, *, reads_anew: bool = True, **values: Any) -> None:
    fitting = (BatchState.READY, BatchState.UNREADABLE, BatchState.FAILED)
    if not move(batch.pk, fitting, BatchState.QUEUED, error="", **values):
        raise DomainError("这份台账正在处理，或者已经导入、放弃，不能再改。请刷新页面查看。")
    if reads_anew:
        preview.drop(batch)


def discard(*, batch: ImportBatch, by: Any) -> None:
    """Give a preview up: its rows and its bytes are forgotten, that it was brought is not. Raises DomainError for who
    may not, and when the batch is past that."""
    Rights(by).require("discard", batch)
    with transaction.atomic():
        fitting = (BatchState.READY, BatchState.UNREADABLE, BatchState.FAILED)
        if not move(batch.pk, fitting, BatchState.DISCARDED):
            raise DomainError("这份台账正在处理，或者已经导入、放弃。请刷新页面查看。")
        preview.drop(batch)
        ImportFile.objects.filter(batch=batch).delete()


def forget_content(*, before: datetime, dry_run: bool = False) -> int:
    """Forget the bytes and checked rows of files brought before that moment and at rest; gives how many files.

    What happened to each row (ImportRow) stays, so that a batch can still be taken back; its marked workbook is gone.
    A preview that still waits is given up.
    """
    at_rest = (BatchState.WRITTEN, BatchState.UNREADABLE, BatchState.FAILED, BatchState.READY, BatchState.DISCARDED)
    old = ImportFile.objects.filter(batch__at__lt=before, batch__kind=BatchKind.IMPORT, batch__state__in=at_rest)
    if dry_run:
        return old.count()
    with transaction.atomic():
        batches = list(ImportBatch.objects.select_for_update(of=("self",)).filter(pk__in=old.values("batch")))
        for batch in batches:
            if batch.state not in (BatchState.WRITTEN, BatchState.DISCARDED):
                move(batch.pk, (batch.state,), BatchState.DISCARDED)
            preview.drop(batch)
        return ImportFile.objects.filter(batch__in=batches).delete()[0]


# --- Writing -------------------------------------------------------------------------------


def request_writing(*, batch: ImportBatch, by: Any, is_partial: bool, seen: str = "", reason: str = "") -> None:
    """Confirm a preview in `by`'s name. `seen`: the `outcome` that stood before the person, "" when
    nobody looked: whoever brought the file may write it so, nobody else. `reason`: why the office answers calls for
    unions below it, kept where it does.

    Raises DomainError for who may not, when it was confirmed already, was checked again with another outcome since,
    holds faults and all rows are wanted, or answers for others without a reason.
    """
    with transaction.atomic():
        current = ImportBatch.objects.select_for_update().get(pk=batch.pk)
        Rights(by).require("write", current)
        if current.state == BatchState.READY:
            if not current.concerns:
                raise DomainError("这份台账是系统更新以前检查的，请先点「重新检查」，看过结果再导入。")
            is_own = by is not None and by.pk == current.by_id
            if seen != current.outcome and (seen or not is_own):
                raise DomainError(
                    "您打开这一页以后，这份台账又检查过，结果和您看到的不一样。请再看一遍，确认无误再导入。"
                )
            if (current.rejected or current.undecided) and not is_partial:
                raise DomainError("还有退回或待辨认的行。请先改好，或者选择「只导入合格的行」。")
            if not current.new + current.changed + current.held:
                raise DomainError("没有可以导入的行：没有新增，也没有更新。")
            others = calls.answered_for_others(current) if by is not None else []
            reason = stated(reason, asked=f"为{calls.several(others)}代报的原因")[:200] if others else ""
        confirmed = {"is_partial": is_partial, "confirmed_by": by, "error": "", "reason": reason}
        if not move(batch.pk, (BatchState.READY,), BatchState.WAITING, **confirmed):
            raise DomainError("这次检查的结果已经导入过，或者正在导入，不能再写一次。请刷新页面查看。")


def write(batch_id: int, *, is_hurried: bool = False) -> bool:
    """Write what was confirmed, all of it in one transaction, or nothing. False: it was interrupted and waits to be
    tried again.

    When the records have changed since the check so that another outcome follows, nothing is written; the file is
    checked again (`is_hurried`: as of `check`) and the batch says why.
    """
    is_done = attempts.run(_WRITE, batch_id, partial(_write, batch_id))
    if is_done is not None:
        return bool(is_done)
    return not move(batch_id, (BatchState.WRITING,), BatchState.QUEUED, error=STALE) or check(
        batch_id, is_hurried=is_hurried
    )


def _write(batch_id: int, progress: Progress) -> bool | None:
    """None: the preview is stale."""
    try:
        with transaction.atomic():
            bulk.lock_ledgers()
            locked = ImportBatch.objects.select_for_update(of=("self",), no_key=True)
            batch = locked.select_related("by", "confirmed_by").get(pk=batch_id)
            if batch.state != BatchState.WRITING:
                return True  # another worker was quicker
            progress.step(batch.rows)
            context, notes = _context(batch), batch.messages
            Rights(batch.confirmed_by or batch.by).require("write", batch)  # rights may have gone since
            planned = preview.take(batch, progress.tick)
            progress.step()
            context.tick = progress.tick
            progress.step(batch.new + batch.changed)

            def is_seen() -> bool:
                progress.step()
                packed = [preview.outcomes(rows) for _table, rows in preview.in_chunks(planned)]
                return preview.digest(packed) == batch.outcome

            report = FileReport(batch.file_name)
            with acting_as(batch.confirmed_by or batch.by):
                write_planned(batch, planned, context, report, is_seen, registers=False)  # the check has
            # What was said of sheets that are no tables is known from the check only.
            ImportBatch.objects.filter(pk=batch_id).update(messages=notes)
    except TakeBack:
        return None
    return True


def write_planned(
    batch: ImportBatch,
    planned: list[Planned],
    context: Context,
    report: FileReport,
    is_wanted: Callable[[], bool],
    *,
    registers: bool,
) -> None:
    """Plan the rows, write them, and keep what happened. Raises TakeBack when it isn't wanted so."""
    screen(planned, context, registers=registers)
    run_plan(planned, context, report, writes=True)
    if not is_wanted():
        raise TakeBack
    record(batch, planned, report)
