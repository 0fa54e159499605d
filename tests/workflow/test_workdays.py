"""Working days as the State Council announces them, and weekdays where it hasn't yet."""

from datetime import date

import pytest

from pingtang_union.workflow.workdays import deadline, is_working_day


@pytest.mark.parametrize(
    ("first", "days", "last"),
    [
        (date(2026, 11, 25), 5, date(2026, 12, 2)),  # a Wednesday: the day itself isn't counted, nor the weekend
        (date(2025, 9, 30), 1, date(2025, 10, 9)),  # the National Day holiday of 2025 lasted from 1 to 8 October
        (date(2025, 9, 26), 1, date(2025, 9, 28)),  # a Sunday that was worked
        (date(2026, 9, 30), 1, date(2026, 10, 8)),  # National Day of 2026: 1 to 7 October
        (date(2026, 10, 9), 1, date(2026, 10, 10)),  # and the Saturday worked for it
        (date(2018, 3, 1), 5, date(2018, 3, 8)),
    ],
)
def test_deadline_counts_working_days_behind_the_first(first, days, last):
    found = deadline(first, days)

    assert (found.day, found.is_known, found.notice) == (last, True, "")


def test_a_year_without_announced_holidays_is_counted_by_weekdays_and_says_so():
    assert is_working_day(date(2027, 1, 4)) == (True, False)
    found = deadline(date(2026, 12, 30), 5)

    assert found.day == date(2027, 1, 6)
    assert not found.is_known
    assert "只能延长" in found.notice
