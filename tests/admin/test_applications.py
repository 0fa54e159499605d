"""The admin of applications: buttons and actions from the table, the queue, several at once."""

import pytest
from auditlog.models import LogEntry
from django.urls import NoReverseMatch, reverse

from awards.models import Nomination, NominationFile
from members import roles
from pingtang_union.core.permissions import permission_of
from pingtang_union.workflow.attachments import CheckedFile
from pingtang_union.workflow.objections import record_objection
from pingtang_union.workflow.table import TRANSITIONS, State
from tests.awards.walk import lead, people_for, perform
from tests.factories import NominationFactory, RoundFactory, UserFactory

pytestmark = pytest.mark.django_db
LIST = reverse("admin:awards_nomination_changelist")
OFFICES = {
    roles.ORGANISATION: {"decide"},
    roles.ECONOMY: {"review", "publicise", "decide"},
    roles.RELIEF: set(),
}


def page_of(one):
    return reverse("admin:awards_nomination_change", args=[one.pk])


def move_of(one, name):
    return reverse(f"admin:awards_nomination_move_{name}", args=[one.pk])


def moves(response):
    """The moves that the page offers, by name, in order."""
    paths = [one["path"] for one in response.context["buttons"] if "/move-" in one["path"]]
    return [path.split("/move-")[1].strip("/") for path in paths]


def said(response):
    return [str(one) for one in response.context["messages"]]


def rows(response):
    return sorted(one.name for one in response.context["cl"].result_list)


def several(client, name, chosen, url=LIST, **data):
    """Choose rows of the list and an action; gives the page that asks."""
    keys = [one.pk for one in chosen]
    return client.post(url, {"action": f"several_{name}", "index": 0, "_selected_action": keys, **data})


def confirmed(client, name, asked, chosen, url=LIST, **data):
    """Send the form of the page `asked` on."""
    seen = asked.context["form"]["seen"].value()
    return client.post(
        url,
        {"action": f"several_{name}", "index": 0, "_selected_action": [one.pk for one in chosen], "confirmed": 1,
         "seen": seen, **data},
        follow=True,
    )  # fmt: skip


@pytest.fixture
def round_(db):
    """A round that needs no township's word."""
    return RoundFactory(needs_recommendation=False)


@pytest.fixture
def nomination(round_):
    return NominationFactory(round=round_, name="罗光明")


@pytest.fixture
def three(round_):
    """Three nominations handed in."""
    return [lead(NominationFactory(round=round_, name=name), State.SUBMITTED) for name in ("甲", "乙", "丙")]


# --- Buttons ---------------------------------------------------------------------------------


@pytest.mark.parametrize("role", OFFICES)
@pytest.mark.parametrize("state", State)
def test_a_page_offers_exactly_what_role_and_state_allow(nomination, role, state, signed_in):
    lead(nomination, state)
    response = signed_in(UserFactory(roles=(role,))).get(page_of(nomination))
    expected = {
        one.name
        for one in TRANSITIONS
        if state in one.sources and one.permission in OFFICES[role] and one.name != "confirm"
    }
    assert response.status_code == 200
    assert set(moves(response)) == expected


def test_what_leads_on_comes_first_and_what_ends_last(nomination, awards_clerk, signed_in):
    lead(nomination, State.SUBMITTED)
    assert moves(signed_in(awards_clerk).get(page_of(nomination))) == ["approve", "return", "reject"]


@pytest.mark.parametrize("name", ["submit", "withdraw", "abandon", "confirm"])
def test_the_applying_sides_transitions_have_no_address(nomination, name):
    assert move_of(nomination, "approve")
    with pytest.raises(NoReverseMatch):
        move_of(nomination, name)


@pytest.mark.parametrize(("role", "status"), [(roles.ORGANISATION, 403), (roles.RELIEF, 403), (roles.ECONOMY, 200)])
def test_an_address_refuses_who_may_not(nomination, role, status, signed_in):
    lead(nomination, State.SUBMITTED)
    client = signed_in(UserFactory(roles=(role,)))
    assert client.get(move_of(nomination, "approve")).status_code == status
    if status == 403:
        assert client.post(move_of(nomination, "approve"), {"seen": 2}).status_code == 403
        nomination.refresh_from_db()
        assert nomination.state == State.SUBMITTED


# --- One at a time ---------------------------------------------------------------------------


