"""Many at once, on PostgreSQL: a fund pays what it holds and no more, a person once, and nobody waits for ever."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError
from django.utils import timezone

from pingtang_union.core.exceptions import DomainError
from relief.models import COUNTED, Entry, EntryKind, Grant, GrantState, PaymentRow
from relief.services import money, payments
from relief.services.payments import Result
from tests.at_once import at_once, needs_postgresql
from tests.awards.test_at_once import refused
from tests.factories import id_number
from tests.relief.books import Desk, batch_of, checked, fund, grant, put, released

pytestmark = [needs_postgresql, pytest.mark.django_db(transaction=True, serialized_rollback=True)]


@pytest.fixture
def desk(db) -> Desk:
    return Desk()


def test_of_fifty_grants_a_fund_pays_the_thirty_that_it_covers(desk):
    source = fund("15499.99", desk.finance)  # a 分 short of the thirty-first
    batches = [checked(desk, source, grant()) for _ in range(50)]

    results = at_once([lambda one=one: payments.release(batch=one, by=desk.finance) for one in batches])

    assert len(refused(results)) == 20
    assert Entry.objects.filter(kind=EntryKind.PAYMENT).count() == 30
    source.refresh_from_db()
    assert (source.available, source.version) == (Decimal("499.99"), 31)
    assert Entry.objects.total() == source.available
    assert (list(money.faults()), sorted(Entry.objects.values_list("version", flat=True))) == ([], list(range(1, 32)))


def test_of_fifty_attempts_to_pay_one_person_one_succeeds(desk):
    number = id_number()
    source = fund("50000", desk.finance)
    grants = [grant(id_number=number, state=GrantState.APPLIED) for _ in range(50)]

    def pay(one: Grant) -> None:
        one.state = GrantState.APPROVED
        try:
            one.save(update_fields=["state"])
        except IntegrityError:
            raise DomainError("has it already") from None
        payments.release(batch=checked(desk, source, one), by=desk.finance)

    results = at_once([lambda one=one: pay(one) for one in grants])

    assert len(refused(results)) == 49
    source.refresh_from_db()
    assert (source.available, Grant.objects.filter(state__in=COUNTED).count()) == (49500, 1)


def test_of_fifty_batches_one_takes_the_grant_and_of_fifty_releases_one_pays(desk):
    source, one = fund("50000", desk.finance), grant()
    batches = [batch_of(desk, source) for _ in range(50)]

    results = at_once([lambda to=to: payments.add_grants(batch=to, grants=[one], by=desk.maker) for to in batches])

    assert (len(refused(results)), PaymentRow.objects.count()) == (49, 1)
    batch = PaymentRow.objects.get().batch
    payments.hand_in(batch=batch, by=desk.maker)
    payments.check(batch=batch, by=desk.checker)
    results = at_once([lambda: payments.release(batch=batch, by=desk.finance) for _ in range(50)])
    assert refused(results) == []
    source.refresh_from_db()
    assert (source.available, source.version) == (49500, 2)


def test_one_answer_read_fifty_times_returns_the_money_once(desk):
    source = fund("50000", desk.finance)
    batch = released(desk, source, grant(), grant())
    said = [Result(1, is_paid=False, reason="户名不符"), Result(2, is_paid=True)]

    results = at_once([
        lambda: payments.note_results(batch=batch, results=said, on=timezone.localdate(), by=desk.finance)
        for _ in range(50)
    ])  # fmt: skip

    assert sorted(results) == [(0, 0)] * 49 + [(1, 1)]
    source.refresh_from_db()
    assert (source.available, source.version) == (49500, 3)


def test_the_same_key_from_fifty_sides_moves_money_once(desk):
    source = fund("100", desk.finance)

    results = at_once([lambda: put(source, "5", desk.finance, key="k") for _ in range(50)])

    assert len({entry.pk for entry in results}) == 1
    source.refresh_from_db()
    assert (source.available, source.version) == (105, 2)


def test_transfers_that_cross_never_lock_each_other_out(desk):
    one, other = fund("1000", desk.finance), fund("1000", desk.finance)

    def cross(index: int):
        source, target = (one, other) if index % 2 else (other, one)
        return money.transfer(
            source=source, target=target, amount=Decimal("7.01") + index, effective_on=date(2018, 3, 1),
            by=desk.finance,
        )  # fmt: skip

    results = at_once([lambda index=index: cross(index) for index in range(40)])

    assert refused(results) == []
    one.refresh_from_db()
    other.refresh_from_db()
    assert (one.available, other.available) == (Decimal(980), Decimal(1020))
    assert Entry.objects.total() == 2000
    assert list(money.faults()) == []
