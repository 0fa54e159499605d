"""Steps 1 and 2 of one file: its sheets become tables of known ledgers."""

from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

from pingtang_union.core.cleaning import quoted
from pingtang_union.core.text import fold
from pingtang_union.files.limited import PATIENCE_SECONDS
from pingtang_union.ledger.declaration import ledgers
from pingtang_union.ledger.outcome import Message, MessageKind
from pingtang_union.ledger.reading import ours
from pingtang_union.ledger.reading.child import Limits
from pingtang_union.ledger.reading.recognise import Choices, Recognition, recognise
from pingtang_union.ledger.reading.table import SERIAL, Header, Table
from pingtang_union.ledger.reading.unseen import letters_of
from pingtang_union.ledger.reading.workbook import MACROS, Sheet, UnreadableFile, read_workbook
from pingtang_union.ledger.report import SheetReport

_SAMPLES = 3
SAMPLED_ROWS = 200  # below the header, that samples are taken from
# Of a workbook with hundreds of sheets that are no ledgers, what is said of the first few.
_TOLD_REFUSALS, _TOLD_SHEETS = 5, 20


@dataclass(slots=True)
class Parsed:
    """A file understood: the tables to plan, what is to be said of its other sheets, or why nothing is.

    nearest: sheets that would be a ledger of ours if a person said what their columns mean.
    """

    name: str
    tables: list[Table] = field(default_factory=list)
    notes: list[SheetReport] = field(default_factory=list)
    nearest: list[Table] = field(default_factory=list)
    error: str = ""


def parse(
    name: str,
    content: bytes,
    choices: Choices | None = None,
    *,
    limits: Limits | None = None,
    patience: float = PATIENCE_SECONDS,
) -> Parsed:
    """Read and recognise a file. `choices`: what the office said the headers of its ledgers mean. `limits`,
    `patience` and what is raised: as of `read_workbook`."""
    parsed = Parsed(name)
    try:
        sheets = read_workbook(content, name, limits=limits, patience=patience)
    except UnreadableFile as error:
        parsed.error = f"「{name}」{error}"
        return parsed
    known = ledgers()
    refusals: list[str] = []
    for sheet in sheets:
        if sheet.name in ours.SHEETS:
            continue
        if sheet.refusal:
            refusals.append(f"工作表「{sheet.name}」{sheet.refusal}")
            parsed.notes.append(_note(sheet, MessageKind.REJECT, sheet.refusal + "这个工作表没有读入。"))
            continue
        ours.blank_our_column(sheet.rows)
        recognition: Recognition = recognise(sheet, known, PurePath(name).stem, choices or {})
        if recognition.table is None:
            refusals.append(recognition.refusal)
            if recognition.nearest is not None:
                parsed.nearest.append(recognition.nearest)
            if recognition.is_tabular:
                kind = MessageKind.REJECT if recognition.is_near else MessageKind.WARN
                parsed.notes.append(_note(sheet, kind, recognition.refusal + "这个工作表没有读入。"))
        else:
            parsed.tables.append(recognition.table)
    if not parsed.tables:
        parsed.error = f"「{name}」" + (_joined(refusals) or "里没有可以读的工作表。")
    elif not any(table.has_rows() for table in parsed.tables):
        parsed.error = f"「{name}」只有表头，下面没有填写内容，没有读入。请填好以后再上传。"
    parsed.notes = _the_first(parsed.notes)
    del parsed.nearest[_TOLD_SHEETS:]
    parsed.tables.sort(key=lambda table: table.ledger.order)
    for table in parsed.tables[1:]:  # it is said of the file once
        table.sheet.notices = [notice for notice in table.sheet.notices if notice != MACROS]
    return parsed


def _joined(refusals: list[str]) -> str:
    more = len(refusals) - _TOLD_REFUSALS
    return "".join(refusals[:_TOLD_REFUSALS]) + (f"另有 {more} 个工作表也看不出是哪种台账。" if more > 0 else "")


