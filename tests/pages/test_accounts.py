"""Signing in and out, passwords, the lock after failures, the idle limit, one session an account."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.test import Client

from members import roles
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
PASSWORD = "Passw0rd-1234"
NEW = "Kedu-2018-tongzhi"


def sign_in(client, user, password=PASSWORD, **query):
    return client.post("/login/", {"username": user.username, "password": password, **query})


def is_in(client):
    """Whether the client's next page is opened as somebody."""
    response = client.get("/workbench/")
    return not (response.status_code == 302 and response.url.startswith("/login/"))


def errors(response):
    return [str(error) for messages in response.context["form"].errors.values() for error in messages]


# --- Ways in -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "page"),
    [
        (roles.ORGANISATION, "/desk/"),
        (roles.ECONOMY, "/desk/"),
        (roles.RELIEF, "/desk/"),
        (roles.FINANCE, "/desk/"),
        (roles.SYSTEM_ADMIN, "/desk/"),
        (roles.SECURITY_ADMIN, "/desk/"),
        (roles.AUDITOR, "/desk/"),
        (roles.LEADER, "/dashboard/"),
        (roles.TOWNSHIP, "/workbench/"),
        (roles.GRASSROOTS, "/workbench/"),
    ],
)
def test_each_role_is_led_to_its_page(client, role, page):
    user = UserFactory(roles=(role,))
    response = sign_in(client, user)
    assert (response.status_code, response.url) == (302, "/")
    assert client.get("/").url == page
    assert client.get(page).status_code == 200


def test_an_account_without_a_role_is_led_to_a_kind_word(client):
    client.force_login(UserFactory())
    assert client.get("/").url == "/workbench/"
    assert "尚未分配角色" in client.get("/workbench/").content.decode()


def test_a_stranger_reads_the_front_page_which_leads_to_sign_in(client):
    page = client.get("/")
    assert page.status_code == 200
    assert 'href="/login/"' in page.content.decode()
    assert client.get("/login/").status_code == 200


def test_the_admins_own_sign_in_leads_to_ours(client):
    assert client.get("/admin/login/?next=/admin/").url == "/login/?next=/admin/"
    assert client.get("/admin/password_change/").url == "/password/"


def test_next_is_followed_within_the_site(client, leader):
    assert sign_in(client, leader, next="/dashboard/rows/unions.total/").url == "/dashboard/rows/unions.total/"


@pytest.mark.parametrize("away", ["https://example.com/", "//example.com/", "javascript:alert(1)", "/\\example.com"])
def test_next_leads_nowhere_else(client, leader, away):
    assert sign_in(client, leader, next=away).url == "/"


def test_who_is_signed_in_goes_on(client, leader):
    client.force_login(leader)
    assert client.get("/login/").url == "/"
    page = client.get("/login/?next=/admin/")
    assert page.status_code == 200
    assert "无权打开该页面" in page.content.decode()


def test_a_wrong_password_is_said_in_plain_words(client, leader):
    response = sign_in(client, leader, "wrong")
    assert response.status_code == 200
    assert errors(response) == ["账号或密码不正确，请核对后重试。密码区分大小写；连续输错 5 次，账号会暂时锁定。"]


def test_an_unknown_account_gets_the_same_words(client, leader):
    unknown = client.post("/login/", {"username": "nobody", "password": PASSWORD})
    assert errors(unknown) == errors(sign_in(client, leader, "wrong"))


def test_empty_boxes_are_named(client):
    assert errors(client.post("/login/", {})) == ["请填写账号。", "请填写密码。"]


def test_an_account_that_is_off_does_not_enter(client):
    user = UserFactory(is_active=False)
    assert sign_in(client, user).status_code == 200
    assert not is_in(client)


# --- Ways out ------------------------------------------------------------------------------


def test_signing_out_takes_a_post(client, leader):
    client.force_login(leader)
    assert client.get("/logout/").url == "/"
    assert is_in(client)
    assert client.post("/logout/").url == "/login/"
    assert not is_in(client)
    assert "已安全退出" in client.get("/login/").content.decode()


def test_signing_out_wants_the_token(leader):
    client = Client(enforce_csrf_checks=True)
    client.force_login(leader)
    assert client.post("/logout/").status_code == 403


# --- The lock ------------------------------------------------------------------------------


def test_five_failures_lock_the_account(client, leader):
    for _ in range(settings.AXES_FAILURE_LIMIT - 1):
        assert sign_in(client, leader, "wrong").status_code == 200
    response = sign_in(client, leader, "wrong")
    assert response.status_code == 429
    assert "密码连续输错 5 次" in response.content.decode()
    assert sign_in(client, leader).status_code == 429
    assert not is_in(client)


def test_the_lock_is_the_accounts_and_not_the_townships(client, leader, officer):
    for _ in range(settings.AXES_FAILURE_LIMIT):
        sign_in(client, leader, "wrong")
    assert sign_in(Client(), leader).status_code == 429
    assert sign_in(client, officer).status_code == 302


def test_the_lock_opens_by_itself(client, leader, time_machine):
    time_machine.move_to("2018-03-31T01:00:00+00:00")
    for _ in range(settings.AXES_FAILURE_LIMIT):
        sign_in(client, leader, "wrong")
    time_machine.shift(settings.AXES_COOLOFF_TIME + timedelta(seconds=1))
    assert sign_in(client, leader).status_code == 302


