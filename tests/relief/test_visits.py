"""Visits of people without file: one page, several people, grants that wait for the county's word."""

import re
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from members import roles
from members.models import Township
from pingtang_union.core.exceptions import DomainError
from pingtang_union.workflow.table import State
from relief import services
from relief.models import CareVisit, Grant, GrantSource, GrantState, Group, PayWay, Programme, VisitPhoto
from relief.services.care import Visited
from tests.factories import (
    GrantFactory,
    HouseholdFactory,
    InstalmentFactory,
    UnionFactory,
    UserFactory,
    county,
    id_number,
)
from tests.relief.books import Desk, fund, released
from tests.relief.test_places import picture
from tests.relief.walk import lead

pytestmark = pytest.mark.django_db
ADDRESS = "relief:carevisit_create"


@pytest.fixture
def federation():
    """The federation of a town, with its row among the townships."""
    union = UnionFactory(name="平舟镇工会联合会", level="township", township="平舟镇")
    Township.objects.update_or_create(
        name="平舟镇", defaults={"county": county(), "federation": union, "code": "522727100"}
    )
    return union


def group(name):
    return Group.objects.get(name=name)


def sent(*people, **told):
    data = {
        "programme": Programme.objects.get(name="节日慰问").pk, "visited_on": timezone.localdate().isoformat(),
        "address": "平舟镇京舟村", "key": "abc", "people-TOTAL_FORMS": 10, "people-INITIAL_FORMS": 0,
    } | told  # fmt: skip
    for at, person in enumerate(people):
        data |= {f"people-{at}-{name}": value for name, value in person.items()}
    return data


def child(**told):
    return {"name": "韦小妹", "group": group("留守儿童").pk, "goods": "200"} | told


def test_several_people_of_one_visit(federation, officer, signed_in):
    number = id_number()
    worker = {"name": "罗清扬", "group": group("环卫工人").pk, "cash": "300", "id_number": number}
    told = sent(child(), worker, photos=picture(), note="送去书包和被褥")
    page = signed_in(officer).post(reverse(ADDRESS), told, follow=True).content.decode()
    assert "已登记走访慰问 2 人，列在平舟镇工会联合会" in page
    first, second = Grant.objects.order_by("pk")
    assert (first.name, first.goods, first.cash, first.id_index) == ("韦小妹", 200, 0, None)
    assert (second.full_id_number, second.cash) == (number, 300)
    for one in (first, second):
        assert (one.union, one.township, one.address) == (federation, "平舟镇", "平舟镇京舟村")
        assert (one.source, one.state, one.is_outside_books) == (GrantSource.VISIT, GrantState.APPLIED, False)
        assert (one.visit.union, one.edition) == (officer.union, str(timezone.localdate().year))
    assert VisitPhoto.objects.get().application == first.visit


def test_the_same_form_twice_counts_once(federation, officer, signed_in):
    for _ in range(2):
        signed_in(officer).post(reverse(ADDRESS), sent(child()))
    assert (CareVisit.objects.count(), Grant.objects.count()) == (1, 1)


def test_where_a_row_belongs(federation, officer, signed_in):
    client = signed_in(officer)
    for at, (address, union) in enumerate(
        (("平塘县平舟镇京舟村", federation), ("某处路口", county()), (officer.union.name, officer.union))
    ):
        client.post(reverse(ADDRESS), sent(child(), address=address, key=f"k{at}"))
        assert Grant.objects.latest("pk").union == union, address


def test_another_unions_name_tells_nothing(officer, signed_in):
    UnionFactory(name="平塘县民族中学工会")
    page = signed_in(officer).post(reverse(ADDRESS), sent(child(), address="平塘县民族中学工会")).content.decode()
    assert "您管的工会里没有" in page
    assert not Grant.objects.exists()
    with pytest.raises(DomainError, match="只能登记自己"):
        services.register_visit(
            visit=CareVisit(programme=Programme.objects.first(), visited_on=timezone.localdate(), address="x", key="y"),
            people=[Visited(name="韦一", cash=Decimal(1))], union=UnionFactory(), township="", photos=[],
            by=officer,
        )  # fmt: skip


