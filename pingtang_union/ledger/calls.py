"""Calls for ledgers (催报): whom a call asks, who has answered, and the word that nothing has changed.

A union has answered once a ledger with its rows was written on or after the day the call was opened, whoever
brought it. No form is to be filled twice: a union whose records stand may say so instead of sending the file again.
An answer with rows left out is a part of one: it stays open until the rest has come, or the office says why not.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.db import transaction
from django.db.models import Case, Count, Exists, OuterRef, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from pingtang_union.core.audit import acting_as, record_change, stated
from pingtang_union.core.exceptions import DomainError
from pingtang_union.ledger.declaration import Ledger, ledgers
from pingtang_union.ledger.models import (
    BatchKind,
    BatchState,
    CallReminder,
    ImportBatch,
    ImportRow,
    LedgerCall,
    LedgerReturn,
    Verdict,
)
from pingtang_union.ledger.rights import Rights


@dataclass(frozen=True, slots=True)
class Tally:
    """How many unions a call asks, how many of them have answered, and how many only in part."""

    asked: int
    returned: int
    partial: int = 0

    @property
    def missing(self) -> int:
        """How many have not answered at all."""
        return self.asked - self.returned - self.partial


@dataclass(frozen=True, slots=True)
class Answer:
    """A union's latest answer: when, its batch, how many rows came and how many were left out."""

    at: datetime
    batch_id: int
    rows: int
    left_out: int


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


def answers(call: LedgerCall) -> Any:
    """Everything that answers the call, of any union."""
    return _with_left_out(LedgerReturn.objects.filter(ledger=call.ledger, batch__written_at__gte=opened_at(call)))


def _with_left_out(returns: QuerySet[LedgerReturn]) -> Any:
    """With `left_out`: how many rows of the file weren't taken. Only of a file of one union: a row that was refused
    doesn't say whose it is."""
    rows = ImportRow.objects.filter(
        batch=OuterRef("batch"), ledger=OuterRef("ledger"), verdict__in=(Verdict.REJECT, Verdict.UNDECIDED)
    )
    number = rows.order_by().values("batch").annotate(number=Count("pk")).values("number")
    others = LedgerReturn.objects.filter(batch=OuterRef("batch"), ledger=OuterRef("ledger"))
    is_shared = Exists(others.exclude(union=OuterRef("union")))
    return returns.annotate(left_out=Case(When(is_shared, then=Value(0)), default=Coalesce(Subquery(number), 0)))


def with_answers(call: LedgerCall, unions: Any) -> Any:
    """Adds to unions the latest answer, or None: `answer_at`, `_rows`, `_batch`, `_kind`, `_left_out`, `_reason` and
    `_office` (who gave it)."""
    latest = answers(call).filter(union=OuterRef("pk")).order_by("-batch__written_at", "-pk")

    def one(name: str) -> Subquery:
        return Subquery(latest.values(name)[:1])

    return unions.annotate(
        answer_at=one("batch__written_at"),
        answer_rows=one("rows"),
        answer_batch=one("batch"),
        answer_kind=one("batch__kind"),
        answer_left_out=one("left_out"),
        answer_reason=one("batch__reason"),
        answer_office=one("batch__union__name"),
    )


def tallies(calls: Sequence[LedgerCall], unions: Any, today: date) -> dict[int, Tally]:
    """Each call's tally over `unions` (a scoped queryset), by the call's id: two queries, however many calls."""
    if not calls:
        return {}
    found = standings(calls, unions, today)
    return {
        call.pk: Tally(
            len(states),
            sum(answer is not None and not answer.left_out for answer in states.values()),
            sum(answer is not None and answer.left_out > 0 for answer in states.values()),
        )
        for call in calls
        for states in [found[call.pk]]
    }


def standings(calls: Sequence[LedgerCall], unions: Any, today: date) -> dict[int, dict[int, Answer | None]]:
    """By call and union that it asks among `unions`: the latest answer; two queries, however many calls."""
    standing = list(unions.existing_on(today).order_by().values_list("pk", "path", "level"))
    latest = _latest_answers(calls, unions)
    found: dict[int, dict[int, Answer | None]] = {}
    for call in calls:
        excluded = _excluded_levels(call)
        found[call.pk] = {
            pk: _answer_to(call, latest.get((call.ledger, pk)))
            for pk, path, level in standing
            if path.startswith(call.union.path) and pk != call.union_id and level not in excluded
        }
    return found


def _answer_to(call: LedgerCall, answer: Answer | None) -> Answer | None:
    return answer if answer is not None and answer.at >= opened_at(call) else None


