"""What may be written of schemes and scorecards, by whom, and what is refused."""

from datetime import timedelta
from decimal import Decimal

import pytest
from auditlog.models import LogEntry
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from awards import services
from awards.models import ItemScore, Scorecard, ScorecardFile, StarScheme, StarThreshold, points
from awards.services.stars import MOST_FILES, lock_items, refuse_unusable, version_of_scores, wrong_score
from members import roles
from members.models import Union
from pingtang_union.core.exceptions import DomainError
from pingtang_union.workflow.moving import remove_file, what_is_missing
from pingtang_union.workflow.table import State, transition_called
from tests.at_once import at_once, needs_postgresql
from tests.awards.cards import PAPER, items_of, lead, make_scheme, people_for, scores_of
from tests.awards.walk import perform
from tests.factories import (
    DimensionFactory,
    SchemeFactory,
    ScorecardFactory,
    StarItemFactory,
    ThresholdFactory,
    UnionFactory,
    UserFactory,
)

pytestmark = pytest.mark.usefixtures("enable_db")
REACHED = [state for state in State if state not in (State.RECOMMENDED, State.PUBLICISED)]  # by scorecards


@pytest.fixture
def scheme(db) -> StarScheme:
    return make_scheme(title="好花红星级工会评定标准（2026 年）", year=2026)


def refused(service, **given) -> str:
    """What the service says against it."""
    with pytest.raises(DomainError) as error:
        service(**given)
    return str(error.value)


# --- Beginning -------------------------------------------------------------------------------


def test_a_union_begins_one_scorecard_a_scheme(scheme, officer, grassroots):
    card = services.start_scorecard(scheme=scheme, union=grassroots, by=officer)

    assert (card.state, card.union, card.scheme, card.created_by) == (State.DRAFT, grassroots, scheme, officer)
    said = refused(services.start_scorecard, scheme=scheme, union=grassroots, by=officer)
    assert said == f"{grassroots}已经有一份「{scheme}」的自评，请打开那一份填写。"
    assert Scorecard.objects.count() == 1


def test_after_giving_one_up_another_can_be_begun(scheme, officer, grassroots):
    lead(State.ABANDONED, grassroots, scheme)

    assert services.start_scorecard(scheme=scheme, union=grassroots, by=officer).state == State.DRAFT


def test_a_township_begins_one_for_a_union_below(scheme, township_officer, grassroots):
    assert services.start_scorecard(scheme=scheme, union=grassroots, by=township_officer).union == grassroots


def test_who_may_not_begin(scheme, officer, awards_clerk, grassroots, outsider):
    other = UnionFactory()

    assert (
        refused(services.start_scorecard, scheme=scheme, union=other, by=officer) == "只能为自己的工会或下级工会自评。"
    )
    assert (
        refused(services.start_scorecard, scheme=scheme, union=grassroots, by=awards_clerk)
        == "您的账号不能填写星级自评。"
    )
    assert "不在您的管理范围" in refused(services.start_scorecard, scheme=scheme, union=grassroots, by=outsider)
    assert Scorecard.objects.count() == 0


def test_the_union_that_issued_it_and_dissolved_ones_are_not_scored(scheme, county_clerk):
    gone = UnionFactory(name="撤了的工会", status="dissolved", dissolved_on="2020-01")

    said = refused(services.start_scorecard, scheme=scheme, union=scheme.union, by=county_clerk)
    assert said == f"{scheme.union}不在「{scheme}」的评定范围内。"
    assert refused(services.start_scorecard, scheme=scheme, union=gone, by=county_clerk).endswith("不参加评定。")


@pytest.mark.parametrize(
    ("in_use", "days", "is_open"), [(True, 0, True), (True, None, True), (True, -1, False), (False, 5, False)]
)
def test_begun_while_the_scheme_is_open(scheme, officer, grassroots, in_use, days, is_open):
    scheme.is_in_use = in_use
    scheme.closes_on = None if days is None else timezone.localdate() + timedelta(days=days)
    scheme.save()

    if is_open:
        assert services.start_scorecard(scheme=scheme, union=grassroots, by=officer).pk
    else:
        assert (
            refused(services.start_scorecard, scheme=scheme, union=grassroots, by=officer)
            == f"「{scheme}」现在不收自评。"
        )


