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
from relief.models.grants import Grant
from relief.models.payments import PaymentBatch, PaymentRow
from relief.models.programmes import Group, Instalment, Programme

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
    "RowResult",
]
