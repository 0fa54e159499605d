"""Figures of organisation: unions, terms, cadres, training. Declared here, computed by core.figures."""

from datetime import date
from functools import partial
from typing import Any

from django.db.models import CharField, Q
from django.db.models.functions import Cast, Coalesce, Substr

from members.models import Attendance, Cadre, TermRule, Training, Union
from members.models.cadres import CadreQuerySet
from members.models.codes import CadreKind, Category, Duty, Level, Rank, TrainingLevel
from members.models.trainings import AttendanceQuerySet
from members.models.unions import UnionQuerySet
from pingtang_union.core.dates import display_partial, shift_months, shift_years
from pingtang_union.core.figures import Column, Dimension, Figure, coded
from pingtang_union.core.scope import ScopedQuerySet
from pingtang_union.sections import Card, Cards, Section, Table, Tiles

DUE_WITHIN_MONTHS = 6
# The lengths a record may state (constraint union_term_three_or_five).
TERM_LENGTHS = (3, 5)

# Who works with persons' records reads their names; for everybody else the pages mask them.
NAMES_READ_WITH = ("members.view_member", "members.view_cadre")

YES_NO = (("yes", "是", True), ("no", "否", False))


# --- Unions --------------------------------------------------------------------------------


def existing(visible: UnionQuerySet, as_of: date) -> UnionQuerySet:
    """Unions below the county that existed on the day."""
    return visible.counted().existing_on(as_of)


_union_columns = (
    Column("工会名称", lambda union: union.name),
    Column("类别", lambda union: union.get_category_display()),
    Column("单位性质", lambda union: union.get_nature_display()),
    Column("所属乡镇（街道）", lambda union: union.township),
    Column("建会时间", lambda union: union.set_up_on, "date"),
    Column("最近换届", lambda union: union.last_elected_on, "date"),
    Column("届期", lambda union: f"{union.term_years} 年" if union.term_years else ""),
    Column("会员人数（填报）", lambda union: union.members_total, "number"),
)
_union_dimensions = (
    coded("category", "类别", "category", Category),
    Dimension("township", "所属乡镇（街道）", "township", order="number"),
    Dimension("year", "建会年份", Substr("set_up_on", 1, 4)),
    Dimension("new_sector", "两新组织", "is_new_sector", YES_NO),
    coded("level", "工会层级", "level", Level),
)


def _unions(id: str, label: str, note: str, where: Q | None = None, population: Any = existing) -> Figure:
    return Figure(
        id=id,
        label=label,
        unit="个",
        note=note,
        model=Union,
        population=population,
        where=where or Q(),
        doubtful=Q(set_up_on__isnull=True),
        doubt="没有登记建会时间",
        columns=_union_columns,
        dimensions=_union_dimensions,
    )


# --- Terms ---------------------------------------------------------------------------------


def term_rule_on(day: date) -> TermRule | None:
    """The rule on lengths of a term in force on `day`; None before the first that is recorded."""
    return TermRule.objects.filter(in_force_from__lte=day).order_by("-in_force_from").first()


def due_window(as_of: date) -> tuple[date, date]:
    """First and last day on which a term counts as ending soon."""
    return as_of, shift_months(as_of, DUE_WITHIN_MONTHS)


def _ended_before(unions: UnionQuerySet, day: date, years: int) -> UnionQuerySet:
    """Unions whose term, `years` long, had surely ended before `day`: a month or a year alone only when it is over."""
    start = shift_years(day.isoformat(), -years)
    return unions.filter(last_elected_on__lt=start).exclude(last_elected_on__in=(start[:4], start[:7]))


def due_stated(visible: UnionQuerySet, as_of: date) -> UnionQuerySet:
    """Unions whose recorded term ends within the window."""
    unions, (first, last) = existing(visible, as_of), due_window(as_of)
    short, long = (unions.term_ends_between(first, last, years=years, stated=True) for years in TERM_LENGTHS)
    return short | long


def overdue_stated(visible: UnionQuerySet, as_of: date) -> UnionQuerySet:
    """Unions whose recorded term had ended before the day, with no later election on record."""
    unions = existing(visible, as_of)
    short, long = (_ended_before(unions.filter(term_years=years), as_of, years) for years in TERM_LENGTHS)
    return short | long


