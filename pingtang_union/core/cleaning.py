"""Step 3: cells become values. A cell that can't surely be read is refused with what to do, never guessed.

Every cleaner takes a cell as `read` gives it (str, float, int, bool, date, datetime, time or "")
and returns `Cleaned`, or raises CleanError with the clerk's words. A blank cell is `Cleaned(None)`.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError

from pingtang_union.core.masking import masked
from pingtang_union.core.text import fold, narrow, visible
from pingtang_union.core.validators import today, validate_credit_code, validate_mobile, validate_phone

Cell = Any
_BLANK = {"", "无", "無", "—", "-", "--", "/", "\\", "——", "无此项", "空"}
_FORMULA = re.compile(r"[=+@]|-(?!\d)")
_DITTO = {"同上", "〃", "″", "”", '"', "''", "〃〃"}
_DITTO_MARKS = set("同〃″”\"＂'")
_ERRORS = re.compile(r"#(?:REF!|N/A|VALUE!|NAME\?|DIV/0!|NULL!|NUM!|SPILL!|CALC!)")


class CleanError(Exception):
    """Why a cell can't be taken, in words for the clerk."""


class Cleaned(NamedTuple):
    """A value as the record holds it, and a warning where the clerk should look."""

    value: Any
    warning: str = ""


Cleaner = Callable[[Cell], Cleaned]
NOTHING = Cleaned(None)


def is_ditto(cell: Cell) -> bool:
    """Whether a cell says "as above": 同上 and the marks for it, with blanks or a full stop around."""
    return (
        cell.__class__ is str
        and len(cell) < 8
        and not _DITTO_MARKS.isdisjoint(cell)  # nearly every cell ends here
        and narrow(cell).rstrip("。.") in _DITTO
    )


def is_blank(cell: Cell) -> bool:
    """Whether a cell says nothing: empty, white space, 无, a dash."""
    if cell.__class__ is not str:
        return cell is None
    return cell in _BLANK or (narrow(cell) in _BLANK if len(cell) < 12 else not cell.strip())


def as_text(cell: Cell) -> str:
    """A cell as a person reads it: 12.0 is 12, dates are ISO."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == datetime.min.time() else cell.isoformat(" ", "minutes")
    if isinstance(cell, date):
        return cell.isoformat()
    return "" if cell is None else str(cell)


def _refuse_unreadable(text: str) -> None:
    if is_ditto(text):
        raise CleanError(f"写的是「{text}」，上面却没有可以照抄的行，请写出实际内容。")
    if _ERRORS.fullmatch(text):
        raise CleanError(f"单元格里是公式错误 {text}，请改成实际的内容。")


def quoted(cell: Cell) -> str:
    """A cell as messages quote it: long numbers masked, long texts cut."""
    shown = masked(visible(as_text(cell)))
    return shown if len(shown) <= 40 else shown[:40] + "…"


def text(max_length: int, *, squeeze: bool = False, formula_ok: bool = False) -> Cleaner:
    """Free text. What looks like a formula is taken as the text that it is, with a warning: every workbook of ours
    gives it back as one. `squeeze` drops all white space and refuses a formula: names of unions have neither."""

    def clean(cell: Cell) -> Cleaned:
        if is_blank(cell):
            return NOTHING
        value = visible(as_text(cell))
        if squeeze:
            value = value.replace(" ", "")
        _refuse_unreadable(value)
        is_odd = not formula_ok and _FORMULA.match(narrow(value)) is not None
        if is_odd and squeeze:
            raise CleanError("是公式，不是文字内容，请改成实际的文字。")
        if len(value) > max_length:
            raise CleanError(f"太长：{len(value)} 个字，最多 {max_length} 个字，请缩短或核对是否填错了列。")
        return Cleaned(value, f"「{quoted(value)}」像公式，按文字登记，请核对。" if is_odd else "")

    return clean


_LATIN_GAP = re.compile(r"(?<=[A-Za-z.]) (?=[A-Za-z])")
_DOT = re.compile(r"[•‧・．∙⋅●]")
_NAME = re.compile(r"[^\W\d_][^\d_]*")


_SEVERAL = re.compile(r"[、/,;，；]")
_GENDER_REMARK = re.compile(r"[（(][男女][)）]$")
_NOBODY = {"空缺", "暂缺", "待定", "暂无", "未定", "缺", "待补", "待选"}
_NOT_NAMES = _BLANK | _NOBODY | _DITTO
_PLAIN_NAME = re.compile(r"[\u4e00-\u9fff]{2,4}")


def person_name(cell: Cell) -> Cleaned:
    """A person's name: white space and invisible characters dropped, dots of foreign names made alike."""
    if cell.__class__ is str and _PLAIN_NAME.fullmatch(cell) and cell not in _NOT_NAMES:
        return Cleaned(cell)  # nearly every row
    if is_blank(cell) or (cell.__class__ is str and narrow(cell) in _NOBODY):
        return NOTHING
    value = visible(as_text(cell))
    _refuse_unreadable(value)
    if _FORMULA.match(narrow(value)):
        raise CleanError("是公式，不是姓名，请填写真实姓名。")
    value = _DOT.sub("·", _LATIN_GAP.sub("\0", value).replace(" ", "").replace("\0", " "))
    if len(value) > 50:
        raise CleanError(f"太长：{len(value)} 个字，姓名最多 50 个字，请核对是否填错了列。")
    if not _NAME.fullmatch(value):
        raise CleanError(f"「{quoted(value)}」不像姓名（有数字或符号），请填写身份证上的姓名。")
    if _SEVERAL.search(value):
        raise CleanError(f"「{quoted(value)}」像是写了几个人，一行只填一个人的姓名。")
    if remark := _GENDER_REMARK.search(value):
        return Cleaned(value[: remark.start()], f"「{value}」里的{remark[0]}不作姓名读入，请核对。")
    return Cleaned(value)


