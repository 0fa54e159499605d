"""The county's ledgers from file to committed records, in its own dress and in others'."""

import io
import json
from datetime import UTC, date, datetime
from pathlib import Path

import opencc
import pytest
import yaml
from django.contrib.auth.models import Group
from django.core.management import call_command

from members import roles
from members.models import Attendance, Cadre, Member, MembershipEvent, Training, Union
from members.models.codes import EventKind, MemberStatus
from pingtang_union.ledger.importing.command import Importer
from pingtang_union.ledger.models import ImportBatch, ImportRow
from tests.ledger import dress

pytestmark = pytest.mark.django_db

SHIPPED = Path(__file__).parents[2] / "pingtang_union" / "demo" / "ledgers"
FAULTY = Path(__file__).parents[1] / "ledgers"
NAMES = [
    "基层工会组织花名册",
    "工会干部花名册",
    "干部培训台账",
    "会员花名册-平塘供电局工会委员会",
    "会员花名册-平塘县人民医院工会委员会",
    "会员花名册-平塘民族中学工会委员会",
]
TOTALS = {
    "unions": 506,
    "organ": 285,
    "cadres": 233,
    "social_workers": 9,
    "courses": 4,
    "attendances": 525,
    "members": 831,
}


def shipped() -> list[tuple[str, bytes]]:
    return [(f"{name}.xlsx", (SHIPPED / f"{name}.xlsx").read_bytes()) for name in NAMES]


def dressed(change) -> list[tuple[str, bytes]]:
    return [(name, dress.xlsx(change(dress.load(content)))) for name, content in shipped()]


def totals() -> dict[str, int]:
    return {
        "unions": Union.objects.counted().count(),
        "organ": Union.objects.filter(category="organ").count(),
        "cadres": Cadre.objects.filter(kind="cadre").count(),
        "social_workers": Cadre.objects.filter(kind="social_worker").count(),
        "courses": Training.objects.count(),
        "attendances": Attendance.objects.count(),
        "members": Member.objects.current().count(),
    }


def counts(reports, *verdicts) -> list[int]:
    return [sum(sheet.as_json()[verdict] for report in reports for sheet in report.sheets) for verdict in verdicts]


def run(*arguments) -> tuple[int, dict]:
    output = io.StringIO()
    code = 0
    try:
        call_command("import_ledgers", *map(str, arguments), "--json", stdout=output)
    except SystemExit as stop:
        code = stop.code
    return code, json.loads(output.getvalue())


def roster(rows, union="平塘供电局工会委员会", headers=("姓名", "性别", "身份证号", "入会时间", "移动电话")) -> bytes:
    return dress.xlsx({"会员花名册": [[f"{union}会员花名册"], [f"工会名称：{union}"], list(headers), *map(list, rows)]})


def bring(content: bytes, name="会员花名册.xlsx", **options):
    [report] = Importer(**options).bring([(name, content)])
    return report


@pytest.fixture
def power_bureau() -> Union:
    root = Union.objects.get(depth=1)
    return Union.objects.add_child(root, instance=Union(name="平塘供电局工会委员会", category="enterprise"))


@pytest.fixture
def hospital() -> Union:
    root = Union.objects.get(depth=1)
    return Union.objects.add_child(root, instance=Union(name="平塘县人民医院工会委员会", category="organ"))


# --- The county's own ledgers ----------------------------------------------------------------


def test_the_countys_ledgers_come_in_without_a_rejected_row_and_twice_change_nothing():
    code, result = run(SHIPPED)
    assert (code, totals()) == (0, TOTALS)
    assert sum(sheet["rejected"] + sheet["warned"] for file in result["files"] for sheet in file["sheets"]) == 0
    code, result = run(SHIPPED)
    sheets = [sheet for file in result["files"] for sheet in file["sheets"]]
    assert code == 0
    assert sum(sheet["unchanged"] for sheet in sheets) == sum(sheet["rows"] for sheet in sheets) == 3521
    assert totals() == TOTALS
    assert Union.objects.find_problems() == ([], [], [], [], [])


