"""Rows for tests, each valid by itself. Nothing is made that a test did not ask for.

Unions hang under the county federation that the migrations make; members come with their 入会.
"""

from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import factory
from django.contrib.auth.models import Group
from django.utils import timezone

from awards.models import (
    Award,
    Honour,
    Nomination,
    Quota,
    RequiredOpinion,
    RequiredPaper,
    RoundVeto,
    Scorecard,
    SelectionRound,
    SlateRatio,
    StarDimension,
    StarItem,
    StarScheme,
    StarThreshold,
)
from campaigns.models import Activity, ActivityKind, Indicator
from campaigns.models import Outcome as ActivityOutcome
from members import roles, services
from members.models import (
    Attendance,
    Cadre,
    HeldNumber,
    Member,
    MembershipEvent,
    NumberAlarm,
    Training,
    TransferRequest,
    Union,
    UnionName,
    User,
)
from members.roles import STAFF
from pingtang_union.core.validators import check_digit
from pingtang_union.ledger.models import (
    CallReminder,
    HeaderChoice,
    ImportBatch,
    ImportRow,
    LedgerCall,
    LedgerReturn,
    Verdict,
)
from pingtang_union.workflow.public_files import PublicFile
from pingtang_union.workflow.publishing import OfficePhone
from pingtang_union.workflow.rules import ClockRule
from relief.models import (
    BankBalance,
    CardIssue,
    CareRule,
    CareVisit,
    Cause,
    Consent,
    EarlyCase,
    Entry,
    Fund,
    Grant,
    Household,
    HouseholdCause,
    HouseholdPerson,
    Instalment,
    Merchant,
    NationalList,
    NationalRow,
    PaymentBatch,
    PaymentRow,
    PlaceKind,
    Programme,
    ReliefPolicy,
    ServicePoint,
    Slip,
    SpotCheck,
    SpotDraw,
    Support,
    SupportLine,
)
from relief.models import Group as Recipients

_numbers = count(1)


def id_number(born: str = "19800101") -> str:
    """A valid identity number that no other call gives: 522727 (平塘), `born`, a running number."""
    first = f"522727{born}{next(_numbers) % 1000:03d}"
    return first + check_digit(first)


def county() -> Union:
    """The county federation, root of the tree."""
    return Union.objects.get(path="0001")


class UnionFactory(factory.django.DjangoModelFactory):
    """A union below `parent`, by default below the county."""

    class Meta:
        model = Union

    name = factory.Sequence(lambda n: f"第{n}工会")
    category = "organ"

    @classmethod
    def _create(cls, model_class: Any, *args: Any, parent: Union | None = None, **kwargs: Any) -> Union:
        return services.place_union(union=Union(**kwargs), parent=parent or county())


class UnionNameFactory(factory.django.DjangoModelFactory):
    """Another name of a union."""

    class Meta:
        model = UnionName

    union = factory.SubFactory(UnionFactory)
    name = factory.Sequence(lambda n: f"别名{n}")


