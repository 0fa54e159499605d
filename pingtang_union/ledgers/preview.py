"""Rows of a batch as pages show them: counts by verdict, what is said of each row, what changes in its record."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count as DbCount
from django.http import HttpRequest

from pingtang_union.core.audit import may_reveal
from pingtang_union.core.changes import (
    Change,
    describe_import,
    field_of,
    guarded_date,
    label_of,
    model_of,
    value_text,
)
from pingtang_union.core.fields import PartialDateField, mask
from pingtang_union.core.ledger import stash
from pingtang_union.core.ledger.schema import Ledger, Message, MessageKind, ledgers
from pingtang_union.core.ledger.sheet import letters_of
from pingtang_union.core.models import ImportBatch, ImportRow, Verdict

# What a page shows first: what a person has to look at.
SHOWN_FIRST = (Verdict.REJECT, Verdict.UNDECIDED, Verdict.TRANSFER, "warned", Verdict.CHANGED, Verdict.NEW)
COUNTERS = {
    Verdict.NEW: "new",
    Verdict.CHANGED: "changed",
    Verdict.UNCHANGED: "unchanged",
    "warned": "warned",
    Verdict.TRANSFER: "transfer",
    Verdict.UNDECIDED: "undecided",
    Verdict.REJECT: "rejected",
}
NOTES = {
    Verdict.NEW: "写入后新增",
    Verdict.CHANGED: "写入后更新",
    Verdict.UNCHANGED: "和已登记的一样",
    "warned": "可以写入，但请核对",
    Verdict.TRANSFER: "已是别的工会的会员",
    Verdict.UNDECIDED: "请辨认是不是同一人",
    Verdict.REJECT: "有错，改好后再传",
}
KINDS = {"warned": "有提醒"}
BADGES = {
    Verdict.NEW: "is-ok",
    Verdict.CHANGED: "is-ok",
    Verdict.RESTORED: "is-ok",
    Verdict.REMOVED: "is-ok",
    Verdict.TRANSFER: "is-warn",
    Verdict.UNDECIDED: "is-warn",
    Verdict.KEPT: "is-warn",
    Verdict.REJECT: "is-bad",
}


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
    """A row as the pages show it: where, who, the verdict, what is said, what changes."""

    place: str
    row: int
    name: str
    verdict: str
    label: str
    badge: str
    said: list[Any]
    changes: list[Change]
    key: str = ""
    url: str = ""
    is_asked: bool = False


def verdict_counts(batch: ImportBatch, current: str) -> list[Count]:
    return [
        Count(
            str(verdict),
            KINDS.get(verdict) or Verdict(verdict).label,
            getattr(batch, name),
            NOTES[verdict],
            BADGES.get(verdict, "is-warn" if verdict == "warned" else ""),  # type: ignore[call-overload]
            str(verdict) == current,
        )
        for verdict, name in COUNTERS.items()
    ]


def shown_verdict(request: HttpRequest, batch: ImportBatch) -> str:
    asked = request.GET.get("show", "")
    if asked in {str(verdict) for verdict in COUNTERS} or asked == "all":
        return asked
    return next((str(one) for one in SHOWN_FIRST if getattr(batch, COUNTERS[one])), "all")


def undone_counts(batch: ImportBatch, current: str) -> list[Count]:
    rows = ImportRow.objects.filter(batch=batch).order_by()
    found: dict[str, int] = dict(rows.values_list("verdict").annotate(number=DbCount("pk")))
    notes = {
        Verdict.RESTORED: "改回导入前的内容",
        Verdict.REMOVED: "导入时新增的已删去",
        Verdict.KEPT: "之后有人改过或用到",
    }
    return [
        Count(str(verdict), verdict.label, found.get(verdict, 0), note, BADGES[verdict], str(verdict) == current)
        for verdict, note in notes.items()
    ]


def written_row(row: ImportRow, user: Any) -> ShownRow:
    return ShownRow(
        row.sheet,
        row.row,
        row.name,
        row.verdict,
        row.get_verdict_display(),
        BADGES.get(row.verdict, ""),  # type: ignore[call-overload]
        [{"text": text} for _column, _kind, text in row.messages or []]
        + _of_the_sheet(row.verdict, (kind for _column, kind, _text in row.messages or [])),
        describe_import(row, user),
        str(row.pk),
    )


def checked_rows(checked: Iterable[stash.Checked], batch: ImportBatch, user: Any) -> list[ShownRow]:
    by_title = {ledger.title: ledger for ledger in ledgers()}
    columns = {
        (sheet["sheet"], by_title[sheet["ledger"]].label(column["column"])): letters_of(column["index"] + 1)
        for sheet in batch.sheets
        if sheet["ledger"] in by_title
        for column in sheet["columns"]
        if column["column"]
    }
    return [
        ShownRow(
            one.sheet,
            one.row,
            one.name,
            one.verdict,
            Verdict(one.verdict).label,
            BADGES.get(one.verdict, ""),  # type: ignore[call-overload]
            [_said(one, message, by_title[one.ledger], columns, user) for message in one.messages]
            + _of_the_sheet(one.verdict, (message.kind for message in one.messages)),
            _changes(one, by_title[one.ledger], user),
            f"{one.sheet}\t{one.row}",
        )
        for one in checked
    ]


def _of_the_sheet(verdict: str, kinds: Iterable[str]) -> list[dict[str, str]]:
    """Why a row is refused of which nothing wrong is said: its whole sheet is."""
    if verdict != Verdict.REJECT or MessageKind.REJECT in kinds:
        return []
    return [{"text": "整张表没有收下，原因见上面「关于整张表」。"}]


def _said(
    one: stash.Checked, message: Message, ledger: Ledger, columns: Mapping[tuple[str, str], str], user: Any
) -> dict[str, str]:
    """What is said of a row, at which cell, and what stands there where the words don't quote it."""
    cell = message.cell
    if not cell and message.kind != MessageKind.WARN:
        name = next((column.name for column in ledger.columns if column.label == message.column), "")
        if name in one.values:
            cell = read_value(model_of(getattr(ledger, "model_label", "")), name, one.values, user)
    letters = columns.get((one.sheet, message.column), "")
    return {
        "at": f"{letters}{one.row}" if letters else "",
        "text": message.text,
        "cell": "" if cell in message.text else cell,
    }


