"""A township's week and an officer's evening: a call for rosters, from the notice to the last answer."""

import re
from pathlib import Path

from openpyxl import Workbook, load_workbook
from playwright.sync_api import Browser

from pingtang_union.core.validators import check_digit
from tests.browser.conftest import Visitor

CALL = "会员花名册年度核对"
TEA, WATER = "平塘县望谟茶业有限公司工会委员会", "平塘县自来水公司工会委员会"


def roster(path: Path, union: str, first: int) -> Path:
    """Two members who can be taken, and one whose number can't be."""
    book = Workbook()
    sheet = book.active
    sheet.title = "会员花名册"
    numbers = [f"52272719860101{serial:03d}" for serial in (first, first + 1)]
    rows = [[name, "男", number + check_digit(number), "2012.04"] for name, number in zip("甲乙", numbers, strict=True)]
    for row in ([f"{union}会员花名册"], ["姓名", "性别", "身份证号", "入会时间"]):
        sheet.append(row)
    for row in [*(["石" + name, *rest] for name, *rest in rows), ["石丙", "男", "52272719900307", "2012.04"]]:
        sheet.append(row)
    book.save(path)
    return path


def press(visitor: Visitor, name: str, role: str = "button") -> str:
    """Follow a button or link; gives what the next page says."""
    with visitor.page.expect_navigation():
        visitor.page.get_by_role(role, name=name).first.click()
    visitor.look()
    return visitor.page.inner_text("main")


def remind_all(visitor: Visitor, owed: int) -> str:
    """Asked first, in a dialog that can be left; gives what the next page says."""
    page = visitor.page
    dialog = page.get_by_role("dialog", name="催报全部未报工会")
    page.get_by_role("button", name=f"催报 {owed} 个工会").click()
    dialog.get_by_role("button", name="取消").click()
    assert dialog.is_hidden()
    page.get_by_role("button", name=f"催报 {owed} 个工会").click()
    visitor.look()
    with page.expect_navigation():
        dialog.get_by_role("button", name="催报", exact=True).click()
    visitor.look()
    return page.inner_text("main")


def answer_in_part(visitor: Visitor, roster_of: Path) -> None:
    """From the notice among what is due to the roster, of which one row is refused."""
    visitor.page.goto("/workbench/")
    visitor.look()
    first = visitor.page.get_by_role("link", name=re.compile(f"(上传台账|补报)：{CALL}"))
    assert first.bounding_box()["y"] < 844, "the first act stands on the first screen"
    first.click()
    visitor.page.get_by_label("选择文件").set_input_files(str(roster_of))
    assert "退回" in press(visitor, "上传并检查")
    assert "已导入：新增 2 条" in press(visitor, "只导入合格的 2 条")


def test_a_townships_week(browser: Browser, server_address: str, tmp_path: Path):
    officer = Visitor(browser, server_address, 1280)
    officer.sign_in("chaye")
    answer_in_part(officer, roster(tmp_path / "茶业.xlsx", TEA, 101))
    officer.context.close()

    township = Visitor(browser, server_address, 1280)
    township.sign_in("pingzhou")
    township.look()
    page = press(township, f"查看并催报：{CALL}", "link")
    owed = int(re.search(r"催报 (\d+) 个工会", page).group(1))
    assert f"已催报 {owed} 个工会" in remind_all(township, owed)
    assert "今天已经催报过" in remind_all(township, owed)

    with township.page.expect_download() as caught:
        township.page.get_by_role("button", name="导出名单").click()
    caught.value.save_as(tmp_path / "名单.xlsx")
    sheet = load_workbook(tmp_path / "名单.xlsx").active
    listed = {row[1].value for row in sheet.iter_rows() if row[4].value == "未报"}
    assert (len(listed), TEA in listed) == (owed - 1, False)

    assert "缺 1 条" in press(township, "部分报送", "link")
    press(township, f"代报：{TEA}", "link")
    township.page.get_by_label("代报的原因").fill("该单位已核实，此人已退休")
    assert "已报送" in press(township, "确认其余不报")
    township.page.goto(township.path + "?show=returned")
    assert "代报：该单位已核实，此人已退休" in township.page.inner_text("main")
    township.look()
    township.context.close()


def test_an_officers_evening_on_a_phone(browser: Browser, server_address: str, tmp_path: Path):
    officer = Visitor(browser, server_address, 390)
    officer.sign_in("zilaishui")
    answer_in_part(officer, roster(tmp_path / "自来水.xlsx", WATER, 201))

    officer.page.goto("/workbench/")
    officer.look()
    due = officer.page.locator("ul.todo > li", has_text=CALL)
    assert "部分报送" in due.inner_text()
    assert "还有 1 条未导入" in due.inner_text()
    height = officer.page.evaluate("document.documentElement.scrollHeight")
    assert height <= 3 * 844, f"more than three screens: {height}"
    due.get_by_role("link", name="其余不报").click()
    officer.page.get_by_label("原因").fill("此人已退休")
    press(officer, "确认其余不报")
    assert officer.page.locator("ul.todo > li", has_text=CALL).count() == 0

    # What was brought is taken back, and says so wherever it is named.
    officer.page.goto("/ledgers/")
    press(officer, "自来水.xlsx", "link")
    press(officer, "撤销这次导入", "link")
    officer.page.get_by_label("撤销原因").fill("核对后另行报送")
    press(officer, "撤销这次导入")
    officer.page.goto("/ledgers/")
    undone = officer.page.locator("li.is-undone", has_text="自来水.xlsx").first
    assert "已撤销" in undone.inner_text()
    assert undone.locator("a").evaluate("link => getComputedStyle(link).textDecorationLine") == "line-through"
    officer.look()
    officer.context.close()


def test_a_township_on_a_phone_sees_who_is_missing_in_three_screens(browser: Browser, server_address: str):
    township = Visitor(browser, server_address, 390)
    township.sign_in("pingzhou")
    press(township, f"查看并催报：{CALL}", "link")
    for show in ("missing", "all"):
        township.page.goto(f"{township.path}?show={show}")
        township.look()
        assert township.page.evaluate("document.documentElement.scrollHeight") <= 3 * 844
        row = township.page.locator("table.data tbody tr").filter(visible=True).last
        name, act = row.locator("th").bounding_box(), row.locator(".is-acts").bounding_box()
        assert act["x"] > name["x"] + name["width"], "acts stand beside the name, not below it"
        assert row.bounding_box()["height"] < 120
    township.context.close()
