"""A hardship file on its way: guards, four eyes, whose people they are, what a decision keeps."""

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from auditlog.models import LogEntry
from django.db import IntegrityError, transaction
from django.utils import timezone

from members import roles
from pingtang_union.core import crypto
from pingtang_union.core.exceptions import DomainError
from pingtang_union.workflow.attachments import CheckedFile
from pingtang_union.workflow.moving import what_is_missing
from pingtang_union.workflow.table import State, transition_called
from relief import services
from relief.models import Assessment, Consent, FileRecord, Household, HouseholdPerson, PolicyPaper
from tests.awards.walk import DOCUMENT, perform
from tests.factories import (
    HouseholdFactory,
    HouseholdPersonFactory,
    MemberFactory,
    PolicyFactory,
    UnionFactory,
    UserFactory,
    id_number,
)
from tests.relief.walk import check, lead, on_file, people_for, visit

pytestmark = pytest.mark.usefixtures("enable_db")


def missing(household: Household, name: str) -> list[str]:
    return what_is_missing(household, transition_called(Household, name))


# --- Filling in --------------------------------------------------------------------------------


def test_begun_with_a_member_nobody_types_the_number_again(officer, grassroots):
    member = MemberFactory(union=grassroots, name="韦阿妹")

    household = services.start_household(household=Household(union=grassroots), member=member, by=officer)

    worker = household.people.get()
    assert (household.name, worker.name, worker.relation) == ("韦阿妹", "韦阿妹", "self")
    assert worker.full_id_number == member.full_id_number
    assert worker.id_index == member.id_index


def test_only_own_workers(officer):
    stranger = MemberFactory()

    with pytest.raises(DomainError, match="只能为自己的工会"):
        services.start_household(household=Household(union=stranger.union), member=stranger, by=officer)


def test_says_what_is_missing_step_by_step(officer, grassroots):
    PolicyFactory()
    household = services.start_household(household=Household(union=grassroots, name="陆一"), by=officer)

    by_step = household.missing_by_step()
    assert by_step["who"][0] == "没有填写联系电话"
    assert by_step["family"] == ["本人没有填写证件号码、人员身份、健康状况、户口类型"]
    assert by_step["papers"] == ["没有选主要致困原因"]
    assert "本人没有签署家庭经济状况核对授权" in by_step["consent"]
    with pytest.raises(DomainError, match="没有填写联系电话"):
        perform(household, "submit", by=officer)


def test_papers_of_the_policy_are_asked_of_whom_they_concern(grassroots, officer):
    policy = PolicyFactory()
    household = HouseholdFactory(union=grassroots)
    cause = household.causes.get().cause
    identity = PolicyPaper.objects.create(policy=policy, title="身份证", is_identity=True)
    PolicyPaper.objects.create(policy=policy, title="诊断证明", cause=cause)
    PolicyPaper.objects.create(policy=policy, title="录取通知书", cause=type(cause).objects.get(number=9))

    assert household.missing_by_step()["papers"] == ["材料「身份证」没有上传", "材料「诊断证明」没有上传"]
    with pytest.raises(DomainError, match="不是图片"):
        services.add_file(
            household=household, checked=CheckedFile("a.pdf", "application/pdf", b"%PDF-"), paper=identity, by=officer
        )
    services.add_file(household=household, checked=CheckedFile("a.png", "image/png", b"x"), paper=identity, by=officer)
    assert Household.objects.get().missing_by_step()["papers"] == ["材料「诊断证明」没有上传"]


def test_causes_main_and_three_others(grassroots, officer):
    household = HouseholdFactory(union=grassroots)
    causes = list(type(household.causes.get().cause).objects.all()[:5])

    services.set_causes(household=household, main=causes[0], others=causes[:4], by=officer)
    assert [line.place for line in household.causes.all()] == [0, 1, 2, 3]
    with pytest.raises(DomainError, match="最多 3 项"):
        services.set_causes(household=household, main=causes[0], others=causes[1:], by=officer)


