"""收款回执: printed by staff, answered by whoever holds the code, without an account."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.generic import TemplateView

from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.figures import mask_name
from pingtang_union.core.forms import PortalForm
from pingtang_union.core.views import ScopedMixin
from pingtang_union.money import MoneyField, yuan
from pingtang_union.proof import codes
from pingtang_union.throttle import PERIOD, asks_too_often
from relief.models import PaymentBatch, Publication, Slip, SlipState
from relief.models.slips import ANSWERS
from relief.services import slips

_WAIT = f"查询次数过多，请 {PERIOD // 60} 分钟后再试。"


class CodeForm(PortalForm, forms.Form):
    """Which slip."""

    code = forms.CharField(label="回执码", max_length=20, help_text="回执单上的 10 位字母和数字")


class AnswerForm(PortalForm, forms.Form):
    """What the recipient says."""

    said = forms.ChoiceField(
        label="收款情况", choices=[(one.value, one.label) for one in ANSWERS], widget=forms.RadioSelect
    )
    amount = MoneyField("实际收到（元）", null=True, blank=True, help_text="金额不符的填写").formfield(min_value=0)

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if told.get("said") == SlipState.OTHER and told.get("amount") is None and "amount" not in self.errors:
            self.add_error("amount", "请填写实际收到的金额。")
        return told


@never_cache
def slip(request: HttpRequest) -> HttpResponse:
    """The code typed in."""
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return redirect("relief:slip_answer", code=form.cleaned_data["code"].strip().replace("/", "")[:20] or "-")
    return render(request, "relief/slip.html", {"form": form, "section": "slip"})


@never_cache
def slip_answer(request: HttpRequest, code: str) -> HttpResponse:
    """The slip of a code: what was paid, and the answer, once. Nothing tells a wrong code from a used one."""
    if asks_too_often(request, "slip"):
        messages.error(request, _WAIT)
        return render(request, "relief/slip.html", {"form": CodeForm(), "section": "slip"}, status=429)
    found = slips.slip_of(code)
    if found is None:
        form = CodeForm({"code": code})
        form.add_error("code", "回执码有误，或者已经确认过。如有疑问，请与县总工会联系。")
        return render(request, "relief/slip.html", {"form": form, "section": "slip"}, status=404)
    answer = AnswerForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and answer.is_valid():
        try:
            answered = slips.answer(
                code=code, said=SlipState(answer.cleaned_data["said"]), amount=answer.cleaned_data["amount"]
            )
        except DomainError as error:
            answer.add_error(None, str(error))
        else:
            return render(request, "relief/slip_done.html", {"slip": answered, "section": "slip"})
    return render(request, "relief/slip_answer.html", {"form": answer, "section": "slip", **_told(found)})


def _told(found: Slip) -> dict[str, Any]:
    grant = found.row.grant
    return {
        "name": mask_name(grant.name),
        "programme": f"{grant.programme.name}（{grant.edition}）",
        "amount": yuan(found.row.amount),
        "union": found.row.batch.union.name,
        "on": found.row.settled_on,
    }


@method_decorator(never_cache, name="dispatch")
class SlipsPrintView(ScopedMixin, TemplateView):
    """The slips of a batch that nobody has answered yet, to be printed: as many as fit on a sheet."""

    model = PaymentBatch
    template_name = "relief/slips_print.html"

    def needed_permissions(self) -> tuple[str, ...]:
        return ("relief.change_paymentbatch",)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        batch = get_object_or_404(self.visible(), pk=self.kwargs["pk"])
        rows = Slip.objects.answerable().filter(row__batch=batch).order_by("row__number")
        rows = rows.select_related("row__grant__programme", "row__batch__union")
        # The head on so much paper in so many hands: a chain rebuilt as a whole would not fit it.
        sealed = Publication.objects.defer("document").first()
        return super().get_context_data(batch=batch, sealed=sealed, slips=[self._slip(one) for one in rows], **kwargs)

    def _slip(self, one: Slip) -> dict[str, Any]:
        sealed: Any = one.code
        code = sealed.reveal()
        address = self.request.build_absolute_uri(reverse("relief:slip_answer", args=[code]))
        return {**_told(one), "name": one.row.grant.name, "code": codes.printed(code), "qr": codes.qr(address)}
