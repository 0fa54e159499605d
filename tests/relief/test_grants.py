"""Relief applied for out of a file: taken without remark, approved once by another, within the policy's cap."""

from decimal import Decimal

import pytest
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.test import RequestFactory
from django.urls import reverse

from members import roles
from pingtang_union.core.exceptions import DomainError
from pingtang_union.ledger.declaration import ledger_by_slug
from pingtang_union.workflow.table import State
from relief import services
from relief.models import Cap, Fund, Grant, GrantState, Group, Programme
from tests.at_once import at_once, needs_postgresql
from tests.factories import (
    FundFactory,
    GrantFactory,
    HouseholdFactory,
    HouseholdPersonFactory,
    InstalmentFactory,
    SlipFactory,
    UserFactory,
    county,
)
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


# --- What a review found ---------------------------------------------------------------------


def test_a_fund_that_is_renamed_keeps_the_money_that_moved_meanwhile(clerk):
    fund = FundFactory()
    stale = Fund.objects.get(pk=fund.pk)
    Fund.objects.filter(pk=fund.pk).update(available=500, version=1)
    stale.name = "改名"
    stale.save()
    fund.refresh_from_db()
    assert (fund.name, fund.available, fund.version) == ("改名", Decimal(500), 1)


@pytest.mark.parametrize("role", [roles.FINANCE, roles.AUDITOR])
def test_a_childs_name_is_on_no_page_of_who_may_not_read_it(signed_in, role):
    slip = SlipFactory()
    grant = slip.row.grant
    grant.name, grant.group = "童小娃", Group.objects.get(name="留守儿童")
    grant.save()
    client = signed_in(UserFactory(roles=(role,)))
    places = [
        ("grant", grant.pk), ("paymentrow", slip.row.pk), ("paymentbatch", slip.row.batch_id), ("slip", slip.pk),
    ]  # fmt: skip
    for model, pk in places:
        for address in (
            reverse(f"admin:relief_{model}_changelist"),
            reverse(f"admin:relief_{model}_change", args=[pk]),
            reverse(f"admin:relief_{model}_history", args=[pk]),
            reverse(f"admin:relief_{model}_changelist") + "?q=童小",
        ):
            page = client.get(address).content.decode()
            assert ("童小娃" in page, f"{model}/{pk}/change" in page and "?q=" in address) == (False, False), address


def test_an_export_masks_what_the_list_masks(officer, clerk):
    GrantFactory(union=officer.union, name="童小娃", among="留守儿童")
    given = ledger_by_slug("grants").given
    assert [list(given(Grant.objects.all(), by).values_list("shown_name", flat=True)) for by in (officer, clerk)] == [
        ["童*"], ["童小娃"],
    ]  # fmt: skip


def test_one_of_the_family_in_a_ledger_is_the_household_too(officer, clerk, household, plan):
    Programme.objects.filter(pk=plan.programme_id).update(is_once_a_household=True)
    plan.refresh_from_db()
    child = HouseholdPersonFactory(household=household)
    GrantFactory(
        programme=plan.programme, edition=plan.edition, instalment=plan.number, id_number=child.full_id_number,
        granted_on="2018-04-27",
    )  # fmt: skip
    with pytest.raises(DomainError, match="这户在"):
        services.approve(grant=applied(household, plan, officer), by=clerk)


def test_a_plans_standard_is_what_is_applied_for(officer, household):
    plan = InstalmentFactory(a_person=500)
    with pytest.raises(DomainError, match=r"每人标准 500\.00 元"):
        applied(household, plan, officer, "99999")
