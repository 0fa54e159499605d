"""One file, its grant and its payment, at every address that each role reaches: what stands there in full, masked or
not at all. And that whoever has no right finds out nothing, neither by searching nor by counting."""

import re
from decimal import Decimal
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from members import roles
from members.models import Union
from pingtang_union.core.figures import mask_name, registry
from pingtang_union.workflow.attachments import check_file
from relief.models import Household, HouseholdFile, PaymentBatch
from relief.services import grants, payments, slips
from relief.urls import urlpatterns
from tests.every_row import addresses
from tests.factories import HouseholdPersonFactory, InstalmentFactory, UnionFactory, UserFactory
from tests.files.papers import picture
from tests.relief.books import Desk, fund
from tests.relief.walk import on_file
from tests.test_scope import body

pytestmark = pytest.mark.usefixtures("enable_db")

NAME, BEGINNING, CHILD, SCHOOL = "韦溪水妹", "韦溪水", "韦小禾", "金盆第三小学"
HEALTH, ILL_CHILD = "恶性肿瘤晚期", "先天性心脏病"
ACCOUNT, PHONE, ADDRESS = "6228480000000000019", "13812345678", "东街77号"
MODELS = [model for model in admin.site._registry if model._meta.app_label == "relief"]


@pytest.fixture
def plan(db) -> Any:
    """What is announced to every union of the county."""
    money = fund("10000")
    return InstalmentFactory(union=money.union, fund=money)


@pytest.fixture
def case(grassroots, plan) -> Household:
    """A file that stands, with a child, whose worker was paid one grant by the bank and has the slip of it."""
    household = on_file(grassroots, name=NAME, bank_account=ACCOUNT, phone=PHONE, address=ADDRESS, payee_name=NAME)
    worker = household.people.get(relation="self")
    worker.health = HEALTH
    worker.save()
    HouseholdPersonFactory(
        household=household, relation="child", name=CHILD, born_on="2018-02-03", school=SCHOOL, health=ILL_CHILD
    )
    paper = HouseholdFile(application=household, added_by=UserFactory())
    paper.fill(check_file("病历.png", picture()))
    paper.save()
    desk = Desk()
    grant = grants.grant_from_file(household=household, plan=plan, cash=Decimal(500), by=desk.maker)
    grant = grants.approve(grant=grant, by=desk.checker)
    batch = payments.open_batch(fund=plan.fund, title="第一批", way="bank", by=desk.maker)
    payments.add_grants(batch=batch, grants=[grant], by=desk.maker)
    payments.hand_in(batch=batch, by=desk.maker)
    payments.check(batch=batch, by=desk.checker)
    payments.release(batch=batch, by=desk.finance)
    payments.note_results(
        batch=batch, results=[payments.Result(1, is_paid=True)], on=timezone.localdate(), by=desk.finance
    )
    slips.make_slips(batch=batch, by=desk.maker)
    return household


def keyless() -> list[str]:
    """Lists, queues, figures, searches, exports and the boxes that suggest rows."""
    found = [reverse(f"relief:{one.name}") for one in urlpatterns if not one.pattern.converters]
    found += [f"{reverse(name)}?q={BEGINNING}" for name in ("relief:household_list", "relief:grant_list")]
    found.append(f"{reverse('relief:household_create')}?q={BEGINNING}")
    for model in MODELS:
        changes = reverse(f"admin:relief_{model._meta.model_name}_changelist")
        found += [changes, f"{changes}?q={BEGINNING}"]
        for field in model._meta.fields:
            if field.remote_field:
                asked = f"app_label=relief&model_name={model._meta.model_name}&field_name={field.name}&term={BEGINNING}"
                found.append(f"{reverse('admin:autocomplete')}?{asked}")
    found += [reverse(name) for name in ("home", "desk", "workbench", "dashboard", "admin:index")]
    found += [reverse("figure_rows", args=[one.id]) for one in registry().values() if one.id.startswith("relief.")]
    return found + [reverse("ledger_export", args=[slug]) for slug in ("grants", "cards")]


