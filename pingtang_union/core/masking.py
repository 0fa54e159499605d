"""How identity numbers are hidden: by field where a column holds one, by content where any text may.

A mask shows the region and the last two characters: 522727**********37. The day of birth and the sequence are hidden,
so that a mask beside a birthday and a gender still fits several people.
"""

import re
import unicodedata
from collections.abc import Callable, Container

from pingtang_union.core.text import INVISIBLE, narrow
from pingtang_union.core.validators import check_digit

# 15 digits and more are an identity or an account number; phones, dates and cards of a union are shorter.
_LONG = 15
_DIGIT, _UNSEEN = "[0-9０-９]", "[" + "".join(map(chr, INVISIBLE)) + "]"
_RUN = re.compile(rf"(?<!{_DIGIT}){_DIGIT}(?:{_UNSEEN}*{_DIGIT}){{13,}}{_UNSEEN}*[0-9０-９XxＸｘ]")
_GAP = rf"(?:[\s\-–—－·.．]|{_UNSEEN}){{0,2}}"
# An identity number with blanks or dashes between its digits: only where a day of birth stands in its place, since
# phones and dates stand side by side in notes.
_APART = re.compile(
    rf"(?<![0-9０-９])(?:{_DIGIT}{_GAP}){{6}}[12１２]{_GAP}[09０９]{_GAP}(?:{_DIGIT}{_GAP}){{2}}"
    rf"[01０１]{_GAP}{_DIGIT}{_GAP}[0-3０-３]{_GAP}{_DIGIT}{_GAP}(?:{_DIGIT}{_GAP}){{3}}[0-9０-９XxＸｘ](?![0-9０-９])"
)
# What a number behind a point is taken for: the places of a decimal, of which a float has 17 digits at most. Behind
# "1." an identity number may stand in a list.
_WHOLE = re.compile(r"([0-9]+)\.$")
_MOST_OF_A_FLOAT = 17
_SEEMS_OLD = re.compile(r"\d{8}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}")
_FORMER = re.compile(r"[0-9]{6}\*{5,}[0-9]{3}[0-9Xx]")
_TYPED = re.compile(r"[0-9Xx()]{15,}")
_CREDIT_CODE = re.compile(r"[0-9A-HJ-NPQRTUWXY]{18}")
_CREDIT_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_SEEMS_BORN = re.compile(r"\d{6}(?:18|19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dX]")
_HEXADECIMAL = re.compile(r"[0-9a-f]+")
_ALNUM = re.compile(r"[0-9A-Za-z]")


def mask(text: str) -> str:
    """An identity number as pages show it: 522727**********37; shorter ones keep two characters at the end."""
    if len(text) >= _LONG:
        return text[:6] + "*" * (len(text) - 8) + text[-2:]
    return "*" * max(len(text) - 2, 1) + text[-2:] if text else ""


def former_mask(text: str) -> str:
    """As workbooks given out before had it (522727********9937): brought back, they are still understood."""
    return text[:6] + "*" * (len(text) - 10) + text[-4:] if len(text) >= _LONG else mask(text)


def typed_number(text: str) -> str:
    """What someone typed when it may be an identity number, whole or mistyped, in wide digits, with blanks or dashes:
    narrow and in capitals. "" for anything else."""
    plain = re.sub(r"[-–—－·.]", "", narrow(text)).upper()
    return plain if _TYPED.fullmatch(plain) and sum(map(str.isdigit, plain)) >= _LONG - 1 else ""


def mask_typed(text: str) -> str:
    """What someone typed, for words that are printed or logged: every number in it as a mask."""
    number = typed_number(text)
    return mask(number) if number else masked(text)


def holds_number(text: str) -> bool:
    """Whether an identity number stands in what someone typed, in a dress in which `masked` knows it."""
    return masked(text) != text


def numbers_in(text: str) -> set[str]:
    """The numbers that `masked` would hide, narrow and in capitals: what it takes as `known`."""
    return {number for number, _written in _found(text)}


