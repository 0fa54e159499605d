"""The slate of a round: which shares the call asks for, how they stand, and what the next pick does to each.

Everything here is reckoned from nominations that were scoped and loaded before. Shares are fractions, so that a bound
is met or missed and never nearly. Only persons count (DOMAIN 3 [50][51]); what the bounds are is data of the call.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, ROUND_UP, Decimal
from fractions import Fraction
from math import ceil, floor

from django.db import models
from django.db.models import Count, Q

from awards.models import Bound, Nomination, NomineeKind, Quota, SelectionRound, SlateRatio
from awards.models.rounds import APPROVED, HANDED_IN, PASSED_ON
from members.models import Union

_TENTH = Decimal("0.1")


class Basis(models.TextChoices):
    """Who is on the slate."""

    HANDED_IN = "handed_in", "所有已提交的"
    PASSED_ON = "passed_on", "已推荐的"
    APPROVED = "approved", "县审核通过的"


def is_on(nomination: Nomination, basis: str) -> bool:
    """Whether a nomination is on the slate; one that nobody has to recommend is passed on when it is handed in."""
    if basis == Basis.APPROVED:
        return nomination.state in APPROVED
    if basis == Basis.PASSED_ON:
        return nomination.state in PASSED_ON or (nomination.state in HANDED_IN and nomination.is_direct)
    return nomination.state in HANDED_IN


def is_counted(nomination: Nomination) -> bool:
    """Whether shares are reckoned over it: persons only."""
    return nomination.kind != NomineeKind.COLLECTIVE


@dataclass(frozen=True)
class Share:
    """How one ratio stands: `count` of `total` persons have its trait. Of nobody the share is 0."""

    ratio: SlateRatio
    count: int
    total: int

    @property
    def part(self) -> Fraction:
        """The share itself, 0 to 1."""
        return Fraction(self.count, self.total) if self.total else Fraction(0)

    @property
    def bound(self) -> Fraction:
        """What is asked for, 0 to 1."""
        return Fraction(self.ratio.percent) / 100

    @property
    def asked(self) -> str:
        """What is asked for as people write it: 35%."""
        return f"{Decimal(self.ratio.percent).normalize():f}%"

    @property
    def is_floor(self) -> bool:
        """Whether at least so many are asked for, rather than at most."""
        return self.ratio.bound == Bound.AT_LEAST

    @property
    def gap(self) -> Fraction:
        """How far it is from what is asked for; 0 when it is met."""
        return max(Fraction(0), self.bound - self.part if self.is_floor else self.part - self.bound)

    @property
    def is_met(self) -> bool:
        """Whether the bound holds."""
        return self.gap == 0

    @property
    def percent(self) -> Decimal:
        """The share in percent with one decimal. A share that misses its bound is never rounded onto it."""
        exact = Decimal(self.part.numerator * 100) / Decimal(self.part.denominator)
        shown = exact.quantize(_TENTH, ROUND_HALF_UP)
        if not self.is_met and (shown >= self.ratio.percent if self.is_floor else shown <= self.ratio.percent):
            shown = exact.quantize(_TENTH, ROUND_DOWN if self.is_floor else ROUND_UP)
        return shown

    @property
    def needed(self) -> int | None:
        """How many more of the trait meet a floor; 0 when it is met or a cap, None when no number does."""
        if not self.is_floor or self.is_met:
            return 0
        if self.bound == 1:
            return None if self.total else 1
        return max(1, ceil((self.bound * self.total - self.count) / (1 - self.bound)))

    @property
    def too_many(self) -> int:
        """How many of the trait have to go for a cap to hold; 0 for a floor."""
        if self.is_floor or self.is_met:
            return 0
        return ceil((self.count - self.bound * self.total) / (1 - self.bound))

    @property
    def swaps(self) -> int:
        """How many have to be exchanged for the bound to hold over as many persons as now."""
        if self.is_floor:
            return max(0, ceil(self.bound * self.total) - self.count)
        return max(0, self.count - floor(self.bound * self.total))

    def moved(self, has_trait: bool, step: int = 1) -> "Share":
        """The share after `step` more persons, all with the trait or all without it; a negative step takes away."""
        return Share(self.ratio, self.count + (step if has_trait else 0), self.total + step)


@dataclass(frozen=True)
class Slate:
    """How all ratios of a round stand over `total` persons; `others` are collectives and posts, which don't count."""

    shares: tuple[Share, ...]
    total: int
    others: int


def slate_of(ratios: Iterable[SlateRatio], nominations: Sequence[Nomination]) -> Slate:
    """The slate that `nominations` make."""
    persons = [nomination for nomination in nominations if is_counted(nomination)]
    counts = Counter(trait for nomination in persons for trait in nomination.traits())
    shares = tuple(Share(ratio, counts[ratio.trait], len(persons)) for ratio in ratios)
    return Slate(shares, len(persons), len(nominations) - len(persons))


