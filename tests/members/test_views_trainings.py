"""Officers' pages of courses and of who attended them."""

import pytest
from auditlog.models import LogEntry
from django.urls import reverse

from members import roles
from members.models import Attendance, Training
from tests.factories import AttendanceFactory, CadreFactory, TrainingFactory, UnionFactory, UserFactory
from tests.page_helpers import errors, filled, listed

pytestmark = pytest.mark.django_db

LIST, NEW = "/trainings/", "/trainings/new/"
OF_TRAINING = ("members:training_detail", "members:training_update", "members:attendance_add")
OF_ATTENDANCE = ("members:attendance_update", "members:attendance_remove")


def page(row: Training | Attendance, route: str) -> str:
    return reverse(route, args=[row.pk])


@pytest.fixture
def training(grassroots) -> Training:
    """A course that the officer's own union keeps."""
    return TrainingFactory(union=grassroots, name="财务培训班", declared_attendees=4)


@pytest.fixture
def other(db) -> Attendance:
    """A course and an attendant that no officer of these tests sees."""
    course = TrainingFactory(union=UnionFactory(name="别处泄密工会"), name="别处泄密班", place="别处")
    return AttendanceFactory(training=course, name="别处泄密人")


def said(response) -> list[str]:
    return [str(message) for message in response.context["messages"]]


# --- Who may -------------------------------------------------------------------------------


def test_leaders_have_no_records(signed_in, leader, training):
    client = signed_in(leader)
    attendance = AttendanceFactory(training=training)
    addresses = [page(training, route) for route in OF_TRAINING] + [page(attendance, route) for route in OF_ATTENDANCE]
    assert {client.get(address).status_code for address in (LIST, NEW, *addresses)} == {403}
    assert {client.post(address, {"names": "韦明"}).status_code for address in addresses} == {403}
    assert Attendance.objects.count() == 1


def test_names_whose_keys_outgrow_their_columns_are_kept(signed_in, officer):
    client = signed_in(officer)
    assert client.post(NEW, filled(client.get(NEW), name="\u337f" * 100, started_on="2025-05")).status_code == 302
    course = Training.objects.get()
    assert client.post(page(course, "members:attendance_add"), {"names": "\ufdfa" * 50}).status_code == 302
    assert (len(course.name_key), len(Attendance.objects.get().name_key)) == (100, 50)


def test_own_people_at_anothers_course_are_not_ones_own_to_correct(signed_in, officer, grassroots):
    """The county keeps its course: its record of who attended is the county's, also of people of the officer's."""
    at_county = AttendanceFactory(training=TrainingFactory(), union=grassroots, name="莫主席")
    client = signed_in(officer)
    assert [client.get(page(at_county, route)).status_code for route in OF_ATTENDANCE] == [404, 404]
    assert client.post(page(at_county, "members:attendance_remove")).status_code == 404
    assert Attendance.objects.count() == 1


def test_who_may_look_only_finds_no_buttons_and_no_way(signed_in, grassroots, training):
    attendance = AttendanceFactory(training=training)
    client = signed_in(UserFactory(union=grassroots, roles=(roles.ECONOMY,)))
    context = client.get(page(training, "members:training_detail")).context
    assert (context["add_url"], context["update_url"], context["may_change"], context["may_remove"]) == (
        "", "", False, False,
    )  # fmt: skip
    addresses = [page(training, "members:attendance_add"), *(page(attendance, route) for route in OF_ATTENDANCE)]
    assert {client.post(address, {"names": "韦明"}).status_code for address in addresses} == {403}
    assert Attendance.objects.count() == 1


# --- The list ------------------------------------------------------------------------------


def test_the_list_holds_own_courses_the_latest_first(signed_in, officer, grassroots, training, other):
    TrainingFactory(union=grassroots, name="早些的班", started_on="2019-03", level="county")
    AttendanceFactory(training=training)
    AttendanceFactory(training=training, union=other.union, name="别处泄密人")
    client = signed_in(officer)
    response = client.get(LIST)
    assert listed(response) == ["财务培训班", "早些的班"]
    assert [row.attended for row in response.context["page_obj"]] == [1, 0]
    assert "别处" not in response.content.decode()
    assert listed(client.get(LIST, {"year": "2019"})) == ["早些的班"]
    assert listed(client.get(LIST, {"level": "county"})) == ["早些的班"]
    assert listed(client.get(LIST, {"q": "别处泄密"})) == []
    assert listed(client.get(LIST, {"union": other.union_id})) == []


