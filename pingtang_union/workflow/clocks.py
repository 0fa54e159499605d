"""Clocks (办理时限): how many working days offices still have for an application, by the rules of the day on which it
was handed in: no rule, no clock. A clock stops while the applicant has the application to mend."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from pingtang_union.workflow.models import Application, Step
from pingtang_union.workflow.rules import ClockRule
from pingtang_union.workflow.table import EDITABLE, TRANSITIONS
from pingtang_union.workflow.workdays import deadline, is_working_day


@dataclass(frozen=True)
class Clock:
    """How far a clock has run. due: the last day; None while it stands still."""

    rule: ClockRule
    used: int
    due: date | None

    @property
    def left(self) -> int:
        """Working days left; below zero once it is late."""
        return self.rule.working_days - self.used

    @property
    def words(self) -> str:
        """What a queue says."""
        mark = "（示例）" if self.rule.is_example else ""
        label = self.rule.get_ends_with_display()
        if self.due is None:
            return f"{label}：已停计，剩 {max(self.left, 0)} 个工作日{mark}"
        if self.left < 0:
            return f"{label}：已超 {-self.left} 个工作日{mark}"
        return f"{label}：{self.due:%Y-%m-%d} 前，剩 {self.left} 个工作日{mark}"


def clock(application: Application, steps: Sequence[Step], rules: Iterable[ClockRule], today: date) -> Clock | None:
    """The clock of an application that runs out first, or None: no rule for its kind on the day it was handed in, or
    nothing left to do. `steps` in order."""
    handed_in = [step for step in steps if step.name == "submit"]
    if not handed_in or application.is_over:
        return None
    first, done = timezone.localdate(handed_in[0].at), _done(application)
    ruling: dict[str, ClockRule] = {}
    for rule in rules:
        if rule.in_force_from <= first and rule.subject == application._meta.label_lower:
            known = ruling.get(rule.ends_with)
            if known is None or known.in_force_from < rule.in_force_from:
                ruling[rule.ends_with] = rule
    used, runs = _used(steps, today), application.state not in EDITABLE
    clocks = []
    for rule in ruling.values():
        if rule.ends_with not in done:
            due = deadline(today, rule.working_days - used).day if rule.working_days > used else today
            if rule.working_days < used:
                due = _back(today, used - rule.working_days)
            clocks.append(Clock(rule, used, due if runs else None))
    return min(clocks, key=lambda one: one.left, default=None)


def _done(application: Application) -> set[str]:
    """Transitions that need not be waited for any more."""
    return {
        name
        for name, stage in ((one.name, one.stage) for one in TRANSITIONS)
        if stage and getattr(application, f"{stage}_by_id") is not None
    }


def _back(day: date, days: int) -> date:
    while days:
        days -= is_working_day(day)[0]
        day -= timedelta(days=1)
    return day


def _used(steps: Sequence[Step], today: date) -> int:
    """Working days in which the offices had it; the day on which a span begins isn't counted."""
    used, since = 0, None
    for step in steps:
        day = timezone.localdate(step.at)
        if step.target in EDITABLE:
            used += _between(since, day) if since else 0
            since = None
        elif since is None:
            since = day
    return used + (_between(since, today) if since else 0)


def _between(first: date, last: date) -> int:
    return sum(is_working_day(first + timedelta(days=n))[0] for n in range(1, (last - first).days + 1))


def clocks(applications: Sequence[Any], today: date | None = None) -> Mapping[int, Clock]:
    """Clocks of many applications of one kind by key, in two questions."""
    if not applications:
        return {}
    model: Any = type(applications[0])
    rules = list(ClockRule.objects.filter(subject=model._meta.label_lower))
    if not rules:
        return {}
    steps: dict[int, list[Step]] = {}
    keys = [one.pk for one in applications]
    for step in model._meta.get_field("steps").related_model.objects.filter(application__in=keys).order_by("number"):
        steps.setdefault(step.application_id, []).append(step)
    today = today or timezone.localdate()
    found = ((one.pk, clock(one, steps.get(one.pk, []), rules, today)) for one in applications)
    return {key: one for key, one in found if one is not None}
