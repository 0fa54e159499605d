"""Recipients' slips: a code answers once, a difference is a case, nobody learns anything by trying."""

from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.figures import registry, values, whole_database
from pingtang_union.throttle import MOST_TRIES
from relief.models import Slip, SlipState
from relief.services import payments, slips
from relief.services.glass import publish
from relief.services.payments import Result
from relief.todo import desk as waiting
from tests.relief.books import Desk, fund, grant, released

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(db) -> Desk:
    return Desk()


@pytest.fixture
def batch(desk):
    """Two paid, one failed."""
    made = released(desk, fund("10000", desk.finance), grant(name="王小明"), grant(), grant())
    said = [Result(1, is_paid=True), Result(2, is_paid=True), Result(3, is_paid=False, reason="户名不符")]
    payments.note_results(batch=made, results=said, on=timezone.localdate(), by=desk.finance)
    slips.make_slips(batch=made, by=desk.maker)
    return made


def code_of(number: int = 1) -> str:
    return Slip.objects.get(row__number=number).code.reveal()


def test_what_was_paid_has_a_slip_once(batch, desk, outsider):
    assert list(Slip.objects.order_by("row__number").values_list("row__number", flat=True)) == [1, 2]
    assert slips.make_slips(batch=batch, by=desk.maker) == 0
    assert (len(code_of()), code_of(1) != code_of(2)) == (10, True)
    for by in (desk.finance, outsider):
        with pytest.raises(DomainError, match=r"不能制作|管理范围"):
            slips.make_slips(batch=batch, by=by)


def test_the_holder_of_a_code_answers_once_without_an_account(batch, client, desk):
    address = reverse("relief:slip_answer", args=[code_of()])
    text = client.get(address).content.decode()
    assert [words in text for words in ("500.00", "王*明", "王小明")] == [True, True, False]

    assert "已确认如数收到" in client.post(address, {"said": "received", "amount": ""}).content.decode()

    slip = Slip.objects.get(row__number=1)
    assert (slip.state, slip.is_case) == (SlipState.RECEIVED, False)
    assert client.get(address).status_code == 404
    assert client.post(address, {"said": "missing", "amount": ""}).status_code == 404
    with pytest.raises(DomainError, match="已经确认过"):
        slips.answer(code=code_of(), said=SlipState.MISSING)


@pytest.mark.parametrize(
    ("said", "amount", "state"),
    [("missing", "", SlipState.MISSING), ("other", "450.5", SlipState.OTHER), ("other", "500", SlipState.RECEIVED)],
)
def test_a_difference_is_a_case_for_staff(said, amount, state, batch, client, desk, signed_in):
    client.post(reverse("relief:slip_answer", args=[code_of()]), {"said": said, "amount": amount})

    slip = Slip.objects.get(row__number=1)
    assert slip.state == state
    labels = [one.label for one in waiting(desk.checker, timezone.localdate())]
    assert ("收款回执待核实" in labels) is slip.is_case is (state != SlipState.RECEIVED)
    if slip.is_case:
        page = reverse("admin:relief_slip_settle", args=[slip.pk])
        assert signed_in(desk.finance).post(page, {"finding": "银行延迟入账"}).status_code == 403
        signed_in(desk.checker).post(page, {"finding": "银行延迟入账"})
        slip.refresh_from_db()
        assert (slip.is_case, slip.finding, slip.settled_by) == (False, "银行延迟入账", desk.checker)


def test_the_slip_of_a_payment_that_came_back_is_worth_nothing(batch, client, desk, signed_in):
    def figure(name):
        return values([registry()[f"relief.slips_{name}"]], whole_database, timezone.localdate())[
            f"relief.slips_{name}"
        ]

    slips.answer(code=code_of(1), said=SlipState.RECEIVED)
    code = code_of(2)
    assert [figure(name) for name in ("confirmed", "answered")] == [1, 1]
    back = [Result(number, is_paid=False, reason="收款行退回") for number in (1, 2)]
    payments.note_results(batch=batch, results=back, on=timezone.localdate(), by=desk.finance)

    assert client.get(reverse("relief:slip_answer", args=[code])).status_code == 404
    with pytest.raises(DomainError, match="回执码有误"):
        slips.answer(code=code, said=SlipState.RECEIVED)
    printed = signed_in(desk.maker).get(reverse("relief:slips_print", args=[batch.pk])).content.decode()
    assert f"{code[:5]}-{code[5:]}" not in printed
    assert [figure(name) for name in ("confirmed", "answered")] == [0, 0]


def test_another_amount_has_to_be_said(batch, client):
    address = reverse("relief:slip_answer", args=[code_of()])

    assert "请填写实际收到的金额" in client.post(address, {"said": "other", "amount": ""}).content.decode()
    assert client.post(address, {"said": "out", "amount": ""}).status_code == 200
    with pytest.raises(DomainError, match="实际收到的金额"):
        slips.answer(code=code_of(), said=SlipState.OTHER, amount=Decimal(-1))
    assert Slip.objects.get(row__number=1).state == SlipState.OUT


def test_a_code_is_found_however_it_is_typed(batch, client):
    code = code_of()
    typed = f"{code[:5]} - {code[5:]}".lower()

    response = client.post(reverse("relief:slip"), {"code": typed}, follow=True)

    assert "500.00" in response.content.decode()


def test_who_tries_codes_out_has_to_wait(batch, client):
    codes = [client.get(reverse("relief:slip_answer", args=["A" * 10])).status_code for _ in range(MOST_TRIES + 1)]

    assert codes == [404] * MOST_TRIES + [429]
    assert client.get(reverse("relief:slip_answer", args=[code_of()])).status_code == 429


def test_slips_are_printed_by_the_desk_with_their_code(batch, desk, signed_in, outsider):
    page = reverse("relief:slips_print", args=[batch.pk])
    code = code_of()
    head = publish().head

    text = signed_in(desk.maker).get(page).content.decode()

    assert (f"{code[:5]}-{code[5:]}" in text, text.count("<svg") >= 2, "王小明" in text) == (True, True, True)
    assert text.count(head) == 2
    assert signed_in(desk.finance).get(page).status_code == 403
    assert signed_in(outsider).get(page).status_code == 404


def test_the_button_makes_and_prints_them(batch, desk, signed_in):
    Slip.objects.all().delete()

    response = signed_in(desk.maker).post(reverse("admin:relief_paymentbatch_slips", args=[batch.pk]))

    assert (response.url, Slip.objects.count()) == (reverse("relief:slips_print", args=[batch.pk]), 2)
