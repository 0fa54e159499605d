"""A superior's blank form filled from the records: the columns it asks for, in its order, with its look.

`look_at` says which ledgers could fill the form, so that a person confirms; `fill` fills it. Rows that the form has
ruled are used first; when there are more records, rows in the same style push what stands below them down.
"""

import re
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any

from django.utils import timezone
from openpyxl import Workbook
from openpyxl.cell import Cell, MergedCell
from openpyxl.styles import Alignment, Border, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from pingtang_union.core.audit import record_export
from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.ledger import give, looks, plain
from pingtang_union.core.ledger.blank import text_columns
from pingtang_union.core.ledger.clean import as_text
from pingtang_union.core.ledger.export import Given, file_name, numbers_in_words, reason_for, who_and_when
from pingtang_union.core.ledger.parse import CHOICES_SHEET, NOTES_SHEET, OUR_SHEET
from pingtang_union.core.ledger.read import Broken, Sheet, read_workbook
from pingtang_union.core.ledger.recognise import headers_to_fill
from pingtang_union.core.ledger.records import RecordLedger
from pingtang_union.core.ledger.room import push_down
from pingtang_union.core.ledger.schema import Ledger
from pingtang_union.core.ledger.table import SERIAL, Header, Table, union_named_in
from pingtang_union.core.text import fold, narrow, visible

MAX_BYTES = 5 * 1024 * 1024  # a blank form has a few kilobytes
MAX_ROWS = 10_000  # records: each cell is held in memory
_SHOWN = 6  # ways of filling a form that are offered
_TEXTS = 12  # texts that a refusal lists
# Where forms ask for the union: 填报单位（盖章）：
_ASKS = re.compile(
    r"((?:工会名称|工会全称|填[表报]单位|填[表报]工会|上报单位|报送单位|单位名称|所在工会|基层工会(?:名称)?)"
    r"(?:[（(](?:盖章|公章|签章|章)[)）])?\s*[:：])[ \u3000_＿]*"
    r"(?=$|[^\s\u3000_＿:：]{2,8}(?:[（(][^）)]*[)）])?\s*[:：])"
)
_UNION_NOTES = (
    "工会名称",
    "工会全称",
    "填报单位",
    "填表单位",
    "填报工会",
    "上报单位",
    "报送单位",
    "单位名称",
    "所在工会",
)
_BEYOND = 8  # columns behind the header that belong to the form
_EXAMPLES = ("例", "示例", "样例", "例如", "范例", "填写示例")
_THIN = Side(style="thin")


@dataclass(frozen=True, slots=True)
class Fit:
    """One way of filling a form: which sheet, from which ledger, which of our columns stand where.

    columns: (header in the form, our label, whether it is a guess) in the form's order. empty: headers that nothing
    of ours fits. titles: what is written above the header. asks_of: the union that a note there names, or "". key:
    what tells this way from the others.
    """

    key: str
    sheet: str
    ledger: RecordLedger
    header: Header
    columns: tuple[tuple[str, str, bool], ...]
    empty: tuple[str, ...]
    score: float
    titles: tuple[str, ...] = ()
    asks_of: str = ""


@dataclass(frozen=True, slots=True)
class Filled:
    """A filled form: the open file, how many rows, which columns were filled and which stayed empty."""

    given: Given
    sheet: str
    columns: tuple[str, ...]
    empty: tuple[str, ...]


