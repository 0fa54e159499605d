"""The demo's policy, clock, files and what is around them. Every number of them is made up, and says 示例 where it
shows: none is a rule."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from members.models import Union, User
from pingtang_union.core.demo import refuse_unless_demo
from pingtang_union.ledger.context import Context
from pingtang_union.workflow.moving import perform
from pingtang_union.workflow.rules import ClockRule
from pingtang_union.workflow.table import State
from relief import services
from relief.models import (
    CareRule,
    Cause,
    Household,
    HouseholdPerson,
    Merchant,
    PlaceKind,
    Programme,
    ReliefPolicy,
    ServicePoint,
)
from relief.models.policies import EXAMPLE

TITLE = f"困难职工帮扶政策（{EXAMPLE}）"
NUMBER = "示例工发〔2026〕1号"
_ARTICLE = f"{EXAMPLE}第{{}}条"
_EXCLUSIONS = (
    ("car", "家庭有机动车（残疾人代步车除外）"),
    ("houses", "家庭有两套以上住房"),
    ("refuse", "拒绝家庭经济状况核对"),
)
_CAPS = (("deep", "county", 8000), ("relative", "dues", 4000), ("accident", "dues", 5000))
_REFUSED = "收入证明和申报的工资不一致，请补传近12个月的工资明细"
# (account that begins it, worker where the roster has none, how far it is led, wages, illness, cause)
_FILES: tuple[tuple[str, str, State, tuple[int, ...], int, int], ...] = (
    ("zilaishui", f"{EXAMPLE}职工甲", State.SUBMITTED, (21600, 0, 0), 6000, 6),
    ("chaye", f"{EXAMPLE}职工乙", State.DRAFT, (18000, 0), 0, 9),
    ("yiyuan", f"{EXAMPLE}职工丙", State.SUBMITTED, (42000, 12000, 0), 30000, 6),
    ("chaye", f"{EXAMPLE}职工丁", State.DECIDED, (24000, 0, 0), 9000, 6),
    ("zilaishui", f"{EXAMPLE}职工戊", State.DECIDED, (36000, 0), 12000, 6),
    ("yiyuan", f"{EXAMPLE}职工己", State.DECIDED, (120000, 60000), 150000, 6),
    ("chaye", f"{EXAMPLE}职工庚", State.PUBLICISED, (30000, 6000, 0), 4000, 6),
    ("yiyuan", f"{EXAMPLE}职工辛", State.RETURNED, (20000, 0), 3000, 6),
)


def policy() -> bool:
    """The policy, and how long offices have for a file; returns whether they were made now. Raises DomainError outside
    the demo."""
    refuse_unless_demo()
    if ReliefPolicy.objects.filter(title=TITLE).exists():
        return False
    county, clerk = Union.objects.get(pk=Context().home), User.objects.get(username="bangfu")
    made = ReliefPolicy.objects.create(
        union=county, title=TITLE, document_number=NUMBER, in_force_from=date(timezone.localdate().year, 1, 1),
        is_example=True, line=Decimal(700), line_article=_ARTICLE.format("一"), formula_article=_ARTICLE.format("二"),
        deep_article=_ARTICLE.format("三"), relative_multiple=Decimal("1.5"), relative_article=_ARTICLE.format("四"),
        accident_share=Decimal(80), accident_article=_ARTICLE.format("五"), spot_share=30,
    )  # fmt: skip
    for kind in ("illness", "disability", "school"):
        made.deductions.create(kind=kind, article=_ARTICLE.format("六"))
    for code, words in _EXCLUSIONS:
        made.exclusions.create(code=code, words=words, article=_ARTICLE.format("七"))
    made.papers.create(title="家庭成员身份证", is_identity=True, is_needed=False, order=1)
    made.papers.create(title="收入证明", is_needed=False, order=2)
    made.papers.create(title="诊断证明和医疗费票据", cause=Cause.objects.get(number=6), is_needed=False, order=3)
    for category, source, most in _CAPS:
        made.caps.create(
            programme=Programme.objects.all()[0], category=category, source=source, most=Decimal(most),
            article=_ARTICLE.format("八"),
        )  # fmt: skip
    services.issue_policy(policy=made, by=clerk)
    ClockRule.objects.create(
        subject="relief.household", ends_with="decide", in_force_from=date(2020, 1, 1), working_days=30,
        document=f"困难职工档案管理办法（{EXAMPLE}）", document_number=NUMBER, is_example=True,
    )  # fmt: skip
    return True


def files() -> bool:
    """Files of fictitious households, begun by the officers of the demo and led on by as many people as a file needs;
    returns whether they were made now."""
    refuse_unless_demo()
    if Household.objects.exists():
        return False
    people = {user.username: user for user in User.objects.select_related("union")}
    for username, name, reached, wages, illness, cause in _FILES:
        officer = people[username]
        draft = Household(union=officer.union, name=name)
        household = services.start_household(household=draft, by=officer)
        _fill(household, officer, wages, illness, cause)
        _lead(household, reached, people)
    return True


def _lead(household: Household, reached: State, people: dict[str, User]) -> None:
    """Four different people lead a file on: a township or, where none stands between, the union itself looks first;
    whoever visits neither reviews nor decides."""
    officer = people[household.created_by.username]
    household.refresh_from_db()

    def move(name: str, by: str, **told: Any) -> None:
        perform(household, name, by=people[by], seen=household.revision, **told)
        household.refresh_from_db()

    if reached == State.DRAFT:
        return
    move("submit", officer.username)
    if reached == State.SUBMITTED:
        return
    if reached == State.RETURNED:
        move("return", "bangfu", reason=_REFUSED, step="papers", until=timezone.localdate() + timedelta(days=14))
        return
    if not household.is_direct:
        move("recommend", "pingzhou")
    visitor = people["bangfu2"] if household.is_direct else officer
    services.record_visit(
        household=household, visited_on=timezone.localdate(), companion=f"{EXAMPLE}同行人",
        findings=f"居住、收入和健康情况与申报一致（{EXAMPLE}）", by=visitor,
    )  # fmt: skip
    services.record_check(
        household=household, asked_on=timezone.localdate(), answered_on=timezone.localdate(), verdict="matches",
        note="", by=people["bangfu"],
    )  # fmt: skip
    household.refresh_from_db()
    move("approve", "bangfu")
    move("publicise", "bangfu")
    if reached == State.DECIDED:
        begun = timezone.localdate() - timedelta(days=30)  # its publicity is over
        publicity = {"publicised_from": begun, "publicised_until": begun + timedelta(days=14)}
        Household.objects.filter(pk=household.pk).update(**publicity)
        move("decide", "zuzhi", details={"decision_document": NUMBER})


def _fill(household: Household, officer: Any, wages: tuple[int, ...], illness: int, cause: int) -> None:
    worker = household.people.get()
    worker.id_type, worker.id_number, worker.born_on = "other", f"DEMO{household.pk}", "1980-01-01"
    worker.health, worker.standing, worker.hukou, worker.income = "健康", "working", "rural", Decimal(wages[0])
    services.save_person(person=worker, by=officer)
    for at, income in enumerate(wages[1:]):
        person = HouseholdPerson(
            household=household, relation=("spouse", "parent")[at % 2], name=f"{EXAMPLE}家人{at + 1}", id_type="other",
            id_number=f"DEMO{household.pk}{at}", born_on="1970-01-01", health="慢性病", standing="unemployed",
            hukou="rural", income=Decimal(income),
        )  # fmt: skip
        services.save_person(person=person, by=officer)
    services.change_household(
        household=household, by=officer, values={
            "phone": "13800000000", "address": f"{EXAMPLE}地址1号", "housing": "rented", "area_band": "50",
            "employer": household.union.name, "employer_kind": "110", "illness_spending": Decimal(illness),
            "exclusions_checked": True, "payee_name": household.name, "bank": f"{EXAMPLE}银行",
            "bank_account": "6200000000000000000",
        },
    )  # fmt: skip
    services.set_causes(household=household, main=Cause.objects.get(number=cause), others=(), by=officer)
    for person in household.people.all():
        services.give_consent(person=person, purpose="check", signed_on=timezone.localdate(), by=officer)
        if person.is_worker:
            services.give_consent(person=person, purpose="publicity", signed_on=timezone.localdate(), by=officer)


# (check, words, threshold, programme)
_RULES: tuple[tuple[str, str, int | None, str | None], ...] = (
    ("illness", "一年内大病救助满 3000 元、尚未建档的", 3000, "大病救助"),
    ("single", "申请未建档或已撤档，一人有工资收入、有子女上学的", None, None),
    ("retained", "保留会籍满两年的", 2, None),
    ("programmes", "一年内受助项目三个以上", 3, None),
    ("amount", "一年内受助金额 5000 元以上", 5000, None),
)
_POINTS = (
    ("户外劳动者驿站", "平舟河畔驿站", "平舟镇", "休息、饮水、充电、避雨、应急药品", "每日 7:00—21:00"),
    ("爱心母婴室", "政务大厅爱心母婴室", "金盆街道", "哺乳、换洗、婴儿护理台", "工作日 8:30—17:30"),
)


def care() -> bool:
    """Rules of attention, service points and a merchant; returns whether they were made now."""
    refuse_unless_demo()
    if CareRule.objects.exists() or ServicePoint.objects.exists():
        return False
    county = Union.objects.get(pk=Context().home)
    clerk, other = (User.objects.get(username=name) for name in ("bangfu", "zuzhi"))
    day = date(timezone.localdate().year, 1, 1)
    for check, words, threshold, programme in _RULES:
        CareRule.objects.create(
            check_code=check, words=words, threshold=threshold, in_force_from=day, is_example=True,
            programme=Programme.objects.filter(name=programme).first(), document=f"提前关注办法（{EXAMPLE}）",
            document_number=NUMBER,
        )  # fmt: skip
    places: list[ServicePoint | Merchant] = [
        ServicePoint(
            union=county, kind=PlaceKind.objects.get(name=kind), name=f"{name}（{EXAMPLE}）", township=town,
            address=f"{EXAMPLE}路1号", offers=offers, keeper="县总工会职工服务中心", hours=hours, starts_on=day,
        )
        for kind, name, town, offers, hours in _POINTS
    ]  # fmt: skip
    places.append(
        Merchant(
            union=county, name=f"{EXAMPLE}书店", township="金盆街道", address=f"{EXAMPLE}路2号", starts_on=day,
            offers="凭爱心服务卡购书九折", ends_on=day.replace(month=12, day=31),
        )
    )  # fmt: skip
    for place in places:
        services.confirm_place(services.save_place(place, by=clerk), by=other)
    services.find_early()
    return True
