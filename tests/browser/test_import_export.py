"""In and out through the admin's lists: a roster previewed and confirmed, chosen columns, a small table."""

import io
from pathlib import Path

import openpyxl
from openpyxl import load_workbook

from members import roles
from pingtang_union.core.validators import check_digit
from pingtang_union.demo.accounts import ACCOUNTS
from tests.browser.test_ledger_journey import look_both, press, visitor

__all__ = ["visitor"]
NAMES = {account.role: account.username for account in reversed(ACCOUNTS)}
CLERK, AWARDS = NAMES[roles.ORGANISATION], NAMES[roles.ECONOMY]
UNION = "平塘供电局工会委员会"


def workbook(path: Path, *rows: list) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def choose(visitor, door: str) -> None:
    """Follow the link to 导入 or 导出 above the list."""
    visitor.page.locator(f"a[href*='/{door}/']").first.click()
    visitor.page.wait_for_load_state("load")


def bring(visitor, path: Path) -> None:
    visitor.page.locator("input[type=file]").set_input_files(str(path))
    press(visitor, "上传并检查")


def download(visitor, button: str, folder: Path) -> Path:
    with visitor.page.expect_download() as caught:
        visitor.page.get_by_role("button", name=button).first.click()
    path = folder / caught.value.suggested_filename
    caught.value.save_as(path)
    return path


def test_a_roster_comes_in_and_goes_out_with_the_columns_chosen(visitor, tmp_path):
    number = "52272719850607701" + check_digit("52272719850607701")
    headers = ["姓名", "性别", "身份证号", "入会时间", "移动电话"]
    path = workbook(
        tmp_path / "会员花名册.xlsx",
        [f"{UNION}会员花名册"],
        [f"工会名称：{UNION}"],
        headers,
        ["石入门", "男", number, "2012.04", "19000029991"],
        ["石有错", "女", "123", "2012.04", ""],
    )
    visitor.sign_in(CLERK)
    visitor.page.goto("/admin/members/member/")
    choose(visitor, "import")
    look_both(visitor)
    bring(visitor, path)
    look_both(visitor)
    assert visitor.page.get_by_text("共 2 条：新增 1 条").count() == 1
    assert number not in visitor.page.content()
    press(visitor, "确认导入")
    assert visitor.path.startswith("/ledgers/")
    look_both(visitor)

    visitor.page.goto("/admin/members/member/?q=石入门")
    choose(visitor, "export")
    look_both(visitor)
    for box in visitor.page.locator("input[type=checkbox]").all():
        if "_name" not in box.get_attribute("name") and box.is_checked():
            box.uncheck()
    sheet = load_workbook(download(visitor, "导出", tmp_path)).active
    assert [[cell.value for cell in row] for row in sheet.iter_rows(min_row=3, max_row=4)] == [
        ["序号", "姓名"],
        [1, "石入门"],
    ]


def test_a_small_table_goes_out_and_comes_in(visitor, tmp_path):
    visitor.sign_in(AWARDS)
    visitor.page.goto("/admin/awards/honour/")
    choose(visitor, "export")
    look_both(visitor)
    stock = download(visitor, "导出", tmp_path)
    visitor.page.goto("/admin/awards/honour/import/")
    look_both(visitor)
    bring(visitor, stock)
    look_both(visitor)
    press(visitor, "确认导入")
    assert "新增 0 条，更新 0 条" in visitor.page.content()

    content = io.BytesIO(stock.read_bytes())
    book = load_workbook(content)
    headers = [cell.value for cell in book.active[1]]
    row = dict.fromkeys(headers, None) | {"荣誉称号": "平塘县巧手", "级别": "县级", "授予对象": "个人"}
    faulty = {**row, "荣誉称号": "平塘县快手", "级别": "村级"}
    for values in (row, faulty):
        book.active.append(list(values.values()))
    book.save(tmp_path / "新称号.xlsx")
    visitor.page.goto("/admin/awards/honour/import/")
    bring(visitor, tmp_path / "新称号.xlsx")
    look_both(visitor)
    assert "村级" in visitor.page.content()
    book.active.delete_rows(book.active.max_row)
    book.save(tmp_path / "改好.xlsx")
    bring(visitor, tmp_path / "改好.xlsx")
    press(visitor, "确认导入")
    assert "新增 1 条" in visitor.page.content()
    look_both(visitor)
