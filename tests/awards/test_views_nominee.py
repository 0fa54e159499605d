"""The first step of a nomination: a title, somebody of one's own, what is to be said; nothing of others."""

import pytest
from django.urls import reverse

from awards.models import Nomination
from members.services import record_event
from pingtang_union.workflow.table import State
from tests.factories import CadreFactory, MemberFactory, NominationFactory, RoundFactory, UnionFactory, honour
from tests.page_helpers import errors, filled

pytestmark = pytest.mark.django_db


def new(round_, **conditions):
    query = "&".join(f"{name}={value}" for name, value in {"round": round_.pk, **conditions}.items())
    return f"{reverse('awards:nomination_create')}?{query}"


def step(one, name):
    return reverse(f"awards:nomination_{name}", args=[one.pk])


def said(response):
    return [str(message) for message in response.context["messages"]]


def again(one):
    return Nomination.objects.get(pk=one.pk)


def names(response):
    return [str(one) for one in response.context["page_obj"]]


@pytest.fixture
def round_(db):
    return RoundFactory(title="五一评选", honours=[honour("county.pacesetter"), honour("county.pacesetter_post")])


@pytest.fixture
def nomination(grassroots):
    """A draft of the officer's own union."""
    return NominationFactory(union=grassroots, name="石梅", deeds="", summary="")


# --- Beginning -----------------------------------------------------------------------------


def test_first_the_title_then_who_then_what_is_said_of_her(signed_in, officer, grassroots, round_):
    member = MemberFactory(union=grassroots, name="石梅", employer="金盆街道第一小学", is_migrant=True, gender="2")
    client = signed_in(officer)
    title = honour("county.pacesetter")

    titles = client.get(new(round_))
    assert list(titles.context["honours"]) == list(round_.honours.in_order())
    who = client.get(new(round_, honour=title.pk))
    assert names(who) == ["石梅"]
    facts = client.get(new(round_, honour=title.pk, member=member.pk))
    assert facts.context["form"]["position"].value() == "金盆街道第一小学"
    assert {"name", "union", "is_migrant", "honour"} & set(facts.context["form"].fields) == set()
    saved = client.post(facts.wsgi_request.get_full_path(), filled(facts, kind="front_line"))

    draft = Nomination.objects.get()
    assert saved.url == step(draft, "merits")
    assert (draft.member, draft.name, draft.union, draft.is_migrant, draft.gender, draft.created_by, draft.state) == (
        member, "石梅", grassroots, True, "2", officer, State.DRAFT,
    )  # fmt: skip


def test_by_name_and_later(signed_in, officer, grassroots, round_):
    address = new(round_, honour=honour("county.pacesetter_post").pk, by_name="yes")
    saved = signed_in(officer).post(address, {"name": "一线 班组", "leave": "yes"})

    draft = Nomination.objects.get()
    assert saved.url == step(draft, "detail")
    assert (draft.name, draft.kind, draft.union) == ("一线 班组", "collective", grassroots)


def test_a_cadre_and_a_union_are_nominated(signed_in, officer, grassroots, round_):
    cadre = CadreFactory(union=grassroots, name="陆文", post="主席")
    client = signed_in(officer)
    facts = client.get(new(round_, honour=honour("county.pacesetter").pk, cadre=cadre.pk))
    client.post(facts.wsgi_request.get_full_path(), filled(facts, kind="cadre"))
    client.post(new(round_, honour=honour("county.pacesetter_post").pk, nominee_union=grassroots.pk), {})

    assert {(one.name, one.cadre_id, one.nominee_union_id, one.position) for one in Nomination.objects.all()} == {
        ("陆文", cadre.pk, None, f"{grassroots}主席"),
        (grassroots.name, None, grassroots.pk, ""),
    }


def test_search_is_by_the_beginning_of_a_name_among_own_current_people(signed_in, officer, grassroots, round_):
    for name in ("石梅", "石松", "梅石"):
        MemberFactory(union=grassroots, name=name)
    left = MemberFactory(union=grassroots, name="石离会")
    record_event(member=left, kind="leave", on="2024-01", reason="辞职", by=None)
    MemberFactory(name="石别处")
    CadreFactory(union=grassroots, name="石干部")
    CadreFactory(union=grassroots, name="石离任", ended_on="2020-01")
    client = signed_in(officer)
    address = new(round_, honour=honour("county.pacesetter").pk)

    found = client.get(f"{address}&q=石")
    assert (names(found), found.context["tabs"]) == (
        ["石梅", "石松"],
        [("member", "会员", 2, True), ("cadre", "干部", 1, False)],
    )
    assert names(client.get(f"{address}&q=石&from=cadre")) == ["石干部"]
    assert client.get(f"{address}&q=石干").context["source"] == "cadre"  # the list that has anybody
    assert names(client.get(f"{address}&q=%E3%80%82")) == []


def test_unions_are_found_by_a_part_of_the_name(signed_in, township_officer, township, grassroots, round_):
    UnionFactory(name="别处第一小学工会")
    address = new(round_, honour=honour("county.pacesetter_post").pk)

    assert names(signed_in(township_officer).get(f"{address}&q=第一小学")) == [grassroots.name]


def test_a_long_roster_is_paged(signed_in, officer, grassroots, round_):
    for _ in range(21):
        MemberFactory(union=grassroots)
    address = new(round_, honour=honour("county.pacesetter").pk)

    assert [len(names(signed_in(officer).get(f"{address}&page={page}"))) for page in (1, 2)] == [20, 1]