def test_a_clerk_approves(nomination, awards_clerk, signed_in):
    lead(nomination, State.SUBMITTED)
    client = signed_in(awards_clerk)
    form = client.get(move_of(nomination, "approve")).context["form"]
    assert [field.name for field in form.visible_fields()] == ["reason"]
    response = client.post(
        move_of(nomination, "approve"), {"seen": form["seen"].value(), "reason": "事迹突出"}, follow=True
    )
    assert said(response) == ["罗光明：平塘县五一劳动标兵：县审核通过，等待公示。"]
    nomination.refresh_from_db()
    assert (nomination.state, nomination.reviewed_by, nomination.steps.last().reason) == (
        State.REVIEWED, awards_clerk, "事迹突出",
    )  # fmt: skip


def test_a_get_does_nothing(nomination, awards_clerk, signed_in):
    lead(nomination, State.SUBMITTED)
    client = signed_in(awards_clerk)
    for name in ("approve", "return", "reject"):
        client.get(move_of(nomination, name), {"seen": 2, "reason": "因为这样那样"})
    nomination.refresh_from_db()
    assert nomination.state == State.SUBMITTED


def test_a_return_asks_why(nomination, awards_clerk, signed_in):
    lead(nomination, State.SUBMITTED)
    client = signed_in(awards_clerk)
    response = client.post(move_of(nomination, "return"), {"seen": 2, "reason": ""})
    assert response.context["form"].errors == {"reason": ["请写明退回的原因。"]}
    response = client.post(move_of(nomination, "return"), {"seen": 2, "reason": "短"})
    assert response.context["form"].non_field_errors() == ["请写明退回的原因（至少 4 个字），对方要看得懂。"]
    nomination.refresh_from_db()
    assert nomination.state == State.SUBMITTED
    client.post(move_of(nomination, "return"), {"seen": 2, "reason": "事迹写得太空"})
    response = client.get(page_of(nomination))
    assert (response.context["returned_reason"], moves(response)) == ("事迹写得太空", [])


def test_a_second_click_and_an_old_page_are_told_so(nomination, awards_clerk, signed_in):
    lead(nomination, State.SUBMITTED)
    client = signed_in(awards_clerk)
    stale = client.post(move_of(nomination, "approve"), {"seen": 1})
    assert stale.context["form"].non_field_errors() == [
        "您打开这一页以后，内容有了变动，没有办理。请先看过现在的内容再办。"
    ]
    client.post(move_of(nomination, "approve"), {"seen": 2})
    twice = client.post(move_of(nomination, "approve"), {"seen": 2})
    assert twice.context["form"].non_field_errors() == ["当前状态是「县审核通过」，不能审核通过。请刷新后再看。"]
    assert nomination.steps.count() == 2


def test_a_page_names_what_is_in_the_way_and_asks_nothing(round_, awards_clerk, signed_in):
    round_.opinions.create(department="县税务局")
    nomination = lead(NominationFactory(round=round_), State.SUBMITTED)
    client = signed_in(awards_clerk)
    response = client.get(move_of(nomination, "approve"))
    assert (response.context["missing"], response.context["is_blocked"]) == (["还没有登记县税务局的意见"], True)
    assert client.get(page_of(nomination)).context["blocked"] == [("审核通过", ["还没有登记县税务局的意见"])]
    refused = client.post(move_of(nomination, "approve"), {"seen": 2})
    assert refused.context["form"].non_field_errors() == ["还没有登记县税务局的意见"]
    nomination.refresh_from_db()
    assert nomination.state == State.SUBMITTED


def test_who_handed_it_in_is_told_that_others_have_to(round_, awards_clerk, signed_in):
    nomination = NominationFactory(round=round_)
    lead(nomination, State.SUBMITTED)
    Nomination.objects.filter(pk=nomination.pk).update(submitted_by=awards_clerk)
    response = signed_in(awards_clerk).get(move_of(nomination, "approve"))
    assert response.context["missing"] == ["这份申报是您自己提交的，要由别人审核通过。"]


