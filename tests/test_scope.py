"""Nothing of one county reaches staff of another, whatever permissions they have.

The victim's county holds a row of every model with a mark in every text. An outsider with every permission
walks each address of the admin; an insider walks the same ones and must find the mark, or the walk proves
nothing.
"""

import io
import zipfile
from itertools import product
from typing import Any

import pytest
from auditlog.models import LogEntry
from axes.models import AccessLog
from django.contrib import admin
from django.db import models
from django.urls import reverse

from awards.models import Nomination, SelectionRound, StarDimension, StarScheme
from campaigns.models import Activity
from members.models import (
    Attendance,
    Cadre,
    Member,
    Training,
    Union,
    User,
)
from pingtang_union.core.scope import ScopedModel
from pingtang_union.ledger.models import ImportBatch
from relief.models import (
    CareVisit,
    Entry,
    Fund,
    Instalment,
    NationalList,
    PaymentBatch,
    PaymentRow,
    ReliefPolicy,
    Support,
)
from tests.every_row import MARK, addresses, db, marked, snapshot  # noqa: F401  db: the rows are made once
from tests.factories import (
    AttendanceFactory,
    EventFactory,
    MemberFactory,
    TrainingFactory,
)

pytestmark = pytest.mark.usefixtures("db")
# Lists without anybody's rows: law, the names of roles, words.
NOBODYS = {
    "members.TermRule",
    "auth.Group",
    "awards.Honour",
    "core.PublicityRule",
    "proof.NumberRule",
    "workflow.Label",
    "relief.Programme",
    "relief.Group",
    "workflow.ClockRule",
    "relief.Cause",
    "relief.NationalWord",
    "relief.NationalColumn",
    "relief.PlaceKind",
    "relief.CareRule",
    "campaigns.ActivityKind",
    "campaigns.Indicator",
    "campaigns.Series",
    "campaigns.Edition",
    "campaigns.ImportRule",
}
NOBODYS |= {"pages.SiteText", "workflow.OfficePhone", "workflow.PublicFile"}  # what the office says to everyone
ADMINS = [pytest.param(model, id=model._meta.label) for model in admin.site._registry]
ROWS = [pytest.param(model, id=model._meta.label) for model in admin.site._registry if model._meta.label not in NOBODYS]


def body(response: Any) -> str:
    """What was answered, in words; of a workbook what stands in its parts."""
    if not response.streaming:
        return response.content.decode()
    with zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content))) as parts:
        return "".join(parts.read(name).decode() for name in parts.namelist())


def test_every_scoped_model_has_a_marked_row(victim):
    scoped = {model for model in admin.site._registry if issubclass(model, ScopedModel)}

    assert scoped - set(victim) == set()


@pytest.mark.parametrize("model", ROWS)
def test_insider_finds_the_mark(model, victim, insider, signed_in):
    client = signed_in(insider)
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}"

    assert MARK in body(client.get(reverse(f"{name}_changelist")))
    assert MARK in body(client.get(reverse(f"{name}_change", args=[victim[model].pk])))


@pytest.mark.parametrize("model", ADMINS)
def test_outsider_finds_nothing_at_any_address(model, victim, outsider, signed_in):
    client = signed_in(outsider)
    pk = victim[model].pk if model in victim else 1

    for address in addresses(model, pk):
        assert MARK not in body(client.get(address, follow=True)), address


@pytest.mark.parametrize("model", ROWS)
def test_outsider_changes_nothing_at_any_address(model, victim, outsider, signed_in):
    client = signed_in(outsider)
    before = snapshot()
    facts = {
        "reason": "随便写一个理由", "on": "2026-01-01", "union": victim[Union].pk, "parent": victim[Union].pk,
        "name": "改", "post": "yes", "full_name": "改", "username": "new", "groups": [1],
    }  # fmt: skip

    for address in addresses(model, victim[model].pk):
        assert MARK not in body(client.post(address, facts, follow=True)), address

    assert snapshot() == before


@pytest.mark.parametrize("model", ROWS)
def test_outsider_counts_nothing(model, victim, outsider, signed_in):
    if model in (Union, User, LogEntry, AccessLog):  # the outsider's own union, account and acts
        return
    url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")

    assert signed_in(outsider).get(url).context["cl"].result_count == 0


@pytest.mark.parametrize("model", ROWS)
def test_outsider_finds_nothing_by_filter_or_search(model, victim, outsider, signed_in):
    client = signed_in(outsider)
    url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    guesses = [{"q": MARK[:2]}, {"q": victim[Member].full_id_number}, {"_facets": "True"}]
    for field in model._meta.fields:
        target = field.remote_field.model if field.remote_field else None
        if target in victim:
            pk = victim[target].pk
            guesses += [{f"{field.name}__id__exact": pk}, {field.name: pk}, {f"{field.name}__name__startswith": "泄"}]
        elif type(field) is models.CharField:
            guesses.append({f"{field.name}__startswith": MARK[:1]})

    for guess in guesses:
        response = client.get(url, guess, follow=True)
        assert MARK not in body(response), guess


