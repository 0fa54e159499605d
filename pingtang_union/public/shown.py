"""What strangers may read: explicit fields, names of persons masked, no number of anyone."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Self

from django.db.models import Q, QuerySet

from awards.models import Award, Nomination, NomineeKind, RecipientKind
from pingtang_union.core.dates import display_partial
from pingtang_union.core.figures import mask_name
from pingtang_union.core.text import visible

_BLOT = "******"
# Six digits and more, of any width, whatever people put between them: identity numbers, cards, phones.
_NUMBER = re.compile(r"\d(?:[\s.,\-‐-―－·．/]{0,3}\d){5,}(?:[\s\-－]?[XxＸｘ])?")
_DAY_OR_YEARS = re.compile(
    r"(?:19|20)\d\d([-./])[01]?\d(?:\1[0-3]?\d)?|(?:19|20)\d\d\s?[-‐-―－/]{1,2}\s?(?:19|20)\d\d", re.ASCII
)

# Awards whose recipient may be read in full: a person's only where she agreed in writing. `is_open` says the same.
OPEN_NAMES = Q(shows_name=True) | (~Q(honour__kind=RecipientKind.PERSON) & Q(member__isnull=True, cadre__isnull=True))


def blot(text: str) -> str:
    """`text` with every number of six and more digits made illegible; days and spans of years stay."""
    return _NUMBER.sub(lambda found: found[0] if _DAY_OR_YEARS.fullmatch(found[0]) else _BLOT, visible(text))


def _without_name(text: str, name: str) -> str:
    """`text` with the person's name masked wherever it stands, with white space inside or not."""
    letters = "".join(name.split())
    if len(letters) < 2:
        return text
    return re.sub(r"\s*".join(map(re.escape, letters)), mask_name(letters), text)


def in_words(day: date) -> str:
    """2026年4月3日."""
    return display_partial(day.isoformat())


@dataclass(frozen=True)
class Nominee:
    """One nominee of a notice."""

    title: str
    is_person: bool
    name: str
    union: str
    kind: str
    summary: str
    first: date
    last: date

    @classmethod
    def of(cls, nomination: Nomination) -> Self:
        """Of a nomination in publicity, with honour and union loaded."""
        end, first = nomination.publicity(), nomination.publicised_from
        assert end is not None  # noqa: S101  the database says so
        assert first is not None  # noqa: S101  the same
        name, summary = nomination.name, blot(nomination.summary)
        is_person = nomination.kind != NomineeKind.COLLECTIVE or nomination.honour.is_for_person
        if is_person:
            name, summary = mask_name(name), _without_name(summary, name)
        return cls(
            title=nomination.honour.title, is_person=is_person, name=blot(name), union=nomination.union.name,
            kind=nomination.get_kind_display(), summary=summary, first=first, last=end.day,
        )  # fmt: skip

    @property
    def period(self) -> str:
        """From when until when, in words."""
        return f"{in_words(self.first)}至{in_words(self.last)}"


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
            union=award.union.name, awarded_on=display_partial(award.awarded_on),
            granted_by=award.granted_by or award.honour.granted_by, document=award.document_number,
            certificate=award.certificate_number, revoked_on=display_partial(award.revoked_on),
            revoke_document=award.revoke_document,
        )  # fmt: skip


def loaded(awards: QuerySet[Award]) -> QuerySet[Award]:
    """`awards` with the columns that are shown, and no others."""
    return awards.select_related("honour", "union").only(
        "token", "recipient", "recipient_key", "awarded_on", "granted_by", "document_number", "certificate_number",
        "revoked_on", "revoke_document", "shows_name", "recipient_union_id", "member_id", "cadre_id",
        "honour__title", "honour__other_titles", "honour__level", "honour__kind", "honour__granted_by", "union__name",
    )  # fmt: skip


def _is_of_person(award: Award) -> bool:
    return award.honour.is_for_person or award.member_id is not None or award.cadre_id is not None


def is_open(award: Award) -> bool:
    """Whether the recipient's name may be read in full."""
    return award.shows_name or not _is_of_person(award)
