"""Sheets are told by their headers: aliases first, likeness with a warning, refusal with what was found."""

import pytest

from pingtang_union.ledger.declaration import ledgers
from pingtang_union.ledger.reading.recognise import recognise
from pingtang_union.ledger.reading.workbook import Sheet

MEMBERS = ["序号", "姓名", "性别", "民族", "身份证号", "出生年月", "学历", "政治面貌", "移动电话", "入会时间"]


def told(rows, name="Sheet1", hint=""):
    return recognise(Sheet(name, rows), ledgers(), hint)


@pytest.mark.parametrize(
    ("headers", "ledger"),
    [
        (MEMBERS, "会员花名册"),
        (["会员姓名", "男女", "公民身份号码", "加入工会时间"], "会员花名册"),
        (["姓名", "性别", "所在工会", "工会职务", "行政职级", "专（兼）职", "任职时间"], "工会干部花名册"),
        (["姓名", "所在工会", "岗位", "聘用时间"], "社会化工会工作者花名册"),
        (["培训班名称", "地点", "级别", "开班时间", "天数"], "干部培训台账（培训班）"),
        (["培训班名称", "姓名", "所在工会", "性别", "考核结果"], "干部培训台账（参训人员）"),
        (["工會名稱", "上級工會", "單位性質", "建會時間"], "基层工会组织花名册"),
    ],
)
def test_ledgers_are_told_apart(headers, ledger):
    assert told([headers]).table.ledger.title == ledger


def test_a_header_of_two_levels_is_read_wherever_it_stands():
    rows = [
        ["平塘县花名册"],
        [],
        ["", "工会名称", "职工情况", "", "会员情况", "", ""],
        ["", "", "总数", "其中：女", "总数", "女", "农民工"],
        ["", "甲工会", 3.0, 1.0, 2.0, 1.0, 0.0],
    ]
    header = told(rows).table.header
    assert {
        name: header.found[name]
        for name in ("name", "staff_total", "staff_women", "members_total", "members_women", "members_migrant")
    } == {
        "name": 1,
        "staff_total": 2,
        "staff_women": 3,
        "members_total": 4,
        "members_women": 5,
        "members_migrant": 6,
    }


def test_a_likely_header_is_taken_and_named():
    header = told(
        [["姓名", "本人身份证号码", "入会时间", "民族"], ["张三", "522727198511259937", "2016.05", "汉族"]]
    ).table.header
    assert header.likely == {"id_number": "本人身份证号码"}


@pytest.mark.parametrize("other", ["配偶身份证号", "父亲身份证号码", "介绍人身份证号"])
def test_a_header_that_tells_another_thing_is_not_likely(other):
    recognition = told([["姓名", other, "入会时间", "民族"], ["张三", "522727198511259937", "2016.05", "汉族"]])
    assert recognition.table is None
    assert "缺少 身份证号" in recognition.refusal
    assert f"「{other}」" in recognition.refusal


def test_a_likely_header_over_other_contents_is_not_taken():
    header = told(
        [["姓名", "身份证号", "工会入会时间备忘", "民族"], ["张三", "522727198511259937", "电话联系过", "汉族"]]
    ).table.header
    assert header.unknown == ["工会入会时间备忘"]


def test_an_unknown_ledger_is_refused_with_what_can_be_read():
    recognition = told([["品名", "单价", "库存"], ["笔", 1.0, 2.0]])
    assert recognition.table is None
    assert recognition.is_tabular
    assert "会员花名册" in recognition.refusal


def test_titles_totals_sections_signatures_and_blanks_are_no_rows():
    rows = [
        ["某某工会会员花名册"],
        ["工会名称：甲工会   填表日期：2018年3月"],
        MEMBERS,
        ["一、机关", *[""] * 9],
        [1.0, "张三", *[""] * 8],
        [],
        ["小计", *[""] * 9],
        MEMBERS,
        [2.0, "李四", *[""] * 8],
        [3.0, *[""] * 9],
        ["合  计", "", "", "", 2.0, *[""] * 5],
        ["备注：以上属实"],
        ["单位负责人：", "", "", "审核人：王五", *[""] * 6],
    ]
    table = told(rows).table
    assert [(row, cells[1]) for row, cells in table.data_rows()] == [(5, "张三"), (9, "李四")]
    assert table.notes()["工会名称"] == "甲工会"


def test_a_row_with_only_a_name_is_a_row():
    table = told([MEMBERS[1:], ["张三", *[""] * 8], ["李四", "男", *[""] * 7]]).table
    assert [cells[0] for _row, cells in table.data_rows()] == ["张三", "李四"]


def test_merged_cells_are_filled_down_and_ditto_is_read():
    sheet = Sheet(
        "参训人员",
        [["培训班名称", "姓名", "所在工会"], ["业务班", "张三", "甲工会"], ["", "李四", "同上"]],
        merged=[((1, 0), (2, 0))],
    )
    table = recognise(sheet, ledgers()).table
    assert [cells for _row, cells in table.data_rows()][1] == ["业务班", "李四", "甲工会"]
