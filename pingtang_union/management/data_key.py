"""Whether DATA_KEY is the key that this database was sealed with.

With another key nothing can be read and nobody is recognised: an import would enter every known member again. So a
known text is kept sealed (KeyCheck), and migrate, the server, the worker and the commands that write refuse to start
when it doesn't open. A database from before that has no such text: there any sealed value stands for it.
"""

import sys
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.core.management import CommandError
from django.db import DEFAULT_DB_ALIAS, connections, models, transaction

from pingtang_union.core import crypto
from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.fields import SealedField, mask
from pingtang_union.core.scope import ScopedModel
from pingtang_union.models import KeyCheck

_TEXT = "this database was sealed with this key"
_TRIED = 3  # values of a column: one alone might be damaged
WRONG = (
    "DATA_KEY 打不开这个数据库里的加密内容：密钥换过，或者连错了数据库。没有改动任何数据，也没有启动。"
    "请核对 .env 里的 DATA_KEY 和 DATABASE_URL，改正后再启动。原来的密钥确实找不回来的，见 docs/deploy.md。"
)
UNSURE = (
    "注意：DATA_KEY 打不开这个数据库里原有的加密内容，没有登记密钥。表结构已经更新；"
    "改正 .env 里的 DATA_KEY 再运行一次 migrate 以前，网站、后台程序和导入都不会启动。"
)


class WrongKey(DomainError):
    """DATA_KEY is not the key of this database."""


def demand(using: str = DEFAULT_DB_ALIAS) -> None:
    """Raise WrongKey unless the key opens what this database holds, or nothing is sealed in it yet. A database that
    can't be reached is the driver's error, as everywhere."""
    if opens(using) is False:
        raise WrongKey(WRONG)


def opens(using: str = DEFAULT_DB_ALIAS) -> bool | None:
    """Whether the key opens this database; None where nothing is sealed in it."""
    kept = _kept(using)
    if kept is not None:
        return kept
    values = [value for _column, value in _sealed_values(using)]
    return any(_opened(value) is not None for value in values) if values else None


def example(using: str = DEFAULT_DB_ALIAS) -> tuple[str, str] | None:
    """A number opened, masked, and which column it stands in: proof for who restores a backup. None when the first few
    don't open, or there are none."""
    for field, value in _sealed_values(using):
        if isinstance(field, SealedField) and (content := _opened(value)) is not None:
            return f"{field.model._meta.verbose_name}的{field.verbose_name}", mask(content.decode())
    return None


def keep(using: str = DEFAULT_DB_ALIAS) -> None:
    """Seal the known text with the key of now, in place of one sealed before."""
    with transaction.atomic(using=using):
        KeyCheck.objects.using(using).all().delete()
        KeyCheck.objects.using(using).create(sealed=crypto.seal(_TEXT))


# --- Around migrate ------------------------------------------------------------------------


def before_migrate(using: str = DEFAULT_DB_ALIAS, **kwargs: Any) -> None:
    """Refuse before anything is migrated. Without the kept text the tables may move on; nothing else starts then."""
    if _kept(using) is False:
        raise CommandError(WRONG, returncode=3)


def after_migrate(using: str = DEFAULT_DB_ALIAS, **kwargs: Any) -> None:
    """Keep the known text, once, when the key is surely right."""
    if not _has_table(using) or _kept(using) is not None:
        return
    if opens(using) is False:
        sys.stderr.write(UNSURE + "\n")
    else:
        keep(using)


# --- What is sealed ------------------------------------------------------------------------


def _has_table(using: str) -> bool:
    with connections[using].cursor() as cursor:
        return KeyCheck._meta.db_table in connections[using].introspection.table_names(cursor)


def _kept(using: str) -> bool | None:
    if not _has_table(using):
        return None
    texts = [_opened(token) for token in KeyCheck.objects.using(using).values_list("sealed", flat=True)]
    return all(text == _TEXT.encode() for text in texts) if texts else None


def _opened(token: Any) -> bytes | None:
    try:
        return crypto.unseal_bytes(token)
    except DomainError:
        return None


def _sealed_values(using: str) -> Iterator[tuple[models.Field, Any]]:
    """The first few values of each sealed column, numbers before files, as far as the tables have been made."""
    connection = connections[using]
    quote = connection.ops.quote_name
    columns = [
        field
        for model in apps.get_models()
        if issubclass(model, ScopedModel)
        for field in model._meta.local_concrete_fields
        if isinstance(field, models.BinaryField)
    ]
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
        for field in sorted(columns, key=lambda field: not isinstance(field, SealedField)):
            if field.model._meta.db_table not in tables:
                continue
            table, column = quote(field.model._meta.db_table), quote(str(field.column))
            cursor.execute(f"SELECT * FROM {table} LIMIT 0")  # noqa: S608  a quoted name
            if field.column not in {told[0] for told in cursor.description}:
                continue
            cursor.execute(f"SELECT {column} FROM {table} WHERE {column} IS NOT NULL LIMIT {_TRIED}")  # noqa: S608
            for (value,) in cursor.fetchall():
                yield field, value
