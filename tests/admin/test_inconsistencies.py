"""Records that contradict others: found by what each admin declares, counted, one click from exactly those rows."""

from io import StringIO

import pytest
from django.contrib.admin import site
from django.core.management import call_command
from django.urls import reverse

from awards.models import Award, Nomination
from members.models import Cadre, Member, Union
from pingtang_union.workflow.table import State
from relief.models import Grant
from tests.awards.walk import lead
from tests.factories import (
    CadreFactory,
    GrantFactory,
    InstalmentFactory,
    MemberFactory,
    NominationFactory,
    UnionFactory,
)

pytestmark = pytest.mark.usefixtures("enable_db")


def dissolve(union):
    Union.objects.filter(pk=union.pk).update(status="dissolved", dissolved_on="2026-01")


def wrong_events():
    member = MemberFactory()
    Member.objects.filter(pk=member.pk).update(status="left")
    return member


def wrong_place():
    member = MemberFactory()
    Member.objects.filter(pk=member.pk).update(union=UnionFactory())
    return member


def member_of_dissolved():
    member = MemberFactory()
    dissolve(member.union)
    return member


def member_of_federation():
    return MemberFactory(union=UnionFactory(level="township"))


def wrong_roster():
    member = MemberFactory()
    Union.objects.filter(pk=member.union_id).update(members_total=5)
    return member.union


def below_dissolved():
    superior = UnionFactory(level="township")
    union = UnionFactory(parent=superior)
    dissolve(superior)
    return union


def cadre_of_dissolved():
    cadre = CadreFactory()
    dissolve(cadre.union)
    return cadre


def decided_without_award():
    nomination = lead(NominationFactory(), State.DECIDED)
    Award.objects.all().delete()
    return nomination


def wrong_step():
    nomination = lead(NominationFactory(), State.SUBMITTED)
    Nomination.objects.filter(pk=nomination.pk).update(state=State.DRAFT)
    return nomination


def wrong_plan():
    return GrantFactory(plan=InstalmentFactory(edition="2016"))


BROKEN = [
    (Grant, "plan", wrong_plan),
    (Member, "events", wrong_events),
    (Member, "events", wrong_place),
    (Member, "dissolved", member_of_dissolved),
    (Member, "federation", member_of_federation),
    (Union, "roster", wrong_roster),
    (Union, "superior", below_dissolved),
    (Cadre, "dissolved", cadre_of_dissolved),
    (Nomination, "award", decided_without_award),
    (Nomination, "last_step", wrong_step),
]


def page(client) -> dict[str, int]:
    found = client.get(reverse("record_checks")).context["counts"]
    return {count.url: count.number for count in found}


@pytest.mark.parametrize(("model", "slug", "build"), BROKEN)
def test_what_contradicts_is_counted_and_listed(model, slug, build, insider, outsider, signed_in):
    MemberFactory(), CadreFactory(), lead(NominationFactory(), State.SUBMITTED)  # nothing wrong with these
    wrong = build()
    url = f"{reverse(f'admin:{model._meta.app_label}_{model._meta.model_name}_changelist')}?check={slug}"

    assert {at: number for at, number in page(signed_in(insider)).items() if at == url} == {url: 1}
    assert [row.pk for row in signed_in(insider).get(url).context["cl"].result_list] == [wrong.pk]
    assert set(page(signed_in(outsider)).values()) == {0}
    assert list(signed_in(outsider).get(url).context["cl"].result_list) == []


def test_every_declared_one_is_tried_here():
    declared = {
        (model, one.slug)
        for model, model_admin in site._registry.items()
        for one in getattr(model_admin, "inconsistencies", ())
    }
    assert {(model, slug) for model, slug, _build in BROKEN} == declared


def test_sound_records_and_roles(county_clerk, awards_clerk, officer, auditor, signed_in):
    MemberFactory(), CadreFactory(), lead(NominationFactory(), State.SUBMITTED)

    assert set(page(signed_in(county_clerk)).values()) == {0}
    assert {at.split("/")[2] for at in page(signed_in(awards_clerk))} <= {"awards", "members"}
    assert signed_in(officer).get(reverse("record_checks")).status_code == 302
    assert {at.split("/")[2] for at in page(signed_in(auditor))} <= {"relief"}  # whose records it reads


def test_command():
    MemberFactory()
    said = StringIO()
    call_command("check_records", stdout=said)
    assert "会员　会籍状态或所在工会与会籍事项不符：0" in said.getvalue()

    wrong_events()
    with pytest.raises(SystemExit, match="1"):
        call_command("check_records", stdout=said)
    assert "会员　会籍状态或所在工会与会籍事项不符：1" in said.getvalue()
