"""Officers' pages of members: own rows only, acts with a day and a reason, the full number for a reason."""

import pytest
from auditlog.models import LogEntry
from django.urls import reverse

from members import roles, services
from members.models import Member, MembershipEvent
from tests.factories import MemberFactory, UnionFactory, UserFactory, id_number
from tests.page_helpers import errors, filled, listed, routes

pytestmark = pytest.mark.django_db

LIST, NEW = "/members/", "/members/new/"
WRONG_NUMBER = "522727198511259936"


def page(member: Member, action: str = "detail", *args) -> str:
    return reverse(f"members:member_{action}", args=[member.pk, *args])


def act(member: Member, kind: str, on: str, reason: str = "") -> MembershipEvent:
    return services.record_event(member=member, kind=kind, on=on, reason=reason, by=None)


def state(member: Member) -> tuple:
    return Member.objects.values_list("union__name", "status", "joined_on").get(pk=member.pk)


def said(response) -> list[str]:
    return [str(message) for message in response.context["messages"]]


@pytest.fixture
def member(grassroots) -> Member:
    """A member of the officer's own union."""
    return MemberFactory(union=grassroots, name="石梅", joined_on="2015-06", phone="19000010002")


@pytest.fixture
def other(db) -> Member:
    """A member of a union that no officer of these tests sees, with an act and a request."""
    union = UnionFactory(name="别处泄密工会")
    other = MemberFactory(union=union, name="别处泄密人", phone="19000010001", card_number="9900001")
    act(other, "retain", "2020-03", "别处泄密原因")
    asker = UserFactory(roles=(roles.ORGANISATION,))
    services.request_transfer(
        member=other, to=UnionFactory(name="别处另一工会"), on="2026-05", reason="别处泄密申请", by=asker
    )
    return other


# --- Who may -------------------------------------------------------------------------------


def addresses(member: Member) -> list[str]:
    """Every address of members, acts and transfers that names a record, for this member's records."""
    found = []
    keys = {
        "member": member.pk,
        "event": member.events.standing().last().pk,
        "transfer": member.transfer_requests.values_list("pk", flat=True).first(),
    }
    for name in routes("members.urls", tuple(f"{key}_" for key in keys)):
        key = keys[name.split(":")[1].split("_")[0]]
        if name == "members:member_act":
            found += [reverse(name, args=[key, one]) for one in ("retain", "restore", "leave", "expel", "death")]
        elif not name.endswith(("_list", "_create", "_transfer_in", "_by_number")):
            found.append(reverse(name, args=[key]))
    return found


def test_the_walk_reaches_every_page_with_a_record(other):
    assert len(addresses(other)) == 13


def test_leaders_have_no_records(signed_in, leader, other):
    client = signed_in(leader)
    pages = [LIST, NEW, "/members/transfer-in/", "/members/by-number/", "/transfers/", *addresses(other)]

    assert {client.get(address).status_code for address in pages} == {403}
    assert {client.post(address, {"reason": "为了看看"}).status_code for address in pages} <= {403, 405}


def test_who_only_reads_is_offered_no_writing(signed_in, grassroots, member):
    client = signed_in(UserFactory(union=grassroots, roles=(roles.ECONOMY,)))
    shown = client.get(page(member)).context

    assert (shown["update_url"], shown["reveal_url"], shown["acts"]) == ("", "", [])
    assert [(line.may_correct, line.may_cancel) for line in shown["lines"]] == [(False, False)]
    event = member.events.get()
    refused = [NEW, page(member, "update"), page(member, "reveal"), page(member, "act", "leave")]
    refused += [reverse("members:event_correct", args=[event.pk]), reverse("members:event_cancel", args=[event.pk])]
    assert {client.get(address).status_code for address in refused} == {403}


# --- The list ------------------------------------------------------------------------------


def test_the_list_holds_own_members_with_masked_numbers(signed_in, officer, member, other):
    response = signed_in(officer).get(LIST)
    text = response.content.decode()
    number = member.full_id_number

    assert listed(response) == ["石梅"]
    assert (number in text, f"{number[:6]}{'*' * 10}{number[-2:]}" in text) == (False, True)
    assert "别处" not in text
    assert response.context["page_obj"].paginator.count == 1


