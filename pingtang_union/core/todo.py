"""What a page says to whoever has something to do. Apps give items (`todo`, `came_back`, `under_way` of their
portal.py)."""

from dataclasses import dataclass, field

CAME_BACK_WITHIN_DAYS = 60
SHOWN = 10  # of one kind; a link leads to the rest
LAST = 90


@dataclass(frozen=True)
class Step:
    """Something that can be done about an item: words and an address."""

    label: str
    url: str


@dataclass(frozen=True)
class Item:
    """One thing to do, or one that came back: what, how urgent, why, and the next steps.

    Items stand by `place`, and those of one place as the apps give them.
    """

    title: str
    badge: str
    urgency: str  # is-bad, is-warn or "": as the stylesheet's badges
    text: str = ""
    reasons: list[str] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    place: int = 50
