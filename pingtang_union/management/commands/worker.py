"""Run the background work: large ledgers. One a machine; `make demo` and the service of the server start it."""

import fcntl
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from pingtang_union.core.tasks import requeue_interrupted


class Command(BaseCommand):
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
            taken_up = requeue_interrupted()
            if taken_up:
                self.stdout.write(f"接着处理上次中断的 {taken_up} 项工作。")
            call_command(
                "db_worker", interval=0.5, batch=options["batch"], startup_delay=False, reload=False, verbosity=0
            )