def _the_first(notes: list[SheetReport]) -> list[SheetReport]:
    """Notes of sheets that were not read: refused ones all, of the others the first few and how many more."""
    others = [note for note in notes if note.messages[0]["verdict"] != MessageKind.REJECT]
    if len(others) <= _TOLD_SHEETS:
        return notes
    dropped = others[_TOLD_SHEETS:]
    kept = [note for note in notes if note not in dropped]
    kept.append(_note(dropped[0].sheet, MessageKind.WARN, f"另有 {len(dropped)} 个工作表也没有读入。"))
    return kept


def _note(sheet: Sheet | str, kind: str, text: str) -> SheetReport:
    note = SheetReport(sheet if isinstance(sheet, str) else sheet.name, "")
    note.tell(1, None, "", Message("", kind, text))
    return note


def describe(table: Table, *, is_read: bool = True) -> dict[str, Any]:
    """A sheet as a person is asked about it: its ledger, and each column with what it is taken for and samples.

    how: "known", "chosen" (by the office), "likely" (a guess), "unknown", "left" (left out by the office),
    "serial".
    """
    header = table.header
    names = {index: name for name, index in header.found.items()}
    columns = []
    for index in sorted(header.texts):
        name = names.get(index, "")
        if index in header.chosen:
            how = "chosen" if name else "left"
        elif name:
            how = "likely" if name in header.likely else "known"
        else:
            how = "serial" if fold(header.texts[index]) in SERIAL else "unknown"
        columns.append(
            {
                "index": index,
                "text": header.texts[index],
                "key": header.keys[index],
                "column": name,
                "how": how,
                "samples": _samples(table, index) if how not in ("known", "serial") else [],
            }
        )
    return {
        "sheet": table.sheet.name,
        "ledger": table.ledger.title,
        "header_row": header.row + 1,
        "width": max(header.texts, default=0) + 1,
        "is_read": is_read,
        "columns": columns,
    }


def _samples(table: Table, index: int) -> list[str]:
    """The first different cells below a header, long numbers masked."""
    samples: list[str] = []
    for row in table.sheet.rows[table.header.row + 1 : table.header.row + 1 + SAMPLED_ROWS]:
        if index < len(row) and (shown := quoted(row[index])) and shown not in samples:
            samples.append(shown)
            if len(samples) == _SAMPLES:
                break
    return samples


def tell_of_header(table: Table, report: SheetReport) -> None:
    """What is to be said of a sheet as a whole: hidden parts, guessed and unknown columns."""
    header, row = table.header, table.header.row + 1

    def warn(text: str, label: str = "") -> None:
        report.tell(row, None, "", Message(label, MessageKind.WARN, text))

    if table.sheet.is_hidden:
        warn("这是隐藏的工作表，内容照样读入了，请核对。")
    for notice in table.sheet.notices:
        warn(notice)
    for name, written in header.likely.items():
        label = table.ledger.label(name)
        warn(f"第 {row} 行的「{written}」列按「{label}」读入，请核对；如果不是，请改表头后重新导入。", label)
    for left, kept in header.doubled:
        warn(_said_of_double(header, left, kept))
    if header.unknown:
        listed = "、".join(f"「{text}」" for text in header.unknown)
        warn(f"不认识 {listed} 列，这些列没有读入。")
    for doubt in table.doubts:
        warn(doubt)


def _said_of_double(header: Header, left: int, kept: int) -> str:
    read, other = letters_of(kept + 1), letters_of(left + 1)
    if header.keys[left] == header.keys[kept]:
        return f"「{header.texts[left]}」列有重复：读了 {read} 列，{other} 列没有读入，请核对。"
    return (
        f"「{header.texts[left]}」（{other} 列）和「{header.texts[kept]}」（{read} 列）是同一项内容："
        f"读了 {read} 列，{other} 列没有读入，请核对。"
    )
