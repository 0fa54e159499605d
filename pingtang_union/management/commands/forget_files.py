"""Forget the content of files brought long ago: rosters hold identity numbers, and nobody needs them for ever."""

from datetime import timedelta
from typing import Any

from django.core.cache import caches
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from pingtang_union.ledger.importing.steps import forget_content


class Command(BaseCommand):
    """How many days is the office's to say; what happened to each row stays."""

    help = "清除多少天以前导入的台账文件的内容：forget_files --days 天数 [--dry-run]。导入明细保留，仍可撤销"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--days", type=int, default=0, metavar="天数", help="保留最近多少天的文件")
        parser.add_argument("--dry-run", action="store_true", help="只说有几份，不清除")

    def handle(self, *args: Any, **options: Any) -> None:
        days: int = options["days"]
        if days < 1:
            raise CommandError(f"请写明保留多少天（至少 1 天）。用法：{self.help}。")
        before = timezone.now() - timedelta(days=days)
        number = forget_content(before=before, dry_run=options["dry_run"])
        if not options["dry_run"]:
            caches["forms"].clear()  # superiors' forms live ten minutes, but their files until someone looks
        done = "可以清除" if options["dry_run"] else "已清除"
        self.stdout.write(f"{done} {days} 天以前导入的台账文件 {number} 份。")
