"""The national system: its words both ways, what is missing there, the table handed in, its list against ours, the
superior's remarks."""

import io
import random
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
from auditlog.models import LogEntry
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from members import roles
from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.validators import check_digit
from pingtang_union.ledger.against import Line, Table, Way, match, same_amount, same_day
from pingtang_union.workflow.attention import Notice
from relief.models import Household, NationalColumn, NationalList, NationalRow, NationalWord
from relief.models.national import RowVerdict
from relief.services import national, national_lists
from relief.services.national import NationalWords, missing_there, with_all
from relief.todo import desk, todo
from tests.factories import (
    GrantFactory,
    HouseholdFactory,
    HouseholdPersonFactory,
    NationalRowFactory,
    UnionFactory,
    UserFactory,
)

pytestmark = pytest.mark.usefixtures("enable_db")
HEALTH = "恶性肿瘤"
STRANGER = "52272719700101123" + check_digit("52272719700101123")


def filed(union: Any, number: int = 1, **told: Any) -> Household:
    """A file on file that the national system finds complete: the worker, a grown-up child."""
    told = {
        "name": f"韦阿{number}", "category": "deep", "state": "decided", "file_state": "on_file", "industry": "C",
        "works_since": "2003-07", "hukou_place": "贵州省平塘县", "national_number": f"PT{number:05d}",
        "since": timezone.localdate() - timedelta(days=30), "created_by": UserFactory(union=union),
    } | told  # fmt: skip
    for stage in ("submitted", "reviewed", "decided"):
        told |= {f"{stage}_by": UserFactory(), f"{stage}_at": timezone.now()}
    household = HouseholdFactory(union=union, **told)
    household.people.update(ethnicity="06", gender="2", political="13", marital="married", has_insurance=True)
    for person in household.people.all():
        person.health = HEALTH if person.is_worker else "深度昏迷"
        person.standing = "working" if person.is_worker else "unemployed"
        person.save()
    return household


def missing(household: Household) -> list[str]:
    return missing_there(with_all(Household.objects).get(pk=household.pk), NationalWords())


@pytest.fixture
def clerk(db):
    return UserFactory(roles=(roles.RELIEF,))


@pytest.fixture
def finance(db):
    return UserFactory(roles=(roles.FINANCE,))


# --- Words both ways ---


def test_several_of_their_words_are_one_code_and_one_is_written():
    words = NationalWords()

    assert words.written("standing", "laid_off") == "下（待）岗"
    assert words.codes("standing", "待岗") == words.codes("standing", "下(待)岗") == {"laid_off"}
    assert words.written("area_band", "50") == "20-50"
    assert words.codes("area_band", "20至50平方米") == {"50"}
    assert words.codes("model_worker", "其他") == {"", "other"}
    assert words.codes("hukou", "没有的说法") == set()


def test_every_code_of_ours_has_one_word_that_leads_back():
    words = NationalWords()
    written = NationalWord.objects.filter(is_written=True)

    assert written.exists()
    for one in written:
        assert words.written(one.list, one.code) == one.word
        assert one.code in words.codes(one.list, one.word)
    assert not NationalWord.objects.filter(source="").exists()
    assert not NationalColumn.objects.filter(note="").exists()


def test_the_office_changes_a_word(clerk, grassroots, signed_in):
    word = NationalWord.objects.get(list="hukou", code="rural", is_written=True)
    facts = {"list": "hukou", "code": "rural", "word": "农业户", "is_written": "on", "source": "县局2018年"}

    signed_in(clerk).post(reverse("admin:relief_nationalword_change", args=[word.pk]), facts)

    assert NationalWords().written("hukou", "rural") == "农业户"


# --- Ready to submit ---


def test_a_complete_file_is_ready(grassroots):
    assert missing(filed(grassroots)) == []


@pytest.mark.parametrize(
    ("told", "said"),
    [({"industry": ""}, "所属行业没有填写"), ({"works_since": None}, "工作时间没有填写"),
     ({"national_number": ""}, "职工编号没有填写"), ({"hukou_place": ""}, "户口所在地行政区划没有填写")],
)  # fmt: skip
def test_says_what_is_missing_there(told, said, grassroots):
    assert missing(filed(grassroots, **told)) == [said]


