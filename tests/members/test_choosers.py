"""The box in which one of many unions is chosen: it asks the server, tells nobody of others' unions, and works without
scripts by the words alone."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from members.models import Union
from pingtang_union.lists import FEW
from tests.factories import MemberFactory, TrainingFactory, UnionFactory, UserFactory
from tests.page_helpers import errors, listed

pytestmark = pytest.mark.django_db

CHOOSE, MEMBERS, NEW = "/unions/choose/", "/members/", "/trainings/new/"


@pytest.fixture
def many(township, grassroots) -> list[Union]:
    """More unions below the township than a select holds."""
    return [UnionFactory(name=f"金盆街道{number:02d}村工会", parent=township) for number in range(FEW + 5)]


@pytest.fixture
def other(db) -> Union:
    return UnionFactory(name="别处泄密工会")


def options(client: Client, **asked: str) -> list[str]:
    text = client.get(CHOOSE, asked).content.decode()
    return [line.split(">")[1].split("<")[0] for line in text.splitlines() if 'role="option"' in line]


# --- Where the box asks --------------------------------------------------------------------


def test_it_is_told_of_ones_own_unions_only(signed_in, township_officer, officer, grassroots, many, other):
    assert options(signed_in(township_officer), q="别处") == []
    assert options(signed_in(township_officer), q="第一小学") == [grassroots.name]
    assert options(signed_in(officer), q="村") == []


def test_no_more_than_a_few_and_it_says_so(signed_in, township_officer, many):
    client = signed_in(township_officer)
    assert len(options(client, q="村")) == len(options(client)) == FEW
    assert "还有更多" in client.get(CHOOSE, {"q": "村"}).content.decode()
    assert "还有更多" not in client.get(CHOOSE, {"q": "07村"}).content.decode()


def test_narrowed_as_the_form_narrows(signed_in, township_officer, township, grassroots):
    client = signed_in(township_officer)
    assert options(client) == [township.name, grassroots.name]
    assert options(client, among="registering") == [grassroots.name]
    assert options(client, among="delete") == [township.name, grassroots.name]


def test_as_many_questions_for_many_rows_as_for_one(signed_in, township_officer, township):
    client = signed_in(township_officer)

    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            options(client, q="村")
        return len(queries)

    UnionFactory(name="一村工会", parent=township)
    client.get(CHOOSE)
    few = asked()
    for number in range(FEW + 5):
        UnionFactory(name=f"{number}村联合工会", parent=township)
    assert asked() == few


@pytest.mark.parametrize("address", [CHOOSE, "/trainings/choose/"])
def test_who_may_not_see_the_records_is_refused(address, signed_in):
    assert signed_in(UserFactory(roles=())).get(address).status_code == 403
    assert Client().get(address).url == f"/login/?next={address}"


# --- In a list -----------------------------------------------------------------------------


def test_few_unions_are_a_select(signed_in, township_officer, township, grassroots, other):
    field = signed_in(township_officer).get(MEMBERS).context["filterset"].form["union"]
    assert all(union.name in str(field) for union in (township, grassroots))
    assert "<select" in str(field)
    assert other.name not in str(field)


def test_many_are_a_box_that_holds_none_of_them(signed_in, township_officer, township, many):
    client = signed_in(township_officer)
    with CaptureQueriesContext(connection) as queries:
        text = client.get(MEMBERS).content.decode()
    assert f'data-url="{CHOOSE}"' in text
    assert not any(union.name in text for union in many)
    chosen = client.get(MEMBERS, {"union": many[3].pk}).content.decode()
    assert f'value="{many[3].name}"' in chosen
    assert not any(union.name in chosen for union in many if union != many[3])

    for number in range(30):
        UnionFactory(name=f"又{number}村工会", parent=township)
    with CaptureQueriesContext(connection) as more:
        client.get(MEMBERS)
    assert len(more) == len(queries)


def test_without_scripts_words_that_fit_one_union_are_taken(signed_in, township_officer, many):
    for union in many[:3]:
        MemberFactory(union=union, name=f"{union.name[4:6]}人")
    client = signed_in(township_officer)

    response = client.get(MEMBERS, {"union_words": "01村"})

    assert listed(response) == ["01人"]
    assert [(label, text) for label, text, _url in response.context["filterset"].chips()] == [
        ("所在工会（含下级）", many[1].name)
    ]
    # Lifting the condition takes the words away too.
    assert [url for *_, url in response.context["filterset"].chips()] == ["?"]


def test_words_that_fit_several_bring_a_short_list(signed_in, township_officer, many, other):
    response = signed_in(township_officer).get(MEMBERS, {"union_words": "0"})
    field = response.context["filterset"].form["union"]
    assert field.errors == ["与“0”相符的不止一个，请从列表中选定。"]
    assert str(field).count("<option") == 1 + 10 + 2  # 00 to 09, 10 and 20
    assert listed(response) == []


@pytest.mark.parametrize("words", ["别处", "别处泄密工会", "查无此会"])
def test_others_unions_are_as_unknown_as_none(words, signed_in, township_officer, many, other):
    response = signed_in(township_officer).get(MEMBERS, {"union_words": words})
    assert errors_of(response) == [f"没有与“{words}”相符的，请换用名称中的其他字词。"]
    assert listed(response) == []
    assert errors_of(signed_in(township_officer).get(MEMBERS, {"union": other.pk})) != []


def errors_of(response) -> list[str]:
    return list(response.context["filterset"].form["union"].errors)


def test_the_one_called_just_so_is_meant(signed_in, township_officer, township, many):
    UnionFactory(name=f"{many[2].name}分会", parent=township)
    assert errors_of(signed_in(township_officer).get(MEMBERS, {"union_words": many[2].name})) == []


# --- In a form -----------------------------------------------------------------------------


def test_a_form_takes_words_as_well(signed_in, township_officer, many, other):
    client = signed_in(township_officer)
    data = {"name": "财务培训班", "started_on": "2026-05"}

    refused = client.post(NEW, {**data, "union_words": other.name})
    assert list(errors(refused)) == ["union"]
    assert client.post(NEW, {**data, "union_words": "07村"}).status_code == 302
    assert [str(one.union) for one in type(TrainingFactory.build()).objects.all()] == [many[7].name]


def test_who_has_one_union_is_not_asked(signed_in, officer, many):
    assert "union" not in signed_in(officer).get(NEW).context["form"].fields
    assert "union" not in signed_in(officer).get(MEMBERS).context["filterset"].form.fields


def test_a_transfer_offers_rosters_only(signed_in, township, many):
    """A federation keeps no roster: the box isn't told of it."""
    someone = UserFactory(union=township, roles=("乡镇工会",))
    page = signed_in(someone).get(reverse("members:member_transfer_in"))
    assert f'data-url="{CHOOSE}?among=registering"' in page.content.decode()


@pytest.mark.parametrize("words", ["\0", "村\0", "x" * 10_000])
def test_words_that_no_union_is_called_by_are_an_error_beside_the_box(words, signed_in, township_officer, many):
    response = signed_in(township_officer).post("/members/new/", {"union_words": words})
    assert "union" in response.context["form"].errors
