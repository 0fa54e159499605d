"""A file from an office to the records, in steps with a person between them.

    deliver → check → (choose columns, decide rows → check again) → write, once → undo (core.ledger.undo)

Each step says in the batch's state how far it is; a worker that dies leaves nothing half-written and the batch where
`resume` can take it up. Functions that change a batch take it by a condition on its state, so that of two clerks, or
two workers, one does it.
"""

import hashlib
import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from auditlog.context import set_actor
from django.conf import settings
from django.db import DatabaseError, transaction
from django.utils import timezone

from pingtang_union.core import crypto
from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.ledger import bulk, stash
from pingtang_union.core.ledger.context import Context
from pingtang_union.core.ledger.parse import SAMPLED_ROWS, Parsed, describe, parse
from pingtang_union.core.ledger.planning import (
    Planned,
    TakeBack,
    constraint_message,
    counts_of,
    needs_writing,
    record,
    run_plan,
    sheet_messages,
    without_garbage_collection,
)
from pingtang_union.core.ledger.progress import CHECKING, WRITING, Progress, standing
from pingtang_union.core.ledger.read import MAX_BYTES, UnreadableFile, safe_name, unpacked_size
from pingtang_union.core.ledger.report import FileReport
from pingtang_union.core.ledger.rows import read_rows
from pingtang_union.core.ledger.schema import ledgers
from pingtang_union.core.models import (
    BatchKind,
    BatchState,
    HeaderChoice,
    ImportBatch,
    ImportFile,
)
from pingtang_union.core.text import fold

logger = logging.getLogger(__name__)
_UNPACKED_TIMES = 20  # what a ledger's XML is of the archive; most are ten times as large
BROKEN = "处理时出了错，没有写入任何内容。请点「重新检查」再试；仍然不行，请联系县总工会系统管理员。"
STALE = "上次检查以后，有关的记录有人改动过，已按现在的记录重新检查。请再看一遍，确认无误再写入。"


def deliver(*, by: Any, name: str, content: bytes) -> ImportBatch:
    """Take a file in: keep its bytes sealed, and queue its check. Raises UnreadableFile when it is too large."""
    if len(content) > MAX_BYTES:
        raise UnreadableFile(too_large(len(content)))
    with transaction.atomic():
        batch = ImportBatch.objects.create(
            union_id=by.union_id,
            by=by,
            state=BatchState.QUEUED,
            file_name=safe_name(name),
            sha256=hashlib.sha256(content).hexdigest(),
        )
        ImportFile.objects.create(batch=batch, content=crypto.seal_bytes(content), size=len(content))
    return batch


def too_large(size: int) -> str:
    """Why a file of so many bytes is not taken."""
    return f"文件有 {size // 1024 // 1024} MB，最大 {MAX_BYTES // 1024 // 1024} MB，请按工会分成几个文件。"


def is_large(batch: ImportBatch) -> bool:
    """Whether a worker should have the file, rather than the person wait for the page: for its size, or for what it
    claims to be once unpacked."""
    if batch.file.size > settings.LEDGER_INLINE_BYTES:
        return True
    return unpacked_size(file_content(batch)) > _UNPACKED_TIMES * settings.LEDGER_INLINE_BYTES


def file_content(batch: ImportBatch) -> bytes:
    """The bytes that were brought. Raises DomainError when they are no longer kept."""
    file = ImportFile.objects.filter(batch=batch).first()
    if file is None:
        raise DomainError("这个文件已经不再保存，请重新上传。")
    return crypto.unseal_bytes(file.content)


def _take(batch_id: int, fitting: tuple[str, ...], state: str, **values: Any) -> bool:
    """Move a batch on, if it is where it should be. An undoing has ways of its own."""
    batches = ImportBatch.objects.filter(pk=batch_id, kind=BatchKind.IMPORT, state__in=fitting)
    return bool(batches.update(state=state, **values))


