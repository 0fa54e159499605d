"""Who may act on a batch, asked of the services: rights that go between asking and doing, accounts that brought it."""

import importlib

import pytest
from django.apps import apps

from members import roles
from members.models import Member, Union, User
from pingtang_union.core.exceptions import DomainError
from pingtang_union.ledger.importing import steps, undo
from pingtang_union.ledger.models import BatchState, HeaderChoice, ImportBatch
from pingtang_union.ledger.rights import Rights
from tests.factories import BatchFactory, ReturnFactory, RowFactory, UnionFactory, UserFactory
from tests.members.test_ledgers import roster
from tests.members.test_steps import GOOD, OTHER, deliver, write

pytestmark = pytest.mark.usefixtures("enable_db")


def anew(user: User) -> User:
    """The account as a new request has it."""
    return User.objects.get(pk=user.pk)


def take_role(user: User) -> None:
    user.groups.clear()


def close(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)


def move(user: User) -> None:
    User.objects.filter(pk=user.pk).update(union=UnionFactory())


GONE = pytest.mark.parametrize("lose", [take_role, close, move])


def test_a_desk_without_any_right_on_members_takes_nothing_back(county_clerk, awards_clerk, grassroots):
    batch = write(deliver(county_clerk, roster([GOOD, OTHER], union=grassroots.name)))

    with pytest.raises(DomainError, match="请由负责这种台账的人办理"):
        undo.request_undo(batch=batch, by=awards_clerk, reason="传错了文件")
    assert Member.objects.count() == 2
    assert not ImportBatch.objects.filter(undoes=batch).exists()


@pytest.mark.parametrize("step", ["write", "discard", "recheck", "columns"])
def test_a_desk_without_the_right_takes_no_step(step, county_clerk, awards_clerk, grassroots):
    batch = deliver(county_clerk, roster([GOOD], union=grassroots.name))
    acts = {
        "write": lambda: steps.request_writing(batch=batch, by=awards_clerk, is_partial=True),
        "discard": lambda: steps.discard(batch=batch, by=awards_clerk),
        "recheck": lambda: steps.recheck(batch=batch, by=awards_clerk),
        "columns": lambda: steps.choose_columns(batch=batch, by=awards_clerk, choices={("会员花名册", "移动电话"): ""}),
    }

    with pytest.raises(DomainError, match="请由负责这种台账的人办理"):
        acts[step]()
    batch.refresh_from_db()
    assert (batch.state, HeaderChoice.objects.count()) == (BatchState.READY, 0)


@GONE
def test_an_undoing_asks_again_when_it_begins(lose, officer, grassroots):
    batch = write(deliver(officer, roster([GOOD], union=grassroots.name)))
    undoing = undo.request_undo(batch=batch, by=officer, reason="传错了文件")
    lose(officer)
    undo.carry_out(undoing.pk)

    undoing.refresh_from_db()
    assert (undoing.state, undoing.error[:5]) == (BatchState.FAILED, "没有撤销：")
    assert Member.objects.count() == 1


@GONE
def test_a_writing_asks_again_when_it_begins(lose, officer, county_clerk, grassroots):
    batch = deliver(county_clerk, roster([GOOD], union=grassroots.name))
    other = UserFactory(roles=(roles.ORGANISATION,))
    steps.request_writing(batch=batch, by=other, is_partial=False, seen=batch.outcome)
    lose(other)
    steps.write(batch.pk)

    batch.refresh_from_db()
    assert (batch.state, batch.error[:5]) == (BatchState.FAILED, "没有导入：")
    assert not Member.objects.exists()


@GONE
def test_nobody_writes_by_an_account_that_could_not(lose, officer, county_clerk, grassroots):
    batch = deliver(officer, roster([GOOD], union=grassroots.name))
    lose(officer)

    for step in (
        lambda: steps.request_writing(batch=batch, by=county_clerk, is_partial=False, seen=batch.outcome),
        lambda: steps.recheck(batch=ImportBatch.objects.get(pk=batch.pk), by=county_clerk),
    ):
        with pytest.raises(DomainError, match="不能再用。请"):
            step()
    steps.discard(batch=ImportBatch.objects.get(pk=batch.pk), by=county_clerk)  # given up it may be
    batch.refresh_from_db()
    assert batch.state == BatchState.DISCARDED


def test_a_role_lost_while_it_waits_is_seen_by_the_worker(officer, county_clerk, grassroots):
    batch = deliver(officer, roster([GOOD], union=grassroots.name))
    steps.request_writing(batch=batch, by=county_clerk, is_partial=False, seen=batch.outcome)
    take_role(officer)
    steps.write(batch.pk)

    batch.refresh_from_db()
    assert (batch.state, "没有这项权限" in batch.error) == (BatchState.FAILED, True)
    assert not Member.objects.exists()


def test_a_union_that_went_elsewhere_takes_its_rows_along(township, township_officer, grassroots, county_clerk):
    batch = write(deliver(township_officer, roster([GOOD], union=grassroots.name)))
    assert batch.concerns == {"会员花名册": {"verbs": ["add"], "unions": [grassroots.pk]}}
    Union.objects.move(grassroots, UnionFactory(level="township"), "last-child")

    with pytest.raises(DomainError, match="这份台账不全归您管") as refused:
        undo.request_undo(batch=batch, by=anew(township_officer), reason="传错了文件")
    assert grassroots.name not in str(refused.value)
    assert undo.request_undo(batch=batch, by=county_clerk, reason="传错了文件")


def test_who_brought_a_file_may_look_anew_and_give_it_up_though_its_rows_are_refused(awards_clerk, grassroots):
    batch = deliver(awards_clerk, roster([GOOD], union=grassroots.name))
    assert (batch.new, batch.rejected) == (0, 1)
    steps.recheck(batch=batch, by=awards_clerk)
    steps.check(batch.pk)

    with pytest.raises(DomainError, match="负责这种台账"):  # what headers mean is the whole county's
        steps.choose_columns(batch=batch, by=awards_clerk, choices={("会员花名册", "移动电话"): ""})
    steps.discard(batch=batch, by=awards_clerk)


def test_one_query_for_all_batches(officer, grassroots, django_assert_num_queries):
    batches = [deliver(officer, roster([GOOD], union=grassroots.name)) for _ in range(3)]
    user = anew(officer)
    user.has_perm("core.add_importbatch")
    user.union  # noqa: B018  read once, as for every page

    with django_assert_num_queries(1):
        rights = Rights(user)
        assert [rights.may(step, one) for one in batches for step in ("write", "discard", "columns")] == [True] * 9


def test_a_preview_from_before_is_checked_again_first(officer, grassroots):
    batch = deliver(officer, roster([GOOD], union=grassroots.name))
    ImportBatch.objects.filter(pk=batch.pk).update(concerns={})

    with pytest.raises(DomainError, match="请先点「重新检查」"):
        steps.request_writing(batch=batch, by=officer, is_partial=False)


def test_batches_written_before_are_told_what_they_did(grassroots):
    batch = BatchFactory(union=grassroots)
    for verdict in ("new", "changed", "reject"):
        RowFactory(batch=batch, ledger="会员花名册", verdict=verdict)
    ReturnFactory(batch=batch, union=grassroots)
    importlib.import_module("pingtang_union.ledger.migrations.0006_rights_of_written").tell_of_written(apps, None)

    batch.refresh_from_db()
    assert batch.concerns == {"会员花名册": {"verbs": ["add", "change"], "unions": [grassroots.pk]}}
