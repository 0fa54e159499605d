"""Who was never helped, who is helped from many sides, who may need help early: facts and rules in words, for a person
to look at."""

from datetime import date
from decimal import Decimal

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from members import roles
from members.models import Member
from pingtang_union.core.exceptions import DomainError
from pingtang_union.workflow.table import State
from relief import services
from relief.models import Check, EarlyCase, Grant, Household, Programme
from relief.models.care import rules_on
from tests.factories import (
    CareRuleFactory,
    EarlyCaseFactory,
    EventFactory,
    GrantFactory,
    HouseholdFactory,
    HouseholdPersonFactory,
    InstalmentFactory,
    MemberFactory,
    UnionFactory,
    UserFactory,
    county,
)
from tests.relief.books import fund
from tests.relief.books import grant as approved
from tests.relief.walk import lead, on_file

pytestmark = pytest.mark.django_db
YEAR = timezone.localdate().year
DAY = timezone.localdate().isoformat()


@pytest.fixture
def clerk():
    return UserFactory(roles=(roles.RELIEF,))


def listed(client, model, query):
    return set(client.get(reverse(f"admin:relief_{model}_changelist") + query).context["cl"].queryset)


# --- Facts ---------------------------------------------------------------------------------


def test_files_that_nobody_visited(grassroots, clerk, signed_in):
    by_file, by_number, long_ago, never = (on_file(grassroots) for _ in range(4))
    HouseholdFactory(union=grassroots)  # a draft is no file
    GrantFactory(household=by_file, granted_on=DAY)
    GrantFactory(id_number=by_number.people.last().full_id_number, granted_on=DAY)
    GrantFactory(household=long_ago, granted_on="2017-04-27")
    GrantFactory(household=never, granted_on=DAY, state="failed")
    client = signed_in(clerk)
    assert listed(client, "household", "?state=&helped=year") == {long_ago, never}
    assert listed(client, "household", "?state=&helped=ever") == {never}
    assert "在档未走访帮扶" in client.get(reverse("desk")).content.decode()


def test_unions_whose_people_got_nothing(signed_in):
    given, once, never = (UnionFactory() for _ in range(3))
    GrantFactory(union=given, granted_on=DAY)
    GrantFactory(union=once, granted_on="2017-04-27")
    client = signed_in(UserFactory(roles=(roles.ORGANISATION,)))
    url = reverse("admin:members_union_changelist")
    this_year = set(client.get(f"{url}?helped=year").context["cl"].queryset)
    assert {once, never} <= this_year
    assert given not in this_year
    ever = set(client.get(f"{url}?helped=ever").context["cl"].queryset)
    assert never in ever
    assert not {given, once} & ever


def test_many_sides_by_programmes_and_by_amount(clerk, signed_in):
    CareRuleFactory(check_code=Check.PROGRAMMES, words="三个项目以上", threshold=3)
    CareRuleFactory(check_code=Check.AMOUNT, words="两千元以上", threshold=2000)
    often = {"name": "韦一", "id_number": "52272719800101123X", "id_type": "other", "granted_on": DAY}
    three = {GrantFactory(of=of, **often) for of in ("五一慰问", "金秋助学", "生活救助")}
    rich = GrantFactory(cash=2000, granted_on=DAY)
    GrantFactory(of="法律援助", cash=5000, **often | {"granted_on": "2017-01-01"})  # another year
    client = signed_in(clerk)
    assert listed(client, "grant", "?sides=programmes") == three
    assert listed(client, "grant", "?sides=amount") == {rich}
    desk = client.get(reverse("desk")).content.decode()
    assert "多头帮扶：三个项目以上" in desk
    assert "多头帮扶：两千元以上" in desk
    finance = signed_in(UserFactory(roles=(roles.FINANCE,)))
    assert "多头帮扶" not in finance.get(reverse("admin:relief_grant_changelist")).content.decode()
    assert listed(finance, "grant", "?sides=programmes") == set()


def test_the_years_plan_beside_the_funds(clerk, signed_in):
    plan = InstalmentFactory(fund=fund("90000"), planned=Decimal(50000), edition=str(YEAR))
    told = {"plan": plan, "programme": plan.programme, "edition": plan.edition, "instalment": plan.number}
    approved(**told)
    approved(**told, state="paid", granted_on=DAY, cash=Decimal(700))
    page = signed_in(clerk).get(reverse("admin:relief_instalment_changelist") + f"?edition={YEAR}").content.decode()
    for amount in ("50,000.00", "500.00", "700.00", "90,000.00"):
        assert amount in page


# --- The early list ------------------------------------------------------------------------


def found(check, **told):
    CareRuleFactory(check_code=check, **told)
    services.find_early()
    return EarlyCase.objects.all()


def test_long_retained_membership():
    for day in (f"{YEAR - 3}-01-05", DAY):
        member = MemberFactory(joined_on="2010-01")
        EventFactory(member=member, union=member.union, kind="retain", on=day)
        Member.objects.filter(pk=member.pk).update(status="retained")
    [case] = found(Check.RETAINED)
    assert case.member.events.get(kind="retain").on == f"{YEAR - 3}-01-05"


