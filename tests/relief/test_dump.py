"""Who takes the database away reads no number, no account, no illness and no code in it: sealed columns, the audit
trail, batches brought in, sessions, what a submission said, what the bank answered."""

import re
import zlib
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from members import roles
from pingtang_union.workflow.objections import record_objection, settle_objection
from pingtang_union.workflow.table import State
from relief import services
from relief.models import Grant, Household, PaymentRow, Slip
from relief.services import bank, grants, payments, slips
from tests.awards.walk import DOCUMENT, perform
from tests.factories import HouseholdFactory, InstalmentFactory, UserFactory, id_number
from tests.ledger import dress
from tests.members.test_steps import deliver, write
from tests.relief.books import Desk, fund, released
from tests.relief.test_ledgers import ledger, row, water  # noqa: F401  water: the union of the rows
from tests.relief.walk import check, lead, people_for, visit

pytestmark = pytest.mark.django_db

HEALTH, CHILDS, OBJECTOR = "恶性肿瘤晚期", "先天性心脏病", "覃某某 13985400001"
CHILD = {"relation": "child", "name": "韦小禾", "hukou": "rural", "income": "0", "standing": "unemployed"}
ACCOUNT, MENDED = "6228480000000000019", "6217007100087654321"


def dumped() -> Iterator[tuple[str, str | bytes]]:
    """(table, value) of every text and every value of bytes that a dump of the database holds."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            for line in cursor.fetchall():
                for value in line:
                    if isinstance(value, memoryview | bytes):
                        yield table, bytes(value)
                    elif value is not None:
                        yield table, str(value)


def readings(value: str | bytes) -> Iterator[str]:
    """A value as whoever has the dump reads it: as text, as JSON writes Chinese, and out of what is only packed."""
    if isinstance(value, bytes):
        yield value.decode("utf-8", "ignore")
        for at in (one.start() for one in re.finditer(b"\x78[\x01\x5e\x9c\xda]", value[:64])):
            try:
                yield zlib.decompressobj().decompress(value[at:]).decode("utf-8", "ignore")
            except zlib.error:
                continue
        return
    yield value
    if "\\u" in value:
        yield re.sub(r"\\u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), value)


def found(words: dict[str, str]) -> set[tuple[str, str]]:
    """(table, what) of planted words that stand in the dump."""
    return {
        (table, what)
        for table, value in dumped()
        for text in readings(value)
        for what, word in words.items()
        if word in text
    }


def test_a_dump_says_nothing_that_is_sealed(grassroots, signed_in, water):  # noqa: F811
    numbers = {"worker": id_number(), "child": id_number(), "imported": id_number(), "previewed": id_number()}
    household = HouseholdFactory(union=grassroots, bank_account="")
    people = people_for(household)
    fill(household, people["submit"], numbers, signed_in)
    household = lead(household, State.RECOMMENDED, people)
    household = perform(household, "return", by=people["approve"], reason="请补充收入证明")
    household = perform(household, "submit", by=people["submit"])
    household = perform(household, "recommend", by=people["recommend"])
    lead_on(household, people)
    codes = pay(household, signed_in)
    clerk = UserFactory(roles=(roles.RELIEF,))
    write(deliver(clerk, ledger(row(身份证号=numbers["imported"])), "慰问帮扶发放台账.xlsx"))
    deliver(clerk, ledger(row(身份证号=numbers["previewed"])), "慰问帮扶发放台账.xlsx")
    assert Grant.objects.filter(source="ledger").count() == 1

    words = {f"number of the {who}": number for who, number in numbers.items()} | {
        "health": HEALTH, "health of the child": CHILDS, "who objected": OBJECTOR, "account": ACCOUNT,
        "mended account": MENDED, **{f"code {number}": code for number, code in enumerate(codes)},
    }  # fmt: skip
    assert found(words) == set()
    # What isn't sealed is found: the dump is read as it stands.
    assert {table for table, _ in found({"name": household.name})} >= {"relief_household", "relief_grant"}
    assert found({"what went back": "请补充收入证明"})


def fill(household: Household, officer, numbers: dict[str, str], signed_in) -> None:
    """What is sealed, typed in on the officer's pages."""
    client = signed_in(officer)
    worker = household.people.get(relation="self")
    for person, number, health in ((worker, numbers["worker"], HEALTH), (None, numbers["child"], CHILDS)):
        url = reverse(
            f"relief:person_{'update' if person else 'create'}", args=[household.pk, *([person.pk] if person else [])]
        )
        form = client.get(url).context["form"]
        given = {name: form[name].value() or "" for name in form.fields} | {"id_number": number, "health": health}
        given |= {} if person else CHILD
        answer = client.post(url, given | {"version": client.get(url).context["version"]})
        assert answer.status_code == 302, answer.context["form"].errors
    child = household.people.get(name="韦小禾")
    services.give_consent(person=child, purpose="check", signed_on=date(2026, 1, 5), signer=worker, by=officer)
    url = reverse("relief:household_consent", args=[household.pk])
    given = {"payee_name": household.name, "bank": "农行", "bank_account": ACCOUNT}
    answer = client.post(url, given | {"version": client.get(url).context["version"]})
    assert answer.status_code == 302, answer.context["form"].errors
    known = [one.full_id_number for one in household.people.order_by("pk") if one.full_id_number in numbers.values()]
    assert known == [numbers["worker"], numbers["child"]]


def lead_on(household: Household, people: dict) -> None:
    """To the decision, with an objection on the way, as its people do it."""
    visit(household, people["visit"])
    check(household, people["check"])
    household = perform(Household.objects.get(), "approve", by=people["approve"])
    household = perform(household, "publicise", by=people["publicise"])
    objection = record_objection(
        household,
        by=people["approve"],
        received_on=timezone.localdate(),
        way="call",
        text="收入不实",
        objector=OBJECTOR,
    )
    settle_objection(objection, upheld=False, finding="经查收入属实", by=people["approve"])
    with time_machine.travel(timezone.now() + timedelta(days=21), tick=False):
        perform(household, "decide", by=people["decide"], details={"decision_document": DOCUMENT})


def pay(household: Household, signed_in) -> list[str]:
    """Paid once more after the bank refused; gives the codes of the slips."""
    desk = Desk()
    money = fund("10000", desk.finance)
    plan = InstalmentFactory(union=money.union, fund=money)
    household = Household.objects.get()
    grant = grants.grant_from_file(household=household, plan=plan, cash=Decimal(500), by=desk.maker)
    batch = released(desk, money, grants.approve(grant=grant, by=desk.checker))
    bank.workbook(batch=batch, by=desk.finance)
    said = [["户名", "账号", "金额", "结果", "原因"], [grant.name, ACCOUNT, "500.00", "失败", f"账号{ACCOUNT}有误"]]
    bank.read_answer(
        batch=batch, content=dress.xlsx({"回盘": said}), name="回盘.xlsx", on=timezone.localdate(), by=desk.finance
    )
    payments.retry(grant=grant, account=MENDED, bank="", by=desk.checker)
    batch = released(desk, money, grant)
    payments.note_results(
        batch=batch, results=[payments.Result(1, is_paid=True)], on=timezone.localdate(), by=desk.finance
    )
    slips.make_slips(batch=batch, by=desk.maker)
    assert reason_of_first() == "账号******有误"
    return [one.code.reveal() for one in Slip.objects.all()]


def reason_of_first() -> str:
    return PaymentRow.objects.order_by("pk").first().reason
