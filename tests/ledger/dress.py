"""The county's ledgers in other offices' dress: other headers, order, characters, digits, dates, file kinds."""

import csv
import io
import random
from collections.abc import Callable, Iterable
from datetime import date, datetime

import opencc
import xlwt
from openpyxl import Workbook
from python_calamine import CalamineWorkbook

Grid = list[list[object]]
_TRADITIONAL = opencc.OpenCC("s2t")
_WIDE = str.maketrans("0123456789-.", "０１２３４５６７８９－．")


def load(content: bytes) -> dict[str, Grid]:
    """Sheets of a workbook as lists of rows."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}


def xlsx(sheets: dict[str, Grid]) -> bytes:
    """The sheets as .xlsx."""
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append([None if cell == "" else cell for cell in row])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def xls(sheets: dict[str, Grid]) -> bytes:
    """The sheets as .xls."""
    book = xlwt.Workbook()
    day = xlwt.easyxf(num_format_str="YYYY-MM-DD")
    for name, rows in sheets.items():
        sheet = book.add_sheet(name)
        for at, row in enumerate(rows):
            for column, cell in enumerate(row):
                if cell != "":
                    if isinstance(cell, date):
                        sheet.write(at, column, cell, day)
                    else:
                        sheet.write(at, column, cell)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def csv_bytes(rows: Grid, encoding: str = "gb18030", delimiter: str = ",") -> bytes:
    """One sheet as text."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=delimiter)
    for row in rows:
        writer.writerow([int(cell) if isinstance(cell, float) and cell.is_integer() else cell for cell in row])
    return buffer.getvalue().encode(encoding)


def cells(sheets: dict[str, Grid], change: Callable[[object], object]) -> dict[str, Grid]:
    """Every cell changed by `change`."""
    return {name: [[change(cell) for cell in row] for row in rows] for name, rows in sheets.items()}


def traditional(sheets: dict[str, Grid]) -> dict[str, Grid]:
    """In traditional characters, sheet names too."""
    changed = cells(sheets, lambda cell: _TRADITIONAL.convert(cell) if isinstance(cell, str) else cell)
    return {_TRADITIONAL.convert(name): rows for name, rows in changed.items()}


def wide_digits(sheets: dict[str, Grid]) -> dict[str, Grid]:
    """Digits, dots and dashes of texts in full width."""
    return cells(sheets, lambda cell: cell.translate(_WIDE) if isinstance(cell, str) else cell)


def renamed(sheets: dict[str, Grid], names: dict[str, str]) -> dict[str, Grid]:
    """Headers by other words (whole cells in the first six rows)."""
    return {
        sheet: [
            [names.get(str(cell).strip(), cell) if at < 6 and isinstance(cell, str) else cell for cell in row]
            for at, row in enumerate(rows)
        ]
        for sheet, rows in sheets.items()
    }


def reordered(sheets: dict[str, Grid], header_from: int, seed: int = 3) -> dict[str, Grid]:
    """Columns in another order, from the header's first row on."""
    result = {}
    for sheet, rows in sheets.items():
        width = max(map(len, rows))
        order = list(range(width))
        random.Random(seed).shuffle(order)
        result[sheet] = [
            [(row + [""] * width)[index] for index in order] if at >= header_from else row
            for at, row in enumerate(rows)
        ]
    return result


def other_dates(sheets: dict[str, Grid], columns: Iterable[str], write: Callable[[date], object]) -> dict[str, Grid]:
    """Spreadsheet dates in another habit."""
    return cells(sheets, lambda cell: write(cell) if isinstance(cell, date | datetime) else cell)


def shifted(sheets: dict[str, Grid], down: int = 3, right: int = 2) -> dict[str, Grid]:
    """Blank rows above and blank columns to the left."""
    return {sheet: [[] for _ in range(down)] + [[""] * right + row for row in rows] for sheet, rows in sheets.items()}
