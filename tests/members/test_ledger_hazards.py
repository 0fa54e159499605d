"""Hazards of real ledgers that once slipped through: each must be refused, said, or read rightly."""

import pytest

from members.ledgers.titles import unions_in_title
from members.models import Attendance, Cadre, Member, MembershipEvent, Training, Union
from members.models.codes import EventKind, MemberStatus
from members.services import record_event
from pingtang_union.ledger.importing.command import Importer
from pingtang_union.ledger.models import ImportRow
from tests.factories import MemberFactory, UnionFactory
from tests.ledger import dress
from tests.members.test_ledgers import MU_PING, UNION_HEADERS, bring, roster, unions

pytestmark = pytest.mark.django_db

CADRES = ["姓名", "性别", "民族", "身份证号", "所在工会", "工会职务", "行政职级", "专（兼）职", "任职时间"]
WU_AN = ["吴安", "男", "布依族", "522727196808089837", "平塘供电局工会", "主席", "正科级", "专职", "2012.08"]


@pytest.fixture
def union() -> Union:
    root = Union.objects.get(depth=1)
    return Union.objects.add_child(root, instance=Union(name="平塘供电局工会委员会", category="enterprise"))


def cadres(*rows, headers=CADRES, sheet="工会干部", **more) -> bytes:
    return dress.xlsx({sheet: [list(headers), *map(list, rows)], **more})


def said(report) -> list[tuple[str, str]]:
    return [(message["column"], message["verdict"]) for sheet in report.sheets for message in sheet.messages]


# --- Telling ledgers and columns apart --------------------------------------------------------


@pytest.mark.parametrize("renamed", ["干部何职", "所任何职"])
def test_cadres_whose_post_has_an_unknown_header_are_not_taken_for_members(union, renamed):
    headers = [renamed if header == "工会职务" else header for header in CADRES]
    report = bring(cadres(WU_AN, headers=headers), name="名单.xlsx")
    assert "缺少 工会职务" in report.error
    assert (Member.objects.count(), Cadre.objects.count()) == (0, 0)


def test_our_own_label_wins_over_another_word_to_its_left():
    content = dress.xlsx(
        {
            "企业工会": [
                ["工会名称", "成立时间", "建会时间", "负责人", "工会主席"],
                ["甲厂工会", "2001.01", "2010.05", "张总", "李四"],
            ]
        }
    )
    report = bring(content, name="u.xlsx")
    stored = Union.objects.get(name="甲厂工会")
    assert (stored.set_up_on, stored.chair) == ("2010-05", "李四")
    assert [message["message"] for message in report.sheets[0].messages][:2] == [
        "「成立时间」（B 列）和「建会时间」（C 列）是同一项内容：读了 C 列，B 列没有读入，请核对。",
        "「负责人」（D 列）和「工会主席」（E 列）是同一项内容：读了 E 列，D 列没有读入，请核对。",
    ]


@pytest.mark.parametrize(
    "groups",
    [
        ("职工数", "会员数"),
        ("现有职工", "入会人数"),
        ("职工人数（人）", "会员人数（人）"),
        ("单位职工情况", "工会会员情况"),
    ],
)
@pytest.mark.parametrize("whole", ["总数", "合计", "人数", "小计"])
def test_counts_below_two_groups_never_change_places(groups, whole):
    rows = [
        ["工会名称", groups[0], "", groups[1], "", ""],
        ["", whole, "其中：女", whole, "女", "农民工"],
        ["甲厂工会", 30.0, 12.0, 20.0, 8.0, 5.0],
    ]
    bring(dress.xlsx({"企业工会": rows}), name="u.xlsx")
    stored = Union.objects.get(name="甲厂工会")
    assert (stored.staff_total, stored.staff_women, stored.staff_migrant) == (30, 12, None)
    assert (stored.members_total, stored.members_women, stored.members_migrant) == (20, 8, 5)


def test_an_incomplete_ledger_sheet_refuses_the_workbook(union):
    course = [["培训班名称", "地点", "级别", "开班时间"], ["业务班", "贵阳", "省级", "2017.09"]]
    people = [["培训班名称", "姓名", "何处", "性别", "考核结果"], ["业务班", "吴安", "供电局工会", "男", "合格"]]
    report = bring(dress.xlsx({"培训班": course, "参训人员": people}), name="t.xlsx")
    assert (report.is_written, report.is_refused, Training.objects.count()) == (False, True, 0)


