"""Members in the admin: joining, acts, full numbers."""

import pytest
from auditlog.models import LogEntry
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse

from members import roles, services
from members.models import Cadre, Member, MembershipEvent
from pingtang_union.core.exceptions import DomainError
from tests.factories import CadreFactory, EventFactory, MemberFactory, UnionFactory, UserFactory, id_number

pytestmark = pytest.mark.django_db
BLANKS = dict.fromkeys(
    ["gender", "ethnicity", "born_on", "phone", "card_number", "team", "employer", "contract", "employment",
     "is_migrant", "new_form", "skill", "education", "political", "household", "household_place", "native_place",
     "note"], "",
)  # fmt: skip
NO_INLINE = {"events-TOTAL_FORMS": 0, "events-INITIAL_FORMS": 0}


def posted(**values) -> dict[str, object]:
    return {**BLANKS, **NO_INLINE, "name": "石云", "id_type": "resident", **values}


def page_of(member, name: str = "change") -> str:
    return reverse(f"admin:members_member_{name}", args=[member.pk])


def errors(response) -> str:
    return str(response.context["adminform"].form.errors)


@pytest.fixture
def clerk(county_clerk, signed_in):
    return signed_in(county_clerk)


def test_adding_is_row_and_joining(clerk, county_clerk):
    union, number = UnionFactory(), id_number()

    response = clerk.post(reverse("admin:members_member_add"),
                          posted(union=union.pk, id_number=number, joined_on="2018.03"))  # fmt: skip

    assert response.status_code == 302
    member = Member.objects.get()
    assert (member.union, member.status, member.joined_on) == (union, "active", "2018-03")
    assert member.full_id_number == number
    assert [(event.kind, event.recorded_by) for event in member.events.all()] == [("join", county_clerk)]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"id_number": "522727198001010011"}, "校验码不对"),
        ({"id_number": ""}, "此项必填"),
        ({"joined_on": "去年"}, "日期"),
        ({"born_on": "2019", "joined_on": "2018"}, "入会时间不能早于出生日期"),
    ],
)
def test_adding_says_what_is_wrong(values, said, clerk):
    data = posted(union=UnionFactory().pk, id_number=id_number(), joined_on="2018")

    response = clerk.post(reverse("admin:members_member_add"), {**data, **values})

    assert said in errors(response)
    assert not Member.objects.exists()


@pytest.mark.parametrize("has_left", [True, False])
def test_a_known_number_is_refused_in_the_form(has_left, clerk):
    number = id_number()
    member = MemberFactory(id_number=number)
    if has_left:
        clerk.post(page_of(member, "leave"), {"on": "2024-01", "reason": "辞职"})

    response = clerk.post(reverse("admin:members_member_add"),
                          posted(union=UnionFactory().pk, id_number=number, joined_on="2020"))  # fmt: skip

    assert "请办理转会" in errors(response)
    assert Member.objects.count() == 1


@pytest.mark.parametrize(
    ("error", "said"),
    [(DomainError("服务不同意。"), "服务不同意。"), (IntegrityError("UNIQUE"), "没有保存：内容与别人刚登记的记录冲突")],
)
def test_a_refusal_after_the_form_reaches_the_clerk(error, said, clerk, monkeypatch):
    def refuse(**facts):
        raise error

    monkeypatch.setattr(services, "add_member", refuse)
    data = posted(union=UnionFactory().pk, id_number=id_number(), joined_on="2020")

    response = clerk.post(reverse("admin:members_member_add"), data, follow=True)

    assert said in response.content.decode()
    assert not Member.objects.exists()


def test_editing_keeps_number_union_and_status(clerk):
    member = MemberFactory(name="石云")
    number, union = member.full_id_number, member.union

    response = clerk.post(page_of(member), posted(
        name="石芸", id_number=str(member.id_number), union=UnionFactory().pk, status="left", joined_on="1999",
    ))  # fmt: skip

    assert response.status_code == 302
    member = Member.objects.get(pk=member.pk)
    assert (member.name, member.full_id_number, member.union, member.status, member.joined_on) == (
        "石芸", number, union, "active", "2020-01",
    )  # fmt: skip


