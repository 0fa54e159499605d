"""The ledgers of organisation: one class a ledger, with the county's headers and other offices' words for them."""

from members.resources.cadres import CadreRoster, SocialWorkerRoster
from members.resources.members import MemberRoster
from members.resources.trainings import AttendanceLedger, TrainingLedger
from members.resources.unions import UnionRoster

__all__ = ["AttendanceLedger", "CadreRoster", "MemberRoster", "SocialWorkerRoster", "TrainingLedger", "UnionRoster"]
