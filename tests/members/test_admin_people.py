"""Cadres, courses and attendances in the admin."""

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from members import roles
from members.models import Attendance, Cadre, Training
from tests.factories import (
    AttendanceFactory,
    CadreFactory,
    MemberFactory,
    TrainingFactory,
    UnionFactory,
    UserFactory,
    id_number,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk(county_clerk, signed_in) -> Client:
    return signed_in(county_clerk)


def found(client: Client, model: str, **query) -> set[str]:
    rows = client.get(reverse(f"admin:members_{model}_changelist"), query).context["cl"].result_list
    return {row.name for row in rows}


@pytest.mark.parametrize(
    ("term", "names"),
    [
        ("石", {"石云", "石小云"}), ("石云", {"石云"}), ("云", set()), ("石 云", {"石云"}),
        ("13800000001", {"石云"}), ("1380000000", set()), ("5227", set()), ("阿依·古丽", {"阿依·古丽"}),
        ("阿依•古", {"阿依·古丽"}),
    ],
)  # fmt: skip
@pytest.mark.parametrize("model", ["cadre", "member"])
def test_people_are_found_by_beginning_and_exact_number(model, term, names, clerk):
    factory = {"cadre": CadreFactory, "member": MemberFactory}[model]
    factory(name="石云", phone="13800000001")
    factory(name="石小云", phone="13800000002")
    factory(name="阿依·古丽")

    assert found(clerk, model, q=term) == names


@pytest.mark.parametrize("model", ["cadre", "member"])
def test_people_are_found_by_their_whole_number_on_a_page_of_its_own(model, clerk):
    factory = {"cadre": CadreFactory, "member": MemberFactory}[model]
    number = id_number()
    person = factory(name="石云", id_number=number)
    factory(name="陈敏")
    passport = factory(name="李雷", id_type="passport", id_number="E12345678")

    def sought(typed):
        response = clerk.post(reverse(f"admin:members_{model}_by_number"), {"number": typed})
        return response.url.split("/")[-3] if response.status_code == 302 else None

    assert sought(number) == str(person.pk)
    assert sought(f" {number[:6]} {number[6:].lower()} ") == str(person.pk)
    assert sought(number[:17]) is None
    assert sought("e12345678") == str(passport.pk)
    assert found(clerk, model, q="e12345678") == set()


def test_members_are_found_by_card(clerk):
    MemberFactory(name="石云", card_number="5227270012")

    assert found(clerk, "member", q="5227270012") == {"石云"}
    assert found(clerk, "member", q="522727001") == set()


@pytest.mark.parametrize(("value", "names"), [("yes", {"在任者"}), ("no", {"离任者"}), ("", {"在任者", "离任者"})])
def test_cadres_in_post(value, names, clerk):
    CadreFactory(name="在任者")
    CadreFactory(name="离任者", ended_on="2024")

    assert found(clerk, "cadre", in_post=value) == names


def test_union_filter_takes_the_subtree(clerk, township, grassroots):
    CadreFactory(name="联合会的", union=township)
    CadreFactory(name="小学的", union=grassroots)
    CadreFactory(name="别处的")

    assert found(clerk, "cadre", union__id__exact=township.pk) == {"联合会的", "小学的"}
    assert found(clerk, "cadre", union__id__exact=grassroots.pk) == {"小学的"}
    assert found(clerk, "cadre", union__id__exact=99999) == set()
    assert found(clerk, "cadre", union__id__exact="x") == set()


def test_adding_a_cadre(clerk):
    union, number = UnionFactory(), id_number()
    data = {"name": "石云", "union": union.pk, "kind": "cadre", "id_type": "resident", "id_number": number,
            "started_on": "2020.3"}  # fmt: skip

    assert clerk.post(reverse("admin:members_cadre_add"), data).status_code == 302
    cadre = Cadre.objects.get()
    assert (cadre.union, cadre.started_on, cadre.full_id_number) == (union, "2020-03", number)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"ended_on": "2019"}, "离任时间不能早于任职时间"),
        ({"started_on": "4月"}, "日期"),
        ({"union": "99999"}, "选择"),
    ],
)
def test_cadre_form_says_what_is_wrong(values, said, clerk):
    data = {"name": "石云", "union": UnionFactory().pk, "kind": "cadre", "id_type": "resident", "started_on": "2020"}

    response = clerk.post(reverse("admin:members_cadre_add"), {**data, **values})

    assert said in str(response.context["adminform"].form.errors)
    assert not Cadre.objects.exists()


