"""Made-up members for benchmarks: as an office writes them into a workbook, as the stock importer needs them, and as
the member table holds them. All three are the same people, told apart by their number in the series."""

import random
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from rustpy_xlsxwriter import FastExcel

from members.models import Member
from pingtang_union.core import crypto
from pingtang_union.core.validators import check_digit
from pingtang_union.ledger import bulk

UNION = "平塘供电局工会委员会"
HEADERS = (
    "序号",
    "姓名",
    "性别",
    "民族",
    "证件类型",
    "身份证号",
    "出生年月",
    "学历",
    "政治面貌",
    "移动电话",
    "用工形式",
    "是否农民工",
    "入会时间",
    "会员卡号",
    "就业情况",
    "技能等级",
    "户籍类型",
    "户籍所在地",
    "籍贯",
    "工作单位",
)
# The columns' fields, for which the stock importer and the bare writing are given codes in place of labels.
FIELDS = (
    "",
    "name",
    "gender",
    "ethnicity",
    "id_type",
    "id_number",
    "born_on",
    "education",
    "political",
    "phone",
    "contract",
    "is_migrant",
    "joined_on",
    "card_number",
    "employment",
    "skill",
    "household",
    "household_place",
    "native_place",
    "employer",
)
CODES = {
    "gender": {"男": "1", "女": "2"},
    "ethnicity": {"布依族": "09", "汉族": "01", "苗族": "06", "毛南族": "36"},
    "id_type": {"居民身份证": "resident"},
    "education": {"大专": "30", "本科": "20", "高中": "60", "硕士研究生": "14"},
    "political": {"群众": "13", "中共党员": "01", "共青团员": "03"},
    "contract": {"在编": "established", "合同制": "contract", "劳务派遣": "dispatched"},
    "is_migrant": {"是": "1", "否": "0"},
    "employment": {"在岗": "working", "内退或待岗": "off_post", "退休": "retired"},
    "skill": {"高级工": "3", "中级工": "4", "初级工": "5"},
    "household": {"农业户口": "rural", "非农业户口": "urban", "居民户口": "resident"},
}
_DAYS = 50 * 12 * 28  # days of birth: 1 to 28 of each month from 1950 to 1999
_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
_GIVEN = "建国海燕志强秀英平安文明春华学军玉兰小红德才光明永福桂芳"
_PLACES = ("金盆街道", "平舟镇")
_ROADS = [f"{place}{road}路{number}号" for place in _PLACES for road in "东西南北" for number in range(60)]


def people(count: int, first: int = 0, *, is_changed: bool = False) -> Iterator[list[Any]]:
    """`count` rows under `HEADERS` from the one of that number on. Numbers are well formed and all different; of those
    born on one day no two bear one name, so that each row can be written without asking a person.

    is_changed: the same people with another phone, education and employer.
    """
    for index in range(first, first + count):
        rng = random.Random(index)
        day, turn = index * 7919 % _DAYS, index // _DAYS
        born = f"{1950 + day % 50}{day // 50 % 12 + 1:02d}{day // 600 + 1:02d}"
        sequence = 100 + turn
        number = f"522727{born}{sequence}"
        named = turn + day * 31
        name = (
            _SURNAMES[named % 20] + _GIVEN[named // 20 % 28] + _GIVEN[(named // 560 + named) % 28]
            if named % 9
            else _SURNAMES[named % 20] + _GIVEN[named // 20 % 28]
        )
        row = [
            index + 1,
            name,
            "男" if sequence % 2 else "女",
            rng.choice(("布依族", "汉族", "苗族", "毛南族")),
            "居民身份证",
            number + check_digit(number),
            f"{born[:4]}.{born[4:6]}",
            rng.choice(("大专", "本科", "高中", "硕士研究生")),
            rng.choice(("群众", "中共党员", "共青团员")),
            f"1{rng.randrange(30, 100)}{rng.randrange(10**8):08d}",
            rng.choice(("在编", "合同制", "劳务派遣")),
            rng.choice(("是", "否")),
            f"{rng.randrange(2005, 2018)}.{rng.randrange(1, 13):02d}",
            f"52{index:010d}",
            rng.choice(tuple(CODES["employment"])),
            rng.choice(tuple(CODES["skill"])),
            rng.choice(tuple(CODES["household"])),
            "贵州省平塘县" + rng.choice(_ROADS),
            rng.choice(("贵州平塘", "贵州独山", "贵州罗甸", "湖南衡阳")),
            rng.choice(("平塘供电局", "平塘供电局金盆供电所", "平塘供电局平舟供电所")),
        ]
        if is_changed:
            row[7] = "大专" if row[7] != "大专" else "本科"
            row[9] = f"1{rng.randrange(30, 100)}{rng.randrange(10**8):08d}"
            row[19] = "平塘供电局克度供电所"
        yield row


def write_roster(path: Path, rows: Iterable[list[Any]]) -> None:
    """Rows as an office's workbook, repeated texts stored once as office programs do: title, note with the union,
    header, rows."""
    FastExcel(path).sheet(
        "会员花名册",
        (dict(zip(HEADERS, row, strict=True)) for row in rows),
        header_row=2,
        merge_ranges=[
            (0, 0, 0, 8, UNION + "会员花名册"),
            (1, 0, 1, 8, f"工会名称：{UNION}          填表日期：2018年3月"),
        ],
        dedupe_strings=True,
    ).save()


def write_plain(path: Path, rows: Iterable[list[Any]]) -> None:
    """Rows as the stock importer needs them: the header first, the union in a column, codes for labels, dates in ISO
    form."""
    headers = (*HEADERS, "工会名称")
    FastExcel(path).sheet(
        "会员花名册",
        (dict(zip(headers, [*_coded(row), UNION], strict=True)) for row in rows),
        dedupe_strings=True,
    ).save()


def _coded(row: list[Any]) -> list[Any]:
    coded = [CODES[field][cell] if field in CODES else cell for field, cell in zip(FIELDS, row, strict=True)]
    for at in (6, 12):
        coded[at] = coded[at].replace(".", "-")
    return coded


def records(rows: Iterable[list[Any]], union_id: int) -> Iterator[tuple[Any, ...]]:
    """Rows as the member table holds them, every column but the key, in the order of `bulk.attnames`."""
    names = [name for name in bulk.attnames(Member) if name != "id"]
    blank = dict(zip(bulk.attnames(Member), bulk.blank_row(Member), strict=True))
    for row in rows:
        values = {**blank, **dict(zip(FIELDS, _coded(row), strict=True))}
        number = values["id_number"]
        values |= {
            "union_id": union_id,
            "name_key": values["name"],
            "born_on": f"{number[6:10]}-{number[10:12]}-{number[12:14]}",
            "id_number": crypto.seal(number),
            "id_index": crypto.blind_index(number),
            "is_migrant": values["is_migrant"] == "1",
            "status": "active",
        }
        yield tuple(values[name] for name in names)
