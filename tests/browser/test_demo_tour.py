"""A tour of the demo as each role sees it: the way in, the figures and their lists, the admin, the workbench."""

import re

import pytest

from members import roles
from pingtang_union.demo.accounts import ACCOUNTS, PASSWORD

BY_ROLE = {account.role: account for account in ACCOUNTS}
STAFF = [account for account in ACCOUNTS if account.role in roles.STAFF]
# Words in Latin letters that a Chinese page may well show: units, formats, names of things.
KNOWN_WORDS = {"SHA", "Excel", "xlsx", "Ctrl", "PDF", "IP", "CSV", "esc"}


def names(accounts):
    return [account.username for account in accounts]


def english(page, selector="body"):
    """English words that a page shows, without addresses, codes, user names and the icon font's ligatures."""
    text = page.evaluate(
        """selector => [...document.querySelectorAll(selector)].map(item => {
            const copy = item.cloneNode(true);
            copy.querySelectorAll('.material-symbols-outlined, script, style, template').forEach(icon => icon.remove());
            return copy.textContent;
        }).join(' ')""",
        selector,
    )
    words = set(re.findall(r"(?<![\w./@-])[A-Za-z]{3,}(?![\w./@-])", text))
    return sorted(words - KNOWN_WORDS - set(names(ACCOUNTS)))


# --- The way in ----------------------------------------------------------------------------


def test_front_page_sign_in_page_and_a_wrong_password(visitor):
    visitor.page.goto("/")
    assert english(visitor.page) == []
    visitor.look()
    visitor.page.get_by_role("banner").get_by_role("link", name="登录").click()
    visitor.page.wait_for_load_state("load")
    assert visitor.path == "/login/"
    visitor.look()
    visitor.sign_in("nobody", "not the password 1")
    assert visitor.path == "/login/"
    assert "账号或密码不正确" in visitor.page.inner_text("body")
    visitor.look()


@pytest.mark.parametrize("account", ACCOUNTS, ids=names(ACCOUNTS))
def test_each_role_lands_on_its_page(visitor, account):
    visitor.sign_in(account.username)
    if account.role in roles.STAFF:
        assert visitor.path == "/desk/"
    else:
        assert visitor.path == ("/dashboard/" if account.role == roles.LEADER else "/workbench/")
        assert account.full_name in visitor.page.text_content("body")
    assert english(visitor.page) == []
    visitor.look()


def test_signing_out_ends_the_session(visitor):
    visitor.sign_in("lingdao")
    if visitor.width < 600:
        visitor.page.get_by_text("菜单").click()
    visitor.page.get_by_role("button", name="退出").click()
    visitor.page.wait_for_load_state("load")
    assert visitor.path == "/login/"
    visitor.page.goto("/dashboard/")
    assert visitor.path == "/login/"


def test_password_page(visitor):
    visitor.sign_in("bangfu")
    visitor.page.goto("/password/")
    visitor.page.get_by_label("原密码", exact=True).fill(PASSWORD)
    visitor.page.get_by_label("新密码", exact=True).fill("12345678901")
    visitor.page.get_by_label("确认新密码", exact=True).fill("12345678901")
    visitor.page.locator("main button[type=submit]").click()
    visitor.page.wait_for_load_state("load")
    assert visitor.path == "/password/"
    assert "密码里要同时有字母和数字" in visitor.page.inner_text("main")
    visitor.look()


@pytest.mark.parametrize(
    ("role", "address"),
    [
        (roles.LEADER, "/admin/"),
        (roles.GRASSROOTS, "/admin/"),
        (roles.GRASSROOTS, "/dashboard/"),
        (roles.TOWNSHIP, "/dashboard/"),
    ],
)
def test_pages_of_others_stay_shut(desk, role, address):
    desk.sign_in(BY_ROLE[role].username)
    answer = desk.page.goto(address)
    assert answer.status == 403 or desk.path == "/login/"


# --- Figures -------------------------------------------------------------------------------


def test_tiles_say_what_the_ledgers_hold(desk):
    desk.sign_in("lingdao")
    tiles = desk.page.locator(".figures .tile")
    told = {
        tile.locator(".tile-label").inner_text(): tile.locator(".tile-value a").inner_text() for tile in tiles.all()
    }
    assert told == {
        "基层工会": "506",
        "机关工会": "285",
        "企业工会": "221",
        "两新组织工会": "201",
        "工会干部": "233",
        "社会化工会工作者": "9",
        "培训班": "4",
        "参加培训": "525",
        "省级培训班参训": "8",
        "赴厦门参训": "12",
        "赴广州参训": "5",
        "县级培训班参训": "500",
        "慰问帮扶金额": "1,105,320.00",
        "受助人次": "856",
        "受助人数": "856",
        "爱心服务卡": "7215",
        "在档困难职工": "3",
        "收款人已答复": "0",
        "收款人已确认": "0",
        "国家级荣誉": "2",
        "省级荣誉": "6",
        "州级荣誉": "40",
        "县级荣誉": "188",
        "举办活动": "95",
        "参加活动": "31615",
        "参加竞赛职工": "14986",
        "职工徒步走": "1493",
        "读书征文": "78",
        "发放维权手册": "30412",
        "联系招聘企业": "93",
        "提供就业岗位": "5126",
        "推荐待业青年参训": "25",
        "就业创业宣传培训": "23",
        "就业创业受训人数": "2688",
        "实现就业": "512",
        "基层工会负责人专题培训": "53",
        "培训解说员": "140",
        "导游（解说员）培训": "4",
        "培训宾馆酒店及农家乐从业人员": "860",
        "宾馆酒店及农家乐从业人员培训": "3",
        "志愿者": "456",
        "抽调干部": "5",
    }


