"""Ten years after: anonymous, and no figure of the past changed. Spot checks, watermarks, clocks, grants of a file."""

import io
from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine
from auditlog.models import LogEntry
from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from members import roles
from pingtang_union.core import crypto
from pingtang_union.core.exceptions import DomainError
from pingtang_union.proof.draw import drawn, lot, share_of
from pingtang_union.workflow.clocks import clocks
from pingtang_union.workflow.table import State
from relief import services
from relief.models import (
    FileRecord,
    Grant,
    Household,
    HouseholdFile,
    HouseholdPerson,
    Instalment,
    PolicyPaper,
    Programme,
    SpotCheck,
)
from tests.awards.walk import perform
from tests.factories import (
    ClockRuleFactory,
    EarlyCaseFactory,
    HouseholdFactory,
    NationalRowFactory,
    PolicyFactory,
    UnionFactory,
    UserFactory,
    county,
)
from tests.relief.walk import lead, on_file, people_for

pytestmark = pytest.mark.usefixtures("enable_db")


@pytest.fixture
def clerk():
    return UserFactory(roles=(roles.RELIEF,))


def figures() -> list:
    """Files by day, township, category and cause, as figures of the past ask."""
    days = (timezone.localdate() + timedelta(days=n) for n in (-50, -30, 0, 30))
    rows = FileRecord.objects.order_by("pk")
    return [list(rows.on_file_on(day).values_list("year", "township", "category", "cause", "people")) for day in days]


def ended(grassroots, clerk) -> Household:
    household = on_file(grassroots)
    services.end_file(household=household, kind="out", on=household.since, reason="就业增收", by=clerk)
    household.refresh_from_db()
    return household


def forget(*args: str) -> str:
    out = io.StringIO()
    call_command("anonymise_households", *args, stdout=out)
    return out.getvalue()


def test_command_lists_first_and_changes_nothing(grassroots, clerk):
    household = ended(grassroots, clerk)
    assert "0 份" in forget()
    with time_machine.travel(timezone.now() + timedelta(days=3700)):
        said = forget()

    assert str(household.pk) in said
    assert household.name not in said
    assert Household.objects.filter(pk=household.pk).exists()


def test_anonymous_after_ten_years_and_no_figure_changed(grassroots, clerk):
    household = ended(grassroots, clerk)
    Grant.objects.create(
        union=grassroots, programme=Programme.objects.first(), edition="2026", name="某人", cash=Decimal(1200),
        state="paid", granted_on=household.since.isoformat(), household=household, household_key="file:1",
    )  # fmt: skip
    stays = on_file(grassroots)
    before = figures()
    hung = (
        NationalRowFactory(household=household, remark=household.name),
        EarlyCaseFactory(household=household, member=None, union=grassroots),
    )

    with time_machine.travel(timezone.now() + timedelta(days=3700)):
        forget("--write")

    assert figures() == before
    assert list(Household.objects.all()) == [stays]
    assert not HouseholdPerson.objects.filter(name=household.name).exists()
    record = FileRecord.objects.get(household=None)
    assert (record.amount, record.category) == (Decimal(1200), "deep")
    assert Grant.objects.get().household_key == "file:1"
    for one in hung:
        assert not LogEntry.objects.get_for_model(type(one)).exists()
    assert household.name not in str(list(LogEntry.objects.values_list("object_repr", "changes")))


def test_nothing_goes_before_its_time(grassroots, clerk):
    household = ended(grassroots, clerk)

    with pytest.raises(ValueError, match="is kept"):
        services.make_anonymous(household, timezone.localdate())


# --- Spot checks -------------------------------------------------------------------------------


def test_lots_follow_from_the_seed():
    names = [str(n) for n in range(20)]

    assert drawn("a", names, 5) == drawn("a", reversed(names), 5)
    assert drawn("a", names, 5) != drawn("b", names, 5)
    assert lot("seed", "7").startswith("106fa962d4fbb92d")  # for ever: what was drawn is proved by it
    assert [share_of(n, 30) for n in (0, 1, 3, 4, 10)] == [0, 1, 1, 2, 3]


def test_drawn_again_from_its_seed_it_is_the_same(grassroots, clerk):
    other = UnionFactory()
    for union in (grassroots,) * 4 + (other,):
        on_file(union)

    draw = services.draw_files(union=county(), by=clerk)

    keys = list(draw.checks.order_by("pk").values_list("household", flat=True))
    assert keys == services.draw_again(draw) == services.draw_again(type(draw).objects.get())
    assert [check.union for check in draw.checks.order_by("pk")].count(grassroots) == 2
    assert draw.checks.filter(union=other).count() == 1
    services.end_file(
        household=Household.objects.first(), kind="out", on=timezone.localdate(), reason="就业增收", by=clerk
    )
    assert services.draw_again(draw) == keys
    with pytest.raises(DomainError, match="已经抽取"):
        services.draw_files(union=county(), by=clerk)


def test_no_share_no_draw(grassroots, clerk):
    PolicyFactory(spot_share=None)

    with pytest.raises(DomainError, match="没有规定抽查比例"):
        services.draw_files(union=county(), by=clerk)


def test_finding_and_answer(grassroots, officer, clerk, signed_in):
    on_file(grassroots)
    check = services.draw_files(union=county(), by=clerk).checks.get()
    with pytest.raises(DomainError, match="尚未登记抽查情况"):
        services.answer_finding(check=check, answer="已经整改到位", by=officer)
    services.record_finding(check=check, is_in_order=False, findings="缺少收入证明", by=clerk)

    page = signed_in(officer).post(reverse("relief:spotcheck_answer", args=[check.pk]), {"answer": "已补齐收入证明"})

    assert page.status_code == 302
    assert SpotCheck.objects.get().answer == "已补齐收入证明"
    with pytest.raises(DomainError, match="已经答复"):
        services.record_finding(check=check, is_in_order=True, findings="材料齐全", by=clerk)


