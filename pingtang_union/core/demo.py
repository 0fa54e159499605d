"""The guard that keeps the demo's rows, and its accounts of a known password, off real servers."""

import os

from django.db import connection

from pingtang_union.core.exceptions import DomainError

DATABASE_FILE = "demo.sqlite3"


def refuse_unless_demo() -> None:
    """Raise DomainError unless this is the demo: DEMO=1 (only `make demo` sets it) and the demo's own database file.

    Two marks, so that neither a stray variable nor a copied .env puts known passwords on a real server.
    """
    if os.environ.get("DEMO") != "1":
        raise DomainError(
            "没有演示标记（DEMO=1），不建立演示账号。演示请用 make demo；正式账号请用 manage.py account。"
        )
    name = str(connection.settings_dict["NAME"])
    if connection.vendor != "sqlite" or not name.endswith(DATABASE_FILE):
        raise DomainError(f"当前数据库不是演示数据库（{DATABASE_FILE}），不建立演示账号。演示请用 make demo。")
