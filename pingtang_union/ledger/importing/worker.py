"""The worker's loop: does what is queued, sweeps up what others left, tells that it is alive, outlives its database.

django_tasks_db brings the queue and the claiming of a task; what is here is what its own loop leaves to the operator.
"""

import logging
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django.core.cache import caches
from django.db import InterfaceError, OperationalError, connections
from django.utils.crypto import get_random_string
from django_tasks_db.management.commands import db_worker
from django_tasks_db.models import DBTaskResult

from pingtang_union.core.jobs import run_due
from pingtang_union.ledger.importing.tasks import requeue_interrupted

logger = logging.getLogger(__name__)
_BEAT = "worker"
_BEAT_SECONDS = 10
_DEAD_AFTER_SECONDS = 60  # six beats
_SWEEP_SECONDS = 60
_WAIT_FOR_DATABASE_SECONDS = 5


@dataclass(frozen=True)
class Pulse:
    """What a page shows of the worker: seconds since it was last heard, None when never; what it does right now."""

    seconds: int | None
    batch_id: int | None

    @property
    def is_alive(self) -> bool:
        return self.seconds is not None and self.seconds <= _DEAD_AFTER_SECONDS


def pulse() -> Pulse:
    """Whether a worker lives, by what it told last."""
    told: dict[str, Any] | None = caches["progress"].get(_BEAT)
    if told is None:
        return Pulse(None, None)
    return Pulse(max(0, round(time.time() - told["at"])), told["batch"])


class Worker(db_worker.Worker):
    """Runs until it is stopped, or with `is_batch` until nothing is queued."""

    def __init__(self, *, is_batch: bool):
        super().__init__(
            queue_names=["default"],
            interval=0.5,
            batch=True,  # `run` returns when the queue is empty, so that there is a moment to sweep
            backend_name="default",
            startup_delay=False,
            max_tasks=None,
            worker_id=get_random_string(32),
            excluded_queue_names=[],
        )
        self.is_batch = is_batch
        self.batch_id: int | None = None
        self.swept_at = time.monotonic()

    def serve(self) -> None:
        """The loop."""
        self.configure_signals()
        logger.info("the worker has started")
        stopped = threading.Event()
        threading.Thread(target=self._beat, args=(stopped,), daemon=True).start()
        try:
            self._sweep()
            while self.running:
                self._do_what_is_queued()
                if self.is_batch:
                    return
                if self.running:
                    time.sleep(self.interval)
        finally:
            stopped.set()
            caches["progress"].delete(_BEAT)
            logger.info("the worker has ended")

    def run_task(self, db_task_result: DBTaskResult) -> None:
        """One task, and a look round after it: the queue may be long."""
        self.batch_id = next(iter(db_task_result.args_kwargs["args"]), None)
        try:
            super().run_task(db_task_result)
        finally:
            self.batch_id = None
        self._sweep_when_due()

    def _do_what_is_queued(self) -> None:
        try:
            self._sweep_when_due()
            self.run()
        except (OperationalError, InterfaceError):
            if self.is_batch:
                raise
            logger.warning("the database can't be reached; what was being done is taken up when it can", exc_info=True)
            connections.close_all()
            self.swept_at = -_SWEEP_SECONDS
            time.sleep(_WAIT_FOR_DATABASE_SECONDS)

    def _sweep_when_due(self) -> None:
        if time.monotonic() - self.swept_at >= _SWEEP_SECONDS:
            self._sweep(self.worker_id)

    def _sweep(self, worker_id: str = "") -> None:
        """At the start whatever is said to run was left by one that died; later only what is ours, or silent."""
        if taken_up := requeue_interrupted(worker_id):
            logger.warning("%s interrupted steps are taken up again", taken_up)
        run_due()
        self.swept_at = time.monotonic()

    def _beat(self, stopped: threading.Event) -> None:
        while True:
            with suppress(OSError):  # a full disk is no reason to stop the work
                caches["progress"].set(_BEAT, {"at": time.time(), "batch": self.batch_id})
            if stopped.wait(_BEAT_SECONDS):
                return
