"""困难职工档案台账: in from several dresses, whole or not at all; out and in again; hidden; taken back."""

import io
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import Workbook, load_workbook

from members import roles
from pingtang_union.core.exceptions import DomainError
from pingtang_union.ledger.declaration import ledger_by_slug
from pingtang_union.ledger.giving import template
from pingtang_union.ledger.giving.export import export
from pingtang_union.ledger.importing import preview
from pingtang_union.ledger.importing.command import Importer
from pingtang_union.ledger.importing.shown import shown_rows
from pingtang_union.ledger.models import BatchState, ImportRow
from pingtang_union.workflow.table import State
from relief import services
from relief.models import Cause, Household, HouseholdCause, HouseholdPerson
from relief.services.masking import HIDDEN
from tests.factories import HouseholdFactory, HouseholdPersonFactory, MemberFactory, UnionFactory, UserFactory
from tests.members.test_numbers import numbered
from tests.members.test_steps import deliver, take_back, write
from tests.relief.walk import lead, people_for

pytestmark = pytest.mark.django_db
WATER = "平塘县自来水公司工会委员会"
LEDGER = ledger_by_slug("households")
WORKER, WIFE, SON = numbered(1, "19800101"), numbered(2, "19820305"), numbered(3, "20120601")
HEAD = ["所在工会", "申请人", "联系电话", "家庭住址", "住房类型", "住房面积", "工作单位", "单位性质", "单亲",
        "主要致困原因", "其他致困原因", "经营净收入（元）", "因病支出（元）", "开户行", "户名", "账号"]  # fmt: skip
HOUSE = [WATER, "穆平", "13800000001", "平舟镇东街1号", "租房", "50平方米", "平塘县自来水公司", "国企", "否",
         "子女上学", "下岗失业、自然灾害", 1200, "9,800.50",
         "农业银行平塘支行", "穆平", "6228480000000000001"]  # fmt: skip
PEOPLE = [
    "姓名",
    "与申请人关系",
    "身份证号",
    "健康状况",
    "身份",
    "婚姻状况",
    "户口类型",
    "医保",
    "年收入",
    "学校",
    "年级",
]
FAMILY = [
    ["穆平", "本人", WORKER, "良好", "在岗", "已婚", "农业", "是", 24000.55, "", ""],
    ["罗秀英", "妻子", WIFE, "恶性肿瘤", "失（无）业", "已婚", "农业", "是", 0, "", ""],
    ["穆小军", "儿子", SON, "良好", "", "", "农业", "是", 0, "平舟小学", "三年级"],
]


@pytest.fixture
def water(db):
    return UnionFactory(name=WATER, category="enterprise", township="金盆街道")


@pytest.fixture
def officer(water):
    return UserFactory(union=water, roles=(roles.GRASSROOTS,))


def book(rows, merged=()) -> bytes:
    """A workbook; `merged`: ranges."""
    file = Workbook()
    sheet = file.active
    sheet.title = "困难职工档案"
    for row in rows:
        sheet.append(["" if cell is None else cell for cell in row])
    for one in merged:
        sheet.merge_cells(one)
    buffer = io.BytesIO()
    file.save(buffer)
    return buffer.getvalue()


def blank(house=HOUSE):
    return [""] * len(house)


def plain(*families, heads=(HOUSE,)) -> list[list[object]]:
    """Households one below the other, the household's cells in the worker's row only."""
    rows = [["困难职工档案台账"], ["序号", *HEAD, *PEOPLE]]
    for number, (family, house) in enumerate(zip(families, heads, strict=True), 1):
        for at, person in enumerate(family):
            rows.append([number if not at else "", *(house if not at else blank()), *person])
    return rows


def as_merged():
    rows = plain(FAMILY)
    letters = [rows and load_letter(at) for at in range(1, len(HEAD) + 2)]
    return book(rows, [f"{letter}3:{letter}5" for letter in letters])