def test_the_faulty_roster_comes_out_as_expected(tmp_path):
    run(SHIPPED)
    expected = yaml.safe_load((FAULTY / "expected.yaml").read_text())
    code, result = run(FAULTY)
    [sheet] = result["files"][0]["sheets"]
    told = {}
    for message in sheet["messages"]:
        told.setdefault(message["no"], []).append((message["verdict"], message["column"]))
    assert code == 1
    assert {row["no"]: told.get(row["no"], [("accept", None)]) for row in expected["rows"]} == {
        row["no"]: [(row["verdict"], row["field"])] for row in expected["rows"]
    }
    assert not result["files"][0]["written"]
    assert Member.objects.filter(union__name="平塘县自来水公司工会委员会").count() == 0
    code, result = run(FAULTY, "--partial")
    assert (code, Member.objects.filter(union__name="平塘县自来水公司工会委员会").count()) == (1, 28)
    code, result = run(FAULTY, "--partial")
    assert [result["files"][0]["sheets"][0][word] for word in ("new", "unchanged", "transfer", "rejected")] == [
        0,
        28,
        1,
        12,
    ]


def test_a_dry_run_reports_as_the_real_one_and_writes_nothing():
    _code, rehearsed = run(SHIPPED, "--dry-run")
    assert totals() == dict.fromkeys(TOTALS, 0)
    assert ImportBatch.objects.count() == 0
    _code, real = run(SHIPPED)
    for file in (*rehearsed["files"], *real["files"]):
        file.pop("written")
    assert rehearsed == real


def test_a_file_that_cannot_be_read_or_recognised_gives_two(tmp_path):
    (tmp_path / "菜单.xlsx").write_bytes(dress.xlsx({"菜单": [["菜名", "价格", "备注"], ["豆腐", 3.0, ""]]}))
    (tmp_path / "坏.xlsx").write_bytes(b"PK\x03\x04 no workbook")
    assert run(tmp_path / "菜单.xlsx")[0] == 2
    code, result = run(tmp_path)
    assert code == 2
    assert ["error" in file for file in result["files"]] == [True, True]
    assert run(tmp_path / "没有.xlsx")[0] == 2


# --- Other offices' dress ----------------------------------------------------------------------


ALIASES = {
    "工会名称": "基层工会全称",
    "上级工会": "隶属上级",
    "单位性质": "单位类型",
    "所属乡镇（街道）": "乡镇(街道)",
    "建会时间": "成立日期",
    "换届时间": "最近一次换届",
    "统一社会信用代码": "信用代码",
    "职工情况": "职工",
    "会员情况": "会员",
    "职工人数": "总数",
    "其中：女职工": "其中:女",
    "会员人数": "总数",
    "其中：女会员": "女",
    "其中：农民工会员": "农民工",
    "工会主席": "主席姓名",
    "联系电话": "手机号",
    "姓名": "姓  名",
    "身份证号": "公民身份号码",
    "所在工会": "所属工会",
    "工会职务": "现任职务",
    "行政职级": "行政级别",
    "专（兼）职": "专/兼职",
    "任职时间": "任职年月",
    "岗位": "工作岗位",
    "聘用时间": "聘用日期",
    "培训班名称": "培训班",
    "开班时间": "培训时间",
    "移动电话": "手机",
    "入会时间": "加入工会时间",
    "学历": "文化程度",
    "证件类型": "证件种类",
    "用工形式": "用工性质",
}


@pytest.mark.parametrize(
    "change",
    [
        dress.traditional,
        dress.wide_digits,
        dress.shifted,
        lambda sheets: dress.reordered(sheets, 2),
        lambda sheets: dress.renamed(sheets, ALIASES),
        lambda sheets: dress.other_dates(sheets, (), lambda day: f"{day.year}/{day.month}/{day.day}"),
        lambda sheets: dress.other_dates(sheets, (), lambda day: float((day - date(1899, 12, 30)).days)),
        lambda sheets: dress.other_dates(sheets, (), lambda day: f"{day.year % 100:02d}.{day.month}.{day.day}"),
    ],
    ids=["traditional", "wide", "shifted", "reordered", "renamed", "slashes", "serials", "two-digit"],
)
def test_other_dress_gives_the_same_records(change):
    reports = Importer().bring(dressed(change))
    assert totals() == TOTALS
    assert counts(reports, "rejected", "transfer") == [0, 0]
    again = Importer().bring(shipped())
    assert counts(again, "new", "changed", "rejected") == [0, 0, 0]


def test_old_workbooks_and_text_tables_in_any_order_give_the_same_records():
    files = [(name.replace(".xlsx", ".xls"), dress.xls(dress.load(content))) for name, content in shipped()[:2]]
    for name, content in shipped()[2:]:
        for sheet, rows in dress.load(content).items():
            files.append((f"{name[:-5]}-{sheet}.csv" if "培训" in name else f"{name[:-5]}.csv", dress.csv_bytes(rows)))
    reports = Importer().bring(list(reversed(files)))
    assert counts(reports, "rejected", "transfer") == [0, 0]
    assert totals() == TOTALS


