"""Officers' pages of star unions: own rows only, one dimension at a time, nobody ranked."""

import io
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from awards import services
from awards.models import ItemScore, Scorecard, ScorecardFile, StarScheme, StarThreshold
from members import roles
from pingtang_union.workflow.table import State
from tests.awards.cards import PAPER, items_of, lead, make_scheme, people_for
from tests.awards.walk import perform
from tests.factories import ScorecardFactory, StarItemFactory, UnionFactory, UserFactory
from tests.page_helpers import errors, routes

pytestmark = pytest.mark.django_db

LIST = "/stars/"
SECRET = "别处泄密"


@pytest.fixture
def scheme():
    return make_scheme(title="好花红星级工会评定标准（2026 年）", year=2026)


@pytest.fixture
def card(scheme, grassroots):
    """The officer's own, empty."""
    return ScorecardFactory(scheme=scheme, union=grassroots)


@pytest.fixture
def other(scheme):
    """Another union's, with evidence: could be read, scored and handed in."""
    union = UnionFactory(name=f"{SECRET}工会")
    other = lead(State.DRAFT, union, scheme)
    ItemScore.objects.update(self_note=f"{SECRET}说明")
    by = UserFactory(union=union, roles=(roles.GRASSROOTS,))
    services.add_evidence(scorecard=other, item=items_of(scheme)[0], files=[PAPER], by=by)
    return other


def said(response) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def answers(response, score, **more) -> dict:
    """What the browser would send from the scores' form, with `score` for every item."""
    form = response.context["form"]
    data = {field.html_name: field.value() or "" for field in form}
    return data | {name: score for name in data if name.startswith("score_")} | {"then": "stay"} | more


def score_page(card, step=1) -> str:
    return reverse("awards:scorecard_score", args=[card.pk, step])


def evidence_page(card, place=0) -> str:
    return reverse("awards:scorecard_evidence", args=[card.pk, items_of(card.scheme)[place].pk])


# --- Who may -------------------------------------------------------------------------------


def addresses(card: Scorecard) -> list[str]:
    """Every address that names a record of this scorecard."""
    found = []
    for name in set(routes("awards.urls", ("scorecard_",))) - {"awards:scorecard_start"}:
        if name == "awards:scorecard_move":
            found += [reverse(name, args=[card.pk, one]) for one in ("submit", "abandon", "withdraw")]
        elif name == "awards:scorecard_evidence":
            found.append(evidence_page(card))
        elif "file" in name:
            found.append(reverse(name, args=[card.files.get().pk]))
        else:
            found.append(reverse(name, args=[card.pk]))
    return [*found, score_page(card, 2)]


def test_the_walk_reaches_every_page_with_a_record(other):
    assert len(addresses(other)) == 9


def test_another_unions_records_are_not_there(signed_in, officer, other):
    of_other_township = UserFactory(union=UnionFactory(level="township"), roles=(roles.TOWNSHIP,))
    before = list(ItemScore.objects.order_by("pk").values_list())

    for user in (officer, of_other_township):
        client = signed_in(user)
        posted = {"reason": "想看看别人的", "then": "stay", "uploads": [SimpleUploadedFile("a.pdf", PAPER.content)]}
        assert {client.get(address).status_code for address in addresses(other)} == {404}
        assert {client.post(address, posted).status_code for address in addresses(other)} <= {404, 405}
        assert SECRET not in client.get(LIST).content.decode()
        assert SECRET not in client.get(reverse("awards:scorecard_start", args=[other.scheme_id])).content.decode()

    assert list(ItemScore.objects.order_by("pk").values_list()) == before
    assert (Scorecard.objects.get().state, ScorecardFile.objects.count()) == (State.DRAFT, 1)


def test_a_foreign_county_sees_no_scheme(signed_in, outsider, other):
    client = signed_in(outsider)

    assert client.get(LIST).context["entries"] == []
    assert client.get(reverse("awards:scorecard_start", args=[other.scheme_id])).status_code == 404


def test_strangers_are_led_to_the_sign_in_and_leaders_refused(client, signed_in, leader, other):
    pages = [LIST, reverse("awards:scorecard_start", args=[other.scheme_id]), *addresses(other)]

    assert {client.get(page).url.split("?")[0] for page in pages} == {"/login/"}
    assert {signed_in(leader).get(page).status_code for page in pages} == {403}


