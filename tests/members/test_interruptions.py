"""What ends a step from outside says nothing of the file: the batch waits again, three times at most."""

import signal
import time
from datetime import timedelta
from io import StringIO

import psycopg
import pytest
from django.core.cache import caches
from django.db import DataError, InterfaceError, OperationalError, connection
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from members.models import Member
from pingtang_union.files import limited
from pingtang_union.ledger.importing import attempts, steps, tasks, undo
from pingtang_union.ledger.importing import worker as workers
from pingtang_union.ledger.importing.command import Importer
from pingtang_union.ledger.importing.progress import CHECKING, Progress
from pingtang_union.ledger.models import BatchKind, BatchState, ImportBatch
from tests.at_once import at_once, needs_postgresql
from tests.members.test_ledgers import roster
from tests.members.test_steps import GOOD, deliver, write
from tests.pages.test_ledgers_pages import bring
from tests.test_settings import console_of

LOST = [OperationalError("server closed the connection unexpectedly"), InterfaceError("connection already closed")]
STOPS = [signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP]
pytestmark = pytest.mark.django_db


@pytest.fixture
def content(grassroots) -> bytes:
    return roster([GOOD], union=grassroots.name)


@pytest.fixture
def console(monkeypatch) -> StringIO:
    """What the portal's own logger writes in production."""
    stream = StringIO()
    monkeypatch.setattr(console_of("pingtang_union"), "stream", stream)
    return stream


def brought(by, content: bytes) -> ImportBatch:
    return steps.deliver(by=by, name="会员花名册.xlsx", content=content)


def now(batch) -> tuple[str, int]:
    batch.refresh_from_db()
    return batch.state, batch.attempts


def fails(monkeypatch, error, where=(steps, "run_plan")) -> None:
    def refuse(*args, **kwargs):
        raise error.with_traceback(None)

    monkeypatch.setattr(*where, refuse)


# --- The reading child ---


@pytest.mark.parametrize("stop", STOPS)
def test_a_child_ended_by_somebody_else_is_no_verdict_on_the_file(stop, officer, content, monkeypatch):
    batch = brought(officer, content)
    with monkeypatch.context() as patch:
        # Who starts the tests in the background has them ignore what a keyboard sends.
        heeds = "" if stop == signal.SIGKILL else f"signal.signal({stop:d}, signal.SIG_DFL); "
        begin = f"import os, signal, time; {heeds}os.kill(os.getpid(), {stop:d}); time.sleep(5)"
        patch.setattr(limited, "_CHILD", begin)
        assert steps.check(batch.pk) is False
    assert now(batch) == (BatchState.QUEUED, 1)

    assert steps.check(batch.pk) is True
    assert now(batch) == (BatchState.READY, 0)


def test_a_child_that_used_up_its_time_is_one(officer, content, monkeypatch):
    monkeypatch.setattr(limited, "_CHILD", "import os, signal; os.kill(os.getpid(), signal.SIGXCPU)")
    batch = brought(officer, content)

    assert steps.check(batch.pk) is True
    assert now(batch)[0] == BatchState.UNREADABLE


def test_the_command_line_says_that_it_was_interrupted(content, monkeypatch):
    monkeypatch.setattr(limited, "_CHILD", "import os; os.kill(os.getpid(), 15)")

    [report] = Importer().bring([("会员花名册.xlsx", content)])

    assert (report.is_written, "被中断了，请再试一次" in report.error) == (False, True)


# --- The database ---


@pytest.mark.parametrize("error", LOST)
def test_a_lost_connection_while_writing_goes_back_to_the_queue(error, officer, content, monkeypatch):
    batch = deliver(officer, content)
    steps.request_writing(batch=batch, by=officer, is_partial=False)
    with monkeypatch.context() as patch:
        fails(patch, error)
        assert steps.write(batch.pk) is False
    assert now(batch) == (BatchState.WAITING, 1)
    assert (batch.error, batch.rejected, Member.objects.count()) == ("", 0, 0)

    assert steps.write(batch.pk) is True
    assert (now(batch), Member.objects.count()) == ((BatchState.WRITTEN, 0), 1)


@pytest.mark.parametrize("error", LOST)
def test_a_lost_connection_while_checking_goes_back_to_the_queue(error, officer, content, monkeypatch):
    batch = brought(officer, content)
    fails(monkeypatch, error)

    assert steps.check(batch.pk) is False
    assert now(batch) == (BatchState.QUEUED, 1)


@pytest.mark.parametrize("error", LOST)
def test_a_lost_connection_while_undoing_goes_back_to_the_queue(error, officer, content, monkeypatch):
    batch = write(deliver(officer, content))
    undoing = undo.request_undo(batch=batch, by=officer, reason="传错了文件")
    with monkeypatch.context() as patch:
        fails(patch, error, (undo, "_carry_out"))
        assert undo.carry_out(undoing.pk) is False
    assert now(undoing) == (BatchState.WAITING, 1)

    assert undo.carry_out(undoing.pk) is True
    assert (now(undoing)[0], Member.objects.count()) == (BatchState.WRITTEN, 0)


