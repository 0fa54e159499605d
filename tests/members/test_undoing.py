"""Taking a batch back: what returns, what goes, what stays since someone touched it, and what stopped half-way."""

import pytest

from members import services
from members.models import Cadre, Member, MembershipEvent, Union
from members.models.codes import EventKind, MemberStatus
from pingtang_union.core.exceptions import DomainError
from pingtang_union.ledger.importing import steps, undo
from pingtang_union.ledger.models import BatchKind, BatchState, ImportBatch, LedgerReturn, Verdict
from tests.factories import CadreFactory, MemberFactory, UnionFactory
from tests.ledger import dress
from tests.members.test_ledgers import roster
from tests.members.test_steps import GOOD, OTHER, deliver, number, snapshot, take_back, write

pytestmark = pytest.mark.django_db


@pytest.fixture
def water(db) -> Union:
    return UnionFactory(name="平塘县自来水公司工会委员会", category="enterprise")


def test_undoing_brings_everything_back(county_clerk, water):
    write(deliver(county_clerk, roster([GOOD], union=water.name)))
    before = snapshot()
    changed = roster([(GOOD[0], GOOD[1], GOOD[2], "2013.05", "19000011111"), OTHER], union=water.name)
    batch = write(deliver(county_clerk, changed))
    assert (batch.new, batch.changed) == (1, 1)
    assert snapshot() != before
    undoing = take_back(batch, county_clerk)
    assert snapshot() == before
    assert undoing.kind == BatchKind.UNDO
    assert undoing.reason == "传错了文件"
    assert sorted(undoing.import_rows.values_list("verdict", "name")) == [("removed", "罗秀英"), ("restored", "穆平")]
    assert not LedgerReturn.objects.filter(batch=batch).exists()


def test_undoing_needs_a_reason_and_happens_once(county_clerk, water):
    batch = write(deliver(county_clerk, roster([GOOD], union=water.name)))
    with pytest.raises(DomainError, match="原因"):
        undo.request_undo(batch=batch, by=county_clerk, reason=" 错 ")
    undoing = take_back(batch, county_clerk)
    with pytest.raises(DomainError, match="已撤销"):
        undo.request_undo(batch=batch, by=county_clerk, reason="再撤销一次")
    with pytest.raises(DomainError, match="只有"):
        undo.request_undo(batch=undoing, by=county_clerk, reason="撤销这个撤销")


def test_rows_edited_since_are_kept_and_listed(county_clerk, water):
    write(deliver(county_clerk, roster([GOOD], union=water.name)))
    batch = write(
        deliver(
            county_clerk,
            roster(
                [(*GOOD[:4], "19000011111"), OTHER, ("石海燕", "女", number("52272719920101022"), "2016.01", "")],
                union=water.name,
            ),
        )
    )
    member = Member.objects.get(name="穆平")
    member.phone = "19000022222"
    member.save()
    edited = Member.objects.get(name="石海燕")
    edited.note = "后来补的"
    edited.save()
    undoing = take_back(batch, county_clerk)
    assert sorted(undoing.import_rows.values_list("verdict", "name")) == [
        ("kept", "石海燕"),
        ("kept", "穆平"),
        ("removed", "罗秀英"),
    ]
    member.refresh_from_db()
    assert member.phone == "19000022222"
    assert "移动电话" in undoing.import_rows.get(name="穆平").messages[0][2]


def test_a_member_who_has_moved_since_stays(county_clerk, water):
    batch = write(deliver(county_clerk, roster([GOOD], union=water.name)))
    other = UnionFactory(name="别处工会")
    services.transfer_member(member=Member.objects.get(), to=other, on="2020-01", by=county_clerk)
    undoing = take_back(batch, county_clerk)
    assert undoing.import_rows.get().verdict == Verdict.KEPT
    assert Member.objects.get().union == other
    assert MembershipEvent.objects.count() == 3


def test_undoing_a_joining_anew(county_clerk, water):
    member = MemberFactory(name="穆平", union=water, id_number=GOOD[2], born_on="1985-11-25", joined_on="2001")
    MembershipEvent.objects.filter(member=member).delete()
    services.record_event(member=member, kind=EventKind.LEAVE, on="2005", by=county_clerk, reason="离职")
    before = snapshot()
    batch = write(deliver(county_clerk, roster([GOOD], union=water.name)))
    assert Member.objects.get().status == MemberStatus.ACTIVE
    take_back(batch, county_clerk)
    assert snapshot() == before


def test_undoing_a_new_post_reopens_the_old_one(county_clerk, water):
    other = UnionFactory(name="别处工会")
    CadreFactory(name="穆平", union=other, id_number=GOOD[2], started_on="2010", born_on="1985-11-25")
    before = snapshot()
    content = dress.xlsx(
        {
            "干部": [
                ["姓名", "身份证号", "所在工会", "工会职务", "任职时间"],
                ["穆平", GOOD[2], water.name, "主席", "2015.03"],
            ]
        }
    )
    batch = write(deliver(county_clerk, content, "工会干部花名册.xlsx"))
    assert Cadre.objects.count() == 2
    take_back(batch, county_clerk)
    assert snapshot() == before


