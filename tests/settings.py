"""The project's settings with secrets for tests and quick password hashing."""

import os
import tempfile

os.environ.setdefault("SECRET_KEY", "only-for-tests")
os.environ.setdefault("DATA_KEY", "5a" * 32)
os.environ.setdefault("PROGRESS_DIR", tempfile.mkdtemp(prefix="progress-"))
os.environ.setdefault("HTTPS", "false")
os.environ.setdefault("SERVE_UNCOLLECTED_STATIC", "true")

from pingtang_union.settings import *  # noqa: F403

INSTALLED_APPS += ["django_linear_migrations"]  # noqa: F405
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STATIC_ROOT = BASE_DIR / "static" / "img"  # noqa: F405  must exist: whitenoise warns otherwise, and warnings are errors
AUDITLOG_DISABLE_ON_RAW_SAVE = True  # tests that commit get their rows back from a copy: nobody changed them
