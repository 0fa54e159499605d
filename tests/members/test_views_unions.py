"""Officers' pages of unions: their own, nobody else's; what may be changed, and by two at once."""

import pytest
from auditlog.models import LogEntry
from django.urls import reverse
from django.utils import timezone
from stdnum.cn import uscc

from members.models import Union
from pingtang_union.ledger.models import BatchKind, BatchState, LedgerReturn
from tests.factories import BatchFactory, CadreFactory, MemberFactory, UnionFactory, UnionNameFactory, UserFactory
from tests.page_helpers import errors, filled, listed

pytestmark = pytest.mark.django_db

LIST = "/unions/"
CODE = "81522727MC0000003" + uscc.calc_check_digit("81522727MC0000003")


def page(union: Union, action: str = "detail") -> str:
    return reverse(f"members:union_{action}", args=[union.pk])


@pytest.fixture
def other(db) -> Union:
    """A union outside the township, with things to leak."""
    union = UnionFactory(name="别处泄密工会", township="别处镇", chair="别处主席", phone="19000010001")
    CadreFactory(union=union, name="别处干部")
    MemberFactory(union=union, name="别处会员")
    UnionNameFactory(union=union, name="别处别名")
    return union


# --- Who may -------------------------------------------------------------------------------


def test_who_may_look_only_cannot_change(signed_in, grassroots):
    reader = UserFactory(union=grassroots, roles=("财务",))
    client = signed_in(reader)
    response = client.get(page(grassroots))
    assert response.status_code == 200
    assert (response.context["update_url"], "compared" in response.context, "cadres" in response.context) == (
        "", False, False,
    )  # fmt: skip
    assert client.post(page(grassroots, "update"), {"chair": "改过"}).status_code == 403


def test_a_union_above_is_not_there(signed_in, officer, township):
    assert signed_in(officer).get(page(township)).status_code == 404


# --- The list ------------------------------------------------------------------------------


def test_who_keeps_one_union_is_led_to_it(signed_in, officer, grassroots, other):
    response = signed_in(officer).get(LIST)
    assert (response.status_code, response.url) == (302, page(grassroots))


def test_a_township_sees_its_subtree_in_the_trees_order(signed_in, township_officer, township, grassroots, other):
    last = UnionFactory(name="金盆街道第二小学工会", parent=township)
    branch = UnionFactory(name="第一小学后勤分会", parent=grassroots, level="branch")
    MemberFactory(union=grassroots)
    MemberFactory(union=grassroots)
    MemberFactory(union=other)
    response = signed_in(township_officer).get(LIST)
    assert listed(response) == [township.name, grassroots.name, branch.name, last.name]
    assert [union.roster_count for union in response.context["page_obj"]] == [0, 2, 0, 0]
    assert response.context["create_url"] == ""
    assert "别处" not in response.content.decode()


def test_search_finds_nothing_of_others(signed_in, township_officer, grassroots, other):
    client = signed_in(township_officer)
    assert listed(client.get(LIST, {"q": "第一小学"})) == [grassroots.name]
    for query in ("别处泄密", "别处别名"):
        assert listed(client.get(LIST, {"q": query})) == []
    assert listed(client.get(LIST, {"union": other.pk})) == []


def test_conditions_narrow_the_list(signed_in, township_officer, township, grassroots):
    UnionFactory(name="金盆企业工会", parent=township, category="enterprise", industry="C", township="金盆街道")
    client = signed_in(township_officer)
    assert listed(client.get(LIST, {"category": "enterprise"})) == ["金盆企业工会"]
    assert listed(client.get(LIST, {"industry": "C"})) == ["金盆企业工会"]
    assert listed(client.get(LIST, {"township": "金盆街道"})) == [township.name, grassroots.name, "金盆企业工会"]
    assert listed(client.get(LIST, {"township": "别处镇"})) == []


def test_the_list_asks_the_same_questions_of_one_union_and_of_three(
    signed_in, township_officer, township, grassroots, django_assert_num_queries
):
    client = signed_in(township_officer)
    client.get(LIST)
    with django_assert_num_queries(12) as first:
        client.get(LIST)
    for number in range(3):
        MemberFactory(union=UnionFactory(parent=township, name=f"添{number}"))
    with django_assert_num_queries(len(first)):
        client.get(LIST)


# --- The card ------------------------------------------------------------------------------


