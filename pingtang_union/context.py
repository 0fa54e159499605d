"""What every page shows: the federation's name and the way to the pages of the signed-in role."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse


def portal(request: HttpRequest) -> dict[str, Any]:
    """`federation_name` and `nav_items` (dicts label, url, current)."""
    user = getattr(request, "user", None)
    items: list[dict[str, Any]] = []
    if user is not None and user.is_authenticated:
        if user.has_perm("members.view_dashboard"):
            items.append({"label": "数据看板", "url": reverse("dashboard")})
        if user.is_staff:
            items.append({"label": "业务管理", "url": reverse("admin:index")})
        if not user.is_staff and not user.has_perm("members.view_dashboard"):
            items.append({"label": "我的工会", "url": reverse("workbench")})
    for item in items:
        item["current"] = request.path.startswith(item["url"])
    return {"federation_name": settings.FEDERATION_NAME, "nav_items": items}