def test_superiors_in_a_later_file_are_waited_for():
    sheets = dress.load(shipped()[0][1])
    organ, enterprise = sheets["机关工会"], sheets["企业工会"]
    reports = Importer().bring(
        [
            ("企业工会.csv", dress.csv_bytes(enterprise)),
            ("机关工会.csv", dress.csv_bytes(organ)),
        ]
    )
    assert counts(reports, "new", "rejected") == [506, 0]


# --- Members --------------------------------------------------------------------------------------

MU_PING = ("穆平", "男", "522727198511259937", "2012.04", "19000023695")


def test_a_new_member_joins_and_a_second_union_is_offered_a_transfer(power_bureau, hospital):
    assert bring(roster([MU_PING])).is_written
    member = Member.objects.get()
    event = member.events.get()
    assert (member.union, member.status, member.joined_on, member.born_on) == (
        power_bureau,
        MemberStatus.ACTIVE,
        "2012-04",
        "1985-11-25",
    )
    assert (event.kind, event.union, event.on) == (EventKind.JOIN, power_bureau, "2012-04")
    report = bring(roster([MU_PING], union=hospital.name))
    [message] = report.sheets[0].messages
    assert (message["verdict"], message["column"]) == ("transfer", "身份证号")
    assert power_bureau.name in message["message"]
    assert (Member.objects.get().union, MembershipEvent.objects.count()) == (power_bureau, 1)


def test_changes_keep_the_values_before_and_a_corrected_joining_is_a_new_event(power_bureau):
    bring(roster([MU_PING]))
    report = bring(roster([("穆平", "男", "522727198511259937", "2012.05", "19000023696")]))
    assert report.sheets[0].as_json()["changed"] == 1
    assert ImportRow.objects.get(verdict="changed").before == {"joined_on": "2012-04", "phone": "19000023695"}
    member = Member.objects.get()
    assert (member.joined_on, member.phone) == ("2012-05", "19000023696")
    first, second = MembershipEvent.objects.order_by("pk")
    assert (first.on, second.on, second.corrects) == ("2012-04", "2012-05", first)


def test_blank_cells_erase_nothing_and_coarser_dates_change_nothing(power_bureau):
    bring(roster([("穆平", "男", "522727198511259937", "2012-04-16", "19000023695")]))
    report = bring(roster([("穆平", "", "522727198511259937", "2012.04", "")]))
    assert report.sheets[0].as_json()["unchanged"] == 1
    assert Member.objects.get().joined_on == "2012-04-16"


def test_a_former_member_joins_again_on_the_same_history(power_bureau, hospital):
    bring(roster([MU_PING]))
    member = Member.objects.get()
    MembershipEvent.objects.create(
        member=member,
        kind=EventKind.LEAVE,
        union=power_bureau,
        on="2017-01",
        reason="辞职",
        recorded_at=datetime(2017, 1, 1, tzinfo=UTC),
    )
    Member.objects.update(status=MemberStatus.LEFT)
    report = bring(roster([("穆平", "男", "522727198511259937", "2018.01", "")], union=hospital.name))
    assert report.sheets[0].as_json()["warned"] == 1
    member.refresh_from_db()
    assert (member.union, member.status, member.joined_on) == (hospital, MemberStatus.ACTIVE, "2018-01")
    assert [event.kind for event in member.events.order_by("pk")] == ["join", "leave", "join"]


def test_numbers_are_sealed_at_rest_and_never_in_the_batch(power_bureau):
    bring(roster([MU_PING]))
    member = Member.objects.get()
    assert str(member.id_number) == "522727**********37"
    assert member.id_number.reveal() == "522727198511259937"
    assert "522727198511259937" not in json.dumps(list(ImportRow.objects.values("before", "messages", "name")))


@pytest.mark.parametrize(
    ("note", "said"), [("工会名称：没有这个工会", "没有找到"), ("填表日期：2018年3月", "没有写明")]
)
def test_a_roster_without_its_union_is_refused_whole(power_bureau, note, said):
    content = dress.xlsx(
        {"Sheet1": [["名册"], [note], ["姓名", "身份证号", "入会时间"], ["穆平", "522727198511259937", "2012.04"]]}
    )
    report = bring(content, name="x.xlsx")
    assert (report.is_written, report.is_refused) == (False, True)
    assert said in report.sheets[0].messages[0]["message"]


def test_a_title_and_a_note_that_disagree_are_refused(power_bureau, hospital):
    content = dress.xlsx(
        {
            "Sheet1": [
                [f"{hospital.name}会员花名册"],
                [f"工会名称：{power_bureau.name}"],
                ["姓名", "身份证号", "入会时间"],
                ["穆平", "522727198511259937", "2012.04"],
            ]
        }
    )
    report = bring(content)
    assert report.is_refused
    assert Member.objects.count() == 0