def test_serious_illness_grants_of_who_stands_in_no_file(grassroots):
    of = {"of": "大病救助", "granted_on": DAY, "name": "韦一", "id_number": "E12345", "id_type": "other"}
    GrantFactory(cash=2000, **of)
    latest = GrantFactory(cash=1500, instalment=2, **of)
    GrantFactory(of="大病救助", granted_on=DAY, cash=2999)
    GrantFactory(of="大病救助", granted_on="2017-01-01", cash=9000)
    known = on_file(grassroots).people.get(relation="self")
    GrantFactory(of="大病救助", granted_on=DAY, cash=9000, id_number=known.full_id_number)
    illness = Programme.objects.get(name="大病救助")
    [case] = found(Check.ILLNESS, threshold=3000, programme=illness)
    assert case.grant == latest


def test_single_earners_with_school_children_whose_file_ended(grassroots):
    def refused(**child):
        household = lead(HouseholdFactory(union=grassroots), State.REJECTED)
        HouseholdPersonFactory(household=household, born_on="2015-01-01", standing="", income=0, **child)
        return household

    with time_machine.travel(f"{YEAR}-03-02 10:00+08:00", tick=False):
        at_school = refused(school="金盆小学")
        refused(school="")
        HouseholdPersonFactory(household=HouseholdFactory(union=grassroots), school="金盆小学")  # still a draft
    [case] = found(Check.SINGLE, threshold=None)
    assert case.household == at_school


def test_the_list_follows_the_records_and_decides_nothing(clerk):
    before = (list(Household.objects.values()), list(Grant.objects.values()))
    rule = CareRuleFactory()
    stays, goes = EarlyCaseFactory(rule=rule), EarlyCaseFactory(rule=rule)
    services.look_at(case=stays, note="已电话了解，暂无困难", by=clerk)
    assert services.find_early() == 0  # nobody's membership is retained
    assert [case.is_current for case in EarlyCase.objects.all()] == [False]
    assert not EarlyCase.objects.filter(pk=goes.pk).exists()
    assert before == (list(Household.objects.values()), list(Grant.objects.values()))


def test_of_a_check_the_latest_rule_counts():
    old = CareRuleFactory(threshold=9)
    new = CareRuleFactory(in_force_from=date(2021, 1, 1))
    CareRuleFactory(in_force_from=date(2099, 1, 1))
    assert rules_on(timezone.localdate()) == [new]
    assert rules_on(date(2020, 6, 1)) == [old]
    new.is_in_use = False
    new.save()
    assert rules_on(timezone.localdate()) == []


def test_a_person_looks_with_day_and_note(clerk, signed_in):
    case = EarlyCaseFactory()
    client, look = signed_in(clerk), reverse("admin:relief_earlycase_look", args=[case.pk])
    assert "提前关注待查看" in client.get(reverse("desk")).content.decode()
    assert "至少 4 个字" in client.post(look, {"note": "好"}).content.decode()
    client.post(look, {"note": "已入户了解情况"})
    case.refresh_from_db()
    assert (case.looked_on, case.looked_by, case.note) == (timezone.localdate(), clerk, "已入户了解情况")
    with pytest.raises(DomainError, match="没有登记查看情况"):
        services.look_at(case=case, note="已入户了解情况", by=UserFactory(roles=(roles.FINANCE,)))
    with pytest.raises(DomainError, match="不能更新"):
        services.find_early(UserFactory(roles=(roles.TOWNSHIP,)))


def test_health_and_children_are_guarded(signed_in):
    some = UserFactory(roles=(roles.AUDITOR,))
    some.is_staff = True
    some.save()
    some.user_permissions.add(Permission.objects.get(codename="view_earlycase"))
    illness = Programme.objects.get(name="大病救助")
    ill = CareRuleFactory(check_code=Check.ILLNESS, words="大病救助较多", threshold=1, programme=illness)
    child = CareRuleFactory(check_code=Check.SINGLE, words="有子女上学", threshold=None)
    EarlyCaseFactory(rule=ill)
    EarlyCaseFactory(rule=child)
    seen = EarlyCaseFactory(member__name="韦三妹")
    client = signed_in(some)
    assert listed(client, "earlycase", "") == {seen}
    page = client.get(reverse("admin:relief_earlycase_changelist")).content.decode()
    assert "韦*妹" in page
    assert "韦三妹" not in page
    verbs = ("health_household", "children_household")
    some.user_permissions.add(*Permission.objects.filter(codename__in=verbs))
    assert len(listed(signed_in(some), "earlycase", "")) == 3


def test_one_subject_and_a_threshold():
    case = EarlyCaseFactory()
    for change in ({"grant": GrantFactory()}, {"member": None}, {"looked_on": timezone.localdate()}):
        with pytest.raises(IntegrityError), transaction.atomic():
            EarlyCase.objects.filter(pk=case.pk).update(**change)
    for told in ({"threshold": None}, {"check_code": "illness"}, {"check_code": "single"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            CareRuleFactory(in_force_from=date(2022, 1, 1), **told)
    CareRuleFactory(in_force_from=date(2023, 1, 1))
    with pytest.raises(IntegrityError), transaction.atomic():
        CareRuleFactory(in_force_from=date(2023, 1, 1))


def test_finding_asks_as_much_for_many():
    CareRuleFactory()
    counted = []
    for _ in range(2):
        for _ in range(3):
            member = MemberFactory(joined_on="2010-01")
            EventFactory(member=member, union=county(), kind="retain", on="2011-01-01")
            Member.objects.filter(pk=member.pk).update(status="retained")
        with CaptureQueriesContext(connection) as captured:
            assert services.find_early() == 3
        counted.append(len(captured))
    assert counted[0] == counted[1]
