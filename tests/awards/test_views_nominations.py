"""Officers' pages of nominations: own rows only, everything that happened, townships' queue."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from awards import services
from awards.models import Nomination, NominationObjection, Opinion
from members import roles
from pingtang_union.core.exceptions import DomainError
from pingtang_union.workflow import moving
from pingtang_union.workflow.attachments import check_file
from pingtang_union.workflow.objections import record_objection
from pingtang_union.workflow.table import State
from tests.awards.walk import lead, people_for, perform
from tests.factories import (
    AwardFactory,
    NominationFactory,
    PaperFactory,
    QuotaFactory,
    RequiredOpinionFactory,
    RoundFactory,
    UnionFactory,
    UserFactory,
    VetoFactory,
)
from tests.page_helpers import listed, routes

pytestmark = pytest.mark.django_db
LIST, SEVERAL = "/nominations/", "/nominations/several/"
PDF = b"%PDF-1.4 scan"


def page(one, action="detail", *args):
    return reverse(f"awards:nomination_{action}", args=[one.pk, *args])


def said(response):
    return [str(message) for message in response.context["messages"]]


def state(one):
    return Nomination.objects.values_list("state", flat=True).get(pk=one.pk)


@pytest.fixture
def nomination(grassroots):
    """A draft of the officer's own union that could be handed in."""
    return NominationFactory(union=grassroots, name="石梅")


@pytest.fixture
def other(db):
    """A nomination of a union that no officer of these tests sees, waiting, with a file and an answer."""
    round_ = RoundFactory(title="别处也看得到的评选", needs_recommendation=False)
    other = NominationFactory(round=round_, union=UnionFactory(name="别处泄密工会"), name="别处泄密人")
    people = people_for(other)
    checked = check_file("别处泄密.pdf", PDF)
    services.add_file(nomination=other, checked=checked, paper=None, by=people["submit"])
    return perform(other, "submit", by=people["submit"])


# --- Who may -------------------------------------------------------------------------------


def addresses(one):
    """Every address of nominations and awards that names a record, for this nomination's records."""
    award = AwardFactory(union=one.union, recipient=one.name)
    keys = {"nomination": one.pk, "award": award.pk}
    found = []
    for name in sorted(set(routes("awards.urls", ("nomination_", "award_")))):
        if name in (
            "awards:nomination_list",
            "awards:nomination_create",
            "awards:nomination_several",
            "awards:award_list",
        ):
            continue
        if name == "awards:nomination_move":
            moves = ("submit", "withdraw", "abandon", "recommend", "send_back", "approve", "decide")
            found += [reverse(name, args=[one.pk, move]) for move in moves]
        else:
            key = one.files.get().pk if name == "awards:nomination_file" else keys[name.split(":")[1].split("_")[0]]
            found.append(reverse(name, args=[key]))
    return found


def test_the_walk_reaches_every_page_with_a_record(other):
    assert len(addresses(other)) >= 15


@pytest.mark.parametrize("who", ["officer", "township_officer"])
def test_another_unions_records_are_not_there(who, request, signed_in, other, nomination):
    client = signed_in(request.getfixturevalue(who))
    walked = addresses(other)
    data = {"reason": "核对档案材料", "name": "改过", "deeds": "改过", "remove": other.files.get().pk}
    before = list(Nomination.objects.order_by("pk").values_list())

    answers = {address: client.get(address).status_code for address in walked}
    posted = {address: client.post(address, data).status_code for address in walked}

    assert set(answers.values()) <= {403, 404}, answers  # 403: not this role's to do, whosever it is
    assert {code for address, code in answers.items() if "/move/" not in address} == {404}
    assert set(posted.values()) <= {403, 404, 405}, posted
    assert list(Nomination.objects.order_by("pk").values_list()) == before
    assert other.files.count() == 1


@pytest.mark.parametrize("address", [LIST, "/awards/", "/rounds/", "/workbench/"])
@pytest.mark.parametrize("who", ["officer", "township_officer"])
def test_another_unions_records_are_counted_nowhere(who, address, request, signed_in, other, nomination):
    AwardFactory(union=other.union, recipient="别处泄密获奖人")
    QuotaFactory(round=other.round, union=other.union, places=987654)
    response = signed_in(request.getfixturevalue(who)).get(address)

    text = response.content.decode()
    assert ("别处泄密" in text, "987654" in text) == (False, False)