def test_what_is_missing_of_a_member_names_the_member(grassroots):
    household = filed(grassroots)
    household.people.filter(relation="child").update(marital="", ethnicity="")

    whose = household.people.get(relation="child").told
    assert missing(household) == [f"{whose}：民族没有填写", f"{whose}：婚姻状况没有填写"]


def test_a_code_without_a_word_is_missing_too(grassroots):
    household = filed(grassroots)
    NationalWord.objects.filter(list="housing", code="rented").delete()

    assert missing(household) == ["住房类型「租房」没有对应的全国系统说法"]


def test_a_child_has_no_standing_there(grassroots):
    household = filed(grassroots)
    HouseholdPersonFactory(
        household=household, born_on="2018-01-02", standing="", ethnicity="06", marital="single", health="健康"
    )

    assert missing(household) == []


def test_the_office_may_make_a_column_optional(grassroots):
    NationalColumn.objects.filter(source="national_number").update(is_compulsory=False)

    assert missing(filed(grassroots, national_number="")) == []


def test_who_works_on_the_file_fills_up_what_only_the_system_asks(officer, grassroots, signed_in):
    household = filed(grassroots, industry="", works_since=None)
    household.people.filter(relation="child").update(ethnicity="")
    child = household.people.get(relation="child")
    url = reverse("relief:household_national", args=[household.pk])
    client = signed_in(officer)
    page = client.get(url)
    assert page.context["missing"] == ["工作时间没有填写", "所属行业没有填写", f"{child.told}：民族没有填写"]
    facts = {name: field.initial for name, field in page.context["form"].fields.items() if field.initial}
    facts |= {"industry": "C", "works_since": "2003年7月", f"{child.pk}-ethnicity": "06"}

    client.post(url, facts)

    assert missing(household) == []
    household.refresh_from_db()
    assert (household.works_since, household.category) == ("2003-07", "deep")


def test_nobody_else_fills_up(outsider, leader, grassroots, signed_in):
    household = filed(grassroots)
    url = reverse("relief:household_national", args=[household.pk])

    assert signed_in(outsider).get(url).status_code == 404
    assert signed_in(leader).get(url).status_code == 403
    assert signed_in(leader).get(reverse("relief:national_lacking")).status_code == 403
    for by in (outsider, leader):
        with pytest.raises(DomainError):
            national.supplement(household=household, values={}, people={}, by=by)
    draft = HouseholdFactory(union=grassroots)
    with pytest.raises(DomainError, match="在档的档案"):
        national.supplement(household=draft, values={}, people={}, by=UserFactory(roles=(roles.RELIEF,)))


def test_what_is_missing_by_union_in_a_constant_number_of_questions(clerk, officer, grassroots, signed_in):
    url, other = reverse("relief:national_lacking"), UnionFactory()
    counted = []
    client = signed_in(clerk)
    client.get(url)
    for number in (1, 2):
        filed(grassroots, 10 * number, industry="")
        filed(other, 10 * number + 1, hukou_place="")
        filed(other, 10 * number + 2)
        with CaptureQueriesContext(connection) as captured:
            page = client.get(url)
        counted.append(len(captured))
        assert [(union, len(files)) for union, files in page.context["unions"]] == [
            (union, number) for union in sorted((grassroots, other), key=lambda one: one.path)
        ]
        assert page.context["ready"] == number

    assert counted[0] == counted[1]
    assert [union for union, _ in signed_in(officer).get(url).context["unions"]] == [grassroots]
    assert any(one.url == url for one in desk(clerk, timezone.localdate()))


# --- The table handed in ---


def sheets_of(given) -> dict[str, list[dict[str, Any]]]:
    book = openpyxl.load_workbook(given.file)
    found = {}
    for sheet in book:
        header, *rows = sheet.iter_rows(values_only=True)
        found[sheet.title] = [dict(zip(header, row, strict=True)) for row in rows]
    return found


