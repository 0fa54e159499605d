"""What the pages of ledgers share: who may come, which batches are theirs, and how a step is asked for and begun."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from pingtang_union.core.audit import may_reveal
from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.ledger import delivery
from pingtang_union.core.ledger.export import is_guarded
from pingtang_union.core.ledger.records import RecordLedger
from pingtang_union.core.ledger.schema import ledgers
from pingtang_union.core.models import ImportBatch

PER_PAGE = 50

may_see = permission_required("core.view_importbatch", raise_exception=True)
may_bring = permission_required("core.add_importbatch", raise_exception=True)


def crumbs(*steps: tuple[str, str]) -> list[dict[str, str]]:
    """The way to a page below 台账: (label, address) each, the page itself last and without an address."""
    return [{"label": label, "url": url} for label, url in (("台账", reverse("ledgers")), *steps)]


def visible_batches(request: HttpRequest) -> QuerySet[ImportBatch]:
    return ImportBatch.objects.visible_to(request.user).select_related("union", "by", "confirmed_by", "undoes")


def one_batch(request: HttpRequest, pk: int) -> ImportBatch:
    return get_object_or_404(visible_batches(request), pk=pk)


def may_take_file(user: Any, batch: ImportBatch) -> bool:
    """Whether the bytes that were brought may go to `user`: they hold numbers in full, so that they go to who brought
    them, and to who may see every number in full, for a reason."""
    guarded = {one.model for one in ledgers() if isinstance(one, RecordLedger) and is_guarded(one)}
    return batch.by_id == user.pk or all(may_reveal(user, model) for model in guarded)


def start(batch: ImportBatch, is_large: bool, task: Any, now: Callable[[int], None]) -> None:
    """Give the step to the worker, or do it while the person waits."""
    if is_large:
        task.enqueue(batch.pk)
    else:
        now(batch.pk)


def act(
    request: HttpRequest,
    batch: ImportBatch,
    ask: Callable[[], None],
    step: tuple[Any, Callable[[int], None]] | None,
    done: str = "",
) -> HttpResponse:
    """Ask for a step and begin it; a refusal comes back in words."""
    try:
        ask()
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("ledger_batch", batch.pk)
    if step is not None:
        start(batch, delivery.is_large(batch), *step)
    if done:
        messages.success(request, done)
    return redirect("ledger_batch", batch.pk)