class UserFactory(factory.django.DjangoModelFactory):
    """An account with the password "Passw0rd-1234" and the roles named by `roles`."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"user{n}")
    full_name = factory.Sequence(lambda n: f"人员{n}")
    must_change_password = False
    union = factory.LazyFunction(county)

    @classmethod
    def _create(cls, model_class: Any, *args: Any, roles: tuple[str, ...] = (), **kwargs: Any) -> User:
        if roles:
            kwargs["is_staff"] = bool(set(roles) & STAFF)
        user = User.objects.create_user(password="Passw0rd-1234", **kwargs)
        if roles:  # directly: tests of scope need roles at places where the service refuses them
            user.groups.set(Group.objects.filter(name__in=roles))
        return user


class CadreFactory(factory.django.DjangoModelFactory):
    """A cadre in post."""

    class Meta:
        model = Cadre

    name = factory.Sequence(lambda n: f"干部{n}")
    union = factory.SubFactory(UnionFactory)
    id_number = factory.LazyFunction(id_number)


class MemberFactory(factory.django.DjangoModelFactory):
    """A member with her 入会, dated `joined_on`."""

    class Meta:
        model = Member

    name = factory.Sequence(lambda n: f"会员{n}")
    union = factory.SubFactory(UnionFactory)
    id_number = factory.LazyFunction(id_number)
    joined_on = "2020-01"

    @classmethod
    def _create(cls, model_class: Any, *args: Any, **kwargs: Any) -> Member:
        joined_on = kwargs.pop("joined_on")
        return services.add_member(member=Member(**kwargs), on=joined_on, by=None)


class TrainingFactory(factory.django.DjangoModelFactory):
    """A course."""

    class Meta:
        model = Training

    name = factory.Sequence(lambda n: f"第{n}期培训班")
    union = factory.SubFactory(UnionFactory)
    started_on = "2025-05"


class AttendanceFactory(factory.django.DjangoModelFactory):
    """One person at one course, from the union that recorded it."""

    class Meta:
        model = Attendance

    name = factory.Sequence(lambda n: f"学员{n}")
    training = factory.SubFactory(TrainingFactory)
    union = factory.SelfAttribute("training.union")


class EventFactory(factory.django.DjangoModelFactory):
    """An act as a bare row, without its effect on the member: for lists and constraints."""

    class Meta:
        model = MembershipEvent

    member = factory.SubFactory(MemberFactory)
    union = factory.SelfAttribute("member.union")
    kind = "retain"
    recorded_at = factory.LazyFunction(timezone.now)


class BatchFactory(factory.django.DjangoModelFactory):
    """An imported file."""

    class Meta:
        model = ImportBatch

    union = factory.SubFactory(UnionFactory)
    file_name = factory.Sequence(lambda n: f"台账{n}.xlsx")
    sha256 = "0" * 64


class RowFactory(factory.django.DjangoModelFactory):
    """One row of an imported file."""

    class Meta:
        model = ImportRow

    batch = factory.SubFactory(BatchFactory)
    sheet = "Sheet1"
    ledger = "unions"
    row = 3
    number = 1
    verdict = Verdict.NEW


class CallFactory(factory.django.DjangoModelFactory):
    """A call of the county for rosters of members, open for ten days from today on."""

    class Meta:
        model = LedgerCall

    union = factory.LazyFunction(county)
    title = factory.Sequence(lambda n: f"第{n}次报送会员花名册")
    ledger = "会员花名册"
    opened_on = factory.LazyFunction(timezone.localdate)
    due_on = factory.LazyAttribute(lambda call: call.opened_on + timedelta(days=10))


class ReturnFactory(factory.django.DjangoModelFactory):
    """A union's roster, come now with a batch of its own."""

    class Meta:
        model = LedgerReturn

    union = factory.SubFactory(UnionFactory)
    batch = factory.SubFactory(
        BatchFactory, union=factory.SelfAttribute("..union"), written_at=factory.LazyFunction(timezone.now)
    )
    ledger = "会员花名册"
    rows = 1


class ReminderFactory(factory.django.DjangoModelFactory):
    """A union reminded today of a call of the county."""

    class Meta:
        model = CallReminder

    call = factory.SubFactory(CallFactory)
    union = factory.SubFactory(UnionFactory)
    by = factory.SubFactory(UserFactory)
    on = factory.LazyFunction(timezone.localdate)


class ChoiceFactory(factory.django.DjangoModelFactory):
    """What an office said of a header."""

    class Meta:
        model = HeaderChoice

    union = factory.SubFactory(UnionFactory)
    ledger = "会员花名册"
    header = factory.Sequence(lambda n: f"表头{n}")
    header_key = factory.SelfAttribute("header")
    column = "phone"


