"""Taking a batch back: asking why, then doing it."""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.forms import PortalForm
from pingtang_union.ledger.importing import undo
from pingtang_union.ledger.importing.tasks import UNDO, start
from pingtang_union.ledger.models import BatchKind, BatchState
from pingtang_union.ledger.rights import Rights
from pingtang_union.pages.ledgers.shared import crumbs, one_batch


class UndoForm(PortalForm, forms.Form):
    """Why a batch is taken back."""

    reason = forms.CharField(
        label="撤销原因",
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="如：误传其他年度的花名册。原因记入导入记录。",
        error_messages={"required": "请写明撤销的原因。"},
    )


@permission_required("core.undo_importbatch", raise_exception=True)
def undo_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask why, then take the batch back."""
    batch = one_batch(request, pk)
    if batch.kind != BatchKind.IMPORT or batch.state != BatchState.WRITTEN:
        raise Http404
    if refusal := Rights(request.user).why_not("undo", batch):
        messages.error(request, refusal)
        return redirect("ledger_batch", pk)
    form = UndoForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            undoing = undo.request_undo(batch=batch, by=request.user, reason=form.cleaned_data["reason"])
        except DomainError as error:
            form.add_error("reason", str(error))
        else:
            start(undoing, UNDO)
            return redirect("ledger_batch", undoing.pk)
    way = crumbs((batch.file_name, reverse("ledger_batch", args=[pk])), ("撤销导入", ""))
    return render(request, "ledgers/undo.html", {"batch": batch, "form": form, "breadcrumbs": way})
