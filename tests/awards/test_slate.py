"""The slate of a round: shares, what is needed, what the next pick does, and the page over rows that could leak."""

from datetime import timedelta
from fractions import Fraction

import pytest
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from awards.models import Nomination, SlateRatio
from awards.slate import Basis, Share, advice, effects, helps, is_on, places_of, slate_of
from members import roles
from pingtang_union.workflow.table import State, transition_called
from tests.awards.walk import lead
from tests.factories import NominationFactory, QuotaFactory, RatioFactory, RoundFactory, UnionFactory, UserFactory

percents = st.decimals(min_value=0, max_value=100, places=2)
counts = st.integers(0, 40).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total)))


def share(count, total, percent=35, bound="at_least", trait="industrial") -> Share:
    return Share(SlateRatio(trait=trait, bound=bound, percent=percent), count, total)


def nominee(kind="industrial", **said) -> Nomination:
    return Nomination(kind=kind, **said)


# --- Arithmetic --------------------------------------------------------------------------------


@given(counts, percents)
def test_needed_is_the_smallest_number_that_meets_a_floor(counted, percent):
    now = share(*counted, percent)
    if now.needed is None:
        assert percent == 100
        assert not any(now.moved(True, k).is_met for k in range(200))
        return
    assert now.moved(True, now.needed).is_met
    assert not any(now.moved(True, k).is_met for k in range(max(0, now.needed - 50), now.needed))


@given(counts, percents)
def test_too_many_is_the_smallest_number_that_has_to_go_for_a_cap(counted, percent):
    now = share(*counted, percent, "at_most")
    assert now.moved(True, -now.too_many).is_met
    assert not any(now.moved(True, -k).is_met for k in range(now.too_many))


@given(counts, percents, st.sampled_from(["at_least", "at_most"]))
def test_swaps_are_the_fewest_that_meet_the_bound_over_as_many(counted, percent, bound):
    now = share(*counted, percent, bound)
    step = 1 if bound == "at_least" else -1
    assert now.total == 0 or share(now.count + step * now.swaps, now.total, percent, bound).is_met
    assert now.swaps == 0 or not share(now.count + step * (now.swaps - 1), now.total, percent, bound).is_met


@given(counts, percents, st.sampled_from(["at_least", "at_most"]))
def test_what_is_shown_never_looks_met_when_it_is_not(counted, percent, bound):
    now = share(*counted, percent, bound)
    looks_met = now.percent >= percent if bound == "at_least" else now.percent <= percent
    assert now.is_met or not looks_met
    assert abs(Fraction(now.percent) - now.part * 100) < Fraction(1, 10)


@pytest.mark.parametrize(
    ("count", "total", "percent", "shown"),
    [(7, 20, 35, "35.0"), (2, 3, 35, "66.7"), (0, 0, 35, "0.0"), (3499, 10000, 35, "34.9")],
)
def test_a_share_has_one_decimal(count, total, percent, shown):
    assert str(share(count, total, percent).percent) == shown


@pytest.mark.parametrize(
    ("now", "left", "said"),
    [
        (share(2, 8), None, "再选 2 名产业工人就够 35%"),
        (share(2, 8), 2, "再选 2 名产业工人就够 35%"),
        (share(2, 8), 1, "名额只剩 1 个，都选产业工人也不够 35%，还要换上 1 名"),
        (share(2, 8), 0, "名额已经用完，要换上 1 名产业工人才够 35%"),
        (share(7, 20), None, "再选不是产业工人的就不够 35%"),
        (share(5, 10), None, "已经达到"),
        (share(1, 3, 100), None, "要求全部是产业工人，名单里有 2 名不是"),
        (share(1, 10, 13, "at_most", "enterprise_head"), None, "再选企业负责人会超过 13%"),
        (share(1, 20, 13, "at_most", "enterprise_head"), None, "没有超过"),
        (share(3, 10, 13, "at_most", "enterprise_head"), None, "超过 13%，要去掉 2 名企业负责人"),
    ],
)
def test_advice_in_words(now, left, said):
    assert advice(now, left) == said


# --- Who counts, and the next pick ---------------------------------------------------------------


def test_one_person_counts_for_each_of_her_traits_and_collectives_for_none():
    ratios = [SlateRatio(trait=trait, percent=10) for trait in ("industrial", "migrant", "non_public")]
    slate = slate_of(
        ratios,
        [nominee(is_migrant=True, is_non_public=True), nominee("cadre"), nominee("collective", is_non_public=True)],
    )
    assert [(one.count, one.total) for one in slate.shares] == [(1, 2), (1, 2), (1, 2)]
    assert (slate.total, slate.others) == (2, 1)


