"""County staff's pages over relief: one module a subject."""

from relief.admin import books, cards, grants, payments, programmes, slips

__all__ = ["books", "cards", "grants", "payments", "programmes", "slips"]
