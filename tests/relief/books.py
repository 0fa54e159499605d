"""What tests of relief's money share: the people at its desks, a fund with money, grants to pay from it."""

from datetime import date
from decimal import Decimal
from itertools import count

from members import roles
from members.models import User
from relief.models import EntryKind, Fund, Grant, GrantState, PaymentBatch, PayWay, Programme
from relief.services import money, payments
from tests.factories import UserFactory, county, id_number

_numbers = count(1)


class Desk:
    """One person each who makes, checks and releases."""

    def __init__(self):
        self.maker = UserFactory(full_name="编制人", roles=(roles.RELIEF,))
        self.checker = UserFactory(full_name="复核人", roles=(roles.RELIEF,))
        self.finance = UserFactory(full_name="财务人员", roles=(roles.FINANCE,))


def fund(amount: str = "0", by: User | None = None, **columns) -> Fund:
    """A fund of the county with so much money, brought in by an entry."""
    columns = {"union": county(), "name": f"资金{next(_numbers)}", "source": "dues", "year": 2018} | columns
    made = Fund.objects.create(**columns)
    if Decimal(amount):
        by = by or UserFactory(roles=(roles.FINANCE,))
        put(made, amount, by)
    made.refresh_from_db()
    return made


def put(to: Fund, amount: str, by: User, **options):
    """Money that comes in."""
    options = {"effective_on": date(2018, 1, 5), "by": by} | options
    return money.record(fund=to, kind=EntryKind.INCOME, amount=Decimal(amount), **options)


def grant(**columns) -> Grant:
    """An approved grant of 500 yuan with an account."""
    number = next(_numbers)
    columns = {
        "union": county(),
        "programme": Programme.objects.get(name="元旦春节送温暖"),
        "edition": "2017-2018",
        "name": f"困难职工{number}",
        "id_number": id_number(),
        "account": f"62284800{number:011d}",
        "bank": "农业银行平塘支行",
        "cash": Decimal(500),
        "township": "金盆街道",
        "state": GrantState.APPROVED,
    } | columns
    return Grant.objects.create(**columns)


def batch_of(desk: Desk, source: Fund, *grants: Grant, way: PayWay = PayWay.BANK) -> PaymentBatch:
    """A batch that is being made."""
    made = payments.open_batch(fund=source, title="春节送温暖第一批", way=way, by=desk.maker)
    payments.add_grants(batch=made, grants=grants, by=desk.maker)
    made.refresh_from_db()
    return made


def checked(desk: Desk, source: Fund, *grants: Grant, way: PayWay = PayWay.BANK) -> PaymentBatch:
    """The same, checked."""
    made = batch_of(desk, source, *grants, way=way)
    payments.hand_in(batch=made, by=desk.maker)
    return payments.check(batch=made, by=desk.checker)


def released(desk: Desk, source: Fund, *grants: Grant, way: PayWay = PayWay.BANK) -> PaymentBatch:
    """The same, released."""
    return payments.release(batch=checked(desk, source, *grants, way=way), by=desk.finance)
