"""The ledger of honours."""

from awards.resources.awards import AwardLedger

__all__ = ["AwardLedger"]