@pytest.mark.parametrize("field", ["name", "phone", "card_number"])
def test_search_finds_own_rows_only(signed_in, county_clerk, officer, member, other, field):
    member.card_number = "8800001"
    member.save()

    assert listed(signed_in(officer).get(LIST, {"q": getattr(member, field)})) == ["石梅"]
    assert listed(signed_in(officer).get(LIST, {"q": getattr(other, field)})) == []
    assert listed(signed_in(county_clerk).get(LIST, {"q": getattr(other, field)})) == ["别处泄密人"]


def test_filters(signed_in, township_officer, township, grassroots, member, other):
    second = UnionFactory(parent=township)
    left = MemberFactory(union=second, name="离会的", gender="2", is_migrant=True, new_form="courier")
    act(left, "leave", "2024-01", "辞职")
    client = signed_in(township_officer)

    def names(**conditions) -> list[str]:
        return listed(client.get(LIST, conditions))

    assert names() == ["石梅", "离会的"]
    assert names(union=second.pk) == ["离会的"]
    assert names(union=township.pk) == ["石梅", "离会的"]
    assert names(union=other.union_id) == []
    assert (
        names(status="left") == names(gender="2") == names(is_migrant="yes") == names(new_form="courier") == ["离会的"]
    )
    assert names(is_migrant="no") == []
    assert names(status="nonsense") == []
    offered = client.get(LIST).context["filterset"].form.fields["union"].queryset
    assert set(offered) == {township, grassroots, second}


def test_who_keeps_one_union_is_not_asked_which(signed_in, officer, member, other):
    client = signed_in(officer)

    assert "union" not in client.get(LIST).context["filterset"].form.fields
    assert listed(client.get(LIST, {"union": other.union_id})) == []


def test_no_condition_holds_a_number(signed_in, officer, member):
    response = signed_in(officer).get(LIST, {"q": member.full_id_number}, follow=True)

    assert response.context["filterset"].conditions() == ""
    assert member.full_id_number not in response.content.decode()


def test_the_list_asks_the_same_questions_of_one_member_and_of_three(
    signed_in, township_officer, township, member, django_assert_num_queries
):
    client = signed_in(township_officer)
    client.get(LIST)
    with django_assert_num_queries(11) as first:
        client.get(LIST)
    for _ in range(2):
        MemberFactory(union=UnionFactory(parent=township))
    with django_assert_num_queries(len(first)):
        client.get(LIST)


# --- Registering ---------------------------------------------------------------------------


def test_a_new_member_is_the_row_and_the_joining(signed_in, officer, grassroots):
    client = signed_in(officer)
    form = client.get(NEW)
    assert "union" not in form.context["form"].fields
    number = id_number("19851125")

    response = client.post(NEW, filled(form, name="韦 明", id_number=number, joined_on="2021年6月"), follow=True)

    member = Member.objects.get()
    assert (member.name, member.union, member.full_id_number) == ("韦明", grassroots, number)
    assert (member.status, member.joined_on, member.born_on) == ("active", "2021-06", "1985-11-25")
    assert list(member.events.values_list("kind", "on", "recorded_by")) == [("join", "2021-06", officer.pk)]
    assert said(response) == ["已登记韦明入会。"]
    assert number not in str(list(LogEntry.objects.values_list("changes", flat=True)))


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ({"name": ""}, {"name": ["此项必填。"]}),
        ({"id_number": ""}, {"id_number": ["此项必填。"]}),
        ({"id_number": WRONG_NUMBER}, {"id_number": ["校验码不对（有一位或几位写错了），请对照身份证重填。"]}),
        ({"joined_on": ""}, {"joined_on": ["此项必填。"]}),
        ({"joined_on": "1979"}, {"joined_on": ["入会时间不能早于出生日期。"]}),
    ],
)
def test_what_is_wrong_is_said_at_its_field(signed_in, officer, wrong, expected):
    client = signed_in(officer)
    data = {"name": "韦明", "id_number": id_number(), "joined_on": "2020", **wrong}

    assert errors(client.post(NEW, filled(client.get(NEW), **data))) == expected
    assert Member.objects.count() == 0


def test_a_township_registers_at_unions_that_have_members(signed_in, township_officer, grassroots, other):
    UnionFactory(parent=grassroots.__class__.objects.get(path=grassroots.parent_path), status="dissolved",
                 dissolved_on="2020")  # fmt: skip
    client = signed_in(township_officer)
    form = client.get(NEW)

    assert list(form.context["form"].fields["union"].queryset) == [grassroots]
    data = filled(form, name="韦明", id_number=id_number(), joined_on="2020")
    for union in (other.union_id, township_officer.union_id):
        assert list(errors(client.post(NEW, {**data, "union": union}))) == ["union"]
    client.post(NEW, {**data, "union": grassroots.pk})
    assert Member.objects.get(name="韦明").union == grassroots


