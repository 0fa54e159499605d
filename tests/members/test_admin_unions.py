"""Unions in the admin: their place, their names, terms that end, counts that agree with their lists."""

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from members import roles
from members.models import TermRule, Union
from tests.factories import CadreFactory, MemberFactory, UnionFactory, UnionNameFactory, UserFactory, county

pytestmark = pytest.mark.django_db
LIST = "admin:members_union_changelist"
TEXTS = [
    "short_name", "nature", "industry", "township", "system", "is_new_sector", "credit_code", "set_up_on",
    "document_number", "last_elected_on", "term_years", "staff_total", "staff_women", "staff_migrant", "members_total",
    "members_women", "members_migrant", "chair", "phone", "dissolved_on", "note",
]  # fmt: skip


def posted(**values) -> dict[str, object]:
    names = {"other_names-TOTAL_FORMS": 0, "other_names-INITIAL_FORMS": 0}
    return {**dict.fromkeys(TEXTS, ""), **names, "name": "新工会", "level": "grassroots", "category": "organ",
            "status": "active", **values}  # fmt: skip


@pytest.fixture
def clerk(county_clerk, signed_in) -> Client:
    return signed_in(county_clerk)


def change(union: Union) -> str:
    return reverse("admin:members_union_change", args=[union.pk])


def found(client: Client, **query: str) -> set[str]:
    return {union.name for union in client.get(reverse(LIST), query).context["cl"].result_list}


# --- Place and names ---


def test_adding_below_a_superior(clerk, township):
    response = clerk.post(reverse("admin:members_union_add"), posted(parent=township.pk, set_up_on="2018年3月"))

    assert response.status_code == 302
    union = Union.objects.get(name="新工会")
    assert (union.parent_path, union.set_up_on, union.numchild) == (township.path, "2018-03", 0)


def test_adding_with_another_name(clerk):
    names = {"other_names-TOTAL_FORMS": 1, "other_names-0-name": "老名字工会"}

    assert clerk.post(reverse("admin:members_union_add"), posted(parent=county().pk, **names)).status_code == 302
    assert list(Union.objects.get(name="新工会").other_names.values_list("name", flat=True)) == ["老名字工会"]


def test_moving(clerk, township, grassroots):
    other = UnionFactory(level="township", name="通州镇工会联合会")

    clerk.post(change(grassroots), posted(name=grassroots.name, parent=other.pk))

    assert Union.objects.get(pk=grassroots.pk).parent_path == Union.objects.get(pk=other.pk).path


@pytest.mark.parametrize("below", [True, False])
def test_moving_below_itself_is_refused(below, clerk, township, grassroots):
    parent = grassroots if below else township

    response = clerk.post(change(township), posted(name=township.name, level="township", parent=parent.pk))

    assert response.context["adminform"].form.errors == {"parent": ["上级工会不能是它自己或它的下级。"]}


def test_the_root_has_no_superior_to_choose(clerk):
    page = clerk.get(change(county()))

    assert "parent" not in page.context["adminform"].form.fields
    assert clerk.post(change(county()), posted(name="平塘县总工会", level="county", category="")).status_code == 302
    assert county().name == "平塘县总工会"


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"name": "供电局工会"}, "已有同名的工会"),
        ({"name": "供電局 工會"}, "已有同名的工会"),  # the same name in another dress
        ({"set_up_on": "2018", "last_elected_on": "2017"}, "换届时间不能早于建会时间"),
        ({"staff_total": "3", "staff_women": "4"}, "女职工人数不能多于职工人数"),
        ({"status": "dissolved"}, "撤销的工会要填撤销时间"),
        ({"category": ""}, "要选类别"),
        ({"term_years": "4"}, "届期为 3 年或 5 年"),
        ({"credit_code": "123"}, "应为 18 位"),
        ({"set_up_on": "去年"}, "日期"),
        ({"parent": ""}, "此项必填"),
    ],
)
def test_form_says_what_is_wrong(values, said, clerk):
    UnionFactory(name="供电局工会")

    response = clerk.post(reverse("admin:members_union_add"), posted(**{"parent": county().pk, **values}))

    assert said in str(response.context["adminform"].form.errors)
    assert Union.objects.count() == 2


