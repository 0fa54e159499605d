"""Tags and filters of our own for pages."""

from functools import cache
from typing import Any

from django import template
from django.forms import BoundField
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from lucide.templatetags.lucide import lucide

from pingtang_union.core.dates import display_partial
from pingtang_union.money import shown
from pingtang_union.sheets import PORTAL
from pingtang_union.tones import tones

register = template.Library()

register.filter("partial_date", display_partial)
register.filter("figure", shown)

# What the admin's theme calls the tones.
_THEME = {"success": "is-ok", "info": "is-info", "primary": "is-notice", "warning": "is-warn", "danger": "is-bad"}
_SIGNS = {"is-ok": "circle-check", "is-warn": "triangle-alert", "is-bad": "circle-x", "is-info": "info"}


@register.simple_tag
@cache
def icon(name: str, size: int = 20) -> SafeString:
    """The sign of that name, as inline SVG in the colour of the words beside it; it says nothing to screen readers."""
    svg = lucide(name, size=size, stroke_width="1.75", aria_hidden="true", **{"class": "icon"})
    return mark_safe(svg)  # noqa: S308  the package's own drawing


@register.simple_tag
def tone_icon(tone: str, size: int = 20) -> SafeString:
    """The sign of a tone (is-ok, is-warn, is-bad, is-info or "")."""
    return icon(_SIGNS.get(tone, "info"), size)


@register.simple_tag
def badge(label: str, tone: str | None = None) -> SafeString:
    """A state in words, in the tone that it is declared with (pingtang_union.tones) or the one given."""
    tone = tones().get(str(label), "") if tone is None else _THEME.get(tone, tone)
    return format_html('<span class="badge {}">{}</span>', tone, label) if label else mark_safe("")


@register.simple_block_tag
def component(content: str, name: str, **told: Any) -> SafeString:
    """What stands between the tags, in the dress of a component; partials/_<name>.html says what it needs."""
    return render_to_string(f"partials/_{name}.html", {"content": content, **told})


@register.simple_tag(takes_context=True)
def sort_head(context: dict[str, Any], name: str, label: str, kind: str = "") -> SafeString:
    """The head of a column, a link where the view has an order of that name (ScopedCRUDView.orders)."""
    now, may_sort = context.get("order", ""), name in context.get("orders", ())
    if not may_sort:
        return format_html('<th scope="col" class="{}">{}</th>', kind, label)
    query = context["request"].GET.copy()
    query.pop("page", None)
    # Once up, once down, then as the list comes.
    query["order"] = {name: f"-{name}", f"-{name}": ""}.get(now, name)
    turn, sign = {name: ("ascending", "arrow-up"), f"-{name}": ("descending", "arrow-down")}.get(
        now, ("none", "chevrons-up-down")
    )
    return format_html(
        '<th scope="col" class="{}" aria-sort="{}"><a href="?{}">{}{}</a></th>',
        kind, turn, query.urlencode(), label, icon(sign, 14),
    )  # fmt: skip


@register.simple_tag
def stylesheets() -> SafeString:
    """Links to what every page of the portal wears: tokens, ground, frame, components."""
    return format_html_join("\n    ", '<link rel="stylesheet" href="{}">', ((static(sheet),) for sheet in PORTAL))


@register.filter
def takes(field: BoundField) -> str:
    """What a control takes that has a dress of its own: "date", "file", or ""."""
    widget = field.field.widget
    return "date" if "data-date" in widget.attrs else "file" if widget.needs_multipart_form else ""
