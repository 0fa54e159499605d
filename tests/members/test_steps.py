"""A file from an office to the records: checked without writing, confirmed once, taken back."""

import threading
import time

import pytest
from django.db import transaction
from django.utils import timezone

from members.models import Attendance, Cadre, Member, MembershipEvent, Training, Union
from pingtang_union.core import crypto
from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.validators import check_digit
from pingtang_union.ledger import calls
from pingtang_union.ledger.importing import attempts, preview, steps, undo
from pingtang_union.ledger.importing.command import Importer
from pingtang_union.ledger.importing.shown import verdict_counts
from pingtang_union.ledger.models import (
    BatchState,
    HeaderChoice,
    ImportBatch,
    ImportFile,
    ImportRow,
    LedgerReturn,
    Verdict,
)
from tests.at_once import at_once, needs_postgresql
from tests.factories import CallFactory, MemberFactory, UnionFactory
from tests.ledger import dress
from tests.members.test_ledgers import FAULTY, SHIPPED, roster

pytestmark = pytest.mark.django_db

GOOD = ("穆平", "男", "522727198511259937", "2012.04", "19000023695")
OTHER = ("罗秀英", "女", "522727199003070024", "2015.06", "19000023696")


def number(first17: str) -> str:
    return first17 + check_digit(first17)


def deliver(by, content: bytes, name="会员花名册.xlsx") -> ImportBatch:
    batch = steps.deliver(by=by, name=name, content=content)
    steps.check(batch.pk)
    batch.refresh_from_db()
    return batch


def write(batch, *, is_partial=False, reason="") -> ImportBatch:
    steps.request_writing(batch=batch, by=batch.by, is_partial=is_partial, reason=reason)
    steps.write(batch.pk)
    batch.refresh_from_db()
    return batch


def take_back(batch, by, reason="传错了文件") -> ImportBatch:
    undoing = undo.request_undo(batch=batch, by=by, reason=reason)
    undo.carry_out(undoing.pk)
    undoing.refresh_from_db()
    assert undoing.state == BatchState.WRITTEN, undoing.error
    return undoing


def verdicts(batch) -> dict[str, int]:
    return {
        verdict.value: len(preview.Rows(batch, verdict.value))
        for verdict in Verdict
        if len(preview.Rows(batch, verdict))
    }


def snapshot() -> list:
    """Everything that a roster may change, as the database holds it."""
    return [
        list(model._base_manager.order_by("pk").values_list())
        for model in (Union, Cadre, Member, MembershipEvent, Training, Attendance)
    ]


@pytest.fixture
def water(db) -> Union:
    return UnionFactory(name="平塘县自来水公司工会委员会", category="enterprise")


# --- Checking ------------------------------------------------------------------------------


def test_a_check_writes_nothing_and_tells_each_row(county_clerk, water):
    UnionFactory(name="平塘供电局工会委员会", category="enterprise")
    clean = SHIPPED / "会员花名册-平塘供电局工会委员会.xlsx"
    assert write(deliver(county_clerk, clean.read_bytes(), clean.name)).state == BatchState.WRITTEN
    before = snapshot()
    batch = deliver(county_clerk, (FAULTY / "会员花名册-有错.xlsx").read_bytes(), "会员花名册-有错.xlsx")
    assert batch.state == BatchState.READY
    assert snapshot() == before
    assert (batch.rows, batch.new, batch.warned, batch.transfer, batch.rejected) == (41, 28, 2, 1, 12)
    assert verdicts(batch) == {"new": 28, "transfer": 1, "reject": 12}
    counts, warned = verdict_counts(batch, "all")
    assert (sum(count.number for count in counts), warned.number) == (41, 2)
    assert len(preview.Rows(batch, "warned")) == 2
    assert len(preview.Rows(batch)) == 41
    [rejected] = [row for row in preview.Rows(batch, "reject") if row.number == 13]
    assert rejected.sheet
    assert rejected.messages[0].column == "身份证号"
    assert "校验" in rejected.messages[0].text
    assert [sheet["unions"] for sheet in batch.sheets] == [["平塘县自来水公司工会委员会"]]


