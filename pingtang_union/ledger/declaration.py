"""What a ledger is: its columns, how a row is told from another, what a row may say, and the verdict on each row."""

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING, Any, ClassVar

from pingtang_union.core.cleaning import YES_NO, Cleaner, yes_no
from pingtang_union.core.fields import PartialDateField
from pingtang_union.core.masking import masked
from pingtang_union.core.text import fold
from pingtang_union.ledger import bulk
from pingtang_union.ledger.models import Verdict
from pingtang_union.ledger.outcome import RowOutcome
from pingtang_union.ledger.records import Records, jsonable

if TYPE_CHECKING:
    from pingtang_union.ledger.context import Context


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


class Ledger(Records):
    """One kind of ledger: one record a row. Subclasses in the apps' ledgers say what its rows mean.

    A blank cell never erases what is stored: ledgers leave out what they don't know.
    """

    slug: ClassVar[str]  # what addresses name it by
    title: ClassVar[str]
    purpose: ClassVar[str] = ""  # what it is for, in a sentence for who is to fill it
    line: ClassVar[str] = "一条记录写一行。"  # what stands in a line, likewise
    order: ClassVar[int]  # references go from a higher to a lower one
    columns: ClassVar[tuple[Column, ...]]
    # Columns that are read where a roster has them, and never given: no template, export or form of ours has them.
    also_read: ClassVar[tuple[Column, ...]] = ()
    words: ClassVar[tuple[str, ...]] = ()  # words of a title that speak for this ledger
    not_kept_at: ClassVar[tuple[str, ...]] = ()  # levels of unions that have no such ledger: calls don't ask them
    # The record's columns that together tell it from every other, the one with the fewest records a value first.
    told_by: ClassVar[tuple[str, ...]] = ()
    repeat_shown_at: ClassVar[str] = ""  # the column that a repeated row is shown at, where it isn't the first
    orders: ClassVar[tuple[tuple[str, str], ...]] = ()  # (later date, earlier date)
    parts: ClassVar[tuple[tuple[str, str], ...]] = ()  # (part, whole)
    # Columns that a sheet's own totals add up, each by itself or together in one cell.
    added_up: ClassVar[tuple[str, ...]] = ()
    # Whether writing itself can still refuse rows (a union's place in the tree), so that a preview has to write
    # and take back.
    decides_when_writing: ClassVar[bool] = False

    @property
    def read_columns(self) -> tuple[Column, ...]:
        """Every column that a brought ledger may have."""
        return (*self.columns, *self.also_read)

    def label(self, name: str) -> str:
        """Our header of a column."""
        return next(column.label for column in self.read_columns if column.name == name)

    def label_of(self, name: str) -> str:
        """Our header of a field, or the record's own word for one that the ledger lacks."""
        return next((column.label for column in self.columns if column.name == name), "") or super().label_of(name)

    # --- out ---

    # Where a column's cell comes from when it isn't the record's own field of that name.
    sources: ClassVar[Mapping[str, str]] = {"union": "union__name"}

    def given(self, queryset: Any, by: Any = None) -> Any:
        """The records of `queryset` that this ledger holds, with what `sources` names; `by`: who is to get it."""
        return queryset

    # Columns that `veil` looks at, beside those that are given.
    veiled_by: ClassVar[tuple[str, ...]] = ()

    def veil(self, names: Sequence[str], cells: list[Any], told: Sequence[Any], *, by: Any, is_full: bool) -> list[Any]:
        """Cells as `by` may have them, a column at a time in the order of `names`. `told`: `veiled_by`, likewise."""
        return cells

    def present(self, queryset: Any) -> Any:
        """Of those, the ones that a form means when it doesn't ask for former ones too."""
        return queryset

    # The column whose cells part an export into numbered sections; the records come in its order.
    section_column: ClassVar[str] = ""

    def section_title(self, cell: Any) -> str:
        """What stands above the rows with this cell, behind the section's number."""
        return str(cell)

    # --- reading ---

    def spread(self, table: Any, rows: list[RowOutcome]) -> list[RowOutcome]:
        """The rows of the records: where a line of the sheet holds several, more than there are lines."""
        return rows

    def lacks(self, row: RowOutcome, name: str) -> bool:
        """Whether a row says nothing in a column that it has to fill."""
        return name not in row.values

    has_sections: ClassVar[bool] = False  # whether titles between the rows say something of the rows below them

    def read_section(self, title: str) -> dict[str, Any]:
        """What a section's title gives the rows below it, by column name, as their cleaners would."""
        return {}

    def prepare(self, rows: Sequence[RowOutcome]) -> None:
        """Check what rows say by themselves, before anyone asks what is stored: done once, when a file is read."""
        self.refuse_contradictions(rows)

    def refuse_contradictions(self, rows: Iterable[RowOutcome]) -> None:
        """Reject rows whose own values can't all be true."""
        for row in rows:
            if row.is_open:
                for label, text in self.contradictions(row.values):
                    row.reject(label, f"{text}，请核对。")

    def applies(self, row: RowOutcome, existing: Sequence[Any]) -> bool:
        """Whether the row would be written into the stored record, were it valid."""
        return True

    def contradictions(self, values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """(column, what is wrong) where values can't all be true; the database's constraints say the same."""
        for later, earlier in self.orders:
            end, start = values.get(later), values.get(earlier)
            if end and start and end < start[: len(end)]:
                label = self.label_of(later)
                # Masks leave out the day of birth: it stands in no message, which more people read.
                since = "" if getattr(self.model._meta.get_field(earlier), "guarded", False) else f" {start}"
                yield label, f"{label} {end} 早于{self.label_of(earlier)}{since}"
        for part, whole in self.parts:
            some, every = values.get(part), values.get(whole)
            if some is not None and every is not None and some > every:
                label = self.label_of(part)
                yield label, f"{label} {some} 多于{self.label_of(whole)} {every}"

    # --- planning ---

    def screen(self, rows: Sequence[RowOutcome], context: "Context", *, registers: bool) -> None:
        """Keep rows back that may not be compared with what is stored, before anything of the file is. `registers`:
        whether that they were asked is to be remembered, in a transaction of its own."""

    def told(self, rows: Sequence[RowOutcome], context: "Context") -> None:
        """A preview has told what it found: write down what has to be known of that."""

    def resolve(self, table: Any, rows: list[RowOutcome], context: "Context") -> None:
        """Turn words into references and check what needs several cells: by default the unions of a column "union".
        Rejects rows, or the table."""
        if any(column.name == "union" for column in self.columns):
            resolve_unions(rows, context, self.label("union"))

    def key(self, row: RowOutcome) -> Any:
        """What tells a row's record within the ledger; None where the row can't say."""
        try:
            return self._told(row.values)
        except KeyError:
            return None

    @cached_property
    def _told(self) -> itemgetter:
        return itemgetter(*self.told_by)

    def stored(self, rows: list[RowOutcome], context: "Context") -> Mapping[Any, Any]:
        """Stored records by key, for these rows (`bulk.stored_rows`): by default the account's own."""
        first, key = self.told_by[0], attrgetter(*self.told_by)
        manager = self.model._default_manager
        records = manager.all() if context.by is None else manager.visible_to(context.by)
        asked = {row.values[first] for row in rows if first in row.values}
        return {key(record): record for record in bulk.stored_among(records, first, asked)}

    def same(self, name: str, old: Any, new: Any, context: "Context") -> bool:
        """Whether a field's stored and read values mean the same, so that nothing changes."""
        return False

    def plan(self, table: Any, rows: list[RowOutcome], context: "Context") -> None:
        """Give each open row its verdict: resolve, refuse repeated rows, match and compare. May refuse the table with
        LedgerRefused."""
        self.resolve(table, rows, context)
        self._refuse_repeated(table, rows, context)
        self.match([row for row in rows if row.is_open], context)
        self.refuse_unpermitted(rows, context)

    def match(self, rows: list[RowOutcome], context: "Context") -> None:
        """Find the records that open rows mean, and compare: a verdict for each."""
        stored = self.stored(rows, context)
        for row in rows:
            if not row.is_open:
                continue  # `stored` may have refused it
            existing = stored.get(self.key(row))
            if existing is None:
                row.verdict = Verdict.NEW
                continue
            self.compare(row, existing, context)

    def refuse_unpermitted(self, rows: Iterable[RowOutcome], context: "Context") -> None:
        """Reject rows that would write what the account's role may not."""
        for verdict, action, text in ((Verdict.NEW, "add", "新建"), (Verdict.CHANGED, "change", "修改")):
            if not context.may(action, self.owner):
                for row in rows:
                    if row.verdict == verdict:
                        label = self.columns[0].label
                        row.reject(label, f"您的账号不能{text}{self.owner._meta.verbose_name}，请联系县总工会办理。")

    def compare(self, row: RowOutcome, existing: Any, context: "Context") -> None:
        """Set the row beside the stored record that it means: what would change, and whether that can be true."""
        row.existing = existing
        row.object_id = existing.id
        before = {}
        compared, partial_dates = self._compared
        for name, new in row.values.items():
            if name not in compared or (old := getattr(existing, name)) == new:
                continue
            if name in self.sealed and (old := self.plain(existing, name)) == new:
                continue
            if old and name in partial_dates and old.startswith(new):
                continue  # the record knows it more exactly
            if old and new.__class__ is str and name not in partial_dates and _alike(old, new):
                continue  # the same words in other characters
            if old and new.__class__ is str and "*" in new and new == masked(old):
                continue  # an export without full numbers comes back
            if self.same(name, old, new, context):
                continue
            before[name] = jsonable(old)
        row.before = before or None
        row.verdict = Verdict.CHANGED if before else Verdict.UNCHANGED
        if before and self.applies(row, existing):
            merged = {
                name: row.values[name] if name in before else getattr(existing, name)
                for name in itertools.chain(*self.orders, *self.parts)
                if name in compared
            }
            for label, text in self.contradictions(merged):
                row.reject(label, f"{text}（与已登记的内容合在一起看），请核对。")

    @cached_property
    def _compared(self) -> tuple[set[str], set[str]]:
        """Columns that are compared, and those of them that hold dates known in part. A number is compared by its
        index, and a name's key with the name."""
        fields = self.model._meta.concrete_fields
        names = {field.attname for field in fields} - {"id_number", "name_key"}
        return names, {field.attname for field in fields if isinstance(field, PartialDateField)}

    def _refuse_repeated(self, table: Any, rows: list[RowOutcome], context: "Context") -> None:
        """Of rows with one key, in any sheet of the file, only the first can stand."""
        seen: dict[Any, tuple[str, int]] = context.notes.setdefault(("seen", self.model_label), {})
        for row in rows:
            for key in self.repeat_keys(row, context):
                sheet, first = seen.setdefault(key, (table.sheet.name, row.row))
                if (sheet, first) != (table.sheet.name, row.row) and row.is_open:
                    place = "本表" if sheet == table.sheet.name else f"工作表「{sheet}」"
                    column = self.label(self.repeat_shown_at or self.columns[0].name)
                    row.reject(column, f"与{place}第 {first} 行重复，同一条只能填一次，请删去多余的一行。")

    def repeat_keys(self, row: RowOutcome, context: "Context") -> list[Any]:
        """What no two rows of a file may share."""
        key = self.key(row)
        return [] if key is None else [key]

    def union_of(self, row: RowOutcome) -> int | None:
        """The union whose ledger a row belongs to: whose return it is."""
        return row.values.get("union_id")

    def taken_back(self, context: "Context") -> None:
        """A batch (context.batch_id) that held rows is taken back: end what else it set going."""


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


def resolve_unions(rows: Iterable[RowOutcome], context: "Context", label: str, *, name: str = "union") -> None:
    """Turn the union that each row names (values[name]) into values["union_id"], or reject the row at `label`."""
    by_name: dict[str, tuple[int | None, str]] = {}
    for row in rows:
        written = row.values.pop(name, None)
        if written is None:
            continue
        if written not in by_name:
            by_name[written] = context.unions.find(written)
        union_id, problem = by_name[written]
        if union_id is None:
            row.reject(label, problem, awaits_reference=True)
        else:
            row.values["union_id"] = union_id


@lru_cache(maxsize=4096)  # a column's words recur
def _same_words(old: str, new: str) -> bool:
    return fold(old) == fold(new)


def _alike(old: str, new: str) -> bool:
    """Whether two texts are the same words in other characters. Numbers, which don't recur, are told at a glance."""
    if old.isascii() and new.isascii() and old.isdecimal() and new.isdecimal():
        return False
    return _same_words(old, new)
