"""Sections of the dashboard: apps declare theirs in `figures.py` (a tuple SECTIONS), a page shows them.

A section has tiles at the top of the page and blocks in its own part; all name figures by id. A block is shown by
the template of its kind (dashboard/_table.html for a Table).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from itertools import chain
from typing import Any, Literal

from pingtang_union.core.dates import shift_years
from pingtang_union.core.figures import Figure, Number, Scope, declared, registry, values
from pingtang_union.money import shown

Shown = dict[str, Any]


@dataclass(frozen=True)
class Asked:
    """A figure, or its part with one value of a dimension: the number, and the address of the rows behind it."""

    figure: Figure
    label: str
    number: Number
    url: str
    note: str = ""
    doubts: "Asked | None" = None
    icon: str = ""
    change: Number | None = None  # since the same day of the year before; None where that isn't known

    @property
    def trend(self) -> str:
        """Which way it moved, as a tile shows it; "" where that isn't known."""
        return (
            "" if self.change is None else "is-up" if self.change > 0 else "is-down" if self.change < 0 else "is-even"
        )

    @property
    def trend_words(self) -> str:
        """How far it moved."""
        words = {
            "is-up": f"同比增加 {shown(self.change or 0)}",
            "is-down": f"同比减少 {shown(-(self.change or 0))}",
            "is-even": "同比持平",
        }
        return words.get(self.trend, "")


class Board:
    """The answers of one page on one day: one query for all figures of a population, one for each breakdown."""

    def __init__(self, scope: Scope, as_of: date, address: Callable[..., str]):
        """address: where the rows of a figure are, by its id, the day, and (as keywords) what narrows them."""
        self.scope, self.as_of, self.address, self.known = scope, as_of, address, registry()
        self.parts = cache(self._parts)
        doubts = [figure.doubts() for figure in self.known.values() if figure.doubt]
        self.numbers = values([*self.known.values(), *doubts], scope, as_of)

    def ask(self, id: str) -> Asked:
        """A figure with its number and, if there are some, its doubtful rows."""
        figure, url = self.known[id], self.address(id, self.as_of)
        doubts = self.numbers.get(figure.doubts().id)
        doubtful = Asked(figure, figure.doubt, doubts, self.address(id, self.as_of, doubtful="1")) if doubts else None
        return Asked(figure, figure.label, self.numbers[id], url, figure.note, doubtful)

    def top(self) -> list[Asked]:
        """The tiles of all sections, each with its section's sign and how far it moved in a year. A figure says since
        when it counts: before that there is nothing to compare with."""
        before = date.fromisoformat(shift_years(self.as_of.isoformat(), -1))
        known = [self.known[id] for section in sections() for id in section.tiles]
        then = values([one for one in known if one.since is None or one.since <= before], self.scope, before)
        return [
            replace(asked, icon=section.icon, change=asked.number - then[id] if id in then else None)
            for section in sections()
            for id in section.tiles
            for asked in [self.ask(id)]
        ]

    def part(self, id: str, label: str, number: Number, **within: str) -> Asked:
        """The part of a figure that has the values `within`."""
        return Asked(self.known[id], label, number, self.address(id, self.as_of, **within))

    def _parts(self, id: str, by: str, **within: str) -> dict[str, Asked]:
        slices = self.known[id].breakdown(by, self.scope, self.as_of, **within)
        return {one.token: self.part(id, one.label, one.number, **within, **{by: one.token}) for one in slices}


# --- Blocks --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Block:
    """One thing on the page, made of figures."""

    figures: tuple[str, ...] = ()

    def show(self, board: Board) -> Shown:
        """What its template needs, with the template's name."""
        return {"template": f"dashboard/_{type(self).__name__.lower()}.html", "declared": self}


@dataclass(frozen=True)
class Tiles(Block):
    """A tile a figure; or, `by` a dimension of the only figure, a tile a value, called by `label`."""

    by: str = ""
    label: str = "{}"

    def show(self, board: Board) -> Shown:
        parts = board.parts(self.figures[0], self.by).values() if self.by else ()
        named = [replace(part, label=self.label.format(part.label)) for part in parts]
        return {**super().show(board), "tiles": named or [board.ask(id) for id in self.figures]}