def test_stored_rows_and_files_are_sealed(county_clerk, water):
    batch = deliver(county_clerk, roster([GOOD], union=water.name))
    stored = b"".join(bytes(chunk.content) for chunk in batch.chunks.all()) + bytes(batch.file.content)
    assert b"522727198511259937" not in stored
    assert crypto.unseal_bytes(bytes(batch.file.content)) == steps.file_content(batch)
    assert preview.Rows(batch)[0:1][0].values["id_number"] == "522727198511259937"


def test_what_cannot_be_read_is_said(county_clerk):
    batch = deliver(county_clerk, b"PK\x03\x04 not really", "花名册.xlsx")
    assert batch.state == BatchState.UNREADABLE
    assert "损坏" in batch.error
    with pytest.raises(DomainError, match="导入过"):
        steps.request_writing(batch=batch, by=batch.by, is_partial=True)


def test_pages_open_only_the_chunks_they_show(county_clerk, water, django_assert_num_queries, monkeypatch):
    monkeypatch.setattr(preview, "ROWS", 3)
    rows = [
        (
            f"石{'一二三四五六七八九十'[index]}平",
            "男",
            number(f"5227271980010{index + 1}101" if index < 9 else "52272719800110101"),
            "2012.04",
            "",
        )
        for index in range(10)
    ]
    rows[4] = ("石五平", "男", "522727", "2012.04", "")
    batch = deliver(county_clerk, roster(rows, union=water.name))
    assert [chunk.number for chunk in batch.chunks.all()] == [0, 1, 2, 3, 4]
    with django_assert_num_queries(2):
        found = preview.Rows(batch, "new")
        assert [row.number for row in found[4:8]] == [6, 7, 8, 9]
    assert [row.number for row in preview.Rows(batch, "reject")] == [5]


def test_a_file_of_two_ledgers_is_checked_with_what_its_first_would_bring(county_clerk):
    UnionFactory(name="平塘县教育工会")
    content = dress.xlsx(
        {
            "培训班": [["培训班名称", "地点", "开班时间"], ["工会主席培训班", "县委党校", "2017.05"]],
            "参训人员": [["姓名", "培训班名称", "所在工会"], ["穆平", "工会主席培训班", "平塘县教育工会"]],
        }
    )
    batch = deliver(county_clerk, content, "干部培训台账.xlsx")
    assert (batch.state, batch.new, batch.rejected) == (BatchState.READY, 2, 0)
    assert not Training.objects.exists()
    write(batch)
    assert Attendance.objects.get().training.name == "工会主席培训班"


# --- Permission and scope ------------------------------------------------------------------


def test_an_officer_changes_her_unions_card_but_not_the_countys_matters(officer, grassroots):
    grassroots.category = "organ"
    grassroots.save()
    header = ["工会名称", "工会类别", "上级工会", "工会主席", "职工人数"]
    row = [grassroots.name, "机关工会", "金盆街道工会联合会", "穆平", 30]
    good = deliver(officer, dress.xlsx({"工会": [header, row]}), "基层工会组织花名册.xlsx")
    assert (good.state, good.changed, good.rejected) == (BatchState.READY, 1, 0)
    elsewhere = deliver(
        officer, dress.xlsx({"工会": [header, [row[0], "企业工会", *row[2:]]]}), "基层工会组织花名册.xlsx"
    )
    assert elsewhere.rejected == 1
    stranger = deliver(officer, dress.xlsx({"工会": [header, ["新的工会", *row[1:]]]}), "基层工会组织花名册.xlsx")
    assert stranger.rejected == 1
    assert "不能新建" in next(iter(preview.Rows(stranger, "reject"))).messages[0].text


@pytest.mark.parametrize("is_confirmed", [False, True])
def test_a_batch_does_not_follow_its_bringer_to_another_union(officer, grassroots, is_confirmed):
    batch = deliver(officer, roster([GOOD], union=grassroots.name))
    if is_confirmed:
        steps.request_writing(batch=batch, by=officer, is_partial=False)
    else:
        steps.recheck(batch=batch, by=officer)
    officer.union = UnionFactory(name="新去的工会")
    officer.save()
    (steps.write if is_confirmed else steps.check)(batch.pk)
    batch.refresh_from_db()
    assert (batch.state, "不在原来的单位" in batch.error) == (BatchState.FAILED, True)
    assert not Member.objects.exists()


