"""The tests' settings with one app more: what adding an app takes, beside its line in urls.py."""

from tests.settings import *  # noqa: F403

INSTALLED_APPS += ["tests.tiny"]  # noqa: F405
ROOT_URLCONF = "tests.tiny.urls"