def _changes(one: stash.Checked, ledger: Ledger, user: Any) -> list[Change]:
    """Old and new value of each field that changes; of a new record what was read."""
    model = model_of(getattr(ledger, "model_label", ""))
    if one.verdict == Verdict.NEW and not one.before:
        return [
            Change(column.label, "", read_value(model, column.name, one.values, user))
            for column in ledger.columns[1:]
            if column.name in one.values
        ]
    changes = []
    for name, before in (one.before or {}).items():
        if name in ("id", "name_key", "id_index"):
            continue
        field = field_of(model, name)
        if name == "id_number":
            changes.append(Change("证件号码", "原号码", mask(str(one.values.get("id_number", "")))))
            continue
        label = next((column.label for column in ledger.columns if column.name == name), label_of(model, name))
        after = (one.after or {}).get(name)
        if field is not None:
            changes.append(Change(label, value_text(field, before, user), value_text(field, after, user)))
        else:
            changes.append(Change(label, str(before or "（空）"), str(one.values.get(name, ""))))
    return changes


def read_value(model: Any, name: str, values: dict[str, Any], user: Any) -> str:
    """What a row says of one field, as `user` may read it: a mask beside the day of birth would be the whole number."""
    value = values[name]
    if name == "id_number":
        return mask(str(value))
    if isinstance(value, bool):
        return "是" if value else "否"
    field = field_of(model, name)
    if isinstance(field, PartialDateField) and field.guarded and not may_reveal(user, model):
        return guarded_date(str(value))
    return value_text(field, value) if field is not None and not field.is_relation and field.flatchoices else str(value)
