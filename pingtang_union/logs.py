"""What the log may hold: which batch, which step, which rule, never who.

Messages of errors quote what they choke on: PostgreSQL the whole row of a COPY, a parser the text it couldn't read.
So an error of the database is told by its class, its code and the names of table, column and constraint, which are
ours; of any other error's words, what is quoted, Chinese or a number goes. Tracebacks hold our source only.
"""

import logging
import re
import traceback
from types import TracebackType

import django.db
import psycopg

_QUOTED = re.compile(r"'[^'\n]*'|\"[^\"\n]*\"|「[^」]*」|“[^”]*”|『[^』]*』|`[^`\n]*`")
_CHINESE = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]+")
# Dates, and eight digits or more, also with signs between them: identity numbers, phones, cards. No batch, no process.
_NUMBERS = re.compile(r"(?:19|20)\d\d[-./年]\d{1,2}(?:[-./月]\d{1,2})?|(?:\d[ ,.:/-]?){7,}\d[Xx]?")
_QUERY = re.compile(r"\?[^\s\"'\])]*")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
_DATABASE = (django.db.Error, psycopg.Error)


class Formatter(logging.Formatter):
    """Lines of the log without persons in them."""

    def format(self, record: logging.LogRecord) -> str:
        record.exc_text = None  # another formatter's traceback, kept for the next
        text = super().format(record)
        record.exc_text = None
        return text

    def formatMessage(self, record: logging.LogRecord) -> str:
        record.message = _CONTROL.sub(" ", _masked(record.message))
        return super().formatMessage(record)

    def formatException(self, ei: tuple) -> str:
        return "\n".join(_told(ei[1])) if ei[1] is not None else ""


def _masked(text: str) -> str:
    """A message of ours or of a library: without queries, and without what might be a number or a name in quotes."""
    return _NUMBERS.sub("…", re.sub(r"「[^」]*」|“[^”]*”", "「…」", _QUERY.sub("?…", text)))


def _told(error: BaseException, seen: frozenset[int] = frozenset()) -> list[str]:
    """The error with its traceback, those it came of first."""
    seen |= {id(error)}
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    lines = [*_told(before, seen), "which led to:"] if before is not None and id(before) not in seen else []
    return [*lines, "Traceback (most recent call last):", *_places(error.__traceback__), _words(error)]


def _places(trace: TracebackType | None) -> list[str]:
    return [line.rstrip("\n") for line in traceback.format_tb(trace)]


def _words(error: BaseException) -> str:
    name = f"{type(error).__module__}.{type(error).__qualname__}"
    if isinstance(error, _DATABASE):
        return f"{name}: {_database_words(error)}"
    text = str(error).split("\n", 1)[0]
    for kind in (_QUOTED, _CHINESE, _NUMBERS):
        text = kind.sub("…", text)
    return f"{name}: {_CONTROL.sub(' ', text)[:300]}"


def _database_words(error: BaseException) -> str:
    """Its code and the names of ours that it names."""
    cause = error if isinstance(error, psycopg.Error) else error.__cause__
    if isinstance(cause, psycopg.Error):
        if cause.sqlstate is None:  # never reached a server: an address, no row
            return _NUMBERS.sub("…", str(cause).split("\n", 1)[0])[:300]
        named = {what: getattr(cause.diag, f"{what}_name") for what in ("constraint", "table", "column")}
        return " ".join([cause.sqlstate, *(f"{what}={name}" for what, name in named.items() if name)])
    return _QUOTED.sub("…", str(error).split("\n", 1)[0])[:300]  # SQLite names columns and constraints, no values