def header_choices(union_id: int) -> dict[tuple[str, str], str]:
    """What an office has said of its headers."""
    rows = HeaderChoice.objects.filter(union_id=union_id).values_list("ledger", "header_key", "column")
    return {(ledger, key): column for ledger, key, column in rows}


# --- Checking ------------------------------------------------------------------------------


def check(batch_id: int) -> None:
    """Read the file and plan each row; nothing is written but the batch itself. Ends in READY, UNREADABLE or FAILED."""
    if not _take(batch_id, (BatchState.QUEUED, BatchState.CHECKING), BatchState.CHECKING):
        return
    batch = ImportBatch.objects.select_related("by", "union").get(pk=batch_id)
    progress = Progress(batch_id, CHECKING)
    try:
        with without_garbage_collection():
            _check(batch, progress)
    except DomainError as error:
        _take(batch_id, (BatchState.CHECKING,), BatchState.FAILED, error=str(error))
    except Exception:
        logger.exception("checking batch %s failed", batch_id)
        _take(batch_id, (BatchState.CHECKING,), BatchState.FAILED, error=BROKEN)
    finally:
        progress.end()


def _check(batch: ImportBatch, progress: Progress) -> None:
    progress.step()
    parsed = parse(batch.file_name, file_content(batch), header_choices(batch.union_id))
    if parsed.error:
        _unreadable(batch, parsed)
        return
    report = FileReport(batch.file_name)
    progress.step(sum(len(table.sheet.rows) for table in parsed.tables))
    try:
        planned = [Planned(table, read_rows(table, progress.tick)) for table in parsed.tables]
    except UnreadableFile as error:
        parsed.error = f"「{parsed.name}」{error}"
        _unreadable(batch, parsed)
        return
    for one in planned:  # the plans hold what the cells said; a few are shown as samples
        del one.table.sheet.rows[one.table.header.row + 1 + SAMPLED_ROWS :]
    before = [stash.cleaned(table, rows) for table, rows in stash.in_chunks(planned)]
    progress.step()
    context = _context(batch)
    _plan_without_writing(planned, context, report)
    progress.step()
    after = [stash.outcomes(rows) for _table, rows in stash.in_chunks(planned)]
    report.sheets += parsed.notes
    described = [{**describe(one.table), "rows": len(one.rows), "unions": _unions(one, context)} for one in planned] + [
        {**describe(table, is_read=False), "rows": 0, "unions": []} for table in parsed.nearest
    ]
    with transaction.atomic():
        is_ours = _take(
            batch.pk,
            (BatchState.CHECKING,),
            BatchState.READY,
            outcome=stash.digest(after),
            sheets=described,
            messages=sheet_messages(report),
            checked_at=timezone.now(),
            **counts_of(report),
        )
        if is_ours:  # otherwise someone took it up meanwhile and was quicker, or gave it up
            stash.keep(batch, planned, before, after)


def _unreadable(batch: ImportBatch, parsed: Parsed) -> None:
    with transaction.atomic():
        is_ours = _take(
            batch.pk,
            (BatchState.CHECKING,),
            BatchState.UNREADABLE,
            error=parsed.error,
            sheets=[{**describe(table, is_read=False), "rows": 0, "unions": []} for table in parsed.nearest],
            checked_at=timezone.now(),
        )
        if is_ours:
            stash.drop(batch)


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
    except DatabaseError as error:
        raise DomainError(constraint_message(error)) from error


def _context(batch: ImportBatch) -> Context:
    """What the planning needs to know. Raises DomainError when who brought the file serves another union by now: the
    rows are reached by that account's scope, and the batch stays with the office."""
    if batch.by is not None and batch.by.union_id != batch.union_id:
        raise DomainError("上传这份台账的人已不在原来的单位，不能再用。请重新上传文件。")
    said = batch.decisions.get("same", {})
    decisions = {}
    for place, record_id in said.items():
        sheet, _tab, row = place.rpartition("\t")
        decisions[(sheet, int(row))] = int(record_id)
    return Context(by=batch.by, file_name=batch.file_name, decisions=decisions, batch_id=batch.pk)