def look_at(content: bytes, name: str, known: Iterable[RecordLedger]) -> list[Fit]:
    """The ways of filling a form, the likeliest first. Raises UnreadableFile, or DomainError when there is none or
    the table has rows already."""
    if len(content) > MAX_BYTES:
        raise DomainError(f"文件有 {len(content) / 1024 / 1024:.1f} MB，不像是空表；空表最大 5 MB。")
    known = list(known)
    sheets = [one for one in read_workbook(content, name) if one.name not in (OUR_SHEET, NOTES_SHEET, CHOICES_SHEET)]
    fits: list[Fit] = []
    refusal = ""
    for number, sheet in enumerate(sheets):
        for row in sheet.rows:  # formulas that wait for their row have no result yet
            row[:] = ["" if isinstance(cell, Broken) else cell for cell in row]
        found = sorted(headers_to_fill(sheet, known), key=lambda one: -one[0])
        for score, header, ledger in found:
            assert isinstance(ledger, RecordLedger)  # noqa: S101  those that were asked about
            if filled := _rows_of(sheet, header, ledger):
                refusal = refusal or (
                    f"工作表「{sheet.name}」的表里已经有内容（第 {filled[0]} 行起，共 {len(filled)} 行），"
                    "为免混在一起，没有填。请换一份空表，或先删去这些行。"
                )
                continue
            fits.append(_fit(f"{number}-{ledger.slug}", sheet, ledger, header, score))
    if fits:
        best = max(fit.score for fit in fits)
        return sorted((fit for fit in fits if fit.score >= best - 3), key=lambda fit: -fit.score)[:_SHOWN]
    raise DomainError(refusal or _nothing_known(sheets))


def _fit(key: str, sheet: Sheet, ledger: RecordLedger, header: Header, score: float) -> Fit:
    by_index = sorted((index, name) for name, index in header.found.items())
    table = Table(sheet, ledger, header)
    return Fit(
        key,
        sheet.name,
        ledger,
        header,
        tuple((header.texts[index], ledger.label(name), name in header.likely) for index, name in by_index),
        tuple(
            header.texts[index]
            for index in sorted(header.texts)
            if index not in header.found.values() and fold(header.texts[index]) not in SERIAL
        ),
        score,
        tuple(table.title_lines),
        union_named_in(table, _UNION_NOTES),
    )


def _rows_of(sheet: Sheet, header: Header, ledger: RecordLedger) -> list[int]:
    """Numbers of the rows below a header that hold data already."""
    table = Table(sheet, _asked(ledger, header), header)
    return [
        number
        for number, cells in table.data_rows()
        if any(cells[index] not in ("", None) for index in header.found.values()) and not _belongs_above(cells)
    ]


def _asked(ledger: RecordLedger, header: Header) -> Ledger:
    """The ledger as the form asks for it: rows are told by what no record is without, of the columns that are there."""
    columns = [column for column in ledger.columns if column.name in header.found]
    if not any(column.is_required or column.is_essential for column in columns):
        columns[0] = replace(columns[0], is_required=True)
    return type("Form", (Ledger,), {"title": ledger.title, "columns": tuple(columns)})()


def _nothing_known(sheets: Sequence[Sheet]) -> str:
    found: list[str] = []
    for sheet in sheets:
        for row in sheet.rows[:40]:
            texts = [visible(as_text(cell)) for cell in row if isinstance(cell, str) and 0 < len(visible(cell)) <= 20]
            if len(texts) >= 2:
                found += texts
    listed = "、".join(f"「{text}」" for text in list(dict.fromkeys(found))[:_TEXTS])
    return (
        "这份表里没有两个以上能填的列"
        + (f"，找到的表头有：{listed}。" if listed else "，也没有找到表头。")
        + ("能填的是组织、干部、会员、培训、荣誉等台账里有的列，如姓名、性别、工会职务、入会时间。")
    )


# --- Filling -------------------------------------------------------------------------------


