"""The whole way of an honour: nominated on a phone, sent back, mended, recommended, reviewed, publicised, objected to,
settled, decided, and found genuine by anyone through the certificate's QR code."""

import os
import re
import sqlite3
import urllib.request

import pytest

from tests.browser.conftest import Visitor
from tests.browser.journeys import demo_folder, follow, press, text

NAME, MASKED = "石采茶妹", "石**妹"
TITLE = "平塘县五一劳动标兵"
DOCUMENT = "平工发〔2026〕68号"


# On how many lines the words of an element stand.
LINES = """element => {
    const words = document.createRange();
    words.selectNodeContents(element);
    return new Set([...words.getClientRects()].map((box) => box.top)).size;
}"""


def move(visitor: Visitor, pk: str, name: str, label: str, **fields: str) -> None:
    """One transition: officers and townships on their pages, county staff in the admin."""
    is_staff = visitor.width == 1280
    page = f"/admin/awards/nomination/{pk}/move-{name}/" if is_staff else f"/nominations/{pk}/move/{name}/"
    visitor.page.goto(page)
    visitor.look()
    for field, value in fields.items():
        visitor.page.locator(f"[name={field}]").fill(value)
    press(visitor, label)


def move_time(address: str, pk: str, days: int) -> None:
    """Let `days` pass for the publicity of a nomination: its beginning and its end lie so much further back."""
    with sqlite3.connect(demo_folder(address) / "demo.sqlite3", timeout=30) as database:
        database.execute(
            "UPDATE awards_nomination SET publicised_from = date(publicised_from, ?),"
            " publicised_until = date(publicised_until, ?) WHERE id = ?",
            (f"-{days} days", f"-{days} days", pk),
        )


@pytest.mark.skipif(not os.path.isdir("/proc"), reason="finds the demo's database through /proc")
def test_from_a_unions_nomination_to_a_certificate_that_anyone_verifies(people, server_address):
    officer = people("chaye")
    nominate(officer)
    pk = re.search(r"/nominations/(\d+)/", officer.page.url)[1]  # type: ignore[index]
    officer.page.goto(f"/nominations/{pk}/check/")
    officer.look()
    press(officer, "提交")
    assert "已提交" in text(officer)

    # Another union's officer finds nothing of it.
    other = people("zilaishui")
    assert other.page.goto(f"/nominations/{pk}/").status == 404
    other.complaints.clear()
    other.page.goto("/nominations/")
    assert NAME not in text(other)

    # Sent back with a reason; mended; the township sees what was changed, and recommends.
    township = people("pingzhou")
    move(township, pk, "send_back", "退回", reason="请补充带徒弟的具体事例")
    officer.page.goto("/workbench/")
    officer.look()
    assert "请补充带徒弟的具体事例" in text(officer)
    officer.page.goto(f"/nominations/{pk}/deeds/")
    officer.page.locator("[name=deeds]").fill("十年采茶制茶，先后带出 12 名徒弟。")
    with officer.page.expect_navigation():
        officer.page.locator("main button[type=submit]").first.click()
    move(officer, pk, "submit", "提交")
    township.page.goto(f"/nominations/{pk}/")
    township.look()
    assert "先后带出 12 名徒弟" in township.page.inner_text("main")
    move(township, pk, "recommend", "推荐")

    # The county reviews and publicises; anyone reads it, masked.
    reviewer, anyone = people("xuanjiao"), people("")
    move(reviewer, pk, "approve", "审核通过")
    anyone.page.goto("/notices/")
    assert MASKED not in text(anyone)
    move(reviewer, pk, "publicise", "开始公示")
    anyone.page.goto("/notices/")
    anyone.look()
    follow(anyone, "五一劳动标兵")
    anyone.look()
    anyone.page.set_viewport_size({"width": 1280, "height": 900})
    union = anyone.page.locator("td[data-label=所在工会]").first
    assert union.evaluate(LINES) == 1, "the name of a union has room for itself"
    anyone.page.set_viewport_size({"width": 390, "height": 900})
    assert MASKED in text(anyone)
    assert NAME not in text(anyone)

    # Too early; time passes; an objection blocks; settled.
    decider = people("zuzhi")
    decider.page.goto(f"/admin/awards/nomination/{pk}/move-decide/")
    assert "期满后才能作出决定" in text(decider)
    object_to(reviewer, pk)
    move_time(server_address, pk, 20)
    decider.page.goto(f"/admin/awards/nomination/{pk}/move-decide/")
    assert "还有异议没有核查完" in text(decider)
    settle(reviewer, pk)
    anyone.page.goto("/notices/")
    assert MASKED not in text(anyone)

    # Decided by another person than who reviewed; on the honour roll; verified through its QR code.
    move(decider, pk, "decide", "作出决定", decision_document=DOCUMENT)
    assert "已决定" in text(decider)
    anyone.page.goto("/honours/?year=2026")
    anyone.look()
    assert MASKED in text(anyone)
    follow(anyone, MASKED)
    anyone.look()
    token = re.search(r"/honours/([0-9a-f]{16})/", anyone.page.url)[1]  # type: ignore[index]
    anyone.page.goto(f"/honours/{token}/certificate/")
    anyone.look()
    assert anyone.page.locator("img[src*='qr.svg']").count() == 1
    assert anyone.page.locator("svg[aria-label=样张]").is_visible()
    number = re.search(r"编号：(20\d{6})", text(anyone))[1]  # type: ignore[index]
    with urllib.request.urlopen(f"{server_address}/honours/{token}/qr.svg") as answer:  # noqa: S310  our own server
        assert b"<svg" in answer.read()
    anyone.page.goto("/verify/")
    anyone.look()
    anyone.page.locator("[name=certificate]").fill(number)
    press(anyone, "核验")
    assert anyone.page.url.endswith(f"/verify/{token}/")
    anyone.look()
    said = text(anyone)
    assert [part for part in (TITLE, MASKED, DOCUMENT) if part not in said] == []