def test_a_leader_reads_the_first_figures_without_scrolling(visitor):
    visitor.sign_in("lingdao")
    bottoms = visitor.page.locator("h2.tile-label").evaluate_all(
        "items => items.map(item => item.parentElement.getBoundingClientRect().bottom)"
    )
    first = bottoms if visitor.width > 600 else bottoms[:8]
    assert (len(bottoms), first[-1] < 900) == (12, True)
    part = visitor.page.locator("details#cadres")
    assert (part.get_attribute("open") is None) == (visitor.width < 600)
    visitor.page.evaluate("window.location.hash = 'cadres'")
    part.locator("table").wait_for()
    visitor.look()


def test_each_number_leads_to_as_many_rows(visitor):
    visitor.sign_in("lingdao")
    links = visitor.page.locator("main a[href*='/dashboard/rows/']").evaluate_all(
        "items => items.map(item => [item.getAttribute('href'), item.textContent.trim()])"
    )
    assert len(links) > 40
    tiles, rest = links[:12], links[12:]
    for href, number in [*tiles, *rest[:: max(1, len(rest) // 12)]]:
        visitor.page.goto(href)
        assert visitor.page.locator(".page-header .lead strong").inner_text() == number, href
        rows = visitor.page.locator("main table.data tbody tr").count()
        told = re.search(r"由以下 (\d+) 条记录合计", visitor.page.locator(".page-header .lead").inner_text())
        assert rows == min(int(told[1] if told else number), 20), href
        visitor.look()


def test_rows_of_a_figure_page_on(desk):
    desk.sign_in("lingdao")
    desk.page.locator(".figures .tile-value a").first.click()
    desk.page.wait_for_load_state("load")
    seen = 0
    while True:
        seen += desk.page.locator("main table.data tbody tr").count()
        following = desk.page.locator(".pagination a[rel=next]")
        if not following.count():
            break
        following.first.click()
        desk.page.wait_for_load_state("load")
    assert seen == 506


def test_leaders_read_masked_names(desk):
    desk.sign_in("lingdao")
    desk.page.goto("/dashboard/rows/cadres.total/")
    cells = desk.page.locator("main table.data tbody tr td:nth-child(2)").all_inner_texts()
    assert cells
    assert all("*" in name for name in cells)


def test_charts_are_drawn(desk):
    desk.sign_in("lingdao")
    desk.page.wait_for_function("document.querySelector('figure.chart canvas').height > 0")
    assert desk.page.locator("figure.chart:not([hidden]) canvas").count() >= 5


# --- The admin -----------------------------------------------------------------------------


@pytest.mark.parametrize("account", STAFF, ids=names(STAFF))
def test_every_list_of_the_admin_opens_in_chinese(visitor, account):
    visitor.sign_in(account.username)
    visitor.page.goto("/admin/")
    lists = visitor.page.locator("a[href^='/admin/']")
    hrefs = sorted(
        {
            href
            for href in lists.evaluate_all("items => items.map(item => item.getAttribute('href'))")
            if re.fullmatch(r"/admin/\w+/\w+/", href)
        }
    )
    assert hrefs
    for href in hrefs:
        answer = visitor.page.goto(href)
        assert answer.status == 200, href
        assert english(visitor.page, "h1, h2, thead, label, button, nav") == [], href
        visitor.look()


def test_clerk_finds_and_opens_a_union(visitor):
    visitor.sign_in("zuzhi")
    visitor.page.goto("/admin/members/union/?q=人民医院")
    visitor.look()
    visitor.page.get_by_role("link", name="平塘县人民医院工会委员会").first.click()
    visitor.page.wait_for_load_state("load")
    assert re.fullmatch(r"/admin/members/union/\d+/change/", visitor.path)
    visitor.look()


def test_identity_numbers_are_masked_in_lists(desk):
    desk.sign_in("zuzhi")
    for address in ("/admin/members/member/", "/admin/members/cadre/"):
        desk.page.goto(address)
        assert not re.search(r"(?<!\d)\d{17}[\dX](?!\d)", desk.page.content()), address


# --- The workbench -------------------------------------------------------------------------


def test_officer_sees_the_own_union(visitor):
    visitor.sign_in("yiyuan")
    assert visitor.page.locator("h1").inner_text() == "平塘县人民医院工会委员会"
    assert "花名册 412 人" in visitor.page.inner_text("main")
    visitor.look()


def test_township_sees_the_unions_below(visitor):
    visitor.sign_in("pingzhou")
    assert visitor.page.locator("h1").inner_text() == "平塘县平舟镇工会联合会"
    assert visitor.page.get_by_role("heading", name="下级工会", exact=True).count() == 1
    visitor.look()
    number = int(re.search(r"未报 (\d+) 个", visitor.page.inner_text("main")).group(1))
    visitor.page.get_by_role("link", name="查看并催报").first.click()
    visitor.page.wait_for_load_state("load")
    assert visitor.page.locator("main table.data tbody tr").count() == min(number, 20) > 0
    visitor.look()


def test_an_officer_finds_what_is_due(visitor):
    visitor.sign_in("zilaishui")
    due = visitor.page.locator("section", has=visitor.page.get_by_role("heading", name="待办事项"))
    assert "平塘县总工会要求报送《会员花名册》" in due.inner_text()
    assert due.get_by_role("link", name="无变化").count() == 0  # it has none to stand by
    due.get_by_role("link", name="上传台账").first.click()
    visitor.page.wait_for_load_state("load")
    assert visitor.path == "/ledgers/"
    if visitor.width < 600:
        visitor.page.get_by_text("菜单").click()
    assert visitor.page.locator(".nav-list [aria-current]").inner_text() == "台账"
    visitor.look()
