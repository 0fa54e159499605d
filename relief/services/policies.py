"""Policies: tried as drafts, issued once, never changed after."""

from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from members.models import Union
from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.permissions import permission_of
from relief.models import ReliefPolicy

_LINES = ("deductions", "exclusions", "papers", "caps")


@transaction.atomic
def issue_policy(*, policy: ReliefPolicy, by: Any) -> ReliefPolicy:
    """Put a draft in force from its day on. Raises DomainError for who may not, without a document number, without
    recognised spending, and for a second of the same day."""
    locked = _locked(policy, by, "issue")
    if locked.issued_at is not None:
        raise DomainError("这份政策已经发布。")
    if not locked.document_number:
        raise DomainError("请先填写文号，再发布。")
    if not locked.deductions.exists():
        raise DomainError("请先登记认定支出的类别，再发布。")
    if locked.accident_share is not None and not locked.accident_article:
        raise DomainError("设了意外致困的，请填写依据条款。")
    locked.issued_at, locked.issued_by = timezone.now(), by
    try:
        with transaction.atomic():
            locked.save()
    except IntegrityError as error:
        raise DomainError("这一天起施行的政策已经发布，请改施行日期。") from error
    return locked


@transaction.atomic
def copy_policy(*, policy: ReliefPolicy, by: Any) -> ReliefPolicy:
    """A draft with all that a policy says, to be changed and tried. Document and day are the new one's own."""
    source = _locked(policy, by, "add")
    lines = {name: list(getattr(source, name).all()) for name in _LINES}
    source.pk, source._state.adding = None, True
    source.title, source.document_number = f"{source.title}（修订）"[:100], ""
    source.in_force_from, source.issued_at, source.issued_by = timezone.localdate(), None, None
    source.save()
    for rows in lines.values():
        for row in rows:
            row.pk, row.policy, row._state.adding = None, source, True
            row.save()
    return source


def _locked(policy: ReliefPolicy, by: Any, verb: str) -> ReliefPolicy:
    if not by.has_perm(permission_of(ReliefPolicy, verb)):
        raise DomainError("您的账号不能办理帮扶政策。")
    own = ReliefPolicy.objects.filter(union__in=Union.objects.visible_to(by))
    locked = own.select_for_update(of=("self",)).filter(pk=policy.pk).first()
    if locked is None:
        raise DomainError("没有这份政策，或者它不在您的管理范围。")
    return locked