def test_another_unions_nominations_are_counted_on_no_round(signed_in, officer, other):
    client = signed_in(officer)
    detail = client.get(reverse("awards:round_detail", args=[other.round_id]))

    assert (detail.context["total"], detail.context["seen"].handed_in) == (0, 0)
    assert "别处泄密" not in detail.content.decode()
    assert client.get(LIST, {"round": other.round_id, "q": "别处"}).context["page_obj"].paginator.count == 0
    assert listed(client.get(LIST, {"union": other.union_id})) == []


def test_leaders_have_no_nominations(signed_in, leader, other):
    client = signed_in(leader)
    pages = [LIST, "/nominations/new/?round=1", "/rounds/", "/awards/", *addresses(other)]

    assert {client.get(address).status_code for address in pages} == {403}


def test_who_only_reads_is_offered_nothing(signed_in, nomination):
    reader = UserFactory(roles=(roles.RELIEF,))
    client = signed_in(reader)
    shown = client.get(page(nomination)).context

    assert (shown["offers"], shown["may_edit"]) == ([], False)
    assert {client.get(page(nomination, step)).status_code for step in ("update", "merits", "check")} == {403}
    assert client.get(f"/nominations/new/?round={nomination.round_id}").status_code == 403
    assert client.post(SEVERAL).status_code == 403


# --- The list ------------------------------------------------------------------------------


def test_filters(signed_in, township_officer, township, nomination, other):
    second = NominationFactory(union=UnionFactory(parent=township), name="青年突击队", kind="front_line")
    lead(second, State.SUBMITTED)
    client = signed_in(township_officer)

    def names(**conditions):
        return listed(client.get(LIST, conditions))

    assert names() == [str(second), str(nomination)]
    assert names(q="石") == [str(nomination)]
    assert names(q="突击") == [str(second)]
    assert names(round=second.round_id) == names(state="submitted") == [str(second)]
    assert names(union=nomination.union_id) == [str(nomination)]
    assert names(honour=nomination.honour_id) == [str(second), str(nomination)]
    assert names(state="nonsense") == names(round=0) == names(q="。") == []


def test_the_list_asks_the_same_questions_of_one_nomination_and_of_three(signed_in, township_officer, township):
    client = signed_in(township_officer)
    counted = []
    for number in (1, 2):
        for _ in range(number):
            lead(NominationFactory(union=UnionFactory(parent=township)), State.SUBMITTED)
        for address in (LIST, f"{LIST}?show=waiting"):
            client.get(address)
            with CaptureQueriesContext(connection) as captured:
                client.get(address)
            counted.append(len(captured))
    assert counted[:2] == counted[2:]


# --- One nomination ------------------------------------------------------------------------


def test_what_came_back_says_why_first_and_leads_to_mending(signed_in, officer, nomination):
    returned = lead(nomination, State.RETURNED)
    shown = signed_in(officer).get(page(returned))

    assert shown.context["returned_reason"] == "事迹要写得具体"
    assert shown.context["returned_step"].name == "send_back"
    assert [offer.transition.name for offer, _url in shown.context["offers"]] == ["submit", "abandon"]
    text = shown.content.decode()
    assert text.index("事迹要写得具体") < text.index("推荐对象")


def test_what_changed_since_it_came_back_is_shown(signed_in, officer, township_officer, nomination):
    people = people_for(nomination)
    returned = lead(nomination, State.RETURNED, people)
    services.change_nomination(nomination=returned, by=people["submit"], values={"position": "一线女工"})
    perform(returned, "submit", by=people["submit"])

    [difference] = signed_in(township_officer).get(page(returned)).context["differences"]
    assert difference.label == "工作单位和职务（岗位）"
    assert [(one.kind, one.text) for one in difference.passages] == [("del", "车间班长"), ("ins", "一线女工")]


