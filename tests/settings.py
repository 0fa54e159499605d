"""The project's settings with secrets for tests and quick password hashing."""

import atexit
import os
import shutil
import tempfile

os.environ.setdefault("SECRET_KEY", "only-for-tests")
os.environ.setdefault("DATA_KEY", "5a" * 32)
# Each of the processes that tests run in has a folder of its own: tests empty it. A child that is given one keeps it.
# Those of a parallel run lie in the folder of the process that started it, which takes all away.
_worker = os.environ.get("PYTEST_XDIST_WORKER", "")
if "PROGRESS_DIR" not in os.environ or os.environ.get("PROGRESS_DIR_OF", _worker) != _worker:
    _folder = tempfile.mkdtemp(prefix="progress-", dir=os.environ.get("PROGRESS_DIR"))
    os.environ |= {"PROGRESS_DIR": _folder, "PROGRESS_DIR_OF": _worker}
    atexit.register(shutil.rmtree, _folder, ignore_errors=True)
os.environ.setdefault("HTTPS", "false")
os.environ.setdefault("STYLEGUIDE", "true")
os.environ.setdefault("SERVE_UNCOLLECTED_STATIC", "true")

from pingtang_union.settings import *  # noqa: E402, F403
from tests.undefined import Undefined  # noqa: E402

INSTALLED_APPS += ["django_linear_migrations"]  # noqa: F405
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STATIC_ROOT = BASE_DIR / "static" / "img"  # noqa: F405  must exist: whitenoise warns otherwise, and warnings are errors
WHITENOISE_AUTOREFRESH = True  # looks for a file when one is asked for: each client would list all of them first
AUDITLOG_DISABLE_ON_RAW_SAVE = True  # tests that commit get their rows back from a copy: nobody changed them
TEMPLATES[0]["OPTIONS"]["string_if_invalid"] = Undefined()  # type: ignore[index]  # noqa: F405
