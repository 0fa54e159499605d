"""Taking a batch back: previous values return, new records go, what someone has touched since stays and is listed.

The undoing is a batch of its own, with the reason and a row for each row that it looked at.
"""

import json
import logging
from collections import Counter
from collections.abc import Iterable
from itertools import groupby
from typing import Any

from auditlog.context import set_actor
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.ledger import bulk
from pingtang_union.core.ledger.context import Context
from pingtang_union.core.ledger.planning import constraint_message, without_garbage_collection
from pingtang_union.core.ledger.progress import UNDOING, Progress
from pingtang_union.core.ledger.schema import UndoneRow, ledgers
from pingtang_union.core.models import BatchKind, BatchState, ImportBatch, ImportRow, LedgerReturn, Verdict

logger = logging.getLogger(__name__)
BROKEN = "处理时出了错，没有撤销任何内容。请再撤销一次；仍然不行，请联系县总工会系统管理员。"
_INLINE_ROWS = 2000  # taken back while the person waits: about a second


def request_undo(*, batch: ImportBatch, by: Any, reason: str) -> ImportBatch:
    """Queue the undoing of `batch`; one that stopped is taken up again, by whoever asks now.

    Raises DomainError without a reason of at least four characters, or when the batch can't be undone (not written,
    an undoing itself, undone before).
    """
    reason = " ".join(reason.split())
    if len(reason) < 4:
        raise DomainError("请写明撤销的原因（至少 4 个字），原因会留在导入记录里。")
    if batch.kind != BatchKind.IMPORT or batch.state != BatchState.WRITTEN:
        raise DomainError("只有已经写入的导入可以撤销；撤销本身不能再撤销，需要时请重新导入原来的文件。")
    union_id = by.union_id if by else batch.union_id
    stopped = ImportBatch.objects.filter(undoes=batch, state=BatchState.FAILED)
    if stopped.update(union_id=union_id, by=by, state=BatchState.WAITING, reason=reason, error=""):
        return ImportBatch.objects.get(undoes=batch)
    try:
        with transaction.atomic():
            return ImportBatch.objects.create(
                union_id=union_id,
                by=by,
                kind=BatchKind.UNDO,
                state=BatchState.WAITING,
                file_name=f"撤销：{batch.file_name}"[:255],
                sha256=batch.sha256,
                undoes=batch,
                reason=reason,
            )
    except IntegrityError:
        raise DomainError("这个批次已经撤销过，或者正在撤销。") from None


def is_large(undoing: ImportBatch) -> bool:
    """Whether a worker should do it, rather than the person wait for the page."""
    assert undoing.undoes is not None  # noqa: S101  it is an undoing
    return undoing.undoes.rows > _INLINE_ROWS


def carry_out(undoing_id: int) -> None:
    """Take back, all of it in one transaction. Whatever fails leaves everything as it is, and the undoing FAILED."""
    fitting = (BatchState.WAITING, BatchState.WRITING)
    claimed = ImportBatch.objects.filter(pk=undoing_id, kind=BatchKind.UNDO, state__in=fitting)
    if not claimed.update(state=BatchState.WRITING, error=""):
        return
    progress = Progress(undoing_id, UNDOING)
    try:
        with without_garbage_collection(), transaction.atomic():
            bulk.lock_ledgers()
            locked = ImportBatch.objects.select_for_update(of=("self",), no_key=True)
            undoing = locked.select_related("by", "undoes").get(pk=undoing_id)
            if undoing.state == BatchState.WRITING:
                with set_actor(undoing.by):
                    _carry_out(undoing, progress)
    except DatabaseError as error:
        logger.exception("the database refused undoing %s", undoing_id)
        _stop(undoing_id, f"没有撤销：{constraint_message(error)}")
    except Exception:
        logger.exception("undoing %s failed", undoing_id)
        _stop(undoing_id, BROKEN)
    finally:
        progress.end()


def _stop(undoing_id: int, error: str) -> None:
    """Say why, unless another worker has done it meanwhile."""
    running = ImportBatch.objects.filter(pk=undoing_id, state=BatchState.WRITING)
    running.update(state=BatchState.FAILED, error=error)


def _carry_out(undoing: ImportBatch, progress: Progress) -> None:
    batch = undoing.undoes
    assert batch is not None  # noqa: S101  it is an undoing
    progress.step()
    rows = list(
        ImportRow.objects.filter(batch=batch, verdict__in=(Verdict.NEW, Verdict.CHANGED), object_id__isnull=False)
        .select_related("batch")
        .order_by("-pk")
    )
    progress.step(len(rows))
    # What is taken back has not been returned; and a return refers to its union, which may be to go.
    LedgerReturn.objects.filter(batch=batch).delete()
    context = Context(by=undoing.by, file_name=batch.file_name, batch_id=batch.pk, tick=progress.tick)
    by_title = {ledger.title: ledger for ledger in ledgers()}
    titles = {row.ledger for row in rows}
    bulk.hold_still(one.model for one in ledgers() if one.title in titles and one.model is not None)
    undone: list[UndoneRow] = []
    # The last written goes first: attendances before their course.
    for title, group in groupby(rows, key=lambda row: row.ledger):
        undone += by_title[title].undo(list(group), context)
    _record(undoing, undone)


def _record(undoing: ImportBatch, undone: Iterable[UndoneRow]) -> None:
    undone = list(undone)
    counts = Counter(one.verdict for one in undone)
    names = ("batch_id", "sheet", "ledger", "row", "number", "name", "verdict", "model", "object_id", "before")
    bulk.insert(
        ImportRow,
        (*names, "after", "messages"),
        (
            (
                undoing.pk,
                one.row.sheet,
                one.row.ledger,
                one.row.row,
                one.row.number,
                one.row.name,
                str(one.verdict),
                one.row.model,
                one.row.object_id,
                json.dumps(one.before, ensure_ascii=False) if one.before else None,
                json.dumps(one.after, ensure_ascii=False) if one.after else None,
                json.dumps([["", "warn", one.text]], ensure_ascii=False) if one.text else None,
            )
            for one in undone
        ),
    )
    undoing.rows = len(undone)
    undoing.changed = counts[Verdict.RESTORED]
    undoing.messages = [
        {
            "sheet": "",
            "verdict": "warn",
            "message": f"恢复原值 {counts[Verdict.RESTORED]} 条，删除 {counts[Verdict.REMOVED]} 条，"
            f"导入以后有人改过或用到而保留 {counts[Verdict.KEPT]} 条。",
        }
    ]
    undoing.state = BatchState.WRITTEN
    undoing.written_at = timezone.now()
    undoing.save()
