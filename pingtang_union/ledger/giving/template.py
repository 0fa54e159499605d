"""Step 8: blank workbooks of every ledger in our own columns, with dropdowns, notes and room for 500 rows; or with a
union's records filled in, to be corrected and brought again.

Identity numbers, phones, codes and dates are formatted as texts: a spreadsheet would cut the first two and make
2018-03 a day.
"""

from collections.abc import Iterable, Sequence
from io import BytesIO
from typing import Any

from django.utils import timezone
from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.header_footer import HeaderFooter, HeaderFooterItem, _HeaderFooterPart
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from pingtang_union.core.audit import record_export
from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.fields import PartialDateField
from pingtang_union.ledger.declaration import Column, Ledger
from pingtang_union.ledger.giving import cells, styled
from pingtang_union.ledger.giving.export import SERIAL, Given, file_name, numbers_in_words, who_and_when, width_of
from pingtang_union.ledger.reading.ours import CHOICES_SHEET, NOTES_SHEET

ROWS = 500  # blank rows, ruled and formatted; columns keep their format below them
MAX_ROWS = 10_000  # records in a prefilled workbook: each cell is held in memory
_CHOSEN_WITHIN = 10_000  # rows that dropdowns reach down
_HEADER = 4  # rows 1 to 3: title, union, legend
_LEGEND = "红色表头的列必须填写；各列的填法见工作表「填写说明」。"
_LIST_LENGTH = 200  # characters of a dropdown in the cell's own rule: the format takes 255, some programs fewer
_RED, _GREY = "FFB3261E", "FFE7EAEE"
_THIN = Side(style="thin", color="FF9AA0A6")
_BORDER = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_COMMENT = "填写说明"


def blank(ledger: Ledger, *, union: Any) -> Given:
    """A blank workbook of `ledger` for `union`. It holds no record, so that nobody need know who took it."""
    return _given(_book(ledger, union, []), file_name(ledger.title, str(union), "空白表"), 0)


def prefilled(ledger: Ledger, queryset: Any, *, by: Any, conditions: str = "") -> Given:
    """The same with the records of `queryset` (scoped already) above the blank rows, and the event in the audit trail.

    Identity numbers are masked: brought again, a mask is known for the number that it stands for. Raises DomainError
    for more than MAX_ROWS records.
    """
    number = ledger.given(queryset, by).count()
    if number > MAX_ROWS:
        raise DomainError(f"有 {number} 条记录，填好的表最多 {MAX_ROWS} 条。请用「导出」，或缩小范围后再下载。")
    rows = list(cells.cells(ledger, queryset, is_full=False, by=by))
    book = _book(ledger, by.union, rows)
    styled.say_in_footer(book.worksheets[0], who_and_when(by))
    given = _given(
        book,
        file_name(ledger.title, str(by.union), f"{timezone.localdate():%Y%m%d}"),
        len(rows),
    )
    record_export(
        ledger.model,
        title=f"{ledger.title}：下载已填好的表",
        by=by,
        rows=len(rows),
        conditions=conditions,
        numbers=numbers_in_words(ledger, is_full=False),
    )
    return given


def _given(book: Workbook, name: str, rows: int) -> Given:
    file = BytesIO()
    styled.save(book, file)
    file.seek(0)
    return Given(file, name, rows)


# --- The sheet -----------------------------------------------------------------------------


def text_columns(ledger: Ledger) -> set[str]:
    """Names of columns to be formatted as texts: numbers that are names, and dates known in part."""
    fields = {one.name: cells.field_at(ledger.model, ledger.sources.get(one.name, one.name)) for one in ledger.columns}
    return {one.name for one in ledger.columns if one.is_text or isinstance(fields[one.name], PartialDateField)}


def _book(ledger: Ledger, union: Any, rows: Sequence[dict[str, cells.GivenCell]]) -> Workbook:
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)  # noqa: S101  a new workbook has one
    sheet.title = ledger.title
    book.add_named_style(_style("格", "General"))
    book.add_named_style(_style("文本格", "@"))
    _head(sheet, ledger, union)
    _rule(sheet, ledger, rows)
    _offer_choices(book, sheet, ledger)
    _explain(book.create_sheet(NOTES_SHEET, 1), ledger, union)
    return book


def _style(name: str, number_format: str) -> NamedStyle:
    return NamedStyle(
        name, font=Font(name="宋体", size=11), border=_BORDER, alignment=Alignment(vertical="center"),
        number_format=number_format,
    )  # fmt: skip