class TransferRequestFactory(factory.django.DjangoModelFactory):
    """A request that waits: of a member, out of her union into another."""

    class Meta:
        model = TransferRequest

    member = factory.SubFactory(MemberFactory)
    from_union = factory.SelfAttribute("member.union")
    to_union = factory.SubFactory(UnionFactory)
    on = "2026-05"
    reason = "已调入本单位工作"
    asked_by = factory.SubFactory(UserFactory)


class HeldNumberFactory(factory.django.DjangoModelFactory):
    """A name and number that wait for the county."""

    class Meta:
        model = HeldNumber

    union = factory.SubFactory(UnionFactory)
    name = factory.Sequence(lambda n: f"待核{n}")
    name_key = factory.SelfAttribute("name")
    id_number = factory.LazyFunction(id_number)
    why = "many"
    by = factory.SubFactory(UserFactory)
    place = "登记会员"


class NumberAlarmFactory(factory.django.DjangoModelFactory):
    """An alarm of numbers that were tried."""

    class Meta:
        model = NumberAlarm

    union = factory.SubFactory(UnionFactory)
    account = factory.SubFactory(UserFactory)
    numbers = 500
    place = "台账「会员花名册.xlsx」"


# --- Honours ---------------------------------------------------------------------------------


def honour(code: str) -> Honour:
    """A title of the catalogue that the migrations make: honour("county.pacesetter")."""
    return Honour.objects.get(code=code)


class HonourFactory(factory.django.DjangoModelFactory):
    """A county's title for a person, beside the catalogue."""

    class Meta:
        model = Honour

    title = factory.Sequence(lambda n: f"平塘县第{n}号荣誉")
    level = "county"
    kind = "person"


class OfficePhoneFactory(factory.django.DjangoModelFactory):
    """A phone of the office that anyone may read."""

    class Meta:
        model = OfficePhone

    number = factory.Sequence(lambda n: f"0854-482{n:04}")
    label = "受理异议"


class PublicFileFactory(factory.django.DjangoModelFactory):
    """A file on the front page that nobody has to look at."""

    class Meta:
        model = PublicFile

    title = factory.Sequence(lambda n: f"附件{n}")
    name, content_type, size, content = "附件.docx", "application/octet-stream", 1, b""
    needs_look = False
    added_by = factory.LazyFunction(lambda: UserFactory(roles=(roles.ECONOMY,)))


class RoundFactory(factory.django.DjangoModelFactory):
    """A round of the county for 平塘县五一劳动标兵, open for ten days from today on; it asks for nothing yet."""

    class Meta:
        model = SelectionRound
        skip_postgeneration_save = True

    union = factory.LazyFunction(county)
    title = factory.Sequence(lambda n: f"第{n}次评选推荐")
    year = factory.LazyFunction(lambda: timezone.localdate().year)
    opens_on = factory.LazyFunction(timezone.localdate)
    closes_on = factory.LazyAttribute(lambda one: one.opens_on + timedelta(days=10))

    @factory.post_generation
    def honours(self, create: bool, extracted: Any, **kwargs: Any) -> None:
        self.honours.set(extracted or [honour("county.pacesetter")])


class QuotaFactory(factory.django.DjangoModelFactory):
    """Places of a union with those below it."""

    class Meta:
        model = Quota

    round = factory.SubFactory(RoundFactory)
    union = factory.SubFactory(UnionFactory)
    places = 1


class PaperFactory(factory.django.DjangoModelFactory):
    """A paper that every nominee needs."""

    class Meta:
        model = RequiredPaper

    round = factory.SubFactory(RoundFactory)
    title = factory.Sequence(lambda n: f"材料{n}")


class RequiredOpinionFactory(factory.django.DjangoModelFactory):
    """A department asked about every nominee."""

    class Meta:
        model = RequiredOpinion

    round = factory.SubFactory(RoundFactory)
    department = factory.Sequence(lambda n: f"部门{n}")


