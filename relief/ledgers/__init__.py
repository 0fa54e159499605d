"""The ledgers of relief."""

from relief.ledgers.cards import CardLedger
from relief.ledgers.grants import GrantLedger
from relief.ledgers.households import HouseholdLedger

__all__ = ["CardLedger", "GrantLedger", "HouseholdLedger"]
