"""What happens to an award, and to a nomination that a superior has answered."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from awards.models import Award, Naming, Nomination
from pingtang_union.core.dates import is_partial_date
from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.permissions import permission_of
from pingtang_union.workflow.moving import locked_for, refuse_invalid
from pingtang_union.workflow.table import State


def _check_day(on: str) -> None:
    if not is_partial_date(on):
        raise DomainError("日期要写成 2018、2018-03 或 2018-03-31。")
    if on > timezone.localdate().isoformat()[: len(on)]:
        raise DomainError("日期晚于今天，请核对；尚未发生的，请届时登记。")


@transaction.atomic
def revoke_award(*, award: Award, on: str, reason: str, document_number: str, by: Any) -> Award:
    """Take an award back; the record stays. Raises DomainError for who may not, for one revoked before, and without
    reason and document."""
    locked = Award.objects.select_for_update(of=("self",)).visible_to(by).filter(pk=award.pk).first()
    if locked is None:
        raise DomainError("无此获奖记录，或不在您的管理范围。")
    if not by.has_perm("awards.revoke_award"):
        raise DomainError("您的账号不能撤销荣誉。")
    if locked.revoked_on:
        raise DomainError("这项荣誉已经撤销过。")
    reason = " ".join(reason.split())
    if len(reason) < 4 or not document_number or not on:
        raise DomainError("撤销荣誉要写明时间、原因（至少 4 个字）和文号。")
    _check_day(on)
    locked.revoked_on, locked.revoke_reason, locked.revoke_document, locked.revoked_by = on, reason, document_number, by
    refuse_invalid(locked)
    locked.save()
    return locked


@transaction.atomic
def record_naming(
    *,
    nomination: Nomination,
    naming: str,
    by: Any,
    on: str = "",
    document_number: str = "",
    certificate_number: str = "",
    note: str = "",
) -> Nomination:
    """Record what a superior made of a nomination that was sent up: named, which makes the award, or not named.

    Raises DomainError for who may not, for a title of the county itself, before the decision, and when it was recorded
    before; a naming needs its day and its document.
    """
    locked = locked_for(nomination, by)
    if not by.has_perm(permission_of(Nomination, "name")):
        raise DomainError("您的账号不能登记命名结果。")
    if not locked.honour.is_above_county:
        raise DomainError("县级荣誉由县级决定授予，不需登记上级命名。")
    if locked.state != State.DECIDED:
        raise DomainError("作出上报决定以后才登记命名结果。")
    if locked.naming:
        raise DomainError(f"命名结果已登记为「{locked.get_naming_display()}」。")
    if naming not in Naming.values:
        raise DomainError("请选择命名结果：已命名或未命名。")
    if naming == Naming.NAMED and not (on and document_number):
        raise DomainError("请填写命名的时间和文号。")
    if on:
        _check_day(on)
    locked.naming, locked.naming_note = naming, note.strip()
    refuse_invalid(locked)
    locked.save()
    if naming == Naming.NAMED:
        locked.give(on=on, document_number=document_number, certificate_number=certificate_number)
    return locked
