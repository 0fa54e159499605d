"""Records of relief."""

from relief.models.cards import CardIssue, CardKind
from relief.models.care import CareRule, CareVisit, Check, EarlyCase, VisitPhoto
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
from relief.models.files import (
    Assessment,
    FileAct,
    FileRecord,
    HomeVisit,
    HouseholdFile,
    HouseholdObjection,
    HouseholdStep,
    SpotCheck,
    SpotDraw,
)
from relief.models.funds import Fund
from relief.models.glass import Publication
from relief.models.grants import Grant
from relief.models.households import Household
from relief.models.national import NationalColumn, NationalList, NationalRow, NationalWord
from relief.models.payments import PaymentBatch, PaymentRow
from relief.models.people import Consent, HouseholdCause, HouseholdPerson
from relief.models.places import Agreement, Merchant, PlaceKind, ServicePoint
from relief.models.policies import Cap, Cause, Deduction, Exclusion, PolicyPaper, ReliefPolicy
from relief.models.programmes import Group, Instalment, Programme
from relief.models.slips import Slip, SlipState
from relief.models.support import Receipt, Support, SupportLine, SupportState

__all__ = [
    "COUNTED",
    "Agreement",
    "Assessment",
    "BankBalance",
    "Cap",
    "CardIssue",
    "CardKind",
    "CareRule",
    "CareVisit",
    "Cause",
    "Check",
    "Consent",
    "Deduction",
    "EarlyCase",
    "Entry",
    "EntryKind",
    "Exclusion",
    "FileAct",
    "FileRecord",
    "Fund",
    "FundSource",
    "Grant",
    "GrantSource",
    "GrantState",
    "Group",
    "HomeVisit",
    "Household",
    "HouseholdCause",
    "HouseholdFile",
    "HouseholdObjection",
    "HouseholdPerson",
    "HouseholdStep",
    "Instalment",
    "Merchant",
    "NationalColumn",
    "NationalList",
    "NationalRow",
    "NationalWord",
    "PayWay",
    "PaymentBatch",
    "PaymentRow",
    "PaymentState",
    "PlaceKind",
    "PolicyPaper",
    "Programme",
    "Publication",
    "Receipt",
    "ReliefPolicy",
    "RowResult",
    "ServicePoint",
    "Slip",
    "SlipState",
    "SpotCheck",
    "SpotDraw",
    "Support",
    "SupportLine",
    "SupportState",
    "VisitPhoto",
]
