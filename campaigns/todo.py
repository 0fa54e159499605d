"""Which activities wait for whom: what is late, has no result, no photo, no news; what waits to become public. In a
constant number of questions, of rows that the user may see."""

from datetime import date
from typing import Any

from django.db.models import Count, Min, Q
from django.urls import reverse

from campaigns.models import LACKS, Activity
from campaigns.models.activities import lack
from pingtang_union.core.dates import display_partial
from pingtang_union.core.permissions import may
from pingtang_union.core.todo import SHOWN, Item, Step
from pingtang_union.workflow.waiting import Waiting, day_of

_SIGNS = {"late": "calendar-clock", "result": "clipboard-list", "photo": "image", "news": "newspaper"}


def desk(user: Any, today: date) -> list[Waiting]:
    """What waits at the county's desk: one question. Photos and news only come near, nothing waits for them."""
    kinds: dict[str, tuple[str, str, Q]] = {}  # by the end of the queue's address: words, sign, rows
    if may(user, "publish", Activity):
        offered = Q(offered_by__isnull=False, published_by__isnull=True) & ~Q(offered_by=user)
        kinds["public=offered"] = ("待核准公开", "globe", offered)
    if may(user, "change", Activity):
        kinds |= {f"lacks={what}": (label, _SIGNS[what], lack(what, today)) for what, label in LACKS.items()}
    if not kinds:
        return []
    asked: dict[str, Any] = {}
    for place, (_label, _sign, rows) in enumerate(kinds.values()):
        asked |= {f"n{place}": Count("pk", filter=rows), f"since{place}": Min("held_on", filter=rows)}
    found = Activity.objects.visible_to(user).aggregate(**asked)
    queue = reverse("admin:campaigns_activity_changelist")
    return [
        Waiting(
            f"活动{label}", sign, found[f"n{place}"], f"{queue}?{end}", day_of(found[f"since{place}"]),
            not end.endswith(("photo", "news")), "个",
        )
        for place, (end, (label, sign, _rows)) in enumerate(kinds.items())
        if found[f"n{place}"]
    ]  # fmt: skip


def todo(user: Any, today: date) -> list[Item]:
    """Activities of the own union whose result isn't entered, and how many lack a photo or news."""
    if not may(user, "change", Activity):
        return []
    rows = Activity.objects.visible_to(user)
    late = rows.lacking("late", today).filter(union=user.union_id).order_by("held_on", "pk")[:SHOWN]
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
    others = [what for what in LACKS if what != "late"]
    numbers = rows.aggregate(**{what: Count("pk", filter=lack(what, today)) for what in others})
    for what in others:
        if numbers[what]:
            step = Step("查看", f"{reverse('campaigns:activity_list')}?lacks={what}")
            items.append(Item(f"活动{LACKS[what]}", "待补充", "", f"有 {numbers[what]} 个活动，请补充。", steps=[step]))
    return items
