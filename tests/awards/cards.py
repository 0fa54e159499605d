"""Schemes of stars and scorecards at any state, for tests that begin there. Every mark here is made up."""

from decimal import Decimal

from awards import services
from awards.models import Scorecard, StarItem, StarScheme
from awards.services.stars import Scores
from members import roles
from members.models import Union, User
from pingtang_union.workflow.attachments import CheckedFile
from pingtang_union.workflow.table import State
from tests.awards.walk import perform
from tests.factories import (
    DimensionFactory,
    SchemeFactory,
    ScorecardFactory,
    StarItemFactory,
    ThresholdFactory,
    UserFactory,
)

_WAY = {"submit": State.SUBMITTED, "approve": State.REVIEWED, "confirm": State.DECIDED}
PAPER = CheckedFile("换届公示.pdf", "application/pdf", b"%PDF-1.7")


def make_scheme(**said) -> StarScheme:
    """Two dimensions of two items, ten marks each; 四星级 from 30 on, 五星级 from 36 on; in use."""
    scheme = SchemeFactory(**said)
    for place, name in enumerate(("组织建设", "队伍建设")):
        dimension = DimensionFactory(scheme=scheme, name=name, order=place)
        for number in (1, 2):
            StarItemFactory(dimension=dimension, text=f"{name}要求{number}", order=number)
    ThresholdFactory(scheme=scheme, stars=4, least=30)
    ThresholdFactory(scheme=scheme, stars=5, least=36)
    return scheme


def items_of(scheme: StarScheme) -> list[StarItem]:
    """The scheme's items in order."""
    return list(StarItem.objects.filter(dimension__scheme=scheme).order_by("dimension__order", "order"))


def scores_of(scheme: StarScheme, score: object = 9, note: str = "") -> Scores:
    """The same score for every item."""
    return {item.pk: (Decimal(str(score)), note) for item in items_of(scheme)}


def people_for(union: Union) -> dict[str, User]:
    """One person for each transition."""
    return {
        "submit": UserFactory(union=union, roles=(roles.GRASSROOTS,)),
        "approve": UserFactory(roles=(roles.ECONOMY,)),
        "confirm": UserFactory(roles=(roles.ORGANISATION,)),
    }


def lead(
    state: State, union: Union, scheme: StarScheme | None = None, people: dict[str, User] | None = None,
    own: object = 9, county: object = 8,
) -> Scorecard:  # fmt: skip
    """A scorecard led to `state`, with `own` and `county` marks for every item."""
    scheme, people = scheme or make_scheme(), people or people_for(union)
    card = ScorecardFactory(scheme=scheme, union=union, created_by=people["submit"])
    services.save_self_scores(scorecard=card, scores=scores_of(scheme, own), by=people["submit"])
    if state == State.ABANDONED:
        return perform(card, "abandon", by=people["submit"], reason="今年不参加评定")
    for name, reached in _WAY.items():
        if state == State.DRAFT:
            break
        if name == "approve":
            if state in (State.RETURNED, State.REJECTED):
                return perform(card, "return" if state == State.RETURNED else "reject", by=people["approve"],
                               reason="佐证材料不齐，请补充")  # fmt: skip
            services.save_county_scores(scorecard=card, scores=scores_of(scheme, county), by=people["approve"])
        card = perform(card, name, by=people[name])
        if reached == state:
            break
    return Scorecard.objects.get(pk=card.pk)
