"""What nobody gets round: four eyes over a second visit or a return, and what only who works on files reads."""

from datetime import timedelta

import pytest
import time_machine
from auditlog.models import LogEntry
from django.urls import reverse
from django.utils import timezone

from members import roles
from pingtang_union.core.exceptions import DomainError
from pingtang_union.workflow.attention import Notice
from pingtang_union.workflow.marking import address_of, tell
from pingtang_union.workflow.moving import barred_from
from pingtang_union.workflow.table import State, transition_called
from pingtang_union.workflow.waiting import waiting
from relief import services
from relief.forms.households import PersonForm
from relief.models import Household, HouseholdFile
from relief.services import masking
from tests.awards.walk import perform
from tests.factories import HouseholdFactory, HouseholdPersonFactory, UserFactory, county
from tests.relief.walk import check, lead, on_file, people_for, visit

pytestmark = pytest.mark.usefixtures("enable_db")


# --- Four eyes -----------------------------------------------------------------------------------


def test_no_other_visitor_takes_the_first_ones_place(grassroots):
    household = HouseholdFactory(union=grassroots)
    people = people_for(household)
    lead(household, State.RECOMMENDED, people)
    visit(household, people["visit"])

    with pytest.raises(DomainError, match="不能更换入户人"):
        visit(household, UserFactory(union=grassroots, roles=(roles.GRASSROOTS,)))
    visit(household, people["visit"])
    assert Household.objects.get().visited_by == people["visit"]


def test_returned_file_is_visited_and_checked_anew(grassroots):
    """And who visited before the return approves nothing after it."""
    household = HouseholdFactory(union=grassroots)
    people = people_for(household)
    first = UserFactory(roles=(roles.RELIEF, roles.GRASSROOTS))
    household = lead(household, State.RECOMMENDED, people | {"visit": first})
    visit(household, first)
    check(household, people["check"])

    household = perform(household, "return", by=people["approve"], reason="收入证明过期")
    assert (household.visited_by, household.check_answered_on, household.check_verdict) == (None, None, "")
    household = perform(household, "submit", by=people["submit"])
    household = perform(household, "recommend", by=people["recommend"])
    visit(household, people["visit"])
    household = check(household, people["check"])

    assert "要由别人" in barred_from(household, transition_called(Household, "approve"), first)
    assert not Household.objects.filter(waiting(Household, first)).exists()
    perform(household, "approve", by=people["approve"])


# --- What only who works on files reads ----------------------------------------------------------


def test_trail_says_nothing_that_the_file_hides(grassroots):
    household = HouseholdFactory(union=grassroots, name="韦阿妹", payee_name="韦阿妹", check_note="另有一辆车")
    HouseholdFile.objects.create(application=household, name="韦阿妹身份证.png", content=b"", size=1,
                                 content_type="image/png", added_by=UserFactory())  # fmt: skip
    people = people_for(household)
    household = lead(household, State.RECOMMENDED, people)
    visit(household, people["visit"], findings="丈夫常年卧病")
    child = HouseholdPersonFactory(household=household, name="韦小妹", school="金盆小学", grade="三年级")
    household.address = "平舟镇西街9号"
    household.save()

    said = str(list(LogEntry.objects.values_list("object_repr", "changes")))
    words = ("韦阿妹", "韦小妹", "金盆小学", "三年级", "13800000000", "东街1号", "西街9号", "另有一辆车", "卧病")
    assert not [word for word in words if word in said]
    assert "address" in said
    assert str(child) == "子女（韦*妹）"


def test_reason_of_an_act_stays_out_of_the_trail(grassroots):
    household = on_file(grassroots)
    clerk = UserFactory(roles=(roles.RELIEF,))
    services.end_file(household=household, kind="out", on=household.since, reason="病愈后就业", by=clerk)

    assert "病愈" not in str(list(LogEntry.objects.values_list("changes", flat=True)))


@pytest.mark.parametrize("role", [roles.LEADER, roles.AUDITOR])
def test_nobody_is_found_by_name_by_who_only_reads(role, grassroots, signed_in):
    household = on_file(grassroots, name="韦阿妹")
    urls = [reverse("relief:household_list")]
    if role in roles.STAFF:
        urls.append(reverse("admin:relief_household_changelist"))

    def found(user, url: str, **asked: str) -> bool:
        answer = signed_in(user).get(url, asked)
        return answer.status_code == 200 and f"/{household.pk}/" in answer.content.decode()

    for url in urls:
        assert not found(UserFactory(roles=(role,)), url, q="韦"), url
        assert found(UserFactory(roles=(roles.RELIEF,)), url, q="韦"), url


@pytest.mark.parametrize("role", [roles.LEADER, roles.AUDITOR, roles.RELIEF])
def test_reasons_and_the_calculation_are_for_who_works_on_files(role, grassroots, signed_in):
    household = HouseholdFactory(union=grassroots)
    people = people_for(household)
    lead(household, State.REVIEWED, people)
    household = perform(household, "return", by=people["approve"], reason="丈夫的病历没有盖章")
    client = signed_in(UserFactory(roles=(role,)))
    urls = [reverse("relief:household_detail", args=[household.pk])]
    if role in roles.STAFF:
        urls.append(reverse("admin:relief_household_change", args=[household.pk]))
    works = role == roles.RELIEF

    answers = [answer for answer in map(client.get, urls) if answer.status_code == 200]
    assert answers
    assert [("病历" in answer.content.decode()) for answer in answers] == [works] * len(answers)
    sheet = client.get(reverse("relief:assessment", args=[household.assessments.get().pk])).content.decode()
    assert ("计算过程" in sheet, "家庭人口" in sheet, "500.00" in sheet) == (works, works, True)