def test_what_the_database_says_of_the_rows_is_a_verdict(officer, content, monkeypatch):
    batch = deliver(officer, content)
    steps.request_writing(batch=batch, by=officer, is_partial=False)
    fails(monkeypatch, DataError("value too long"))

    assert steps.write(batch.pk) is True
    assert now(batch)[0] == BatchState.FAILED


def test_the_command_line_says_that_the_database_is_gone(content, monkeypatch):
    fails(monkeypatch, LOST[0])

    [report] = Importer().bring([("会员花名册.xlsx", content)])

    assert "数据库连不上，或者正忙。文件没有问题" in report.error


@needs_postgresql
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_connection_that_the_server_ends_half_way_leaves_nothing_and_the_next_try_writes(
    officer, content, monkeypatch
):
    batch = deliver(officer, content)
    steps.request_writing(batch=batch, by=officer, is_partial=False)
    at = connection.settings_dict
    server = {"host": at["HOST"], "port": at["PORT"] or 5432, "user": at["USER"], "password": at["PASSWORD"] or None}
    record = steps.record

    def end_the_connection(*args):
        pid = connection.connection.info.backend_pid
        with psycopg.connect(dbname="postgres", autocommit=True, **server) as other:
            other.execute("SELECT pg_terminate_backend(%s)", [pid])
        record(*args)

    with monkeypatch.context() as patch:
        patch.setattr(steps, "record", end_the_connection)
        assert steps.write(batch.pk) is False
    assert (now(batch), Member.objects.count()) == ((BatchState.WAITING, 1), 0)

    assert steps.write(batch.pk) is True
    assert (now(batch)[0], Member.objects.count()) == (BatchState.WRITTEN, 1)


# --- Not for ever ---


def test_what_is_interrupted_each_time_fails_in_words_and_the_next_comes_up(officer, content, monkeypatch, console):
    batch, following = brought(officer, content), brought(officer, content)
    with monkeypatch.context() as patch:
        patch.setattr(limited, "_CHILD", "import os; os.kill(os.getpid(), 9)")
        assert [steps.check(batch.pk) for _ in range(4)] == [False, False, False, True]
    assert now(batch) == (BatchState.FAILED, 0)
    assert "连续 3 次没有做完就中断了，没有导入任何内容" in batch.error
    assert f"batch {batch.pk}: given up after 3 tries" in console.getvalue()

    steps.check(following.pk)
    assert now(following)[0] == BatchState.READY
    steps.recheck(batch=batch, by=officer)  # a person may ask for three more
    steps.check(batch.pk)
    assert now(batch) == (BatchState.READY, 0)


def test_a_batch_that_ends_its_worker_is_given_up_too(officer, content):
    batch = brought(officer, content)
    tasks.check_ledger.enqueue(batch.pk)
    for tries in range(1, 4):
        DBTaskResult.objects.update(status=TaskResultStatus.RUNNING)
        assert attempts.begin(BatchKind.IMPORT, batch.pk, BatchState.QUEUED, BatchState.CHECKING)
        assert tasks.requeue_interrupted() == 1  # the worker died in it: nobody put it back
        assert now(batch) == (BatchState.QUEUED, tries)

    tasks.check_ledger.call(batch.pk)

    assert now(batch) == (BatchState.FAILED, 0)
    assert DBTaskResult.objects.count() == 1


def test_a_batch_that_somebody_is_at_is_not_begun_again(officer, content):
    batch = brought(officer, content)
    assert attempts.begin(BatchKind.IMPORT, batch.pk, BatchState.QUEUED, BatchState.CHECKING)

    for _ in range(5):
        tasks.check_ledger.call(batch.pk)

    assert now(batch) == (BatchState.CHECKING, 1)


@needs_postgresql
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_of_many_who_try_at_once_one_does(officer, content):
    batch = brought(officer, content)

    def try_it() -> bool:
        return attempts.begin(BatchKind.IMPORT, batch.pk, BatchState.QUEUED, BatchState.CHECKING)

    assert sorted(at_once([try_it] * 8)) == [False] * 7 + [True]
    assert now(batch) == (BatchState.CHECKING, 1)


def test_what_was_interrupted_is_queued_again_by_the_task_itself(officer, content, monkeypatch, console):
    batch = brought(officer, content)
    monkeypatch.setattr(limited, "_CHILD", "import os; os.kill(os.getpid(), 9)")

    tasks.check_ledger.call(batch.pk)

    [kept] = DBTaskResult.objects.all()
    assert (kept.task_name, kept.args_kwargs["args"]) == ("check_ledger", [batch.pk])
    assert f"batch {batch.pk}: interrupted while checking" in console.getvalue()


