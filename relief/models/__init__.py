"""Records of relief."""

from relief.models.cards import CardIssue, CardKind
from relief.models.codes import COUNTED, FundSource, GrantSource, GrantState
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
from relief.models.grants import Grant
from relief.models.households import Household
from relief.models.people import Consent, HouseholdCause, HouseholdPerson
from relief.models.policies import Cap, Cause, Deduction, Exclusion, PolicyPaper, ReliefPolicy
from relief.models.programmes import Group, Instalment, Programme

__all__ = [
    "COUNTED",
    "Assessment",
    "Cap",
    "CardIssue",
    "CardKind",
    "Cause",
    "Consent",
    "Deduction",
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
    "PolicyPaper",
    "Programme",
    "ReliefPolicy",
    "SpotCheck",
    "SpotDraw",
]
