"""The honour ladder: rungs, who could go for the title above and since when, its pages over rows that could leak."""

import re
from datetime import date, timedelta
from html import unescape

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from awards.ladder import Held, Ladder, Stage, held_of, nominations_for, prospects, waiting
from awards.models import Award, Honour, Nomination, SelectionRound
from awards.services import revoke_award
from members import roles
from pingtang_union.workflow.table import State
from tests.awards.walk import DOCUMENT, lead
from tests.factories import (
    AwardFactory,
    CadreFactory,
    HonourFactory,
    MemberFactory,
    NominationFactory,
    PaperFactory,
    RoundFactory,
    UnionFactory,
    UserFactory,
    county,
    honour,
    id_number,
)

pytestmark = pytest.mark.usefixtures("enable_db")
LINK = re.compile(r'<a href="(/ladder/\d+/[^"]*)">(\d+)</a>')


@pytest.fixture
def steps(db) -> list[Honour]:
    """Three titles above each other for persons: one must have held the first for two years to go for the second."""
    low = HonourFactory(title="县级标兵")
    middle = HonourFactory(title="州级奖章", level="prefecture", below=low, wait_years=2)
    return [low, middle, HonourFactory(title="省级奖章", level="province", below=middle)]


def ladder() -> Ladder:
    return Ladder(Honour.objects.in_order(), held_of(Award.objects.standing()))


def names(held: list[Held]) -> list[str]:
    return sorted(one.recipient for one in held)


def found(title: Honour, today: str | None = None) -> dict[str, Stage]:
    """The stage of everyone who could go for `title`, by name."""
    day = today or timezone.localdate().isoformat()
    rounds = list(SelectionRound.objects.open_on(date.fromisoformat(day)).select_related("union"))
    rows = prospects(ladder(), [title], rounds, nominations_for(Nomination.objects.all(), [title]), day)
    return {one.held.recipient: one.stage for one in rows}


# --- Rungs ---------------------------------------------------------------------------------------


def test_the_catalogue_has_a_ladder_for_each_title_with_nothing_above(db):
    tops = [[one.code for one in chain] for chain in ladder().chains]
    assert len(tops) == 6
    assert ["county.pacesetter", "prefecture.may_day_medal", "province.may_day_medal", "national.may_day_medal"] in tops
    assert all(Honour.objects.get(code=chain[-1]).above.count() == 0 for chain in tops)


def test_one_stands_on_the_highest_rung_and_could_go_for_the_next(steps):
    low, middle, high = steps
    union = UnionFactory()
    for name, titles in {"甲": [low], "乙": [low, middle], "丙": [low, high], "丁": [middle]}.items():
        for title in titles:
            AwardFactory(honour=title, recipient=name, union=union)
    one, chain = ladder(), steps

    assert [names(one.standing_on(step, chain)) for step in chain] == [["甲"], ["丁", "乙"], ["丙"]]
    assert [names(one.candidates(step)) for step in chain] == [[], ["甲"], ["丁", "乙"]]


def test_a_ladder_that_forks_is_one_for_each_top(steps):
    low, middle, _high = steps
    other = HonourFactory(title="州级另一个", level="prefecture", below=low)
    AwardFactory(honour=low, recipient="甲")
    union = AwardFactory(honour=low, recipient="乙").union
    AwardFactory(honour=other, recipient="乙", union=union)
    one = ladder()
    through, beside = one.chain_to(str(steps[-1].pk), low), one.chain_to(str(other.pk), low)

    assert (through, beside) == (steps, [low, other])
    assert [names(one.standing_on(low, chain)) for chain in (through, beside, None)] == [["乙", "甲"], ["甲"], ["甲"]]
    assert [names(one.candidates(title)) for title in (middle, other)] == [["乙", "甲"], ["甲"]]


