"""The workbook back: the file that was brought, its faults marked."""

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_GET

from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.ledger import annotate, delivery, verdicts
from pingtang_union.ledgers.shared import may_see, one_batch


@may_see
@require_GET
def annotated(request: HttpRequest, pk: int) -> HttpResponse | FileResponse:
    """The file that was brought, its faults marked."""
    batch = one_batch(request, pk)
    try:
        content = delivery.file_content(batch)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("ledger_batch", pk)
    if not any(sheet["is_read"] for sheet in batch.sheets or []):
        messages.error(request, "这个文件没有读入任何工作表，没有可以标注的内容。")
        return redirect("ledger_batch", pk)
    at = timezone.localtime(batch.checked_at or batch.at)
    answer = verdicts.answer_to(batch, at=f"{at:%Y-%m-%d %H:%M}")
    return FileResponse(
        annotate.annotate(content, answer), as_attachment=True, filename=annotate.file_name(batch.file_name)
    )