# --- Code lists ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class CodeList:
    """Cleaner of a code list. `labels`: label by code; `known`: code by folded label, code or other word."""

    labels: Mapping[str, str]
    known: Mapping[str, str]

    @property
    def choices(self) -> tuple[str, ...]:
        """The labels, in the list's order."""
        return tuple(self.labels.values())

    def __call__(self, cell: Cell) -> Cleaned:
        if is_blank(cell):
            return NOTHING
        written = as_text(cell)
        value = self.known.get(fold(written))
        if value is None:
            raise CleanError(f"「{quoted(written)}」不在可选范围内，请从以下选项中选填：{'、'.join(self.choices)}。")
        return Cleaned(value)


def code(choices: Iterable[tuple[Any, Any]], synonyms: Mapping[str, str] | None = None) -> CodeList:
    """A code list: labels, codes and known other words; anything else is refused with the choices.

    `synonyms`: by code, the other words for it, between blanks.
    """
    pairs = [(str(value), str(label)) for value, label in choices if value != ""]
    known: dict[str, str] = {}
    for value, label in pairs:
        known[fold(label)] = value
    for value, others in (synonyms or {}).items():
        for other in others.split():
            known.setdefault(fold(other), value)
    for value, _label in pairs:
        known.setdefault(fold(value), value)
        known.setdefault(fold(value).lstrip("0"), value)  # a code that a spreadsheet took for a number
    return CodeList(dict(pairs), known)


_YES = {fold(word) for word in ("是", "√", "✓", "✔", "1", "有", "y", "yes", "true", "对", "属于")} | {
    "√",
    "✓",
    "✔",
    "☑",
    "v",
}
_NO = {fold(word) for word in ("否", "0", "n", "no", "false", "不是", "没有", "非", "不属于")} | {"×", "✗", "✘", "╳"}


YES_NO = ("是", "否")


def yes_no(cell: Cell) -> Cleaned:
    """是/否 and the ways people write them. 无 means no here."""
    if is_blank(cell) and narrow(cell or "") not in ("无", "無"):
        return NOTHING
    written = narrow(as_text(cell))
    folded = fold(written) or written
    if folded in _YES:
        return Cleaned(True)
    if folded in _NO or folded in ("无", "無"):
        return Cleaned(False)
    raise CleanError(f"「{quoted(cell)}」看不出是「是」还是「否」，请填「是」或「否」。")


