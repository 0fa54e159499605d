"""Accounts: roles, first passwords, where a role may be held."""

import secrets
from collections.abc import Iterable

from axes.utils import reset as unlock
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db import transaction

from members import roles
from members.models import Union, User
from members.models.codes import Level
from pingtang_union.core.exceptions import DomainError
from pingtang_union.workflow import marking

_FRIENDLY = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKMNPQRSTUVWXYZ23456789"


def is_out_of_reach(account: User | None, by: User) -> bool:
    """Whether `account` is another administrator's: who could reset its password would hold both roles (三员分立)."""
    if account is None or account.pk is None or account.pk == by.pk:
        return False
    return any(group.name in roles.SEPARATED for group in account.groups.all())


def _check_keeper(account: User, by: User | None, permission: str) -> None:
    """Raise PermissionDenied unless `by` may keep accounts of this union, and this one. None stands for a command."""
    if by is None:
        return
    is_visible = Union.objects.visible_to(by).filter(pk=account.union_id).exists()
    if not (by.has_perm(permission) and is_visible) or (account.is_superuser and not by.is_superuser):
        raise PermissionDenied


@transaction.atomic
def set_roles(*, user: User, groups: Iterable[Group], by: User | None) -> None:
    """Give `user` exactly these roles; whether the account may enter the admin follows from them.

    Raises PermissionDenied for who gives no roles, and nobody gives them to herself. Raises DomainError when two of the
    three administrators' roles meet in one account (三员分立), or one of them meets a business role: who hands out
    accounts or reads the log does no business with them.
    """
    _check_keeper(user, by, "members.assign_roles")
    if by is not None and user.pk == by.pk:
        raise PermissionDenied
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
        raise DomainError("系统管理员、安全管理员、审计员三个角色须由三人分别担任，不得兼任业务角色。")


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
def give_first_password(*, user: User, by: User | None) -> str:
    """Save `user` with a new random password, to be changed at the next sign-in, and unlock the account.

    Gives the password (12 letters and digits, none that look alike), which is stored nowhere. Sessions of the
    account end, since they hang on the password. Raises PermissionDenied for who doesn't keep accounts, and for an
    account out of reach.
    """
    _check_keeper(user, by, "members.add_user")
    if by is not None and is_out_of_reach(user, by):
        raise PermissionDenied
    while True:
        password = "".join(secrets.choice(_FRIENDLY) for _ in range(12))
        if any(letter.isdigit() for letter in password) and any(letter.isalpha() for letter in password):
            break
    user.set_password(password)
    user.must_change_password = True
    user.save()
    unlock(username=user.username)
    return password


def role_givers(account: User) -> list[User]:
    """Who gives `account` its roles: the security administrators whose scope it is in."""
    return list(marking.people_for(account).filter(groups__name=roles.SECURITY_ADMIN).distinct())


@transaction.atomic
def open_account(*, user: User, by: User) -> str:
    """Save a new account, tell those who give it its roles, and give its first password."""
    password = give_first_password(user=user, by=by)
    marking.tell(role_givers(user), f"{by.full_name}新增账号「{user}」，请分配角色。", user, but=by)
    return password


@transaction.atomic
def create_account(*, username: str, full_name: str, union: Union | None, role: str, password: str) -> User:
    """Make an account with a first password, to be changed at the first sign-in: for commands, which no role bounds.
    Raises DomainError if taken."""
    if User.objects.filter(username=username).exists():
        raise DomainError(f"账号 {username} 已经存在。")
    group = Group.objects.filter(name=role).first()
    if group is None:
        raise DomainError(f"没有「{role}」这个角色，可选：{'、'.join(roles.ALL)}。")
    user = User.objects.create_user(username, password=password, full_name=full_name, union=union)
    set_roles(user=user, groups=[group], by=None)
    return user
