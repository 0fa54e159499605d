"""Calls for ledgers: whom they ask, who has answered, and the word that nothing has changed."""

from datetime import timedelta

import pytest
from django.utils import timezone

from members.models import Union
from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.ledger import calls
from pingtang_union.core.ledger.calls import Tally
from pingtang_union.core.models import BatchKind, BatchState, ImportBatch, LedgerCall, LedgerReturn
from tests.factories import (
    CadreFactory,
    CallFactory,
    MemberFactory,
    ReturnFactory,
    TrainingFactory,
    UnionFactory,
    county,
)

pytestmark = pytest.mark.django_db


def today():
    return timezone.localdate()


def asked(call) -> list[Union]:
    return list(calls.asked(call, Union.objects.all(), today()))


# --- Whom a call asks ----------------------------------------------------------------------


def test_a_roster_is_asked_of_unions_with_members_only(township, grassroots):
    UnionFactory(status="dissolved", dissolved_on="2018-01", set_up_on="2010")
    UnionFactory(status="preparing")
    call = CallFactory()
    assert asked(call) == [grassroots]
    assert [calls.asks(call, union) for union in (county(), township, grassroots)] == [False, False, True]


def test_cadres_are_asked_of_federations_too_in_the_trees_order(township, grassroots):
    beside = UnionFactory()
    assert asked(CallFactory(ledger="工会干部花名册")) == [township, grassroots, beside]


def test_a_townships_call_asks_those_below_it(township, grassroots):
    beside = UnionFactory()
    call = CallFactory(union=township)
    assert asked(call) == [grassroots]
    assert not calls.asks(call, beside)


def test_calls_reach_who_is_asked_and_nobody_else(officer, township_officer, township, outsider):
    mine, beside = CallFactory(), CallFactory(union=UnionFactory())
    below = CallFactory(union=officer.union)
    assert set(LedgerCall.objects.visible_to(officer)) == {mine, below}
    assert set(LedgerCall.objects.visible_to(township_officer)) == {mine, below}
    assert beside not in LedgerCall.objects.visible_to(officer)
    assert not LedgerCall.objects.visible_to(outsider).exists()


def test_closed_calls_and_those_to_come_are_not_open(officer):
    now = CallFactory()
    CallFactory(closed_on=today())
    CallFactory(opened_on=today() + timedelta(days=1))
    assert calls.open_calls(officer, today()) == [now]


# --- Who has answered ----------------------------------------------------------------------


def test_tallies_count_answers_since_the_opening(township, grassroots, django_assert_num_queries):
    second = UnionFactory(parent=township)
    early = timezone.now() - timedelta(days=3)
    ReturnFactory(union=grassroots, batch__written_at=early)
    ReturnFactory(union=second)
    ReturnFactory(union=second)
    ReturnFactory(union=grassroots, ledger="工会干部花名册")
    ReturnFactory(union=township)  # not asked for a roster of members
    call, older = CallFactory(), CallFactory(opened_on=today() - timedelta(days=5))
    with django_assert_num_queries(2):
        found = calls.tallies([call, older], Union.objects.all(), today())
    assert found == {call.pk: Tally(2, 1), older.pk: Tally(2, 2)}
    assert found[call.pk].missing == 1
    assert calls.unanswered([call, older], grassroots) == [call]
    assert calls.unanswered([call, older], second) == []


def test_tallies_stay_within_the_unions_given(township, grassroots, township_officer):
    ReturnFactory(union=UnionFactory())
    call = CallFactory()
    found = calls.tallies([call], Union.objects.visible_to(township_officer), today())
    assert found == {call.pk: Tally(1, 0)}
    assert calls.tallies([], Union.objects.all(), today()) == {}


def test_the_latest_answer_stands_beside_a_union(grassroots):
    call = CallFactory()
    ReturnFactory(union=grassroots, rows=3)
    last = ReturnFactory(union=grassroots, rows=5, batch__kind=BatchKind.CONFIRM)
    [union] = calls.with_answers(call, calls.asked(call, Union.objects.all(), today()))
    assert (union.answer_rows, union.answer_batch, union.answer_kind) == (5, last.batch_id, "confirm")
    assert union.answer_at == last.batch.written_at


# --- Nothing has changed -------------------------------------------------------------------


def test_a_word_answers_the_call(officer):
    for _ in range(3):
        MemberFactory(union=officer.union)
    MemberFactory(union=UnionFactory())
    call = CallFactory()
    batch = calls.confirm_unchanged(call=call, union=officer.union, by=officer)
    assert (batch.kind, batch.state, batch.rows, batch.unchanged) == (BatchKind.CONFIRM, BatchState.WRITTEN, 3, 3)
    assert (batch.union, batch.by) == (officer.union, officer)
    assert LedgerReturn.objects.values_list("batch", "union", "ledger", "rows").get() == (
        batch.pk,
        officer.union_id,
        "会员花名册",
        3,
    )
    assert calls.unanswered([call], officer.union) == []
    with pytest.raises(DomainError, match="已经报过会员花名册"):
        calls.confirm_unchanged(call=call, union=officer.union, by=officer)
    assert ImportBatch.objects.count() == 1


def test_without_records_there_is_nothing_to_confirm(officer):
    MemberFactory(union=UnionFactory())
    CadreFactory(union=officer.union)
    with pytest.raises(DomainError, match=r"还没有.*会员花名册.*请上传台账"):
        calls.confirm_unchanged(call=CallFactory(), union=officer.union, by=officer)
    assert not ImportBatch.objects.exists()


def test_a_township_says_so_for_a_union_of_its_own_only(township_officer, grassroots):
    MemberFactory(union=grassroots)
    beside = UnionFactory()
    MemberFactory(union=beside)
    call = CallFactory()
    batch = calls.confirm_unchanged(call=call, union=grassroots, by=township_officer)
    assert (batch.union, batch.returns.get().union) == (township_officer.union, grassroots)
    with pytest.raises(DomainError, match="不在您的管辖范围内"):
        calls.confirm_unchanged(call=call, union=beside, by=township_officer)
    with pytest.raises(DomainError, match="没有要求"):
        calls.confirm_unchanged(call=call, union=township_officer.union, by=township_officer)


def test_a_closed_call_takes_no_word(officer):
    MemberFactory(union=officer.union)
    with pytest.raises(DomainError, match="已经结束"):
        calls.confirm_unchanged(call=CallFactory(closed_on=today()), union=officer.union, by=officer)


def test_a_call_that_has_not_begun_takes_no_word(officer):
    MemberFactory(union=officer.union)
    call = CallFactory(opened_on=today() + timedelta(days=1))
    with pytest.raises(DomainError, match="还没有开始"):
        calls.confirm_unchanged(call=call, union=officer.union, by=officer)
    assert not ImportBatch.objects.exists()


def test_kept_ledgers_are_told_in_one_question(grassroots, django_assert_num_queries):
    CadreFactory(union=grassroots, kind="social_worker")
    MemberFactory(union=grassroots)
    TrainingFactory()
    with django_assert_num_queries(1):
        kept = calls.kept_by(grassroots)
    assert kept == {"基层工会组织花名册", "社会化工会工作者花名册", "会员花名册"}
