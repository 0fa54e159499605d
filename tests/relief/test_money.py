"""Funds and entries: money moves once, never below nothing, and what was written stays."""

from datetime import date, timedelta
from decimal import Decimal
from io import StringIO

import pytest
from auditlog.models import LogEntry
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from members import roles
from pingtang_union.core.exceptions import DomainError
from relief.models import BankBalance, Entry, EntryKind, Fund
from relief.models.entries import in_books
from relief.services import money, payments
from tests.factories import UserFactory
from tests.relief.books import Desk, checked, fund, grant, put

pytestmark = pytest.mark.django_db


@pytest.fixture
def finance(db):
    return UserFactory(roles=(roles.FINANCE,))


def state(of: Fund) -> tuple[Decimal, int]:
    of.refresh_from_db()
    return of.available, of.version


def spend(source: Fund, amount: str, by, **options) -> Entry:
    options = {"effective_on": date(2018, 2, 1), "by": by} | options
    return money.record(fund=source, kind=EntryKind.EXPENSE, amount=Decimal(amount), **options)


def test_an_entry_says_what_moved_and_what_is_left(finance):
    source = fund("1000.70", finance)

    entry = spend(source, "0.40", finance, document_number="平工发〔2018〕3号")

    assert (entry.amount, entry.balance, entry.version, entry.by) == (Decimal("-0.40"), Decimal("1000.30"), 2, finance)
    assert state(source) == (Decimal("1000.30"), 2)


def test_more_than_there_is_is_refused_and_nothing_is_written(finance):
    source = fund("100", finance)

    with pytest.raises(DomainError, match=r"可用余额 100\.00 元，不够支出 100\.01 元"):
        spend(source, "100.01", finance)

    assert (state(source), Entry.objects.count()) == ((Decimal(100), 1), 1)
    spend(source, "100", finance)
    assert state(source) == (Decimal(0), 2)


def test_the_same_key_moves_money_once(finance):
    source = fund("100", finance)

    first, again = (spend(source, "60", finance, key="k") for _ in range(2))

    assert first == again
    assert state(source) == (Decimal(40), 2)


def test_a_key_is_never_taken_for_something_else(finance):
    source = fund("100", finance)
    spend(source, "60", finance, key="k")

    with pytest.raises(DomainError, match="防重编号"):
        spend(source, "30", finance, key="k")


def test_a_forms_key_never_stands_in_the_way_of_a_payment(finance):
    desk = Desk()
    source, other = fund("10000", finance), fund("0", finance)
    batch = checked(desk, source, grant())
    spend(source, "1", finance, key=f"payment-{batch.pk}")
    money.transfer(
        source=source, target=other, amount=Decimal(1), effective_on=date(2018, 2, 1), by=finance, key="k" * 32
    )

    payments.release(batch=batch, by=desk.finance)

    assert state(source)[0] == 9498
    assert max(len(key) for key in Entry.objects.values_list("key", flat=True)) <= 64
    with pytest.raises(DomainError, match="最长 32 个字符"):
        spend(source, "1", finance, key="k" * 33)


def test_a_transfer_is_two_entries_with_one_id(finance):
    source, target = fund("100", finance), fund("5", finance)

    out, into = money.transfer(
        source=source, target=target, amount=Decimal(30), effective_on=date(2018, 3, 1), by=finance
    )

    assert (out.transfer, out.amount, into.amount) == (into.transfer, Decimal(-30), Decimal(30))
    assert (state(source), state(target)) == ((Decimal(70), 2), (Decimal(35), 2))


def test_a_transfer_of_what_is_not_there_moves_neither(finance):
    target, source = fund("5", finance), fund("100", finance)  # the one that receives is written first

    with pytest.raises(DomainError, match="不够支出"):
        money.transfer(source=source, target=target, amount=Decimal(101), effective_on=date(2018, 3, 1), by=finance)

    assert (state(source), state(target)) == ((Decimal(100), 1), (Decimal(5), 1))
    with pytest.raises(DomainError, match="另一项"):
        money.transfer(source=source, target=source, amount=Decimal(1), effective_on=date(2018, 3, 1), by=finance)


def test_a_reversal_is_written_once_and_says_why(finance):
    source = fund("100", finance)
    entry = spend(source, "60", finance)

    [made] = money.reverse(entry=entry, reason="金额填写有误", by=finance)

    assert (made.amount, made.reverses, state(source)) == (Decimal(60), entry, (Decimal(100), 3))
    assert LogEntry.objects.get_for_object(made).get().additional_data == {"reason": "金额填写有误"}
    for wrong in (entry, made):
        with pytest.raises(DomainError, match="冲正"):
            money.reverse(entry=wrong, reason="金额填写有误", by=finance)
    with pytest.raises(DomainError, match="至少 4 个字"):
        money.reverse(entry=spend(source, "1", finance), reason="错", by=finance)


