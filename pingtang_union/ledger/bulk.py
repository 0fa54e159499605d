"""Step 5's writing: many rows at once, one interface for both databases.

PostgreSQL: COPY, for changes into a temporary table that the stored rows are updated from. SQLite: executemany.
Callers give rows as the database holds them; `database_value` makes one of a Python value.
"""

import itertools
import json
from collections import namedtuple
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import cache
from typing import Any

from django.db import connection, models

from pingtang_union.money import MoneyField

_LEDGER_LOCK = 7_271_925  # any number that nothing else in this database locks on
_CHUNK = 5000  # values in one question
_TRUTH = {None: None, 0: False, 1: True}  # SQLite keeps booleans as numbers
_temporary = itertools.count()


def chunks(values: Iterable[Any]) -> Iterator[list[Any]]:
    """Lists of at most a few thousand values, as many as databases take in one IN."""
    iterator = iter(values)
    while chunk := list(itertools.islice(iterator, _CHUNK)):
        yield chunk


def lock_ledgers() -> None:
    """Let one import at a time plan and write, until the transaction ends.

    Two imports of the same roster would both plan "new"; the second now sees what the first wrote.
    SQLite's IMMEDIATE transactions do this by themselves.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LEDGER_LOCK])


def hold_still(models_: Iterable[type[models.Model]]) -> None:
    """Let nobody else write these tables until the transaction ends, so that what was compared is what is written.

    Pages wait the seconds that it takes; reading goes on. EXCLUSIVE, not SHARE: who has locked a row to change it
    would otherwise wait for us and we for her. SQLite has one writer anyway.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            for model in models_:
                table = connection.ops.quote_name(model._meta.db_table)
                cursor.execute(f"LOCK TABLE {table} IN EXCLUSIVE MODE")


def allocate_ids(model: type[models.Model], count: int) -> list[int]:
    """Reserve `count` primary keys, so that rows that refer to new rows can be written in bulk too."""
    if not count:
        return []
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
                [connection.ops.quote_name(table), count],
            )
            return [row[0] for row in cursor.fetchall()]
        # Inside an IMMEDIATE transaction nobody else can take these; inserting them moves SQLite's counter on.
        cursor.execute("SELECT COALESCE((SELECT seq FROM sqlite_sequence WHERE name = %s), 0)", [table])
        last = cursor.fetchone()[0]
        return list(range(last + 1, last + 1 + count))


@cache
def _row_class(model: type[models.Model]) -> Any:
    return namedtuple("Row", attnames(model))


@cache
def attnames(model: type[models.Model]) -> tuple[str, ...]:
    """Names of a model's columns as attributes, in order, but for those that the database makes of others."""
    return tuple(field.attname for field in _fields(model))


def _fields(model: type[models.Model]) -> list[Any]:
    return [field for field in model._meta.concrete_fields if not field.generated]


def database_value(model: type[models.Model], attname: str, value: Any) -> Any:
    """A Python value as the bulk writer takes it for this column."""
    field = next(field for field in model._meta.concrete_fields if field.attname == attname)
    return field.get_db_prep_save(value, connection)


def blank_row(model: type[models.Model]) -> list[Any]:
    """A new row's values before anything is known: each column's default."""
    return [field.get_db_prep_save(field.get_default(), connection) for field in _fields(model)]


def stored_rows(queryset: Any) -> Iterator[Any]:
    """Rows as the bulk writer takes them back, their columns by name (`row.union_id`), in the order of `attnames`."""
    fields = _fields(queryset.model)
    rows = queryset.values_list(*attnames(queryset.model)).iterator(chunk_size=5000)
    forms = [_form_of(field) for field in fields]
    if any(forms):
        rows = (
            [value if form is None or value is None else form(value) for value, form in zip(row, forms, strict=True)]
            for row in rows
        )
    return map(_row_class(queryset.model)._make, rows)


def _form_of(field: Any) -> Callable[[Any], Any] | None:
    """How a column's value becomes the ledger layer's; None where it is that already."""
    if isinstance(field, MoneyField):
        return str
    if isinstance(field, models.BinaryField | models.DateField | models.JSONField):
        return lambda value: field.get_db_prep_save(value, connection)
    return None


def stored_among(queryset: Any, attname: str, values: Iterable[Any]) -> Iterator[Any]:
    """`stored_rows` of those whose column is one of `values`, however many these are."""
    for chunk in chunks(values):
        yield from stored_rows(queryset.filter(**{f"{attname}__in": chunk}))


