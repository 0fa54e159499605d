"""A ledger brought by an office: taken in, looked at, written once."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from members.models import HeldNumber
from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.forms import ScopedForm
from pingtang_union.ledger import calls
from pingtang_union.ledger.declaration import ledgers
from pingtang_union.ledger.importing import attempts, preview, steps, tasks
from pingtang_union.ledger.importing.progress import standing
from pingtang_union.ledger.importing.shown import shown_rows, shown_verdict, verdict_counts
from pingtang_union.ledger.importing.tasks import CHECK, WRITE, start
from pingtang_union.ledger.importing.worker import pulse
from pingtang_union.ledger.models import RUNNING, BatchKind, BatchState, ImportBatch, ImportRow, LedgerCall, Verdict
from pingtang_union.ledger.outcome import RowOutcome, outcome_of
from pingtang_union.ledger.reading.workbook import UnreadableFile
from pingtang_union.ledger.rights import Rights
from pingtang_union.ledger.wording import TAKEN, WARNED
from pingtang_union.pages.ledgers.people import pairs_of, transfer_form, with_asked
from pingtang_union.pages.ledgers.shared import (
    PER_PAGE,
    act,
    crumbs,
    may_bring,
    may_see,
    may_take_file,
    one_batch,
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
    rights = Rights(user)
    waiting = [
        batch
        for batch in own.filter(kind=BatchKind.IMPORT, state__in=_TO_DO)[:PER_PAGE]
        if not rights.why_not("discard", batch, asks_uploader=False)
    ]
    pages = Paginator(batches.exclude(pk__in=[batch.pk for batch in waiting]), PER_PAGE)
    own_ready = [batch for batch in waiting if _is_clean(batch) and batch.by_id == user.pk]
    ready = [batch for batch in own_ready if not rights.why_not("write", batch, asks_uploader=False)]
    context = {
        "waiting": waiting,
        "ready": ready,
        "page_obj": pages.get_page(request.GET.get("page")),
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
        messages.error(request, "尚未选择文件，请选择后再上传。")
        return redirect("ledgers")
    if len(files) > MAX_FILES:
        messages.error(request, f"一次最多上传 {MAX_FILES} 份文件，这次选了 {len(files)} 份，请分几次上传。")
        return redirect("ledgers")
    if request.user.union_id is None:  # type: ignore[union-attr]  # whoever may bring is signed in
        messages.error(request, steps.WITHOUT_UNION)
        return redirect("ledgers")
    brought = []
    for file in files:
        try:
            brought.append(steps.take_in(file, by=request.user))
        except UnreadableFile as error:
            messages.error(request, f"「{file.name}」{error}")
    is_much = sum(file.size or 0 for file in files) > settings.LEDGER_INLINE_BYTES  # thirty small ones are a large one
    for batch in brought:
        start(batch, CHECK, is_much=is_much)
    if len(brought) == 1:
        return redirect("ledger_batch", brought[0].pk)
    return redirect("ledgers")


# --- One batch -----------------------------------------------------------------------------


@may_see
@require_GET
def batch_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Where a batch stands: how far it runs, its preview, or what it did."""
    batch = one_batch(request, pk)
    rights = Rights(request.user)
    if batch.state in RUNNING:
        return render(request, "ledgers/running.html", _running(batch, rights))
    context: dict[str, Any] = {
        "batch": batch,
        "breadcrumbs": crumbs((batch.file_name, "")),
        "may_take_file": may_take_file(rights, batch),
        "said": [message for message in batch.messages or [] if message.get("message")],
        **_may(rights, batch),
    }
    if batch.state == BatchState.READY:
        return render(request, "ledgers/preview.html", {**context, **_preview(request, batch, rights)})
    if batch.state == BatchState.WRITTEN:
        return render(request, "ledgers/result.html", {**context, **_result(request, batch, rights)})
    return render(request, "ledgers/stopped.html", context)


@may_see
@require_GET
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The progress bar alone, for htmx; tells the page to load anew when the work is over."""
    batch = one_batch(request, pk)
    response = render(request, "ledgers/_progress.html", _running(batch, Rights(request.user)))
    if batch.state not in RUNNING:
        response.headers["HX-Refresh"] = "true"
    return response


def _may(rights: Rights, batch: ImportBatch) -> dict[str, Any]:
    """What the page offers of a batch at rest: `may` by step, why it can't be written, the columns to say more of."""
    if batch.kind == BatchKind.UNDO:
        again = batch.state == BatchState.FAILED and batch.undoes is not None and rights.may("undo", batch.undoes)
        return {"may": {"undo": again}, "columns": []}
    if batch.kind != BatchKind.IMPORT or batch.state in (BatchState.WRITTEN, BatchState.DISCARDED):
        return {"may": {}, "columns": []}
    may = {step: rights.may(step, batch) for step in ("write", "recheck", "decide", "discard")}
    titles = {sheet["ledger"] for sheet in batch.sheets or []}
    kept = {title for title in titles if not rights.why_not("columns", batch, titles={title})}
    why_not = rights.why_not("write", batch) if batch.state == BatchState.READY else ""
    return {
        "may": may,
        "why_not_write": why_not,
        "columns": [sheet for sheet in _columns(batch) if sheet["ledger"] in kept],
    }


