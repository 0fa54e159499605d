"""A ledger brought by an office: taken in, looked at, written once."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from pingtang_union.core import tasks
from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.ledger import calls, delivery, stash
from pingtang_union.core.ledger.progress import standing
from pingtang_union.core.ledger.read import UnreadableFile
from pingtang_union.core.ledger.schema import ledgers
from pingtang_union.core.models import RUNNING, BatchKind, BatchState, ImportBatch, ImportRow, LedgerCall, Verdict
from pingtang_union.ledgers.people import pairs_of, transfer_form, with_asked
from pingtang_union.ledgers.preview import checked_rows, shown_verdict, undone_counts, verdict_counts, written_row
from pingtang_union.ledgers.shared import (
    PER_PAGE,
    act,
    crumbs,
    may_bring,
    may_see,
    may_take_file,
    one_batch,
    start,
    visible_batches,
)

MAX_FILES = 30
_TO_DO = (BatchState.READY, BatchState.UNREADABLE, BatchState.FAILED, *RUNNING)


# --- What was brought ----------------------------------------------------------------------


@may_see
def index(request: HttpRequest) -> HttpResponse:
    """Bring files; those that wait for a person; all that was brought."""
    batches = visible_batches(request)
    # What the offices below have to see to is theirs: among hundreds of theirs one's own would not be found.
    user: Any = request.user
    own = batches.filter(union_id=user.union_id)
    waiting = list(own.filter(kind=BatchKind.IMPORT, state__in=_TO_DO)[:PER_PAGE])
    found = Paginator(batches.exclude(pk__in=[batch.pk for batch in waiting]), PER_PAGE)
    ready = [batch for batch in waiting if _is_clean(batch) and batch.by_id == request.user.pk]
    context = {
        "waiting": waiting,
        "ready": ready,
        "page_obj": found.get_page(request.GET.get("page")),
        "may_bring": request.user.has_perm("core.add_importbatch"),
        "known": [ledger.title for ledger in ledgers()],
        "max_files": MAX_FILES,
    }
    return render(request, "ledgers/index.html", context)


def _is_clean(batch: ImportBatch) -> bool:
    return (
        batch.state == BatchState.READY and not (batch.rejected or batch.undecided) and bool(batch.new + batch.changed)
    )


@may_bring
@require_POST
def bring(request: HttpRequest) -> HttpResponse:
    """Take files in and have them checked: small ones at once, large ones by the worker."""
    files = request.FILES.getlist("files")
    if not files:
        messages.error(request, "还没有选择文件。请选择一份或几份台账再上传。")
        return redirect("ledgers")
    if len(files) > MAX_FILES:
        messages.error(request, f"一次最多上传 {MAX_FILES} 份文件，这次选了 {len(files)} 份，请分几次上传。")
        return redirect("ledgers")
    if request.user.union_id is None:  # type: ignore[union-attr]  # whoever may bring is signed in
        messages.error(request, "您的账号还没有分配所在工会，不能上传。请联系县总工会系统管理员。")
        return redirect("ledgers")
    brought = []
    for file in files:
        size, name = file.size or 0, file.name or ""
        try:
            if size > delivery.MAX_BYTES:
                raise UnreadableFile(delivery.too_large(size))
            brought.append(delivery.deliver(by=request.user, name=name, content=file.read()))
        except UnreadableFile as error:
            messages.error(request, f"「{name}」{error}")
    is_much = sum(file.size or 0 for file in files) > settings.LEDGER_INLINE_BYTES  # thirty small ones are a large one
    for batch in brought:
        start(batch, is_much or delivery.is_large(batch), tasks.check_ledger, delivery.check)
    if len(brought) == 1:
        return redirect("ledger_batch", brought[0].pk)
    return redirect("ledgers")


# --- One batch -----------------------------------------------------------------------------


@may_see
@require_GET
def batch_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Where a batch stands: how far it runs, its preview, or what it did."""
    batch = one_batch(request, pk)
    if batch.state in RUNNING:
        return render(request, "ledgers/running.html", _running(batch))
    may_act = request.user.has_perm("core.add_importbatch") and batch.kind == BatchKind.IMPORT
    context: dict[str, Any] = {
        "batch": batch,
        "may_act": may_act,
        "breadcrumbs": crumbs((batch.file_name, "")),
        "may_take_file": may_take_file(request.user, batch),
        "said": _sheet_messages(batch),
        "columns": _columns(batch) if may_act else [],
    }
    if batch.state == BatchState.READY:
        return render(request, "ledgers/preview.html", {**context, **_preview(request, batch)})
    if batch.state == BatchState.WRITTEN:
        return render(request, "ledgers/result.html", {**context, **_result(request, batch)})
    return render(request, "ledgers/stopped.html", context)


