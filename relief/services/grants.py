"""Grants: of years past, entered by hand; out of a hardship file."""

from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.permissions import may, permission_of
from pingtang_union.core.scope import reaches
from pingtang_union.workflow.moving import locked_for, refuse_invalid
from relief.models import Grant, GrantSource, GrantState, Household, Instalment
from relief.models.codes import FileState


def record(*, grant: Grant, by: Any) -> Grant:
    """Enter or correct a grant that was paid before the portal kept books: no fund is touched. Raises DomainError
    for who may not, and for one that the books hold."""
    if not (may(by, "change" if grant.pk else "add", Grant) and reaches(by, grant.union)):
        raise DomainError("您没有登记这笔帮扶发放的权限，请联系县总工会帮扶部门。")
    if grant.pk is None:
        grant.state, grant.source, grant.is_outside_books = GrantState.PAID, GrantSource.ENTRY, True
        grant.created_by = by
    elif not grant.is_outside_books:
        raise DomainError("这一笔由服务平台发放，已经入账，不能修改。")
    grant.save()
    return grant


def may_delete(grant: Grant) -> bool:
    """Whether a wrong record may go altogether: entered by hand and outside the books."""
    return grant.is_outside_books and grant.source == GrantSource.ENTRY


@transaction.atomic
def grant_from_file(
    *, household: Household, plan: Instalment, cash: Decimal, goods: Decimal = Decimal(), note: str = "", by: Any
) -> Grant:
    """Put the worker of a file up for an instalment. Where the programme gives once a household, the file is the
    household. Raises DomainError for who may not, for a file that doesn't stand, for another union's plan, and above
    what a person may have."""
    locked = locked_for(household, by)
    if not by.has_perm(permission_of(Grant, "add")):
        raise DomainError("您的账号不能登记帮扶发放。")
    if locked.file_state != FileState.ON_FILE:
        raise DomainError("只有在档的困难职工才能从档案申请帮扶。")
    if not locked.union.path.startswith(plan.union.path):
        raise DomainError("这个发放计划不面向这个工会。")
    if plan.closes_on is not None and plan.closes_on < timezone.localdate():
        raise DomainError("这个发放计划已经截止。")
    if plan.most_a_person is not None and cash + goods > plan.most_a_person:
        raise DomainError(f"每人最高 {plan.most_a_person} 元，请核对。")
    worker = locked.people.get(relation="self")
    programme = plan.programme
    grant = Grant(
        union=locked.union,
        programme=programme,
        edition=plan.edition,
        instalment=plan.number,
        plan=plan,
        name=worker.name,
        id_type=worker.id_type,
        id_number=worker.id_number,
        id_index=worker.id_index,
        address=locked.union.name,
        township=locked.union.township,
        member=locked.member,
        household=locked,
        household_key=household_key(locked) if programme.is_once_a_household else None,
        cash=cash,
        goods=goods,
        source=GrantSource.FILE,
        note=note,
        created_by=by,
    )
    refuse_invalid(grant)
    grant.save()
    return grant


def household_key(household: Household) -> str:
    """What tells a household in grants: it stays when the file is made anonymous."""
    return f"file:{household.pk}"
