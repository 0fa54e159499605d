"""The components as people meet them: at a desk and on a phone, light and dark. BROWSER_SHOTS keeps the pictures."""

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import Visitor, hindrances

# What can be pressed, as large as what answers: the label of a box, the row or tile that a link covers. A link within
# a sentence is as high as its line.
PRESSED = "a[href], button, input, select, textarea, summary"
SMALL = """([pressed, least]) => [...document.querySelectorAll(pressed)].filter(item => {
    if (!item.checkVisibility({ opacityProperty: true }) || item.closest('.skip-link')) return;
    if (item.matches('p a') && getComputedStyle(item).display === 'inline') return;
    const box = (item.matches('.filling a, .tile-value a') ? item.closest('li, .tile')
        : item.matches('[type=checkbox], [type=radio]') ? item.labels[0] : item).getBoundingClientRect();
    return box.height < least - 0.5 || box.width < Math.min(least, 24);
}).map(item => `${item.outerHTML.slice(0, 120)} ${Math.round(item.getBoundingClientRect().height)}`)"""
COLOURS = """() => [...document.querySelectorAll('.badge')].map(item => {
    const style = getComputedStyle(item);
    return [item.innerText.trim(), item.className, `${style.color} on ${style.backgroundColor}`];
})"""
# A screenshot leaves empty ones.
STYLED = """() => [...document.querySelectorAll('[style]:not([style=""])')].map(item => item.outerHTML)"""
# Every token, as it is in force.
TOKENS = """() => [...document.styleSheets].flatMap(sheet => [...sheet.cssRules])
    .filter(rule => rule.selectorText === ':root')
    .flatMap(rule => [...rule.style]).filter(name => name.startsWith('--'))
    .map(name => [name, getComputedStyle(document.documentElement).getPropertyValue(name).trim()])"""


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_every_component(width: int, theme: str, browser: Browser, server_address: str):
    someone = Visitor(browser, server_address, width)
    page = someone.page
    page.add_init_script(f"localStorage.setItem('adminTheme', JSON.stringify('{theme}'))")
    page.goto("/styleguide/")
    page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")  # the refused form takes the focus
    someone.look()  # nothing wider than the window, among other things

    assert page.evaluate("document.documentElement.className") == theme
    assert page.evaluate(STYLED) == []
    assert page.evaluate(SMALL, [PRESSED, 44 if width < 1024 else 24]) == []
    assert hindrances(page) == []
    shown = page.evaluate(COLOURS)
    assert len(shown) > 30
    for place in (0, 1):  # of the same words, and of the same tone, one colour; of two tones, two
        colours = {badge[place]: badge[2] for badge in shown}
        assert [badge for badge in shown if colours[badge[place]] != badge[2]] == []
    tones = {tone.strip(): colour for _words, tone, colour in shown}
    assert len(set(tones.values())) == len(tones)
    someone.context.close()


def test_both_ways_to_the_dark_are_one(browser: Browser, server_address: str):
    """As the system has it, and as the person chose."""
    found = []
    for scheme, theme in (("dark", "auto"), ("light", "dark"), ("light", "auto"), ("dark", "light")):
        context = browser.new_context(base_url=server_address, color_scheme=scheme)
        page = context.new_page()
        page.add_init_script(f"localStorage.setItem('adminTheme', JSON.stringify('{theme}'))")
        page.goto("/styleguide/")
        found.append(dict(page.evaluate(TOKENS)))
        context.close()
    system, chosen, light, kept_light = found
    assert (system, light) == (chosen, kept_light)
    assert system["--bg"] != light["--bg"]


# --- What they do --------------------------------------------------------------------------


@pytest.fixture
def guide(desk: Visitor) -> Visitor:
    desk.page.goto("/styleguide/")
    return desk


def test_a_date_is_picked_or_typed(guide: Visitor):
    page, form = guide.page, guide.page.locator("#sample-form")
    due, joined = page.locator("#id_due_on"), page.locator("#id_joined_on")
    due.fill("2026-11-05")
    form.get_by_role("button", name="选择截止日期").click()
    calendar = page.get_by_role("dialog", name="选择日期")
    assert calendar.get_by_text("2026年11月", exact=True).is_visible()
    assert calendar.get_by_role("button", name="只填到月").count() == 0
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert due.input_value() == "2026-11-13"

    joined.fill("2018.03")
    form.get_by_role("button", name="选择入会时间").click()
    page.get_by_role("button", name="下一月").click()
    page.get_by_role("button", name="只填到月").click()
    assert joined.input_value() == "2018-04"
    form.get_by_role("button", name="选择入会时间").click()
    page.keyboard.press("Escape")
    assert calendar.count() == 0
    guide.look()


