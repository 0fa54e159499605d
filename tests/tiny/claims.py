"""What tests/test_tiny_app.py asks, with the tiny app installed: it is found everywhere, by its own declarations."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from pingtang_union.admin import checks
from pingtang_union.core.jobs import jobs
from pingtang_union.core.portal import merged
from pingtang_union.workflow.table import State
from tests.awards.walk import perform
from tests.factories import UnionFactory, UserFactory
from tests.members.test_steps import deliver
from tests.tiny import portal
from tests.tiny.models import Kind, Petition, Visit

pytestmark = pytest.mark.django_db


@pytest.fixture
def visit(grassroots) -> Visit:
    return Visit.objects.create(union=grassroots, place="望谟茶业", visited_on="2018-05")


@pytest.fixture
def visitor(officer):
    """The officer with every right on the app's records, as its migration would give them to the role."""
    officer.user_permissions.set(Permission.objects.filter(content_type__app_label="tiny"))
    return officer


def body(client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200, url
    return response.content.decode()


def content_of(response) -> bytes:
    content = b"".join(response.streaming_content)
    response.close()
    return content


def petition_of(officer, title: str) -> Petition:
    return Petition.objects.create(union=officer.union, title=title, created_by=officer)


def test_the_menu_and_the_workbench_show_it_to_who_may(visitor, visit, signed_in):
    returned = petition_of(visitor, "补发工资")
    petition_of(visitor, "修缮食堂")
    perform(petition_of(visitor, "更换灯具"), "submit", by=visitor)
    perform(returned, "submit", by=visitor)
    clerk = UserFactory()
    clerk.user_permissions.set(Permission.objects.filter(content_type__app_label="tiny"))
    perform(returned, "return", by=clerk, reason="说明金额")
    client = signed_in(visitor)
    response = client.get("/workbench/")
    shown = response.context

    assert "走访" in [item["label"] for item in shown["nav_items"]]
    assert ("走访", "/visits/") in [(act.label, url) for act, url in shown["acts"]]
    today = timezone.localdate()
    assert [(item.title, item.text) for item in shown["under_way"]] == [
        ("更换灯具", f"等待县总工会审核，自 {today} 起")
    ]
    assert "修缮食堂" in [item.title for item in shown["todo"]]
    assert [(item.title, item.reasons) for item in shown["back"]] == [("补发工资", ["说明金额"])]
    assert body(client, "/visits/") == "望谟茶业"


def test_roles_get_what_it_declares_once(township_officer, visit, signed_in, monkeypatch):
    role, view = Group.objects.get(name="乡镇工会"), Permission.objects.get(codename="view_visit")
    assert body(signed_in(township_officer), "/visits/") == "望谟茶业"

    role.permissions.remove(view)  # as an office may decide
    call_command("migrate", verbosity=0)
    assert view not in role.permissions.all()

    monkeypatch.setitem(portal.GRANTS, "乡镇工会", ("tiny.view_visit", "tiny.add_visit", "core.view_headerchoice"))
    call_command("migrate", verbosity=0)
    granted = role.permissions.values_list("codename", flat=True)
    assert {"add_visit", "view_headerchoice"} <= set(granted)
    assert "view_visit" not in granted

    monkeypatch.setitem(portal.GRANTS, "乡镇工会", ("tiny.see_visit",))
    with pytest.raises(ImproperlyConfigured, match=r"tiny\.see_visit"):
        call_command("migrate", verbosity=0)


def test_nobody_else_finds_it(officer, visit, signed_in):
    petition_of(officer, "修缮食堂")
    client = signed_in(officer)
    page = body(client, "/workbench/")

    assert [word in page for word in ('href="/visits/"', "修缮食堂")] == [False, False]
    assert client.get("/visits/").status_code == 403


def test_the_admin_and_its_sidebar_hold_it_within_the_scope(insider, outsider, visit, visitor, signed_in):
    perform(petition_of(visitor, "修缮食堂"), "submit", by=visitor)
    for name, text in (("visit", "望谟茶业"), ("petition", "修缮食堂")):
        url = reverse(f"admin:tiny_{name}_changelist")
        assert f'href="{url}"' in body(signed_in(insider), "/admin/")
        assert [text in body(signed_in(user), url) for user in (insider, outsider)] == [True, False]


def test_what_waits_stands_on_the_desk_and_in_the_sidebar(insider, visitor, signed_in):
    perform(petition_of(visitor, "修缮食堂"), "submit", by=visitor)
    perform(petition_of(visitor, "补发工资"), "submit", by=visitor)
    client = signed_in(insider)
    url = f"{reverse('admin:tiny_petition_changelist')}?state=approve"
    for address in ("/desk/", "/admin/"):
        page = client.get(address)
        waits = {one.label: (one.number, one.url) for one, _age, _tone in page.context["waiting"]}
        assert waits == {"诉求待审核": (2, url)}
        assert f'href="{url}"' in page.content.decode()
    assert client.get(url).context["cl"].result_count == 2
    entries = {
        item["title"]: item["waiting"] for group in page.context["sidebar_navigation"] for item in group["items"]
    }
    assert (entries["诉求"], entries["走访记录"]) == (2, 0)


def test_its_ledger_is_given_filtered_and_taken_back(insider, visit, signed_in):
    Visit.objects.create(union=UnionFactory(), place="别处", visited_on="2018-06")
    client = signed_in(insider)

    assert "走访台账" in body(client, "/ledgers/templates/")
    assert content_of(client.get("/ledgers/templates/visits/")).startswith(b"PK")
    assert "1 条" in body(client, "/ledgers/export/visits/?place=望谟茶业")
    batch = deliver(insider, content_of(client.post("/ledgers/export/visits/?place=望谟茶业", {})))
    assert (batch.rows, batch.unchanged, batch.new) == (1, 1, 0)


def test_its_figure_leads_to_its_rows(insider, visit, signed_in):
    client = signed_in(insider)
    page = body(client, reverse("dashboard"))
    assert "走访情况" in page
    assert reverse("figure_rows", args=["tiny.visits"]) in page
    assert "望谟茶业" in body(client, reverse("figure_rows", args=["tiny.visits"]))


def test_its_models_are_under_the_check_of_scope(monkeypatch):
    assert checks.every_model_is_scoped_or_listed(None) == []
    rest = {label: reason for label, reason in merged("UNSCOPED").items() if label != "tiny.Kind"}
    monkeypatch.setattr(checks, "merged", lambda name: rest)
    assert [error.obj for error in checks.every_model_is_scoped_or_listed(None)] == [Kind]


def test_its_slot_stands_on_the_front_page_while_it_has_rows(client, visit):
    assert "走访动态" in body(client, "/")
    assert "望谟茶业" in body(client, "/")
    Visit.objects.all().delete()
    assert "走访动态" not in body(client, "/")


def test_its_notice_hangs_on_the_public_board_masked(client, officer):
    today = timezone.localdate()
    petition = petition_of(officer, "困难救助")
    reviewer = UserFactory()
    facts = {"submitted_by": officer, "submitted_at": timezone.now(), "reviewed_by": reviewer}
    days = {"publicised_from": today, "publicised_until": today + timedelta(days=7), "publicity_days": 5}
    Petition.objects.filter(pk=petition.pk).update(state=State.PUBLICISED, reviewed_at=timezone.now(), **facts, **days)
    url = f"/notices/petition-{petition.pk}/"

    assert f'href="{url}"' in body(client, "/notices/")
    assert "困难救助" in body(client, "/")
    page = body(client, url)
    assert [text in page for text in ("杨*英", "杨秀英", "13885412345")] == [True, False, False]
    assert client.get(f"/notices/{petition.pk}/").status_code == 404


def test_its_jobs_and_rows_of_the_demo_are_known(visit):
    make = merged("DEMO")["诉求类别"]
    assert [make(), make(), Kind.objects.count()] == [True, False, 1]
    assert jobs()["count visits"]() == 1
    jobs()["forget tiny.Visit"]()
    assert not Visit.objects.exists()
