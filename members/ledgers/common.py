"""Columns and checks that rosters of persons share."""

import re
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError

from members.models.codes import (
    ETHNICITIES,
    ETHNICITY_SYNONYMS,
    GENDER_SYNONYMS,
    ID_TYPE_SYNONYMS,
    Gender,
    IdType,
)
from members.models.people import check_id_number
from pingtang_union.core import crypto
from pingtang_union.core.cleaning import Cell, Cleaned, code, digits, is_blank, partial_date, person_name, quoted, text
from pingtang_union.core.text import fold_name
from pingtang_union.core.validators import RESIDENCE_PERMIT_REGIONS, day_of_birth, today
from pingtang_union.ledger.declaration import Column
from pingtang_union.ledger.outcome import RowOutcome

_PLAIN_NUMBER = re.compile(r"[0-9]{17}[0-9X]")


def _id_number(cell: Cell) -> Cleaned:
    """The number as text; which check fits depends on the document and follows in `check_identity`. A mask
    (522727********9937) stays one, for `namesakes.recognise_masked`."""
    if cell.__class__ is str and _PLAIN_NUMBER.fullmatch(cell):
        return Cleaned(cell)  # nearly every row
    return Cleaned(None) if is_blank(cell) else Cleaned(digits(cell, "证件号码"))


NAME = Column(
    "name",
    "姓名",
    person_name,
    "会员 会员姓名 职工姓名 学员 参训学员 参加人员 干部姓名 人员姓名 名字 参训人员 学员姓名",
    is_essential=True,
    is_required=True,
    is_repetitive=False,
)
GENDER = Column("gender", "性别", code(Gender.choices, GENDER_SYNONYMS), "男女")
ETHNICITY = Column("ethnicity", "民族", code(ETHNICITIES, ETHNICITY_SYNONYMS), "族别 民族成份 民族成分")
DATE_NOTE = "知道到哪天就写到哪天，如 2018-03-01、2018年3月、2018。"
PHONE_NOTE = "按文本填写；几个号码之间用顿号隔开，座机写区号，如 0854-4821234。"
BORN_ON = Column(
    "born_on",
    "出生年月",
    partial_date(),
    "出生日期 出生时间 生日 出生年月日 出生",
    note="可以不填，有居民身份证号的按号码登记。",
)
ID_TYPE = Column(
    "id_type",
    "证件类型",
    code(IdType.choices, ID_TYPE_SYNONYMS),
    "证件种类 证件名称 证照类型 证件类别",
    note="不填按居民身份证登记。",
)
ID_ALIASES = (
    "身份证号码 身份证 公民身份号码 公民身份证号码 居民身份证号 居民身份证号码 "
    "证件号码 证件号 身份号码 身份证件号码 身份证件号 身份证编号"
)
NOTE = Column("note", "备注", text(200), "说明 附注 备注说明")
UNION_ALIASES = (
    "工会全称 所属工会 所在工会名称 工会名称 工会组织 基层工会 所在单位工会 所属基层工会 所在基层工会 单位工会 工会"
)


def id_number_column(*, is_required: bool) -> Column:
    """The number's column; a member can't be entered without it, a cadre can."""
    return Column(
        "id_number",
        "身份证号",
        _id_number,
        ID_ALIASES,
        note="按文本填写完整号码，最后一位是 X 的也要写上。",
        is_text=True,
        is_essential=is_required,
        is_required=is_required,
        is_repetitive=False,
    )


# As plain texts: rows by the hundred thousand are compared with them, packed and written.
_RESIDENT, _PERMIT = IdType.RESIDENT.value, IdType.PERMIT.value
_MALE, _FEMALE = Gender.MALE.value, Gender.FEMALE.value


def check_identity(rows: Iterable[RowOutcome]) -> None:
    """Check each number by its document, index it, and compare it with gender and birth.

    A contradiction is a warning, and the record keeps what the sheet says; where the number and the
    sheet agree, the record takes the exact day of birth from the number.
    """
    day = today().isoformat()
    for row in rows:
        values = row.values
        if "name" in values:
            values["name_key"] = fold_name(values["name"])
        number = values.get("id_number")
        if number is None or "*" in number:
            continue
        id_type = values.get("id_type")
        if id_type in (None, _RESIDENT) and (born := day_of_birth(number, day)):  # nearly every row
            values["id_type"] = _RESIDENT
            values["id_index"] = crypto.blind_index(number)
            _compare_with_number(row, number, born, values)
            continue
        if id_type is None:
            # Eighteen characters that check are a GB 11643 number, and no other document has that form.
            id_type = values["id_type"] = _RESIDENT
        if id_type == _RESIDENT and number[:2] in RESIDENCE_PERMIT_REGIONS:
            id_type = values["id_type"] = _PERMIT
        try:
            number = values["id_number"] = check_id_number(number, id_type)
        except ValidationError as error:
            row.reject("身份证号", f"身份证号：{error.messages[0]}", cell=quoted(number))
            del values["id_number"]
            continue
        values["id_index"] = crypto.blind_index(number)
        if id_type in (_RESIDENT, _PERMIT):
            _compare_with_number(row, number, f"{number[6:10]}-{number[10:12]}-{number[12:14]}", values)


def _compare_with_number(row: RowOutcome, number: str, born: str, values: dict[str, Any]) -> None:
    gender = _MALE if number[16] in "13579" else _FEMALE
    stated = values.get("gender")
    if stated is None:
        values["gender"] = gender
    elif stated != gender and stated in (_MALE, _FEMALE):
        said, told = Gender(stated).label, Gender(gender).label
        row.warn("性别", f"性别：填的是「{said}」，身份证号表明是「{told}」，请核对哪个写错了。")
    written = values.get("born_on")
    if written is None or born.startswith(written):
        values["born_on"] = born
    else:
        row.warn("出生年月", f"出生年月：填的是 {written}，与身份证号里的出生日期不同，请核对哪个写错了。")


def warn_of_another_name(row: RowOutcome) -> None:
    """One number, another name than the record has: taken, but a person must look."""
    old, new = (row.before or {}).get("name"), row.values["name"]
    row.warn("姓名", f"姓名：同一证件号原登记为「{old}」，改为「{new}」，请核对。")
