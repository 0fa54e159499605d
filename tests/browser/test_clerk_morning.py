"""A clerk's morning: the desk, three nominations approved in a row, and who hasn't returned the ledger asked for."""

import re

from playwright.sync_api import Locator, expect

from tests.browser.conftest import Visitor


def tile(desk: Visitor, label: str) -> Locator:
    """The number of one kind of what waits."""
    return desk.page.locator(".tile", has_text=label).locator("a")


def test_a_clerk_approves_three_in_a_row_and_sees_who_is_missing(desk: Visitor):
    desk.sign_in("xuanjiao")
    assert desk.path == "/desk/"
    desk.look()
    before = int(tile(desk, "荣誉推荐待审核").inner_text())
    assert before >= 3

    tile(desk, "荣誉推荐待审核").click()
    expect(desk.page.locator("#result_list tbody input.action-select")).to_have_count(before)
    desk.look()
    desk.page.locator("#result_list tbody a").first.click()
    for number in range(3):
        desk.page.wait_for_load_state("load")
        expect(desk.page.locator(".attention")).to_contain_text(
            f"共 {before - number} 件" if before - number > 1 else "关注"
        )
        desk.look()
        case = desk.path
        desk.page.get_by_role("link", name="审核通过").click()
        desk.page.get_by_role("button", name="审核通过").click()
        desk.page.wait_for_load_state("load")
        if number < 2:  # the next case of the queue
            assert desk.path != case
            assert re.fullmatch(r"/admin/awards/nomination/\d+/change/", desk.path)

    desk.page.goto("/admin/")
    desk.look()
    left = tile(desk, "荣誉推荐待审核")
    assert (int(left.inner_text()) if left.count() else 0) == before - 3
    desk.page.get_by_role("link", name=re.compile("未报 \\d+ 个")).first.click()
    desk.page.wait_for_load_state("load")
    assert desk.path.startswith("/workbench/calls/")
    desk.look()


def test_what_one_opens_is_seen_and_can_be_followed(desk: Visitor):
    desk.sign_in("zuzhi")
    desk.page.goto("/admin/awards/nomination/?state=&mine=new")
    rows = desk.page.locator("#result_list tbody input.action-select")
    before = rows.count()
    assert before
    with desk.page.expect_response(lambda response: "/attend/" in response.url):
        desk.page.locator("#result_list tbody a").first.click()
    with desk.page.expect_navigation():
        desk.page.get_by_role("button", name="关注", exact=True).click()
    expect(desk.page.get_by_role("button", name="取消关注")).to_be_visible()
    desk.page.goto("/admin/awards/nomination/?state=&mine=new")
    expect(rows).to_have_count(before - 1)
    desk.page.goto("/desk/")
    expect(desk.page.locator("[aria-labelledby=followed-title] li")).to_have_count(1)
    desk.look()