# --- The own scores --------------------------------------------------------------------------


def test_scores_with_half_points_and_notes_are_kept(scheme, officer, grassroots):
    card = ScorecardFactory(scheme=scheme, union=grassroots)
    first, second, *_ = items_of(scheme)

    services.save_self_scores(
        scorecard=card, by=officer, scores={first.pk: (Decimal("7.5"), " 按期  换届 "), second.pk: (None, "")}
    )

    assert list(ItemScore.objects.values_list("item", "self_score", "self_note", "county_score")) == [
        (first.pk, Decimal("7.5"), "按期 换届", None)
    ]
    assert card.totals() == (Decimal("7.5"), 0)


@pytest.mark.parametrize(
    ("score", "said"),
    [
        ("10.5", "填了 10.5 分，要在 0 至满分 10 分之间"),
        ("-1", "填了 -1 分，要在 0 至满分 10 分之间"),
        ("8.25", "填了 8.25 分，最多一位小数"),
        ("NaN", "填了 NaN 分，要在 0 至满分 10 分之间"),
    ],
)
def test_a_score_out_of_bounds_is_refused_with_where_and_what(scheme, officer, grassroots, score, said):
    card = ScorecardFactory(scheme=scheme, union=grassroots)
    scores = {**scores_of(scheme), items_of(scheme)[3].pk: (Decimal(score), "")}

    message = refused(services.save_self_scores, scorecard=card, scores=scores, by=officer)

    assert message == f"队伍建设第 2 项「队伍建设要求2」{said}。"
    assert not ItemScore.objects.exists()


@given(st.decimals(min_value=-50, max_value=50, places=2), st.decimals(min_value="0.1", max_value=30, places=1))
def test_only_scores_between_nothing_and_the_marks_pass(score, marks):
    is_fine = 0 <= score <= marks and (score * 10) % 1 == 0

    assert (wrong_score(score, marks) == "") == is_fine


def test_an_item_of_another_scheme_is_refused(scheme, officer, grassroots):
    card = ScorecardFactory(scheme=scheme, union=grassroots)
    foreign = StarItemFactory()

    assert "无此项目" in refused(
        services.save_self_scores, scorecard=card, scores={foreign.pk: (Decimal(1), "")}, by=officer
    )
    assert "无此项目" in refused(services.add_evidence, scorecard=card, item=foreign, files=[PAPER], by=officer)


@pytest.mark.parametrize("state", [State.SUBMITTED, State.REVIEWED, State.DECIDED, State.REJECTED, State.ABANDONED])
def test_nothing_is_changed_once_it_is_handed_in(state, scheme, grassroots):
    people = people_for(grassroots)
    card = lead(State.DRAFT, grassroots, scheme, people)
    services.add_evidence(scorecard=card, item=items_of(scheme)[0], files=[PAPER], by=people["submit"])
    if state == State.ABANDONED:
        perform(card, "abandon", by=people["submit"], reason="今年不参加评定")
    else:
        perform(card, "submit", by=people["submit"])
        services.save_county_scores(scorecard=card, scores=scores_of(scheme, 8), by=people["approve"])
        if state == State.REJECTED:
            perform(card, "reject", by=people["approve"], reason="发生责任事故")
        for name in ("approve", "confirm")[: {State.REVIEWED: 1, State.DECIDED: 2}.get(state, 0)]:
            perform(card, name, by=people[name])
    assert Scorecard.objects.get().state == state
    by = people["submit"]

    for message in (
        refused(services.save_self_scores, scorecard=card, scores=scores_of(scheme, 1), by=by),
        refused(services.add_evidence, scorecard=card, item=items_of(scheme)[0], files=[PAPER], by=by),
        refused(remove_file, file=card.files.get(), by=by),
    ):
        assert message == f"当前状态是「{state.label}」，内容不能改；要改请先撤回。"
    assert card.totals()[0] == 36


