"""A step that ends before its time: the database is gone, the reading child was killed, the worker died.

None of these says anything of the file, so the batch goes back to where it waited and is tried again. But a file that
ends its worker each time must not do so for ever: after MOST tries it has failed, in words, and the next one comes up.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.db.models import F
from django.utils import timezone

from pingtang_union.core.exceptions import DomainError, Interrupted
from pingtang_union.ledger.importing.plan import constraint_message, without_garbage_collection
from pingtang_union.ledger.importing.progress import LOST_AFTER_SECONDS, Progress, standing
from pingtang_union.ledger.models import BatchKind, BatchState, ImportBatch

logger = logging.getLogger(__name__)
MOST = 3
NOT_LOST = "这份台账没有中断，不用继续。"
# Whatever the database answers to a row is an IntegrityError or a DataError; these come of connections, locks, memory.
INTERRUPTIONS = (Interrupted, OperationalError, InterfaceError)
GIVEN_UP = (
    f"连续 {MOST} 次没有做完就中断了，没有导入任何内容。可能是文件太大，或者服务器、数据库出了问题。"
    "请稍后再试；仍然不行，请联系县总工会系统管理员。"
)


@dataclass(frozen=True, slots=True)
class Stage:
    """What is done with a batch of a kind: where it waits and where it runs, the phases that are told, how a refusal
    begins, and what is said when anything else fails."""

    name: str
    kind: str
    waiting: str
    running: str
    phases: tuple[tuple[str, float], ...]
    refused: str
    broken: str


def run(stage: Stage, batch_id: int, work: Callable[[Progress], Any]) -> Any:
    """Do a step and give what `work` gives. True: it failed, which the batch says, or was not to be done. False: it
    was interrupted and waits to be tried again."""
    if not begin(stage.kind, batch_id, stage.waiting, stage.running):
        return True
    progress = Progress(batch_id, stage.phases)
    try:
        with without_garbage_collection():
            return work(progress)
    except INTERRUPTIONS as error:
        put_back(batch_id, stage.running, stage.waiting, error)
        return False
    except DomainError as error:
        _fail(stage, batch_id, f"{stage.refused}{error}")
    except DatabaseError as error:
        logger.exception("batch %s: the database refused its rows", batch_id)
        _fail(stage, batch_id, f"{stage.refused}{constraint_message(error)}")
    except Exception:
        logger.exception("batch %s: %s failed", batch_id, stage.name)
        _fail(stage, batch_id, stage.broken)
    finally:
        progress.end()
    return True


def _fail(stage: Stage, batch_id: int, error: str) -> None:
    """Say why, unless another worker has done it meanwhile."""
    connect_again()
    move(batch_id, (stage.running,), BatchState.FAILED, kind=stage.kind, error=error)


def move(batch_id: int, fitting: tuple[str, ...], state: str, *, kind: Any = BatchKind.IMPORT, **values: Any) -> bool:
    """Move a batch on, if it is where it should be: of two clerks, or two workers, one does it."""
    batches = ImportBatch.objects.filter(pk=batch_id, kind=kind, state__in=fitting)
    return bool(batches.update(state=state, attempts=0, moved_at=timezone.now(), **values))


def begin(kind: str, batch_id: int, waiting: str, running: str) -> bool:
    """Move a batch that waits on to the step that now runs, and count the try. False when it doesn't wait, which
    includes that somebody is at it, or when this is one try too many: then it has failed."""
    batches = ImportBatch.objects.filter(pk=batch_id, kind=kind, state=waiting)
    moved = {"moved_at": timezone.now()}
    if batches.filter(attempts__lt=MOST).update(state=running, attempts=F("attempts") + 1, **moved):
        return True
    if batches.update(state=BatchState.FAILED, attempts=0, error=GIVEN_UP, **moved):
        logger.error("batch %s: given up after %s tries", batch_id, MOST)
    return False


def put_back(batch_id: int, running: str, waiting: str, error: Exception) -> None:
    """Let a batch wait again. Raises the database's error when it can't be reached even now: then the batch is swept
    up later (ledger.importing.tasks)."""
    logger.warning("batch %s: interrupted while %s, waits again", batch_id, running, exc_info=error)
    connect_again()
    ImportBatch.objects.filter(pk=batch_id, state=running).update(state=waiting, moved_at=timezone.now())


def connect_again() -> None:
    """Let go of a connection that an error has left useless; the next question opens another."""
    if not connection.in_atomic_block:
        connection.close_if_unusable_or_obsolete()


def is_lost(batch: ImportBatch) -> bool:
    """Whether a batch is said to run, but whoever ran it has died."""
    return batch.state in (BatchState.CHECKING, BatchState.WRITING) and is_silent(batch)


def is_silent(batch: ImportBatch) -> bool:
    """Whether nobody has told of a running batch for so long that nobody is at it. A step that has only just begun,
    or is about to, has told of nothing yet."""
    told = standing(batch.pk)
    if told is not None:
        return told.is_lost
    return batch.moved_at is None or (timezone.now() - batch.moved_at).total_seconds() > LOST_AFTER_SECONDS


def resume_step(batch: ImportBatch) -> str:
    """Which step takes a running batch up again: "check", "write" or "undo". Raises DomainError when none does; a
    failed one has `recheck`."""
    if batch.state in (BatchState.QUEUED, BatchState.CHECKING):
        return "check"
    if batch.state in (BatchState.WAITING, BatchState.WRITING):
        return "undo" if batch.kind == BatchKind.UNDO else "write"
    raise DomainError(NOT_LOST)
