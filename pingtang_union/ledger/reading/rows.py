"""Step 3 over a whole table: the cells of every data row cleaned, a column at a time."""

from collections.abc import Callable, Iterable, Sequence
from operator import itemgetter
from typing import Any

from pingtang_union.core.cleaning import Cell, Cleaner, CleanError, as_text, counting_days, quoted
from pingtang_union.core.masking import masked
from pingtang_union.core.text import visible
from pingtang_union.ledger.declaration import Column
from pingtang_union.ledger.outcome import RowOutcome
from pingtang_union.ledger.reading.table import Table, union_named_in
from pingtang_union.ledger.reading.totals import wrong_totals
from pingtang_union.ledger.reading.workbook import Broken, UnreadableFile

# Of a check, by measurement: a roster of 105,000 rows may have 95,000 messages and stay below 512 MB.
_KILOBYTES_A_ROW, _KILOBYTES_A_MESSAGE, _MOST_KILOBYTES = 3.0, 1.3, 440_000
_TOLD = 3


def read_rows(table: Table, tick: Callable[[int], None] | None = None) -> list[RowOutcome]:
    """Outcomes of every data row: cells cleaned, bad ones said, and what a row says by itself checked
    (`Ledger.prepare`). `tick`: told how many more rows are done. Raises UnreadableFile when so much is wrong that
    nobody would read it."""
    places = table.header.found
    columns = [column for column in table.ledger.read_columns if column.name in places]
    numbers: list[int] = []
    rows: list[list[Cell]] = []
    above: list[int] = []  # how many texts of passed-over rows stand above each row
    for number, cells in table.data_rows():
        numbers.append(number)
        rows.append(cells)
        above.append(len(table.sections))
    sheet, ledger = table.sheet.name, table.ledger.title
    outcomes = [RowOutcome(row, number, {}, sheet=sheet, ledger=ledger) for number, row in enumerate(numbers, start=1)]
    cleaned = []
    for column in columns:
        cells = list(map(itemgetter(places[column.name]), rows))
        cleaned.append(_clean(cells, column, outcomes, table))
        if tick is not None:
            tick(len(outcomes) // len(columns))
    names = [column.name for column in columns]
    for outcome, values in zip(outcomes, zip(*cleaned, strict=True), strict=True):
        outcome.values = dict(zip(names, values, strict=True))
        if None in values:
            outcome.values = {name: value for name, value in outcome.values.items() if value is not None}
    first = table.ledger.columns[0].name
    for outcome, cells in zip(outcomes, rows, strict=True):
        written = visible(as_text(cells[places[first]])) if first in places else ""
        outcome.name = masked(str(outcome.values.get(first) or written))
    outcomes = table.ledger.spread(table, outcomes)
    if "union" in names:
        _take_noted_union(outcomes, table)
    if table.ledger.has_sections:
        _take_sections(outcomes, above, table)
    for column in columns:
        if column.is_required:
            _refuse_missing(outcomes, column, table)
    table.doubts = wrong_totals(table, outcomes)
    table.ledger.prepare(outcomes)
    return outcomes


class _Memory(dict[Cell, Any]):
    """What the cells of a column are cleaned to: each different one is cleaned once.

    said: (refusal, warning) of the cells that there is something to say of. One memory holds cells of one class: a
    True equals a 1.
    """

    def __init__(self, clean: Cleaner):
        super().__init__({"": None})
        self.clean = clean
        self.said: dict[Cell, tuple[str, str]] = {}

    def __missing__(self, cell: Cell) -> Any:
        value = None
        if cell.__class__ is Broken:
            self.said[cell] = (cell.said, "")
        else:
            try:
                value, warning = self.clean(cell)
            except CleanError as error:
                self.said[cell] = (str(error), "")
            else:
                if warning and value is not None:
                    self.said[cell] = ("", warning)
        self[cell] = value
        return value


def _clean(cells: Sequence[Cell], column: Column, outcomes: Sequence[RowOutcome], table: Table) -> list[Any]:
    """Values of a column, None where there is none; what is wrong with a cell goes to its row's outcome."""
    kinds = set(map(type, cells))
    clean = counting_days(column.clean, table.sheet.day_shift)
    memories = {kind: _Memory(clean) for kind in kinds}
    values: list[Any]
    if len(memories) == 1:
        values = list(map(memories[kinds.pop()].__getitem__, cells))
    else:
        values = [memories[cell.__class__][cell] for cell in cells]
    if any(memory.said for memory in memories.values()):
        for outcome, cell in zip(outcomes, cells, strict=True):
            refusal, warning = memories[cell.__class__].said.get(cell, ("", ""))
            if refusal:
                outcome.reject(column.label, _said(table, column, refusal), cell=quoted(cell))
            elif warning:
                outcome.warn(column.label, _said(table, column, warning))
        _refuse_flood(outcomes)
    return values


def _refuse_flood(outcomes: Sequence[RowOutcome]) -> None:
    told = sum(len(outcome.messages) for outcome in outcomes)
    if _KILOBYTES_A_ROW * len(outcomes) + _KILOBYTES_A_MESSAGE * told > _MOST_KILOBYTES:
        first = [(outcome.row, outcome.messages[0].text) for outcome in outcomes[:_TOLD] if outcome.messages]
        raise UnreadableFile(
            f"有问题的格子太多（{told} 处以上），没有读入，多半是表头和下面的内容没有对上。最先的几处是："
            + "".join(f"第 {row} 行{text}" for row, text in first)
            + "请改好以后再上传，或者按工会分成几个文件。"
        )


def _take_noted_union(outcomes: Iterable[RowOutcome], table: Table) -> None:
    """A blank cell means the union that the sheet says it is of."""
    noted = union_named_in(table, ("工会名称", "所在工会"))
    label = table.ledger.label("union")
    for outcome in outcomes if noted else ():
        if "union" not in outcome.values and not any(message.column == label for message in outcome.messages):
            outcome.values["union"] = noted


def _take_sections(outcomes: Iterable[RowOutcome], above: Iterable[int], table: Table) -> None:
    """A blank cell, or a column that isn't there, means what the section's title says."""
    told: dict[str, Any] = {}
    read = 0
    for outcome, number in zip(outcomes, above, strict=True):
        for title in table.sections[read:number]:
            told |= table.ledger.read_section(title)
        read = number
        for name, value in told.items():
            if not any(message.column == table.ledger.label(name) for message in outcome.messages):
                outcome.values.setdefault(name, value)


def _refuse_missing(outcomes: Iterable[RowOutcome], column: Column, table: Table) -> None:
    for outcome in outcomes:
        if table.ledger.lacks(outcome, column.name) and not any(m.column == column.label for m in outcome.messages):
            outcome.reject(column.label, _said(table, column, "没有填，请补填。"))


def _said(table: Table, column: Column, text: str) -> str:
    """A cell's message, beginning with the header as the clerk's own sheet has it."""
    written = table.header.texts[table.header.found[column.name]]
    return f"{written or column.label}：{text}"
