"""Transfers between unions: the receiving union asks, the giving union agrees or the county decides.

Whoever sees the giving union may answer (its officer, its township, the county), but never who asked. The history
stays with the person: agreed, a request becomes two acts of one day.
"""

from typing import Any

from django.db import transaction
from django.utils import timezone

from members.models import Member, TransferRequest, TransferState, Union, User
from members.models.codes import CURRENT, FEDERATIONS, UnionStatus
from members.services.membership import check_date, comes_before, move_membership
from pingtang_union.core.dates import display_partial
from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.permissions import require

_LONGEST = 200


@transaction.atomic
def request_transfer(
    *, member: Member, to: Union, on: str, reason: str, by: User, batch: Any = None
) -> TransferRequest:
    """Ask for a membership to be moved to `to`, on the day `on` (a partial date). Nothing moves yet.

    `member` may belong to a union that `by` doesn't see; `to` may not. Raises DomainError when the person is no
    current member or is there already, when a request waits for an answer, when the day lies before the latest act
    or after today, or when `to` has no members of its own.
    """
    require(by, "add", TransferRequest)
    if not _sees(by, to.pk):
        raise DomainError("只能为自己的工会申请转入。")
    check_receiving(to)
    reason = _said(reason, "申请原因")
    locked = Member.objects.select_for_update(of=("self",)).select_related("union").get(pk=member.pk)
    if locked.status not in CURRENT:
        raise DomainError(f"{locked.name}现在不在会，不用转会；再次入会请办理重新入会。")
    if locked.union_id == to.pk:
        raise DomainError(f"{locked.name}的会籍已在{to}，不用转会。")
    pending = locked.transfer_requests.pending().select_related("to_union").first()
    if pending is not None:
        since = display_partial(f"{timezone.localtime(pending.asked_at):%Y-%m-%d}")
        who = pending.to_union if _sees(by, pending.to_union_id) else "别的工会"
        raise DomainError(f"{since}，{who}已为{locked.name}申请转会，还在等答复，不能再申请。")
    check_date(on, kind="", member=locked)
    latest = locked.events.standing().in_order().last()
    if not on or (latest is not None and comes_before(on, latest)):
        raise DomainError("转会日期早于这位会员上一次入会、转会等事项的日期，请核对。")
    return TransferRequest.objects.create(
        member=locked,
        from_union_id=locked.union_id,
        to_union=to,
        on=on,
        reason=reason,
        asked_by=by,
        batch=batch,
    )


@transaction.atomic
def answer_transfer(*, request: TransferRequest, by: User, agree: bool, answer: str = "") -> TransferRequest:
    """Agree, which moves the membership at once, or refuse, which needs a reason of at least four characters.

    Raises DomainError for who may not answer or asked herself, for a request that was answered, and for agreeing
    when the membership has left the giving union since.
    """
    locked = _pending(request)
    if not by.has_perm("members.answer_transferrequest"):
        raise DomainError("您的账号不能答复转会申请。")
    if not _sees(by, locked.from_union_id):
        raise DomainError("这份申请由会籍所在的工会或县总工会答复。")
    if locked.asked_by_id == by.pk:
        raise DomainError(f"这份申请是您自己提出的，不能自己答复，请由{locked.from_union}或县总工会的其他人答复。")
    if agree:
        _move(locked, by)
        locked.answer = _short(answer, "答复说明")
    else:
        locked.answer = _said(answer, "不同意的原因", shortest=4)
    return _close(locked, TransferState.AGREED if agree else TransferState.REFUSED, by)


def _move(request: TransferRequest, by: User) -> None:
    member = Member.objects.select_for_update().get(pk=request.member_id)
    if member.union_id != request.from_union_id or member.status not in CURRENT:
        raise DomainError(
            f"提出申请以后，{member.name}的会籍有了变动，已经不在{request.from_union}，不能再同意。"
            "请写明情况答复不同意，或由申请的工会撤回。"
        )
    check_receiving(request.to_union)
    move_membership(member, request.to_union, on=request.on, by=by, reason=request.reason)


@transaction.atomic
def withdraw_transfer(*, request: TransferRequest, by: User) -> TransferRequest:
    """Take a request back while it waits: by who sees the receiving union. Raises DomainError otherwise."""
    require(by, "add", TransferRequest)
    locked = _pending(request)
    if not _sees(by, locked.to_union_id):
        raise DomainError(f"这份申请由{locked.to_union}撤回。")
    return _close(locked, TransferState.WITHDRAWN, by)


def check_receiving(union: Union) -> None:
    """Raise DomainError for a union that keeps no roster: a federation of unions, or a dissolved one."""
    if union.level in FEDERATIONS:
        raise DomainError(f"{union}是工会联合会或总工会，不直接登记会员，请选会员所在单位的基层工会。")
    if union.status == UnionStatus.DISSOLVED:
        raise DomainError(f"{union}已经撤销，不能再登记会员。")


def _pending(request: TransferRequest) -> TransferRequest:
    """The request, locked, still waiting. A request answered once stays answered."""
    locked = TransferRequest.objects.select_for_update().get(pk=request.pk)
    if locked.state != TransferState.PENDING:
        raise DomainError(f"这份申请{locked.get_state_display()}，不能再改。")
    return locked


def _close(request: TransferRequest, state: TransferState, by: User) -> TransferRequest:
    request.state = state
    request.answered_by = by
    request.answered_at = timezone.now()
    request.save(update_fields=["state", "answer", "answered_by", "answered_at"])
    return request


def _sees(user: User, union_id: int) -> bool:
    return Union.objects.visible_to(user).filter(pk=union_id).exists()


def _short(text: str, what: str) -> str:
    text = " ".join(text.split())
    if len(text) > _LONGEST:
        raise DomainError(f"{what}最多写 {_LONGEST} 个字，现在是 {len(text)} 个字。")
    return text


def _said(text: str, what: str, *, shortest: int = 1) -> str:
    text = _short(text, what)
    if len(text) < shortest:
        raise DomainError(f"请写明{what}（至少 {shortest} 个字）。" if shortest > 1 else f"请写明{what}。")
    return text