def test_undoing_unions_takes_them_out_of_the_tree(county_clerk, water):
    before = snapshot()
    head = ["工会名称", "工会类别", "上级工会", "工会主席"]
    rows = [
        ["平塘县新镇工会联合会", "机关", "平塘县总工会", "甲平"],
        ["平塘县新镇小学工会", "机关", "平塘县新镇工会联合会", "乙平"],
        [water.name, "企业", "平塘县新镇工会联合会", "丙平"],
    ]
    batch = write(deliver(county_clerk, dress.xlsx({"工会": [head, *rows]}), "基层工会组织花名册.xlsx"))
    assert (batch.new, batch.changed) == (2, 1)
    water.refresh_from_db()
    assert water.depth == 3
    undoing = take_back(batch, county_clerk)
    assert undoing.import_rows.filter(verdict=Verdict.KEPT).count() == 0
    assert Union.objects.count() == 2
    water.refresh_from_db()
    assert (water.depth, water.chair) == (2, "")
    columns = [field.attname for field in Union._meta.concrete_fields]
    path = columns.index("path")  # the place among its sisters is free

    def unplaced(tables):
        return [row[:path] + row[path + 1 :] for row in tables[0]]

    assert unplaced(snapshot()) == unplaced(before)
    assert Union.objects.find_problems() == ([], [], [], [], [])


def test_a_union_in_use_is_kept(county_clerk):
    head = ["工会名称", "工会类别", "上级工会"]
    content = dress.xlsx({"工会": [head, ["平塘县新镇小学工会", "机关", "平塘县总工会"]]})
    batch = write(deliver(county_clerk, content, "基层工会组织花名册.xlsx"))
    MemberFactory(union=Union.objects.get(name="平塘县新镇小学工会"))
    undoing = take_back(batch, county_clerk)
    assert undoing.import_rows.get().verdict == Verdict.KEPT
    assert "用到它" in undoing.import_rows.get().messages[0][2]


def test_a_union_that_someone_has_moved_on_since_stays_there(county_clerk, water, township):
    content = dress.xlsx(
        {"工会": [["工会名称", "工会类别", "上级工会", "工会主席"], [water.name, "企业", township.name, "丙平"]]}
    )
    batch = write(deliver(county_clerk, content, "基层工会组织花名册.xlsx"))
    other = UnionFactory(name="平塘县新镇工会联合会", level="township")
    services.place_union(union=Union.objects.get(pk=water.pk), parent=other)
    undoing = take_back(batch, county_clerk)
    assert [(row.verdict, "归属" in row.messages[0][2]) for row in undoing.import_rows.all()] == [("kept", True)]
    water.refresh_from_db()
    assert (water.parent_path, water.chair) == (other.path, "丙平")


def test_a_union_edited_since_keeps_its_place_too(county_clerk, water, township):
    content = dress.xlsx(
        {"工会": [["工会名称", "工会类别", "上级工会", "工会主席"], [water.name, "企业", township.name, "丙平"]]}
    )
    batch = write(deliver(county_clerk, content, "基层工会组织花名册.xlsx"))
    edited = Union.objects.get(pk=water.pk)
    edited.chair = "丁平"
    edited.save()
    undoing = take_back(batch, county_clerk)
    assert list(undoing.import_rows.values_list("verdict", flat=True)) == ["kept"]
    water.refresh_from_db()
    assert (water.parent_path, water.chair) == (township.path, "丁平")


def test_a_superior_that_moved_too_takes_nothing_from_what_moved_below_it(county_clerk, water):
    federation = UnionFactory(name="平塘县新镇工会联合会", level="township")
    upper = UnionFactory(name="平塘县教育工会联合会", level="township")
    rows = [[federation.name, "机关", upper.name], [water.name, "企业", federation.name]]
    for order in (rows, rows[::-1]):
        content = dress.xlsx({"工会": [["工会名称", "工会类别", "上级工会"], *order]})
        undoing = take_back(write(deliver(county_clerk, content, "基层工会组织花名册.xlsx")), county_clerk)
        assert sorted(undoing.import_rows.values_list("verdict", flat=True)) == ["restored", "restored"]
        assert {union.depth for union in Union.objects.exclude(depth=1)} == {2}


# --- An undoing that stopped ---------------------------------------------------------------


@pytest.fixture
def stopped(county_clerk, water, monkeypatch) -> ImportBatch:
    """An undoing during which something broke."""
    batch = write(deliver(county_clerk, roster([GOOD], union=water.name)))
    undoing = undo.request_undo(batch=batch, by=county_clerk, reason="传错了文件")

    def breaks(*_given):
        LedgerReturn.objects.all().delete()
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr(undo, "_carry_out", breaks)
        undo.carry_out(undoing.pk)
    undoing.refresh_from_db()
    return undoing


def test_an_undoing_that_breaks_leaves_everything_and_says_so(stopped):
    assert (stopped.state, stopped.error) == (BatchState.FAILED, undo.BROKEN)
    assert (Member.objects.count(), LedgerReturn.objects.count()) == (1, 1)


def test_an_undoing_that_stopped_is_taken_up_by_asking_again(stopped, county_clerk):
    again = take_back(stopped.undoes, county_clerk, reason="还是要撤销")
    assert (again.pk, again.reason, again.error) == (stopped.pk, "还是要撤销", "")
    assert not Member.objects.exists()


def test_an_undoing_that_stopped_is_no_preview_to_give_up(stopped):
    for step in (steps.discard, steps.recheck):
        with pytest.raises(DomainError, match="这份台账正在处理"):
            step(batch=stopped, by=stopped.by)
    stopped.refresh_from_db()
    assert stopped.state == BatchState.FAILED