def _unstated(visible: UnionQuerySet, as_of: date, *, length: str, has_ended: bool) -> UnionQuerySet:
    """Unions without a recorded term that would end within the window, or would surely have ended, if it were as long
    as the rule in force has it: its "shortest_years" or "longest_years"."""
    rule, unions = term_rule_on(as_of), existing(visible, as_of)
    if rule is None:
        return unions.none()
    years = getattr(rule, length)
    if has_ended:
        return _ended_before(unions.filter(term_years__isnull=True), as_of, years)
    return unions.term_ends_between(*due_window(as_of), years=years, stated=False)


due_if_shortest = partial(_unstated, length="shortest_years", has_ended=False)
due_if_longest = partial(_unstated, length="longest_years", has_ended=False)
past_shortest = partial(_unstated, length="shortest_years", has_ended=True)
past_longest = partial(_unstated, length="longest_years", has_ended=True)


# --- Cadres --------------------------------------------------------------------------------


def in_post(visible: CadreQuerySet, as_of: date) -> CadreQuerySet:
    """Cadres and social workers in post on the day."""
    return visible.in_post_on(as_of)


_CADRE = Q(kind=CadreKind.CADRE)
_cadre_columns = (
    Column("姓名", lambda cadre: cadre.name, "name", read_with=NAMES_READ_WITH),
    Column("所在工会", lambda cadre: cadre.union.name),
    Column("工会职务（岗位）", lambda cadre: cadre.post),
    Column("行政职级", lambda cadre: cadre.get_rank_display()),
    Column("专（兼）职", lambda cadre: cadre.get_duty_display()),
    Column("任职（聘用）时间", lambda cadre: cadre.started_on, "date"),
)
_cadre_dimensions = (
    coded("rank", "行政职级", "rank", Rank),
    coded("duty", "专（兼）职", "duty", Duty),
    Dimension("township", "所属乡镇（街道）", "union__township", order="number"),
)


def _cadres(id: str, label: str, note: str, where: Q) -> Figure:
    return Figure(
        id=id,
        label=label,
        unit="人",
        note=note,
        model=Cadre,
        population=in_post,
        where=where,
        # A person in two posts counts once; without a number nobody can tell, and each row counts.
        distinct=Coalesce("id_index", Cast("pk", CharField())),
        doubtful=Q(started_on__isnull=True),
        doubt="没有登记任职（聘用）时间",
        columns=_cadre_columns,
        dimensions=_cadre_dimensions,
        related=("union",),
    )


def _rank(id: str, rank: Rank) -> Figure:
    note = f"在任工会干部中登记为{rank.label}的，不含社会化工会工作者"
    return _cadres(id, f"{rank.label}干部", note, _CADRE & Q(rank=rank))


# --- Training ------------------------------------------------------------------------------


def held(visible: AttendanceQuerySet, as_of: date) -> AttendanceQuerySet:
    """Attendances of courses that had begun by the day."""
    return visible.held_by(as_of)


def begun(visible: ScopedQuerySet, as_of: date) -> Any:
    """Courses that had begun by the day; one without a date counts, as its attendances do."""
    return visible.filter(Q(started_on__isnull=True) | Q(started_on__lte=as_of.isoformat()))


_attendance_columns = (
    Column("姓名", lambda attendance: attendance.name, "name", read_with=NAMES_READ_WITH),
    Column("所在工会", lambda attendance: attendance.union.name),
    Column("培训班", lambda attendance: attendance.training.name),
    Column("级别", lambda attendance: attendance.training.get_level_display()),
    Column("地点", lambda attendance: attendance.training.place),
    Column("开班时间", lambda attendance: attendance.training.started_on, "date"),
    Column("考核结果", lambda attendance: attendance.get_result_display()),
)
_training_columns = (
    Column("培训班名称", lambda training: training.name),
    Column("登记单位", lambda training: training.union.name),
    Column("级别", lambda training: training.get_level_display()),
    Column("地点", lambda training: training.place),
    Column("开班时间", lambda training: training.started_on, "date"),
    Column("天数", lambda training: training.days, "number"),
    Column("参训人数（填报）", lambda training: training.declared_attendees, "number"),
)