# --- Numbers -------------------------------------------------------------------------------

_COUNT = re.compile(r"(\d{1,3}(?:,\d{3})+|\d+)(?:\.0+)?(?:个|人|名|位|次|天|日|年|期|人次)?")


def count(maximum: int = 10_000_000) -> Cleaner:
    """A whole number, not negative: 12, 12人, 1,200. 30余人 is refused, since nobody knows how many that is."""

    def clean(cell: Cell) -> Cleaned:
        if cell is None or (isinstance(cell, str) and narrow(cell) in _BLANK):
            return NOTHING
        match = _COUNT.fullmatch(narrow(as_text(cell)))
        if isinstance(cell, bool) or not match:
            raise CleanError(f"「{quoted(cell)}」不是一个确切的整数，请填阿拉伯数字，如 30。")
        value = int(match[1].replace(",", ""))
        if value > maximum:
            raise CleanError(f"{value} 太大（最多 {maximum}），请核对。")
        return Cleaned(value)

    return clean


# --- Numbers that are names: identity numbers, codes, phones ---------------------------------

_PLAIN_MOBILE = re.compile(r"1[3-9][0-9]{9}")
# An area code has three or four digits with its nought, the number behind it seven or eight.
_LANDLINE_WITHOUT_NOUGHT = re.compile(r"(?:10|2\d)-?[2-9]\d{7}|[3-9]\d{2}-?[2-9]\d{6,7}")
_SCIENTIFIC = re.compile(r"\d(?:\.\d+)?[eE]\+?\d+")
_EXACT_DIGITS = 15  # a spreadsheet number keeps 15 significant digits (IEEE 754 double)


def digits(cell: Cell, what: str) -> str:
    """A number-like cell as upper-case text. Refuses one whose last digits the spreadsheet has lost."""
    if cell.__class__ is str and cell.isascii() and cell[:-1].isdigit() and cell[-1] in "0123456789Xx":
        return cell.upper()  # nearly every row
    if isinstance(cell, date):
        raise CleanError(f"「{as_text(cell)}」是日期，不是{what}，请把单元格格式改为「文本」后重新填写。")
    if isinstance(cell, float | int) and not isinstance(cell, bool):
        if abs(cell) >= 10**_EXACT_DIGITS:
            raise CleanError(
                "是按数字存的，超过 15 位的末几位已经丢失，无法还原。"
                f"请把单元格格式改为「文本」后重新填写完整的{what}。"
            )
        if isinstance(cell, float) and not cell.is_integer():
            raise CleanError(f"「{cell}」带小数，不是{what}，请按「文本」格式重新填写。")
    written = narrow(as_text(cell))
    written = written.removeprefix("=").strip("'`’‘\"").upper()  # ="522…" keeps digits in text tables
    if _SCIENTIFIC.fullmatch(written):
        raise CleanError(
            f"「{written}」是科学计数法，末几位已经丢失，请把单元格格式改为「文本」后重新填写完整的{what}。"
        )
    return written


def _validated(cell: Cell, what: str, validate: Callable[[str], None], drop: str = " ") -> Cleaned:
    if is_blank(cell):
        return NOTHING
    value = digits(cell, what)
    for char in drop:
        value = value.replace(char, "")
    try:
        validate(value)
    except ValidationError as error:
        raise CleanError(error.messages[0]) from error
    return Cleaned(value)


def credit_code(cell: Cell) -> Cleaned:
    """A union's unified social credit code."""
    return _validated(cell, "统一社会信用代码", validate_credit_code, drop="-")


def mobile(cell: Cell) -> Cleaned:
    """A mobile number; +86, blanks and dashes are dropped."""
    if cell.__class__ is str and _PLAIN_MOBILE.fullmatch(cell):
        return Cleaned(cell)  # nearly every row
    return _validated(_without_country_code(cell), "手机号码", validate_mobile, drop="-")