def test_a_circle_in_the_catalogue_ends_nowhere_but_breaks_nothing(steps):
    low, _middle, high = steps
    Honour.objects.filter(pk=low.pk).update(below=high)
    HonourFactory(title="圈上的", below=low)
    AwardFactory(honour=low, recipient="甲")
    one = ladder()
    assert [title.title for title in one.chain_to(str(Honour.objects.get(title="圈上的").pk), low)][-1] == "圈上的"
    assert [names(one.candidates(title)) for title in Honour.objects.filter(below__in=steps)] == [[], [], [], ["甲"]]


def test_revoked_awards_titles_out_of_use_and_dissolved_unions_lead_nowhere(steps, insider):
    low, middle, _high = steps
    revoked = AwardFactory(honour=low, recipient="已撤销")
    revoke_award(award=revoked, on="2018-05-01", reason="弄虚作假", document_number=DOCUMENT, by=insider)
    gone = UnionFactory(status="dissolved", dissolved_on="2018-05")
    AwardFactory(honour=low, recipient=gone.name, union=gone, recipient_union=gone)
    AwardFactory(honour=low, recipient="还在的")
    assert names(ladder().candidates(middle)) == ["还在的"]

    Honour.objects.filter(pk=middle.pk).update(is_in_use=False)
    middle.refresh_from_db()
    assert names(ladder().candidates(middle)) == []


def test_member_and_cadre_with_one_number_are_one_holder(steps):
    low, middle, high = steps
    number, union = id_number(), UnionFactory()
    member = MemberFactory(union=union, name="韦明", id_number=number)
    cadre = CadreFactory(union=union, name="韦明", id_number=number)
    AwardFactory(honour=low, recipient="韦明", member=member, union=union)
    AwardFactory(honour=middle, recipient="韦明", cadre=cadre, union=union)
    assert [names(ladder().candidates(title)) for title in (middle, high)] == [[], ["韦明"]]


def test_an_award_by_name_is_of_whom_the_same_union_knows_by_that_name(steps):
    low, middle, _high = steps
    union = UnionFactory()
    for name, linked in (("韦明", 1), ("罗秀", 2)):
        members = [MemberFactory(union=union, name=name) for _ in range(linked)]
        AwardFactory(honour=low, recipient=name, union=union, awarded_on="2010")
        for number, member in enumerate(members):
            AwardFactory(honour=middle, recipient=name, union=union, member=member, awarded_on=f"201{number + 2}")
    assert names(ladder().candidates(middle)) == ["罗秀"]  # which of the two it was isn't known


@pytest.mark.parametrize("award_is_linked", [True, False])
def test_a_nomination_by_name_and_an_award_of_a_member_are_of_one(steps, grassroots, award_is_linked):
    member = MemberFactory(union=grassroots, name="韦明")
    AwardFactory(honour=steps[0], recipient="韦明", union=grassroots, member=member if award_is_linked else None)
    nominee = {"name": "韦明"} if award_is_linked else {"member": member}
    NominationFactory(round=RoundFactory(honours=[steps[1]]), union=grassroots, **nominee)
    assert found(steps[1]) == {"韦明": Stage.NOMINATED}


def test_a_namesake_whom_the_portal_knows_is_not_taken_for_another(steps, grassroots):
    one, other = (MemberFactory(union=grassroots, name="韦明") for _ in range(2))
    AwardFactory(honour=steps[0], recipient="韦明", union=grassroots, member=one)
    NominationFactory(round=RoundFactory(honours=[steps[1]]), union=grassroots, member=other)
    assert found(steps[1]) == {"韦明": Stage.READY}


def test_namesakes_of_two_unions_are_two_and_dots_are_alike(steps):
    low, middle, _high = steps
    union = UnionFactory()
    AwardFactory(honour=low, recipient="买买提·艾力", union=union)
    AwardFactory(honour=middle, recipient="买买提•艾力", union=union)
    AwardFactory(honour=low, recipient="买买提·艾力")
    assert len(ladder().candidates(middle)) == 1


