"""Figures: questions put to the records. Each has a value on a day and is one click from exactly its rows.

Apps declare theirs in `figures.py` (a tuple FIGURES) and this module computes them; dashboards (sections.py),
reports and the command line only ask. Every question starts from a scope: what a user may see, or, named as
such, the whole database.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, Literal

from django.core.exceptions import ImproperlyConfigured
from django.db import models
from django.db.models import Count, Q, QuerySet, Sum

from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.portal import modules

UNRECORDED = "-"  # in addresses: the rows that don't say
UNRECORDED_LABEL = "未登记"
FIRST_YEAR, LAST_YEAR = 1900, 2100
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

Number = int | Decimal
Scope = Callable[[type[models.Model]], QuerySet]


# --- Scopes --------------------------------------------------------------------------------


def rows_of(user: Any) -> Scope:
    """The scope of a page: what `user` may see."""
    return lambda model: model._default_manager.visible_to(user)  # type: ignore[attr-defined]


def whole_database(model: type[models.Model]) -> QuerySet:
    """The scope of the command line, which serves no union: every row. Never for a page."""
    return model._default_manager.all()


# --- What a figure is ----------------------------------------------------------------------


@dataclass(frozen=True)
class Column:
    """A column of the list behind a figure. `value` takes a row; a "code" stays on one line.

    A "name" is a person's, where `is_person` says that the row's is one: masked for whoever lacks one of the
    permissions `read_with`, and for everybody where there are none.
    """

    label: str
    value: Callable[[Any], Any]
    kind: Literal["text", "number", "date", "name", "code"] = "text"
    is_person: Callable[[Any], bool] = lambda row: True
    read_with: tuple[str, ...] = ()

    def is_masked_for(self, user: Any) -> bool:
        """Whether `user` reads persons' names in this column masked."""
        return self.kind == "name" and not (self.read_with and user.has_perms(self.read_with))


@dataclass(frozen=True)
class Dimension:
    """A way to divide a figure's rows: by a field or an expression.

    `codes` are (token in addresses, label, stored value) in the order to show; without codes the values
    found are shown as they are, by value or the largest first. Rows that don't say come last.
    """

    key: str
    label: str
    by: Any
    codes: tuple[tuple[str, str, Any], ...] = ()
    order: Literal["value", "number"] = "value"

    def grouped(self, rows: QuerySet) -> QuerySet:
        """`rows` with `value_asked` to group or filter by."""
        return rows.annotate(value_asked=models.F(self.by) if isinstance(self.by, str) else self.by)

    def narrow(self, rows: QuerySet, token: str) -> QuerySet:
        """The rows with the value that `token` stands for. Raises LookupError for an unknown code."""
        if token == UNRECORDED:
            # Only texts have "", and comparing it with a boolean is an error on PostgreSQL.
            missing = Q(value_asked__isnull=True) | (Q() if self._is_boolean else Q(value_asked=""))
            return self.grouped(rows).filter(missing)
        return self.grouped(rows).filter(value_asked=self._value(token))

    def describe(self, token: str) -> str:
        """`token` in words. Raises LookupError for an unknown code."""
        if token == UNRECORDED:
            return UNRECORDED_LABEL
        self._value(token)
        return next((label for code, label, _ in self.codes if code == token), token)

    @property
    def _is_boolean(self) -> bool:
        return any(isinstance(value, bool) for _, _, value in self.codes)

    def _value(self, token: str) -> Any:
        if not self.codes:
            return token
        for code, _, value in self.codes:
            if code == token:
                return value
        raise LookupError(token)


def coded(key: str, label: str, by: str, choices: type[models.TextChoices]) -> Dimension:
    """A dimension over a code list, in the list's order."""
    return Dimension(key, label, by, tuple((str(value), str(text), value) for value, text in choices.choices))


@dataclass(frozen=True)
class Slice:
    """One value of a dimension: its token, its label, the figure for it."""

    token: str
    label: str
    number: Number


