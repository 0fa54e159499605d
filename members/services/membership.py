"""Acts of membership (会籍): each change of union or standing is a dated event; a wrong one is corrected by another.

Union, status and joined_on of a member follow from the standing events in the order of their dates.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from members.models import Member, MembershipEvent, Union, User
from members.models.codes import CURRENT, STATUS_AFTER, EventKind, MemberStatus
from pingtang_union.core import crypto
from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.permissions import require
from pingtang_union.core.scope import reaches

_FROM_CURRENT = {EventKind.TRANSFER_OUT, EventKind.RETAIN, EventKind.LEAVE, EventKind.EXPEL, EventKind.DEATH}
_TRANSFERS = (EventKind.TRANSFER_OUT, EventKind.TRANSFER_IN)
# What can be taken back as if it had not been recorded, while it is the latest act.
_CANCELLABLE = (EventKind.RETAIN, EventKind.RESTORE, EventKind.LEAVE, EventKind.EXPEL, EventKind.DEATH)


@transaction.atomic
def record_event(
    *, member: Member, kind: str, on: str | None, by: User | None, union: Union | None = None, reason: str = ""
) -> MembershipEvent:
    """Add an act to a member's history and bring union and status in step with it.

    `union` is the receiving union of a 转入 or a new 入会; otherwise the member's own. Raises PermissionDenied for who
    records no acts. Raises DomainError when the act doesn't follow from where the membership stands, lies before the
    latest one, or after today, and when `by` doesn't see the member or the receiving union; a former member may join
    again whichever union had them.
    """
    require(by, "add", MembershipEvent)
    if union is not None:
        _check_receives(by, union)
    return _record(member, kind, on, by, union, reason)


def _record(
    member: Member, kind: str, on: str | None, by: User | None, union: Union | None, reason: str
) -> MembershipEvent:
    locked = Member.objects.select_for_update().get(pk=member.pk)
    if kind != EventKind.JOIN:
        _check_sees(by, locked)
    is_current = locked.status in CURRENT
    if kind in _FROM_CURRENT and not is_current:
        raise DomainError(f"{locked.name}现在不在会，不能办理{EventKind(kind).label}。")
    if kind == EventKind.RETAIN and locked.status == MemberStatus.RETAINED:
        raise DomainError(f"{locked.name}已经保留会籍，不用再办。")
    if kind in (EventKind.JOIN, EventKind.TRANSFER_IN) and is_current:
        raise DomainError(f"{locked.name}已是会员，不能再办理{EventKind(kind).label}。")
    if kind == EventKind.RESTORE and locked.status != MemberStatus.RETAINED:
        raise DomainError(f"{locked.name}没有保留会籍，不能办理恢复。")
    latest = locked.events.standing().in_order().last()
    if latest and latest.kind == EventKind.DEATH:
        raise DomainError(f"{locked.name}已登记死亡，不能再办理其他事项；登记有误的请先更正。")
    check_date(on, kind=kind, member=locked)
    if latest and comes_before(on, latest):
        raise DomainError(f"日期早于上一件事项（{latest}），请核对；同一个月里分不清先后的，请和上一件一样只写到月。")
    event = MembershipEvent.objects.create(
        member=locked,
        kind=kind,
        union=union or locked.union,
        reason=reason,
        recorded_at=timezone.now(),
        recorded_by=by,
        on=on,  # type: ignore[misc]  # the stubs take a partial date for never null
    )
    follow_events(locked)
    return event


def _check_sees(by: User | None, member: Member) -> None:
    """Raise DomainError when the membership, locked, is no longer in a union that `by` serves: it may have moved
    after the page was opened."""
    if by is not None and not Union.objects.visible_to(by).filter(pk=member.union_id).exists():
        raise DomainError(f"{member.name}的会籍现在不在您管辖的工会，请刷新页面核对。")


def _check_receives(by: User | None, union: Union) -> None:
    """Raise DomainError when the membership would go to a union that `by` doesn't serve."""
    if by is not None and not reaches(by, union):
        raise DomainError(f"{union}不在您的管理范围，不能登记到该工会。")


def check_date(on: str | None, *, kind: str, member: Member) -> None:
    """Raise DomainError for a day after today, or a 入会 before the birth."""
    if on and on > timezone.localdate().isoformat()[: len(on)]:
        raise DomainError("日期晚于今天，请核对；尚未发生的事项，请届时办理。")
    if kind == EventKind.JOIN and on and member.born_on and on < member.born_on[: len(on)]:
        raise DomainError("入会时间不能早于出生日期。")


def comes_before(on: str | None, event: MembershipEvent) -> bool:
    """Whether an act on `on` would lie before `event`, as histories are ordered."""
    return bool(on and event.on and _moment(on) < _moment(event.on))


def _moment(on: str | None) -> str:
    """The key by which MembershipEventQuerySet.in_order sorts a date."""
    return f"{on}-99-99"[:10] if on else "0000"


