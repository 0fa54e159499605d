"""The honour ladder: who stands on which rung, for which title above one could be put up, since when, and what is
missing.

Reckoned in memory from awards, open rounds and nominations that were scoped before: three queries, however many
holders there are. Dates known to the year or month only are never taken for more than they say.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from django.db.models import Q, QuerySet

from awards.models import Honour, HonourLevel, Nomination, SelectionRound
from awards.models.nominations import NominationQuerySet
from members.models.codes import UnionStatus
from pingtang_union.core.dates import shift_years
from pingtang_union.core.text import fold_name
from pingtang_union.tones import Toned
from pingtang_union.workflow.table import State


class Stage(Toned):
    """What stands between a holder and the title above."""

    READY = "ready", "is-warn", "正在评选，还没有申报"
    NOMINATED = "nominated", "is-info", "已经在申报"
    NO_ROUND = "no_round", "", "目前没有评选"
    UNSURE = "unsure", "", "授予时间没有登记到日，年限要核对"
    WAITING = "waiting", "", "年限还没有满"


# For these nothing has to be waited for, as far as the catalogue says.
NOW = (Stage.READY, Stage.NOMINATED, Stage.NO_ROUND)
LATER = (Stage.UNSURE, Stage.WAITING)


@dataclass(frozen=True)
class Held:
    """A standing award, with whose it is: `holder` is the same for all awards of one union, person, team or post, and
    the key of a nomination of it. `alias` is the key of a nomination by name only."""

    holder: str
    alias: str
    honour_id: int
    recipient: str
    union_id: int
    union_name: str
    union_path: str
    township: str
    awarded_on: str


_COLUMNS = (
    "honour_id", "honour__kind", "recipient", "recipient_key", "recipient_union_id", "member_id", "cadre_id",
    "member__id_index", "cadre__id_index", "union_id", "union__name", "union__path", "union__township", "awarded_on",
)  # fmt: skip


def held_of(awards: QuerySet) -> list[Held]:
    """`awards` as the ladder takes them, the earliest first. Unions that were dissolved stand on no rung.

    An award that knows a name only is of whom another award of that name in the same union knows, if it is only one.
    """
    rows = awards.exclude(recipient_union__status=UnionStatus.DISSOLVED).order_by("awarded_on", "pk").values(*_COLUMNS)
    held = [
        Held(
            _holder(row) or _alias(row), _alias(row), row["honour_id"], row["recipient"], row["union_id"],
            row["union__name"], row["union__path"], row["union__township"], row["awarded_on"],
        )
        for row in rows
    ]  # fmt: skip
    known: dict[str, set[str]] = {}
    for award in held:
        if award.holder != award.alias:
            known.setdefault(award.alias, set()).add(award.holder)
    only = {alias: next(iter(holders)) for alias, holders in known.items() if len(holders) == 1}
    return [replace(one, holder=only.get(one.alias, one.holder)) for one in held]


def _holder(row: dict[str, Any]) -> str:
    """The key that a nomination of the same record has (Nomination.nominee_key); "" where none is known."""
    if row["recipient_union_id"]:
        return f"union:{row['recipient_union_id']}"
    for kind in ("member", "cadre"):
        if row[f"{kind}_id"]:
            number = row[f"{kind}__id_index"]
            return f"person:{number}" if number else f"{kind}:{row[f'{kind}_id']}"
    return ""


def _alias(row: dict[str, Any]) -> str:
    name = fold_name(row["recipient"])[:100] if row["honour__kind"] == "person" else row["recipient_key"]
    return f"name:{row['union_id']}:{name}"


class Ladder:
    """Titles that stand above each other, and who holds them."""

    def __init__(self, honours: Iterable[Honour], held: Iterable[Held]):
        self.honours = {honour.pk: honour for honour in honours}
        self._above: dict[int, list[int]] = {}
        for honour in self.honours.values():
            if honour.below_id in self.honours:
                self._above.setdefault(honour.below_id, []).append(honour.pk)
        self._held: dict[int, dict[str, Held]] = {}
        for award in held:
            # Given twice, the first time counts: waiting began then.
            self._held.setdefault(award.honour_id, {}).setdefault(award.holder, award)

    @cached_property
    def chains(self) -> list[list[Honour]]:
        """Every ladder of at least two rungs, from the bottom up; one that forks is a ladder for each top."""
        tops = [
            honour
            for honour in self.honours.values()
            if honour.below_id in self.honours and honour.pk not in self._above
        ]
        return [list(reversed(list(self._down(top)))) for top in tops]

    def _down(self, honour: Honour) -> Iterator[Honour]:
        seen: set[int] = set()
        step: Honour | None = honour
        while step is not None and step.pk not in seen:
            seen.add(step.pk)
            yield step
            step = self.honours.get(step.below_id or 0)

    def _at_or_above(self, honour: Honour) -> set[int]:
        keys, waiting = set(), [honour.pk]
        while waiting:
            pk = waiting.pop()
            if pk not in keys:
                keys.add(pk)
                waiting += self._above.get(pk, [])
        return keys

    def _without(self, honour_id: int, higher: Iterable[int]) -> list[Held]:
        beyond = {holder for pk in higher for holder in self._held.get(pk, {})}
        return [award for holder, award in self._held.get(honour_id, {}).items() if holder not in beyond]

    def is_held(self, honour: Honour) -> bool:
        """Whether anyone holds it."""
        return honour.pk in self._held

    def chain_to(self, top: str, through: Honour) -> list[Honour] | None:
        """The ladder whose highest title has the key `top`, if `through` stands in it."""
        return next((chain for chain in self.chains if str(chain[-1].pk) == top and through in chain), None)

    def standing_on(self, honour: Honour, chain: Sequence[Honour] | None = None) -> list[Held]:
        """Holders for whom `honour` is the highest rung of `chain`, or of every ladder that it stands in."""
        if chain is None:
            return self._without(honour.pk, self._at_or_above(honour) - {honour.pk})
        return self._without(honour.pk, [one.pk for one in chain[list(chain).index(honour) + 1 :]])

    def candidates(self, honour: Honour) -> list[Held]:
        """Awards of the title just below, of holders who hold neither `honour` nor anything above it. None for a title
        that stands on no other or isn't given any more."""
        if honour.below_id is None or not honour.is_in_use:
            return []
        return self._without(honour.below_id, self._at_or_above(honour))


