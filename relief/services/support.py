"""Support to unions: recorded by the relief desk, paid by finance, confirmed by the union."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.permissions import may
from pingtang_union.money import MoneyField
from pingtang_union.workflow.attachments import CheckedFile
from relief.models import EntryKind, Fund, Receipt, Support, SupportState
from relief.services.money import Leg, move


def total_of(support: Support) -> Decimal:
    """What its lines come to."""
    return support.lines.aggregate(total=Sum("value", default=0, output_field=MoneyField()))["total"]


@transaction.atomic
def release_support(*, support: Support, by: Any) -> Support:
    """Take the money of the lines from the fund: once, however often it is asked. Raises DomainError for who may not
    move the fund's money, for who recorded it, for a list without lines, and where the fund hasn't enough."""
    locked = _locked(support, by)
    if not (may(by, "move", Fund) and Fund.objects.visible_to(by).filter(pk=locked.fund_id).exists()):
        raise DomainError("您的账号不能支付这项支持。")
    if locked.entry_id is not None:
        return locked
    if locked.recorded_by_id == by.pk:
        raise DomainError("登记人不能支付自己登记的支持。")
    if not (total := total_of(locked)):
        raise DomainError("清单里没有物品或资金，不能支付。")
    leg = Leg(
        fund=locked.fund, amount=-total, kind=EntryKind.EXPENSE, key=f"support-{locked.pk}",
        effective_on=timezone.localdate(), by=by, document_number=locked.document_number,
    )  # fmt: skip
    [locked.entry], locked.released_by = move([leg]), by
    locked.save()
    return locked


@transaction.atomic
def receive_support(*, support: Support, on: date, note: str, files: Sequence[CheckedFile], by: Any) -> Support:
    """The union's word that all of it came, with the signed receipt. Raises DomainError for who may not, for who
    recorded it, before the payment and for a second time."""
    locked = _locked(support, by)
    if not may(by, "receive", Support) or locked.recorded_by_id == by.pk:
        raise DomainError("收到的支持由受助工会确认。")
    if locked.state != SupportState.RELEASED:
        raise DomainError(f"这项支持现在是「{locked.state.label}」，不能确认。")
    entry = locked.entry
    if on > timezone.localdate() or (entry is not None and on < entry.effective_on):
        raise DomainError("收到日期应在支付以后、今天以前。")
    locked.received_on, locked.received_note, locked.received_by = on, note.strip(), by
    locked.save()
    for checked in files:
        receipt = Receipt(application=locked, added_by=by)
        receipt.fill(checked)
        receipt.save()
    return locked


def _locked(support: Support, by: Any) -> Support:
    rows = Support.objects.select_for_update(of=("self",)).visible_to(by).select_related("entry__reversed_by", "fund")
    locked = rows.filter(pk=support.pk).first()
    if locked is None:
        raise DomainError("没有这项支持，或者它不在您的管理范围。")
    return locked
