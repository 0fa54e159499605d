"""The demo itself, served by `make demo` from an empty folder, and a browser that listens for complaints."""

import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import axe_playwright_python
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from pingtang_union.demo.accounts import PASSWORD

CHROMIUM = Path("/usr/bin/chromium")
ROOT = Path(__file__).resolve().parents[2]
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# Where to keep a picture of every page, for people; nowhere by default.
SHOTS = os.environ.get("BROWSER_SHOTS", "")

# Each returns a list of what is wrong.
RULES = {
    "wider than the window": "() => document.documentElement.scrollWidth > innerWidth"
    " ? [`${document.documentElement.scrollWidth} > ${innerWidth}`] : []",
    "fields without a label": """() => [...document.querySelectorAll('input:not([type=hidden]), select, textarea')]
        .filter(field => field.checkVisibility() && !field.labels.length && !field.ariaLabel
            && !field.getAttribute('aria-labelledby') && !field.title && !field.placeholder)
        .map(field => field.outerHTML.slice(0, 200))""",
    "buttons and links without a name": """() => [...document.querySelectorAll('button, a[href]')]
        .filter(item => item.checkVisibility() && !item.innerText.trim() && !item.ariaLabel && !item.title
            && !item.querySelector('img[alt]:not([alt=""])') && !item.getAttribute('aria-labelledby'))
        .map(item => item.outerHTML.slice(0, 200))""",
    "images without an alternative": "() => [...document.images].filter(image => !image.hasAttribute('alt'))"
    ".map(image => image.outerHTML.slice(0, 200))",
    "identifiers given twice": "() => { const ids = [...document.querySelectorAll('[id]')].map(item => item.id);"
    " return [...new Set(ids.filter((id, index) => id && ids.indexOf(id) !== index))]; }",
    "language that is not Chinese": "() => document.documentElement.lang.toLowerCase().startsWith('zh')"
    " ? [] : [document.documentElement.lang]",
}


@pytest.fixture(scope="session")
def server_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the running demo, just as a newcomer starts it; ends with Ctrl-C. BROWSER_ADDRESS names one that runs
    already, for whoever writes a test."""
    if running := os.environ.get("BROWSER_ADDRESS"):
        yield running
        return
    if not CHROMIUM.exists():
        if os.environ.get("CI"):
            pytest.fail(f"{CHROMIUM} is missing: apt-get install chromium fonts-noto-cjk", pytrace=False)
        pytest.skip(f"{CHROMIUM} is missing: apt-get install chromium fonts-noto-cjk")
    if shutil.which("make") is None:
        pytest.skip("make is missing")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = tmp_path_factory.mktemp("demo")
    log = folder / "log"
    with log.open("w") as out:
        server = subprocess.Popen(
            ["make", "demo", f"VAR={folder}", f"PORT={port}"],
            cwd=ROOT,
            env=newcomer(),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    base = f"http://127.0.0.1:{port}"
    try:
        wait_for(f"{base}/login/", server, log)
        yield base
        assert "Traceback" not in log.read_text()
    finally:
        if server.poll() is None:
            os.killpg(server.pid, signal.SIGINT)
            server.wait(timeout=20)


def newcomer() -> dict[str, str]:
    """The environment of someone who has just fetched the project: nothing of ours, of pytest's or of make's."""
    keep = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR")
    return {name: os.environ[name] for name in keep if name in os.environ} | {
        name: value for name, value in os.environ.items() if name.startswith(("PIP_", "SSL_", "PYENV_"))
    }


def wait_for(url: str, server: subprocess.Popen, log: Path) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5):  # noqa: S310  our own server
                return
        except OSError:  # not up yet, or too busy to answer in time
            time.sleep(0.2)
    pytest.fail(f"make demo did not come up:\n{log.read_text()}", pytrace=False)


@pytest.fixture(scope="session")
def browser(server_address: str) -> Iterator[Browser]:
    """Debian's chromium; Playwright's own can't be downloaded everywhere."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield chromium
        chromium.close()


AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
# Serious by axe's own reckoning; what is less is a matter of taste.
SEVERE = {"serious", "critical"}


def hindrances(page: Page, only: str = "") -> list[str]:
    """What on the page hinders people with a screen reader, a keyboard or weak eyes (WCAG 2.2 AA, by axe), each with
    where. `only` asks one rule of axe's."""
    page.evaluate(AXE)  # evaluated from outside, so that the page's policy needn't let it in
    rules = {"type": "rule", "values": [only]} if only else {
        "type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    }  # fmt: skip
    found = page.evaluate("rules => axe.run(document, { runOnly: rules, resultTypes: ['violations'] })", rules)
    return [
        f"{one['id']}: {node['html'][:160]} {(node['any'] or node['all'] or node['none'])[0]['message'][:160]}"
        for one in found["violations"]
        if one["impact"] in SEVERE
        for node in one["nodes"][:3]
    ]


class Visitor:
    """Someone at a window of `width`, who remembers every complaint of the browser."""

    def __init__(self, browser: Browser, base: str, width: int, *, with_scripts: bool = True):
        self.base, self.width = base, width
        self.context = browser.new_context(
            base_url=base,
            viewport={"width": width, "height": 900},
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            java_script_enabled=with_scripts,
        )
        self.context.set_default_timeout(15_000)
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self.seen = 0
        self.page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def sign_in(self, username: str, password: str = PASSWORD) -> None:
        self.page.goto("/login/")
        self.page.get_by_label("账号", exact=True).fill(username)
        self.page.get_by_label("密码", exact=True).fill(password)
        self.page.get_by_role("button", name="登录", exact=True).click()
        self.page.wait_for_load_state("load")

    @property
    def path(self) -> str:
        return self.page.url.removeprefix(self.base).split("?")[0]

    def look(self) -> None:
        """Hold the page against RULES, the console included."""
        self.page.wait_for_load_state("load")
        if SHOTS:
            self.seen += 1
            name = f"{self.path.strip('/').replace('/', '-') or 'home'}-{self.width}-{id(self)}-{self.seen}.png"
            self.page.screenshot(path=Path(SHOTS) / name, full_page=True)
        wrong = {rule: found for rule, script in RULES.items() if (found := self.page.evaluate(script))}
        if self.complaints:
            wrong["said by the browser"] = list(self.complaints)
            self.complaints.clear()
        assert not wrong, f"{self.page.url} at {self.width} px: {wrong}"


@pytest.fixture(params=[1280, 390], ids=["desk", "phone"])
def visitor(request: pytest.FixtureRequest, browser: Browser, server_address: str) -> Iterator[Visitor]:
    """A visitor at a desk, and once more on a phone."""
    someone = Visitor(browser, server_address, request.param)
    yield someone
    someone.context.close()


@pytest.fixture
def desk(browser: Browser, server_address: str) -> Iterator[Visitor]:
    """A visitor at a desk only."""
    someone = Visitor(browser, server_address, 1280)
    yield someone
    someone.context.close()


COUNTY = ("xuanjiao", "zuzhi", "bangfu", "bangfu2", "caiwu", "lingdao", "shenji")


@pytest.fixture
def people(browser: Browser, server_address: str) -> Iterator[Callable[[str], Visitor]]:
    """A function that gives a signed-in person: officers on a phone, county staff at a desk; "" is anyone."""
    made: dict[str, Visitor] = {}

    def person(name: str) -> Visitor:
        if name not in made:
            made[name] = Visitor(browser, server_address, 1280 if name in COUNTY else 390)
            if name:
                made[name].sign_in(name)
        return made[name]

    yield person
    for one in made.values():
        one.context.close()