def phone(cell: Cell) -> Cleaned:
    """One or several mobile or landline numbers."""
    if is_blank(cell):
        return NOTHING
    if _LANDLINE_WITHOUT_NOUGHT.fullmatch(written := narrow(as_text(cell))):
        raise CleanError(
            f"「{written}」像座机号，区号开头的 0 丢了。请把单元格格式改为「文本」后重新填写，如 0854-4821234。"
        )
    if cell.__class__ is not str:
        return _validated(_without_country_code(cell), "电话号码", validate_phone)
    numbers = [
        _without_country_code(part)
        for part in re.split(r"[、/;,，；]|(?<=\d{7})\s+(?=\d)", visible(cell))
        if part.strip()
    ]
    return _validated("、".join(numbers), "电话号码", validate_phone, drop="()")


def _without_country_code(cell: Cell) -> Cell:
    if cell.__class__ is not str:
        cell = as_text(cell)
    if not (cell.isascii() and cell.isdigit() and len(cell) == 11):
        return re.sub(r"^(?:\+|00)?86-?(?=1[\d-]{10,}$)", "", re.sub("[—–−]", "-", narrow(cell)).replace("转", "-"))
    return cell


# --- Dates ---------------------------------------------------------------------------------

# No union, member or course of ours is older than the national federation, founded on 1 May 1925.
EARLIEST = date(1925, 5, 1)
_CHINESE_DIGITS = str.maketrans("〇零○OoО一二三四五六七八九", "000000123456789")
_WORDED = re.compile(
    r"([0-9〇零○OoО一二三四五六七八九]{4}|[0-9]{2})年"
    r"(?:([0-9一二三四五六七八九十]{1,3})月份?(?:([0-9一二三四五六七八九十]{1,3})[日号]?)?)?"
)
_SEPARATED = re.compile(
    r"(\d{4}|\d{2})[-./,、。·](\d{1,2})(?:[-./,、。·](\d{1,2}))?(?:T?\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?"
)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})?")
_DAY_FIRST = re.compile(r"\d{1,2}[-/.]\d{1,2}[-/.]\d{4}")
_DAY_ZERO = date(1899, 12, 30)
_WITHOUT_YEAR = re.compile(r"\d{1,2}月(?:\d{1,2}[日号])?|\d{1,2}[日号]|(?:星期|周)[一二三四五六日天]")


def _number(text: str | None) -> str | None:
    """A month or day in digits of either kind as digits: 十二 is 12."""
    return None if text is None else str(_chinese_number(text))


def _chinese_number(text: str) -> int:
    if "十" not in text:
        return int(text.translate(_CHINESE_DIGITS))
    tens, ones = text.split("十")
    return (int(tens.translate(_CHINESE_DIGITS)) if tens else 1) * 10 + (
        int(ones.translate(_CHINESE_DIGITS)) if ones else 0
    )