def test_one_of_many_is_chosen_by_a_few_characters(guide: Visitor):
    page = guide.page
    box = page.locator("#choose-one")
    value = page.locator("input[name=one]")
    assert value.input_value() == "1"
    assert box.get_attribute("name") == ""
    box.fill("委员会2")
    page.get_by_role("option", name="平舟镇样例工会委员会21").wait_for()
    assert value.input_value() == ""
    box.press("ArrowDown")
    box.press("ArrowDown")
    box.press("Enter")
    assert (value.input_value(), box.input_value()) == ("20", "平舟镇样例工会委员会20")
    box.fill("查无此会")
    page.get_by_text("没有相符的").wait_for()
    assert box.get_attribute("name") == "one_words"


def test_lines_stand_where_an_answer_is_awaited(guide: Visitor):
    guide.page.route("**/*q=*", lambda route: None)  # never answered
    chooser = guide.page.locator(".chooser[data-url]").first
    chooser.locator("input[type=search]").fill("平舟")
    chooser.locator(".skeleton").first.wait_for()
    assert chooser.locator("[role=status]").inner_text().strip() == "正在加载"
    guide.page.unroute_all(behavior="ignoreErrors")


def test_files_are_named_in_our_words(guide: Visitor):
    page = guide.page
    picker = page.locator("#sample-form .picker")
    assert picker.get_by_role("button", name="选择文件").is_visible()
    page.locator("#id_papers").set_input_files(
        {"name": "申报表.pdf", "mimeType": "application/pdf", "buffer": b"1" * 3000}
    )
    assert "申报表.pdf（3 KB）" in picker.inner_text()
    picker.get_by_role("button", name="移除申报表.pdf").click()
    assert "申报表" not in picker.inner_text()
    assert page.evaluate("document.querySelector('#id_papers').files.length") == 0


def test_what_is_missing_is_said_in_our_words(guide: Visitor):
    page = guide.page
    said = "name => { const it = document.getElementById(name); it.checkValidity(); return it.validationMessage; }"
    assert [page.evaluate(said, name) for name in ("id_name", "id_kind")] == ["请填写", "请选择"]
    page.locator("#id_name").fill("韦明")
    assert page.evaluate(said, "id_name") == ""


def test_selection_dialog_copy_and_toast(guide: Visitor):
    page = guide.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    assert page.locator("[data-number]").inner_text() == "1"
    page.locator("[data-all]").check()
    assert page.locator("[data-number]").inner_text() == "4"
    page.locator("[data-all]").uncheck()
    assert page.locator(".bulk").is_hidden()

    page.get_by_role("button", name="撤销本次导入").click()
    dialog = page.get_by_role("dialog", name="撤销本次导入")
    assert dialog.is_visible()
    dialog.get_by_role("button", name="取消").click()
    assert dialog.is_hidden()

    page.get_by_role("button", name="复制", exact=True).click()
    page.get_by_text("已复制").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == "平塘县总工会关于表彰的通报"

    page.get_by_role("button", name="关闭提示").first.click()
    assert page.get_by_text("已保存。").count() == 0


def test_a_township_ticks_and_the_bar_stays_small(browser: Browser, server_address: str):
    someone = Visitor(browser, server_address, 390)
    someone.sign_in("pingzhou")
    page = someone.page
    page.goto("/nominations/?show=waiting")
    bar = page.locator(".bulk")
    assert bar.is_hidden()
    page.locator("input[name=pick]").first.check()
    assert "已选 1 项" in bar.inner_text()
    assert bar.bounding_box()["height"] <= 844 / 3
    someone.look()
    someone.context.close()


def test_without_scripts_nothing_stands_there_that_does_nothing(browser: Browser, server_address: str):
    someone = Visitor(browser, server_address, 1280, with_scripts=False)
    page = someone.page
    page.goto("/styleguide/")
    assert page.locator(".date button, [data-copy], [data-toast] button, [data-all]").filter(visible=True).count() == 0
    assert page.locator("#id_papers").is_visible()
    assert page.locator("input[name=few_words]").is_visible()
    someone.context.close()


def test_a_phone_shows_a_few_and_the_rest_when_asked_for(browser: Browser, server_address: str):
    """At most three screens; without scripts, and at a desk, all rows stand there."""
    for width, with_scripts, first in ((390, True, 9), (390, False, 20), (1280, True, 20)):
        someone = Visitor(browser, server_address, width, with_scripts=with_scripts)
        someone.sign_in("pingzhou")
        page = someone.page
        page.goto("/unions/")
        rows = page.locator("#results tbody tr").filter(visible=True)
        assert rows.count() == first
        if first == 9:
            assert page.evaluate("document.documentElement.scrollHeight") <= 3 * 844
            page.get_by_role("button", name="显示其余 11 条").click()
            assert rows.count() == 20
        someone.context.close()
