"""The whole way of relief: a hardship file begun on a phone, sent back, mended, visited, checked, reviewed, publicised,
objected to, decided; its grant paid, refused by the bank, paid again; the slip answered without an account; the glass
page that tells it without a name."""

import io
import os
import re
import sqlite3
import subprocess
import sys
import urllib.request
from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest
from django.utils import timezone
from PIL import Image

from tests.browser.conftest import ROOT, Visitor
from tests.browser.journeys import demo_folder, follow, press, text

NAME, MASKED, OTHER = "石溪水生", "石**生", "示例职工丁"
NUMBER, CHILD, CHILD_NUMBER, SCHOOL = "522727197803150015", "石小禾", "522727201505200028", "平舟镇第三小学"
ACCOUNT, MENDED = "6217007100012345678", "6217007100087654321"
WHY = "收入和申报的工资不一致，请核对近12个月的收入"
DOCUMENT = "平工发〔2026〕96号"
FUND, PLAN, ROUND = "困难职工帮扶专项", "困难职工生活救助第一批", "生活救助第一批"
TODAY = timezone.localdate()


def picture() -> bytes:
    """A scan."""
    out = io.BytesIO()
    Image.new("RGB", (320, 200), "#dfe6ec").save(out, "PNG")
    return out.getvalue()


def fill(visitor: Visitor, **values: str) -> None:
    """Fields by what their labels begin with; "#2" is the second choice of a select."""
    for label, value in values.items():
        field = visitor.page.locator("main, #content").last.get_by_label(re.compile(rf"^\s*{label}")).first
        if value.startswith("#"):
            field.select_option(index=int(value[1:]))
        elif field.evaluate("field => field.tagName") == "SELECT":
            field.select_option(label=value)
        else:
            field.fill(value)


def move(visitor: Visitor, pk: str, name: str, label: str, **fields: str) -> None:
    """One transition of the file: officers and townships on their pages, county staff in the admin."""
    county = visitor.width == 1280
    visitor.page.goto(f"/admin/relief/household/{pk}/move-{name}/" if county else f"/households/{pk}/move/{name}/")
    visitor.look()
    fill(visitor, **fields)
    press(visitor, label)


def act(visitor: Visitor, page: str, label: str, **fields: str) -> str:
    """One of the admin's small pages, filled in and sent; gives what is said."""
    visitor.page.goto(f"/admin/relief/{page}/")
    visitor.look()
    fill(visitor, **fields)
    press(visitor, label)
    return text(visitor)


def save(visitor: Visitor) -> None:
    """The admin's form."""
    with visitor.page.expect_navigation():
        visitor.page.locator("[name=_save]").click()


def choose(visitor: Visitor, name: str, label: str) -> None:
    """One of many rows, in the admin's box."""
    visitor.page.locator(f"#id_{name} + .select2").click()
    visitor.page.locator(".select2-search__field").last.fill(label)
    visitor.page.locator(".select2-results__option", has_text=label).first.click()


def in_demo(address: str, code: str) -> None:
    """What the worker does at night, done now by the demo's own command."""
    folder = demo_folder(address)
    told = dict(line.split("=", 1) for line in (folder / "demo.env").read_text().splitlines())
    told |= {"DATABASE_URL": f"sqlite:///{folder}/demo.sqlite3", "PROGRESS_DIR": f"{folder}/progress"}
    subprocess.run([sys.executable, "manage.py", "shell", "-c", code], cwd=ROOT, env=os.environ | told, check=True)


def move_time(address: str, pk: str, days: int) -> None:
    """Let `days` pass for the publicity of a file."""
    with sqlite3.connect(demo_folder(address) / "demo.sqlite3", timeout=30) as database:
        database.execute(
            "UPDATE relief_household SET publicised_from = date(publicised_from, ?),"
            " publicised_until = date(publicised_until, ?) WHERE id = ?",
            (f"-{days} days", f"-{days} days", pk),
        )