@pytest.mark.parametrize("known", ["name", "member", "cadre", "union"])
def test_holder_and_nominee_have_one_key(known, grassroots):
    if known == "union":
        title = honour("prefecture.four_star_union")
        award = AwardFactory(honour=title, union=grassroots, recipient=grassroots.name, recipient_union=grassroots)
        said = {"kind": "collective", "nominee_union": grassroots}
    else:
        title = honour("county.pacesetter")
        factory = {"member": MemberFactory, "cadre": CadreFactory}.get(known)
        record = factory(union=grassroots) if factory else None
        award = AwardFactory(union=grassroots, recipient=record.name if record else "韦·明")
        said = {"name": award.recipient} if record is None else {known: record}
        if record is not None:
            Award.objects.filter(pk=award.pk).update(**{known: record})
    nomination = NominationFactory(union=grassroots, round=RoundFactory(honours=[title]), **said)
    assert [one.holder for one in held_of(Award.objects.all())] == [nomination.nominee_key]


# --- Since when, and what is missing ---------------------------------------------------------------

days = st.dates(date(1950, 1, 1), date(2100, 12, 31)).map(date.isoformat)


@given(days, st.sampled_from([4, 7, 10]), days)
def test_whatever_the_true_day_waiting_is_never_said_wrongly(day, known, today):
    stage = waiting(day[:known], today)
    assert stage != Stage.WAITING or today < day
    assert stage is not None or today >= day
    assert (stage == Stage.UNSURE) == (known < 10 and today.startswith(day[:known]))


@pytest.mark.parametrize(
    ("awarded_on", "today", "stage"),
    [
        ("2017-04-25", "2019-04-24", Stage.WAITING),
        ("2017-04-25", "2019-04-25", Stage.NO_ROUND),
        ("2017-04", "2019-03-31", Stage.WAITING),
        ("2017-04", "2019-04-30", Stage.UNSURE),
        ("2017-04", "2019-05-01", Stage.NO_ROUND),
        ("2017", "2018-12-31", Stage.WAITING),
        ("2017", "2019-06-01", Stage.UNSURE),
        ("2017", "2020-01-01", Stage.NO_ROUND),
        ("2016-02-29", "2018-02-28", Stage.NO_ROUND),
    ],
)
def test_waiting_is_reckoned_from_what_is_known_of_the_date(steps, awarded_on, today, stage):
    AwardFactory(honour=steps[0], recipient="甲", awarded_on=awarded_on)
    assert found(steps[1], today) == {"甲": stage}


def test_given_twice_waiting_began_the_first_time(steps):
    union = UnionFactory()
    for day in ("2019-04-25", "2016-04-25"):
        AwardFactory(honour=steps[0], recipient="甲", union=union, awarded_on=day)
    assert found(steps[1], "2018-05-01") == {"甲": Stage.NO_ROUND}


@pytest.mark.parametrize(
    ("state", "stage"),
    [
        (None, Stage.READY),
        (State.ABANDONED, Stage.READY),
        *((state, Stage.NOMINATED) for state in State if state not in (State.ABANDONED, State.DECIDED)),
    ],
)
def test_a_round_is_open_and_the_nomination_on_its_way(steps, grassroots, state, stage):
    AwardFactory(honour=steps[0], recipient="甲", union=grassroots)
    round_ = RoundFactory(honours=[steps[1]])
    if state:
        lead(NominationFactory(round=round_, union=grassroots, name="甲"), state)
    assert found(steps[1]) == {"甲": stage}


def test_a_nomination_outlives_its_rounds_closing_but_a_refusal_does_not(steps, grassroots):
    closed = RoundFactory(honours=[steps[1]])
    for name, state in (("甲", State.SUBMITTED), ("乙", State.REJECTED), ("丙", State.DECIDED)):
        AwardFactory(honour=steps[0], recipient=name, union=grassroots)
        lead(NominationFactory(round=closed, union=grassroots, name=name), state)
    later = (closed.closes_on + timedelta(days=40)).isoformat()
    expected = {"甲": Stage.NOMINATED, "乙": Stage.NO_ROUND, "丙": Stage.NOMINATED}
    assert found(steps[1], later) == expected

    Nomination.objects.filter(name="丙").update(naming="not_named")
    assert found(steps[1], later) == expected | {"丙": Stage.NO_ROUND}


