"""County staff's pages over relief: one module a subject."""

from relief.admin import (
    books,
    cards,
    care,
    grants,
    households,
    national,
    payments,
    places,
    policies,
    programmes,
    slips,
    spot_checks,
    support,
)

__all__ = [
    "books",
    "cards",
    "care",
    "grants",
    "households",
    "national",
    "payments",
    "places",
    "policies",
    "programmes",
    "slips",
    "spot_checks",
    "support",
]