def _running(batch: ImportBatch, rights: Rights) -> dict[str, Any]:
    told = standing(batch.pk)
    is_lost = attempts.is_lost(batch)
    return {
        "batch": batch,
        "told": told,
        "percent": round(told.share * 100) if told else 0,
        "is_lost": is_lost,
        "may_resume": is_lost and rights.may("resume", batch),
        "worker": pulse(),
        "breadcrumbs": crumbs((batch.file_name, "")),
    }


# --- What a page shows of it ---------------------------------------------------------------


def _preview(request: HttpRequest, batch: ImportBatch, rights: Rights) -> dict[str, Any]:
    shown = shown_verdict(request, batch)
    rows = preview.Rows(batch, "" if shown == "all" else shown)
    page: Page[RowOutcome] = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))  # type: ignore[arg-type]  # it counts and slices
    rows_shown = shown_rows(page.object_list, batch, request.user)
    counts, warned = verdict_counts(batch, shown)
    if shown == Verdict.TRANSFER:
        rows_shown = with_asked(rows_shown, request.user)
    return {
        "shown": shown,
        "counts": counts,
        "warned": warned,
        "page_obj": page,
        "rows": rows_shown,
        "pairs": pairs_of(list(page.object_list), request.user)
        if shown == Verdict.UNDECIDED and rights.may("decide", batch)
        else [],
        "good": batch.new + batch.changed,
        "has_faults": bool(batch.rejected or batch.undecided),
        "behalf_form": _behalf_form(batch, request.user) if rights.may("write", batch) else None,
        "calls": _calls_answered_by(batch, request.user),
        "is_several": len([sheet for sheet in batch.sheets if sheet["is_read"]]) > 1,
        "transfer_form": transfer_form(rights, batch) if shown == Verdict.TRANSFER else None,
    }


class BehalfForm(ScopedForm):
    """Why an office brings what others were asked for."""

    reason = forms.CharField(label="代报的原因", min_length=4, max_length=200, widget=forms.Textarea(attrs={"rows": 2}))


def _behalf_form(batch: ImportBatch, user: Any) -> BehalfForm | None:
    """Where the file answers calls for other unions: the question why."""
    others = calls.answered_for_others(batch)
    if not others:
        return None
    form = BehalfForm(initial={"reason": batch.reason}, user=user)
    form.fields["reason"].help_text = f"本表为{calls.several(others)}报送，该工会将看到此原因。"
    return form


def _calls_answered_by(batch: ImportBatch, user: Any) -> list[LedgerCall]:
    """Calls that a ledger in which nothing has changed would answer, and that its office can answer without it."""
    if not batch.unchanged or batch.unchanged != batch.rows or batch.union_id != user.union_id:
        return []
    brought = {sheet["ledger"] for sheet in batch.sheets if sheet["is_read"]}
    open_calls = [call for call in calls.open_calls(user, timezone.localdate()) if call.ledger in brought]
    open_calls = [call for call in open_calls if calls.may_answer(call, user)]
    return calls.unanswered(open_calls, user.union) if user.union else []


def _columns(batch: ImportBatch) -> list[dict[str, Any]]:
    """Sheets with headers to confirm or correct: guessed, unknown, or chosen before."""
    by_title = {ledger.title: ledger for ledger in ledgers()}
    asked = []
    for at, sheet in enumerate(batch.sheets or []):
        open_columns = [column for column in sheet["columns"] if column["how"] not in ("known", "serial")]
        if open_columns and sheet["ledger"] in by_title:
            asked.append(
                {
                    **sheet,
                    "at": at,  # names its fields: a sheet's name may be shown masked
                    "asked": open_columns,
                    "has_guess": any(column["how"] in ("likely", "unknown") for column in open_columns),
                    "options": [(column.name, column.label) for column in by_title[sheet["ledger"]].read_columns],
                }
            )
    return asked


