"""What the workbench says of ledgers: those asked for, those that wait for a person, rows that came back.

Each function asks a constant number of questions of rows that the user may see, however many there are.
"""

from datetime import date, datetime
from typing import Any

from django.db.models import Count, F, Min, Q, Window
from django.db.models.functions import RowNumber
from django.urls import reverse
from django.utils import timezone

from pingtang_union.core.dates import display_partial, left
from pingtang_union.core.todo import SHOWN, Item, Step
from pingtang_union.ledger import calls
from pingtang_union.ledger.models import RUNNING, STUCK, BatchKind, BatchState, ImportBatch, ImportRow, Verdict
from pingtang_union.ledger.rights import Rights
from pingtang_union.pages.ledgers.shared import may_take_file
from pingtang_union.workflow.waiting import Waiting, day_of

_REASONS_SHOWN = 3
_STOPPED = (BatchState.UNREADABLE, BatchState.FAILED)


def todo(user: Any, today: date) -> list[Item]:
    """Ledgers that a superior asks of the own union, and those that wait."""
    items = _call_items(user, today) if user.has_perm("core.view_ledgercall") else []
    if user.has_perm("core.view_importbatch"):
        rights = Rights(user)
        items += [_batch_item(batch, rights) for batch in _waiting_batches(user)]
    return items


def desk(user: Any, today: date) -> list[Waiting]:
    """Ledgers brought within the county that are stuck."""
    if not user.has_perm("core.add_importbatch"):
        return []
    stuck = ImportBatch.objects.visible_to(user).filter(STUCK).aggregate(n=Count("pk"), since=Min("at"))
    url = f"{reverse('admin:core_importbatch_changelist')}?stuck=yes"
    return [Waiting("台账有退回待处理", "file-x", stuck["n"], url, day_of(stuck["since"]))] if stuck["n"] else []


# --- Ledgers asked for ---------------------------------------------------------------------


def _call_items(user: Any, today: date) -> list[Item]:
    """Ledgers that a superior asks of the own union and that haven't come yet, or only in part."""
    due = calls.due_from(calls.open_calls(user, today), user.union)
    if not due:
        return []
    may_bring = user.has_perm("core.add_importbatch")
    kept = calls.kept_by(user.union) if may_bring else set()
    reminders = calls.reminders_of([call for call, _answer in due], user.union)
    items = []
    for call, answer in due:
        badge, urgency = left(call.due_on, today)
        number = f"（{call.document_number}）" if call.document_number else ""
        until = display_partial(call.due_on.isoformat())
        text = f"{call.union}{number}要求报送《{call.ledger}》，{until}截止。{call.note}"
        reminder = reminders.get(call.pk)
        reasons = [f"{reminder.by.union or call.union} {reminder.on} 催报"] if reminder else []
        urgency = "is-bad" if reminder else urgency
        unchanged = reverse("call_unchanged", args=[call.pk])
        steps = []
        if answer:
            badge, urgency = "部分报送", "is-bad" if reminder else "is-warn"
            text = f"已导入 {answer.rows} 条，还有 {answer.left_out} 条未导入。{until}截止。"
            page = f"{reverse('ledger_batch', args=[answer.batch_id])}?show={Verdict.REJECT}"
            steps.append(Step(f"查看未导入的 {answer.left_out} 条", page))
        if may_bring:
            steps.append(Step("补报" if answer else "上传台账", reverse("ledgers")))
            if not answer:
                steps.append(Step("下载模板", reverse("giving")))
            if calls.may_answer(call, user) and (answer or call.ledger in kept):
                steps.append(Step("其余不报" if answer else "无变化", unchanged))
        items.append(Item(call.title, badge, urgency, text, reasons, steps))
    return items


# --- Ledgers that wait ---------------------------------------------------------------------


def _waiting_batches(user: Any) -> Any:
    """Ledgers brought from the user's subtree that wait for a person: with faults, or checked and not confirmed."""
    holds = Q(new__gt=0) | Q(changed__gt=0) | Q(rejected__gt=0) | Q(undecided__gt=0) | Q(held__gt=0)
    ready = Q(state=BatchState.READY) & holds
    # An undoing that stopped waits too.
    mine = ImportBatch.objects.visible_to(user).filter(ready & Q(kind=BatchKind.IMPORT) | Q(state__in=_STOPPED))
    return mine.select_related("union", "undoes").order_by("-at", "-pk")[:SHOWN]


