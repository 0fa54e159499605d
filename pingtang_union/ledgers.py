"""Pages between a workbook and the records: bring a ledger, look at what would happen, write it, take it back.

Every page starts from `ImportBatch.objects.visible_to(user)`: an office sees what it and those below it brought.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from members import services
from members.models import Member, Union
from pingtang_union.core import tasks
from pingtang_union.core.admin.changes import Change, describe_import, field_of, label_of, model_of, value_text
from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.fields import PartialDateFormField, mask
from pingtang_union.core.ledger import delivery, stash, undo
from pingtang_union.core.ledger.progress import standing
from pingtang_union.core.ledger.read import UnreadableFile
from pingtang_union.core.ledger.schema import Ledger, Message, MessageKind, ledgers
from pingtang_union.core.models import RUNNING, BatchKind, BatchState, ImportBatch, ImportRow, Verdict

PER_PAGE = 50
MAX_FILES = 30
# What a page shows first: what a person has to look at.
SHOWN_FIRST = (Verdict.REJECT, Verdict.UNDECIDED, Verdict.TRANSFER, "warned", Verdict.CHANGED, Verdict.NEW)
COUNTERS = {
    Verdict.NEW: "new",
    Verdict.CHANGED: "changed",
    Verdict.UNCHANGED: "unchanged",
    "warned": "warned",
    Verdict.TRANSFER: "transfer",
    Verdict.UNDECIDED: "undecided",
    Verdict.REJECT: "rejected",
}
NOTES = {
    Verdict.NEW: "写入后新增",
    Verdict.CHANGED: "写入后更新",
    Verdict.UNCHANGED: "和已登记的一样",
    "warned": "可以写入，但请核对",
    Verdict.TRANSFER: "已是别的工会的会员",
    Verdict.UNDECIDED: "请辨认是不是同一人",
    Verdict.REJECT: "有错，改好后再传",
}
KINDS = {"warned": "有提醒"}
BADGES = {
    Verdict.NEW: "is-ok",
    Verdict.CHANGED: "is-ok",
    Verdict.RESTORED: "is-ok",
    Verdict.REMOVED: "is-ok",
    Verdict.TRANSFER: "is-warn",
    Verdict.UNDECIDED: "is-warn",
    Verdict.KEPT: "is-warn",
    Verdict.REJECT: "is-bad",
}
_TO_DO = (BatchState.READY, BatchState.UNREADABLE, BatchState.FAILED, *RUNNING)

may_see = permission_required("core.view_importbatch", raise_exception=True)
may_bring = permission_required("core.add_importbatch", raise_exception=True)


# --- What was brought ----------------------------------------------------------------------


@may_see
def index(request: HttpRequest) -> HttpResponse:
    """Bring files; those that wait for a person; all that was brought."""
    batches = _visible(request)
    waiting = list(batches.filter(kind=BatchKind.IMPORT, state__in=_TO_DO)[:PER_PAGE])
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


def _visible(request: HttpRequest) -> QuerySet[ImportBatch]:
    return ImportBatch.objects.visible_to(request.user).select_related("union", "by", "undoes")


def _one(request: HttpRequest, pk: int) -> ImportBatch:
    return get_object_or_404(_visible(request), pk=pk)


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
        try:
            if file.size > delivery.MAX_BYTES:
                raise UnreadableFile(delivery.too_large(file.size))
            brought.append(delivery.deliver(by=request.user, name=file.name, content=file.read()))
        except UnreadableFile as error:
            messages.error(request, f"「{file.name}」{error}")
    for batch in brought:
        _start(batch, delivery.is_large(batch), tasks.check_ledger, delivery.check)
    if len(brought) == 1:
        return redirect("ledger_batch", brought[0].pk)
    return redirect("ledgers")


def _start(batch: ImportBatch, is_large: bool, task: Any, now: Callable[[int], None]) -> None:
    """Give the step to the worker, or do it while the person waits."""
    if is_large:
        task.enqueue(batch.pk)
    else:
        now(batch.pk)


# --- One batch -----------------------------------------------------------------------------


@may_see
@require_GET
def batch_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Where a batch stands: how far it runs, its preview, or what it did."""
    batch = _one(request, pk)
    if batch.state in RUNNING:
        return render(request, "ledgers/running.html", _running(batch))
    may_act = request.user.has_perm("core.add_importbatch") and batch.kind == BatchKind.IMPORT
    context: dict[str, Any] = {
        "batch": batch,
        "may_act": may_act,
        "breadcrumbs": [{"label": "台账", "url": reverse("ledgers")}, {"label": batch.file_name, "url": ""}],
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
    batch = _one(request, pk)
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
        "breadcrumbs": [{"label": "台账", "url": reverse("ledgers")}, {"label": batch.file_name, "url": ""}],
    }


