"""Base of commands that read or write what is sealed."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from pingtang_union.core.exceptions import DomainError
from pingtang_union.management import data_key as key


class KeyedCommand(BaseCommand):
    """Refuses to run with a DATA_KEY that is not this database's; exit 3."""

    def execute(self, *args: Any, **options: Any) -> str | None:
        try:
            key.demand()
        except DomainError as error:
            raise CommandError(str(error), returncode=3) from error
        return super().execute(*args, **options)
