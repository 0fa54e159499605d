"""What a workbook that goes back says: per row the result with marks on its bad cells, and a summary."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from pingtang_union.ledger.declaration import ledgers
from pingtang_union.ledger.importing import preview
from pingtang_union.ledger.models import ImportBatch, ImportRow, Verdict
from pingtang_union.ledger.outcome import MessageKind, RowOutcome, outcome_of
from pingtang_union.ledger.wording import VERDICTS, WARNED, of_the_sheet

# No office picks these shades, so that ours can be told and taken off again.
RED, YELLOW, BLUE = "FFFFC6C4", "FFFFEBA3", "FFBDD9F5"
COLOURS = [RED, BLUE, YELLOW]  # the gravest first
FILLS = {
    MessageKind.REJECT: RED,
    MessageKind.WARN: YELLOW,
    MessageKind.TRANSFER: BLUE,
    MessageKind.UNDECIDED: BLUE,
    MessageKind.HELD: BLUE,
}
HEADINGS = ("工作表", "台账", "行数", *(verdict.label for verdict in VERDICTS), "其中有提醒")
DETAIL_HEADINGS = ("工作表", "行号", "列", "姓名（名称）", "结果", "问题和修改办法")
HOW = (
    "请改好标红的单元格，再把这份表传一次：已经写入的行不会重复，只会增加改好的行。"
    "黄色是提醒，请核对；蓝色要由人决定。「检查结果」列和这个工作表不用删，再传时会略过。"
)
MarkedRow = tuple[int, str, str, list[tuple[int | None, str, str]]]
Detail = tuple[list[Any], str]


@dataclass(slots=True)
class SheetAnswer:
    """A sheet that was read: where its header stands (row from 1), and what is said of it as a whole.

    columns: indexes from 0 by our label. text_columns: indexes of those whose numbers are names. rows: number from 1,
    words for the last column, its colour ("" for none), and marks: index from 0 (None: no cell of the sheet), colour,
    words. details: for each message the cells that DETAIL_HEADINGS name, and its colour.
    """

    sheet: str
    ledger: str
    header_row: int
    columns: dict[str, int] = field(default_factory=dict)
    text_columns: list[int] = field(default_factory=list)
    rows: list[MarkedRow] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    details: list[Detail] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)

    def add(self, row: RowOutcome) -> None:
        """A row's verdict, and everything that is said of it."""
        self.counts[row.verdict] += 1
        self.counts[WARNED] += row.is_warned
        label = _LABELS[row.verdict]
        words = f"{label}（有提醒）" if row.is_warned else label
        marks, colours = [], [RED] if row.verdict == Verdict.REJECT else []
        for message in row.messages:
            colours.append(FILLS[message.kind])
            marks.append((self.columns.get(message.column), FILLS[message.kind], message.text))
            cells = [self.sheet, row.row, message.column, row.name, label, message.text]
            self.details.append((cells, FILLS[message.kind]))
        text = "".join(message.text for message in row.messages) + of_the_sheet(row, "工作表「检查结果汇总」")
        fill = min(colours, key=COLOURS.index, default="")
        self.rows.append((row.row, f"{words}：{text}" if text else words, fill, marks))

    @property
    def summary(self) -> list[Any]:
        """The cells that HEADINGS name."""
        numbers = [self.counts[verdict] for verdict in (*VERDICTS, WARNED)]
        return [self.sheet, self.ledger, len(self.rows), *numbers]


_LABELS: dict[str, str] = {verdict.value: verdict.label for verdict in Verdict}


@dataclass(slots=True)
class Answer:
    """Everything that goes back with a file: its name, when it was checked, its sheets, and what is said of sheets
    that were not read."""

    file_name: str
    at: str
    is_written: bool
    sheets: list[SheetAnswer]
    messages: list[str] = field(default_factory=list)

    @property
    def lines(self) -> list[str]:
        """What stands above the counts: file, time, what to do."""
        state = "（合格的行已写入）" if self.is_written else "（检查时没有写入任何内容）"
        return [f"文件：{self.file_name}", f"检查时间：{self.at}{state}", HOW]

    @property
    def about_sheets(self) -> list[str]:
        """What is said of whole sheets."""
        return [f"{sheet.sheet}：{text}" for sheet in self.sheets for text in sheet.messages] + self.messages

    @property
    def details(self) -> list[Detail]:
        """Every message, those of refused rows first."""
        details = [detail for sheet in self.sheets for detail in sheet.details]
        return sorted(details, key=lambda detail: detail[0][4] != Verdict.REJECT.label)


def answer_to(batch: ImportBatch, *, at: str) -> Answer:
    """What the check found, or, where the checked rows are no longer kept, what the writing did."""
    by_title = {ledger.title: ledger for ledger in ledgers()}
    sheets: dict[str, SheetAnswer] = {}
    for described in batch.sheets:
        ledger = by_title.get(described["ledger"])
        if described["is_read"] and ledger is not None:
            read = {column["column"]: column["index"] for column in described["columns"] if column["column"]}
            sheets[described["sheet"]] = SheetAnswer(
                described["sheet"],
                ledger.title,
                described["header_row"],
                {ledger.label(name): index for name, index in read.items()},
                sorted(read[column.name] for column in ledger.columns if column.is_text and column.name in read),
            )
    answer = Answer(batch.file_name, at, batch.written_at is not None, list(sheets.values()))
    for message in batch.messages or []:
        (sheets.get(message["sheet"]) or answer).messages.append(message["message"])
    # A refused sheet says so as a whole: nothing is said of its rows one by one.
    for row in _rows(batch):
        if row.sheet in sheets:
            sheets[row.sheet].add(row)
    return answer


def _rows(batch: ImportBatch) -> Iterable[RowOutcome]:
    checked = preview.Rows(batch)
    written = ImportRow.objects.filter(batch=batch).order_by("pk")
    return checked if len(checked) else map(outcome_of, written.iterator(chunk_size=2000))
