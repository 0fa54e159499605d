"""What every page shows: the federation's name and the way to the pages of the signed-in role."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

# (label, route, the permission that it needs)
_OFFICER = (
    ("会员", "member_list", "members.view_member"),
    ("干部", "cadre_list", "members.view_cadre"),
    ("培训", "training_list", "members.view_training"),
)
_SHARED = (
    ("评选推荐", "round_list", "awards.view_selectionround"),
    ("荣誉", "award_list", "awards.view_award"),
    ("转会", "transfer_list", "members.view_transferrequest"),
    ("台账", "ledgers", "core.view_importbatch"),
)
# Pages that belong to the entry of another.
_ALSO = {"round_list": ("nomination_list",), "award_list": ("ladder", "star_list")}


def portal(request: HttpRequest) -> dict[str, Any]:
    """`federation_name` and `nav_items` (dicts label, url, places, current)."""
    user = getattr(request, "user", None)
    items = _items(user) if user is not None and user.is_authenticated else []
    # Of several addresses that begin this one, the longest is where one is.
    begun = [(place, item) for item in items for place in item["places"] if request.path.startswith(place)]
    here = max(begun, key=lambda pair: len(pair[0]), default=("", None))[1]
    for item in items:
        item["current"] = item is here
    return {"federation_name": settings.FEDERATION_NAME, "nav_items": items}


def _items(user: Any) -> list[dict[str, Any]]:
    """The pages of the role: officers their union's records, county staff the admin, leaders the figures."""
    sees_figures = user.has_perm("members.view_dashboard")
    if user.is_staff:
        wanted = [("业务管理", "admin:index", ""), ("数据看板", "dashboard", "members.view_dashboard"), *_SHARED]
    elif sees_figures:
        wanted = [("数据看板", "dashboard", "")]
    else:
        wanted = [("我的工会", "workbench", "")]
        if user.union_id is not None:
            below = [("下级工会", "union_list", "members.view_union")] if user.union.numchild else []
            wanted += [*below, *_OFFICER, *_SHARED]
    return [
        {"label": label, "url": reverse(route), "places": [reverse(one) for one in (route, *_ALSO.get(route, ()))]}
        for label, route, permission in wanted
        if not permission or user.has_perm(permission)
    ]