def _unions(one: Planned, context: Context) -> list[str]:
    """Names of the unions whose rows a table holds, the first few."""
    ids = dict.fromkeys(union_id for row in one.rows if (union_id := one.table.ledger.union_of(row)) is not None)
    return [context.unions.names[union_id] for union_id in list(ids)[:4] if union_id in context.unions.names]


# --- What a person says of a preview -------------------------------------------------------


def choose_columns(*, batch: ImportBatch, by: Any, choices: Mapping[tuple[str, str], str]) -> None:
    """Remember what headers mean for this office, and have the file checked again.

    `choices`: (ledger's title, header's key as `describe` gives it) -> a column's name, or "" to leave the column
    out. Raises DomainError when a column is unknown or named twice, or the batch is past choosing.
    """
    texts = {(sheet["ledger"], column["key"]): column["text"] for sheet in batch.sheets for column in sheet["columns"]}
    columns = {ledger.title: {column.name for column in ledger.columns} for ledger in ledgers()}
    seen: set[tuple[str, str]] = set()
    for (title, key), column in choices.items():
        if title not in columns or (column and column not in columns[title]):
            raise DomainError("选的列不在台账里，请刷新页面后重新选择。")
        if column and (title, column) in seen:
            raise DomainError(f"「{texts.get((title, key), key)}」选的列已经给了另一个表头，一列只能对应一个表头。")
        seen.add((title, column))
    with transaction.atomic():
        for (title, key), column in choices.items():
            HeaderChoice.objects.update_or_create(
                union_id=batch.union_id,
                ledger=title,
                header_key=fold(key)[:200],
                defaults={"header": texts.get((title, key), key)[:200], "column": column, "chosen_by": by},
            )
        recheck(batch=batch)


def decide(*, batch: ImportBatch, decisions: Mapping[tuple[str, int], int]) -> None:
    """Keep what a person said of rows that may mean someone known, and have the file checked again."""
    same = dict(batch.decisions.get("same", {}))
    same |= {f"{sheet}\t{row}": record_id for (sheet, row), record_id in decisions.items()}
    with transaction.atomic():
        recheck(batch=batch, decisions={**batch.decisions, "same": same})


def recheck(*, batch: ImportBatch, **values: Any) -> None:
    """Queue another check. Raises DomainError when the batch is past that."""
    fitting = (BatchState.READY, BatchState.UNREADABLE, BatchState.FAILED)
    if not _take(batch.pk, fitting, BatchState.QUEUED, error="", **values):
        raise DomainError("这份台账正在处理，或者已经写入、放弃，不能再改。请刷新页面查看。")


def discard(*, batch: ImportBatch) -> None:
    """Give a preview up: its rows and its bytes are forgotten, that it was brought is not."""
    with transaction.atomic():
        fitting = (BatchState.READY, BatchState.UNREADABLE, BatchState.FAILED)
        if not _take(batch.pk, fitting, BatchState.DISCARDED):
            raise DomainError("这份台账正在处理，或者已经写入、放弃。请刷新页面查看。")
        stash.drop(batch)
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
                _take(batch.pk, (batch.state,), BatchState.DISCARDED)
            stash.drop(batch)
        return ImportFile.objects.filter(batch__in=batches).delete()[0]


# --- Writing -------------------------------------------------------------------------------