class VetoFactory(factory.django.DjangoModelFactory):
    """A veto of a round."""

    class Meta:
        model = RoundVeto

    round = factory.SubFactory(RoundFactory)
    kind = "arrears"


class RatioFactory(factory.django.DjangoModelFactory):
    """At least a third of industrial workers."""

    class Meta:
        model = SlateRatio

    round = factory.SubFactory(RoundFactory)
    trait = "industrial"
    percent = 35


class NominationFactory(factory.django.DjangoModelFactory):
    """A draft for a person by name, filled in so far that it could be handed in where the round asks for nothing."""

    class Meta:
        model = Nomination

    round = factory.SubFactory(RoundFactory)
    honour = factory.LazyAttribute(lambda one: one.round.honours.first())
    union = factory.SubFactory(UnionFactory)
    kind = "front_line"
    name = factory.Sequence(lambda n: f"先进{n}")
    position = "车间班长"
    deeds = "十年如一日，扎根一线。"
    summary = "扎根一线的好班长。"


class AwardFactory(factory.django.DjangoModelFactory):
    """平塘县五一劳动标兵 of 2017, to a person by name."""

    class Meta:
        model = Award

    honour = factory.LazyFunction(lambda: honour("county.pacesetter"))
    recipient = factory.Sequence(lambda n: f"标兵{n}")
    union = factory.SubFactory(UnionFactory)
    awarded_on = "2017-04-25"
    granted_by = "平塘县总工会"
    document_number = "平工发〔2017〕12号"


class GrantFactory(factory.django.DjangoModelFactory):
    """五一慰问 of 2017, paid before the portal kept books."""

    class Meta:
        model = Grant

    class Params:
        of = "五一慰问"
        among = "一线职工"

    programme = factory.LazyAttribute(lambda grant: Programme.objects.get(name=grant.of))
    group = factory.LazyAttribute(lambda grant: Recipients.objects.get(name=grant.among))
    union = factory.SubFactory(UnionFactory)
    name = factory.Sequence(lambda n: f"吴{n}妹")
    id_number = factory.Sequence(lambda n: id_number(5000 + n))
    granted_on = "2017-04-27"
    edition = factory.LazyAttribute(lambda grant: grant.programme.edition_on(grant.granted_on))
    cash = 400
    goods = 0
    state = "paid"
    source = "ledger"
    is_outside_books = True


class InstalmentFactory(factory.django.DjangoModelFactory):
    """The first instalment of 五一慰问 2018."""

    class Meta:
        model = Instalment

    union = factory.LazyFunction(county)
    programme = factory.LazyFunction(lambda: Programme.objects.get(name="五一慰问"))
    edition = "2018"
    number = factory.Sequence(lambda n: n + 1)
    title = factory.Sequence(lambda n: f"2018年五一慰问第{n + 1}批")


class CardIssueFactory(factory.django.DjangoModelFactory):
    """Thirty service cards for a union."""

    class Meta:
        model = CardIssue

    union = factory.SubFactory(UnionFactory)
    issued_on = "2016-06-05"
    partner = "贵州银行平塘支行"
    count = 30


class FundFactory(factory.django.DjangoModelFactory):
    """An empty fund of the county."""

    class Meta:
        model = Fund

    union = factory.LazyFunction(county)
    name = factory.Sequence(lambda n: f"资金{n}")
    source = "dues"
    year = 2018


class EntryFactory(factory.django.DjangoModelFactory):
    """The first entry of a fund of its own, written beside the books: the fund's own columns stay."""

    class Meta:
        model = Entry

    fund = factory.SubFactory(FundFactory)
    version = factory.Sequence(lambda n: n + 1)
    amount = balance = 100
    kind = "income"
    key = factory.Sequence(lambda n: f"key-{n}")
    effective_on = date(2018, 1, 5)


