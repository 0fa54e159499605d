"""Partial dates as texts: "2016", "2016-05", "2016-05-12". And how long it is until a day."""

import re
from datetime import date

_FORM = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")


def is_partial_date(text: str) -> bool:
    """Whether `text` is a year, a month or a day that exists, in ISO form."""
    match = _FORM.fullmatch(text)
    if not match:
        return False
    year, month, day = (int(part) if part else 1 for part in match.groups())
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def display_partial(text: str | None) -> str:
    """ "2016-05" as people write it: 2016年5月."""
    if not text:
        return ""
    return "".join(f"{int(part)}{unit}" for part, unit in zip(text.split("-"), "年月日", strict=False))


def day_in_words(day: date) -> str:
    """2026年4月1日: Arabic figures, no zero in front (GB/T 9704-2012, 7.3.5.4)."""
    return display_partial(day.isoformat())


def is_same_day(one: str | None, other: str | None) -> bool:
    """Whether two dates may be one day, each known more or less exactly; never where one isn't known at all."""
    return bool(one and other and (one.startswith(other) or other.startswith(one)))


def shift_years(text: str, years: int) -> str:
    """The same day, month or year `years` later; 29 February becomes 28 February where needed."""
    shifted = f"{int(text[:4]) + years:04d}{text[4:]}"
    return shifted if is_partial_date(shifted) else shifted[:8] + "28"


def shift_months(day: date, months: int) -> date:
    """The same day `months` later, or the month's last day where there is no such day."""
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month, last)
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


def left(due_on: date, today: date) -> tuple[str, str]:
    """(words, urgency) of how long it is until a day."""
    days = (due_on - today).days
    if days < 0:
        return f"已过期 {-days} 天", "is-bad"
    if days == 0:
        return "今天截止", "is-bad"
    return f"还有 {days} 天", "is-warn" if days <= 7 else ""
