"""Ledgers whose rows are one record each: match what is stored, compare field by field, write in bulk."""

import base64
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
    from pingtang_union.core.ledger.recognise import Table

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

    # --- the steps ---

    def plan(self, table: "Table", rows: list[RowPlan], context: "Context") -> None:
        """Resolve, refuse repeated rows, match and compare."""
        self.resolve(table, rows, context)
        self._refuse_repeated(rows, context)
        open_rows = [row for row in rows if row.is_open]
        stored = self.stored(open_rows, context)
        fields = bulk.attnames(self.model)
        position = {name: index for index, name in enumerate(fields)}
        partial_dates = {f.attname for f in self.model._meta.concrete_fields if isinstance(f, PartialDateField)}
        for row in open_rows:
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
            if index is None or name == "id_number":  # numbers are compared by their index
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

    def _refuse_repeated(self, rows: list[RowPlan], context: "Context") -> None:
        seen: dict[Any, int] = context.notes.setdefault(("seen", context.file_name, self.title), {})
        for row in rows:
            key = self.key(row)
            if key is None:
                continue
            first = seen.setdefault(key, row.row)
            if first != row.row and row.is_open:
                row.reject(self.key_column(), f"与本表第 {first} 行重复，同一条只能填一次，请删去多余的一行。")

    def commit(self, rows: list[RowPlan], context: "Context") -> None:
        """Write new and changed rows in bulk."""
        new = [row for row in rows if row.verdict == Verdict.NEW]
        for row, pk in zip(new, bulk.allocate_ids(self.model, len(new)), strict=True):
            row.object_id = pk
            self.complete(row, context)
        changed = [row for row in rows if row.verdict == Verdict.CHANGED]
        if new or changed:
            bulk.upsert(self.model, bulk.attnames(self.model), self._tuples(new, changed))

    def _tuples(self, new: list[RowPlan], changed: list[RowPlan]) -> Iterator[Sequence[Any]]:
        fields = bulk.attnames(self.model)
        position = {name: index for index, name in enumerate(fields)}
        sealed = {f.attname for f in self.model._meta.concrete_fields if isinstance(f, SealedField)}
        blank = bulk.blank_row(self.model)
        for row in new:
            target = list(blank)
            for name, value in row.values.items():
                index = position.get(name)
                if index is not None:
                    target[index] = crypto.seal(value) if name in sealed else value
            target[position["id"]] = row.object_id
            yield target
        for row in changed:
            assert row.existing is not None  # noqa: S101  a changed row was compared
            assert row.before is not None  # noqa: S101  and differs
            target = list(row.existing)
            names = set(row.before)
            if "id_index" in names:
                names.add("id_number")
            for name in names:
                value = row.values[name]
                target[position[name]] = crypto.seal(value) if name in sealed else value
            if "name" in names and "name_key" in row.values:
                target[position["name_key"]] = row.values["name_key"]
            yield target


def _jsonable(value: Any) -> Any:
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(bytes(value)).decode()
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
