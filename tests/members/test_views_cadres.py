"""Officers' pages of cadres: own rows only, leaving as an act, the full number for a reason."""

import pytest
from auditlog.models import LogEntry
from django.urls import reverse

from members import roles
from members.models import Cadre
from members.services import numbers
from tests.factories import (
    AttendanceFactory,
    CadreFactory,
    TrainingFactory,
    UnionFactory,
    UserFactory,
    id_number,
)
from tests.page_helpers import errors, filled, listed

pytestmark = pytest.mark.django_db

LIST, NEW = "/cadres/", "/cadres/new/"
PAGES = ("detail", "update", "end", "reveal")


def page(cadre: Cadre, action: str = "detail") -> str:
    return reverse(f"members:cadre_{action}", args=[cadre.pk])


@pytest.fixture
def other(db) -> Cadre:
    """A cadre of a union that no officer of these tests sees."""
    union = UnionFactory(name="别处泄密工会")
    return CadreFactory(union=union, name="别处泄密人", phone="19000010001", post="别处主席")


@pytest.fixture
def cadre(grassroots) -> Cadre:
    """A cadre of the officer's own union."""
    return CadreFactory(union=grassroots, name="莫主席", post="主席", started_on="2018-03")


def counted(name: str) -> int:
    """How often the log tells of `name` being changed."""
    return LogEntry.objects.filter(content_type__model="cadre", object_repr=name, action=LogEntry.Action.UPDATE).count()


# --- Who may -------------------------------------------------------------------------------


def test_leaders_have_no_records(signed_in, leader, cadre):
    client = signed_in(leader)
    addresses = [LIST, NEW, *(page(cadre, action) for action in PAGES)]
    assert {client.get(address).status_code for address in addresses} == {403}
    assert {client.post(page(cadre, action), {"on": "2024", "reason": "为了看看"}).status_code for action in PAGES} == {
        403
    }


def test_a_township_reads_numbers_masked(signed_in, township_officer, cadre):
    client = signed_in(township_officer)
    response = client.get(page(cadre))
    assert response.context["reveal_url"] == ""
    assert cadre.full_id_number not in response.content.decode()
    assert client.get(page(cadre, "reveal")).status_code == 403
    assert "born_on" not in client.get(page(cadre, "update")).context["form"].fields


# --- The list ------------------------------------------------------------------------------


def test_the_list_holds_own_cadres_those_in_post_first(signed_in, officer, grassroots, cadre, other):
    CadreFactory(union=grassroots, name="离任的", ended_on="2020")
    CadreFactory(union=grassroots, name="后来的", kind="social_worker")
    client = signed_in(officer)
    response = client.get(LIST)
    assert listed(response) == ["莫主席", "后来的", "离任的"]
    assert "别处" not in response.content.decode()
    assert listed(client.get(LIST, {"kind": "social_worker"})) == ["后来的"]
    assert listed(client.get(LIST, {"in_post": "no"})) == ["离任的"]


def test_search_finds_nothing_of_others(signed_in, officer, cadre, other):
    client = signed_in(officer)
    assert listed(client.get(LIST, {"q": "莫"})) == ["莫主席"]
    for query in ("别处", other.phone):
        assert listed(client.get(LIST, {"q": query})) == []
    assert listed(client.get(LIST, {"union": other.union_id})) == []


def test_the_list_asks_the_same_questions_of_one_cadre_and_of_three(
    signed_in, township_officer, township, cadre, django_assert_num_queries
):
    client = signed_in(township_officer)
    client.get(LIST)
    with django_assert_num_queries(11) as first:
        client.get(LIST)
    for _ in range(2):
        CadreFactory(union=UnionFactory(parent=township))
    with django_assert_num_queries(len(first)):
        client.get(LIST)


# --- Entering and changing -----------------------------------------------------------------


def test_an_officer_enters_a_cadre_of_her_union(signed_in, officer, grassroots):
    client = signed_in(officer)
    form = client.get(NEW)
    assert "union" not in form.context["form"].fields
    number = id_number("19851125")
    data = filled(form, name="韦 明", post="副主席", started_on="2021年6月", id_number=number, phone="19000000012")
    response = client.post(NEW, data)
    cadre = Cadre.objects.get()
    assert (response.status_code, response.url) == (302, page(cadre))
    assert (cadre.union, cadre.name, cadre.started_on, cadre.full_id_number, cadre.phone) == (
        grassroots, "韦明", "2021-06", number, "19000000012",
    )  # fmt: skip
    assert (cadre.born_on, cadre.gender) == ("1985-11-25", "1" if int(number[16]) % 2 else "2")
    entry = LogEntry.objects.get_for_object(cadre).get()
    assert (entry.action, entry.actor) == (LogEntry.Action.CREATE, officer)
    assert number not in str(entry.changes)


