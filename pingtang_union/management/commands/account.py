"""Accounts from the command line: the first ones of a new server, and a new password for an administrator,
which no other administrator may give."""

import secrets
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser
from django.db import transaction

from members import roles
from members.models import Union, User
from members.services import create_account, give_first_password
from pingtang_union.core.exceptions import DomainError
from pingtang_union.ledger.context import Context
from pingtang_union.ledger.unions import UnionFinder
from pingtang_union.management.keyed import KeyedCommand

# An account of these on the county's node would read every member of the county.
_NEED_UNION = (roles.TOWNSHIP, roles.GRASSROOTS)


class Command(KeyedCommand):
    """Prints a random first password once; it must be changed at the first sign-in."""

    help = "开通账号：account 账号 --name 姓名 --role 角色 [--union 工会名称]；重置密码：account 账号 --reset"

    def add_arguments(self, parser: CommandParser) -> None:
        # Nothing is required here: argparse would refuse in English.
        parser.add_argument("username", nargs="?", default="", help="账号（登录名）")
        parser.add_argument("--name", default="", metavar="姓名", help="使用人的姓名")
        parser.add_argument("--role", default="", metavar="角色", help="、".join(roles.ALL))
        parser.add_argument("--union", default="", metavar="工会名称", help="所在工会，不填为县总工会（全县）")
        parser.add_argument("--reset", action="store_true", help="给已有账号一个新的首次密码")

    def handle(self, *args: Any, **options: Any) -> None:
        username, name, role, union_name = (options[key].strip() for key in ("username", "name", "role", "union"))
        if options["reset"]:
            self._reset(username)
            return
        missing = [
            word for word, value in (("账号", username), ("--name 姓名", name), ("--role 角色", role)) if not value
        ]
        if missing:
            raise CommandError(f"缺少：{'、'.join(missing)}。用法：{self.help}。角色可选：{'、'.join(roles.ALL)}。")
        try:
            union = _union(union_name, role)
            _check(username, name)
            with transaction.atomic():
                user = create_account(
                    username=username, full_name=name, union=union, role=role, password=secrets.token_urlsafe(24)
                )
                password = give_first_password(user=user, by=None)
        except DomainError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"已开通账号 {username}（{name}，{role}，{union.name}）。")
        self._show(password)

    def _reset(self, username: str) -> None:
        user = User.objects.filter(username=username).first()
        if user is None:
            raise CommandError(f"没有账号「{username}」，请核对。" if username else f"缺少：账号。用法：{self.help}。")
        password = give_first_password(user=user, by=None)
        self.stdout.write(f"已重置账号 {username}（{user.full_name}）的密码，原密码作废，锁定已解除。")
        self._show(password)

    def _show(self, password: str) -> None:
        self.stdout.write(f"首次登录密码：{password}")
        self.stdout.write("密码只显示这一次，请当面或电话告知本人；首次登录时必须修改。")


def _union(name: str, role: str) -> Union:
    """The union meant by any of its names; the root federation without one. Raises DomainError."""
    if not name:
        if role in _NEED_UNION:
            raise DomainError(f"{role}的账号只能看到所在工会，请用 --union 写明工会名称。")
        root = Union.objects.get(pk=Context().home)
        if root is None:
            raise DomainError("数据库里还没有工会，请先运行 manage.py migrate。")
        return root
    pk, why = UnionFinder(Union.objects.all()).find(name)
    if pk is None:
        raise DomainError(why)
    return Union.objects.get(pk=pk)


def _check(username: str, name: str) -> None:
    """Raise DomainError where the account's page would refuse the user name or the person's name."""
    labels = {"username": "账号", "full_name": "姓名"}
    try:
        User(username=username, full_name=name).clean_fields(
            exclude={field.name for field in User._meta.fields} - set(labels)
        )
    except ValidationError as error:
        words = (f"{labels[field]}：{''.join(texts)}" for field, texts in error.message_dict.items())
        raise DomainError("；".join(words)) from error