def _sheet_messages(batch: ImportBatch) -> list[dict[str, str]]:
    return [one for one in batch.messages or [] if one.get("message")]


# --- Preview -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Count:
    """One verdict's number of rows, and the address that shows them."""

    verdict: str
    label: str
    number: int
    note: str
    badge: str
    is_current: bool


@dataclass(frozen=True)
class ShownRow:
    """A row as the pages show it: where, who, the verdict, what is said, what changes."""

    place: str
    row: int
    name: str
    verdict: str
    label: str
    badge: str
    said: list[Any]
    changes: list[Change]
    key: str = ""
    url: str = ""


def _counts(batch: ImportBatch, current: str) -> list[Count]:
    return [
        Count(
            str(verdict),
            KINDS.get(verdict) or Verdict(verdict).label,
            getattr(batch, name),
            NOTES[verdict],
            BADGES.get(verdict, "is-warn" if verdict == "warned" else ""),  # type: ignore[call-overload]
            str(verdict) == current,
        )
        for verdict, name in COUNTERS.items()
    ]


def _shown(request: HttpRequest, batch: ImportBatch) -> str:
    asked = request.GET.get("show", "")
    if asked in {str(verdict) for verdict in COUNTERS} or asked == "all":
        return asked
    return next((str(one) for one in SHOWN_FIRST if getattr(batch, COUNTERS[one])), "all")


def _preview(request: HttpRequest, batch: ImportBatch) -> dict[str, Any]:
    shown = _shown(request, batch)
    rows = stash.Rows(batch, "" if shown == "all" else shown)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    checked = list(page.object_list)
    return {
        "shown": shown,
        "counts": _counts(batch, shown),
        "page_obj": page,
        "rows": _checked_rows(checked, request.user),
        "pairs": _pairs(checked, request.user) if shown == Verdict.UNDECIDED else [],
        "good": batch.new + batch.changed,
        "has_faults": bool(batch.rejected or batch.undecided),
        "is_several": len([sheet for sheet in batch.sheets if sheet["is_read"]]) > 1,
        "transfer_form": _transfer_form(request, batch) if shown == Verdict.TRANSFER else None,
    }


def _checked_rows(checked: Iterable[stash.Checked], user: Any) -> list[ShownRow]:
    by_title = {ledger.title: ledger for ledger in ledgers()}
    return [
        ShownRow(
            one.sheet,
            one.row,
            one.name,
            one.verdict,
            Verdict(one.verdict).label,
            BADGES.get(one.verdict, ""),  # type: ignore[call-overload]
            [_said(one, message, by_title[one.ledger]) for message in one.messages],
            _changes(one, by_title[one.ledger], user),
            f"{one.sheet}\t{one.row}",
        )
        for one in checked
    ]


def _said(one: stash.Checked, message: Message, ledger: Ledger) -> dict[str, str]:
    """What is said of a row, and what stands in its cell where the words don't quote it."""
    cell = message.cell
    if not cell and message.kind != MessageKind.WARN:
        name = next((column.name for column in ledger.columns if column.label == message.column), "")
        if name in one.values:
            cell = _read_value(model_of(getattr(ledger, "model_label", "")), name, one.values)
    return {"text": message.text, "cell": "" if cell in message.text else cell}