def _latest_answers(calls: Iterable[LedgerCall], unions: Any) -> dict[tuple[str, int], Answer]:
    """A union's latest return of a ledger, by (ledger, union), as far back as any of the calls."""
    calls = list(calls)
    returns = LedgerReturn.objects.filter(
        union__in=unions.order_by().values("pk"),
        ledger__in={call.ledger for call in calls},
        batch__written_at__gte=min(opened_at(call) for call in calls),
    )
    rows: Any = _with_left_out(returns).order_by("batch__written_at", "pk")
    return {
        (ledger, union): Answer(*rest)
        for ledger, union, *rest in rows.values_list(
            "ledger", "union", "batch__written_at", "batch", "rows", "left_out"
        )
    }


def due_from(calls: Iterable[LedgerCall], union: Any) -> list[tuple[LedgerCall, Answer | None]]:
    """Those of `calls` that ask `union` and that it has not answered in full, each with its answer in part: one
    query."""
    mine = [call for call in calls if asks(call, union)]
    if not mine:
        return []
    latest = _latest_answers(mine, type(union)._default_manager.filter(pk=union.pk))
    found = [(call, _answer_to(call, latest.get((call.ledger, union.pk)))) for call in mine]
    return [(call, answer) for call, answer in found if answer is None or answer.left_out]


def unanswered(calls: Iterable[LedgerCall], union: Any) -> list[LedgerCall]:
    """Those of `calls` that ask `union` and that it has not answered at all: one query."""
    return [call for call, answer in due_from(calls, union) if answer is None]


# --- Reminders (催报) ------------------------------------------------------------------------


@transaction.atomic
def remind(*, call: LedgerCall, by: Any, unions: Any = None) -> int:
    """Remind those of `unions` (all that `by` sees below the own one) that the call asks and that haven't answered in
    full; gives how many. A union is reminded once a day, whoever does it. One audit event tells of all of them.

    Raises DomainError for who may not remind, when the call has ended, or when nobody is left to be reminded.
    """
    today = timezone.localdate()
    call = LedgerCall.objects.select_for_update(of=("self",)).select_related("union").get(pk=call.pk)
    if not by.has_perm("core.add_callreminder"):
        raise DomainError("您的账号不能催报。")
    if call.closed_on is not None or call.opened_on > today:
        raise DomainError(f"「{call.title}」{'已经结束' if call.closed_on else '还没有开始'}，不能催报。")
    union_model: Any = CallReminder._meta.get_field("union").related_model
    visible = union_model._default_manager.visible_to(by).exclude(pk=by.union_id)
    visible = visible if unions is None else visible.filter(pk__in=[union.pk for union in unions])
    states = standings([call], visible, today)[call.pk]
    due = {pk for pk, answer in states.items() if answer is None or answer.left_out}
    due -= set(CallReminder.objects.filter(call=call, on=today, union__in=due).values_list("union", flat=True))
    if not due:
        raise DomainError("没有需要催报的工会：已经报送，或者今天已经催报过。")
    CallReminder.objects.bulk_create(CallReminder(call=call, union_id=pk, by=by, on=today) for pk in sorted(due))
    with acting_as(by):
        record_change(call, field_label="催报", before="", after=f"{len(due)} 个工会")
    return len(due)


def reminders_of(calls: Iterable[LedgerCall], union: Any) -> dict[int, CallReminder]:
    """The latest reminder that each call sent to `union`, by the call's id."""
    rows = CallReminder.objects.filter(call__in=list(calls), union=union).select_related("by__union")
    return {one.call_id: one for one in rows.order_by("on", "pk")}


def with_reminders(call: LedgerCall, unions: Any) -> Any:
    """Adds to unions `reminded_on`: when the call last reminded them."""
    sent = CallReminder.objects.filter(call=call, union=OuterRef("pk")).order_by("-on")
    return unions.annotate(reminded_on=Subquery(sent.values("on")[:1]))


# --- Nothing has changed -------------------------------------------------------------------


def _own(ledger: Ledger, union: Any, by: Any) -> Any:
    """The records of `union` itself that the ledger holds."""
    records = ledger.given(ledger.model._default_manager.all(), by)
    return records.filter(**{ledger.model.scope_path or "pk": union}).order_by()


def kept_by(union: Any) -> set[str]:
    """Titles of the ledgers of which `union` has records: one query."""
    kept: Mapping[str, Ledger] = {f"has_{number}": ledger for number, ledger in enumerate(ledgers())}
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
    own = Exists(_own(ledger, OuterRef("pk"), None)) if ledger else Value(False)
    return unions.annotate(has_records=own)