def test_who_reviews_reads_and_fills_in_nothing(signed_in, awards_clerk, other):
    client = signed_in(awards_clerk)
    shown = client.get(reverse("awards:scorecard_detail", args=[other.pk]))

    assert (shown.status_code, shown.context["may_edit"], shown.context["offers"]) == (200, False, [])
    assert client.get(score_page(other)).status_code == 403
    assert client.get(reverse("awards:scorecard_file", args=[other.files.get().pk])).status_code == 200


# --- The list ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "text"),
    [(None, "没有规定自评截止日期"), (-1, "截止。"), (0, "今天截止"), (3, '还有 <strong class="num">3</strong> 天')],
)
def test_an_officer_sees_how_long_there_is_time(signed_in, officer, scheme, days, text):
    scheme.closes_on = None if days is None else timezone.localdate() + timedelta(days=days)
    scheme.save()

    response = signed_in(officer).get(LIST)

    (entry,) = response.context["entries"]
    assert (entry.scheme, entry.card, entry.days_left, entry.may_start) == (
        scheme,
        None,
        days,
        days is None or days >= 0,
    )
    assert text in response.content.decode()
    assert "chosen" not in response.context


def test_own_scorecards_and_the_stars_of_former_years(signed_in, officer, grassroots, scheme):
    former = make_scheme(title="2025 年评定标准", year=2025)
    lead(State.DECIDED, grassroots, former, county=9)
    on_its_way = make_scheme(title="停用的标准", year=2024)
    waiting = lead(State.SUBMITTED, grassroots, on_its_way)
    StarScheme.objects.exclude(pk=scheme.pk).update(is_in_use=False)

    context = signed_in(officer).get(LIST).context

    assert [(entry.scheme, entry.card) for entry in context["entries"]] == [(scheme, None), (on_its_way, waiting)]
    assert [(card.scheme.year, card.stars_label()) for card in context["decided"]] == [(2025, "五星级")]


def test_a_township_sees_how_far_its_unions_are_in_tree_order(signed_in, township_officer, township, scheme, other):
    best, none, worst = (UnionFactory(name=f"{word}工会", parent=township) for word in ("甲", "乙", "丙"))
    UnionFactory(name="丁工会", parent=township, status="dissolved", dissolved_on="2020-01")
    lead(State.DECIDED, worst, scheme, county=10)
    lead(State.SUBMITTED, best, scheme)
    client = signed_in(township_officer)

    def shown(**asked) -> list:
        return [(union.name, state, stars) for union, state, stars in client.get(LIST, asked).context["lines"]]

    everyone = [("甲工会", State.SUBMITTED, ""), ("乙工会", None, ""), ("丙工会", State.DECIDED, "五星级")]
    assert shown() == everyone
    assert shown(progress="none") == everyone[1:2]
    assert shown(progress="waiting") == everyone[:1]
    assert shown(progress="decided", scheme=scheme.pk) == everyone[2:]
    assert [shown(progress=wrong) for wrong in ("filling", "rejected", "x")] == [[], [], []]
    assert shown(scheme=999) == []
    assert none.name in client.get(LIST).content.decode()


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_asks_no_more_for_more_unions(
    signed_in, township_officer, township, scheme, number, django_assert_num_queries
):
    for _ in range(number):
        lead(State.DECIDED, UnionFactory(parent=township), scheme)
    client = signed_in(township_officer)
    client.get(LIST)

    with django_assert_num_queries(13):
        assert len(client.get(LIST).context["lines"]) == number


# --- Filling in ----------------------------------------------------------------------------


def test_from_the_start_to_handing_in(signed_in, officer, grassroots, scheme):
    client = signed_in(officer)
    page = client.get(reverse("awards:scorecard_start", args=[scheme.pk]))
    assert [union.name for union in page.context["form"].fields["union"].queryset] == [grassroots.name]

    first = client.post(page.request["PATH_INFO"], {"union": grassroots.pk}, follow=True)
    assert (first.context["step"], said(first)) == (1, [f"已开始自评：{grassroots}。"])
    second = client.post(first.request["PATH_INFO"], answers(first, "9.5", then="next"), follow=True)
    assert (second.context["step"], said(second)) == (2, ["已保存「组织建设」。"])
    assert [part.is_done for _, part, _ in second.context["steps"]] == [True, False]
    page = client.post(second.request["PATH_INFO"], answers(second, "9", then="next"), follow=True)

    card = Scorecard.objects.get()
    assert page.request["PATH_INFO"] == reverse("awards:scorecard_detail", args=[card.pk])
    assert (page.context["own"], page.context["unscored"], page.context["present_stars"]) == (37, 0, "五星级")
    client.post(reverse("awards:scorecard_move", args=[card.pk, "submit"]), {"seen": Scorecard.objects.get().revision})
    assert (Scorecard.objects.get().state, Scorecard.objects.get().submitted_by) == (State.SUBMITTED, officer)