@may_see
@require_GET
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The progress bar alone, for htmx; tells the page to load anew when the work is over."""
    batch = one_batch(request, pk)
    response = render(request, "ledgers/_progress.html", _running(batch))
    if batch.state not in RUNNING:
        response.headers["HX-Refresh"] = "true"
    return response


def _running(batch: ImportBatch) -> dict[str, Any]:
    told = standing(batch.pk)
    return {
        "batch": batch,
        "told": told,
        "percent": round(told.share * 100) if told else 0,
        "is_lost": delivery.is_lost(batch),
        "breadcrumbs": crumbs((batch.file_name, "")),
    }


def _sheet_messages(batch: ImportBatch) -> list[dict[str, str]]:
    return [one for one in batch.messages or [] if one.get("message")]


# --- What a page shows of it ---------------------------------------------------------------


def _preview(request: HttpRequest, batch: ImportBatch) -> dict[str, Any]:
    shown = shown_verdict(request, batch)
    rows = stash.Rows(batch, "" if shown == "all" else shown)
    page: Page[stash.Checked] = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))  # type: ignore[arg-type]  # it counts and slices
    checked = list(page.object_list)
    rows_shown = checked_rows(checked, batch, request.user)
    if shown == Verdict.TRANSFER:
        rows_shown = with_asked(rows_shown, [one.object_id for one in checked], request.user)
    return {
        "shown": shown,
        "counts": verdict_counts(batch, shown),
        "page_obj": page,
        "rows": rows_shown,
        "pairs": pairs_of(checked, batch, request.user) if shown == Verdict.UNDECIDED else [],
        "good": batch.new + batch.changed,
        "has_faults": bool(batch.rejected or batch.undecided),
        "calls": _calls_answered_by(batch, request.user),
        "is_several": len([sheet for sheet in batch.sheets if sheet["is_read"]]) > 1,
        "transfer_form": transfer_form(request, batch) if shown == Verdict.TRANSFER else None,
    }


def _calls_answered_by(batch: ImportBatch, user: Any) -> list[LedgerCall]:
    """Calls that a ledger in which nothing has changed would answer, and that its office can answer without it."""
    if not batch.unchanged or batch.unchanged != batch.rows or batch.union_id != user.union_id:
        return []
    brought = {sheet["ledger"] for sheet in batch.sheets if sheet["is_read"]}
    open_calls = [call for call in calls.open_calls(user, timezone.localdate()) if call.ledger in brought]
    return calls.unanswered(open_calls, user.union) if user.union else []


def _columns(batch: ImportBatch) -> list[dict[str, Any]]:
    """Sheets with headers to confirm or correct: guessed, unknown, or chosen before."""
    by_title = {ledger.title: ledger for ledger in ledgers()}
    asked = []
    for sheet in batch.sheets or []:
        open_columns = [column for column in sheet["columns"] if column["how"] not in ("known", "serial")]
        if open_columns and sheet["ledger"] in by_title:
            asked.append(
                {
                    **sheet,
                    "asked": open_columns,
                    "has_guess": any(column["how"] in ("likely", "unknown") for column in open_columns),
                    "options": [(column.name, column.label) for column in by_title[sheet["ledger"]].columns],
                }
            )
    return asked


def _result(request: HttpRequest, batch: ImportBatch) -> dict[str, Any]:
    # An undoing goes through the rows from the last to the first; people read them as the sheet has them.
    rows = ImportRow.objects.filter(batch=batch).order_by("-pk" if batch.kind == BatchKind.UNDO else "pk")
    if batch.kind == BatchKind.IMPORT:
        shown = shown_verdict(request, batch)
        counts = verdict_counts(batch, shown)
    else:
        shown, counts = request.GET.get("show", "all"), undone_counts(batch, request.GET.get("show", "all"))
    if shown == "warned":
        rows = rows.filter(verdict__in=(Verdict.NEW, Verdict.CHANGED, Verdict.UNCHANGED), messages__isnull=False)
    elif shown in Verdict.values:
        rows = rows.filter(verdict=shown)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    rows_shown = [written_row(row, request.user) for row in page]
    if shown == Verdict.TRANSFER and batch.kind == BatchKind.IMPORT:
        rows_shown = with_asked(rows_shown, [row.object_id for row in page], request.user)
    undone_by = ImportBatch.objects.filter(undoes=batch).exclude(state=BatchState.FAILED).first()
    may_undo = (
        request.user.has_perm("core.undo_importbatch")
        and batch.kind == BatchKind.IMPORT
        and undone_by is None
        and bool(batch.new + batch.changed)
    )
    return {
        "shown": shown,
        "counts": counts,
        "page_obj": page,
        "rows": rows_shown,
        "undone_by": undone_by,
        "may_undo": may_undo,
        "is_several": len([sheet for sheet in batch.sheets or [] if sheet["is_read"]]) > 1,
        "transfer_form": transfer_form(request, batch) if shown == Verdict.TRANSFER else None,
        "has_file": hasattr(batch, "file"),
    }


# --- Steps ---------------------------------------------------------------------------------


@may_bring
@require_POST
def choose_columns(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep what the headers mean for this office, and check anew."""
    batch = one_batch(request, pk)
    choices: dict[tuple[str, str], str] = {}
    for sheet in batch.sheets or []:
        for column in sheet["columns"]:
            name = f"{sheet['sheet']}|{column['index']}"
            if name in request.POST:
                choices[(sheet["ledger"], column["key"])] = request.POST[name]
    return act(
        request,
        batch,
        lambda: delivery.choose_columns(batch=batch, by=request.user, choices=choices),
        (tasks.check_ledger, delivery.check),
        "已按您的选择重新检查，以后本单位的这种台账都这样读。",
    )


