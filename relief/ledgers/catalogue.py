"""Programmes and groups by any of their names."""

from typing import Any

from pingtang_union.core.text import fold
from relief.models import Group, Programme


class Names:
    """Rows of a code list by what they are called."""

    def __init__(self, model: type[Programme] | type[Group], noun: str):
        self.noun = noun
        self.rows: dict[int, Any] = {row.pk: row for row in model._default_manager.all()}
        self._by_key: dict[str, int] = {}
        for pk, row in self.rows.items():
            for word in (row.name, *row.other_names.split()):
                self._by_key.setdefault(fold(word), pk)

    def find(self, written: str) -> tuple[int | None, str]:
        """(id, ""), or (None, why not and what to do)."""
        pk = self._by_key.get(fold(written))
        if pk is not None:
            return pk, ""
        known = "、".join(row.name for row in self.rows.values() if row.is_in_use)
        return None, f"「{written}」不在{self.noun}目录里。目录里有：{known}；要增加的请联系县总工会帮扶部门。"