def test_a_decision_asks_its_document_and_doesnt_call_it_missing(nomination, county_clerk, signed_in):
    lead(nomination, State.PUBLICISED)
    Nomination.objects.filter(pk=nomination.pk).update(publicised_from="2020-01-01", publicised_until="2020-01-08")
    client = signed_in(county_clerk)
    response = client.get(move_of(nomination, "decide"))
    assert (response.context["missing"], list(response.context["form"].fields)) == (
        [], ["seen", "decision_document", "reason"],
    )  # fmt: skip
    revision = response.context["form"]["seen"].value()
    wrong = client.post(move_of(nomination, "decide"), {"seen": revision, "decision_document": "随便写"})
    assert wrong.context["form"].is_valid() is False
    client.post(move_of(nomination, "decide"), {"seen": revision, "decision_document": "平工发〔2026〕12号"})
    nomination.refresh_from_db()
    assert (nomination.state, nomination.award.document_number) == (State.DECIDED, "平工发〔2026〕12号")


def test_a_move_is_in_the_history(nomination, awards_clerk, signed_in):
    lead(nomination, State.SUBMITTED)
    signed_in(awards_clerk).post(move_of(nomination, "return"), {"seen": 2, "reason": "事迹写得太空"})
    entry = LogEntry.objects.get_for_object(nomination).filter(additional_data__reason="事迹写得太空").get()
    assert (entry.actor, entry.changes["办理"]) == (awards_clerk, ["已提交", "退回：退回修改"])


# --- The page --------------------------------------------------------------------------------


def test_facts_are_read_only(nomination, insider, signed_in):
    lead(nomination, State.SUBMITTED)
    client = signed_in(insider)
    assert client.get(page_of(nomination)).context["adminform"].form.fields == {}
    assert client.post(page_of(nomination), {"name": "别人"}).status_code == 403
    assert client.get(reverse("admin:awards_nomination_add")).status_code == 403


def test_the_page_shows_what_changed_since_it_came_back(nomination, awards_clerk, signed_in):
    people = people_for(nomination)
    lead(nomination, State.SUBMITTED, people)
    perform(nomination, "return", by=people["approve"], reason="简介写得太空")
    Nomination.objects.filter(pk=nomination.pk).update(summary="三年改造二十台设备。")
    client = signed_in(awards_clerk)
    assert client.get(page_of(nomination)).context["differences"] == []  # not handed in again yet
    perform(Nomination.objects.get(pk=nomination.pk), "submit", by=people["submit"])
    response = client.get(page_of(nomination))
    told = [(one.label, one.before, one.after) for one in response.context["differences"]]
    assert told == [("事迹简介", "扎根一线的好班长。", "三年改造二十台设备。")]
    assert [one.label for one in response.context["moments"]] == [
        "提交", "退回", "提交", "已提交", "审核通过", "开始公示", "作出决定",
    ]  # fmt: skip


def test_a_file_is_given_to_who_sees_its_application(nomination, awards_clerk, outsider, officer, signed_in):
    file = NominationFile(application=nomination, added_by=awards_clerk)
    file.fill(CheckedFile("审批表.pdf", "application/pdf", b"%PDF-1.4 secret"))
    file.save()
    [(url, shown, what)] = signed_in(awards_clerk).get(page_of(nomination)).context["files"]
    assert (shown.name, what) == ("审批表.pdf", "其他附件")
    response = signed_in(awards_clerk).get(url)
    assert (response.content, "no-store" in response["Cache-Control"]) == (b"%PDF-1.4 secret", True)
    assert response["Content-Disposition"].startswith("attachment")
    assert signed_in(outsider).get(url).status_code == 404
    assert signed_in(officer).get(url).status_code == 302


def test_another_county_gets_404(nomination, outsider, signed_in):
    lead(nomination, State.SUBMITTED)
    client = signed_in(outsider)
    answers = {client.post(move_of(nomination, name), {"seen": 2, "reason": "写一个理由"}).status_code
               for name in ("approve", "return", "reject", "publicise", "retract", "decide", "recommend")}  # fmt: skip
    nomination.refresh_from_db()
    assert (answers, nomination.state) == ({404}, State.SUBMITTED)


# --- The queue -------------------------------------------------------------------------------


def test_the_list_begins_with_what_waits_for_the_viewer(round_, awards_clerk, county_clerk, signed_in):
    made = {state: NominationFactory(round=round_, name=state.label) for state in State if state != "recommended"}
    for state, one in made.items():
        lead(one, state)
    over = lead(NominationFactory(round=round_, name="公示期满"), State.PUBLICISED)
    Nomination.objects.filter(pk=over.pk).update(publicised_from="2020-01-01", publicised_until="2020-01-08")
    assert rows(signed_in(awards_clerk).get(LIST)) == sorted(["已提交", "县审核通过", "公示期满"])
    assert rows(signed_in(county_clerk).get(LIST)) == ["公示期满"]
    assert len(rows(signed_in(awards_clerk).get(LIST, {"state": ""}))) == 9
    assert rows(signed_in(awards_clerk).get(LIST, {"state": "returned"})) == ["退回修改"]


