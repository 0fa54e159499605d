"""干部培训台账: the courses, and who attended them."""

from collections.abc import Mapping
from typing import Any, ClassVar

from members.ledgers.common import DATE_NOTE, GENDER, NAME, NOTE, UNION_ALIASES
from members.ledgers.namesakes import people_named
from members.models import Cadre, Training
from members.models.codes import RESULT_SYNONYMS, TRAINING_LEVEL_SYNONYMS, Result, TrainingLevel
from pingtang_union.core.cleaning import code, count, partial_date, text
from pingtang_union.core.dates import is_same_day
from pingtang_union.core.text import fold, fold_name
from pingtang_union.ledger import bulk
from pingtang_union.ledger.context import Context
from pingtang_union.ledger.declaration import Column, Ledger, register
from pingtang_union.ledger.outcome import RowOutcome
from pingtang_union.ledger.reading.table import Table, union_named_in

_COURSE_ALIASES = "培训主题 课程名称 参训班次 培训班 培训名称 培训班名 培训项目 培训内容 班次名称 培训班次"
_STARTED_ALIASES = "开始日期 起始时间 办班时间 开班日期 培训时间 培训日期 开始时间 举办时间 开班年月"


@register
class TrainingLedger(Ledger):
    """One course a row, kept by the union of its row, else by the one that the sheet names as reporting, else by the
    importer's own."""

    slug = "trainings"
    title = "干部培训台账（培训班）"
    purpose = "登记举办的培训班，一期一行。"
    order = 30
    words = ("培训台账", "培训班")
    model_label = "members.Training"
    orders = (("ended_on", "started_on"),)
    columns = (
        Column(
            "name", "培训班名称", text(100), _COURSE_ALIASES, is_essential=True, is_required=True, is_repetitive=False
        ),
        Column("place", "地点", text(50), "培训地点 举办地点 办班地点 培训场所 培训地 地址"),
        Column(
            "level",
            "级别",
            code(TrainingLevel.choices, TRAINING_LEVEL_SYNONYMS),
            "培训级别 班次级别 主办级别 举办级别",
        ),
        Column("started_on", "开班时间", partial_date(), _STARTED_ALIASES, note=DATE_NOTE, is_essential=True),
        Column("ended_on", "结束时间", partial_date(), "结业时间 结束日期 结业日期"),
        Column("days", "天数", count(3650), "培训天数 时长（天） 期限（天）"),
        Column("declared_attendees", "参训人数", count(), "培训人数 人数 参加人数 参训人次"),
        Column(
            "union",
            "登记单位",
            text(100, squeeze=True),
            "填报单位",
            note="登记这期培训班的工会；不填就是填报单位。",
        ),
        NOTE,
    )

    fold_key = staticmethod(fold)  # names of courses are told apart without their punctuation

    def resolve(self, table: Table, rows: list[RowOutcome], context: Context) -> None:
        """The recording union."""
        union_id, _problem = context.unions.find(union_named_in(table, ("填报单位", "工会名称", "主办单位")) or "-")
        if union_id is None:
            union_id = context.home
        super().resolve(table, rows, context)
        for row in rows:
            row.values.setdefault("union_id", union_id)
            row.values["name_key"] = fold(row.values.get("name", ""))

    def key(self, row: RowOutcome) -> Any:
        """A course is told by who keeps it, its name and its first day: yearly courses keep their name."""
        values = row.values
        return (values["union_id"], values["name_key"], values.get("started_on")) if values["name_key"] else None

    def stored(self, rows: list[RowOutcome], context: Context) -> Mapping[Any, Any]:
        """Stored courses by that key; a day known more or less exactly is still the same day."""
        kept: dict[tuple[int, str], list[Any]] = {}
        for stored in bulk.stored_among(Training.objects.all(), "name_key", {row.values["name_key"] for row in rows}):
            kept.setdefault((stored.union_id, stored.name_key), []).append(stored)
        by_key: dict[Any, Any] = {}
        for row in rows:
            started = row.values.get("started_on") or ""
            same = kept.get((row.values["union_id"], row.values["name_key"]), [])
            exact = [stored for stored in same if (stored.started_on or "") == started]
            fitting = exact or [stored for stored in same if is_same_day(stored.started_on, started)]
            if len(fitting) == 1:
                by_key[self.key(row)] = fitting[0]
            elif fitting:
                row.reject("开班时间", "开班时间：这段时间里登记过几期同名的培训班，请写明日期。")
        return by_key

    def commit(self, rows: list[RowOutcome], context: Context) -> None:
        """Write, and let the attendants of the same file find their courses first."""
        super().commit(rows, context)
        own: dict[str, set[int | None]] = context.notes.setdefault("courses", {})
        for row in rows:
            if row.is_open:
                own.setdefault(row.values["name_key"], set()).add(row.object_id)