def test_another_unions_officer_writes_nothing(scheme, grassroots):
    card = lead(State.DRAFT, grassroots, scheme)
    stranger = UserFactory(union=UnionFactory(), roles=(roles.GRASSROOTS,))

    assert "不在您的管理范围" in refused(
        services.save_self_scores, scorecard=card, scores=scores_of(scheme, 1), by=stranger
    )
    assert "不在您的管理范围" in refused(
        services.add_evidence, scorecard=card, item=items_of(scheme)[0], files=[PAPER], by=stranger
    )
    assert (card.totals()[0], ScorecardFile.objects.count()) == (36, 0)


def test_of_two_who_save_the_second_is_told_what_stands_there(scheme, officer, grassroots):
    card = ScorecardFactory(scheme=scheme, union=grassroots)
    first, second, *_ = items_of(scheme)
    seen = version_of_scores(card.parts()[0].lines, "self")
    services.save_self_scores(scorecard=card, scores={first.pk: (Decimal(8), "")}, by=officer, version=seen)

    message = refused(
        services.save_self_scores,
        scorecard=card,
        scores={first.pk: (Decimal(5), ""), second.pk: (Decimal(5), "")},
        by=officer,
        version=seen,
    )

    assert message == (
        "您打开这一页以后，别人改过：组织建设第 1 项「组织建设要求1」，现在是自评 8 分。没有覆盖。"
        "请先核对；仍要按下面填的保存，请再点一次「保存」。"
    )
    services.save_self_scores(scorecard=card, scores={second.pk: (Decimal(5), "")}, by=officer, version=seen)
    assert card.totals()[0] == 13


def test_scores_left_as_they_are_leave_no_trace(scheme, officer, grassroots):
    card = lead(State.DRAFT, grassroots, scheme)
    before = LogEntry.objects.filter(content_type__model="itemscore").count()

    services.save_self_scores(scorecard=card, scores=scores_of(scheme, 9), by=officer)

    assert LogEntry.objects.filter(content_type__model="itemscore").count() == before


# --- Evidence --------------------------------------------------------------------------------


def test_evidence_is_kept_sealed_and_taken_away(scheme, officer, grassroots):
    card = ScorecardFactory(scheme=scheme, union=grassroots)
    item = items_of(scheme)[0]

    services.add_evidence(scorecard=card, item=item, files=[PAPER, PAPER], by=officer)

    file = ScorecardFile.objects.first()
    assert (file.name, file.item, file.added_by, file.opened()) == (PAPER.name, item, officer, PAPER.content)
    assert PAPER.content not in bytes(file.content)
    remove_file(file=file, by=officer)
    assert ScorecardFile.objects.count() == 1


def test_not_more_files_than_fit_an_item(scheme, officer, grassroots):
    card = ScorecardFactory(scheme=scheme, union=grassroots)
    first, second, *_ = items_of(scheme)
    services.add_evidence(scorecard=card, item=first, files=[PAPER] * MOST_FILES, by=officer)

    assert refused(services.add_evidence, scorecard=card, item=first, files=[PAPER], by=officer) == (
        f"一个项目最多传 {MOST_FILES} 份佐证材料，现在有 {MOST_FILES} 份，请合并或删去一些。"
    )
    services.add_evidence(scorecard=card, item=second, files=[PAPER], by=officer)


# --- Handing in, and the county's part -------------------------------------------------------


def missing(card: Scorecard, name: str) -> list[str]:
    return what_is_missing(card, transition_called(Scorecard, name))


def test_what_is_missing_is_named_item_by_item(scheme, officer, grassroots):
    first, *_, last = items_of(scheme)
    first.needs_evidence = True
    first.save()
    card = lead(State.DRAFT, grassroots, scheme)
    services.save_self_scores(scorecard=card, scores={last.pk: (None, "")}, by=officer)

    assert missing(card, "submit") == [
        "组织建设第 1 项「组织建设要求1」要传佐证材料",
        "队伍建设第 2 项「队伍建设要求2」没有自评",
    ]
    assert missing(card, "approve") == [
        f"{place}县里还没有评分" for place in [line.place for part in card.parts() for line in part.lines]
    ]