def fill(
    content: bytes,
    name: str,
    fit: Fit,
    queryset: Any,
    *,
    by: Any,
    union: Any,
    is_full: bool = False,
    reason: str = "",
    conditions: str = "",
) -> Filled:
    """Fill the form with the records of `queryset` (scoped already), and write the event to the audit trail.

    union: whose name stands where the form asks for it. conditions: which records, in words. Raises DomainError for
    full numbers without permission or reason, for no records, too many, or a form that can't be written back.
    """
    ledger = fit.ledger
    reason = reason_for(ledger, by=by, is_full=is_full, reason=reason)
    if "ended_on" not in fit.header.found:
        queryset = ledger.present(queryset)
    number = ledger.given(queryset, by).count()
    if not number:
        raise DomainError(f"没有可以填的记录：{conditions or '所选的工会'}里还没有登记{ledger.title}的内容。")
    if number > MAX_ROWS:
        raise DomainError(f"有 {number} 条记录，一次最多填 {MAX_ROWS} 条，请缩小范围。")
    book = _book_of(content, name)
    sheet = book[fit.sheet] if fit.sheet in book.sheetnames else book.worksheets[int(fit.key.split("-")[0])]
    records = list(give.cells(ledger, queryset, is_full=is_full, by=by))
    _fill_sheet(sheet, fit, records, union)
    looks.say_in_footer(sheet, who_and_when(by))
    file = tempfile.TemporaryFile()  # noqa: SIM115  who hands it out closes it
    with looks.quiet():
        book.save(file)
    file.seek(0)
    record_export(
        ledger.model,
        title=f"{ledger.title}：填写「{PurePath(name).name}」"[:200],
        by=by,
        rows=len(records),
        conditions=conditions,
        numbers=numbers_in_words(ledger, is_full=is_full) if _asks_for_numbers(fit) else "",
        reason=reason,
    )
    given = Given(file, file_name(PurePath(name).stem, "已填", f"{timezone.localdate():%Y%m%d}"), len(records))
    return Filled(given, fit.sheet, tuple(text for text, _label, _guess in fit.columns), fit.empty)


def _asks_for_numbers(fit: Fit) -> bool:
    return "id_number" in fit.header.found


def _book_of(content: bytes, name: str) -> Workbook:
    """The form as openpyxl holds it; one that is no .xlsx, or that openpyxl can't read, as a plain workbook."""
    number, _has_formulas = looks.measure(content)
    if number <= looks.MAX_CELLS:
        try:
            return looks.open_workbook(content, keeps_formulas=True)
        except Exception:  # an odd file may raise anything; its rows can be read all the same
            looks.logger.warning("a form can't be opened with its look", exc_info=True)
    book = Workbook()
    book.remove(book.worksheets[0])
    taken: set[str] = set()
    for at, sheet in enumerate(read_workbook(content, name), start=1):
        if sum(len(row) for row in sheet.rows) > looks.MAX_CELLS:
            raise DomainError("这份表太大，不像是空表，没有填。请把表头部分另存为一份新表再上传。")
        _copy_plainly(sheet, book.create_sheet(plain.fitting_name(sheet.name, at, taken)))
    return book


def _copy_plainly(sheet: Sheet, target: Worksheet) -> None:
    for at, row in enumerate(sheet.rows, start=1):
        for index, value in enumerate(row, start=1):
            if value not in ("", None):
                looks.put(target.cell(at, index), value)
    for (top, left), (bottom, right) in sheet.merged:
        target.merge_cells(start_row=top + 1, start_column=left + 1, end_row=bottom + 1, end_column=right + 1)
    for index, width in enumerate(plain.widths_of(sheet.rows), start=1):
        target.column_dimensions[get_column_letter(index)].width = width


def _fill_sheet(sheet: Worksheet, fit: Fit, records: Sequence[dict[str, give.GivenCell]], union: Any) -> None:
    header = fit.header
    _name_union(sheet, header, str(union))
    indexes = sorted(header.texts)
    serial = next((index for index in indexes if fold(header.texts[index]) in SERIAL), None)
    first, ruled = _blank_rows(sheet, header, serial)
    _ensure_style(sheet, first, header)
    if len(records) > ruled:
        push_down(sheet, first, ruled, len(records) - ruled, max(header.texts) + _BEYOND)
    texts = text_columns(fit.ledger)
    for at, record in enumerate(records):
        row = first + at
        if serial is not None:
            looks.put(sheet.cell(row, serial + 1), at + 1)
        for name, index in header.found.items():
            cell = sheet.cell(row, index + 1)
            value = record.get(name)
            if isinstance(cell, MergedCell):
                continue
            if value is None:
                cell.value = None
            else:
                looks.put(cell, value)
                if name in texts:
                    cell.number_format = "@"


