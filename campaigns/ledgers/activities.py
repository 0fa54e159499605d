"""活动台账, first sheet: the activities."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from campaigns.ledgers.names import Sorter
from campaigns.models import Activity, ActivityState
from campaigns.models.activities import PUBLIC_TEXTS, is_to_come
from campaigns.models.catalogue import meant
from members.ledgers.common import DATE_NOTE, NOTE
from pingtang_union.core.cleaning import count, partial_date, text
from pingtang_union.core.dates import is_same_day
from pingtang_union.core.text import fold
from pingtang_union.files.privacy import public
from pingtang_union.ledger import bulk
from pingtang_union.ledger.context import Context
from pingtang_union.ledger.declaration import Column, Ledger, register
from pingtang_union.ledger.models import Verdict
from pingtang_union.ledger.outcome import RowOutcome
from pingtang_union.ledger.reading.table import Table, union_named_in
from pingtang_union.money import money

NAME_ALIASES = "活动 活动项目 活动主题名称 项目名称"
HELD_ALIASES = "活动时间 举办日期 开展时间 活动日期 开始时间"
HOST_ALIASES = "主办单位 举办单位 主办方 承办工会 主办"


@register
class ActivityLedger(Ledger):
    """One activity a row, kept by the union that holds it. What came by a ledger with a head-count was held."""

    slug = "activities"
    title = "活动台账"
    purpose = "登记举办的活动，一次（一期）一行。"
    order = 90
    words = ("活动台账", "系列活动")
    model_label = "campaigns.Activity"
    orders = (("ended_on", "held_on"),)
    added_up = ("declared", "spent", "budget")
    sources: ClassVar = {"kind": "kind__name", "series": "series__name", "union": "union__name"}
    columns = (
        Column(
            "name", "活动名称", public(text(100)), NAME_ALIASES,
            is_essential=True, is_required=True, is_repetitive=False,
        ),
        Column(
            "kind", "类别", text(50), "活动类别 活动类型 类型 项目类别", is_required=True,
            note="与业务管理里「活动类别」的名称一致；常用的其他写法按「台账归类规则」归类。",
        ),
        Column("theme", "主题", public(text(100)), "活动主题"),
        Column(
            "union", "主办工会", text(100, squeeze=True), HOST_ALIASES,
            note="写工会全称，与组织花名册一致；不填就是填报单位。", is_essential=True,
        ),
        Column("partners", "协办单位", public(text(200)), "协办 联合单位 合作单位 参与单位"),
        Column(
            "held_on", "举办时间", partial_date(is_plan=True), HELD_ALIASES, note=DATE_NOTE,
            is_essential=True, is_required=True,
        ),
        Column("ended_on", "结束时间", partial_date(is_plan=True), "结束日期"),
        Column("place", "地点", public(text(50)), "举办地点 活动地点"),
        Column("sessions", "场次（期数）", count(999), "场次 期数 次数", note="不填按 1 场（期）登记。"),
        Column("declared", "参加人数", count(), "参与人数 参加人次 人数 参与人次 参加职工人数"),
        Column("budget", "预算（元）", money, "经费预算"),
        Column("spent", "经费（元）", money, "经费 支出 经费支出 活动经费 使用经费"),
        Column("series", "活动系列", text(50), "所属系列 系列", note="不填的按「台账归类规则」归入。"),
        NOTE,
    )  # fmt: skip

    fold_key = staticmethod(fold)  # names of activities are told apart without their punctuation

    def given(self, queryset: Any, by: Any = None) -> Any:
        """What was held or is planned, in the order of days."""
        return queryset.exclude(state=ActivityState.CANCELLED).order_by("held_on", "pk")

    def contradictions(self, values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """Also a head-count of what is still to come, and no session at all."""
        yield from super().contradictions(values)
        if values.get("declared") is not None and is_to_come(values.get("held_on")):
            yield "参加人数", "参加人数：举办时间还没有到，举办后再填"
        if values.get("sessions") == 0:
            yield self.label("sessions"), f"{self.label('sessions')}：应大于零"

    def resolve(self, table: Table, rows: list[RowOutcome], context: Context) -> None:
        """Unions, kinds and series."""
        if "activities" not in context.notes:  # once a file, whatever sheets it has
            context.notes["activities"] = Sorter()
        sorter: Sorter = context.notes["activities"]
        reporting, _problem = context.unions.find(union_named_in(table, ("填报单位", "主办单位", "工会名称")) or "-")
        super().resolve(table, rows, context)
        for row in rows:
            values = row.values
            values.setdefault("union_id", reporting or context.home)
            values["name_key"] = fold(values.get("name", ""))
            if values.get("declared") is not None:
                values["state"] = ActivityState.HELD.value
            self._sort(row, sorter)

    def _sort(self, row: RowOutcome, sorter: Sorter) -> None:
        values = row.values
        category, written = values.pop("kind", ""), values.pop("series", "")
        kind, series = meant(sorter.rules, values.get("name", ""), category, values.get("theme", ""))
        for name, found, word, names in (
            ("kind", kind, category, sorter.kinds), ("series", series, written, sorter.series),
        ):  # fmt: skip
            problem = ""
            if word and (found is None or name == "series"):  # a series that is written down is meant
                found, problem = names.find(word)
            if problem:
                row.reject(self.label(name), f"{self.label(name)}：{problem}", awaits_reference=True)
            elif found is not None:
                values[f"{name}_id"] = found

    def key(self, row: RowOutcome) -> Any:
        """An activity is told by who holds it, its name and its day: yearly ones keep their name."""
        values = row.values
        return (values["union_id"], values["name_key"], values.get("held_on")) if values["name_key"] else None

    def stored(self, rows: list[RowOutcome], context: Context) -> Mapping[Any, Any]:
        """Stored activities by that key: of the same day, known more or less exactly, else the one that was planned
        for the year."""
        records = Activity.objects.all() if context.by is None else Activity.objects.visible_to(context.by)
        kept: dict[tuple[int, str], list[Any]] = {}
        for stored in bulk.stored_among(records, "name_key", {row.values["name_key"] for row in rows}):
            kept.setdefault((stored.union_id, stored.name_key), []).append(stored)
        by_key: dict[Any, Any] = {}
        for row in rows:
            day = row.values.get("held_on") or ""
            same = kept.get((row.values["union_id"], row.values["name_key"]), [])
            fitting = [one for one in same if one.held_on == day]
            fitting = fitting or [one for one in same if is_same_day(one.held_on, day)]
            fitting = fitting or [
                one for one in same if one.state == ActivityState.PLANNED and one.held_on[:4] == day[:4]
            ]
            if len(fitting) == 1:
                by_key[self.key(row)] = fitting[0]
            elif fitting:
                row.reject("举办时间", "举办时间：这段时间里登记过几次同名的活动，请写明日期。")
        return by_key

    def compare(self, row: RowOutcome, existing: Any, context: Context) -> None:
        """What two people made public isn't reworded by a ledger."""
        super().compare(row, existing, context)
        if row.verdict == Verdict.CHANGED and existing.published_by_id and {*PUBLIC_TEXTS} & {*(row.before or ())}:
            row.reject("活动名称", "这个活动已经公开，名称、主题、地点和协办单位不能用台账修改，请在活动页面修改。")

    def complete(self, row: RowOutcome, context: Context) -> None:
        """Without a head-count, what is over was held all the same."""
        state = ActivityState.PLANNED if is_to_come(row.values.get("held_on")) else ActivityState.HELD
        row.values.setdefault("state", state.value)

    def commit(self, rows: list[RowOutcome], context: Context) -> None:
        """Write, and let the outcomes of the same file find their activities first."""
        super().commit(rows, context)
        own: set[int | None] = context.notes.setdefault("own activities", set())
        own.update(row.object_id for row in rows if row.is_open)
