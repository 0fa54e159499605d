"""Rows of a batch as pages show them: counts by verdict, what is said of each row, what changes in its record."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count as DbCount
from django.http import HttpRequest

from pingtang_union.core.changes import EMPTY, GUARDED, Change, field_of, guarded_date, label_of, model_of, value_text
from pingtang_union.core.fields import PartialDateField, mask
from pingtang_union.core.permissions import may_reveal
from pingtang_union.ledger.declaration import Ledger, ledgers
from pingtang_union.ledger.models import BatchKind, BatchState, ImportBatch, ImportRow, Verdict
from pingtang_union.ledger.outcome import Message, MessageKind, RowOutcome
from pingtang_union.ledger.reading.unseen import letters_of
from pingtang_union.ledger.wording import COUNTED, UNDONE, WARNED, of_the_sheet

# What a page shows first: what a person has to look at.
SHOWN_FIRST = (
    *(Verdict.REJECT, Verdict.HELD, Verdict.UNDECIDED, Verdict.TRANSFER),
    *(WARNED, Verdict.CHANGED, Verdict.NEW),
)
# That a row was taken with a warning is a mark beside its verdict.
BADGES: dict[str, str] = {WARNED: "is-warn", **{verdict: verdict.tone for verdict in Verdict}}


@dataclass(frozen=True)
class Count:
    """One verdict's number of rows, and the address that shows them."""

    verdict: str
    label: str
    number: int
    note: str
    badge: str
    is_current: bool


@dataclass(frozen=True)
class ShownRow:
    """A row's outcome in words: what is said of it, at which cell, and what changes."""

    outcome: RowOutcome
    messages: list[dict[str, str]]
    changes: list[Change]
    is_asked: bool = False

    @property
    def label(self) -> str:
        return str(Verdict(self.outcome.verdict).label)

    @property
    def badge(self) -> str:
        return BADGES.get(self.outcome.verdict, "")

    @property
    def is_warned(self) -> bool:
        return self.outcome.is_warned


def verdict_counts(batch: ImportBatch, current: str) -> tuple[list[Count], Count | None]:
    """Counts that add up to the rows, and how many of the rows taken have a warning; of an undoing that is None."""
    words, is_written = COUNTED, batch.state == BatchState.WRITTEN
    numbers = {verdict: getattr(batch, counted.counter) for verdict, counted in COUNTED.items()}
    if batch.kind == BatchKind.UNDO:
        rows = ImportRow.objects.filter(batch=batch).order_by()
        words, numbers = UNDONE, dict(rows.values_list("verdict").annotate(number=DbCount("pk")))
    counts = [
        Count(
            verdict,
            counted.label,
            numbers.get(verdict, 0),
            counted.written if is_written else counted.note,
            BADGES.get(verdict, ""),
            verdict == current,
        )
        for verdict, counted in words.items()
    ]
    warned = next((count for count in counts if count.verdict == WARNED), None)
    return [count for count in counts if count is not warned], warned


def shown_verdict(request: HttpRequest, batch: ImportBatch) -> str:
    asked = request.GET.get("show", "")
    if batch.kind == BatchKind.UNDO:
        return asked if asked in UNDONE else "all"
    if asked in COUNTED or asked == "all":
        return asked
    return next((str(verdict) for verdict in SHOWN_FIRST if getattr(batch, COUNTED[verdict].counter)), "all")


def shown_rows(rows: Iterable[RowOutcome], batch: ImportBatch, user: Any) -> list[ShownRow]:
    """Rows of a preview or of a batch, as `user` may read them."""
    by_title = {ledger.title: ledger for ledger in ledgers()}
    columns = {
        (sheet["sheet"], by_title[sheet["ledger"]].label(column["column"])): letters_of(column["index"] + 1)
        for sheet in batch.sheets
        if sheet["ledger"] in by_title
        for column in sheet["columns"]
        if column["column"]
    }
    shown = []
    for row in rows:
        ledger = by_title.get(row.ledger)
        if ledger is None:  # of a ledger that the portal no longer knows by that title
            shown.append(ShownRow(row, [{"text": message.text} for message in row.messages], []))
            continue
        messages = [_message(row, message, ledger, columns, user) for message in row.messages]
        if text := of_the_sheet(row, "上面「关于整张表」"):
            messages.append({"text": text})
        shown.append(ShownRow(row, messages, _changes(row, ledger, user)))
    return shown


def _message(
    row: RowOutcome, message: Message, ledger: Ledger, columns: Mapping[tuple[str, str], str], user: Any
) -> dict[str, str]:
    """What is said of a row, at which cell, and what stands there where the words don't quote it."""
    cell = message.cell
    if not cell and message.kind != MessageKind.WARN:
        name = next((column.name for column in ledger.columns if column.label == message.column), "")
        if name in row.values:
            cell = _read(ledger, name, row.values, user)
    letters = columns.get((row.sheet, message.column), "")
    return {
        "at": f"{letters}{row.row}" if letters else "",
        "text": message.text,
        "cell": "" if cell in message.text else cell,
    }


def _changes(row: RowOutcome, ledger: Ledger, user: Any) -> list[Change]:
    """Old and new value of each field that changes; of a new record what was read."""
    model = model_of(ledger.model_label)
    if row.verdict == Verdict.NEW and not row.before:
        return [
            Change(column.label, "", _read(ledger, column.name, row.values, user))
            for column in ledger.columns[1:]
            if column.name in row.values
        ]
    changes = []
    for name, before in (row.before or {}).items():
        if name in ("id", "name_key", "id_index"):
            continue
        field = field_of(model, name)
        label = next((column.label for column in ledger.columns if column.name == name), label_of(model, name))
        if name in ledger.guards:
            changes.append(Change(label, "原内容", "本行的内容"))
        elif name == "id_number":
            changes.append(Change("证件号码", "原号码", mask(row.values.get(name, "")) or "本行的号码"))
        elif field is None:
            changes.append(Change(label, str(before or EMPTY), str(row.values.get(name, ""))))
        else:
            after = value_text(field, row.values[name], user) if name in row.values else "—"  # older imports kept none
            changes.append(Change(label, value_text(field, before, user), after))
    return changes


def _read(ledger: Ledger, name: str, values: dict[str, Any], user: Any) -> str:
    if name in ledger.guards:
        return GUARDED
    return read_value(model_of(ledger.model_label), name, values, user, ledger.sources.get(name, ""))


def read_value(model: Any, name: str, values: dict[str, Any], user: Any, field_name: str = "") -> str:
    """What a row says of one field, as `user` may read it: a mask beside the day of birth would be the whole number.

    field_name: the record's field, where the column is called otherwise.
    """
    value = values[name]
    if name == "id_number":
        return mask(str(value))
    if isinstance(value, bool):
        return "是" if value else "否"
    field = field_of(model, field_name or name)
    if isinstance(field, PartialDateField) and field.guarded and not may_reveal(user, model):
        return guarded_date(str(value))
    return value_text(field, value) if field is not None and not field.is_relation and field.flatchoices else str(value)