def _result(request: HttpRequest, batch: ImportBatch, rights: Rights) -> dict[str, Any]:
    # An undoing goes through the rows from the last to the first; people read them as the sheet has them.
    rows = ImportRow.objects.filter(batch=batch).order_by("-pk" if batch.kind == BatchKind.UNDO else "pk")
    shown = shown_verdict(request, batch)
    counts, warned = verdict_counts(batch, shown)
    if shown == WARNED:
        rows = rows.filter(verdict__in=TAKEN, messages__isnull=False)
    elif shown in Verdict.values:
        rows = rows.filter(verdict=shown)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    rows_shown = shown_rows(map(outcome_of, page), batch, request.user)
    if shown == Verdict.TRANSFER:
        rows_shown = with_asked(rows_shown, request.user)
    undone_by = ImportBatch.objects.filter(undoes=batch).exclude(state=BatchState.FAILED).first()
    may_undo = (
        batch.kind == BatchKind.IMPORT
        and undone_by is None
        and bool(batch.new + batch.changed)
        and rights.may("undo", batch)
    )
    return {
        "shown": shown,
        "counts": counts,
        "warned": warned,
        "page_obj": page,
        "rows": rows_shown,
        "undone_by": undone_by,
        "may_undo": may_undo,
        "may_bring": request.user.has_perm("core.add_importbatch"),
        "is_several": len([sheet for sheet in batch.sheets or [] if sheet["is_read"]]) > 1,
        "transfer_form": transfer_form(rights, batch) if shown == Verdict.TRANSFER else None,
        "has_file": hasattr(batch, "file"),
        "held": _held(request.user, batch) if batch.held else [],
    }


def _held(user: Any, batch: ImportBatch) -> list[HeldNumber]:
    """What the county was given to look at, with what became of it."""
    if not user.has_perm("members.view_heldnumber"):
        return []
    return list(HeldNumber.objects.visible_to(user).filter(batch=batch).order_by("pk")[:PER_PAGE])


# --- Steps ---------------------------------------------------------------------------------


@may_bring
@require_POST
def choose_columns(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep what the headers mean for this office, and check anew."""
    batch = one_batch(request, pk)
    choices: dict[tuple[str, str], str] = {}
    for at, sheet in enumerate(batch.sheets or []):
        for column in sheet["columns"]:
            name = f"{at}|{column['index']}"
            if name in request.POST:
                choices[(sheet["ledger"], column["key"])] = request.POST[name]
    return act(
        request,
        batch,
        lambda: steps.choose_columns(batch=batch, by=request.user, choices=choices),
        CHECK,
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
        lambda: steps.request_writing(
            batch=batch,
            by=request.user,
            is_partial=is_partial,
            seen=request.POST.get("seen") or "nothing",
            reason=request.POST.get("reason", ""),
        ),
        WRITE,
    )


@may_bring
@require_POST
def write_all(request: HttpRequest) -> HttpResponse:
    """Write one's own previews without faults one after the other, in the order that references need; each is
    checked again first, since an earlier one may have brought what it names."""
    order = {ledger.title: ledger.order for ledger in ledgers()}
    mine = visible_batches(request).filter(kind=BatchKind.IMPORT, state=BatchState.READY, by_id=request.user.pk)
    batches = sorted(mine, key=lambda batch: min((order[s["ledger"]] for s in batch.sheets if s["is_read"]), default=0))
    states: list[str] = []
    for batch in batches:
        try:
            states.append(_write_clean(batch))
        except DomainError as error:  # someone else was at it
            messages.error(request, f"「{batch.file_name}」{error}")
    written, queued = states.count(BatchState.WRITTEN), states.count(BatchState.WAITING)
    if written:
        messages.success(request, f"已导入 {written} 份。其余有问题的，请逐份查看。")
    if queued:
        messages.success(request, f"{queued} 份比较大，已排队，由后台导入。")
    if not written and not queued:
        messages.warning(request, "没有可以直接导入的台账，请逐份查看。")
    return redirect("ledgers")


def _write_clean(batch: ImportBatch) -> str:
    """Write a preview without faults, a large one by the worker; gives its state."""
    if batch.is_large:
        if _is_clean(batch):
            steps.request_writing(batch=batch, by=batch.by, is_partial=False)
            tasks.write_ledger.enqueue(batch.pk)
            return BatchState.WAITING
        return batch.state
    steps.recheck(batch=batch, by=batch.by)
    start(batch, CHECK)
    batch.refresh_from_db()
    if not _is_clean(batch):
        return batch.state
    steps.request_writing(batch=batch, by=batch.by, is_partial=False)
    start(batch, WRITE)
    batch.refresh_from_db()
    return batch.state


@may_bring
@require_POST
def recheck(request: HttpRequest, pk: int) -> HttpResponse:
    """Check the same file against the records of now."""
    batch = one_batch(request, pk)
    return act(request, batch, lambda: steps.recheck(batch=batch, by=request.user), CHECK, "已重新检查。")


@may_bring
@require_POST
def resume(request: HttpRequest, pk: int) -> HttpResponse:
    """Take up what a worker left when it died."""
    batch = one_batch(request, pk)
    return act(request, batch, lambda: tasks.resume(batch=batch, by=request.user), done="已重新排队。")


@may_bring
@require_POST
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the preview up."""
    batch = one_batch(request, pk)
    done = f"已放弃「{batch.file_name}」，没有导入任何内容。"
    return act(request, batch, lambda: steps.discard(batch=batch, by=request.user), done=done, then="ledgers")
