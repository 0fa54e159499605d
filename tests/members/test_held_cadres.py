"""A cadre whose number waits for the county: for whatever reason it was held, settling it leads on, in a file and on
the page, and the officer never reads why."""

import pytest
from django.urls import reverse

from members.models import Cadre, HeldNumber, HeldWhy, Member
from members.services import numbers, posts
from pingtang_union.core.exceptions import DomainError
from pingtang_union.ledger.importing import preview
from tests.factories import CadreFactory, MemberFactory, UnionFactory
from tests.members.test_numbers import brought, member_form, numbered, written
from tests.page_helpers import errors, filled

pytestmark = pytest.mark.django_db
HEADERS = ("姓名", "身份证号", "所在工会", "工会职务", "任职时间")
NUMBER = numbered(7)


@pytest.fixture
def elsewhere(db) -> Cadre:
    union = UnionFactory(name="平塘县林业局工会委员会")
    return CadreFactory(union=union, name="石主席", id_number=NUMBER, started_on="2015-01")


def roster(officer):
    rows = [("石主席", NUMBER, officer.union.name, "委员", "2020.01"),
            ("陆甲", numbered(9, "19810203"), officer.union.name, "主席", "2020.01")]  # fmt: skip
    return brought(officer, rows, headers=HEADERS, title="工会干部花名册")


def said(batch) -> tuple:
    one = next(row for row in preview.Rows(batch) if row.name == "石主席")
    return one.verdict, [message.text for message in one.messages], one.object_id, one.before


def form(client):
    address = reverse("members:cadre_create")
    facts = {"name": "石主席", "id_number": NUMBER, "id_type": "resident", "kind": "cadre", "post": "委员"}
    return client.post(address, filled(client.get(address), **facts, started_on="2020-01"))


HELD_ROW = ("held", [f"身份证号：{numbers.HELD}"], None, None)


def test_a_post_elsewhere_ends_before_the_county_confirms(officer, county_clerk, elsewhere):
    batch = roster(officer)
    assert said(batch) == HELD_ROW
    written(batch, officer)
    held = HeldNumber.objects.get()

    with pytest.raises(DomainError, match="先登记该记录的离任时间"):
        numbers.settle_number(held=held, by=county_clerk, agree=True)
    posts.end_post(cadre=elsewhere, on="2019-12", by=county_clerk)
    numbers.settle_number(held=held, by=county_clerk, agree=True)

    again = roster(officer)
    assert said(again)[0] == "new"
    written(again, officer)
    assert Cadre.objects.get(union=officer.union, name="石主席").ended_on is None


def test_on_the_page_too(signed_in, officer, county_clerk, elsewhere):
    client = signed_in(officer)
    assert errors(form(client)) == {"id_number": [numbers.HELD]}
    held = HeldNumber.objects.get()
    assert held.why == HeldWhy.IN_POST
    confirm = reverse("admin:members_heldnumber_confirm", args=[held.pk])
    county = signed_in(county_clerk)
    page = county.post(confirm, {"answer": ""})
    assert page.status_code == 200
    held.refresh_from_db()
    assert held.state == "open"
    posts.end_post(cadre=elsewhere, on="2019-12", by=county_clerk)
    county.post(confirm, {"answer": ""})

    assert form(signed_in(officer)).status_code == 302
    assert Cadre.objects.filter(union=officer.union, name="石主席", ended_on__isnull=True).count() == 1


@pytest.mark.parametrize("why", [HeldWhy.MANY, HeldWhy.ELSEWHERE])
def test_what_was_confirmed_for_another_reason_waits_for_the_post_to_end(
    signed_in, officer, county_clerk, elsewhere, why
):
    held = numbers.hold(
        by=officer, union_id=officer.union_id, name="石主席", number=NUMBER, id_type="resident", why=why, place="台账"
    )
    numbers.settle_number(held=held, by=county_clerk, agree=True)

    assert said(roster(officer)) == HELD_ROW
    assert errors(form(signed_in(officer))) == {"id_number": [numbers.HELD]}
    held = HeldNumber.objects.open().get()
    assert held.why == HeldWhy.IN_POST
    posts.end_post(cadre=elsewhere, on="2019-12", by=county_clerk)
    numbers.settle_number(held=held, by=county_clerk, agree=True)

    assert said(roster(officer))[0] == "new"
    assert form(signed_in(officer)).status_code == 302


@pytest.mark.parametrize("why", [HeldWhy.MANY, HeldWhy.ELSEWHERE])
def test_a_confirmed_member_comes_as_a_transfer(signed_in, officer, county_clerk, why):
    hidden = MemberFactory(union=UnionFactory(), name="石秘密", id_number=NUMBER)
    held = numbers.hold(
        by=officer, union_id=officer.union_id, name="石另名", number=NUMBER, id_type="resident", why=why, place="台账"
    )
    numbers.settle_number(held=held, by=county_clerk, agree=True)

    batch = brought(officer, [("石另名", NUMBER, "2020.01")])
    assert [one.verdict for one in preview.Rows(batch)] == ["transfer"]
    response = member_form(signed_in(officer), "石另名", NUMBER)
    assert numbers.HELD not in str(errors(response))
    assert Member.objects.get(id_index=hidden.id_index).union == hidden.union
