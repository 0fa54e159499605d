"""The honour roll and its holders: standing awards, persons masked."""

import pytest
from django.urls import reverse

from tests.factories import (
    AwardFactory,
    CadreFactory,
    MemberFactory,
    UnionFactory,
    honour,
)
from tests.pages.public.seen import UNSEEN, holder_of, names, revoked, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def roll(db):
    """Four awards: two persons (one of whom agreed to show her name), a team, and one revoked."""
    town = UnionFactory(name="大塘镇茶厂工会", township="大塘镇")
    other = UnionFactory(name="县医院工会", township="金盆街道")
    return {
        "masked": AwardFactory(recipient="杨秀英", union=town, awarded_on="2017-04-25"),
        "open": AwardFactory(recipient="石建国", union=other, awarded_on="2016", shows_name=True),
        "team": AwardFactory(
            recipient="急诊护理组", union=other, honour=honour("province.worker_pioneer"), awarded_on="2017-05"
        ),
        "revoked": revoked(AwardFactory(recipient="被撤销者", union=town, awarded_on="2017-03-03")),
    }


def test_the_roll_masks_persons_and_leaves_out_the_revoked(roll, client):
    response = client.get("/honours/")

    assert names(response) == ["急诊护理组", "杨*英", "石建国"]
    assert ("杨秀英" in response.content.decode(), "被*" in text(response)) == (False, False)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"level": "province"}, ["急诊护理组"]),
        ({"year": "2017"}, ["急诊护理组", "杨*英"]),
        ({"year": "2016"}, ["石建国"]),
        ({"township": "大塘镇"}, ["杨*英"]),
        ({"kind": "person"}, ["杨*英", "石建国"]),
        ({"kind": "collective"}, ["急诊护理组"]),
        ({"q": "工人先锋"}, ["急诊护理组"]),
        ({"q": "茶厂"}, ["杨*英"]),
        ({"q": "护理"}, ["急诊护理组"]),
        ({"q": "石建国"}, ["石建国"]),
        ({"q": "杨秀英"}, []),
        ({"q": "秀"}, []),
        ({"q": "，。"}, []),
        ({"q": "医院", "kind": "person", "level": "county"}, ["石建国"]),
    ],
)
def test_the_roll_is_filtered(query, found, roll, client):
    assert names(client.get("/honours/", query)) == found


def test_the_roll_is_filtered_by_title(roll, client):
    assert names(client.get("/honours/", {"title": roll["team"].honour_id})) == ["急诊护理组"]


def test_numbers_by_level_are_the_rows_that_they_lead_to(roll, client):
    response = client.get("/honours/", {"year": "2017", "page": "1", "level": "county"})

    numbers = {one["label"]: one["number"] for one in response.context["levels"]}
    assert numbers == {"全部": 2, "国家级": 0, "省级": 1, "州级": 0, "县级": 1}
    for one in response.context["levels"]:
        assert client.get(one["url"]).context["page_obj"].paginator.count == one["number"]


def test_a_person_known_as_member_is_masked_whatever_the_title_is_for(client):
    member = MemberFactory(name="杨秀英")
    AwardFactory(honour=honour("county.worker_pioneer"), recipient="杨秀英", union=member.union, member=member)

    assert names(client.get("/honours/")) == ["杨*英"]
    assert names(client.get("/honours/", {"q": "杨秀英"})) == []


def test_the_roll_is_paged(client):
    union = UnionFactory()
    for _ in range(21):
        AwardFactory(union=union)

    assert [len(names(client.get("/honours/", {"page": page}))) for page in ("1", "2", "99", "abc")] == [20, 1, 1, 20]
    assert "（21 项荣誉）" in text(client.get("/honours/"))


@pytest.mark.parametrize(
    "query",
    [{"year": "abc"}, {"q": "长" * 10_000}, {"level": "world"}, {"kind": "x"}, {"title": "abc"}, {"title": "9" * 18},
     {"township": "不存在"}, {"page": "-1"}, {"year": "2017'--"}, {"level": ["county", "province"]}],
)  # fmt: skip
def test_odd_conditions_get_a_page(query, roll, client):
    assert client.get("/honours/", query, follow=True).status_code == 200


