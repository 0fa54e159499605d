"""The page of one deed on one record: what it means, what it asks, done by a service."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from pingtang_union.core.exceptions import DomainError


def deed_page(
    site_admin: Any,
    request: HttpRequest,
    one: Any,
    form_class: Callable[..., Any],
    *,
    label: str,
    do: Callable[[Any], str],
    intro: str = "",
    facts: Any = (),
    is_danger: bool = False,
    **options: Any,
) -> HttpResponse:
    """Ask; on POST `do(form)` does it and says what was done. What a service refuses is said above the form."""
    back = reverse(f"admin:{one._meta.app_label}_{one._meta.model_name}_change", args=[one.pk])
    form = form_class(request.POST if request.method == "POST" else None, **options)
    if request.method == "POST" and form.is_valid():
        try:
            messages.success(request, do(form))
            return redirect(back)
        except DomainError as error:
            form.add_error(None, str(error))
    return site_admin.page(
        request,
        "admin/form_page.html",
        title=f"{one}：{label}",
        original=one,
        back=back,
        form=form,
        intro=intro,
        facts=facts,
        submit_label=label,
        submit_variant="danger" if is_danger else "primary",
    )