@dataclass(frozen=True, eq=False)
class Figure:
    """A number that leaders read.

    `population(visible, as_of)` gives the rows of a whole family of figures and `where` picks this
    figure's rows: figures of one population are computed in one query. `note` says in plain Chinese what is
    counted (口径).

    Rows are counted (人次), unless `sum_of` names the field whose sum is the figure, or `distinct` tells what
    identifies one of those counted (人: a person with two rows counts once).
    since: the first day for which records exist; None where they reach back as far as anything did.
    doubtful: the rows that count although something about them is uncertain; `doubt` says what.
    """

    id: str
    label: str
    unit: str
    note: str
    model: type[models.Model]
    population: Callable[[Any, date], QuerySet]
    where: Q = field(default_factory=Q)
    sum_of: str = ""
    distinct: Any = None
    since: date | None = None
    doubtful: Q = field(default_factory=lambda: Q(pk__in=[]))
    doubt: str = ""
    columns: tuple[Column, ...] = ()
    dimensions: tuple[Dimension, ...] = ()
    related: tuple[str, ...] = ()

    def rows(self, visible: QuerySet, as_of: date) -> QuerySet:
        """Exactly the rows behind the figure, of those in `visible`."""
        return self.population(visible, as_of).filter(self.where)

    def total(self, rows: QuerySet) -> Number:
        """The figure over `rows`."""
        return rows.aggregate(total=self.aggregate())["total"] or 0

    def counts(self, rows: QuerySet) -> dict[str, Any]:
        """Of `rows` the figure (`number`), how many they are (`records`) and how many are doubtful (`doubts`)."""
        counts = rows.aggregate(number=self.aggregate(), records=Count("pk"), doubts=Count("pk", filter=self.doubtful))
        return {**counts, "number": counts["number"] or 0}

    def value(self, scope: Scope, as_of: date) -> Number:
        """The figure on `as_of`, in `unit`."""
        return self.total(self.rows(scope(self.model), as_of))

    def doubts(self) -> "Figure":
        """The figure that counts the doubtful rows of this one."""
        return replace(
            self,
            id=f"{self.id}?doubtful",
            label=f"{self.label}，其中{self.doubt}的",
            unit="条",
            where=self.where & self.doubtful,
            sum_of="",
            distinct=None,
            doubtful=Q(pk__in=[]),
        )

    def dimension(self, key: str) -> Dimension:
        """The dimension called `key`. Raises LookupError where the figure has none such."""
        for dimension in self.dimensions:
            if dimension.key == key:
                return dimension
        raise LookupError(key)

    def breakdown(self, key: str, scope: Scope, as_of: date, **within: str) -> list[Slice]:
        """The figure for each value of a dimension, in one query. The numbers add up to the figure, unless
        it counts persons: one with rows of two values counts for both.

        within: by dimension the token of its one value that counts, for a part of the figure.
        """
        dimension = self.dimension(key)
        rows = self.rows(scope(self.model), as_of)
        for other, token in within.items():
            rows = self.dimension(other).narrow(rows, token)
        rows = dimension.grouped(rows)
        found: dict[Any, Number] = {}
        for group, number in (
            rows.order_by().values("value_asked").annotate(number=self.aggregate()).values_list("value_asked", "number")
        ):
            group = None if group == "" else group
            found[group] = found.get(group, 0) + (number or 0)
        missing = found.pop(None, 0)
        if dimension.codes:
            slices = [Slice(token, label, found.pop(value, 0)) for token, label, value in dimension.codes]
        else:
            slices = []
        # Without codes, or stored in spite of them, as old codes are.
        rest = [Slice(str(value), str(value), number) for value, number in found.items()]
        if dimension.order == "number":
            rest.sort(key=lambda part: (-part.number, part.token))
        else:
            rest.sort(key=lambda part: part.token)
        return slices + rest + ([Slice(UNRECORDED, UNRECORDED_LABEL, missing)] if missing else [])

    def aggregate(self, where: Q | None = None) -> models.Aggregate:
        """The expression that makes the figure of rows."""
        if self.sum_of:
            return Sum(self.sum_of, filter=where)
        return Count(self.distinct or "pk", distinct=self.distinct is not None, filter=where)


# --- Asking --------------------------------------------------------------------------------


def values(figures: Iterable[Figure], scope: Scope, as_of: date) -> dict[str, Number]:
    """{id: value}, with one query for all figures of one population."""
    figures = list(figures)
    families: dict[tuple[Any, Any], list[Figure]] = {}
    for figure in figures:
        families.setdefault((figure.model, figure.population), []).append(figure)
    found: dict[str, Number] = {}
    for (model, population), family in families.items():
        # An aggregate's name can't hold the dots of an id.
        answers = population(scope(model), as_of).aggregate(
            **{f"figure{place}": figure.aggregate(figure.where) for place, figure in enumerate(family)}
        )
        found |= {figure.id: answers[f"figure{place}"] or 0 for place, figure in enumerate(family)}
    return {figure.id: found[figure.id] for figure in figures}


def declared(name: str) -> Iterator[Any]:
    """What the modules `figures` of the apps declare as `name`, in the order of the apps and of their declarations."""
    for module in modules("figures"):
        yield from getattr(module, name, ())


@cache
def registry() -> dict[str, Figure]:
    """Every figure that the portal knows, by id."""
    known: dict[str, Figure] = {}
    for figure in declared("FIGURES"):
        if figure.id in known:
            raise ImproperlyConfigured(f"Two figures are called {figure.id}.")
        known[figure.id] = figure
    return known


def parse_as_of(text: str) -> date:
    """The day that `text` (2018-03-31) names. Raises DomainError with how to write it."""
    text = text.strip()
    try:
        day = date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        day = None
    if day is None:
        raise DomainError(f"日期「{text[:20]}」不对，请写成 2018-03-31 这样的年-月-日。")
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise DomainError(f"日期「{text}」不在 {FIRST_YEAR} 年至 {LAST_YEAR} 年之间，请核对。")
    return day


def mask_name(name: str) -> str:
    """A person's name as others may read it: 杨*英, 杨*; never its length beyond that of the name."""
    name = name.strip()
    if len(name) < 3:
        return name[:1] + "*" if name else ""
    return name[0] + "*" * (len(name) - 2) + name[-1]
