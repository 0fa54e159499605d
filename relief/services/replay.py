"""Policy replay: what a policy, issued or a draft, would say of every accepted file, and the most it would cost. The
facts are those that each decision was made on, so that the policy of a decision gives exactly that decision again."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import OuterRef, Subquery

from relief.models import Assessment, Household, ReliefPolicy
from relief.models.assessment import Facts, Outcome, assess
from relief.models.codes import HardshipCategory


@dataclass(frozen=True)
class Change:
    """A file that another policy puts into another category."""

    household: Household
    before: str
    after: Outcome

    @property
    def before_label(self) -> str:
        return str(HardshipCategory(self.before).label)


@dataclass(frozen=True)
class Replayed:
    """How all files that stand fare under a policy. costs: the most by programme and source in a year, before and
    after: what the caps of the policy in force and of the one that is tried allow."""

    files: int
    changes: list[Change]
    counts: list[tuple[str, int, int]]  # category, before, after
    costs: list[tuple[str, Decimal, Decimal]]  # programme and source, before, after

    @property
    def total(self) -> tuple[Decimal, Decimal]:
        """All costs, before and after."""
        return sum((one[1] for one in self.costs), Decimal()), sum((one[2] for one in self.costs), Decimal())


def latest(user: Any) -> Any:
    """The calculation that each file of `user` stands on."""
    of_file = Assessment.objects.filter(household=OuterRef("household")).order_by("-pk")
    standing = Assessment.objects.visible_to(user).filter(household__in=Household.objects.visible_to(user).accepted())
    return standing.filter(pk=Subquery(of_file.values("pk")[:1]))


def again(assessment: Assessment, policy: ReliefPolicy | None = None) -> Outcome:
    """A kept calculation made again, by its own policy or by another."""
    return assess(Facts.from_json(assessment.facts), (policy or assessment.policy).rules())


def replay(policy: ReliefPolicy, *, beside: ReliefPolicy | None, by: Any) -> Replayed:
    """Every accepted file that `by` sees, under `policy`; `beside` is the one in force."""
    rows = list(latest(by).select_related("household__union").order_by("household__union__path", "household_id"))
    rules = policy.rules()
    before: Counter[str] = Counter()
    after: Counter[str] = Counter()
    changes = []
    for row in rows:
        outcome = assess(Facts.from_json(row.facts), rules)
        before[row.category] += 1
        after[outcome.category] += 1
        if outcome.category != row.category:
            changes.append(Change(row.household, row.category, outcome))
    counts = [(str(one.label), before[one], after[one]) for one in HardshipCategory if before[one] or after[one]]
    old, new = _costs(beside, before), _costs(policy, after)
    names = list(dict.fromkeys([*old, *new]))
    costs = [(name, old.get(name, Decimal()), new.get(name, Decimal())) for name in names]
    return Replayed(len(rows), changes, counts, costs)


def _costs(policy: ReliefPolicy | None, counts: Counter[str]) -> dict[str, Decimal]:
    costs: dict[str, Decimal] = {}
    caps: Iterable[Any] = policy.caps.select_related("programme") if policy is not None else ()
    for cap in caps:
        name = f"{cap.programme}（{cap.get_source_display()}）"
        costs[name] = costs.get(name, Decimal()) + cap.most * counts[cap.category]
    return costs