def test_the_table_is_in_their_columns_and_words(clerk, grassroots):
    household = filed(grassroots)
    filed(grassroots, 2, industry="")

    given = national.export(reason="报送全国系统", by=clerk)

    sheets = sheets_of(given)
    [row], [member] = sheets["困难职工"], sheets["家庭成员"]
    worker, child = household.people.get(relation="self"), household.people.get(relation="child")
    assert given.rows == 1
    assert row["身份证号"] == worker.full_id_number == member["职工身份证号"]
    assert (row["困难类别"], row["建筑面积"], row["劳模类型"], row["工作时间"]) == (
        "深度困难职工",
        "20-50",
        "其他",
        "2003-07",
    )
    assert (row["本人月平均收入"], row["家庭年度总收入"], row["家庭人口"]) == ("1000.00", "12000.00", "2")
    assert (row["主要致困原因"], row["健康状况"], row["医保状况"]) == ("重特大疾病", HEALTH, "已参保")
    assert (member["身份证号"], member["关系"], member["人员身份"]) == (child.full_id_number, "子女", "失（无）业")
    assert "所在工会" not in row
    event = LogEntry.objects.get(object_repr="全国系统报送表：导出")
    assert (event.actor, event.changes["行数"], event.additional_data["reason"]) == (clerk, ["", "1"], "报送全国系统")


def test_only_who_may_takes_the_table_out(clerk, officer, leader, finance, grassroots, signed_in):
    household = filed(grassroots)
    for by in (officer, leader):
        with pytest.raises(DomainError, match="不能导出"):
            national.export(reason="报送全国系统", by=by)
    with pytest.raises(DomainError, match="至少 4 个字"):
        national.export(reason="送", by=clerk)
    url = reverse("admin:relief_household_national_table", args=[household.pk])
    assert signed_in(finance).get(url).status_code == 403
    page = signed_in(clerk).post(url, {"reason": "单独报送一户"})
    assert "xlsx" in page.headers["Content-Disposition"]
    page = signed_in(clerk).post(reverse("admin:relief_nationallist_table"), {"scope": "ready", "reason": "季度报送"})
    assert "xlsx" in page.headers["Content-Disposition"]


# --- Their list against ours ---


def book_of(sheets: dict[str, list[dict[str, Any]]], above: str = "") -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        if above:
            sheet.append([above])
        sheet.append(list(rows[0]))
        for row in rows:
            sheet.append(list(row.values()))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def theirs(clerk: Any) -> dict[str, list[dict[str, Any]]]:
    return sheets_of(national.export(only_ready=False, reason="做一份对照用的名单", by=clerk))


def bring(clerk: Any, content: bytes, kind: str = "mirror", name: str = "名单.xlsx", **told: Any) -> NationalList:
    return national_lists.bring(content=content, name=name, kind=kind, by=clerk, **told)


def test_their_own_table_brought_back_differs_in_nothing(clerk, grassroots):
    for number in range(5):
        filed(grassroots, number)

    brought = bring(clerk, book_of(theirs(clerk), above="困难职工基本情况"))

    assert [one.verdict for one in brought.rows.all()] == ["same"] * 10
    assert not national_lists.not_in_last_list(Household.objects.all()).exists()