class BankBalanceFactory(factory.django.DjangoModelFactory):
    """Nothing in the bank."""

    class Meta:
        model = BankBalance

    fund = factory.SubFactory(FundFactory)
    on = factory.Sequence(lambda n: date(2018, 1, 1) + timedelta(days=n))
    amount = 0


class PaymentBatchFactory(factory.django.DjangoModelFactory):
    """A batch that is begun."""

    class Meta:
        model = PaymentBatch

    fund = factory.SubFactory(FundFactory)
    union = factory.LazyAttribute(lambda one: one.fund.union)
    title = factory.Sequence(lambda n: f"发放批次{n}")


class PaymentRowFactory(factory.django.DjangoModelFactory):
    """A payment of 500 yuan to somebody approved."""

    class Meta:
        model = PaymentRow

    batch = factory.SubFactory(PaymentBatchFactory)
    number = factory.Sequence(lambda n: n + 1)
    grant = factory.LazyAttribute(
        lambda one: Grant.objects.create(
            union=one.batch.union, programme=Programme.objects.first(), edition="2018", name=one.batch.title[:50],
            cash=500, state="approved",
        )
    )  # fmt: skip
    amount = 500


class SlipFactory(factory.django.DjangoModelFactory):
    """A slip that nobody has answered."""

    class Meta:
        model = Slip

    row = factory.SubFactory(PaymentRowFactory, result="paid")
    code = factory.Sequence(lambda n: f"CODE{n:06d}")


class SchemeFactory(factory.django.DjangoModelFactory):
    """A scheme of stars in use, without items yet."""

    class Meta:
        model = StarScheme

    union = factory.LazyFunction(county)
    title = factory.Sequence(lambda n: f"第{n}个评定标准")
    year = factory.LazyFunction(lambda: timezone.localdate().year)
    is_in_use = True


class DimensionFactory(factory.django.DjangoModelFactory):
    """A dimension of a scheme."""

    class Meta:
        model = StarDimension

    scheme = factory.SubFactory(SchemeFactory)
    name = factory.Sequence(lambda n: f"维度{n}")


class StarItemFactory(factory.django.DjangoModelFactory):
    """An item worth ten marks."""

    class Meta:
        model = StarItem

    dimension = factory.SubFactory(DimensionFactory)
    text = factory.Sequence(lambda n: f"项目{n}")
    marks = 10


class ThresholdFactory(factory.django.DjangoModelFactory):
    """Five stars from nine on."""

    class Meta:
        model = StarThreshold

    scheme = factory.SubFactory(SchemeFactory)
    stars = 5
    least = 9


class ScorecardFactory(factory.django.DjangoModelFactory):
    """A union's scorecard, empty."""

    class Meta:
        model = Scorecard

    scheme = factory.SubFactory(SchemeFactory)
    union = factory.SubFactory(UnionFactory)


# --- Hardship files --------------------------------------------------------------------------


class PolicyFactory(factory.django.DjangoModelFactory):
    """The county's policy in force since 2020: a line of 700.00, relative up to 1.5 times, accident above 80 %; illness
    and schooling count. It asks for no paper."""

    class Meta:
        model = ReliefPolicy
        skip_postgeneration_save = True

    union = factory.LazyFunction(county)
    title = factory.Sequence(lambda n: f"第{n}号帮扶政策")
    document_number = "平工发〔2020〕3号"
    in_force_from = factory.LazyFunction(lambda: date(2020, 1, 1))
    issued_at = factory.LazyFunction(timezone.now)
    issued_by = factory.SubFactory(UserFactory)
    line = Decimal("700.00")
    line_article = "第一条"
    formula_article = "第二条"
    deep_article = "第三条"
    relative_multiple = Decimal("1.50")
    relative_article = "第四条"
    accident_share = Decimal("80.00")
    accident_article = "第五条"
    spot_share = 30

    @factory.post_generation
    def counts(self, create: bool, extracted: Any, **kwargs: Any) -> None:
        for kind in extracted or ("illness", "school"):
            self.deductions.create(kind=kind, article="第六条")