def test_a_round_of_another_county_opens_nothing_here(steps, outsider):
    AwardFactory(honour=steps[0], recipient="甲")
    RoundFactory(union=outsider.union, honours=[steps[1]])
    assert found(steps[1]) == {"甲": Stage.NO_ROUND}


# --- Pages ---------------------------------------------------------------------------------------


def recipients(response) -> list[str]:
    return sorted(line.name for line in response.context["lines"])


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (roles.LEADER, 200),
        (roles.FINANCE, 200),
        (roles.ECONOMY, 200),
        (roles.ORGANISATION, 200),
        (roles.TOWNSHIP, 200),
        (roles.GRASSROOTS, 200),
        (roles.AUDITOR, 403),
        (roles.SYSTEM_ADMIN, 403),
    ],
)
def test_who_reads_awards_or_figures_opens_it(client, role, status, steps):
    client.force_login(UserFactory(roles=(role,)))
    assert [
        client.get(one).status_code
        for one in (reverse("awards:ladder"), reverse("awards:ladder_title", args=[steps[1].pk]))
    ] == [
        status,
        status,
    ]


def test_strangers_sign_in_first_and_unknown_titles_are_not_there(client, leader):
    assert client.get("/ladder/").url == "/login/?next=/ladder/"
    client.force_login(leader)
    assert client.get("/ladder/999999/").status_code == 404


def test_everyone_sees_ones_own_subtree(
    steps, signed_in, officer, township_officer, awards_clerk, outsider, grassroots
):
    AwardFactory(honour=steps[0], recipient="本单位", union=grassroots)
    AwardFactory(honour=steps[0], recipient="同乡镇", union=UnionFactory(parent=township_officer.union))
    AwardFactory(honour=steps[0], recipient="别处泄密人")
    address = reverse("awards:ladder_title", args=[steps[1].pk])
    seen = [recipients(signed_in(user).get(address)) for user in (officer, township_officer, awards_clerk, outsider)]
    assert [len(one) for one in seen] == [1, 2, 3, 0]
    for user, own in ((officer, ["本单位"]), (township_officer, ["同乡镇", "本单位"])):
        response = signed_in(user).get("/ladder/")
        assert recipients(response) == sorted(own)
        assert "别处泄密人" not in response.content.decode()


def test_leaders_read_masked_names_of_persons_and_no_drafts_links(steps, signed_in, leader, awards_clerk, grassroots):
    AwardFactory(honour=steps[0], recipient="杨秀英", union=grassroots)
    AwardFactory(honour=honour("county.worker_pioneer"), recipient="制茶一车间", union=grassroots)
    addresses = [
        reverse("awards:ladder_title", args=[pk]) for pk in (steps[1].pk, honour("prefecture.worker_pioneer").pk)
    ]
    for user, expected in ((leader, [["杨*英"], ["制茶一车间"]]), (awards_clerk, [["杨秀英"], ["制茶一车间"]])):
        client = signed_in(user)
        assert [recipients(client.get(address)) for address in addresses] == expected
    page = signed_in(leader).get(addresses[0] + "?show=now").content.decode()
    assert "杨秀英" not in page
    assert "/nominations/" not in page


@time_machine.travel("2018-06-01", tick=False)
def test_every_number_leads_to_exactly_its_rows(steps, signed_in, leader):
    low, middle, high = steps
    for number, day in enumerate(("2015-05", "2016", "2017-01-01", "2018")):
        AwardFactory(honour=low, recipient=f"第{number}人", awarded_on=day)
    AwardFactory(honour=middle, recipient="高一级")
    AwardFactory(honour=high, recipient="最高级")
    client = signed_in(leader)
    links = [(unescape(href), int(text)) for href, text in LINK.findall(client.get("/ladder/").content.decode())]

    ours = [number for href, number in links if f"/ladder/{middle.pk}/" in href or f"/ladder/{low.pk}/" in href]
    assert ours == [1, 1, 3, 4]
    for href, number in links:
        assert (href, len(client.get(href).context["lines"])) == (href, number)


