"""Certificates and their verification."""

from io import BytesIO

import pytest
import segno
from django.test import Client
from django.urls import reverse

from members import roles
from tests.factories import (
    AwardFactory,
    UnionFactory,
    UserFactory,
    honour,
)
from tests.public.seen import UNSEEN, certificate_of, revoked, text

pytestmark = pytest.mark.django_db


def test_the_countys_own_title_gets_a_certificate(client):
    award = AwardFactory(
        recipient="杨秀英", union=UnionFactory(name="县医院工会"), certificate_number="平工荣〔2017〕1号"
    )

    said = text(client.get(certificate_of(award)))

    assert "荣誉证书" in said
    assert "县医院工会 杨*英 同志：" in said
    assert "授予“平塘县五一劳动标兵”荣誉称号" in said
    assert "证书编号：平工荣〔2017〕1号" in said
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

    assert "已经撤销，现在无效。 这项荣誉于2026年3月1日撤销，文号平工发〔2026〕9号。" in said
    assert ("真实有效" in said, "弄虚作假" in said, award.revoked_by.full_name in said) == (False, False, False)


def test_an_unknown_address_says_so(client):
    response = client.get(reverse("verify_award", args=[UNSEEN]))

    assert response.status_code == 404
    assert "查不到这份证书" in text(response)


@pytest.mark.parametrize(
    ("number", "title", "is_found"),
    [
        ("平工荣1号", "平塘县五一劳动标兵", True),
        (" 平工荣１号 ", "五一劳动标兵", True),
        ("平工荣1号", "", False),
        ("", "平塘县五一劳动标兵", False),
        ("平工荣1", "平塘县五一劳动标兵", False),
        ("平工荣1号", "平塘县巾帼标兵", False),
        ("平工荣1号", "杨秀英", False),  # no way to try out names
        ("平工荣1号", "杨*英", False),
        ("平工荣1号", "，", False),
        ("平工荣2号", "石建国", True),  # she agreed to be named
        ("平工荣3号", "急诊护理组", True),
        ("长" * 10_000, "平塘县五一劳动标兵", False),
    ],
)
def test_certificates_are_found_by_number_and_title(number, title, is_found, client):
    AwardFactory(recipient="无编号者")
    awards = [
        AwardFactory(recipient="杨秀英", certificate_number="平工荣1号"),
        AwardFactory(recipient="石建国", certificate_number="平工荣2号", shows_name=True),
        AwardFactory(
            recipient="急诊护理组", certificate_number="平工荣3号", honour=honour("county.worker_pioneer")
        ),
    ]  # fmt: skip

    response = client.post("/verify/", {"certificate": number, "title": title})

    if is_found:
        assert response.url in [reverse("verify_award", args=[award.token]) for award in awards]
    else:
        assert response.status_code == 200
        assert "没有查到" in text(response)
