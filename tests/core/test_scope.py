"""visible_to: the subtree of one's union, and nothing for anyone else."""

import pytest
from django.contrib.auth.models import AnonymousUser

from members.models import Member, Union, User
from pingtang_union.core.scope import scope_prefix, scope_q
from tests.factories import MemberFactory, UnionFactory, UserFactory, county


@pytest.fixture
def roster(township, grassroots) -> dict[str, Member]:
    """One member each of the county, a township, a union below it, and a union beside it."""
    return {
        "county": MemberFactory(union=county()),
        "township": MemberFactory(union=township),
        "grassroots": MemberFactory(union=grassroots),
        "beside": MemberFactory(union=UnionFactory()),
    }


def seen(user, roster) -> set[str]:
    visible = set(Member.objects.visible_to(user))
    return {name for name, member in roster.items() if member in visible}


def test_county_sees_all(roster, county_clerk):
    assert seen(county_clerk, roster) == {"county", "township", "grassroots", "beside"}


def test_township_sees_its_subtree(roster, township_officer):
    assert seen(township_officer, roster) == {"township", "grassroots"}


def test_officer_sees_one_union(roster, officer):
    assert seen(officer, roster) == {"grassroots"}


@pytest.mark.parametrize("user", [None, AnonymousUser()])
def test_strangers_see_nothing(user, roster):
    assert seen(user, roster) == set()


def test_accounts_without_union_or_inactive_see_nothing(roster):
    assert seen(UserFactory(union=None), roster) == set()
    assert seen(UserFactory(is_active=False), roster) == set()
    assert seen(UserFactory(union=None, is_superuser=True), roster) == set()


def test_unsaved_union_gives_no_rows(roster):
    """An empty path is the beginning of every path: it must not open everything."""
    user = UserFactory.build(union=Union(name="未保存"))

    assert scope_prefix(user) is None
    assert seen(user, roster) == set()


def test_scope_of_unions_and_accounts(township, grassroots, township_officer, officer, county_clerk):
    assert set(Union.objects.visible_to(township_officer)) == {township, grassroots}
    assert set(User.objects.visible_to(township_officer)) == {township_officer, officer}


def test_path_prefix_does_not_reach_siblings(roster, township_officer):
    """The eleventh sibling's path must not begin with the first one's."""
    siblings = [UnionFactory() for _ in range(40)]

    assert not Union.objects.visible_to(township_officer).filter(pk__in=[one.pk for one in siblings]).exists()


def test_scope_q_by_way(roster, officer):
    assert Member.objects.filter(scope_q(officer, "union")).count() == 1