def test_who_moves_nothing_sees_all(three, signed_in):
    response = signed_in(UserFactory(roles=(roles.RELIEF,))).get(LIST)
    assert rows(response) == sorted(["甲", "乙", "丙"])
    assert [(label, number) for _, label, number, _ in response.context["queue"]] == [("全部", 3), ("已提交", 3)]


def test_what_waits_for_a_township_doesnt_wait_for_the_county(township, grassroots, awards_clerk, signed_in):
    round_ = RoundFactory()
    people = people_for(NominationFactory(round=round_, union=grassroots, name="等推荐"))
    one = Nomination.objects.get(name="等推荐")
    lead(one, State.SUBMITTED, people)
    client = signed_in(awards_clerk)
    assert rows(client.get(LIST)) == []
    lead_on = perform(one, "recommend", by=people["recommend"])
    assert rows(client.get(LIST)) == [lead_on.name]


def test_who_reviewed_doesnt_wait_to_decide(nomination, awards_clerk, signed_in):
    people = {**people_for(nomination), "approve": awards_clerk}
    lead(nomination, State.PUBLICISED, people)
    Nomination.objects.filter(pk=nomination.pk).update(publicised_from="2020-01-01", publicised_until="2020-01-08")
    assert rows(signed_in(awards_clerk).get(LIST)) == []
    assert rows(signed_in(people["decide"]).get(LIST)) == ["罗光明"]


def test_an_open_objection_waits_for_who_reviews(nomination, awards_clerk, signed_in):
    lead(nomination, State.PUBLICISED)
    client = signed_in(awards_clerk)
    assert rows(client.get(LIST)) == []
    record_objection(nomination, by=awards_clerk, received_on="2026-01-05", way="call", text="事迹与事实不符")
    assert rows(client.get(LIST)) == ["罗光明"]


def test_numbers_above_the_list_keep_its_other_conditions(three, round_, awards_clerk, signed_in):
    other = lead(NominationFactory(name="别的评选", round=RoundFactory(needs_recommendation=False)), State.REVIEWED)
    client = signed_in(awards_clerk)
    response = client.get(LIST, {"round": round_.pk, "state": "submitted"})
    told = [(label, number, is_shown) for _, label, number, is_shown in response.context["queue"]]
    assert told == [("待我办理", 3, False), ("全部", 3, False), ("已提交", 3, True)]
    for url, _, number, _ in client.get(LIST).context["queue"]:
        assert len(rows(client.get(LIST + url))) == number
    assert rows(client.get(LIST + response.context["queue"][1][0])) == sorted(["甲", "乙", "丙"])
    assert other.name not in rows(client.get(LIST, {"round": round_.pk, "state": ""}))


def test_a_guessed_state_or_round_shows_nothing(three, awards_clerk, signed_in):
    client = signed_in(awards_clerk)
    for guess in ({"state": "none"}, {"round": "x"}, {"round": "999999"}, {"honour": "-1"}, {"naming": "?"}):
        assert rows(client.get(LIST, guess)) == []


# --- Several at once -------------------------------------------------------------------------


def test_the_list_offers_what_the_role_may(three, awards_clerk, county_clerk, signed_in):
    def offered(user):
        form = signed_in(user).get(LIST, {"state": ""}).context["action_form"]
        return [label for key, label in form.fields["action"].choices if label.startswith("批量")]

    assert offered(awards_clerk) == [
        "批量审核通过",
        "批量开始公示",
        "批量作出决定",
        "批量退回",
        "批量撤下公示",
        "批量不予通过",
    ]
    assert offered(county_clerk) == ["批量作出决定"]
    assert offered(UserFactory(roles=(roles.RELIEF,))) == []