@register
class AttendanceLedger(Ledger):
    """One person at one course a row. Attendants need not be cadres."""

    slug = "attendances"
    title = "干部培训台账（参训人员）"
    purpose = "登记参加培训班的人，一人参加一期写一行；培训班要先登记。"
    order = 40
    words = ("参训人员", "学员")
    model_label = "members.Attendance"
    told_by = ("training_id", "union_id", "name_key")
    sources: ClassVar = {
        "union": "union__name",
        "course": "training__name",
        "started_on": "training__started_on",
    }
    columns = (
        NAME,
        Column(
            "course",
            "培训班名称",
            text(100),
            _COURSE_ALIASES,
            note="与培训班台账里的名称一致。",
            is_essential=True,
            is_required=True,
        ),
        Column(
            "union",
            "所在工会",
            text(100, squeeze=True),
            f"{UNION_ALIASES} 所在单位 单位 工作单位 单位名称",
            note="写工会全称，与组织花名册一致。",
            is_essential=True,
            is_required=True,
        ),
        Column(
            "started_on", "开班时间", partial_date(), _STARTED_ALIASES, note="同名的培训班办过几期时，写明是哪一期。"
        ),
        GENDER,
        Column(
            "result",
            "考核结果",
            code(Result.choices, RESULT_SYNONYMS),
            "考试结果 考核成绩 考试成绩 培训成绩 成绩 结业情况 考核情况 是否合格",
        ),
        NOTE,
    )

    def resolve(self, table: Table, rows: list[RowOutcome], context: Context) -> None:
        """Courses, unions, and the cadre that a person is."""
        super().resolve(table, rows, context)
        courses: dict[str, list[tuple[int, str | None]]] = {}
        trainings = Training.objects.all() if context.by is None else Training.objects.visible_to(context.by)
        for pk, key, started_on in trainings.values_list("pk", "name_key", "started_on"):
            courses.setdefault(key, []).append((pk, started_on))
        for row in rows:
            if "name" in row.values:
                row.values["name_key"] = fold_name(row.values["name"])
            if "course" in row.values:
                self._find_course(row, courses, context)
        cadres = people_named(Cadre, {row.values["name_key"] for row in rows if "name_key" in row.values})
        for row in rows:
            same = cadres.get((row.values.get("union_id", 0), row.values.get("name_key", "")), [])
            if len(same) == 1:
                row.values["cadre_id"] = same[0][0]

    @staticmethod
    def _find_course(row: RowOutcome, courses: dict[str, list[tuple[int, str | None]]], context: Context) -> None:
        own: dict[str, set[int | None]] = context.notes.get("courses", {})
        written, day = row.values.pop("course"), row.values.pop("started_on", None)
        matches = courses.get(fold(written), [])
        if day:
            matches = [(pk, started) for pk, started in matches if is_same_day(started, day)]
        if len(matches) > 1:  # the courses of the same file come first: yearly ones keep their name
            matches = [course for course in matches if course[0] in own.get(fold(written), set())] or matches
        if len(matches) == 1:
            row.values["training_id"] = matches[0][0]
        elif matches:
            row.reject("培训班名称", f"培训班名称：「{written}」办过几期，请加一列「开班时间」写明是哪一期。")
        else:
            others = "别的单位（如上级工会）办的培训班，由那个单位登记参训人员。" if context.unions.is_limited else ""
            row.reject(
                "培训班名称",
                f"培训班名称：没有登记过「{written}」{'（' + day + '）' if day else ''}，请先在培训班表里登记，"
                f"名称要一致。{others}",
                awaits_reference=True,
            )
