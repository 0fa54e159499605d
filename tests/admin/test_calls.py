"""County staff's pages on calls for ledgers, what was returned, and what headers mean."""

from datetime import timedelta

import pytest
import time_machine
from auditlog.models import LogEntry
from django.urls import reverse
from django.utils import timezone

from members.models import Union
from pingtang_union.ledger.models import HeaderChoice, LedgerCall
from tests.factories import (
    BatchFactory,
    CallFactory,
    ChoiceFactory,
    ReturnFactory,
    RowFactory,
    UnionFactory,
    UserFactory,
    county,
)

pytestmark = pytest.mark.django_db
ROSTER = "会员花名册"


def call_form(**facts) -> dict[str, str]:
    day = timezone.localdate()
    return {
        "title": "报送会员花名册",
        "ledger": ROSTER,
        "union": str(county().pk),
        "opened_on": day.isoformat(),
        "due_on": (day + timedelta(days=9)).isoformat(),
        "closed_on": "",
        "document_number": "",
        "note": "",
    } | facts


# --- Calls ---------------------------------------------------------------------------------


def test_a_clerk_opens_a_call_and_ends_it(county_clerk, signed_in):
    client = signed_in(county_clerk)
    url = reverse("admin:core_ledgercall_add")
    form = client.get(url).context["adminform"].form
    assert str(form["union"].value()) == str(county().pk)
    assert ROSTER in dict(form.fields["ledger"].choices)
    assert client.post(url, call_form()).status_code == 302
    call = LedgerCall.objects.get()
    assert (call.title, call.ledger, call.union) == ("报送会员花名册", ROSTER, county())
    today = timezone.localdate().isoformat()
    change = reverse("admin:core_ledgercall_change", args=[call.pk])
    assert client.post(change, call_form(closed_on=today)).status_code == 302
    call.refresh_from_db()
    assert call.closed_on == timezone.localdate()
    assert LogEntry.objects.get_for_object(call).filter(actor=county_clerk).count() == 2


@pytest.mark.parametrize(
    ("wrong", "field", "said"),
    [
        ({"ledger": "别的表"}, "ledger", "请重新选择。"),
        ({"due_on": "2018-01-01"}, "__all__", "截止日期不能早于开始日期。"),
    ],
)
def test_a_call_that_makes_no_sense_is_refused(wrong, field, said, county_clerk, signed_in):
    response = signed_in(county_clerk).post(reverse("admin:core_ledgercall_add"), call_form(**wrong))
    errors = response.context["adminform"].form.errors
    assert [text[-len(said) :] for text in errors[field]] == [said]
    assert not LedgerCall.objects.exists()


def test_the_list_counts_and_each_number_leads_to_its_unions(county_clerk, grassroots, signed_in):
    missing = UnionFactory(name="没报的工会")
    ReturnFactory(union=grassroots)
    call = CallFactory()
    client = signed_in(county_clerk)
    listed = client.get(reverse("admin:core_ledgercall_changelist"))
    [row] = listed.context["cl"].result_list
    assert (row.tally.asked, row.tally.returned) == (2, 1)
    for show, unions in (("all", {grassroots, missing}), ("returned", {grassroots}), ("missing", {missing})):
        url = f"{reverse('ledger_call', args=[call.pk])}?show={show}"
        assert url in listed.content.decode().replace("&amp;", "&")
        assert set(client.get(url).context["page_obj"].object_list) == unions


def test_a_call_from_above_is_to_read(signed_in):
    """A prefecture's call reaches its counties, whose clerks can't change it."""
    prefecture = Union.objects.add_root(instance=Union(name="黔南州总工会", level="prefecture"))
    below = Union.objects.add_child(prefecture, instance=Union(name="罗甸县总工会", level="county"))
    clerk = UserFactory(union=below, roles=("县总工会组织",))
    call = CallFactory(union=prefecture, title="全州报送")
    client = signed_in(clerk)
    url = reverse("admin:core_ledgercall_change", args=[call.pk])
    page = client.get(url)
    assert (page.status_code, page.context["has_change_permission"]) == (200, False)
    assert client.post(url, call_form(title="改掉")).status_code == 403
    call.refresh_from_db()
    assert call.title == "全州报送"


# --- Returns -------------------------------------------------------------------------------