class HouseholdPersonFactory(factory.django.DjangoModelFactory):
    """A grown-up child without income."""

    class Meta:
        model = HouseholdPerson

    relation = "child"
    name = factory.Sequence(lambda n: f"家人{n}")
    born_on = "1980-01-01"
    id_number = factory.LazyFunction(id_number)
    health = "健康"
    standing = "unemployed"
    hukou = "rural"


class HouseholdFactory(factory.django.DjangoModelFactory):
    """A draft of two people, filled in so far that it can be handed in where the policy asks for no paper: 12,000.00 a
    year, 500.00 a head and month."""

    class Meta:
        model = Household
        skip_postgeneration_save = True

    union = factory.SubFactory(UnionFactory)
    name = factory.Sequence(lambda n: f"困难职工{n}")
    phone = "13800000000"
    address = "平舟镇东街1号"
    housing = "rented"
    area_band = "50"
    employer = "平塘县某厂"
    employer_kind = "110"
    exclusions_checked = True
    payee_name = factory.SelfAttribute("name")
    bank = "农业银行平塘支行"
    bank_account = "6228480000000000001"

    @factory.post_generation
    def family(self, create: bool, extracted: Any, **kwargs: Any) -> None:
        wages = extracted if extracted is not None else (Decimal(12000), Decimal(0))
        for at, income in enumerate(wages):
            person = HouseholdPersonFactory(
                household=self, income=income, **({"relation": "self", "name": self.name} if not at else {})
            )
            for purpose in ("check", "publicity") if not at else ("check",):
                Consent.objects.create(person=person, signer=person, purpose=purpose, signed_on=date(2024, 1, 2))
        HouseholdCause.objects.create(household=self, cause=Cause.objects.get(number=6), place=0)


class ClockRuleFactory(factory.django.DjangoModelFactory):
    """Thirty working days from a hardship file's handing in to the decision."""

    class Meta:
        model = ClockRule

    subject = "relief.household"
    ends_with = "decide"
    in_force_from = date(2020, 1, 1)
    working_days = 30
    document = "困难职工档案管理办法"
    document_number = "平工发〔2020〕3号"


class SpotDrawFactory(factory.django.DjangoModelFactory):
    """A draw of this year, of nothing."""

    class Meta:
        model = SpotDraw

    union = factory.LazyFunction(county)
    year = factory.LazyFunction(lambda: timezone.localdate().year)
    share = 30
    seed = "0" * 64
    population = factory.LazyFunction(list)
    drawn_by = factory.SubFactory(UserFactory)
    drawn_at = factory.LazyFunction(timezone.now)


class SpotCheckFactory(factory.django.DjangoModelFactory):
    """A drawn file."""

    class Meta:
        model = SpotCheck

    draw = factory.SubFactory(SpotDrawFactory)
    household = factory.SubFactory(HouseholdFactory)
    union = factory.SelfAttribute("household.union")


class NationalListFactory(factory.django.DjangoModelFactory):
    """A list of the national system, of the county."""

    class Meta:
        model = NationalList

    union = factory.LazyFunction(county)
    kind = "remarks"
    title = "退回名单.xlsx"
    brought_by = factory.SubFactory(UserFactory)
    brought_at = factory.LazyFunction(timezone.now)


class NationalRowFactory(factory.django.DjangoModelFactory):
    """A remark on a file that no key could tell."""

    class Meta:
        model = NationalRow

    brought = factory.SubFactory(NationalListFactory)
    union = factory.SelfAttribute("brought.union")
    number = factory.Sequence(lambda n: n + 1)
    place = factory.Sequence(lambda n: f"「名单」第{n}行")
    verdict = "unknown"
    remark = "缺少收入证明"


# --- Care around relief ----------------------------------------------------------------------


