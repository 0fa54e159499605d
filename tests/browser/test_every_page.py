"""Every page that people come to by links, as each role: none hinders anyone (axe, light and dark), and none is heavy.

An address is asked for once: numbers and codes in it stand for any.
"""

import re
from urllib.parse import urljoin, urlsplit

import pytest
from playwright.sync_api import Browser, Error, Page

from tests.browser.conftest import Visitor, hindrances

ROLES = ("", "yiyuan", "pingzhou", "lingdao", "zuzhi")  # "" is anyone
# The admin is Unfold's; files aren't pages; what ends the visit is no page either.
_PAGE = re.compile(r"/(?!admin/|logout/|styleguide/|static/|.*\.svg$)")
_KEY = re.compile(r"/(\d+|[\w-]*\d[\w-]{5,}|[\w-]+\.[\w.-]+)(?=/)")
_PUBLIC = re.compile(r"/(notices|honours|verify)/")  # the same for everyone
# kB that may come before a page can be used, as they are sent.
HEAVIEST = 120


def kind(path: str) -> str:
    """The address without what names one record."""
    return _KEY.sub("/0", path)


def links(page: Page) -> list[str]:
    """Paths with queries that the page leads to, the plain ones first."""
    found = page.eval_on_selector_all("a[href]:not([download])", "all => all.map(link => link.getAttribute('href'))")
    urls = [urlsplit(urljoin(page.url, link)) for link in found]
    here = urlsplit(page.url).netloc
    return sorted({url.path for url in urls if url.netloc == here and _PAGE.match(url.path)}, key=len)


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role or "anyone")
def test_no_page_hinders_anyone(role: str, browser: Browser, server_address: str):
    someone = Visitor(browser, server_address, 1280)
    page, waiting, seen, wrong = someone.page, ["/"], set(), {}
    page.emulate_media(reduced_motion="reduce")  # colours are at their end when they are looked at
    if role:
        someone.sign_in(role)
        waiting = [someone.path]
    while waiting:
        path = waiting.pop(0)
        if kind(path) in seen or (role and _PUBLIC.match(path)):
            continue
        seen.add(kind(path))
        try:
            response = page.goto(path)
        except Error as error:
            if "Download is starting" in str(error):
                continue
            raise
        assert response is not None
        assert response.ok, path
        found = hindrances(page)
        page.evaluate("document.documentElement.classList.add('dark')")
        found += [f"dark: {one}" for one in hindrances(page, "color-contrast")]
        if found:
            wrong[path] = found
        waiting += [link for link in links(page) if kind(link) not in seen]
    someone.context.close()

    assert wrong == {}
    assert len(seen) >= {"": 5, "lingdao": 3}.get(role, 15), seen


@pytest.mark.parametrize("path", ["/workbench/", "/members/", "/members/new/", "/ledgers/", "/rounds/", "/unions/"])
def test_the_first_visit_costs_little(path: str, browser: Browser, server_address: str):
    """Everything that the page asks for, counted in bytes on the line, with nothing kept from before."""
    someone = Visitor(browser, server_address, 390)
    someone.sign_in("pingzhou")
    context = browser.new_context(base_url=server_address, storage_state=someone.context.storage_state())
    page = context.new_page()
    line = context.new_cdp_session(page)
    line.send("Network.enable")
    sent: list[float] = []
    line.on("Network.loadingFinished", lambda told: sent.append(told["encodedDataLength"]))
    page.goto(path, wait_until="networkidle")
    context.close()
    someone.context.close()

    assert len(sent) > 10
    assert sum(sent) <= HEAVIEST * 1000, round(sum(sent) / 1000)
