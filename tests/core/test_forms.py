"""Forms of pages: groups, dropdowns, messages at their fields, and marks of what a record held."""

import pytest

from members.forms.cadres import CadreForm
from members.forms.trainings import TrainingForm
from members.models import Cadre
from pingtang_union.core import versions
from tests.factories import CadreFactory, TrainingFactory, id_number

pytestmark = pytest.mark.django_db

NAMES = ["name", "id_number", "phone", "union", "ended_on"]


def version_of(cadre, names):
    return versions.version_of(cadre, versions.texts_of(cadre, names))


def changed_since(cadre, version, names=NAMES):
    return versions.changed_since(cadre, versions.texts_of(cadre, names), version)[0]


def test_a_mark_tells_of_changed_fields_and_nothing_of_values():
    cadre = CadreFactory(phone="19000000011")
    number = cadre.full_id_number
    version = version_of(cadre, [*NAMES, "no column"])
    assert len(version.split()) == len(NAMES)
    assert [text in version for text in (number, "19000000011", cadre.name)] == [False] * 3
    cadre.refresh_from_db()
    assert changed_since(cadre, version) == []
    Cadre.objects.filter(pk=cadre.pk).update(phone="19000000012", ended_on="2020")
    cadre.refresh_from_db()
    assert changed_since(cadre, version) == ["phone", "ended_on"]
    cadre.id_number = id_number()
    cadre.save()
    assert changed_since(cadre, version) == ["id_number", "phone", "ended_on"]


def test_marks_of_two_records_with_the_same_values_differ():
    one, two = CadreFactory(name="韦明", phone=""), CadreFactory(name="韦明", phone="")
    assert version_of(one, ["name"]) != version_of(two, ["name"])
    assert changed_since(two, version_of(one, ["name", "phone"]), ["name", "phone"]) == ["name", "phone"]


@pytest.mark.parametrize("made_up", ["name", "nothing:1", ":"])
def test_a_mark_that_is_none_of_ours_counts_as_changed(made_up):
    cadre = CadreFactory()
    held = versions.texts_of(cadre, NAMES)
    assert versions.changed_since(cadre, held, made_up) == (NAMES, True)
    assert versions.changed_since(cadre, held, f"{version_of(cadre, NAMES)} {made_up}") == ([], True)


def test_a_folded_group_opens_where_something_is_wrong(officer):
    data = {"name": "韦明", "kind": "cadre", "id_type": "resident"}
    plain, wrong = CadreForm(data, user=officer), CadreForm({**data, "born_on": "从前"}, user=officer)
    assert [(group.heading, group.is_folded) for group in plain.grouped()] == [
        ("任职", False), ("证件和联系方式", False), ("更多项目", True),
    ]  # fmt: skip
    assert [form.grouped()[-1].is_open for form in (plain, wrong)] == [False, True]


def test_every_field_stands_in_one_group(officer):
    form = CadreForm(user=officer)
    assert sorted(field.name for group in form.grouped() for field in group.fields) == sorted(form.fields)


def test_choices_without_an_answer_say_so(officer):
    form = CadreForm(user=officer)
    blanks = {name: dict(form.fields[name].choices).get("") for name in ("rank", "duty", "id_type")}
    assert blanks == {"rank": "未登记", "duty": "未登记", "id_type": None}


def test_a_constraint_over_several_fields_speaks_at_the_one_that_was_typed(officer, grassroots):
    TrainingFactory(union=grassroots, name="财务培训班", started_on="2025-05")
    form = TrainingForm({"name": "财务培训班", "started_on": "2025-05"}, user=officer)
    assert {name: list(found) for name, found in form.errors.items()} == {
        "name": ["同名、同开班时间的培训班已经登记过。"]
    }
