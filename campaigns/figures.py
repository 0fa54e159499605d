"""Figures on activities: what the work report counts. Declared here, computed by core.figures. Kinds and indicators
are told by what the office says they count as, never by their names."""

from datetime import date

from django.db.models import Q

from campaigns.models import Activity, IndicatorGroup, KindGroup, Outcome
from campaigns.models.activities import ActivityQuerySet
from campaigns.models.codes import ActivityState
from pingtang_union.core.figures import Column, Dimension, Figure
from pingtang_union.core.scope import ScopedQuerySet
from pingtang_union.money import yuan
from pingtang_union.sections import Section, Table, Tiles


def held(visible: ActivityQuerySet, as_of: date) -> ActivityQuerySet:
    """Activities held by the day."""
    return visible.held_by(as_of)


def brought(visible: ScopedQuerySet, as_of: date) -> ScopedQuerySet:
    """Outcomes of activities held by the day."""
    return visible.filter(activity__state=ActivityState.HELD, activity__held_on__lte=as_of.isoformat())


def _dimensions(way: str) -> tuple[Dimension, ...]:
    return (
        Dimension("kind", "活动类别", f"{way}kind__name", order="number"),
        Dimension("year", "年份", f"{way}year"),
        Dimension("series", "活动系列", f"{way}series__name", order="number"),
        Dimension("township", "所属乡镇（街道）", f"{way}union__township", order="number"),
        Dimension("system", "所属系统", f"{way}union__system", order="number"),
    )


def _activities(id: str, label: str, unit: str, note: str, *groups: KindGroup, sum_of: str = "headcount") -> Figure:
    return Figure(
        id=f"campaigns.{id}", label=label, unit=unit, note=f"当日以前{note}", model=Activity, population=held,
        where=Q(kind__group__in=groups) if groups else Q(), sum_of=sum_of, columns=_columns,
        dimensions=_dimensions(""), related=("union", "kind"),
        doubtful=Q(declared__isnull=True, signed_up__isnull=True), doubt="没有填报人数",
    )  # fmt: skip


def _outcomes(id: str, label: str, unit: str, note: str, group: IndicatorGroup) -> Figure:
    return Figure(
        id=f"campaigns.{id}", label=label, unit=unit, note=f"当日以前举办的活动{note}", model=Outcome,
        population=brought, where=Q(indicator__group=group), sum_of="value",
        columns=(
            Column("活动名称", lambda one: one.activity.name),
            Column("主办工会", lambda one: one.activity.union.name),
            Column("举办时间", lambda one: one.activity.held_on, "date"),
            Column("成果项目", lambda one: one.indicator.name),
            Column("数量", lambda one: one.value, "number"),
            Column("单位", lambda one: one.indicator.unit),
        ),
        dimensions=_dimensions("activity__"), related=("activity__union", "indicator"),
    )  # fmt: skip


_columns = (
    Column("活动名称", lambda one: one.name),
    Column("活动类别", lambda one: one.kind.name),
    Column("主办工会", lambda one: one.union.name),
    Column("举办时间", lambda one: one.held_on, "date"),
    Column("场次（期数）", lambda one: one.sessions, "number"),
    Column("参加人数", lambda one: one.headcount, "number"),
    Column("经费（元）", lambda one: yuan(one.spent), "number"),
)
_K, _I = KindGroup, IndicatorGroup
_HEADS = "人数以填报的参加人数为准，没有填报的按报名人数"

FIGURES: tuple[Figure, ...] = (
    _activities("activities", "举办活动", "次", "举办的各类活动次数", sum_of=""),
    _activities("participants", "参加活动", "人次", f"举办的各类活动的参加人数合计，{_HEADS}"),
    _activities(
        "contest_participants", "参加竞赛职工", "人次", f"举办的劳动竞赛和技能竞赛的参加人数合计，{_HEADS}",
        _K.LABOUR, _K.SKILL,
    ),
    _activities("march8_hike_participants", "职工徒步走", "人次", f"举办的职工徒步走的参加人数合计，{_HEADS}", _K.HIKE),
    _outcomes("essays", "读书征文", "篇", "收到的征文合计", _I.ESSAYS),
    _outcomes("handbooks", "发放维权手册", "册", "发放的维权手册合计", _I.HANDBOOKS),
    _outcomes("recruiters", "联系招聘企业", "家", "联系的招聘企业合计，一家参加几场计几家", _I.RECRUITERS),
    _outcomes("jobs_offered", "提供就业岗位", "个", "提供的就业岗位合计", _I.JOBS),
    _outcomes("youth_trained", "推荐待业青年参训", "人", "推荐参加技能培训的人数合计", _I.REFERRED),
    _activities(
        "employment_trainings", "就业创业宣传培训", "次", "举办的就业创业培训次数", _K.EMPLOYMENT, sum_of=""
    ),
    _activities(
        "employment_training_people", "就业创业受训人数", "人次", f"举办的就业创业培训的参加人数合计，{_HEADS}",
        _K.EMPLOYMENT,
    ),
    _outcomes("employed", "实现就业", "人", "带动实现就业的人数合计", _I.EMPLOYED),
    _activities(
        "congress_study_leaders", "基层工会负责人专题培训", "个", f"举办的专题培训的参加人数合计，{_HEADS}", _K.LEADERS
    ),
    _activities("guides_trained", "培训解说员", "名", f"举办的导游（解说员）培训的参加人数合计，{_HEADS}", _K.GUIDES),
    _activities(
        "guide_courses", "导游（解说员）培训", "期", "举办的导游（解说员）培训期数合计", _K.GUIDES, sum_of="sessions"
    ),
    _activities(
        "hotel_staff_trained", "培训宾馆酒店及农家乐从业人员", "人次", f"举办的从业人员培训的参加人数合计，{_HEADS}",
        _K.HOTELS,
    ),
    _activities(
        "hotel_staff_courses", "宾馆酒店及农家乐从业人员培训", "期", "举办的从业人员培训期数合计", _K.HOTELS,
        sum_of="sessions",
    ),
    _activities("volunteers", "志愿者", "名", f"举办的志愿服务的参加人数合计，{_HEADS}", _K.VOLUNTEERS),
    _activities("seconded_cadres", "抽调干部", "名", f"抽调服务中心工作的干部人数合计，{_HEADS}", _K.SECONDED),
)  # fmt: skip

_BOTH = ("campaigns.activities", "campaigns.participants")
SECTIONS = (
    Section(
        slug="campaigns",
        title="活动竞赛",
        icon="flag",
        order=55,
        tiles=_BOTH,
        dates=("举办",),
        lead=lambda day: "活动按举办时间统计，只写到月或年的从当月、当年起计入；已取消的不计。",
        link=("年度活动计划", "campaigns:plan"),
        blocks=(
            Tiles(tuple(figure.id for figure in FIGURES[2:])),
            Table(_BOTH, slug="activities-kinds", title="按活动类别", by="kind"),
            Table(_BOTH, slug="activities-years", title="按年份", by="year", every_year=True, chart="bar"),
            Table(_BOTH, slug="activities-townships", title="按乡镇（街道）", by="township"),
            Table(_BOTH, slug="activities-systems", title="按系统", by="system"),
        ),
    ),
)