def masked(text: str, known: Container[str] = ()) -> str:
    """Any text with the identity and account numbers in it masked, also those in wide digits or with blanks, dashes or
    invisible signs inside. Phones, dates, decimals and credit codes (GB 32100) stay readable, and so do numbers that
    the reader has (`known`)."""
    return _hiding(text, lambda number, written: written if number in known else mask(number))


def unmasked(given: str, stored: str) -> str:
    """What comes back of a text that was shown masked: each mask in `given` as the number that `stored` has there.

    Masks that fit several numbers are put back where all of them are still there, in their order.
    """
    if "*" not in given:
        return given
    behind: dict[str, list[str]] = {}
    for number, written in _found(stored):
        behind.setdefault(mask(number), []).append(written)
    for shown, numbers in behind.items():
        parts = given.split(shown)
        if len(set(numbers)) == 1:
            given = numbers[0].join(parts)
        elif len(parts) == len(numbers) + 1:
            given = "".join(part + number for part, number in zip(parts, [*numbers, ""], strict=True))
    return given


def _found(text: str) -> list[tuple[str, str]]:
    """(number, as it is written) of all that is hidden in a text, in order."""
    found: list[tuple[str, str]] = []

    def note(number: str, written: str) -> str:
        found.append((number, written))
        return mask(number)

    _hiding(text, note)
    return sorted(found, key=lambda one: text.find(one[1]))


def _hiding(text: str, hide: Callable[[str, str], str]) -> str:
    """`text` with each number in it as `hide(number, as it is written)` says."""
    if len(text) < _LONG:
        return text

    def hidden(found: re.Match[str]) -> str:
        number = re.sub(r"[^0-9X]", "", narrow(found[0]).upper())
        if not _SEEMS_BORN.fullmatch(number) and is_code(text, *found.span()):
            return found[0]
        return hide(number, found[0])

    def run(found: re.Match[str]) -> str:
        return found[0] if is_decimal(text, found.start(), found[0]) else hidden(found)

    shown = _FORMER.sub(lambda found: hide(found[0], found[0]), _RUN.sub(run, text))
    return _APART.sub(lambda found: hidden(found) if _is_one_number(found[0]) else found[0], shown)


def is_decimal(text: str, start: int, digits: str) -> bool:
    """Whether `digits`, which stand at `start`, are those behind the point of a decimal."""
    whole = _WHOLE.search(text, max(start - 30, 0), start)
    if whole is None:
        return False
    if not whole[1].strip("0"):
        return True
    return len(whole[1] + digits) <= _MOST_OF_A_FLOAT and not _SEEMS_OLD.fullmatch(digits)


def _is_one_number(text: str) -> bool:
    """Whether digits with gaps are one number: by its check digit, or by gaps where people make them (behind the
    region, the year, the month, the day). Dates that follow one another are none."""
    signs = [sign.upper() for sign in unicodedata.normalize("NFKC", text)]
    digits, gaps = "", set()
    for sign in signs:
        if sign in "0123456789X":
            digits += sign
        elif digits:
            gaps.add(len(digits))
    return check_digit(digits[:17]) == digits[17] or gaps <= {6, 10, 12, 14}


def is_code(text: str, start: int, end: int) -> bool:
    """Whether the digits at a place are part of a credit code, or of a digest of ours, which is hexadecimal and longer:
    with the letters and digits that touch them, since a credit code may be seventeen digits and a letter."""
    while start and _ALNUM.match(text[start - 1]):
        start -= 1
    while end < len(text) and _ALNUM.match(text[end]):
        end += 1
    token = text[start:end]
    if len(token) >= 32 and _HEXADECIMAL.fullmatch(token):
        return not token.isdecimal()
    if not _CREDIT_CODE.fullmatch(token):
        return False
    total = sum(_CREDIT_SIGNS.index(sign) * 3**place % 31 for place, sign in enumerate(token[:17]))
    return _CREDIT_SIGNS[(31 - total % 31) % 31] == token[17]
