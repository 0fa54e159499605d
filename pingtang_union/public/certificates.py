"""Certificates with a QR code, and the page to which it leads: whether an award is genuine and stands."""

from io import BytesIO
from typing import Any

import segno
from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from awards.models import Award
from pingtang_union.core.text import fold, narrow
from pingtang_union.core.views import may
from pingtang_union.public.honours import award_of
from pingtang_union.public.shown import Honoured, in_words, is_open, loaded


@never_cache
@require_safe
def certificate(request: HttpRequest, token: str) -> HttpResponse:
    """To be printed, A4 landscape. ?name=full: with the whole name, for who may see the record."""
    award = award_of(token)
    if not award.is_standing:
        return redirect("verify_award", token=token)
    may_read = _may_read(request.user, award)
    is_in_full = may_read and request.GET.get("name") == "full"
    shown = Honoured.of(award, in_full=is_in_full)
    context = {
        "section": "honours",
        "award": shown,
        "is_masked": shown.name != award.recipient,
        "is_in_full": is_in_full,
        "may_read": may_read,
        "today": in_words(timezone.localdate()),
        "breadcrumbs": [
            {"label": "光荣榜", "url": reverse("honour_roll")},
            {"label": Honoured.of(award).name, "url": reverse("honour_holder", args=[token])},
            {"label": "证书", "url": ""},
        ],
    }
    return render(request, "public/certificate.html", context)


def _may_read(user: Any, award: Award) -> bool:
    """Whether the record is one that `user` may see: the holder's union, those above, the county's staff."""
    return may(user, "view", Award) and Award.objects.visible_to(user).filter(pk=award.pk).exists()


@require_safe
def qr_code(request: HttpRequest, token: str) -> HttpResponse:
    """The code that leads to the verification page, as SVG; white behind, so that it can be read on a dark page."""
    award_of(token)
    address = request.build_absolute_uri(reverse("verify_award", args=[token]))
    out = BytesIO()
    code = segno.make(address, error="m", micro=False)
    code.save(out, kind="svg", scale=4, light="#fff", svgclass=None, lineclass=None)
    return HttpResponse(out.getvalue(), content_type="image/svg+xml")


class VerifyForm(forms.Form):
    """The number of a certificate with its title: the number alone could be counted through."""

    certificate = forms.CharField(
        label="证书编号",
        max_length=50,
        help_text="照证书上印的填写，一个字也不能少",
        error_messages={"required": "请填写证书编号。"},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    title = forms.CharField(
        label="荣誉称号，或获奖集体的名称",
        max_length=100,
        help_text="照证书上印的填写，如 平塘县五一劳动标兵",
        error_messages={"required": "请填写荣誉称号或获奖集体的名称。"},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    found: Award | None = None

    def clean(self) -> dict[str, Any]:
        """Find the award. A person's name is no answer to the second question unless it is public: else one could
        try out names until one fits."""
        said = super().clean() or {}
        if self.errors:
            return said
        number, key = said["certificate"].strip(), fold(said["title"])
        for award in loaded(Award.objects.filter(certificate_number__in={number, narrow(number)} - {""})):
            if key in map(fold, award.honour.names()) or (is_open(award) and key == award.recipient_key):
                self.found = award
                return said
        raise forms.ValidationError(
            "查不到这样的证书。请核对编号和称号是否与证书上的一字不差；仍然查不到的，请向授予单位核实。"
        )


@never_cache
def verify(request: HttpRequest) -> HttpResponse:
    """证书核验: by number and title. What was found has an address of its own."""
    form = VerifyForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and form.found:
        return redirect("verify_award", token=form.found.token)
    return render(request, "public/verify.html", {"section": "verify", "form": form})


@never_cache
@require_safe
def verify_award(request: HttpRequest, token: str) -> HttpResponse:
    """Whether the award is genuine and stands, or was revoked when and by which document; a page that says so, with
    status 404, where there is none."""
    award = loaded(Award.objects.filter(token=token)).first()
    if award is None:
        return render(request, "public/verify_unknown.html", {"section": "verify"}, status=404)
    context = {
        "section": "verify",
        "award": Honoured.of(award),
        "is_standing": award.is_standing,
        "today": in_words(timezone.localdate()),
    }
    return render(request, "public/verify_award.html", context)
