"""Room for more rows in somebody else's form: in the style of its first blank row, with everything below pushed down.

openpyxl moves cells alone; merged cells, heights, pictures and what formulas name have to follow.
"""

import re
from copy import copy

from openpyxl.cell import MergedCell
from openpyxl.formula.translate import Translator
from openpyxl.worksheet.cell_range import CellRange
from openpyxl.worksheet.worksheet import Worksheet

_LAST_ROW = 1_048_576
_REFERENCE = re.compile(r"(\$?[A-Z]{1,3}\$?)(\d+)(?::(\$?[A-Z]{1,3}\$?)(\d+))?(?![\d(])")


def push_down(sheet: Worksheet, first: int, ruled: int, more: int, width: int) -> None:
    """Make room for `more` rows below the ruled ones, in the style of the first; all below moves down with its merged
    cells, heights, pictures and the rows that its sums name."""
    below = first + ruled
    merged_in_row = [area for area in _merged(sheet) if ruled and area.min_row == area.max_row == first]
    moved: list[CellRange] = []
    for area in _merged(sheet):
        is_beside = area.min_row <= first < area.max_row == below - 1  # a label beside all ruled rows grows with them
        if area.max_row < below and not is_beside:
            continue
        sheet.unmerge_cells(area.coord)
        top = area.min_row + more if area.min_row >= below else area.min_row
        bottom = min(area.max_row + more, _LAST_ROW)
        moved.append(CellRange(min_col=area.min_col, max_col=area.max_col, min_row=min(top, bottom), max_row=bottom))
    heights = {row: dimension.height for row, dimension in sheet.row_dimensions.items() if dimension.height}
    sheet.insert_rows(below, more)
    for row in list(sheet.row_dimensions):
        if row >= below:
            sheet.row_dimensions[row].height = None
    for row, height in heights.items():
        if row >= below:
            sheet.row_dimensions[row + more].height = height
    for area in moved:
        sheet.merge_cells(area.coord)
    _follow(sheet, first, below, more)
    for row in range(below, below + more):
        _copy_row(sheet, first, row, width)
        if first in heights:
            sheet.row_dimensions[row].height = heights[first]
        for area in merged_in_row:
            sheet.merge_cells(start_row=row, end_row=row, start_column=area.min_col, end_column=area.max_col)


def _merged(sheet: Worksheet) -> list[CellRange]:
    return list(sheet.merged_cells.ranges)


def _copy_row(sheet: Worksheet, source: int, target: int, width: int) -> None:
    """Style, and formulas that reckon within the row."""
    for column in range(1, width + 1):
        old = sheet.cell(source, column)
        new = sheet.cell(target, column)
        if isinstance(new, MergedCell):
            continue
        if old.has_style:
            new._style = copy(old._style)  # type: ignore[attr-defined,union-attr]  # all parts of the style at once
        if isinstance(old.value, str) and old.data_type == "f":
            new.value = Translator(old.value, old.coordinate).translate_formula(new.coordinate)


def _grow(area: CellRange, more: int) -> None:
    """Let a range reach `more` rows further down, at most to the sheet's last: one may name whole columns."""
    area.max_row = min(area.max_row + more, _LAST_ROW)


def _follow(sheet: Worksheet, first: int, below: int, more: int) -> None:
    """Have what names rows name the right ones: sums, rules of cells, print area, pictures."""
    for (row, _column), cell in list(sheet._cells.items()):
        if not first <= row < below + more and cell.data_type == "f" and isinstance(cell.value, str):
            cell.value = _REFERENCE.sub(lambda match: _referred(match, first, below, more), cell.value)
    for rule in sheet.data_validations.dataValidation:
        for area in list(rule.sqref.ranges):
            if area.min_row < below <= area.max_row + 1 and area.max_row >= first:
                _grow(area, more)
            elif area.min_row >= below:
                _grow(area, more)
                area.min_row = min(area.min_row + more, area.max_row)
    for picture in [*sheet._images, *sheet._charts]:  # type: ignore[attr-defined]  # what is drawn on the sheet
        for corner in (getattr(picture.anchor, "_from", None), getattr(picture.anchor, "to", None)):
            if corner is not None and corner.row + 1 >= below:
                corner.row += more
    if sheet.print_area:
        areas = [CellRange(area.split("!")[-1].replace("$", "")) for area in str(sheet.print_area).split(",")]
        for area in areas:
            if area.max_row >= below - 1:
                _grow(area, more)
        sheet.print_area = ",".join(area.coord for area in areas)


def _referred(match: re.Match[str], first: int, below: int, more: int) -> str:
    start = int(match[2])
    if match[3] is None:
        return f"{match[1]}{start + more if start >= below else start}"
    end = int(match[4])
    if first <= end < below and first - 1 <= start <= first:
        end = below - 1  # it means all rows, whatever ruled one it stops at
    grows = end >= below or (end == below - 1 and start >= first - 1)
    return f"{match[1]}{start + more if start >= below else start}:{match[3]}{end + more if grows else end}"
