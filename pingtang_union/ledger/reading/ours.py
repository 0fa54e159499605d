"""What we add to a workbook that we give out (ledger.giving: marked, template, form): read again, it says nothing."""

from collections.abc import Sequence
from typing import Any

OUR_SHEET = "检查结果汇总"
OUR_COLUMN = "检查结果"
NOTES_SHEET, CHOICES_SHEET = "填写说明", "选项"
SHEETS = frozenset({OUR_SHEET, NOTES_SHEET, CHOICES_SHEET})
_WITHIN_ROWS = 40


def our_column(rows: Sequence[Sequence[Any]]) -> tuple[int, int] | None:
    """(row, column) of our own header among the first rows of a sheet, from 0."""
    for at, row in enumerate(rows[:_WITHIN_ROWS]):
        if OUR_COLUMN in row:
            return at, row.index(OUR_COLUMN)
    return None


def blank_our_column(rows: Sequence[list[Any]]) -> None:
    """Empty the column that we added when we gave the sheet back."""
    if place := our_column(rows):
        top, index = place
        for row in rows[top:]:
            if index < len(row):
                row[index] = ""
