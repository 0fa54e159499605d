"""What the settings promise beyond single values."""

import logging
from io import StringIO

import pytest
from django.conf import settings


def console_of(name: str) -> logging.StreamHandler:
    """The logger's one handler of ours; pytest adds some that collect."""
    [handler] = [one for one in logging.getLogger(name).handlers if type(one) is logging.StreamHandler]
    return handler


@pytest.mark.parametrize("name", ["django.request", "django.security"])
def test_errors_reach_the_console_in_production(name):
    assert settings.DEBUG is False
    assert console_of(name).filters == []


@pytest.mark.django_db
def test_a_500_is_written_with_its_traceback_and_without_the_query(client, monkeypatch):
    console = StringIO()
    monkeypatch.setattr(console_of("django.request"), "stream", console)
    monkeypatch.setattr("pingtang_union.accounts.front_page", lambda request: 1 / 0)
    client.raise_request_exception = False

    assert client.get("/?q=522727198001010012").status_code == 500
    assert ("ZeroDivisionError" in console.getvalue(), "522727" in console.getvalue()) == (True, False)