def test_planted_differences_are_all_listed_and_none_besides(clerk, grassroots):
    files = [filed(grassroots, number) for number in range(12)]
    sheets = theirs(clerk)
    workers, members = sheets["困难职工"], sheets["家庭成员"]
    changes = {
        0: {"手机": "13900000009"}, 1: {"住房类型": "自购房", "家庭人口": 5}, 2: {"身份证号": STRANGER},
        3: {"困难类别": ""}, 4: {"健康状况": "终末期肾病"}, 5: {"姓名": "韦改名"},
    }  # fmt: skip
    for at, changed in changes.items():
        workers[at] |= changed
    # Written otherwise, the same for a person:
    workers[6] |= {"出生日期": "1980.1.1", "本人月平均收入": 1000, "家庭年度总收入": "12,000元", "手机": 13800000000}
    workers[7] |= {"工作状态": " 在岗 ", "户口类型": "农业户口", "住房类型": "租　房", "工作时间": "2003年7月1日"}
    members[1] |= {"月收入": "300"}
    members[2] |= {"关系": "配偶"}
    gone = members.pop(4)
    workers.pop(11)  # with its member
    members.pop(10)
    workers.append({**workers[0], "姓名": "陌生人", "身份证号": STRANGER, "职工编号": "X1"})
    random.Random(1).shuffle(workers)

    brought = bring(clerk, book_of(sheets))

    rows = list(brought.rows.select_related("household"))
    found = {
        (one.household.name_key, one.is_person): one.differs for one in rows if one.verdict == RowVerdict.DIFFERS
    }  # fmt: skip
    names = [one.name_key for one in files]
    whose = files[4].people.get(relation="child").told
    assert found == {
        (names[0], False): ["手机"], (names[1], False): ["住房类型", "家庭人口"], (names[2], False): ["身份证号"],
        (names[3], False): ["困难类别"], (names[4], False): ["健康状况", f"对方没有{whose}"],
        (names[5], False): ["姓名"],
        (names[1], True): ["月收入"], (names[2], True): ["关系"],
    }  # fmt: skip
    assert gone["姓名"] == files[4].people.get(relation="child").name
    assert [one.household for one in rows if one.verdict == RowVerdict.UNKNOWN] == [None]
    assert list(national_lists.not_in_last_list(Household.objects.all())) == [files[11]]


def test_csv_is_read_as_well(clerk, grassroots):
    filed(grassroots, 3)
    [row] = theirs(clerk)["困难职工"]
    content = "\n".join([",".join(row), ",".join(value or "" for value in row.values())]).encode("gb18030")

    assert [one.verdict for one in bring(clerk, content, name="名单.csv").rows.all()] == ["same"]
    with pytest.raises(DomainError, match="没有找到表头"):
        bring(clerk, "品名,单价\n纸,3".encode(), name="别的.csv")


def test_unchanged_for_a_year_and_never_helped(clerk, grassroots):
    old, new, ours = filed(grassroots, 1), filed(grassroots, 2), filed(grassroots, 3, since="2020-01-01")
    GrantFactory(household=new, union=grassroots, state="paid")
    GrantFactory(household=ours, union=grassroots, state="failed")
    sheets = theirs(clerk)
    for row, day in zip(sheets["困难职工"], ("2020-05-06", timezone.localdate().isoformat(), ""), strict=True):
        row["修改时间"] = day

    rows = NationalRow.objects.filter(brought=bring(clerk, book_of(sheets)))

    assert {one.household for one in rows.unchanged_for_a_year()} == {old, ours}
    assert {one.household for one in rows.never_helped()} == {old, ours}


def test_what_a_list_said_is_sealed_and_shown_masked(clerk, finance, grassroots, signed_in):
    household = filed(grassroots)
    worker = household.people.get(relation="self")
    number, other = worker.full_id_number, STRANGER
    sheets = theirs(clerk)
    sheets["困难职工"][0] |= {"身份证号": other, "健康状况": "终末期肾病"}

    brought = bring(clerk, book_of(sheets))

    row = brought.rows.get(verdict="differs")
    with connection.cursor() as cursor:
        cursor.execute("SELECT said FROM relief_nationalrow WHERE id = %s", [row.pk])
        assert other.encode() not in bytes(cursor.fetchone()[0])
    page = signed_in(clerk).get(reverse("admin:relief_nationalrow_change", args=[row.pk])).content.decode()
    assert "终末期肾病" in page
    assert number not in page
    assert other not in page
    assert signed_in(finance).get(reverse("admin:relief_nationalrow_change", args=[row.pk])).status_code == 403
    later = timezone.now() + timedelta(days=1)
    assert national_lists.forget_said(later) == 1
    row.refresh_from_db()
    assert (row.said, row.differs) == (None, ["身份证号", "健康状况"])


