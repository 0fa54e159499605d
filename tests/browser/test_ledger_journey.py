"""The whole way of a roster: template, faulty roster, marked workbook, mending, writing and taking back; and a county
desk that begins with an empty portal and the county's ledgers."""

import os
import re
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from openpyxl import load_workbook
from playwright.sync_api import Browser

from pingtang_union.core.validators import check_digit
from pingtang_union.ledger.reading.workbook import read_workbook
from tests.browser.conftest import ROOT, Visitor, hindrances, newcomer, wait_for

LEDGERS = ROOT / "pingtang_union" / "demo" / "ledgers"
FAULTY = ROOT / "tests" / "ledgers" / "会员花名册-有错.xlsx"
EXPECTED = yaml.safe_load((ROOT / "tests" / "ledgers" / "expected.yaml").read_text())
OFFICER, UNION = "zilaishui", EXPECTED["union"]
SAID = {"accept": "新增", "warn": "新增", "transfer": "待转会", "reject": "退回"}
VERDICT_COLUMN = "检查结果"


def number(first17: str) -> str:
    """An identity number with its check digit."""
    return first17 + check_digit(first17)


# What the clerk writes into each rejected row: (header, value) by the row's number.
MENDED = {
    13: [("身份证号", number("52272719930523991"))],
    14: [("身份证号", number("52272719751004991"))],
    15: [("姓名", "罗补名")],
    17: [("身份证号", number("52272719730728982"))],
    18: [("入会时间", "2012.03")],
    19: [("入会时间", "2012.04.01")],
    20: [("入会时间", "2013.05")],
    21: [("移动电话", "19000020001")],
    22: [("学历", "大专")],
    23: [("姓名", "王超链")],
    24: [("姓名", "阿长名")],
    25: [("身份证号", number("52272719700304984"))],
}


def download(visitor: Visitor, link: str, folder: Path) -> Path:
    """Click the link and keep the file it gives."""
    with visitor.page.expect_download() as caught:
        visitor.page.get_by_role("link", name=link).first.click()
    path = folder / caught.value.suggested_filename
    caught.value.save_as(path)
    return path


def bring(visitor: Visitor, *paths: Path) -> None:
    """Upload files on the page of ledgers."""
    visitor.page.goto("/ledgers/")
    visitor.page.get_by_label("选择文件").set_input_files([str(path) for path in paths])
    press(visitor, "上传并检查")


def press(visitor: Visitor, button: str) -> None:
    """Press a button and wait for the page it leads to."""
    with visitor.page.expect_navigation():
        visitor.page.get_by_role("button", name=button).first.click()


def counts(visitor: Visitor) -> dict[str, int]:
    """Rows by verdict as the page tells them; noughts left out."""
    texts = visitor.page.locator(".verdicts > *").all_inner_texts()
    found = {match[2]: int(match[1]) for text in texts if (match := re.match(r"\s*(\d+)\s*(\S+)", text))}
    return {label: number for label, number in found.items() if number}


def table(path: Path):
    """(sheet, header's row, {header: column}) of a roster as openpyxl has it."""
    book = load_workbook(path)
    sheet = book.worksheets[0]
    for row in sheet.iter_rows(min_row=1, max_row=10):
        columns = {str(cell.value): cell.column for cell in row if cell.value is not None}
        if "身份证号" in columns:
            return book, sheet, row[0].row, columns
    raise AssertionError("no header")


def numbered_rows(sheet, header: int, columns: dict[str, int]) -> dict[int, int]:
    """Sheet row by what stands under 序号."""
    return {
        int(value): row
        for row in range(header + 1, sheet.max_row + 1)
        if isinstance(value := sheet.cell(row, columns["序号"]).value, int | float)
    }


@pytest.fixture
def visitor(browser: Browser, server_address: str) -> Iterator[Visitor]:
    """At a desk: what is written here is written once; the pages are looked at on a phone too."""
    someone = Visitor(browser, server_address, 1280)
    yield someone
    someone.context.close()


def look_both(visitor: Visitor) -> None:
    """Hold the page against the rules at both widths, and let axe look at it: no link leads to most of these."""
    for width in (390, 1280):
        visitor.page.set_viewport_size({"width": width, "height": 900})
        visitor.width = width
        visitor.look()
    assert hindrances(visitor.page) == []


