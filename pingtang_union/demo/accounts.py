"""The demo's accounts."""

from dataclasses import dataclass

from members import roles
from members.models import Union, User
from members.services import create_account
from pingtang_union.core.demo import refuse_unless_demo
from pingtang_union.core.exceptions import DomainError
from pingtang_union.ledger.context import Context
from pingtang_union.ledger.unions import UnionFinder

PASSWORD = "gonghui2018"  # noqa: S105  printed for everyone on purpose; refuse_unless_demo keeps it in the demo


@dataclass(frozen=True)
class DemoAccount:
    """Someone who shows one role; `union` "" serves the whole county."""

    username: str
    full_name: str
    role: str
    union: str = ""


ACCOUNTS = (
    DemoAccount("zuzhi", "韦组织", roles.ORGANISATION),
    DemoAccount("xuanjiao", "罗宣教", roles.ECONOMY),
    DemoAccount("bangfu", "杨帮扶", roles.RELIEF),
    # Whoever visits, applies or makes a batch neither reviews nor approves: the desk has two.
    DemoAccount("bangfu2", "龙帮扶", roles.RELIEF),
    DemoAccount("caiwu", "石财务", roles.FINANCE),
    DemoAccount("pingzhou", "陆平舟", roles.TOWNSHIP, "平塘县平舟镇工会联合会"),
    DemoAccount("yiyuan", "莫医院", roles.GRASSROOTS, "平塘县人民医院工会委员会"),
    DemoAccount("zilaishui", "吴水司", roles.GRASSROOTS, "平塘县自来水公司工会委员会"),
    DemoAccount("chaye", "韦茶香", roles.GRASSROOTS, "平塘县望谟茶业有限公司工会委员会"),
    DemoAccount("lingdao", "岑领导", roles.LEADER),
    DemoAccount("xitong", "黎系统", roles.SYSTEM_ADMIN),
    DemoAccount("anquan", "蒙安全", roles.SECURITY_ADMIN),
    DemoAccount("shenji", "潘审计", roles.AUDITOR),
)


def add_accounts() -> int:
    """Make the accounts that don't exist yet, without the duty to change the password; returns how many.

    An account that exists stays as it is, whatever someone did to it. Raises DomainError outside the demo,
    or when a union isn't there.
    """
    refuse_unless_demo()
    finder = UnionFinder(Union.objects.all())
    known = set(User.objects.values_list("username", flat=True))
    root = Union.objects.get(pk=Context().home)
    missing = [account for account in ACCOUNTS if account.username not in known]
    for account in missing:
        union = root
        if account.union:
            pk, why = finder.find(account.union)
            if pk is None:
                raise DomainError(why)
            union = Union.objects.get(pk=pk)
        user = create_account(
            username=account.username, full_name=account.full_name, union=union, role=account.role, password=PASSWORD
        )
        user.must_change_password = False
        user.save(update_fields=["must_change_password"])
    return len(missing)
