"""Calls for ledgers (催报): whom a call asks, who has answered, and the word that nothing has changed.

A union has answered once a ledger with its rows was written on or after the day the call was opened, whoever
brought it. No form is to be filled twice: a union whose records stand may say so instead of sending the file again.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.db import transaction
from django.db.models import Exists, Max, OuterRef, QuerySet, Subquery, Value
from django.utils import timezone

from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.ledger.records import RecordLedger
from pingtang_union.core.ledger.schema import Ledger, ledgers
from pingtang_union.core.models import BatchKind, BatchState, ImportBatch, LedgerCall, LedgerReturn


@dataclass(frozen=True, slots=True)
class Tally:
    """How many unions a call asks, and how many of them have answered."""

    asked: int
    returned: int

    @property
    def missing(self) -> int:
        """How many have not."""
        return self.asked - self.returned


def ledger_of(call: LedgerCall) -> Ledger | None:
    """The ledger that is asked for, or None when the portal no longer has one of that title."""
    return next((ledger for ledger in ledgers() if ledger.title == call.ledger), None)


def opened_at(call: LedgerCall) -> datetime:
    """From when on a ledger counts as an answer."""
    return timezone.make_aware(datetime.combine(call.opened_on, time.min))


def _excluded_levels(call: LedgerCall) -> tuple[str, ...]:
    ledger = ledger_of(call)
    return ledger.not_kept_at if ledger else ()


def asked(call: LedgerCall, unions: Any, today: date) -> Any:
    """Those of `unions` (a scoped queryset of unions) that the call asks, in the tree's order: below the caller, in
    being today, and of a level that keeps this ledger."""
    below = unions.existing_on(today).filter(path__startswith=call.union.path).exclude(pk=call.union_id)
    return below.exclude(level__in=_excluded_levels(call)).order_by("path")


def asks(call: LedgerCall, union: Any) -> bool:
    """Whether the call asks this one union."""
    is_below = union.path.startswith(call.union.path) and union.pk != call.union_id
    return is_below and union.status == "active" and union.level not in _excluded_levels(call)


def answers(call: LedgerCall) -> QuerySet[LedgerReturn]:
    """Everything that answers the call, of any union."""
    return LedgerReturn.objects.filter(ledger=call.ledger, batch__written_at__gte=opened_at(call))


def with_answers(call: LedgerCall, unions: Any) -> Any:
    """Adds to unions `answer_at`, `answer_rows`, `answer_batch` and `answer_kind`: the latest answer, or None."""
    latest = answers(call).filter(union=OuterRef("pk")).order_by("-batch__written_at", "-pk")

    def one(name: str) -> Subquery:
        return Subquery(latest.values(name)[:1])

    return unions.annotate(
        answer_at=one("batch__written_at"),
        answer_rows=one("rows"),
        answer_batch=one("batch"),
        answer_kind=one("batch__kind"),
    )


def tallies(calls: Sequence[LedgerCall], unions: Any, today: date) -> dict[int, Tally]:
    """Each call's tally over `unions` (a scoped queryset), by the call's id: two queries, however many calls."""
    if not calls:
        return {}
    standing = list(unions.existing_on(today).order_by().values_list("pk", "path", "level"))
    latest = _latest_answers(calls, unions)
    found = {}
    for call in calls:
        excluded = _excluded_levels(call)
        ids = [
            pk
            for pk, path, level in standing
            if path.startswith(call.union.path) and pk != call.union_id and level not in excluded
        ]
        start = opened_at(call)
        returned = sum((at := latest.get((call.ledger, pk))) is not None and at >= start for pk in ids)
        found[call.pk] = Tally(len(ids), returned)
    return found


def _latest_answers(calls: Iterable[LedgerCall], unions: Any) -> dict[tuple[str, int], datetime]:
    """When a union last returned a ledger, by (ledger, union), as far back as any of the calls."""
    calls = list(calls)
    rows = (
        LedgerReturn.objects.filter(
            union__in=unions.order_by().values("pk"),
            ledger__in={call.ledger for call in calls},
            batch__written_at__gte=min(opened_at(call) for call in calls),
        )
        .order_by()
        .values_list("ledger", "union")
        .annotate(at=Max("batch__written_at"))
    )
    return {(ledger, union): at for ledger, union, at in rows}


def unanswered(calls: Iterable[LedgerCall], union: Any) -> list[LedgerCall]:
    """Those of `calls` that ask `union` and that it has not answered: one query."""
    mine = [call for call in calls if asks(call, union)]
    if not mine:
        return []
    latest = _latest_answers(mine, type(union)._default_manager.filter(pk=union.pk))
    return [call for call in mine if (at := latest.get((call.ledger, union.pk))) is None or at < opened_at(call)]


# --- Nothing has changed -------------------------------------------------------------------


def _own(ledger: RecordLedger, union: Any, by: Any) -> Any:
    """The records of `union` itself that the ledger holds."""
    records = ledger.given(ledger.model._default_manager.all(), by)
    return records.filter(**{ledger.model.scope_path or "pk": union}).order_by()  # type: ignore[attr-defined]


def kept_by(union: Any) -> set[str]:
    """Titles of the ledgers of which `union` has records: one query."""
    kept: Mapping[str, RecordLedger] = {
        f"has_{number}": ledger for number, ledger in enumerate(ledgers()) if isinstance(ledger, RecordLedger)
    }
    row = (
        type(union)
        ._default_manager.filter(pk=union.pk)
        .order_by()
        .values(**{name: Exists(_own(ledger, OuterRef("pk"), None)) for name, ledger in kept.items()})
        .first()
    )
    return {ledger.title for name, ledger in kept.items() if row and row[name]}


def with_records(call: LedgerCall, unions: Any) -> Any:
    """Adds to unions `has_records`: whether they have records of the ledger asked for."""
    ledger = ledger_of(call)
    own = Exists(_own(ledger, OuterRef("pk"), None)) if isinstance(ledger, RecordLedger) else Value(False)
    return unions.annotate(has_records=own)


def records_kept(call: LedgerCall, union: Any) -> int:
    """How many records of the ledger asked for `union` itself has."""
    ledger = ledger_of(call)
    return _own(ledger, union.pk, None).count() if isinstance(ledger, RecordLedger) else 0


@transaction.atomic
def confirm_unchanged(*, call: LedgerCall, union: Any, by: Any) -> ImportBatch:
    """Answer a call by saying that the records of `union` stand as they are: a written batch without a file, with
    the union's return.

    Raises DomainError when the call is closed, hasn't begun or asks another, when it is answered already, when the
    union has no such records yet, or when `union` isn't among the rows of `by`.
    """
    call = LedgerCall.objects.select_for_update(of=("self",)).select_related("union").get(pk=call.pk)
    union = type(union)._default_manager.visible_to(by).filter(pk=union.pk).first()
    if union is None:
        raise DomainError("这个工会不在您的管辖范围内。")
    if call.closed_on is not None:
        raise DomainError(f"「{call.title}」已经结束，不用再报。")
    if call.opened_on > timezone.localdate():
        raise DomainError(f"「{call.title}」还没有开始，请从 {call.opened_on} 起再报。")
    if not asks(call, union):
        raise DomainError(f"「{call.title}」没有要求{union}上报。")
    if not unanswered([call], union):
        raise DomainError(f"{union}已经报过{call.ledger}，不用再报。")
    rows = records_kept(call, union)
    if not rows:
        raise DomainError(f"系统里还没有{union}的{call.ledger}，不能只报「没有变化」，请上传台账。")
    batch = ImportBatch.objects.create(
        union_id=by.union_id,
        by=by,
        kind=BatchKind.CONFIRM,
        state=BatchState.WRITTEN,
        file_name=f"{call.ledger}：{union}确认没有变化"[:255],
        rows=rows,
        unchanged=rows,
        written_at=timezone.now(),
    )
    LedgerReturn.objects.create(batch=batch, union=union, ledger=call.ledger, rows=rows)
    return batch


def open_calls(user: Any, today: date) -> list[LedgerCall]:
    """Open calls that concern the user's union and those below, the one due first leading."""
    visible = LedgerCall.objects.visible_to(user).open().filter(opened_on__lte=today)
    return list(visible.select_related("union").order_by("due_on", "pk"))