def test_an_officer_brings_a_roster_mends_it_and_takes_it_back(visitor, tmp_path):
    visitor.sign_in(OFFICER)
    assert visitor.path == "/workbench/"
    look_both(visitor)

    # The template, with the union's name filled in.
    visitor.page.goto("/ledgers/templates/")
    look_both(visitor)
    section = visitor.page.locator("section, li, tr, article").filter(has_text="会员花名册").last
    with visitor.page.expect_download() as caught:
        section.get_by_role("link", name="空白").click()
    template = tmp_path / caught.value.suggested_filename
    caught.value.save_as(template)
    sheet = read_workbook(template.read_bytes(), template.name)[0]
    assert any(UNION in str(cell) for row in sheet.rows[:4] for cell in row)

    # The faulty roster: each row's verdict.
    bring(visitor, FAULTY)
    assert re.fullmatch(r"/ledgers/\d+/", visitor.path)
    totals = EXPECTED["totals"]
    assert counts(visitor) == {
        "全部": sum(totals.values()),
        "新增": totals["accept"] + totals["warn"],
        "待转会": totals["transfer"],
        "退回": totals["reject"],
    }
    assert f"只看有提醒的 {totals['warn']} 条" in visitor.page.inner_text("main")
    assert "尚未导入" in visitor.page.inner_text("main")
    look_both(visitor)
    for shown in ("new", "warned", "transfer"):
        visitor.page.goto(f"{visitor.path}?show={shown}")
        look_both(visitor)
    press_path = visitor.path
    visitor.page.goto(press_path)
    press(visitor, "只导入合格的")
    assert "已导入" in visitor.page.inner_text("main")
    look_both(visitor)

    # The workbook back: the verdict behind each row, the bad cells marked.
    marked = download(visitor, "下载已标注的表", tmp_path)
    book, sheet, header, columns = table(marked)
    rows = numbered_rows(sheet, header, columns)
    told = {number: str(sheet.cell(row, columns[VERDICT_COLUMN]).value) for number, row in rows.items()}
    assert {number: text.split("：")[0].split("（")[0] for number, text in told.items()} == {
        row["no"]: SAID[row["verdict"]] for row in EXPECTED["rows"]
    }
    for row in EXPECTED["rows"]:
        if row["verdict"] == "reject":
            assert sheet.cell(rows[row["no"]], columns[row["field"]]).comment is not None, row

    # Mended in that same workbook and brought again: only what is new.
    for number, fixes in MENDED.items():
        for label, value in fixes:
            cell = sheet.cell(rows[number], columns[label])
            cell.value, cell.number_format = value, "@"
    mended = tmp_path / "会员花名册-改好.xlsx"
    book.save(mended)
    bring(visitor, mended)
    again = {
        "全部": sum(totals.values()),
        "新增": totals["reject"],
        "无变化": totals["accept"] + totals["warn"],
        "待转会": totals["transfer"],
    }
    # The one who stood there twice now has a number of her own, but the same name and day of birth: a person decides.
    assert counts(visitor) == again | {"新增": totals["reject"] - 1, "待辨认": 1}
    visitor.page.goto(f"{visitor.path}?show=undecided")
    look_both(visitor)
    visitor.page.get_by_role("radio", name="不是同一个人").check()
    press(visitor, "按选择重新检查")
    assert counts(visitor) == again
    assert f"只看有提醒的 {totals['warn'] + 1} 条" in visitor.page.inner_text("main")
    look_both(visitor)
    press(visitor, "全部导入")
    assert members_counted(visitor) == sum(totals.values()) - totals["transfer"]

    # And taken back, for a reason.
    visitor.page.goto("/ledgers/")
    look_both(visitor)
    visitor.page.get_by_role("link", name=mended.name).first.click()
    visitor.page.get_by_role("link", name="撤销这次导入").click()
    look_both(visitor)
    visitor.page.get_by_label("撤销原因").fill("改错了花名册，重新核对")
    press(visitor, "撤销这次导入")
    assert "已撤销" in visitor.page.inner_text("main")
    look_both(visitor)
    assert members_counted(visitor) == totals["accept"] + totals["warn"]


def members_counted(visitor: Visitor) -> int:
    """Members on the list of the own union."""
    here = visitor.page.url
    visitor.page.goto("/members/")
    match = re.search(r"共 (\d+) 名会员", visitor.page.inner_text("main"))
    visitor.page.goto(here)
    return int(match[1]) if match else 0


def test_the_way_goes_without_scripts_and_by_keyboard(browser, server_address, tmp_path):
    officer = Visitor(browser, server_address, 390, with_scripts=False)
    officer.sign_in("yiyuan")
    page = officer.page
    page.get_by_role("link", name="上传台账").first.press("Enter")
    page.wait_for_url("**/ledgers/")
    # One member's telephone, changed in the roster as the portal gives it.
    page.goto("/ledgers/templates/")
    card = page.locator("section, li, tr, article").filter(has_text="实名登记本单位的工会会员").last
    with page.expect_download() as caught:
        card.get_by_role("button", name="已填好").press("Enter")
    path = tmp_path / caught.value.suggested_filename
    caught.value.save_as(path)
    book, sheet, header, columns = table(path)
    row = header + 1
    name = sheet.cell(row, columns["姓名"]).value
    sheet.cell(row, columns["移动电话"]).value = "19000099999"
    book.save(path)
    page.goto("/ledgers/")
    page.get_by_label("选择文件").set_input_files(str(path))
    page.get_by_role("button", name="上传并检查").press("Enter")
    page.wait_for_url(re.compile(r"/ledgers/\d+/"))
    said = page.inner_text("main")
    assert re.search(r"更新 1 条", said), said
    assert "19000099999" in said
    page.get_by_role("button", name="全部导入").press("Enter")
    page.wait_for_load_state("load")
    assert "已导入" in page.inner_text("main")
    page.goto("/members/")
    page.get_by_label("姓名或号码").fill("19000099999")
    page.get_by_role("button", name="查找").press("Enter")
    page.wait_for_load_state("load")
    assert page.locator("main table.data tbody tr").count() == 1
    page.get_by_role("link", name=str(name)).first.press("Enter")
    page.wait_for_load_state("load")
    assert "19000099999" in page.inner_text("main")
    officer.context.close()


