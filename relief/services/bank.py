"""What goes to the bank and what comes back: the file of a released batch, as .xlsx and as fixed-width text, and the
bank's answer, read in the limited child."""

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from pingtang_union.core.audit import record_export
from pingtang_union.core.cleaning import Cell, CleanError, as_text
from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.permissions import may
from pingtang_union.core.text import fold, fold_name, narrow, plain
from pingtang_union.files import limited
from pingtang_union.ledger.giving import xlsx
from pingtang_union.ledger.reading.workbook import BUSY, LargerFile, Sheet, UnreadableFile, read_workbook
from pingtang_union.money import capitals, money, yuan
from relief.models import Grant, PaymentBatch, PaymentRow, PaymentState, PayWay
from relief.services.payments import Result, note_results

_RELEASED = (PaymentState.RELEASED, PaymentState.SETTLED)
_HEADINGS = (
    xlsx.Heading("序号", 8), xlsx.Heading("收款人", 14, is_text=True), xlsx.Heading("收款账号", 28, is_text=True),
    xlsx.Heading("开户银行", 30, is_text=True), xlsx.Heading("金额", 16, is_text=True),
    xlsx.Heading("用途", 30, is_text=True),
)  # fmt: skip
# Columns of the text file: bytes of GB 18030, as banks count them; numbers stand at the right.
_WIDTHS = (("序号", 6), ("收款人", 40), ("收款账号", 32), ("开户银行", 60), ("金额", 16), ("用途", 60))
_AT_RIGHT = ("序号", "金额")
_COLUMNS = {
    "number": ("序号", "编号", "明细序号"),
    "name": ("收款人", "户名", "姓名", "收款人名称", "收款人姓名", "收款户名", "账户名称"),
    "account": ("收款账号", "账号", "卡号", "收款人账号", "银行账号", "收款帐号", "帐号"),
    "amount": ("金额", "交易金额", "发放金额", "入账金额", "代发金额"),
    "result": ("处理结果", "结果", "状态", "交易状态", "处理状态", "入账结果", "交易结果"),
    "reason": ("失败原因", "原因", "备注", "说明", "附言", "返回信息", "处理信息"),
}
_NEEDED = {"account", "amount", "result"}
_LOOKED_FOR_HEADER = 30  # rows from the top
MAX_ANSWER_BYTES = 5 * 1024 * 1024
# What a bank says of a payment, as whole words: of anything longer nobody knows what it takes back again.
_ACT = "(?:交易|入账|到账|支付|付款|代发|处理|发放|转账|汇款)"
_PAID = re.compile(f"{_ACT}?已?成功|{_ACT}已?完成|(?:已|成功|已成功)(?:入账|到账|支付|付款|代发|发放|转账)")
_FAILED = re.compile(
    f"{_ACT}?已?失败|{_ACT}?(?:未成功|不成功)|已?(?:被?退回|退票|退汇)|(?:银行|对方行|收款行)?(?:已拒绝|拒绝|拒付)"
    "|(?:账号|账户|户名|卡号)(?:错误|不符|有误|不存在)"
)


@dataclass(frozen=True)
class Paper:
    """A file for the bank."""

    name: str
    content: bytes


def workbook(*, batch: PaymentBatch, by: Any) -> Paper:
    """The .xlsx of a released batch, amounts as texts, the total also in capitals. The audit log says who took it."""
    rows = _taken_out(batch, by)
    columns: list[list[Any]] = [list(column) for column in zip(*(_cells(row, batch) for row in rows), strict=True)]
    columns[0] = [int(number) for number in columns[0]]
    out = io.BytesIO()
    note = f"共 {len(rows)} 笔，合计 {yuan(batch.total)} 元，大写：{capitals(batch.total)}"
    xlsx.write(
        out, name="代发明细", lines=[batch.title, note], headings=_HEADINGS, chunks=[columns], footer="&C第 &P 页"
    )
    return Paper(f"{batch.title}-{batch.pk}.xlsx", out.getvalue())


def text(*, batch: PaymentBatch, by: Any) -> Paper:
    """The same as lines of fixed width in GB 18030: first the batch, its payments, sum and sum in capitals."""
    rows = _taken_out(batch, by)
    head = f"{batch.pk}|{batch.title}|{len(rows)}|{batch.total}|{capitals(batch.total)}"
    lines = [head, *("".join(map(_padded, _WIDTHS, _cells(row, batch))) for row in rows)]
    return Paper(f"{batch.title}-{batch.pk}.txt", "".join(f"{line}\r\n" for line in lines).encode("gb18030"))


def read_answer(*, batch: PaymentBatch, content: bytes, name: str, on: date, by: Any) -> tuple[int, int]:
    """Note what the bank's answer (.xlsx, .xls, .csv) says: how many were paid, how many failed. The same answer twice
    notes nothing. Raises DomainError where a line can't be read or belongs to no payment of the batch: then nothing is
    noted."""
    if not may(by, "release", PaymentBatch) or not PaymentBatch.objects.visible_to(by).filter(pk=batch.pk).exists():
        raise DomainError("您的账号不能登记银行回盘。")
    if batch.way != PayWay.BANK:
        raise DomainError("这个批次现场发放，没有银行回盘。")
    results, problems = _results(batch, _lines(content, name))
    if problems:
        more = f"；另有 {len(problems) - 10} 处" if len(problems) > 10 else ""
        raise DomainError(f"回盘文件有误，没有登记：{'；'.join(problems[:10])}{more}。")
    return note_results(batch=batch, results=results, on=on, by=by)


