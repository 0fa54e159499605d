"""Every list of the admin asks as many questions for three rows as for one."""

from datetime import date
from urllib.parse import urlencode

import pytest
import time_machine
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.apps import apps
from django.contrib import admin
from django.contrib.admin import SimpleListFilter
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns.models import ActivityKind, Edition, ImportRule, Indicator, Series
from members.models import TermRule, Township
from pingtang_union.admin import OfferedFilter
from pingtang_union.admin.inconsistencies import InconsistencyFilter
from pingtang_union.pages.models import SiteText
from pingtang_union.proof.models import NumberRule
from pingtang_union.workflow.attention import Label
from pingtang_union.workflow.rules import PublicityRule
from pingtang_union.workflow.table import State
from relief.models import Cause, NationalColumn, NationalWord, PlaceKind
from tests import factories
from tests.awards.walk import lead
from tests.relief.walk import lead as lead_file

# What waits, for the sidebar: nominations, scorecards, activities, hardship files (transitions,
# checks), transfers, numbers, elections (with the rule), accounts,
# ledgers; of relief applied for, batches, failed payments, slips, places (two), support, early cases, files that
# nobody visited, rules of attention, the superior's remarks.
SIDEBAR = 22
# Session, account, permissions (two), then the list's own: how many there are, the rows, what hangs on them.
QUERIES = {
    "auditlog.LogEntry": 8,
    "auth.Group": 8,
    "campaigns.Activity": 11,
    "campaigns.ActivityKind": 8,
    "campaigns.Edition": 8,
    "campaigns.ImportRule": 8,
    "campaigns.Indicator": 8,
    "campaigns.Outcome": 7,
    "campaigns.Series": 8,
    "awards.Award": 10,
    "awards.Honour": 9,
    "awards.Nomination": 18,
    "awards.Scorecard": 13,
    "awards.SelectionRound": 9,
    "awards.StarDimension": 7,
    "awards.StarScheme": 7,
    "axes.AccessAttempt": 8,
    "axes.AccessFailureLog": 8,
    "axes.AccessLog": 8,
    "core.HeaderChoice": 8,
    "core.ImportBatch": 8,
    "core.ImportRow": 7,
    "core.LedgerCall": 10,
    "core.LedgerReturn": 8,
    "core.PublicityRule": 7,
    "members.Attendance": 8,
    "members.Cadre": 8,
    "members.HeldNumber": 10,
    "members.Member": 8,
    "members.MembershipEvent": 8,
    "members.NumberAlarm": 7,
    "members.TermRule": 7,
    "members.Township": 7,
    "members.Training": 8,
    "relief.CardIssue": 9,
    "relief.Grant": 12,
    "relief.Group": 8,
    "relief.Instalment": 10,
    "relief.Programme": 8,
    "members.TransferRequest": 13,
    "members.Union": 13,
    "members.User": 10,
    "relief.BankBalance": 8,
    "relief.Entry": 8,
    "relief.Fund": 8,
    "relief.PaymentBatch": 8,
    "relief.PaymentRow": 8,
    "relief.Slip": 8,
    "relief.Cause": 7,
    "relief.NationalColumn": 8,
    "relief.NationalList": 8,
    "relief.NationalRow": 8,
    "relief.NationalWord": 9,
    "relief.Household": 12,
    "relief.ReliefPolicy": 7,
    "relief.SpotDraw": 10,
    "relief.CareRule": 7,
    "relief.CareVisit": 8,
    "relief.EarlyCase": 9,
    "relief.Merchant": 9,
    "relief.PlaceKind": 7,
    "relief.ServicePoint": 10,
    "relief.Support": 8,
    "relief.SupportLine": 8,
    "workflow.ClockRule": 7,
    "workflow.Label": 7,
    "pages.SiteText": 7,
    "workflow.OfficePhone": 7,
    "workflow.PublicFile": 7,
    "proof.NumberRule": 7,
}


