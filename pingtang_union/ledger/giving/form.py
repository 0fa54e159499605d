"""A superior's blank form filled from the records: the columns it asks for, in its order, with its look.

`look_at` says which ledgers could fill the form, so that a person confirms; `fill` fills it. Rows that the form has
ruled are used first; when there are more records, rows in the same style push what stands below them down. The form
is opened in the limited child (form_child.py); here stands what is to be written into it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any

from django.utils import timezone

from pingtang_union.core.audit import record_export
from pingtang_union.core.cleaning import as_text
from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.text import fold, visible
from pingtang_union.files import limited
from pingtang_union.ledger.declaration import Ledger
from pingtang_union.ledger.giving import cells
from pingtang_union.ledger.giving.export import Given, file_name, numbers_in_words, reason_for, who_and_when
from pingtang_union.ledger.giving.form_child import MAX_ROWS, belongs_above
from pingtang_union.ledger.giving.marked import rewritten
from pingtang_union.ledger.giving.template import text_columns
from pingtang_union.ledger.reading import ours
from pingtang_union.ledger.reading.recognise import headers_to_fill
from pingtang_union.ledger.reading.table import SERIAL, Header, Table, union_named_in
from pingtang_union.ledger.reading.workbook import BUSY, HURRIED, Broken, LargerFile, Sheet, read_workbook

_JOB = "pingtang_union.ledger.giving.form_child:job"
_SECONDS = 30.0
_BUSY = "同时处理的文件较多，还没有填。请稍后再试。"
_FAILED = "这份表不能写回去，没有填。请把表头部分复制到一份新表再上传。"
MAX_BYTES = 5 * 1024 * 1024  # a blank form has a few kilobytes
_SHOWN = 6  # ways of filling a form that are offered
_TEXTS = 12  # texts that a refusal lists
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


@dataclass(frozen=True, slots=True)
class Fit:
    """One way of filling a form: which sheet, from which ledger, which of our columns stand where.

    columns: (header in the form, our label, whether it is a guess) in the form's order. empty: headers that nothing
    of ours fits. titles: what is written above the header. asks_of: the union that a note there names, or "". key:
    what tells this way from the others.
    """

    key: str
    sheet: str
    ledger: Ledger
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


def look_at(content: bytes, name: str, known: Iterable[Ledger]) -> list[Fit]:
    """The ways of filling a form, the likeliest first. Raises UnreadableFile, or DomainError when there is none or
    the table has rows already."""
    if len(content) > MAX_BYTES:
        raise DomainError(f"文件有 {len(content) / 1024 / 1024:.1f} MB，不像是空表；空表最大 5 MB。")
    known = list(known)
    try:
        found_sheets = read_workbook(content, name, limits=HURRIED)
    except LargerFile as error:
        raise DomainError("这份表太大，不像是空表，没有填。请把表头部分另存为一份新表再上传。") from error
    except (limited.Busy, limited.Interrupted) as error:
        raise DomainError(BUSY) from error
    sheets = [one for one in found_sheets if one.name not in ours.SHEETS]
    fits: list[Fit] = []
    refusal = ""
    for number, sheet in enumerate(sheets):
        for row in sheet.rows:  # formulas that wait for their row have no result yet
            row[:] = ["" if isinstance(cell, Broken) else cell for cell in row]
        found = sorted(headers_to_fill(sheet, known), key=lambda one: -one[0])
        for score, header, ledger in found:
            if filled := _rows_of(sheet, header, ledger):
                refusal = refusal or (
                    f"工作表「{sheet.name}」的表里已经有内容（第 {filled[0]} 行起，共 {len(filled)} 行），"
                    "为免混在一起，没有填。请换一份空表，或先删去这些行。"
                )
                break  # a ledger that fits worse sees no rows only because it knows fewer of the columns
            fits.append(_fit(f"{number}-{ledger.slug}", sheet, ledger, header, score))
    if fits:
        best = max(fit.score for fit in fits)
        return sorted((fit for fit in fits if fit.score >= best - 3), key=lambda fit: -fit.score)[:_SHOWN]
    raise DomainError(refusal or _nothing_known(sheets))


def _fit(key: str, sheet: Sheet, ledger: Ledger, header: Header, score: float) -> Fit:
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


def _rows_of(sheet: Sheet, header: Header, ledger: Ledger) -> list[int]:
    """Numbers of the rows below a header that hold data already."""
    table = Table(sheet, _asked(ledger, header), header)
    return [
        number
        for number, row in table.data_rows()
        if any(row[index] not in ("", None) for index in header.found.values()) and not belongs_above(row)
    ]


def _asked(ledger: Ledger, header: Header) -> Ledger:
    """The ledger as the form asks for it: rows are told by what no record is without, of the columns that are there."""
    columns = [column for column in ledger.columns if column.name in header.found]
    if not any(column.is_required or column.is_essential for column in columns):
        columns[0] = replace(columns[0], is_required=True)
    return type("Form", (Ledger,), {"title": ledger.title, "columns": tuple(columns)})()


def _nothing_known(sheets: Sequence[Sheet]) -> str:
    headers: list[str] = []
    for sheet in sheets:
        for row in sheet.rows[:40]:
            texts = [visible(as_text(cell)) for cell in row if isinstance(cell, str) and 0 < len(visible(cell)) <= 20]
            if len(texts) >= 2:
                headers += texts
    listed = "、".join(f"「{text}」" for text in list(dict.fromkeys(headers))[:_TEXTS])
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
    records = list(cells.cells(ledger, queryset, is_full=is_full, by=by))
    told = _told(name, fit, records, union=str(union), footer=who_and_when(by))
    file = rewritten(_JOB, content, told, seconds=_SECONDS, busy=_BUSY, failed=_FAILED)
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


def _told(name: str, fit: Fit, records: list[dict[str, cells.GivenCell]], *, union: str, footer: str) -> dict[str, Any]:
    """What the child has to know."""
    header, texts = fit.header, text_columns(fit.ledger)
    indexes = sorted(header.texts)
    return {
        "name": name,
        "sheet": fit.sheet,
        "at": int(fit.key.split("-")[0]),
        "header": {
            "row": header.row,
            "levels": header.levels,
            "indexes": indexes,
            "serial": next((index for index in indexes if fold(header.texts[index]) in SERIAL), None),
        },
        "columns": list(header.found.values()),
        "texts": [column in texts for column in header.found],
        "records": [[record.get(column) for column in header.found] for record in records],
        "union": union,
        "footer": footer,
    }


def _asks_for_numbers(fit: Fit) -> bool:
    return "id_number" in fit.header.found
