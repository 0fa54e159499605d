"""Writes that touch several rows: accounts and roles, a union's place in the tree, deeds of membership."""

import secrets
from collections.abc import Iterable
from typing import Any

from axes.utils import reset as unlock
from django.contrib.auth.models import Group
from django.db import transaction
from django.utils import timezone

from members import roles
from members.models import Member, MembershipEvent, Union, User
from members.models.codes import CURRENT, STATUS_AFTER, EventKind, Level
from pingtang_union.core import crypto
from pingtang_union.core.audit import record_change
from pingtang_union.core.exceptions import DomainError

_FRIENDLY = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKMNPQRSTUVWXYZ23456789"


@transaction.atomic
def set_roles(*, user: User, groups: Iterable[Group]) -> None:
    """Give `user` exactly these roles; whether the account may enter the admin follows from them.

    Raises DomainError when two of the three administrators' roles meet in one account (三员分立), or one of
    them meets a business role: who hands out accounts or reads the log does no business with them.
    """
    chosen = list(groups)
    names = {group.name for group in chosen}
    check_separation(names)
    check_place(names, user.union)
    user.groups.set(chosen)
    user.is_staff = bool(names & roles.STAFF)
    user.save(update_fields=["is_staff"])


def check_separation(names: set[str]) -> None:
    """Raise DomainError unless these roles may meet in one account (see set_roles)."""
    separated = names & roles.SEPARATED
    if len(separated) > 1 or (separated and names != separated):
        raise DomainError("系统管理员、安全管理员、审计员三个角色要由三个人分别担任，也不能兼任业务角色。")


def check_place(names: set[str], union: Union | None) -> None:
    """Raise DomainError unless these roles may be held at `union`: the county's roles reach a whole county, the
    others one union with those below it."""
    if union is None:
        return  # sees nothing
    is_county = union.level in (Level.PREFECTURE, Level.COUNTY)
    misplaced = names & roles.BELOW_COUNTY if is_county else names - roles.BELOW_COUNTY
    if misplaced:
        listed = "、".join(sorted(misplaced))
        where = "县总工会以下的工会" if is_county else "县总工会"
        raise DomainError(f"「{listed}」只能给所在工会是{where}的账号，这个账号的所在工会是{union}。")


@transaction.atomic
def give_first_password(*, user: User) -> str:
    """Save `user` with a new random password, to be changed at the next sign-in, and unlock the account.

    Gives the password (12 letters and digits, none that look alike), which is stored nowhere. Sessions of the
    account end, since they hang on the password.
    """
    while True:
        password = "".join(secrets.choice(_FRIENDLY) for _ in range(12))
        if any(letter.isdigit() for letter in password) and any(letter.isalpha() for letter in password):
            break
    user.set_password(password)
    user.must_change_password = True
    user.save()
    unlock(username=user.username)
    return password


@transaction.atomic
def create_account(*, username: str, full_name: str, union: Union | None, role: str, password: str) -> User:
    """Make an account with a first password, to be changed at the first sign-in. Raises DomainError if taken."""
    if User.objects.filter(username=username).exists():
        raise DomainError(f"账号 {username} 已经存在。")
    group = Group.objects.filter(name=role).first()
    if group is None:
        raise DomainError(f"没有「{role}」这个角色，可选：{'、'.join(roles.ALL)}。")
    user = User.objects.create_user(username, password=password, full_name=full_name, union=union)
    set_roles(user=user, groups=[group])
    return user


@transaction.atomic
def place_union(*, union: Union, parent: Union) -> Union:
    """Save `union` below `parent`: as a new node, or moved with everything below it.

    Raises DomainError when `parent` is the union itself or below it.
    """
    if union.pk is None:
        added = Union.objects.add_child(parent, instance=union)
        record_change(added, field_label="上级工会", before="", after=parent.name)
        return added
    union.save()
    if union.parent_path == parent.path:
        return union
    if parent.path.startswith(union.path):
        raise DomainError("上级工会不能是它自己或它的下级。")
    former = Union.objects.filter(path=union.parent_path).values_list("name", flat=True).first()
    Union.objects.move(union, parent, "last-child")
    union.refresh_from_db()
    record_change(union, field_label="上级工会", before=former or "", after=parent.name)
    return union


# --- Deeds of membership -------------------------------------------------------------------

_FROM_CURRENT = {EventKind.TRANSFER_OUT, EventKind.RETAIN, EventKind.LEAVE, EventKind.EXPEL, EventKind.DEATH}


@transaction.atomic
def record_event(
    *, member: Member, kind: str, on: str | None, by: User | None, union: Union | None = None, reason: str = ""
) -> MembershipEvent:
    """Add a deed to a member's history and bring union and status in step with it.

    `union` is the receiving union of a 转入; otherwise the member's own. Raises DomainError when the deed
    doesn't follow from where the membership stands, or lies before the latest one.
    """
    locked = Member.objects.select_for_update().get(pk=member.pk)
    is_current = locked.status in CURRENT
    if kind in _FROM_CURRENT and not is_current:
        raise DomainError(f"{locked.name}现在不在会，不能办理{EventKind(kind).label}。")
    if kind in (EventKind.JOIN, EventKind.TRANSFER_IN) and is_current:
        raise DomainError(f"{locked.name}已是会员，不能再办理{EventKind(kind).label}。")
    if kind == EventKind.RESTORE and locked.status != "retained":
        raise DomainError(f"{locked.name}没有保留会籍，不能办理恢复。")
    latest = locked.events.standing().in_order().last()
    if latest and latest.kind == EventKind.DEATH:
        raise DomainError(f"{locked.name}已登记死亡，不能再办理其他事项；登记有误的请先更正。")
    if latest and on and latest.on and f"{on}-99-99"[:10] < f"{latest.on}-99-99"[:10]:
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


@transaction.atomic
def add_member(*, member: Member, on: str | None, by: User | None) -> Member:
    """Put a new person on the roster: the row and its 入会, one never without the other.

    `member` is unsaved, with its union. Raises DomainError when the number has a row: that row goes on, by a
    transfer or a new 入会.
    """
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
    """Move a membership to another union of the county: out and in on one day. Raises DomainError if it is there
    already or the membership doesn't stand."""
    if to.pk == member.union_id:
        raise DomainError(f"{member.name}的会籍已在{to}，不用转会。")
    record_event(member=member, kind=EventKind.TRANSFER_OUT, on=on, by=by, reason=reason)
    record_event(member=member, kind=EventKind.TRANSFER_IN, on=on, by=by, union=to, reason=reason)


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
