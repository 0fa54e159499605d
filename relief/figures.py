"""Figures on relief: what the work report counts (维权帮带). Declared here, computed by core.figures."""

from datetime import date
from typing import Any

from django.db.models import Q
from django.db.models.functions import Substr

from members.models.codes import Category
from pingtang_union.core.figures import Column, Dimension, Figure, coded
from pingtang_union.money import yuan
from pingtang_union.sections import Section, Table, Tiles
from relief.models import CardIssue, CardKind, FileRecord, Grant, Slip, SlipState
from relief.models.cards import CardIssueQuerySet
from relief.models.codes import HardshipCategory
from relief.models.files import FileRecordQuerySet
from relief.models.grants import NAMES_READ_WITH, GrantQuerySet, person
from relief.models.slips import SlipQuerySet


def paid(visible: GrantQuerySet, as_of: date) -> GrantQuerySet:
    """Grants paid out by the day."""
    return visible.made_by(as_of)


def issued(visible: CardIssueQuerySet, as_of: date) -> CardIssueQuerySet:
    """Issues of cards until the day."""
    return visible.issued_by(as_of)


def answered(visible: SlipQuerySet, as_of: date) -> SlipQuerySet:
    """Slips that recipients answered by the day, without those of payments that came back."""
    return visible.of_paid().filter(answered_at__date__lte=as_of)


def on_file(visible: FileRecordQuerySet, as_of: date) -> FileRecordQuerySet:
    """Hardship files that stand on the day."""
    return visible.on_file_on(as_of)


_grant_columns = (
    Column("姓名", lambda grant: grant.name, "name", read_with=NAMES_READ_WITH),
    Column("人员类别", lambda grant: grant.group.name if grant.group else ""),
    Column("所在工会（住址）", lambda grant: grant.address or grant.union.name),
    Column("帮扶项目", lambda grant: grant.programme.name),
    Column("年度", lambda grant: grant.edition, "code"),
    Column("发放时间", lambda grant: grant.granted_on, "date"),
    Column("慰问金（元）", lambda grant: yuan(grant.cash), "number"),
    Column("物资折价（元）", lambda grant: yuan(grant.goods), "number"),
)
_grant_dimensions = (
    Dimension("programme", "帮扶项目", "programme__name", order="number"),
    Dimension("group", "人员类别", "group__name", order="number"),
    Dimension("year", "发放年份", Substr("granted_on", 1, 4)),
    Dimension("edition", "年度", "edition"),
    Dimension("township", "所属乡镇（街道）", "township", order="number"),
    Dimension(
        "festival", "节日慰问", "programme__is_festive", (("festive", "节日慰问", True), ("other", "日常帮扶", False))
    ),
    Dimension("fund", "资金", "plan__fund__name", order="number"),
)


def _grants(id: str, label: str, unit: str, note: str, **options: Any) -> Figure:
    return Figure(
        id=f"relief.{id}",
        label=label,
        unit=unit,
        note=note,
        model=Grant,
        population=paid,
        columns=_grant_columns,
        dimensions=_grant_dimensions,
        related=("union", "programme", "group"),
        doubtful=Q(id_index__isnull=True),
        doubt="没有登记证件号",
        **options,
    )


_CATEGORIES = tuple((one.value, str(one.label), one.value) for one in HardshipCategory if one != HardshipCategory.NONE)
_slip_columns = (
    Column("帮扶项目", lambda slip: slip.row.grant.programme.name),
    Column("发放批次", lambda slip: slip.row.batch.title),
    Column("收款人确认", lambda slip: slip.get_state_display()),
    Column("金额（元）", lambda slip: yuan(slip.row.amount), "number"),
)
_slip_dimensions = (
    coded("state", "收款人确认", "state", SlipState),
    Dimension("programme", "帮扶项目", "row__grant__programme__name", order="number"),
)

