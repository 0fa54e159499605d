"""Drawing numbers."""

from collections.abc import Callable
from datetime import date

from django.db import transaction

from pingtang_union.core.exceptions import DomainError
from pingtang_union.proof.models import Counter, NumberRule, Series


def draw(series: Series, day: date, *, is_taken: Callable[[str], bool] = lambda number: False) -> str:
    """The next number of a series in the year of `day`, as the rule of that day has it.

    The counter stays locked until the caller's transaction ends, so the next to draw waits, and a number that wasn't
    used after all is drawn again. is_taken: numbers that came in from elsewhere are passed over. Raises DomainError
    without a rule.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("A number is drawn in the transaction that uses it.")
    rule = NumberRule.objects.on(series, day)
    if rule is None:
        raise DomainError(f"{day:%Y年}的{series.label}还没有编号规则，请在业务管理的「编号规则」里登记后再办。")
    counter, _ = Counter.objects.select_for_update().get_or_create(series=series, year=day.year)
    while True:
        counter.last += 1
        number = rule.number(day.year, counter.last)
        if not is_taken(number):
            break
    counter.save(update_fields=["last"])
    return number
