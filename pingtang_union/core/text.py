"""Folding of Chinese text, so that one name written in several ways has one key.

NFKC makes wide digits and letters narrow; a character table made from OpenCC turns traditional
characters into simplified ones; white space and invisible characters go. The folded form is for
finding and comparing only: what people read is kept as it was written.
"""

import re
import unicodedata

import opencc

_CONVERTER = opencc.OpenCC("t2s")
_CJK = "".join(map(chr, range(0x4E00, 0x9FFF)))
_SIMPLIFIED: dict[int, str] = {
    ord(old): new for old, new in zip(_CJK, _CONVERTER.convert(_CJK), strict=True) if old != new
} | {ord("覈"): "核"}  # 審覈 is 审核
# Zero-width and direction marks, the byte order mark, soft hyphen.
INVISIBLE = dict.fromkeys([*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0xFEFF, 0xAD])
_SPACE = re.compile(r"\s+")
_PLAIN_NAME = re.compile(r"[\u4e00-\u9fff]{2,4}")
_PUNCTUATION = re.compile(r"[^\w]|_")
# Characters that look alike in names of people and that NFKC leaves apart (hazard 9 in the domain notes).
_NAME_DOTS = str.maketrans(dict.fromkeys("•‧・．∙⋅●.", "·"))
# Simplified words that OpenCC would change although mainland texts write them so.
_BOTH_WAYS = set("乾於著藉瞭麽")


def visible(text: str) -> str:
    """`text` without invisible characters, its white space made single, its ends stripped."""
    return _SPACE.sub(" ", text.translate(INVISIBLE)).strip()


def narrow(text: str) -> str:
    """`text` in compatibility form (wide digits narrow), without any white space or invisible character."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).translate(INVISIBLE)
    return _SPACE.sub("", text)


def plain(text: str) -> str:
    """`text` narrow and in simplified characters, with its punctuation: for words with a fixed form."""
    return narrow(text).translate(_SIMPLIFIED)


def fold(text: str) -> str:
    """Key of a text: narrow, simplified, lower case, without punctuation."""
    if text.isascii():
        return _PUNCTUATION.sub("", text).lower()
    return _PUNCTUATION.sub("", narrow(text).translate(_SIMPLIFIED)).lower()


def fold_name(text: str) -> str:
    """Key of a person's name: narrow, simplified, lower case; dots of all kinds alike."""
    if _PLAIN_NAME.fullmatch(text):
        return text.translate(_SIMPLIFIED)  # nearly every name of a roster
    return narrow(text).translate(_SIMPLIFIED).translate(_NAME_DOTS).lower()


def simplify(text: str) -> str:
    """An organisation's name in simplified characters when it is written in traditional ones.

    Left alone when no character is surely traditional, since 乾 or 著 also stand in simplified names.
    """
    if any(ord(char) in _SIMPLIFIED and char not in _BOTH_WAYS for char in text):
        return _CONVERTER.convert(text)
    return text
