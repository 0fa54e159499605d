"""County staff's pages of star unions: schemes whose marks stay, scores on one page, results by the tree."""

from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from awards import services
from awards.models import Award, ItemScore, Scorecard, StarDimension, StarItem, StarScheme
from members import roles
from pingtang_union.workflow.table import State
from tests.awards.cards import PAPER, items_of, lead, make_scheme, people_for, scores_of
from tests.awards.walk import perform
from tests.factories import DimensionFactory, SchemeFactory, UnionFactory, UserFactory

pytestmark = pytest.mark.django_db

CARDS, SCHEMES = "/admin/awards/scorecard/", "/admin/awards/starscheme/"


@pytest.fixture
def scheme():
    return make_scheme(title="好花红星级工会评定标准（2026 年）", year=2026)


@pytest.fixture
def clerk(signed_in, awards_clerk):
    """The reviewing desk's browser."""
    return signed_in(awards_clerk)


def page(row, action="change") -> str:
    return reverse(f"admin:awards_{row._meta.model_name}_{action}", args=[row.pk])


def said(response) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def filled(response, **changes) -> dict:
    """What the browser would send from an admin page with its inlines."""
    context = response.context
    forms = [context["adminform"].form]
    for inline in context["inline_admin_formsets"]:
        shown = inline.formset.forms if inline.has_change_permission else []
        forms += [inline.formset.management_form, *shown]
    data = {field.html_name: field.value() for form in forms for field in form}
    return {name: value for name, value in data.items() if value is not None and value is not False} | changes


def scoring(response, score, **more) -> dict:
    form = response.context["form"]
    data = {field.html_name: field.value() or "" for field in form}
    return data | {name: score for name in data if name.startswith("score_")} | more


# --- Scores ----------------------------------------------------------------------------------


def test_all_items_are_scored_on_one_page_beside_the_unions_word(clerk, scheme, grassroots):
    people = people_for(grassroots)
    card = lead(State.DRAFT, grassroots, scheme, people)
    first = items_of(scheme)[0]
    services.add_evidence(scorecard=card, item=first, files=[PAPER], by=people["submit"])
    services.save_self_scores(scorecard=card, scores={first.pk: (Decimal("9.5"), "按期换届")}, by=people["submit"])
    perform(card, "submit", by=people["submit"])
    url = page(card, "score")

    shown = clerk.get(url)
    text = shown.content.decode()
    assert [part.dimension.name for part, _ in shown.context["blocks"]] == ["组织建设", "队伍建设"]
    assert "9.5 分" in text
    assert "按期换届" in text
    assert reverse("admin:awards_scorecard_file", args=[card.files.get().pk]) in text
    saved = clerk.post(url, scoring(shown, "8.5", then="approve"))

    assert saved.url == page(card, "move_approve")
    assert card.totals() == (Decimal("36.5"), 34)
    assert "按县级评分可达四星级" in clerk.get(page(card)).content.decode()


def test_a_score_beyond_the_marks_comes_back_beside_its_field(clerk, scheme, grassroots):
    card = lead(State.SUBMITTED, grassroots, scheme)
    last = items_of(scheme)[3]
    url = page(card, "score")

    refused = clerk.post(url, scoring(clerk.get(url), "8", **{f"score_{last.pk}": "10.5"}))

    assert dict(refused.context["form"].errors) == {f"score_{last.pk}": ["填了 10.5 分，要在 0 至满分 10 分之间。"]}
    assert "未保存，请先改正标出的分数。" in refused.content.decode()
    assert card.totals()[1] == 0


def test_of_two_who_score_the_second_is_told_and_may_decide(clerk, scheme, grassroots):
    card = lead(State.SUBMITTED, grassroots, scheme)
    url = page(card, "score")
    early = clerk.get(url)
    clerk.post(url, scoring(clerk.get(url), "8"))

    told = clerk.post(url, scoring(early, "6"))

    (message,) = told.context["form"].non_field_errors()
    assert message.startswith(
        "您打开这一页以后，别人改过：组织建设第 1 项「组织建设要求1」，现在是自评 9 分、县评 8 分；"
    )
    assert card.totals()[1] == 32
    clerk.post(url, scoring(told, "6"))
    assert card.totals()[1] == 24


@pytest.mark.parametrize("state", [State.DRAFT, State.REVIEWED, State.DECIDED, State.RETURNED])
def test_scores_are_given_while_it_waits_for_review(clerk, scheme, grassroots, state):
    card = lead(state, grassroots, scheme)
    before = card.totals()
    url = page(card, "score")
    fields = {f"score_{item.pk}": "1" for item in items_of(scheme)}

    assert state.label in clerk.get(url).context["barred"]
    assert "已提交、尚未审核的自评方可评分" in clerk.post(url, fields).context["form"].non_field_errors()[0]
    assert card.totals() == before
    assert url not in clerk.get(page(card)).content.decode()


def test_the_desk_that_confirms_does_not_score(signed_in, county_clerk, scheme, grassroots):
    card = lead(State.SUBMITTED, grassroots, scheme)
    client = signed_in(county_clerk)

    assert client.get(page(card)).status_code == 200
    assert client.get(page(card, "score")).status_code == 403
    assert client.post(page(card, "score"), scores_of(scheme, 1)).status_code == 403


