"""The membership events behind a roster's rows: who joined, rejoined, is retained, or joined on another day."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.db import connection
from django.utils import timezone

from members.ledgers.standing import RETAINED
from members.models import MembershipEvent
from members.models.codes import EventKind
from pingtang_union.ledger import bulk
from pingtang_union.ledger.context import Context
from pingtang_union.ledger.models import Verdict
from pingtang_union.ledger.outcome import RowOutcome


def write_events(rows: list[RowOutcome], context: Context) -> None:
    """Write the events that the union, status and joining date of written rows follow from."""
    now = timezone.now()
    on_postgresql = connection.vendor == "postgresql"
    recorded_at = now if on_postgresql else bulk.database_value(MembershipEvent, "recorded_at", now)
    alike = (recorded_at, context.by.pk if context.by else None, context.batch_id)
    names = (
        "member_id",
        "kind",
        "union_id",
        "on",
        "reason",
        "corrects_id",
        "recorded_at",
        "recorded_by_id",
        "batch_id",
    )
    bulk.insert(MembershipEvent, names, ((*event, *alike) for event in _events(rows, _joinings_to_correct(rows))))


def _events(
    rows: list[RowOutcome], corrected: dict[int | None, tuple[int | None, int | None]]
) -> Iterator[tuple[Any, ...]]:
    """(member, kind, union, day, reason, event corrected) of each event."""
    join, retain = EventKind.JOIN.value, EventKind.RETAIN.value
    for row in rows:
        values = row.values
        if row.verdict == Verdict.NEW or "status" in row.replaced:
            yield row.object_id, join, values["union_id"], values.get("joined_on"), "花名册登记", None
        elif row.object_id in corrected:
            event_id, union_id = corrected[row.object_id]
            union_id = union_id or values["union_id"]
            yield row.object_id, join, union_id, values.get("joined_on"), "花名册更正入会时间", event_id
        if row.verdict == Verdict.NEW and values.get("standing") == RETAINED:
            yield row.object_id, retain, values["union_id"], values["changed_on"], "花名册登记", None


def take_back_events(ids: Sequence[int | None], context: Context) -> None:
    """Remove what the batch wrote of these members."""
    if context.batch_id is not None:
        for part in bulk.chunks(ids):
            events = MembershipEvent.objects.filter(member_id__in=part, batch_id=context.batch_id)
            events._raw_delete(events.db)


def _joinings_to_correct(rows: list[RowOutcome]) -> dict[int | None, tuple[int | None, int | None]]:
    """Member id to the standing joining event, and its union, that a changed joining date corrects."""
    ids = [
        row.object_id
        for row in rows
        if row.verdict == Verdict.CHANGED and row.before and "joined_on" in row.before and "status" not in row.before
    ]
    corrected: dict[int | None, tuple[int | None, int | None]] = dict.fromkeys(ids, (None, None))
    for chunk in bulk.chunks(ids):
        joinings = MembershipEvent.objects.standing().filter(member_id__in=chunk, kind=EventKind.JOIN).order_by("pk")
        for member, pk, union in joinings.values_list("member_id", "pk", "union_id"):
            corrected[member] = (pk, union)
    return corrected