def test_a_birth_after_the_read_only_joining_is_refused_in_the_form(clerk):
    member = MemberFactory(joined_on="2020-01")

    response = clerk.post(page_of(member), posted(id_number=str(member.id_number), born_on="2021"))

    assert "入会时间不能早于出生日期" in errors(response)


def test_full_numbers_are_on_no_page(clerk):
    member, cadre = MemberFactory(), CadreFactory()
    pages = [
        reverse("admin:members_member_changelist"), reverse("admin:members_cadre_changelist"), page_of(member),
        reverse("admin:members_cadre_change", args=[cadre.pk]), page_of(member, "history"), page_of(member, "reveal"),
    ]  # fmt: skip

    shown = "".join(clerk.get(page).content.decode() for page in pages)

    assert (member.full_id_number in shown, cadre.full_id_number in shown) == (False, False)
    assert (str(member.id_number) in shown, str(cadre.id_number) in shown) == (True, True)


# --- Acts ---


def test_buttons_follow_from_the_standing(clerk):
    member = MemberFactory()

    def offered() -> set[str]:
        page = clerk.get(page_of(member)).content.decode()
        acts = ("transfer", "retain", "restore", "leave", "expel", "death", "rejoin")
        return {name for name in acts if page_of(member, name) in page}

    assert offered() == {"transfer", "retain", "leave", "expel", "death"}
    clerk.post(page_of(member, "retain"), {"on": "2021"})
    assert offered() == {"transfer", "restore", "leave", "expel", "death"}
    clerk.post(page_of(member, "leave"), {"on": "2022", "reason": "辞职"})
    assert offered() == {"rejoin"}


@pytest.mark.parametrize(
    ("act", "facts", "status"),
    [
        ("retain", {}, "retained"),
        ("leave", {"reason": "辞职"}, "left"),
        ("expel", {"reason": "代表大会决定"}, "left"),
        ("death", {}, "left"),
    ],
)
def test_act(act, facts, status, clerk, county_clerk):
    member = MemberFactory()

    response = clerk.post(page_of(member, act), {"on": "2021.05.12", **facts})

    assert response.url == page_of(member)
    assert Member.objects.get(pk=member.pk).status == status
    event = member.events.last()
    assert (event.on, event.recorded_by, event.reason) == ("2021-05-12", county_clerk, facts.get("reason", ""))


def test_transfer_within_the_county(clerk):
    member, to = MemberFactory(), UnionFactory()

    response = clerk.post(page_of(member, "transfer"), {"on": "2021", "union": to.pk, "reason": "调动"})

    assert response.status_code == 302
    assert Member.objects.get(pk=member.pk).union == to
    assert list(member.events.order_by("pk").values_list("kind", flat=True)) == ["join", "transfer_out", "transfer_in"]


def test_rejoining_goes_on_with_the_old_row(clerk):
    member, to = MemberFactory(), UnionFactory()
    clerk.post(page_of(member, "leave"), {"on": "2021", "reason": "辞职"})

    clerk.post(page_of(member, "rejoin"), {"on": "2022", "union": to.pk})

    member = Member.objects.get()
    assert (member.union, member.status, member.joined_on) == (to, "active", "2022")


@pytest.mark.parametrize(
    ("act", "facts", "said"),
    [
        ("leave", {"on": "2021"}, "此项必填"),
        ("retain", {"on": ""}, "此项必填"),
        ("retain", {"on": "2001"}, "早于上一件事项"),
        ("restore", {"on": "2021"}, "没有保留会籍"),
        ("transfer", {"on": "2021", "union": 999999}, "选择"),
    ],
)
def test_act_refused_in_words(act, facts, said, clerk):
    member = MemberFactory()
    UnionFactory()  # of several the clerk says which

    response = clerk.post(page_of(member, act), facts)

    assert response.status_code == 200
    assert said in response.content.decode()
    assert MembershipEvent.objects.count() == 1


def test_get_records_nothing(clerk):
    member = MemberFactory()

    assert clerk.get(page_of(member, "retain")).status_code == 200
    assert MembershipEvent.objects.count() == 1


