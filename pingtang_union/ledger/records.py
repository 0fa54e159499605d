"""The records behind a ledger's rows: written in bulk, and taken back."""

from collections.abc import Iterator, Sequence
from functools import cached_property
from operator import itemgetter
from typing import TYPE_CHECKING, Any, ClassVar

from auditlog.models import LogEntry
from django.apps import apps
from django.db import models

from pingtang_union.core import crypto
from pingtang_union.core.fields import SealedField
from pingtang_union.core.text import fold_name
from pingtang_union.ledger import bulk
from pingtang_union.ledger.hidden import is_hidden, values_of
from pingtang_union.ledger.models import ImportRow, Verdict
from pingtang_union.ledger.outcome import RowOutcome, undone_row
from pingtang_union.money import MoneyField

if TYPE_CHECKING:
    from pingtang_union.ledger.context import Context

_TICK = 1000


class Records:
    """Records of one model, one a row."""

    model_label: ClassVar[str] = ""

    @property
    def model(self) -> Any:
        """The record's model."""
        return apps.get_model(self.model_label)

    @property
    def owner(self) -> Any:
        """The model whose permissions say who brings and reads the ledger, and whose list offers it."""
        return self.model

    @property
    def writes(self) -> tuple[Any, ...]:
        """Models whose records it writes."""
        return (self.model,)

    @cached_property
    def sealed(self) -> frozenset[str]:
        """Columns that are sealed at rest, but for the identity number, which its index speaks for."""
        return frozenset(self._of_kind(SealedField) - {"id_number"})

    @cached_property
    def guards(self) -> frozenset[str]:
        """Columns whose values a batch keeps sealed and a page doesn't show."""
        return self.sealed

    def plain(self, record: Any, name: str) -> Any:
        """What a stored record says in a column, as a row would."""
        value = getattr(record, name)
        if value is None or name not in self.sealed:
            return jsonable(value)
        return crypto.unseal(bytes(getattr(value, "obj", value)))  # PostgreSQL's driver wraps bytes for writing

    def label_of(self, name: str) -> str:
        """The record's own word for a field."""
        return str(getattr(self.model._meta.get_field(name), "verbose_name", name))

    # --- writing ---

    def complete(self, row: RowOutcome, context: "Context") -> None:
        """Add what a new record needs beyond the ledger's cells."""

    def commit(self, rows: list[RowOutcome], context: "Context") -> None:
        """Write new and changed rows in bulk."""
        new = [row for row in rows if row.verdict == Verdict.NEW]
        for row, pk in zip(new, bulk.allocate_ids(self.model, len(new)), strict=True):
            row.object_id = pk
            self.complete(row, context)
        names = bulk.attnames(self.model)
        if new:
            bulk.insert(self.model, names, self._new_tuples(new, context))
        # Rows that change the same columns are written together, and only those columns.
        groups: dict[frozenset[str], list[RowOutcome]] = {}
        for row in rows:
            if row.verdict == Verdict.CHANGED and row.replaced:
                groups.setdefault(self._changing(row), []).append(row)
        groups.pop(frozenset(), None)  # what changes stands elsewhere
        for changing, group in groups.items():
            columns = sorted(changing)
            bulk.update(self.model, columns, self._changed_tuples(group, columns, context))

    def _changing(self, row: RowOutcome) -> frozenset[str]:
        changing = set(row.replaced)
        if "id_index" in changing:
            changing.add("id_number")
        if "name" in changing and "name_key" in row.values:
            changing.add("name_key")
        return frozenset(changing)

    def _of_kind(self, kind: type[models.Field]) -> set[str]:
        return {field.attname for field in self.model._meta.concrete_fields if isinstance(field, kind)}

    def _values(self, row: RowOutcome, money: set[str]) -> dict[str, Any]:
        """A row's values as the bulk writer takes them, amounts as the database has them."""
        amounts = money.intersection(row.values)
        return row.values | {name: bulk.database_value(self.model, name, row.values[name]) for name in amounts}

    def _new_tuples(self, new: list[RowOutcome], context: "Context") -> Iterator[Sequence[Any]]:
        names = bulk.attnames(self.model)
        blank = dict(zip(names, bulk.blank_row(self.model), strict=True))
        in_order = itemgetter(*names)
        sealed, money = self._of_kind(SealedField), self._of_kind(MoneyField)
        for part in _parts(new):
            records = [{**blank, **self._values(row, money), "id": row.object_id} for row in part]
            for name in sealed:
                _seal(records, name)
            yield from map(in_order, records)
            context.tick(len(part))

    def _changed_tuples(
        self, changed: list[RowOutcome], columns: Sequence[str], context: "Context"
    ) -> Iterator[Sequence[Any]]:
        in_order = itemgetter("id", *columns)
        sealed, money = self._of_kind(SealedField).intersection(columns), self._of_kind(MoneyField)
        for part in _parts(changed):
            records = [{**self._values(row, money), "id": row.object_id} for row in part]
            for name in sealed:
                _seal(records, name)
            yield from map(in_order, records)
            context.tick(len(part))

    # --- taking back ---

    def undo(self, rows: Sequence[ImportRow], context: "Context") -> list[RowOutcome]:
        """Previous values come back and new records go, but for those that someone has touched since."""
        undone: list[RowOutcome] = []
        for part in bulk.chunks(rows):
            undone += self.undo_changed([row for row in part if row.verdict == Verdict.CHANGED], context)
            undone += self.undo_new([row for row in part if row.verdict == Verdict.NEW], context)
        return undone

    def undo_changed(self, rows: Sequence[ImportRow], context: "Context") -> list[RowOutcome]:
        """Give changed records their former values, unless they differ from what the batch wrote."""
        fields, money = set(bulk.attnames(self.model)), self._of_kind(MoneyField)
        records = self.model._default_manager.filter(pk__in=[row.object_id for row in rows])
        stored = {record.id: record for record in bulk.stored_rows(records)}
        undone: list[RowOutcome] = []
        groups: dict[tuple[str, ...], list[Sequence[Any]]] = {}
        for row in rows:
            existing = stored.get(row.object_id)
            before, after = values_of(row)
            if existing is None:
                undone.append(undone_row(row, Verdict.KEPT, "这条记录已经不在了。"))
                continue
            names = [name for name in before if name in fields and name != "id_number"]
            edited = [name for name in names if self.plain(existing, name) != after.get(name)]
            if edited or self.has_moved_on(row, context):
                labels = "、".join(self.label_of(name) for name in edited) or "归属"
                undone.append(undone_row(row, Verdict.KEPT, f"导入以后又有变动（{labels}），保留现在的内容。"))
                continue
            if "union_id" in fields and existing.union_id not in context.unions.names:
                undone.append(undone_row(row, Verdict.KEPT, "现在不在您的管理范围的工会，保留现在的内容。"))
                continue
            values = {name: before[name] for name in names}
            for name in (money | self.sealed).intersection(names):
                values[name] = bulk.database_value(self.model, name, before[name])
            if "id_number" in before:
                values["id_number"] = bytes.fromhex(before["id_number"]) if before["id_number"] else None
            if "name" in values and "name_key" in fields:
                values["name_key"] = self.fold_key(before["name"])
            columns = tuple(sorted(values))
            groups.setdefault(columns, []).append((row.object_id, *(values[name] for name in columns)))
            was, becomes = (None, None) if is_hidden(row) else (after, before)
            undone.append(undone_row(row, Verdict.RESTORED, before=was, after=becomes))
            context.tick(1)
        for columns, targets in groups.items():
            if columns:
                bulk.update(self.model, columns, targets)
        return undone

    @staticmethod
    def fold_key(text: str) -> str:
        """A name's key, as the model folds it."""
        return fold_name(text)

    def has_moved_on(self, row: ImportRow, context: "Context") -> bool:
        """Whether something beyond the record's own columns has happened to it since the batch."""
        return False

    def undo_new(self, rows: Sequence[ImportRow], context: "Context") -> list[RowOutcome]:
        """Remove new records, unless something keeps them (`kept_reasons`)."""
        ids = [row.object_id for row in rows if row.object_id is not None]
        present = set(self.model._default_manager.filter(pk__in=ids).values_list("pk", flat=True))
        kept = self.kept_reasons(rows, context)
        gone = [pk for pk in ids if pk in present and pk not in kept]
        self.remove(gone, context)
        context.tick(len(rows))
        return [
            undone_row(row, Verdict.KEPT, kept[row.object_id])
            if row.object_id in kept
            else undone_row(row, Verdict.REMOVED, "" if row.object_id in present else "这条记录已经不在了。")
            for row in rows
        ]

    def kept_reasons(self, rows: Sequence[ImportRow], context: "Context") -> dict[int | None, str]:
        """Why new records of a batch can't go, by id: edited on a page, changed by a later ledger, or referred to."""
        ids = [row.object_id for row in rows]
        if not ids:
            return {}
        batch = rows[0].batch
        kept: dict[int | None, str] = {}
        edited = LogEntry.objects.get_for_model(self.model).filter(
            object_id__in=ids,
            timestamp__gt=batch.written_at or batch.at,
            action__in=(LogEntry.Action.UPDATE, LogEntry.Action.CREATE),
        )
        kept |= dict.fromkeys(edited.values_list("object_id", flat=True), "导入以后有人改过，保留。")
        later = ImportRow.objects.filter(
            object_id__in=ids, model=self.model_label, batch__pk__gt=batch.pk, verdict=Verdict.CHANGED
        ).exclude(batch__undone_by__isnull=False)
        kept |= dict.fromkeys(later.values_list("object_id", flat=True), "后来的台账又更新过，保留。")
        relations: Sequence[Any] = self.model._meta.get_fields(include_hidden=True)
        for relation in relations:
            if not (relation.one_to_many or relation.one_to_one) or not relation.auto_created:
                continue
            refers = self.references(relation, context).filter(**{f"{relation.field.name}__in": ids})
            text = f"已有{relation.related_model._meta.verbose_name}用到它，保留。"
            kept |= dict.fromkeys(refers.values_list(relation.field.attname, flat=True), text)
        return kept

    def references(self, relation: Any, context: "Context") -> models.QuerySet:
        """Records of another model that keep one of ours from going."""
        return relation.related_model._base_manager.order_by()

    def remove(self, ids: Sequence[int], context: "Context") -> None:
        """Delete records that nothing refers to; the batch's rows tell that they were there."""
        rows = self.model._default_manager.filter(pk__in=ids)
        rows._raw_delete(rows.db)


def jsonable(value: Any) -> Any:
    """A stored value as a batch keeps it."""
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)


def _seal(records: Sequence[dict[str, Any]], name: str) -> None:
    """Seal one column's texts."""
    given = [record for record in records if record[name]]
    for record, token in zip(given, crypto.seal_all([record[name] for record in given]), strict=True):
        record[name] = token


def _parts(rows: Sequence[RowOutcome]) -> Iterator[Sequence[RowOutcome]]:
    """A thousand rows at a time, after which whoever watches is told."""
    for start in range(0, len(rows), _TICK):
        yield rows[start : start + _TICK]
