"""Addresses that nobody's page makes: whatever stands in them, the answer is a page and never a 500."""

import pytest
from django.contrib import admin
from django.contrib.admin.utils import get_fields_from_path
from django.urls import reverse

from pingtang_union.core.figures import registry
from tests.every_row import addresses, db  # noqa: F401  db: the rows are made once
from tests.factories import EventFactory, MemberFactory

pytestmark = pytest.mark.usefixtures("db")
ANSWERS = {200, 302, 400, 403, 404, 405}
ODD = ["a\0b", "abc", "-1", "9" * 30, "0001-01-01", "\\", ""]
JUNK = ["\\", "abc", "9" * 30, "9" * 5000, "", "a\0b", "-1", "²"]


@pytest.fixture(autouse=True)
def _one_frame(monkeypatch):
    """What stands around the pages of the admin depends on the person and not on what is asked: made once a test."""
    make, kept = admin.site.each_context, {}

    def each_context(request):
        if request.user.pk not in kept:
            kept[request.user.pk] = make(request)
        return dict(kept[request.user.pk])

    monkeypatch.setattr(admin.site, "each_context", each_context)


MODELS = [pytest.param(model, id=model._meta.label) for model in admin.site._registry]


def names_of(model) -> set[str]:
    """Parameters of the model's list: the frame's own, the declared filters', one that nobody knows."""
    model_admin = admin.site._registry[model]
    names = {"q", "p", "o", "_facets", "nothing", "pk__in", *model_admin.linked_lookups}
    for declared in model_admin.list_filter:
        if isinstance(declared, tuple):
            field = get_fields_from_path(model, declared[0])[-1]
            suffix = "__id__exact" if field.remote_field else "_from_0" if "Time" in type(field).__name__ else "__exact"
            names.add(declared[0] + suffix)
        else:
            names.add(declared.parameter_name)
    return names


@pytest.mark.parametrize("model", MODELS)
def test_lists(model, victim, insider, signed_in):
    client = signed_in(insider)
    url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")

    for name in sorted(names_of(model)):
        for value in ODD:
            assert client.get(url, {name: value}).status_code in ANSWERS, (name, value)


@pytest.mark.parametrize("model", MODELS)
def test_object_pages(model, victim, insider, signed_in):
    client = signed_in(insider)

    for key in ("abc", "a%00b", "9" * 30, "%5C", "_5C", "9" * 5000):
        for address in addresses(model, 1):
            assert client.get(address.replace("/1/", f"/{key}/")).status_code in ANSWERS, address


@pytest.mark.parametrize("model", MODELS)
def test_picked_keys(model, victim, insider, signed_in, rf):
    client = signed_in(insider)
    url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    request = rf.get("/")
    request.user = insider
    before = model._default_manager.count()

    for name in ["delete_selected", *admin.site._registry[model].get_actions(request)]:
        for picked in (*([junk] for junk in JUNK), JUNK):
            for more in ({}, {"confirmed": "yes", "post": "yes"}):
                said = client.post(url, {"action": name, "_selected_action": picked, **more})
                assert said.status_code in ANSWERS, (name, picked)
    assert model._default_manager.count() == before


@pytest.mark.parametrize("model", MODELS)
def test_popups(model, insider, signed_in):
    client = signed_in(insider)
    for address in addresses(model, 1):
        for value in JUNK:
            assert client.get(address, {"_to_field": value, "_popup": "1"}).status_code in ANSWERS, (address, value)


@pytest.mark.parametrize("model", MODELS)
def test_keys_in_formsets(model, victim, insider, signed_in):
    """Rows of tables below a record, and of a list that is edited in place."""
    client = signed_in(insider)
    model_admin = admin.site._registry[model]
    if model not in victim:
        return
    url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[victim[model].pk])
    page = client.get(url)
    forms = (page.context or {}).get("inline_admin_formsets", []) if page.status_code == 200 else []
    for value in JUNK:
        data = {}
        for one in forms:
            prefix = one.formset.prefix
            data |= {f"{prefix}-TOTAL_FORMS": "1", f"{prefix}-INITIAL_FORMS": "1", f"{prefix}-0-id": value}
        assert client.post(url, data).status_code in ANSWERS, value
        listed = url.rsplit("/", 3)[0] + "/"
        edited = {"_save": "1", "form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "1", "form-0-id": value}
        assert not model_admin.list_editable or client.post(listed, edited).status_code in ANSWERS, value


@pytest.mark.parametrize("model", MODELS)
def test_add_pages(model, insider, signed_in):
    client = signed_in(insider)
    url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_add")

    # A form takes each field by itself: one request asks for all of them. What a page reads besides comes alone.
    fields = [field.name for field in model._meta.fields if field.remote_field]
    for value in ODD:
        for asked in ({"parent": value}, dict.fromkeys(fields, value)):
            assert client.get(url, asked).status_code in ANSWERS, asked
            assert client.post(url, asked).status_code in ANSWERS, asked


@pytest.mark.parametrize("value", ODD)
def test_acts(value, insider, signed_in):
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
    assert "地址有误" in response.content.decode()


def test_a_long_number_leads_to_the_list_without_it(insider, signed_in):
    address = reverse("admin:members_member_changelist")
    response = signed_in(insider).get(address, {"q": "6217000000000000000"}, follow=True)

    assert (response.status_code, response.redirect_chain) == (200, [(address, 302)])


@pytest.mark.parametrize(
    "lookup", ["note__startswith", "born_on__startswith", "id_index", "phone__regex", "union__name"]
)
def test_lists_answer_declared_filters_only(lookup, insider, signed_in):
    url = reverse("admin:members_member_changelist")

    assert signed_in(insider).get(url, {lookup: "1"}).status_code == 400
