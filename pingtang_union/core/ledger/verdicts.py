"""What a workbook that goes back says of its rows: a verdict for each, marks on its bad cells, and the sum of it."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from pingtang_union.core.ledger import stash
from pingtang_union.core.ledger.schema import Ledger, MessageKind, ledgers
from pingtang_union.core.models import ImportBatch, ImportRow, Verdict

# Fills by kind of a mark or verdict; no office picks these shades, so that ours can be told and taken off again.
RED, YELLOW, BLUE = "FFFFC6C4", "FFFFEBA3", "FFBDD9F5"
FILLS = {
    MessageKind.REJECT: RED,
    MessageKind.WARN: YELLOW,
    MessageKind.TRANSFER: BLUE,
    MessageKind.UNDECIDED: BLUE,
}
_GRAVITY = (MessageKind.REJECT, MessageKind.UNDECIDED, MessageKind.TRANSFER, MessageKind.WARN)
_COUNTED = (
    Verdict.NEW,
    Verdict.CHANGED,
    Verdict.UNCHANGED,
    Verdict.TRANSFER,
    Verdict.UNDECIDED,
    Verdict.REJECT,
)
WHOLE_SHEET = "整张表没有收下，原因见工作表「检查结果汇总」。"
_TAKEN = (Verdict.NEW, Verdict.CHANGED, Verdict.UNCHANGED)


@dataclass(frozen=True, slots=True)
class Mark:
    """One message at a cell: the column's index from 0 (None: no cell of the sheet), our label, kind and words."""

    column: int | None
    label: str
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class RowAnswer:
    """A row's verdict, its name, and what is said of it."""

    verdict: str
    name: str = ""
    marks: Sequence[Mark] = ()

    @property
    def text(self) -> str:
        """What stands in the row's last column: the verdict and everything said."""
        said = "".join(mark.text for mark in self.marks)
        label = Verdict(self.verdict).label
        if self.verdict == Verdict.REJECT and not any(mark.kind == MessageKind.REJECT for mark in self.marks):
            said += WHOLE_SHEET
        if self.marks and self.verdict in _TAKEN:
            label += "（有提醒）"
        return f"{label}：{said}" if said else label

    @property
    def fill(self) -> str:
        """Colour of the row's last cell, "" for none."""
        if not self.marks:
            return RED if self.verdict == Verdict.REJECT else ""
        return RED if self.verdict == Verdict.REJECT else FILLS[gravest(self.marks)]


_PLAIN = {verdict.value: RowAnswer(verdict.value) for verdict in Verdict}  # nearly every row


def gravest(marks: Sequence[Mark]) -> str:
    """The kind that colours a cell with several marks."""
    return min((mark.kind for mark in marks), key=_GRAVITY.index)


@dataclass(slots=True)
class SheetAnswer:
    """A sheet that was read: where its header stands (row from 1), its rows' answers by row from 1, what is said of
    the sheet as a whole. text_columns: columns from 0 whose numbers are names."""

    sheet: str
    ledger: str
    header_row: int
    rows: dict[int, RowAnswer] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    text_columns: frozenset[int] = frozenset()


@dataclass(slots=True)
class Answer:
    """Everything that goes back with a file: its name, when it was checked, its sheets, and what is said of sheets
    that were not read."""

    file_name: str
    at: str
    is_written: bool
    sheets: list[SheetAnswer]
    said: list[str] = field(default_factory=list)


def answer_to(batch: ImportBatch, *, at: str) -> Answer:
    """What the check found, or, where the checked rows are no longer kept, what the writing did."""
    by_title = {ledger.title: ledger for ledger in ledgers()}
    sheets: dict[str, SheetAnswer] = {}
    positions: dict[tuple[str, str], int] = {}
    for told in batch.sheets:
        ledger = by_title.get(told["ledger"])
        if told["is_read"] and ledger is not None:
            sheets[told["sheet"]] = _sheet_answer(told, ledger, positions)
    answer = Answer(batch.file_name, at, batch.written_at is not None, list(sheets.values()))
    for message in batch.messages or []:
        if (of := sheets.get(message["sheet"])) is not None:
            of.said.append(message["message"])
        else:
            answer.said.append(message["message"])
    # A refused sheet says so as a whole: nothing is said of its rows one by one.
    for sheet, row, name, verdict, messages in _rows(batch):
        if (of := sheets.get(sheet)) is None:
            continue
        if not messages:
            of.rows[row] = _PLAIN[verdict]
            continue
        marks = [Mark(positions.get((sheet, label)), label, kind, text) for label, kind, text in messages]
        of.rows[row] = RowAnswer(verdict, name, marks)
    return answer