@transaction.atomic
def add_member(*, member: Member, on: str | None, by: User | None) -> Member:
    """Put a new person on the roster: the row and its 入会, one never without the other.

    `member` is unsaved, with its union. Raises PermissionDenied for who registers no members, DomainError when the
    number has a row: that row goes on, by a transfer or a new 入会; and when `by` doesn't see the union.
    """
    require(by, "add", Member)
    _check_receives(by, member.union)
    number = member.full_id_number
    known = Member.objects.filter(id_index=crypto.blind_index(number)).first() if number else None
    if known is not None and known.status in CURRENT:
        raise DomainError("这个证件号的会籍已在某个工会，请办理转会，不要重复登记。")
    if known is not None:
        raise DomainError("这个证件号的人曾经是会员，请打开原记录办理重新入会，不要另建一条。")
    member.status = STATUS_AFTER[EventKind.JOIN]
    member.joined_on = on  # type: ignore[assignment]  # the stubs take a partial date for never null
    member.save()
    MembershipEvent.objects.create(
        member=member,
        kind=EventKind.JOIN,
        union=member.union,
        recorded_at=timezone.now(),
        recorded_by=by,
        on=on,  # type: ignore[misc]  # the stubs take a partial date for never null
    )
    return member


@transaction.atomic
def transfer_member(*, member: Member, to: Union, on: str | None, by: User | None, reason: str = "") -> None:
    """Move a membership to another union of the county: out and in on one day. Raises PermissionDenied for who records
    no acts, DomainError if it is there already, the membership doesn't stand, or `by` doesn't see that union."""
    require(by, "add", MembershipEvent)
    _check_receives(by, to)
    move_membership(member, to, on=on, by=by, reason=reason)


def move_membership(member: Member, to: Union, *, on: str | None, by: User | None, reason: str) -> None:
    """The same for who has asked already whether `by` may: an agreed request moves it whoever records acts."""
    if to.pk == member.union_id:
        raise DomainError(f"{member.name}的会籍已在{to}，不用转会。")
    _record(member, EventKind.TRANSFER_OUT, on, by, None, reason)
    _record(member, EventKind.TRANSFER_IN, on, by, to, reason)


# --- Correcting ----------------------------------------------------------------------------


@dataclass(frozen=True)
class _Entry:
    """A place in a history: the event that stands there, and what it is to become."""

    event: MembershipEvent
    kind: str
    on: str | None
    reason: str
    is_new: bool = False
    restates: bool = False  # a corrected act may restate a standing that no plain act leads to


@transaction.atomic
def correct_event(*, event: MembershipEvent, on: str | None, reason: str, by: User | None) -> MembershipEvent:
    """Correct the day or the reason of an act by a new act that takes its place; gives the new one.

    A transfer's 转出 and 转入 happen on one day and are corrected together. Raises DomainError when the act was
    corrected already, nothing differs, the day contradicts the other acts, a 退会 or 除名 loses its reason, or the
    transfer concerns a union that `by` doesn't see; PermissionDenied for who records no acts.
    """
    member, history = _locked_history(event, by)
    if event.kind in (EventKind.LEAVE, EventKind.EXPEL) and not reason:
        raise DomainError("退会、除名要写明原因。")
    if (on, reason) == (event.on, event.reason):
        raise DomainError("日期和原因都没有改动，不用更正。")
    if not on and event.on:
        raise DomainError("请填日期；只知道年份或月份的，写到年或月。")
    check_date(on, kind=event.kind, member=member)
    meant = _with_its_pair(event, history)
    if by is not None and len(meant) > 1:
        seen = Union.objects.visible_to(by).filter(pk__in={act.union_id for act in meant}).count()
        if seen < len({act.union_id for act in meant}):
            raise DomainError("转会涉及两个工会，日期和原因请联系县总工会更正。")
    entries = [
        _Entry(act, act.kind, on, reason, is_new=True, restates=_restates(act))
        if act in meant
        else _Entry(act, act.kind, act.on, act.reason, restates=_restates(act))
        for act in history
    ]
    return _rewrite(member, event, entries, by)


@transaction.atomic
def cancel_event(*, event: MembershipEvent, reason: str, by: User | None) -> MembershipEvent:
    """Take back an act that should not have been recorded: a new act takes its place which restates what stood
    before it (恢复会籍 for who was active, 保留会籍 for who was retained). Gives the new act.

    Only the latest act, and none of a joining or a transfer. Raises DomainError otherwise, or without a reason, and
    PermissionDenied for who records no acts.
    """
    member, history = _locked_history(event, by)
    if not can_be_cancelled(event, history):
        raise DomainError("只能撤销最近一次登记的保留、恢复、退会、除名或死亡；其他登记有误的，请更正日期或原因。")
    if not reason:
        raise DomainError("请写明撤销的原因。")
    before = STATUS_AFTER[history[-2].kind] if len(history) > 1 else MemberStatus.ACTIVE
    kind = EventKind.RETAIN if before == MemberStatus.RETAINED else EventKind.RESTORE
    entries = [_Entry(act, act.kind, act.on, act.reason, restates=_restates(act)) for act in history[:-1]]
    return _rewrite(member, event, [*entries, _Entry(event, kind, event.on, reason, is_new=True, restates=True)], by)


