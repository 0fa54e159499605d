"""What old browsers of the county's offices can read (Chromium 86: 360, WPS, WeChat), and one set of colours."""

import re
from pathlib import Path

import pytest

from pingtang_union.unfold import UNFOLD

STATIC = Path(__file__).resolve().parents[2] / "static"
# The admin's are read by browsers that Unfold asks for (docs/deploy.md).
SHEETS = [path for path in STATIC.rglob("*.css") if not path.name.startswith("admin")]
SCRIPTS = [path for path in STATIC.rglob("*.js") if path.name != "admin.js"]
TOKENS = (STATIC / "css" / "tokens.css").read_text()

# Newer than Chromium 86, by what it would do there: the rule, the declaration or the whole script is dropped.
# accent-color isn't among them: without it a box is blue.
NEWER_CSS = {
    ":is, :where (88)": r":(is|where)\(",
    ":has (105)": r":has\(",
    ":user-valid (119)": r":user-(in)?valid",
    "aspect-ratio (88)": r"aspect-ratio\s*:",
    "inset (87)": r"(^|[\s;{])inset(-\w+)*\s*:",
    "logical margins and paddings in one word (87)": r"(margin|padding)-(inline|block)\s*:",
    "@layer, @container, @property, @scope": r"@(layer|container|property|scope|starting-style)\b",
    "color-mix, oklch, relative colours": r"(color-mix|oklch|oklab|lch|color)\(|\b(rgb|hsl)a?\(from",
    "dvh, svh, lvh, cqw": r"\d(d|s|l)v[hw]\b|\dcq[wi]\b",
    "overflow: clip (90)": r"overflow(-[xy])?\s*:\s*clip",
    "translate, rotate, scale alone (104)": r"(^|[\s;{])(translate|rotate|scale)\s*:",
    "text-wrap (114)": r"text-wrap\s*:",
    "media ranges (104)": r"@media[^{]*[<>]",
    "::file-selector-button (89)": r"::file-selector-button",
}
NEWER_JS = {
    "at() (92)": r"\.at\(",
    "hasOwn (93)": r"Object\.hasOwn\(",
    "structuredClone (98)": r"structuredClone\(",
    "findLast (97)": r"\.findLast(Index)?\(",
    "toSorted and others (110)": r"\.(toSorted|toReversed|toSpliced|with)\(",
    "groupBy (117)": r"\.groupBy\(",
    "withResolvers (119)": r"withResolvers\(",
    "await at the top, static blocks": r"^await |static\s*\{",
    "private fields asked for with in (91)": r"#\w+ in ",
    "checkVisibility (105)": r"\.checkVisibility\(",
    "popover (114)": r"\.(show|hide|toggle)Popover\(",
    "v flag (112)": r"/[a-z]*v[a-z]*\.(test|exec)\(",
    "showPicker (99)": r"\.showPicker\(",
    "submitter (81 event, 112 FormData)": r"new FormData\([^)]*,",
}


def plain(path: Path) -> str:
    """Without comments."""
    return re.sub(r"/\*.*?\*/|(?<!:)//[^\n]*", "", path.read_text(), flags=re.DOTALL)


def newer(text: str, patterns: dict[str, str]) -> list[str]:
    """Names of what is too new in a text."""
    found = [name for name, pattern in patterns.items() if re.search(pattern, text, re.MULTILINE)]
    return [*found, "nesting (112)"] if patterns is NEWER_CSS and has_nested_rules(text) else found


def has_nested_rules(text: str) -> bool:
    """Whether a rule stands within another that isn't one of @media and the like."""
    within: list[str] = []
    for before, brace in re.findall(r"([^{};]*)([{};])", text):
        if brace == "{":
            if any(not outer.startswith("@") for outer in within):
                return True
            within.append(before.strip())
        elif brace == "}":
            within.pop()
    return False


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: path.name)
def test_no_sheet_is_newer_than_the_browsers(path):
    assert newer(plain(path), NEWER_CSS) == []


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_no_script_is_newer_than_the_browsers(path):
    assert newer(plain(path), NEWER_JS) == []


@pytest.mark.parametrize(
    ("text", "patterns", "name"),
    [
        (".a {\n  .b { color: red; }\n}", NEWER_CSS, "nesting (112)"),
        (".a {\n  &:hover { color: red; }\n}", NEWER_CSS, "nesting (112)"),
        (".a { inset: 0; }", NEWER_CSS, "inset (87)"),
        (".a:is(.b) { color: red; }", NEWER_CSS, ":is, :where (88)"),
        ("@media (width >= 48rem) { .a { top: 0; } }", NEWER_CSS, "media ranges (104)"),
        ("const last = all.at(-1);", NEWER_JS, "at() (92)"),
    ],
)
def test_what_is_newer_is_found(text, patterns, name):
    assert newer(text, patterns) == [name]


def test_what_is_old_is_not():
    assert newer("@media (min-width: 48rem) {\n  .a { clip-path: inset(50%); }\n  .b { top: 0; }\n}", NEWER_CSS) == []


def values(selector: str) -> dict[str, str]:
    """The tokens that one rule of tokens.css gives. Later rules of :root hold measures for wide windows."""
    block = re.search(rf"^\s*{re.escape(selector)} \{{(.*?)\}}", TOKENS, re.DOTALL | re.MULTILINE)
    assert block
    return dict(re.findall(r"(--[\w-]+|color-scheme): ([^;]+);", block[1]))


def test_every_variable_is_a_token():
    """Or one that the sheet itself gives, such as a poster's unit."""
    for path in STATIC.rglob("*.css"):
        text = plain(path)
        own = set(re.findall(r"(--[\w-]+)\s*:", text))
        used = {
            name for name in re.findall(r"var\((--[\w-]+)", text) if path.name[:5] != "admin" or "-color-" not in name
        }
        assert used - own <= set(values(":root")), path.name


def test_the_dark_is_one_however_it_comes():
    dark = values(":root.dark")
    assert dark == values(":root:not(.light)")
    assert set(dark) <= {*values(":root"), "color-scheme"}


def test_the_admins_red_and_grounds_are_the_portals():
    light, dark, colours = values(":root"), values(":root.dark"), UNFOLD["COLORS"]
    assert colours["primary"]["600"] == light["--brand"]
    base = colours["base"]
    assert [base[step] for step in ("50", "200", "500")] == [light[name] for name in ("--bg", "--line", "--muted")]
    assert [base[step] for step in ("700", "900", "950")] == [dark[name] for name in ("--line", "--surface", "--bg")]
