"""Columns of the admin's lists and pages that say a field of the record."""

from collections.abc import Iterable
from datetime import date, datetime
from operator import attrgetter
from typing import Any

from django.db.models import DateField
from django.template.loader import render_to_string
from django.utils.timezone import localtime
from unfold.decorators import display

from pingtang_union.money import yuan
from pingtang_union.tones import Toned


def _in_figures(value: Any) -> Any:
    if isinstance(value, datetime):
        return f"{localtime(value):%Y-%m-%d %H:%M}"
    return value.isoformat() if isinstance(value, date) else value


def moment(field: DateField) -> Any:
    """A date or a time as lists say it: 2026-11-28, 2026-11-28 18:19."""

    @display(description=field.verbose_name, ordering=field.name)
    def text(obj: Any) -> Any:
        return _in_figures(getattr(obj, field.name))

    text.__name__ = field.name  # names the cells' class
    return text


def column(name: str, heading: str, states: type[Toned] | None = None) -> Any:
    """The field under a heading of its own, codes in words; `states` shows them as badges, each in its tone."""

    @display(description=heading, ordering=name, label={str(state.label): state.tone for state in states or ()})
    def text(self: Any, obj: Any) -> Any:
        in_words = getattr(obj, f"get_{name}_display", None)
        return in_words() if in_words else _in_figures(getattr(obj, name))

    return text


def amount(name: str, heading: str, *, sorts: bool = False) -> Any:
    """An amount in yuan; `name` may lead through other records (row.amount)."""
    value = attrgetter(name)

    @display(description=heading, ordering=name if sorts else None)
    def text(self: Any, obj: Any) -> str:
        return yuan(value(obj)) or "—"

    return text


def triples(rows: Iterable[tuple[str, str, str]], nothing: str) -> str:
    """A small table on the page of a record: what, what of it, what else."""
    return render_to_string("admin/_triples.html", {"rows": list(rows), "nothing": nothing})
