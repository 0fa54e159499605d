"""What the pages of ledgers share: who may come, which batches are theirs, and how a step is asked for."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from pingtang_union.core import views
from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.permissions import may, may_reveal
from pingtang_union.ledger.declaration import ledgers
from pingtang_union.ledger.giving.export import is_guarded
from pingtang_union.ledger.importing.tasks import Step, start
from pingtang_union.ledger.models import ImportBatch
from pingtang_union.ledger.rights import Rights

PER_PAGE = 50

may_see = permission_required("core.view_importbatch", raise_exception=True)
may_bring = permission_required("core.add_importbatch", raise_exception=True)


def crumbs(*steps: tuple[str, str]) -> list[dict[str, str]]:
    """The way to a page below 台账: (label, address) each, the page itself last and without an address."""
    return views.crumbs(("台账", reverse("ledgers")), *steps)


def visible_batches(request: HttpRequest) -> QuerySet[ImportBatch]:
    return ImportBatch.objects.visible_to(request.user).select_related(
        "union", "by", "confirmed_by", "undoes", "undone_by"
    )


def one_batch(request: HttpRequest, pk: int) -> ImportBatch:
    return get_object_or_404(visible_batches(request), pk=pk)


def may_take_file(rights: Rights, batch: ImportBatch) -> bool:
    """Whether the bytes that were brought may go to someone: they hold numbers in full, so that they go to whoever
    brought them, and to those who may see in full every number that may be there and every union whose rows these
    are, for a reason."""
    if batch.by_id == rights.user.pk:
        return True
    return all(may_reveal(rights.user, model) for model in _numbered_in(batch)) and rights.sees_rows_of(batch)


def _numbered_in(batch: ImportBatch) -> set[Any]:
    """Models whose numbers may be in the file: of its ledgers; where a sheet is unread, of all that its uploader could
    have brought; of every ledger where that says nothing."""
    guarded = {ledger.title: ledger.owner for ledger in ledgers() if is_guarded(ledger)}
    read = {guarded[title] for title in batch.concerns if title in guarded}
    if batch.sheets and all(sheet["is_read"] for sheet in batch.sheets):
        return read
    could = {model for model in guarded.values() if batch.by is not None and may(batch.by, "add", model)}
    return read | could or set(guarded.values())


def act(
    request: HttpRequest,
    batch: ImportBatch,
    ask: Callable[[], None],
    step: Step | None = None,
    done: str = "",
    then: str = "",
) -> HttpResponse:
    """Ask for a step and begin it, if any; a refusal comes back in words. `then`: the page to go on to."""
    try:
        ask()
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("ledger_batch", batch.pk)
    if step is not None:
        start(batch, step)
    if done:
        messages.success(request, done)
    return redirect(then) if then else redirect("ledger_batch", batch.pk)