def test_a_draft_beyond_marks_that_were_lowered_is_not_handed_in(scheme, grassroots):
    card = lead(State.DRAFT, grassroots, scheme)
    first = items_of(scheme)[0]
    first.marks = Decimal("8.5")
    first.save()

    assert missing(card, "submit") == ["组织建设第 1 项「组织建设要求1」满分是 8.5 分，填了 9 分"]


def test_the_first_submission_comes_in_time_one_that_came_back_may_be_late(scheme, grassroots):
    people = people_for(grassroots)
    fresh = lead(State.DRAFT, UnionFactory(), scheme)
    back = lead(State.RETURNED, grassroots, scheme, people)
    StarScheme.objects.update(closes_on=timezone.localdate() - timedelta(days=1))

    assert missing(fresh, "submit") == [f"自评已于 {timezone.localdate() - timedelta(days=1)} 截止"]
    assert perform(back, "submit", by=people["submit"]).state == State.SUBMITTED
    StarScheme.objects.update(is_in_use=False)
    assert missing(fresh, "submit") == ["这个评定标准已经停用"]


def test_a_scheme_without_items_or_thresholds_gives_no_stars(grassroots):
    empty = ScorecardFactory(scheme=SchemeFactory(), union=grassroots)

    assert missing(empty, "submit") == ["评定标准里还没有评分项目"]
    assert missing(empty, "confirm") == ["评定标准里没有星级分数线，不知道评几星"]


def test_the_county_scores_and_whoever_approves_has_seen_it(scheme, awards_clerk, grassroots):
    card = lead(State.SUBMITTED, grassroots, scheme)

    scored = services.save_county_scores(scorecard=card, scores=scores_of(scheme, 8.5, "属实"), by=awards_clerk)

    assert scored.totals() == (36, 34)
    assert set(ItemScore.objects.values_list("county_note", flat=True)) == {"属实"}
    with pytest.raises(DomainError, match="内容有了变动"):
        perform(card, "approve", by=awards_clerk, seen=card.revision)
    assert perform(card, "approve", by=awards_clerk, seen=scored.revision).state == State.REVIEWED


@pytest.mark.parametrize("state", [state for state in REACHED if state != State.SUBMITTED])
def test_the_county_scores_only_what_waits_for_its_review(state, scheme, awards_clerk, grassroots):
    card = lead(state, grassroots, scheme)
    before = list(ItemScore.objects.order_by("pk").values_list())

    said = refused(services.save_county_scores, scorecard=card, scores=scores_of(scheme, 1), by=awards_clerk)

    assert said == f"当前状态是「{state.label}」，已提交、尚未审核的自评方可评分。"
    assert list(ItemScore.objects.order_by("pk").values_list()) == before


def test_who_may_not_score(scheme, officer, township_officer, county_clerk, outsider, grassroots):
    people = people_for(grassroots)
    both = UserFactory(roles=(roles.ECONOMY, roles.ORGANISATION))
    card = lead(State.SUBMITTED, grassroots, scheme, {**people, "submit": both})

    def said(by) -> str:
        return refused(services.save_county_scores, scorecard=card, scores=scores_of(scheme, 1), by=by)

    assert {said(by) for by in (officer, township_officer, county_clerk)} == {"您的账号不能评分。"}
    assert said(both) == "这份自评是您自己提交的，要由别人评分。"
    assert said(outsider) == "没有这份申报，或者它不在您的管理范围。"
    assert card.totals()[1] == 0


def test_the_county_is_told_when_the_union_changed_its_word(scheme, awards_clerk, grassroots):
    people = people_for(grassroots)
    card = lead(State.SUBMITTED, grassroots, scheme, people)
    first = items_of(scheme)[0]
    seen = version_of_scores([line for part in card.parts() for line in part.lines], "county")
    perform(card, "withdraw", by=people["submit"])
    services.save_self_scores(scorecard=card, scores={first.pk: (Decimal(10), "")}, by=people["submit"])
    perform(card, "submit", by=people["submit"])

    message = refused(
        services.save_county_scores, scorecard=card, scores=scores_of(scheme, 9), by=awards_clerk, version=seen
    )

    assert "组织建设第 1 项「组织建设要求1」，现在是自评 10 分。没有覆盖" in message
    assert card.totals() == (37, 0)


