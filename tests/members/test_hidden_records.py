"""Rows that touch records of unions unseen: nothing of them is shown, nobody is locked out, all goes back."""

import re

import pytest
from auditlog.models import LogEntry
from django.urls import reverse

from members import roles, services
from members.models import HeldWhy, Member
from members.models.codes import EventKind, MemberStatus
from members.services import numbers
from pingtang_union.core.exceptions import DomainError
from pingtang_union.ledger.importing import preview, steps, undo
from pingtang_union.ledger.models import BatchState, ImportRow, Verdict
from pingtang_union.ledger.rights import Rights
from tests.factories import MemberFactory, UnionFactory, UserFactory
from tests.ledger import dress
from tests.members.test_numbers import brought, numbered, written

pytestmark = pytest.mark.django_db
# What only the other union's record tells: when he joined and left, where, his phone, and the name of the sealed field.
HIDDEN = ("2013-07", "2013年", "2013.07", "2021-01", "2021年", "2021.01", "林业", "13312345678", "sealed")


@pytest.fixture
def gone(db, county_clerk) -> Member:
    """A former member of a union that the officer doesn't see."""
    union = UnionFactory(name="平塘县林业局工会委员会")
    member = MemberFactory(
        union=union, name="石秘密", id_number=numbered(250), joined_on="2013-07", phone="13312345678"
    )
    services.record_event(member=member, kind=EventKind.LEAVE, on="2021-01", by=county_clerk, reason="离开单位")
    member.refresh_from_db()
    return member


def rejoining(officer, gone, on="2022.01"):
    return brought(officer, [(gone.name, gone.full_id_number, on), ("张三", numbered(777, "19800101"), "2020.01")])


def seen(client, address: str) -> str:
    """A page without its addresses and tokens, in which any four digits may stand by chance."""
    page = client.get(address).content.decode()
    return re.sub(r' (href|src|action|hx-\w+|nonce|content|value|id|for)="[^"]*"', "", page)


def facts(member: Member) -> tuple:
    member.refresh_from_db()
    return member.union_id, member.status, member.joined_on, member.phone, member.name


def test_a_preview_shows_nothing_of_the_record_that_rejoins(signed_in, officer, gone):
    batch = rejoining(officer, gone)

    [one] = preview.Rows(batch, Verdict.CHANGED)
    assert (one.before, one.after()) == (None, {})
    page = seen(signed_in(officer), reverse("ledger_batch", args=[batch.pk]) + "?show=all")
    assert [word in page for word in HIDDEN] == [False] * len(HIDDEN)
    [event] = LogEntry.objects.filter(object_repr="按证件号码查对", actor=officer)
    assert event.changes["答复"][1] == "曾是会员"


@pytest.mark.parametrize("on", ["2015.01", ""])
def test_a_refused_rejoining_tells_no_date_and_is_written_down(officer, gone, on):
    batch = rejoining(officer, gone, on)

    [one] = preview.Rows(batch, Verdict.REJECT)
    assert [word in str(one) for word in ("2013", "2021-01", "林业")] == [False] * 3
    assert LogEntry.objects.filter(object_repr="按证件号码查对", actor=officer).count() == 1


def test_a_rejoining_is_written_and_taken_back_by_who_wrote_it(signed_in, officer, gone):
    before = facts(gone)
    batch = written(rejoining(officer, gone), officer)
    assert facts(gone)[:3] == (officer.union_id, MemberStatus.ACTIVE, "2022-01")
    row = ImportRow.objects.get(batch=batch, verdict=Verdict.CHANGED)
    assert ([*row.before], row.after) == (["sealed"], None)

    colleague = UserFactory(union=officer.union, roles=(roles.GRASSROOTS,))
    if colleague.has_perm("core.undo_importbatch"):
        with pytest.raises(DomainError, match="不全归您管"):
            undo.request_undo(batch=batch, by=colleague, reason="传错了文件")
    undoing = undo.request_undo(batch=batch, by=officer, reason="传错了文件")
    undo.carry_out(undoing.pk)

    undoing.refresh_from_db()
    assert (undoing.state, facts(gone)) == (BatchState.WRITTEN, before)
    assert [event.kind for event in gone.events.order_by("pk")][-1] == EventKind.LEAVE
    client = signed_in(officer)
    pages = "".join(seen(client, reverse("ledger_batch", args=[pk])) for pk in (batch.pk, undoing.pk))
    assert [word in pages for word in HIDDEN] == [False] * len(HIDDEN)


@pytest.mark.parametrize("verdict", ["changed", "transfer", "held", "reject"])
def test_no_verdict_on_a_stranger_s_record_locks_the_file(officer, county_clerk, gone, verdict):
    name, on = gone.name, "2022.01"
    if verdict == "transfer":
        gone = MemberFactory(union=gone.union, name=name, id_number=numbered(251))
    if verdict == "held":
        name = "石另名"
    if verdict == "reject":
        on = ""
    rows = [(name, gone.full_id_number, on), ("张三", numbered(777, "19800101"), "2020.01")]
    batch = brought(officer, rows)
    assert verdict in [one.verdict for one in preview.Rows(batch)]

    assert [Rights(officer).why_not(step, batch) for step in ("write", "recheck", "discard", "decide")] == [""] * 4
    steps.recheck(batch=batch, by=officer)
    steps.check(batch.pk)
    steps.request_writing(batch=batch, by=officer, is_partial=True)
    steps.write(batch.pk)
    batch.refresh_from_db()
    assert batch.state == BatchState.WRITTEN, batch.error


def test_who_brought_a_file_may_give_it_up_whatever_union_stands_in_it(officer, gone):
    batch = rejoining(officer, gone)
    batch.concerns = {"会员花名册": {"verbs": ["change"], "unions": [gone.union_id]}}
    batch.save()

    assert "不全归您管" in Rights(officer).why_not("write", batch)
    steps.recheck(batch=batch, by=officer)
    steps.check(batch.pk)
    steps.discard(batch=batch, by=officer)


def test_two_rosters_in_a_file_keep_what_the_county_confirmed_apart(officer, county_clerk, gone):
    services.record_event(member=gone, kind=EventKind.JOIN, on="2022-01", by=county_clerk, union=gone.union, reason="")
    held = numbers.hold(
        by=officer, union_id=officer.union_id, name="石另名", number=gone.full_id_number, id_type="resident",
        why=HeldWhy.ELSEWHERE, place="台账",
    )  # fmt: skip
    numbers.settle_number(held=held, by=county_clerk, agree=True)
    union = officer.union.name
    content = dress.xlsx({
        "会员花名册": [[f"{union}会员花名册"], [f"工会名称：{union}"], ["姓名", "身份证号", "入会时间"],
                  ["石另名", gone.full_id_number, "2020.01"]],
        "工会干部花名册": [[f"{union}工会干部花名册"], ["姓名", "身份证号", "所在工会", "工会职务", "任职时间"],
                   ["陆甲", numbered(9, "19810203"), union, "主席", "2020.01"]],
    })  # fmt: skip
    batch = steps.deliver(by=officer, name="两种.xlsx", content=content)
    steps.check(batch.pk)

    assert sorted(one.verdict for one in preview.Rows(batch)) == ["new", "transfer"]