def _name_union(sheet: Worksheet, header: Header, union: str) -> None:
    """Write the union's name where the form asks for it above the header."""
    last = max(header.row - header.levels + 1, 1)
    for row in sheet.iter_rows(max_row=last, max_col=max(header.texts) + _BEYOND):
        for cell in row:
            if isinstance(cell, Cell) and isinstance(cell.value, str):
                asked = _ASKS.sub(lambda match: f"{match[1]}{union}    ", cell.value, count=1)
                if asked != cell.value:
                    looks.put(cell, asked.rstrip())
                    return


def _blank_rows(sheet: Worksheet, header: Header, serial: int | None) -> tuple[int, int]:
    """(first blank row from 1, how many there are) below the header. Rows that number the columns or give an example
    stay above them; what stands below them is the footer. Of blank rows at the end only those that are ruled count."""
    first = header.row + 2
    last = max((row for (row, _column), cell in sheet._cells.items() if cell.value is not None), default=first)
    while (
        first <= last and not _is_blank(sheet, first, header, serial) and _belongs_above(_values(sheet, first, header))
    ):
        first += 1
    row = first
    # A form has some dozen rows: what stands thousands of rows below is no footer of it.
    while row <= last and row - first < MAX_ROWS and _is_blank(sheet, row, header, serial):
        row += 1
    if row > last:
        while row > first and not _is_ruled(sheet, row - 1, header, serial):
            row -= 1
        while row - first < MAX_ROWS and _is_ruled(sheet, row, header, serial):
            row += 1
    return first, row - first


def _values(sheet: Worksheet, row: int, header: Header) -> list[Any]:
    """What stands in a row, from the first column to a little beyond the header; looking makes no cell."""
    places = (sheet._cells.get((row, column)) for column in range(1, max(header.texts) + _BEYOND))
    return [cell.value if cell is not None else None for cell in places]


def _is_blank(sheet: Worksheet, row: int, header: Header, serial: int | None) -> bool:
    """Whether a row waits to be filled: nothing in it but its number, and formulas that reckon with the rest."""
    for index, value in enumerate(_values(sheet, row, header)):
        if value is None or (isinstance(value, str) and not value.strip()):
            continue
        if index == serial and re.fullmatch(r"\d+(?:\.0)?|=.*", str(value)):
            continue
        if index and isinstance(value, str) and value.startswith("=") and not _sums(value):
            continue
        return False
    return True


def _sums(formula: str) -> bool:
    return "SUM" in formula.upper() or "COUNT" in formula.upper()


def _belongs_above(cells: Iterable[Any]) -> bool:
    """Whether a row between header and blank rows belongs to the header: 1 2 3 …, 甲 乙 丙 …, or an example."""
    words = [narrow(as_text(cell)) for cell in cells if cell not in (None, "")]
    if not words:
        return False
    numbers = [str(number) for number in range(1, len(words) + 1)]
    return words == numbers or "".join(words) in "甲乙丙丁戊己庚辛壬癸" or words[0].strip("（()）:：") in _EXAMPLES


def _is_ruled(sheet: Worksheet, row: int, header: Header, serial: int | None) -> bool:
    if serial is not None and _values(sheet, row, header)[serial] not in (None, ""):
        return True
    cells = (sheet._cells.get((row, index + 1)) for index in header.texts)
    borders = [cell.border for cell in cells if cell is not None and cell.has_style]
    return any(side is not None and side.style for border in borders for side in (border.bottom, border.left))


def _ensure_style(sheet: Worksheet, row: int, header: Header) -> None:
    """Rule the first row where the form hasn't: as its header is ruled."""
    if any(sheet.cell(row, index + 1).has_style for index in header.texts):
        return
    for index in header.texts:
        cell = sheet.cell(row, index + 1)
        if isinstance(cell, Cell):
            cell.border = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
            cell.alignment = Alignment(vertical="center")


__all__ = ["MAX_BYTES", "Filled", "Fit", "fill", "look_at"]
