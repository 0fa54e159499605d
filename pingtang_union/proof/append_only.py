"""Tables whose rows are written once: the database itself refuses to change or delete one.

A model says so with `is_append_only = True`. Its triggers are made after each migrate, since SQLite loses them where
Django builds a table anew, and in the migration that makes the table; a system check proves that they are there
(`manage.py check --database default`). Where it fails, `manage.py migrate --skip-checks` makes them again.
"""

from collections.abc import Iterator
from typing import Any

from django.apps import AppConfig, apps
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections, models

REFUSAL = "rows of this table are never changed or deleted"
_ACTS = ("UPDATE", "DELETE")
_FUNCTION = (
    "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
    f"$$ BEGIN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
)


def append_only() -> Iterator[type[models.Model]]:
    """The models of such tables."""
    return (model for model in apps.get_models() if getattr(model, "is_append_only", False))


def _name(table: str, act: str) -> str:
    return f"{table}_no_{act.lower()}"


def guard(connection: Any, table: str) -> None:
    """Make the triggers of a table that lack."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_FUNCTION)
        for act in _ACTS:
            name, quoted = connection.ops.quote_name(_name(table, act)), connection.ops.quote_name(table)
            if connection.vendor == "postgresql":
                cursor.execute(
                    f"CREATE OR REPLACE TRIGGER {name} BEFORE {act} ON {quoted} "
                    "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
                )
            else:
                cursor.execute(
                    f"CREATE TRIGGER IF NOT EXISTS {name} BEFORE {act} ON {quoted} "
                    f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
                )


def unguard(connection: Any, table: str) -> None:
    """Take the triggers away: for a migration that is taken back, and the tests'."""
    with connection.cursor() as cursor:
        for act in _ACTS:
            on = f" ON {connection.ops.quote_name(table)}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER IF EXISTS {connection.ops.quote_name(_name(table, act))}{on}")


def unguarded(connection: Any) -> list[str]:
    """Triggers that should be there and aren't, or are switched off. Tables not made yet need none."""
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
        if connection.vendor == "postgresql":
            cursor.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')")
        else:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        there = {name for (name,) in cursor.fetchall()}
    wanted = (model._meta.db_table for model in append_only())
    return [name for table in wanted if table in tables for act in _ACTS if (name := _name(table, act)) not in there]


def guard_all(app_config: AppConfig, using: str, **kwargs: Any) -> None:
    """Called by migrate for each app, once its tables are there."""
    tables = connections[using].introspection.table_names()
    for model in append_only():
        if model._meta.app_label == app_config.label and model._meta.db_table in tables:
            guard(connections[using], model._meta.db_table)


@register(Tags.database)
def tables_are_guarded(databases: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """No trigger lacks."""
    return [
        Error(
            f"The trigger {name} is missing: rows could be changed that never may.",
            hint="manage.py migrate --skip-checks makes it again. Find out who took it away.",
            id="core.E010",
        )
        for alias in databases or ()
        for name in unguarded(connections[alias])
    ]