def test_an_officer_brings_only_her_own_unions_rows(power_bureau, hospital, django_user_model):
    officer = django_user_model.objects.create_user("o", full_name="某", union=hospital)
    officer.groups.add(Group.objects.get(name=roles.GRASSROOTS))
    refused = bring(roster([MU_PING]), by=officer)
    assert (refused.is_written, Member.objects.count()) == (False, 0)
    assert bring(roster([MU_PING], union=hospital.name), by=officer).is_written
    assert (ImportBatch.objects.get().by, ImportBatch.objects.get().union) == (officer, hospital)


def test_a_roster_that_names_another_union_in_its_title_is_not_taken_for_the_officers_own(
    power_bureau, hospital, django_user_model
):
    officer = django_user_model.objects.create_user("o", full_name="某", union=hospital)
    officer.groups.add(Group.objects.get(name=roles.GRASSROOTS))
    content = dress.xlsx(
        {
            "Sheet1": [
                [f"{power_bureau.name}会员花名册"],
                ["姓名", "身份证号", "入会时间"],
                ["穆平", "522727198511259937", "2012.04"],
            ]
        }
    )
    assert bring(content, name="x.xlsx", by=officer).is_refused
    nameless = dress.xlsx(
        {"Sheet1": [["2018年会员花名册"], ["姓名", "身份证号", "入会时间"], ["穆平", "522727198511259937", "2012.04"]]}
    )
    assert bring(nameless, name="x.xlsx", by=officer).is_written
    assert Member.objects.get().union == hospital


def test_an_officer_writes_names_with_and_without_the_county_she_cannot_see(hospital, django_user_model):
    officer = django_user_model.objects.create_user("o", full_name="某", union=hospital)
    officer.groups.add(Group.objects.get(name=roles.GRASSROOTS))
    assert bring(roster([MU_PING], union="县人民医院工会"), by=officer).is_written


def test_a_prefecture_above_the_county_changes_nothing():
    county = Union.objects.get(depth=1)
    prefecture = Union.objects.add_root(instance=Union(name="黔南州总工会", level="prefecture"))
    Union.objects.move(county, prefecture, "last-child")
    reports = Importer().bring(shipped())
    assert counts(reports, "rejected") == [0]
    assert totals() == TOTALS
    assert Union.objects.get(name="平塘县牙舟镇工会联合会").depth == 3


def test_a_file_with_a_rejected_row_writes_nothing_unless_partial(power_bureau):
    rows = [MU_PING, ("李四", "男", "522727198511259938", "2012.04", "")]
    assert (bring(roster(rows)).is_written, Member.objects.count(), ImportBatch.objects.count()) == (False, 0, 0)
    report = bring(roster(rows), is_partial=True)
    assert (report.is_written, Member.objects.count()) == (True, 1)
    assert ImportRow.objects.filter(verdict="reject").count() == 1


# --- Unions and cadres ----------------------------------------------------------------------------

UNION_HEADERS = ["工会名称", "上级工会", "建会时间", "换届时间", "统一社会信用代码", "职工人数", "其中：女职工"]


def unions(*rows, sheet="企业工会") -> bytes:
    return dress.xlsx({sheet: [UNION_HEADERS, *map(list, rows)]})


def test_unions_are_placed_below_superiors_of_the_same_file_and_moved_later():
    bring(
        unions(
            ["丙厂工会委员会", "平塘县甲镇工会联合会", "2010.01", "", "", "", ""],
            ["平塘县甲镇工会联合会", "平塘县总工会", "2009", "", "", "", ""],
        ),
        name="u.xlsx",
    )
    federation, factory = Union.objects.get(name__contains="甲镇"), Union.objects.get(name__contains="丙厂")
    assert (federation.level, factory.level) == ("township", "grassroots")
    assert factory.parent_path == federation.path
    report = bring(unions(["丙厂工会", "县总工会", "", "", "", "", ""]), name="u.xlsx")
    factory.refresh_from_db()
    assert report.sheets[0].as_json()["changed"] == 1
    assert (factory.name, factory.depth) == ("丙厂工会委员会", 2)
    assert ImportRow.objects.get(verdict="changed").before == {"superior": "平塘县甲镇工会联合会"}
    assert Union.objects.find_problems() == ([], [], [], [], [])


