"""County staff's pages over relief: one module a subject."""

from relief.admin import cards, grants, programmes

__all__ = ["cards", "grants", "programmes"]