def stored_by(model: type[models.Model], attname: str, values: Iterable[str]) -> dict[str, Any]:
    """Stored rows as `stored_rows` gives them, by a text column that tells them apart, for these values of it; wants an
    index on it. For models of texts, whole numbers, booleans and bytes, which need no converting."""
    columns = attnames(model)
    at = columns.index(attname)
    table, quoted = _columns(model, columns)
    listed = ", ".join(f"t.{column}" for column in quoted)
    keys = "unnest(%s::text[]) AS k(value)" if connection.vendor == "postgresql" else "json_each(%s) AS k"
    # CROSS JOIN holds SQLite to this order: the keys first, each looked up in the index.
    joined = "JOIN" if connection.vendor == "postgresql" else "CROSS JOIN"
    sql = f"SELECT {listed} FROM {keys} {joined} {table} t ON t.{quoted[at]} = k.value"  # noqa: S608  quoted names
    booleans = [at for at, field in enumerate(_fields(model)) if isinstance(field, models.BooleanField)]
    named = _row_class(model)._make
    stored: dict[str, Any] = {}
    with connection.cursor() as cursor:
        for chunk in chunks(values):
            cursor.execute(sql, [chunk if connection.vendor == "postgresql" else json.dumps(chunk, ensure_ascii=False)])
            by_column: list[Sequence[Any]] = list(zip(*cursor.fetchall(), strict=True))
            for index in booleans if by_column else ():
                by_column[index] = list(map(_TRUTH.get, by_column[index]))
            stored |= {row[at]: row for row in map(named, zip(*by_column, strict=True))}
    return stored


def matching(
    model: type[models.Model], columns: Sequence[str], keys: Collection[tuple[str, ...]]
) -> Iterator[tuple[Any, ...]]:
    """(id, *columns) of the stored rows whose text columns together equal one of `keys`; wants an index on them.

    One query over all keys, since two IN lists would ask for every pair of them.
    """
    if not keys:
        return
    table, quoted = _columns(model, columns)
    listed = ", ".join(f"t.{column}" for column in quoted)
    if connection.vendor == "postgresql":
        marks = ", ".join(["%s::text[]"] * len(columns))
        names = ", ".join(f"c{index}" for index in range(len(columns)))
        joined = " AND ".join(f"t.{column} = k.c{index}" for index, column in enumerate(quoted))
        sql = f"SELECT t.id, {listed} FROM unnest({marks}) AS k({names}) JOIN {table} t ON {joined}"  # noqa: S608
        parameters: list[Any] = [list(values) for values in zip(*keys, strict=True)]
    else:
        joined = " AND ".join(
            f"t.{column} = json_extract(k.value, '$[{index}]')" for index, column in enumerate(quoted)
        )
        # CROSS JOIN holds SQLite to this order: the keys first, each looked up in the index.
        sql = f"SELECT t.id, {listed} FROM json_each(%s) k CROSS JOIN {table} t ON {joined}"  # noqa: S608
        parameters = [json.dumps(list(keys), ensure_ascii=False)]
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        yield from cursor.fetchall()


def _columns(model: type[models.Model], names: Sequence[str]) -> tuple[str, list[str]]:
    quote = connection.ops.quote_name
    by_attname = {field.attname: field.column for field in model._meta.concrete_fields}
    return quote(model._meta.db_table), [quote(str(by_attname[name])) for name in names]


def insert(model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write new rows whose keys the database gives."""
    table, columns = _columns(model, names)
    if connection.vendor == "postgresql":
        _copy(table, columns, rows)
        return
    marks = ", ".join("?" * len(columns))
    _sqlite().executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", rows)  # noqa: S608  quoted names


def update(model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write some columns of stored rows: each row is its `id`, then the values of `names`.

    Name the columns that changed: what someone else wrote into another column meanwhile stays.
    """
    table, columns = _columns(model, names)
    key = connection.ops.quote_name("id")
    if connection.vendor == "postgresql":
        temporary = connection.ops.quote_name(f"ledger_rows_{next(_temporary)}")
        listed = ", ".join([key, *columns])
        changes = ", ".join(f"{column} = s.{column}" for column in columns)
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE TEMP TABLE {temporary} ON COMMIT DROP AS SELECT {listed} FROM {table} WITH NO DATA")  # noqa: S608
            _copy(temporary, [key, *columns], rows)
            cursor.execute(f"UPDATE {table} t SET {changes} FROM {temporary} s WHERE t.{key} = s.{key}")  # noqa: S608
            cursor.execute(f"DROP TABLE {temporary}")
        return
    changes = ", ".join(f"{column} = ?" for column in columns)
    # The key comes first in a row and last in the statement.
    _sqlite().executemany(f"UPDATE {table} SET {changes} WHERE {key} = ?", ((*row[1:], row[0]) for row in rows))  # noqa: S608


def _copy(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    # Django turns errors of `execute` into its own, but not those of the driver's `copy`.
    copying = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
    with connection.cursor() as cursor, connection.wrap_database_errors, cursor.copy(copying) as copy:
        for row in rows:
            copy.write_row(row)


def _sqlite() -> Any:
    """The driver's own connection: Django's cursor would rewrite every placeholder of every row."""
    connection.ensure_connection()
    return _SqliteErrors(connection)


class _SqliteErrors:
    """Runs executemany on the driver with the driver's errors turned into Django's."""

    def __init__(self, wrapper: Any):
        self.wrapper = wrapper

    def executemany(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        with self.wrapper.wrap_database_errors:
            self.wrapper.connection.executemany(sql, rows)