def test_an_officer_reaches_no_other_unions_rows(officer, township):
    other = UnionFactory(name="别处工会", parent=township)
    batch = deliver(officer, roster([GOOD], union=other.name))
    assert (batch.new, batch.rejected) == (0, 1)


# --- Writing -------------------------------------------------------------------------------


def test_good_rows_alone_and_once_only(county_clerk, water):
    batch = deliver(county_clerk, roster([GOOD, ("坏号", "男", "123", "", "")], union=water.name))
    with pytest.raises(DomainError, match="退回"):
        steps.request_writing(batch=batch, by=batch.by, is_partial=False)
    write(batch, is_partial=True)
    assert (batch.state, batch.new, batch.rejected) == (BatchState.WRITTEN, 1, 1)
    member = Member.objects.get()
    assert member.full_id_number == "522727198511259937"
    assert list(batch.import_rows.order_by("pk").values_list("verdict", "object_id")) == [
        ("new", member.pk),
        ("reject", None),
    ]
    assert LedgerReturn.objects.values_list("union", "ledger", "rows").get() == (water.pk, "会员花名册", 1)
    assert MembershipEvent.objects.get().batch_id == batch.pk
    with pytest.raises(DomainError, match="导入过"):
        steps.request_writing(batch=batch, by=batch.by, is_partial=True)
    steps.write(batch.pk)
    assert Member.objects.count() == 1


def test_records_changed_since_make_a_preview_stale(county_clerk, water):
    batch = deliver(county_clerk, roster([GOOD], union=water.name))
    Importer(by=county_clerk).bring([("a.xlsx", roster([(*GOOD[:4], "19000099999")], union=water.name))])
    write(batch)
    assert batch.state == BatchState.READY
    assert batch.error == steps.STALE
    assert (batch.new, batch.changed) == (0, 1)
    assert Member.objects.get().phone == "19000099999"
    write(batch)
    assert Member.objects.get().phone == "19000023695"


def test_a_change_elsewhere_makes_nothing_stale(county_clerk, water):
    write(deliver(county_clerk, roster([OTHER], union=water.name)))
    batch = deliver(county_clerk, roster([GOOD], union=water.name))
    Member.objects.update(note="别的改动")
    assert write(batch).state == BatchState.WRITTEN


def test_nothing_new_is_nothing_to_write(county_clerk, water):
    write(deliver(county_clerk, roster([GOOD], union=water.name)))
    again = deliver(county_clerk, roster([GOOD], union=water.name))
    assert verdicts(again) == {"unchanged": 1}
    with pytest.raises(DomainError, match="没有可以导入"):
        steps.request_writing(batch=again, by=again.by, is_partial=False)


def test_a_discarded_preview_forgets_its_content(county_clerk, water):
    batch = deliver(county_clerk, roster([GOOD], union=water.name))
    steps.discard(batch=batch, by=batch.by)
    assert not ImportFile.objects.exists()
    assert not batch.chunks.exists()
    with pytest.raises(DomainError, match="放弃"):
        steps.recheck(batch=batch, by=batch.by)


def test_what_was_checked_again_since_is_not_what_was_seen(county_clerk, water):
    batch = deliver(county_clerk, roster([GOOD], union=water.name))
    seen = batch.outcome
    Importer(by=county_clerk).bring([("a.xlsx", roster([(*GOOD[:4], "19000099999")], union=water.name))])
    steps.recheck(batch=batch, by=batch.by)
    steps.check(batch.pk)
    batch.refresh_from_db()
    with pytest.raises(DomainError, match="和您看到的不一样"):
        steps.request_writing(batch=batch, by=batch.by, is_partial=False, seen=seen)
    steps.request_writing(batch=batch, by=batch.by, is_partial=False, seen=batch.outcome)


def test_a_check_that_ends_after_the_file_was_given_up_keeps_nothing(county_clerk, water, monkeypatch):
    plan = steps.run_plan

    def slowly(*given, **named):
        plan(*given, **named)
        ImportBatch.objects.update(state=BatchState.DISCARDED)

    monkeypatch.setattr(steps, "run_plan", slowly)
    batch = deliver(county_clerk, roster([GOOD], union=water.name))
    assert (batch.state, batch.chunks.count()) == (BatchState.DISCARDED, 0)