def test_one_approves_another_confirms_and_the_stars_stand(clerk, signed_in, county_clerk, scheme, grassroots):
    card = lead(State.SUBMITTED, grassroots, scheme)

    def seen() -> dict[str, int]:
        card.refresh_from_db()
        return {"seen": card.revision}

    assert "哪一版" in clerk.post(page(card, "move_approve"), {}).content.decode()
    assert "县里还没有评分" in clerk.post(page(card, "move_approve"), seen()).content.decode()
    clerk.post(page(card, "score"), scoring(clerk.get(page(card, "score")), "9.5"))
    clerk.post(page(card, "move_approve"), seen())
    assert "要由别人认定" in clerk.post(page(card, "move_confirm"), seen()).content.decode()

    signed_in(county_clerk).post(page(card, "move_confirm"), seen())

    card.refresh_from_db()
    assert (card.state, card.total, card.stars) == (State.DECIDED, 38, 5)
    assert Award.objects.count() == 0


# --- Results ---------------------------------------------------------------------------------


def listed(response) -> list[str]:
    return [card.union.name for card in response.context["cl"].result_list]


def test_results_follow_the_tree_whatever_the_score(clerk, scheme):
    for name, county in (("甲工会", 8), ("乙工会", 10), ("丙工会", 5), ("丁工会", 8)):
        lead(State.DECIDED, UnionFactory(name=name), scheme, county=county)
    elsewhere = make_scheme(title="别的标准")
    lead(State.DECIDED, UnionFactory(name="戊工会"), elsewhere)
    shown = {"scheme": scheme.pk, "state": "decided"}

    assert listed(clerk.get(CARDS, shown)) == ["甲工会", "乙工会", "丙工会", "丁工会"]
    assert listed(clerk.get(CARDS, {**shown, "stars": "4"})) == ["甲工会", "丁工会"]
    assert listed(clerk.get(CARDS, {**shown, "stars": "0"})) == ["丙工会"]
    assert listed(clerk.get(CARDS, {**shown, "stars": "9"})) == []
    assert listed(clerk.get(CARDS, {**shown, "o": "-4"})) == listed(clerk.get(CARDS, shown))
    assert listed(clerk.get(CARDS, {"state": "", "q": "乙"})) == ["乙工会"]


@pytest.mark.parametrize("number", [1, 3])
def test_the_queue_asks_no_more_for_more_scorecards(clerk, scheme, number, django_assert_num_queries):
    for _ in range(number):
        lead(State.SUBMITTED, UnionFactory(), scheme)
    clerk.get(CARDS)

    with django_assert_num_queries(21):
        assert len(listed(clerk.get(CARDS))) == number


# --- Schemes ---------------------------------------------------------------------------------


def test_a_scheme_is_entered_step_by_step_and_put_in_use(clerk, awards_clerk):
    data = filled(clerk.get(f"{SCHEMES}add/"), title="新标准") | {
        "dimensions-TOTAL_FORMS": 1, "dimensions-0-name": "组织建设", "dimensions-0-order": 10,
        "thresholds-TOTAL_FORMS": 1, "thresholds-0-stars": 5, "thresholds-0-least": 9,
    }  # fmt: skip
    clerk.post(f"{SCHEMES}add/", data)
    scheme = StarScheme.objects.get()
    assert (scheme.union, scheme.year, scheme.is_in_use) == (awards_clerk.union, timezone.localdate().year, False)
    url = page(scheme, "put_in_use")
    assert "目前不能启用：维度「组织建设」还没有评分项目。" in clerk.get(url).content.decode()
    assert "还不能启用" in clerk.post(url).context["form"].non_field_errors()[0]

    dimension = page(StarDimension.objects.get())
    items = {"items-TOTAL_FORMS": 1, "items-0-text": "按期换届", "items-0-marks": "10", "items-0-order": 10}
    clerk.post(dimension, filled(clerk.get(dimension)) | items)
    assert StarItem.objects.values_list("text", "marks").get() == ("按期换届", 10)
    assert "2 项" not in clerk.get(page(scheme)).content.decode()
    assert "1 项，10 分" in clerk.get(page(scheme)).content.decode()

    assert said(clerk.post(url, follow=True)) == ["已启用「新标准」，各工会现在可以自评。"]
    clerk.post(page(scheme, "take_out_of_use"))
    assert not StarScheme.objects.get().is_in_use