def test_acts_need_the_permission(signed_in):
    member = MemberFactory()
    client = signed_in(UserFactory(roles=(roles.RELIEF,)))

    assert client.post(page_of(member, "retain"), {"on": "2021"}).status_code == 403
    assert page_of(member, "retain") not in client.get(page_of(member)).content.decode()
    assert MembershipEvent.objects.count() == 1


def test_events_are_read_only(clerk, insider, signed_in):
    event = MemberFactory().events.get()

    for client in (clerk, signed_in(insider)):
        assert client.get(reverse("admin:members_membershipevent_add")).status_code == 403
        url = reverse("admin:members_membershipevent_change", args=[event.pk])
        assert client.post(url, {"reason": "改"}).status_code == 403
        assert client.post(reverse("admin:members_membershipevent_delete", args=[event.pk])).status_code == 403


def test_members_are_not_deleted(insider, signed_in):
    member = MemberFactory()
    insider.is_superuser = True
    insider.save()

    assert signed_in(insider).post(page_of(member, "delete"), {"post": "yes"}).status_code == 403


# --- Full numbers ---


@pytest.mark.parametrize("factory", [MemberFactory, CadreFactory])
def test_reveal(factory, clerk, county_clerk):
    person = factory()
    name = person._meta.model_name
    url = reverse(f"admin:members_{name}_reveal", args=[person.pk])

    response = clerk.post(url, {"reason": "核对  困难职工建档"}, REMOTE_ADDR="10.9.8.7")

    assert person.full_id_number in response.content.decode()
    assert "no-store" in response.headers["Cache-Control"]
    event = LogEntry.objects.filter(action=LogEntry.Action.ACCESS).get()
    assert (event.actor, event.remote_addr, event.object_id) == (county_clerk, "10.9.8.7", person.pk)
    assert event.additional_data == {"reason": "核对 困难职工建档"}
    assert event.changes == {"证件号码": ["***", "查看完整内容"]}


@pytest.mark.parametrize("reason", ["", "看看"])
def test_reveal_without_a_reason(reason, clerk):
    member = MemberFactory()

    response = clerk.post(page_of(member, "reveal"), {"reason": reason})

    assert "请写明查看的理由" in response.content.decode()
    assert member.full_id_number not in response.content.decode()
    assert not LogEntry.objects.filter(action=LogEntry.Action.ACCESS).exists()


def test_reveal_by_get_shows_nothing(clerk):
    member = MemberFactory()

    assert member.full_id_number not in clerk.get(page_of(member, "reveal"), {"reason": "核对建档"}).content.decode()


@pytest.mark.parametrize("model", [Member, Cadre])
def test_reveal_needs_the_permission(model, signed_in):
    person = MemberFactory() if model is Member else CadreFactory()
    client = signed_in(UserFactory(roles=(roles.ECONOMY,)))
    url = reverse(f"admin:members_{model._meta.model_name}_reveal", args=[person.pk])

    assert client.get(url).status_code == 403
    assert client.post(url, {"reason": "核对建档材料"}).status_code == 403
    page = client.get(reverse(f"admin:members_{model._meta.model_name}_change", args=[person.pk])).content.decode()
    assert url not in page
    assert person.full_id_number not in page
    assert not LogEntry.objects.filter(action=LogEntry.Action.ACCESS).exists()


def test_reveal_wants_a_token(county_clerk):
    client = Client(enforce_csrf_checks=True)
    client.force_login(county_clerk)
    member = MemberFactory()

    assert client.post(page_of(member, "reveal"), {"reason": "核对建档材料"}).status_code == 403


def test_who_recorded_an_act_is_a_name_without_a_link(county_clerk, signed_in):
    event = EventFactory(recorded_by=UserFactory(full_name="石登记"))
    client = signed_in(county_clerk)

    for name, pk in (("member", event.member_id), ("membershipevent", event.pk)):
        page = client.get(reverse(f"admin:members_{name}_change", args=[pk])).content.decode()
        assert ("石登记" in page, "/admin/members/user/" in page) == (True, False)
        assert reverse("admin:members_union_change", args=[event.union_id]) in page
