"""Rosters of persons against guessing: which rows are not compared, which answers are written down, what goes to the
county (members.services.numbers says why)."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import models

from members.ledgers.common import check_identity
from members.ledgers.namesakes import recognise_masked
from members.models import HeldWhy, Union
from members.models.codes import IdType
from members.services import numbers
from pingtang_union.ledger.context import Context
from pingtang_union.ledger.declaration import Ledger
from pingtang_union.ledger.models import ImportBatch, Verdict
from pingtang_union.ledger.outcome import RowOutcome

_COLUMN = "身份证号"
# Keys of a run's notes, the first two with the model: a file may hold rosters of several. The others are by row.
_LIMITED, _CONFIRMED, _WHY, _TOLD = "limited", "confirmed numbers", "why held", "told of rows"
_ANSWERED = {Verdict.TRANSFER: "待转会", Verdict.HELD: "待县核实"}


class Screened(Ledger):
    """A roster of persons: what ledgers with identity numbers have beyond others."""

    def prepare(self, rows: Sequence[RowOutcome]) -> None:
        """Numbers, then what a row says by itself."""
        check_identity(rows)
        super().prepare(rows)

    def resolve(self, table: Any, rows: list[RowOutcome], context: Context) -> None:
        """Unions, and who a masked number is."""
        super().resolve(table, rows, context)
        recognise_masked(rows, self.model)

    def commit(self, rows: list[RowOutcome], context: Context) -> None:
        """Write, and hand what is held to the county."""
        self.hand_over(rows, context)
        super().commit(rows, context)

    def screen(self, rows: Sequence[RowOutcome], context: Context, *, registers: bool) -> None:
        """Hold the rows of which more numbers are asked than a roster has, hit and miss alike."""
        if not is_limited(context, self.model):
            return
        of = [row for row in rows if row.is_open and "id_index" in row.values and "name_key" in row.values]
        asked = [_asked(row) for row in of]
        context.notes.setdefault((_CONFIRMED, self.model), set()).update(numbers.confirmed(context.by, asked))
        place = f"台账「{context.file_name}」"
        held = numbers.beyond_limit(
            context.by, self.model, asked, place=place, batch=_batch(context), registers=registers
        )
        for position in held:
            hold_row(of[position], context, HeldWhy.MANY)

    def told(self, rows: Sequence[RowOutcome], context: Context) -> None:
        """An audit event for each answer that told of a number within the limits."""
        if is_limited(context, self.model):
            beyond = context.notes.get(_WHY, {})
            answers = {id(row): _ANSWERED[Verdict(row.verdict)] for row in rows if row.verdict in _ANSWERED}
            answers = context.notes.get(_TOLD, {}) | answers
            numbers.record_answers(
                context.by,
                (
                    (self.model, row.values["id_number"], answers[id(row)], _place(row, context))
                    for row in rows
                    if id(row) in answers
                    and "id_number" in row.values
                    and beyond.get(id(row)) != HeldWhy.MANY  # nothing was told of those; the alarm has them
                ),
            )

    def taken_back(self, context: Context) -> None:
        """The county needn't look any more at what the batch held."""
        if context.batch_id is not None:
            numbers.withdraw(batch_id=context.batch_id)

    def hand_over(self, rows: Iterable[RowOutcome], context: Context) -> None:
        """Hand held rows to the county, when the others are written."""
        for row in rows:
            if row.verdict == Verdict.HELD and context.by is not None and "id_number" in row.values:
                numbers.hold(
                    by=context.by,
                    union_id=row.values.get("union_id") or context.by.union_id,
                    name=row.name,
                    number=row.values["id_number"],
                    id_type=row.values.get("id_type") or IdType.RESIDENT,
                    why=context.notes.get(_WHY, {}).get(id(row), HeldWhy.ELSEWHERE),
                    place=_place(row, context),
                    batch=_batch(context),
                )


def is_limited(context: Context, model: type[models.Model]) -> bool:
    """Whether answers may tell the account of numbers that it may not read."""
    key = (_LIMITED, model)
    if key not in context.notes:
        context.notes[key] = numbers.is_limited(context.by, model)
    return bool(context.notes[key])


def is_confirmed(row: RowOutcome, context: Context, model: type[models.Model]) -> bool:
    """Whether the county has found the row's name and number right."""
    return (row.values.get("id_index"), row.values.get("name_key")) in context.notes.get((_CONFIRMED, model), ())


def note_answer(row: RowOutcome, context: Context, answer: str) -> None:
    """A row's plan tells something of a record elsewhere, whatever its verdict: an audit event is to be written."""
    context.notes.setdefault(_TOLD, {})[id(row)] = answer


def hold_row(row: RowOutcome, context: Context, why: HeldWhy) -> None:
    """Keep a row for the county, and why for the county only."""
    context.notes.setdefault(_WHY, {})[id(row)] = why
    row.messages = [message for message in row.messages if message.column != _COLUMN]
    row.leave(Verdict.HELD, _COLUMN, f"{_COLUMN}：{numbers.HELD}")


def union_name(union_id: int, context: Context, model: type[models.Model]) -> str:
    """A union's name for whoever sees it; others learn that there is one, not which."""
    named = context.unions.names.get(union_id, "")
    return named if named or is_limited(context, model) else Union.objects.get(pk=union_id).name


def _asked(row: RowOutcome) -> numbers.Asked:
    values = row.values
    return numbers.Asked(values["id_number"], values["id_index"], values["name_key"])


def _place(row: RowOutcome, context: Context) -> str:
    return f"台账「{context.file_name}」第 {row.row} 行"


def _batch(context: Context) -> Any:
    return ImportBatch.objects.filter(pk=context.batch_id).first() if context.batch_id else None
