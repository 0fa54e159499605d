"""Rows of the office's lists by what ledgers call them, and the rules that read a row's words."""

from typing import Any

from campaigns.models import ActivityKind, ImportRule, Series
from campaigns.models.catalogue import Named
from pingtang_union.core.text import fold


class Names:
    """Rows of one list by any of their names."""

    def __init__(self, model: type[Named], noun: str):
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
        return None, (
            f"「{written}」不在{self.noun}目录里。目录里有：{known}；"
            "要增加的请联系县总工会经济技术与宣教部门，或在「台账归类规则」里添加规则。"
        )


class Sorter:
    """What gives a row its kind and series, read once a file."""

    def __init__(self) -> None:
        self.kinds, self.series = Names(ActivityKind, "活动类别"), Names(Series, "活动系列")
        self.rules = list(ImportRule.objects.all())
