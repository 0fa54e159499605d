"""Work that a worker does (`manage.py worker`): checking, writing and taking back large ledgers."""

from django_tasks import TaskResultStatus, task
from django_tasks_db.models import DBTaskResult

from pingtang_union.core.ledger import delivery, undo
from pingtang_union.core.ledger.progress import forget, standing
from pingtang_union.core.models import RUNNING, BatchState, ImportBatch


@task()
def check_ledger(batch_id: int) -> None:
    """Check a file brought in."""
    delivery.check(batch_id)


@task()
def write_ledger(batch_id: int) -> None:
    """Write a confirmed preview."""
    delivery.write(batch_id)


@task()
def undo_ledger(batch_id: int) -> None:
    """Take a batch back; `batch_id` is the undoing's own."""
    undo.carry_out(batch_id)


def requeue_interrupted() -> int:
    """Queue again what a worker left when it died, and what was never queued; returns how many. Only for whoever
    knows that no other worker runs."""
    DBTaskResult.objects.running().update(status=TaskResultStatus.READY)
    queued = {
        batch_id
        for stored in DBTaskResult.objects.filter(status=TaskResultStatus.READY).values_list("args_kwargs", flat=True)
        for batch_id in stored["args"]
    }
    taken_up = len(queued)
    for batch in ImportBatch.objects.filter(state__in=RUNNING).exclude(pk__in=queued):
        told = standing(batch.pk)
        if told is not None and not told.is_lost:
            continue  # a small one, which a server works on right now
        take_up(batch)
        taken_up += 1
    return taken_up


def take_up(batch: ImportBatch) -> None:
    """Queue the step again at which a batch stands; from then on it waits. Raises DomainError when it stands at
    none."""
    step = _STEPS[delivery.resume_step(batch)]
    if before := _WAITING.get(batch.state):
        forget(batch.pk)
        ImportBatch.objects.filter(pk=batch.pk, state=batch.state).update(state=before)
    step.enqueue(batch.pk)


_WAITING: dict[str, BatchState] = {
    BatchState.CHECKING: BatchState.QUEUED,
    BatchState.WRITING: BatchState.WAITING,
}
_STEPS = {"check": check_ledger, "write": write_ledger, "undo": undo_ledger}
