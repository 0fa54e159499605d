"""Queues in the admin: what is new, followed, labelled, given out; from one case to the next."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from awards.models import Nomination
from members import roles
from pingtang_union.workflow import marking
from pingtang_union.workflow.attention import Assignment, Follow, Label, Labelling, Notice, Seen
from pingtang_union.workflow.table import State
from tests.awards.walk import lead, perform
from tests.factories import NominationFactory, RoundFactory, TransferRequestFactory, UserFactory

pytestmark = pytest.mark.django_db
LIST = reverse("admin:awards_nomination_changelist")


def page_of(one, end="change"):
    return reverse(f"admin:awards_nomination_{end}", args=[one.pk])


def names(client, **asked):
    return [one.name for one in client.get(LIST, {"state": "", **asked}).context["cl"].result_list]


def urgent() -> Label:
    return Label.objects.get(name="急件")


@pytest.fixture
def round_():
    return RoundFactory(needs_recommendation=False)


@pytest.fixture
def three(round_):
    """Three that wait for the county's review; the list shows the latest first: 丙, 乙, 甲."""
    return [lead(NominationFactory(round=round_, name=name), State.SUBMITTED) for name in "甲乙丙"]


@pytest.fixture
def client(awards_clerk, signed_in):
    return signed_in(awards_clerk)


# --- The list --------------------------------------------------------------------------------


def test_what_others_did_is_new_until_one_has_looked(three, client, awards_clerk, county_clerk, signed_in):
    assert names(client, mine="new") == ["丙", "乙", "甲"]
    client.get(page_of(three[0]))
    assert names(client, mine="new") == ["丙", "乙", "甲"], "a page only reads"
    client.post(page_of(three[0], "attend"), {"act": "seen"})
    assert names(client, mine="new") == ["丙", "乙"]
    assert names(signed_in(county_clerk), mine="new") == ["丙", "乙", "甲"], "what others have seen is theirs"
    perform(three[1], "approve", by=awards_clerk)
    marking.mark_seen(Nomination, [three[1].pk], by=awards_clerk)
    perform(three[0], "withdraw", by=three[0].submitted_by)
    perform(three[2], "approve", by=awards_clerk)
    assert names(client, mine="new") == ["丙", "甲"], "丙 not looked at, 甲 moved since, 乙 moved by oneself only"


def test_the_list_is_filtered_by_marks_and_shows_them(three, client, awards_clerk, county_clerk):
    marking.follow(Nomination, [three[0].pk], by=awards_clerk)
    marking.follow(Nomination, [three[1].pk], by=county_clerk)
    marking.label(Nomination, [three[2].pk], urgent(), by=awards_clerk)
    marking.assign(three[1], county_clerk, by=awards_clerk, instead_of=None)
    marking.assign(three[2], awards_clerk, by=awards_clerk, instead_of=None)
    asked = ({"mine": "followed"}, {"mine": "assigned"}, {"mine": "unassigned"}, {"label": urgent().pk})
    assert [names(client, **one) for one in asked] == [["甲"], ["丙"], ["甲"], ["丙"]]
    assert [names(client, **one) for one in ({"mine": "x"}, {"label": "x"}, {"label": "0"})] == [[], [], []]
    marks = {one.name: one.marks for one in client.get(LIST, {"state": ""}).context["cl"].result_list}
    assert [marks[name].is_followed for name in "甲乙丙"] == [True, False, False]
    assert marks["乙"].assignment.user == county_clerk
    assert [label.name for label in marks["丙"].labels] == ["急件"]


def on_list(client, action, rows, **answer):
    chosen = {"action": action, "index": 0, "_selected_action": [one.pk for one in rows]}
    return client.post(LIST + "?state=", chosen | answer)


@pytest.mark.parametrize(("act", "model"), [("mark_seen", Seen), ("follow", Follow)], ids=lambda one: str(one))
def test_several_are_marked_at_once(act, model, three, client):
    on_list(client, act, three[:2])
    assert sorted(model.objects.values_list("object_id", flat=True)) == [three[0].pk, three[1].pk]


def test_several_get_and_lose_a_label_that_one_act_asks_for(three, client):
    shown = client.get(LIST, {"state": ""}).content.decode()
    assert ("贴标签…" in shown, f"label_{urgent().pk}" in shown) == (True, False)
    page = on_list(client, "labels", three[:2]).content.decode()
    assert ("2 条：" in page, f'name="_selected_action" value="{three[1].pk}"' in page) == (True, True)
    assert on_list(client, "labels", three[:2], confirmed=1, act="put").context["form"].errors
    assert not Labelling.objects.exists()
    assert on_list(client, "labels", three[:2], confirmed=1, act="put", label=urgent().pk).status_code == 302
    assert sorted(Labelling.objects.values_list("object_id", flat=True)) == [three[0].pk, three[1].pk]
    Label.objects.update(is_active=False)
    refused = on_list(client, "labels", three[:2], confirmed=1, act="put", label=urgent().pk)
    assert "已停用" in refused.content.decode()
    on_list(client, "labels", three[1:], confirmed=1, act="take", label=urgent().pk)
    assert Labelling.objects.get().object_id == three[0].pk


def test_who_puts_no_labels_is_asked_for_none(three, leader, outsider, signed_in):
    for user in (leader, outsider):
        on_list(signed_in(user), "labels", three, confirmed=1, act="put", label=urgent().pk)
    assert not Labelling.objects.exists()


