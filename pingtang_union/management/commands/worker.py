"""Run the background work: large ledgers. One a machine; `make demo` and the service of the server start it."""

import fcntl
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser

from pingtang_union.core.database import limit_statements
from pingtang_union.ledger.importing.worker import Worker
from pingtang_union.management.keyed import KeyedCommand


class Command(KeyedCommand):
    """Takes up what an earlier worker left when it died, then waits for work until it is stopped."""

    help = "启动后台程序：检查、写入、撤销大的台账（一台服务器只启动一个）"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--batch", action="store_true", help="做完排队的工作就结束")

    def handle(self, *args: Any, **options: Any) -> None:
        folder = Path(settings.CACHES["progress"]["LOCATION"])
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "worker.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise CommandError("已有一个后台程序在运行，不用再启动。") from None
            # Nobody else holds the lock: whatever is said to run was left by one that died.
            limit_statements(seconds=300, lock_seconds=60)
            Worker(is_batch=options["batch"]).serve()