def test_account_is_the_recipients_own(grassroots):
    with pytest.raises(IntegrityError, match=r"payee_is_recipient|CHECK"), transaction.atomic():
        HouseholdFactory(union=grassroots, payee_name="别人")


def test_child_below_fourteen_needs_a_guardian(grassroots, officer):
    household = HouseholdFactory(union=grassroots)
    worker = household.people.get(relation="self")
    child = HouseholdPersonFactory(household=household, born_on="2020-05-01", standing="")
    today = timezone.localdate()

    with pytest.raises(DomainError, match="由监护人签署"):
        services.give_consent(person=child, purpose="check", signed_on=today, by=officer)
    other = HouseholdPersonFactory(household=HouseholdFactory())
    with pytest.raises(DomainError, match="本户成员"):
        services.give_consent(person=child, purpose="check", signed_on=today, signer=other, by=officer)
    given = services.give_consent(person=child, purpose="check", signed_on=today, signer=worker, by=officer)
    assert given.is_guardian
    with pytest.raises(IntegrityError), transaction.atomic():
        Consent.objects.create(person=child, signer=child, is_guardian=True, purpose="publicity", signed_on=today)


def test_content_holds_no_guarded_word(grassroots):
    household = HouseholdFactory(union=grassroots)
    person = household.people.first()
    person.health = "恶性肿瘤"
    person.save()
    household = Household.objects.get()

    said = str(household.content())
    assert "肿瘤" not in said
    assert person.full_id_number not in said
    assert "6228480000000000001" not in said
    before = household.content()
    person = household.people.first()
    person.health = "尿毒症"
    person.save()
    assert Household.objects.get().content() != before


def test_of_health_not_even_the_end_is_shown_or_logged(grassroots):
    household = HouseholdFactory(union=grassroots)
    person = household.people.first()
    person.health = "尿毒症"
    person.save()

    assert str(HouseholdPerson.objects.get(pk=person.pk).health) == "******"
    assert "毒症" not in str(list(LogEntry.objects.values_list("changes", flat=True)))


def test_nothing_guarded_stands_in_the_tables(grassroots):
    household = HouseholdFactory(union=grassroots)
    person = household.people.first()

    row = Household.objects.filter(pk=household.pk).values().get()
    assert b"6228480000000000001" not in bytes(row["bank_account"].token)
    stored = HouseholdPerson.objects.filter(pk=person.pk).values().get()
    assert person.full_id_number.encode() not in bytes(stored["id_number"].token)
    assert "健康".encode() not in bytes(stored["health"].token)
    assert crypto.unseal(stored["health"].token) == "健康"


# --- On its way --------------------------------------------------------------------------------


def test_whole_way_to_file(grassroots):
    household = lead(HouseholdFactory(union=grassroots), State.DECIDED)

    assert (household.category, household.file_state) == ("deep", "on_file")
    assessment = household.assessments.get()
    assert assessment.outcome["a_head"] == "500.00"
    assert household.people.filter(is_current=True).count() == 2
    record = household.records.get()
    assert (record.union.name, record.category, record.people) == ("金盆街道工会联合会", "deep", 2)
    assert record.cause == "本人或家庭成员重特大疾病"


def test_visit_and_check_before_the_countys_review(grassroots):
    household = HouseholdFactory(union=grassroots)
    people = people_for(household)
    household = lead(household, State.RECOMMENDED, people)

    assert missing(household, "approve") == ["尚未登记入户走访", "尚未登记家庭经济状况核对结果"]
    visit(household, people["visit"])
    check(household, people["check"])
    household.refresh_from_db()
    assert missing(household, "approve") == []


def test_check_needs_everybodys_consent(grassroots):
    household = HouseholdFactory(union=grassroots)
    people = people_for(household)
    household = lead(household, State.RECOMMENDED, people)
    consent = Consent.objects.filter(purpose="check").last()
    services.withdraw_consent(consent=consent, on=timezone.localdate(), by=people["check"])

    with pytest.raises(DomainError, match="没有签署家庭经济状况核对授权"):
        check(household, people["check"])