def test_conditions_that_make_no_sense_show_nothing_and_say_so(roll, client):
    response = client.get("/honours/", {"year": "abc"})

    assert names(response) == []
    assert "查找条件有误" in text(response)


def test_a_union_has_all_its_honours_on_one_page(client):
    union, other = UnionFactory(name="县医院工会"), UnionFactory()
    first = AwardFactory(honour=honour("county.worker_pioneer"), recipient="县医院工会", union=union,
                         recipient_union=union, awarded_on="2015")  # fmt: skip
    AwardFactory(honour=honour("province.worker_pioneer"), recipient="平塘县医院工会", union=union,
                 recipient_union=union, awarded_on="2017", document_number="黔工发〔2017〕8号")  # fmt: skip
    revoked(AwardFactory(honour=honour("county.women_post"), union=union, recipient_union=union, awarded_on="2016"))
    AwardFactory(honour=honour("county.worker_pioneer"), union=other, recipient_union=other)
    AwardFactory(union=union, recipient="杨秀英")

    response = client.get(holder_of(first))

    assert [one.title for one in response.context["awards"]] == ["贵州省工人先锋号", "平塘县工人先锋号"]
    assert "黔工发〔2017〕8号" in text(response)


@pytest.mark.parametrize(("factory", "field"), [(MemberFactory, "member"), (CadreFactory, "cadre")])
def test_a_person_is_followed_by_the_record(factory, field, client):
    person, namesake = factory(name="杨秀英"), factory(name="杨秀英")
    first = AwardFactory(recipient="杨秀英", union=person.union, awarded_on="2015", **{field: person})
    AwardFactory(recipient="杨秀英", union=UnionFactory(), awarded_on="2016", **{field: person})
    AwardFactory(recipient="杨秀英", union=person.union, awarded_on="2017", **{field: namesake})
    AwardFactory(recipient="杨秀英", union=person.union, awarded_on="2018")

    response = client.get(holder_of(first))

    assert [one.awarded_on for one in response.context["awards"]] == ["2016", "2015"]
    assert "杨秀英" not in response.content.decode()


def test_whom_no_record_knows_is_the_same_name_in_the_same_union(client):
    union = UnionFactory()
    first = AwardFactory(recipient="杨秀英", union=union, awarded_on="2015")
    AwardFactory(recipient="杨 秀英", union=union, awarded_on="2016")
    AwardFactory(recipient="杨秀英", union=UnionFactory(), awarded_on="2017")
    AwardFactory(recipient="杨秀英", union=union, awarded_on="2018", honour=honour("county.worker_pioneer"))

    assert [one.awarded_on for one in client.get(holder_of(first)).context["awards"]] == ["2016", "2015"]


def test_a_name_that_may_be_read_tells_nothing_of_awards_where_it_may_not(client):
    member = MemberFactory(name="杨秀英")
    hidden = AwardFactory(recipient="杨秀英", union=member.union, member=member, awarded_on="2015")
    shown = AwardFactory(recipient="杨秀英", union=member.union, member=member, awarded_on="2016", shows_name=True)

    for award, year, name in ((hidden, "2015", "杨*英"), (shown, "2016", "杨秀英")):
        response = client.get(holder_of(award))
        assert [(one.awarded_on, one.name) for one in response.context["awards"]] == [(year, name)]


def test_a_revoked_award_has_neither_page_nor_certificate(client):
    award = revoked(AwardFactory())

    for name in ("honour_holder", "honour_certificate"):
        assert client.get(reverse(name, args=[award.token])).url == reverse("verify_award", args=[award.token])


def test_tokens_cannot_be_counted_through(client):
    awards = [AwardFactory() for _ in range(3)]

    assert len({award.token for award in awards}) == 3
    for key in (str(awards[0].pk), UNSEEN, "a" * 5000, awards[0].token.upper() + "x"):
        for name in ("honour_holder", "honour_certificate", "honour_qr", "verify_award"):
            assert client.get(reverse(name, args=[key])).status_code == 404, name
