"""The workbook back: the file that was brought, its faults marked."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from pingtang_union.core.audit import record_reveal
from pingtang_union.core.exceptions import DomainError
from pingtang_union.ledger.giving import marked
from pingtang_union.ledger.giving.answer import answer_to
from pingtang_union.ledger.importing import steps
from pingtang_union.ledger.models import ImportBatch
from pingtang_union.ledger.rights import Rights
from pingtang_union.pages.ledgers.shared import crumbs, may_see, may_take_file, one_batch
from pingtang_union.reveal import ReasonForm


@may_see
@require_http_methods(["GET", "POST"])
def annotated(request: HttpRequest, pk: int) -> HttpResponse | FileResponse:
    """The file that was brought, its faults marked. Whoever didn't bring it is asked why she needs it."""
    batch = one_batch(request, pk)
    at = timezone.localtime(batch.checked_at or batch.at)
    try:
        content = steps.file_content(batch)
        if not any(sheet["is_read"] for sheet in batch.sheets or []):
            raise DomainError("这个文件没有读入任何工作表，没有可以标注的内容。")
        if not may_take_file(Rights(request.user), batch):
            raise PermissionDenied
        if batch.by_id != request.user.pk and (asked := _reason(request, batch)):
            return asked
        file = marked.annotate(content, answer_to(batch, at=f"{at:%Y-%m-%d %H:%M}"))
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("ledger_batch", pk)
    return FileResponse(file, as_attachment=True, filename=marked.file_name(batch.file_name))


def _reason(request: HttpRequest, batch: ImportBatch) -> HttpResponse | None:
    """The page that asks why, or None once the reason is written down: the file holds numbers in full."""
    form = ReasonForm(request.POST if request.method == "POST" else None, user=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            record_reveal(batch, field_label="已标注的表", reason=form.cleaned_data["reason"])
        except DomainError as error:
            form.add_error("reason", str(error))
        else:
            return None
    back = reverse("ledger_batch", args=[batch.pk])
    context = {
        "title": "下载已标注的表",
        "object": batch,
        "intro": "该文件由他人上传，含完整证件号码。请写明下载理由，理由记入审计日志。",
        "form": form,
        "submit_label": "下载",
        "back": back,
        "breadcrumbs": crumbs((batch.file_name, back), ("下载已标注的表", "")),
    }
    return render(request, "crud/action.html", context)