def test_the_way_is_told(signed_in, officer, nomination):
    moved = lead(nomination, State.SUBMITTED)
    moments = signed_in(officer).get(page(moved)).context["moments"]

    assert [(one.label, one.kind) for one in moments] == [
        ("提交", "done"), ("已提交", "now"), ("推荐", "ahead"), ("审核通过", "ahead"), ("开始公示", "ahead"),
        ("作出决定", "ahead"),
    ]  # fmt: skip


def test_scores_opinions_and_objections_are_the_offices_own(signed_in, officer, awards_clerk, nomination):
    required = RequiredOpinionFactory(round=nomination.round, department="纪检部门")
    people = people_for(nomination)
    lead(nomination, State.RECOMMENDED, people)
    clerk = people["approve"]
    services.score_nomination(nomination=nomination, score=87, note="评分说明", by=clerk)
    Opinion.objects.create(
        nomination=nomination, required=required, verdict="agrees", on="2026-01-05", note="同意推荐", recorded_by=clerk
    )
    perform(nomination, "approve", by=clerk)
    publicised = perform(nomination, "publicise", by=clerk)
    record_objection(publicised, by=clerk, received_on="2026-01-06", way="call", text="有人反映", objector="某某")
    assert NominationObjection.objects.count() == 1

    own, office = (signed_in(user).get(page(nomination)) for user in (officer, awards_clerk))

    for word in ("评分说明", "纪检部门", "有人反映"):
        assert (word in own.content.decode(), word in office.content.decode()) == (False, True)


def test_a_nomination_that_led_to_an_award_leads_to_it(signed_in, officer, nomination):
    decided = lead(nomination, State.DECIDED)
    shown = signed_in(officer).get(page(decided))

    assert shown.context["award"] == decided.award
    assert reverse("awards:award_detail", args=[decided.award.pk]) in shown.content.decode()


def test_the_page_asks_no_more_of_many_papers_than_of_one(signed_in, officer, grassroots):
    counted = []
    for number in (1, 3):
        nomination = NominationFactory(union=grassroots)
        for _ in range(number):
            PaperFactory(round=nomination.round)
        for kind in ("arrears", "safety", "pollution")[:number]:
            VetoFactory(round=nomination.round, kind=kind)
        client = signed_in(officer)
        client.get(page(nomination))
        with CaptureQueriesContext(connection) as captured:
            client.get(page(nomination))
        counted.append(len(captured))
    assert counted[0] == counted[1]


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_page_holds_no_lock(client, officer, nomination):
    """Guards lock the round's row, which a page without a transaction couldn't."""
    QuotaFactory(round=nomination.round, union=nomination.union)
    client.force_login(officer)

    assert {client.get(page(nomination, name)).status_code for name in ("detail", "check")} == {200}
    assert client.get(page(nomination, "move", "submit")).status_code == 200


# --- Moving one ----------------------------------------------------------------------------


def test_an_officer_hands_in_and_takes_back(signed_in, officer, nomination):
    client = signed_in(officer)
    handed_in = client.post(page(nomination, "move", "submit"), {"seen": nomination.revision}, follow=True)
    assert said(handed_in) == ["石梅：平塘县五一劳动标兵：已提交，等待上级工会推荐。"]

    seen = Nomination.objects.get(pk=nomination.pk).revision
    client.post(page(nomination, "move", "withdraw"), {"seen": seen})
    assert state(nomination) == State.DRAFT


@pytest.mark.parametrize(
    ("reason", "step"),
    [
        ("事迹写得笼统", "merits"),
        ("请补传盖章的扫描件", "papers"),
        ("职务与花名册不符，事迹也要改", "update"),
        ("请重新核对", "check"),
    ],
)
def test_what_came_back_opens_at_the_step_that_the_reason_names(signed_in, officer, nomination, reason, step):
    lead(nomination, State.SUBMITTED)
    perform(nomination, "return", by=UserFactory(roles=(roles.ECONOMY,)), reason=reason)
    response = signed_in(officer).get(page(nomination, "mend"))

    assert response.url == page(nomination, step)