def test_the_card_shows_what_is_known_and_names_what_is_not(signed_in, officer, grassroots):
    Union.objects.filter(pk=grassroots.pk).update(
        chair="莫主席", members_total=5, staff_total=9, last_elected_on="2022-06", term_years=5
    )
    UnionNameFactory(union=grassroots, name="一小工会")
    MemberFactory(union=grassroots, gender="2")
    response = signed_in(officer).get(page(grassroots))
    assert response.context["other_names"] == ["一小工会"]
    assert [(line.label, line.declared, line.counted) for line in response.context["compared"]] == [
        ("会员人数", 5, 1),
        ("其中：女会员", None, 1),
        ("其中：农民工会员", None, 0),
    ]
    missing = [one.name for one in response.context["missing"]]
    assert ("chair" in missing, "last_elected_on" in missing, "phone" in missing) == (False, False, True)
    assert f"{page(grassroots, 'update')}#id_phone" in response.content.decode()
    facts = {fact.label: fact.text for _, lines in response.context["sections"] for fact in lines}
    assert (facts["工会主席"], facts["联系电话"], facts["最近换届时间"]) == ("莫主席", "未登记", "2022年6月")


def test_the_card_shows_own_cadres_in_post_only(signed_in, township_officer, township, grassroots):
    CadreFactory(union=township, name="联合会主席")
    CadreFactory(union=township, name="离任的", ended_on="2020")
    CadreFactory(union=grassroots, name="下级干部")
    response = signed_in(township_officer).get(page(township))
    assert [cadre.name for cadre in response.context["cadres"]] == ["联合会主席"]


def test_the_card_shows_what_was_returned_last(signed_in, officer, grassroots, other):
    def returned(union, ledger, **batch):
        batch = {"state": BatchState.WRITTEN, "kind": BatchKind.IMPORT, **batch}
        made = BatchFactory(union=union, **batch)
        LedgerReturn.objects.create(batch=made, union=union, ledger=ledger, rows=3)
        return made

    first = returned(grassroots, "会员花名册", at=timezone.now())
    returned(grassroots, "没有导入的", state=BatchState.READY)
    returned(grassroots, "撤销的", kind=BatchKind.UNDO, undoes=first, reason="传错了文件")
    returned(other, "别处的")
    response = signed_in(officer).get(page(grassroots))
    assert [one.ledger for one in response.context["returns"]] == ["会员花名册"]


def test_the_card_asks_the_same_questions_of_one_row_and_of_three(
    signed_in, officer, grassroots, django_assert_num_queries
):
    client = signed_in(officer)
    CadreFactory(union=grassroots)
    client.get(page(grassroots))
    with django_assert_num_queries(11) as first:
        client.get(page(grassroots))
    for _ in range(2):
        CadreFactory(union=grassroots)
        MemberFactory(union=grassroots)
        UnionNameFactory(union=grassroots)
    with django_assert_num_queries(len(first)):
        client.get(page(grassroots))


# --- The form ------------------------------------------------------------------------------


def test_an_officer_keeps_the_card_and_it_is_audited(signed_in, officer, grassroots):
    client = signed_in(officer)
    form = client.get(page(grassroots, "update"))
    changes = {"chair": "莫 主席", "phone": "１９０００００００１１", "last_elected_on": "2022年6月", "term_years": "5"}
    response = client.post(page(grassroots, "update"), filled(form, **changes))
    assert (response.status_code, response.url) == (302, page(grassroots))
    grassroots.refresh_from_db()
    assert (grassroots.chair, grassroots.phone, grassroots.last_elected_on, grassroots.term_years) == (
        "莫主席", "19000000011", "2022-06", 5,
    )  # fmt: skip
    entry = LogEntry.objects.get_for_object(grassroots).filter(action=LogEntry.Action.UPDATE).first()
    assert (entry.actor, sorted(entry.changes)) == (officer, ["chair", "last_elected_on", "phone", "term_years"])


@pytest.mark.parametrize("known", [True, False, None])
def test_saving_the_form_as_it_stands_changes_nothing(signed_in, officer, grassroots, known):
    Union.objects.filter(pk=grassroots.pk).update(is_new_sector=known, nature="400", industry="P", members_total=3)
    before = Union.objects.filter(pk=grassroots.pk).values().get()
    client = signed_in(officer)
    form = client.get(page(grassroots, "update"))
    entries = LogEntry.objects.count()
    shown = {None: "unknown", True: "true", False: "false"}[known]
    assert f'<option value="{shown}" selected>' in str(form.context["form"]["is_new_sector"])
    client.post(page(grassroots, "update"), filled(form, is_new_sector=shown))
    assert Union.objects.filter(pk=grassroots.pk).values().get() == before
    assert LogEntry.objects.count() == entries


