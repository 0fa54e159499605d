"""The county decides on transfers: agreed or refused once, by POST, among its own rows."""

import pytest
from django.urls import reverse

from members import roles
from members.models import TransferState
from tests.factories import TransferRequestFactory, UserFactory

pytestmark = pytest.mark.django_db


def address(name: str, one) -> str:
    return reverse(f"admin:members_transferrequest_{name}", args=[one.pk])


def answer(client, one, name: str, text: str = ""):
    return client.post(address(name, one), {"answer": text})


def test_agreeing_moves_the_member(county_clerk, signed_in):
    one = TransferRequestFactory()
    client = signed_in(county_clerk)
    assert answer(client, one, "agree").url == address("change", one)
    one.refresh_from_db()
    one.member.refresh_from_db()
    assert (one.state, one.answered_by, one.member.union) == (TransferState.AGREED, county_clerk, one.to_union)
    assert "已同意" in client.get(address("change", one)).content.decode()


def test_refusing_needs_a_reason(county_clerk, signed_in):
    one = TransferRequestFactory()
    client = signed_in(county_clerk)
    assert "请写明不同意的原因" in answer(client, one, "refuse").content.decode()
    one.refresh_from_db()
    assert one.state == TransferState.PENDING
    answer(client, one, "refuse", "人还在原单位")
    one.refresh_from_db()
    one.member.refresh_from_db()
    assert (one.state, one.answer, one.member.union) == (TransferState.REFUSED, "人还在原单位", one.from_union)


def test_looking_at_the_question_answers_nothing(county_clerk, signed_in):
    one = TransferRequestFactory()
    page = signed_in(county_clerk).get(address("agree", one))
    assert "会籍即转入申请工会" in page.content.decode()
    one.refresh_from_db()
    assert one.state == TransferState.PENDING


def test_buttons_stand_on_requests_that_wait_for_another(county_clerk, signed_in):
    waiting, own = TransferRequestFactory(), TransferRequestFactory(asked_by=county_clerk)
    client = signed_in(county_clerk)
    answer(client, answered := TransferRequestFactory(), "refuse", "人还在原单位")
    shown = [address("agree", one) in client.get(address("change", one)).content.decode()
             for one in (waiting, own, answered)]  # fmt: skip
    assert shown == [True, False, False]
    refused = answer(client, own, "agree").content.decode()
    own.refresh_from_db()
    assert own.state == TransferState.PENDING
    assert "不能自己答复" in refused


def test_readers_and_outsiders_answer_nothing(outsider, signed_in):
    one = TransferRequestFactory()
    reader = UserFactory(roles=(roles.ECONOMY,))
    assert answer(signed_in(reader), one, "agree").status_code == 403
    assert answer(signed_in(outsider), one, "agree").status_code == 404
    one.refresh_from_db()
    assert one.state == TransferState.PENDING


def test_the_list_is_filtered_by_state(county_clerk, signed_in):
    one, other = TransferRequestFactory(), TransferRequestFactory()
    client = signed_in(county_clerk)
    answer(client, other, "refuse", "人还在原单位")
    listed = client.get(reverse("admin:members_transferrequest_changelist"), {"state__exact": "pending"})
    assert list(listed.context["cl"].result_list) == [one]