def _head(sheet: Worksheet, ledger: Ledger, union: Any) -> None:
    """Title, the union as the reader reads it, the legend and the header; how the sheet looks and prints."""
    width = len(ledger.columns) + 1
    for row, (text, font) in enumerate(
        (
            (ledger.title, Font(name="宋体", size=16, bold=True)),
            (f"工会名称：{union}", Font(name="宋体", size=11)),
            (_LEGEND, Font(name="宋体", size=11, color="FF5F6368")),
        ),
        start=1,
    ):
        cell = sheet.cell(row, 1)
        styled.put(cell, text)
        cell.font = font
        cell.alignment = Alignment(horizontal="center" if row == 1 else "left", vertical="center")
        sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=width)
    sheet.row_dimensions[1].height = 30
    sheet.row_dimensions[_HEADER].height = 32
    _title(sheet.cell(_HEADER, 1), SERIAL, is_required=False)
    sheet.column_dimensions["A"].width = 7
    texts = text_columns(ledger)
    for index, column in enumerate(ledger.columns, start=2):
        cell = sheet.cell(_HEADER, index)
        _title(cell, column.label, is_required=column.is_required)
        if note := _note(column, union):
            comment = Comment(note, _COMMENT)
            comment.width, comment.height = 260, 30 + 20 * sum(1 + len(line) // 18 for line in note.split("\n"))
            cell.comment = comment
        dimension = sheet.column_dimensions[get_column_letter(index)]
        dimension.width = width_of(column.label, is_text=column.is_text)
        if column.name in texts:
            dimension.number_format = "@"
    sheet.freeze_panes = f"C{_HEADER + 1}"
    sheet.print_title_rows = f"{_HEADER}:{_HEADER}"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9  # A4
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.HeaderFooter = HeaderFooter(oddFooter=HeaderFooterItem(right=_HeaderFooterPart("第 &P 页，共 &N 页")))


def _title(cell: Any, text: str, *, is_required: bool) -> None:
    styled.put(cell, text)
    cell.font = Font(name="宋体", size=11, bold=True, color=_RED if is_required else None)
    cell.fill = PatternFill("solid", fgColor=_GREY)
    cell.border = _BORDER
    cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)


def _rule(sheet: Worksheet, ledger: Ledger, rows: Sequence[dict[str, cells.GivenCell]]) -> None:
    """The records, then blank rows, all of them ruled."""
    texts = text_columns(ledger)
    styles = ["格", *("文本格" if column.name in texts else "格" for column in ledger.columns)]
    for at in range(len(rows) + ROWS):
        number = _HEADER + 1 + at
        row = rows[at] if at < len(rows) else {}
        for index, style in enumerate(styles, start=1):
            cell = sheet.cell(number, index)
            cell.style = style
            value = (at + 1 if row else None) if index == 1 else row.get(ledger.columns[index - 2].name)
            if value is not None:
                styled.put(cell, value)


# --- Dropdowns and notes -------------------------------------------------------------------


def _offer_choices(book: Workbook, sheet: Worksheet, ledger: Ledger) -> None:
    """Dropdowns of the code lists. What a clerk writes in other words is asked about, not refused."""
    long_lists: Worksheet | None = None
    for index, column in enumerate(ledger.columns, start=2):
        choices = column.choices
        if not choices:
            continue
        listed = ",".join(choices)
        if len(listed) <= _LIST_LENGTH and not any("," in choice or '"' in choice for choice in choices):
            formula = f'"{listed}"'
        else:
            if long_lists is None:
                long_lists = book.create_sheet(CHOICES_SHEET)
                long_lists.sheet_state = "hidden"
            letter = get_column_letter(long_lists.max_column + (long_lists["A1"].value is not None))
            for row, text in enumerate((column.label, *choices), start=1):
                styled.put(long_lists[f"{letter}{row}"], text)
            formula = f"'{CHOICES_SHEET}'!${letter}$2:${letter}${len(choices) + 1}"
        rule = DataValidation(type="list", formula1=formula, allow_blank=True, errorStyle="warning")
        rule.errorTitle, rule.error = column.label, "不在可选范围内，可能读不进去。请从下拉框里选。"
        letter = get_column_letter(index)
        rule.add(f"{letter}{_HEADER + 1}:{letter}{_CHOSEN_WITHIN}")
        sheet.add_data_validation(rule)


def _note(column: Column, union: Any) -> str:
    """What a header's comment says."""
    lines = ["必填。"] if column.is_required else []
    if column.name == "union":
        lines = [f"不填就是表头写明的工会（{union}）。"]
    if column.note:
        lines.append(column.note)
    if column.choices:
        lines.append("从下拉框里选。")
    return "\n".join(lines)


def _explain(sheet: Worksheet, ledger: Ledger, union: Any) -> None:
    """How to fill the sheet in, column by column."""
    for letter, width in zip("ABC", (22, 10, 90), strict=True):
        sheet.column_dimensions[letter].width = width
    lines: list[Sequence[str]] = [
        (f"{ledger.title}填写说明",),
        (ledger.purpose,),
        (f"{ledger.line}不要改表头和标题下的「工会名称」；不知道的格子空着，空格不会清掉已登记的内容。",),
        ("证件号、电话、代码和日期的列已设为文本格式，从别处粘贴时请选「只粘贴数值」。",),
        ("填好后在「台账」页上传。系统先检查，您确认以后才导入。这个工作表不用删，上传时会略过。",),
        (),
        ("列", "是否必填", "填写说明"),
        *(
            (column.label, "必填" if column.is_required and column.name != "union" else "", _how(column, union))
            for column in ledger.columns
        ),
    ]
    _put_lines(sheet, lines, bold_rows={1, 7})
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)


def _how(column: Column, union: Any) -> str:
    note = _note(column, union).removeprefix("必填。").replace("\n", "").replace("从下拉框里选。", "")
    return note + (f"可选：{'、'.join(column.choices)}。" if column.choices else "")


def _put_lines(sheet: Worksheet, lines: Iterable[Sequence[str]], *, bold_rows: set[int]) -> None:
    for row, line in enumerate(lines, start=1):
        for index, text in enumerate(line, start=1):
            cell = sheet.cell(row, index)
            styled.put(cell, text)
            assert isinstance(cell, Cell)  # noqa: S101  a new sheet has no merged cells
            cell.font = Font(name="宋体", size=11, bold=row in bold_rows)
            cell.alignment = Alignment(vertical="top", wrap_text=len(line) > 1)
