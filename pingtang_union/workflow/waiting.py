"""Which applications wait for whom, kind by kind: the queues of the admin, the desk and its numbers say it once."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Count, Min, Q
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone

from pingtang_union.core.permissions import may
from pingtang_union.workflow.models import ObjectionState
from pingtang_union.workflow.table import STAGES, State, Transition, transitions_of

ENDING_WITHIN_DAYS = 3
# What waits for a transition: in words, its sign, and since when it waits.
_AWAITED: dict[str, tuple[str, str, Any]] = {
    "recommend": ("待推荐", "thumbs-up", "submitted_at"),
    "approve": ("待审核", "clipboard-check", Coalesce("recommended_at", "submitted_at")),
    "publicise": ("待公示", "megaphone", "reviewed_at"),
    "decide": ("公示期满待决定", "gavel", "publicised_until"),
    "confirm": ("待认定", "badge-check", "reviewed_at"),
}


@dataclass(frozen=True)
class Waiting:
    """A kind of thing that waits for county staff: how many, since when the oldest, and the list of exactly those.
    `is_due` is False for what only comes near: the sidebar doesn't count it."""

    label: str
    icon: str
    number: int
    url: str
    oldest: date | None = None
    is_due: bool = True
    unit: str = "件"


@dataclass(frozen=True)
class Kind:
    """One kind: its name in addresses, in words, and which rows; `is_due` False for what only comes near."""

    name: str
    label: str
    icon: str
    rows: Q
    since: Any
    is_due: bool = True


def awaited(model: Any, user: Any) -> list[Transition]:
    """Transitions of offices that lead on and are the user's to make."""
    return [
        one
        for one in transitions_of(model)
        if not one.is_by_applicant and not one.needs_reason and may(user, one.permission, model)
    ]


def kinds(model: Any, user: Any) -> list[Kind]:
    """What of `model` waits for `user` in person, kind by kind: nobody acts at two stages of one application."""
    found = []
    for one in awaited(model, user):
        mine = Q(submitted_by=user)
        if one.stage:
            mine |= model.acted_beside(user)
            for stage in STAGES[: STAGES.index(one.stage)]:
                mine |= Q(**{f"{stage}_by": user})
        label, icon, since = _AWAITED[one.name]
        found.append(Kind(one.name, label, icon, model.awaits(one) & ~mine, since))
    if model.needs_publicity and may(user, "review", model) and hasattr(model, "objections"):
        objections = model._meta.get_field("objections").related_model.objects.filter(state=ObjectionState.OPEN)
        rows = Q(pk__in=objections.values("application"), state=State.PUBLICISED) & ~Q(submitted_by=user)
        found.append(Kind("objections", "异议待核查", "message-square-warning", rows, "publicised_from"))
    if model.needs_publicity and may(user, "decide", model):
        today = timezone.localdate()
        last = today + timedelta(days=ENDING_WITHIN_DAYS)
        rows = Q(state=State.PUBLICISED, publicised_until__range=(today, last))
        found.append(Kind("ending", "公示即将期满", "timer", rows, "publicised_until", is_due=False))
    return found


def waiting(model: Any, user: Any) -> Q | None:
    """Condition on all rows that `user` in person can move on; None for a role that moves nothing."""
    due = [kind.rows for kind in kinds(model, user) if kind.is_due]
    return reduce(or_, due) if due else None


def desk(model: Any, user: Any) -> list[Waiting]:
    """The kinds that have any, each with its number, its oldest and its queue in the admin: one question."""
    known = kinds(model, user)
    if not known:
        return []
    asked: dict[str, Any] = {f"n_{kind.name}": Count("pk", filter=kind.rows) for kind in known}
    asked |= {f"since_{kind.name}": Min(kind.since, filter=kind.rows) for kind in known}
    found = model.objects.visible_to(user).aggregate(**asked)
    queue = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    noun = model._meta.verbose_name
    return [
        Waiting(
            f"{noun}{kind.label}", kind.icon, number, f"{queue}?state={kind.name}",
            day_of(found[f"since_{kind.name}"]), kind.is_due,
        )
        for kind in known
        if (number := found[f"n_{kind.name}"])
    ]  # fmt: skip


def day_of(moment: datetime | date | str | None) -> date | None:
    """The day of a moment, in local time, or the first day of a partial date."""
    if isinstance(moment, str):
        return date.fromisoformat(f"{moment}-01-01"[:10]) if moment else None
    return timezone.localtime(moment).date() if isinstance(moment, datetime) else moment