def test_stars_are_fixed_when_they_are_confirmed(scheme, grassroots):
    card = lead(State.DECIDED, grassroots, scheme, county=Decimal("7.5"))
    assert (card.total, card.stars, card.stars_label()) == (30, 4, "四星级")

    StarThreshold.objects.update(least=1)
    ItemScore.objects.update(county_score=10)

    card.refresh_from_db()
    assert (card.total, card.stars) == (30, 4)


def test_below_the_lowest_threshold_there_is_no_star(scheme, grassroots):
    card = lead(State.DECIDED, grassroots, scheme, county=7)

    assert (card.total, card.stars, card.stars_label()) == (28, 0, "未达星级")


def test_what_was_handed_in_is_kept_with_scores_notes_and_files(scheme, grassroots):
    people = people_for(grassroots)
    card = lead(State.DRAFT, grassroots, scheme, people)
    first = items_of(scheme)[0]
    services.save_self_scores(scorecard=card, scores={first.pk: (Decimal("9.5"), "按期换届")}, by=people["submit"])
    services.add_evidence(scorecard=card, item=first, files=[PAPER], by=people["submit"])

    content = perform(card, "submit", by=people["submit"]).steps.get().content

    assert content == {
        "组织建设第 1 项「组织建设要求1」": "9.5 分、按期换届、换届公示.pdf（8 字节）",
        "组织建设第 2 项「组织建设要求2」": "9 分",
        "队伍建设第 1 项「队伍建设要求1」": "9 分",
        "队伍建设第 2 项「队伍建设要求2」": "9 分",
    }


thresholds = st.dictionaries(st.integers(1, 5), st.decimals(0, 100, places=1), max_size=5)


@given(thresholds, st.decimals(0, 100, places=1), st.decimals(0, 100, places=1))
def test_more_marks_never_give_fewer_stars(lines, one, other):
    scheme = StarScheme(pk=1)
    rows = [StarThreshold(stars=stars, least=least) for stars, least in lines.items()]
    scheme._prefetched_objects_cache = {"thresholds": rows}
    low, high = sorted((one, other))

    assert scheme.stars_for(low) <= scheme.stars_for(high)
    assert scheme.stars_for(high) in {0, *lines}
    assert all(scheme.stars_for(least) >= stars for stars, least in lines.items())


@given(st.decimals(0, 999, places=1))
def test_points_are_written_without_a_needless_zero(number):
    assert Decimal(points(number)) == number
    assert not points(number).endswith(".0")


# --- Schemes ---------------------------------------------------------------------------------


def test_a_scheme_is_put_in_use_when_nothing_is_missing(awards_clerk):
    scheme = SchemeFactory(title="新标准", is_in_use=False)

    def said() -> str:
        return refused(services.put_in_use, scheme=scheme, by=awards_clerk)

    assert said() == "「新标准」还不能启用：还没有维度和评分项目；还没有星级分数线。"
    StarItemFactory(dimension=DimensionFactory(scheme=scheme, name="组织建设"))
    DimensionFactory(scheme=scheme, name="队伍建设")
    assert said() == "「新标准」还不能启用：维度「队伍建设」还没有评分项目；还没有星级分数线。"
    StarItemFactory(dimension=scheme.dimensions.get(name="队伍建设"))
    ThresholdFactory(scheme=scheme, stars=5, least=15)
    ThresholdFactory(scheme=scheme, stars=4, least=Decimal("20.5"))
    assert said() == (
        "「新标准」还不能启用：五星级的最低得分要高于四星级的；四星级的最低得分 20.5 分超过了满分 20 分。"
    )
    scheme.thresholds.filter(stars=4).update(least=10)
    assert services.put_in_use(scheme=scheme, by=awards_clerk).is_in_use
    assert not services.take_out_of_use(scheme=scheme, by=awards_clerk).is_in_use