# --- Rows that are no records, and rows twice --------------------------------------------------


@pytest.mark.parametrize(
    "name", ["全县合计（285个）", "平舟镇小计", "总数", "第1页 共3页", "2018年3月31日", "制表人 张三", "机关工会 2个"]
)
def test_totals_pages_and_signatures_are_no_unions(name):
    bring(unions(["甲厂工会", "平塘县总工会", "", "", "", "", ""], [name, "", "", "", "", "", ""]), name="u.xlsx")
    assert list(Union.objects.counted().values_list("name", flat=True)) == ["甲厂工会"]


def test_a_remark_that_says_total_drops_nobody(union):
    content = dress.xlsx(
        {
            "会员花名册": [
                ["平塘供电局工会委员会会员花名册"],
                ["姓名", "身份证号", "备注"],
                ["穆平", "522727198511259937", "合计"],
            ]
        }
    )
    assert bring(content).sheets[0].as_json()["new"] == 1


def test_one_union_in_two_forms_or_two_sheets_is_one(union):
    report = bring(
        unions(["平塘县甲局工会委员会", "", "", "", "", "", ""], ["甲局工会", "", "", "", "", "", ""]), name="u.xlsx"
    )
    assert ("工会名称", "reject") in said(report)
    rows = [UNION_HEADERS, ["乙局工会", "平塘县总工会", "", "", "", "", ""]]
    report = bring(dress.xlsx({"机关工会": rows, "机关工会(2)": rows}), name="u.xlsx")
    assert "工作表「机关工会」第 2 行" in report.sheets[1].messages[0]["message"]
    assert Union.objects.counted().count() == 1


def test_a_member_twice_on_the_same_row_of_two_sheets_is_told(union):
    bring(roster([MU_PING]))
    rows = [
        ["平塘供电局工会委员会会员花名册"],
        ["姓名", "身份证号", "移动电话"],
        ["穆平", "522727198511259937", "19000023699"],
    ]
    report = bring(dress.xlsx({"会员花名册": rows, "会员花名册(2)": rows}))
    assert (report.error, report.rejected) == ("", 1)


# --- Identity ---------------------------------------------------------------------------------


def test_a_cadre_without_number_never_multiplies(union):
    bring(cadres(WU_AN, ["吴安", "女", "", "522727197002019957", *WU_AN[4:]]), is_partial=True)
    Cadre.objects.filter(gender="2").update(gender="1")
    for _ in range(2):
        assert bring(cadres(["吴安", "", "", "", *WU_AN[4:]])).rejected == 1
    assert Cadre.objects.count() == 2


def test_a_leaver_twice_in_a_ledger_stays_one_row(union):
    content = cadres([*WU_AN, "2017.6"], headers=[*CADRES, "离任时间"])
    assert [bring(content).sheets[0].as_json()["new"] for _ in range(2)] == [1, 0]


def test_one_person_in_both_cadre_sheets_is_told(union):
    workers = [
        ["姓名", "身份证号", "所在工会", "岗位", "聘用时间"],
        ["吴安", "522727196808089837", "平塘供电局工会", "社工", "2016.05"],
    ]
    report = bring(cadres(WU_AN, 社会化工会工作者=workers), name="干部.xlsx")
    assert ("身份证号", "reject") in said(report)


def test_another_name_under_a_known_number_is_told(union):
    bring(roster([MU_PING]))
    report = bring(roster([("宋国", *MU_PING[1:])]))
    assert said(report) == [("姓名", "warn")]


@pytest.mark.parametrize("leaves", [False, True])
def test_a_number_alone_tells_nothing_of_its_bearer_and_moves_nobody(union, leaves):
    elsewhere = UnionFactory(name="别处泄密工会")
    member = MemberFactory(union=elsewhere, name="泄密人", id_number=MU_PING[2], phone="19000010001")
    if leaves:
        record_event(member=member, kind=EventKind.LEAVE, on="2021", by=None, reason="离开")
    report = bring(roster([("乱写", "男", MU_PING[2], "2024", "19000010002")], union=union.name), is_partial=True)
    assert (report.rejected, said(report)) == (1, [("身份证号", "reject")])
    assert "别处" not in str(report.sheets)
    row = ImportRow.objects.get()
    assert (row.object_id, row.before, "泄密" in str(row.messages)) == (None, None, False)
    member.refresh_from_db()
    assert (member.union, member.name, member.events.count()) == (elsewhere, "泄密人", 1 + leaves)