def test_a_success_forgets_the_failures(client, leader):
    for _ in range(2):
        for _ in range(settings.AXES_FAILURE_LIMIT - 1):
            sign_in(client, leader, "wrong")
        assert sign_in(client, leader).status_code == 302


# --- The idle limit ------------------------------------------------------------------------


def test_an_idle_session_ends(client, leader, time_machine):
    time_machine.move_to("2018-03-31T01:00:00+00:00")
    sign_in(client, leader)
    assert is_in(client)
    time_machine.shift(settings.SESSION_COOKIE_AGE + 1)
    assert not is_in(client)


def test_use_renews_a_session(client, leader, time_machine):
    time_machine.move_to("2018-03-31T01:00:00+00:00")
    sign_in(client, leader)
    for _ in range(4):
        time_machine.shift(settings.SESSION_COOKIE_AGE - 60)
        assert is_in(client)
    time_machine.shift(settings.SESSION_COOKIE_AGE + 1)
    assert not is_in(client)


# --- One session an account ----------------------------------------------------------------


def test_a_newer_sign_in_ends_the_older(leader):
    first, second = Client(), Client()
    sign_in(first, leader)
    assert is_in(first)
    sign_in(second, leader)
    assert (is_in(first), is_in(second)) == (False, True)


def test_two_accounts_do_not_disturb_each_other(leader, officer):
    first, second = Client(), Client()
    sign_in(first, leader)
    sign_in(second, officer)
    assert (is_in(first), is_in(second)) == (True, True)


# --- Passwords -----------------------------------------------------------------------------


def change(client, old=PASSWORD, new=NEW, again=None):
    return client.post("/password/", {"old_password": old, "new_password1": new, "new_password2": again or new})


@pytest.fixture
def newcomer():
    return UserFactory(roles=(roles.LEADER,), must_change_password=True)


@pytest.mark.parametrize("page", ["/", "/dashboard/", "/workbench/", "/admin/"])
def test_a_first_password_opens_only_the_page_that_changes_it(client, newcomer, page):
    sign_in(client, newcomer)
    response = client.get(page)
    assert (response.status_code, response.url) == (302, "/password/")
    assert client.get("/password/").status_code == 200


def test_changing_the_first_password_opens_the_rest_without_signing_in_again(client, newcomer):
    sign_in(client, newcomer)
    before = client.session.session_key
    response = change(client)
    assert (response.status_code, response.url) == (302, "/")
    newcomer.refresh_from_db()
    assert (newcomer.must_change_password, newcomer.check_password(NEW)) == (False, True)
    assert newcomer.session_key == client.session.session_key != before
    assert client.session[SESSION_KEY] == str(newcomer.pk)
    page = client.get("/", follow=True)
    assert (page.redirect_chain[-1][0], page.status_code) == ("/dashboard/", 200)
    assert "密码已修改" in page.content.decode()


def test_the_old_password_no_longer_enters(client, leader):
    sign_in(client, leader)
    change(client)
    assert sign_in(Client(), leader).status_code == 200
    assert sign_in(Client(), leader, NEW).status_code == 302


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"old": "wrong"}, "原密码不正确，请重新输入。"),
        ({"new": PASSWORD}, "新密码不能与原密码相同。"),
        ({"again": "Kedu-2018-qita"}, "两次输入的新密码不一致，请重新输入。"),
    ],
)
def test_a_password_is_refused_in_plain_words(client, newcomer, given, error):
    sign_in(client, newcomer)
    assert errors(change(client, **given)) == [error]
    newcomer.refresh_from_db()
    assert newcomer.must_change_password


@pytest.mark.parametrize("weak", ["Kedu2018", "20180331000", "kedugonghuiweiyuan"])
def test_a_weak_password_is_refused(client, newcomer, weak):
    sign_in(client, newcomer)
    assert change(client, new=weak).status_code == 200
    newcomer.refresh_from_db()
    assert newcomer.check_password(PASSWORD)


def test_empty_password_boxes_are_named(client, leader):
    sign_in(client, leader)
    assert errors(client.post("/password/", {})) == ["请填写原密码。", "请填写新密码。", "请再次填写新密码。"]


def test_a_stranger_changes_no_password(client):
    assert client.get("/password/").url == "/login/?next=/password/"


def test_guessing_the_present_password_ends_the_session(client, officer):
    client.force_login(officer)
    officer.session_key = client.session.session_key
    officer.save()
    wrong = {"old_password": "guess", "new_password1": "Neues2026wort", "new_password2": "Neues2026wort"}
    answers = [client.post("/password/", wrong).status_code for _ in range(5)]
    assert answers == [200, 200, 200, 200, 302]
    assert "_auth_user_id" not in client.session


def test_every_word_about_a_new_password_is_chinese(client, officer):
    client.force_login(officer)
    officer.session_key = client.session.session_key
    officer.save()
    page = client.post(
        "/password/", {"old_password": "x", "new_password1": "abc", "new_password2": "abc"}
    ).content.decode()
    assert "密码太短，至少要有 10 个字符。" in page
    assert "too short" not in page


def test_what_is_wrong_with_a_new_password_is_said_where_it_was_typed(client, officer):
    client.force_login(officer)
    form = change(client, new="123", again="123").context["form"]
    assert list(form.errors) == ["new_password1"]
