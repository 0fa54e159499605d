"""The admin's pages: one of each kind for axe, light and dark; at an office's screen no list scrolls sideways, and on a
phone a name is never cut in the middle of a sign."""

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import Visitor, hindrances

# By role: a list and what is asked of its first row (change, delete, history), of the list itself (add, import,
# export), "" for the list. One page of each template and each kind of field.
PAGES = {
    "xuanjiao": (
        ("", ""), ("checks/", ""), ("awards/nomination/?state=", ""), ("awards/nomination/?state=", "change"),
        ("awards/selectionround/", "change"), ("awards/selectionround/", "add"), ("awards/starscheme/", "change"),
        ("awards/award/", "add"), ("core/importbatch/", ""), ("core/importbatch/", "change"),
        ("core/importbatch/queue/", ""), ("core/importrow/", "change"), ("workflow/label/", "change"),
    ),
    "zuzhi": (
        ("members/member/", ""), ("members/member/", "change"), ("members/union/", "history"),
        ("members/attendance/", "delete"), ("core/ledgercall/", "add"), ("members/cadre/", "export"),
    ),
    "xitong": (("members/user/", ""), ("members/user/", "add"), ("members/user/", "change")),
    "shenji": (("auditlog/logentry/", ""), ("auditlog/logentry/", "change"), ("axes/accesslog/", "")),
}  # fmt: skip
# Roles that between them see every list.
CLERKS = ("zuzhi", "xuanjiao", "xitong", "anquan", "shenji")


def first_row(page: Page) -> str:
    """The address of the list's first record."""
    link = page.locator("#result_list tbody th a, #result_list tbody td a").first
    return (link.get_attribute("href") or "").split("?")[0]


def open_page(page: Page, at: str, door: str) -> bool:
    """Go there; False where this role has no such page."""
    page.goto(f"/admin/{at}")
    if door in {"change", "delete", "history"}:
        page.goto(first_row(page).replace("/change/", f"/{door}/"))
    elif door:
        page.goto(f"/admin/{at.split('?')[0]}{door}/")
    return not page.title().startswith(("无权", "没有"))


def lists(page: Page) -> list[str]:
    """The addresses of the sidebar, without what waits narrowed to oneself."""
    page.goto("/admin/")
    found = page.eval_on_selector_all("a[href^='/admin/']", "all => all.map(link => link.getAttribute('href'))")
    paths = {link.split("?")[0] for link in found}
    return sorted(f"{path}?state=" if "/nomination/" in path else path for path in paths if path.count("/") == 4)


@pytest.mark.parametrize("role", PAGES)
def test_no_page_of_the_admin_hinders_anyone(role: str, browser: Browser, server_address: str):
    someone = Visitor(browser, server_address, 1280)
    page, wrong = someone.page, {}
    page.emulate_media(reduced_motion="reduce")
    someone.sign_in(role)
    page.set_viewport_size({"width": 1280, "height": 3000})  # the foot that stays in sight covers nothing
    for at, door in PAGES[role]:
        assert open_page(page, at, door), (at, door)
        found = hindrances(page)
        page.evaluate("document.documentElement.classList.add('dark')")
        found += [f"dark: {one}" for one in hindrances(page, "color-contrast")]
        if found:
            wrong[at, door] = found
    someone.context.close()

    assert wrong == {}


@pytest.mark.parametrize("role", CLERKS)
def test_every_list_fits_an_offices_screen(role: str, browser: Browser, server_address: str):
    someone = Visitor(browser, server_address, 1280)
    someone.sign_in(role)
    page, wide, seen = someone.page, {}, 0
    page.set_viewport_size({"width": 1280, "height": 800})
    for path in lists(page):
        page.goto(path)
        table = page.locator("#result_list")
        if not table.count():
            continue
        seen += 1
        spare = table.evaluate("table => table.parentElement.clientWidth - table.scrollWidth")
        if spare < 0:
            wide[path] = -spare
    someone.context.close()

    assert wide == {}
    assert seen >= 2


def test_a_long_name_is_whole_on_a_phone(browser: Browser, server_address: str):
    someone = Visitor(browser, server_address, 390)
    someone.sign_in("xuanjiao")
    page = someone.page
    for at in ("awards/selectionround/", "core/ledgercall/", "members/union/"):
        assert open_page(page, at, "change")
        name = page.locator(".page-way h1")
        cut = name.evaluate("name => [name.scrollWidth > name.clientWidth + 1, name.clientWidth]")
        assert not cut[0], at
        assert cut[1] >= 90, at
        someone.look()
    assert open_page(page, "core/importbatch/", "history")
    someone.look()
    someone.context.close()


def test_deleting_is_asked_with_the_deed_first(browser: Browser, server_address: str):
    someone = Visitor(browser, server_address, 390)
    someone.sign_in("zuzhi")
    assert open_page(someone.page, "members/attendance/", "delete")
    acts = someone.page.locator(".acts > *")
    assert [words.strip() for words in acts.all_inner_texts()] == ["确认删除", "取消"]
    someone.look()
    with someone.page.expect_navigation():
        acts.last.click()
    assert someone.path == "/admin/members/attendance/"
    someone.context.close()
