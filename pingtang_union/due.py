"""What an office has to do: what is due, what waits for it, what came back and why.

Each function asks a constant number of questions of rows that the user may see, however many there are.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import F, Q, Window
from django.db.models.functions import RowNumber
from django.urls import reverse
from django.utils import timezone

from members.filters import in_term
from members.models import TransferRequest, TransferState, Union
from pingtang_union.core.dates import display_partial, left
from pingtang_union.core.ledger import calls
from pingtang_union.core.models import BatchKind, BatchState, ImportBatch, ImportRow, LedgerCall, Verdict
from pingtang_union.ledgers.shared import may_take_file

CAME_BACK_WITHIN_DAYS = 60
SHOWN = 10  # of one kind; a link leads to the rest
_REASONS_SHOWN = 3
_STOPPED = (BatchState.UNREADABLE, BatchState.FAILED)


@dataclass(frozen=True)
class Step:
    """Something that can be done about an item: words and an address."""

    label: str
    url: str


@dataclass(frozen=True)
class Item:
    """One thing to do, or one that came back: what, how urgent, why, and the next steps."""

    title: str
    badge: str
    urgency: str  # is-bad, is-warn or "": as the stylesheet's badges
    text: str = ""
    reasons: list[str] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)


# --- Re-election ---------------------------------------------------------------------------


def term_items(union: Union, *, may_change: bool) -> list[Item]:
    """What is to be said of the own union's re-election: at most one item."""
    mine = Union.objects.filter(pk=union.pk)
    mend = [Step("登记换届情况", reverse("union_update", args=[union.pk]))] if may_change else []
    if in_term(mine, "overdue").exists():
        ends = union.term_ends_on
        why = f"届期到 {display_partial(ends)} 已满" if ends else "距最近换届已超过法定最长的届期"
        return [Item("换届", "已到期", "is-bad", f"{why}，请尽快换届；已经换届的，请登记新的换届时间。", steps=mend)]
    if in_term(mine, "soon").exists():
        text = f"本届 {display_partial(union.term_ends_on)} 届满，请提前准备换届。"
        return [Item("换届", "快到期", "is-warn", text, steps=mend)]
    if in_term(mine, "unrecorded").exists():
        lacks = "、".join(
            label for label, value in (("最近换届时间", union.last_elected_on), ("届期", union.term_years)) if not value
        )
        return [Item("换届", "未登记", "is-warn", f"没有登记{lacks}，算不出什么时候届满。请按批复补上。", steps=mend)]
    return []


# --- Ledgers asked for ---------------------------------------------------------------------


def call_items(open_calls: Sequence[LedgerCall], union: Union, today: date, *, may_bring: bool) -> list[Item]:
    """Ledgers that a superior asks of the own union and that haven't come yet."""
    waiting = calls.unanswered(open_calls, union)
    kept = calls.kept_by(union) if waiting and may_bring else set()
    items = []
    for call in waiting:
        badge, urgency = left(call.due_on, today)
        steps = []
        if may_bring:
            steps.append(Step("上传台账", reverse("ledgers")))
            steps.append(Step("下载模板", reverse("giving")))
            if call.ledger in kept:
                steps.append(Step("没有变化，不用重报", reverse("call_unchanged", args=[call.pk])))
        number = f"（{call.document_number}）" if call.document_number else ""
        until = display_partial(call.due_on.isoformat())
        text = f"{call.union}{number}要求报送《{call.ledger}》，{until}截止。{call.note}"
        items.append(Item(call.title, badge, urgency, text, steps=steps))
    return items


# --- Ledgers that wait ---------------------------------------------------------------------


def waiting_batches(user: Any) -> Any:
    """Ledgers brought from the user's subtree that wait for a person: with faults, or checked and not confirmed."""
    ready = Q(state=BatchState.READY) & (Q(new__gt=0) | Q(changed__gt=0) | Q(rejected__gt=0) | Q(undecided__gt=0))
    # An undoing that stopped waits too.
    mine = ImportBatch.objects.visible_to(user).filter(ready & Q(kind=BatchKind.IMPORT) | Q(state__in=_STOPPED))
    return mine.select_related("union").order_by("-at", "-pk")


def batch_items(batches: Iterable[ImportBatch], user: Any) -> list[Item]:
    """An item for each ledger that waits; those of other unions than the user's own are named."""
    return [_batch_item(batch, user) for batch in batches]


def _batch_item(batch: ImportBatch, user: Any) -> Item:
    page = reverse("ledger_batch", args=[batch.pk])
    brought = f"{timezone.localtime(batch.at):%Y-%m-%d} 上传"
    whose = brought if batch.union_id == user.union_id else f"{batch.union}，{brought}"
    if batch.state in _STOPPED:
        label = batch.get_state_display()
        return Item(batch.file_name, label, "is-bad", f"{whose}。{batch.error}", steps=[Step("查看怎么办", page)])
    faults = _faults(batch)
    good = batch.new + batch.changed
    if faults:
        tail = f"另有 {good} 行合格，还没有写入。" if good else ""
        steps = [Step("查看哪里不对", page), *_file_steps(batch, user)]
        return Item(batch.file_name, "有错要改", "is-bad", f"{whose}。{faults}。{tail}", steps=steps)
    text = f"{whose}。{good} 行检查没有问题，还没有写入。"
    return Item(batch.file_name, "等您确认", "is-warn", text, steps=[Step("查看并写入", page)])