def test_a_scheme_in_use_stays_complete(scheme):
    refuse_unusable(scheme)
    scheme.thresholds.all().delete()

    with pytest.raises(DomainError, match="正在使用，这样改就不能用了：还没有星级分数线"):
        refuse_unusable(scheme)
    scheme.is_in_use = False
    refuse_unusable(scheme)


@pytest.mark.parametrize("state", REACHED)
def test_marks_stay_once_a_scorecard_is_handed_in(state, scheme, grassroots):
    lead(state, grassroots, scheme)

    if state in (State.DRAFT, State.RETURNED, State.ABANDONED):
        lock_items(scheme)
    else:
        assert refused(lambda: lock_items(scheme)).startswith(f"已有 1 个工会按「{scheme}」提交了自评，维度")


def test_last_years_scheme_is_copied_for_this_year(scheme, awards_clerk):
    scheme.document, scheme.document_number, scheme.closes_on = "评定办法", "平工发〔2026〕12号", timezone.localdate()
    scheme.save()
    StarItemFactory(dimension=scheme.dimensions.first(), text="要佐证的", needs_evidence=True, marks=Decimal("2.5"))

    copied = services.copy_scheme(scheme=scheme, year=2027, by=awards_clerk)

    def rows(one: StarScheme) -> list:
        items = [
            (item.dimension.name, item.text, item.marks, item.needs_evidence, item.order) for item in items_of(one)
        ]
        return [items, list(one.thresholds.values_list("stars", "least"))]

    assert rows(copied) == rows(scheme)
    assert (copied.title, copied.year, copied.is_in_use) == ("好花红星级工会评定标准（2027 年）", 2027, False)
    assert (copied.document, copied.document_number, copied.closes_on) == ("", "", None)
    assert refused(services.copy_scheme, scheme=scheme, year=2027, by=awards_clerk) == "这一年度已有同名的评定标准。"
    assert refused(services.copy_scheme, scheme=scheme, year=27, by=awards_clerk) == "年度要写成 2026 这样的四位数。"


def test_who_keeps_no_schemes(scheme, county_clerk, township_officer, outsider):
    of_township = UserFactory(union=township_officer.union, roles=(roles.ECONOMY,))
    for service in (services.put_in_use, services.take_out_of_use):
        assert refused(service, scheme=scheme, by=county_clerk) == "您的账号不能修改评定标准。"
        for by in (of_township, outsider):
            assert refused(service, scheme=scheme, by=by) == "无此评定标准，或不在您的管理范围。"
    assert refused(services.copy_scheme, scheme=scheme, year=2027, by=county_clerk) == "您的账号不能新建评定标准。"
    for by in (of_township, outsider):
        assert "不在您的管理范围" in refused(services.copy_scheme, scheme=scheme, year=2027, by=by)
    assert StarScheme.objects.get().is_in_use


# --- Many at once ----------------------------------------------------------------------------


@needs_postgresql
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_of_many_who_begin_at_once_one_does(officer, grassroots):
    scheme = make_scheme()

    results = at_once([lambda: services.start_scorecard(scheme=scheme, union=grassroots, by=officer) for _ in range(6)])

    assert sorted(type(one).__name__ for one in results) == ["DomainError"] * 5 + ["Scorecard"]
    assert Scorecard.objects.count() == 1


@needs_postgresql
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_of_two_who_save_at_once_one_is_told(officer, grassroots):
    scheme = make_scheme()
    card = ScorecardFactory(scheme=scheme, union=Union.objects.get(pk=grassroots.pk))
    seen = version_of_scores([line for part in card.parts() for line in part.lines], "self")

    def save(score):
        return services.save_self_scores(scorecard=card, scores=scores_of(scheme, score), by=officer, version=seen)

    results = at_once([lambda: save(3), lambda: save(5)])

    assert sorted(type(one).__name__ for one in results) == ["DomainError", "Scorecard"]
    assert card.totals()[0] in (12, 20)
