"""Support to unions: recorded by one, paid once by another, confirmed by the union."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from members import roles
from pingtang_union.core.exceptions import DomainError
from relief import services
from relief.models import Entry, EntryKind, Receipt, Support, SupportLine, SupportState
from relief.services import money
from tests.at_once import at_once, needs_postgresql
from tests.factories import SupportFactory, SupportLineFactory, UnionFactory, UserFactory
from tests.relief.books import fund
from tests.relief.test_places import picture

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk():
    return UserFactory(roles=(roles.RELIEF,))


@pytest.fixture
def finance():
    return UserFactory(roles=(roles.FINANCE,))


@pytest.fixture
def support(officer, clerk):
    """Two computers of 8,000.00 and a desk of 500.00, from a fund of 10,000.00."""
    made = SupportFactory(
        union=officer.union, fund=fund("10000"), recorded_by=clerk, document_number="平工发〔2026〕1号"
    )
    SupportLineFactory(support=made, item="电脑")
    SupportLineFactory(support=made, item="办公桌", quantity=1, value=Decimal(500))
    return made


def received(support, by, **told):
    return services.receive_support(
        support=support, by=by, **{"on": timezone.localdate(), "note": "如数", "files": []} | told
    )


def test_the_money_moves_once_by_the_one_function(support, finance):
    for _ in range(2):
        paid = services.release_support(support=support, by=finance)
    entry = Entry.objects.get(kind=EntryKind.EXPENSE)
    assert (paid.entry, paid.released_by, paid.state) == (entry, finance, SupportState.RELEASED)
    assert (entry.amount, entry.balance, entry.key) == (Decimal(-8500), Decimal(1500), f"support-{support.pk}")
    assert not money.faults()


def test_who_recorded_it_does_not_pay_and_no_other_role_does(support, clerk, finance):
    for by in (clerk, UserFactory(roles=(roles.RELIEF,)), UserFactory(roles=(roles.LEADER,))):
        with pytest.raises(DomainError, match="不能支付"):
            services.release_support(support=support, by=by)
    Support.objects.update(recorded_by=finance)
    with pytest.raises(DomainError, match="不能支付自己登记"):
        services.release_support(support=support, by=finance)
    with pytest.raises(IntegrityError), transaction.atomic():
        Support.objects.update(entry=Entry.objects.first(), released_by=finance)


def test_no_more_than_the_fund_has_and_nothing_for_nothing(support, finance):
    SupportLineFactory(support=support, item="建设资金", value=Decimal("1500.01"))
    with pytest.raises(DomainError, match="不够支出"):
        services.release_support(support=support, by=finance)
    with pytest.raises(DomainError, match="清单里没有"):
        services.release_support(support=SupportFactory(fund=support.fund), by=finance)
    assert not Entry.objects.filter(kind=EntryKind.EXPENSE).exists()


def test_what_was_paid_is_not_changed(support, finance, clerk, signed_in):
    services.release_support(support=support, by=finance)
    line = support.lines.first()
    with pytest.raises(DomainError, match="不能再改"):
        line.save()
    with pytest.raises(DomainError, match="不能再改"):
        line.delete()
    page = signed_in(clerk).get(reverse("admin:relief_support_change", args=[support.pk])).content.decode()
    assert 'name="title"' not in page
    assert "待工会确认" in page


def test_the_union_confirms_with_its_receipt(support, finance, officer, signed_in):
    client, confirm = signed_in(officer), reverse("relief:support_receive", args=[support.pk])
    with pytest.raises(DomainError, match="待支付"):
        received(support, officer)
    services.release_support(support=support, by=finance)
    assert "核对并确认" in client.get(reverse("workbench")).content.decode()
    told = {"on": timezone.localdate().isoformat(), "note": "电脑两台、办公桌一张", "receipts": picture()}
    page = client.post(confirm, told, follow=True).content.decode()
    for words in ("已确认收到", "电脑两台、办公桌一张", "8,500.00", "驿站.jpg"):
        assert words in page
    support.refresh_from_db()
    assert (support.received_by, support.state) == (officer, SupportState.RECEIVED)
    assert client.get(reverse("relief:receipt", args=[Receipt.objects.get().pk])).status_code == 200
    with pytest.raises(DomainError, match="已确认收到"):
        received(support, officer)


def test_another_union_sees_and_confirms_nothing(support, finance, signed_in):
    services.release_support(support=support, by=finance)
    other = UserFactory(union=UnionFactory(), roles=(roles.GRASSROOTS,))
    for name in ("detail", "receive"):
        assert signed_in(other).get(reverse(f"relief:support_{name}", args=[support.pk])).status_code == 404
    with pytest.raises(DomainError, match="没有这项支持"):
        received(support, other)
    with pytest.raises(DomainError, match="受助工会确认"):
        received(support, finance)


def test_what_was_reversed_is_held_by_nobody(support, finance, officer, clerk, signed_in):
    services.release_support(support=support, by=finance)
    holdings = reverse("admin:relief_supportline_changelist")
    assert signed_in(clerk).get(holdings).context["cl"].result_count == 2
    support.refresh_from_db()
    money.reverse(entry=support.entry, reason="型号不符退货", by=finance)
    assert signed_in(clerk).get(holdings).context["cl"].result_count == 0
    with pytest.raises(DomainError, match="已冲正"):
        received(support, officer)
    found = [len(Support.objects.in_state(state)) for state in SupportState]
    assert found == [0, 0, 0, 1]


def test_the_desk_tells_finance_and_a_clerk_records(officer, clerk, finance, signed_in):
    told = {
        "title": "新业态工会阵地建设", "union": officer.union_id, "fund": fund("10000").pk, "lines-TOTAL_FORMS": 1,
        "lines-INITIAL_FORMS": 0, "lines-0-item": "文件柜", "lines-0-quantity": 3, "lines-0-value": "1800",
    }  # fmt: skip
    signed_in(clerk).post(reverse("admin:relief_support_add"), told)
    support = Support.objects.get()
    assert (support.recorded_by, SupportLine.objects.get().value) == (clerk, Decimal(1800))
    assert "阵地支持待支付" in signed_in(finance).get(reverse("desk")).content.decode()
    page = signed_in(finance).post(reverse("admin:relief_support_release", args=[support.pk]), follow=True)
    assert "已支付" in page.content.decode()
    assert "阵地支持待支付" not in signed_in(finance).get(reverse("desk")).content.decode()


@needs_postgresql
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_many_at_once_pay_it_once():
    made = SupportFactory(fund=fund("10000"))
    SupportLineFactory(support=made)
    people = [UserFactory(roles=(roles.FINANCE,)) for _ in range(4)]
    at_once([lambda by=by: services.release_support(support=made, by=by) for by in people])
    assert Entry.objects.filter(kind=EntryKind.EXPENSE).count() == 1
    assert not money.faults()
