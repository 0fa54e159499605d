"""A sheet's own totals, compared with the rows above them: a difference is told, and nothing is refused for it."""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from pingtang_union.core.cleaning import Cell, CleanError, as_text, is_blank
from pingtang_union.core.text import narrow
from pingtang_union.ledger.declaration import Column
from pingtang_union.ledger.outcome import RowOutcome
from pingtang_union.ledger.reading.table import Table

_ROWS = re.compile(r"共?([0-9][0-9,]*)(?:人次|人|名|户|条|笔)")


def wrong_totals(table: Table, rows: Sequence[RowOutcome]) -> list[str]:
    """What is to be said of each total that is the sum neither of all rows above it nor of those since the last one.

    An amount counts as right when it is the sum of its column, or of all columns of `Ledger.added_up` together: offices
    print one total of money and goods under either. "共330人次" is compared with the number of rows.
    """
    said = []
    since = 0
    for at, cells in table.totals:
        above = [row for row in rows if row.row < at]
        spans = [above, [row for row in above if row.row > since]]
        said += [f"第 {at} 行的合计：{text}，请核对。" for text in _differences(table, cells, spans)]
        since = at
    return said


def _differences(table: Table, cells: Sequence[Cell], spans: Sequence[Sequence[RowOutcome]]) -> Iterator[str]:
    columns = [
        column
        for column in table.ledger.columns
        if column.name in table.ledger.added_up and column.name in table.header.found
    ]
    for column in columns:
        stated = _number(column, cells[table.header.found[column.name]])
        if stated is None:
            continue
        right = {_sum(rows, names) for rows in spans for names in ([column.name], [one.name for one in columns])}
        if stated not in right:
            yield f"「{column.label}」写的是 {stated:,}，上面各行相加是 {_sum(spans[0], [column.name]):,}"
    for cell in cells:
        match = _ROWS.fullmatch(narrow(as_text(cell))) if isinstance(cell, str) else None
        if match and int(match[1].replace(",", "")) not in {len(rows) for rows in spans}:
            yield f"写的是{cell.strip()}，上面读到 {len(spans[0])} 条"


def _number(column: Column, cell: Cell) -> Decimal | None:
    try:
        return None if is_blank(cell) else Decimal(column.clean(cell).value)
    except CleanError:
        return None


def _sum(rows: Sequence[RowOutcome], names: Sequence[str]) -> Decimal:
    return sum((Decimal(row.values[name]) for row in rows for name in names if name in row.values), Decimal())