def test_a_federation_without_unions_below_registers_nobody(signed_in, township_officer):
    client = signed_in(township_officer)
    data = filled(client.get(NEW), name="韦明", id_number=id_number(), joined_on="2020")

    assert "不直接登记会员" in errors(client.post(NEW, data))["__all__"][0]
    assert Member.objects.count() == 0


def test_a_number_known_elsewhere_leads_to_the_transfer_without_standing_in_an_address(signed_in, officer, other):
    client = signed_in(officer)
    data = filled(client.get(NEW), name="别处泄密人", id_number=other.full_id_number, joined_on="2020")

    response = client.post(NEW, data)

    assert list(errors(response)) == ["id_number"]
    assert response.context["transfer_url"] == "/members/transfer-in/"
    carried = response.context["carried"]
    assert (carried["name"], carried["id_number"]) == ("别处泄密人", other.full_id_number)
    for secret in ("别处泄密工会", other.phone, page(other)):
        assert secret not in response.content.decode()
    there = client.post(response.context["transfer_url"], {**carried, "carried": "1"})
    assert there.context["form"]["id_number"].value() == other.full_id_number
    assert not there.context["form"].errors
    assert Member.objects.count() == 1


def test_a_number_known_here_leads_to_the_record(signed_in, officer, member):
    client = signed_in(officer)
    data = filled(client.get(NEW), name="石梅", id_number=member.full_id_number, joined_on="2020")

    assert client.post(NEW, data).context["known_url"] == page(member)


# --- Facts ---------------------------------------------------------------------------------


def test_facts_are_edited_and_what_follows_from_acts_is_not(signed_in, officer, member, other):
    client = signed_in(officer)
    form = client.get(page(member, "update"))
    assert {"union", "status", "joined_on"} & set(form.context["form"].fields) == set()

    data = filled(form, employer="金盆小学", union=other.union_id, status="left", joined_on="1999")
    assert client.post(page(member, "update"), data).status_code == 302

    assert Member.objects.get(pk=member.pk).employer == "金盆小学"
    assert state(member) == (officer.union.name, "active", "2015-06")


def test_a_number_is_corrected_with_a_trace_and_never_to_anothers(signed_in, officer, member, other):
    client = signed_in(officer)
    old, new = member.full_id_number, id_number("19900307")
    form = client.get(page(member, "update"))
    taken = client.post(page(member, "update"), filled(form, id_number=other.full_id_number))
    assert list(errors(taken)) == ["id_number"]
    assert "别处" not in taken.content.decode()

    assert client.post(page(member, "update"), filled(form, id_number=new, born_on="", gender="")).status_code == 302

    assert Member.objects.get(pk=member.pk).full_id_number == new
    entry = LogEntry.objects.get_for_object(member).filter(action=LogEntry.Action.UPDATE).latest("pk")
    assert entry.actor == officer
    assert "id_number" in entry.changes
    assert [secret in str(entry.changes) for secret in (old, new)] == [False, False]


# --- The full number -----------------------------------------------------------------------


def test_the_full_number_is_shown_once_for_a_reason(signed_in, officer, member):
    client = signed_in(officer)
    number, address = member.full_id_number, page(member, "reveal")
    for text in (client.get(page(member)), client.get(address), client.post(address, {"reason": "看看"})):
        assert number not in text.content.decode()
    assert LogEntry.objects.filter(action=LogEntry.Action.ACCESS).count() == 0

    shown = client.post(address, {"reason": "核对困难建档材料"})

    assert number in shown.content.decode()
    assert "no-store" in shown.headers["Cache-Control"]
    entry = LogEntry.objects.get(action=LogEntry.Action.ACCESS)
    assert (entry.actor, entry.object_pk, entry.additional_data) == (
        officer, str(member.pk), {"reason": "核对困难建档材料"},
    )  # fmt: skip


def test_a_township_reads_numbers_masked_and_births_by_the_year(signed_in, township_officer, member):
    Member.objects.filter(pk=member.pk).update(born_on="1980-01-01")
    client = signed_in(township_officer)
    response = client.get(page(member))

    assert response.context["reveal_url"] == ""
    facts = {fact.label: fact.text for _heading, lines in response.context["sections"] for fact in lines}
    assert facts["出生日期"] == "1980年"
    assert client.post(page(member, "reveal"), {"reason": "核对困难建档材料"}).status_code == 403