@pytest.mark.parametrize(
    ("row", "column"),
    [
        (["丙厂工会", "平塘县总工会", "2010.05", "2009.01", "", "", ""], "换届时间"),
        (["丙厂工会", "平塘县总工会", "", "", "", 10.0, 11.0], "女职工"),
        (["丙厂工会", "平塘县总工会", "", "", "91522727MA6DL00000", "", ""], "统一社会信用代码"),
        (["丙厂工会", "查无此会", "", "", "", "", ""], "上级工会"),
        (["平塘县总工会", "", "", "", "", "", ""], "工会名称"),
        (["丙厂工会", "丙厂工会", "", "", "", "", ""], "上级工会"),
    ],
)
def test_unions_that_cannot_be_are_rejected_at_their_column(row, column):
    report = bring(unions(row), name="u.xlsx")
    assert [(message["column"], message["verdict"]) for message in report.sheets[0].messages] == [(column, "reject")]
    assert Union.objects.count() == 1


def test_two_unions_with_one_code_or_one_name_in_two_forms_are_rejected():
    code = "81522727UGL11U5GND"
    report = bring(
        unions(
            ["丙厂工会", "平塘县总工会", "", "", code, "", ""],
            ["丁厂工会", "平塘县总工会", "", "", code, "", ""],
            ["丙厂工会委员会", "平塘县总工会", "", "", "", "", ""],
        ),
        name="u.xlsx",
    )
    assert [(message["no"], message["column"]) for message in report.sheets[0].messages] == [
        (2, "统一社会信用代码"),
        (3, "工会名称"),
    ]
    assert Union.objects.count() == 1


def test_a_month_that_is_not_contradicted_is_no_error():
    report = bring(unions(["丙厂工会", "平塘县总工会", "2017-09-20", "2017.09", "", "", ""]), name="u.xlsx")
    assert report.is_written


def test_a_union_without_category_is_rejected():
    report = bring(unions(["丙厂工会", "平塘县总工会", "", "", "", "", ""], sheet="Sheet1"), name="名单.xlsx")
    assert report.sheets[0].messages[0]["column"] == "工会类别"


def test_a_cadre_is_one_row_found_by_number_and_by_name(power_bureau, hospital):
    headers = ["姓名", "所在工会", "工会职务", "行政职级", "身份证号"]

    def cadres(*rows):
        return bring(dress.xlsx({"工会干部": [headers, *map(list, rows)]}), name="工会干部花名册.xlsx")

    cadres(["吴安", "平塘供电局工会", "主席", "正科级", ""])
    report = cadres(["吴安", "平塘供电局", "主席", "副处级", "522727196808089837"])
    assert report.sheets[0].as_json()["changed"] == 1
    cadre = Cadre.objects.get()
    assert (cadre.rank, cadre.full_id_number) == ("deputy_county", "522727196808089837")
    report = cadres(["吴安", "县人民医院工会", "主席", "副处级", "522727196808089837"])
    assert (report.is_written, report.sheets[0].messages[0]["column"]) == (False, "任职时间")
    headers.append("任职时间")
    report = cadres(["吴安", "县人民医院工会", "主席", "副处级", "522727196808089837", "2018.01"])
    assert report.sheets[0].as_json()["warned"] == 1
    assert list(Cadre.objects.order_by("pk").values_list("union__name", "ended_on")) == [
        (power_bureau.name, "2018-01"),
        (hospital.name, None),
    ]


def test_an_attendance_needs_its_course_and_finds_its_cadre(power_bureau):
    Cadre.objects.create(name="吴安", union=power_bureau)
    people = dress.xlsx(
        {
            "参训人员": [
                ["培训班名称", "姓名", "所在工会"],
                ["业务班", "吴安", "供电局工会"],
                ["业务班", "外人", "供电局工会"],
            ]
        }
    )
    assert bring(people, name="a.xlsx").rejected == 2
    course = dress.xlsx(
        {"培训班": [["培训班名称", "地点", "级别", "开班时间"], ["业务班", "贵阳", "省级", "2017.09.13"]]}
    )
    reports = Importer().bring([("a.xlsx", people), ("b.xlsx", course)])
    assert counts(reports, "new", "rejected") == [3, 0]
    assert [attendance.cadre is not None for attendance in Attendance.objects.order_by("pk")] == [True, False]


def test_traditional_names_of_new_unions_are_kept_in_simplified_characters():
    content = dress.xlsx(
        {
            "企業工會": [
                [opencc.OpenCC("s2t").convert(text) for text in UNION_HEADERS],
                ["平塘縣絲綢廠工會委員會", "平塘縣總工會", "", "", "", "", ""],
            ]
        }
    )
    bring(content, name="u.xlsx")
    assert Union.objects.filter(name="平塘县丝绸厂工会委员会").exists()