def test_only_who_may_brings_lists(officer, leader, finance, grassroots, signed_in):
    filed(grassroots)
    content = book_of(theirs(UserFactory(roles=(roles.RELIEF,))))
    for by in (officer, leader, finance):
        with pytest.raises(DomainError, match="不能登记"):
            bring(by, content)
    assert signed_in(finance).get(reverse("admin:relief_nationallist_bring")).status_code == 403
    assert not NationalList.objects.exists()


def test_brings_by_the_page(clerk, grassroots, signed_in):
    filed(grassroots)
    file = io.BytesIO(book_of(theirs(clerk)))
    file.name = "名单.xlsx"

    page = signed_in(clerk).post(
        reverse("admin:relief_nationallist_bring"), {"kind": "mirror", "file": file}, follow=True
    )

    assert "已登记，共 2 行：一致 2 行。" in page.content.decode()


def test_bringing_asks_as_much_for_many(clerk, grassroots):
    counted = []
    for number in (1, 2, 3):  # the first fills the cache of content types
        filed(grassroots, number)
        content = book_of(theirs(clerk))
        with CaptureQueriesContext(connection) as captured:
            bring(clerk, content)
        counted.append(len(captured))

    assert counted[1] == counted[2]


# --- The superior's remarks ---


def returned(files: list[Household]) -> list[dict[str, Any]]:
    """A returned list as offices get it: numbers as Excel kept them, other writings of names, columns left empty."""
    rows = []
    for at, one in enumerate(files):
        number = one.people.get(relation="self").full_id_number
        row = {
            "姓名": one.name,
            "身份证号码": number,
            "工会名称": one.union.name,
            "审核意见": f"第{at}条：缺少收入证明",
        }
        match at % 6:
            case 1:
                row["身份证号码"] = float(int(number[:17] + "0")) if number[:17].isdigit() else number
            case 2:
                row["身份证号码"] = f"{number[0]}.{number[1:6]}E+17"
            case 3:
                row |= {"身份证号码": "", "姓名": f" {one.name[0]}　{one.name[1:]}"}
            case 4:
                row["身份证号码"] = f"{number[:6]} {number[6:14]} {number[14:]}"
            case 5:
                row["身份证号码"] = number[:17]
        rows.append(row)
    return rows


def test_nearly_all_of_a_damaged_returned_list_finds_its_file(clerk, officer, grassroots):
    unions = [grassroots, *(UnionFactory() for _ in range(3))]
    files = [filed(unions[number % 4], number, name=f"陆家{number}") for number in range(58)]
    twins = [filed(unions[0], 100 + number, name="杨同名") for number in range(2)]
    rows = returned(files + twins)
    for row in rows[-2:]:
        row["身份证号码"] = ""  # nobody can tell which
    random.Random(2).shuffle(rows)

    brought = bring(clerk, book_of({"退回": rows}), "remarks", until=timezone.localdate())

    found = list(brought.rows.select_related("household"))
    right = [one for one in found if one.household and one.remark.startswith(f"第{files.index(one.household)}条")]
    assert len(right) == len([one for one in found if one.household]) >= 57
    assert {one.remark for one in found if one.household is None} == {row["审核意见"] for row in rows
                                                                      if row["姓名"] == "杨同名"}  # fmt: skip
    assert all(one.union == one.household.union for one in right)
    [notice] = Notice.objects.filter(user=officer)
    assert notice.words.startswith("上级对 15 份困难职工档案提出意见")
    assert [one.badge for one in todo(officer, timezone.localdate())].count("上级意见") > 1


def test_a_certain_number_of_another_is_never_guessed(clerk, grassroots):
    filed(grassroots, 1, name="陆一")
    row = {"姓名": "陆一", "身份证号": STRANGER, "工会名称": grassroots.name, "审核意见": "重复建档"}

    brought = bring(clerk, book_of({"退回": [row]}), "remarks")

    assert brought.rows.get().household is None


@pytest.fixture
def remark(clerk, grassroots):
    """A remark on a file of the union's."""
    filed(grassroots, 1)
    brought = bring(clerk, book_of({"退回": returned([Household.objects.get()])}), "remarks")
    return brought.rows.get()