@pytest.mark.skipif(not os.path.isdir("/proc"), reason="finds the demo's database through /proc")
def test_from_a_file_begun_on_a_phone_to_money_that_anyone_can_count(people, server_address, tmp_path):
    officer, township, clerk = people("chaye"), people("pingzhou"), people("bangfu")
    pk = begin(officer)
    officer.page.goto(f"/households/{pk}/check/")
    officer.look()
    press(officer, "提交")
    assert "已提交" in text(officer)

    # Another union's officer finds nothing of it.
    other = people("zilaishui")
    assert other.page.goto(f"/households/{pk}/").status == 404
    other.complaints.clear()

    # Sent back: why, where and until when; mended there, handed in again.
    until = TODAY + timedelta(days=10)
    move(township, pk, "send_back", "退回", 需要修改的部分="收入支出", 退回的原因=WHY, 修改期限=f"{until}")
    officer.page.goto("/workbench/")
    officer.look()
    assert [words for words in (WHY, f"{until}") if words not in text(officer)] == []
    officer.page.get_by_role("link", name="修改").first.click()
    officer.page.wait_for_load_state("load")
    officer.look()
    assert WHY in text(officer)
    assert officer.page.locator("h1").inner_text() == "收入支出"
    fill(officer, 转移净收入="1200")
    press(officer, "保存，下一步")
    move(officer, pk, "submit", "提交")
    township.page.goto(f"/households/{pk}/")
    township.look()
    assert "1,200.00" in text(township)
    move(township, pk, "recommend", "初审通过")

    # Visited by two, checked, reviewed; anyone reads a masked name in publicity.
    officer.page.goto(f"/households/{pk}/visit/")
    officer.look()
    fill(officer, 走访日期=f"{TODAY}", 同行走访人="陆平", 走访情况="一家三口租住一间，收入与申报一致。")
    officer.page.locator("[name=photos]").set_input_files(
        {"name": "走访.png", "mimeType": "image/png", "buffer": picture()}
    )
    press(officer, "登记")
    officer.look()
    act(clerk, f"household/{pk}/economy", "登记核对结果", 核对答复日期=f"{TODAY}", 核对结果="与申报一致")
    move(clerk, pk, "approve", "审核通过")
    move(clerk, pk, "publicise", "开始公示")
    anyone = people("")
    anyone.page.goto("/notices/")
    anyone.look()
    follow(anyone, "困难职工")
    anyone.look()
    assert MASKED in text(anyone)
    assert told_of(anyone) == []

    # Too early; an objection; time passes; settled; decided by another person.
    decider = people("zuzhi")
    decider.page.goto(f"/admin/relief/household/{pk}/move-decide/")
    assert "期满后才能作出决定" in text(decider)
    act(clerk, f"household/{pk}/objection", "登记异议", 方式="#1", 提出人="一名职工", 异议内容="反映其配偶另有收入")
    move_time(server_address, pk, 20)
    decider.page.goto(f"/admin/relief/household/{pk}/move-decide/")
    assert "还有异议没有核查完" in text(decider)
    clerk.page.goto(f"/admin/relief/household/{pk}/settle/")
    clerk.page.locator("[name=objection]").select_option(index=1)
    fill(clerk, 核查结果="#1", 核查情况="查阅工资流水，配偶没有其他收入")
    clerk.look()
    press(clerk, "核查异议")
    move(decider, pk, "decide", "作出决定", 决定文号=DOCUMENT)
    assert "已决定" in text(decider)

    confirm(people, pay(people, pk, tmp_path))
    in_demo(server_address, "from relief.services.glass import publish; publish()")
    anyone.page.goto(f"/glass/{TODAY.year}/")
    anyone.look()
    anyone.page.set_viewport_size({"width": 1280, "height": 900})
    anyone.look()
    assert [words for words in ("20,000.00", "1,500.00", "18,500.00") if words not in text(anyone)] == []
    assert told_of(anyone) == []
    assert recompute(server_address, tmp_path).startswith("相符：")


def told_of(anyone: Visitor) -> list[str]:
    """What a page for anyone must not say, of what it says."""
    page = anyone.page.content()
    return [one for one in (NAME, NUMBER, CHILD, CHILD_NUMBER, SCHOOL, ACCOUNT, MENDED, OTHER) if one in page]


