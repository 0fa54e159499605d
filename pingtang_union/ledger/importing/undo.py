"""Taking a batch back: previous values return, new records go, what someone has touched since stays and is listed.

The undoing is a batch of its own, with the reason and a row for each row that it looked at.
"""

from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from typing import Any, cast

from django.db import IntegrityError, transaction
from django.utils import timezone

from pingtang_union.core.audit import acting_as
from pingtang_union.core.exceptions import DomainError
from pingtang_union.ledger import bulk
from pingtang_union.ledger.context import Context
from pingtang_union.ledger.declaration import ledgers
from pingtang_union.ledger.importing import attempts
from pingtang_union.ledger.importing.plan import keep_rows
from pingtang_union.ledger.importing.progress import UNDOING, Progress
from pingtang_union.ledger.models import BatchKind, BatchState, ImportBatch, ImportRow, LedgerReturn, Verdict
from pingtang_union.ledger.outcome import RowOutcome
from pingtang_union.ledger.rights import Rights

BROKEN = "处理时出了错，没有撤销任何内容。请再撤销一次；仍然不行，请联系县总工会系统管理员。"
_UNDO = attempts.Stage("undoing", BatchKind.UNDO, BatchState.WAITING, BatchState.WRITING, UNDOING, "没有撤销：", BROKEN)


def request_undo(*, batch: ImportBatch, by: Any, reason: str) -> ImportBatch:
    """Queue the undoing of `batch`; one that stopped is taken up again, by whoever asks now.

    Raises DomainError for who may not, without a reason of at least four characters, or when the batch can't be undone
    (not written, an undoing itself, undone before).
    """
    Rights(by).require("undo", batch)
    reason = " ".join(reason.split())
    if len(reason) < 4:
        raise DomainError("请写明撤销的原因（至少 4 个字），原因会留在导入记录里。")
    if batch.kind != BatchKind.IMPORT or batch.state != BatchState.WRITTEN:
        raise DomainError("只有已经导入的导入可以撤销；撤销本身不能再撤销，需要时请重新导入原来的文件。")
    union_id = by.union_id if by else batch.union_id
    stopped = ImportBatch.objects.filter(undoes=batch, state=BatchState.FAILED)
    waits = {"state": BatchState.WAITING, "moved_at": timezone.now()}
    if stopped.update(union_id=union_id, by=by, reason=reason, error="", **waits):
        return ImportBatch.objects.get(undoes=batch)
    try:
        with transaction.atomic():
            return ImportBatch.objects.create(
                union_id=union_id,
                by=by,
                kind=BatchKind.UNDO,
                **waits,
                file_name=f"撤销：{batch.file_name}"[:255],
                sha256=batch.sha256,
                undoes=batch,
                reason=reason,
            )
    except IntegrityError:
        raise DomainError("本次导入已撤销，或者正在撤销。") from None


def carry_out(undoing_id: int) -> bool:
    """Take back, all of it in one transaction. Whatever fails leaves everything as it is, and the undoing FAILED;
    False: it was interrupted and waits to be tried again."""

    def work(progress: Progress) -> bool:
        with transaction.atomic():
            bulk.lock_ledgers()
            locked = ImportBatch.objects.select_for_update(of=("self",), no_key=True)
            undoing = locked.select_related("by", "undoes").get(pk=undoing_id)
            if undoing.state == BatchState.WRITING:  # otherwise another worker was quicker
                Rights(undoing.by).require("undo", cast(ImportBatch, undoing.undoes))  # it may have gone since
                with acting_as(undoing.by):
                    _carry_out(undoing, progress)
        return True

    return bool(attempts.run(_UNDO, undoing_id, work))


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
    bulk.hold_still(model for title, ledger in by_title.items() if title in titles for model in ledger.writes)
    undone: list[RowOutcome] = []
    # The last written goes first: attendances before their course.
    for title, group in groupby(rows, key=lambda row: row.ledger):
        undone += by_title[title].undo(list(group), context)
    if batch.held:
        for ledger in by_title.values():
            ledger.taken_back(context)
    _record(undoing, undone)


def _record(undoing: ImportBatch, rows: Sequence[RowOutcome]) -> None:
    keep_rows(undoing, rows)
    counts = Counter(row.verdict for row in rows)
    undoing.rows = len(rows)
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
    undoing.written_at = undoing.moved_at = timezone.now()
    undoing.attempts, undoing.error = 0, ""
    undoing.save()