def test_unions_are_not_deleted(insider, signed_in):
    insider.is_superuser = True
    insider.save()
    union = UnionFactory()

    client = signed_in(insider)

    assert client.post(reverse("admin:members_union_delete", args=[union.pk]), {"post": "yes"}).status_code == 403
    assert Union.objects.filter(pk=union.pk).exists()


# --- Search ---


@pytest.mark.parametrize(
    "term",
    [
        "供电局",
        "平塘县供电局",
        "平塘供电局",
        "供電局",
        "供 电 局",
        "电力公司",
        "供电局工会",
        "81520000MC12345678",
        "电业",
    ],
)
def test_search_by_any_name(term, clerk):
    union = UnionFactory(name="平塘县供电局工会", credit_code="81520000MC12345678", short_name="县电业")
    UnionNameFactory(union=union, name="县电力公司工会")
    UnionNameFactory(union=union, name="电力公司工会委员会")
    UnionFactory(name="平塘县教育局工会")

    assert found(clerk, q=term) == {"平塘县供电局工会"}


@pytest.mark.parametrize("term", ["！！", "没有的工会"])
def test_search_without_result(term, clerk):
    assert found(clerk, q=term) == set()


# --- Filters ---


@pytest.fixture
def terms() -> None:
    """Unions on each side of each boundary, seen on 15 June 2026."""
    UnionFactory(name="已到期", last_elected_on="2023-06-14", term_years=3)
    UnionFactory(name="今天到期", last_elected_on="2023-06-15", term_years=3)
    UnionFactory(name="六个月内", last_elected_on="2021-12-15", term_years=5)
    UnionFactory(name="六个月外", last_elected_on="2021-12-16", term_years=5)
    UnionFactory(name="没有届期", last_elected_on="2022-01")
    UnionFactory(name="没有届期也过了五年", last_elected_on="2021-06-14")
    UnionFactory(name="没有换届", term_years=3)
    UnionFactory(name="撤销了", last_elected_on="2010", term_years=3, status="dissolved", dissolved_on="2012")


@pytest.mark.parametrize(
    ("value", "names"),
    [
        ("overdue", {"已到期", "没有届期也过了五年"}),
        ("soon", {"今天到期", "六个月内"}),
        ("unrecorded", {"没有届期", "没有届期也过了五年", "没有换届"}),
        ("perhaps", {"没有届期", "没有届期也过了五年"}),
    ],
)
@time_machine.travel("2026-06-15 10:00+08:00", tick=False)
def test_terms(value, names, terms, clerk):
    assert found(clerk, term=value) == names


@time_machine.travel("2026-06-15 10:00+08:00", tick=False)
def test_terms_follow_the_rule_in_force(terms, clerk):
    TermRule.objects.create(in_force_from="2026-01-01", shortest_years=5, longest_years=6, document="新法")
    TermRule.objects.create(in_force_from="2027-01-01", shortest_years=1, longest_years=1, document="以后的法")

    assert found(clerk, term="overdue") == {"已到期"}
    assert found(clerk, term="perhaps") == {"没有届期也过了五年"}


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"township": "金盆街道"}, {"金盆街道工会联合会", "金盆街道第一小学工会"}),
        ({"township": ""}, {"平塘县总工会", "金盆街道工会联合会", "金盆街道第一小学工会", "企业甲工会"}),
        ({"category__exact": "enterprise"}, {"企业甲工会"}),
        ({"level__exact": "township"}, {"金盆街道工会联合会"}),
        ({"is_new_sector__exact": "1"}, {"企业甲工会"}),
        ({"status__exact": "preparing"}, set()),
    ],
)
def test_filters(query, names, clerk, grassroots):
    UnionFactory(name="企业甲工会", category="enterprise", is_new_sector=True)

    assert found(clerk, **query) == names


