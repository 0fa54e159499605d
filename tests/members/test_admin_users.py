"""Accounts and roles: 系统管理员 keeps accounts, 安全管理员 gives roles, neither does the other's work."""

import re

import pytest
from auditlog.models import LogEntry
from axes.models import AccessAttempt
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import reverse

from members import roles
from members.admin.users import permission_text
from members.models import User
from pingtang_union.workflow.attention import Notice
from tests.factories import UnionFactory, UserFactory, county

pytestmark = pytest.mark.django_db
ADD = "admin:members_user_add"


def change(user: User) -> str:
    return reverse("admin:members_user_change", args=[user.pk])


def ids(*names: str) -> list[int]:
    return list(Group.objects.filter(name__in=names).values_list("pk", flat=True))


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


@pytest.fixture
def keeper(system_admin, signed_in) -> Client:
    return signed_in(system_admin)


@pytest.fixture
def giver(security_admin, signed_in) -> Client:
    return signed_in(security_admin)


def account(**values) -> dict[str, object]:
    return {"username": "new", "full_name": "石云", "union": county().pk, "is_active": "on", **values}


def shown_password(response) -> str:
    return re.search(r"\b[A-HJ-NP-Za-km-z2-9]{12}\b(?=</p>)", response.content.decode()).group()


def test_new_account_gets_a_first_password_once(keeper):
    response = keeper.post(reverse(ADD), account(groups=ids(roles.ORGANISATION), is_superuser="on", is_staff="on"))

    user = User.objects.get(username="new")
    assert user.check_password(shown_password(response))
    assert "no-store" in response.headers["Cache-Control"]
    assert (user.must_change_password, user.is_staff, user.is_superuser, user.role_names) == (True, False, False, "")
    assert shown_password(response) not in keeper.get(change(user)).content.decode()


@pytest.mark.parametrize(
    ("values", "said"),
    [({"union": ""}, "此项必填"), ({"username": "sysadmin"}, "已存在"), ({"full_name": ""}, "此项必填"),
     ({"username": "有 空格"}, "用户名")],
)  # fmt: skip
def test_new_account_says_what_is_wrong(values, said, keeper):
    response = keeper.post(reverse(ADD), account(**values))

    assert said in str(response.context["adminform"].form.errors)
    assert not User.objects.filter(full_name="石云").exists()


def test_a_new_account_is_told_to_who_gives_it_a_role_and_waits_there(keeper, giver, security_admin, signed_in):
    waits = {"账号待分配角色": 1}

    def waiting(client) -> dict[str, int]:
        return {one.label: one.number for one, *_ in client.get("/desk/").context["waiting"]}

    elsewhere = UserFactory(union=UnionFactory(), roles=(roles.SECURITY_ADMIN,))
    UserFactory(is_active=False)
    UserFactory(is_superuser=True)
    assert waiting(giver) == {}
    page = keeper.post(reverse(ADD), account()).content.decode()
    assert f"已通知安全管理员（{security_admin.full_name}）为该账号分配角色" in page
    new = User.objects.get(username="new")
    told = Notice.objects.get()
    assert (told.user, told.url, "石云（new）" in told.words) == (security_admin, change(new), True)
    assert (waiting(giver), waiting(keeper), waiting(signed_in(elsewhere))) == (waits, {}, {})
    [(one, *_)] = giver.get("/desk/").context["waiting"]
    assert [row.username for row in giver.get(one.url).context["cl"].result_list] == ["new"]
    giver.post(change(new), {"groups": ids(roles.ORGANISATION)})
    assert (waiting(giver), giver.get(one.url).context["cl"].result_count) == ({}, 0)
    keeper.post(reverse("admin:members_user_reset_password", args=[new.pk]))
    assert Notice.objects.count() == 1


def test_without_who_gives_roles_the_keeper_is_told_whom_to_ask(keeper):
    assert "下一步：请安全管理员为该账号分配角色" in keeper.post(reverse(ADD), account()).content.decode()
    assert not Notice.objects.exists()


@pytest.mark.parametrize(("asked", "found"), [
    ({"role": "none"}, {"new", "off"}), ({"role": "none", "state": "off"}, {"off"}), ({"role": "x"}, set()),
    ({"role": roles.SECURITY_ADMIN}, {"secadmin"}), ({"state": "off"}, {"off"}),
])  # fmt: skip
def test_accounts_are_listed_by_role_and_state(asked, found, keeper, security_admin):
    UserFactory(username="new"), UserFactory(username="off", is_active=False)
    if asked.get("role") in roles.ALL:
        asked = {"role": Group.objects.get(name=asked["role"]).pk}
    page = keeper.get(reverse("admin:members_user_changelist"), asked)
    assert {row.username for row in page.context["cl"].result_list} == found


