"""County staff's pages over relief: one module a subject."""

from relief.admin import books, cards, grants, households, national, payments, policies, programmes, slips, spot_checks

__all__ = [
    "books",
    "cards",
    "grants",
    "households",
    "national",
    "payments",
    "policies",
    "programmes",
    "slips",
    "spot_checks",
]
