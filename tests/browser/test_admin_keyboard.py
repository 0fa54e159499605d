"""The admin without a mouse: what opens by a click opens by Tab and Enter."""

import pytest

from members import roles
from pingtang_union.demo.accounts import ACCOUNTS

CLERK = next(account.username for account in ACCOUNTS if account.role == roles.ORGANISATION)
UNREACHABLE = """() => [...document.querySelectorAll('*')]
    .filter(item => item.getAttributeNames().some(name => /^(x-on:|@)click(\\.prevent|\\.stop|$)/.test(name)))
    .filter(item => item.checkVisibility() && item.tabIndex < 0
        && !item.querySelector('a[href], button, input, select, textarea'))
    .map(item => item.outerHTML.slice(0, 200))"""


def tab_to(page, selector, presses=200):
    """Press Tab until the focus is on what `selector` names."""
    wanted = page.locator(selector).first
    page.evaluate("document.activeElement.blur()")
    for _ in range(presses):
        page.keyboard.press("Tab")
        if wanted.evaluate("item => item === document.activeElement"):
            return wanted
    pytest.fail(f"Tab does not reach {selector} on {page.url}")


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_filters_open_by_keyboard(desk, key):
    desk.sign_in(CLERK)
    desk.page.goto("/admin/members/member/")
    panel = desk.page.locator("#changelist-filter")
    assert not panel.is_visible()

    tab_to(desk.page, "[role=button]:has-text('筛选')")
    desk.page.keyboard.press(key)

    panel.wait_for(state="visible")
    desk.look()


def test_acts_open_by_keyboard(desk):
    desk.sign_in(CLERK)
    desk.page.goto("/admin/members/member/")
    desk.page.goto(desk.page.locator("#result_list tbody th a").first.get_attribute("href"))

    tab_to(desk.page, "[role=button]:has-text('办理会籍')")
    desk.page.keyboard.press("Enter")

    menu = "nav[x-show=actionDropdownOpen] a"
    desk.page.locator(menu).first.wait_for(state="visible")
    address = desk.page.url
    tab_to(desk.page, menu)
    desk.page.keyboard.press("Enter")
    desk.page.wait_for_url(lambda url: url != address)
    assert desk.page.locator("main form, #content form").count()
    desk.look()


def test_user_menu_opens_by_keyboard(desk):
    desk.sign_in(CLERK)
    desk.page.goto("/admin/")
    menu = desk.page.locator("nav[x-show=openUserLinks]")
    assert not menu.is_visible()

    tab_to(desk.page, "[role=button]:has-text('unfold_more')")
    desk.page.keyboard.press("Enter")

    menu.wait_for(state="visible")
    desk.look()


def test_sidebar_folds_by_keyboard(visitor):
    visitor.sign_in(CLERK)
    visitor.page.goto("/admin/")
    sidebar = visitor.page.locator("#nav-sidebar")
    shown = sidebar.is_visible()

    tab_to(visitor.page, "[aria-label='展开或收起菜单']:visible")
    visitor.page.keyboard.press("Enter")

    sidebar.wait_for(state="hidden" if shown else "visible")


@pytest.mark.parametrize("address", ["/admin/", "/admin/members/union/", "/admin/members/member/add/"])
def test_what_answers_clicks_takes_the_focus(visitor, address):
    visitor.sign_in(CLERK)
    visitor.page.goto(address)

    assert visitor.page.evaluate(UNREACHABLE) == []
    visitor.look()
