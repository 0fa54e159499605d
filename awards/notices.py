"""The rounds with nominees in publicity, for the public notice board."""

from datetime import date
from itertools import groupby

from awards.models import Nomination, NomineeKind, SelectionRound
from awards.models.honours import place_of_level
from pingtang_union.workflow.notices import Nominee, Notice
from pingtang_union.workflow.table import State


def notices(today: date) -> list[Notice]:
    """Every notice of `today`, the newest round first; one query.

    The deadline is reckoned anew, so that a notice hangs as long as no decision may be made (Application.publicity).
    """
    rows = Nomination.objects.filter(state=State.PUBLICISED, publicised_from__lte=today)
    rows = rows.select_related("round", "honour", "union").only(
        "kind", "name", "summary", "publicised_from", "publicised_until", "publicity_days",
        "round__title", "round__call_document", "round__objection_contact",
        "honour__title", "honour__level", "honour__kind", "union__name",
    )  # fmt: skip
    rows = rows.order_by(
        "-round__opens_on", "-round", place_of_level("honour__level"), "honour__order", "honour", "union__path", "pk"
    )
    hanging = [nomination for nomination in rows if (end := nomination.publicity()) and end.day >= today]
    return [_notice(round_, list(group)) for round_, group in groupby(hanging, key=lambda nomination: nomination.round)]


def _notice(round_: SelectionRound, nominations: list[Nomination]) -> Notice:
    nominees = [_nominee(nomination) for nomination in nominations]
    return Notice(str(round_.pk), round_.title, round_.call_document, round_.objection_contact, nominees)


def _nominee(nomination: Nomination) -> Nominee:
    end, first = nomination.publicity(), nomination.publicised_from
    assert end is not None  # noqa: S101  the database says so
    assert first is not None  # noqa: S101  the same
    return Nominee.masked(
        is_person=nomination.kind != NomineeKind.COLLECTIVE or nomination.honour.is_for_person,
        name=nomination.name,
        summary=nomination.summary,
        title=nomination.honour.title,
        union=nomination.union.name,
        kind=nomination.get_kind_display(),
        first=first,
        last=end.day,
    )
