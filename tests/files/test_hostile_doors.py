"""Sixty hostile files at every door where foreign bytes come in: the server's process stays small, answers in words,
and nothing that opens such files is called in it."""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.files.hostile import PAPERS, WORKBOOKS

ROOT = Path(__file__).parents[2]
_IN_WORDS = {"", "DomainError", "UnreadableFile", "LargerFile"}
SECONDS = 2 * 30 + 10  # for the slowest: tried a second time without its look, and two processes begin


def test_there_are_sixty():
    assert len(WORKBOOKS) + len(PAPERS) >= 60


def _sent(door: str, folder: Path) -> list[dict[str, object]]:
    told = subprocess.run(
        [sys.executable, "-m", "tests.files.doors", door, str(folder)],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [json.loads(line) for line in told.stdout.splitlines()]


@pytest.mark.parametrize(
    ("door", "files"),
    [
        ("read", WORKBOOKS),
        ("mark", WORKBOOKS),
        ("fill", WORKBOOKS),
        ("attach", PAPERS),
        ("look", {**PAPERS, **WORKBOOKS}),
    ],
)
def test_no_file_harms_the_server(door, files, tmp_path):
    for name, build in files.items():
        (tmp_path / name.replace("/", " ")).write_bytes(build())
    *told, end = _sent(door, tmp_path)
    assert len(told) == len(files)
    assert [(one["file"], one["kind"]) for one in told if one["kind"] not in _IN_WORDS] == []
    assert [one["file"] for one in told if one["kind"] == "DomainError" and not one["words"].endswith("。")] == []
    assert [(one["file"], one["seconds"]) for one in told if one["seconds"] > SECONDS] == []
    assert end["megabytes"] < 300


# --- Nothing else opens foreign bytes ------------------------------------------------------

# Modules that run in the limited child only, and what each may open.
CHILD = {
    "pingtang_union/files/papers.py",
    "pingtang_union/files/inside.py",
    "pingtang_union/files/watermark.py",
    "pingtang_union/ledger/reading/child.py",
    "pingtang_union/ledger/reading/unseen.py",
    "pingtang_union/ledger/reading/styles.py",
    "pingtang_union/ledger/reading/binary.py",
    "pingtang_union/ledger/giving/styled.py",
    "pingtang_union/ledger/giving/marked_child.py",
    "pingtang_union/ledger/giving/form_child.py",
}
# Those that write archives of our own, or open our own templates.
OURS = {"pingtang_union/ledger/giving/xlsx.py", "pingtang_union/files/word.py"}
OPENS = {"load_workbook", "ZipFile", "CalamineWorkbook", "fromstring", "decompressobj", "PdfReader", "iterparse"}


def _opens(tree: ast.AST) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            is_picture = (
                name == "open" and isinstance(node.func, ast.Attribute) and ast.unparse(node.func.value) == "Image"
            )
            if name in OPENS or is_picture:
                found.add(name)
    return found


def test_foreign_bytes_are_opened_in_the_child_only():
    packages = ("pingtang_union", "members", "awards", "campaigns", "relief")
    found = {
        str(path.relative_to(ROOT))
        for package in packages
        for path in (ROOT / package).rglob("*.py")
        if _opens(ast.parse(path.read_text()))
    }
    # The preview unpacks what this portal has packed and sealed itself.
    assert found - CHILD - OURS - {"pingtang_union/ledger/importing/preview.py"} == set()