def test_a_transfer_is_reversed_as_a_whole(finance):
    source, target = fund("100", finance), fund("5", finance)
    out, _ = money.transfer(source=source, target=target, amount=Decimal(30), effective_on=date(2018, 3, 1), by=finance)

    money.reverse(entry=out, reason="划转对象有误", by=finance)

    assert (state(source), state(target)) == ((Decimal(100), 3), (Decimal(5), 3))


def test_the_database_itself_knows_a_reversal_once(finance):
    source = fund("100", finance)
    entry = spend(source, "60", finance)
    money.reverse(entry=entry, reason="金额填写有误", by=finance)

    with pytest.raises(IntegrityError), transaction.atomic():
        Entry.objects.create(
            fund=source, version=9, amount=60, balance=60, kind=EntryKind.REVERSAL, key="x", reverses=entry,
            effective_on=date(2018, 3, 1),
        )  # fmt: skip


def test_a_back_dated_entry_never_reorders_balances(finance):
    source = fund("100", finance)
    spend(source, "60", finance, effective_on=date(2018, 6, 1))
    late = put(source, "10", finance, effective_on=date(2018, 1, 2))

    rows = Entry.objects.filter(fund=source).order_by("version").values_list("version", "balance")
    assert list(rows) == [(1, Decimal(100)), (2, Decimal(40)), (3, Decimal(50))]
    assert late.balance == 50
    assert Entry.objects.filter(fund=source).until(date(2018, 5, 31)).total() == 110


def test_what_has_not_happened_yet_is_not_written(finance):
    source = fund("100", finance)

    with pytest.raises(DomainError, match="今天以后"):
        spend(source, "1", finance, effective_on=timezone.localdate() + timedelta(days=1))
    with pytest.raises(DomainError, match="大于零"):
        spend(source, "-1", finance)
    with pytest.raises(DomainError, match="拨入或其他支出"):
        money.record(fund=source, kind=EntryKind.PAYMENT, amount=Decimal(1), effective_on=date(2018, 1, 1), by=finance)


def test_a_closed_fund_moves_nothing(finance):
    source = fund("100", finance)
    Fund.objects.update(is_open=False)

    with pytest.raises(DomainError, match="已停用"):
        spend(source, "1", finance)


def test_only_finance_moves_money_and_only_its_own(finance, outsider):
    source = fund("100", finance)
    clerk = UserFactory(roles=(roles.RELIEF,))

    with pytest.raises(DomainError, match="不能登记资金收支"):
        spend(source, "1", clerk)
    with pytest.raises(DomainError, match="管理范围"):
        spend(source, "1", outsider)
    with pytest.raises(DomainError, match="管理范围"):
        money.reverse(entry=Entry.objects.get(), reason="随便写一个", by=outsider)


# --- Written once ---


@pytest.mark.parametrize(
    "change",
    [
        lambda: Entry.objects.update(amount=1),
        lambda: Entry.objects.all().delete(),
        lambda: connection.cursor().execute("UPDATE relief_entry SET balance = 0"),
        lambda: connection.cursor().execute("DELETE FROM relief_entry"),
    ],
)
def test_entries_are_neither_changed_nor_deleted(change, finance):
    fund("100", finance)

    with pytest.raises(DatabaseError, match="never changed or deleted"), transaction.atomic():
        change()

    assert Entry.objects.get().amount == 100


# --- Whether the books are right ---


def test_books_that_are_right_say_so(finance):
    spend(fund("100", finance), "60", finance)
    fund("0")
    out = StringIO()

    call_command("check_funds", stdout=out)

    assert "账实相符" in out.getvalue()


@pytest.mark.parametrize("wrong", [{"available": 41}, {"version": 3}])
def test_a_fund_that_somebody_wrote_into_is_found(wrong, finance, caplog):
    spend(fund("100", finance), "60", finance)
    fund("7", finance)
    Fund.objects.filter(version=2).update(**wrong)

    with pytest.raises(CommandError, match=r"流水合计 40\.00 元"):
        call_command("check_funds")

    assert [record.levelname for record in caplog.records] == ["ERROR"]


def test_a_bank_balance_is_held_against_the_entries_of_its_day(finance):
    source = fund("100", finance)
    spend(source, "60", finance, effective_on=date(2018, 6, 1))
    for day, amount in ((date(2018, 5, 31), 100), (date(2018, 6, 1), 40), (date(2018, 6, 2), 45)):
        BankBalance.objects.create(fund=source, on=day, amount=amount)
    BankBalance.objects.create(fund=source, on=date(2018, 1, 1), amount=0)

    found = in_books(BankBalance.objects.order_by("on")).values_list("booked", "difference")

    assert list(found) == [(0, 0), (100, 0), (40, 0), (40, 5)]
    with pytest.raises(CommandError, match=r"银行余额 45\.00 元，账上 40\.00 元"):
        call_command("check_funds")
    BankBalance.objects.filter(amount=45).update(note="未达账项 5.00 元")
    call_command("check_funds", stdout=StringIO())