def test_no_visit_before_the_first_review(grassroots):
    household = HouseholdFactory(union=grassroots)
    people = people_for(household)
    household = lead(household, State.SUBMITTED, people)

    with pytest.raises(DomainError, match="初审以后"):
        visit(household, people["visit"])


@pytest.mark.parametrize("twice", ["recommend", "approve", "decide"])
def test_first_reviewer_visitor_reviewer_decider_are_four(grassroots, twice):
    """Whoever visited does none of the other three, by the service and by the database."""
    household = HouseholdFactory(union=grassroots)
    people = people_for(household)
    everything = UserFactory(union=household.union, roles=(roles.RELIEF, roles.TOWNSHIP, roles.GRASSROOTS))
    people |= {"visit": everything, twice: everything}

    with pytest.raises(DomainError, match=r"由别人|不同的人"):
        lead(household, State.DECIDED, people)
    household = lead(HouseholdFactory(union=grassroots), State.DECIDED)
    column = {"recommend": "recommended", "approve": "reviewed", "decide": "decided"}[twice]
    with pytest.raises(IntegrityError), transaction.atomic():
        Household.objects.filter(pk=household.pk).update(visited_by=getattr(household, f"{column}_by_id"))


def test_where_no_township_looks_first_the_applicant_does_not_visit():
    union = UnionFactory()
    household = HouseholdFactory(union=union)
    people = people_for(household)
    people["visit"] = people["submit"]
    household = lead(household, State.SUBMITTED, people)

    assert household.is_direct
    with pytest.raises(DomainError, match="由别人入户"):
        visit(household, people["submit"])
    with pytest.raises(IntegrityError), transaction.atomic():
        Household.objects.filter(pk=household.pk).update(visited_by=people["submit"])


def test_companion_is_another(grassroots):
    household = HouseholdFactory(union=grassroots)
    people = people_for(household)
    household = lead(household, State.RECOMMENDED, people)

    with pytest.raises(DomainError, match="不能是您自己"):
        visit(household, people["visit"], companion=people["visit"].full_name)


def test_without_policy_no_category(grassroots):
    household = HouseholdFactory(union=grassroots)
    people = people_for(household)
    household = lead(household, State.RECOMMENDED, people)
    visit(household, people["visit"])
    check(household, people["check"])
    type(household.policy()).objects.all().delete()

    assert missing(Household.objects.get(), "approve") == ["尚未发布帮扶政策，不能认定困难类别，请先在业务管理里登记"]


def test_who_is_in_no_hardship_is_not_approved(grassroots):
    household = HouseholdFactory(union=grassroots, family=(Decimal(90000),))
    people = people_for(household)
    household = lead(household, State.RECOMMENDED, people)
    visit(household, people["visit"])
    check(household, people["check"])

    assert "不能建档" in missing(Household.objects.get(), "approve")[0]


def test_nobody_is_in_two_current_files(grassroots):
    """An officer's application goes through; the county sees the other file, and the database refuses."""
    first = on_file(UnionFactory())
    number = first.people.last().full_id_number
    second = HouseholdFactory(union=grassroots)
    person = second.people.last()
    person.id_number = number
    person.save()
    people = people_for(second)

    second = lead(second, State.RECOMMENDED, people)
    visit(second, people["visit"])
    check(second, people["check"])
    second = Household.objects.get(pk=second.pk)
    assert missing(second, "approve") == [f"{person.told}已在另一份困难职工档案中（{first.union}，{first}）"]
    with pytest.raises(IntegrityError), transaction.atomic():
        second.people.update(is_current=True)
    services.end_file(household=first, kind="out", on=first.since, reason="就业增收", by=people["check"])
    assert missing(Household.objects.get(pk=second.pk), "approve") == []


