"""Which activities wait for whom: what is late, has no result, no photo, no news; what waits to become public. One
question each, of rows that the user may see."""

from datetime import date
from typing import Any

from django.db.models import Count, Min
from django.urls import reverse

from campaigns.models import LACKS, Activity
from pingtang_union.core.dates import display_partial
from pingtang_union.core.permissions import may
from pingtang_union.core.todo import SHOWN, Item, Step
from pingtang_union.workflow.waiting import Waiting, day_of

_SIGNS = {"late": "calendar-clock", "result": "clipboard-list", "photo": "image", "news": "newspaper"}


def _lacking(user: Any, what: str, today: date) -> Any:
    return Activity.objects.visible_to(user).lacking(what, today)


def desk(user: Any, today: date) -> list[Waiting]:
    """What waits at the county's desk. Photos and news only come near: nothing waits for them."""
    found = []
    queue = reverse("admin:campaigns_activity_changelist")
    if may(user, "publish", Activity):
        rows = Activity.objects.visible_to(user).filter(offered_by__isnull=False, published_by__isnull=True)
        number = rows.exclude(offered_by=user).count()
        found += [Waiting("活动待核准公开", "globe", number, f"{queue}?public=offered", unit="个")] if number else []
    if not may(user, "change", Activity):
        return found
    for what, label in LACKS.items():
        told = _lacking(user, what, today).aggregate(number=Count("pk"), since=Min("held_on"))
        if told["number"]:
            is_due, url = what in ("late", "result"), f"{queue}?lacks={what}"
            oldest = day_of(told["since"])
            found.append(Waiting(f"活动{label}", _SIGNS[what], told["number"], url, oldest, is_due, "个"))
    return found


def todo(user: Any, today: date) -> list[Item]:
    """Activities of the own union whose result isn't entered, and how many lack a photo or news."""
    if not may(user, "change", Activity):
        return []
    late = _lacking(user, "late", today).filter(union=user.union_id).order_by("held_on", "pk")[:SHOWN]
    items = [
        Item(
            one.name, "待登记结果", "is-warn", f"计划 {display_partial(one.held_on)} 举办。已举办的，请登记参加人数。",
            steps=[
                Step("登记结果", reverse("campaigns:activity_report", args=[one.pk])),
                Step("查看", reverse("campaigns:activity_detail", args=[one.pk])),
            ],
        )
        for one in late
    ]  # fmt: skip
    for what, label in list(LACKS.items())[1:]:
        if number := _lacking(user, what, today).count():
            url = f"{reverse('campaigns:activity_list')}?lacks={what}"
            items.append(Item(f"活动{label}", "待补充", "", f"有 {number} 个活动，请补充。", steps=[Step("查看", url)]))
    return items
