"""活动台账, second sheet: what the activities brought."""

from typing import Any, ClassVar

from campaigns.ledgers.activities import HELD_ALIASES, HOST_ALIASES, NAME_ALIASES
from campaigns.ledgers.names import Names
from campaigns.models import Activity, ActivityState, Indicator
from members.ledgers.common import DATE_NOTE
from pingtang_union.core.cleaning import count, partial_date, text
from pingtang_union.core.dates import is_same_day
from pingtang_union.core.text import fold
from pingtang_union.ledger.context import Context
from pingtang_union.ledger.declaration import Column, Ledger, register
from pingtang_union.ledger.outcome import RowOutcome
from pingtang_union.ledger.reading.table import Table

_Known = tuple[int, str | None, int]  # id, day, union


@register
class OutcomeLedger(Ledger):
    """One indicator of one activity a row. The activity is meant by its name, and by day and union where several have
    it."""

    slug = "outcomes"
    title = "活动成果"
    purpose = "登记活动的成果，一个活动的一项成果写一行；活动要先登记。"
    order = 100
    words = ("活动成果", "成果统计")
    model_label = "campaigns.Outcome"
    told_by = ("activity_id", "indicator_id")
    sources: ClassVar = {
        "activity": "activity__name", "union": "activity__union__name", "held_on": "activity__held_on",
        "indicator": "indicator__name", "unit": "indicator__unit",
    }  # fmt: skip
    columns = (
        Column(
            "activity", "活动名称", text(100), NAME_ALIASES, note="与活动台账里的名称一致。",
            is_essential=True, is_required=True,
        ),
        Column("indicator", "成果项目", text(50), "成果 指标 成果名称", is_essential=True, is_required=True),
        Column("value", "数量", count(), "成果数量 数值 完成数量", is_essential=True, is_required=True),
        Column("unit", "单位", text(10), "计量单位"),
        Column(
            "held_on", "举办时间", partial_date(is_plan=True), HELD_ALIASES,
            note=f"同名活动办过几次时写明。{DATE_NOTE}",
        ),
        Column("union", "主办工会", text(100, squeeze=True), HOST_ALIASES, note="几个工会有同名活动时写明。"),
    )  # fmt: skip

    def given(self, queryset: Any, by: Any = None) -> Any:
        """Outcomes in the order of their activities."""
        rows = queryset.exclude(activity__state=ActivityState.CANCELLED)
        return rows.order_by("activity__held_on", "activity", "indicator__order", "pk")

    def resolve(self, table: Table, rows: list[RowOutcome], context: Context) -> None:
        """Unions, activities, indicators with their unit."""
        super().resolve(table, rows, context)
        indicators = Names(Indicator, "成果项目")
        known: dict[str, list[_Known]] = {}
        visible = Activity.objects.all() if context.by is None else Activity.objects.visible_to(context.by)
        for pk, key, day, union in visible.order_by().values_list("pk", "name_key", "held_on", "union_id"):
            known.setdefault(key, []).append((pk, day, union))
        for row in rows:
            self._find_activity(row, known, context)
            if "indicator" in row.values:
                self._find_indicator(row, indicators)

    @staticmethod
    def _find_activity(row: RowOutcome, known: dict[str, list[_Known]], context: Context) -> None:
        written, day = row.values.pop("activity", ""), row.values.pop("held_on", None)
        union = row.values.get("union_id")
        if not written:
            return
        fitting = [
            one for one in known.get(fold(written), [])
            if (not day or is_same_day(one[1], day)) and union in (None, one[2])
        ]  # fmt: skip
        if len(fitting) > 1:  # those of the same file come first: yearly ones keep their name
            own = context.notes.get("own activities", set())
            fitting = [one for one in fitting if one[0] in own] or fitting
        if len(fitting) == 1:
            row.values |= {"activity_id": fitting[0][0], "union_id": fitting[0][2]}
        elif fitting:
            row.reject("活动名称", f"活动名称：「{written}」登记过几次，请用「举办时间」和「主办工会」写明是哪一次。")
        else:
            row.reject(
                "活动名称", f"活动名称：没有登记过「{written}」，请先在活动台账里登记，名称要一致。",
                awaits_reference=True,
            )  # fmt: skip

    def _find_indicator(self, row: RowOutcome, indicators: Names) -> None:
        unit = row.values.pop("unit", "")
        pk, problem = indicators.find(row.values.pop("indicator"))
        if pk is None:
            row.reject("成果项目", f"成果项目：{problem}", awaits_reference=True)
            return
        row.values["indicator_id"] = pk
        counted_in = indicators.rows[pk].unit
        if unit and fold(unit) != fold(counted_in):
            row.reject("单位", f"单位：填的是「{unit}」，这项成果以「{counted_in}」计数，请换算后填写。")
