"""A marked row of every model, for walks that ask who finds it."""

from collections.abc import Iterator
from typing import Any

import pytest
from auditlog.models import LogEntry
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib import admin
from django.db import models, transaction
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from awards.models import Award, Honour, Nomination, Scorecard, SelectionRound, StarDimension, StarItem, StarScheme
from campaigns.models import Activity, Coverage, Outcome, Series, VillageAid
from members.models import (
    Attendance,
    Cadre,
    HeldNumber,
    Member,
    MembershipEvent,
    NumberAlarm,
    TermRule,
    Township,
    Training,
    TransferRequest,
    Union,
    UnionName,
    User,
)
from pingtang_union.core.scope import ScopedModel
from pingtang_union.ledger.models import HeaderChoice, ImportBatch, ImportRow, LedgerCall, LedgerReturn
from pingtang_union.workflow.attention import Label
from pingtang_union.workflow.rules import ClockRule, PublicityRule
from pingtang_union.workflow.table import State
from relief.models import (
    BankBalance,
    CardIssue,
    CareRule,
    CareVisit,
    Cause,
    EarlyCase,
    Entry,
    Fund,
    Grant,
    Household,
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
from tests.awards.walk import lead
from tests.factories import (
    ActivityFactory,
    AttendanceFactory,
    AwardFactory,
    BankBalanceFactory,
    BatchFactory,
    CadreFactory,
    CallFactory,
    CardIssueFactory,
    CareRuleFactory,
    CareVisitFactory,
    ChoiceFactory,
    DimensionFactory,
    EarlyCaseFactory,
    EntryFactory,
    EventFactory,
    FundFactory,
    GrantFactory,
    HeldNumberFactory,
    HouseholdFactory,
    InstalmentFactory,
    MemberFactory,
    MerchantFactory,
    NationalListFactory,
    NationalRowFactory,
    NominationFactory,
    NumberAlarmFactory,
    OutcomeFactory,
    PaymentBatchFactory,
    PaymentRowFactory,
    PolicyFactory,
    ReturnFactory,
    RoundFactory,
    RowFactory,
    SchemeFactory,
    ScorecardFactory,
    ServicePointFactory,
    SlipFactory,
    SpotCheckFactory,
    SpotDrawFactory,
    StarItemFactory,
    SupportFactory,
    SupportLineFactory,
    ThresholdFactory,
    TrainingFactory,
    TransferRequestFactory,
    UnionFactory,
    UnionNameFactory,
    UserFactory,
)
from tests.relief.walk import lead as lead_file

MARK = "泄密标记"


def marked(model: type[models.Model], mark: str = MARK) -> dict[str, str]:
    """A marked text for every free text column of `model`."""
    skipped = {
        "name_key", "recipient_key", "nominee_key", "token", "password", "session_key", "sha256", "id_index", "model",
        "path", "ledger", "revoke_reason", "revoke_document", "code_index", "lock",
    }  # fmt: skip
    return {
        field.name: f"{mark}{field.name}"[: field.max_length]
        for field in model._meta.fields
        if type(field) is models.CharField and not field.choices and field.name not in skipped
    }


@pytest.fixture(scope="module")
def victim(django_db_setup, django_db_blocker) -> Iterator[dict[type[models.Model], Any]]:
    """One marked row of every model, all of our county: made once for a module, which takes `db` from here too."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield make_rows()
        transaction.set_rollback(True)


@pytest.fixture
def db(victim) -> Iterator[None]:
    """A savepoint of each test above the rows: what it changes is taken back."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def make_rows(mark: str = MARK) -> dict[type[models.Model], Any]:
    """A row of every model, with `mark` in every text."""
    union = UnionFactory(parent=None, **marked(Union, mark))
    account = UserFactory(union=union, **marked(User, mark))
    cadre = CadreFactory(union=union, **marked(Cadre, mark))
    member = MemberFactory(union=union, **marked(Member, mark))
    training = TrainingFactory(union=union, **marked(Training, mark))
    activity = ActivityFactory(union=union, **marked(Activity, mark))
    batch = BatchFactory(union=union, by=account, **marked(ImportBatch, mark))
    round_ = RoundFactory(union=union, **marked(SelectionRound, mark))
    scheme = SchemeFactory(union=union, **marked(StarScheme, mark))
    dimension = DimensionFactory(scheme=scheme, **marked(StarDimension, mark))
    StarItemFactory(dimension=dimension, **marked(StarItem, mark))
    ThresholdFactory(scheme=scheme)
    fund = FundFactory(union=union, **marked(Fund, mark))
    payment = PaymentBatchFactory(fund=fund, made_by=account, **marked(PaymentBatch, mark))
    paid = PaymentRowFactory(batch=payment, result="paid", **marked(PaymentRow, mark))
    policy = PolicyFactory(union=union, **{**marked(ReliefPolicy, mark), "document_number": "平工发〔2020〕3号"})
    kept = {**marked(Household, mark), "decision_document": "", "reason": "", "check_note": ""}
    kept |= {"payee_name": kept["name"], "phone": "13800000000"}
    household = lead_file(HouseholdFactory(union=union, **kept), State.REVIEWED)
    draw = SpotDrawFactory(union=union, **{**marked(SpotDraw, mark), "seed": "0" * 64})
    brought = NationalListFactory(union=union, brought_by=account, **marked(NationalList, mark))
    remark = {**marked(NationalRow, mark), "answer": "", "household": household, "verdict": "remark"}
    now = timezone.now()
    support = SupportFactory(
        union=union, fund=fund, recorded_by=account, **{**marked(Support, mark), "received_note": ""}
    )
    held = SupportLineFactory(support=support, **marked(SupportLine, mark))
    other = UserFactory()
    support.entry, support.released_by = EntryFactory(fund=fund, by=other, amount=-1, kind="expense"), other
    support.save()
    seen = {"username": account.username, "user_agent": mark, "path_info": mark, "ip_address": "10.0.0.9"}
    return {
        Union: union,
        User: account,
        Cadre: cadre,
        Member: member,
        Training: training,
        ImportBatch: batch,
        UnionName: UnionNameFactory(union=union, **marked(UnionName, mark)),
        Attendance: AttendanceFactory(training=training, cadre=cadre, **marked(Attendance, mark)),
        MembershipEvent: EventFactory(member=member, recorded_by=account, **marked(MembershipEvent, mark)),
        ImportRow: RowFactory(
            batch=batch, model="members.Member", object_id=member.pk, before={"note": mark},
            messages=[["", "warn", mark]], **marked(ImportRow, mark),
        ),
        LogEntry: LogEntry.objects.log_create(
            member, force_log=True, action=1, changes={"note": [mark, mark]}, actor=account
        ),
        AccessAttempt: AccessAttempt.objects.create(failures_since_start=3, get_data="", post_data="", **seen),
        AccessLog: AccessLog.objects.create(**seen),
        AccessFailureLog: AccessFailureLog.objects.create(attempt_time=now, **seen),
        TermRule: TermRule.objects.first(),
        Township: Township.objects.create(county=union, federation=union, **{**marked(Township, mark), "code": mark}),
        PublicityRule: PublicityRule.objects.first(),
        Label: Label.objects.first(),
        ClockRule: ClockRule.objects.get_or_create(
            subject="relief.household", ends_with="decide", in_force_from=now.date(),
            defaults={"working_days": 30, "document": "办法", "document_number": "平工发〔2020〕3号"},
        )[0],
        Cause: Cause.objects.first(),
        ReliefPolicy: policy,
        Household: household,
        HouseholdPerson: household.people.first(),
        NationalList: brought,
        NationalRow: NationalRowFactory(brought=brought, union=union, **remark),
        SpotDraw: draw,
        SpotCheck: SpotCheckFactory(
            draw=draw, household=household, findings=f"{mark}抽查", is_in_order=False, found_by=account, found_at=now
        ),
        Honour: Honour.objects.first(),
        SelectionRound: round_,
        Nomination: lead(NominationFactory(union=union, round=round_, **marked(Nomination, mark)), State.SUBMITTED),
        Award: AwardFactory(union=union, recipient_union=union, member=member, cadre=cadre, **marked(Award, mark)),
        StarScheme: scheme,
        StarDimension: dimension,
        Scorecard: ScorecardFactory(scheme=scheme, union=union, **marked(Scorecard, mark)),
        Programme: Programme.objects.first(),
        Recipients: Recipients.objects.first(),
        Instalment: InstalmentFactory(union=union, **marked(Instalment, mark)),
        Grant: GrantFactory(union=union, **marked(Grant, mark)),
        Activity: activity,
        Outcome: OutcomeFactory(activity=activity),
        VillageAid: VillageAid.objects.create(activity=activity, funds=5, **marked(VillageAid, mark)),
        Coverage: Coverage.objects.create(activity=activity, **marked(Coverage, mark)),
        Series: Series.objects.first(),
        CardIssue: CardIssueFactory(union=union, **marked(CardIssue, mark)),
        HeaderChoice: ChoiceFactory(
            union=union, chosen_by=account, **{**marked(HeaderChoice, mark), "column": "phone"}
        ),
        LedgerCall: CallFactory(union=union, **marked(LedgerCall, mark)),
        LedgerReturn: ReturnFactory(union=union, batch=batch),
        Fund: fund,
        Entry: EntryFactory(fund=fund, by=account, **marked(Entry, mark)),
        BankBalance: BankBalanceFactory(fund=fund, **marked(BankBalance, mark)),
        PaymentBatch: payment,
        PaymentRow: paid,
        Slip: SlipFactory(row=paid, **marked(Slip, mark)),
        PlaceKind: PlaceKind.objects.first(),
        ServicePoint: ServicePointFactory(union=union, **marked(ServicePoint, mark)),
        Merchant: MerchantFactory(union=union, **marked(Merchant, mark)),
        Support: support,
        SupportLine: held,
        CareRule: CareRuleFactory(),
        EarlyCase: EarlyCaseFactory(member=member, rule__check_code="amount", **marked(EarlyCase, mark)),
        CareVisit: CareVisitFactory(union=union, recorded_by=account, **{**marked(CareVisit, mark), "key": mark}),
        HeldNumber: HeldNumberFactory(union=union, by=account, **marked(HeldNumber, mark)),
        NumberAlarm: NumberAlarmFactory(union=union, account=account, **marked(NumberAlarm, mark)),
        TransferRequest: TransferRequestFactory(
            member=member, to_union=UnionFactory(name=f"{mark}另一个"), asked_by=account,
            **marked(TransferRequest, mark),
        ),
    }  # fmt: skip


def addresses(model: type[models.Model], pk: Any) -> list[str]:
    """Every address of a model's admin, those of one object with `pk`."""
    found = []
    for pattern in admin.site._registry[model].get_urls():
        if not pattern.name:
            continue
        try:
            found.append(reverse(f"admin:{pattern.name}", args=[pk] if "object_id" in str(pattern.pattern) else []))
        except NoReverseMatch:  # the addresses of UserAdmin.user_change_password and the like
            found.append(reverse(f"admin:{pattern.name}", kwargs={"id": pk}))
    return found


def snapshot() -> dict[str, list[dict[str, Any]]]:
    """Every row of every scoped model."""
    return {
        model._meta.label: list(model._default_manager.order_by("pk").values())
        for model in admin.site._registry
        if issubclass(model, ScopedModel)
    }