def _file_steps(batch: ImportBatch, user: Any) -> list[Step]:
    """The file with its faults marked, for whom it may be given to."""
    url = reverse("ledger_annotated", args=[batch.pk])
    return [Step("下载标好错的文件", url)] if may_take_file(user, batch) else []


def _faults(batch: ImportBatch) -> str:
    said = ((batch.rejected, "退回 {} 行"), (batch.undecided, "{} 行要辨认是不是同一人"))
    return "，".join(words.format(number) for number, words in said if number)


# --- Transfers -----------------------------------------------------------------------------


def transfers_to_answer(user: Any) -> Any:
    """Requests that wait for an answer by the user's side: out of the subtree, and asked by another."""
    prefix = user.union.path
    pending = TransferRequest.objects.visible_to(user).pending().filter(from_union__path__startswith=prefix)
    asked_by_others = pending.exclude(asked_by=user)
    return asked_by_others.select_related("member", "from_union", "to_union").order_by("asked_at", "pk")


def transfer_items(requests: Iterable[TransferRequest]) -> list[Item]:
    """An item for each request that waits."""
    return [
        Item(
            f"{one.member}要转到{one.to_union}",
            "等您答复",
            "is-warn",
            f"{timezone.localtime(one.asked_at):%Y-%m-%d} 申请，原因：{one.reason}",
            steps=[Step("查看并答复", reverse("transfer_detail", args=[one.pk]))],
        )
        for one in requests
    ]


# --- What came back ------------------------------------------------------------------------


def came_back(
    user: Any, *, with_ledgers: bool, with_transfers: bool, also: Iterable[tuple[Any, Item]] = ()
) -> list[Item]:
    """Rows refused by ledgers that were written without them, and transfers refused, of the last two months, with what
    `also` names by its moment; the latest first, ten of each at most. Three questions."""
    since = timezone.now() - timedelta(days=CAME_BACK_WITHIN_DAYS)
    found = [*also]
    if with_ledgers:
        found += _rows_back(user, since)
    if with_transfers:
        found += _transfers_back(user, since)
    return [item for _moment, item in sorted(found, key=lambda pair: pair[0], reverse=True)]


def _rows_back(user: Any, since: Any) -> list[tuple[Any, Item]]:
    written = ImportBatch.objects.visible_to(user).filter(
        kind=BatchKind.IMPORT, state=BatchState.WRITTEN, rejected__gt=0, written_at__gte=since, undone_by__isnull=True
    )
    batches = list(written.select_related("union").order_by("-written_at", "-pk")[:SHOWN])
    rows = (
        ImportRow.objects.filter(batch__in=[batch.pk for batch in batches], verdict=Verdict.REJECT)
        .annotate(place=Window(RowNumber(), partition_by=F("batch"), order_by="pk"))
        .filter(place__lte=_REASONS_SHOWN)
        .order_by("pk")
    )
    reasons: dict[int, list[str]] = {}
    for row in rows:
        said = "".join(text for _column, _kind, text in row.messages or [])
        reasons.setdefault(row.batch_id, []).append(f"第 {row.row} 行 {row.name}：{said}")
    found = []
    for batch in batches:
        whose = "" if batch.union_id == user.union_id else f"{batch.union}，"
        page = f"{reverse('ledger_batch', args=[batch.pk])}?show={Verdict.REJECT}"
        item = Item(
            batch.file_name,
            f"退回 {batch.rejected} 行",
            "is-bad",
            f"{whose}{timezone.localtime(batch.written_at):%Y-%m-%d} 写入时没有收下这些行，改好后再传这份文件就行。",
            reasons.get(batch.pk, []),
            [Step("查看退回的行", page), *_file_steps(batch, user)],
        )
        found.append((batch.written_at, item))
    return found


def _transfers_back(user: Any, since: Any) -> list[tuple[Any, Item]]:
    refused = TransferRequest.objects.visible_to(user).filter(
        state=TransferState.REFUSED, answered_at__gte=since, to_union__path__startswith=user.union.path
    )
    related = refused.select_related("member", "from_union", "to_union", "answered_by__union")
    requests = related.order_by("-answered_at", "-pk")[:SHOWN]
    return [
        (
            one.answered_at,
            Item(
                f"{one.member}转到{one.to_union}",
                "未同意",
                "is-bad",
                f"从{one.from_union}转入的申请，{timezone.localtime(one.answered_at):%Y-%m-%d} "
                f"由{one.answered_by.union if one.answered_by else one.from_union}答复。",
                [f"原因：{one.answer}"],
                [Step("查看申请", reverse("transfer_detail", args=[one.pk]))],
            ),
        )
        for one in requests
    ]