def _sheet_answer(told: dict[str, Any], ledger: Ledger, positions: dict[tuple[str, str], int]) -> SheetAnswer:
    text_names = {column.name for column in ledger.columns if column.is_text}
    text_columns = set()
    for column in told["columns"]:
        if column["column"]:
            positions[(told["sheet"], ledger.label(column["column"]))] = column["index"]
            if column["column"] in text_names:
                text_columns.add(column["index"])
    return SheetAnswer(told["sheet"], ledger.title, told["header_row"], text_columns=frozenset(text_columns))


def _rows(batch: ImportBatch) -> Iterator[tuple[str, int, str, str, list[tuple[str, str, str]]]]:
    """(sheet, row, name, verdict, [(column's label, kind, text)]) of every row."""
    checked = stash.Rows(batch)
    if len(checked):
        for one in checked:
            said = [(message.column, message.kind, message.text) for message in one.messages]
            yield one.sheet, one.row, one.name, one.verdict, said
        return
    rows = ImportRow.objects.filter(batch=batch).order_by("pk")
    for sheet, row, name, verdict, messages in rows.values_list("sheet", "row", "name", "verdict", "messages").iterator(
        chunk_size=2000
    ):
        yield sheet, row, name, verdict, [(label, kind, text) for label, kind, text in messages or []]


# --- The sum -------------------------------------------------------------------------------

HEADINGS = ("工作表", "台账", "行数", *(verdict.label for verdict in _COUNTED), "其中有提醒")
DETAIL_HEADINGS = ("工作表", "行号", "列", "姓名（名称）", "结果", "哪里不对，怎么改")
HOW = (
    "请改好标红的单元格，再把这份表传一次：已经写入的行不会重复，只会增加改好的行。"
    "黄色是提醒，请核对；蓝色要由人决定。「检查结果」列和这个工作表不用删，再传时会略过。"
)


def counts_of(sheet: SheetAnswer) -> list[Any]:
    """A line of the sum, as HEADINGS name its cells."""
    found = Counter(row.verdict for row in sheet.rows.values())
    warned = sum(1 for row in sheet.rows.values() if row.marks and row.verdict in _TAKEN)
    return [sheet.sheet, sheet.ledger, len(sheet.rows), *(found[verdict] for verdict in _COUNTED), warned]


def lines_of(answer: Answer, notes: Sequence[str]) -> list[str]:
    """What stands above the counts: file, time, what to do, and what has become of its look (`notes`)."""
    state = "（合格的行已写入）" if answer.is_written else "（检查时没有写入任何内容）"
    return [f"文件：{answer.file_name}", f"检查时间：{answer.at}{state}", HOW, *notes]


def said_of(answer: Answer) -> list[str]:
    """What is said of whole sheets."""
    told = [f"{sheet.sheet}：{text}" for sheet in answer.sheets for text in sheet.said]
    return [*told, *answer.said]


def details_of(answer: Answer) -> Iterator[tuple[list[Any], str]]:
    """(cells as DETAIL_HEADINGS name them, colour) of every mark: refused rows first, then the others."""
    for is_refused in (True, False):
        for sheet in answer.sheets:
            for number, row in sheet.rows.items():
                if (row.verdict == Verdict.REJECT) is not is_refused:
                    continue
                for mark in row.marks:
                    label = Verdict(row.verdict).label
                    yield [sheet.sheet, number, mark.label, row.name, label, mark.text], FILLS[mark.kind]


__all__ = [
    "DETAIL_HEADINGS",
    "FILLS",
    "HEADINGS",
    "Answer",
    "Mark",
    "RowAnswer",
    "SheetAnswer",
    "answer_to",
    "counts_of",
    "details_of",
    "gravest",
    "lines_of",
    "said_of",
]
