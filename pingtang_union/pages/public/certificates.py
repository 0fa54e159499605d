"""Certificates with a QR code, and the page to which it leads: whether an award is genuine and stands."""

from collections.abc import Sequence
from io import BytesIO
from typing import Any

import segno
from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from awards.models import Award
from awards.shown import Honoured, loaded
from pingtang_union.core.dates import day_in_words
from pingtang_union.core.forms import PortalForm
from pingtang_union.core.permissions import may
from pingtang_union.core.text import fold, narrow
from pingtang_union.core.validators import tidy_document_number
from pingtang_union.core.views import crumbs
from pingtang_union.pages.public.honours import award_of
from pingtang_union.throttle import PERIOD, asks_too_often


@never_cache
@require_safe
def certificate(request: HttpRequest, token: str) -> HttpResponse:
    """To be printed, A4 landscape: 样张 for anyone; ?name=full: the certificate itself, with the whole name, for who
    may see the record."""
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
        "is_specimen": not is_in_full,
        "may_read": may_read,
        "today": day_in_words(timezone.localdate()),
        "breadcrumbs": crumbs(
            ("光荣榜", reverse("honour_roll")),
            (Honoured.of(award).name, reverse("honour_holder", args=[token])),
            ("证书", ""),
        ),
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


class VerifyForm(PortalForm, forms.Form):
    """One way to find awards. Whoever is asked for them answers `condition`."""

    found: Sequence[Award] = ()

    def clean(self) -> dict[str, Any]:
        """Find them (`found`): several where one document honours one recipient twice."""
        said = super().clean() or {}
        if not self.errors:
            self.found = list(loaded(Award.objects.filter(self.condition(said)))[:MOST_FOUND])
            if not self.found:
                raise forms.ValidationError(
                    "未查到该证书。请核对所填内容是否与证书一致；仍查不到的，请向授予单位核实。"
                )
        return said

    def condition(self, said: dict[str, Any]) -> Q:
        """Which awards the answers mean."""
        raise NotImplementedError


class ByNumber(VerifyForm):
    """The number of a certificate."""

    certificate = forms.CharField(
        label="证书编号", max_length=50, help_text="请与证书一致", error_messages={"required": "请填写证书编号。"}
    )

    def condition(self, said: dict[str, Any]) -> Q:
        return Q(certificate_number__in={said["certificate"], narrow(said["certificate"])} - {""})


class ByDocument(VerifyForm):
    """For certificates without a number: the document and whom it honours."""

    document = forms.CharField(
        label="表彰文号", max_length=50, help_text="请与证书一致，如 平工发〔2018〕12号",
        error_messages={"required": "请填写表彰文号。"},
    )  # fmt: skip
    name = forms.CharField(
        label="获奖人姓名（集体名称）", max_length=100, help_text="请填写全名",
        error_messages={"required": "请填写获奖人姓名（集体名称）。"},
    )  # fmt: skip

    def condition(self, said: dict[str, Any]) -> Q:
        return Q(document_number=tidy_document_number(said["document"]), recipient_key=fold(said["name"]))


WAYS = (ByNumber, ByDocument)
MOST_FOUND = 20


@never_cache
def verify(request: HttpRequest) -> HttpResponse:
    """证书核验. What was found has an address of its own."""
    status, chosen = 200, next((way for way in WAYS if way.base_fields.keys() & request.POST.keys()), ByNumber)
    forms_ = [way(request.POST if request.method == "POST" and way is chosen else None) for way in WAYS]
    if request.method == "POST" and asks_too_often(request, "verify"):
        messages.error(request, f"核验次数过多，请 {PERIOD // 60} 分钟后再试。")
        status, forms_ = 429, [way() for way in WAYS]
    found = [award for form in forms_ if form.is_valid() for award in form.found]
    if len(found) == 1:
        return redirect("verify_award", token=found[0].token)
    context = {"section": "verify", "forms": forms_, "found": [Honoured.of(award) for award in found]}
    return render(request, "public/verify.html", context, status=status)


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
        "today": day_in_words(timezone.localdate()),
    }
    return render(request, "public/verify_award.html", context)
