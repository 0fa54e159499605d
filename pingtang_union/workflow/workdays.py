"""Working days: weekdays, public holidays and the Saturdays worked for them, as the State Council announces them each
autumn for the year after."""

from dataclasses import dataclass
from datetime import date, timedelta

import chinese_calendar


@dataclass(frozen=True)
class Deadline:
    """The last day of a period. `is_known` is False where a day of it lies in a year whose holidays the calendar
    doesn't know: such days were counted as plain weekdays."""

    day: date
    is_known: bool

    @property
    def notice(self) -> str:
        """What is to be said beside the day; "" when nothing."""
        if self.is_known:
            return ""
        return "这段时间所在年份的节假日安排系统里还没有，暂按周一至周五算工作日；放假安排公布后请核对，只能延长。"


def is_working_day(day: date) -> tuple[bool, bool]:
    """(whether `day` is worked, whether the calendar knows its year)."""
    try:
        return chinese_calendar.is_workday(day), True
    except NotImplementedError:
        return day.weekday() < 5, False


def deadline(first: date, days: int) -> Deadline:
    """The `days`-th working day after `first`.

    The day on which a period begins isn't counted (《民法典》第二百零一条).
    """
    day, is_known, left = first, True, days
    while left:
        day += timedelta(days=1)
        is_worked, known = is_working_day(day)
        is_known &= known
        left -= is_worked
    return Deadline(day, is_known)
