"""A batch from beginning to end in the browser's pages, by four people; the books' pages."""

import io
import re
from datetime import date
from decimal import Decimal

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from pingtang_union.core.jobs import jobs
from pingtang_union.workflow.attention import Notice
from relief.models import BankBalance, Entry, Fund, Grant, GrantState, PaymentBatch, PaymentRow, PaymentState
from relief.services import payments
from relief.services.money import check_books
from relief.todo import desk as waiting
from tests.factories import county
from tests.relief.books import Desk, batch_of, checked, fund, grant, put, released

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(db) -> Desk:
    return Desk()


def page(of, name: str = "change") -> str:
    return reverse(f"admin:relief_{of._meta.model_name}_{name}", args=[of.pk])


def post(client, address, **data):
    """What the page said: its messages, or what is wrong with the form."""
    response = client.post(address, data, follow=True)
    assert response.status_code == 200
    errors = getattr(response.context.get("form"), "errors", {})
    return [str(one) for one in response.context["messages"]] + [str(each) for each in errors.values()]


def buttons(client, of) -> set[str]:
    text = client.get(page(of)).content.decode()
    return set(re.findall(rf"/admin/relief/{of._meta.model_name}/{of.pk}/([a-z-]+)/\"", text)) - {"change", "history"}


def labels(user) -> list[tuple[str, int]]:
    return [(one.label, one.number) for one in waiting(user, timezone.localdate())]


def test_from_the_fund_to_the_answer_by_four_people(desk, signed_in):
    maker, checker, finance = (signed_in(user) for user in (desk.maker, desk.checker, desk.finance))
    good, bad = grant(), grant(cash=Decimal("300.50"))
    finance.post(reverse("admin:relief_fund_add"), {
        "union": county().pk, "name": "送温暖专项", "source": "county", "year": 2018, "purpose": "", "is_open": "on",
    })  # fmt: skip
    source = Fund.objects.get()
    record = page(source, "record")
    key = re.search(r'name="key" value="([0-9a-f]{32})"', finance.get(record).content.decode())[1]
    money = {"kind": "income", "amount": "5000", "effective_on": "2018-01-05", "document_number": "", "key": key}
    for _ in range(2):  # sent twice
        assert post(finance, record, **money) == ["已登记拨入 5,000.00 元，余额 5,000.00 元。"]
    assert Entry.objects.count() == 1

    maker.post(reverse("admin:relief_paymentbatch_open"), {"title": "春节第一批", "fund": source.pk, "way": "bank"})
    batch = PaymentBatch.objects.get()
    assert buttons(maker, batch) == {"join", "remove", "hand-in", "drop"}
    choice = f"{good.programme_id}:2017-2018:1"
    assert "（2 笔，800.50 元）" in maker.get(page(batch, "join")).content.decode()
    assert post(maker, page(batch, "join"), group=choice, township="") == ["已加入 2 笔。"]
    assert post(maker, page(batch, "hand_in")) == ["已提交，等待复核。"]
    assert (buttons(maker, batch), labels(desk.maker)) == ({"send-back"}, [])

    assert labels(desk.checker) == [("发放批次待复核", 1)]
    assert buttons(checker, batch) == {"approve", "send-back"}
    text = checker.get(page(batch)).content.decode()
    assert [words in text for words in ("捌佰元伍角", good.name, good.full_account)] == [True, True, False]
    assert post(checker, page(batch, "approve")) == ["已复核，等待放款。"]

    assert labels(desk.finance) == [("发放批次待放款", 1)]
    assert buttons(finance, batch) == {"release", "send-back"}
    assert post(finance, page(batch, "release")) == ["已放款，从资金列支 800.50 元。"]
    assert (buttons(finance, batch), labels(desk.finance)) == ({"answer", "file"}, [("发放批次待登记回盘", 1)])
    paper = finance.post(page(batch, "file"), {"form": "workbook"})
    book = openpyxl.load_workbook(io.BytesIO(b"".join(paper.streaming_content)))
    assert "no-store" in paper.headers["Cache-Control"]
    sheet = book.active
    sheet.cell(3, 7, "处理结果")
    sheet.cell(4, 7, "成功")
    sheet.cell(5, 7, "失败")
    out = io.BytesIO()
    book.save(out)
    file = SimpleUploadedFile("回盘.xlsx", out.getvalue())
    assert post(finance, page(batch, "answer"), file=file, on=f"{timezone.localdate()}") == [
        "已登记：成功 1 笔，失败 1 笔。"
    ]

    source.refresh_from_db()
    batch.refresh_from_db()
    assert (source.available, batch.state) == (Decimal(4500), PaymentState.SETTLED)
    assert labels(desk.checker) == [("发放失败待处理", 1)]
    row = PaymentRow.objects.get(grant=bad)
    assert buttons(checker, row) == {"retry"}
    assert post(checker, page(row, "retry"), account="6228480098765432100", bank="") == [f"已重新核定：{bad.name}。"]
    assert (labels(desk.checker), buttons(checker, row)) == ([], set())
    bad.refresh_from_db()
    assert (bad.state, bad.full_account) == (GrantState.APPROVED, "6228480098765432100")