def test_what_waits_for_anothers_writing_is_not_lost(county_clerk, water, monkeypatch):
    batch = deliver(county_clerk, roster([GOOD], union=water.name))
    told = []

    def waits():
        now = ImportBatch.objects.get(pk=batch.pk)
        told.append((now.state, attempts.is_lost(now)))

    monkeypatch.setattr(steps.bulk, "lock_ledgers", waits)
    write(batch)
    assert told == [(BatchState.WRITING, False)]


# --- Columns and people --------------------------------------------------------------------


def test_what_a_header_means_is_remembered_for_the_office(county_clerk, officer, water):
    content = roster(
        [("穆平", "男", "522727198511259937", "2012.04", "19000023695")],
        union=water.name,
        headers=("姓名", "性别", "身份证号", "入会时间", "打哪个电话"),
    )
    batch = deliver(county_clerk, content)
    [asked] = [column for column in batch.sheets[0]["columns"] if column["how"] == "unknown"]
    assert (asked["text"], asked["samples"]) == ("打哪个电话", ["19000023695"])
    assert any("打哪个电话" in message["message"] for message in batch.messages)
    steps.choose_columns(batch=batch, by=county_clerk, choices={("会员花名册", "打哪个电话"): "phone"})
    steps.check(batch.pk)
    batch.refresh_from_db()
    assert [column["how"] for column in batch.sheets[0]["columns"] if column["column"] == "phone"] == ["chosen"]
    assert not any("打哪个电话" in message["message"] for message in batch.messages)
    write(batch)
    assert Member.objects.get().phone == "19000023695"
    assert HeaderChoice.objects.get().union == county_clerk.union
    assert steps.header_choices(officer.union_id) == {}
    again = deliver(county_clerk, content)
    assert verdicts(again) == {"unchanged": 1}


def test_a_wrong_guess_is_left_out(county_clerk, water):
    content = roster([GOOD], union=water.name, headers=("姓名", "性别", "身份证号", "入会时间", "移动电话"))
    batch = deliver(county_clerk, content)
    steps.choose_columns(batch=batch, by=county_clerk, choices={("会员花名册", "移动电话"): ""})
    steps.check(batch.pk)
    batch.refresh_from_db()
    write(batch)
    assert Member.objects.get().phone == ""


def test_a_missing_column_can_be_named_by_a_person(county_clerk, water):
    content = roster([GOOD], union=water.name, headers=("姓名", "性别", "那个号", "入会时间", "移动电话"))
    batch = deliver(county_clerk, content)
    assert batch.state == BatchState.UNREADABLE
    assert [sheet["ledger"] for sheet in batch.sheets] == ["会员花名册"]
    steps.choose_columns(batch=batch, by=county_clerk, choices={("会员花名册", "那个号"): "id_number"})
    steps.check(batch.pk)
    batch.refresh_from_db()
    assert (batch.state, batch.new) == (BatchState.READY, 1)


def test_two_headers_are_not_one_column(county_clerk, water):
    batch = deliver(county_clerk, roster([GOOD], union=water.name))
    with pytest.raises(DomainError, match="一列只能"):
        steps.choose_columns(
            batch=batch, by=county_clerk, choices={("会员花名册", "甲"): "phone", ("会员花名册", "乙"): "phone"}
        )
    with pytest.raises(DomainError, match="不在台账里"):
        steps.choose_columns(batch=batch, by=county_clerk, choices={("会员花名册", "甲"): "status"})


def namesake_batch(by, union) -> tuple[ImportBatch, Member]:
    known = MemberFactory(name="穆平", union=union, id_number=number("52272719851125993"), born_on="1985-11-25")
    batch = deliver(by, roster([("穆平", "男", number("52272719851125991"), "2012.04", "")], union=union.name))
    return batch, known


def test_a_namesake_born_on_one_day_is_for_a_person_to_decide(county_clerk, water):
    batch, known = namesake_batch(county_clerk, water)
    assert verdicts(batch) == {"undecided": 1}
    [row] = preview.Rows(batch, "undecided")
    assert row.object_id == known.pk
    assert "522727********" in row.messages[0].text
    with pytest.raises(DomainError, match="待辨认"):
        steps.request_writing(batch=batch, by=batch.by, is_partial=False)


