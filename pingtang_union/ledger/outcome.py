"""What becomes of one row: planned, shown in a preview, kept by a batch, answered in a workbook, undone."""

from dataclasses import dataclass, field, replace
from typing import Any

from pingtang_union.core.masking import masked
from pingtang_union.ledger.hidden import shown_before
from pingtang_union.ledger.models import ImportRow, Verdict

# `before` keeps the sealed value; `after` omits it, since id_index shows the change.
_SEALED = frozenset(("id_number",))
_CLOSED = frozenset((Verdict.REJECT, Verdict.TRANSFER, Verdict.UNDECIDED, Verdict.HELD))


class MessageKind:
    """Verdicts of a message."""

    WARN = "warn"
    REJECT = "reject"
    TRANSFER = "transfer"
    UNDECIDED = "undecided"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class Message:
    """What a clerk is told about a row: which column, how grave, what is wrong and what to do.

    awaits_reference: the row names a record that another file may still bring. cell: what stands there. Both texts
    are masked by content: a header may stand above another column's numbers, and messages are kept and passed on.
    """

    column: str
    kind: str
    text: str
    awaits_reference: bool = False
    cell: str = ""

    def __post_init__(self) -> None:
        for name in ("text", "cell"):
            if (text := getattr(self, name)) != (shown := masked(text)):
                object.__setattr__(self, name, shown)


@dataclass(slots=True)
class RowOutcome:
    """One data row: its place, its values, and the verdict with its messages. A plan fills it in; previews and batches
    give it back. `key` tells it in a form."""

    row: int
    number: int
    values: dict[str, Any]
    name: str = ""
    verdict: str = Verdict.NEW
    messages: list[Message] = field(default_factory=list)
    object_id: int | None = None
    before: dict[str, Any] | None = None
    existing: Any = None  # the stored record, its columns by name (`bulk.stored_rows`); of an undoing the batch's row
    # Instead of `before` where whoever brought the row may not see the record that it changes: written sealed, read by
    # the undoing alone.
    hidden: dict[str, Any] | None = None
    sheet: str = ""
    ledger: str = ""
    key: str = ""

    def reject(self, column: str, text: str, *, awaits_reference: bool = False, cell: str = "") -> None:
        """Refuse the row, saying where and why."""
        self.verdict = Verdict.REJECT
        self.messages.append(Message(column, MessageKind.REJECT, text, awaits_reference, cell))

    def warn(self, column: str, text: str) -> None:
        """Take the row, but have the clerk look."""
        self.messages.append(Message(column, MessageKind.WARN, text))

    def leave(self, verdict: Verdict, column: str, text: str) -> None:
        """Neither take nor refuse the row: a person decides (TRANSFER, UNDECIDED, HELD)."""
        self.verdict = verdict
        self.messages.append(Message(column, verdict.value, text))

    def after(self) -> dict[str, Any]:
        """The values that replace those of `before`."""
        return {name: self.values.get(name) for name in self.replaced if name not in _SEALED}

    @property
    def replaced(self) -> dict[str, Any]:
        """The record's former values, whoever may see them."""
        return self.before or self.hidden or {}

    @property
    def is_open(self) -> bool:
        """Whether nothing has refused the row so far."""
        return self.verdict not in _CLOSED

    @property
    def is_warned(self) -> bool:
        """Whether the row is taken, with something to look at."""
        return bool(self.messages) and self.verdict not in _CLOSED


def outcome_of(row: ImportRow) -> RowOutcome:
    """What a batch keeps of a row; the cells that were read are no longer there."""
    return RowOutcome(
        row.row,
        row.number,
        row.after or {},
        row.name,
        row.verdict,
        [Message(*message) for message in row.messages or ()],
        row.object_id,
        shown_before(row),
        sheet=row.sheet,
        ledger=row.ledger,
        key=str(row.pk),
    )


def undone_row(row: ImportRow, verdict: str, text: str = "", *, before: Any = None, after: Any = None) -> RowOutcome:
    """What undoing did with a batch's row (`existing`): RESTORED, REMOVED or KEPT, the values that changed, and why."""
    messages = [Message("", MessageKind.WARN, text)] if text else []
    outcome = replace(outcome_of(row), verdict=verdict, messages=messages, existing=row)
    outcome.before, outcome.values = before, after or {}
    return outcome