# --- What is missing -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Prospect:
    """A holder and the title that she could go for. `since` is when waiting ends, as exactly as the award's date is
    known; `round` is open now; `nomination` is on its way or failed in a round that is still open."""

    held: Held
    honour: Honour
    since: str
    stage: Stage
    round: SelectionRound | None = None
    nomination: Nomination | None = None

    @property
    def is_now(self) -> bool:
        """Whether nothing has to be waited for."""
        return self.stage in NOW


def waiting(since: str, today: str) -> Stage | None:
    """WAITING before `since` (2020, 2020-04 or 2020-04-25), UNSURE within it where it is a year or a month, None
    after."""
    now = today[: len(since)]
    if now < since:
        return Stage.WAITING
    return Stage.UNSURE if now == since and len(since) < len(today) else None


def prospects(
    ladder: Ladder,
    honours: Iterable[Honour],
    rounds: Sequence[SelectionRound],
    nominations: Iterable[Nomination],
    today: str,
) -> list[Prospect]:
    """Everyone who could go for one of `honours`. `rounds` are those open on `today` (with union and honours),
    `nominations` those of these titles (see `nominations_for`)."""
    calls: dict[int, list[SelectionRound]] = {}
    for call in rounds:
        for honour in call.honours.all():
            calls.setdefault(honour.pk, []).append(call)
    is_open = {call.pk for call in rounds}
    ways: dict[tuple[int, str], Nomination] = {}
    by_name: dict[tuple[int, str], Nomination] = {}
    for nomination in nominations:
        if nomination.state != State.REJECTED or nomination.round_id in is_open:
            alias = f"name:{nomination.union_id}:{nomination.name_key}"
            ways.setdefault((nomination.honour_id, nomination.nominee_key), nomination)
            by_name.setdefault((nomination.honour_id, alias), nomination)

    def way(award: Held, honour: Honour) -> Nomination | None:
        # Where one side knows only the name, the name in the same union has to do.
        same_name = by_name.get((honour.pk, award.alias)) if award.holder == award.alias else None
        return ways.get((honour.pk, award.holder)) or ways.get((honour.pk, award.alias)) or same_name

    return [
        _prospect(award, honour, calls.get(honour.pk, []), way(award, honour), today)
        for honour in honours
        for award in ladder.candidates(honour)
    ]


def _prospect(
    held: Held, honour: Honour, calls: Sequence[SelectionRound], nomination: Nomination | None, today: str
) -> Prospect:
    since = shift_years(held.awarded_on, honour.wait_years or 0)
    call = next((call for call in calls if held.union_path.startswith(call.union.path)), None)
    stage = waiting(since, today) if honour.wait_years else None
    if nomination is not None:
        stage = Stage.NOMINATED
    return Prospect(held, honour, since, stage or (Stage.READY if call else Stage.NO_ROUND), call, nomination)


def nominations_for(nominations: NominationQuerySet, honours: Iterable[Honour]) -> NominationQuerySet:
    """Of `nominations` those for `honours` that say something of the present, the latest first: on their way, sent up
    and not answered yet, or not approved."""
    unfinished = [state for state in State if state not in (State.DECIDED, State.ABANDONED)]
    sent_up = Q(state=State.DECIDED, naming="") & ~Q(honour__level=HonourLevel.COUNTY)
    rows = nominations.filter(Q(state__in=unfinished) | sent_up, honour__in=[honour.pk for honour in honours])
    return rows.defer("deeds").order_by("-pk")


def lacking(nominations: NominationQuerySet, prospects: Iterable[Prospect]) -> dict[int, int]:
    """How many things are still to be filled in of each nomination of `found` that can be changed, by its key."""
    wanted = [
        prospect.nomination.pk
        for prospect in prospects
        if prospect.nomination is not None and prospect.nomination.is_editable
    ]
    if not wanted:
        return {}
    return {
        nomination.pk: len(nomination.still_missing())
        for nomination in nominations.filter(pk__in=wanted).with_checklists()
    }


# --- Overview ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Rung:
    """One title of a ladder: for how many it is the highest, and how many of those below could go for it now or
    later. It `is_empty` when nobody holds it."""

    honour: Honour
    is_empty: bool
    standing: int
    now: int
    later: int
    round: SelectionRound | None


def rungs(
    ladder: Ladder, chain: Sequence[Honour], prospects: Iterable[Prospect], rounds: Iterable[SelectionRound]
) -> list[Rung]:
    """The rungs of a ladder from the top down; `found` are the prospects of its titles."""
    counts = Counter((prospect.honour.pk, prospect.is_now) for prospect in prospects)
    calls = {honour.pk: call for call in rounds for honour in call.honours.all()}
    return [
        Rung(
            honour=honour,
            is_empty=not ladder.is_held(honour),
            standing=len(ladder.standing_on(honour, chain)),
            now=counts[honour.pk, True],
            later=counts[honour.pk, False],
            round=calls.get(honour.pk),
        )
        for honour in reversed(chain)
    ]