@may_bring
@require_POST
def write(request: HttpRequest, pk: int) -> HttpResponse:
    """Confirm the preview: all rows, or the good ones."""
    batch = one_batch(request, pk)
    is_partial = request.POST.get("rows") == "good"
    return act(
        request,
        batch,
        lambda: delivery.request_writing(
            batch=batch, by=request.user, is_partial=is_partial, seen=request.POST.get("seen", "")
        ),
        (tasks.write_ledger, delivery.write),
    )


@may_bring
@require_POST
def write_all(request: HttpRequest) -> HttpResponse:
    """Write one's own previews without faults one after the other, in the order that references need; each is
    checked again first, since an earlier one may have brought what it names."""
    order = {ledger.title: ledger.order for ledger in ledgers()}
    mine = visible_batches(request).filter(kind=BatchKind.IMPORT, state=BatchState.READY, by_id=request.user.pk)
    batches = sorted(mine, key=lambda one: min((order[s["ledger"]] for s in one.sheets if s["is_read"]), default=0))
    states: list[str] = []
    for batch in batches:
        try:
            states.append(_write_clean(batch))
        except DomainError as error:  # someone else was at it
            messages.error(request, f"「{batch.file_name}」{error}")
    written, queued = states.count(BatchState.WRITTEN), states.count(BatchState.WAITING)
    if written:
        messages.success(request, f"已写入 {written} 份。还有问题的留在下面，请逐份查看。")
    if queued:
        messages.success(request, f"{queued} 份比较大，已排队，由后台写入。")
    if not written and not queued:
        messages.warning(request, "没有可以直接写入的台账。请逐份查看。")
    return redirect("ledgers")


def _write_clean(batch: ImportBatch) -> str:
    """Write a preview without faults, a large one by the worker; gives its state."""
    if delivery.is_large(batch):
        if _is_clean(batch):
            delivery.request_writing(batch=batch, by=batch.by, is_partial=False)
            tasks.write_ledger.enqueue(batch.pk)
            return BatchState.WAITING
        return batch.state
    delivery.recheck(batch=batch)
    delivery.check(batch.pk)
    batch.refresh_from_db()
    if not _is_clean(batch):
        return batch.state
    delivery.request_writing(batch=batch, by=batch.by, is_partial=False)
    delivery.write(batch.pk)
    batch.refresh_from_db()
    return batch.state


@may_bring
@require_POST
def recheck(request: HttpRequest, pk: int) -> HttpResponse:
    """Check the same file against the records of now."""
    batch = one_batch(request, pk)
    step = (tasks.check_ledger, delivery.check)
    return act(request, batch, lambda: delivery.recheck(batch=batch), step, "已重新检查。")


@may_bring
@require_POST
def resume(request: HttpRequest, pk: int) -> HttpResponse:
    """Take up what a worker left when it died."""
    batch = one_batch(request, pk)
    if delivery.is_lost(batch):
        tasks.take_up(batch)
        messages.info(request, "已重新排队。")
    else:
        messages.error(request, "这份台账没有中断，不用继续。")
    return redirect("ledger_batch", pk)


@may_bring
@require_POST
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the preview up."""
    batch = one_batch(request, pk)
    try:
        delivery.discard(batch=batch)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("ledger_batch", pk)
    messages.success(request, f"已放弃「{batch.file_name}」，没有写入任何内容。")
    return redirect("ledgers")
