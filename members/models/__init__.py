"""The records of organisation: one module a subject."""

from members.models.cadres import Cadre
from members.models.members import Member, MembershipEvent
from members.models.trainings import Attendance, Training
from members.models.transfers import TransferRequest, TransferState
from members.models.unions import TermRule, Union, UnionName
from members.models.users import User

__all__ = [
    "Attendance",
    "Cadre",
    "Member",
    "MembershipEvent",
    "TermRule",
    "Training",
    "TransferRequest",
    "TransferState",
    "Union",
    "UnionName",
    "User",
]