def test_a_township_asks_for_the_courses_of_one_of_its_unions(signed_in, township_officer, township, training):
    TrainingFactory(union=township, name="联合会的班")
    client = signed_in(township_officer)
    assert sorted(listed(client.get(LIST))) == ["联合会的班", "财务培训班"]
    assert listed(client.get(LIST, {"union": training.union_id})) == ["财务培训班"]


def test_the_list_asks_the_same_questions_of_one_course_and_of_three(
    signed_in, township_officer, township, training, django_assert_num_queries
):
    client = signed_in(township_officer)
    client.get(LIST)
    with django_assert_num_queries(11) as first:
        client.get(LIST)
    for _ in range(2):
        AttendanceFactory(training=TrainingFactory(union=UnionFactory(parent=township)))
    with django_assert_num_queries(len(first)):
        client.get(LIST)


# --- Entering a course ---------------------------------------------------------------------


def test_an_officers_course_is_her_unions(signed_in, officer, grassroots):
    client = signed_in(officer)
    form = client.get(NEW)
    assert "union" not in form.context["form"].fields
    data = filled(form, name="业务培训班", started_on="2025年5月6日", days="3", declared_attendees="20")
    client.post(NEW, data)
    training = Training.objects.get()
    assert (training.union, training.started_on, training.days, training.declared_attendees) == (
        grassroots, "2025-05-06", 3, 20,
    )  # fmt: skip
    entry = LogEntry.objects.get_for_object(training).get()
    assert (entry.action, entry.actor) == (LogEntry.Action.CREATE, officer)


def test_a_township_chooses_among_its_unions_only(signed_in, township_officer, township, grassroots, other):
    client = signed_in(township_officer)
    form = client.get(NEW)
    assert [union.name for union in form.context["form"].fields["union"].queryset] == [township.name, grassroots.name]
    refused = client.post(NEW, filled(form, name="业务培训班", union=other.union_id))
    assert errors(refused) == {"union": ["所选内容不在可选范围内，请重新选择。"]}


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ({"name": ""}, {"name": ["此项必填。"]}),
        ({"ended_on": "2025-04"}, {"ended_on": ["结束时间不能早于开班时间。"]}),
        ({"name": "财务 培训班"}, {"name": ["同名、同开班时间的培训班已经登记过。"]}),
    ],
)
def test_what_is_wrong_is_said_at_its_field(signed_in, officer, training, wrong, expected):
    client = signed_in(officer)
    data = {"name": "业务培训班", "started_on": "2025-05", **wrong}
    assert errors(client.post(NEW, filled(client.get(NEW), **data))) == expected
    assert Training.objects.count() == 1


# --- Who attended --------------------------------------------------------------------------


def test_the_page_counts_and_shows_the_people_that_one_sees(signed_in, officer, training, other):
    AttendanceFactory(training=training, name="莫主席")
    AttendanceFactory(training=training, union=other.union, name="别处泄密人")
    response = signed_in(officer).get(page(training, "members:training_detail"))
    assert [one.name for one in response.context["page_obj"]] == ["莫主席"]
    assert (response.context["training"].attended, response.context["training"].declared_attendees) == (1, 4)
    assert "别处" not in response.content.decode()


def test_the_people_of_one_course_and_the_list_as_filtered_lead_to_their_exports(signed_in, officer, training):
    AttendanceFactory(training=training)
    client = signed_in(officer)
    people = client.get(page(training, "members:training_detail")).context["export_url"]
    [courses] = client.get(LIST, {"year": "2025"}).context["exports"]
    assert [people, courses["url"]] == [
        f"/ledgers/export/attendances/?training={training.pk}", "/ledgers/export/trainings/?year=2025",
    ]  # fmt: skip
    assert [client.get(people).status_code, client.get(courses["url"]).status_code] == [200, 200]


def test_the_page_asks_the_same_questions_of_one_person_and_of_three(
    signed_in, township_officer, township, training, django_assert_num_queries
):
    client = signed_in(township_officer)
    AttendanceFactory(training=training)
    client.get(page(training, "members:training_detail"))
    with django_assert_num_queries(10) as first:
        client.get(page(training, "members:training_detail"))
    for _ in range(2):
        union = UnionFactory(parent=township)
        AttendanceFactory(training=training, union=union, cadre=CadreFactory(union=union))
    with django_assert_num_queries(len(first)):
        client.get(page(training, "members:training_detail"))