def load_letter(at: int) -> str:
    return (chr(64 + (at - 1) // 26) if at > 26 else "") + chr(65 + (at - 1) % 26)


def as_repeated():
    """The household's cells and the worker's name in each row."""
    rows = plain(FAMILY)
    return book([*rows[:2], *([1, *HOUSE, *person] for person in FAMILY)])


def as_two_levels():
    """The worker on the left, the family on the right, headers two levels deep, what is the worker's merged."""
    upper = ["序号", *["困难职工基本情况"] * 14, *["家庭成员情况"] * 8, *["收款账户"] * 3]
    lower = ["", "所在工会", "姓名", "身份证号码", "联系电话", "家庭住址", "住房类型", "住房面积", "工作单位",
             "单位性质", "健康状况", "人员身份", "年收入", "主要致困原因", "其他致困原因",
             "姓名", "与本人关系", "身份证号码", "健康状况", "人员身份", "年收入", "就读学校", "年级",
             "开户行", "户名", "账号"]  # fmt: skip
    me = FAMILY[0]
    mine = [HOUSE[0], "穆平", WORKER, *HOUSE[2:8], me[3], me[4], me[8], *HOUSE[9:11]]
    rows = [["困难职工花名册"], upper, lower]
    for at, one in enumerate(FAMILY[1:]):
        theirs = [one[0], one[1], one[2], one[3], one[4], one[8], one[9], one[10]]
        rows.append([1, *(mine if not at else [""] * 14), *theirs, *(HOUSE[13:] if not at else [""] * 3)])
    merged = [
        "B2:O2",
        "P2:W2",
        "X2:Z2",
        "A2:A3",
        *(f"{load_letter(at)}4:{load_letter(at)}5" for at in [*range(1, 16), 24, 25, 26]),
    ]
    return book(rows, merged)


def as_listed():
    """申请人 and 家庭成员, the worker among them, no column of the union."""
    head = [
        "户主",
        "家庭成员姓名",
        "与户主关系",
        "身份证号",
        "健康状况",
        "年收入",
        "学校",
        "年级",
        "困难原因",
        "住房面积",
    ]
    rows = [[f"填报单位：{WATER}"], head]
    for at, one in enumerate(FAMILY):
        house = ("穆平", "子女上学", "45.5㎡") if not at else ("", "", "")
        rows.append(
            [house[0], one[0], "户主" if not at else one[1], one[2], one[3], one[8], one[9], one[10], *house[1:]]
        )
    return book(rows)


DRESSES = {"blank": lambda: book(plain(FAMILY)), "merged": as_merged, "repeated": as_repeated,
           "two levels": as_two_levels, "listed": as_listed}  # fmt: skip


def bring(content: bytes, by=None):
    [report] = Importer(by=by).bring([("困难职工档案台账.xlsx", content)])
    assert report.error == ""
    return report.sheets[0]


def counted(sheet) -> dict[str, int]:
    return {str(verdict): number for verdict, number in sheet.counts.items() if number and verdict != "warned"}


def said(sheet) -> list[str]:
    return [message["message"] for message in sheet.messages]


def told(person) -> tuple:
    return (person.name, person.relation, person.full_id_number, person.health.reveal(), person.income, person.school)


# --- In ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("dress", DRESSES)
def test_a_family_comes_in_from_each_dress_and_twice_changes_nothing(dress, officer):
    batch = deliver(officer, DRESSES[dress]())
    assert (batch.state, batch.messages, batch.new, batch.rejected, batch.warned) == (BatchState.READY, [], 3, 0, 0)
    write(batch)
    [file] = Household.objects.all()
    assert (str(file.union), file.state, file.revision, file.created_by) == (WATER, State.DRAFT, 1, officer)
    assert (file.name, file.area_band, file.created_at is None) == ("穆平", "50", False)
    assert [told(person) for person in file.people.order_by("pk")] == [
        ("穆平", "self", WORKER, "良好", Decimal("24000.55"), ""),
        ("罗秀英", "spouse", WIFE, "恶性肿瘤", Decimal(0), ""),
        ("穆小军", "child", SON, "良好", Decimal(0), "平舟小学"),
    ]
    assert [one.born_on for one in file.people.order_by("pk")] == ["1980-01-01", "1982-03-05", "2012-06-01"]
    assert str(file.causes.get(place=0)) == "子女上学"
    if dress != "listed":
        assert [str(one) for one in file.causes.all()] == ["子女上学", "下岗失业", "自然灾害"]
        assert (file.phone, file.employer_kind, file.bank_account.reveal()) == ("13800000001", "110", HOUSE[-1])
    if dress in ("blank", "merged", "repeated"):
        assert (file.business_income, file.illness_spending) == (Decimal(1200), Decimal("9800.50"))
    again = deliver(officer, DRESSES[dress]())
    assert (again.unchanged, again.changed, again.new, again.rejected) == (3, 0, 0, 0)


def test_who_is_on_the_roster_is_linked(officer, water):
    member = MemberFactory(name="穆平", union=water, id_number=WORKER)
    bring(book(plain(FAMILY)), by=officer)
    assert Household.objects.get().member == member


def test_several_families_stand_below_each_other(officer):
    others = [["陆乙", "本人", numbered(11), "良好", "在岗", "", "", "", 100, "", ""],
              ["陆丙", "弟弟", numbered(12), "良好", "", "", "", "", "", "", ""]]  # fmt: skip
    house = [WATER, "陆乙", *HOUSE[2:13], "", "", ""]
    sheet = bring(book(plain(FAMILY, others, heads=(HOUSE, house))), by=officer)
    assert (counted(sheet), said(sheet)) == ({"new": 5}, [])
    assert sorted(file.people.count() for file in Household.objects.all()) == [2, 3]


def test_the_specimen_is_read_without_a_word(officer):
    content = (Path(__file__).parents[1] / "ledgers" / "困难职工档案台账-示例.xlsx").read_bytes()
    for verdict in ("new", "unchanged"):
        sheet = bring(content, by=officer)
        assert (counted(sheet), said(sheet)) == ({verdict: 5}, [])
    ill = Household.objects.get(name="莫示例")
    assert (ill.area_band, ill.illness_spending, ill.people.count()) == ("above", Decimal(32600), 3)


# --- All or nothing ----------------------------------------------------------------------------


def changed(at: int, column: str, value) -> bytes:
    family = [list(person) for person in FAMILY]
    family[at][PEOPLE.index(column)] = value
    return book(plain(family))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (lambda: changed(2, "身份证号", SON[:-1] + "5"), "身份证号："),
        (lambda: changed(2, "与申请人关系", "邻居"), "与申请人关系：「邻居」不在可选范围内"),
        (lambda: changed(1, "姓名", ""), "姓名：没有填"),
        (lambda: changed(0, "与申请人关系", "配偶"), "每户第一行应为「本人」"),
        (lambda: changed(1, "年收入", "两万多"), "不是确切的金额"),
        (lambda: book(plain(FAMILY, heads=([*HOUSE[:9], "没有原因", *HOUSE[10:]],))), "「没有原因」不在目录里"),
        (lambda: book(plain(FAMILY, heads=([*HOUSE[:14], "罗秀英", HOUSE[15]],))), "户名：应与申请人一致"),
        (lambda: book(plain(FAMILY, heads=(["某某工会委员会", *HOUSE[1:]],))), "没有「某某工会委员会」"),
        (lambda: book(plain(FAMILY, heads=([WATER, "陆乙", *HOUSE[2:]],))), "与「本人」一行的姓名（穆平）不同"),
        (lambda: changed(2, "身份证号", WIFE), "重复"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_one_row_keeps_the_whole_family_out(officer, content, message):
    batch = deliver(officer, content())
    assert (batch.rows, batch.rejected) == (3, 3)
    texts = [m.text for row in preview.Rows(batch) for m in row.messages]
    assert any(message in text for text in texts), texts
    assert any("整户都没有登记" in text for text in texts)
    with pytest.raises(DomainError):
        write(batch, is_partial=True)
    assert Household.objects.count() == 0


def test_of_two_families_the_good_one_is_taken(officer):
    bad = [
        ["陆乙", "本人", numbered(11), "", "", "", "", "", "", "", ""],
        ["陆丙", "弟弟", "123", "", "", "", "", "", "", "", ""],
    ]
    batch = deliver(officer, book(plain(FAMILY, bad, heads=(HOUSE, [WATER, "陆乙", *[""] * 14]))))
    assert (batch.new, batch.rejected) == (3, 2)
    write(batch, is_partial=True)
    assert [file.name for file in Household.objects.all()] == ["穆平"]


def test_repeated_cells_that_differ_are_refused(officer):
    rows = plain(FAMILY)
    rows[3][3] = "13900000009"
    sheet = bring(book(rows), by=officer)
    assert counted(sheet) == {"reject": 3}
    assert "联系电话：与同一户的第 3 行填的不同，请核对。" in said(sheet)


# --- What is stored already --------------------------------------------------------------------


def brought(officer, content=None) -> Household:
    write(deliver(officer, content or book(plain(FAMILY))))
    return Household.objects.get()


def test_a_draft_is_corrected_field_by_field_and_a_person_added(officer):
    file = brought(officer)
    family = [
        *FAMILY[:1],
        [*FAMILY[1][:3], "慢性病", *FAMILY[1][4:]],
        FAMILY[2],
        ["穆小红", "女儿", numbered(5, "20150101"), "", *[""] * 7],
    ]
    house = [*HOUSE[:3], "平舟镇西街2号", *HOUSE[4:9], "自然灾害", "下岗失业", *HOUSE[11:]]
    batch = deliver(officer, book(plain(family, heads=(house,))))
    assert (batch.new, batch.changed, batch.unchanged, batch.rejected) == (1, 2, 1, 0)
    page = [
        (change.label, change.before, change.after)
        for row in shown_rows(preview.Rows(batch), batch, officer)
        for change in row.changes
    ]
    assert ("家庭住址", "平舟镇东街1号", "平舟镇西街2号") in page
    assert ("主要致困原因", "子女上学", "自然灾害") in page
    assert ("健康状况", "原内容", "本行的内容") in page
    assert "慢性病" not in str(page)
    write(batch)
    file.refresh_from_db()
    assert (file.address, file.revision, file.people.count()) == ("平舟镇西街2号", 2, 4)
    assert [str(one) for one in file.causes.all()] == ["自然灾害", "下岗失业"]
    assert file.people.get(relation="spouse").health.reveal() == "慢性病"
    kept = str(list(ImportRow.objects.values_list("before", "after", "name", "messages")))
    for word in ("恶性肿瘤", "慢性病", "穆小军", "平舟小学", HOUSE[-1]):
        assert word not in kept
    take_back(batch, officer)
    file.refresh_from_db()
    assert (file.address, file.people.count()) == ("平舟镇东街1号", 3)
    assert [str(one) for one in file.causes.all()] == ["子女上学", "下岗失业", "自然灾害"]
    assert file.people.get(relation="spouse").health.reveal() == "恶性肿瘤"


def test_blank_cells_erase_nothing(officer):
    brought(officer)
    rows = plain(FAMILY, heads=([WATER, "穆平", *[""] * 14],))
    batch = deliver(officer, book([*rows[:2], *([*row[:20], *[""] * 8] for row in rows[2:])]))
    assert (batch.unchanged, batch.changed) == (3, 0)


def test_a_file_handed_in_is_unchanged_or_refused(water):
    file = HouseholdFactory(union=water, name="穆平", bank="农行")
    people = people_for(file)
    lead(file, State.SUBMITTED, people)
    worker = file.people.get(relation="self")
    row = ["穆平", "本人", worker.full_id_number, "健康", *[""] * 7]
    same = deliver(people["submit"], book(plain([row], heads=([WATER, "穆平", "13800000000", *[""] * 13],))))
    assert (same.unchanged, same.rejected) == (1, 0)
    other = deliver(people["submit"], book(plain([row], heads=([WATER, "穆平", "13800000009", *[""] * 13],))))
    assert other.rejected == 1
    [text] = [m.text for row in preview.Rows(other) for m in row.messages]
    assert "当前状态是「已提交」，内容与本表不同，不能用台账修改" in text
    file.refresh_from_db()
    assert file.phone == "13800000000"


def test_nobody_changes_a_draft_of_another_side_or_hears_of_files_outside(water, officer):
    outside = HouseholdFactory(union=UnionFactory(), name="穆平")
    worker = outside.people.get(relation="self")
    worker.id_number = WORKER
    worker.save()
    batch = deliver(officer, book(plain(FAMILY)))
    assert (batch.new, batch.warned, batch.rejected) == (3, 0, 0)  # not a word of the other file
    write(batch)
    assert Household.objects.count() == 2
    clerk = UserFactory(roles=(roles.TOWNSHIP,))  # of the county: sees all
    house = [*HOUSE[:2], "13900000001", *HOUSE[3:]]
    other = deliver(clerk, book(plain(FAMILY[:1], heads=(house,))))
    assert other.rejected == 1


def test_who_may_not_apply_brings_nothing(water):
    desk = UserFactory(roles=(roles.RELIEF,))
    batch = deliver(desk, book(plain(FAMILY)))
    assert (batch.new, batch.rejected) == (0, 3)


# --- Taken back --------------------------------------------------------------------------------


def test_a_batch_is_taken_back_whole(officer):
    batch = write(deliver(officer, book(plain(FAMILY))))
    take_back(batch, officer)
    assert (Household.objects.count(), HouseholdPerson.objects.count(), HouseholdCause.objects.count()) == (0, 0, 0)


def test_a_family_that_someone_has_worked_on_stays_whole(officer):
    batch = write(deliver(officer, book(plain(FAMILY))))
    file = Household.objects.get()
    services.change_household(household=file, by=officer, values={"phone": "13900000009"})
    undone = take_back(batch, officer)
    assert Household.objects.get().people.count() == 3
    assert "保留 3 条" in undone.messages[0]["message"]


# --- Out, and in again -------------------------------------------------------------------------


def family_of(water, officer) -> Household:
    file = brought(officer)
    HouseholdPersonFactory(household=file, name="无号人", relation="parent", id_number="")
    other = HouseholdFactory(union=water, name="陆乙")
    other.people.filter(relation="child").update(name="陆小乙", name_key="陆小乙")
    HouseholdCause.objects.create(household=other, cause=Cause.objects.get(number=9), place=1)
    HouseholdFactory(union=water, name="已撤", state=State.ABANDONED)
    return file


def grid(content: bytes) -> list[dict[str, object]]:
    sheet = load_workbook(io.BytesIO(content)).worksheets[0]
    rows = list(sheet.iter_rows(values_only=True))
    at = next(i for i, row in enumerate(rows) if row[0] == "序号")
    return [dict(zip(rows[at], row, strict=True)) for row in rows[at + 1 :] if row[1] or row[2]]


def out(by, **how) -> bytes:
    with export(LEDGER, Household.objects.visible_to(by), by=by, **how).file as file:
        return file.read()


def test_what_goes_out_masked_comes_back_without_a_change(water, officer):
    family_of(water, officer)
    content = out(officer)
    rows = [row for row in grid(content) if row["姓名"]]
    assert [row["姓名"] for row in rows] == ["穆平", "罗秀英", "穆*军", "无号人", "陆乙", rows[5]["姓名"]]
    text = str(rows)
    for word in (WORKER, WIFE, SON, "恶性肿瘤", "平舟小学", HOUSE[-1]):
        assert word not in text
    assert (rows[1]["健康状况"], rows[2]["身份证号"], rows[0]["银行账号"]) == (HIDDEN, HIDDEN, HIDDEN)
    assert (rows[0]["家庭住址"], rows[1]["家庭住址"], rows[0]["主要致困原因"]) == ("平舟镇东街1号", None, "子女上学")
    assert rows[0]["近12个月工资性收入（元）"] == 24000.55
    before = list(HouseholdPerson.objects.order_by("pk").values()), list(Household.objects.order_by("pk").values())
    batch = deliver(officer, content)
    texts = [m.text for row in preview.Rows(batch) for m in row.messages]
    assert (batch.rows, batch.unchanged, batch.changed, batch.new, texts) == (6, 6, 0, 0, [])
    assert before == (
        list(HouseholdPerson.objects.order_by("pk").values()),
        list(Household.objects.order_by("pk").values()),
    )


def test_in_full_it_needs_permission_and_a_reason(water, officer):
    family_of(water, officer)
    desk = UserFactory(roles=(roles.RELIEF,))
    with pytest.raises(DomainError, match="理由"):
        out(desk, is_full=True)
    with pytest.raises(DomainError, match="不能查看"):
        out(officer, is_full=True, reason="年度核对")
    content = out(desk, is_full=True, reason="年度核对")
    rows = grid(content)
    assert (rows[0]["身份证号"], rows[1]["健康状况"], rows[2]["姓名"], rows[0]["银行账号"]) == (
        WORKER,
        "恶性肿瘤",
        "穆小军",
        HOUSE[-1],
    )
    sheet = bring(content)
    assert (counted(sheet), said(sheet)) == ({"unchanged": 6}, [])
    masked = grid(out(desk))
    assert (masked[0]["银行账号"], masked[1]["健康状况"]) == ("622848***********01", HIDDEN)
    leader = UserFactory(roles=(roles.LEADER,))
    assert LEDGER.given(Household.objects.all(), leader).count() == 0


def test_the_filled_template_and_the_marked_workbook_come_back(water, officer):
    family_of(water, officer)
    given = template.prefilled(LEDGER, HouseholdPerson.objects.visible_to(officer), by=officer)
    with given.file as file:
        batch = deliver(officer, file.read())
    assert (given.rows, batch.rows, batch.unchanged) == (6, 6, 6)


def test_many_families_ask_no_more_questions(officer):
    def ask(first: int, number: int) -> int:
        families, heads = [], []
        for at in range(first, first + number):
            name, one, other = f"陆{chr(0x4E00 + at)}", numbered(at, "19700101"), numbered(at, "19710101")
            families.append([[name, "本人", one, *[""] * 8], ["罗秀英", "妻子", other, *[""] * 8]])
            heads.append([WATER, name, *HOUSE[2:13], "", "", ""])
        content = book(plain(*families, heads=heads))
        with CaptureQueriesContext(connection) as asked:
            assert counted(bring(content, by=officer)) == {"new": 2 * number}
        with CaptureQueriesContext(connection) as asked_again:
            assert counted(bring(content, by=officer)) == {"unchanged": 2 * number}
        return len(asked) + len(asked_again)

    ask(50, 1)
    assert ask(100, 2) == ask(300, 200)