# --- Spot checks ---------------------------------------------------------------------------------


@pytest.mark.parametrize("part", ["submitted", "recommended", "visited", "reviewed", "decided"])
def test_who_had_a_part_in_a_file_does_not_spot_check_it(part, grassroots):
    household = on_file(grassroots)
    clerk, other = UserFactory(roles=(roles.RELIEF,)), UserFactory(roles=(roles.RELIEF,))
    spot = services.draw_files(union=county(), by=other).checks.get()
    Household.objects.filter(pk=household.pk).update(**{f"{part}_by": clerk})

    with pytest.raises(DomainError, match="要由别人抽查"):
        services.record_finding(check=spot, is_in_order=True, findings="材料齐全", by=clerk)
    services.record_finding(check=spot, is_in_order=True, findings="材料齐全", by=other)


def test_spot_check_is_answered_once(grassroots, officer):
    on_file(grassroots)
    clerk = UserFactory(roles=(roles.RELIEF,))
    spot = services.draw_files(union=county(), by=clerk).checks.get()
    services.record_finding(check=spot, is_in_order=False, findings="缺少收入证明", by=clerk)
    services.answer_finding(check=spot, answer="已补齐收入证明", by=officer)

    with pytest.raises(DomainError, match="已经答复"):
        services.answer_finding(check=spot, answer="另有说法如下", by=officer)


# --- Children, marks, days, what is forgotten ----------------------------------------------------


def test_child_of_unknown_birth_is_guarded(grassroots, officer):
    household = HouseholdFactory(union=grassroots)
    child = HouseholdPersonFactory(household=household, name="韦小妹", born_on=None, id_type="other", school="金盆小学")
    parent = HouseholdPersonFactory(household=household, relation="parent", born_on=None)

    assert (child.is_minor, parent.is_minor) == (True, False)
    assert masking.shown_name(child, officer) == "韦*妹"


def test_marks_of_two_people_in_the_same_health_differ(grassroots):
    household = HouseholdFactory(union=grassroots)
    one, other = household.people.all()
    for person in (one, other):
        person.health = "恶性肿瘤"
        person.id_number = ""

    assert one.mark() == one.mark() != other.mark()
    assert (
        HouseholdFactory(bank_account="62284800").content()["收款：银行账号"]
        != (HouseholdFactory(bank_account="62284800").content()["收款：银行账号"])
    )


def test_health_is_a_few_words(grassroots, officer):
    person = HouseholdFactory(union=grassroots).people.first()

    def wrong(health: str) -> bool:
        return "health" in PersonForm({"health": health}, instance=person, user=officer).errors

    assert (wrong("病" * 200), wrong("病" * 201)) == (False, True)


def test_a_birth_that_no_number_tells_is_asked_and_one_that_is_told_is_not_shown(grassroots, officer):
    child = HouseholdFactory(union=grassroots).people.get(relation="child")

    def form(**told) -> PersonForm:
        usual = {"relation": "child", "name": "家人", "id_number": "C12345678", "health": "健康", "hukou": "rural",
                 "income": "0"}  # fmt: skip
        child.refresh_from_db()  # a form fills in its instance
        return PersonForm(usual | told, instance=child, user=officer)

    assert form(id_type="passport").errors["born_on"] == ["这种证件看不出出生日期，请填写。"]
    child.refresh_from_db()
    shown = PersonForm(instance=child, user=officer)
    assert (child.born_on, shown["born_on"].value()) == ("1980-01-01", None)
    kept = form(id_type="resident", id_number=str(child.id_number))
    assert (kept.errors, kept.save(commit=False).born_on) == ({}, "1980-01-01")
    foreign = form(id_type="passport", born_on="2015-03")
    assert foreign.errors == {}
    services.save_person(person=foreign.save(commit=False), by=officer)
    child.refresh_from_db()
    assert (child.born_on, child.is_minor) == ("2015-03", True)


def test_recheck_is_not_before_the_file_or_the_last_one(grassroots):
    household = on_file(grassroots)
    clerk = UserFactory(roles=(roles.RELIEF,))

    def recheck(on) -> None:
        services.recheck(household=household, on=on, reason="年度复核", values={}, wages={}, by=clerk)

    with pytest.raises(DomainError, match="不能早于"):
        recheck(household.since - timedelta(days=1))
    recheck(household.since + timedelta(days=9))
    with pytest.raises(DomainError, match="不能早于"):
        recheck(household.since + timedelta(days=8))


def test_notices_of_a_forgotten_file_go_with_it(grassroots):
    household, stays = on_file(grassroots), on_file(grassroots)
    clerk, officer = UserFactory(roles=(roles.RELIEF,)), UserFactory(union=grassroots, roles=(roles.GRASSROOTS,))
    services.end_file(household=household, kind="out", on=household.since, reason="就业增收", by=clerk)
    for file in (household, stays):
        tell([clerk, officer], "韦某的病历没有盖章", file)
    assert Notice.objects.count() == 4

    with time_machine.travel(timezone.now() + timedelta(days=3700)):
        services.make_anonymous(household, timezone.localdate())
    assert {one.url for one in Notice.objects.all()} == {address_of(stays, clerk), address_of(stays, officer)}
