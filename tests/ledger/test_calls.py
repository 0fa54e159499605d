"""Calls for ledgers: whom they ask, who has answered, and the word that nothing has changed."""

from datetime import timedelta

import pytest
import time_machine
from auditlog.models import LogEntry
from django.contrib.auth.models import Permission
from django.utils import timezone

from members.models import Union
from pingtang_union.core.exceptions import DomainError
from pingtang_union.ledger import calls
from pingtang_union.ledger.calls import Tally
from pingtang_union.ledger.models import (
    BatchKind,
    BatchState,
    CallReminder,
    ImportBatch,
    LedgerCall,
    LedgerReturn,
    Verdict,
)
from tests.factories import (
    CadreFactory,
    CallFactory,
    MemberFactory,
    ReturnFactory,
    RowFactory,
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


def part_of(union, *, left_out=2, **kwargs) -> LedgerReturn:
    """The union's roster, of which rows were left out."""
    given = ReturnFactory(union=union, rows=5, **kwargs)
    for number in range(left_out):
        RowFactory(batch=given.batch, ledger="会员花名册", row=number, verdict=Verdict.REJECT)
    return given


def test_an_answer_with_rows_left_out_stays_open(grassroots, django_assert_num_queries):
    call = CallFactory()
    given = part_of(grassroots)
    RowFactory(batch=given.batch, ledger="工会干部花名册", verdict=Verdict.REJECT)  # of another sheet
    with django_assert_num_queries(2):
        assert calls.tallies([call], Union.objects.all(), today()) == {call.pk: Tally(1, 0, 1)}
    [(due, answer)] = calls.due_from([call], grassroots)
    assert (due, answer.batch_id, answer.rows, answer.left_out) == (call, given.batch_id, 5, 2)
    assert calls.unanswered([call], grassroots) == []
    ReturnFactory(union=grassroots)
    assert calls.tallies([call], Union.objects.all(), today()) == {call.pk: Tally(1, 1)}
    assert calls.due_from([call], grassroots) == []


def test_a_refused_row_of_a_file_of_many_is_nobodys_part(grassroots):
    call = CallFactory()
    given = part_of(grassroots)
    ReturnFactory(union=UnionFactory(), batch=given.batch)
    assert calls.tallies([call], Union.objects.all(), today()) == {call.pk: Tally(2, 2)}


def test_the_rest_is_settled_with_a_reason(officer):
    MemberFactory(union=officer.union)
    call = CallFactory()
    part_of(officer.union)
    with pytest.raises(DomainError, match="请写明其余不报的原因"):
        calls.confirm_unchanged(call=call, union=officer.union, by=officer)
    batch = calls.confirm_unchanged(call=call, union=officer.union, by=officer, reason="两人已退休")
    assert (batch.kind, batch.reason) == (BatchKind.CONFIRM, "两人已退休")
    assert calls.due_from([call], officer.union) == []


# --- Reminders -----------------------------------------------------------------------------


def test_a_township_reminds_who_owes_once_a_day(township_officer, township, grassroots):
    call = CallFactory()
    in_part, done = UnionFactory(parent=township), UnionFactory(parent=township)
    part_of(in_part)
    ReturnFactory(union=done)
    UnionFactory()  # of another township
    assert calls.remind(call=call, by=township_officer) == 2
    sent = CallReminder.objects.order_by("union__path").values_list("union", "by", "on")
    assert list(sent) == [(union.pk, township_officer.pk, today()) for union in (grassroots, in_part)]
    [entry] = LogEntry.objects.get_for_object(call).filter(action=LogEntry.Action.UPDATE)
    assert (entry.actor, entry.changes) == (township_officer, {"催报": ["", "2 个工会"]})
    with pytest.raises(DomainError, match="没有需要催报的工会"):
        calls.remind(call=call, by=township_officer)
    assert calls.reminders_of([call], grassroots)[call.pk].by == township_officer
    with time_machine.travel(timezone.now() + timedelta(days=1), tick=False):
        assert calls.remind(call=call, by=township_officer, unions=[grassroots]) == 1


def test_nobody_else_reminds(officer, township_officer, township, grassroots, leader):
    beside = UnionFactory()
    call, closed = CallFactory(), CallFactory(closed_on=today())
    for user in (officer, leader):
        with pytest.raises(DomainError, match="您的账号不能催报"):
            calls.remind(call=call, by=user)
    with pytest.raises(DomainError, match="没有需要催报"):
        calls.remind(call=call, by=township_officer, unions=[beside])
    with pytest.raises(DomainError, match="已经结束"):
        calls.remind(call=closed, by=township_officer)
    assert not CallReminder.objects.exists()


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
    with pytest.raises(DomainError, match="请写明代报的原因"):
        calls.confirm_unchanged(call=call, union=grassroots, by=township_officer)
    batch = calls.confirm_unchanged(call=call, union=grassroots, by=township_officer, reason="该单位停工停产")
    assert (batch.union, batch.returns.get().union) == (township_officer.union, grassroots)
    [line] = calls.with_answers(call, calls.asked(call, Union.objects.filter(pk=grassroots.pk), today()))
    assert (line.answer_office, line.answer_reason) == (township_officer.union.name, "该单位停工停产")
    with pytest.raises(DomainError, match="不在您的管辖范围内"):
        calls.confirm_unchanged(call=call, union=beside, by=township_officer)
    with pytest.raises(DomainError, match="没有要求"):
        calls.confirm_unchanged(call=call, union=township_officer.union, by=township_officer)


def test_who_brings_no_ledgers_says_no_word_of_them(officer):
    MemberFactory(union=officer.union)
    officer.groups.get().permissions.remove(Permission.objects.get(codename="add_importbatch"))
    with pytest.raises(DomainError, match="不登记会员花名册"):
        calls.confirm_unchanged(call=CallFactory(), union=officer.union, by=officer)


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
