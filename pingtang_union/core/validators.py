"""Validators shared by apps: identity numbers, credit codes, phones, passwords.

Each says in Chinese what is wrong and what to do, since clerks read it beside a cell.
"""

import re
import unicodedata
from datetime import date, datetime
from functools import cache, lru_cache
from operator import mul
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from stdnum import numdb
from stdnum.cn import uscc

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"
_IDENTITY = re.compile(r"\d{17}[\dX]")
_MOBILE = re.compile(r"1[3-9]\d{9}")
_LANDLINE = re.compile(r"(?:0\d{2,3}-?)?[2-9]\d{6,7}(?:-\d{1,6})?")
# Permits for residents of 香港 81, 澳门 82, 台湾 83 carry numbers of the same form (国办发〔2018〕81号);
# GB/T 2260 gives these regions no counties, so that a plain look-up rejects 83.
RESIDENCE_PERMIT_REGIONS = ("81", "82", "83")


def today() -> date:
    """Today in the federation's time zone. Rosters ask it for every number, and localdate() is twenty times slower."""
    return datetime.now(timezone.get_default_timezone()).date()


@cache
def _province_is_known(code: str) -> bool:
    """Whether the first digits of a six-digit region code are a province's (GB/T 2260 as python-stdnum has it).

    Counties are not compared: a number keeps the code of a county that was renamed since, or was new when
    the number was given out, and the table's years can't tell.
    """
    return bool(numdb.get("cn/loc").info(code)[0][1])


# A roster has few regions, days and sequence numbers, each many times: what the digits weigh is looked up.
@lru_cache(maxsize=4096)
def _region(digits: str) -> int | None:
    if digits[:2] in RESIDENCE_PERMIT_REGIONS or not _province_is_known(digits):
        return None
    return sum(map(mul, _WEIGHTS, map(int, digits)))


@lru_cache(maxsize=65536)
def _birth(digits: str) -> tuple[int, str] | None:
    try:
        born = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None
    return sum(map(mul, _WEIGHTS[6:], map(int, digits))), born.isoformat()


@lru_cache(maxsize=1000)
def _sequence(digits: str) -> int:
    return sum(map(mul, _WEIGHTS[14:], map(int, digits)))


def day_of_birth(number: str, today: str) -> str:
    """The day of birth (ISO) in a mainland resident's number that is right in every digit, or "": then
    `validate_identity_number` says what is wrong. A fifth of its time, for rosters. `today`: in ISO form."""
    if not (len(number) == 18 and number.isascii() and number[:17].isdigit()):
        return ""
    region, birth = _region(number[:6]), _birth(number[6:14])
    if region is None or birth is None or birth[1] > today:
        return ""
    is_right = _CHECK[(region + birth[0] + _sequence(number[14:17])) % 11] == number[17]
    return birth[1] if is_right else ""


def check_digit(first17: str) -> str:
    """Check character of an 18-character identity number (GB 11643-1999, ISO 7064 MOD 11-2)."""
    return _CHECK[sum(map(mul, _WEIGHTS, map(int, first17))) % 11]


def validate_identity_number(number: str) -> None:
    """Check a resident identity number or residence permit number of 18 characters (GB 11643-1999)."""
    if len(number) == 15 and number.isdigit():
        raise ValidationError("是 15 位的旧号码，请改填 18 位身份证号。")
    if len(number) != 18:
        raise ValidationError(f"应为 18 位，现在是 {len(number)} 位，请核对后重填。")
    if not _IDENTITY.fullmatch(number):
        raise ValidationError("只能由 17 位数字加末位数字或 X 组成，请核对后重填。")
    if number[:2] not in RESIDENCE_PERMIT_REGIONS and not _province_is_known(number[:6]):
        raise ValidationError(f"前 6 位 {number[:6]} 不是任何地区的代码，请核对后重填。")
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        raise ValidationError(f"第 7 至 14 位 {number[6:14]} 不是一个日期，请核对后重填。") from None
    if born > today():
        raise ValidationError(f"第 7 至 14 位 {number[6:14]} 的出生日期在今天以后，请核对后重填。")
    if number[17] != check_digit(number[:17]):
        raise ValidationError("校验码不对（有一位或几位写错了），请对照身份证重填。")


def validate_credit_code(code: str) -> None:
    """Check a union's unified social credit code (GB 32100-2015). Unions' codes start with 81 or 89."""
    if len(code) != 18:
        raise ValidationError(f"统一社会信用代码应为 18 位，现在是 {len(code)} 位，请核对后重填。")
    if not uscc.is_valid(code):
        raise ValidationError("统一社会信用代码的校验码或字符不对，请对照法人证书重填。")
    if code[:2] not in ("81", "89"):
        raise ValidationError("工会的统一社会信用代码以 81 或 89 开头；请填工会的代码，不是用人单位的代码。")


def validate_mobile(number: str) -> None:
    """Check a mainland mobile number of 11 digits."""
    if not _MOBILE.fullmatch(number):
        raise ValidationError("不是手机号码，应为 1 开头的 11 位数字，请核对后重填。")


def validate_phone(number: str) -> None:
    """Check mobile numbers or landlines with or without their area code, several with 、 between."""
    if not all(_MOBILE.fullmatch(one) or _LANDLINE.fullmatch(one) for one in number.split("、")):
        raise ValidationError("不是电话号码，应为 11 位手机号，或区号加座机号如 0854-4821234，请核对后重填。")


class LettersAndDigitsValidator:
    """Passwords hold letters and digits both (等保 2.0: 口令应有复杂度要求, GB/T 22239-2019 8.1.4.1)."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ValidationError unless the password has a letter and a digit."""
        if not (re.search(r"[A-Za-z]", password) and re.search(r"\d", password)):
            raise ValidationError("密码里要同时有字母和数字。", code="password_letters_and_digits")

    def get_help_text(self) -> str:
        """What the password form shows."""
        return "密码里要同时有字母和数字。"


_DOCUMENT_NUMBER = re.compile(r"([\u4e00-\u9fff]{2,15})〔([12]\d{3})〕([1-9]\d{0,4})号")


def tidy_document_number(text: str) -> str:
    """A document's number with the brackets and digits that it is given (GB/T 9704-2012, 7.2.5): other brackets become
    〔〕, wide digits narrow, 第 and leading zeros go. What is no number stays as it is."""
    plain_text = unicodedata.normalize("NFKC", text)
    plain_text = re.sub(r"\s+", "", plain_text)
    match = re.fullmatch(r"(.+?)[〔(\[【﹝](\d{4})[〕)\]】﹞](?:第)?0*(\d+)号", plain_text)
    return f"{match[1]}〔{match[2]}〕{match[3]}号" if match else text.strip()


def validate_document_number(text: str) -> None:
    """Check the number of an official document, such as 平工发〔2018〕12号 (GB/T 9704-2012, 7.2.5)."""
    match = _DOCUMENT_NUMBER.fullmatch(text)
    if match is None:
        raise ValidationError("文号要写成 平工发〔2018〕12号 这样：年份用六角括号〔〕，序号前不加「第」和 0。")
    if not 1949 <= int(match[2]) <= today().year + 1:
        raise ValidationError(f"文号里的年份 {match[2]} 不对，请核对。")
