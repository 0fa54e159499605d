"""Step 3 over a whole table: every data row becomes a plan with its cleaned values, a column at a time."""

from collections.abc import Callable, Iterable, Sequence
from operator import itemgetter
from typing import Any

from pingtang_union.core.ledger.clean import Cell, Cleaner, CleanError, as_text, masked, quoted
from pingtang_union.core.ledger.read import Broken, UnreadableFile
from pingtang_union.core.ledger.schema import Column, RowPlan
from pingtang_union.core.ledger.table import Table, union_named_in
from pingtang_union.core.text import visible

# Of a check, by measurement: a roster of 105,000 rows may have 95,000 messages and stay below 512 MB.
_KILOBYTES_A_ROW, _KILOBYTES_A_MESSAGE, _MOST_KILOBYTES = 3.0, 1.3, 440_000
_TOLD = 3


def read_rows(table: Table, tick: Callable[[int], None] | None = None) -> list[RowPlan]:
    """Plans of every data row: cells cleaned, bad ones said, and what a row says by itself checked
    (`Ledger.prepare`). `tick`: told how many more rows are done. Raises UnreadableFile when so much is wrong that
    nobody would read it."""
    found = table.header.found
    columns = [column for column in table.ledger.columns if column.name in found]
    numbers: list[int] = []
    rows: list[list[Cell]] = []
    above: list[int] = []  # how many texts of passed-over rows stand above each row
    for number, cells in table.data_rows():
        numbers.append(number)
        rows.append(cells)
        above.append(len(table.sections))
    plans = [RowPlan(row, number, {}) for number, row in enumerate(numbers, start=1)]
    cleaned = []
    for column in columns:
        cells = list(map(itemgetter(found[column.name]), rows))
        cleaned.append(_clean(cells, column, plans, table))
        if tick is not None:
            tick(len(plans) // len(columns))
    names = [column.name for column in columns]
    for plan, values in zip(plans, zip(*cleaned, strict=True), strict=True):
        plan.values = dict(zip(names, values, strict=True))
        if None in values:
            plan.values = {name: value for name, value in plan.values.items() if value is not None}
    if "union" in names:
        _take_noted_union(plans, table)
    if table.ledger.has_sections:
        _take_sections(plans, above, table)
    for column in columns:
        if column.is_required:
            _refuse_missing(plans, column, table)
    first = table.ledger.columns[0].name
    for plan, cells in zip(plans, rows, strict=True):
        plan.name = str(plan.values.get(first) or masked(visible(as_text(cells[found[first]]))))
    table.ledger.prepare(plans)
    return plans


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


def _clean(cells: Sequence[Cell], column: Column, plans: Sequence[RowPlan], table: Table) -> list[Any]:
    """Values of a column, None where there is none; what is wrong with a cell goes to its row's plan."""
    kinds = set(map(type, cells))
    memories = {kind: _Memory(column.clean) for kind in kinds}
    values: list[Any]
    if len(memories) == 1:
        values = list(map(memories[kinds.pop()].__getitem__, cells))
    else:
        values = [memories[cell.__class__][cell] for cell in cells]
    if any(memory.said for memory in memories.values()):
        for plan, cell in zip(plans, cells, strict=True):
            refusal, warning = memories[cell.__class__].said.get(cell, ("", ""))
            if refusal:
                plan.reject(column.label, _said(table, column, refusal), cell=quoted(cell))
            elif warning:
                plan.warn(column.label, _said(table, column, warning))
        _refuse_flood(plans)
    return values


def _refuse_flood(plans: Sequence[RowPlan]) -> None:
    told = sum(len(plan.messages) for plan in plans)
    if _KILOBYTES_A_ROW * len(plans) + _KILOBYTES_A_MESSAGE * told > _MOST_KILOBYTES:
        first = [(plan.row, message.text) for plan in plans[:_TOLD] for message in plan.messages[:1]][:_TOLD]
        raise UnreadableFile(
            f"有问题的格子太多（{told} 处以上），没有读入，多半是表头和下面的内容没有对上。最先的几处是："
            + "".join(f"第 {row} 行{text}" for row, text in first)
            + "请改好以后再上传，或者按工会分成几个文件。"
        )


def _take_noted_union(plans: Iterable[RowPlan], table: Table) -> None:
    """A blank cell means the union that the sheet says it is of."""
    noted = union_named_in(table, ("工会名称", "所在工会"))
    label = table.ledger.label("union")
    for plan in plans if noted else ():
        if "union" not in plan.values and not any(message.column == label for message in plan.messages):
            plan.values["union"] = noted


def _take_sections(plans: Iterable[RowPlan], above: Iterable[int], table: Table) -> None:
    """A blank cell, or a column that isn't there, means what the section's title says."""
    told: dict[str, Any] = {}
    read = 0
    for plan, number in zip(plans, above, strict=True):
        for title in table.sections[read:number]:
            told |= table.ledger.read_section(title)
        read = number
        for name, value in told.items():
            if not any(message.column == table.ledger.label(name) for message in plan.messages):
                plan.values.setdefault(name, value)


def _refuse_missing(plans: Iterable[RowPlan], column: Column, table: Table) -> None:
    for plan in plans:
        if column.name not in plan.values and not any(m.column == column.label for m in plan.messages):
            plan.reject(column.label, _said(table, column, "没有填，请补填。"))


def _said(table: Table, column: Column, text: str) -> str:
    """A cell's message, beginning with the header as the clerk's own sheet has it."""
    written = table.header.texts[table.header.found[column.name]]
    return f"{written or column.label}：{text}"