def test_a_township_chooses_among_its_unions_only(signed_in, township_officer, township, grassroots, other):
    UnionFactory(name="撤销的", parent=township, status="dissolved", dissolved_on="2020")
    client = signed_in(township_officer)
    form = client.get(NEW)
    assert [union.name for union in form.context["form"].fields["union"].queryset] == [township.name, grassroots.name]
    assert form.context["form"]["union"].value() == township.pk
    refused = client.post(NEW, filled(form, name="韦明", union=other.union_id))
    assert errors(refused) == {"union": ["所选内容不在可选范围内，请重新选择。"]}
    assert client.post(NEW, filled(form, name="韦明", union=grassroots.pk)).status_code == 302
    assert Cadre.objects.get(name="韦明").union == grassroots


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ({"name": ""}, {"name": ["此项必填。"]}),
        ({"name": "张三、李四"}, {"name": ["「张三、李四」像是写了几个人，一行只填一个人的姓名。"]}),
        ({"id_number": "522727198511259936"}, {"id_number": ["校验码不对（有一位或几位写错了），请对照身份证重填。"]}),
        ({"started_on": "1980", "born_on": "1985"}, {"started_on": ["任职时间不能早于出生日期。"]}),
        ({"started_on": "不知道"}, {"started_on": None}),
        ({"phone": "123"}, {"phone": None}),
    ],
)
def test_what_is_wrong_is_said_at_its_field(signed_in, officer, wrong, expected):
    client = signed_in(officer)
    found = errors(client.post(NEW, filled(client.get(NEW), **{"name": "韦明", **wrong})))
    assert list(found) == list(expected)
    for name, said in expected.items():
        assert said is None or found[name] == said
        assert all(any("\u4e00" <= letter <= "\u9fff" for letter in text) for text in found[name])
    assert Cadre.objects.count() == 0


def test_a_number_in_post_elsewhere_is_said_at_its_field_and_nothing_more(signed_in, officer, other):
    client = signed_in(officer)
    response = client.post(NEW, filled(client.get(NEW), name="韦明", id_number=other.full_id_number))
    assert errors(response) == {"id_number": [numbers.HELD]}
    assert "别处" not in response.content.decode()
    assert Cadre.objects.count() == 1


def test_a_second_click_enters_nobody_twice(signed_in, officer):
    client = signed_in(officer)
    data = filled(client.get(NEW), name="韦明", id_number="")
    assert client.post(NEW, data).status_code == 302
    [said] = errors(client.post(NEW, data))["__all__"]
    assert "已有一位在任的韦明" in said
    assert client.post(NEW, {**data, "id_number": id_number()}).status_code == 302  # another of that name
    assert Cadre.objects.filter(name="韦明").count() == 2


def test_a_name_whose_key_outgrows_its_column_is_kept(signed_in, officer):
    client = signed_in(officer)
    assert client.post(NEW, filled(client.get(NEW), name="\ufdfa" * 50)).status_code == 302  # one stands for eighteen
    assert len(Cadre.objects.get().name_key) == 50


def test_a_gender_that_the_number_denies_is_kept_and_told(signed_in, officer):
    client = signed_in(officer)
    number = id_number()
    wrong = "2" if int(number[16]) % 2 else "1"
    response = client.post(NEW, filled(client.get(NEW), name="韦明", id_number=number, gender=wrong), follow=True)
    assert [str(message) for message in response.context["messages"]] == [
        "填写的性别与证件号码不一致，请核对更正。", "已保存「韦明」。",
    ]  # fmt: skip
    assert Cadre.objects.get().gender == wrong


def test_the_mask_given_back_keeps_the_number(signed_in, officer, cadre):
    client = signed_in(officer)
    number = cadre.full_id_number
    form = client.get(page(cadre, "update"))
    assert form.context["form"]["id_number"].value() == f"{number[:6]}{'*' * 10}{number[-2:]}"
    assert "ended_on" not in form.context["form"].fields
    assert "union" not in form.context["form"].fields
    assert client.post(page(cadre, "update"), filled(form, post="常务副主席")).status_code == 302
    cadre.refresh_from_db()
    assert (cadre.full_id_number, cadre.post) == (number, "常务副主席")
    assert counted("莫主席") == 1


def test_a_wrong_day_of_leaving_is_corrected_in_the_form(signed_in, officer, cadre):
    Cadre.objects.filter(pk=cadre.pk).update(ended_on="2024")
    client = signed_in(officer)
    form = client.get(page(cadre, "update"))
    refused = client.post(page(cadre, "update"), filled(form, ended_on="2017"))
    assert errors(refused) == {"ended_on": ["离任时间不能早于任职时间。"]}
    client.post(page(cadre, "update"), filled(form, ended_on=""))
    cadre.refresh_from_db()
    assert cadre.ended_on is None


# --- Leaving -------------------------------------------------------------------------------