def test_returns_are_found_by_ledger_and_never_changed(county_clerk, signed_in):
    mine = ReturnFactory()
    ReturnFactory(ledger="工会干部花名册")
    client = signed_in(county_clerk)
    listed = client.get(reverse("admin:core_ledgerreturn_changelist"), {"ledger": ROSTER})
    assert list(listed.context["cl"].result_list) == [mine]
    page = client.get(reverse("admin:core_ledgerreturn_change", args=[mine.pk]))
    assert (page.status_code, page.context["has_change_permission"]) == (200, False)
    assert client.get(reverse("admin:core_ledgerreturn_add")).status_code == 403


# --- Headers -------------------------------------------------------------------------------


def test_a_header_is_corrected_by_whoever_does_it(county_clerk, signed_in):
    choice = ChoiceFactory(header="手机号", column="card_number", chosen_by=UserFactory())
    client = signed_in(county_clerk)
    url = reverse("admin:core_headerchoice_change", args=[choice.pk])
    offered = dict(client.get(url).context["adminform"].form.fields["column"].choices)
    assert (offered[""], offered["phone"]) == ("不导入这一列", "移动电话")
    assert client.post(url, {"column": "phone"}).status_code == 302
    choice.refresh_from_db()
    assert (choice.column, choice.chosen_by, choice.header) == ("phone", county_clerk, "手机号")
    assert client.post(url, {"column": "没有的列"}).status_code == 200
    choice.refresh_from_db()
    assert choice.column == "phone"


def test_a_header_is_forgotten_only_with_the_permission(county_clerk, signed_in):
    choice = ChoiceFactory()
    url = reverse("admin:core_headerchoice_delete", args=[choice.pk])
    reader = UserFactory(roles=("县总工会帮扶",))
    assert signed_in(reader).post(url, {"post": "yes"}).status_code == 403
    assert signed_in(county_clerk).post(url, {"post": "yes"}).status_code == 302
    assert not HeaderChoice.objects.exists()


# --- Batches -------------------------------------------------------------------------------


def test_a_batch_leads_to_its_page_in_the_portal(county_clerk, signed_in):
    batch = BatchFactory(state="ready", new=1, by=county_clerk)
    client = signed_in(county_clerk)
    url = reverse("ledger_batch", args=[batch.pk])
    for page in (
        client.get(reverse("admin:core_importbatch_changelist")),
        client.get(reverse("admin:core_importbatch_change", args=[batch.pk])),
    ):
        assert [text in page.content.decode() for text in (url, "查看并确认", "等待确认")] == [True] * 3


def test_the_list_says_how_many_batches_when_and_which_were_undone(county_clerk, signed_in):
    with time_machine.travel("2026-03-05 10:00+08:00", tick=False):
        undone, _kept = BatchFactory(file_name="错的.xlsx"), BatchFactory(file_name="<对的>.xlsx")
    BatchFactory(file_name="撤销.xlsx", kind="undo", undoes=undone, reason="传错了文件")
    page = signed_in(county_clerk).get(reverse("admin:core_importbatch_changelist")).content.decode()

    assert "<s>错的.xlsx</s>" in page
    assert page.count("<s>") == 1
    assert "&lt;对的&gt;.xlsx" in page
    assert page.count("2026-03-05 10:00") == 2
    assert "共 <strong>3</strong> 批" in page


def test_an_undoing_counts_what_it_did(county_clerk, signed_in):
    undone = BatchFactory(rows=2, new=2)
    undoing = BatchFactory(kind="undo", undoes=undone, reason="传错了文件", rows=2)
    for verdict in ("removed", "kept"):
        RowFactory(batch=undoing, verdict=verdict)
    RowFactory(batch=undone, verdict="kept")
    client = signed_in(county_clerk)
    page = client.get(reverse("admin:core_importbatch_change", args=[undoing.pk])).content.decode()
    assert [text in page for text in ("恢复原值 0 条", "删除 1 条", "保留 1 条", "传错了文件")] == [True] * 4
    rows = client.get(
        reverse("admin:core_importrow_changelist"), {"batch__id__exact": undoing.pk, "verdict__exact": "kept"}
    )
    assert rows.context["cl"].result_count == 1


def test_a_word_without_a_file_has_no_rows_to_lead_to(county_clerk, signed_in):
    batch = BatchFactory(kind="confirm", rows=412, unchanged=412)
    page = signed_in(county_clerk).get(reverse("admin:core_importbatch_change", args=[batch.pk])).content.decode()
    assert "412 条记录和实际情况一样" in page
    assert reverse("admin:core_importrow_changelist") + "?batch" not in page
