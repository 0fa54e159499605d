"""What a worker finds when it starts: work that another left half-way, each taken up once."""

import pytest
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from pingtang_union.core.exceptions import DomainError
from pingtang_union.ledger.importing import tasks
from pingtang_union.ledger.importing.progress import CHECKING, Progress
from pingtang_union.ledger.models import BatchKind, BatchState, ImportBatch

pytestmark = pytest.mark.django_db


def batch(by, state, **values) -> ImportBatch:
    return ImportBatch.objects.create(union=by.union, by=by, state=state, file_name="甲", sha256="0" * 64, **values)


def queued() -> list[tuple[str, list[int]]]:
    rows = DBTaskResult.objects.filter(status=TaskResultStatus.READY).order_by("enqueued_at")
    return [(row.task_path.rsplit(".", 1)[1], row.args_kwargs["args"]) for row in rows]


def test_what_was_left_is_queued_once_at_the_step_where_it_stood(officer):
    written = batch(officer, BatchState.WRITTEN)
    states = (BatchState.QUEUED, BatchState.CHECKING, BatchState.WAITING, BatchState.WRITING)
    checks, writes = (
        [batch(officer, state).pk for state in states[:2]],
        [batch(officer, state).pk for state in states[2:]],
    )
    undoing = batch(officer, BatchState.WRITING, kind=BatchKind.UNDO, undoes=written, reason="传错了文件")
    for state in (BatchState.READY, BatchState.FAILED, BatchState.DISCARDED):
        batch(officer, state)
    assert tasks.requeue_interrupted() == 5
    expected = [
        *(("check_ledger", [pk]) for pk in checks),
        *(("write_ledger", [pk]) for pk in writes),
        ("undo_ledger", [undoing.pk]),
    ]
    assert sorted(queued()) == sorted(expected)
    assert tasks.requeue_interrupted() == 0  # nothing is queued twice
    assert sorted(queued()) == sorted(expected)


def test_the_task_that_died_with_its_worker_is_itself_taken_up(officer):
    one = batch(officer, BatchState.WRITING)
    tasks.write_ledger.enqueue(one.pk)
    DBTaskResult.objects.update(status=TaskResultStatus.RUNNING)
    tasks.requeue_interrupted()
    assert queued() == [("write_ledger", [one.pk])]


def test_what_a_server_works_on_right_now_is_left_to_it(officer):
    one = batch(officer, BatchState.CHECKING)
    told = Progress(one.pk, CHECKING)
    assert tasks.requeue_interrupted() == 0
    told.end()
    assert tasks.requeue_interrupted() == 1


def test_what_stands_at_no_step_is_not_taken_up(officer):
    with pytest.raises(DomainError, match="没有中断"):
        tasks.take_up(batch(officer, BatchState.FAILED))
