"""What every page shows: the federation's name and the way to the pages of the signed-in role."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from pingtang_union.core.portal import Page, declared
from pingtang_union.pages.models import SiteText


def portal(request: HttpRequest) -> dict[str, Any]:
    """`federation_name`, `nav_items` and `site_texts` (by kind), made only where a template shows them: every component
    of the admin asks for all this, dozens of times a page."""
    return {
        "federation_name": settings.FEDERATION_NAME,
        "nav_items": SimpleLazyObject(lambda: nav_items(request)),
        "site_texts": SimpleLazyObject(SiteText.objects.shown),
    }


def nav_items(request: HttpRequest) -> list[dict[str, Any]]:
    """The menu: dicts label, icon, url, places, current."""
    user = getattr(request, "user", None)
    items = _items(user) if user is not None and user.is_authenticated else []
    # Of several addresses that begin this one, the longest is where one is.
    begun = [(place, item) for item in items for place in item["places"] if request.path.startswith(place)]
    here = max(begun, key=lambda pair: len(pair[0]), default=("", None))[1]
    for item in items:
        item["current"] = item is here
    return items


def _items(user: Any) -> list[dict[str, Any]]:
    """The pages of the role: officers their union's records, county staff the admin, leaders the figures."""
    figures = Page("数据看板", "chart-column", "dashboard", "members.view_dashboard")
    if user.is_staff:
        pages = [
            Page("工作台", "layout-dashboard", "desk", ""),
            Page("业务管理", "folder-cog", "admin:index", ""),
            figures,
            *(page for page in declared("PAGES") if page.menu == "all"),
        ]
    elif user.has_perm(figures.permission):
        pages = [figures]
    else:
        pages = [Page("我的工会", "house", "workbench", "")]
        pages += [page for page in declared("PAGES") if page.menu and user.union_id is not None and page.fits(user)]
    return [
        {
            "label": page.label,
            "icon": page.icon,
            "url": reverse(page.route, args=page.args(user)),
            "places": [reverse(page.route, args=page.args(user)), *map(reverse, page.also)],
        }
        for page in pages
        if not page.permission or user.has_perm(page.permission)
    ]