def nominate(officer: Visitor) -> None:
    """The five steps, each saved by itself; the check says what is missing until all is there."""
    officer.page.goto("/rounds/")
    officer.look()
    officer.page.locator("main a[href*='/nominations/new/']").first.click()
    officer.page.wait_for_load_state("load")
    officer.look()
    follow(officer, TITLE)
    follow(officer, "直接填写姓名")
    officer.look()
    honours = officer.page.locator("select[name=honour]")
    if honours.count():
        honours.select_option(label=TITLE)
    officer.page.locator("[name=name]").fill(NAME)
    officer.page.get_by_label("产业工人").check()
    officer.page.locator("[name=position]").fill("制茶工")
    officer.page.locator("[name=is_migrant]").check()
    press(officer, "保存，下一步")
    officer.look()
    officer.page.locator("[name=deeds]").fill("十年采茶制茶。")
    officer.page.locator("[name=summary]").fill("十年如一日的制茶能手。")
    press(officer, "保存，下一步")
    officer.look()
    for box in officer.page.locator("main input[type=checkbox]").all():
        box.check()
    press(officer, "保存，下一步")
    officer.look()
    for radio in officer.page.locator("main input[type=radio][value=no]").all():
        radio.check()
    press(officer, "保存，下一步")
    officer.look()


def object_to(reviewer: Visitor, pk: str) -> None:
    reviewer.page.goto(f"/admin/awards/nomination/{pk}/objection/")
    reviewer.look()
    reviewer.page.locator("[name=way]").select_option("call")
    reviewer.page.locator("[name=text]").fill("反映其徒弟人数与实际不符")
    reviewer.page.locator("[name=objector]").fill("一名职工")
    press(reviewer, "登记异议")


def settle(reviewer: Visitor, pk: str) -> None:
    reviewer.page.goto(f"/admin/awards/nomination/{pk}/settle/")
    reviewer.look()
    reviewer.page.locator("[name=state]").select_option("dismissed")
    reviewer.page.locator("[name=finding]").fill("查阅拜师协议，徒弟人数属实")
    press(reviewer, "核查异议")