def clean_partial_date(
    cell: Cell, *, earliest: date = EARLIEST, latest: date | None = None, day_shift: int = 0
) -> Cleaned:
    """A date as exact as it is written, in ISO form: "2016", "2016-05" or "2016-05-12".

    Takes 2018.03, 2018年3月, 20180301, 二〇一八年三月, dates of the spreadsheet and its day numbers. A two-digit
    year is taken, with a warning, where only one century fits between `earliest` and `latest` (today by default).
    Refused: months and days that don't exist, the future, a day without its year, and the number 2018.1 (2018.10?).

    day_shift: what the workbook's own day numbers lack to count from 1899-12-30 (`Sheet.day_shift`).
    """
    latest = latest or today()
    warning = ""
    if isinstance(cell, datetime):
        return _in_range(cell.year, cell.month, cell.day, earliest, latest)
    if isinstance(cell, date):
        return _in_range(cell.year, cell.month, cell.day, earliest, latest)
    if is_blank(cell):
        return NOTHING
    written = narrow(as_text(cell)).strip("'‘’。.·")
    shown = quoted(cell)
    if isinstance(cell, float) and not cell.is_integer() and re.fullmatch(r"\d{4}\.1", written):
        raise CleanError(f"「{written}」是数字，分不清是 1 月还是 10 月，请写成 {written[:4]}-01 或 {written[:4]}-10。")
    if re.fullmatch(r"\d{5}(?:\.\d+)?", written):
        written = written.partition(".")[0]  # behind the point stands the time of day
        day = _DAY_ZERO + timedelta(days=int(written) + day_shift)
        if day_shift:
            warning = f"「{written}」按这个工作簿的日期系统（从 1904 年算起）读作 {day.isoformat()}，请核对。"
        elif isinstance(cell, str) or day.year < 1980:  # 20183 may be a date of 1955, or 2018.3 without its point
            warning = f"「{written}」按电子表格的日期序号读作 {day.isoformat()}，请核对。"
        return _in_range(day.year, day.month, day.day, earliest, latest, warning)
    parts: tuple[str | None, ...]
    if match := _WORDED.fullmatch(written):
        parts = (match[1].translate(_CHINESE_DIGITS), _number(match[2]), _number(match[3]))
    elif match := re.fullmatch(r"(\d{4})年?(?:份|度)?", written):
        parts = (match[1], None, None)
    elif (match := _COMPACT.fullmatch(written)) or (match := _SEPARATED.fullmatch(written)):
        parts = match.groups()
    elif _WITHOUT_YEAR.fullmatch(written):
        raise CleanError(f"「{shown}」没有年份。日期要写上四位年份，如 2018-03-01；格子没有显示年份的，请改成显示。")
    elif _DAY_FIRST.fullmatch(written):
        raise CleanError(f"「{shown}」分不清月和日，请按 年-月-日 写，如 2018-03-01。")
    else:
        raise CleanError(f"「{shown}」看不出是什么日期，请按 年-月-日 写，如 2018-03-01 或 2018年3月。")
    year = str(parts[0])
    if len(year) == 2:
        fitting = [century for century in (1900, 2000) if earliest.year <= century + int(year) <= latest.year]
        if len(fitting) != 1:
            raise CleanError(f"「{shown}」的年份只有两位，分不清是哪个世纪，请写四位年份。")
        year = str(fitting[0] + int(year))
        warning = f"「{shown}」的年份只有两位，按 {year} 年读入，请核对。"
    return _in_range(
        int(year),
        int(parts[1]) if parts[1] else None,
        int(parts[2]) if parts[2] else None,
        earliest,
        latest,
        warning,
        shown,
    )


def _in_range(
    year: int, month: int | None, day: int | None, earliest: date, latest: date, warning: str = "", shown: str = ""
) -> Cleaned:
    shown = shown or "-".join(f"{part:02d}" for part in (year, month, day) if part is not None)
    if month is not None and not 1 <= month <= 12:
        raise CleanError(f"「{shown}」没有 {month} 月，请核对后重填。")
    try:
        first = date(year, month or 1, day or 1)
    except ValueError:
        raise CleanError(f"「{shown}」这一天不存在，请核对后重填。") from None
    if first > latest:
        raise CleanError(f"「{shown}」在{'今天' if latest == today() else latest.isoformat()}以后，请核对后重填。")
    if (year, month or 12, day or 31) < (earliest.year, earliest.month, earliest.day):
        raise CleanError(f"「{shown}」太早（早于 {earliest.isoformat()}），请核对后重填。")
    if day == 0:
        raise CleanError(f"「{shown}」没有 0 日，请核对后重填。")
    exact = f"{year:04d}" + (f"-{month:02d}" if month else "") + (f"-{day:02d}" if month and day else "")
    return Cleaned(exact, warning)


@dataclass(frozen=True, slots=True)
class DateCleaner:
    """Cleaner of a date column; a plan may name days until the end of the year after next."""

    earliest: date = EARLIEST
    day_shift: int = 0
    is_plan: bool = False

    def __call__(self, cell: Cell) -> Cleaned:
        latest = date(today().year + 2, 12, 31) if self.is_plan else None
        return clean_partial_date(cell, earliest=self.earliest, latest=latest, day_shift=self.day_shift)


def partial_date(*, earliest: date = EARLIEST, is_plan: bool = False) -> DateCleaner:
    """Cleaner of a date column."""
    return DateCleaner(earliest, is_plan=is_plan)


def counting_days(clean: Cleaner, day_shift: int) -> Cleaner:
    """The cleaner for a workbook whose day numbers count from another day than 1899-12-30."""
    return replace(clean, day_shift=day_shift) if day_shift and isinstance(clean, DateCleaner) else clean
