"""What of a hardship file a reader sees: names in full are for who works on files; health, account and children are a
permission of their own each."""

from typing import Any

from pingtang_union.core.figures import mask_name
from pingtang_union.core.permissions import may
from relief.models import Household, HouseholdPerson

_WORKING = ("submit", "recommend", "visit", "review", "check", "decide")
HIDDEN = "已登记，无权查看"
NOTHING = "未登记"


def works_on_files(user: Any) -> bool:
    """Whether the role has something to do with files, beyond reading them."""
    return any(may(user, verb, Household) for verb in _WORKING)


def sees(user: Any, what: str) -> bool:
    """Whether the role may see what has a permission of its own: "health", "account", "children"."""
    return may(user, what, Household)


def shown_name(one: Household | HouseholdPerson, user: Any) -> str:
    """The name as the reader may see it: masked for who only reads, and of a minor but for who may see children."""
    is_child = isinstance(one, HouseholdPerson) and one.is_minor
    full = sees(user, "children") if is_child else works_on_files(user)
    return str(one.name) if full else mask_name(one.name)


def shown_health(person: HouseholdPerson, user: Any) -> str:
    """Health in words, or that there is something."""
    if not person.health:
        return NOTHING
    allowed = sees(user, "health") and (sees(user, "children") or not person.is_minor)
    return person.health.reveal() if allowed else HIDDEN  # type: ignore[union-attr]  # a Sealed of a stored row


def shown_number(person: HouseholdPerson, user: Any) -> str:
    """The masked number; of a minor nothing but for who may see children."""
    if not person.id_number:
        return NOTHING
    return HIDDEN if person.is_minor and not sees(user, "children") else str(person.id_number)


def shown_school(person: HouseholdPerson, user: Any) -> str:
    """Where a child goes to school: for who may see children."""
    if not person.school:
        return ""
    return f"{person.school} {person.grade}".strip() if sees(user, "children") else HIDDEN


def shown_account(household: Household, user: Any) -> str:
    """The account, masked; in full only by a page that asks why."""
    if not household.bank_account:
        return NOTHING
    return str(household.bank_account) if sees(user, "account") else HIDDEN