def test_the_union_answers_on_its_workbench(remark, officer, signed_in):
    client = signed_in(officer)
    url = reverse("relief:remark_answer", args=[remark.pk])
    assert url in client.get(reverse("workbench")).content.decode()

    client.post(url, {"answer": "已补交收入证明"})

    remark.refresh_from_db()
    assert (remark.answer, remark.answered_by) == ("已补交收入证明", officer)
    assert Household.objects.get().state == "decided"
    assert url not in client.get(reverse("workbench")).content.decode()
    with pytest.raises(DomainError, match="已经答复"):
        national_lists.answer_remark(row=remark, answer="再答一次", by=officer)


def test_nobody_else_answers(remark, clerk, outsider, leader, signed_in):
    url = reverse("relief:remark_answer", args=[remark.pk])
    assert signed_in(outsider).get(url).status_code == 404
    for by in (outsider, leader):
        with pytest.raises(DomainError):
            national_lists.answer_remark(row=remark, answer="不该由我答复", by=by)
    national_lists.answer_remark(row=remark, answer="县里核实后了结", by=clerk)


def test_what_no_key_tells_is_assigned_by_a_search(clerk, officer, grassroots, signed_in):
    household = filed(grassroots, 1, name="陆一")
    row = NationalRowFactory()
    url = reverse("relief:remark_assign", args=[row.pk])
    client = signed_in(clerk)
    assert any("待对应" in one.label for one in desk(clerk, timezone.localdate()))
    box = client.get(reverse("relief:household_choose"), {"q": "陆"}).content.decode()
    assert f"陆一（{grassroots.name}）" in box
    assert signed_in(officer).get(reverse("relief:household_choose"), {"q": "陆"}).status_code == 403
    assert signed_in(officer).get(url).status_code == 403

    client.post(url, {"household": household.pk})

    row.refresh_from_db()
    assert (row.household, row.union, row.way, row.verdict) == (household, grassroots, "人工指定", "remark")
    assert Notice.objects.filter(user=officer).count() == 1
    with pytest.raises(DomainError):
        national_lists.assign(row=row, household=household, by=officer)


# --- The shared mechanism ---


def test_two_lines_of_one_key_find_nothing_by_it():
    lines = [Line("t", "s", number, {"name": name}) for number, name in enumerate(("甲", "甲", "乙"))]
    ways = [Way("名", lambda line: [line.text("name")], lambda row: [row])]

    found = match(lines, ["甲", "乙", "丙"], ways)

    assert [(line.number, row) for line, row, _ in found.found] == [(2, "乙")]
    assert ([line.number for line in found.unknown], found.left) == ([0, 1], ["甲", "丙"])
    several = match(lines, ["甲"], ways, is_once=False)
    assert [line.number for line, _, _ in several.found] == [0, 1]


@pytest.mark.parametrize(
    ("same", "one", "other", "is_so"),
    [(same_amount, "1,200.00元", "1200", True), (same_amount, 1200.5, "1200.50", True),
     (same_amount, "", "0.00", False), (same_amount, "约1200", "1200.00", False),
     (same_day, "1980.1.1", "1980-01-01", True), (same_day, "2003年7月1日", "2003-07", True),
     (same_day, "2004-01", "2003-07", False), (same_day, "不详", "2003", False)],
)  # fmt: skip
def test_the_same_however_written(same, one, other, is_so):
    assert same(one, other) is is_so


def test_a_number_that_a_spreadsheet_cut_says_so():
    cells = {"a": 5.22727198001011e17, "b": "522727 19800101-0118", "c": 12345, "d": "5.2E+17", "e": ""}
    line = Line("t", "s", 1, cells)

    assert [line.digits(key)[1] for key in "abcde"] == [False, True, True, False, False]
    assert line.digits("a")[0][:15] == "522727198001011"
    assert line.digits("b")[0] == "522727198001010118"
    assert Table("t", {"a": ("甲",)}, frozenset("a"), "a").needed == {"a"}