def _changes(one: stash.Checked, ledger: Ledger, user: Any) -> list[Change]:
    """Old and new value of each field that changes; of a new record what was read."""
    model = model_of(getattr(ledger, "model_label", ""))
    if one.verdict == Verdict.NEW and not one.before:
        return [
            Change(column.label, "", _read_value(model, column.name, one.values))
            for column in ledger.columns[1:]
            if column.name in one.values
        ]
    changes = []
    for name, before in (one.before or {}).items():
        if name in ("id", "name_key", "id_index"):
            continue
        field = field_of(model, name)
        if name == "id_number":
            changes.append(Change("证件号码", "原号码", mask(str(one.values.get("id_number", "")))))
            continue
        label = next((column.label for column in ledger.columns if column.name == name), label_of(model, name))
        after = (one.after or {}).get(name)
        if field is not None:
            changes.append(Change(label, value_text(field, before, user), value_text(field, after, user)))
        else:
            changes.append(Change(label, str(before or "（空）"), str(one.values.get(name, ""))))
    return changes


def _read_value(model: Any, name: str, values: dict[str, Any]) -> str:
    value = values[name]
    if name == "id_number":
        return mask(str(value))
    if isinstance(value, bool):
        return "是" if value else "否"
    field = field_of(model, name)
    return value_text(field, value) if field is not None and not field.is_relation and field.flatchoices else str(value)


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


