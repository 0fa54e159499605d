"""The habits that every test holds the code to do find what breaks them."""

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.template import engines
from django.test import Client, override_settings
from django.urls import path

from members.models import Member, Union
from tests.factories import MemberFactory, UnionFactory
from tests.undefined import Broken

PAGES = {
    "unrendered": "<p>{{ name }}</p>",
    "tag": "<p>{% if name %}</p>",
    "handler": '<button onclick="go()">',
    "script": '<a href="javascript:go()">',
}
urlpatterns = [path("<str:which>/", lambda request, which: HttpResponse(PAGES.get(which, "<p>一页</p>")))]


@pytest.mark.parametrize("which", PAGES)
@override_settings(ROOT_URLCONF="tests.test_habits")
def test_pages(which):
    Client().get("/plain/")
    with pytest.raises(Broken, match=f"/{which}/"):
        Client().get(f"/{which}/")


@pytest.mark.parametrize("template", ["{{ nothing }}", "{{ union.nothing|length }}"])
def test_undefined_variables(template, settings, rf):
    ours = engines["django"].from_string(template)
    for node in ours.template.nodelist:
        node.origin.name = str(settings.BASE_DIR / "templates" / "page.html")

    with pytest.raises(Broken, match="nothing"):
        ours.render({"union": Union()}, rf.get("/"))


def test_undefined_variables_of_packages_are_theirs(rf):
    assert engines["django"].from_string("({{ nothing }})").render({}, rf.get("/")) == "()"


def test_rows_without_an_order_come_in_any(db):
    union = UnionFactory()
    for _ in range(6):
        MemberFactory(union=union)

    orders = {tuple(Member.objects.order_by().values_list("pk", flat=True)) for _ in range(20)}

    assert len(orders) > 1
    assert len({tuple(Member.objects.order_by("pk").values_list("pk", flat=True)) for _ in range(20)}) == 1


def test_a_lock_says_what_it_locks(db):
    with transaction.atomic():
        list(Member.objects.select_for_update(of=("self",)).select_related("union"))
        with pytest.raises(Broken, match="Member"):
            list(Member.objects.select_for_update().select_related("union"))
