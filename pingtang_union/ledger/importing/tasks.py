"""Work that a worker does (`manage.py worker`): checking, writing and taking back large ledgers. One line of the log
for each, with the batch and what came of it."""

import logging
import time
from collections.abc import Callable
from functools import partial
from typing import Any, TypeAlias

from django.db.models import Q
from django.utils import timezone
from django_tasks import TaskResultStatus, task
from django_tasks_db.models import DBTaskResult

from pingtang_union.core.exceptions import DomainError
from pingtang_union.ledger.importing import attempts, steps, undo
from pingtang_union.ledger.importing.progress import forget
from pingtang_union.ledger.models import RUNNING, BatchState, ImportBatch
from pingtang_union.ledger.rights import Rights

logger = logging.getLogger(__name__)


@task()
def check_ledger(batch_id: int) -> None:
    """Check a file brought in."""
    _run("check", steps.check, batch_id)


@task()
def write_ledger(batch_id: int) -> None:
    """Write a confirmed preview."""
    _run("write", steps.write, batch_id)


@task()
def undo_ledger(batch_id: int) -> None:
    """Take a batch back; `batch_id` is the undoing's own."""
    _run("undo", undo.carry_out, batch_id)


def _run(step: str, work: Callable[[int], bool], batch_id: int) -> None:
    began = time.monotonic()
    try:
        is_done = work(batch_id)
    except Exception:
        logger.exception("batch %s: %s broke off after %.1f s", batch_id, step, time.monotonic() - began)
        raise
    seconds = time.monotonic() - began
    batch = ImportBatch.objects.filter(pk=batch_id).only("state", "error").first()
    if batch is None:
        logger.warning("batch %s: %s found no such batch", batch_id, step)
    elif batch.state == BatchState.FAILED:
        logger.error("batch %s: %s failed after %.1f s: %s", batch_id, step, seconds, batch.error)
    else:
        logger.info("batch %s: %s took %.1f s, now %s", batch_id, step, seconds, batch.state)
    if not is_done:
        again(batch_id)


def again(batch_id: int) -> None:
    """Queue the step at which a batch waits, after it was interrupted."""
    batch = ImportBatch.objects.filter(pk=batch_id, state__in=(BatchState.QUEUED, BatchState.WAITING)).first()
    if batch is not None:
        _STEPS[attempts.resume_step(batch)].enqueue(batch_id)


def requeue_interrupted(worker_id: str = "") -> int:
    """Queue again what a worker left when it died, what a server was at when it died, and what was never queued;
    returns how many.

    Without `worker_id` whatever runs is taken for dead: only for a worker that starts and knows that no other runs. A
    running worker gives its own, between two jobs.
    """
    running = DBTaskResult.objects.running()
    died = [result for result in running if not worker_id or worker_id in result.worker_ids]
    for batch in ImportBatch.objects.filter(pk__in=[pk for result in died for pk in result.args_kwargs["args"]]):
        _wait_again(batch)
    taken_up = DBTaskResult.objects.filter(pk__in=[result.pk for result in died]).update(status=TaskResultStatus.READY)
    stored = DBTaskResult.objects.filter(Q(status=TaskResultStatus.READY) | Q(status=TaskResultStatus.RUNNING))
    queued = {batch_id for kept in stored.values_list("args_kwargs", flat=True) for batch_id in kept["args"]}
    for batch in ImportBatch.objects.filter(state__in=RUNNING).exclude(pk__in=queued):
        if attempts.is_silent(batch):  # otherwise a small one, which a server works on right now
            take_up(batch)
            taken_up += 1
    return taken_up


def resume(*, batch: ImportBatch, by: Any) -> None:
    """Take up what a worker left. Raises DomainError for who may not, and when the batch isn't lost."""
    Rights(by).require("resume", batch)
    if not attempts.is_lost(batch):
        raise DomainError(attempts.NOT_LOST)
    take_up(batch)


def take_up(batch: ImportBatch) -> None:
    """Queue the step again at which a batch stands; from then on it waits. Raises DomainError when it stands at
    none."""
    step = _STEPS[attempts.resume_step(batch)]
    _wait_again(batch)
    step.enqueue(batch.pk)


def _wait_again(batch: ImportBatch) -> None:
    """Put a batch back that whoever ran it has left, since only what waits is begun."""
    if before := _WAITING.get(batch.state):
        forget(batch.pk)
        ImportBatch.objects.filter(pk=batch.pk, state=batch.state).update(state=before, moved_at=timezone.now())


_WAITING: dict[str, BatchState] = {
    BatchState.CHECKING: BatchState.QUEUED,
    BatchState.WRITING: BatchState.WAITING,
}
_STEPS = {"check": check_ledger, "write": write_ledger, "undo": undo_ledger}

# A step as the worker does it, and while the person waits.
Step: TypeAlias = tuple[Any, Callable[[int], bool]]
CHECK: Step = (check_ledger, partial(steps.check, is_hurried=True))
WRITE: Step = (write_ledger, partial(steps.write, is_hurried=True))
UNDO: Step = (undo_ledger, undo.carry_out)


def start(batch: ImportBatch, step: Step, *, is_much: bool = False) -> None:
    """Give the step to the worker when the batch is large, or one of many, or do it while the person waits; what turns
    out to be too much, or is interrupted, goes to the worker too."""
    task, now = step
    if is_much or batch.is_large:
        task.enqueue(batch.pk)
    elif not now(batch.pk):
        again(batch.pk)