@pytest.mark.parametrize(
    ("slate", "kind", "turns"),
    [
        (["front_line"] * 2, "industrial", ["better", "same"]),
        (["industrial"] + ["front_line"] * 2, "industrial", ["meets", "same"]),
        (["industrial"] + ["front_line"] * 2, "front_line", ["worse", "same"]),
        (["industrial"] * 7 + ["front_line"] * 13, "front_line", ["breaks", "same"]),
        (["industrial"] * 8, "enterprise_head", ["same", "same"]),
        (["industrial"] * 5, "enterprise_head", ["same", "breaks"]),
        (["industrial"] * 5 + ["enterprise_head"] * 2, "industrial", ["same", "better"]),
        ([], "industrial", ["meets", "same"]),
    ],
)
def test_the_next_pick_turns_shares(slate, kind, turns):
    ratios = [
        SlateRatio(trait="industrial", percent=35),
        SlateRatio(trait="enterprise_head", percent=13, bound="at_most"),
    ]
    found = effects(slate_of(ratios, [nominee(one) for one in slate]), nominee(kind))
    assert [effect.turn for effect in found] == turns
    assert helps(found) == (bool({"better", "meets"} & set(turns)) and not {"worse", "breaks"} & set(turns))


def test_taking_someone_off_is_reckoned_too_and_collectives_turn_nothing():
    slate = slate_of([SlateRatio(trait="industrial", percent=50)], [nominee(), nominee("cadre")])
    assert [effect.turn for effect in effects(slate, nominee("cadre"), -1)] == ["same"]
    assert [(effect.turn, effect.words) for effect in effects(slate, nominee(), -1)] == [("breaks", "不够了")]
    assert effects(slate, nominee("collective")) == []


def test_who_needs_no_recommendation_is_passed_on_when_handed_in():
    assert [is_on(nominee(state=State.SUBMITTED, is_direct=direct), Basis.PASSED_ON) for direct in (True, False)] == [
        True,
        False,
    ]
    states = (State.SUBMITTED, State.RECOMMENDED, State.REVIEWED)
    for basis, on in ((Basis.HANDED_IN, 3), (Basis.PASSED_ON, 2), (Basis.APPROVED, 1)):
        assert sum(is_on(nominee(state=state), basis) for state in states) == on


# --- The page ------------------------------------------------------------------------------------


@pytest.fixture
def round_(db):
    """A round that asks for at least 35 % of industrial workers and at most 13 % of heads of enterprises."""
    one = RoundFactory(title="2026 年劳动标兵评选")
    RatioFactory(round=one)
    RatioFactory(round=one, trait="enterprise_head", bound="at_most", percent=13)
    return one


def put_up(round_, union, state=State.SUBMITTED, **said):
    return lead(NominationFactory(round=round_, union=union, **said), state)


def seen(response):
    return {line.nomination.name for line in response.context["page_obj"]}


def counted(response):
    return [(line["share"].count, line["share"].total) for line in response.context["shares"]]


def page(round_, **asked):
    return reverse("awards:round_slate", args=[round_.pk], query=asked)


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (roles.ECONOMY, 200),
        (roles.TOWNSHIP, 200),
        (roles.GRASSROOTS, 403),
        (roles.LEADER, 403),
        (roles.RELIEF, 403),
        (roles.AUDITOR, 403),
    ],
)
def test_townships_and_reviewers_open_it(client, role, status, round_, township):
    client.force_login(UserFactory(roles=(role,), union=township))
    assert client.get(page(round_)).status_code == status


def test_strangers_sign_in_first(client, round_):
    assert client.get(page(round_)).url == f"/login/?next={page(round_)}"


def test_another_countys_staff_finds_nothing(signed_in, outsider, insider, round_, grassroots):
    put_up(round_, grassroots)
    assert signed_in(insider).get(page(round_)).status_code == 200
    assert signed_in(outsider).get(page(round_)).status_code == 404


def test_a_township_sees_its_own_nominees_only(signed_in, township_officer, awards_clerk, round_, grassroots):
    put_up(round_, grassroots, name="韦本地", kind="industrial")
    elsewhere = UnionFactory(parent=UnionFactory(level="township"))
    put_up(round_, elsewhere, State.RECOMMENDED, name="别处泄密人")

    response = signed_in(township_officer).get(page(round_))
    assert (seen(response), counted(response)) == ({"韦本地"}, [(0, 0), (0, 0)])
    assert "别处泄密人" not in response.content.decode()
    assert seen(signed_in(awards_clerk).get(page(round_))) == {"韦本地", "别处泄密人"}


def test_a_round_that_has_not_been_announced_is_the_countys(signed_in, township_officer, awards_clerk):
    ahead = RoundFactory(opens_on=timezone.localdate() + timedelta(days=1))
    assert signed_in(township_officer).get(page(ahead)).status_code == 404
    assert signed_in(awards_clerk).get(page(ahead)).status_code == 200


def test_who_is_on_the_slate_follows_from_what_one_counts(signed_in, awards_clerk, round_, grassroots):
    for number, state in enumerate((State.DRAFT, State.SUBMITTED, State.RECOMMENDED, State.REVIEWED, State.REJECTED)):
        put_up(round_, grassroots, state, name=f"第{number}人", kind="industrial")
    client = signed_in(awards_clerk)

    totals = [
        counted(client.get(page(round_, **asked)))[0] for asked in ({}, {"basis": "passed_on"}, {"basis": "handed_in"})
    ]
    assert totals == [(1, 1), (2, 2), (3, 3)]
    assert seen(client.get(page(round_))) == {"第1人", "第2人"}
    assert seen(client.get(page(round_, show="slate"))) == {"第3人"}


