"""What the settings promise beyond single values."""

import logging
from io import StringIO

import pytest
from django.conf import settings
from django.db import close_old_connections, connection


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
    monkeypatch.setattr("pingtang_union.pages.accounts.front_page", lambda request: 1 / 0)
    client.raise_request_exception = False

    assert client.get("/?q=20180301").status_code == 500
    assert ("ZeroDivisionError" in console.getvalue(), "20180301" in console.getvalue()) == (True, False)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_connection_is_kept_from_request_to_request_and_a_dead_one_is_replaced():
    connection.ensure_connection()
    first = connection.connection

    close_old_connections()  # as each request begins and ends
    assert connection.connection is first

    if connection.vendor == "postgresql":
        first.close()
        close_old_connections()
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        assert connection.connection is not first
