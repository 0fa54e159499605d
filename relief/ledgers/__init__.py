"""The ledgers of relief."""

from relief.ledgers.cards import CardLedger
from relief.ledgers.grants import GrantLedger

__all__ = ["CardLedger", "GrantLedger"]
