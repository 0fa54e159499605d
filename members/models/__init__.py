"""The records of organisation: one module a subject."""

from members.models.cadres import Cadre
from members.models.members import Member, MembershipEvent
from members.models.numbers import HeldNumber, HeldState, HeldWhy, NumberAlarm, NumberAttempt
from members.models.trainings import Attendance, Training
from members.models.transfers import TransferRequest, TransferState
from members.models.unions import TermRule, Township, Union, UnionName
from members.models.users import User