# --- Going out -------------------------------------------------------------------------------


def _taken_out(batch: PaymentBatch, by: Any) -> list[PaymentRow]:
    visible = PaymentBatch.objects.visible_to(by).filter(pk=batch.pk, way=PayWay.BANK, state__in=_RELEASED)
    if not visible.exists():
        raise DomainError("放款以后才能下载银行代发文件。")
    if not may(by, "release", PaymentBatch):
        raise DomainError("您的账号不能下载银行代发文件。")
    rows = list(batch.rows.order_by("number"))
    record_export(
        Grant, title=f"银行代发文件：{batch}", by=by, rows=len(rows), conditions=f"发放批次 {batch.pk}",
        numbers="完整账号", reason="送银行代发",
    )  # fmt: skip
    return rows


def _cells(row: PaymentRow, batch: PaymentBatch) -> tuple[str, ...]:
    return (str(row.number), row.payee, row.full_account, row.bank, str(row.amount), batch.title)


def _padded(column: tuple[str, int], value: str) -> str:
    label, width = column
    while len(value.encode("gb18030")) > width:
        if label in ("收款账号", "金额", "收款人"):
            raise DomainError(f"「{value}」超过文本格式{label}的长度，请使用 Excel 格式的代发文件。")
        value = value[:-1]
    blank = " " * (width - len(value.encode("gb18030")))
    return blank + value if label in _AT_RIGHT else value + blank


# --- Coming back -----------------------------------------------------------------------------


def _lines(content: bytes, name: str) -> list[dict[str, Any]]:
    """The lines of an answer by column. Raises DomainError."""
    try:
        sheets = read_workbook(content, name)
    except (UnreadableFile, LargerFile) as error:
        raise DomainError(f"「{name}」{error}") from error
    except limited.Busy as error:
        raise DomainError(BUSY) from error
    if refusal := next((sheet.refusal for sheet in sheets if sheet.refusal), ""):
        raise DomainError(f"「{name}」{refusal}")
    told = [
        [line | {"row": f"「{sheet.name}」{line['row']}"} for line in lines] if len(sheets) > 1 else lines
        for sheet in sheets
        if (lines := _lines_of(sheet)) is not None
    ]
    if not told:
        raise DomainError("没有找到表头：回盘文件应有账号、金额、处理结果三列。请核对是否选错了文件。")
    return [line for lines in told for line in lines]


def _lines_of(sheet: Sheet) -> list[dict[str, Any]] | None:
    """The lines of a sheet below its header; None where it has none. Some banks give a sheet each of what was paid and
    what failed."""
    for at, cells in enumerate(sheet.rows[:_LOOKED_FOR_HEADER]):
        places = _header(cells)
        if places.keys() >= _NEEDED:
            lines = [{key: _at(row, column) for key, column in places.items()} for row in sheet.rows[at + 1 :]]
            return [line | {"row": f"第{at + 2 + index}行"} for index, line in enumerate(lines) if line["account"]]
    return None


def _header(cells: Sequence[Cell]) -> dict[str, int]:
    found: dict[str, int] = {}
    for column, cell in enumerate(cells):
        label = fold(re.sub(r"（.*?）|\(.*?\)", "", as_text(cell)))
        for key, labels in _COLUMNS.items():
            if label in labels:
                found.setdefault(key, column)
    return found


def _at(row: Sequence[Cell], column: int) -> Cell:
    return row[column] if column < len(row) and row[column] is not None else ""


def _results(batch: PaymentBatch, lines: Sequence[dict[str, Any]]) -> tuple[list[Result], list[str]]:
    by_account: dict[str, list[PaymentRow]] = {}
    for row in batch.rows.all():
        by_account.setdefault(row.full_account, []).append(row)
    results, problems = [], []
    for line in lines:
        try:
            results.append(_result(line, by_account))
        except CleanError as error:
            problems.append(f"{line['row']}{error}")
    return results, problems


def _result(line: dict[str, Any], by_account: dict[str, list[PaymentRow]]) -> Result:
    amount = Decimal(money(line["amount"]).value or 0)
    account = re.sub(r"\D", "", narrow(as_text(line["account"])))
    rows = [row for row in by_account.get(account, []) if row.amount == amount]
    if name := fold_name(as_text(line.get("name", ""))):
        rows = [row for row in rows if fold_name(row.payee) == name]
    if len(rows) > 1:  # a child's and a parent's grant may go to one account
        number = as_text(line.get("number", "")).removesuffix(".0")
        rows = [row for row in rows if str(row.number) == number]
    if len(rows) != 1:
        raise CleanError("在批次里找不到账号、户名、金额都一致的一笔")
    words, reason = as_text(line["result"]), as_text(line.get("reason", ""))
    said = plain(words).removesuffix("。")
    if _FAILED.fullmatch(said):
        return Result(rows[0].number, is_paid=False, reason=reason or words)
    if not _PAID.fullmatch(said):
        raise CleanError(f"处理结果「{words}」不能确定是成功还是失败")
    return Result(rows[0].number, is_paid=True)
