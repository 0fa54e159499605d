"""The ledger of honours."""

from awards.ledgers.awards import AwardLedger

__all__ = ["AwardLedger"]