def begin(officer: Visitor) -> str:
    """The steps, each saved by itself; gives the file's key."""
    officer.page.goto("/households/new/")
    officer.look()
    follow(officer, "直接填写姓名")
    officer.look()
    fill(officer, 申请人=NAME)
    press(officer, "下一步")
    pk = re.search(r"/households/(\d+)/", officer.page.url)[1]  # type: ignore[index]
    officer.look()
    fill(
        officer,
        联系电话="13885400000",
        家庭住址="平舟镇新街 18 号",
        住房类型="#1",
        住房面积="#2",
        工作单位="平塘县望谟茶业有限公司",
        单位性质="#1",
    )
    press(officer, "保存，下一步")
    officer.look()
    officer.page.get_by_role("link", name=re.compile("^填写")).first.click()
    officer.page.wait_for_load_state("load")
    fill(officer, 证件号码=NUMBER, 健康状况="肺癌，正在化疗", 人员身份="#1", 户口类型="#1", 近12个月工资="18000")
    officer.look()
    press(officer, "保存")
    follow(officer, "添加家庭成员")
    fill(
        officer, 与申请人关系="子女", 姓名=CHILD, 证件号码=CHILD_NUMBER, 健康状况="健康", 户口类型="#1", 就读学校=SCHOOL
    )
    officer.look()
    press(officer, "保存")
    officer.look()
    follow(officer, "下一步")
    officer.look()
    fill(officer, 因病支出="9000")
    officer.page.get_by_label("以上情形已逐项核实").check()
    press(officer, "保存，下一步")
    officer.look()
    officer.page.get_by_label("主要致困原因").select_option(index=1)
    officer.page.locator("input[type=file]").first.set_input_files(
        {"name": "身份证.png", "mimeType": "image/png", "buffer": picture()}
    )
    officer.page.locator("input[type=file]").last.set_input_files(
        {"name": "病历.png", "mimeType": "image/png", "buffer": picture()}
    )
    press(officer, "保存并上传")
    officer.look()
    press(officer, "保存，下一步")
    fill(officer, 户名=NAME, 开户行="平塘农商行平舟支行", 银行账号=ACCOUNT)
    for field in officer.page.locator("main input[data-date]").all():
        field.fill(f"{TODAY}")
    for field in officer.page.locator("main select[name^=signer]").all():
        field.select_option(index=1)
    officer.look()
    press(officer, "保存，下一步")
    return pk


def pay(people, pk: str, folder: Path) -> str:
    """Two grants from files, approved by another than who applied, in a batch of three people; the bank refuses one,
    which is put right and paid by a second batch. Gives what the slips are printed for: the second batch's key."""
    officer, clerk, checker, finance = people("chaye"), people("bangfu"), people("bangfu2"), people("caiwu")
    finance.page.goto("/admin/relief/fund/add/")
    fill(finance, 资金名称=FUND, 来源="县级财政")
    finance.look()
    save(finance)
    fund = key(finance, "fund", FUND)
    act(finance, f"fund/{fund}/record", "登记收支", 金额="20000", 文号="平财社〔2026〕3号")
    clerk.page.goto("/admin/relief/instalment/add/")
    fill(clerk, 名称=PLAN, 年度=f"{TODAY.year}", 资金="#1", 每人最高="2000")
    choose(clerk, "programme", "生活救助")
    clerk.look()
    save(clerk)
    officer.page.goto("/households/?q=")
    other = re.search(
        r"/households/(\d+)/", officer.page.locator("main a", has_text=OTHER).first.get_attribute("href")
    )[1]
    for file, cash in ((pk, "1000"), (other, "500")):
        officer.page.goto(f"/households/{file}/relief/")
        fill(officer, 发放计划=PLAN, 慰问金=cash)
        officer.look()
        press(officer, "提交申请")
        assert "等待县总工会核定" in text(officer)
    for name in (NAME, OTHER):
        grant = key(clerk, "grant", name)
        assert "已核定" in act(clerk, f"grant/{grant}/approve", "核定发放")

    batch = batch_of(clerk, checker, finance, ROUND, "1,500.00")
    assert "18,500.00" in money_of(finance, fund)
    paper = taken(finance, batch, folder)
    lines = list(openpyxl.load_workbook(paper).active.iter_rows(values_only=True))
    accounts = [row[2] for row in lines if isinstance(row[0], int)]
    assert ACCOUNT in accounts
    said = answered(finance, batch, [(one, "失败" if one == ACCOUNT else "成功") for one in accounts], lines)
    assert "成功 1 笔，失败 1 笔" in said
    assert "19,500.00" in money_of(finance, fund)

    # The failed one waits in a queue; put right, it is paid by another batch, made and checked the other way round.
    clerk.page.goto("/desk/")
    clerk.look()
    clerk.page.locator(".tile", has_text="失败").locator("a").first.click()
    clerk.page.wait_for_load_state("load")
    clerk.look()
    clerk.page.locator("#result_list tbody a").first.click()
    clerk.page.wait_for_load_state("load")
    row = re.search(r"/paymentrow/(\d+)/", clerk.page.url)[1]  # type: ignore[index]
    assert "已重新核定" in act(clerk, f"paymentrow/{row}/retry", "重新核定", 收款账号=MENDED)
    again = batch_of(checker, clerk, finance, f"{ROUND}（补发）", "1,000.00")
    lines = list(openpyxl.load_workbook(taken(finance, again, folder)).active.iter_rows(values_only=True))
    assert "成功 1 笔，失败 0 笔" in answered(finance, again, [(MENDED, "成功")], lines)
    assert "18,500.00" in money_of(finance, fund)
    return again


