"""The acts of membership that people record, in one table: from which standing each is offered, what it asks, what it
does. The admin and officers' pages draw their buttons and forms from it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from members import services
from members.models import Member, MembershipEvent, Union, User
from members.models.codes import EventKind, MemberStatus


@dataclass(frozen=True)
class Act:
    """One button. `record` takes member, by, and what the form asks (on, reason, union where it leads into one)."""

    label: str
    statuses: tuple[str, ...]
    record: Callable[..., Any]
    icon: str
    intro: str
    needs_reason: bool = False
    leads_into_union: bool = False
    is_danger: bool = False  # it ends the membership


def _event(kind: EventKind) -> Callable[..., Any]:
    def record(member: Member, by: User, **facts: Any) -> MembershipEvent:
        return services.record_event(member=member, kind=kind, by=by, **facts)

    return record


def _transfer(member: Member, by: User, *, union: Union, on: str, reason: str) -> None:
    services.transfer_member(member=member, to=union, on=on, by=by, reason=reason)


_ACTIVE, _RETAINED, _LEFT = MemberStatus.ACTIVE, MemberStatus.RETAINED, MemberStatus.LEFT

ACTS = {
    "transfer": Act(
        "转会",
        (_ACTIVE, _RETAINED),
        _transfer,
        "move_up",
        "在县内转到另一个工会：同一天记一笔转出、一笔转入。转到县外的，请办理退会并在原因里写明去向。",
        leads_into_union=True,
    ),
    "retain": Act(
        "保留会籍",
        (_ACTIVE,),
        _event(EventKind.RETAIN),
        "pause_circle",
        "失业、停薪留职、退休等情况保留会籍，仍算会员。",
    ),
    "restore": Act(
        "恢复会籍",
        (_RETAINED,),
        _event(EventKind.RESTORE),
        "play_circle",
        "保留会籍的会员重新参加工会活动。",
    ),
    "leave": Act(
        "退会",
        (_ACTIVE, _RETAINED),
        _event(EventKind.LEAVE),
        "logout",
        "会员自愿退会或转到县外。原因必填。",
        needs_reason=True,
        is_danger=True,
    ),
    "expel": Act(
        "除名",
        (_ACTIVE, _RETAINED),
        _event(EventKind.EXPEL),
        "block",
        "经会员大会或会员代表大会决定除名。原因必填，请写明决定的会议和日期。",
        needs_reason=True,
        is_danger=True,
    ),
    "death": Act(
        "死亡",
        (_ACTIVE, _RETAINED),
        _event(EventKind.DEATH),
        "remove_circle",
        "会员去世，会籍终止。",
        is_danger=True,
    ),
    "rejoin": Act(
        "重新入会",
        (_LEFT,),
        _event(EventKind.JOIN),
        "person_add",
        "离会的人再次入会，沿用原来的记录。",
        leads_into_union=True,
    ),
}


def fitting(status: str) -> dict[str, Act]:
    """The acts that can follow from where a membership stands, by name."""
    return {name: act for name, act in ACTS.items() if status in act.statuses}
