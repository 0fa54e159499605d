"""Make hardship files anonymous ten years after they were ended. Lists first what it would do."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from relief.services import due_for_forgetting, make_anonymous
from relief.services.retention import KEPT_YEARS


class Command(BaseCommand):
    """Without --write it changes nothing."""

    help = f"结束满 {KEPT_YEARS} 年的困难职工档案匿名处理：anonymise_households [--write]。不加 --write 只列出，不处理"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--write", action="store_true", help="处理列出的档案，不能恢复")

    def handle(self, *args: Any, **options: Any) -> None:
        today = timezone.localdate()
        found = list(due_for_forgetting(today))
        for household in found:
            state = household.get_file_state_display()
            self.stdout.write(f"档案 {household.pk}：{household.union}，{household.since} {state}")
            if options["write"]:
                make_anonymous(household, today)
        done = "已匿名处理" if options["write"] else "可以匿名处理"
        self.stdout.write(f"{done}结束满 {KEPT_YEARS} 年的档案 {len(found)} 份，统计记录保留。")
