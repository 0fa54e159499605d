"""The awards of a union and those below it."""

import pytest
from django.urls import reverse

from tests.factories import AwardFactory, UnionFactory, honour
from tests.page_helpers import listed

pytestmark = pytest.mark.django_db
LIST = "/awards/"


@pytest.fixture
def award(grassroots):
    """An award of the officer's union."""
    return AwardFactory(union=grassroots, recipient="石梅", certificate_number="证字1号")


@pytest.fixture
def other(db):
    """An award of another union."""
    return AwardFactory(union=UnionFactory(name="别处工会"), recipient="别处获奖人")


def test_the_list_holds_own_awards(signed_in, officer, award, other):
    response = signed_in(officer).get(LIST)

    assert listed(response) == [str(award)]
    assert "别处" not in response.content.decode()
    assert response.context["create_url"] == ""


def test_filters(signed_in, officer, township_officer, township, award, other):
    union = UnionFactory(parent=township)
    post = AwardFactory(
        honour=honour("prefecture.worker_pioneer"), union=union, recipient="采茶班组", awarded_on="2018-04",
        revoked_on="2019-01", revoke_reason="弄虚作假", revoke_document="平工发〔2019〕1号", revoked_by=officer,
    )  # fmt: skip
    client = signed_in(township_officer)

    def names(**conditions):
        return listed(client.get(LIST, conditions))

    assert names() == [str(post), str(award)]
    found = [{"q": "班组"}, {"level": "prefecture"}, {"year": "2018"}, {"honour": post.honour_id}, {"union": union.pk}]
    assert [names(**one) for one in [*found, {"standing": "revoked"}]] == [[str(post)]] * 6
    assert names(standing="standing") == [str(award)]
    assert names(year="18") == names(union=other.union_id) == names(q="，") == []


def test_the_list_is_exported_as_it_is_filtered(signed_in, officer, award, other):
    client = signed_in(officer)
    [export] = client.get(LIST, {"q": "石"}).context["exports"]
    asked = client.get(export["url"])

    assert (asked.context["number"], asked.context["conditions"]) == (1, [("q", "获奖集体（个人）", "石")])


@pytest.mark.parametrize("who", ["officer", "awards_clerk"])
def test_the_page_of_one(who, request, signed_in, award):
    text = signed_in(request.getfixturevalue(who)).get(reverse("awards:award_detail", args=[award.pk])).content.decode()

    assert [
        words for words in ("平塘县五一劳动标兵", "平工发〔2017〕12号", "证字1号", "有效") if words not in text
    ] == []


def test_a_revoked_award_says_why(signed_in, officer, award):
    award.revoked_on, award.revoke_reason, award.revoke_document = "2019-01", "弄虚作假", "平工发〔2019〕1号"
    award.revoked_by = officer
    award.save()
    text = signed_in(officer).get(reverse("awards:award_detail", args=[award.pk])).content.decode()

    assert ("已撤销" in text, "弄虚作假（平工发〔2019〕1号）" in text) == (True, True)


def test_the_list_asks_the_same_questions_of_one_award_and_of_three(
    signed_in, township_officer, township, award, django_assert_num_queries
):
    client = signed_in(township_officer)
    client.get(LIST)
    with django_assert_num_queries(12) as first:
        client.get(LIST)
    for _ in range(2):
        AwardFactory(union=UnionFactory(parent=township))
    with django_assert_num_queries(len(first)):
        client.get(LIST)