# --- Watermarks --------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_scan_of_identity_paper_bears_a_watermark(kind, grassroots, officer, signed_in):
    policy = PolicyFactory()
    paper = PolicyPaper.objects.create(policy=policy, title="身份证", is_identity=True)
    plain = io.BytesIO()
    Image.new("RGB", (800, 500), "white").save(plain, kind)
    household = HouseholdFactory(union=grassroots)
    facts = {"content": crypto.seal_bytes(plain.getvalue()), "size": 5, "content_type": f"image/{kind.lower()}",
             "name": f"a.{kind.lower()}", "added_by": officer, "application": household}  # fmt: skip
    scan = HouseholdFile.objects.create(paper=paper, **facts)
    other = HouseholdFile.objects.create(**facts)
    client = signed_in(officer)

    marked = client.get(reverse("relief:household_file", args=[scan.pk])).content
    assert client.get(reverse("relief:household_file", args=[other.pk])).content == plain.getvalue()
    with Image.open(io.BytesIO(marked)) as picture:
        assert picture.format == kind
        assert picture.size == (800, 500)
        dark = sum(picture.convert("L").histogram()[:225])
    assert dark > 2000  # words stand there


# --- Clocks ------------------------------------------------------------------------------------


def test_no_rule_no_clock(grassroots):
    household = lead(HouseholdFactory(union=grassroots), State.SUBMITTED)

    assert clocks([household]) == {}
    ClockRuleFactory(in_force_from=timezone.localdate() + timedelta(days=1))
    assert clocks([household]) == {}


def test_clock_counts_working_days_and_stops_while_the_applicant_mends(grassroots):
    ClockRuleFactory(working_days=10)
    household = HouseholdFactory(union=grassroots)
    people = people_for(household)
    PolicyFactory()

    def on(day: int, name: str, **told):
        nonlocal household
        with time_machine.travel(date(2026, 3, day), tick=False):
            household = perform(household, name, by=people[name if name != "return" else "approve"], **told)

    on(2, "submit")  # a Monday
    running = clocks([household], date(2026, 3, 5))[household.pk]
    assert (running.used, running.due, running.left) == (3, date(2026, 3, 16), 7)
    on(6, "return", reason="缺少收入证明")
    stopped = clocks([household], date(2026, 3, 20))[household.pk]
    assert (stopped.used, stopped.due) == (4, None)
    assert "已停计" in stopped.words
    on(20, "submit")
    again = clocks([household], date(2026, 3, 23))[household.pk]
    assert (again.used, again.due) == (5, date(2026, 3, 30))
    late = clocks([household], date(2026, 3, 31))[household.pk]
    assert (late.used, late.due) == (11, date(2026, 3, 30))
    assert "已超 1 个工作日" in late.words


def test_clock_ends_with_its_transition(grassroots):
    ClockRuleFactory(ends_with="recommend", working_days=5)
    household = lead(HouseholdFactory(union=grassroots), State.SUBMITTED)
    assert clocks([household])[household.pk].left == 5
    household = lead(HouseholdFactory(union=grassroots), State.RECOMMENDED)
    assert clocks([household]) == {}


def test_a_rule_needs_its_document():
    with pytest.raises(IntegrityError), transaction.atomic():
        ClockRuleFactory(document_number="")


# --- Grants of a file --------------------------------------------------------------------------


def test_grant_of_a_file_once_a_household(grassroots, clerk):
    clerk.user_permissions.add(*permissions("add_grant"))
    clerk = type(clerk).objects.get(pk=clerk.pk)
    household = on_file(grassroots)
    programme = Programme.objects.first()
    programme.is_once_a_household = True
    programme.save()
    plan = Instalment.objects.create(
        union=county(), programme=programme, edition="2026", title="第一批", most_a_person=Decimal(2000)
    )

    with pytest.raises(DomainError, match="每人最高"):
        services.grant_from_file(household=household, plan=plan, cash=Decimal("2000.01"), by=clerk)
    grant = services.grant_from_file(household=household, plan=plan, cash=Decimal(1000), by=clerk)

    worker = household.people.get(relation="self")
    assert (grant.household, grant.household_key, grant.source) == (household, f"file:{household.pk}", "file")
    assert (grant.name, grant.id_index, grant.state) == (worker.name, worker.id_index, "applied")
    twin = services.grant_from_file(household=household, plan=plan, cash=Decimal(1000), by=clerk)
    Grant.objects.filter(pk=grant.pk).update(state="approved")
    Grant.objects.filter(pk=twin.pk).update(id_index=None)
    with pytest.raises(IntegrityError), transaction.atomic():
        Grant.objects.filter(pk=twin.pk).update(state="approved")


def permissions(*codes: str):
    return Permission.objects.filter(codename__in=codes)


def test_no_grant_of_a_file_that_does_not_stand(grassroots, clerk):
    clerk.user_permissions.add(*permissions("add_grant"))
    clerk = type(clerk).objects.get(pk=clerk.pk)
    household = ended(grassroots, clerk)
    plan = Instalment.objects.create(
        union=county(), programme=Programme.objects.first(), edition="2026", title="第一批"
    )

    with pytest.raises(DomainError, match="只有在档"):
        services.grant_from_file(household=household, plan=plan, cash=Decimal(1000), by=clerk)
