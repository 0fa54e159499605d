"""Django's migrate, one at a time: two servers that start together would change the same tables."""

from typing import Any

from django.core.management.commands import migrate
from django.db import connections

_LOCK = 7_201_931  # any number that nothing else of this database locks


class Command(migrate.Command):
    """On PostgreSQL the second waits for the first, and then finds nothing left to do."""

    def handle(self, *args: Any, **options: Any) -> Any:
        connection = connections[options["database"]]
        if connection.vendor != "postgresql":
            return super().handle(*args, **options)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK])
            if not cursor.fetchone()[0]:
                self.stderr.write("另一个 migrate 正在更新这个数据库，等它结束……")
                cursor.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        try:
            return super().handle(*args, **options)
        finally:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])