def test_a_trial_changes_the_shares_and_nothing_else(signed_in, awards_clerk, round_, grassroots):
    on = put_up(round_, grassroots, State.REVIEWED, name="已审核", kind="front_line")
    off = put_up(round_, grassroots, State.RECOMMENDED, name="候选人", kind="industrial")
    client = signed_in(awards_clerk)

    response = client.get(page(round_, pick=[off.pk, on.pk, "x"]))
    assert counted(response)[0] == (1, 2)
    assert [(line.nomination, line.is_tried) for line in response.context["page_obj"]] == [(off, True)]
    response = client.get(page(round_, pick=off.pk, drop=on.pk, show="slate"))
    assert counted(response)[0] == (1, 1)
    assert response.context["kept"] == [("pick", off.pk)]
    assert list(Nomination.objects.order_by("pk").values_list("state", flat=True)) == ["reviewed", "recommended"]


def test_only_who_helps_can_be_listed(signed_in, awards_clerk, round_, grassroots):
    for kind in ("front_line", "front_line"):
        put_up(round_, grassroots, State.REVIEWED, kind=kind)
    put_up(round_, grassroots, name="产业工人", kind="industrial")
    put_up(round_, grassroots, name="负责人", kind="enterprise_head")
    client = signed_in(awards_clerk)
    assert seen(client.get(page(round_))) == {"产业工人", "负责人"}
    assert seen(client.get(page(round_, helps="yes"))) == {"产业工人"}


def test_a_title_can_be_looked_at_alone_and_nonsense_shows_nothing(signed_in, awards_clerk, round_, grassroots):
    put_up(round_, grassroots, name="一人")
    client = signed_in(awards_clerk)
    assert seen(client.get(page(round_, honour=round_.honours.get().pk))) == {"一人"}
    for asked in ({"honour": "999999"}, {"honour": "x"}, {"basis": "x"}, {"helps": "x"}):
        response = client.get(page(round_, **asked))
        assert (response.status_code, seen(response)) == (200, set())
        assert "查看条件有误" in response.content.decode()


def test_places_are_those_that_concern_the_viewer(
    signed_in, township_officer, awards_clerk, round_, township, grassroots
):
    elsewhere = UnionFactory(name="别处工会", system="卫生", parent=UnionFactory(level="township"))
    for union, places in ((township, 3), (elsewhere, 2)):
        QuotaFactory(round=round_, union=union, places=places)
    QuotaFactory(round=round_, union=None, system="卫生", places=5)
    round_.county_places = 9
    round_.save()
    put_up(round_, grassroots)
    put_up(round_, grassroots, State.RECOMMENDED)
    put_up(round_, grassroots, State.REVIEWED)
    put_up(round_, elsewhere, State.REVIEWED)

    def places(user):
        found = signed_in(user).get(page(round_)).context
        return [(one.holder, one.places, one.used) for one in found["places"]], found["left"]

    assert places(township_officer) == ([(township.name, 3, 2)], 1)
    assert places(awards_clerk) == (
        [("全县", 9, 2), (township.name, 3, 2), ("别处工会", 2, 1), ("卫生系统", 5, 1)],
        7,
    )


def test_more_picks_than_places_are_told(signed_in, township_officer, round_, township, grassroots):
    QuotaFactory(round=round_, union=township, places=1)
    picks = [put_up(round_, grassroots).pk for _ in range(3)]
    response = signed_in(township_officer).get(page(round_, pick=picks))
    assert (response.context["left"], response.context["beyond"]) == (-2, 2)
    assert "比名额多 2 个" in response.content.decode()


def test_used_places_are_those_that_the_guard_counts(round_, township, grassroots):
    quota = QuotaFactory(round=round_, union=township, places=2)
    put_up(round_, grassroots, State.RECOMMENDED)
    waiting = put_up(round_, grassroots)
    recommend = transition_called(Nomination, "recommend")

    assert (places_of(round_, [quota])[0].left, waiting.missing_for(recommend)) == (1, [])
    put_up(round_, grassroots, State.RECOMMENDED)
    assert (places_of(round_, [quota])[0].left, len(waiting.missing_for(recommend))) == (0, 1)


@pytest.mark.parametrize(("who", "queries"), [("awards_clerk", 12), ("township_officer", 12)])
def test_the_number_of_queries_does_not_grow(
    request, signed_in, who, queries, round_, township, grassroots, django_assert_num_queries
):
    client = signed_in(request.getfixturevalue(who))
    QuotaFactory(round=round_, union=township, places=9)
    put_up(round_, grassroots)
    client.get(page(round_))
    with django_assert_num_queries(queries):
        client.get(page(round_))
    for trait in ("migrant", "non_public"):
        union = UnionFactory(parent=township)
        put_up(round_, union)
        QuotaFactory(round=round_, union=union)
        RatioFactory(round=round_, trait=trait)
    with django_assert_num_queries(queries):
        assert len(seen(client.get(page(round_)))) == 3
