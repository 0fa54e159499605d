"""The page of components: every state with its colour, and nowhere in production."""

import os
import re
import subprocess
import sys

import pytest
from django.conf import settings as stated
from django.test import Client

from pingtang_union.tones import tones

pytestmark = pytest.mark.django_db


def test_every_state_stands_there_in_its_tone():
    text = Client().get("/styleguide/").content.decode()
    shown = text[text.index('id="badges"') : text.index("待补正")]
    found = re.findall(r'<span class="badge ([a-z-]*)">([^<]*)</span>', shown)
    assert {words: tone for tone, words in found} == tones()


def test_no_template_writes_a_state_in_another_colour():
    written = [
        (path.name, words, tone)
        for path in (stated.BASE_DIR / "templates").rglob("*.html")
        for tone, words in re.findall(r'class="badge ?([a-z-]*)">([^<{]+)<', path.read_text())
    ]
    assert written
    assert [one for one in written if tones().get(one[1], one[2]) != one[2]] == []


def templates() -> dict[str, str]:
    """Pages by name, without the components and the page that shows them."""
    folder = stated.BASE_DIR / "templates"
    pages = {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*.html")}
    return {name: text for name, text in pages.items() if not name.startswith(("partials/", "styleguide/"))}


def test_every_component_is_on_some_page():
    names = {path.stem.removeprefix("_") for path in (stated.BASE_DIR / "templates/partials").glob("_*.html")}
    inner = "".join(path.read_text() for path in (stated.BASE_DIR / "templates/partials").glob("_*.html"))
    code = "".join(
        (stated.BASE_DIR / name).read_text()
        for name in ("pingtang_union/lists.py", "pingtang_union/templatetags/portal.py")
    )
    written = "".join(templates().values()) + inner + code
    assert {
        name for name in names if f'component "{name}"' not in written and f"partials/_{name}.html" not in written
    } == set()


def test_no_page_writes_a_component_by_hand():
    """A heading with something beside it stays the page's own; the rest of a card is the component's."""
    by_hand = re.compile(
        r'<dialog\b|class="(?:bulk|tile)["\s]|<(?:section|div) class="card[^>]*>\s*<(h[23])[^>]*>[^{<]*</\1>'
    )
    assert {name: found[0] for name, text in templates().items() if (found := by_hand.search(text))} == {}


def test_its_chooser_asks_the_page_itself():
    text = Client().get("/styleguide/", {"options": "yes", "q": "委员会1"}).content.decode()
    assert text.count('role="option"') == 11  # 1 and 10 to 19


def test_it_is_not_there_unless_the_setting_says_so(settings):
    settings.STYLEGUIDE = False
    assert Client().get("/styleguide/").status_code == 404


@pytest.mark.parametrize(("debug", "is_there"), [("false", "False"), ("true", "True")])
def test_production_does_not_say_so(debug, is_there):
    told = {name: value for name, value in os.environ.items() if name != "STYLEGUIDE"} | {"DEBUG": debug}
    script = "from pingtang_union import settings; print(settings.STYLEGUIDE)"
    run = subprocess.run([sys.executable, "-c", script], cwd=stated.BASE_DIR, env=told, capture_output=True, text=True)
    assert run.stdout.strip() == is_there, run.stderr