def test_items_change_until_a_scorecard_is_handed_in(clerk, scheme, grassroots):
    dimension = scheme.dimensions.first()
    early = filled(clerk.get(page(dimension)), **{"items-0-marks": "12"})
    clerk.post(page(dimension), early)
    assert items_of(scheme)[0].marks == 12
    opened = filled(clerk.get(page(scheme)))

    lead(State.SUBMITTED, grassroots, scheme)
    shown = clerk.get(page(dimension))
    assert "已有 1 个工会提交了自评，维度、评分项目和分值不能再改。" in shown.content.decode()
    assert 'name="items-0-marks"' not in shown.content.decode()
    late = [
        clerk.post(page(dimension), {**early, "items-0-marks": "20", "name": "改名"}, follow=True),
        clerk.post(page(scheme), {**opened, "dimensions-0-name": "改名", "title": "改名"}, follow=True),
    ]

    told = f"没有保存。已有 1 个工会按「{scheme}」提交了自评，维度、评分项目和分值不能再改。"
    assert [said(response)[-1].startswith(told) for response in late] == [True, True]
    assert StarScheme.objects.get().title == scheme.title
    assert items_of(scheme)[0].marks == 12
    assert not StarDimension.objects.filter(name="改名").exists()


def test_thresholds_and_dates_change_at_any_time_but_leave_a_scheme_usable(clerk, scheme, grassroots):
    lead(State.SUBMITTED, grassroots, scheme)
    data = filled(clerk.get(page(scheme)))

    clerk.post(page(scheme), {**data, "closes_on": "2099-12-31", "thresholds-0-least": "38.5"})
    assert list(scheme.thresholds.values_list("stars", "least")) == [(5, Decimal("38.5")), (4, 30)]
    assert StarScheme.objects.get().closes_on.year == 2099

    empty = clerk.post(page(scheme), {**data, "thresholds-0-DELETE": "on", "thresholds-1-DELETE": "on"}, follow=True)
    assert "这样改就不能用了：还没有星级分数线" in said(empty)[-1]
    assert scheme.thresholds.count() == 2


def test_what_drafts_have_scored_is_not_deleted(clerk, scheme, grassroots):
    lead(State.DRAFT, grassroots, scheme)
    dimension = scheme.dimensions.first()

    refused = clerk.post(page(dimension), filled(clerk.get(page(dimension)), **{"items-0-DELETE": "on"}))
    (message,) = refused.context["inline_admin_formsets"][0].formset.non_form_errors()
    assert message == (
        "「组织建设要求1」已经有 1 份自评打过分或传过材料，不能删除；没有保存，请取消勾选「删除」后再保存。"
    )
    refused = clerk.post(page(scheme), filled(clerk.get(page(scheme)), **{"dimensions-0-DELETE": "on"}))
    assert "「组织建设」已经有 1 份自评打过分" in str(
        refused.context["inline_admin_formsets"][0].formset.non_form_errors()
    )
    assert (StarItem.objects.count(), ItemScore.objects.count()) == (4, 4)


def test_a_scheme_is_copied_from_its_page(clerk, scheme):
    url = page(scheme, "copy")
    assert clerk.get(url).context["form"]["year"].value() == 2027

    assert said(clerk.post(url, {"year": "2027"}, follow=True)) == [
        "已复制成「好花红星级工会评定标准（2027 年）」（2027 年度，还没有启用）。请到列表里打开它，核对后启用。"
    ]
    assert "已有同名" in clerk.post(url, {"year": "2027"}).context["form"].non_field_errors()[0]
    assert dict(clerk.post(url, {"year": "明年"}).context["form"].errors) == {
        "year": ["年度要写成 2026 这样的四位数。"]
    }


def test_a_desk_below_reads_the_countys_scheme_and_keeps_nothing(signed_in, township, scheme):
    client = signed_in(UserFactory(union=township, roles=(roles.ECONOMY,)))
    data = {"name": "改名", "order": 1}

    assert client.get(page(scheme)).status_code == 200
    assert client.get(page(scheme.dimensions.first())).status_code == 200
    assert client.post(page(scheme), {"title": "改名", "year": 2026}).status_code == 403
    assert client.post(page(scheme.dimensions.first()), data).status_code == 403
    for action in ("put_in_use", "take_out_of_use"):
        assert "不在您的管理范围" in client.post(page(scheme, action)).context["form"].non_field_errors()[0]
        assert page(scheme, action) not in client.get(page(scheme)).content.decode()
    assert StarScheme.objects.values_list("title", "is_in_use").get() == (scheme.title, True)


@pytest.mark.parametrize("number", [1, 3])
def test_lists_of_schemes_ask_no_more_for_more(clerk, number, django_assert_num_queries):
    for _ in range(number):
        lead(State.SUBMITTED, UnionFactory(), make_scheme())
    clerk.get(SCHEMES)

    with django_assert_num_queries(11):
        assert [one.handed_in_count for one in clerk.get(SCHEMES).context["cl"].result_list] == [1] * number


@pytest.mark.parametrize("number", [1, 3])
def test_a_schemes_page_asks_no_more_for_more_dimensions(clerk, number, django_assert_num_queries):
    scheme = SchemeFactory()
    DimensionFactory.create_batch(number, scheme=scheme)
    clerk.get(SCHEMES)

    with django_assert_num_queries(28):
        clerk.get(page(scheme))


def test_a_draft_of_nobody_is_seen_in_no_queue(clerk, scheme, grassroots):
    lead(State.DRAFT, grassroots, scheme)

    assert listed(clerk.get(CARDS)) == []
    assert Scorecard.objects.count() == 1