# --- A county desk with an empty portal ----------------------------------------------------


@pytest.fixture(scope="module")
def empty_portal(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Address of a new installation, and the first password of the county desk's account `jingban`."""
    folder = tmp_path_factory.mktemp("empty")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = newcomer() | {
        "SECRET_KEY": "only-for-tests-" * 4,
        "DATA_KEY": "5a" * 32,
        "DATABASE_URL": f"sqlite:///{folder / 'portal.sqlite3'}",
        "PROGRESS_DIR": str(folder / "progress"),
        "HTTPS": "false",
        "SERVE_UNCOLLECTED_STATIC": "true",
        "ALLOWED_HOSTS": "127.0.0.1",
        "FEDERATION_NAME": "平塘县总工会",
        "DJANGO_SETTINGS_MODULE": "pingtang_union.settings",
        "PYTHONWARNINGS": "ignore:No directory at:UserWarning",
    }

    def manage(*words: str) -> str:
        run = subprocess.run(
            [".venv/bin/python", "manage.py", *words], cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE
        )
        return run.stdout.decode()

    manage("migrate", "--verbosity", "0")
    said = manage("account", "jingban", "--name", "韦经办", "--role", "县总工会组织")
    password = re.search(r"[A-Za-z0-9]{12}\b", said.split("\n")[-2] + said)
    assert password is not None, said
    log = folder / "log"
    with log.open("w") as out:
        children = [
            subprocess.Popen(command, cwd=ROOT, env=environment, stdout=out, stderr=out, start_new_session=True)
            for command in (
                [".venv/bin/python", "manage.py", "worker"],
                [".venv/bin/gunicorn", "pingtang_union.wsgi", "--bind", f"127.0.0.1:{port}", "--threads", "4",
                 "--no-control-socket", "--log-level", "warning"],
            )
        ]  # fmt: skip
    try:
        base = f"http://127.0.0.1:{port}"
        wait_for(f"{base}/login/", children[1], log)
        yield base, password[0]
        assert "Traceback" not in log.read_text()
    finally:
        for child in children:
            os.killpg(child.pid, signal.SIGTERM)
            child.wait(timeout=20)


def test_a_county_desk_begins_with_the_countys_ledgers(browser, empty_portal):
    base, password = empty_portal
    clerk = Visitor(browser, base, 1280)
    clerk.sign_in("jingban", password)
    clerk.page.get_by_label("原密码", exact=True).fill(password)
    clerk.page.get_by_label("新密码", exact=True).fill("ping-tang-2026")
    clerk.page.get_by_label("确认新密码", exact=True).fill("ping-tang-2026")
    with clerk.page.expect_navigation():
        clerk.page.locator("main button[type=submit]").click()

    # Other desks keep the ledgers of relief and of activities.
    others = ("慰问帮扶", "爱心服务卡", "活动台账")
    files = [one for one in sorted(LEDGERS.glob("*.xlsx")) if not one.name.startswith(others)]
    assert len(files) == 7
    bring(clerk, *files)
    # Unions first; what names them can be read only then, so it is checked again before it is written.
    for _round in range(12):
        clerk.page.goto("/ledgers/")
        links = clerk.page.locator("section[aria-labelledby=waiting-title] ul.list > li a")
        names = links.all_inner_texts()
        if not names:
            break
        first = next((name for name in names if "组织花名册" in name), names[0])
        clerk.page.get_by_role("link", name=first).first.click()
        clerk.page.wait_for_load_state("load")
        clerk.page.wait_for_function("!document.querySelector('#progress')", timeout=60_000)
        if clerk.page.get_by_role("button", name="重新检查").count():
            press(clerk, "重新检查")
            clerk.page.wait_for_function("!document.querySelector('#progress')", timeout=60_000)
        clerk.look()
        press(clerk, "全部导入")
        clerk.page.wait_for_function("!document.querySelector('#progress')", timeout=60_000)
        assert "已导入" in clerk.page.inner_text("main")
        clerk.look()
    else:
        pytest.fail("ledgers are still waiting")
    clerk.page.goto("/unions/")  # 506 and the federation itself
    assert "共 507 个工会" in clerk.page.inner_text("main")
    clerk.page.goto("/members/")
    assert "共 831 名会员" in clerk.page.inner_text("main")
    clerk.context.close()
