"""Records of relief."""

from relief.models.cards import CardIssue, CardKind
from relief.models.codes import (
    COUNTED,
    EntryKind,
    FundSource,
    GrantSource,
    GrantState,
    PaymentState,
    PayWay,
    RowResult,
)
from relief.models.entries import BankBalance, Entry
from relief.models.funds import Fund
from relief.models.glass import Publication
from relief.models.grants import Grant
from relief.models.payments import PaymentBatch, PaymentRow
from relief.models.programmes import Group, Instalment, Programme
from relief.models.slips import Slip, SlipState

__all__ = [
    "COUNTED",
    "BankBalance",
    "CardIssue",
    "CardKind",
    "Entry",
    "EntryKind",
    "Fund",
    "FundSource",
    "Grant",
    "GrantSource",
    "GrantState",
    "Group",
    "Instalment",
    "PayWay",
    "PaymentBatch",
    "PaymentRow",
    "PaymentState",
    "Programme",
    "Publication",
    "RowResult",
    "Slip",
    "SlipState",
]
