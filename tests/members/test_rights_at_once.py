"""Many who act on one batch at once, on PostgreSQL: one does, the others are told."""

import pytest

from members.models import Member
from pingtang_union.core.exceptions import DomainError
from pingtang_union.ledger.importing import steps, undo
from pingtang_union.ledger.models import BatchState, HeaderChoice, ImportBatch
from tests.at_once import at_once, needs_postgresql
from tests.members.test_ledgers import roster
from tests.members.test_rights import anew
from tests.members.test_steps import GOOD, deliver, write

pytestmark = [needs_postgresql, pytest.mark.django_db(transaction=True, serialized_rollback=True)]


def test_of_many_who_choose_columns_write_and_give_up_one_does(officer, grassroots):
    batch = deliver(officer, roster([GOOD], union=grassroots.name))
    choices = {("会员花名册", "移动电话"): ""}
    results = at_once(
        [lambda: steps.choose_columns(batch=batch, by=anew(officer), choices=choices)] * 4
        + [lambda: steps.request_writing(batch=batch, by=anew(officer), is_partial=False)] * 2
        + [lambda: steps.discard(batch=batch, by=anew(officer))] * 2
    )

    assert [type(one) for one in results].count(type(None)) == 1
    assert all(one is None or isinstance(one, DomainError) for one in results), results
    batch.refresh_from_db()
    is_chosen = batch.state == BatchState.QUEUED
    assert HeaderChoice.objects.count() == int(is_chosen)


def test_of_many_who_take_back_one_does(officer, grassroots):
    batch = write(deliver(officer, roster([GOOD], union=grassroots.name)))
    results = at_once([lambda: undo.request_undo(batch=batch, by=anew(officer), reason="传错了文件")] * 6)
    [undoing] = [one for one in results if isinstance(one, ImportBatch)]
    at_once([lambda: undo.carry_out(undoing.pk)] * 3)

    undoing.refresh_from_db()
    assert (undoing.state, Member.objects.count()) == (BatchState.WRITTEN, 0)