def key(visitor: Visitor, model: str, words: str) -> str:
    """The key of the row of an admin's list in which `words` stand."""
    visitor.page.goto(f"/admin/relief/{model}/?q={words}")
    visitor.look()
    row = visitor.page.locator("#result_list tbody tr", has_text=words).first
    return re.search(rf"/{model}/(\d+)/", row.locator("a").first.get_attribute("href"))[1]  # type: ignore[index]


def money_of(finance: Visitor, fund: str) -> str:
    finance.page.goto(f"/admin/relief/fund/{fund}/change/")
    return text(finance)


def batch_of(maker: Visitor, checker: Visitor, finance: Visitor, title: str, total: str) -> str:
    """A batch of all that waits, made, checked and released by three; gives its key."""
    act(maker, "paymentbatch/open", "新建", 名称=title, 资金="#1", 发放方式="银行代发")
    batch = re.search(r"/paymentbatch/(\d+)/", maker.page.url)[1]  # type: ignore[index]
    act(maker, f"paymentbatch/{batch}/join", "加入发放", 待发放="#0")
    act(maker, f"paymentbatch/{batch}/hand-in", "提交复核")
    assert total in act(checker, f"paymentbatch/{batch}/approve", "复核通过")
    checker.look()
    assert "已放款" in act(finance, f"paymentbatch/{batch}/release", "放款")
    return batch


def taken(finance: Visitor, batch: str, folder: Path) -> Path:
    """The file for the bank."""
    finance.page.goto(f"/admin/relief/paymentbatch/{batch}/file/")
    finance.look()
    with finance.page.expect_download() as download:
        finance.page.get_by_role("button", name="下载", exact=True).click()
    path = folder / f"{batch}.xlsx"
    download.value.save_as(path)
    return path


def answered(finance: Visitor, batch: str, results: list[tuple[str, str]], lines: list) -> str:
    """The bank's answer, as it sends it; gives what is said."""
    sums = {row[2]: (row[1], row[4]) for row in lines if isinstance(row[0], int)}
    book = openpyxl.Workbook()
    book.active.append(["户名", "账号", "金额", "处理结果", "失败原因"])
    for one, result in results:
        book.active.append([sums[one][0], one, sums[one][1], result, "账号错误" if result == "失败" else ""])
    out = io.BytesIO()
    book.save(out)
    finance.page.goto(f"/admin/relief/paymentbatch/{batch}/answer/")
    finance.look()
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    finance.page.locator("input[type=file]").set_input_files(
        {"name": "回盘.xlsx", "mimeType": kind, "buffer": out.getvalue()}
    )
    press(finance, "登记回盘")
    return text(finance)


def confirm(people, batch: str) -> None:
    """The slip is printed; the recipient types its code on a phone and says that the money came."""
    clerk, recipient = people("bangfu"), people("")
    clerk.page.goto(f"/admin/relief/paymentbatch/{batch}/slips/")
    press(clerk, "制作并打印")
    clerk.look()
    code = re.search(r"[2-9A-Z]{5}-[2-9A-Z]{5}", text(clerk))[0]  # type: ignore[index]
    assert clerk.page.locator("main svg, body svg").count() >= 1
    recipient.page.goto("/slip/")
    recipient.look()
    fill(recipient, 回执码=code.lower())
    press(recipient, "下一步")
    recipient.look()
    assert [MASKED in text(recipient), NAME in text(recipient), "1,000.00" in text(recipient)] == [True, False, True]
    recipient.page.get_by_label("如数收到").check()
    press(recipient, "确认")
    recipient.look()
    recipient.page.goto(f"/slip/{code}/")  # once
    recipient.complaints.clear()
    assert "已经确认过" in text(recipient)


def recompute(address: str, folder: Path) -> str:
    """What the published program says of the published file, with nothing of ours beside it."""
    for name in ("funds.json", "seal.py"):
        with urllib.request.urlopen(f"{address}/glass/{name}") as answer:  # noqa: S310  our own server
            (folder / name).write_bytes(answer.read())
    told = [sys.executable, "-I", "-S", "seal.py", "funds.json"]
    return subprocess.run(
        told, cwd=folder, env={"PYTHONIOENCODING": "utf-8"}, stdout=subprocess.PIPE, check=True, encoding="utf-8"
    ).stdout  # fmt: skip
