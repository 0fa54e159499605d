"""An app is added by its line in INSTALLED_APPS and in urls.py: a process of its own has tests/tiny installed."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def test_an_app_is_found_everywhere_by_what_it_declares():
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:xdist", "-q", "tests/tiny/claims.py"]
    settings = {"DJANGO_SETTINGS_MODULE": "tests.tiny.settings", "DATABASE_URL": "sqlite://:memory:"}
    done = subprocess.run(command, cwd=ROOT, env=os.environ | settings, capture_output=True, text=True, timeout=300)

    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]


def test_no_shared_file_names_the_app():
    shared = ("pingtang_union", "members", "awards", "campaigns", "relief", "templates", "static")
    named = [
        str(file.relative_to(ROOT))
        for folder in shared
        for file in (ROOT / folder).rglob("*")
        if file.suffix in (".py", ".html", ".js") and "tiny." in file.read_text()
    ]

    assert named == []
