"""A record with rows below it: a household with its people, a line each, the household's cells merged over the lines,
blank below the first, or repeated.

The record above is the `head`, a ledger of its own that nobody registers: its columns stand in the same sheet, and what
it says of planning, writing and undoing holds for its records. A group is taken whole, or not at all.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from pingtang_union.ledger.declaration import Column, Ledger
from pingtang_union.ledger.hidden import values_of
from pingtang_union.ledger.models import ImportRow, Verdict
from pingtang_union.ledger.outcome import RowOutcome, undone_row

if TYPE_CHECKING:
    from pingtang_union.ledger.context import Context

# What a row says beside its cells: the line on which its group begins (0: this row begins one), and, while it is
# planned, what tells its group from every other.
BEGINS, GROUP = "begins_on", "group"
_BESIDE = "beside__"


def of_head(field: str, columns: Iterable[Column]) -> tuple[Column, ...]:
    """A head's columns as those of the ledger: named by the way to them. The union keeps its name, by which a sheet
    says whose it is."""
    return tuple(column if column.name == "union" else replace(column, name=f"{field}__{column.name}")
                 for column in columns)  # fmt: skip


def beside(columns: Iterable[Column], *words: str) -> tuple[Column, ...]:
    """Columns, to be read only, of a further record on the same line: their headers with one of `words` before."""
    made: list[Column] = []
    for column in columns:
        headers = [word + header for word in words for header in (column.label, *column.aliases.split())]
        headers += () if made else words  # a word alone is the first, which names the record
        label = words[0] + column.label
        made.append(Column(_BESIDE + column.name, label, column.clean, " ".join(headers), is_text=column.is_text))
    return tuple(made)


class GroupedLedger(Ledger):
    """Rows in groups, each below a record of another model. Subclasses name the head, the rows' foreign key to it, and
    when a line begins a group."""

    head: ClassVar[Ledger]
    head_field: ClassVar[str]
    group_word: ClassVar[str]  # what a group is called in messages: 户
    # Columns of a line with two records that belong to the further one, though their headers don't say so.
    said_beside: ClassVar[tuple[str, ...]] = ()

    def begins(self, row: RowOutcome, first: RowOutcome) -> bool:
        """Whether a line begins another group than the one that began with `first`."""
        raise NotImplementedError

    def is_first(self, values: Mapping[str, Any]) -> bool:
        """Whether the further record of a line is the one that the line's own cells speak of."""
        return False

    def begun(self, row: RowOutcome) -> None:
        """Complete the first row of a group."""

    @property
    def owner(self) -> Any:
        """The head's: its permissions cover what stands below it."""
        return self.head.model

    @property
    def writes(self) -> tuple[Any, ...]:
        """The head's records and the rows'."""
        return (self.head.model, self.model)

    @cached_property
    def guards(self) -> frozenset[str]:
        """The rows' and the head's."""
        return super().guards | {self._named(name) for name in self.head.guards}

    def _named(self, name: str) -> str:
        return name if name == "union" else f"{self.head_field}__{name}"

    @cached_property
    def _of_head(self) -> dict[str, str]:
        """The head's columns: its own name of each, by the ledger's."""
        return {self._named(column.name): column.name for column in self.head.columns}

    # --- reading ---

    def spread(self, table: Any, rows: list[RowOutcome]) -> list[RowOutcome]:
        """The rows of all records, each told where its group begins; what is said of the head stands in its first."""
        further = {name.removeprefix(_BESIDE) for name in table.header.found if name.startswith(_BESIDE)}
        is_beside = not further.isdisjoint(table.header.found)
        spread: list[RowOutcome] = []
        first: RowOutcome | None = None
        for line in rows:
            if not is_beside:  # another word for the line's own cells
                line.values = {name.removeprefix(_BESIDE): value for name, value in line.values.items()}
            for row, is_further in self._parts(line, first) if is_beside else ((line, False),):
                if first is None or (not is_further and (is_beside or self.begins(row, first))):
                    first = row
                    self.begun(row)
                row.values[BEGINS] = 0 if row is first else first.row
                if row is not first:
                    self._hand_up(row, first)
                spread.append(row)
        return spread

    def _parts(self, line: RowOutcome, first: RowOutcome | None) -> Iterable[tuple[RowOutcome, bool]]:
        """The records of a line with two: (row, whether it is the further one). The first of a line that says nothing
        new, blank or merged, is none."""
        further = {
            name.removeprefix(_BESIDE): line.values.pop(name)
            for name in list(line.values)
            if name.startswith(_BESIDE) or name in self.said_beside
        }
        goes_on = first is not None and all(first.values.get(name) == value for name, value in line.values.items())
        if further and not goes_on and self.is_first(further):
            line.values, further = further | line.values, {}
        if not goes_on:
            yield line, False
        if further or (goes_on and line.messages):
            row = RowOutcome(line.row, line.number, further, sheet=line.sheet, ledger=line.ledger)
            if goes_on:
                row.verdict, row.messages = line.verdict, line.messages
            yield row, True

    def _hand_up(self, row: RowOutcome, first: RowOutcome) -> None:
        for name in self._of_head:
            value = row.values.pop(name, None)
            if value is not None and first.values.setdefault(name, value) != value:
                label = self.label(name)
                row.reject(label, f"{label}：与同一{self.group_word}的第 {first.row} 行填的不同，请核对。")

    def lacks(self, row: RowOutcome, name: str) -> bool:
        """What is said of the head, its first row has to say."""
        return super().lacks(row, name) and not (row.values.get(BEGINS) and name in self._of_head)

    def prepare(self, rows: Sequence[RowOutcome]) -> None:
        """What the sheet's notes say of the head is said to its first row."""
        for row in rows:
            if row.values.get(BEGINS):
                for name in self._of_head:
                    row.values.pop(name, None)
        super().prepare(rows)

    # --- planning ---

    @staticmethod
    def _groups(rows: Iterable[RowOutcome]) -> dict[tuple[str, int], list[RowOutcome]]:
        """Rows by sheet and the line on which their group begins."""
        groups: dict[tuple[str, int], list[RowOutcome]] = {}
        for row in rows:
            groups.setdefault((row.sheet, row.values[BEGINS] or row.row), []).append(row)
        return groups

    def _heads(self, context: "Context") -> dict[tuple[str, int], RowOutcome]:
        heads: dict[tuple[str, int], RowOutcome] = context.notes.setdefault(("heads", self.title), {})
        return heads

    def head_of(self, first: RowOutcome) -> RowOutcome:
        """What a group's first row says of its head, which it no longer says itself."""
        values = {name: first.values.pop(named) for named, name in self._of_head.items() if named in first.values}
        return RowOutcome(first.row, first.number, values, first.name, sheet=first.sheet, ledger=first.ledger)

    def plan(self, table: Any, rows: list[RowOutcome], context: "Context") -> None:
        """Plan the heads, then the rows below them; then each group as a whole."""
        groups = self._groups(rows)
        heads = {place: self.head_of(group[0]) for place, group in groups.items()}
        self._heads(context).update(heads)
        self.head.plan(table, list(heads.values()), context)
        for place, group in groups.items():
            head = heads[place]
            for row in group:
                row.values[GROUP] = place if head.object_id is None else head.object_id
                row.values |= {name: head.values[name] for name in ("union_id",) if name in head.values}
        super().plan(table, rows, context)
        for place, group in groups.items():
            self._settle(group, heads[place], context)

    def why_not(self, group: Sequence[RowOutcome], head: RowOutcome, context: "Context") -> str:
        """Why a group can't be written as it is planned, in words; "" where it can."""
        return ""

    def _settle(self, group: Sequence[RowOutcome], head: RowOutcome, context: "Context") -> None:
        """All or nothing: what is wrong with one row, or with the head, keeps the whole group out."""
        first = group[0]
        first.messages += head.messages
        if not head.is_open:
            first.verdict = head.verdict
        is_written = head.before or any(row.verdict in (Verdict.NEW, Verdict.CHANGED) for row in group)
        if is_written and all(row.is_open for row in group) and (why := self.why_not(group, head, context)):
            first.reject("", why)
        bad = next((row for row in group if not row.is_open), None)
        if bad is not None:
            for row in group:
                if row.is_open:
                    row.reject("", f"同一{self.group_word}的第 {bad.row} 行没有收下，整{self.group_word}都没有登记。")
        elif head.before:
            named = {self._named(name): name for name in head.before}
            first.before = (first.before or {}) | {new: head.before[name] for new, name in named.items()}
            first.values |= {new: head.values[name] for new, name in named.items()}
            first.verdict = Verdict.CHANGED if first.verdict == Verdict.UNCHANGED else first.verdict

    # --- writing ---

    def _changing(self, row: RowOutcome) -> frozenset[str]:
        names = super()._changing(row)
        return frozenset(name for name in names if not name.startswith(f"{self.head_field}__"))

    def commit(self, rows: list[RowOutcome], context: "Context") -> None:
        """Write the heads, then the rows that refer to them."""
        groups = self._groups(row for row in rows if row.verdict in (Verdict.NEW, Verdict.CHANGED))
        heads = [self._heads(context)[place] for place in groups]
        self.head.commit(heads, context)
        for group, head in zip(groups.values(), heads, strict=True):
            for row in group:
                row.values[f"{self.head_field}_id"] = head.object_id
        super().commit(rows, context)

    # --- taking back ---

    def undo(self, rows: Sequence[ImportRow], context: "Context") -> list[RowOutcome]:
        """As for every record, with the heads: where a head has moved on, its whole group is kept."""
        ids = {row.object_id for row in rows}
        heads = dict(self.model._base_manager.filter(pk__in=ids).values_list("pk", f"{self.head_field}_id"))
        kept = self.moved_on(set(heads.values()), context)
        prefix = f"{self.head_field}__"
        changed = []
        for row in rows:
            before, after = ({n.removeprefix(prefix): v for n, v in part.items() if n.startswith(prefix)}
                             for part in values_of(row))  # fmt: skip
            if before and row.object_id in heads and heads[row.object_id] not in kept:
                changed.append(self._as_head(row, heads[row.object_id], before, after))
        for done in self.head.undo_changed(changed, context):
            if done.verdict == Verdict.KEPT:
                kept[done.existing.object_id] = done.messages[0].text
        held = [row for row in rows if heads.get(row.object_id) in kept]
        undone = [undone_row(row, Verdict.KEPT, kept[heads[row.object_id]]) for row in held]
        return undone + super().undo([row for row in rows if heads.get(row.object_id) not in kept], context)

    def moved_on(self, heads: set[int], context: "Context") -> dict[int, str]:
        """Heads of which nothing may be taken back any more, by id, and why."""
        return {}

    def _as_head(self, row: ImportRow, pk: int, before: Any = None, after: Any = None) -> ImportRow:
        return ImportRow(batch=row.batch, sheet=row.sheet, ledger=row.ledger, row=row.row, number=row.number,
                         verdict=row.verdict, object_id=pk, before=before, after=after)  # fmt: skip

    def kept_reasons(self, rows: Sequence[ImportRow], context: "Context") -> dict[int | None, str]:
        """Of a head that came new with its rows, everything is kept where something has to be."""
        kept = super().kept_reasons(rows, context)
        fk = f"{self.head_field}_id"
        ids = {row.object_id: row for row in rows}
        heads = dict(self.model._base_manager.filter(pk__in=ids).values_list("pk", fk))
        stands = self.model._base_manager.filter(**{f"{fk}__in": set(heads.values())}).exclude(pk__in=ids)
        older = set(stands.values_list(fk, flat=True))
        new = {fk: self._as_head(ids[pk], fk) for pk, fk in heads.items() if fk not in older}
        whole = {heads[pk]: why for pk, why in kept.items() if pk in heads and heads[pk] in new}
        whole |= self.head.kept_reasons(list(new.values()), context)
        return kept | {pk: whole[fk] for pk, fk in heads.items() if fk in whole}

    def remove(self, ids: Sequence[int], context: "Context") -> None:
        """Rows, and heads that have none left: no head is without rows."""
        fk = f"{self.head_field}_id"
        heads = set(self.model._base_manager.filter(pk__in=ids).values_list(fk, flat=True))
        super().remove(ids, context)
        left = set(self.model._base_manager.filter(**{f"{fk}__in": heads}).values_list(fk, flat=True))
        self.head.remove(list(heads - left), context)