def of_one(household: Household) -> list[str]:
    """Every address of the file, and of all that hangs on it."""
    rows: dict[str, Any] = {
        "person_number": household.people.get(relation="self"), "slips_print": PaymentBatch.objects.get(),
        "assessment": household.assessments.get(), "household_file": household.files.get(),
    }  # fmt: skip
    child = household.people.get(name=CHILD)
    found = []
    for one in urlpatterns:
        given = {"pk": rows.get(one.name, household).pk, "person": child.pk, "name": "decide", "year": 2026,
                 "code": "23456789AB"}  # fmt: skip
        if one.pattern.converters:
            found.append(reverse(f"relief:{one.name}", kwargs={name: given[name] for name in one.pattern.converters}))
    found.append(reverse("relief:person_number", args=[child.pk]))
    for model in MODELS:
        if (row := model._default_manager.order_by("-pk").first()) is not None:
            found += addresses(model, household.pk if model is Household else row.pk)
    return found


def answers_to(client: Client, addresses: list[str]) -> dict[str, str]:
    """What is answered in words, without what differs each time."""
    found = {}
    for address in addresses:
        answer = client.get(address)
        if answer.status_code == 200 and not answer.headers["Content-Type"].startswith("image/"):
            found[address] = re.sub(r'(nonce|value|csrf[a-z-]*)="[A-Za-z0-9+/=_-]{16,}"', "", body(answer))
    return found


def reader(role: str, union: Any) -> Client:
    above = Union.objects.get(path=union.parent_path) if role == roles.TOWNSHIP else union
    client = Client()
    client.force_login(UserFactory(roles=(role,), **({"union": above} if role in roles.BELOW_COUNTY else {})))
    return client


# Of the worker: name, number, health, account, address and telephone; of the child: name, number, school, health.
SEEN = {
    roles.RELIEF: "full masked full masked full, full masked full full",
    roles.ORGANISATION: "full masked - - full, masked - - -",
    roles.FINANCE: "full masked - masked -, - - - -",
    roles.TOWNSHIP: "full masked - - full, masked - - -",
    roles.GRASSROOTS: "full masked - - full, masked - - -",
    roles.LEADER: "masked - - - -, - - - -",
    roles.AUDITOR: "masked masked - masked -, - - - -",
    roles.ECONOMY: "masked - - - -, - - - -",
}


@pytest.mark.parametrize("role", SEEN)
def test_one_file_and_its_money_as_each_role_sees_them_anywhere(role, case, grassroots):
    client = reader(role, grassroots)
    told = "".join(answers_to(client, [*keyless(), *of_one(case)]).values())
    worker, child = case.people.get(relation="self"), case.people.get(name=CHILD)

    def how(full: str, masked: str = "") -> str:
        return "full" if full in told else "masked" if masked and masked in told else "-"

    ours = [how(NAME, mask_name(NAME)), how(worker.full_id_number, str(worker.id_number)), how(HEALTH)]
    ours += [how(ACCOUNT, str(case.bank_account)), how(ADDRESS)]
    its = [how(CHILD, mask_name(CHILD)), how(child.full_id_number, str(child.id_number)), how(SCHOOL), how(ILL_CHILD)]
    assert f"{' '.join(ours)}, {' '.join(its)}" == SEEN[role]
    assert (PHONE in told) == (ADDRESS in told)
    file = client.get(reverse("relief:household_file", args=[case.files.get().pk]))
    assert (file.status_code == 200) == (role in (roles.RELIEF, roles.ORGANISATION, roles.TOWNSHIP, roles.GRASSROOTS))


@pytest.mark.parametrize("role", [roles.GRASSROOTS, roles.TOWNSHIP])
def test_who_has_no_right_finds_nothing_by_searching_or_counting(role, request, plan, township):
    """An officer and a township of elsewhere: no page says more than before there was anything."""
    elsewhere = UnionFactory(parent=UnionFactory(level="township", name="大塘镇工会联合会"))
    client = reader(role, elsewhere)
    answers_to(client, keyless())  # what is told once only
    before = answers_to(client, keyless())
    case = request.getfixturevalue("case")

    after = answers_to(client, keyless())
    assert {address for address in after if after[address] != before.get(address)} == set()
    assert len(before) > 10
    told = "".join(answers_to(client, of_one(case)).values())
    words = (NAME, mask_name(NAME), CHILD, mask_name(CHILD), ADDRESS, PHONE, str(case.bank_account), "第一批")
    assert [word for word in words if word in told] == []