def test_several_are_done_each_by_itself_and_told_by_name(three, round_, awards_clerk, signed_in):
    gone = perform(three[1], "withdraw", by=three[1].submitted_by)
    client = signed_in(awards_clerk)
    asked = several(client, "approve", three, LIST + "?state=")
    told = [(one.name, missing) for one, missing in asked.context["rows"]]
    assert told == [("甲", []), ("乙", ["当前状态是「草稿」，不能审核通过"]), ("丙", [])]
    assert [one.state for one in Nomination.objects.order_by("pk")] == ["submitted", "draft", "submitted"]
    response = confirmed(client, "approve", asked, three, LIST + "?state=", reason="集中评审一致同意")
    assert said(response) == [
        "已审核通过 2 份：甲：平塘县五一劳动标兵、丙：平塘县五一劳动标兵。",
        "乙：平塘县五一劳动标兵没有办理：当前状态是「草稿」，不能审核通过。请刷新后再看。",
    ]
    gone.refresh_from_db()
    assert (gone.state, {one.steps.last().reason for one in (three[0], three[2])}) == (
        State.DRAFT, {"集中评审一致同意"},
    )  # fmt: skip


def test_one_more_than_there_are_places_is_told(three, round_, awards_clerk, signed_in):
    round_.county_places = 2
    round_.save()
    client = signed_in(awards_clerk)
    asked = several(client, "approve", three)
    assert [missing for _, missing in asked.context["rows"]] == [[], [], []]  # each alone would fit
    response = confirmed(client, "approve", asked, three)
    assert said(response)[1:] == ["丙：平塘县五一劳动标兵没有办理：全县 2 个名额已经用完"]
    assert Nomination.objects.filter(state=State.REVIEWED).count() == 2


def test_several_returned_need_a_reason(three, awards_clerk, signed_in):
    client = signed_in(awards_clerk)
    asked = several(client, "return", three)
    response = confirmed(client, "return", asked, three, reason="")
    assert response.context["form"].errors == {"reason": ["请写明退回的原因。"]}
    assert set(Nomination.objects.values_list("state", flat=True)) == {State.SUBMITTED}
    confirmed(client, "return", asked, three, reason="请补充近三年的事迹")
    assert set(Nomination.objects.values_list("state", "reason")) == {(State.RETURNED, "请补充近三年的事迹")}


def test_several_twice_or_unseen_are_refused(three, awards_clerk, signed_in):
    client = signed_in(awards_clerk)
    asked = several(client, "approve", three)
    Nomination.objects.filter(pk=three[0].pk).update(revision=9)
    told = said(confirmed(client, "approve", asked, three))
    assert told[1] == (
        "甲：平塘县五一劳动标兵没有办理：您打开这一页以后，内容有了变动，没有办理。请先看过现在的内容再办。"
    )
    again = said(confirmed(client, "approve", asked, three))
    assert [text.endswith("不能审核通过。请刷新后再看。") for text in again[1:]] == [True, True]
    sneaked = client.post(
        LIST,
        {"action": "several_approve", "index": 0, "_selected_action": [three[0].pk], "confirmed": 1, "seen": "x:y 1"},
        follow=True,
    )
    assert len(said(sneaked)) == 1
    three[0].refresh_from_db()
    assert three[0].state == State.SUBMITTED


def test_several_of_another_county_are_not_there(three, outsider, signed_in):
    client = signed_in(outsider)
    response = client.post(
        LIST,
        {"action": "several_approve", "index": 0, "_selected_action": [one.pk for one in three], "confirmed": 1},
        follow=True,
    )
    assert said(response) == ["没有选中可以办理的申报，请在列表里重新选择。"]
    assert set(Nomination.objects.values_list("state", flat=True)) == {State.SUBMITTED}


def test_a_role_without_the_permission_does_nothing_to_several(three, county_clerk, signed_in):
    several(signed_in(county_clerk), "approve", three, confirmed=1)
    assert set(Nomination.objects.values_list("state", flat=True)) == {State.SUBMITTED}
    assert not county_clerk.has_perm(permission_of(Nomination, "review"))


def test_too_many_at_once_are_refused(round_, awards_clerk, signed_in):
    made = Nomination.objects.bulk_create(
        NominationFactory.build(
            round=round_, honour=round_.honours.first(), union=round_.union, name=f"第{n}人", nominee_key=f"name:{n}"
        )
        for n in range(51)
    )
    response = several(signed_in(awards_clerk), "approve", made, LIST + "?state=")
    assert response.status_code == 302
    assert said(signed_in(awards_clerk).get(LIST)) == []
    client = signed_in(awards_clerk)
    several(client, "approve", made, LIST + "?state=", select_across=1)
    assert said(client.get(LIST)) == ["一次最多办理 50 份，请用筛选条件分几次办。"]
