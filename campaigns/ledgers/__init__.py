"""The ledgers of campaigns."""

from campaigns.ledgers.activities import ActivityLedger
from campaigns.ledgers.outcomes import OutcomeLedger

__all__ = ["ActivityLedger", "OutcomeLedger"]
