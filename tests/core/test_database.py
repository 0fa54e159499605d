"""PostgreSQL: pages that only read can't write, statements and waiting have an end, and migrate runs once at a time."""

import os
import subprocess
import sys
import threading
from io import StringIO

import psycopg
import pytest
from django.contrib import admin
from django.core.management import call_command
from django.db import InternalError, OperationalError, connection, connections
from django.http import HttpResponse
from django.test import Client, override_settings
from django.urls import path, reverse

from members.models import TermRule
from pingtang_union.core.database import DatabaseMiddleware, limit_statements, only_reads
from pingtang_union.management.commands import migrate
from tests.at_once import needs_postgresql
from tests.page_helpers import routes

anywhere = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def write(request):
    TermRule.objects.update(document="改")
    return HttpResponse()


def ask(request, seconds):
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(%s)", [seconds])
    return HttpResponse("好")


urlpatterns = [
    path("reads/", only_reads(lambda request: write(request))),
    path("writes/", write),
    path("ask/<int:seconds>/", ask),
]


@pytest.fixture
def limited():
    """Takes back what limit_statements does to this process."""
    options = connections.settings["default"].setdefault("OPTIONS", {})
    before = dict(options)
    yield
    options.clear()
    options.update(before)
    connection.close()


def limits() -> tuple[str, str]:
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        [statement] = cursor.fetchone()
        cursor.execute("SHOW lock_timeout")
        return statement, cursor.fetchone()[0]


@needs_postgresql
@anywhere
@override_settings(ROOT_URLCONF="tests.core.test_database")
def test_a_page_that_only_reads_cannot_write():
    with pytest.raises(InternalError, match="read-only"):
        Client().get("/reads/")
    assert not TermRule.objects.filter(document="改").exists()

    Client().get("/writes/")  # the same connection writes again
    assert TermRule.objects.filter(document="改").exists()


@needs_postgresql
@anywhere
def test_lists_and_dashboards_only_read(insider, signed_in, monkeypatch):
    served = []
    monkeypatch.setattr(connection, "set_autocommit", recording(served, connection.set_autocommit), raising=True)
    client = signed_in(insider)
    addresses = [reverse(name) for name in ("dashboard", "workbench")]
    addresses += [reverse("figure_rows", args=["unions.total"])]
    addresses += [
        reverse(f"admin:{one._meta.app_label}_{one._meta.model_name}_changelist") for one in admin.site._registry
    ]
    addresses += [
        reverse(name)
        for app in ("members.urls", "awards.urls")
        for name in routes(app, ("",))
        if name.endswith("_list") and name != "awards:star_list"
    ]

    for address in addresses:
        served.clear()
        assert client.get(address).status_code in (200, 302), address  # the only union's list leads to its page
        assert True in served, address


def recording(served, set_autocommit):
    """Notes whether transactions begin read-only."""

    def noted(autocommit, **options):
        if not autocommit and connection.connection is not None:
            served.append(bool(connection.connection.read_only))
        return set_autocommit(autocommit, **options)

    return noted


@needs_postgresql
@anywhere
@override_settings(ROOT_URLCONF="tests.core.test_database")
def test_a_page_that_takes_too_long_says_so(limited):
    limit_statements(seconds=1, lock_seconds=1)

    assert Client().get("/ask/0/").content.decode() == "好"
    response = Client().get("/ask/3/")
    assert (response.status_code, "数据库繁忙" in response.content.decode()) == (503, True)
    assert limits() == ("1s", "1s")


def test_other_faults_of_the_database_stay_faults(rf):
    assert DatabaseMiddleware(lambda request: HttpResponse()).process_exception(rf.get("/"), OperationalError()) is None


@needs_postgresql
@anywhere
def test_limits_by_kind_of_process(limited):
    assert limits() == ("0", "0")  # commands

    call_command("worker", "--batch")
    assert limits() == ("5min", "1min")

    at = connection.settings_dict
    address = f"postgres://{at['USER']}:{at['PASSWORD']}@{at['HOST']}:{at['PORT'] or 5432}/{at['NAME']}"
    told = subprocess.run(
        [
            sys.executable,
            "-c",
            "import pingtang_union.wsgi; from tests.core.test_database import limits; print(*limits())",
        ],
        env={**os.environ, "DATABASE_URL": address, "DJANGO_SETTINGS_MODULE": "tests.settings"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.split() == ["10s", "5s"]


@needs_postgresql
@anywhere
def test_the_second_migrate_waits_for_the_first():
    at = connection.settings_dict
    server = {"host": at["HOST"], "port": at["PORT"] or 5432, "user": at["USER"], "password": at["PASSWORD"] or None}
    said, done = StringIO(), threading.Event()

    def second():
        call_command("migrate", verbosity=0, stderr=said)
        done.set()
        connection.close()

    with psycopg.connect(dbname=at["NAME"], autocommit=True, **server) as first:
        first.execute("SELECT pg_advisory_lock(%s)", [migrate._LOCK])
        waiting = threading.Thread(target=second)
        waiting.start()
        assert not done.wait(2)
        assert "等它结束" in said.getvalue()
    waiting.join(60)
    assert done.is_set()