def test_whether_an_account_is_in_use_is_a_badge_as_other_states_are(keeper):
    UserFactory(is_active=False)
    page = keeper.get(reverse("admin:members_user_changelist")).content.decode()
    badges = re.findall(r'class="field-in_use.*?<span class="badge ([a-z-]*)">\s*(\S+?)\s*</span>', page, re.DOTALL)
    assert sorted(badges) == [("", "停用"), ("is-ok", "启用")]


def test_keeper_edits_accounts_but_no_roles(keeper):
    user, union = UserFactory(union=UnionFactory(), roles=(roles.GRASSROOTS,)), UnionFactory()

    response = keeper.post(change(user), {
        "username": "renamed", "full_name": "改名", "union": union.pk, "groups": ids(roles.ORGANISATION),
        "is_superuser": "on", "is_staff": "on",
    })  # fmt: skip

    assert response.status_code == 302
    user = fresh(user)
    assert (user.username, user.full_name, user.union, user.is_active) == ("renamed", "改名", union, False)
    assert (user.role_names, user.is_staff, user.is_superuser) == (roles.GRASSROOTS, False, False)


def test_giver_edits_roles_but_no_account(giver):
    user = UserFactory(username="before", full_name="原名")

    response = giver.post(change(user), {
        "username": "renamed", "full_name": "改名", "union": UnionFactory().pk, "groups": ids(roles.ORGANISATION),
        "is_superuser": "on",
    })  # fmt: skip

    assert response.status_code == 302
    user = fresh(user)
    assert (user.username, user.full_name, user.union, user.is_active) == ("before", "原名", county(), True)
    assert (user.role_names, user.is_staff, user.is_superuser) == (roles.ORGANISATION, True, False)
    changes = [entry.changes for entry in LogEntry.objects.get_for_object(user)]
    assert {"groups": {"type": "m2m", "operation": "add", "objects": [roles.ORGANISATION]}} in changes


def test_separation_is_said_beside_the_roles(giver):
    user = UserFactory(roles=(roles.LEADER,))

    response = giver.post(change(user), {"groups": ids(roles.AUDITOR, roles.LEADER)})

    assert "三人分别担任" in str(response.context["adminform"].form.errors["groups"])
    assert fresh(user).role_names == roles.LEADER


@pytest.mark.parametrize("who", ["system_admin", "security_admin"])
def test_nobody_edits_their_own_roles(who, request, signed_in):
    user = request.getfixturevalue(who)
    client = signed_in(user)
    kept = user.role_names

    client.post(change(user), {"username": user.username, "full_name": user.full_name, "groups": ids(roles.LEADER)})

    assert fresh(user).role_names == kept
    assert "groups" not in client.get(change(user)).context["adminform"].form.fields


def test_keeper_does_not_move_her_own_scope(keeper, system_admin):
    keeper.post(change(system_admin), {"username": "sysadmin", "full_name": "新名", "union": UnionFactory().pk})

    user = fresh(system_admin)
    assert (user.full_name, user.union, user.is_active) == ("新名", county(), True)


def test_giver_adds_no_accounts_and_resets_no_passwords(giver):
    user = UserFactory()

    assert giver.get(reverse(ADD)).status_code == 403
    url = reverse("admin:members_user_reset_password", args=[user.pk])
    assert giver.post(url).status_code == 403
    assert fresh(user).check_password("Passw0rd-1234")


@pytest.mark.parametrize("name", ["clerk", "auditor"])
def test_others_see_no_accounts(name, county_clerk, auditor, signed_in):
    user = {"clerk": county_clerk, "auditor": auditor}[name]

    assert signed_in(user).get(reverse("admin:members_user_changelist")).status_code == 403


def test_reset_password(keeper):
    user = UserFactory()
    AccessAttempt.objects.create(username=user.username, failures_since_start=9, get_data="", post_data="")
    url = reverse("admin:members_user_reset_password", args=[user.pk])

    assert keeper.get(url).status_code == 200
    assert fresh(user).check_password("Passw0rd-1234")
    response = keeper.post(url)

    user = fresh(user)
    assert user.check_password(shown_password(response))
    assert user.must_change_password
    assert not AccessAttempt.objects.exists()  # the lock is off as well


def test_a_superuser_is_nobody_elses_to_change(keeper, giver):
    boss = UserFactory(username="boss", is_superuser=True)

    assert keeper.post(change(boss), account(username="x")).status_code == 403
    assert keeper.post(reverse("admin:members_user_reset_password", args=[boss.pk])).status_code == 403
    assert giver.post(change(boss), {"groups": ids(roles.LEADER)}).status_code == 403
    assert (fresh(boss).username, fresh(boss).role_names) == ("boss", "")


