"""What the background work does: whether a worker lives, what waits, what runs, what failed and why.

For the desks whose ledgers wait and for who looks after the server. Neither file names nor persons stand here.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.admin import site
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from pingtang_union.ledger.importing import attempts
from pingtang_union.ledger.importing.progress import standing
from pingtang_union.ledger.importing.worker import pulse
from pingtang_union.ledger.models import RUNNING, BatchKind, BatchState, ImportBatch

PERMISSION = "core.view_queue"
_SHOWN = 50


@dataclass(frozen=True)
class Line:
    """A batch as the page shows it."""

    batch: ImportBatch
    state: str
    since: datetime
    note: str
    is_wrong: bool


def queue(request: HttpRequest) -> HttpResponse:
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied
    visible = ImportBatch.objects.visible_to(request.user).select_related("union")
    running = visible.filter(state__in=RUNNING).order_by("pk")
    failed = visible.filter(state=BatchState.FAILED).order_by("-moved_at", "-pk")
    worker = pulse()
    context: dict[str, Any] = {
        **site.each_context(request),
        "title": "后台处理",
        "worker": worker,
        "worker_minutes": None if worker.seconds is None else worker.seconds // 60,
        "number": running.count(),
        "running": [_line(batch) for batch in running[:_SHOWN]],
        "failed_number": failed.count(),
        "failed": [_line(batch) for batch in failed[:_SHOWN]],
        "may_open": request.user.has_perm("core.view_importbatch"),
    }
    return render(request, "admin/work_queue.html", context)


def _line(batch: ImportBatch) -> Line:
    state = batch.get_state_display()
    if batch.kind == BatchKind.UNDO:
        state = {BatchState.WAITING: "排队等候撤销", BatchState.WRITING: "正在撤销"}.get(BatchState(batch.state), state)
    is_lost = attempts.is_lost(batch)
    note = batch.error
    if is_lost:
        note = "中断了，后台程序会自动继续处理。"
    elif batch.state in (BatchState.CHECKING, BatchState.WRITING) and (told := standing(batch.pk)):
        note = f"{told.step}，{round(told.share * 100)}%"
    if batch.attempts > 1 and batch.state in RUNNING:
        note += f"（第 {batch.attempts} 次）"
    since = timezone.localtime(batch.moved_at or batch.at)
    return Line(batch, state, since, note, is_lost or batch.state == BatchState.FAILED)