def test_what_the_county_decides_is_not_in_an_officers_form(signed_in, officer, county_clerk, grassroots):
    county = {"name", "category", "status", "dissolved_on"}
    form = signed_in(officer).get(page(grassroots, "update"))
    assert county & set(form.context["form"].fields) == set()
    signed_in(officer).post(
        page(grassroots, "update"), filled(form, name="改了名", status="dissolved", category="enterprise")
    )
    grassroots.refresh_from_db()
    assert (grassroots.name, grassroots.status, grassroots.category) == ("金盆街道第一小学工会", "active", "organ")
    assert county <= set(signed_in(county_clerk).get(page(grassroots, "update")).context["form"].fields)


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ({"staff_total": "5", "staff_women": "6"}, {"staff_women": ["女职工人数不能多于职工人数。"]}),
        ({"members_total": "5", "members_migrant": "6"}, {"members_migrant": ["农民工会员人数不能多于会员人数。"]}),
        ({"set_up_on": "2020", "last_elected_on": "2019.5"}, {"last_elected_on": ["换届时间不能早于建会时间。"]}),
        ({"term_years": "4"}, {"term_years": ["届期为 3 年或 5 年（《工会法》）。"]}),
        (
            {"phone": "12345"},
            {"phone": ["不是电话号码，应为 11 位手机号，或区号加座机号如 0854-4821234，请核对后重填。"]},
        ),
        ({"last_elected_on": "去年"}, {"last_elected_on": None}),
        ({"credit_code": "123"}, {"credit_code": ["统一社会信用代码应为 18 位，现在是 3 位，请核对后重填。"]}),
        ({"staff_total": "-1"}, {"staff_total": None}),
    ],
)
def test_what_is_wrong_is_said_at_its_field(signed_in, officer, grassroots, wrong, expected):
    client = signed_in(officer)
    form = client.get(page(grassroots, "update"))
    response = client.post(page(grassroots, "update"), filled(form, **wrong))
    found = errors(response)
    assert response.status_code == 200
    assert list(found) == list(expected)
    for name, said in expected.items():
        assert said is None or found[name] == said
        assert all(any("\u4e00" <= letter <= "\u9fff" for letter in text) for text in found[name])


def test_a_code_of_another_union_is_refused_without_naming_it(signed_in, officer, grassroots, other):
    Union.objects.filter(pk=other.pk).update(credit_code=CODE)
    client = signed_in(officer)
    form = client.get(page(grassroots, "update"))
    response = client.post(page(grassroots, "update"), filled(form, credit_code=CODE))
    assert errors(response) == {"credit_code": ["这个统一社会信用代码已登记在另一个工会名下。"]}
    assert "别处" not in response.content.decode()


# --- Two at one form -----------------------------------------------------------------------


def test_the_second_to_save_is_told_and_overwrites_only_when_asked_again(signed_in, officer, grassroots):
    client = signed_in(officer)
    form = client.get(page(grassroots, "update"))
    assert f'name="version" value="{form.context["version"]}"' in form.content.decode()
    mine = filled(form, chair="我填的")
    other = UserFactory(union=grassroots, roles=("基层工会",))
    theirs = signed_in(other)
    theirs.post(page(grassroots, "update"), filled(theirs.get(page(grassroots, "update")), chair="别人填的"))
    response = client.post(page(grassroots, "update"), mine)
    assert errors(response) == {
        "__all__": [
            "您打开这一页以后，别人改过：工会主席，现在登记的是「别人填的」。没有覆盖。"
            "请先核对；仍要按下面填的保存，请再点一次「保存」。"
        ]
    }
    assert response.context["form"]["chair"].value() == "我填的"
    grassroots.refresh_from_db()
    assert grassroots.chair == "别人填的"
    assert client.post(page(grassroots, "update"), filled(response)).status_code == 302
    grassroots.refresh_from_db()
    assert grassroots.chair == "我填的"


def test_a_change_of_a_field_that_the_form_has_not_is_no_conflict(signed_in, officer, grassroots):
    client = signed_in(officer)
    mine = filled(client.get(page(grassroots, "update")), chair="我填的")
    Union.objects.filter(pk=grassroots.pk).update(category="enterprise")
    assert client.post(page(grassroots, "update"), mine).status_code == 302
    grassroots.refresh_from_db()
    assert (grassroots.chair, grassroots.category) == ("我填的", "enterprise")
