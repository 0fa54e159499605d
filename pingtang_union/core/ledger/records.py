"""Ledgers whose rows are one record each: match what is stored, compare field by field, write in bulk."""

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import TYPE_CHECKING, Any, ClassVar

from auditlog.models import LogEntry
from django.apps import apps
from django.db import models

from pingtang_union.core import crypto
from pingtang_union.core.fields import PartialDateField, SealedField
from pingtang_union.core.ledger import bulk
from pingtang_union.core.ledger.schema import Ledger, RowPlan, UndoneRow
from pingtang_union.core.models import ImportRow, Verdict
from pingtang_union.core.text import fold, fold_name

if TYPE_CHECKING:
    from pingtang_union.core.ledger.context import Context
    from pingtang_union.core.ledger.table import Table

_CHUNK = 5000  # values in one IN list
_TICK = 1000


class RecordLedger(Ledger):
    """A ledger with one record a row.

    A blank cell never erases what is stored: ledgers leave out what they don't know.
    """

    model_label: ClassVar[str]

    @property
    def model(self) -> type[models.Model]:
        """The record's model."""
        return apps.get_model(self.model_label)

    # Where a column's cell comes from when it isn't the record's own field of that name.
    sources: ClassVar[Mapping[str, str]] = {"union": "union__name"}

    def given(self, queryset: Any, by: Any = None) -> Any:
        """The records of `queryset` that this ledger holds, with what `sources` names; `by`: who is to get it."""
        return queryset

    def present(self, queryset: Any) -> Any:
        """Of those, the ones that a form means when it doesn't ask for former ones too."""
        return queryset

    # The column whose cells part an export into numbered sections; the records come in its order.
    section_column: ClassVar[str] = ""

    def section_title(self, cell: Any) -> str:
        """What stands above the rows with this cell, behind the section's number."""
        return str(cell)

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
                # Masks leave out the day of birth: it stands in no message, which more people read.
                said = "" if getattr(self.model._meta.get_field(earlier), "guarded", False) else f" {start}"
                yield label, f"{label} {end} 早于{self.label_of(earlier)}{said}"
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
        self.match([row for row in rows if row.is_open], context)
        self.refuse_unpermitted(rows, context)

    def match(self, rows: list[RowPlan], context: "Context") -> None:
        """Find the records that open rows mean, and compare: a verdict for each."""
        stored = self.stored(rows, context)
        position = {name: index for index, name in enumerate(bulk.attnames(self.model))}
        partial_dates = {f.attname for f in self.model._meta.concrete_fields if isinstance(f, PartialDateField)}
        for row in rows:
            if not row.is_open:
                continue  # `stored` may have refused it
            existing = stored.get(self.key(row))
            if existing is None:
                row.verdict = Verdict.NEW
                continue
            self._compare(row, existing, position, partial_dates, context)

    def refuse_unpermitted(self, rows: Iterable[RowPlan], context: "Context") -> None:
        """Reject rows that would write what the account's role may not."""
        for verdict, action, text in ((Verdict.NEW, "add", "新建"), (Verdict.CHANGED, "change", "修改")):
            if not context.may(action, self.model):
                for row in rows:
                    if row.verdict == verdict:
                        label = self.columns[0].label
                        row.reject(label, f"您的账号不能{text}{self.model._meta.verbose_name}，请联系县总工会办理。")

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
            if old and new.__class__ is str and name not in partial_dates and _alike(old, new):
                continue  # the same words in other characters
            if self.same(name, old, new, context):
                continue
            before[name] = _jsonable(old)
        row.before = before or None
        row.verdict = Verdict.CHANGED if before else Verdict.UNCHANGED
        if before and self.applies(row, existing):
            merged = {
                name: row.values[name] if name in before else existing[position[name]]
                for name in itertools.chain(*self.orders, *self.parts)
                if name in position
            }
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
            bulk.insert(self.model, names, self._new_tuples(new, context))
        # Rows that change the same columns are written together, and only those columns.
        groups: dict[frozenset[str], list[RowPlan]] = {}
        for row in rows:
            if row.verdict == Verdict.CHANGED and row.before:
                groups.setdefault(self._changing(row), []).append(row)
        for changing, group in groups.items():
            columns = sorted(changing)
            bulk.update(self.model, columns, self._changed_tuples(group, columns, context))

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

    def _new_tuples(self, new: list[RowPlan], context: "Context") -> Iterator[Sequence[Any]]:
        names = bulk.attnames(self.model)
        blank = dict(zip(names, bulk.blank_row(self.model), strict=True))
        in_order = itemgetter(*names)
        for part in _parts(new):
            records = [{**blank, **row.values, "id": row.object_id} for row in part]
            for name in self._sealed():
                _seal(records, name)
            yield from map(in_order, records)
            context.tick(len(part))

    def _changed_tuples(
        self, changed: list[RowPlan], columns: Sequence[str], context: "Context"
    ) -> Iterator[Sequence[Any]]:
        in_order = itemgetter("id", *columns)
        sealed = self._sealed().intersection(columns)
        for part in _parts(changed):
            records = [{**row.values, "id": row.object_id} for row in part]
            for name in sealed:
                _seal(records, name)
            yield from map(in_order, records)
            context.tick(len(part))

    # --- taking back ---

    def undo(self, rows: Sequence[ImportRow], context: "Context") -> list[UndoneRow]:
        """Previous values come back and new records go, but for those that someone has touched since."""
        undone: list[UndoneRow] = []
        for part in chunks(rows):
            undone += self.undo_changed([row for row in part if row.verdict == Verdict.CHANGED], context)
            undone += self.undo_new([row for row in part if row.verdict == Verdict.NEW], context)
        return undone

    def undo_changed(self, rows: Sequence[ImportRow], context: "Context") -> list[UndoneRow]:
        """Give changed records their former values, unless they differ from what the batch wrote."""
        fields = bulk.attnames(self.model)
        position = {name: index for index, name in enumerate(fields)}
        stored = {
            one[position["id"]]: one
            for one in bulk.stored_rows(self.model._default_manager.filter(pk__in=[row.object_id for row in rows]))
        }
        undone: list[UndoneRow] = []
        groups: dict[tuple[str, ...], list[Sequence[Any]]] = {}
        for row in rows:
            existing = stored.get(row.object_id)
            before, after = row.before or {}, row.after or {}
            if existing is None:
                undone.append(UndoneRow(row, Verdict.KEPT, "这条记录已经不在了。"))
                continue
            names = [name for name in before if name in position and name != "id_number"]
            edited = [name for name in names if _jsonable(existing[position[name]]) != after.get(name)]
            if edited or self.has_moved_on(row, context):
                said = "、".join(self.label_of(name) for name in edited) or "归属"
                undone.append(UndoneRow(row, Verdict.KEPT, f"导入以后又有变动（{said}），保留现在的内容。"))
                continue
            if "union_id" in position and existing[position["union_id"]] not in context.unions.names:
                undone.append(UndoneRow(row, Verdict.KEPT, "现在不归您管的工会，保留现在的内容。"))
                continue
            values = {name: before[name] for name in names}
            if "id_number" in before:
                values["id_number"] = bytes.fromhex(before["id_number"])
            if "name" in values and "name_key" in position:
                values["name_key"] = self.fold_key(before["name"])
            columns = tuple(sorted(values))
            groups.setdefault(columns, []).append((row.object_id, *(values[name] for name in columns)))
            undone.append(UndoneRow(row, Verdict.RESTORED, before=after, after=before))
            context.tick(1)
        for columns, targets in groups.items():
            if columns:
                bulk.update(self.model, columns, targets)
        return undone

    @staticmethod
    def fold_key(name: str) -> str:
        """A name's key, as the model folds it."""
        return fold_name(name)

    def has_moved_on(self, row: ImportRow, context: "Context") -> bool:
        """Whether something beyond the record's own columns has happened to it since the batch."""
        return False

    def undo_new(self, rows: Sequence[ImportRow], context: "Context") -> list[UndoneRow]:
        """Remove new records, unless something keeps them (`kept_reasons`)."""
        ids = [row.object_id for row in rows if row.object_id is not None]
        present = set(self.model._default_manager.filter(pk__in=ids).values_list("pk", flat=True))
        kept = self.kept_reasons(rows, context)
        gone = [pk for pk in ids if pk in present and pk not in kept]
        self.remove(gone, context)
        context.tick(len(rows))
        return [
            UndoneRow(row, Verdict.KEPT, kept[row.object_id])
            if row.object_id in kept
            else UndoneRow(row, Verdict.REMOVED, "" if row.object_id in present else "这条记录已经不在了。")
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


@lru_cache(maxsize=4096)  # a column's words recur
def _same_words(old: str, new: str) -> bool:
    return fold(old) == fold(new)


def _alike(old: str, new: str) -> bool:
    """Whether two texts are the same words in other characters. Numbers, which don't recur, are told at a glance."""
    if old.isascii() and new.isascii() and old.isdecimal() and new.isdecimal():
        return False
    return _same_words(old, new)


def _jsonable(value: Any) -> Any:
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)


def _seal(records: Sequence[dict[str, Any]], name: str) -> None:
    """Seal one column's texts."""
    given = [record for record in records if record[name]]
    for record, token in zip(given, crypto.seal_all([record[name] for record in given]), strict=True):
        record[name] = token


def _parts(rows: Sequence[RowPlan]) -> Iterator[Sequence[RowPlan]]:
    """A thousand rows at a time, after which whoever watches is told."""
    for start in range(0, len(rows), _TICK):
        yield rows[start : start + _TICK]


def chunks(values: Iterable[Any]) -> Iterator[list[Any]]:
    """Lists of at most a few thousand values, as many as databases take in one IN."""
    iterator = iter(values)
    while chunk := list(itertools.islice(iterator, _CHUNK)):
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