class ServicePointFactory(factory.django.DjangoModelFactory):
    """A point of a union, open since 2020, that nobody has confirmed."""

    class Meta:
        model = ServicePoint

    union = factory.SubFactory(UnionFactory)
    kind = factory.LazyFunction(lambda: PlaceKind.objects.get(name="户外劳动者驿站"))
    name = factory.Sequence(lambda n: f"第{n}驿站")
    township = "平舟镇"
    address = "东街1号"
    offers = "饮水、充电、避雨"
    keeper = "县总工会职工服务中心"
    hours = "工作日 8:30—18:00"
    starts_on = date(2020, 1, 1)
    written_by = factory.SubFactory(UserFactory)


class MerchantFactory(factory.django.DjangoModelFactory):
    """A merchant of the county whose agreement runs, not confirmed."""

    class Meta:
        model = Merchant

    union = factory.LazyFunction(county)
    name = factory.Sequence(lambda n: f"第{n}书店")
    township = "金盆街道"
    address = "西街2号"
    offers = "购书九折"
    starts_on = date(2020, 1, 1)
    ends_on = date(2099, 12, 31)
    written_by = factory.SubFactory(UserFactory)


class SupportFactory(factory.django.DjangoModelFactory):
    """Support that waits for its payment."""

    class Meta:
        model = Support

    union = factory.SubFactory(UnionFactory)
    title = factory.Sequence(lambda n: f"第{n}批阵地建设")
    fund = factory.SubFactory(FundFactory, union=factory.SelfAttribute("..union"))
    recorded_by = factory.SubFactory(UserFactory)


class SupportLineFactory(factory.django.DjangoModelFactory):
    """Two computers."""

    class Meta:
        model = SupportLine

    support = factory.SubFactory(SupportFactory)
    item = factory.Sequence(lambda n: f"电脑{n}")
    quantity = 2
    value = Decimal(8000)


class CareRuleFactory(factory.django.DjangoModelFactory):
    """Membership retained for two years."""

    class Meta:
        model = CareRule

    check_code = "retained"
    words = factory.Sequence(lambda n: f"保留会籍满两年的（{n}）")
    threshold = 2
    in_force_from = factory.Sequence(lambda n: date(2020, 1, 1) + timedelta(days=n))
    document = "提前关注办法"


class EarlyCaseFactory(factory.django.DjangoModelFactory):
    """A member whom a rule names."""

    class Meta:
        model = EarlyCase

    rule = factory.SubFactory(CareRuleFactory)
    member = factory.SubFactory(MemberFactory)
    union = factory.SelfAttribute("member.union")


class CareVisitFactory(factory.django.DjangoModelFactory):
    """A visit of a union's, to nobody yet."""

    class Meta:
        model = CareVisit

    union = factory.SubFactory(UnionFactory)
    programme = factory.LazyFunction(lambda: Programme.objects.get(name="节日慰问"))
    visited_on = factory.LazyFunction(timezone.localdate)
    address = "平舟镇京舟村"
    key = factory.Sequence(lambda n: f"visit{n}")
    recorded_by = factory.SubFactory(UserFactory)


class ActivityFactory(factory.django.DjangoModelFactory):
    """A skill contest of 2017 that a hundred took part in."""

    class Meta:
        model = Activity

    class Params:
        of = "技能竞赛"

    name = factory.Sequence(lambda n: f"第{n}届技能比武")
    union = factory.SubFactory(UnionFactory)
    kind = factory.LazyAttribute(lambda one: ActivityKind.objects.get(name=one.of))
    held_on = "2017-04-20"
    state = "held"
    declared = factory.LazyAttribute(lambda one: 100 if one.state == "held" else None)


class OutcomeFactory(factory.django.DjangoModelFactory):
    """Jobs offered."""

    class Meta:
        model = ActivityOutcome

    class Params:
        of = "就业岗位"

    activity = factory.SubFactory(ActivityFactory)
    indicator = factory.LazyAttribute(lambda one: Indicator.objects.get(name=one.of))
    value = 5