def add_rows(label: str, round_: int) -> None:
    """One more row for the list of `label`, with everything that it shows."""
    seen = {"username": f"u{round_}", "user_agent": "x", "path_info": "/", "ip_address": "10.0.0.1"}
    match label:
        case "core.ImportRow" | "core.ImportBatch":
            factories.RowFactory(before={"note": "x"}, batch__by=factories.UserFactory())
        case "members.Attendance" | "members.Training":
            factories.AttendanceFactory(cadre=factories.CadreFactory())
        case "relief.Grant" | "relief.CardIssue":
            (factories.GrantFactory if label == "relief.Grant" else factories.CardIssueFactory)()
        case "campaigns.Activity" | "campaigns.Outcome":
            factories.OutcomeFactory()
        case "campaigns.ActivityKind":
            ActivityKind.objects.create(name=f"第{round_}类")
        case "campaigns.Indicator":
            Indicator.objects.create(name=f"第{round_}项", unit="个")
        case "campaigns.Series" | "campaigns.Edition" | "campaigns.ImportRule":
            series = Series.objects.create(name=f"第{round_}个系列")
            Edition.objects.create(series=series, year=f"203{round_}")
            ImportRule.objects.create(words=series.name, series=series)
        case "relief.Instalment":
            factories.InstalmentFactory()
        case "core.HeaderChoice":
            factories.ChoiceFactory(chosen_by=factories.UserFactory())
        case "core.LedgerCall" | "core.LedgerReturn":
            factories.ReturnFactory(union=factories.UnionFactory(), batch__by=factories.UserFactory())
            factories.CallFactory()
        case "members.HeldNumber":
            factories.HeldNumberFactory()
        case "members.NumberAlarm":
            factories.NumberAlarmFactory()
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
        case "proof.NumberRule":
            NumberRule.objects.create(in_force_from=f"203{round_}-01-01", pattern="{年度}{流水}", document="x")
        case "pages.SiteText":
            SiteText.objects.create(kind="guide", title=f"指南{round_}", text="x")
        case "members.TermRule":
            TermRule.objects.create(in_force_from=f"203{round_}-01-01", shortest_years=3, longest_years=5, document="x")
        case "members.Township":
            federation = factories.UnionFactory()
            Township.objects.create(
                code=f"9{round_}", name=f"第{round_}镇", county=factories.county(), federation=federation
            )
        case "workflow.OfficePhone":
            factories.OfficePhoneFactory()
        case "workflow.PublicFile":
            factories.PublicFileFactory()
        case "relief.Fund" | "relief.Entry":
            factories.EntryFactory(by=factories.UserFactory())
        case "relief.BankBalance":
            factories.BankBalanceFactory()
        case "relief.PaymentBatch" | "relief.PaymentRow" | "relief.Slip":
            factories.SlipFactory(row__batch__made_by=factories.UserFactory())
        case "relief.Cause":
            Cause.objects.create(number=20 + round_, name=f"第{round_}种")
        case "relief.Household":
            lead_file(factories.HouseholdFactory(), State.SUBMITTED)
        case "relief.ReliefPolicy":
            factories.PolicyFactory(in_force_from=date(2020, 1, 1 + round_), union=factories.UnionFactory())
        case "relief.NationalList" | "relief.NationalRow":
            factories.NationalRowFactory(
                household=factories.HouseholdFactory(), verdict="remark", brought__title=f"名单{round_}.xlsx"
            )
        case "relief.NationalWord":
            NationalWord.objects.create(list="health", code=f"病{round_}", word=f"病{round_}")
        case "relief.NationalColumn":
            source = ("school", "area_band", "union")[round_ % 3]
            NationalColumn.objects.filter(kind="household", source=source).delete()
            NationalColumn.objects.create(kind="household", header=f"列{round_}", source=source)
        case "relief.SpotDraw":
            factories.SpotCheckFactory(draw__year=2020 + round_)
        case "relief.PlaceKind" | "relief.ServicePoint":
            kind = PlaceKind.objects.create(name=f"第{round_}种")
            factories.ServicePointFactory(kind=kind)
        case "relief.Merchant":
            factories.MerchantFactory()
        case "relief.Support" | "relief.SupportLine":
            paid = factories.SupportLineFactory().support
            paid.entry, paid.released_by = factories.EntryFactory(), factories.UserFactory()
            paid.save()
        case "relief.CareRule" | "relief.EarlyCase":
            factories.EarlyCaseFactory(rule__in_force_from=date(2020, 1, 1 + round_))
        case "relief.CareVisit":
            factories.CareVisitFactory()
        case "workflow.ClockRule":
            factories.ClockRuleFactory(in_force_from=date(2020, 1, 1 + round_))
        case "workflow.Label":
            Label.objects.create(name=f"第{round_}种")
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

    assert counted == [QUERIES[model._meta.label] + SIDEBAR] * 2, [one["sql"][:200] for one in captured]