def test_one_person_with_a_corrected_number(county_clerk, water):
    batch, known = namesake_batch(county_clerk, water)
    old = known.full_id_number
    [row] = preview.Rows(batch, "undecided")
    steps.decide(batch=batch, by=batch.by, decisions={(row.sheet, row.row): known.pk})
    steps.check(batch.pk)
    batch.refresh_from_db()
    assert verdicts(batch) == {"changed": 1}
    write(batch)
    known.refresh_from_db()
    assert known.full_id_number == number("52272719851125991")
    assert known.id_index == crypto.blind_index(known.full_id_number)
    assert Member.objects.count() == 1
    take_back(batch, county_clerk)
    known.refresh_from_db()
    assert known.full_id_number == old
    assert known.id_index == crypto.blind_index(old)


def test_two_people_after_all(county_clerk, water):
    batch, _known = namesake_batch(county_clerk, water)
    [row] = preview.Rows(batch, "undecided")
    steps.decide(batch=batch, by=batch.by, decisions={(row.sheet, row.row): 0})
    steps.check(batch.pk)
    batch.refresh_from_db()
    assert verdicts(batch) == {"new": 1}
    write(batch)
    assert Member.objects.count() == 2


def test_a_decision_is_planned_from_what_was_read(county_clerk, water, monkeypatch):
    known = MemberFactory(
        name="穆平",
        union=UnionFactory(name="平塘县林业局工会委员会"),
        id_number=number("52272719851125993"),
        born_on="1985-11-25",
    )
    sheets = dress.load(roster([("穆平", "男", number("52272719851125991"), "2012.04", "")], union=known.union.name))
    [(name, rows)] = sheets.items()
    header = next(at for at, row in enumerate(rows) if "姓名" in row)
    rows = [[*row, "入会日期" if at == header else "2013.05" if at > header else ""] for at, row in enumerate(rows)]
    batch = deliver(
        county_clerk, dress.xlsx({name: rows, "随便": [["品名", "单价", "数量"], ["笔", 2, 3], ["纸", 1, 5]]})
    )
    said, described = batch.messages, batch.sheets
    assert any("同一项内容" in one["message"] for one in said)
    assert {one["sheet"] for one in said} == {name, "随便"}
    [row] = preview.Rows(batch, "undecided")

    def refuse(*args, **options):
        raise AssertionError("the file is read again")

    with monkeypatch.context() as patch:
        patch.setattr(steps, "parse", refuse)
        steps.decide(batch=batch, by=batch.by, decisions={(row.sheet, row.row): 0})
        steps.check(batch.pk)
    batch.refresh_from_db()
    assert (batch.state, verdicts(batch), batch.messages, batch.sheets) == ("ready", {"new": 1}, said, described)

    read = []
    monkeypatch.setattr(
        steps, "parse", lambda *args, parse=steps.parse, **options: read.append(1) or parse(*args, **options)
    )
    steps.recheck(batch=batch, by=batch.by)
    steps.check(batch.pk)
    batch.refresh_from_db()
    assert (batch.state, read, batch.messages) == ("ready", [1], said)


def test_a_namesake_of_another_union_is_not_shown(officer, grassroots, township):
    other = UnionFactory(name="别处工会", parent=township)
    MemberFactory(name="穆平", union=other, id_number=number("52272719851125993"), born_on="1985-11-25")
    batch = deliver(
        officer, roster([("穆平", "男", number("52272719851125991"), "2012.04", "")], union=grassroots.name)
    )
    assert verdicts(batch) == {"new": 1}


@pytest.mark.parametrize("mask", ["522727**********37", "522727********9937"], ids=["today's", "of exports before"])
def test_masked_numbers_come_back_as_the_records_they_stand_for(county_clerk, water, mask):
    write(deliver(county_clerk, roster([GOOD, OTHER], union=water.name)))
    masked = [
        (GOOD[0], GOOD[1], mask, "2012.04", "19000000000"),
        ("穆平安", "男", mask, "", ""),
    ]
    batch = deliver(county_clerk, roster(masked, union=water.name))
    assert verdicts(batch) == {"changed": 1, "reject": 1}
    write(batch, is_partial=True)
    assert Member.objects.get(name="穆平").phone == "19000000000"
    assert Member.objects.get(name="穆平").full_id_number == GOOD[2]


# --- Many at once --------------------------------------------------------------------------