def test_leaving_is_an_act_with_a_date_and_a_word(signed_in, officer, cadre):
    client = signed_in(officer)
    response = client.post(page(cadre, "end"), {"on": "2025.6", "reason": "调离"}, follow=True)
    cadre.refresh_from_db()
    assert (cadre.ended_on, cadre.note) == ("2025-06", "调离")
    assert [str(message) for message in response.context["messages"]] == ["已登记莫主席在2025年6月离任。"]
    assert response.context["end_url"] == ""
    assert counted("莫主席") == 1


def test_a_refused_leaving_says_why_and_writes_nothing(signed_in, officer, cadre):
    client = signed_in(officer)
    early = client.post(page(cadre, "end"), {"on": "2017", "reason": ""})
    assert errors(early) == {"__all__": ["离任时间不能早于任职时间（2018年3月），请核对。"]}
    assert errors(client.post(page(cadre, "end"), {"on": ""})) == {"on": ["此项必填。"]}
    cadre.refresh_from_db()
    assert cadre.ended_on is None
    assert counted("莫主席") == 0


# --- The page ------------------------------------------------------------------------------


def test_the_page_shows_posts_of_the_same_person_in_unions_that_one_sees(
    signed_in, officer, township_officer, township, grassroots
):
    number = id_number()
    former = CadreFactory(union=township, name="莫主席", id_number=number, ended_on="2020", post="联合会委员")
    hidden = CadreFactory(union=UnionFactory(name="别处"), name="莫主席", id_number=number, ended_on="2016")
    now = CadreFactory(union=grassroots, name="莫主席", id_number=number, started_on="2020")
    CadreFactory(union=township, name="莫主席")
    CadreFactory(union=township, name="没有号码的", id_number=None)
    assert list(signed_in(township_officer).get(page(now)).context["posts"]) == [former]
    assert list(signed_in(officer).get(page(now)).context["posts"]) == []
    assert signed_in(officer).get(page(hidden)).status_code == 404


def test_the_page_names_a_course_of_the_county_without_leading_there(signed_in, officer, grassroots, cadre):
    own = TrainingFactory(union=grassroots, name="本单位培训班", started_on="2024")
    countys = TrainingFactory(name="县里办的培训班", started_on="2025")
    for training in (own, countys):
        AttendanceFactory(training=training, union=grassroots, cadre=cadre, name="莫主席")
    response = signed_in(officer).get(page(cadre))
    assert [one.training.name for one in response.context["attended"]] == ["县里办的培训班", "本单位培训班"]
    links = [reverse("members:training_detail", args=[one.pk]) in response.content.decode() for one in (own, countys)]
    assert links == [True, False]
    assert signed_in(officer).get(reverse("members:training_detail", args=[countys.pk])).status_code == 404


def test_the_page_asks_the_same_questions_of_one_row_and_of_three(
    signed_in, officer, grassroots, cadre, django_assert_num_queries
):
    client = signed_in(officer)
    client.get(page(cadre))
    with django_assert_num_queries(10) as first:
        client.get(page(cadre))
    for number in range(3):
        AttendanceFactory(
            training=TrainingFactory(union=grassroots), union=grassroots, cadre=cadre, name=f"莫主席{number}"
        )
    with django_assert_num_queries(len(first)):
        client.get(page(cadre))


# --- The full number -----------------------------------------------------------------------


def test_the_full_number_is_shown_once_for_a_reason(signed_in, officer, cadre):
    client = signed_in(officer)
    number = cadre.full_id_number
    assert number not in client.get(page(cadre)).content.decode()
    assert number not in client.get(page(cadre, "reveal")).content.decode()
    refused = client.post(page(cadre, "reveal"), {"reason": "看看"})
    assert errors(refused) == {"reason": ["请写明查看的理由（至少 4 个字），理由会记入审计日志。"]}
    assert number not in refused.content.decode()
    assert LogEntry.objects.filter(action=LogEntry.Action.ACCESS).count() == 0
    shown = client.post(page(cadre, "reveal"), {"reason": "核对任职审批材料"})
    assert number in shown.content.decode()
    assert "no-store" in shown.headers["Cache-Control"].split(", ")
    entry = LogEntry.objects.get(action=LogEntry.Action.ACCESS)
    assert (entry.actor, entry.object_pk, entry.additional_data) == (
        officer, str(cadre.pk), {"reason": "核对任职审批材料"},
    )  # fmt: skip


def test_who_may_not_reveal_is_refused(signed_in, grassroots, cadre):
    reader = UserFactory(union=grassroots, roles=(roles.ECONOMY,))
    client = signed_in(reader)
    assert client.get(page(cadre)).context["reveal_url"] == ""
    assert client.post(page(cadre, "reveal"), {"reason": "核对任职审批材料"}).status_code == 403
    assert client.get(NEW).status_code == 403
    assert client.post(page(cadre, "end"), {"on": "2025"}).status_code == 403
