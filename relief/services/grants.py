"""Grants recorded by hand."""

from typing import Any

from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.permissions import may
from pingtang_union.core.scope import reaches
from relief.models import Grant, GrantSource, GrantState


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