def request_writing(*, batch: ImportBatch, by: Any, is_partial: bool, seen: str = "") -> None:
    """Confirm a preview, which is kept as `by`'s deed. `seen`: the `outcome` that stood before the person, "" when
    nobody looked.

    Raises DomainError when it was confirmed already, was checked again with another outcome since, or holds faults
    and all rows are wanted.
    """
    with transaction.atomic():
        current = ImportBatch.objects.select_for_update().get(pk=batch.pk)
        if current.state == BatchState.READY:
            if seen and seen != current.outcome:
                raise DomainError(
                    "您打开这一页以后，这份台账又检查过，结果和您看到的不一样。请再看一遍，确认无误再写入。"
                )
            if (current.rejected or current.undecided) and not is_partial:
                raise DomainError("还有退回或待辨认的行。请先改好，或者选择「只写入合格的行」。")
            if not current.new + current.changed:
                raise DomainError("没有可以写入的行：没有新增，也没有更新。")
        confirmed = {"is_partial": is_partial, "confirmed_by": by, "error": ""}
        if not _take(batch.pk, (BatchState.READY,), BatchState.WAITING, **confirmed):
            raise DomainError("这次检查的结果已经写入过，或者正在写入，不能再写一次。请刷新页面查看。")


def write(batch_id: int) -> None:
    """Write what was confirmed, all of it in one transaction, or nothing.

    When the records have changed since the check so that another outcome follows, nothing is written; the file is
    checked again and the batch says why.
    """
    if not _take(batch_id, (BatchState.WAITING, BatchState.WRITING), BatchState.WRITING):
        return
    progress = Progress(batch_id, WRITING)
    try:
        with without_garbage_collection():
            is_fresh = _write(batch_id, progress)
    except DatabaseError as error:
        logger.exception("the database refused batch %s", batch_id)
        _take(batch_id, (BatchState.WRITING,), BatchState.FAILED, error=f"没有写入：{constraint_message(error)}")
        return
    except DomainError as error:
        _take(batch_id, (BatchState.WRITING,), BatchState.FAILED, error=f"没有写入：{error}")
        return
    except Exception:
        logger.exception("writing batch %s failed", batch_id)
        _take(batch_id, (BatchState.WRITING,), BatchState.FAILED, error=BROKEN)
        return
    finally:
        progress.end()
    if not is_fresh and _take(batch_id, (BatchState.WRITING,), BatchState.QUEUED):
        check(batch_id)
        ImportBatch.objects.filter(pk=batch_id, state=BatchState.READY).update(error=STALE)


def _write(batch_id: int, progress: Progress) -> bool:
    try:
        with transaction.atomic():
            bulk.lock_ledgers()
            locked = ImportBatch.objects.select_for_update(of=("self",), no_key=True)
            batch = locked.select_related("by", "confirmed_by").get(pk=batch_id)
            if batch.state != BatchState.WRITING:
                return True  # another worker was quicker
            progress.step(batch.rows)
            planned = stash.take(batch, progress.tick)
            progress.step()
            context = _context(batch)
            report = FileReport(batch.file_name)
            context.tick = progress.tick
            progress.step(batch.new + batch.changed)
            run_plan(planned, context, report, writes=True)
            progress.step()
            if stash.digest([stash.outcomes(rows) for _table, rows in stash.in_chunks(planned)]) != batch.outcome:
                raise TakeBack
            notes = batch.messages
            with set_actor(batch.confirmed_by or batch.by):
                record(batch, planned, report)
                # What was said of sheets that are no tables is known from the check only.
                ImportBatch.objects.filter(pk=batch_id).update(messages=notes)
    except TakeBack:
        return False
    return True


# --- Where a batch stands ------------------------------------------------------------------


def is_lost(batch: ImportBatch) -> bool:
    """Whether a batch is said to run, but whoever ran it has died."""
    if batch.state not in (BatchState.CHECKING, BatchState.WRITING):
        return False
    told = standing(batch.pk)
    return told is None or told.is_lost


def resume_step(batch: ImportBatch) -> str:
    """Which step takes a running batch up again: "check", "write" or "undo". Raises DomainError when none does; a
    failed one has `recheck`."""
    if batch.state in (BatchState.QUEUED, BatchState.CHECKING):
        return "check"
    if batch.state in (BatchState.WAITING, BatchState.WRITING):
        return "undo" if batch.kind == BatchKind.UNDO else "write"
    raise DomainError("这份台账没有中断，不用继续。")
