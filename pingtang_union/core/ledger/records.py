"""Ledgers whose rows are one record each: match what is stored, compare field by field, write in bulk."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, ClassVar

from django.apps import apps
from django.db import models

from pingtang_union.core import crypto
from pingtang_union.core.fields import PartialDateField, SealedField
from pingtang_union.core.ledger import bulk
from pingtang_union.core.ledger.schema import Ledger, RowPlan
from pingtang_union.core.models import Verdict
from pingtang_union.core.text import fold

if TYPE_CHECKING:
    from pingtang_union.core.ledger.context import Context
    from pingtang_union.core.ledger.table import Table

_CHUNK = 5000  # values in one IN list


class RecordLedger(Ledger):
    """A ledger with one record a row.

    A blank cell never erases what is stored: ledgers leave out what they don't know.
    """

    model_label: ClassVar[str]

    @property
    def model(self) -> type[models.Model]:
        """The record's model."""
        return apps.get_model(self.model_label)

    # --- what subclasses say ---

    def resolve(self, table: "Table", rows: list[RowPlan], context: "Context") -> None:
        """Turn words into references and check what needs several cells. Rejects rows, or the table."""

    def key(self, plan: RowPlan) -> Any:
        """What tells a row's record within the ledger; None where the row can't say."""
        raise NotImplementedError

    def key_column(self) -> str:
        """Label of the column that a repeated key is shown at."""
        return self.columns[0].label

    def stored(self, rows: list[RowPlan], context: "Context") -> Mapping[Any, Sequence[Any]]:
        """Stored rows (every column, in order) by key, for these rows."""
        raise NotImplementedError

    def same(self, name: str, old: Any, new: Any, context: "Context") -> bool:
        """Whether a field's stored and read values mean the same, so that nothing changes."""
        return False

    def complete(self, plan: RowPlan, context: "Context") -> None:
        """Add what a new record needs beyond the ledger's cells."""

    orders: ClassVar[tuple[tuple[str, str], ...]] = ()  # (later date, earlier date)
    parts: ClassVar[tuple[tuple[str, str], ...]] = ()  # (part, whole)

    def applies(self, row: RowPlan, existing: Sequence[Any]) -> bool:
        """Whether the row would be written into the stored record, were it valid."""
        return True

    def contradictions(self, values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """(column, what is wrong) where values can't all be true; the database's constraints say the same."""
        for later, earlier in self.orders:
            end, start = values.get(later), values.get(earlier)
            if end and start and end < start[: len(end)]:
                label = self.label_of(later)
                yield label, f"{label} {end} 早于{self.label_of(earlier)} {start}"
        for part, whole in self.parts:
            some, every = values.get(part), values.get(whole)
            if some is not None and every is not None and some > every:
                label = self.label_of(part)
                yield label, f"{label} {some} 多于{self.label_of(whole)} {every}"

    def label_of(self, name: str) -> str:
        """Our header of a field, or the record's own word for one that the ledger lacks."""
        labels = {column.name: column.label for column in self.columns}
        return labels.get(name) or str(getattr(self.model._meta.get_field(name), "verbose_name", name))

    def refuse_contradictions(self, rows: Iterable[RowPlan]) -> None:
        """Reject rows whose own values can't all be true."""
        for row in rows:
            if row.is_open:
                for label, text in self.contradictions(row.values):
                    row.reject(label, f"{text}，请核对。")

    # --- the steps ---

    def plan(self, table: "Table", rows: list[RowPlan], context: "Context") -> None:
        """Resolve, refuse repeated rows, match and compare."""
        self.resolve(table, rows, context)
        self._refuse_repeated(table, rows, context)
        open_rows = [row for row in rows if row.is_open]
        stored = self.stored(open_rows, context)
        fields = bulk.attnames(self.model)
        position = {name: index for index, name in enumerate(fields)}
        partial_dates = {f.attname for f in self.model._meta.concrete_fields if isinstance(f, PartialDateField)}
        for row in open_rows:
            if not row.is_open:
                continue  # `stored` may have refused it
            existing = stored.get(self.key(row))
            if existing is None:
                row.verdict = Verdict.NEW
                continue
            self._compare(row, existing, position, partial_dates, context)

    def _compare(
        self,
        row: RowPlan,
        existing: Sequence[Any],
        position: dict[str, int],
        partial_dates: set[str],
        context: "Context",
    ) -> None:
        row.existing = existing
        row.object_id = existing[position["id"]]
        before = {}
        for name, new in row.values.items():
            index = position.get(name)
            if index is None or name in ("id_number", "name_key"):  # compared by index, and with the name
                continue
            old = existing[index]
            if old == new:
                continue
            if old and name in partial_dates and old.startswith(new):
                continue  # the record knows it more exactly
            if old and new.__class__ is str and name not in partial_dates and fold(old) == fold(new):
                continue  # the same words in other characters
            if self.same(name, old, new, context):
                continue
            before[name] = _jsonable(old)
        row.before = before or None
        row.verdict = Verdict.CHANGED if before else Verdict.UNCHANGED
        if before and self.applies(row, existing):
            merged = {name: row.values[name] if name in before else existing[at] for name, at in position.items()}
            for label, text in self.contradictions(merged):
                row.reject(label, f"{text}（与已登记的内容合在一起看），请核对。")

    def _refuse_repeated(self, table: "Table", rows: list[RowPlan], context: "Context") -> None:
        """Of rows with one key, in any sheet of the file, only the first can stand."""
        seen: dict[Any, tuple[str, int]] = context.notes.setdefault(("seen", self.model_label), {})
        for row in rows:
            for key in self.repeat_keys(row, context):
                sheet, first = seen.setdefault(key, (table.sheet.name, row.row))
                if (sheet, first) != (table.sheet.name, row.row) and row.is_open:
                    place = "本表" if sheet == table.sheet.name else f"工作表「{sheet}」"
                    row.reject(self.key_column(), f"与{place}第 {first} 行重复，同一条只能填一次，请删去多余的一行。")

    def repeat_keys(self, row: RowPlan, context: "Context") -> list[Any]:
        """What no two rows of a file may share."""
        key = self.key(row)
        return [] if key is None else [key]

    def commit(self, rows: list[RowPlan], context: "Context") -> None:
        """Write new and changed rows in bulk."""
        new = [row for row in rows if row.verdict == Verdict.NEW]
        for row, pk in zip(new, bulk.allocate_ids(self.model, len(new)), strict=True):
            row.object_id = pk
            self.complete(row, context)
        names = bulk.attnames(self.model)
        if new:
            bulk.upsert(self.model, names, self._new_tuples(new))
        # Rows that change the same columns are written together, and only those columns.
        groups: dict[frozenset[str], list[RowPlan]] = {}
        for row in rows:
            if row.verdict == Verdict.CHANGED and row.before:
                groups.setdefault(self._changing(row), []).append(row)
        for changing, group in groups.items():
            bulk.upsert(self.model, names, self._changed_tuples(group, changing), update=changing)

    @staticmethod
    def _changing(row: RowPlan) -> frozenset[str]:
        changing = set(row.before or ())
        if "id_index" in changing:
            changing.add("id_number")
        if "name" in changing and "name_key" in row.values:
            changing.add("name_key")
        return frozenset(changing)

    def _sealed(self) -> set[str]:
        return {field.attname for field in self.model._meta.concrete_fields if isinstance(field, SealedField)}

    def _new_tuples(self, new: list[RowPlan]) -> Iterator[Sequence[Any]]:
        position = {name: index for index, name in enumerate(bulk.attnames(self.model))}
        sealed = self._sealed()
        blank = bulk.blank_row(self.model)
        for row in new:
            target = list(blank)
            for name, value in row.values.items():
                index = position.get(name)
                if index is not None:
                    target[index] = crypto.seal(value) if name in sealed else value
            target[position["id"]] = row.object_id
            yield target

    def _changed_tuples(self, changed: list[RowPlan], changing: frozenset[str]) -> Iterator[Sequence[Any]]:
        position = {name: index for index, name in enumerate(bulk.attnames(self.model))}
        sealed = self._sealed()
        for row in changed:
            assert row.existing is not None  # noqa: S101  a changed row was compared
            target = list(row.existing)
            for name in changing:
                value = row.values[name]
                target[position[name]] = crypto.seal(value) if name in sealed else value
            yield target


def _jsonable(value: Any) -> Any:
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)


def chunks(values: Iterable[Any]) -> Iterator[list[Any]]:
    """Lists of at most a few thousand values, as many as databases take in one IN."""
    iterator = iter(values)
    while chunk := list(islice(iterator, _CHUNK)):
        yield chunk


def resolve_union(
    row: RowPlan, context: "Context", label: str, *, name: str = "union", memory: dict[str, tuple[int | None, str]]
) -> None:
    """Turn a row's union as written (values[name]) into values["union_id"], or reject the row."""
    written = row.values.pop(name, None)
    if written is None:
        return
    if written not in memory:
        memory[written] = context.unions.find(written)
    union_id, problem = memory[written]
    if union_id is None:
        row.reject(label, problem, awaits_reference=True)
    else:
        row.values["union_id"] = union_id


__all__ = ["RecordLedger", "chunks", "resolve_union"]