@dataclass(frozen=True, kw_only=True)
class Table(Block):
    """Figures divided `by` one dimension, a column each, with the chart of the last: units never mix in a chart.

    within: the one value of another dimension that counts. across: a column a value of that dimension and one for
    all of them, instead. every_year: the values are years, and a year without any has its line too.
    """

    slug: str
    title: str
    by: str
    chart: Literal["bar", "bar-h", "bar-stacked", "line"] = "bar-h"
    within: Mapping[str, str] = field(default_factory=dict)
    across: str = ""
    every_year: bool = False
    empty: str = "当日以前没有记录。"

    def show(self, board: Board) -> Shown:
        first = self.figures[0]
        columns: list[tuple[Mapping[str, str], Asked]]
        if self.across:
            columns = [({self.across: token}, part) for token, part in board.parts(first, self.across).items()]
            columns.append(({}, replace(board.ask(first), label="合计")))
            charted = columns[:-1]
        else:
            columns = [(self.within, self._whole(board, id)) for id in self.figures]
            charted = columns[-1:]
        # Of the columns across, one without anything needs no question.
        found = [
            {} if self.across and not one.number else board.parts(one.figure.id, self.by, **within)
            for within, one in columns
        ]
        labels = {token: part.label for parts in found for token, part in parts.items()}
        if self.every_year and (years := [int(token) for token in labels if token.isdigit()]):
            labels = {str(year): f"{year}年" for year in range(min(years), max(years) + 1)} | {
                token: label for token, label in labels.items() if not token.isdigit()
            }
        lines = [
            (
                label,
                [
                    parts.get(token) or board.part(one.figure.id, label, 0, **within, **{self.by: token})
                    for parts, (within, one) in zip(found, columns, strict=True)
                ],
            )
            for token, label in labels.items()
        ]
        return {
            **super().show(board),
            "head": board.known[first].dimension(self.by).label,
            "columns": [(column[1], column in charted) for column in columns],
            "lines": lines,
            "height": "" if self.across else "is-tall" if len(lines) > 8 else "is-low" if len(lines) < 4 else "",
            "caption": charted[0][1] if len(self.figures) > 1 else None,
        }

    def _whole(self, board: Board, id: str) -> Asked:
        """The figure, or its part that counts here."""
        for key, token in self.within.items():
            return replace(board.parts(id, key)[token], label=board.known[id].label)
        return board.ask(id)


@dataclass(frozen=True)
class Card:
    """Facts, as (words, figure), and a note on them."""

    title: str
    facts: tuple[tuple[str, str], ...]
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Cards(Block):
    """Cards whose words and figures depend on the day."""

    on: Callable[[date], Sequence[Card]]

    def show(self, board: Board) -> Shown:
        cards = [(card, [(words, board.ask(id)) for words, id in card.facts]) for card in self.on(board.as_of)]
        return {**super().show(board), "cards": cards}


@dataclass(frozen=True)
class Section:
    """A part of the dashboard. icon: a sign of templatetags.portal. dates: those in its records that decide what counts
    on a day. lead: the sentence below the title. link: words and route of a page that tells more."""

    slug: str
    title: str
    icon: str
    order: int
    dates: tuple[str, ...]
    tiles: tuple[str, ...] = ()
    blocks: tuple[Block, ...] = ()
    lead: Callable[[date], str] = lambda day: ""
    link: tuple[str, str] | None = None

    def show(self, board: Board) -> Shown:
        """What the template needs."""
        figures = [board.known[id] for id in chain(self.tiles, *(block.figures for block in self.blocks))]
        return {
            "declared": self,
            "lead": self.lead(board.as_of),
            "begins": max((one.since for one in figures if one.since and board.as_of < one.since), default=None),
            "blocks": [block.show(board) for block in self.blocks],
        }


@cache
def sections() -> tuple[Section, ...]:
    """The sections of the dashboard, in its order."""
    return tuple(sorted(declared("SECTIONS"), key=lambda section: section.order))
