"""Addresses that nobody's page makes: whatever stands in them, the answer is a page and never a 500."""

from urllib.parse import urlencode

import pytest
import time_machine
from django.contrib import admin
from django.urls import reverse

from pingtang_union.core.figures import registry
from tests.factories import BatchFactory, EventFactory, MemberFactory, county
from tests.test_scope import addresses, victim  # noqa: F401  the fixture: a row of every model

pytestmark = pytest.mark.django_db
ANSWERS = {200, 302, 400, 403, 404}
ODD = ["a\0b", "abc", "-1", "9" * 30, "0001-01-01"]
MODELS = [pytest.param(model, id=model._meta.label) for model in admin.site._registry]


def names_of(model) -> set[str]:
    """Parameters of the model's list: the frame's own, the declared filters', one that nobody knows."""
    model_admin = admin.site._registry[model]
    names = {"q", "p", "o", "_facets", "nothing", "pk__in", *model_admin.linked_lookups}
    for declared in model_admin.list_filter:
        if isinstance(declared, tuple):
            field = model._meta.get_field(declared[0])
            suffix = "__id__exact" if field.remote_field else "_from_0" if "Time" in type(field).__name__ else "__exact"
            names.add(declared[0] + suffix)
        else:
            names.add(declared.parameter_name)
    return names


@pytest.mark.parametrize("model", MODELS)
def test_lists(model, victim, insider, signed_in):  # noqa: F811
    client = signed_in(insider)
    url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")

    for name in sorted(names_of(model)):
        for value in ODD:
            assert client.get(url, {name: value}).status_code in ANSWERS, (name, value)


@pytest.mark.parametrize("model", MODELS)
def test_object_pages(model, victim, insider, signed_in):  # noqa: F811
    client = signed_in(insider)

    for key in ("abc", "a%00b", "9" * 30):
        for address in addresses(model, 1):
            assert client.get(address.replace("/1/", f"/{key}/")).status_code in ANSWERS, address


@pytest.mark.parametrize("model", MODELS)
def test_add_pages(model, insider, signed_in):
    client = signed_in(insider)
    url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_add")

    for name in ("parent", *(field.name for field in model._meta.fields if field.remote_field)):
        for value in ODD:
            assert client.get(url, {name: value}).status_code in ANSWERS, (name, value)
            assert client.post(url, {name: value}).status_code in ANSWERS, (name, value)


@pytest.mark.parametrize("value", ODD)
def test_deeds(value, insider, signed_in):
    member = MemberFactory()
    url = reverse("admin:members_member_transfer", args=[member.pk])

    response = signed_in(insider).post(url, {"union": value, "on": value, "reason": value})

    assert response.status_code == 200
    assert member.events.count() == 1


def test_dashboard_workbench_and_autocomplete(insider, signed_in):
    EventFactory()
    client = signed_in(insider)
    asked = [(reverse("dashboard"), ["as_of"]), (reverse("workbench"), ["page", "q"])]
    asked += [
        (reverse("figure_rows", args=[figure.id]), ["as_of", "page", *(one.key for one in figure.dimensions)])
        for figure in list(registry().values())[::4]
    ]
    autocomplete = {"app_label": "members", "model_name": "member", "field_name": "union", "term": "x", "page": "1"}

    for value in ODD:
        for url, names in asked:
            for name in names:
                assert client.get(url, {name: value}).status_code in ANSWERS, (url, name, value)
        for name in autocomplete:
            status = client.get(reverse("admin:autocomplete"), {**autocomplete, name: value}).status_code
            assert status in ANSWERS, (name, value)


def test_the_page_says_so_in_chinese(client):
    response = client.get("/login/?next=%00")

    assert response.status_code == 400
    assert "这个地址不对" in response.content.decode()


def test_a_long_number_may_be_searched_for(insider, signed_in):
    response = signed_in(insider).get(reverse("admin:members_member_changelist"), {"q": "6217000000000000000"})

    assert response.status_code == 200


@pytest.mark.parametrize(
    "lookup", ["note__startswith", "born_on__startswith", "id_index", "phone__regex", "union__name"]
)
def test_lists_answer_declared_filters_only(lookup, insider, signed_in):
    url = reverse("admin:members_member_changelist")

    assert signed_in(insider).get(url, {lookup: "1"}).status_code == 400


@pytest.mark.parametrize(
    ("query", "count"),
    [({}, 1), ({"at_from_0": "2026-03-05"}, 1), ({"at_from_0": "2026-03-06"}, 0), ({"at_to_0": "2026/03/05"}, 1),
     ({"at_to_0": "2026-03-05", "at_to_1": "09:59:00"}, 0), ({"at_from_0": "2026-03-05", "at_from_1": "10:00:00"}, 1)],
)  # fmt: skip
def test_points_in_time_are_local(query, count, insider, signed_in):
    with time_machine.travel("2026-03-05 10:00+08:00", tick=False):
        BatchFactory(union=county())
    url = f"{reverse('admin:core_importbatch_changelist')}?{urlencode(query)}"

    assert signed_in(insider).get(url).context["cl"].result_count == count