def _attendances(id: str, label: str, unit: str, which: str, where: Q | None = None) -> Figure:
    return Figure(
        id=f"cadres.{id}",
        label=label,
        unit=unit,
        note=f"当日以前开班{which}的参训记录，一人参加一期计一{unit}",
        model=Attendance,
        population=held,
        where=where or Q(),
        doubtful=Q(training__started_on__isnull=True),
        doubt="没有登记开班时间",
        columns=_attendance_columns,
        related=("union", "training"),
        dimensions=(
            coded("level", "培训班级别", "training__level", TrainingLevel),
            Dimension("township", "所属乡镇（街道）", "union__township", order="number"),
        ),
    )


_PROVINCE, _COUNTY = (Q(training__level=level) for level in (TrainingLevel.PROVINCE, TrainingLevel.COUNTY))
_XIAMEN, _GUANGZHOU = (Q(training__place__contains=place) for place in ("厦门", "广州"))
FIGURES = (
    _unions(
        "unions.total", "基层工会", "当日存在的县总工会以下各级工会，筹备中和已撤销的除外；没有登记建会时间的也计入"
    ),
    _unions("unions.organ", "机关工会", "当日存在的工会中，类别为机关工会的", Q(category=Category.ORGAN)),
    _unions("unions.enterprise", "企业工会", "当日存在的工会中，类别为企业工会的", Q(category=Category.ENTERPRISE)),
    _unions(
        "unions.new_sector", "两新组织工会", "当日存在的工会中，登记为新经济组织、新社会组织的", Q(is_new_sector=True)
    ),
    _unions(
        "unions.term_stated",
        "已登记届期的工会",
        "当日存在的工会中，登记了届期（3 年或 5 年）的",
        Q(term_years__isnull=False),
    ),
    _unions(
        "unions.term_due_stated",
        "已登记届期、六个月内届满",
        "登记了届期的工会，最近换届时间加届期落在当日起六个月内",
        population=due_stated,
    ),
    _unions(
        "unions.term_overdue_stated",
        "已登记届期、已过届满时间",
        "登记了届期的工会，最近换届时间加届期早于当日，且没有登记新的换届",
        population=overdue_stated,
    ),
    _unions(
        "unions.term_unstated",
        "未登记届期的工会",
        "当日存在的工会中，没有登记届期（3 年或 5 年）的",
        Q(term_years__isnull=True),
    ),
    _unions(
        "unions.term_due_if_shortest",
        "未登记届期、如按最短届期则六个月内届满",
        "没有登记届期的工会，假定届期为当日有效规定的最短年限推算，不是实际届期",
        population=due_if_shortest,
    ),
    _unions(
        "unions.term_due_if_longest",
        "未登记届期、如按最长届期则六个月内届满",
        "没有登记届期的工会，假定届期为当日有效规定的最长年限推算，不是实际届期",
        population=due_if_longest,
    ),
    _unions(
        "unions.term_past_longest",
        "未登记届期、距最近换届已超过最长届期",
        "没有登记届期的工会，距最近换届已超过当日有效规定的最长年限：届期不论几年，都已届满",
        population=past_longest,
    ),
    _unions(
        "unions.election_unrecorded",
        "未登记换届时间的工会",
        "当日存在的工会中，没有登记最近换届时间、无法推算届满的",
        Q(last_elected_on__isnull=True),
    ),
    _cadres("cadres.total", "工会干部", "当日在任的工会干部，不含社会化工会工作者；没有登记任职时间的也计入", _CADRE),
    _rank("cadres.deputy_county", Rank.DEPUTY_COUNTY),
    _rank("cadres.section_chief", Rank.SECTION_CHIEF),
    _rank("cadres.deputy_section", Rank.DEPUTY_SECTION),
    _rank("cadres.unit_level", Rank.UNIT_LEVEL),
    _cadres("cadres.social_workers", "社会化工会工作者", "当日在聘的社会化工会工作者", Q(kind=CadreKind.SOCIAL_WORKER)),
    _attendances("leadership_training", "省级培训班参训", "人次", "的省级培训班", _PROVINCE),
    _attendances("training_xiamen", "赴厦门参训", "名", "、地点在厦门的培训班", _XIAMEN),
    _attendances("training_guangzhou", "赴广州参训", "名", "、地点在广州的培训班", _GUANGZHOU),
    _attendances("grassroots_trained", "县级培训班参训", "名", "的县级培训班", _COUNTY),
    _attendances("training_attendances", "参加培训", "人次", "的各级培训班"),
    Figure(
        id="trainings.courses",
        label="培训班",
        unit="期",
        note="当日以前开班的培训班；没有登记开班时间的也计入",
        model=Training,
        population=begun,
        doubtful=Q(started_on__isnull=True),
        doubt="没有登记开班时间",
        columns=_training_columns,
        related=("union",),
        dimensions=(coded("level", "培训班级别", "level", TrainingLevel),),
    ),
)