@needs_postgresql
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_eight_confirm_at_once_and_it_is_written_once(county_clerk, water):
    batch = deliver(county_clerk, roster([GOOD, OTHER], union=water.name))
    results = at_once([lambda: write(ImportBatch.objects.get(pk=batch.pk)) for _ in range(8)])
    assert sum(isinstance(result, DomainError) for result in results) == 7
    assert Member.objects.count() == 2
    assert MembershipEvent.objects.count() == 2
    assert ImportRow.objects.filter(batch=batch).count() == 2


@needs_postgresql
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_workers_that_take_one_batch_write_it_once(county_clerk, water):
    batch = deliver(county_clerk, roster([GOOD, OTHER], union=water.name))
    steps.request_writing(batch=batch, by=batch.by, is_partial=False)
    at_once([lambda: steps.write(batch.pk) for _ in range(6)])
    batch.refresh_from_db()
    assert batch.state == BatchState.WRITTEN
    assert Member.objects.count() == 2


@needs_postgresql
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_eight_previews_of_one_roster_make_one_member_each(county_clerk, water):
    batches = [deliver(county_clerk, roster([GOOD, OTHER], union=water.name)) for _ in range(8)]
    at_once([lambda pk=batch.pk: write(ImportBatch.objects.get(pk=pk)) for batch in batches])
    states = sorted(ImportBatch.objects.values_list("state", flat=True))
    assert states == ["ready"] * 7 + ["written"]
    assert Member.objects.count() == 2


@needs_postgresql
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_eight_undo_at_once_and_it_is_undone_once(county_clerk, water):
    batch = write(deliver(county_clerk, roster([GOOD], union=water.name)))
    results = at_once([lambda: take_back(ImportBatch.objects.get(pk=batch.pk), county_clerk) for _ in range(8)])
    assert sum(isinstance(result, DomainError) for result in results) == 7
    assert Member.objects.count() == 0


@needs_postgresql
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_an_edit_under_way_is_waited_for_and_makes_the_preview_stale(county_clerk, water):
    write(deliver(county_clerk, roster([GOOD], union=water.name)))
    batch = deliver(county_clerk, roster([(*GOOD[:4], "19000099999")], union=water.name))
    steps.request_writing(batch=batch, by=batch.by, is_partial=False)
    is_editing = threading.Event()

    def edit():
        with transaction.atomic():
            Member.objects.update(phone="19000055555")
            is_editing.set()
            time.sleep(0.5)

    def bring():
        is_editing.wait(5)
        steps.write(batch.pk)

    assert at_once([edit, bring]) == [None, None]
    batch.refresh_from_db()
    assert (batch.state, batch.error) == (BatchState.READY, steps.STALE)
    assert Member.objects.get().phone == "19000055555"


# --- For others (代报) -----------------------------------------------------------------------


def test_an_office_says_why_it_brings_what_a_union_below_was_asked_for(township_officer, grassroots):
    call = CallFactory()
    batch = deliver(township_officer, roster([GOOD], union=grassroots.name))
    for reason in ("", "代报"):
        with pytest.raises(DomainError, match=f"请写明为{grassroots.name}代报的原因"):
            write(batch, reason=reason)
    assert not Member.objects.exists()
    assert write(batch, reason="该单位没有电脑").reason == "该单位没有电脑"
    [line] = calls.with_answers(call, Union.objects.filter(pk=grassroots.pk))
    assert (line.answer_office, line.answer_reason) == (township_officer.union.name, "该单位没有电脑")
    later = deliver(township_officer, roster([OTHER], union=grassroots.name))
    assert write(later, reason="多余的话").reason == ""  # the call is answered, nobody asks again


def test_a_county_desk_is_asked_where_a_call_is_answered_only(county_clerk, grassroots):
    CallFactory(ledger="工会干部花名册")
    CallFactory(closed_on=timezone.localdate())
    CallFactory(union=UnionFactory(level="township"))
    assert write(deliver(county_clerk, roster([GOOD], union=grassroots.name))).reason == ""
    other = UnionFactory()
    CallFactory()
    with pytest.raises(DomainError, match="代报的原因"):
        write(deliver(county_clerk, roster([OTHER], union=other.name)))


def test_a_union_that_answers_for_itself_is_not_asked_why(officer):
    CallFactory()
    assert write(deliver(officer, roster([GOOD], union=officer.union.name))).state == BatchState.WRITTEN
