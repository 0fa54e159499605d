"""The portal speaks an official's plain written Chinese: none of the old words of docs/words.md is left in a page, in a
message of the code or in the catalogue."""

import ast
import re
from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parents[1]
TABLE = ROOT / "docs" / "words.md"
# Not for users of the portal: the command line, the records' history, what is read from ledgers.
NOT_PAGES = {"management", "migrations"}


def old_words() -> list[str]:
    """The first column of the table."""
    rows = re.findall(r"^\| ([^|]+) \| [^|]+ \|$", TABLE.read_text(), re.MULTILINE)
    return [word for row in rows[1:] for word in row.strip().split("、") if not set(word) <= set("- ")]


def spoken() -> dict[str, str]:
    """What users may read, by file."""
    found = {}
    for file in (ROOT / "templates").rglob("*.html"):
        found[file] = re.sub(r"{#.*?#}", "", file.read_text())
    found |= {file: file.read_text() for file in (ROOT / "static" / "js").glob("*.js")}
    for folder in ("pingtang_union", "members", "awards", "campaigns", "relief"):
        for file in (ROOT / folder).rglob("*.py"):
            if not NOT_PAGES & set(file.parts):
                found[file] = "\n".join(_texts(ast.parse(file.read_text())))
    for file in (ROOT / "pingtang_union" / "locale").rglob("*.po"):
        found[file] = "\n".join(entry.msgstr for entry in polib.pofile(str(file)))
    return {str(file.relative_to(ROOT)): text for file, text in found.items()}


def _texts(tree: ast.Module) -> list[str]:
    """Its strings, without docstrings."""
    bodies = [node.body for node in ast.walk(tree) if isinstance(getattr(node, "body", None), list)]
    bare = {id(one.value) for body in bodies for one in body if isinstance(one, ast.Expr)}
    strings = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    return [node.value for node in strings if id(node) not in bare]


def test_old_words_are_gone():
    texts = spoken()
    words = old_words()
    found = {
        name: "、".join(sorted(one for one in words if re.search(f"(?<!查){one}", text)))
        for name, text in texts.items()
    }

    assert len(words) > 40
    assert len(texts) > 300
    assert {name: old for name, old in found.items() if old} == {}


def test_a_string_of_the_code_is_read_and_a_docstring_is_not():
    assert _texts(ast.parse('"""要办的事"""\nx = f"退回来的{y}"\ndef f():\n    "可以办的事"\n')) == ["退回来的"]
