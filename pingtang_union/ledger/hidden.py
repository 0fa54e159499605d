"""Former values of a record that whoever brought a row may not see: a batch keeps them sealed, for its undoing."""

from typing import Any

import orjson

from pingtang_union.core import crypto
from pingtang_union.ledger.models import ImportRow

KEY = "sealed"


def sealed_values(before: dict[str, Any], after: dict[str, Any]) -> dict[str, str]:
    """What stands in `ImportRow.before` instead of the values."""
    return {KEY: crypto.seal_bytes(orjson.dumps((before, after))).hex()}


def is_hidden(row: ImportRow) -> bool:
    """Whether nobody is shown what the row replaced."""
    return KEY in (row.before or {})


def values_of(row: ImportRow) -> tuple[dict[str, Any], dict[str, Any]]:
    """The values before and after, for the undoing."""
    kept = row.before or {}
    if not is_hidden(row):
        return kept, row.after or {}
    before, after = orjson.loads(crypto.unseal_bytes(bytes.fromhex(kept[KEY])))
    return before, after
