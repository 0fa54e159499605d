"""Ledgers given out: blank workbooks, workbooks filled with a union's records, and any list as it is filtered."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from awards import filters as awards_filters
from members import filters as members_filters
from pingtang_union.core.audit import may_reveal
from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.ledger import blank
from pingtang_union.core.ledger.export import Given, export, is_guarded
from pingtang_union.core.ledger.records import RecordLedger
from pingtang_union.core.ledger.schema import ledger_by_slug, ledgers
from pingtang_union.core.views import may
from pingtang_union.ledgers.shared import crumbs

may_give = permission_required("core.export_importbatch", raise_exception=True)
MASKED, FULL = "masked", "full"
FILTERS = members_filters.FILTERS | awards_filters.FILTERS


def given_ledgers(user: Any) -> list[RecordLedger]:
    """The ledgers whose records the role may see, in the order that they refer to each other."""
    return [one for one in ledgers() if isinstance(one, RecordLedger) and may(user, "view", one.model)]


def one_ledger(user: Any, slug: str) -> RecordLedger:
    """The ledger that an address names. Raises Http404 for none, PermissionDenied where the role may not see it."""
    try:
        ledger = ledger_by_slug(slug)
    except LookupError:
        raise Http404 from None
    if not isinstance(ledger, RecordLedger):
        raise Http404
    if not may(user, "view", ledger.model):
        raise PermissionDenied
    return ledger


def as_download(given: Given) -> FileResponse:
    """A workbook on its way to the person."""
    return FileResponse(given.file, as_attachment=True, filename=given.name)


class NumbersForm(forms.Form):
    """How identity numbers are given out, and why in full. Without numbers, or without the permission, asks nothing."""

    numbers = forms.ChoiceField(
        label="证件号码",
        choices=[(MASKED, "隐去中间数字（出生日期只到年份）"), (FULL, "完整号码（要写明理由，记入审计日志）")],
        widget=forms.RadioSelect,
        initial=MASKED,
    )
    reason = forms.CharField(
        label="需要完整号码的理由",
        max_length=200,
        required=False,
        help_text="如：上级要求报送实名制数据。只要隐去数字的表，不用填。",
    )

    def __init__(self, *args: Any, user: Any, asked: list[RecordLedger], **kwargs: Any):
        """`asked`: the ledgers that may be given."""
        super().__init__(*args, **kwargs)
        if not any(is_guarded(one) and may_reveal(user, one.model) for one in asked):
            del self.fields["numbers"], self.fields["reason"]

    @property
    def is_full(self) -> bool:
        """Whether full numbers are asked for."""
        return self.cleaned_data.get("numbers") == FULL

    @property
    def said(self) -> str:
        """Why."""
        return str(self.cleaned_data.get("reason", ""))


# --- Blank and filled workbooks ------------------------------------------------------------


@dataclass(frozen=True)
class Offer:
    """One ledger as the page offers it."""

    ledger: RecordLedger
    is_guarded: bool


@may_give
@require_GET
def giving(request: HttpRequest) -> HttpResponse:
    """Every ledger with its blank workbook, the filled one, and the way to its export."""
    context = {
        "offers": [Offer(one, is_guarded(one)) for one in given_ledgers(request.user)],
        "union": request.user.union,  # type: ignore[union-attr]  # whoever may take ledgers is signed in
        "breadcrumbs": crumbs(("下载模板", "")),
    }
    return render(request, "ledgers/giving.html", context)


@may_give
@require_GET
def blank_workbook(request: HttpRequest, slug: str) -> HttpResponse | FileResponse:
    """A blank workbook for the account's union."""
    ledger = one_ledger(request.user, slug)
    union = request.user.union  # type: ignore[union-attr]
    if union is None:
        return _without_union(request)
    return as_download(blank.blank(ledger, union=union))


@may_give
@require_POST
def prefilled_workbook(request: HttpRequest, slug: str) -> HttpResponse | FileResponse:
    """The workbook with what is recorded, numbers masked."""
    ledger = one_ledger(request.user, slug)
    union = request.user.union  # type: ignore[union-attr]
    if union is None:
        return _without_union(request)
    rows = ledger.model._default_manager.visible_to(request.user)  # type: ignore[attr-defined]
    try:
        given = blank.prefilled(ledger, rows, by=request.user, conditions=f"{union}和下级工会")
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("giving")
    return as_download(given)


def _without_union(request: HttpRequest) -> HttpResponse:
    messages.error(request, "您的账号还没有分配所在工会，没有可以下载的内容。请联系县总工会系统管理员。")
    return redirect("giving")


# --- Any list as it is filtered ------------------------------------------------------------


@may_give
def export_list(request: HttpRequest, slug: str) -> HttpResponse | FileResponse:
    """Say what would be exported: which ledger, under which conditions, how many rows; and on POST export it."""
    ledger = one_ledger(request.user, slug)
    if slug not in FILTERS:
        raise Http404
    visible = ledger.model._default_manager.visible_to(request.user)  # type: ignore[attr-defined]
    # The list's conditions stand in the address, for the page and for the file alike.
    filterset = FILTERS[slug](request.GET, queryset=visible, request=request)
    is_valid = filterset.form.is_valid()
    rows = filterset.qs
    form = NumbersForm(request.POST if request.method == "POST" else None, user=request.user, asked=[ledger])
    status = 200 if is_valid else 400
    if request.method == "POST" and is_valid and form.is_valid():
        try:
            given = export(
                ledger,
                rows,
                by=request.user,
                is_full=form.is_full,
                reason=form.said,
                conditions=filterset.conditions(),
            )
        except DomainError as error:
            form.add_error("reason" if "reason" in form.fields else None, str(error))
        else:
            return as_download(given)
    number = ledger.given(rows, request.user).count() if is_valid else 0
    context = {
        "ledger": ledger,
        "filterset": filterset,
        "is_valid": is_valid,
        "conditions": filterset.chosen() if is_valid else [],
        "number": number,
        "left_out": rows.count() - number if is_valid else 0,
        "is_guarded": is_guarded(ledger),
        "form": form,
        "breadcrumbs": crumbs(("下载模板", reverse("giving")), (f"导出{ledger.title}", "")),
    }
    return render(request, "ledgers/export.html", context, status=status)