def test_what_came_back_is_handed_in_unchanged_only_on_purpose(signed_in, officer, nomination):
    lead(nomination, State.RETURNED)
    client, url = signed_in(officer), page(nomination, "move", "submit")
    assert "退回后尚未修改" in client.get(page(nomination)).content.decode()
    assert "退回后尚未修改" in client.get(page(nomination, "check")).content.decode()
    refused = client.post(url, {"seen": Nomination.objects.get(pk=nomination.pk).revision})
    assert list(refused.context["form"].errors) == ["unchanged"]
    assert state(nomination) == State.RETURNED
    with pytest.raises(DomainError, match="退回后尚未修改"):
        moving.perform(nomination, "submit", by=officer)

    client.post(url, {"unchanged": "on"})
    assert state(nomination) == State.SUBMITTED


def test_what_was_mended_asks_nothing(signed_in, officer, nomination):
    lead(nomination, State.RETURNED)
    Nomination.objects.filter(pk=nomination.pk).update(deeds="二〇二六年带班完成技改三项。")
    client = signed_in(officer)
    assert "退回后尚未修改" not in client.get(page(nomination, "check")).content.decode()
    client.post(page(nomination, "move", "submit"))
    assert state(nomination) == State.SUBMITTED


def test_what_is_in_the_way_is_said_instead_of_a_form(signed_in, officer, nomination):
    QuotaFactory(round=nomination.round, union=nomination.union, places=0)
    shown = signed_in(officer).get(page(nomination, "move", "submit"))

    assert shown.context["missing"] == [f"{nomination.union}的 0 个名额已经用完"]
    assert 'name="seen"' not in shown.content.decode()


def test_nobody_moves_what_has_changed_since_it_was_shown(signed_in, officer, nomination):
    response = signed_in(officer).post(page(nomination, "move", "submit"), {"seen": nomination.revision + 1})

    assert "内容有了变动，没有办理" in response.context["form"].non_field_errors()[0]
    assert state(nomination) == State.DRAFT


def test_a_move_that_there_is_not(signed_in, officer, nomination):
    assert signed_in(officer).get(page(nomination, "move", "teleport")).status_code == 404


# --- Townships: several at once --------------------------------------------------------------


def pick(*nominations):
    return [f"{one.pk}:{one.revision}" for one in nominations]


@pytest.fixture
def waiting(township):
    """Two nominations of unions below the township that wait for it."""
    return [
        lead(NominationFactory(union=UnionFactory(parent=township), name=name), State.SUBMITTED)
        for name in ("罗一", "罗二")
    ]


def test_a_township_sees_what_waits_for_it(signed_in, township_officer, waiting, nomination, other):
    shown = signed_in(township_officer).get(LIST, {"show": "waiting"})

    assert listed(shown) == [str(waiting[1]), str(waiting[0])]
    assert (shown.context["waiting"], shown.context["shows_waiting"]) == (2, True)


def test_what_one_handed_in_oneself_does_not_wait_for_one(signed_in, township_officer, grassroots):
    own = NominationFactory(union=grassroots, created_by=township_officer)
    perform(own, "submit", by=township_officer)

    assert listed(signed_in(township_officer).get(LIST, {"show": "waiting"})) == []


def test_an_empty_queue_is_no_search_without_hits(signed_in, township_officer):
    client = signed_in(township_officer)

    assert "没有待您推荐的事项" in client.get(LIST, {"show": "waiting"}).content.decode()
    assert "没有符合条件的荣誉推荐" in client.get(LIST, {"show": "waiting", "q": "石"}).content.decode()


def test_officers_have_no_queue(signed_in, officer, nomination):
    lead(nomination, State.SUBMITTED)
    shown = signed_in(officer).get(LIST, {"show": "waiting"})

    assert (shown.context["shows_waiting"], shown.context["waiting"]) == (False, 0)


def test_several_are_recommended_and_the_rest_is_named(signed_in, township_officer, waiting):
    first, second = waiting
    stale = [*pick(first), f"{second.pk}:{second.revision + 5}"]
    response = signed_in(township_officer).post(
        SEVERAL, {"move": "recommend", "pick": stale, "reason": "", "back": "show=waiting"}, follow=True
    )

    assert (state(first), state(second)) == (State.RECOMMENDED, State.SUBMITTED)
    assert sorted(said(response)) == [
        "已推荐 1 份：罗一。",
        "罗二没有推荐：您打开这一页以后，内容有了变动，没有办理。请先看过现在的内容再办。",
    ]
    assert response.redirect_chain[-1][0] == f"{LIST}?show=waiting"


