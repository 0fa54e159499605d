"""What a ledger is: its columns, its records, and the plan made for each of its rows."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from pingtang_union.core.ledger.clean import YES_NO, Cleaner, yes_no
from pingtang_union.core.models import Verdict

if TYPE_CHECKING:
    from django.db import models

    from pingtang_union.core.ledger.context import Context
    from pingtang_union.core.ledger.table import Table
    from pingtang_union.core.models import ImportRow


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a ledger: the record's field it fills, our header, how cells are read, other headers
    (between blanks).

    is_essential: the ledger can't be told or used without the column.
    is_required: a row without a value is rejected.
    is_repetitive: few different values.
    note: what a template says at the header. is_text: numbers that are names (identity numbers, phones, codes),
    formatted as text in every workbook we give.
    """

    name: str
    label: str
    clean: Cleaner
    aliases: str = ""
    note: str = ""
    is_text: bool = False
    is_essential: bool = False
    is_required: bool = False
    is_repetitive: bool = True

    @property
    def choices(self) -> tuple[str, ...]:
        """What a template offers as a dropdown: the labels of a code list, 是 and 否."""
        return YES_NO if self.clean is yes_no else getattr(self.clean, "choices", ())


_SEALED = frozenset(("id_number",))  # kept before as it was sealed, and never after: the index tells it
_CLOSED = frozenset((Verdict.REJECT, Verdict.TRANSFER, Verdict.UNDECIDED))


class MessageKind:
    """Verdicts of a message."""

    WARN = "warn"
    REJECT = "reject"
    TRANSFER = "transfer"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Message:
    """What a clerk is told about a row: which column, how grave, what is wrong and what to do.

    awaits_reference: the row names a record that another file may still bring. cell: what stands there.
    """

    column: str
    kind: str
    text: str
    awaits_reference: bool = False
    cell: str = ""


@dataclass(slots=True)
class RowPlan:
    """What will happen with one data row: its place, its values, and the verdict with its messages."""

    row: int
    number: int
    values: dict[str, Any]
    name: str = ""
    verdict: str = Verdict.NEW
    messages: list[Message] = field(default_factory=list)
    object_id: int | None = None
    before: dict[str, Any] | None = None
    existing: Sequence[Any] | None = None

    def reject(self, column: str, text: str, *, awaits_reference: bool = False, cell: str = "") -> None:
        """Refuse the row, saying where and why."""
        self.verdict = Verdict.REJECT
        self.messages.append(Message(column, MessageKind.REJECT, text, awaits_reference, cell))

    def warn(self, column: str, text: str) -> None:
        """Take the row, but have the clerk look."""
        self.messages.append(Message(column, MessageKind.WARN, text))

    def after(self) -> dict[str, Any]:
        """The values that replace those of `before`."""
        return {name: self.values.get(name) for name in self.before or () if name not in _SEALED}

    @property
    def is_open(self) -> bool:
        """Whether nothing has refused the row so far."""
        return self.verdict not in _CLOSED


@dataclass(frozen=True, slots=True)
class UndoneRow:
    """What undoing did with one row: RESTORED, REMOVED or KEPT, with the values that changed and why."""

    row: "ImportRow"
    verdict: str
    text: str = ""
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None


class Ledger:
    """One kind of ledger. Subclasses in the apps' resources.py say what its rows mean."""

    slug: ClassVar[str]  # what addresses name it by
    title: ClassVar[str]
    purpose: ClassVar[str] = ""  # what it is for, in a sentence for who is to fill it
    order: ClassVar[int]  # references go from a higher to a lower one
    columns: ClassVar[tuple[Column, ...]]
    words: ClassVar[tuple[str, ...]] = ()  # words of a title that speak for this ledger
    not_kept_at: ClassVar[tuple[str, ...]] = ()  # levels of unions that have no such ledger: calls don't ask them

    has_sections: ClassVar[bool] = False  # whether titles between the rows say something of the rows below them

    def read_section(self, title: str) -> dict[str, Any]:
        """What a section's title gives the rows below it, by column name, as their cleaners would."""
        return {}

    def prepare(self, rows: Sequence[RowPlan]) -> None:
        """Check what rows say by themselves, before anyone asks what is stored: done once, when a file is read."""

    @property
    def model(self) -> "type[models.Model] | None":
        """The model of its records; None where a row is no record of one model."""
        return None

    def plan(self, table: "Table", rows: list[RowPlan], context: "Context") -> None:
        """Give each open row its verdict. May refuse the whole table with LedgerRefused."""
        raise NotImplementedError(f"{type(self).__name__} says nothing about its rows")

    def commit(self, rows: list[RowPlan], context: "Context") -> None:
        """Write the open rows that are new or changed."""
        raise NotImplementedError(f"{type(self).__name__} writes nothing")

    # Whether writing itself can still refuse rows (a union's place in the tree), so that a preview has to write
    # and take back.
    decides_when_writing: ClassVar[bool] = False

    def union_of(self, row: RowPlan) -> int | None:
        """The union whose ledger a row belongs to: whose return it is."""
        return row.values.get("union_id")

    def undo(self, rows: "Sequence[ImportRow]", context: "Context") -> list["UndoneRow"]:
        """Take back what a batch did with `rows` of this ledger, the latest first. Says what became of each."""
        raise NotImplementedError(f"{type(self).__name__} takes nothing back")

    def label(self, name: str) -> str:
        """Our header of a column."""
        return next(column.label for column in self.columns if column.name == name)


class LedgerRefused(Exception):
    """Why a recognised sheet as a whole can't be taken, in words for the clerk.

    awaits_reference: it names a record that another file may still bring.
    """

    def __init__(self, text: str, *, awaits_reference: bool = False):
        super().__init__(text)
        self.awaits_reference = awaits_reference


_LEDGERS: list[Ledger] = []


def register(ledger: type[Ledger]) -> type[Ledger]:
    """Class decorator: make a ledger known to the layer."""
    _LEDGERS.append(ledger())
    return ledger


def ledgers() -> list[Ledger]:
    """Every ledger known, in the order that references need."""
    return sorted(_LEDGERS, key=lambda ledger: ledger.order)


def ledger_by_slug(slug: str) -> Ledger:
    """The ledger that is called so. Raises LookupError."""
    for ledger in _LEDGERS:
        if ledger.slug == slug:
            return ledger
    raise LookupError(slug)
