"""Unfold's settings: titles, colours, the sidebar by work."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse, reverse_lazy
from django.utils.module_loading import import_string

from pingtang_union import sheets
from pingtang_union.core.portal import declared

_DESK = "pingtang_union.pages.desk"  # by name: settings are read before there are models


def title(request: HttpRequest) -> str:
    """Title of the browser's tab."""
    return f"{settings.FEDERATION_NAME}服务平台"


def header(request: HttpRequest) -> str:
    """First line of the sidebar."""
    return settings.FEDERATION_NAME


def site_url(request: HttpRequest) -> str:
    """Where "view site" leads: the dashboard for whoever may see it."""
    return "/dashboard/" if request.user.has_perm("members.view_dashboard") else "/"


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """What the apps declare (core.portal), by work, each with how much waits behind it. Of entries below each other's
    address the longest is where one is."""
    groups: dict[str, list[dict[str, Any]]] = {}
    numbers = Counter[str]()
    for one in import_string(f"{_DESK}.waiting")(request):
        numbers[one.url.partition("?")[0]] += one.number if one.is_due else 0
    for group in declared("ADMIN"):
        groups.setdefault(group.title, []).extend(
            {
                "title": entry.label,
                "icon": entry.icon,
                "link": reverse(entry.route),
                "permission": _may(entry.permissions),
                "waiting": numbers[reverse(entry.route)],
            }
            for entry in group.entries
        )
    items = [item for entries in groups.values() for item in entries]
    here = max((item["link"] for item in items if request.path.startswith(item["link"])), key=len, default="")
    for item in items:
        item["active"] = item["link"] == here
    # The crumbs say the same words (unfold/helpers/header_title.html).
    request.sidebar_group = next(  # type: ignore[attr-defined]  # ours
        (title for title, entries in groups.items() if any(item["active"] for item in entries)), ""
    )
    return [
        {"title": title, "items": entries}
        for title, entries in groups.items()
        if any(entry["permission"](request) for entry in entries)
    ]


def _may(permissions: tuple[str, ...]) -> Callable[[HttpRequest], bool]:
    return lambda request: any(map(request.user.has_perm, permissions))


UNFOLD: dict[str, Any] = {
    "SITE_TITLE": title,
    "SITE_HEADER": header,
    "SITE_SUBHEADER": "服务平台 业务管理",
    "SITE_URL": site_url,
    "SITE_ICON": lambda request: static("img/mark.svg"),
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("img/mark.svg")}],
    "STYLES": [lambda request, sheet=sheet: static(sheet) for sheet in sheets.ADMIN],
    "SCRIPTS": [
        lambda request, script=script: static(f"js/{script}.js") for script in ("theme", "components", "admin")
    ],
    "DASHBOARD_CALLBACK": f"{_DESK}.dashboard",
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_LANGUAGES": False,
    "THEME": None,  # follows the system
    "BORDER_RADIUS": "6px",
    "ACCOUNT": {"navigation": [{"title": "修改密码", "link": reverse_lazy("password_change")}]},
    "COLORS": {
        # The ground, the lines and the text of static/css/tokens.css, light above, dark below.
        "base": {
            "50": "#f4f5f7",
            "100": "#f2f3f5",
            "200": "#e2e4e8",
            "300": "#c9cdd4",
            "400": "#858c97",
            "500": "#5b626d",
            "600": "#474f5b",
            "700": "#363b42",
            "800": "#272b30",
            "900": "#1d2024",
            "950": "#141619",
        },
        "primary": {  # union red; 600 is the brand of the tokens
            "50": "#fcefee",
            "100": "#fbe4e2",
            "200": "#f7cdc9",
            "300": "#efa9a3",
            "400": "#e2685f",
            "500": "#d14d44",
            "600": "#b01e1e",
            "700": "#911717",
            "800": "#741717",
            "900": "#611818",
            "950": "#350909",
        },
    },
    "SIDEBAR": {
        "show_search": True,
        "show_all_applications": False,
        "navigation": sidebar,
    },
}