@may_bring
@require_POST
def choose_columns(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep what the headers mean for this office, and check anew."""
    batch = _one(request, pk)
    choices: dict[tuple[str, str], str] = {}
    for sheet in batch.sheets or []:
        for column in sheet["columns"]:
            name = f"{sheet['sheet']}|{column['index']}"
            if name in request.POST:
                choices[(sheet["ledger"], column["key"])] = request.POST[name]
    return _act(
        request,
        batch,
        lambda: delivery.choose_columns(batch=batch, by=request.user, choices=choices),
        (tasks.check_ledger, delivery.check),
        "已按您的选择重新检查，以后本单位的这种台账都这样读。",
    )


# --- Namesakes -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Pair:
    """A row beside the members known that it may mean."""

    row: ShownRow
    values: list[tuple[str, str]]
    known: list[tuple[int, list[tuple[str, str]]]]


def _pairs(checked: list[stash.Checked], user: Any) -> list[Pair]:
    ids = [one.object_id for one in checked if one.object_id]
    meant = {member.pk: member for member in Member.objects.visible_to(user).filter(pk__in=ids)}
    alike: dict[tuple[str, str | None], list[Member]] = {}
    keys = {(member.name_key, member.born_on) for member in meant.values()}
    wanted = Q(pk__in=[])
    for name_key, born_on in keys:
        wanted |= Q(name_key=name_key, born_on=born_on)
    for member in Member.objects.visible_to(user).filter(wanted).select_related("union").order_by("pk"):
        alike.setdefault((member.name_key, member.born_on), []).append(member)
    shown = _checked_rows(checked, user)
    pairs = []
    for one, row in zip(checked, shown, strict=True):
        member = meant.get(one.object_id or 0)
        known = alike.get((member.name_key, member.born_on), []) if member else []
        pairs.append(Pair(row, _facts_read(one), [(other.pk, _facts_known(other)) for other in known]))
    return pairs


_COMPARED = ("id_number", "gender", "born_on", "phone", "joined_on", "employer", "team")


def _facts_read(one: stash.Checked) -> list[tuple[str, str]]:
    return [(label_of(Member, name), _read_value(Member, name, one.values)) for name in _COMPARED if name in one.values]


def _facts_known(member: Member) -> list[tuple[str, str]]:
    facts = [("所在工会", str(member.union)), ("会籍状态", member.get_status_display())]
    for name in _COMPARED:
        value = getattr(member, name)
        if value:
            shown = str(value) if name == "id_number" else value_text(field_of(Member, name), value)
            facts.append((label_of(Member, name), shown))
    return facts


@may_bring
@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep who the rows mean, and check anew."""
    batch = _one(request, pk)
    decisions: dict[tuple[str, int], int] = {}
    for name, value in request.POST.items():
        sheet, _tab, row = name.rpartition("\t")
        if sheet and row.isdecimal() and value.isdecimal() and len(value) < 19:
            decisions[(sheet, int(row))] = int(value)
    if not decisions:
        messages.error(request, "还没有选择。请在每一行里选「同一个人」或「不是同一个人」。")
        return redirect(reverse("ledger_batch", args=[pk]) + "?show=undecided")
    return _act(
        request,
        batch,
        lambda: delivery.decide(batch=batch, decisions=decisions),
        (tasks.check_ledger, delivery.check),
        "已按您的选择重新检查。",
    )


# --- Steps ---------------------------------------------------------------------------------


def _act(
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
        _start(batch, delivery.is_large(batch), *step)
    if done:
        messages.success(request, done)
    return redirect("ledger_batch", batch.pk)


@may_bring
@require_POST
def write(request: HttpRequest, pk: int) -> HttpResponse:
    """Confirm the preview: all rows, or the good ones."""
    batch = _one(request, pk)
    is_partial = request.POST.get("rows") == "good"
    return _act(
        request,
        batch,
        lambda: delivery.request_writing(batch=batch, is_partial=is_partial),
        (tasks.write_ledger, delivery.write),
    )


@may_bring
@require_POST
def write_all(request: HttpRequest) -> HttpResponse:
    """Write one's own previews without faults one after the other, in the order that references need; each is
    checked again first, since an earlier one may have brought what it names."""
    order = {ledger.title: ledger.order for ledger in ledgers()}
    mine = _visible(request).filter(kind=BatchKind.IMPORT, state=BatchState.READY, by=request.user)
    batches = sorted(mine, key=lambda one: min((order[s["ledger"]] for s in one.sheets if s["is_read"]), default=0))
    written = 0
    for batch in batches:
        if delivery.is_large(batch):
            if _is_clean(batch):
                delivery.request_writing(batch=batch, is_partial=False)
                tasks.write_ledger.enqueue(batch.pk)
            continue
        delivery.recheck(batch=batch)
        delivery.check(batch.pk)
        batch.refresh_from_db()
        if _is_clean(batch):
            delivery.request_writing(batch=batch, is_partial=False)
            delivery.write(batch.pk)
            batch.refresh_from_db()
            written += batch.state == BatchState.WRITTEN
    if written:
        messages.success(request, f"已写入 {written} 份。还有问题的留在下面，请逐份查看。")
    else:
        messages.warning(request, "没有可以直接写入的台账。请逐份查看。")
    return redirect("ledgers")


@may_bring
@require_POST
def recheck(request: HttpRequest, pk: int) -> HttpResponse:
    """Check the same file against the records of now."""
    batch = _one(request, pk)
    step = (tasks.check_ledger, delivery.check)
    return _act(request, batch, lambda: delivery.recheck(batch=batch), step, "已重新检查。")


@may_bring
@require_POST
def resume(request: HttpRequest, pk: int) -> HttpResponse:
    """Take up what a worker left when it died."""
    batch = _one(request, pk)
    if batch.kind == BatchKind.UNDO:
        tasks.undo_ledger.enqueue(batch.pk)
    else:
        try:
            step = delivery.resume_step(batch)
        except DomainError as error:
            messages.error(request, str(error))
            return redirect("ledger_batch", pk)
        (tasks.check_ledger if step == "check" else tasks.write_ledger).enqueue(batch.pk)
    messages.info(request, "已重新排队。")
    return redirect("ledger_batch", pk)


@may_bring
@require_POST
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the preview up."""
    batch = _one(request, pk)
    try:
        delivery.discard(batch=batch)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("ledger_batch", pk)
    messages.success(request, f"已放弃「{batch.file_name}」，没有写入任何内容。")
    return redirect("ledgers")


# --- The workbook back ---------------------------------------------------------------------


@may_see
@require_GET
def annotated(request: HttpRequest, pk: int) -> HttpResponse:
    """The file that was brought, its faults marked."""
    from pingtang_union.core.ledger.annotate import annotate  # noqa: PLC0415  for now

    batch = _one(request, pk)
    try:
        content = delivery.file_content(batch)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("ledger_batch", pk)
    stem = batch.file_name.rsplit(".", 1)[0]
    answer = HttpResponse(
        annotate(content, batch.file_name, **marks_of(batch)),
        content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    )
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(stem + '-检查结果.xlsx')}"
    return answer


def marks_of(batch: ImportBatch) -> dict[str, Any]:
    """What `annotate` needs to know: sheets, the verdict of each row, and each cell's marks."""
    from pingtang_union.core.ledger.annotate import Mark, SheetNote  # noqa: PLC0415  for now

    by_title = {ledger.title: ledger for ledger in ledgers()}
    positions: dict[tuple[str, str], int] = {}
    notes = []
    for sheet in batch.sheets:
        if not sheet["is_read"]:
            continue
        ledger = by_title[sheet["ledger"]]
        for column in sheet["columns"]:
            if column["column"]:
                positions[(sheet["sheet"], ledger.label(column["column"]))] = column["index"]
        notes.append((sheet, ledger))
    verdicts: dict[tuple[str, int], str] = {}
    marks: list[Mark] = []
    counts: dict[str, dict[str, int]] = {}
    for row in stash.Rows(batch):
        label = Verdict(row.verdict).label
        verdicts[(row.sheet, row.row)] = label
        tally = counts.setdefault(row.sheet, {})
        tally[label] = tally.get(label, 0) + 1
        for message in row.messages:
            column = positions.get((row.sheet, message.column))
            marks.append(Mark(row.sheet, row.row, column, message.kind, message.text))
    return {
        "notes": [
            SheetNote(
                sheet["sheet"],
                sheet["header_row"],
                sheet["width"],
                ledger.title,
                counts.get(sheet["sheet"], {}),
                [one["message"] for one in batch.messages if one["sheet"] == sheet["sheet"]],
            )
            for sheet, ledger in notes
        ],
        "verdicts": verdicts,
        "marks": marks,
    }


# --- What was done -------------------------------------------------------------------------


def _result(request: HttpRequest, batch: ImportBatch) -> dict[str, Any]:
    rows = ImportRow.objects.filter(batch=batch).order_by("pk")
    if batch.kind == BatchKind.IMPORT:
        shown = _shown(request, batch)
        counts = _counts(batch, shown)
    else:
        shown, counts = request.GET.get("show", "all"), _undone_counts(batch, request.GET.get("show", "all"))
    if shown == "warned":
        rows = rows.filter(verdict__in=(Verdict.NEW, Verdict.CHANGED, Verdict.UNCHANGED), messages__isnull=False)
    elif shown in Verdict.values:
        rows = rows.filter(verdict=shown)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
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
        "rows": [_written_row(row, request.user) for row in page],
        "undone_by": undone_by,
        "may_undo": may_undo,
        "is_several": len([sheet for sheet in batch.sheets or [] if sheet["is_read"]]) > 1,
        "transfer_form": _transfer_form(request, batch) if shown == Verdict.TRANSFER else None,
        "has_file": hasattr(batch, "file"),
    }


def _undone_counts(batch: ImportBatch, current: str) -> list[Count]:
    found: dict[str, int] = {}
    for verdict in ImportRow.objects.filter(batch=batch).order_by().values_list("verdict", flat=True):
        found[verdict] = found.get(verdict, 0) + 1
    notes = {
        Verdict.RESTORED: "改回导入前的内容",
        Verdict.REMOVED: "导入时新增的已删去",
        Verdict.KEPT: "之后有人改过或用到",
    }
    return [
        Count(str(verdict), verdict.label, found.get(verdict, 0), note, BADGES[verdict], str(verdict) == current)
        for verdict, note in notes.items()
    ]


def _written_row(row: ImportRow, user: Any) -> ShownRow:
    return ShownRow(
        row.sheet,
        row.row,
        row.name,
        row.verdict,
        row.get_verdict_display(),
        BADGES.get(row.verdict, ""),  # type: ignore[call-overload]
        [{"text": text} for _column, _kind, text in row.messages or []],
        describe_import(row, user),
        str(row.pk),
    )


class UndoForm(forms.Form):
    """Why a batch is taken back."""

    reason = forms.CharField(
        label="撤销原因",
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="如：传错了年度的花名册。原因会留在导入记录里。",
        error_messages={"required": "请写明撤销的原因。"},
    )


@permission_required("core.undo_importbatch", raise_exception=True)
def undo_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask why, then take the batch back."""
    batch = _one(request, pk)
    if batch.kind != BatchKind.IMPORT or batch.state != BatchState.WRITTEN:
        raise Http404
    form = UndoForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            undoing = undo.request_undo(batch=batch, by=request.user, reason=form.cleaned_data["reason"])
        except DomainError as error:
            form.add_error("reason", str(error))
        else:
            _start(undoing, undo.is_large(undoing), tasks.undo_ledger, undo.carry_out)
            return redirect("ledger_batch", undoing.pk)
    crumbs = [
        {"label": "台账", "url": reverse("ledgers")},
        {"label": batch.file_name, "url": reverse("ledger_batch", args=[pk])},
        {"label": "撤销导入", "url": ""},
    ]
    return render(request, "ledgers/undo.html", {"batch": batch, "form": form, "breadcrumbs": crumbs})


# --- Transfers that a roster suggests ------------------------------------------------------


class TransferForm(forms.Form):
    """Day and reason of the transfers asked for from a roster."""

    on = PartialDateFormField(label="转会日期", help_text="如 2026-05-12；只知道月份也可以")
    reason = forms.CharField(label="申请原因", max_length=200, help_text="如：已调入本单位工作")


def _transfer_form(request: HttpRequest, batch: ImportBatch) -> TransferForm | None:
    if not request.user.has_perm("members.add_transferrequest"):
        return None
    return TransferForm(initial={"on": timezone.localdate().isoformat(), "reason": "已调入本单位工作"})


@permission_required("members.add_transferrequest", raise_exception=True)
@require_POST
def request_transfers(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask the unions of the chosen people for their transfer."""
    batch = _one(request, pk)
    form = TransferForm(request.POST)
    back = redirect(reverse("ledger_batch", args=[pk]) + "?show=transfer")
    if not form.is_valid():
        messages.error(request, "没有提出申请：" + "；".join(text for texts in form.errors.values() for text in texts))
        return back
    chosen = set(request.POST.getlist("row"))
    asked = 0
    for key, member_id, union_id in _transfers_of(batch):
        if key not in chosen:
            continue
        member = Member.objects.filter(pk=member_id).first()
        union = Union.objects.visible_to(request.user).filter(pk=union_id).first()
        if member is None or union is None:
            messages.error(request, "有一行的会员或工会已有变动，请重新检查这份台账。")
            continue
        try:
            services.request_transfer(
                member=member,
                to=union,
                on=form.cleaned_data["on"],
                reason=form.cleaned_data["reason"],
                by=request.user,
                batch=batch,
            )
            asked += 1
        except DomainError as error:
            messages.error(request, f"{member.name}：{error}")
    if asked:
        messages.success(request, f"已提出 {asked} 份转会申请，等对方工会或县总工会答复。")
    elif not chosen:
        messages.error(request, "还没有选择会员，请勾选要转入的人。")
    return back


def _transfers_of(batch: ImportBatch) -> Iterable[tuple[str, int, int]]:
    """(row's key on the page, member, receiving union) of a batch's rows that are members elsewhere."""
    if batch.state == BatchState.WRITTEN:
        rows = ImportRow.objects.filter(batch=batch, verdict=Verdict.TRANSFER)
        for row in rows:
            if row.object_id and row.after:
                yield str(row.pk), row.object_id, row.after["union_id"]
    else:
        for one in stash.Rows(batch, Verdict.TRANSFER):
            if one.object_id and one.after:
                yield f"{one.sheet}\t{one.row}", one.object_id, one.after["union_id"]