# --- Counts and their lists ---


def test_roster_counts_this_unions_current_members_and_links_to_them(clerk, township, grassroots):
    MemberFactory.create_batch(2, union=township)
    MemberFactory(union=grassroots)
    left = MemberFactory(union=township)
    clerk.post(reverse("admin:members_member_leave", args=[left.pk]), {"on": "2024", "reason": "辞职"})

    rows = {union.pk: union for union in clerk.get(reverse(LIST)).context["cl"].result_list}
    link = f"{reverse('admin:members_member_changelist')}?union__exact={township.pk}&status__in=active,retained"

    assert (rows[township.pk].roster_count, rows[grassroots.pk].roster_count) == (2, 1)
    assert link.replace("&", "&amp;") in clerk.get(change(township)).content.decode()
    assert clerk.get(link).context["cl"].result_count == 2


def test_links_below(clerk, township, grassroots):
    CadreFactory(union=grassroots)
    UnionFactory(parent=grassroots, level="branch")

    cadres = clerk.get(reverse("admin:members_cadre_changelist"), {"union__id__exact": township.pk})
    below = clerk.get(reverse(LIST), {"path__startswith": township.path, "depth__exact": 3})

    assert cadres.context["cl"].result_count == 1
    assert [union.pk for union in below.context["cl"].result_list] == [grassroots.pk]


def test_list_names_the_superior(clerk, township, grassroots):
    rows = {union.pk: union.parent_name for union in clerk.get(reverse(LIST)).context["cl"].result_list}

    assert rows == {county().pk: None, township.pk: "平塘县总工会", grassroots.pk: township.name}


def test_term_rules_are_not_deleted(clerk):
    rule = TermRule.objects.first()

    assert clerk.post(reverse("admin:members_termrule_delete", args=[rule.pk]), {"post": "yes"}).status_code == 403


@pytest.fixture
def township_staff(township, signed_in) -> Client:
    """Staff with every permission on a township's node."""
    user = UserFactory(union=township, is_staff=True)
    user.user_permissions.set(Permission.objects.all())
    return signed_in(user)


def test_term_rules_are_the_countys(township_staff):
    rule = TermRule.objects.first()

    assert township_staff.get(reverse("admin:members_termrule_add")).status_code == 403
    assert township_staff.post(reverse("admin:members_termrule_change", args=[rule.pk]), {}).status_code == 403


def test_nobody_raises_the_own_union(township_staff, township):
    township_staff.post(change(township), posted(name=township.name, level="county", category=""))

    assert Union.objects.get(pk=township.pk).level == "township"


def test_a_county_is_made_by_a_county(township_staff, township):
    response = township_staff.post(
        reverse("admin:members_union_add"), posted(parent=township.pk, level="county", category="")
    )

    assert "县总工会以上" in str(response.context["adminform"].form.errors["level"])


@pytest.mark.parametrize("role", [roles.FINANCE, roles.SYSTEM_ADMIN])
def test_people_are_counted_only_for_who_may_see_them(role, signed_in, clerk, grassroots):
    MemberFactory(union=grassroots)
    other = signed_in(UserFactory(roles=(role,)))

    for client, is_shown in ((other, False), (clerk, True)):
        listed, page = client.get(reverse(LIST)), client.get(change(grassroots))
        assert (listed.status_code, page.status_code) == (200, 200)
        for text in (listed.content.decode(), page.content.decode()):
            assert ("花名册人数" in text, f"{reverse('admin:members_member_changelist')}?" in text) == (is_shown,) * 2
        assert ("的干部</a>" in page.content.decode()) == is_shown
        assert "直接下级工会" in page.content.decode()
