"""What must not stand in anything that strangers read: identity numbers, cards and accounts, phones of persons.

`findings` tells where and which, also in wide or Chinese digits (一三八, 壹叁捌) and with blanks, dashes, dots or
invisible signs between the digits. Masks, numbers of documents, amounts, dates, credit codes and numbers of
certificates are none. Who publishes something asks workflow.publishing, which knows the office's own phones.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from pingtang_union.core.cleaning import Cell, Cleaned, Cleaner, CleanError
from pingtang_union.core.masking import is_code, is_decimal
from pingtang_union.core.text import INVISIBLE
from pingtang_union.core.validators import check_digit

IDENTITY, CARD, MOBILE, PHONE = "身份证号码", "银行卡号或账号", "手机号码", "电话号码"
KINDS = (IDENTITY, CARD, MOBILE, PHONE)
BLOT = "******"

_CHINESE = {
    sign: str(value)
    for value, signs in enumerate(
        ("〇零○◯", "一壹弌幺", "二贰貳弐", "三叁參叄", "四肆", "五伍", "六陆陸", "七柒", "八捌", "九玖")
    )
    for sign in signs
}
# What people put between the digits of one number; a number goes on behind three of them at most.
_SPACES = "".join(map(chr, (*range(0x2000, 0x200B), 0x202F, 0x205F, 0x2028, 0x2029, 0x0B, 0x0C)))
_GAPS = frozenset(f" \t\r\n\u3000\xa0{_SPACES}-‐‑‒–—―－−﹣﹘~～_＿.．·•・∙。/／()（）[],，|｜+*:：")
_MOST_GAPS = 3
_UNSEEN = frozenset([*INVISIBLE, 0x180E, 0x20E3, *range(0xFE00, 0xFE10)])  # the signs that make a digit an emoji too
_X = frozenset("Xx×✕Ｘｘ")
_LATIN = re.compile(r"[0-9A-Za-z]")
_SHORTEST = 7  # digits of a number that may be one of these

_BORN = re.compile(r"[1-9]\d{5}(?:18|19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dX]")
_BORN_OLD = re.compile(r"[1-6]\d{7}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}")
_MOBILE = re.compile(r"(?:(?:00)?86)?(1[3-9]\d{9})")
_LANDLINE = re.compile(r"(?:(?:00)?86)?(0(?:10|2\d|[3-9]\d\d)[2-9]\d{6,7})")
_LOCAL = re.compile(r"[2-9]\d{6,7}")
_SERVICE = re.compile(r"[48]00\d{7}")
_DAY = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])|(?:19|20)\d\d(?:19|20)\d\d")
_AHEAD = 30  # signs before a number that say what it is
_SAYS_PHONE = re.compile(
    r"(?:电话|座机|热线|传真|致电|拨打|来电|电联|联系方式|号码|手机|微信|tel|phone|mobile|☎)[^\n。；;]{0,12}$", re.I
)
_SAYS_CARD = re.compile(r"(?:卡号|账号|帐号|账户|帐户|银行卡|存折)[^\n。；;]{0,12}$")
_UNITS = re.compile(r"\s*[元件人次个册年月日名户只份套台吨亩米度万亿%％]")
_OF_UNIT = re.compile(r"(?=.*[A-WYZ])[0-9A-HJ-NPQRTUWXY]{18}")  # a credit code, mistyped ones too: no card has letters
# In which groups a number is written. Others are numbers that happen to stand side by side.
_OF_MOBILE = {(3, 4, 4), (3, 8), (7, 4), (4, 4, 3), (3, 3, 5), (4, 7), (5, 6), (6, 5), (3, 2, 2, 2, 2), (3, 3, 3, 2)}
_OF_LOCAL = {(7,), (8,), (3, 4), (4, 4), (4, 3)}
_OF_SERVICE = {(10,), (3, 3, 4), (3, 4, 3), (4, 3, 3), (3, 7), (4, 6)}
_BEHIND_PARTS = {6, 10, 12, 14}  # of an identity number: region, year, month, day


@dataclass(frozen=True)
class Finding:
    """A number in a text: its kind, where it stands, and its digits alone."""

    kind: str
    start: int
    end: int
    number: str

    @property
    def shown(self) -> str:
        """As a page may show it: 138******45."""
        return self.number[:3] + "*" * (len(self.number) - 5) + self.number[-2:]


@dataclass(frozen=True)
class _Group:
    """Digits of one script without a gap between them. `is_joined`: it touches the one before, as in 138八五四一2345;
    in 张三13885412345 a number begins there."""

    digits: str
    start: int
    end: int
    is_joined: bool


def findings(text: str, listed: Collection[str] = (), kinds: Collection[str] = KINDS) -> list[Finding]:
    """The numbers in a text, in order, that strangers mustn't read.

    `listed`: phones of the office, in digits alone. `kinds`: what is looked for.
    """
    found: list[Finding] = []
    for run in _runs(text):
        place = 0
        while place < len(run):
            finding, used = _longest(text, run, place)
            if finding is not None and finding.kind in kinds and not _is_listed(finding, listed):
                found.append(finding)
            place += used
    return found


def hidden(text: str, listed: Collection[str] = ()) -> str:
    """`text` with these numbers made illegible."""
    for finding in reversed(findings(text, listed)):
        text = text[: finding.start] + BLOT + text[finding.end :]
    return text


def _is_listed(finding: Finding, listed: Collection[str]) -> bool:
    """Whether it is a phone of the office, whole or without its area code."""
    if finding.kind not in (MOBILE, PHONE):
        return False
    return any(one == finding.number or (_LOCAL.fullmatch(finding.number) and one.endswith(finding.number))
               for one in listed)  # fmt: skip


def public(clean: Cleaner, kinds: Collection[str] = KINDS) -> Cleaner:
    """A cleaner of a ledger's cells for what strangers will read: a number that mustn't go out is refused."""

    def clean_public(cell: Cell) -> Cleaned:
        cleaned = clean(cell)
        if found := findings(str(cleaned.value or ""), kinds=kinds):
            raise CleanError(f"里面有{found[0].kind}（{found[0].shown}），这一项会公开，请删去号码。")
        return cleaned

    return clean_public


# --- Digits and gaps -----------------------------------------------------------------------------


def _digit(sign: str) -> str:
    """A sign as the digit that it is, wide ones and those of other scripts too; "" for any other."""
    if sign < "\x80":
        return sign if "0" <= sign <= "9" else ""
    if (chinese := _CHINESE.get(sign)) is not None:
        return chinese
    value = unicodedata.digit(sign, None)  # ① and ¹ too
    return "" if value is None else str(value)


def _runs(text: str) -> Iterator[list[_Group]]:
    """Groups of digits that stand near enough to be one number; those with too few digits are left out."""
    run: list[_Group] = []
    digits, script, start, end, gaps, is_joined = "", False, 0, 0, 0, False
    for at, sign in enumerate(text):
        if ord(sign) in _UNSEEN:
            continue
        digit, is_chinese = _digit(sign), sign in _CHINESE
        if not digit and sign in _X and digits and not _LATIN.match(text, at + 1):
            digit, is_chinese = "X", script if not gaps else False
        if digit:
            if digits and (gaps or script != is_chinese):
                run.append(_Group(digits, start, end, is_joined))
                digits, is_joined = "", not gaps
            if not digits:
                start = at
            digits, script, end, gaps = digits + digit, is_chinese, at + 1, 0
        elif sign in _GAPS and gaps < _MOST_GAPS and digits:
            gaps += 1
        elif digits:
            run.append(_Group(digits, start, end, is_joined))
            digits, gaps, is_joined = "", 0, False
            yield from _worth(run)
            run = []
    if digits:
        run.append(_Group(digits, start, end, is_joined))
    yield from _worth(run)


def _worth(run: list[_Group]) -> Iterator[list[_Group]]:
    if sum(len(group.digits) for group in run) >= _SHORTEST:
        yield run


def _lengths(groups: list[_Group]) -> tuple[int, ...]:
    """How many digits stand between the gaps."""
    lengths: list[int] = []
    for place, group in enumerate(groups):
        if place and group.is_joined:
            lengths[-1] += len(group.digits)
        else:
            lengths.append(len(group.digits))
    return tuple(lengths)


# --- What a number is ----------------------------------------------------------------------------


def _longest(text: str, run: list[_Group], place: int) -> tuple[Finding | None, int]:
    """The longest number that begins with the group at `place`, and how many groups it takes; (None, 1) for none."""
    digits, last, best = "", place, 0
    kind, number = "", ""
    for last in range(place, len(run)):
        digits += run[last].digits
        if len(digits) > 40:
            break
        groups = run[place : last + 1]
        named = _kind(text, digits, groups, is_alone=place == 0 and last == len(run) - 1)
        if named is not None:
            (kind, number), best = named, last - place + 1
    if not best:
        return None, 1
    return Finding(kind, run[place].start, run[place + best - 1].end, number), best


def _kind(text: str, digits: str, groups: list[_Group], *, is_alone: bool) -> tuple[str, str] | None:
    """(kind, number) of digits in such groups, or None."""
    lengths = _lengths(groups)
    start, end = groups[0].start, groups[-1].end
    is_spelled = len(lengths) > 1 and set(lengths) == {1}  # a box, or a blank, for each digit
    plain = digits.removesuffix("X")
    ahead, in_cells = text[max(start - _AHEAD, 0) : start], _in_cells(text[start:end])
    if "X" in plain:
        return None
    if len(lengths) == 1:
        if not _BORN.fullmatch(digits) and (is_code(text, start, end) or _OF_UNIT.fullmatch(_token(text, start, end))):
            return None
        if len(plain) >= 15 and not _MOBILE.fullmatch(plain):
            if is_decimal(text, start, plain):
                return None
            is_identity = _BORN.fullmatch(digits) or _BORN_OLD.fullmatch(plain)
            return (IDENTITY if is_identity else CARD), digits
    elif _BORN.fullmatch(digits) and (is_spelled or _is_one(digits, lengths)):
        return IDENTITY, digits
    elif _BORN_OLD.fullmatch(plain) and (lengths == (6, 6, 3) or (is_spelled and is_alone)):
        return IDENTITY, plain
    elif 16 <= len(plain) <= 19 and _is_card(plain, lengths, is_spelled=is_spelled and is_alone, is_sure=not in_cells):
        if plain.startswith("62") or not _UNITS.match(text, end):
            return CARD, plain
    elif 15 <= len(plain) <= 30 and _SAYS_CARD.search(ahead):
        return CARD, plain
    if len(lengths) == 1 and 10 <= len(plain) < 15 and _SAYS_CARD.search(ahead):
        return CARD, plain
    says = _SAYS_PHONE.search(ahead) is not None
    return _phone(text, plain, lengths, end, is_spelled=is_spelled and is_alone, says=says, in_cells=in_cells)


def _in_cells(written: str) -> bool:
    """Whether it is written over several cells or lines: then it may be the numbers of a table. One break is where a
    line ended."""
    return "\t" in written or written.count("\n") > 1


def _token(text: str, start: int, end: int) -> str:
    """The digits with the letters and digits that touch them."""
    near = 20  # longer than any code is read
    ahead = re.search(r"[0-9A-Za-z]*$", text[max(start - near, 0) : start])
    behind = re.match(r"[0-9A-Za-z]*", text[end : end + near])
    return (ahead[0] if ahead else "") + text[start:end] + (behind[0] if behind else "")


def _is_one(digits: str, lengths: tuple[int, ...]) -> bool:
    """Whether groups in the form of an identity number are one: by the check digit, by gaps behind its parts, or by
    groups of one size. Dates side by side are none."""
    behind, at = set(), 0
    for length in lengths[:-1]:
        at += length
        behind.add(at)
    is_even = len(set(lengths[:-1])) == 1 and lengths[-1] <= lengths[0] and lengths[0] < 6
    return check_digit(digits[:17]) == digits[17] or behind - {17} <= _BEHIND_PARTS or is_even


def _is_card(number: str, lengths: tuple[int, ...], *, is_spelled: bool, is_sure: bool) -> bool:
    """Whether groups are the number of a bank card: in fours, in two parts, or each digit by itself, as the check digit
    (Luhn) or the beginning of all Chinese cards (62) says."""
    is_even = len(set(lengths[:-1])) == 1 and 4 <= lengths[0] <= 6 and lengths[-1] <= lengths[0]
    in_parts = len(lengths) == 2 and min(lengths) >= 6
    if not (is_even or in_parts or is_spelled):
        return False
    if number.startswith("62"):
        return is_sure or is_spelled or _luhn(number)
    return number[0] in "3459" and (is_sure or is_spelled) and _luhn(number)


def _luhn(number: str) -> bool:
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(number)))
    return sum(value // 10 + value % 10 for value in doubled) % 10 == 0


def _phone(
    text: str, digits: str, lengths: tuple[int, ...], end: int, *, is_spelled: bool, says: bool, in_cells: bool
) -> tuple[str, str] | None:
    """The same of phones. `says`: the words before it say that it is one."""
    is_whole = len(lengths) == 1
    if (mobile := _MOBILE.fullmatch(digits)) is not None:
        ahead = len(digits) - 11
        rest = _without(lengths, ahead)
        if is_whole or is_spelled or says or rest == (11,) or (rest in _OF_MOBILE and not in_cells):
            return MOBILE, mobile[1]
    if (landline := _LANDLINE.fullmatch(digits)) is not None:
        code = 3 if landline[1][1] in "12" else 4
        if is_whole or is_spelled or _without(_without(lengths, len(digits) - len(landline[1])), code) in _OF_LOCAL:
            return PHONE, landline[1]
    if _SERVICE.fullmatch(digits) and lengths in _OF_SERVICE and (says or not is_whole):
        return PHONE, digits
    is_local = _LOCAL.fullmatch(digits) and (lengths in _OF_LOCAL or is_spelled) and not _DAY.fullmatch(digits)
    if is_local and says and not _UNITS.match(text, end):
        return PHONE, digits
    return None


def _without(lengths: tuple[int, ...], number: int) -> tuple[int, ...]:
    """The groups behind the first `number` digits; () where a group begins before and ends behind."""
    rest = list(lengths)
    while rest and number >= rest[0]:
        number -= rest.pop(0)
    if number and rest and len(rest) == len(lengths):  # the whole begins with it, without a gap
        rest[0] -= number
        number = 0
    return () if number else tuple(rest)