def test_return_frees_the_people_and_says_where_to_mend(grassroots):
    household = HouseholdFactory(union=grassroots)
    people = people_for(household)
    household = lead(household, State.REVIEWED, people)
    until = timezone.localdate() + timedelta(days=5)

    household = perform(household, "return", by=people["approve"], reason="收入证明过期", step="money", until=until)

    assert household.people.filter(is_current=True).count() == 0
    assert household.category == ""


def test_publicity_only_with_the_workers_consent(grassroots):
    household = HouseholdFactory(union=grassroots)
    people = people_for(household)
    household = lead(household, State.REVIEWED, people)
    consent = Consent.objects.get(purpose="publicity")
    services.withdraw_consent(consent=consent, on=timezone.localdate(), by=people["check"])

    assert missing(Household.objects.get(), "publicise") == ["本人没有签署公示授权"]


# --- After the decision ------------------------------------------------------------------------


@pytest.fixture
def clerk() -> object:
    return UserFactory(roles=(roles.RELIEF,))


def same(household: Household) -> dict:
    return {"values": {}, "wages": {one.pk: one.income for one in household.people.all()}}


def test_recheck_keeps_another_calculation(grassroots, clerk):
    household = on_file(grassroots)
    wages = {one.pk: Decimal(10000) for one in household.people.all()}

    with time_machine.travel(timezone.now() + timedelta(days=400), tick=False):
        services.recheck(
            household=household, on=timezone.localdate(), reason="年度复核", values={}, wages=wages, by=clerk
        )

    household.refresh_from_db()
    assert household.category == "relative"
    assert [one.category for one in household.assessments.all()] == ["relative", "deep"]


def test_recheck_of_who_is_no_longer_in_hardship(grassroots, clerk):
    household = on_file(grassroots)
    wages = {one.pk: Decimal(90000) for one in household.people.all()}

    with time_machine.travel(timezone.now() + timedelta(days=30)), pytest.raises(DomainError, match="请办理脱困"):
        services.recheck(
            household=household, on=timezone.localdate(), reason="年度复核", values={}, wages=wages, by=clerk
        )
    household.refresh_from_db()
    assert (household.category, Assessment.objects.count()) == ("deep", 1)


def test_out_and_back(grassroots, clerk):
    household = on_file(grassroots)
    since = household.since

    services.end_file(household=household, kind="out", on=since, reason="就业增收", by=clerk)
    household.refresh_from_db()
    assert (household.file_state, household.people.filter(is_current=True).count()) == ("out", 0)
    with pytest.raises(DomainError, match="已脱困"):
        services.end_file(household=household, kind="cancel", on=since, reason="重复", by=clerk)
    with time_machine.travel(timezone.now() + timedelta(days=60), tick=False):
        services.bring_back(
            household=household, on=timezone.localdate(), reason="再次患病", by=clerk, **same(household)
        )
    household.refresh_from_db()
    assert (household.file_state, household.people.filter(is_current=True).count()) == ("on_file", 2)
    assert [record.ended_on for record in household.records.order_by("pk")] == [since, None]
    assert FileRecord.objects.on_file_on(since).count() == 0


def test_acts_are_the_countys(grassroots, officer):
    household = on_file(grassroots)

    with pytest.raises(DomainError, match="您的账号不能办理"):
        services.end_file(household=household, kind="out", on=household.since, reason="就业增收", by=officer)


def test_decision_document_is_asked(grassroots):
    household = HouseholdFactory(union=grassroots)
    people = people_for(household)
    household = lead(household, State.PUBLICISED, people)

    with time_machine.travel(timezone.now() + timedelta(days=21)):
        with pytest.raises(DomainError, match="决定文号"):
            perform(household, "decide", by=people["decide"])
        perform(household, "decide", by=people["decide"], details={"decision_document": DOCUMENT})


def test_same_number_twice_in_a_household(grassroots):
    household = HouseholdFactory(union=grassroots)
    number = id_number()
    HouseholdPersonFactory(household=household, id_number=number)

    with pytest.raises(IntegrityError), transaction.atomic():
        HouseholdPersonFactory(household=household, id_number=number)
