"""Records of relief."""

from relief.models.cards import CardIssue, CardKind
from relief.models.codes import COUNTED, FundSource, GrantSource, GrantState
from relief.models.funds import Fund
from relief.models.grants import Grant
from relief.models.programmes import Group, Instalment, Programme

__all__ = [
    "COUNTED",
    "CardIssue",
    "CardKind",
    "Fund",
    "FundSource",
    "Grant",
    "GrantSource",
    "GrantState",
    "Group",
    "Instalment",
    "Programme",
]