def test_second_post_of_one_number_is_refused_in_the_form(clerk):
    number = id_number()
    CadreFactory(id_number=number)

    response = clerk.post(reverse("admin:members_cadre_add"), {
        "name": "石云", "union": UnionFactory().pk, "kind": "cadre", "id_type": "resident", "id_number": number,
    })  # fmt: skip

    assert "已有一条在任记录" in str(response.context["adminform"].form.errors)


def test_training_counts_and_links_to_its_attendances(clerk):
    training, other = TrainingFactory(), TrainingFactory()
    AttendanceFactory.create_batch(3, training=training)
    AttendanceFactory(training=other)

    page = clerk.get(reverse("admin:members_training_change", args=[training.pk])).content.decode()
    link = f"{reverse('admin:members_attendance_changelist')}?training__id__exact={training.pk}"

    assert link in page
    assert clerk.get(link).context["cl"].result_count == 3
    rows = clerk.get(reverse("admin:members_training_changelist")).context["cl"].result_list
    assert {row.pk: row.attendance_count for row in rows} == {training.pk: 3, other.pk: 1}


def test_training_page_does_not_grow_with_its_attendances(clerk, django_assert_num_queries):
    training = TrainingFactory()
    url = reverse("admin:members_training_change", args=[training.pk])
    clerk.get(url)
    small = len(clerk.get(url).content)
    AttendanceFactory.create_batch(30, training=training)

    assert abs(len(clerk.get(url).content) - small) < 200


def test_adding_an_attendance_starts_from_its_course(clerk):
    training, union = TrainingFactory(), UnionFactory()
    page = clerk.get(reverse("admin:members_attendance_add"), {"training": training.pk})

    assert page.context["adminform"].form["training"].value() == str(training.pk)
    data = {"training": training.pk, "name": "石云", "union": union.pk}
    assert clerk.post(reverse("admin:members_attendance_add"), data).status_code == 302
    again = clerk.post(reverse("admin:members_attendance_add"), data)
    assert "已登记参加过这期培训" in str(again.context["adminform"].form.errors)
    assert Attendance.objects.count() == 1


def test_training_of_one_name_and_day_once(clerk):
    training = TrainingFactory(name="工会干部培训班", started_on="2025-05")
    data = {"name": "工会 干部培训班", "union": training.union.pk, "started_on": "2025.5"}

    response = clerk.post(reverse("admin:members_training_add"), data)

    assert "已经登记过" in str(response.context["adminform"].form.errors)
    assert Training.objects.count() == 1


@pytest.mark.parametrize(("value", "names"), [("yes", {"干部学员"}), ("no", {"其他学员"})])
def test_attendances_of_cadres(value, names, clerk):
    AttendanceFactory(name="干部学员", cadre=CadreFactory())
    AttendanceFactory(name="其他学员")

    assert found(clerk, "attendance", is_cadre=value) == names


def test_attendance_may_be_deleted_by_permission(clerk, insider, signed_in):
    row = AttendanceFactory()

    assert clerk.post(reverse("admin:members_attendance_delete", args=[row.pk]), {"post": "yes"}).status_code == 302
    assert not Attendance.objects.exists()


@pytest.mark.parametrize("model", ["cadre", "member"])
def test_birth_is_a_year_without_the_reveal_permission(model, clerk, signed_in):
    person = {"cadre": CadreFactory, "member": MemberFactory}[model](born_on="1985-03-07")
    person.born_on = "1985-03-08"
    person.save()
    reader = signed_in(UserFactory(roles=(roles.ECONOMY,)))
    change, history = (reverse(f"admin:members_{model}_{page}", args=[person.pk]) for page in ("change", "history"))

    assert "1985-03-08" in clerk.get(change).content.decode()
    assert "1985年3月8日" in clerk.get(history).content.decode()
    for page in (reader.get(change), reader.get(history)):
        text = page.content.decode()
        assert ("1985年" in text, "3月8日" in text, "1985-03" in text) == (True, False, False)


def test_who_may_change_but_not_reveal_keeps_the_birth(signed_in):
    user = UserFactory(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=["view_cadre", "change_cadre"]))
    cadre = CadreFactory(born_on="1985-03-07")

    page = signed_in(user).get(reverse("admin:members_cadre_change", args=[cadre.pk]))

    assert "born_on" not in page.context["adminform"].form.fields
    assert "1985年" in page.content.decode()