def records_kept(call: LedgerCall, union: Any) -> int:
    """How many records of the ledger asked for `union` itself has."""
    ledger = ledger_of(call)
    return _own(ledger, union.pk, None).count() if ledger else 0


def may_answer(call: LedgerCall, by: Any) -> bool:
    """Whether `by` brings ledgers and writes records of the one asked for."""
    return by.has_perm("core.add_importbatch") and Rights(by).may_keep(call.ledger)


@transaction.atomic
def confirm_unchanged(*, call: LedgerCall, union: Any, by: Any, reason: str = "") -> ImportBatch:
    """Answer a call by saying that the records of `union` stand as they are: a written batch without a file, with
    the union's return. After an answer in part it says that the rows left out need not come.

    `reason`: why the rest need not come, or why an office answers for a union below it; kept with the return. Raises
    DomainError for who doesn't write such records, when the call is closed, hasn't begun or asks another, when it is
    answered already, when the union has no such records yet, when `union` isn't among the rows of `by`, or without a
    reason where one is asked for.
    """
    call = LedgerCall.objects.select_for_update(of=("self",)).select_related("union").get(pk=call.pk)
    union = type(union)._default_manager.visible_to(by).filter(pk=union.pk).first()
    if union is None:
        raise DomainError("这个工会不在您的管辖范围内。")
    if not may_answer(call, by):
        raise DomainError(f"您的账号不登记{call.ledger}，不能确认它没有变化。请由负责这种台账的人办理。")
    if call.closed_on is not None:
        raise DomainError(f"「{call.title}」已经结束，不用再报。")
    if call.opened_on > timezone.localdate():
        raise DomainError(f"「{call.title}」还没有开始，请从 {call.opened_on} 起再报。")
    if not asks(call, union):
        raise DomainError(f"「{call.title}」没有要求{union}上报。")
    due = due_from([call], union)
    if not due:
        raise DomainError(f"{union}已经报过{call.ledger}，不用再报。")
    part = due[0][1]
    rows = records_kept(call, union)
    if not rows:
        raise DomainError(f"系统里还没有{union}的{call.ledger}，不能只报「没有变化」，请上传台账。")
    if part or union.pk != by.union_id:
        reason = stated(reason, asked="其余不报的原因" if part else "代报的原因")[:200]
    word = f"确认其余 {part.left_out} 条不报" if part else "确认没有变化"
    batch = ImportBatch.objects.create(
        union_id=by.union_id,
        by=by,
        kind=BatchKind.CONFIRM,
        state=BatchState.WRITTEN,
        file_name=f"{call.ledger}：{union}{word}"[:255],
        rows=rows,
        unchanged=rows,
        reason=reason,
        written_at=timezone.now(),
    )
    LedgerReturn.objects.create(batch=batch, union=union, ledger=call.ledger, rows=rows)
    return batch


# --- Answers for others (代报) ---------------------------------------------------------------


def answered_for_others(batch: ImportBatch) -> list[Any]:
    """The unions, other than the office that brought the file, that still owe a call an answer which the file would
    give; in the tree's order."""
    concerned = {title: set(concern["unions"]) - {batch.union_id} for title, concern in batch.concerns.items()}
    others = set().union(*concerned.values())
    begun = LedgerCall.objects.open().filter(opened_on__lte=timezone.localdate(), ledger__in=concerned)
    asking = list(begun.select_related("union")) if others else []
    if not asking:
        return []
    union_model: Any = LedgerReturn._meta.get_field("union").related_model
    unions = union_model._default_manager.filter(pk__in=others)
    states = standings(asking, unions, timezone.localdate())
    due = {
        pk
        for call in asking
        for pk, answer in states[call.pk].items()
        if pk in concerned[call.ledger] and (answer is None or answer.left_out)
    }
    return list(unions.filter(pk__in=due).order_by("path")) if due else []


def several(unions: Sequence[Any]) -> str:
    """A few unions by name, of many the first and how many."""
    names = "、".join(union.name for union in unions[:2])
    return names if len(unions) < 3 else f"{names}等 {len(unions)} 个工会"


def open_calls(user: Any, today: date) -> list[LedgerCall]:
    """Open calls that concern the user's union and those below, the one due first leading."""
    visible = LedgerCall.objects.visible_to(user).open().filter(opened_on__lte=today)
    return list(visible.select_related("union").order_by("due_on", "pk"))
