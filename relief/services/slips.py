"""Recipients' slips: made for what was paid, answered once by whoever holds the code, looked into by staff."""

from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from pingtang_union.core.audit import stated
from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.permissions import may
from pingtang_union.proof.codes import index_of, new_code
from relief.models import PaymentBatch, PaymentRow, RowResult, Slip
from relief.models.slips import ANSWERS, SlipState


@transaction.atomic
def make_slips(*, batch: PaymentBatch, by: Any) -> int:
    """Slips for the payments of a batch that came through and have none; gives how many. Raises DomainError for who may
    not."""
    if not PaymentBatch.objects.visible_to(by).filter(pk=batch.pk).exists():
        raise DomainError("没有这个发放批次，或者它不在您的管理范围。")
    if not may(by, "change", PaymentBatch):
        raise DomainError("您的账号不能制作收款回执。")
    rows = PaymentRow.objects.select_for_update(of=("self",)).filter(batch=batch, result=RowResult.PAID)
    lacking = list(rows.filter(slip__isnull=True).order_by("number"))
    for row in lacking:
        Slip.objects.create(row=row, code=new_code(), made_by=by)
    return len(lacking)


def slip_of(code: str) -> Slip | None:
    """The slip with this code, however it was typed; None where there is none, it was answered, or the payment came
    back."""
    rows = Slip.objects.answerable().select_related("row__grant__programme", "row__batch__union")
    return rows.filter(code_index=index_of(code)).first()


@transaction.atomic
def answer(*, code: str, said: SlipState, amount: Decimal | None = None) -> Slip:
    """Write down what the holder of the code says. Raises DomainError where the code is none or was used."""
    found = slip_of(code)
    locked = Slip.objects.answerable().select_related("row").select_for_update(of=("self", "row"))
    slip = found and locked.filter(pk=found.pk).first()
    if not slip:
        raise DomainError("回执码有误，或者已经确认过。如有疑问，请与县总工会联系。")
    if said not in ANSWERS:
        raise DomainError("请选择收款情况。")
    if said == SlipState.OTHER:
        if amount is None or amount < 0:
            raise DomainError("请填写实际收到的金额。")
        if amount == slip.row.amount:
            said, amount = SlipState.RECEIVED, None
    else:
        amount = None
    slip.state, slip.said, slip.answered_at = said, amount, timezone.now()
    slip.save(update_fields=["state", "said", "answered_at"])
    return slip


@transaction.atomic
def settle(*, slip: Slip, finding: str, by: Any) -> Slip:
    """Close a case with what was found. Raises DomainError for who may not, and where there is no case."""
    locked = Slip.objects.visible_to(by).select_for_update(of=("self",)).filter(pk=slip.pk).first()
    if locked is None or not locked.is_case:
        raise DomainError("没有这份待核实的回执，或者它不在您的管理范围。")
    if not may(by, "settle", Slip):
        raise DomainError("您的账号不能核实收款回执。")
    locked.finding = stated(finding, asked="核实结果")
    locked.settled_by, locked.settled_at = by, timezone.now()
    locked.save()
    return locked
