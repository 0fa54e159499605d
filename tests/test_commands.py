"""`manage.py account`: the first accounts of a server."""

import re
from io import StringIO

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.password_validation import validate_password
from django.core.management import CommandError, call_command

from members import roles
from members.models import User
from tests.factories import UnionFactory, UserFactory, county

pytestmark = pytest.mark.django_db


def account(*arguments: str) -> str:
    """What the command prints."""
    out = StringIO()
    call_command("account", *arguments, stdout=out)
    return out.getvalue()


def test_opens_an_account_on_the_whole_county():
    said = account("guanli", "--name", "黎系统", "--role", "系统管理员")
    user = User.objects.get()
    assert (user.username, user.full_name, user.union) == ("guanli", "黎系统", county())
    assert (user.is_staff, user.is_superuser, user.must_change_password) == (True, False, True)
    assert user.role_names == "系统管理员"
    assert said.splitlines()[0] == "已开通账号 guanli（黎系统，系统管理员，平塘县总工会）。"


def test_prints_a_first_password_that_opens_the_account_and_keeps_the_rules(client):
    password = re.search("首次登录密码：(.+)", account("guanli", "--name", "黎系统", "--role", "系统管理员"))[1]
    validate_password(password, User.objects.get())
    answer = client.post("/login/", {"username": "guanli", "password": password}, follow=True)
    assert answer.redirect_chain[-1][0] == "/password/"


def test_every_account_gets_another_password():
    said = {account(f"user{number}", "--name", "某人", "--role", "领导").splitlines()[1] for number in range(3)}
    assert len(said) == 3


@pytest.mark.parametrize("name", ["平塘县林业局工会委员会", "林业局", "平塘縣林業局工會委員會"])
def test_finds_the_union_by_any_of_its_names(name):
    union = UnionFactory(name="平塘县林业局工会委员会")
    account("linye", "--name", "罗林", "--role", "基层工会", "--union", name)
    user = User.objects.get()
    assert (user.union, user.is_staff) == (union, False)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "缺少：账号、--name 姓名、--role 角色"),
        (("a1", "--role", "领导"), "缺少：--name 姓名"),
        (("a1", "--name", " ", "--role", "领导"), "缺少：--name 姓名"),
        (("a1", "--name", "某人", "--role", "皇帝"), "没有「皇帝」这个角色，可选：县总工会组织、"),
        (("a1", "--name", "某人", "--role", "领导", "--union", "火星工会"), "没有找到名为「火星工会」的工会"),
        (("a1", "--name", "某人", "--role", "基层工会"), "请用 --union 写明工会名称"),
        (("a1", "--name", "某人", "--role", "乡镇工会"), "请用 --union 写明工会名称"),
        (("a 1", "--name", "某人", "--role", "领导"), "^账号："),
        (("a1", "--name", "某" * 51, "--role", "领导"), "^姓名："),
        (("taken", "--name", "某人", "--role", "领导"), "账号 taken 已经存在。"),
    ],
)
def test_refuses_in_chinese_with_exit_code_1_and_writes_nothing(arguments, said):
    UserFactory(username="taken")
    with pytest.raises(CommandError, match=said) as refusal:
        account(*arguments)
    assert refusal.value.returncode == 1
    assert User.objects.count() == 1


def test_a_name_that_fits_two_unions_is_refused():
    UnionFactory(name="平塘县林业局工会委员会")
    UnionFactory(name="林业局工会")
    with pytest.raises(CommandError, match="可能是几个工会"):
        account("linye", "--name", "罗林", "--role", "基层工会", "--union", "县林业局")
    assert not User.objects.exists()


@pytest.mark.parametrize("role", [role for role in roles.ALL if role not in (roles.TOWNSHIP, roles.GRASSROOTS)])
def test_every_other_role_may_serve_the_county(role):
    account("someone", "--name", "某人", "--role", role)
    assert User.objects.get().role_names == role


def test_reset_gives_a_new_first_password():
    user = UserFactory(username="xitong", full_name="黎系统", roles=(roles.SYSTEM_ADMIN,))
    AccessAttempt.objects.create(username="xitong", failures_since_start=9, get_data="", post_data="")

    password = re.search("首次登录密码：(.+)", account("xitong", "--reset"))[1]

    user.refresh_from_db()
    assert (user.check_password(password), user.must_change_password, user.role_names) == (True, True, "系统管理员")
    assert not AccessAttempt.objects.exists()


@pytest.mark.parametrize(("arguments", "said"), [(("nobody",), "没有账号「nobody」"), ((), "缺少：账号")])
def test_reset_of_no_account_is_refused(arguments, said):
    with pytest.raises(CommandError, match=said):
        account(*arguments, "--reset")
