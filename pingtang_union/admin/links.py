"""Links in the admin's lists and pages."""

from collections.abc import Iterable
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html, format_html_join


def link(url: str, text: Any) -> str:
    """A link in the admin's dress."""
    return format_html('<a class="text-link" href="{}">{}</a>', url, text)


def links(pairs: Iterable[tuple[str, str]], nothing: str) -> str:
    """Links side by side, from address and text; `nothing` where there are none."""
    return format_html_join("", '<a class="text-link mr-4 whitespace-nowrap" href="{}">{}</a>', pairs) or nothing


def record_url(model: Any, pk: Any) -> str:
    """Address of a record's page in the admin, "" where there is none."""
    try:
        return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[pk])
    except NoReverseMatch:
        return ""