# --- Sections of the dashboard -------------------------------------------------------------


def _due_words(as_of: date) -> str:
    first, last = (display_partial(day.isoformat()) for day in due_window(as_of))
    return f"六个月内：{first}至{last}。"


def _term_cards(as_of: date) -> tuple[Card, ...]:
    """What is recorded and what is only reckoned stay apart; without a rule in force nothing is reckoned."""
    rule = term_rule_on(as_of)
    reckoned: tuple[tuple[str, str], ...] = ()
    note = "这些工会未登记届期，系统中也没有当日有效的届期规定，不作推算。"
    if rule is not None:
        shortest, longest = rule.shortest_years, rule.longest_years
        note = (
            f"这些工会未登记届期，届满时间不确定。以下按{rule.document}规定的"
            f"最短 {shortest} 年、最长 {longest} 年推算，供核对批复时参考。"
        )
        reckoned = (
            (f"届期按最短 {shortest} 年计，六个月内届满", "unions.term_due_if_shortest"),
            (f"届期按最长 {longest} 年计，六个月内届满", "unions.term_due_if_longest"),
            (f"距最近换届已超过最长 {longest} 年，均已届满", "unions.term_past_longest"),
        )
    recorded = (
        ("已登记届期", "unions.term_stated"),
        ("六个月内届满", "unions.term_due_stated"),
        ("已过届满时间，没有登记新的换届", "unions.term_overdue_stated"),
    )
    unrecorded = (("没有登记最近换届时间，无法推算", "unions.election_unrecorded"),)
    return (
        Card("已登记届期的工会", recorded, "届期按批复登记，届满时间是确定的。"),
        Card("未登记届期的工会", (("未登记届期", "unions.term_unstated"), *reckoned), note),
        Card("未登记换届时间的工会", unrecorded),
    )


_ALL = ("unions.total",)
_COURSES = ("trainings.courses", "cadres.training_attendances")
_COURSE_TILES = ("leadership_training", "training_xiamen", "training_guangzhou", "grassroots_trained")
SECTIONS = (
    Section(
        slug="unions",
        title="基层工会",
        icon="network",
        order=10,
        dates=("建会", "撤销"),
        tiles=("unions.total", "unions.organ", "unions.enterprise", "unions.new_sector"),
        blocks=(
            Table(_ALL, slug="category", title="基层工会按类别", by="category"),
            Table(_ALL, slug="new-sector", title="两新组织覆盖", by="new_sector"),
            Table(_ALL, slug="township", title="基层工会按乡镇（街道）", by="township"),
            Table(_ALL, slug="year", title="基层工会按建会年份", by="year", chart="bar"),
        ),
    ),
    Section(
        "terms", "换届提醒", "calendar-sync", 20, dates=("换届",), lead=_due_words, blocks=(Cards(on=_term_cards),)
    ),
    Section(
        slug="cadres",
        title="工会干部",
        icon="id-card",
        order=30,
        dates=("任职", "离任"),
        tiles=("cadres.total", "cadres.social_workers"),
        blocks=(Table(("cadres.total",), slug="rank", title="工会干部按行政职级", by="rank"),),
    ),
    Section(
        slug="trainings",
        title="教育培训",
        icon="graduation-cap",
        order=40,
        dates=("开班",),
        tiles=_COURSES,
        blocks=(
            Table(_COURSES, slug="courses", title="培训班和参加培训按级别", by="level"),
            Tiles(tuple(f"cadres.{id}" for id in _COURSE_TILES)),
        ),
    ),
)