@pytest.mark.parametrize("source", ["member", "cadre", "nominee_union"])
@pytest.mark.parametrize("key", ["other", "0", "x"])
def test_nobody_of_another_union_is_nominated(signed_in, officer, round_, source, key):
    other = {"member": MemberFactory, "cadre": CadreFactory, "nominee_union": UnionFactory}[source]()
    address = new(round_, honour=honour("county.pacesetter").pk, **{source: other.pk if key == "other" else key})
    client = signed_in(officer)

    assert (client.get(address).status_code, client.post(address, {"kind": "cadre"}).status_code) == (404, 404)
    assert not Nomination.objects.exists()


def test_a_township_names_whose_nomination_it_is(signed_in, township_officer, township, grassroots, round_):
    client = signed_in(township_officer)
    address = new(round_, honour=honour("county.pacesetter").pk, by_name="yes")
    form = client.get(address).context["form"]
    assert (set(form.fields["union"].queryset), form["union"].value()) == ({township, grassroots}, township.pk)
    data = {"name": "罗一", "kind": "front_line", "position": "班长"}

    other = client.post(address, {**data, "union": UnionFactory().pk})
    assert list(errors(other)) == ["union"]
    client.post(address, {**data, "union": grassroots.pk})
    member = MemberFactory(union=grassroots)
    client.post(new(round_, honour=honour("county.pacesetter").pk, member=member.pk), data)
    assert {one.union for one in Nomination.objects.all()} == {grassroots}


def test_one_nominee_once_a_round(signed_in, officer, grassroots, round_):
    member = MemberFactory(union=grassroots)
    NominationFactory(round=round_, union=grassroots, member=member, honour=honour("county.pacesetter"))
    address = new(round_, honour=honour("county.pacesetter").pk, member=member.pk)
    refused = signed_in(officer).post(address, {"kind": "front_line", "position": "班长"})

    assert errors(refused) == {"__all__": ["这个推荐对象在这次评选中已经有一份推荐，一次评选只能推荐一次。"]}


def test_a_closed_round_takes_nobody_and_says_so(signed_in, officer, round_):
    round_.closes_on = round_.opens_on
    round_.closed_on = round_.opens_on
    round_.save()
    response = signed_in(officer).get(new(round_), follow=True)

    assert said(response) == ["「五一评选」现在不收申报。"]
    assert response.redirect_chain[-1][0] == reverse("awards:round_detail", args=[round_.pk])


@pytest.mark.parametrize("query", ["round=0", "round=x"])
def test_a_round_that_there_is_not(signed_in, officer, query):
    assert signed_in(officer).get(f"{reverse('awards:nomination_create')}?{query}").status_code == 404


def test_a_title_that_the_round_has_not(signed_in, officer, round_):
    assert signed_in(officer).get(new(round_, honour=0)).status_code == 404


def test_without_a_round_one_chooses_one(signed_in, officer):
    assert signed_in(officer).get(reverse("awards:nomination_create")).url == reverse("awards:round_list")


# --- A draft ---------------------------------------------------------------------------------


def test_another_nominee_is_taken_from_the_same_union(signed_in, township_officer, township, nomination):
    Nomination.objects.update(created_by=township_officer)
    own = MemberFactory(union=nomination.union, name="罗一")
    other = MemberFactory(union=UnionFactory(parent=township), name="罗二")
    client = signed_in(township_officer)

    assert names(client.get(f"{step(nomination, 'update')}?pick=yes")) == ["罗一"]
    assert client.get(f"{step(nomination, 'update')}?member={other.pk}").status_code == 404
    address = f"{step(nomination, 'update')}?member={own.pk}"
    client.post(address, filled(client.get(address)))
    assert (again(nomination).member, again(nomination).name) == (own, "罗一")


def test_a_record_gives_way_to_a_name(signed_in, officer, grassroots):
    nomination = NominationFactory(union=grassroots, member=MemberFactory(union=grassroots))
    address = f"{step(nomination, 'update')}?by_name=yes"
    client = signed_in(officer)
    client.post(address, filled(client.get(address), name="花名册外的人"))

    assert (again(nomination).member, again(nomination).name) == (None, "花名册外的人")


def test_only_titles_for_the_same_kind_of_recipient_are_offered(signed_in, officer, grassroots):
    medal, post = honour("county.pacesetter"), honour("county.pacesetter_post")
    round_ = RoundFactory(honours=[medal, post, honour("prefecture.may_day_medal")])
    nomination = NominationFactory(round=round_, union=grassroots, honour=medal)
    form = signed_in(officer).get(step(nomination, "update")).context["form"]

    assert set(form.fields["honour"].queryset) == {medal, honour("prefecture.may_day_medal")}


def test_what_is_wrong_in_another_step_is_said_above(signed_in, officer, nomination):
    nomination.honour.kind = "collective"  # corrected in the catalogue meanwhile
    nomination.honour.save()
    client = signed_in(officer)
    page = client.get(step(nomination, "merits"))

    assert errors(client.post(step(nomination, "merits"), filled(page, deeds="事迹"))) == {
        "__all__": [f"「{nomination.honour}」授予集体或岗位，推荐对象类别不符。"]
    }
