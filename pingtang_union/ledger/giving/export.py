"""Any list of records as a workbook in the ledger's own columns, its rows streamed.

What is exported and imported again changes nothing. Every text stays a text, however much it looks like a formula.
Taking records out needs no more than seeing them, full identity numbers need their permission and a reason, and
each export leaves an audit event.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import groupby
from typing import IO, Any, TypeAlias

from django.utils import timezone

from pingtang_union.core.audit import record_export, stated
from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.fields import SealedField
from pingtang_union.core.permissions import may_reveal
from pingtang_union.ledger.declaration import Column, Ledger
from pingtang_union.ledger.giving import cells, xlsx
from pingtang_union.ledger.importing.plan import without_garbage_collection

MAX_ROWS = 1_000_000  # a worksheet ends at 1,048,576
SERIAL = "序号"
_NO_FILE_NAME = re.compile(r'[\\/:*?"<>|\x00-\x1f]')
FULL, MASKED = "完整号码", "隐去中间数字"
_WIDE = frozenset(
    ("所在工会", "工会名称", "上级工会", "培训班名称", "工作单位", "备注", "户籍所在地", "登记单位", "荣誉称号",
     "获奖集体（个人）")
)  # fmt: skip
_NUMERALS = "一二三四五六七八九十"


@dataclass(frozen=True, slots=True)
class Given:
    """A workbook to hand out: the open file, its name, how many records it holds."""

    file: IO[bytes]
    name: str
    rows: int


def is_guarded(ledger: Ledger) -> bool:
    """Whether the ledger has identity numbers."""
    return any(isinstance(field, SealedField) for field in ledger.model._meta.fields)


def reason_for(ledger: Ledger, *, by: Any, is_full: bool, reason: str) -> str:
    """The reason as it is recorded. Raises DomainError where full numbers are asked for without the permission or
    without a reason of at least four characters."""
    if not (is_full and is_guarded(ledger)):
        return " ".join(reason.split())
    if not may_reveal(by, ledger.owner):
        raise DomainError("您的账号不能查看完整证件号，请改为导出隐去中间数字的表。")
    return stated(reason, asked="需要完整证件号的理由")


def numbers_in_words(ledger: Ledger, *, is_full: bool) -> str:
    """How identity numbers stand in the workbook; "" where the ledger has none."""
    return (FULL if is_full else MASKED) if is_guarded(ledger) else ""


def who_and_when(by: Any) -> str:
    """What the footer of a workbook with personal data says, printed below each page."""
    return f"导出人：{by}    导出时间：{timezone.localtime():%Y-%m-%d %H:%M}"


def file_name(*parts: str) -> str:
    """会员花名册-<union>-空白表.xlsx, without what file systems refuse."""
    return _NO_FILE_NAME.sub("", "-".join(part for part in parts if part))[:120] + ".xlsx"


def export(
    ledger: Ledger,
    queryset: Any,
    *,
    by: Any,
    is_full: bool = False,
    reason: str = "",
    conditions: str = "",
    columns: Collection[str] = (),
) -> Given:
    """Write the records of `queryset` (scoped already) into memory, packed, and the event to the audit trail.

    conditions: how the list is filtered, in words. columns: names of those wanted; none are all. Raises DomainError
    for full numbers without permission or reason, and for more rows than a sheet holds.
    """
    reason = reason_for(ledger, by=by, is_full=is_full, reason=reason)
    if ledger.given(queryset, by).count() > MAX_ROWS:
        raise DomainError(f"超过 {MAX_ROWS} 行，一个工作表放不下，请缩小范围后再导出。")
    now = f"{timezone.localtime():%Y-%m-%d %H:%M}"
    numbers = numbers_in_words(ledger, is_full=is_full)
    who = who_and_when(by)
    details = "".join((f"    导出条件：{conditions or '全部'}", f"    证件号码：{numbers}" if numbers else ""))
    wanted = [column for column in ledger.columns if column.name in columns or not columns]
    rows = _Rows(
        _in_sections(ledger, wanted, cells.chunks(ledger, queryset, is_full=is_full, by=by, columns=wanted)),
        _braced(who) + "    共 {rows} 行" + _braced(details),
    )
    file = BytesIO()
    with without_garbage_collection():
        xlsx.write(
            file,
            name=ledger.title,
            lines=[ledger.title, f"工会名称：{by.union}          导出时间：{now}"],
            headings=[xlsx.Heading(SERIAL, 7, is_repetitive=False), *map(_heading, wanted)],
            chunks=rows,
            footer=f"&L{who.replace('&', '&&')}&R第 &P 页，共 &N 页",
        )
    file.seek(0)
    if len(wanted) < len(ledger.columns):
        conditions = "；".join(filter(None, (conditions, "列：" + "、".join(column.label for column in wanted))))
    record_export(
        ledger.model,
        title=f"{ledger.title}：导出",
        by=by,
        rows=rows.count,
        conditions=conditions,
        numbers=numbers,
        reason=reason,
    )
    return Given(file, file_name(ledger.title, str(by.union), f"{timezone.localdate():%Y%m%d}"), rows.count)


def _heading(column: Column) -> xlsx.Heading:
    width = width_of(column.label, is_text=column.is_text)
    return xlsx.Heading(column.label, width, column.is_text, column.is_repetitive)


_Chunk: TypeAlias = list[Sequence[cells.GivenCell]]


def _in_sections(ledger: Ledger, wanted: Sequence[Column], chunks: Iterator[_Chunk]) -> Iterator[_Chunk | str]:
    """The same rows with a line above each section: 一、国家级荣誉."""
    at = next((index for index, column in enumerate(wanted) if column.name == ledger.section_column), None)
    if at is None:
        yield from chunks
        return
    titles: list[str] = []
    for columns in chunks:
        for cell, rows in groupby(range(len(columns[0])), key=columns[at].__getitem__):
            title = ledger.section_title(cell)
            if not titles or titles[-1] != title:
                titles.append(title)
                yield f"{_NUMERALS[len(titles) - 1]}、{title}"
            part = list(rows)
            yield [values[part[0] : part[-1] + 1] for values in columns]


class _Rows:
    """The rows of one export, numbered and counted, with a last line that names who and when."""

    def __init__(self, chunks: Iterator[_Chunk | str], ending: str):
        self.chunks = chunks
        self.ending = ending
        self.count = 0

    def __iter__(self) -> Iterator[Any]:
        for columns in self.chunks:
            if isinstance(columns, str):
                yield columns
                continue
            first = self.count + 1
            self.count += len(columns[0])
            yield [range(first, self.count + 1), *columns]
        yield self.ending.format(rows=self.count)


def _braced(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def width_of(label: str, *, is_text: bool) -> float:
    """A column's width: identity numbers need 20 characters, names of unions more, the rest what the header takes."""
    if label in _WIDE:
        return 28
    return max(20 if is_text else 11, 2 * len(label) + 2)