@pytest.mark.parametrize("model", list(admin.site._registry), ids=lambda model: model._meta.label)
def test_counts_asked_together_are_those_asked_one_by_one(model, insider, rf):
    for round_ in (1, 2):
        add_rows(model._meta.label, round_)
    request = rf.get("/")
    request.user = insider
    changelist = admin.site._registry[model].get_changelist_instance(request)
    together = [one for one in changelist.filter_specs if "get_facet_queryset" in vars(one)]

    assert [one.get_facet_queryset(changelist) for one in together] == [
        type(one).get_facet_queryset(one, changelist) for one in together
    ]
    assert together or model._meta.label not in {"members.Union", "members.Member", "awards.Award", "awards.Nomination"}


def test_a_filter_in_force_counts_without_itself(insider, signed_in):
    factories.UnionFactory(level="grassroots")
    url = reverse("admin:members_union_changelist")
    shown = signed_in(insider).get(url, {"level__exact": "grassroots"}).context["cl"]
    [level] = [one for one in shown.filter_specs if getattr(one, "field_path", "") == "level"]
    assert shown.params["level__exact"]
    assert sum(level.get_facet_queryset(shown).values()) > shown.result_count


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

    assert counted == [9 + SIDEBAR] * 2


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

    assert counted == [11 + SIDEBAR] * 2


@pytest.mark.parametrize(
    ("query", "count"),
    [({}, 1), ({"at_from_0": "2026-03-05"}, 1), ({"at_from_0": "2026-03-06"}, 0), ({"at_to_0": "2026/03/05"}, 1),
     ({"at_to_0": "2026-03-05", "at_to_1": "09:59:00"}, 0), ({"at_from_0": "2026-03-05", "at_from_1": "10:00:00"}, 1)],
)  # fmt: skip
def test_points_in_time_are_local(query, count, insider, signed_in):
    with time_machine.travel("2026-03-05 10:00+08:00", tick=False):
        factories.BatchFactory(union=factories.county())
    url = f"{reverse('admin:core_importbatch_changelist')}?{urlencode(query)}"

    assert signed_in(insider).get(url).context["cl"].result_count == count


def _filters() -> list[tuple[str, type[OfferedFilter]]]:
    return [
        (model._meta.label, one)
        for model, model_admin in admin.site._registry.items()
        for one in (
            *model_admin.list_filter,
            *([InconsistencyFilter] if getattr(model_admin, "inconsistencies", ()) else []),
        )
        if isinstance(one, type) and issubclass(one, SimpleListFilter)
    ]


@pytest.mark.parametrize(("label", "kind"), _filters())
def test_a_value_that_a_filter_does_not_offer_shows_nothing(label, kind, insider, signed_in):
    """Also where it has nothing at all to offer: never every row."""
    assert issubclass(kind, OfferedFilter)
    model = apps.get_model(label)
    client, url = signed_in(insider), reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")

    for value in ("nonsense", "999999", "²"):
        shown = client.get(url, {kind.parameter_name: value})
        assert shown.status_code == 200
        assert shown.context["cl"].queryset.query.is_empty()
