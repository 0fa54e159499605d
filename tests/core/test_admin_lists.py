"""Every list of the admin asks as many questions for three rows as for one."""

import pytest
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from members.models import TermRule
from pingtang_union.core.models import PublicityRule
from pingtang_union.core.workflow import State
from tests import factories
from tests.awards.walk import lead

# Session, account, permissions (two), then the list's own: how many there are, the rows, what hangs on them.
QUERIES = {
    "auditlog.LogEntry": 8,
    "auth.Group": 8,
    "awards.Award": 9,
    "awards.Honour": 8,
    "awards.Nomination": 11,
    "awards.Scorecard": 10,
    "awards.SelectionRound": 8,
    "awards.StarDimension": 7,
    "awards.StarScheme": 7,
    "axes.AccessAttempt": 8,
    "axes.AccessFailureLog": 8,
    "axes.AccessLog": 8,
    "core.HeaderChoice": 7,
    "core.ImportBatch": 7,
    "core.ImportRow": 7,
    "core.LedgerCall": 9,
    "core.LedgerReturn": 7,
    "core.PublicityRule": 7,
    "members.Attendance": 7,
    "members.Cadre": 7,
    "members.Member": 7,
    "members.MembershipEvent": 7,
    "members.TermRule": 7,
    "members.Training": 7,
    "members.TransferRequest": 7,
    "members.Union": 9,
    "members.User": 9,
}


def add_rows(label: str, round_: int) -> None:
    """One more row for the list of `label`, with everything that it shows."""
    seen = {"username": f"u{round_}", "user_agent": "x", "path_info": "/", "ip_address": "10.0.0.1"}
    match label:
        case "core.ImportRow" | "core.ImportBatch":
            factories.RowFactory(before={"note": "x"}, batch__by=factories.UserFactory())
        case "members.Attendance" | "members.Training":
            factories.AttendanceFactory(cadre=factories.CadreFactory())
        case "core.HeaderChoice":
            factories.ChoiceFactory(chosen_by=factories.UserFactory())
        case "core.LedgerCall" | "core.LedgerReturn":
            factories.ReturnFactory(union=factories.UnionFactory(), batch__by=factories.UserFactory())
            factories.CallFactory()
        case "members.TransferRequest":
            factories.TransferRequestFactory()
        case "members.Cadre":
            factories.CadreFactory()
        case "members.Member" | "members.MembershipEvent" | "members.Union" | "auditlog.LogEntry":
            factories.EventFactory(recorded_by=factories.UserFactory())
        case "awards.Nomination" | "awards.SelectionRound":
            lead(factories.NominationFactory(round=factories.RoundFactory(needs_recommendation=False)), State.SUBMITTED)
        case "awards.Award" | "awards.Honour":
            factories.AwardFactory(honour=factories.HonourFactory(below=factories.honour("county.pacesetter")))
        case "awards.Scorecard":
            factories.ScorecardFactory()
        case "awards.StarScheme" | "awards.StarDimension":
            factories.StarItemFactory()
        case "core.PublicityRule":
            PublicityRule.objects.create(in_force_from=f"203{round_}-01-01", working_days=5, document="x")
        case "members.TermRule":
            TermRule.objects.create(in_force_from=f"203{round_}-01-01", shortest_years=3, longest_years=5, document="x")
        case "members.User" | "auth.Group":
            factories.UserFactory(roles=("领导",))
        case "axes.AccessAttempt":
            AccessAttempt.objects.create(failures_since_start=1, get_data="", post_data="", **seen)
        case "axes.AccessLog":
            AccessLog.objects.create(**seen)
        case "axes.AccessFailureLog":
            AccessFailureLog.objects.create(**seen)


@pytest.mark.parametrize("model", list(admin.site._registry), ids=lambda model: model._meta.label)
def test_list_queries_stay_the_same(model, insider, signed_in):
    url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    client = signed_in(insider)
    counted = []
    add_rows(model._meta.label, 0)
    client.get(url)  # fills the caches of content types
    for round_ in (1, 2):
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url).status_code == 200
        counted.append(len(captured))
        add_rows(model._meta.label, 2 * round_)
        add_rows(model._meta.label, 2 * round_ + 1)

    assert counted == [QUERIES[model._meta.label]] * 2, [one["sql"][:200] for one in captured]


def test_a_members_page_asks_as_much_for_many_events(insider, signed_in):
    event = factories.EventFactory(recorded_by=factories.UserFactory())
    url = reverse("admin:members_member_change", args=[event.member_id])
    client = signed_in(insider)
    client.get(url)
    counted = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as captured:
            client.get(url)
        counted.append(len(captured))
        factories.EventFactory(member=event.member, union=factories.UnionFactory(), recorded_by=factories.UserFactory())

    assert counted == [9, 9]


def test_an_objects_history_asks_as_much_for_many_changes(insider, signed_in):
    member = factories.MemberFactory()
    url = reverse("admin:members_member_history", args=[member.pk])
    factories.RowFactory(model="members.Member", object_id=member.pk, verdict="changed", before={"phone": "1"})
    client = signed_in(insider)
    client.get(url)
    counted = []
    for phone in ("13800000001", "13800000002"):
        with CaptureQueriesContext(connection) as captured:
            client.get(url)
        counted.append(len(captured))
        member.phone = phone
        member.save()
        factories.RowFactory(model="members.Member", object_id=member.pk, verdict="changed", before={"phone": phone})

    assert counted == [11, 11]