@pytest.mark.parametrize(
    ("person", "told", "words"),
    [({"goods": ""}, {}, "至少填一项"), ({"id_number": "522727198001011234"}, {}, "证件号码|身份证"),
     ({"group": ""}, {}, "人员类别"), ({}, {"programme": ""}, "请选择发放计划或帮扶项目"),
     ({}, {"visited_on": "2199-01-01"}, "在今天以后"), ({"goods": "-5"}, {}, "0")],
)  # fmt: skip
def test_what_is_wrong_is_said(person, told, words, federation, officer, signed_in):
    page = signed_in(officer).post(reverse(ADDRESS), sent(child(**person), **told))
    assert page.status_code == 200
    assert re.search(words, page.content.decode())
    assert not CareVisit.objects.exists()


def test_nobody_visited_is_no_visit(federation, officer, signed_in):
    page = signed_in(officer).post(reverse(ADDRESS), sent())
    assert "请至少填写一名走访对象" in page.content.decode()


def test_an_earlier_grant_is_not_told_and_the_county_sees_it(federation, officer, signed_in):
    number, day = id_number(), timezone.localdate().isoformat()
    GrantFactory(of="节日慰问", id_number=number, granted_on=day)
    page = signed_in(officer).post(reverse(ADDRESS), sent(child(id_number=number)), follow=True).content.decode()
    assert "已登记走访慰问 1 人" in page
    assert "已有一份" not in page
    clerk = UserFactory(roles=(roles.RELIEF,))
    with pytest.raises(DomainError, match="已有一份"):
        services.approve(grant=Grant.objects.get(source=GrantSource.VISIT), by=clerk)


def test_approved_by_another_and_handed_over_by_three(federation, signed_in):
    desk = Desk()
    signed_in(desk.maker).post(reverse(ADDRESS), sent(child()))
    grant = Grant.objects.get()
    with pytest.raises(DomainError, match="另一人核定"):
        services.approve(grant=grant, by=desk.maker)
    released(desk, fund("1000"), services.approve(grant=grant, by=desk.checker), way=PayWay.HAND)
    grant.refresh_from_db()
    assert grant.state == GrantState.PAID


def test_who_may_not_apply_may_not_visit(signed_in):
    for role in (roles.LEADER, roles.FINANCE):
        assert signed_in(UserFactory(roles=(role,))).get(reverse(ADDRESS)).status_code == 403


# --- Groups of a plan ----------------------------------------------------------------------


@pytest.fixture
def plan():
    made = InstalmentFactory(title="六一慰问第一批")
    made.groups.set([group("留守儿童"), group("困难职工子女")])
    return made


def test_a_plans_groups_hold_for_visits(plan, federation, officer, signed_in):
    client = signed_in(officer)
    page = client.post(reverse(ADDRESS), sent(child(group=group("环卫工人").pk), plan=plan.pk, programme=""))
    assert "「六一慰问第一批」的发放对象为困难职工子女、留守儿童，不包括环卫工人" in page.content.decode()
    assert not CareVisit.objects.exists()
    client.post(reverse(ADDRESS), sent(child(), plan=plan.pk, programme=""))
    made = Grant.objects.get()
    assert (made.plan, made.programme, made.instalment) == (plan, plan.programme, plan.number)


def test_a_plans_groups_hold_for_files_and_records(plan, grassroots, officer):
    household = lead(HouseholdFactory(union=grassroots), State.DECIDED)
    with pytest.raises(DomainError, match="没有填写人员类别"):
        services.grant_from_file(household=household, plan=plan, cash=Decimal(100), by=officer)
    told = {"household": household, "plan": plan, "cash": Decimal(100), "by": officer}
    assert services.grant_from_file(group=group("困难职工子女"), **told).group == group("困难职工子女")
    past = GrantFactory.build(union=grassroots, plan=plan, programme=plan.programme)
    with pytest.raises(DomainError, match="不包括一线职工"):
        services.record(grant=past, by=UserFactory(roles=(roles.RELIEF,)))
