"""The demo's selection round with nominations at several stages, and its scheme of stars: so that every desk finds
something to do. What the round asks for follows published calls; the marks of the scheme are made up and say so."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from awards.models import (
    AppliesTo,
    Honour,
    Nomination,
    NomineeKind,
    OpinionVerdict,
    SelectionRound,
    StarScheme,
    Trait,
    VetoKind,
)
from awards.services import answer_vetoes, record_opinion, score_nomination, start_nomination, tick_papers
from members.models import Union, User
from pingtang_union.core.demo import refuse_unless_demo
from pingtang_union.ledger.context import Context
from pingtang_union.workflow.moving import perform

ROUND_TITLE = "五一劳动标兵和标兵岗评选推荐（演示）"
SCHEME_TITLE = "好花红星级工会评定标准（演示，分值不是正式规定）"
_OPEN_DAYS = 30
_HONOURS = ("county.pacesetter", "county.pacesetter_post", "prefecture.may_day_medal")
# (paper, for whom, copies, whether a scan is asked for)
_PAPERS = (
    ("推荐审批表", AppliesTo.ALL, 3, False),
    ("职工代表大会（职工大会）讨论通过的会议纪要", AppliesTo.ALL, 2, False),
    ("单位公示情况说明", AppliesTo.ALL, 2, False),
    ("劳动合同复印件", AppliesTo.MIGRANT, 1, False),
    ("干部管理部门意见", AppliesTo.CADRE, 1, False),
    ("企业负责人征求意见表", AppliesTo.ENTERPRISE_HEAD, 1, False),
)
_DEPARTMENTS = (
    ("县纪委监委", AppliesTo.CADRE),
    ("县委组织部", AppliesTo.CADRE),
    ("县市场监督管理局", AppliesTo.ENTERPRISE_HEAD),
    ("县税务局", AppliesTo.ENTERPRISE_HEAD),
    ("县应急管理局", AppliesTo.COLLECTIVE),
)
# Shares of the national selection of 2024, and a region's cap on heads of enterprises (DOMAIN 3).
_RATIOS = (
    (Trait.INDUSTRIAL, "at_least", 35),
    (Trait.FRONT_LINE, "at_least", 20),
    (Trait.SCIENCE_EDUCATION, "at_least", 20),
    (Trait.MIGRANT, "at_least", 10),
    (Trait.NON_PUBLIC, "at_least", 35),
    (Trait.ENTERPRISE_HEAD, "at_most", 13),
)
_DIMENSIONS = (
    ("组织建设", (("依法建会、按期换届，班子健全", 10), ("会员实名登记，入会率达到要求", 10))),
    ("队伍建设", (("专（兼）职干部到位，参加培训", 10), ("女职工委员会、经审会同步建立", 10))),
    ("载体活动", (("开展劳动竞赛、技能比武", 10), ("开展职工文体活动和“五一”活动", 10))),
    ("制度机制", (("职代会、厂务公开制度落实", 10), ("集体合同、工资集体协商签订", 10))),
    ("工作绩效", (("困难职工帮扶、慰问落实", 10), ("职工满意度测评", 10))),
)
_THRESHOLDS = ((5, 90), (4, 80), (3, 70))


def open_round() -> bool:
    """Open the round and lead its nominations on; returns whether that happened now. A round of that title stays as it
    is. Raises DomainError outside the demo."""
    refuse_unless_demo()
    county = Union.objects.get(pk=Context().home)
    if SelectionRound.objects.filter(union=county, title=ROUND_TITLE).exists():
        return False
    today = timezone.localdate()
    round_ = SelectionRound.objects.create(
        union=county,
        title=ROUND_TITLE,
        year=today.year,
        opens_on=today,
        closes_on=today + timedelta(days=_OPEN_DAYS),
        recommend_by=today + timedelta(days=_OPEN_DAYS + 7),
        county_places=60,
        objection_contact="平塘县总工会经济技术与宣教（演示，没有真的电话）",
        note="推荐面向基层和一线。",
    )
    round_.honours.set(Honour.objects.filter(code__in=_HONOURS))
    for place, (title, applies_to, copies, needs_file) in enumerate(_PAPERS, 1):
        round_.papers.create(title=title, applies_to=applies_to, copies=copies, needs_file=needs_file, order=place * 10)
    for place, (department, applies_to) in enumerate(_DEPARTMENTS, 1):
        round_.opinions.create(department=department, applies_to=applies_to, order=place * 10)
    for kind in VetoKind.values:
        round_.vetoes.create(kind=kind, period="近三年内" if kind in ("safety", "arrears", "pollution") else "")
    for trait, bound, percent in _RATIOS:
        round_.ratios.create(trait=trait, bound=bound, percent=percent)
    people = {user.username: user for user in User.objects.all()}
    round_.quotas.create(union=people["pingzhou"].union, places=5)
    round_.quotas.create(system="教育", places=4)
    _nominate(round_, people)
    return True


def _nominate(round_: SelectionRound, people: dict[str, User]) -> None:
    """One in publicity, one that waits for the township, one that came back, three that wait for the county."""
    shown = _fill(round_, people["chaye"], "韦春芽", NomineeKind.INDUSTRIAL, "制茶车间班长", is_migrant=True)
    shown = perform(shown, "submit", by=people["chaye"])
    shown = perform(shown, "recommend", by=people["pingzhou"], seen=shown.revision, reason="长期在一线，职工公认")
    scored = score_nomination(nomination=shown, score=Decimal("92.5"), by=people["xuanjiao"])
    shown = perform(scored, "approve", by=people["xuanjiao"], seen=scored.revision)
    perform(shown, "publicise", by=people["xuanjiao"], seen=shown.revision)
    waiting = _fill(round_, people["chaye"], "罗采青", NomineeKind.FRONT_LINE, "采摘组组长", is_migrant=True)
    perform(waiting, "submit", by=people["chaye"])
    returned = _fill(round_, people["zilaishui"], "陆清泉", NomineeKind.INDUSTRIAL, "管网维修工")
    returned = perform(returned, "submit", by=people["zilaishui"])
    perform(
        returned,
        "return",
        by=people["xuanjiao"],
        seen=returned.revision,
        reason="事迹写得笼统，请补充近两年的具体事例和数字",
    )
    for name in ("检验科微生物组", "药剂科窗口组", "急诊科护理组"):
        team = _fill(
            round_, people["yiyuan"], name, NomineeKind.COLLECTIVE, "", code="county.pacesetter_post",
            is_non_public=False,
        )  # fmt: skip
        team = perform(team, "submit", by=people["yiyuan"])
        for required in team.required_opinions():
            record_opinion(
                nomination=team,
                required=required,
                verdict=OpinionVerdict.AGREES,
                on=timezone.localdate(),
                by=people["xuanjiao"],
            )


def _fill(
    round_: SelectionRound,
    by: User,
    name: str,
    kind: str,
    position: str,
    *,
    code: str = "county.pacesetter",
    **more: Any,
) -> Nomination:
    assert by.union is not None  # noqa: S101  accounts of the demo serve unions
    nomination = start_nomination(
        nomination=Nomination(
            round=round_,
            honour=Honour.objects.get(code=code),
            union=by.union,
            kind=kind,
            name=name,
            position=position,
            is_non_public=more.pop("is_non_public", by.union.category == "enterprise"),
            deeds=f"{name}立足岗位，十余年如一日，带头参加劳动竞赛，带出一批骨干，职工群众公认。（演示内容）",
            summary=f"{name}扎根一线，带头实干，带出一批骨干，职工公认。",
            **more,
        ),
        by=by,
    )
    tick_papers(nomination=nomination, ready=nomination.required_papers(), by=by)
    answer_vetoes(nomination=nomination, answers=dict.fromkeys(round_.vetoes.all(), (False, "")), by=by)
    return Nomination.objects.get(pk=nomination.pk)


def open_scheme() -> bool:
    """Put the scheme of stars in use; returns whether that happened now. Raises DomainError outside the demo."""
    refuse_unless_demo()
    county = Union.objects.get(pk=Context().home)
    year = timezone.localdate().year
    if StarScheme.objects.filter(union=county, title=SCHEME_TITLE).exists():
        return False
    scheme = StarScheme.objects.create(
        union=county,
        title=SCHEME_TITLE,
        year=year,
        closes_on=timezone.localdate() + timedelta(days=_OPEN_DAYS),
        document="演示用，没有文件",
        is_in_use=False,
    )
    for place, (name, items) in enumerate(_DIMENSIONS, 1):
        dimension = scheme.dimensions.create(name=name, order=place * 10)
        for number, (text, marks) in enumerate(items, 1):
            dimension.items.create(text=text, marks=marks, order=number * 10)
    for stars, least in _THRESHOLDS:
        scheme.thresholds.create(stars=stars, least=least)
    scheme.is_in_use = True
    scheme.save()
    return True