# --- The next pick -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Effect:
    """What adding one person to the slate, or taking one off it, makes of a share."""

    before: Share
    after: Share

    @property
    def turn(self) -> str:
        """What turns: meets, better, same, worse or breaks."""
        if self.before.is_met != self.after.is_met:
            return "meets" if self.after.is_met else "breaks"
        if self.before.gap == self.after.gap:
            return "same"
        return "better" if self.after.gap < self.before.gap else "worse"

    @property
    def words(self) -> str:
        """The same in words; "" where nothing turns."""
        broken = "不够了" if self.after.is_floor else "超过了"
        return {"meets": "达到", "better": "近一步", "worse": "远一步", "breaks": broken}.get(self.turn, "")


def effects(slate: Slate, nomination: Nomination, step: int = 1) -> list[Effect]:
    """What becomes of each share when the nominee is added (step 1) or taken off (-1); [] for who doesn't count."""
    if not is_counted(nomination):
        return []
    traits = nomination.traits()
    return [Effect(share, share.moved(share.ratio.trait in traits, step)) for share in slate.shares]


def helps(effects: Iterable[Effect]) -> bool:
    """Whether a pick brings some share nearer to what is asked for and takes none farther from it."""
    turns = {effect.turn for effect in effects}
    return bool(turns & {"meets", "better"}) and not turns & {"worse", "breaks"}


def advice(share: Share, left: int | None = None) -> str:
    """What to pick next for one ratio, in words; `left` is how many places are left where that is known."""
    trait = share.ratio.get_trait_display()
    if share.is_floor:
        return _advice_on_floor(share, trait, left)
    if not share.is_met:
        return f"超过 {share.asked}，要去掉 {share.too_many} 名{trait}"
    return f"再选{trait}会超过 {share.asked}" if not share.moved(True).is_met else "没有超过"


def _advice_on_floor(share: Share, trait: str, left: int | None) -> str:
    if share.is_met:
        return "已经达到" if share.moved(False).is_met else f"再选不是{trait}的就不够 {share.asked}"
    needed = share.needed
    if needed is None:
        return f"要求全部是{trait}，名单里有 {share.total - share.count} 名不是"
    if left is None or needed <= left:
        return f"再选 {needed} 名{trait}就够 {share.asked}"
    if left <= 0:
        return f"名额已经用完，要换上 {share.swaps} 名{trait}才够 {share.asked}"
    return f"名额只剩 {left} 个，都选{trait}也不够 {share.asked}，还要换上 {share.moved(True, left).swaps} 名"


# --- Places ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Places:
    """A quota and how much of it is used."""

    holder: str
    places: int
    used: int
    union_id: int | None = None
    is_county: bool = False

    @property
    def left(self) -> int:
        """How many more may be put up."""
        return max(0, self.places - self.used)


def places_of(round_: SelectionRound, quotas: Sequence[Quota]) -> list[Places]:
    """Each quota with the places taken of it, as the guards of a nomination count them: over every nomination of the
    round, whoever asks. One query."""
    return places_by_round(quotas).get(round_.pk, [])


def places_by_round(quotas: Iterable[Quota]) -> dict[int, list[Places]]:
    """The same for quotas of several rounds, by round. One query."""
    quotas = list(quotas)
    counted = {f"quota{quota.pk}": Count("pk", filter=Q(round=quota.round_id) & quota.takers()) for quota in quotas}
    nominations = Nomination.objects.filter(round__in={quota.round_id for quota in quotas})
    used = nominations.aggregate(**counted) if counted else {}
    by_round: dict[int, list[Places]] = {}
    for quota in quotas:
        places = Places(quota.holder, quota.places, used[f"quota{quota.pk}"], quota.union_id)
        by_round.setdefault(quota.round_id, []).append(places)
    return by_round


def quotas_for(union: Union, rounds: Iterable[SelectionRound]) -> list[Quota]:
    """The quotas of `rounds` that nominations of `union` take places of: its own, those above it, its system's."""
    above = [union.path[:end] for end in range(union.steplen, len(union.path) + 1, union.steplen)]
    concerned = Q(union__path__in=above)
    if union.system:
        concerned |= Q(system=union.system)
    return list(Quota.objects.filter(concerned, round__in=list(rounds)).select_related("union").order_by("pk"))


def county_places(round_: SelectionRound) -> Places | None:
    """The places of the whole round, taken by what the county has approved; None where it has no limit."""
    if round_.county_places is None:
        return None
    used = Nomination.objects.filter(round=round_, state__in=APPROVED).count()
    return Places("全县", round_.county_places, used, is_county=True)