def test_what_contradicts_the_day_of_birth_does_not_print_it(union):
    bring(roster([MU_PING], union=union.name))
    report = bring(roster([(*MU_PING[:3], "1985.01", MU_PING[4])], union=union.name))
    [message] = [message["message"] for sheet in report.sheets for message in sheet.messages]
    assert message.startswith("入会时间 1985-01 早于出生年月")
    assert "1985-11" not in message


def test_a_former_member_joins_again_only_after_leaving_and_the_dead_never(union):
    bring(roster([MU_PING]))
    member = Member.objects.get()
    record_event(member=member, kind=EventKind.LEAVE, on="2015-06", by=None, reason="辞职")
    assert said(bring(roster([MU_PING]))) == [("入会时间", "reject")]
    assert bring(roster([(*MU_PING[:3], "2016.01", "")])).is_written
    member.refresh_from_db()
    assert member.status == MemberStatus.ACTIVE
    record_event(member=member, kind=EventKind.DEATH, on="2017-01", by=None)
    assert said(bring(roster([(*MU_PING[:3], "2018.01", "")]))) == [("姓名", "reject")]


def test_leaving_in_a_month_follows_joining_on_a_day_of_it(union):
    bring(roster([(*MU_PING[:3], "2015-06-12", "")]))
    member = Member.objects.get()
    record_event(member=member, kind=EventKind.LEAVE, on="2015-06", by=None, reason="辞职")
    member.refresh_from_db()
    assert member.status == MemberStatus.LEFT


def test_a_number_in_the_wrong_column_is_never_stored_in_clear(union):
    report = bring(
        roster([("522727198511259937", "522727198511259937", "522727198511259937", "2012.04", "")]), is_partial=True
    )
    row = ImportRow.objects.get()
    assert report.rejected == 1
    assert "19851125" not in f"{row.name}{row.messages}{report.as_json()}"


def test_a_card_number_that_lost_its_end_is_refused(union):
    content = roster(
        [(*MU_PING, 6222021234567890123.0)], headers=("姓名", "性别", "身份证号", "入会时间", "移动电话", "会员卡号")
    )
    assert said(bring(content)) == [("会员卡号", "reject")]


# --- What is stored already ----------------------------------------------------------------------


def test_a_row_that_contradicts_the_record_is_rejected_alone(union):
    bring(unions(["甲厂工会", "平塘县总工会", "2010.01", "", "", 20.0, 12.0]), name="u.xlsx")
    report = bring(
        unions(["甲厂工会", "", "", "", "", 10.0, ""], ["乙厂工会", "平塘县总工会", "", "", "", "", ""]),
        name="u.xlsx",
        is_partial=True,
    )
    assert said(report) == [("女职工", "reject")]
    assert (Union.objects.get(name="甲厂工会").staff_total, Union.objects.filter(name="乙厂工会").count()) == (20, 1)


def test_a_changed_union_keeps_its_place_among_new_ones_below_it():
    bring(unions(["甲镇工会联合会", "平塘县总工会", "", "", "", "", ""]), name="u.xlsx")
    bring(
        unions(
            ["甲镇工会联合会", "平塘县总工会", "2011", "", "", "", ""],
            ["乙厂工会", "甲镇工会联合会", "", "", "", "", ""],
        ),
        name="u.xlsx",
    )
    assert Union.objects.get(name="甲镇工会联合会").numchild == 1
    assert Union.objects.find_problems() == ([], [], [], [], [])


def test_two_unions_may_change_places_whatever_the_order_of_rows():
    bring(
        unions(["甲会工会", "平塘县总工会", "", "", "", "", ""], ["乙会工会", "甲会工会", "", "", "", "", ""]),
        name="u.xlsx",
    )
    report = bring(
        unions(["甲会工会", "乙会工会", "", "", "", "", ""], ["乙会工会", "平塘县总工会", "", "", "", "", ""]),
        name="u.xlsx",
    )
    assert report.is_written
    upper, lower = Union.objects.get(name="乙会工会"), Union.objects.get(name="甲会工会")
    assert lower.parent_path == upper.path
    report = bring(unions(["乙会工会", "甲会工会", "2011", "", "", "", ""]), name="u.xlsx", is_partial=True)
    assert said(report) == [("上级工会", "reject")]
    assert Union.objects.get(name="乙会工会").set_up_on is None


