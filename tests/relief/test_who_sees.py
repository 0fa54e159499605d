"""One file, its grant and its payment, at every address that each role reaches: what stands there in full, masked or not
at all. And that whoever has no right finds out nothing, neither by searching nor by counting."""

import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from members import roles
from pingtang_union.core.figures import mask_name, registered
from pingtang_union.workflow.table import State
from relief.models import Grant, Household, HouseholdFile, Instalment, PaymentBatch, PaymentRow, Slip
from relief.models.codes import RowResult
from relief.services import bank, grants, payments, slips
from relief.urls import urlpatterns
from tests.every_row import addresses
from tests.factories import HouseholdFactory, HouseholdPersonFactory, InstalmentFactory, UnionFactory, UserFactory
from tests.relief.books import Desk, fund
from tests.relief.walk import on_file
from tests.test_scope import body

pytestmark = pytest.mark.usefixtures("enable_db")

NAME, CHILD, SCHOOL = "韦溪水妹", "韦小禾", "金盆第三小学"
HEALTH, ILL_CHILD = "恶性肿瘤晚期", "先天性心脏病"
ACCOUNT, PHONE, ADDRESS = "6228480000000000019", "13812345678", "东街77号"


@pytest.fixture
def case(grassroots) -> Household:
    """A file that stands, with a child, whose worker was paid one grant by the bank and has the slip of it."""
    household = on_file(
        grassroots, name=NAME, bank_account=ACCOUNT, phone=PHONE, address=ADDRESS, payee_name=NAME
    )
    worker = household.people.get(relation="self")
    worker.health = HEALTH
    worker.save()
    HouseholdPersonFactory(
        household=household, relation="child", name=CHILD, born_on="2018-02-03", school=SCHOOL, health=ILL_CHILD
    )
    desk = Desk()
    money = fund("10000", desk.finance)
    plan = InstalmentFactory(union=money.union, fund=money)
    grant = grants.grant_from_file(household=household, plan=plan, cash=Decimal(500), by=desk.maker)
    grant = grants.approve(grant=grant, by=desk.checker)
    batch = payments.open_batch(fund=money, title="第一批", way="bank", by=desk.maker)
    payments.add_grants(batch=batch, grants=[grant], by=desk.maker)
    payments.hand_in(batch=batch, by=desk.maker)
    payments.check(batch=batch, by=desk.checker)
    payments.release(batch=batch, by=desk.finance)
    payments.note_results(
        batch=batch, results=[payments.Result(1, is_paid=True)], on=timezone.localdate(), by=desk.finance
    )
    slips.make_slips(batch=batch, by=desk.maker)
    return household


def reached(client: Client, household: Household) -> dict[str, str]:
    """What every address of relief answers, and those of the portal that tell of it, by address."""
    rows: dict[str, Any] = {
        "person_number": household.people.get(relation="self"), "slips_print": PaymentBatch.objects.first(),
        "assessment": household.assessments.first(),
    }  # fmt: skip
    child = household.people.filter(relation="child").first()
    found = []
    for pattern in urlpatterns:
        needs = pattern.pattern.converters
        given = {"pk": rows.get(pattern.name, household).pk, "person": child and child.pk, "year": 2026,
                 "name": "decide", "code": "23456789AB"}  # fmt: skip
        if unknown := set(needs) - set(given):
            raise AssertionError(f"{pattern.name} asks for {unknown}")
        found.append(reverse(f"relief:{pattern.name}", kwargs={name: given[name] for name in needs}))
    found += [f"{reverse(name)}?q={NAME[0]}" for name in ("relief:household_list", "relief:grant_list")]
    found.append(f"{reverse('relief:household_create')}?q={NAME[0]}")
    for model in admin.site._registry:
        if model._meta.app_label == "relief":
            key = household.pk if model is Household else model._default_manager.values_list("pk", flat=True).first()
            found += addresses(model, key or 0)
            found.append(reverse(f"admin:relief_{model._meta.model_name}_changelist") + f"?q={NAME[0]}")
    found += [reverse(name) for name in ("home", "desk", "workbench", "dashboard", "notice_board", "admin:index")]
    found += [reverse("figure_rows", args=[one.id]) for one in registered() if one.id.startswith("relief.")]
    found += [reverse("ledger_export", args=[slug]) for slug in ("grants", "service_cards")]
    answers = {}
    for address in found:
        answer = client.get(address, follow=True)
        kind = answer.headers["Content-Type"]
        if answer.status_code == 200 and not kind.startswith("image/"):
            answers[address] = body(answer)
    return answers