FIGURES = (
    _grants("amount", "慰问帮扶金额", "元", "当日以前发放的慰问金和慰问物资折价合计", sum_of="amount"),
    _grants("person_times", "受助人次", "人次", "当日以前发放的慰问和救助，一人发放一次计一人次"),
    _grants("persons", "受助人数", "人", "当日以前得到过慰问和救助的人，一人只计一次", distinct=person()),
    Figure(
        id="relief.slips_confirmed",
        label="收款人已确认",
        unit="份",
        note="当日以前收款人确认如数收到的回执份数，不含款项已退回的",
        model=Slip,
        population=answered,
        where=Q(state=SlipState.RECEIVED),
        columns=_slip_columns,
        dimensions=_slip_dimensions,
        related=("row__grant__programme", "row__batch"),
    ),
    Figure(
        id="relief.slips_answered",
        label="收款人已答复",
        unit="份",
        note="当日以前收款人答复的回执份数，含未收到和金额不符，不含款项已退回的",
        model=Slip,
        population=answered,
        columns=_slip_columns,
        dimensions=_slip_dimensions,
        related=("row__grant__programme", "row__batch"),
    ),
    Figure(
        id="relief.files",
        label="在档困难职工",
        unit="户",
        note="当日在档的困难职工家庭，一户计一份档案",
        model=FileRecord,
        population=on_file,
        columns=(
            Column("建档年度", lambda one: one.year, "code"),
            Column("所属乡镇（街道）", lambda one: one.township),
            Column("困难类别", lambda one: one.get_category_display()),
            Column("主要致困原因", lambda one: one.cause),
        ),
        dimensions=(
            Dimension("category", "困难类别", "category", _CATEGORIES),
            Dimension("township", "所属乡镇（街道）", "township", order="number"),
            Dimension("cause", "主要致困原因", "cause", order="number"),
        ),
    ),
    Figure(
        id="relief.service_cards",
        label="爱心服务卡",
        unit="张",
        note="当日以前发给各工会的爱心服务卡张数",
        model=CardIssue,
        population=issued,
        where=Q(kind=CardKind.SERVICE),
        sum_of="count",
        columns=(
            Column("领卡工会", lambda issue: issue.union.name),
            Column("卡种", lambda issue: issue.get_kind_display()),
            Column("合作单位", lambda issue: issue.partner),
            Column("发放时间", lambda issue: issue.issued_on, "date"),
            Column("张数", lambda issue: issue.count, "number"),
        ),
        dimensions=(
            coded("category", "工会类别", "union__category", Category),
            Dimension("year", "发放年份", Substr("issued_on", 1, 4)),
            Dimension("township", "所属乡镇（街道）", "union__township", order="number"),
            Dimension("partner", "合作单位", "partner", order="number"),
        ),
        related=("union",),
    ),
)

_BOTH = ("relief.amount", "relief.person_times")
SECTIONS = (
    Section(
        slug="relief",
        title="帮扶救助",
        icon="hand-heart",
        order=60,
        tiles=_BOTH,
        dates=("发放",),
        lead=lambda day: "慰问金和慰问物资按发放时间统计；账外历史记录（服务平台启用以前发放的）一并计入。",
        blocks=(
            Tiles(
                (
                    "relief.amount",
                    "relief.person_times",
                    "relief.persons",
                    "relief.service_cards",
                    "relief.files",
                    "relief.slips_answered",
                    "relief.slips_confirmed",
                )
            ),
            Table(_BOTH, slug="relief-programmes", title="按帮扶项目", by="programme", empty="当日以前没有登记发放。"),
            Table(_BOTH, slug="relief-groups", title="按人员类别", by="group", empty="当日以前没有登记发放。"),
            Table(_BOTH, slug="relief-years", title="按发放年份", by="year", every_year=True, chart="bar"),
            Table(_BOTH, slug="relief-townships", title="按乡镇（街道）", by="township"),
            Table(("relief.files",), slug="files-categories", title="在档困难职工按类别", by="category"),
            Table(("relief.service_cards",), slug="cards-years", title="爱心服务卡按年份", by="year", chart="bar"),
        ),
    ),
)