def test_people_are_entered_together_and_who_is_there_is_named(signed_in, officer, grassroots, training):
    cadre = CadreFactory(union=grassroots, name="莫主席", post="主席")
    CadreFactory(union=grassroots, name="离任的", ended_on="2020")
    CadreFactory(name="别处的")
    AttendanceFactory(training=training, name="罗秀英")
    client = signed_in(officer)
    form = client.get(page(training, "members:attendance_add"))
    assert [label for _, label in form.context["form"].fields["cadres"].choices] == ["莫主席（主席）"]
    data = {"cadres": [cadre.pk], "names": "韦明\n\n罗秀英\n韦 明、陆华", "result": "passed"}
    response = client.post(page(training, "members:attendance_add"), data, follow=True)
    assert said(response) == ["已登记 3 人：莫主席、陆华、韦明。1 人原来就登记过，没有重复登记：罗秀英。"]
    rows = Attendance.objects.filter(result="passed").values_list("name", "cadre", "union")
    assert sorted(rows) == sorted(
        [("莫主席", cadre.pk, grassroots.pk), ("韦明", None, grassroots.pk), ("陆华", None, grassroots.pk)]
    )
    entries = LogEntry.objects.filter(content_type__model="attendance", actor=officer, action=LogEntry.Action.CREATE)
    assert entries.count() == 3
    assert "cadres" not in client.get(page(training, "members:attendance_add")).context["form"].fields


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ("", {"__all__": ["请至少勾选一位干部，或者写上一个姓名。"]}),
        ("韦明\n第2个人", {"names": ["「第2个人」不像姓名（有数字或符号），请填写身份证上的姓名。"]}),
        ("=HYPERLINK(1)", {"names": ["是公式，不是姓名，请填写真实姓名。"]}),
    ],
)
def test_what_is_no_name_is_said_and_nobody_entered(signed_in, officer, training, names, expected):
    response = signed_in(officer).post(page(training, "members:attendance_add"), {"names": names})
    assert errors(response) == expected
    assert Attendance.objects.count() == 0


def test_more_than_two_hundred_at_once_are_refused(signed_in, officer, training):
    numerals = "零一二三四五六七八九"
    names = "\n".join(f"韦{numerals[n // 100]}{numerals[n // 10 % 10]}{numerals[n % 10]}" for n in range(201))
    response = signed_in(officer).post(page(training, "members:attendance_add"), {"names": names})
    assert errors(response) == {"names": ["一共 201 个姓名，一次最多登记 200 个，请分几次登记。"]}


def test_the_union_asked_for_must_be_ones_own(signed_in, township_officer, township, grassroots, other):
    course = TrainingFactory(union=township)
    cadre = CadreFactory(union=grassroots, name="莫主席")
    stranger = CadreFactory(union=other.union, name="别处泄密人")
    client = signed_in(township_officer)
    address = page(course, "members:attendance_add")
    offered = client.get(address).context["whose"].fields["union"].queryset
    assert [one.name for one in offered] == [township.name, grassroots.name]
    assert client.get(address, {"union": other.union_id}).status_code == 404
    assert client.post(f"{address}?union={other.union_id}", {"names": "韦明"}).status_code == 404
    refused = client.post(f"{address}?union={grassroots.pk}", {"cadres": [stranger.pk]})
    assert list(errors(refused)) == ["cadres"]
    assert "别处" not in refused.content.decode()
    client.post(f"{address}?union={grassroots.pk}", {"cadres": [cadre.pk]})
    assert list(Attendance.objects.filter(training=course).values_list("name", "union")) == [("莫主席", grassroots.pk)]


def test_a_result_is_set_later(signed_in, officer, training):
    attendance = AttendanceFactory(training=training, name="莫主席")
    client = signed_in(officer)
    form = client.get(page(attendance, "members:attendance_update"))
    response = client.post(page(attendance, "members:attendance_update"), filled(form, result="excellent"))
    attendance.refresh_from_db()
    assert (response.url, attendance.result) == (page(training, "members:training_detail"), "excellent")


def test_removing_asks_first_and_is_audited(signed_in, officer, training):
    attendance = AttendanceFactory(training=training, name="莫主席")
    client = signed_in(officer)
    asked = client.get(page(attendance, "members:attendance_remove"))
    assert (asked.status_code, Attendance.objects.count()) == (200, 1)
    response = client.post(page(attendance, "members:attendance_remove"), follow=True)
    assert said(response) == ["已删除莫主席的参训记录。"]
    assert Attendance.objects.count() == 0
    entry = LogEntry.objects.get(content_type__model="attendance", action=LogEntry.Action.DELETE)
    assert (entry.actor, entry.object_repr) == (officer, "莫主席 · 财务培训班")
