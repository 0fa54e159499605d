"""What every list of officers' pages has: conditions that can be lifted one by one, heads that order it, how many there
are of what, dates as figures, and what to do where nothing is."""

import re

import pytest
from django.contrib.auth.models import Permission

from tests.factories import MemberFactory, TrainingFactory
from tests.page_helpers import listed

pytestmark = pytest.mark.django_db

LIST = "/members/"


@pytest.fixture
def members(grassroots) -> list:
    days = ("2018-03", "2016-05-12", None)
    return [
        MemberFactory(union=grassroots, name=f"韦{n}", joined_on=day) for n, day in zip("甲乙丙", days, strict=True)
    ]


def heads(text: str) -> list[tuple[str, str]]:
    return re.findall(r'<th[^>]* aria-sort="(\w+)"><a href="([^"]*)"', text)


def test_a_head_orders_the_list_up_then_down_then_not(signed_in, officer, members):
    client = signed_in(officer)
    orders = {"": ["韦甲", "韦乙", "韦丙"], "joined": ["韦乙", "韦甲", "韦丙"], "-joined": ["韦甲", "韦乙", "韦丙"]}
    for order, names in orders.items():
        assert listed(client.get(LIST, {"order": order})) == names
    turns = [
        heads(client.get(LIST, {"order": order, "status": "active", "page": 1}).content.decode()) for order in orders
    ]
    assert turns == [
        [("none", "?order=joined&amp;status=active")],
        [("ascending", "?order=-joined&amp;status=active")],
        [("descending", "?order=&amp;status=active")],
    ]


@pytest.mark.parametrize("order", ["name", "-", "id_index", "joined_on", "--joined"])
def test_no_other_order_is_taken(order, signed_in, officer, members):
    response = signed_in(officer).get(LIST, {"order": order})
    assert sorted(listed(response)) == sorted(one.name for one in members)
    assert response.context["order"] == ""


def test_an_order_by_a_column_that_one_may_not_see_is_no_error(signed_in, township_officer, grassroots):
    """Whoever sees no members has no column of them."""
    township_officer.groups.clear()
    township_officer.user_permissions.set(Permission.objects.filter(codename="view_union"))
    response = signed_in(township_officer).get("/unions/", {"order": "roster"})
    assert len(listed(response)) == 2


def test_each_condition_is_lifted_alone(signed_in, officer, members):
    text = signed_in(officer).get(LIST, {"q": "韦", "gender": "1", "page": "1"}).content.decode()
    lifted = re.findall(r'<a href="([^"]*)" aria-label="取消条件：([^"]*)"', text)
    assert [words for _url, words in lifted] == ["姓名或号码 韦", "性别 男"]
    assert [url for url, _words in lifted] == ["?gender=1", "?q=%E9%9F%A6"]


def test_how_many_of_what(signed_in, officer, members):
    client = signed_in(officer)
    assert "共 3 名会员" in client.get(LIST).content.decode()
    assert "符合条件的 1 名会员" in client.get(LIST, {"q": "韦甲"}).content.decode()
    assert "没有符合条件的会员" in client.get(LIST, {"q": "无此人"}).content.decode()


def test_dates_in_tables_are_figures(signed_in, officer, members):
    text = signed_in(officer).get(LIST).content.decode()
    assert "2016-05-12" in text
    assert "2018-03" in text
    assert "2018年" not in text


def test_an_empty_list_says_what_to_do(signed_in, officer):
    text = signed_in(officer).get("/trainings/").content.decode()
    empty = text[text.index('class="empty"') :]
    assert "<svg" in empty
    assert 'href="/trainings/new/"' in empty


def test_pages_count_in_their_own_words(signed_in, officer, grassroots):
    for number in range(51):
        TrainingFactory(union=grassroots, name=f"第 {number} 期")
    assert "（51 期培训班）" in signed_in(officer).get("/trainings/").content.decode()
