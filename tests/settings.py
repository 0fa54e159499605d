"""The project's settings with secrets for tests and quick password hashing."""

import os
import tempfile

os.environ.setdefault("SECRET_KEY", "only-for-tests")
os.environ.setdefault("DATA_KEY", "5a" * 32)
# Each of the processes that tests run in has a folder of its own: tests empty it. A child that is given one keeps it.
_worker = os.environ.get("PYTEST_XDIST_WORKER", "")
if "PROGRESS_DIR" not in os.environ or os.environ.get("PROGRESS_DIR_OF", _worker) != _worker:
    os.environ |= {"PROGRESS_DIR": tempfile.mkdtemp(prefix="progress-"), "PROGRESS_DIR_OF": _worker}
os.environ.setdefault("HTTPS", "false")
os.environ.setdefault("SERVE_UNCOLLECTED_STATIC", "true")

from pingtang_union.settings import *  # noqa: E402, F403

INSTALLED_APPS += ["django_linear_migrations"]  # noqa: F405
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STATIC_ROOT = BASE_DIR / "static" / "img"  # noqa: F405  must exist: whitenoise warns otherwise, and warnings are errors
AUDITLOG_DISABLE_ON_RAW_SAVE = True  # tests that commit get their rows back from a copy: nobody changed them
