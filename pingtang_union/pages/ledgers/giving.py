"""Ledgers given out: blank workbooks, workbooks filled with a union's records, and any list as it is filtered."""

from collections.abc import Callable
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

from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.forms import PortalForm
from pingtang_union.core.permissions import may, may_reveal
from pingtang_union.core.portal import merged
from pingtang_union.ledger.declaration import Ledger, ledger_by_slug, ledgers
from pingtang_union.ledger.giving import template
from pingtang_union.ledger.giving.export import Given, export, is_guarded
from pingtang_union.pages.ledgers.shared import crumbs

may_give = permission_required("core.export_importbatch", raise_exception=True)
MASKED, FULL = "masked", "full"


def given_ledgers(user: Any) -> list[Ledger]:
    """The ledgers whose records the role may see, in the order that they refer to each other."""
    return [ledger for ledger in ledgers() if may(user, "view", ledger.model)]


def one_ledger(user: Any, slug: str) -> Ledger:
    """The ledger that an address names. Raises Http404 for none, PermissionDenied where the role may not see it."""
    try:
        ledger = ledger_by_slug(slug)
    except LookupError:
        raise Http404 from None
    if not may(user, "view", ledger.model):
        raise PermissionDenied
    return ledger


def as_download(given: Given) -> FileResponse:
    """A workbook on its way to the person."""
    return FileResponse(given.file, as_attachment=True, filename=given.name)


class NumbersForm(PortalForm, forms.Form):
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
        help_text="如：上级要求报送实名制数据。只导出隐去中间数字的表的，不需填写。",
    )

    def __init__(self, *args: Any, user: Any, asked: list[Ledger], **kwargs: Any):
        """`asked`: the ledgers that may be given."""
        super().__init__(*args, **kwargs)
        if not any(is_guarded(ledger) and may_reveal(user, ledger.owner) for ledger in asked):
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

    ledger: Ledger
    is_guarded: bool


@may_give
@require_GET
def giving(request: HttpRequest) -> HttpResponse:
    """Every ledger with its blank workbook, the filled one, and the way to its export."""
    context = {
        "offers": [Offer(ledger, is_guarded(ledger)) for ledger in given_ledgers(request.user)],
        "union": request.user.union,  # type: ignore[union-attr]  # whoever may take ledgers is signed in
        "breadcrumbs": crumbs(("下载模板", "")),
    }
    return render(request, "ledgers/giving.html", context)


@may_give
@require_GET
def blank_workbook(request: HttpRequest, slug: str) -> HttpResponse | FileResponse:
    """A blank workbook for the account's union."""
    ledger = one_ledger(request.user, slug)
    return _workbook(request, lambda union: template.blank(ledger, union=union))


@may_give
@require_POST
def prefilled_workbook(request: HttpRequest, slug: str) -> HttpResponse | FileResponse:
    """The workbook with what is recorded, numbers masked."""
    ledger = one_ledger(request.user, slug)
    rows = ledger.model._default_manager.visible_to(request.user)
    return _workbook(
        request, lambda union: template.prefilled(ledger, rows, by=request.user, conditions=f"{union}和下级工会")
    )


def _workbook(request: HttpRequest, make: Callable[[Any], Given]) -> HttpResponse | FileResponse:
    """The workbook of the account's union; a refusal comes back in words."""
    union = request.user.union  # type: ignore[union-attr]  # whoever may take ledgers is signed in
    try:
        if union is None:
            raise DomainError("您的账号还没有分配所在工会，没有可以下载的内容。请联系县总工会系统管理员。")
        return as_download(make(union))
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("giving")


# --- Any list as it is filtered ------------------------------------------------------------


@may_give
def export_list(request: HttpRequest, slug: str) -> HttpResponse | FileResponse:
    """Say what would be exported: which ledger, under which conditions, how many rows; and on POST export it."""
    ledger = one_ledger(request.user, slug)
    filters = merged("FILTERS")
    if slug not in filters:
        raise Http404
    visible = ledger.owner._default_manager.visible_to(request.user)
    # The list's conditions stand in the address, for the page and for the file alike.
    filterset = filters[slug](request.GET, queryset=visible, request=request)
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
        "left_out": rows.count() - number if is_valid and ledger.owner is ledger.model else 0,
        "is_guarded": is_guarded(ledger),
        "form": form,
        "breadcrumbs": crumbs(("下载模板", reverse("giving")), (f"导出{ledger.title}", "")),
    }
    return render(request, "ledgers/export.html", context, status=status)