def test_a_renamed_union_is_found_by_its_new_name():
    code = "81522727UGL11U5GND"
    bring(unions(["甲厂工会", "平塘县总工会", "", "", code, "", ""]), name="u.xlsx")
    report = bring(unions(["全新工会", "", "", "", code, "", ""]), name="u.xlsx")
    assert said(report) == [("工会名称", "warn")]
    assert Union.objects.get(credit_code=code).name_key == "全新工会"


def test_a_course_dated_more_exactly_is_the_same_course_and_a_yearly_one_another(union):
    def course(day):
        people = [["培训班名称", "姓名", "所在工会"], ["业务班", "吴安", "供电局工会"]]
        return dress.xlsx(
            {
                "培训班": [["培训班名称", "地点", "级别", "开班时间"], ["业务班", "贵阳", "省级", day]],
                "参训人员": people,
            }
        )

    for day in ("2017", "2017.4", "2017-04-05", "2018-04-05", "2017-04-05"):
        assert bring(course(day), name="t.xlsx").is_written
    assert list(Training.objects.order_by("started_on").values_list("started_on", flat=True)) == [
        "2017-04-05",
        "2018-04-05",
    ]
    assert Attendance.objects.count() == 2


# --- Where the union is named -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "title",
    [
        "附件1：平塘供电局工会委员会会员花名册",
        "2018年平塘供电局工会委员会会员花名册",
        "平塘供电局工会委员会2018年会员花名册",
        "平塘供电局工会会员名单",
        "平塘供电局工会会员登记表",
        "平塘供電局工會委員會會員花名冊",
        "会员花名册（平塘供电局工会委员会）",
    ],
)
def test_titles_that_name_the_union(union, title):
    content = dress.xlsx(
        {"Sheet1": [[title], ["姓名", "身份证号", "入会时间"], ["穆平", "522727198511259937", "2012.04"]]}
    )
    assert bring(content, name="x.xlsx").is_written


@pytest.mark.parametrize(
    "note",
    [
        ["填报单位（盖章）：平塘供电局工会委员会"],
        ["工会名称 ：平塘供电局工会"],
        ["工会名称：", "平塘供电局工会委员会"],
        ["工会全称：平塘供电局工会（盖章）"],
        ["工会名称：平塘供电局工会委员会,填表日期：2018年3月"],
    ],
)
def test_notes_that_name_the_union(union, note):
    content = dress.xlsx(
        {"Sheet1": [["名册"], note, ["姓名", "身份证号", "入会时间"], ["穆平", "522727198511259937", "2012.04"]]}
    )
    assert bring(content, name="x.xlsx").is_written


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ("会员花名册-平塘供电局工会委员会(1)", ["平塘供电局工会委员会"]),
        ("2018平塘会员花名册", ["2018平塘"]),
        ("会员花名册", []),
        ("Sheet1", []),
        ("工会名称：甲工会", []),
    ],
)
def test_file_names_and_sheet_names(words, named):
    assert unions_in_title(words) == named


def test_two_rosters_in_one_sheet_are_refused(union):
    Union.objects.add_child(Union.objects.get(depth=1), instance=Union(name="乙厂工会", category="enterprise"))
    headers = ["序号", "姓名", "身份证号", "入会时间"]
    content = dress.xlsx(
        {
            "Sheet1": [
                ["平塘供电局工会委员会会员花名册"],
                ["工会名称：平塘供电局工会委员会"],
                headers,
                [1.0, "穆平", "522727198511259937", "2012.04"],
                ["乙厂工会会员花名册"],
                ["工会名称：乙厂工会"],
                headers,
                [1.0, "岑龙", "522727198801039959", "2009.11"],
            ]
        }
    )
    report = bring(content)
    assert (report.is_refused, Member.objects.count()) == (True, 0)


def test_files_of_one_name_do_not_stand_in_each_others_way(union):
    reports = Importer().bring([("x.xlsx", roster([MU_PING])), ("x.xlsx", roster([MU_PING]))])
    assert [report.rejected for report in reports] == [0, 0]
    assert MembershipEvent.objects.count() == 1