def test_holders_can_be_narrowed_and_nonsense_shows_nothing(steps, signed_in, awards_clerk):
    low, middle, _high = steps
    for town in ("平舟镇", "克度镇"):
        AwardFactory(honour=low, recipient=town, union=UnionFactory(township=town))
    union = UnionFactory(township="平舟镇")
    AwardFactory(honour=low, recipient="已申报", union=union)
    NominationFactory(round=RoundFactory(honours=[middle]), union=union, name="已申报")
    client, address = signed_in(awards_clerk), reverse("awards:ladder_title", args=[middle.pk])

    def asked(**query):
        response = client.get(address, query)
        assert response.status_code == 200
        return recipients(response)

    assert asked(township="平舟镇") == ["已申报", "平舟镇"]
    assert asked(stage="nominated") == ["已申报"]
    assert asked(stage="ready", township="克度镇") == ["克度镇"]
    assert [asked(township="没有的镇"), asked(stage="x"), asked(stage="waiting")] == [[], [], []]
    assert asked(show="x", page="x", top="x") == asked()


def test_an_officer_reads_what_to_do_next_in_plain_words(steps, signed_in, officer, grassroots):
    low, middle, high = steps
    round_ = RoundFactory(title="2026 年州级奖章评选", honours=[middle])
    PaperFactory(round=round_)
    for name, title in (("韦一", low), ("韦二", low), ("韦三", middle)):
        AwardFactory(honour=title, recipient=name, union=grassroots)
    AwardFactory(honour=low, recipient="韦四", union=grassroots, awarded_on=timezone.localdate().isoformat())
    NominationFactory(round=round_, union=grassroots, name="韦二", summary="")

    response = signed_in(officer).get("/ladder/")
    told = [(line.name, line.prospect.honour, line.prospect.stage, line.lacks) for line in response.context["lines"]]
    assert told == [
        ("韦一", middle, "ready", None),
        ("韦二", middle, "nominated", 2),
        ("韦三", high, "no_round", None),
        ("韦四", middle, "waiting", None),
    ]
    text = re.sub(r"<[^>]+>|\s+", "", response.content.decode())
    assert "您单位可以争取的荣誉" in text
    assert "还有2项未填" in text
    assert "2026年州级奖章评选" in text


@pytest.mark.parametrize(
    ("who", "address", "queries"),
    [
        ("leader", "overview", 11),
        ("township_officer", "overview", 18),
        ("leader", "title", 19),
        ("awards_clerk", "title", 19),
    ],
)
def test_the_number_of_queries_does_not_grow(
    request, steps, signed_in, who, address, queries, township, django_assert_num_queries
):
    client = signed_in(request.getfixturevalue(who))
    url = reverse("awards:ladder") if address == "overview" else reverse("awards:ladder_title", args=[steps[1].pk])

    def add():
        union = UnionFactory(parent=township)
        round_ = RoundFactory(honours=[steps[1]])
        PaperFactory(round=round_)
        for number in range(2):
            one = AwardFactory(honour=steps[0], union=union, recipient=f"第{number}人")
        NominationFactory(round=round_, union=union, name=one.recipient)

    add()
    client.get(url)
    with django_assert_num_queries(queries):
        client.get(url)
    add()
    add()
    with django_assert_num_queries(queries):
        response = client.get(url)
    if "lines" in response.context:
        assert len(response.context["lines"]) == 6


def test_the_county_is_the_default_of_nobody(steps, client):
    """An account that serves no union sees an empty ladder, not everyone's."""
    AwardFactory(honour=steps[0], union=county())
    user = UserFactory(roles=(roles.LEADER,), union=None)
    client.force_login(user)
    assert recipients(client.get(reverse("awards:ladder_title", args=[steps[1].pk]))) == []