def test_two_old_pages_undo_nothing_of_each_other(three, client, awards_clerk):
    other = Label.objects.get(name="待补正")
    marking.label(Nomination, [three[0].pk], urgent(), by=awards_clerk)
    address = page_of(three[0], "labels")
    old = client.get(address).context["form"].initial["shown"]
    client.post(address, {"shown": old, "labels": [other.pk]})  # takes 急件 off, puts 待补正 on
    client.post(address, {"shown": old, "labels": [urgent().pk]})  # changes nothing
    assert [one.label for one in Labelling.objects.to(three[0])] == [other]
    client.post(address, {"shown": str(other.pk), "labels": []})
    client.post(address, {"shown": "x 99999 ²", "labels": [urgent().pk]})
    assert [one.label for one in Labelling.objects.to(three[0])] == [urgent()]


def test_three_rows_cost_as_much_as_one(three, round_, client, awards_clerk):
    def cost(url):
        client.get(url)  # fills the caches of content types
        with CaptureQueriesContext(connection) as found:
            assert client.get(url).status_code == 200
        return len(found)

    for one in three:
        marking.label(Nomination, [one.pk], urgent(), by=awards_clerk)
        marking.assign(one, awards_clerk, by=awards_clerk, instead_of=None)
    of_three = [cost(LIST + "?state=approve"), cost(page_of(three[0]))]
    for one in three[1:]:
        perform(one, "withdraw", by=one.submitted_by)
    assert [cost(LIST + "?state=approve"), cost(page_of(three[0]))] == of_three


# --- One record ------------------------------------------------------------------------------


def test_the_page_follows_labels_and_gives_out(three, client, awards_clerk, county_clerk):
    one = three[0]
    client.post(page_of(one, "attend"), {"act": "follow"})
    client.post(page_of(one, "labels"), {"labels": [urgent().pk]})
    client.post(page_of(one, "assign"), {"to": county_clerk.pk, "instead_of": ""})
    marks = client.get(page_of(one)).context["marks"]
    assert (marks.is_followed, [label.name for label in marks.labels], marks.assignment.user) == (
        True, ["急件"], county_clerk,
    )  # fmt: skip
    response = client.post(page_of(one, "assign"), {"to": awards_clerk.pk, "instead_of": ""})
    assert "已由宣教经办人分给组织经办人" in response.content.decode()
    client.post(page_of(one, "attend"), {"act": "unfollow"})
    assert (Follow.objects.count(), Assignment.objects.get().user) == (0, county_clerk)


@pytest.mark.parametrize("end", ["attend", "labels", "assign"])
@pytest.mark.parametrize(
    ("who", "status"), [("outsider", 404), ("leader", 302), ("officer", 302), ("nobody", 302), ("relief", 403)]
)
def test_direct_requests_of_others_change_nothing(end, who, status, three, signed_in, request):
    made = {"nobody": lambda: UserFactory(), "relief": lambda: UserFactory(roles=(roles.AUDITOR,))}
    user = made[who]() if who in made else request.getfixturevalue(who)
    sent = {"act": "follow", "labels": [urgent().pk], "to": user.pk, "instead_of": ""}
    assert signed_in(user).post(page_of(three[0], end), sent).status_code == status
    kept = [model.objects.count() for model in (Seen, Follow, Labelling, Assignment, Notice)]
    assert kept == [0, 0, 0, 0, 0]


def test_marks_are_no_act_by_get(three, client):
    assert client.get(page_of(three[0], "attend"), {"act": "follow"}).status_code == 405
    client.get(page_of(three[0], "labels"), {"labels": [urgent().pk]})
    assert (Follow.objects.count(), Labelling.objects.count()) == (0, 0)


# --- From one to the next --------------------------------------------------------------------


def approve(client, address, one):
    """Approve `one` by the button of its page, as it stands."""
    buttons = {button["title"]: button["path"] for button in client.get(address).context["buttons"]}
    return client.post(buttons["审核通过"], {"seen": one.revision, "reason": ""})


def test_approving_leads_through_the_queue(three, client):
    shown = client.get(LIST + "?state=approve&q=")
    found = client.get(page_of(three[2]) + "?_changelist_filters=state%3Dapprove").context["place"]
    assert (found.number, found.of, found.before) == (1, 3, "")
    assert shown.context["cl"].result_count == 3
    address = page_of(three[1]) + "?_changelist_filters=state%3Dapprove"
    address = approve(client, address, three[1]).url
    assert address == page_of(three[0]) + "?_changelist_filters=state%3Dapprove"
    address = approve(client, address, three[0]).url
    assert address.startswith(page_of(three[2])), "behind the last comes the first that was left"
    assert approve(client, address, three[2]).url == address, "nothing is left: back to the case"
    assert set(Nomination.objects.values_list("state", flat=True)) == {State.REVIEWED}


def test_who_comes_from_no_list_goes_through_what_waits(three, client, county_clerk, signed_in):
    place = client.get(page_of(three[1])).context["place"]
    assert (place.number, place.of) == (2, 3)
    assert (place.before, place.after) == (page_of(three[2]), page_of(three[0]))
    assert signed_in(county_clerk).get(page_of(three[1])).context["place"] is None, "nothing of it waits for this desk"


@pytest.mark.parametrize("filters", ["state__regex%3D(", "p%3Dx", "union__path%3D0001", "round%3Dx"])
def test_an_address_with_an_unknown_list_has_no_queue(filters, three, client):
    assert client.get(page_of(three[0]) + f"?_changelist_filters={filters}").status_code == 200


def test_answering_a_transfer_leads_to_the_next(county_clerk, signed_in):
    first, second = TransferRequestFactory(), TransferRequestFactory()
    client = signed_in(county_clerk)
    url = reverse("admin:members_transferrequest_change", args=[first.pk])
    place = client.get(url).context["place"]
    assert (place.number, place.of) == (1, 2)
    response = client.post(reverse("admin:members_transferrequest_refuse", args=[first.pk]), {"answer": "本人没有调动"})
    assert response.url == reverse("admin:members_transferrequest_change", args=[second.pk])
