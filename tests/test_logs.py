"""The log tells which batch and which rule, and no person."""

import logging
from datetime import date
from io import StringIO

import psycopg
import pytest
from django.conf import settings
from django.db import DataError, IntegrityError, OperationalError, connection, transaction

from members.models import Member
from pingtang_union.ledger import bulk
from pingtang_union.ledger.importing import steps
from pingtang_union.ledger.models import BatchState, ImportBatch
from pingtang_union.logs import Formatter
from tests.at_once import needs_postgresql
from tests.factories import MemberFactory
from tests.test_settings import console_of

NAME, BIRTHDAY, NUMBER = "欧阳查无此人", date(1983, 7, 19), "522727198307190014"


@pytest.fixture
def console(monkeypatch) -> StringIO:
    """What the portal's own logger writes in production."""
    stream = StringIO()
    monkeypatch.setattr(console_of("pingtang_union"), "stream", stream)
    return stream


def written(error: BaseException) -> str:
    """The line that a log has of an error."""
    try:
        raise error
    except type(error) as caught:
        told = (type(caught), caught, caught.__traceback__)
        record = logging.LogRecord("pingtang_union", logging.ERROR, __file__, 1, "batch %s failed", (7,), told)
        return Formatter("%(message)s").format(record)


def waiting(by, **values) -> ImportBatch:
    return ImportBatch.objects.create(union=by.union, by=by, state=BatchState.WAITING, file_name="甲", **values)


@needs_postgresql
@pytest.mark.django_db
def test_a_row_that_the_database_refuses_in_a_copy_is_not_logged(officer, console, monkeypatch):
    row = dict(zip(bulk.attnames(Member), bulk.blank_row(Member), strict=True))
    row |= {"id": 1, "name": NAME, "born_on": BIRTHDAY, "gender": NAME, "union_id": officer.union_id}

    def refuse(*args):
        with transaction.atomic():
            bulk.insert(Member, tuple(row), [tuple(row.values())])

    monkeypatch.setattr(steps, "_write", refuse)
    batch = waiting(officer, sha256="0" * 64)

    with pytest.raises(DataError, match=f"CONTEXT: .*{NAME}"):  # the database says it
        refuse()
    steps.write(batch.pk)

    log = console.getvalue()
    assert f"batch {batch.pk}: the database refused its rows" in log
    assert "DataError: 22001" in log
    assert [text for text in (NAME, "1983", "07-19", "COPY", "CONTEXT") if text in log] == []


@pytest.mark.django_db
def test_a_constraint_is_named_and_its_values_are_not(officer):
    one = MemberFactory(name=NAME, union=officer.union, id_number=NUMBER)
    again = Member(name=NAME, union=officer.union, id_number=NUMBER)
    with pytest.raises(IntegrityError) as caught:
        again.save()

    log = written(caught.value)
    named = "id_index" if connection.vendor == "sqlite" else "23505 constraint="
    assert named in log
    assert [text for text in (NAME, NUMBER, one.id_index) if text in log] == []


@pytest.mark.parametrize(
    "error",
    [
        ValueError(f"invalid literal for int() with base 10: '{NAME}'"),
        KeyError(NAME),
        ValueError(f"time data {BIRTHDAY} of {NAME} does not match\n{NUMBER}"),
        RuntimeError(f"第 3 行「{NAME}」{NUMBER}、1983.07.19"),
        OperationalError(f'near "{NAME}": syntax error'),
        psycopg.OperationalError("connection to server at 127.0.0.1 failed"),
    ],
)
def test_an_errors_words_hold_no_person(error):
    log = written(error)
    assert f"{type(error).__qualname__}: " in log
    assert "in written" in log  # where it was, by our source
    assert [text for text in (NAME, NUMBER, "1983", "0719") if text in log] == []


def test_what_an_error_came_of_is_told_as_sparingly():
    try:
        try:
            raise ValueError(NAME)
        except ValueError as cause:
            raise RuntimeError("the batch can't go on") from cause
    except RuntimeError as error:
        log = written(error)
    assert log.index("ValueError: …") < log.index("which led to:") < log.index("RuntimeError: the batch can")
    assert NAME not in log


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        (f"Error handling request /members/?q={NUMBER}", "Error handling request /members/?…"),
        (f"Not Found: /members/{NUMBER}/", "Not Found: /members/…/"),
        ("batch 1234: write took 3.2 s, now written", "batch 1234: write took 3.2 s, now written"),
        (f"batch 7: write failed after 1.0 s: 「{NAME}」重名", "batch 7: write failed after 1.0 s: 「…」重名"),
        ("first\nsecond", "first second"),
        ("Worker exiting (pid: 4194303), batch 1234567", "Worker exiting (pid: 4194303), batch 1234567"),
        ("born 1983-07-19, 1983.7, 13800138000, 5227 2719 8307 1900 14", "born …, …, …, …"),
    ],
)
def test_a_message_loses_queries_numbers_and_what_is_quoted(message, shown):
    record = logging.LogRecord("pingtang_union", logging.ERROR, __file__, 1, message, (), None)
    assert Formatter("%(message)s").format(record) == shown


def test_whatever_is_logged_goes_through_it():
    handlers = settings.LOGGING["handlers"].values()
    assert {one["formatter"] for one in handlers} == {"impersonal"}
    assert settings.LOGGING["formatters"]["impersonal"]["()"] == "pingtang_union.logs.Formatter"
    assert settings.LOGGING["loggers"]["gunicorn.error"]["handlers"] == ["console"]