def can_be_cancelled(event: MembershipEvent, history: Sequence[MembershipEvent]) -> bool:
    """Whether an act may be taken back; `history` are the member's standing events in order. What takes one back is
    itself never taken back: the act is simply recorded again."""
    return event.kind in _CANCELLABLE and bool(history) and history[-1].pk == event.pk and not _restates(event)


def _restates(event: MembershipEvent) -> bool:
    """Whether an act took the place of one of another kind, that is, took it back."""
    return event.corrects is not None and (event.corrects.kind != event.kind or _restates(event.corrects))


def _locked_history(event: MembershipEvent, by: User | None) -> tuple[Member, list[MembershipEvent]]:
    """The member, locked, and the standing events in order, `event` among them; `by` may correct them."""
    require(by, "add", MembershipEvent)
    member = Member.objects.select_for_update().get(pk=event.member_id)
    _check_sees(by, member)
    history = list(member.events.standing().in_order().select_related("union", "corrects"))
    if event not in history:
        raise DomainError("这件事项已经更正过，请在会员页面查看更正后的事项。")
    return member, history


def _with_its_pair(event: MembershipEvent, history: Sequence[MembershipEvent]) -> list[MembershipEvent]:
    """The event, with the other half of a transfer: 转出 and the 转入 that follows it on the same day."""
    if event.kind not in _TRANSFERS:
        return [event]
    at = history.index(event)
    pair = history[at : at + 2] if event.kind == EventKind.TRANSFER_OUT else history[max(at - 1, 0) : at + 1]
    is_pair = [act.kind for act in pair] == list(_TRANSFERS) and len({act.on for act in pair}) == 1
    return list(pair) if is_pair else [event]


def _rewrite(member: Member, event: MembershipEvent, entries: list[_Entry], by: User | None) -> MembershipEvent:
    """Write the changed history: the new acts, then what stood behind them on the same day, since of one day the
    act recorded first comes first. Gives what took the place of `event`."""
    ordered = sorted(entries, key=lambda entry: _moment(entry.on))  # stable: of one day in the order they had
    if [entry.event for entry in ordered] != [entry.event for entry in entries]:
        _check_order(member, ordered)
    written: dict[int, MembershipEvent] = {}
    days: set[str] = set()
    for entry in ordered:
        if entry.is_new or _moment(entry.on) in days:
            written[entry.event.pk] = MembershipEvent.objects.create(
                member=member,
                kind=entry.kind,
                union=entry.event.union,
                on=entry.on,  # type: ignore[misc]  # the stubs take a partial date for never null
                reason=entry.reason,
                corrects=entry.event,
                recorded_at=timezone.now(),
                recorded_by=by,
            )
            days.add(_moment(entry.on))
    follow_events(member)
    return written[event.pk]


def _check_order(member: Member, ordered: Sequence[_Entry]) -> None:
    """Raise DomainError unless each act can follow from those before it."""
    status, last = "", None
    for entry in ordered:
        is_current = status in CURRENT
        fits = is_current if entry.kind in _FROM_CURRENT else True
        if entry.kind in (EventKind.JOIN, EventKind.TRANSFER_IN):
            fits = not is_current
        elif entry.kind == EventKind.RESTORE:
            fits = status == MemberStatus.RETAINED
        if last is not None and last.kind == EventKind.DEATH:
            fits = False
        if not fits and not (entry.restates and is_current):
            label = EventKind(entry.kind).label
            raise DomainError(f"改成这个日期，{member.name}的「{label}」就和其他事项的先后矛盾了，请核对日期。")
        status, last = STATUS_AFTER[entry.kind], entry


# --- What a history amounts to -------------------------------------------------------------


def follow_events(member: Member) -> None:
    """Set union, status and joined_on from the standing events, in order of their dates."""
    state = fold_events(member.events.standing().in_order().values_list("kind", "union_id", "on"))
    for field, value in state.items():
        setattr(member, field, value)
    member.save(update_fields=list(state))


def fold_events(events: Iterable[tuple[str, int, str | None]]) -> dict[str, Any]:
    """What a history amounts to: {"union_id", "status", "joined_on"} from (kind, union id, date) in order."""
    state: dict[str, Any] = {}
    for kind, union_id, on in events:
        state["status"] = STATUS_AFTER[kind]
        if kind in (EventKind.JOIN, EventKind.TRANSFER_IN, EventKind.RESTORE):
            state["union_id"] = union_id
        if kind == EventKind.JOIN:
            state["joined_on"] = on
    return state