def test_a_township_chooses_among_unions_without_one(signed_in, township_officer, township, card):
    free = UnionFactory(parent=township)

    form = signed_in(township_officer).get(reverse("awards:scorecard_start", args=[card.scheme_id])).context["form"]

    assert list(form.fields["union"].queryset) == [township, free]
    assert form["union"].value() == township.pk


def test_a_score_beyond_the_marks_is_said_beside_its_field(signed_in, officer, card):
    client = signed_in(officer)
    page = client.get(score_page(card))
    first, second, *_ = items_of(card.scheme)

    refused = client.post(
        score_page(card), answers(page, "8", **{f"score_{first.pk}": "12", f"score_{second.pk}": "好"})
    )

    assert errors(refused) == {
        f"score_{first.pk}": ["填了 12 分，要在 0 至满分 10 分之间。"],
        f"score_{second.pk}": ["请填数字，如 8 或 7.5。"],
    }
    assert not ItemScore.objects.exists()


def test_a_step_may_be_left_half_filled(signed_in, officer, card):
    client = signed_in(officer)
    first, *_ = items_of(card.scheme)
    page = client.get(score_page(card))

    client.post(score_page(card), answers(page, "", **{f"score_{first.pk}": "0", f"note_{first.pk}": "没有开展"}))

    assert list(ItemScore.objects.values_list("item", "self_score", "self_note")) == [(first.pk, 0, "没有开展")]
    again = client.get(reverse("awards:scorecard_score", args=[card.pk]))
    assert (again.context["step"], again.context["form"][f"score_{first.pk}"].value()) == (1, "0")


def test_who_saves_second_is_told_and_may_decide(signed_in, officer, card):
    client = signed_in(officer)
    early = client.get(score_page(card))
    client.post(score_page(card), answers(client.get(score_page(card)), "8"))

    told = client.post(score_page(card), answers(early, "5"))

    (message,) = errors(told)["__all__"]
    assert message.startswith("您打开这一页以后，别人改过：组织建设第 1 项")
    assert card.totals()[0] == 16
    assert told.context["form"].rows()[0].score.value() == "5"
    client.post(score_page(card), answers(told, "5"))
    assert card.totals()[0] == 10


def test_a_slip_hides_nothing_that_others_wrote(signed_in, officer, card):
    client = signed_in(officer)
    early = client.get(score_page(card))
    client.post(score_page(card), answers(client.get(score_page(card)), "8"))

    slip = client.post(score_page(card), answers(early, "50"))
    told = client.post(score_page(card), answers(slip, "5"))

    assert list(errors(told)) == ["__all__"]
    assert card.totals()[0] == 16


@pytest.mark.parametrize("step", [0, 3, 99])
def test_a_step_that_is_not_there(signed_in, officer, card, step):
    assert signed_in(officer).get(score_page(card, step)).status_code == 404


def test_what_was_handed_in_is_not_filled_in_again(signed_in, officer, grassroots, scheme):
    card = lead(State.SUBMITTED, grassroots, scheme)
    client = signed_in(officer)

    for page in (score_page(card), evidence_page(card)):
        response = client.get(page, follow=True)
        assert response.request["PATH_INFO"] == reverse("awards:scorecard_detail", args=[card.pk])
        assert said(response) == ["当前状态是「已提交」，内容不能改；要改请先撤回。"]
    fields = {f"score_{item.pk}": "1" for item in items_of(scheme)[:2]}
    assert "要改请先撤回" in errors(client.post(score_page(card), fields))["__all__"][0]
    assert card.totals()[0] == 36


# --- Evidence ------------------------------------------------------------------------------


def picture() -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", (4, 4)).save(out, "PNG")
    return SimpleUploadedFile("照片.png", out.getvalue())


