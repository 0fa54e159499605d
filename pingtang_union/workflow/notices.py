"""What hangs on the public notice board (公示栏): apps give it (`notices` of their portal.py), public pages show it.
Strangers read it: names of persons masked, no number of anyone."""

import re
from collections import Counter
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, Self

from pingtang_union.core.dates import day_in_words
from pingtang_union.core.figures import mask_name
from pingtang_union.core.text import visible
from pingtang_union.files.privacy import BLOT, hidden

# Six digits and more, of any width, whatever people put between them: identity numbers, cards, phones.
_NUMBER = re.compile(r"\d(?:[\s.,\-‐-―－·．/]{0,3}\d){5,}(?:[\s\-－]?[XxＸｘ])?")
_DAY_OR_YEARS = re.compile(
    r"(?:19|20)\d\d([-./])[01]?\d(?:\1[0-3]?\d)?|(?:19|20)\d\d\s?[-‐-―－/]{1,2}\s?(?:19|20)\d\d", re.ASCII
)


def blot(text: str) -> str:
    """`text` with every number of six and more digits made illegible, and what `hidden` knows in any dress; days and
    spans of years stay."""
    shown = hidden(visible(text))
    return _NUMBER.sub(lambda number: number[0] if _DAY_OR_YEARS.fullmatch(number[0]) else BLOT, shown)


def _without_name(text: str, name: str) -> str:
    """`text` with the person's name masked wherever it stands, with white space inside or not."""
    letters = "".join(name.split())
    if len(letters) < 2:
        return text
    return re.sub(r"\s*".join(map(re.escape, letters)), mask_name(letters), text)


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
    def masked(cls, *, is_person: bool, name: str, summary: str, **facts: Any) -> Self:
        """How one is made: the name of a person masked, in the text too, and no long number in either."""
        summary = blot(summary)
        if is_person:
            name, summary = mask_name(name), _without_name(summary, name)
        return cls(is_person=is_person, name=blot(name), summary=summary, **facts)

    @property
    def period(self) -> str:
        """From when until when, in words."""
        return f"{day_in_words(self.first)}至{day_in_words(self.last)}"


@dataclass(frozen=True)
class Notice:
    """A call with its nominees in publicity. `key` is its address: one of no other app, "relief-12"."""

    key: str
    title: str
    document: str
    contact: str
    nominees: list[Nominee]

    @cached_property
    def period(self) -> str:
        """From when until when, in words: from the first beginning to the last end."""
        first, last = min(nominee.first for nominee in self.nominees), max(nominee.last for nominee in self.nominees)
        return f"{day_in_words(first)}至{day_in_words(last)}"

    @cached_property
    def issued(self) -> str:
        """The day on which it was first hung out, in words."""
        return day_in_words(min(one.first for one in self.nominees))

    @cached_property
    def is_of_one_period(self) -> bool:
        """Whether all of it begins and ends on the same days."""
        return len({(nominee.first, nominee.last) for nominee in self.nominees}) == 1

    @cached_property
    def titles(self) -> list[str]:
        """Each title with how many are put up for it: 平塘县五一劳动标兵 2 名."""
        numbers = Counter((nominee.title, "名" if nominee.is_person else "个") for nominee in self.nominees)
        return [f"{title} {number} {unit}" for (title, unit), number in numbers.items()]
