"""Former values that a batch keeps sealed, for its undoing: of a record that whoever brought a row may not see, and of
columns that a ledger guards."""

from typing import Any

import orjson

from pingtang_union.core import crypto
from pingtang_union.ledger.models import ImportRow

KEY = "sealed"


def sealed_values(before: dict[str, Any], after: dict[str, Any]) -> dict[str, str]:
    """What stands in `ImportRow.before` instead of the values."""
    return {KEY: crypto.seal_bytes(orjson.dumps((before, after))).hex()}


def is_hidden(row: ImportRow) -> bool:
    """Whether nobody is shown anything of what the row replaced."""
    return row.before is not None and set(row.before) == {KEY}


def shown_before(row: ImportRow) -> dict[str, Any] | None:
    """The values before that stand open, None where there are none."""
    return {name: value for name, value in (row.before or {}).items() if name != KEY} or None


def values_of(row: ImportRow) -> tuple[dict[str, Any], dict[str, Any]]:
    """The values before and after, for the undoing."""
    kept, after = shown_before(row) or {}, row.after or {}
    if KEY not in (row.before or {}):
        return kept, after
    sealed = orjson.loads(crypto.unseal_bytes(bytes.fromhex(row.before[KEY])))  # type: ignore[index]  # it has the key
    return kept | sealed[0], after | sealed[1]
