"""Relief applied for out of a file: taken without remark, approved once by another, within the policy's cap."""

from decimal import Decimal

import pytest
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.test import RequestFactory
from django.urls import reverse

from members import roles
from pingtang_union.core.exceptions import DomainError
from pingtang_union.workflow.table import State
from relief import services
from relief.models import Cap, Grant, GrantState, Programme
from tests.at_once import at_once, needs_postgresql
from tests.factories import FundFactory, GrantFactory, HouseholdFactory, InstalmentFactory, UserFactory, county
from tests.members.test_numbers import numbered
from tests.relief.walk import lead

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk(db):
    return UserFactory(full_name="帮扶甲", roles=(roles.RELIEF,))


@pytest.fixture
def plan(db):
    return InstalmentFactory(fund=FundFactory(source="dues"), most_a_person=3000)


@pytest.fixture
def household(grassroots):
    return lead(HouseholdFactory(union=grassroots), State.DECIDED)


def applied(household, plan, by, cash="1000") -> Grant:
    return services.grant_from_file(household=household, plan=plan, cash=Decimal(cash), by=by)


def test_an_officer_applies_and_is_told_nothing_of_others(officer, household, plan, signed_in):
    worker = household.people.get(relation="self")
    GrantFactory(
        programme=plan.programme, edition=plan.edition, instalment=plan.number, id_number=worker.full_id_number,
        granted_on="2018-04-27", name=worker.name,
    )  # fmt: skip
    address = reverse("relief:household_relief", args=[household.pk])
    page = signed_in(officer).post(address, {"plan": plan.pk, "cash": "1000", "goods": "0"}, follow=True)
    assert "已提交申请" in page.content.decode()
    assert "已有一份" not in page.content.decode()
    grant = Grant.objects.get(state=GrantState.APPLIED)
    assert (grant.amount, grant.household, grant.created_by) == (Decimal(1000), household, officer)


def test_the_county_sees_the_earlier_grant_and_cannot_approve(officer, clerk, household, plan, signed_in):
    worker = household.people.get(relation="self")
    had = GrantFactory(
        programme=plan.programme, edition=plan.edition, instalment=plan.number, id_number=worker.full_id_number,
        granted_on="2018-04-27", name=worker.name,
    )  # fmt: skip
    grant = applied(household, plan, officer)
    page = signed_in(clerk).get(reverse("admin:relief_grant_approve", args=[grant.pk])).content.decode()
    assert f"已有一份：{had.union}，已发放，2018-04-27，400.00 元" in page
    with pytest.raises(DomainError, match="已有一份"):
        services.approve(grant=grant, by=clerk)
    services.decline(grant=grant, reason="同一批次已经发放", by=clerk)
    grant.refresh_from_db()
    assert (grant.state, grant.reason) == (GrantState.WITHDRAWN, "同一批次已经发放")


def test_who_applied_does_not_approve(clerk, household, plan):
    grant = applied(household, plan, clerk)
    with pytest.raises(DomainError, match="请由另一人核定"):
        services.approve(grant=grant, by=clerk)
    assert services.approve(grant=grant, by=UserFactory(roles=(roles.RELIEF,))).state == GrantState.APPROVED


@pytest.mark.parametrize("role", [roles.FINANCE, roles.TOWNSHIP, roles.GRASSROOTS, roles.LEADER])
def test_nobody_else_approves_or_declines(officer, household, plan, role):
    grant = applied(household, plan, officer)
    other = UserFactory(union=county() if role in (roles.FINANCE, roles.LEADER) else officer.union, roles=(role,))
    for act in (services.approve, lambda **of: services.decline(reason="说得清楚的原因", **of)):
        with pytest.raises(DomainError, match="没有核定这笔帮扶发放的权限"):
            act(grant=grant, by=other)


def test_the_policys_cap_holds_over_the_year(officer, clerk, household, plan):
    policy = household.policy()
    Cap.objects.update_or_create(
        policy=policy, programme=plan.programme, category=household.category, source="dues",
        defaults={"most": 1500, "article": "第八条"},
    )  # fmt: skip
    second = InstalmentFactory(fund=plan.fund, programme=Programme.objects.get(pk=plan.programme_id))
    services.approve(grant=applied(household, plan, officer), by=clerk)
    with pytest.raises(DomainError, match=r"最高 1,500\.00 元（第八条），已核定 1,000\.00 元"):
        services.approve(grant=applied(household, second, officer, "500.01"), by=clerk)
    assert services.approve(grant=applied(household, second, officer, "500"), by=clerk).state == GrantState.APPROVED


def test_a_wrong_record_by_hand_is_deleted_and_nothing_else(clerk, signed_in):
    wrong, second = (GrantFactory(source="entry", name=name) for name in ("韦一", "韦二"))
    kept = [GrantFactory(source="ledger"), GrantFactory(source="entry", is_outside_books=False)]
    client = signed_in(clerk)
    for one in kept:
        page = reverse("admin:relief_grant_delete", args=[one.pk])
        assert client.post(page, {"post": "yes"}).status_code == 403
        with pytest.raises(DomainError, match="手工登记"):
            services.delete(grant=one, by=clerk)
    listed = reverse("admin:relief_grant_changelist")
    picked = {"action": "delete_selected", "post": "yes", "index": "0"}
    client.post(listed, {**picked, "_selected_action": [second.pk, kept[0].pk]})
    assert Grant.objects.count() == 4
    request = RequestFactory().get("/")
    request.user = clerk
    with pytest.raises(PermissionDenied):
        admin.site._registry[Grant].delete_queryset(request, Grant.objects.all())
    assert Grant.objects.count() == 4

    page = reverse("admin:relief_grant_delete", args=[wrong.pk])
    assert page in client.get(reverse("admin:relief_grant_change", args=[wrong.pk])).content.decode()
    assert client.post(page, {"post": "yes"}).status_code == 302
    client.post(listed, {**picked, "_selected_action": [second.pk]})
    assert set(Grant.objects.all()) == set(kept)
    with pytest.raises(DomainError, match="权限"):
        services.delete(grant=GrantFactory(source="entry"), by=UserFactory(roles=(roles.FINANCE,)))


def test_what_is_applied_for_waits_on_the_desk_but_not_of_who_applied(officer, clerk, household, plan, signed_in):
    applied(household, plan, officer)
    waiting = {one.label: one.number for one, *_ in signed_in(clerk).get("/desk/").context["waiting"]}
    assert waiting["帮扶申请待核定"] == 1


@needs_postgresql
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_of_fifty_grants_of_one_person_one_is_approved(officer, clerk, plan):
    grants = [
        GrantFactory(
            programme=plan.programme, edition=plan.edition, instalment=plan.number, id_number=numbered(77), name="穆平",
            granted_on=None, state="applied", is_outside_books=False, created_by=officer,
        )
        for _ in range(50)
    ]  # fmt: skip
    results = at_once([lambda one=one: services.approve(grant=one, by=clerk) for one in grants])
    assert sum(isinstance(result, DomainError) for result in results) == 49
    assert Grant.objects.filter(state=GrantState.APPROVED).count() == 1
