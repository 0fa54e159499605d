"""What strangers may read of an award: explicit fields, names of persons masked, no number of anyone."""

from dataclasses import dataclass
from datetime import date
from typing import Self

from django.db.models import Q, QuerySet

from awards.models import Award, RecipientKind, SelectionRound
from awards.models.honours import place_of_level
from pingtang_union.core.dates import day_in_words
from pingtang_union.core.figures import mask_name
from pingtang_union.workflow.notices import blot

# Awards whose recipient may be read in full: a person's only where she agreed in writing. `is_open` says the same.
OPEN_NAMES = Q(shows_name=True) | (~Q(honour__kind=RecipientKind.PERSON) & Q(member__isnull=True, cadre__isnull=True))


@dataclass(frozen=True)
class Honoured:
    """One award."""

    token: str
    title: str
    level: str
    is_above_county: bool
    is_person: bool
    name: str
    union: str
    workplace: str
    awarded_on: str
    granted_by: str
    document: str
    certificate: str
    revoked_on: str
    revoke_document: str

    @classmethod
    def of(cls, award: Award, *, in_full: bool = False) -> Self:
        """Of an award out of `loaded`. in_full: the whole name, for who may see the record."""
        return cls(
            token=award.token, title=award.honour.title, level=award.honour.get_level_display(),
            is_above_county=award.honour.is_above_county, is_person=_is_of_person(award),
            name=blot(award.recipient if in_full or is_open(award) else mask_name(award.recipient)),
            union=award.union.name, workplace=award.addressed_to, awarded_on=award.awarded_on or "",
            granted_by=award.granted_by or award.honour.granted_by, document=award.document_number,
            certificate=award.certificate_number, revoked_on=award.revoked_on or "",
            revoke_document=award.revoke_document,
        )  # fmt: skip

    @property
    def whom(self) -> str:
        """Whom the certificate addresses: the workplace, not its union, then the name, unless the name says it."""
        if self.name == self.union:
            return self.workplace
        return self.name if self.name.startswith(self.workplace) else f"{self.workplace}　{self.name}"


def latest(today: date) -> list[Honoured]:
    """The awards for the front page."""
    awards = Award.objects.standing_on(today)
    return [
        Honoured.of(one) for one in loaded(awards).order_by("-awarded_on", place_of_level("honour__level"), "pk")[:6]
    ]


@dataclass(frozen=True)
class Call:
    """A round that takes nominations, as strangers may read of it."""

    title: str
    closes_on: str
    days_left: int


def calls(today: date) -> list[Call]:
    """What is being selected, the next to close first."""
    rows = SelectionRound.objects.open_on(today).order_by("closes_on", "pk").values_list("title", "closes_on")
    return [Call(title, day_in_words(day), (day - today).days) for title, day in rows[:5]]


def loaded(awards: QuerySet[Award]) -> QuerySet[Award]:
    """`awards` with the columns that are shown, and no others."""
    return awards.select_related("honour", "union").only(
        "token", "recipient", "recipient_key", "awarded_on", "granted_by", "document_number", "certificate_number",
        "workplace", "revoked_on", "revoke_document", "shows_name", "recipient_union_id", "member_id", "cadre_id",
        "honour__title", "honour__other_titles", "honour__level", "honour__kind", "honour__granted_by", "union__name",
    )  # fmt: skip


def _is_of_person(award: Award) -> bool:
    return award.honour.is_for_person or award.member_id is not None or award.cadre_id is not None


def is_open(award: Award) -> bool:
    """Whether the recipient's name may be read in full."""
    return award.shows_name or not _is_of_person(award)
