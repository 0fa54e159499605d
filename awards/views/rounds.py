"""评选推荐: the calls as unions read them: what is asked, by when, which places there are, what they have put up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from django.db.models import BooleanField, Case, Count, DateField, ExpressionWrapper, F, Prefetch, Q, Value, When
from django.urls import reverse
from django.utils import timezone

from awards.filters import known_rounds
from awards.models import AppliesTo, Honour, Nomination, RequiredPaper, SelectionRound
from awards.models.rounds import HANDED_IN
from awards.slate import Places, places_by_round, quotas_for
from members.models import Union
from pingtang_union.core.dates import left
from pingtang_union.core.scope import reaches
from pingtang_union.core.views import Role, ScopedCRUDView
from pingtang_union.workflow.table import EDITABLE

OWN_SHOWN = 10  # nominations on a round's page; a link leads to the rest


@dataclass(frozen=True)
class Share:
    """Places that a union may use. `used` is None for those of others: how many they have put up is their business."""

    holder: str
    places: int
    used: int | None
    is_own: bool

    @property
    def left(self) -> int | None:
        """How many more may be put up, where that is known."""
        return None if self.used is None else max(0, self.places - self.used)


@dataclass(frozen=True)
class Seen:
    """A round as a list shows it to one union."""

    round: SelectionRound
    is_open: bool
    words: str  # how long it is open
    urgency: str
    shares: Sequence[Share]
    drafts: int
    handed_in: int


def standing(round_: SelectionRound, today: date) -> tuple[str, str]:
    """(words, urgency) of how long a round is open."""
    if round_.closed_on:
        return "已结束", ""
    if today < round_.opens_on:
        return "尚未开始", ""
    return left(round_.closes_on, today) if today <= round_.closes_on else ("申报已截止", "")


def shares_of(union: Union, rounds: Sequence[SelectionRound]) -> dict[int, list[Share]]:
    """The places that nominations of `union` take, by round. Two queries, however many rounds."""
    by_round = places_by_round(quotas_for(union, rounds))
    return {pk: [_share(quota, union) for quota in places] for pk, places in by_round.items()}


def _share(places: Places, union: Union) -> Share:
    is_own = places.union_id == union.pk
    return Share(places.holder, places.places, places.used if is_own else None, is_own)


def seen_by(user: Any, rounds: Sequence[SelectionRound], today: date) -> list[Seen]:
    """The rounds with the places and the nominations of the user's union and those below it. Three queries."""
    shares = shares_of(user.union, rounds) if user.union is not None else {}
    rows = Nomination.objects.visible_to(user).filter(round__in=rounds).order_by().values("round")
    counted = {
        row["round"]: (row["drafts"], row["handed_in"])
        for row in rows.annotate(
            drafts=Count("pk", filter=Q(state__in=EDITABLE)), handed_in=Count("pk", filter=Q(state__in=HANDED_IN))
        )
    }
    return [
        Seen(
            round_, round_.is_open_on(today), *standing(round_, today), shares.get(round_.pk, ()),
            *counted.get(round_.pk, (0, 0)),
        )
        for round_ in rounds
    ]  # fmt: skip


class RoundView(ScopedCRUDView):
    """评选推荐。"""

    model = SelectionRound
    route = "awards:round"
    is_entered_here = is_changed_here = False
    paginate_by = 20

    def get_queryset(self) -> Any:
        """Rounds that the user may read of: open ones first, by when they close; of the others the latest first."""
        today = timezone.localdate()
        is_open = Q(opens_on__lte=today, closes_on__gte=today, closed_on__isnull=True)
        closes_first = Case(When(is_open, then=F("closes_on")), default=Value(None), output_field=DateField())
        return (
            known_rounds(self.user)
            .select_related("union")
            .prefetch_related(Prefetch("honours", Honour.objects.in_order()))
            .alias(is_open=ExpressionWrapper(is_open, output_field=BooleanField()), closes_first=closes_first)
            .order_by("-is_open", "closes_first", "-closes_on", "-pk")
        )

    def title(self) -> str:
        """The page's heading."""
        return "评选推荐" if self.role == Role.LIST else str(self.object)

    @property
    def may_nominate(self) -> bool:
        """Whether the role puts up nominees."""
        return self.user.has_perms(("awards.add_nomination", "awards.submit_nomination"))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The rounds as the user sees them; of one all that it asks for, and what has been put up."""
        context = super().get_context_data(**kwargs) | {"may_nominate": self.may_nominate}
        today = timezone.localdate()
        if self.role == Role.LIST:
            rows = seen_by(self.user, list(context["page_obj"]), today)
            context["open_rows"] = [row for row in rows if row.is_open]
            context["other_rows"] = [row for row in rows if not row.is_open]
            return context
        round_ = self.object
        assert isinstance(round_, SelectionRound)  # noqa: S101  the page of one
        nominations = Nomination.objects.visible_to(self.user).filter(round=round_).standing()
        return context | {
            "seen": seen_by(self.user, [round_], today)[0],
            "papers": _by_kind(round_),
            "opinions": [(opinion.department, opinion.get_applies_to_display()) for opinion in round_.opinions.all()],
            "vetoes": list(round_.vetoes.all()),
            "ratios": list(round_.ratios.all()),
            "total": nominations.count(),
            "nominations": nominations.select_related("union", "honour").defer("deeds")[:OWN_SHOWN],
            "nominations_url": f"{reverse('awards:nomination_list')}?round={round_.pk}",
            "shows_county": reaches(self.user, round_.union),
            "sees_slate": self.user.has_perm("awards.recommend_nomination")
            or self.user.has_perm("awards.review_nomination"),
        }


def _by_kind(round_: SelectionRound) -> list[tuple[str, list[RequiredPaper]]]:
    """The papers of a round by whom they are asked of, those of everyone first."""
    order = AppliesTo.values
    papers = sorted(round_.papers.all(), key=lambda paper: order.index(paper.applies_to))
    return [(AppliesTo(kind).label, list(group)) for kind, group in groupby(papers, key=lambda paper: paper.applies_to)]
