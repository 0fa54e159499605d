"""A brought list against stored records: tables of known headers are read in the limited child, each line finds its
record by the first way that leaves no doubt, and values are compared as a person would. Nothing is stored here."""

import re
from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from pingtang_union.core.cleaning import Cell, CleanError, as_text, clean_partial_date
from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.text import fold, narrow
from pingtang_union.files import limited
from pingtang_union.ledger.reading.workbook import BUSY, LargerFile, Sheet, UnreadableFile, read_workbook
from pingtang_union.money import money

MAX_BYTES = 5 * 1024 * 1024
_LOOKED_FOR_HEADER = 30  # rows from the top
_BRACED = re.compile(r"（.*?）|\(.*?\)|[*＊★]")  # units and stars beside a header
_EXACT = 15  # digits that a spreadsheet's number keeps (IEEE 754)
Row = TypeVar("Row")


@dataclass(frozen=True)
class Table:
    """A kind of table: its headers by key, the keys that a sheet needs to be one, the one that no line is without."""

    name: str
    headers: Mapping[str, Collection[str]]
    needed: frozenset[str]
    told_by: str


@dataclass(frozen=True)
class Line:
    """One line of a brought list: where it stands, its cells by key."""

    table: str
    sheet: str
    number: int
    cells: Mapping[str, Cell]

    def text(self, key: str) -> str:
        """A cell in words; "" where the list has no such column."""
        return as_text(self.cells.get(key, "")).strip()

    def digits(self, key: str) -> tuple[str, bool]:
        """A number without blanks and dashes, and whether its last digits are there: a spreadsheet's number keeps
        fifteen."""
        cell = self.cells.get(key, "")
        text = narrow(as_text(cell)).replace("-", "").lstrip("'").upper()
        whole = isinstance(cell, str) or (isinstance(cell, int) and len(text) <= _EXACT)
        return (text, whole) if text.isalnum() else ("", False)


def read_list(content: bytes, name: str, tables: Sequence[Table]) -> list[Line]:
    """The lines of all sheets that are one of `tables`. Raises DomainError for a file that can't be read, and where no
    sheet is."""
    try:
        sheets = read_workbook(content, name)
    except (UnreadableFile, LargerFile) as error:
        raise DomainError(f"「{name}」{error}") from error
    except limited.Busy as error:
        raise DomainError(BUSY) from error
    if refusal := next((sheet.refusal for sheet in sheets if sheet.refusal), ""):
        raise DomainError(f"「{name}」{refusal}")
    read = [lines for sheet in sheets if (lines := _lines_of(sheet, tables)) is not None]
    if not read:
        wanted = "；或".join("、".join(next(iter(one.headers[key])) for key in sorted(one.needed)) for one in tables)
        raise DomainError(f"没有找到表头：应有{wanted}等列。请核对是否选错了文件。")
    return [line for lines in read for line in lines]


def _lines_of(sheet: Sheet, tables: Sequence[Table]) -> list[Line] | None:
    for at, cells in enumerate(sheet.rows[:_LOOKED_FOR_HEADER]):
        found = [(table, _header(cells, table)) for table in tables]
        fitting = [(len(places), table, places) for table, places in found if places.keys() >= table.needed]
        if fitting:
            _, table, places = max(fitting, key=lambda one: one[0])
            lines = (
                Line(table.name, sheet.name, at + 2 + index, {key: _at(row, column) for key, column in places.items()})
                for index, row in enumerate(sheet.rows[at + 1 :])
            )
            return [line for line in lines if line.text(table.told_by) and not _is_header(line, table)]
    return None


def _header(cells: Sequence[Cell], table: Table) -> dict[str, int]:
    keys = {fold(label): key for key, labels in table.headers.items() for label in labels}
    found: dict[str, int] = {}
    for column, cell in enumerate(cells):
        if key := keys.get(fold(_BRACED.sub("", as_text(cell)))):
            found.setdefault(key, column)
    return found


def _is_header(line: Line, table: Table) -> bool:
    """Printed pages repeat their header."""
    return fold(line.text(table.told_by)) in map(fold, table.headers[table.told_by])


def _at(row: Sequence[Cell], column: int) -> Cell:
    return row[column] if column < len(row) and row[column] is not None else ""


# --- Finding the record ------------------------------------------------------------------------


@dataclass(frozen=True)
class Way(Generic[Row]):
    """How a line may find its record: by keys that both have. Lines and records of several keys meet in any."""

    name: str
    of_line: Callable[[Line], Iterable[Hashable]]
    of_row: Callable[[Row], Iterable[Hashable]]


@dataclass
class Matches(Generic[Row]):
    """Which line is which record, by which way; lines without one; records in no line."""

    found: list[tuple[Line, Row, str]] = field(default_factory=list)
    unknown: list[Line] = field(default_factory=list)
    left: list[Row] = field(default_factory=list)


def match(lines: Iterable[Line], rows: Iterable[Row], ways: Sequence[Way[Row]], *, is_once: bool = True) -> Matches:
    """Each line with its record: way after way, and only where the keys name a single record. A record that a line has
    found is no other line's (`is_once`); two lines of one key find none by it."""
    open_lines, free = list(lines), list(rows)
    matches: Matches[Row] = Matches()
    for way in ways:
        index: dict[Hashable, dict[int, Row]] = {}
        for row in free:
            for key in way.of_row(row):
                index.setdefault(key, {})[id(row)] = row
        found: dict[int, Row] = {}
        for at, line in enumerate(open_lines):
            rows_there = {key: one for asked in way.of_line(line) for key, one in index.get(asked, {}).items()}
            if len(rows_there) == 1:
                found[at] = next(iter(rows_there.values()))
        if is_once:
            times = Counter(map(id, found.values()))
            found = {at: row for at, row in found.items() if times[id(row)] == 1}
            taken = {id(row) for row in found.values()}
            free = [row for row in free if id(row) not in taken]
        matches.found += [(open_lines[at], row, way.name) for at, row in found.items()]
        open_lines = [line for at, line in enumerate(open_lines) if at not in found]
    seen = {id(row) for _, row, _ in matches.found}
    matches.unknown, matches.left = open_lines, [row for row in free if id(row) not in seen]
    return matches


# --- Comparing ---------------------------------------------------------------------------------


def same_text(theirs: Cell, ours: str) -> bool:
    """Whether both say the same, apart from blanks, punctuation and width."""
    return fold(as_text(theirs)) == fold(ours)


def same_amount(theirs: Cell, ours: str) -> bool:
    """Whether both are the same amount, however written: 1200, 1,200.00元."""
    return _by(lambda cell: money(cell).value, theirs, ours)


def same_day(theirs: Cell, ours: str) -> bool:
    """Whether both are the same day, or one says no more than the year or month of the other."""

    def day(cell: Cell) -> Any:
        return clean_partial_date(cell).value

    try:
        one, other = day(theirs), day(ours)
    except CleanError:
        return same_text(theirs, ours)
    return one == other or bool(one and other and (one.startswith(other) or other.startswith(one)))


def _by(read: Callable[[Cell], Any], theirs: Cell, ours: str) -> bool:
    try:
        return bool(read(theirs) == read(ours))
    except CleanError:
        return same_text(theirs, ours)
