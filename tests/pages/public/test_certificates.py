"""Certificates and their verification."""

from io import BytesIO

import pytest
import segno
from django.test import Client
from django.urls import reverse

from awards.shown import Honoured
from members import roles
from pingtang_union.ledger.unions import workplace
from pingtang_union.throttle import MOST_TRIES
from tests.factories import (
    AwardFactory,
    UnionFactory,
    UserFactory,
    honour,
)
from tests.pages.public.seen import UNSEEN, certificate_of, revoked, text

pytestmark = pytest.mark.django_db


def test_the_countys_own_title_gets_a_certificate(client):
    award = AwardFactory(
        recipient="杨秀英", union=UnionFactory(name="县医院工会"), certificate_number="平工荣〔2017〕1号"
    )

    said = text(client.get(certificate_of(award)))

    assert "荣誉证书" in said
    assert "县医院 杨*英 同志：" in said
    assert "授予“平塘县五一劳动标兵”荣誉称号" in said
    assert "编号：平工荣〔2017〕1号" in said
    assert "杨秀英" not in said


def test_a_superiors_title_is_attested_and_not_given(client):
    award = AwardFactory(
        honour=honour("province.worker_pioneer"), recipient="急诊护理组", granted_by="贵州省总工会", awarded_on="2017"
    )

    said = text(client.get(certificate_of(award)))

    assert ("荣誉证明" in said, "荣誉证书" in said, "特发此证" in said) == (True, False, False)
    assert "由贵州省总工会授予“贵州省工人先锋号”荣誉称号" in said


def test_the_whole_name_is_for_the_holders_union_and_the_county(
    client, grassroots, officer, awards_clerk, leader, outsider, signed_in
):
    address = certificate_of(AwardFactory(recipient="杨秀英", union=grassroots))
    neighbour = UserFactory(union=UnionFactory(), roles=(roles.GRASSROOTS,))

    def shows(one: Client, query: str = "?name=full") -> bool:
        return "杨秀英" in one.get(address + query).content.decode()

    assert [shows(signed_in(user)) for user in (officer, awards_clerk)] == [True, True]
    assert [shows(signed_in(user)) for user in (neighbour, leader, outsider)] == [False, False, False]
    assert shows(client) is False
    assert shows(signed_in(officer), "") is False


def test_the_code_leads_to_the_verification_page_at_this_host(client):
    award = AwardFactory()
    expected = BytesIO()
    address = f"http://testserver{reverse('verify_award', args=[award.token])}"
    segno.make(address, error="m", micro=False).save(
        expected, kind="svg", scale=4, light="#fff", svgclass=None, lineclass=None
    )

    response = client.get(reverse("honour_qr", args=[award.token]))

    assert response.headers["Content-Type"] == "image/svg+xml"
    assert response.content == expected.getvalue()


def test_a_standing_award_is_genuine(client):
    award = AwardFactory(recipient="杨秀英", union=UnionFactory(name="县医院工会"), certificate_number="平工荣1号")

    response = client.get(reverse("verify_award", args=[award.token]))
    said = text(response)

    assert (response.status_code, "真实有效。" in said, "撤销，文号" in said) == (200, True, False)
    for one in ("平塘县五一劳动标兵", "杨*英", "县医院工会", "2017年4月25日", "平工发〔2017〕12号", "平工荣1号"):
        assert one in said
    assert "杨秀英" not in said


def test_a_revoked_award_says_when_and_by_which_document_and_not_why(client):
    award = revoked(AwardFactory(recipient="杨秀英"))

    said = text(client.get(reverse("verify_award", args=[award.token])))

    assert "已撤销，证书无效。 该荣誉于2026年3月1日撤销，文号平工发〔2026〕9号。" in said
    assert ("真实有效" in said, "弄虚作假" in said, award.revoked_by.full_name in said) == (False, False, False)


def test_an_unknown_address_says_so(client):
    response = client.get(reverse("verify_award", args=[UNSEEN]))

    assert response.status_code == 404
    assert "未查到该证书" in text(response)


