"""What the workbench tells a union of its applications: those that came back, those that others have now. Each asks a
constant number of questions of rows that the user may see. `titled`: how an item calls an application."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db.models import OuterRef, Q, Subquery
from django.urls import reverse
from django.utils import timezone

from pingtang_union.core.todo import SHOWN, Item, Step
from pingtang_union.workflow.clocks import Clock, clocks
from pingtang_union.workflow.table import EDITABLE, ENDS, State
from pingtang_union.workflow.timeline import stands_since, waits_for


def came_back(
    model: Any, user: Any, since: datetime, *, route: str, due: Q, told: Callable[[Any], str],
    named: tuple[str, ...] = (), titled: Callable[[Any], str] = str,
) -> list[tuple[Any, Item]]:  # fmt: skip
    """(when, item) of applications refused since then, and of those sent back but for the steps of `due`, which are
    among what is to do. told: what is said before the day. named: what that reads along."""
    steps: Any = model._meta.get_field("steps").related_model.objects
    latest = steps.filter(application=OuterRef("application")).order_by("-number").values("number")[:1]
    rows = steps.visible_to(user).filter(
        target__in=(State.RETURNED, State.REJECTED), at__gte=since, number=Subquery(latest)
    )
    rows = rows.exclude(due & Q(target=State.RETURNED))
    along = (f"application__{name}" for name in ("union", *named))
    return [
        (
            step.at,
            Item(
                titled(step.application),
                step.application.get_state_display(),
                "is-bad",
                f"{told(step.application)}，{timezone.localtime(step.at):%Y-%m-%d} "
                f"{f'由{step.by.union}' if step.by.union else ''}办理。",
                [f"原因：{step.reason}"],
                [Step("查看", reverse(route, args=[step.application.pk]))],
            ),
        )
        for step in rows.select_related(*along, "by__union").order_by("-at", "-pk")[:SHOWN]
    ]


def under_way(
    model: Any, user: Any, *, route: str, named: tuple[str, ...] = (), titled: Callable[[Any], str] = str,
    has_clock: bool = False,
) -> list[Item]:  # fmt: skip
    """Applications that the own union handed in or the user passed on, and that others now have."""
    mine = Q(union=user.union_id) | Q(submitted_by=user) | Q(recommended_by=user)
    rows = model.objects.visible_to(user).filter(mine).exclude(state__in=(*EDITABLE, *ENDS))
    found = list(rows.select_related("union", *named).order_by("-submitted_at", "-pk")[:SHOWN])
    running = clocks(found) if has_clock else {}
    return [
        Item(
            titled(one),
            one.get_state_display(),
            State(one.state).tone,
            f"{waits_for(one)}，{standing(one, running.get(one.pk))}",
            steps=[Step("查看", reverse(route, args=[one.pk]))],
        )
        for one in found
    ]


def standing(application: Any, clock: Clock | None) -> str:
    """Since when it is where it stands, and how long offices may take."""
    since = f"自 {stands_since(application)} 起"
    return f"{since}。{clock.words}" if clock else since
