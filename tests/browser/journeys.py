"""What the long ways through the demo share: pressing, following, reading, and the folder that the demo keeps."""

from pathlib import Path
from urllib.parse import urlparse

from tests.browser.conftest import Visitor


def press(visitor: Visitor, button: str) -> None:
    """Press a button of the page's content and wait for where it leads."""
    with visitor.page.expect_navigation():
        visitor.page.locator("main, #content, body").last.get_by_role("button", name=button, exact=True).first.click()


def follow(visitor: Visitor, text: str) -> None:
    """Follow a link of the page's content."""
    with visitor.page.expect_navigation():
        visitor.page.locator("main a", has_text=text).last.click()


def text(visitor: Visitor) -> str:
    return visitor.page.inner_text("body")


def demo_folder(address: str) -> Path:
    """The folder of the demo that serves `address`, as its own process says."""
    port = str(urlparse(address).port)
    for process in Path("/proc").glob("[0-9]*"):
        try:
            arguments = (process / "cmdline").read_bytes().decode().split("\0")
        except OSError:
            continue
        if f"PORT={port}" in arguments:
            for one in arguments:
                if one.startswith("VAR="):
                    return Path(one.removeprefix("VAR="))
    raise LookupError(address)