def test_several_are_sent_back_with_one_reason(signed_in, township_officer, waiting):
    data = {"move": "send_back", "pick": pick(*waiting), "reason": "事迹写得太笼统"}
    signed_in(township_officer).post(SEVERAL, data)

    assert {one.reason for one in Nomination.objects.filter(state=State.RETURNED)} == {"事迹写得太笼统"}


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"move": "recommend"}, "尚未勾选。请先勾选要推荐的，再点「推荐」。"),
        ({"move": "recommend", "pick": ["x", "٣:1", "9" * 5000]}, "尚未勾选。请先勾选要推荐的，再点「推荐」。"),
        ({"move": "approve", "pick": ["1:1"]}, "请点「推荐」或「退回」。"),
        (
            {"move": "send_back", "pick": ["1:1"], "reason": "差"},
            "没有办理：请写明退回的原因（至少 4 个字），对方要看得懂。",
        ),
        ({"move": "recommend", "pick": ["999999:1"]}, "有 1 份没有找到，请刷新后再办。"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_to_several(signed_in, township_officer, waiting, data, words):
    assert said(signed_in(township_officer).post(SEVERAL, data, follow=True)) == [words]
    assert set(Nomination.objects.values_list("state", flat=True)) == {State.SUBMITTED}


def test_the_townships_places_are_kept(signed_in, township_officer, township, grassroots):
    round_ = RoundFactory()
    QuotaFactory(round=round_, union=township, places=1)
    two = [
        lead(NominationFactory(round=round_, union=grassroots, name=name), State.SUBMITTED) for name in ("罗一", "罗二")
    ]
    data = {"move": "recommend", "pick": pick(*two)}

    assert sorted(said(signed_in(township_officer).post(SEVERAL, data, follow=True))) == [
        "已推荐 1 份：罗一。",
        f"罗二没有推荐：{township}的 1 个名额已经用完",
    ]


def test_another_unions_are_not_recommended(signed_in, township_officer, other):
    response = signed_in(township_officer).post(SEVERAL, {"move": "recommend", "pick": pick(other)}, follow=True)

    assert said(response) == ["有 1 份没有找到，请刷新后再办。"]
    assert state(other) == State.SUBMITTED


# --- Files ---------------------------------------------------------------------------------


def test_a_file_is_a_download(signed_in, officer, nomination):
    file = services.add_file(nomination=nomination, checked=check_file("证明.pdf", PDF), paper=None, by=officer)
    response = signed_in(officer).get(reverse("awards:nomination_file", args=[file.pk]))

    assert response.content == PDF
    assert response["Content-Disposition"].startswith("attachment")


# --- What is offered to whom ---------------------------------------------------------------


def offered(response):
    return [offer.transition.name for offer, _url in response.context["offers"]]


def test_the_applying_sides_transitions_are_offered_to_that_side(signed_in, officer, township_officer, nomination):
    handed_in = lead(nomination, State.SUBMITTED)

    assert offered(signed_in(officer).get(page(handed_in))) == ["withdraw"]
    assert offered(signed_in(township_officer).get(page(handed_in))) == ["recommend", "send_back"]


def test_who_began_it_for_a_union_below_goes_on_with_it(signed_in, township_officer, grassroots):
    begun = NominationFactory(union=grassroots, created_by=township_officer)

    assert offered(signed_in(township_officer).get(page(begun))) == ["submit", "abandon"]


def test_reviewers_are_led_to_the_admin(signed_in, awards_clerk, officer, nomination):
    lead(nomination, State.SUBMITTED)
    desk = reverse("admin:awards_nomination_change", args=[nomination.pk])

    assert [desk in signed_in(user).get(page(nomination)).content.decode() for user in (awards_clerk, officer)] == [
        True,
        False,
    ]