def test_what_a_service_refuses_is_said_on_the_page(desk, signed_in):
    source = fund("100", desk.finance)
    batch = checked(desk, source, grant())

    told = post(signed_in(desk.finance), page(batch, "release"))

    assert "不够支出 500.00 元" in " ".join(told)


@pytest.mark.parametrize("step", ["approve", "release", "join", "answer", "file"])
def test_pages_of_others_are_closed(step, desk, signed_in, leader):
    batch = batch_of(desk, fund("1000", desk.finance), grant())
    by = {
        "approve": desk.finance,
        "release": desk.checker,
        "join": desk.finance,
        "answer": desk.maker,
        "file": desk.maker,
    }

    assert signed_in(by[step]).post(page(batch, step)).status_code == 403


def test_a_batch_goes_back_with_its_reason(desk, signed_in):
    batch = checked(desk, fund("1000", desk.finance), grant())

    assert post(signed_in(desk.finance), page(batch, "send_back"), reason="户名须核对") == ["已退回编制人。"]
    assert "户名须核对" in signed_in(desk.maker).get(page(batch)).content.decode()
    assert post(signed_in(desk.maker), page(batch, "remove"), numbers="1、7") == ["已移出 1 笔。"]
    assert post(signed_in(desk.maker), page(batch, "drop"), reason="编错了资金") == [
        "已作废，其中的发放可以编入其他批次。"
    ]


def test_who_checks_has_of_anothers_batch_the_button_to_drop_it(desk, signed_in):
    batch = batch_of(desk, fund("1000", desk.finance), grant())
    checker = signed_in(desk.checker)

    assert buttons(checker, batch) == {"drop"}
    assert post(checker, page(batch, "drop"), reason="编制人已调离") == ["已作废，其中的发放可以编入其他批次。"]
    assert signed_in(desk.finance).post(page(batch, "drop"), {"reason": "编制人已调离"}).status_code == 403


def test_an_entry_is_reversed_on_its_page_and_never_edited(desk, signed_in):
    source = fund("1000", desk.finance)
    entry = Entry.objects.get()
    client = signed_in(desk.finance)

    assert buttons(client, entry) == {"reverse"}
    assert post(client, page(entry, "reverse"), reason="金额填写有误") == ["已冲正。"]

    source.refresh_from_db()
    assert (source.available, buttons(client, entry)) == (0, set())
    assert client.post(page(entry), {"amount": "5"}).status_code == 403
    assert client.post(page(entry, "delete"), {"post": "yes"}).status_code == 403
    assert buttons(signed_in(desk.checker), Entry.objects.order_by("pk").last()) == set()


def test_a_transfer_on_the_page(desk, signed_in):
    source, target = fund("1000", desk.finance), fund("5", desk.finance)
    told = {"amount": "30.05", "effective_on": "2018-03-01", "document_number": "", "key": "k", "target": target.pk}

    assert post(signed_in(desk.finance), page(source, "transfer"), **told) == [
        f"已划转 30.05 元至「{target}」，余额 969.95 元。"
    ]


def test_a_bank_balance_says_whether_it_agrees(desk, signed_in):
    source = fund("1000", desk.finance)
    client = signed_in(desk.finance)
    told = {"fund": source.pk, "on": "2018-02-01", "amount": "990", "note": ""}

    client.post(reverse("admin:relief_bankbalance_add"), told)

    balance = BankBalance.objects.get()
    assert balance.recorded_by == desk.finance
    text = client.get(reverse("admin:relief_bankbalance_changelist")).content.decode()
    assert [words in text for words in ("-10.00", "不符")] == [True, True]
    assert len(check_books()) == 1
    client.post(page(balance), told | {"note": "未达账项 10.00 元"})
    assert check_books() == []


def test_finance_is_told_at_night_of_a_fund_that_disagrees_with_its_entries(desk):
    source = fund("1000", desk.finance)
    Fund.objects.filter(pk=source.pk).update(available=5)

    jobs()["check the funds"]()

    told = Notice.objects.unread(desk.finance).values_list("words", "url")
    assert list(told) == [(f"资金账实不符：「{source}」可用余额 5.00 元，流水合计 1,000.00 元。", page(source))]
    assert not Notice.objects.unread(desk.checker).exists()


def test_no_page_shows_an_account_in_full(desk, signed_in):
    one = grant()
    batch = released(desk, fund("1000", desk.finance), one)
    row = PaymentRow.objects.get()

    for address in (page(batch), page(row), reverse("admin:relief_paymentrow_changelist")):
        assert one.full_account not in signed_in(desk.finance).get(address).content.decode()


def test_what_is_approved_stands_in_one_list_only(desk):
    from relief.admin.payment_forms import waiting_grants  # noqa: PLC0415  the admin registers its pages when imported

    one, other = grant(), grant()
    grant(state=GrantState.APPLIED)
    batch = batch_of(desk, fund("1000", desk.finance), one)

    assert list(waiting_grants(desk.maker)) == [other]
    payments.drop(batch=batch, reason="编错了资金", by=desk.maker)
    assert set(waiting_grants(desk.maker)) == {one, other}
    assert put(batch.fund, "1", desk.finance, effective_on=date(2018, 2, 1)).balance == 1001
    assert Grant.objects.count() == 3