@pytest.mark.parametrize(
    ("code", "recipient", "typed", "expected"),
    [
        ("county.pacesetter", "杨秀英", "", "平塘县人民医院　杨秀英"),
        ("county.pacesetter", "杨秀英", "平塘县中医院", "平塘县中医院　杨秀英"),
        ("county.pacesetter_post", "平塘县人民医院工会委员会", "", "平塘县人民医院"),
        ("county.pacesetter_post", "平塘县人民医院急诊科", "", "平塘县人民医院急诊科"),
        (
            "province.model_home",
            "平塘县人民医院工会委员会",
            "",
            "平塘县人民医院工会委员会",
        ),  # what a union is honoured for
    ],
)
def test_a_certificate_is_addressed_to_the_workplace(code, recipient, typed, expected):
    union = UnionFactory(name="平塘县人民医院工会委员会")
    award = AwardFactory(honour=honour(code), recipient=recipient, union=union, workplace=typed)

    assert Honoured.of(award, in_full=True).whom == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("平舟镇工会联合会", "平舟镇工会联合会"),
        ("平塘县总工会", "平塘县总工会"),
        ("大塘镇工会", "大塘镇"),
        ("工会", "工会"),
    ],
)
def test_federations_are_their_own_workplace(name, expected):
    assert workplace(name) == expected


def test_what_anyone_may_print_is_a_specimen(client, grassroots, officer, leader, signed_in):
    award = AwardFactory(union=grassroots, recipient="急诊护理组", honour=honour("county.worker_pioneer"))
    address = certificate_of(award)

    def is_specimen(one: Client, query: str) -> bool:
        return "certificate-specimen" in one.get(address + query).content.decode()

    assert [is_specimen(one, "?name=full") for one in (client, signed_in(leader), signed_in(officer))] == [
        True, True, False,
    ]  # fmt: skip
    assert is_specimen(signed_in(officer), "") is True
    assert "编号：—" in text(client.get(address))


def ask(client: Client, **answers: str):
    return client.post("/verify/", answers)


@pytest.mark.parametrize(
    ("answers", "is_found"),
    [
        ({"certificate": "平工荣1号"}, True),
        ({"certificate": " 平工荣１号 "}, True),
        ({"certificate": "平工荣1"}, False),
        ({"certificate": ""}, False),
        ({"certificate": "长" * 10_000}, False),
        ({"document": "平工发〔2017〕12号", "name": "杨秀英"}, True),
        ({"document": "平工发[2017]012号", "name": "杨 秀英"}, True),
        ({"document": "平工发〔2017〕12号", "name": "杨*英"}, False),
        ({"document": "平工发〔2017〕12号", "name": "，"}, False),
        ({"document": "平工发〔2017〕12号", "name": ""}, False),
        ({"document": "平工发〔2017〕1号", "name": "杨秀英"}, False),
        ({"document": "", "name": "杨秀英"}, False),
        ({}, False),
    ],
)
def test_certificates_are_found_by_number_or_by_document_and_name(answers, is_found, client):
    AwardFactory(recipient="无文号者", document_number="")
    award = AwardFactory(recipient="杨秀英", certificate_number="平工荣1号")

    response = ask(client, **answers)

    if is_found:
        assert response.url == reverse("verify_award", args=[award.token])
        assert "杨秀英" not in client.get(response.url).content.decode()
    else:
        assert response.status_code == 200
        assert "未查到" in text(response)


def test_of_two_honours_by_one_document_one_is_chosen(client):
    union = UnionFactory()
    for code in ("county.pacesetter", "county.craftsman"):
        AwardFactory(recipient="杨秀英", union=union, honour=honour(code))

    said = text(ask(client, document="平工发〔2017〕12号", name="杨秀英"))

    assert ("查到 2 项荣誉" in said, "平塘工匠" in said) == (True, True)


def test_who_tries_too_often_has_to_wait(client):
    AwardFactory(certificate_number="0001")

    codes = [ask(client, certificate="0001").status_code for _ in range(MOST_TRIES + 1)]

    assert codes == [302] * MOST_TRIES + [429]
    assert ask(client, certificate="0001").status_code == 429
    assert client.post("/verify/", {"certificate": "0001"}, REMOTE_ADDR="10.9.9.9").status_code == 302
    assert client.get("/verify/").status_code == 200