def test_what_is_interrupted_while_a_person_waits_goes_to_the_worker(officer, content, monkeypatch, signed_in, worker):
    with monkeypatch.context() as patch:
        patch.setattr(limited, "_CHILD", "import os; os.kill(os.getpid(), 9)")
        batch = bring(signed_in(officer), content)
    assert now(batch) == (BatchState.QUEUED, 1)

    worker.run()
    assert now(batch)[0] == BatchState.READY


# --- The sweep ---


def long_ago():
    return timezone.now() - timedelta(minutes=2)


def test_a_small_upload_of_a_server_that_died_is_swept_up(officer, content):
    lost, fresh, told, unqueued = (brought(officer, content) for _ in range(4))
    caches["progress"].clear()
    ImportBatch.objects.filter(pk__in=[lost.pk, told.pk]).update(state=BatchState.CHECKING, moved_at=long_ago())
    ImportBatch.objects.filter(pk=fresh.pk).update(state=BatchState.CHECKING, moved_at=timezone.now())
    ImportBatch.objects.filter(pk=unqueued.pk).update(moved_at=long_ago())
    Progress(told.pk, CHECKING)

    assert tasks.requeue_interrupted("myself") == 2

    assert sorted(kept.args_kwargs["args"] for kept in DBTaskResult.objects.all()) == [[lost.pk], [unqueued.pk]]
    assert now(lost)[0] == BatchState.QUEUED


def test_a_running_worker_sweeps_up_its_own_tasks_and_no_others(officer, content):
    mine, others = brought(officer, content), brought(officer, content)
    for batch, worker in ((mine, "myself"), (others, "another")):
        tasks.check_ledger.enqueue(batch.pk)
        kept = DBTaskResult.objects.get(status=TaskResultStatus.READY)
        kept.claim(worker)
    ImportBatch.objects.update(moved_at=long_ago())

    assert tasks.requeue_interrupted("myself") == 1
    assert [kept.args_kwargs["args"] for kept in DBTaskResult.objects.filter(status="READY")] == [[mine.pk]]
    assert tasks.requeue_interrupted() == 1  # a worker that starts takes the other's too


# --- The worker ---


@pytest.fixture
def worker(monkeypatch) -> workers.Worker:
    monkeypatch.setattr(workers.Worker, "configure_signals", lambda self: None)
    # The test's rows live in its open transaction.
    monkeypatch.setattr(workers.connections, "close_all", lambda: None)
    monkeypatch.setattr(workers.db_worker, "close_old_connections", lambda: None)
    return workers.Worker(is_batch=True)


def test_each_job_is_one_line_with_its_batch_and_what_came_of_it(officer, content, console, worker, monkeypatch):
    good, bad = brought(officer, content), brought(officer, content)
    bad.file.delete()
    for batch in (good, bad):
        tasks.check_ledger.enqueue(batch.pk)

    worker.serve()

    lines = [
        line.split("pingtang_union.ledger.importing.tasks: ")[1]
        for line in console.getvalue().splitlines()
        if "tasks:" in line
    ]
    assert len(lines) == 2
    assert lines[0].startswith(f"batch {good.pk}: check took ")
    assert lines[0].endswith(" s, now ready")
    assert lines[1].startswith(f"batch {bad.pk}: check failed after ")
    assert lines[1].endswith("这个文件已经不再保存，请重新上传。")


def test_a_job_that_broke_off_is_logged_with_its_batch(officer, content, console, worker, monkeypatch):
    batch = brought(officer, content)
    tasks.check_ledger.enqueue(batch.pk)
    fails(monkeypatch, RuntimeError("no way on"), (steps, "check"))

    worker.serve()

    assert f"batch {batch.pk}: check broke off" in console.getvalue()
    assert "RuntimeError: no way on" in console.getvalue()


def test_a_worker_outlives_its_database(console, worker, monkeypatch):
    worker.is_batch = False
    answers = iter([OperationalError("the database system is shutting down"), None])

    def run(self):
        if (error := next(answers)) is not None:
            raise error
        self.running = False

    monkeypatch.setattr(workers.Worker, "run", run)
    monkeypatch.setattr(time, "sleep", lambda seconds: None)

    worker.serve()

    assert next(answers, "asked twice") == "asked twice"
    assert "the database can't be reached" in console.getvalue()


def test_a_worker_is_seen_while_it_runs(worker, monkeypatch):
    seen = []
    monkeypatch.setattr(workers.Worker, "run", lambda self: (time.sleep(0.3), seen.append(workers.pulse().is_alive)))
    caches["progress"].clear()

    worker.serve()

    assert seen == [True]
    assert workers.pulse().is_alive is False


def test_a_pulse_grows_old():
    caches["progress"].set("worker", {"at": time.time() - 61, "batch": None})
    assert (workers.pulse().seconds, workers.pulse().is_alive) == (61, False)
