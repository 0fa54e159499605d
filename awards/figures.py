"""Figures on honours: what the work report counts (典型选树). Declared here, computed by core.figures."""

from datetime import date

from django.db.models import Q
from django.db.models.functions import Substr

from awards.models import Award, HonourLevel, RecipientKind
from awards.models.awards import AwardQuerySet
from members.figures import NAMES_READ_WITH
from pingtang_union.core.figures import Column, Dimension, Figure, coded
from pingtang_union.sections import Card, Cards, Section, Table, Tiles

FIRST_YEAR = 2014  # the work report of 2018: 自2014年以来


def since_first_year(visible: AwardQuerySet, as_of: date) -> AwardQuerySet:
    """Honours given since FIRST_YEAR, by the day, and not revoked on it."""
    return visible.standing_on(as_of).filter(awarded_on__gte=str(FIRST_YEAR))


_columns = (
    Column("荣誉称号", lambda award: award.honour.title),
    Column("级别", lambda award: award.honour.get_level_display()),
    Column(
        label="获奖集体（个人）",
        value=lambda award: award.recipient,
        kind="name",
        is_person=lambda award: award.honour.is_for_person,
        read_with=NAMES_READ_WITH,
    ),
    Column("所在工会", lambda award: award.union.name),
    Column("授予时间", lambda award: award.awarded_on, "date"),
    Column("表彰文号", lambda award: award.document_number, "code"),
)
_dimensions = (
    coded("level", "级别", "honour__level", HonourLevel),
    Dimension("title", "荣誉称号", "honour__title", order="number"),
    Dimension("year", "授予年份", Substr("awarded_on", 1, 4)),
    Dimension("township", "所属乡镇（街道）", "union__township", order="number"),
    coded("kind", "授予对象", "honour__kind", RecipientKind),
)


def _awards(id: str, label: str, unit: str, note: str, where: Q | None = None) -> Figure:
    return Figure(
        id=f"awards.{id}",
        label=label,
        unit=unit,
        note=note,
        model=Award,
        population=since_first_year,
        where=where or Q(),
        since=date(FIRST_YEAR, 1, 1),
        columns=_columns,
        dimensions=_dimensions,
        related=("honour", "union"),
    )


def _title(code: str, label: str, unit: str = "个", title: str = "") -> Figure:
    """One title of the catalogue. label: what the report calls it; title: its whole name where the report shortens."""
    note = f"{FIRST_YEAR}年以来授予、当日没有撤销的「{title or label}」，授予一次计一{unit}"
    return _awards(code, label, unit, note, Q(honour__code=code))


FIGURES = (
    _awards("total", "获得荣誉", "项", f"{FIRST_YEAR}年以来授予、当日没有撤销的各级荣誉，授予一次计一项"),
    _title("national.model_home", "全国模范职工之家"),
    _title("national.model_small_home", "全国模范职工小家"),
    _title("province.model_home", "贵州省模范职工之家"),
    _title("province.model_small_home", "贵州省模范职工小家"),
    _title("province.may_day_award", "五一劳动奖", title="贵州省五一劳动奖"),
    _title("province.ethics_model", "贵州省行业道德标兵", "人"),
    _title("prefecture.may_day_certificate", "黔南州五一劳动奖状"),
    _title("prefecture.worker_pioneer", "黔南州工人先锋号"),
    _title("prefecture.may_day_medal", "黔南州五一劳动奖章", "人"),
    _title("prefecture.model_home", "黔南州模范职工之家"),
    _title("prefecture.five_star_union", "好花红五星级工会组织"),
    _title("prefecture.four_star_union", "黔南州好花红四星级工会组织", title="好花红四星级工会组织"),
    _title("county.pacesetter_post", "平塘县五一劳动标兵岗"),
    _title("county.women_post", "五一巾帼标兵岗", title="平塘县五一巾帼标兵岗"),
    _title("county.worker_pioneer", "工人先锋号", title="平塘县工人先锋号"),
    _title("county.craftsman", "平塘工匠"),
    _title("county.startup_star", "创业之星"),
    _title("county.pacesetter", "五一劳动标兵", "人", title="平塘县五一劳动标兵"),
    _title("county.women_pacesetter", "巾帼标兵", "人", title="平塘县巾帼标兵"),
)

_ALL = ("awards.total",)
_TITLES = tuple(
    Card(
        level.label, tuple((figure.label, figure.id) for figure in FIGURES if figure.id.startswith(f"awards.{level}."))
    )
    for level in HonourLevel
)
SECTIONS = (
    Section(
        slug="honours",
        title="典型选树",
        icon="medal",
        order=50,
        dates=("授予", "撤销荣誉"),
        lead=lambda day: f"{FIGURES[0].note}。",
        link=("荣誉阶梯：各级荣誉人数、空缺和可申报人选", "awards:ladder"),
        blocks=(
            Tiles(_ALL, by="level", label="{}荣誉"),
            Table(_ALL, slug="honour-levels", title="荣誉按级别", by="level"),
            Table(
                _ALL,
                slug="honour-years",
                title="荣誉按年份",
                by="year",
                across="level",
                chart="bar-stacked",
                every_year=True,
                empty="当日以前没有登记荣誉。",
            ),
            Cards(on=lambda day: _TITLES),
            Table(_ALL, slug="county-titles", title="县级荣誉按称号", by="title", within={"level": HonourLevel.COUNTY}),
        ),
    ),
)