def _batch_item(batch: ImportBatch, rights: Rights) -> Item:
    page = reverse("ledger_batch", args=[batch.pk])
    brought = f"{timezone.localtime(batch.at):%Y-%m-%d} 上传"
    whose = brought if batch.union_id == rights.user.union_id else f"{batch.union}，{brought}"
    if batch.state in _STOPPED:
        label = batch.get_state_display()
        return Item(batch.file_name, label, "is-bad", f"{whose}。{batch.error}", steps=[Step("查看原因", page)])
    faults = _faults(batch)
    good = batch.new + batch.changed
    if faults:
        tail = f"另有 {good} 条合格，尚未导入。" if good else ""
        steps = [Step("查看错误", page), *_file_steps(batch, rights)]
        return Item(batch.file_name, "需改正", "is-bad", f"{whose}。{faults}。{tail}", steps=steps)
    told = [f"{good} 条检查无误，尚未导入。"] if good else []
    told += [f"{batch.held} 条须由县总工会核实，尚未提交。"] if batch.held else []
    text = f"{whose}。{''.join(told)}"
    if rights.why_not("write", batch, asks_uploader=False):
        return Item(batch.file_name, "待确认", "is-warn", text, steps=[Step("查看", page)])
    return Item(batch.file_name, "待您确认", "is-warn", text, steps=[Step("查看并导入", page)])


def _file_steps(batch: ImportBatch, rights: Rights) -> list[Step]:
    """The file with its faults marked, for whom it may be given to."""
    url = reverse("ledger_annotated", args=[batch.pk])
    return [Step("下载标注的文件", url)] if may_take_file(rights, batch) else []


def _faults(batch: ImportBatch) -> str:
    counted = ((batch.rejected, "退回 {} 条"), (batch.undecided, "{} 条须辨认是否同一人"))
    return "，".join(words.format(number) for number, words in counted if number)


# --- What came back ------------------------------------------------------------------------


def came_back(user: Any, since: datetime) -> list[tuple[Any, Item]]:
    """Rows refused by ledgers that were written without them."""
    if not user.has_perm("core.view_importbatch"):
        return []
    written = ImportBatch.objects.visible_to(user).filter(
        kind=BatchKind.IMPORT, state=BatchState.WRITTEN, rejected__gt=0, written_at__gte=since, undone_by__isnull=True
    )
    batches = list(written.select_related("union").order_by("-written_at", "-pk")[:SHOWN])
    # A call that was answered in part is due still, and says so itself.
    due = calls.due_from(calls.open_calls(user, timezone.localdate()), user.union) if batches else []
    in_part = {answer.batch_id for _call, answer in due if answer}
    batches = [batch for batch in batches if batch.pk not in in_part]
    rows = (
        ImportRow.objects.filter(batch__in=[batch.pk for batch in batches], verdict=Verdict.REJECT)
        .annotate(place=Window(RowNumber(), partition_by=F("batch"), order_by="pk"))
        .filter(place__lte=_REASONS_SHOWN)
        .order_by("pk")
    )
    reasons: dict[int, list[str]] = {}
    for row in rows:
        reason = "".join(text for _column, _kind, text in row.messages or [])
        reasons.setdefault(row.batch_id, []).append(f"第 {row.row} 行 {row.name}：{reason}")
    items = []
    rights = Rights(user)
    for batch in batches:
        whose = "" if batch.union_id == user.union_id else f"{batch.union}，"
        page = f"{reverse('ledger_batch', args=[batch.pk])}?show={Verdict.REJECT}"
        item = Item(
            batch.file_name,
            f"退回 {batch.rejected} 条",
            "is-bad",
            f"{whose}{timezone.localtime(batch.written_at):%Y-%m-%d} 导入时未通过，改正后重新上传即可。",
            reasons.get(batch.pk, []),
            [Step("查看退回的条目", page), *_file_steps(batch, rights)],
        )
        items.append((batch.written_at, item))
    return items


# --- What is under way -----------------------------------------------------------------------


def under_way(user: Any) -> list[Item]:
    """Ledgers of the own union that the worker has in hand."""
    if not user.has_perm("core.view_importbatch"):
        return []
    rows = ImportBatch.objects.visible_to(user).filter(union=user.union_id, state__in=RUNNING)
    return [
        Item(
            one.file_name,
            one.get_state_display(),
            BatchState(one.state).tone,
            f"自 {timezone.localtime(one.moved_at or one.at):%Y-%m-%d %H:%M} 起",
            steps=[Step("查看进度", reverse("ledger_batch", args=[one.pk]))],
        )
        for one in rows.order_by("-at", "-pk")[:SHOWN]
    ]
