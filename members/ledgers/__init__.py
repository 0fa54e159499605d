"""The ledgers of organisation: one class a ledger, with the county's headers and other offices' words for them."""

from members.ledgers.cadres import CadreRoster, SocialWorkerRoster
from members.ledgers.members import MemberRoster
from members.ledgers.trainings import AttendanceLedger, TrainingLedger
from members.ledgers.unions import UnionRoster

__all__ = ["AttendanceLedger", "CadreRoster", "MemberRoster", "SocialWorkerRoster", "TrainingLedger", "UnionRoster"]
