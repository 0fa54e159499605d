"""An officer's home: the own union, what is missing on it, and nobody else's rows."""

import pytest

from members import roles, services
from tests.factories import CadreFactory, MemberFactory, UnionFactory, UserFactory

pytestmark = pytest.mark.django_db


def page_of(client, user):
    client.force_login(user)
    response = client.get("/workbench/")
    assert response.status_code == 200
    return response


def test_a_stranger_signs_in_first(client):
    assert client.get("/workbench/").url == "/login/?next=/workbench/"


def test_the_own_union_with_its_superior(client, officer, township):
    response = page_of(client, officer)
    assert response.context["union"] == officer.union
    page = response.content.decode()
    assert f"上级工会：{township.name}" in page
    assert "未登记届期" in page


def test_what_is_missing_is_named(client):
    union = UnionFactory(
        nature="500",
        industry="S",
        township="平舟镇",
        is_new_sector=False,
        credit_code="81522727UGL11U5GND",
        set_up_on="2006-10",
        last_elected_on="2014-06-19",
        staff_total=11,
        staff_women=0,
        members_total=11,
        members_women=1,
        members_migrant=0,
        chair="熊晨海",
        phone="19000018509",
    )
    user = UserFactory(union=union, roles=(roles.GRASSROOTS,))
    assert page_of(client, user).context["missing"] == ["届期（批复写明的 3 年或 5 年）"]
    union.term_years = 5
    union.save()
    response = page_of(client, user)
    assert response.context["missing"] == []
    assert "2019年6月19日（届期 5 年）" in response.content.decode()


def test_a_federation_has_no_employer_to_describe(client, township_officer):
    assert page_of(client, township_officer).context["missing"] == [
        "统一社会信用代码",
        "建会时间",
        "最近换届时间",
        "届期（批复写明的 3 年或 5 年）",
        "工会主席",
        "联系电话",
    ]


def test_declared_numbers_stand_beside_the_rosters(client, officer):
    union = officer.union
    union.members_total, union.members_women = 4, 1
    union.save()
    for gender, is_migrant in (("2", True), ("2", False), ("1", None)):
        MemberFactory(union=union, gender=gender, is_migrant=is_migrant)
    services.record_event(member=MemberFactory(union=union), kind="leave", on="2021-01", by=None, reason="调离本县")
    MemberFactory(union=UnionFactory())
    compared = page_of(client, officer).context["compared"]
    assert [(line.declared, line.counted, line.differs) for line in compared] == [
        (4, 3, True),
        (1, 2, True),
        (None, 1, False),
    ]


def test_cadres_of_the_own_union_in_post(client, officer, township):
    mine = CadreFactory(union=officer.union, name="杨秀英")
    CadreFactory(union=officer.union, name="罗建", ended_on="2018-01")
    CadreFactory(union=township, name="陆文")
    assert page_of(client, officer).context["cadres"] == [mine]


def test_a_township_sees_the_unions_below_with_their_counts(client, township_officer, grassroots):
    CadreFactory(union=grassroots)
    for _ in range(2):
        MemberFactory(union=grassroots)
    UnionFactory(parent=township_officer.union, status="dissolved", dissolved_on="2018-01")
    MemberFactory(union=UnionFactory(name="别处工会"))
    response = page_of(client, township_officer)
    assert [(line.union, line.members, line.cadres) for line in response.context["below"]] == [(grassroots, 2, 1)]
    assert "别处工会" not in response.content.decode()


def test_an_officer_has_nobody_below(client, officer, township):
    UnionFactory(parent=township, name="邻近工会")
    response = page_of(client, officer)
    assert response.context["below"] == []
    assert "邻近工会" not in response.content.decode()


def test_an_account_without_a_union_gets_a_kind_word_and_no_rows(client, grassroots):
    response = page_of(client, UserFactory(union=None, roles=(roles.GRASSROOTS,)))
    page = response.content.decode()
    assert "还没有分配所在工会" in page
    assert grassroots.name not in page


def test_an_account_without_a_role_sees_no_union(client, grassroots):
    page = page_of(client, UserFactory(union=grassroots)).content.decode()
    assert "还没有分配角色" in page
    assert grassroots.name not in page


def test_a_leader_goes_to_the_dashboard(client, leader):
    client.force_login(leader)
    assert client.get("/workbench/").url == "/dashboard/"


def test_who_may_not_read_persons_sees_no_number_of_them(client):
    response = page_of(client, UserFactory(roles=(roles.FINANCE,)))
    assert (response.context["compared"], response.context["cadres"]) == (None, None)


def test_the_page_costs_the_same_for_few_and_many(client, township_officer, django_assert_num_queries):
    township = township_officer.union
    CadreFactory(union=UnionFactory(parent=township))
    page_of(client, township_officer)
    with django_assert_num_queries(13):
        client.get("/workbench/")
    for _ in range(5):
        union = UnionFactory(parent=township)
        CadreFactory(union=union)
        MemberFactory(union=union)
    with django_assert_num_queries(13):
        client.get("/workbench/")


def test_unions_below_are_paged(client, township_officer):
    for _ in range(52):
        UnionFactory(parent=township_officer.union)
    client.force_login(township_officer)
    assert len(client.get("/workbench/?page=2").context["below"]) == 2