@pytest.mark.parametrize("role", sorted(roles.SEPARATED))
def test_keeper_takes_over_no_other_administrator(role, keeper):
    user = UserFactory(username="apart", full_name="原名", roles=(role,))
    reset = reverse("admin:members_user_reset_password", args=[user.pk])

    assert keeper.post(reset).status_code == 403
    assert keeper.post(change(user), account(username="x", union=UnionFactory().pk, is_active="")).status_code == 403
    assert reset not in keeper.get(change(user)).content.decode()
    user = fresh(user)
    assert (user.username, user.full_name, user.union, user.is_active) == ("apart", "原名", county(), True)
    assert user.check_password("Passw0rd-1234")


def test_giver_takes_an_administrators_role_and_the_keeper_closes_the_account(giver, keeper, auditor):
    assert giver.post(change(auditor), {"groups": []}).status_code == 302
    keeper.post(change(auditor), {"username": "auditor", "full_name": "离任", "union": county().pk})

    assert (fresh(auditor).role_names, fresh(auditor).is_active) == ("", False)


@pytest.mark.parametrize(("role", "at_county"), [(roles.LEADER, False), (roles.AUDITOR, False), (roles.TOWNSHIP, True)])
def test_roles_fit_the_union(role, at_county, giver, keeper):
    user = UserFactory(union=county() if at_county else UnionFactory())

    response = giver.post(change(user), {"groups": ids(role)})

    assert "所在工会" in str(response.context["adminform"].form.errors["groups"])
    assert fresh(user).role_names == ""


def test_moving_an_account_keeps_its_roles_in_place(keeper):
    user = UserFactory(username="leading", roles=(roles.LEADER,))

    response = keeper.post(change(user), account(username="leading", union=UnionFactory().pk))

    assert "所在工会" in str(response.context["adminform"].form.errors["union"])
    assert fresh(user).union == county()


def test_list_does_not_filter_by_password_or_session(keeper, system_admin):
    url = reverse("admin:members_user_changelist")

    assert keeper.get(url, {"password__startswith": "m"}).status_code == 400
    assert keeper.get(url, {"session_key__startswith": "a"}).status_code == 400


@pytest.mark.parametrize(("term", "count"), [("sys", 1), ("系统管理", 1), ("管理员", 0), ("", 1)])
def test_search(term, count, keeper):
    assert keeper.get(reverse("admin:members_user_changelist"), {"q": term}).context["cl"].result_count == count


def test_deleting_is_for_nobody(insider, signed_in):
    insider.is_superuser = True
    insider.save()
    user = UserFactory()

    url = reverse("admin:members_user_delete", args=[user.pk])
    assert signed_in(insider).post(url, {"post": "yes"}).status_code == 403


# --- Roles ---


def test_roles_are_looked_at_only(giver, insider, signed_in):
    group = Group.objects.get(name=roles.LEADER)
    page = giver.get(reverse("admin:auth_group_change", args=[group.pk])).content.decode()

    assert "查看数据看板" in page
    insider.is_superuser = True
    insider.save()
    for client in (giver, signed_in(insider)):
        url = reverse("admin:auth_group_change", args=[group.pk])
        assert client.post(url, {"name": "改"}).status_code == 403
        assert client.post(reverse("admin:auth_group_delete", args=[group.pk])).status_code == 403
        assert client.get(reverse("admin:auth_group_add")).status_code == 403


def test_roles_list_names_their_accounts(giver, outsider):
    outsider.groups.add(Group.objects.get(name=roles.LEADER))
    UserFactory(full_name="分管领导", roles=(roles.LEADER,))

    rows = giver.get(reverse("admin:auth_group_changelist")).context["cl"].result_list
    named = {group.name: [user.full_name for user in group.visible_users] for group in rows}
    assert named[roles.LEADER] == ["分管领导"]


@pytest.mark.parametrize(
    ("codename", "text"),
    [("add_member", "新增会员"), ("view_union", "查看工会"), ("reveal_member", "查看会员完整证件号"),
     ("assign_roles", "分配角色"), ("view_logentry", "查看")],
)  # fmt: skip
def test_permissions_in_words(codename, text):
    assert permission_text(Permission.objects.filter(codename=codename).first()).startswith(text)


def test_security_admin_reads_the_union_without_a_link(giver, keeper):
    user = UserFactory(union=UnionFactory(name="某某工会"))
    link = reverse("admin:members_union_change", args=[user.union_id])

    page = giver.get(change(user)).content.decode()
    assert ("某某工会" in page, link in page) == (True, False)
    assert giver.post(change(user), {"groups": ids(roles.GRASSROOTS)}).status_code == 302
    assert fresh(user).role_names == roles.GRASSROOTS