def related_fields() -> list[tuple[type[models.Model], models.Field]]:
    """Every foreign key to a scoped model, in the registered models and their inlines."""
    sources = set(admin.site._registry)
    for one in admin.site._registry.values():
        sources |= {inline.model for inline in one.inlines}
    return [
        (model, field)
        for model in sources
        for field in model._meta.fields
        if field.remote_field and issubclass(field.remote_field.model, ScopedModel)
    ]


def suggested(client: Any, model: type[models.Model], field: models.Field, term: str) -> str:
    asked = {
        "app_label": model._meta.app_label,
        "model_name": model._meta.model_name,
        "field_name": field.name,
        "term": term,
    }
    response = client.get(reverse("admin:autocomplete"), asked)
    if response.status_code != 200:
        return ""
    return str(response.json())


def test_autocomplete_stays_inside(victim, outsider, insider, signed_in):
    theirs, ours = signed_in(outsider), signed_in(insider)
    asked = list(product(related_fields(), ("", MARK)))

    assert [one for one in asked if MARK in suggested(theirs, *one[0], one[1])] == []
    found = {one[0][1].remote_field.model for one in asked if MARK in suggested(ours, *one[0], one[1])}
    assert found == {
        Activity,
        CareVisit,
        NationalList,
        Support,
        Union,
        Cadre,
        Member,
        Training,
        User,
        ImportBatch,
        SelectionRound,
        Nomination,
        StarScheme,
        StarDimension,
        Instalment,
        ReliefPolicy,
        Fund,
        PaymentBatch,
        PaymentRow,
        Entry,
    }  # events carry no text of their own


@pytest.mark.parametrize("model", [Cadre, Member, Training, Attendance, User, Union])
def test_add_form_offers_and_takes_nothing_foreign(model, victim, outsider, signed_in):
    client = signed_in(outsider)
    url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_add")
    foreign = {
        "union": victim[Union].pk,
        "training": victim[Training].pk,
        "cadre": victim[Cadre].pk,
        "parent": victim[Union].pk,
    }
    before = snapshot()

    assert MARK not in body(client.get(url, foreign))
    form = client.get(url).context["adminform"].form
    for name, pk in foreign.items():
        if name in form.fields:
            assert not form.fields[name].queryset.filter(pk=pk).exists()
    response = client.post(url, {**marked(model), **foreign, "name": "新", "username": "new1", "full_name": "新"})
    assert response.status_code == 200
    assert snapshot() == before


@pytest.mark.parametrize("model", ROWS)
def test_actions_reach_nothing_foreign(model, victim, outsider, signed_in, rf):
    client = signed_in(outsider)
    site_admin = admin.site._registry[model]
    request = rf.get("/")
    request.user = outsider
    url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    before = snapshot()

    for action, across in product(["delete_selected", *site_admin.get_actions(request)], "01"):
        data = {
            "action": action,
            "_selected_action": [victim[model].pk],
            "select_across": across,
            "post": "yes",
            "index": 0,
        }
        if model in (Union, User) and across == "1":
            continue  # would only reach the outsider's own rows
        assert MARK not in body(client.post(url, data, follow=True))

    assert snapshot() == before


def test_reveal_and_acts_answer_404(victim, outsider, signed_in):
    client = signed_in(outsider)
    member, cadre = victim[Member], victim[Cadre]
    before = LogEntry.objects.count()
    answers = {
        client.post(reverse(name, args=[pk]), {"reason": "工作需要核对", "on": "2026-01-01"}).status_code
        for name, pk in [
            ("admin:members_member_reveal", member.pk), ("admin:members_cadre_reveal", cadre.pk),
            ("admin:members_member_retain", member.pk), ("admin:members_member_leave", member.pk),
            ("admin:members_member_transfer", member.pk), ("admin:members_user_reset_password", victim[User].pk),
        ]
    }  # fmt: skip

    assert answers == {404}
    assert LogEntry.objects.count() == before


def test_inlines_and_counts_leave_out_foreign_rows(victim, outsider, insider, signed_in):
    member = MemberFactory(union=outsider.union)
    EventFactory(member=member, union=victim[Union], kind="transfer_out", reason=MARK)
    training = TrainingFactory(union=outsider.union)
    AttendanceFactory(training=training, union=victim[Union], name=MARK)
    client = signed_in(outsider)

    assert MARK not in body(client.get(reverse("admin:members_member_change", args=[member.pk])))
    assert MARK not in body(client.get(reverse("admin:members_training_change", args=[training.pk])))
    rows = client.get(reverse("admin:members_training_changelist")).context["cl"].result_list
    assert [row.attendance_count for row in rows] == [0]


def test_who_serves_no_union_sees_nothing(victim, insider, signed_in):
    insider.union = None
    insider.save()
    client = signed_in(insider)

    for model in admin.site._registry:
        url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        assert MARK not in body(client.get(url))


def test_officers_and_leaders_stay_out_of_the_admin(victim, officer, township_officer, leader, signed_in):
    for user in (officer, township_officer, leader):
        client = signed_in(user)
        for model in admin.site._registry:
            url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
            assert client.get(url).status_code == 302