def test_evidence_goes_up_comes_down_and_is_taken_away(signed_in, officer, card):
    client = signed_in(officer)
    page = evidence_page(card)
    led = client.post(
        score_page(card), answers(client.get(score_page(card)), "8", then=f"files-{items_of(card.scheme)[0].pk}")
    )
    assert led.url == page

    files = [picture(), SimpleUploadedFile("说明.pdf", PAPER.content)]
    response = client.post(page, {"uploads": files}, follow=True)

    assert said(response)[-1] == "已上传 2 份佐证材料：照片.png、说明.pdf。"
    photo, paper = card.files.order_by("pk")
    given = client.get(reverse("awards:scorecard_file", args=[paper.pk]))
    assert (given.content, given["Content-Type"]) == (PAPER.content, "application/pdf")
    assert given["Content-Disposition"].startswith("attachment")
    client.post(reverse("awards:scorecard_file_remove", args=[photo.pk]))
    assert list(card.files.all()) == [paper]


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ([], "请先选择要传的文件。"),
        ([SimpleUploadedFile("记录.txt", b"x")], "「记录.txt」不是能收的文件"),
        ([SimpleUploadedFile(f"{n}.pdf", PAPER.content) for n in range(11)], "一次最多传 10 份。"),
    ],
)
def test_what_is_no_evidence_is_refused(signed_in, officer, card, files, message):
    response = signed_in(officer).post(evidence_page(card), {"uploads": files})

    assert errors(response)["uploads"][0].startswith(message)
    assert card.files.count() == 0


def test_an_item_of_another_scheme_has_no_page_here(signed_in, officer, card):
    page = reverse("awards:scorecard_evidence", args=[card.pk, StarItemFactory().pk])

    assert signed_in(officer).get(page).status_code == 404
    assert signed_in(officer).post(page, {"uploads": [picture()]}).status_code == 404


# --- The scorecard's page --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "shows"),
    [(State.SUBMITTED, False), (State.REVIEWED, True), (State.DECIDED, True), (State.RETURNED, True)],
)
def test_the_union_reads_the_countys_scores_when_the_county_has_spoken(
    signed_in, officer, grassroots, scheme, state, shows
):
    people = people_for(grassroots)
    card = lead(State.SUBMITTED, grassroots, scheme, people)
    scores = {item.pk: (Decimal("7.5"), "县里的说明") for item in items_of(scheme)}
    services.save_county_scores(scorecard=card, scores=scores, by=people["approve"])
    if state == State.RETURNED:
        perform(card, "return", by=people["approve"], reason="请补充佐证材料")
    for name in {State.REVIEWED: ["approve"], State.DECIDED: ["approve", "confirm"]}.get(state, []):
        perform(card, name, by=people[name])

    response = signed_in(officer).get(reverse("awards:scorecard_detail", args=[card.pk]))

    assert response.context["shows_county"] == shows
    assert ("县里的说明" in response.content.decode()) == shows


def test_stars_of_the_present_sum_are_only_a_note(signed_in, officer, grassroots, scheme):
    card = lead(State.SUBMITTED, grassroots, scheme, own=8)
    page = reverse("awards:scorecard_detail", args=[card.pk])
    text = signed_in(officer).get(page).content.decode()
    assert "按现在的自评可到四星级，以县总工会认定的为准。" in text
    assert "星级是评定结果，不是荣誉称号。" in text

    StarThreshold.objects.update(least=40)
    assert "按现在的自评还达不到最低的星级" in signed_in(officer).get(page).content.decode()
    assert Scorecard.objects.get().stars is None


def test_what_came_back_says_why_and_then_what_changed(signed_in, officer, grassroots, scheme):
    card = lead(State.RETURNED, grassroots, scheme)
    client = signed_in(officer)
    page = reverse("awards:scorecard_detail", args=[card.pk])
    assert client.get(page).context["returned_reason"] == "佐证材料不齐，请补充"

    client.post(
        score_page(card), answers(client.get(score_page(card)), "9", **{f"score_{items_of(scheme)[0].pk}": "7"})
    )
    client.post(reverse("awards:scorecard_move", args=[card.pk, "submit"]), {})

    (changed,) = client.get(page).context["differences"]
    assert changed.label == "组织建设第 1 项「组织建设要求1」"
    assert [(passage.kind, passage.text) for passage in changed.passages] == [("del", "9 分"), ("ins", "7 分")]


@pytest.mark.parametrize("number", [1, 3])
def test_the_page_asks_no_more_for_more_items(signed_in, officer, card, number, django_assert_num_queries):
    StarItemFactory.create_batch(number, dimension=card.scheme.dimensions.first())
    client = signed_in(officer)
    client.get(LIST)

    with django_assert_num_queries(18):
        client.get(reverse("awards:scorecard_detail", args=[card.pk]))
    with django_assert_num_queries(11):
        client.get(score_page(card))
