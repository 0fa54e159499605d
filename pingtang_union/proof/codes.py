"""Codes that people hold on paper (回执): random, kept sealed, found by their blind index however they were typed.
What a code opens answers once, and who guesses is slowed down (`pingtang_union.throttle`)."""

import secrets

import segno
from django.utils.safestring import SafeString, mark_safe

from pingtang_union.core.crypto import blind_index
from pingtang_union.core.text import narrow

_SIGNS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # none that is taken for another
LENGTH = 10


def new_code() -> str:
    """One that nobody could foresee."""
    return "".join(secrets.choice(_SIGNS) for _ in range(LENGTH))


def index_of(code: str) -> str:
    """What the column beside a sealed code holds."""
    return blind_index(narrow(code).upper().replace("-", ""))


def printed(code: str) -> str:
    """As paper shows it, easier to type: ABCDE-FGHJK."""
    return f"{code[: LENGTH // 2]}-{code[LENGTH // 2 :]}"


def qr(address: str) -> SafeString:
    """The picture that leads a phone there, white behind."""
    code = segno.make(address, error="m", micro=False)
    svg = code.svg_inline(scale=3, light="#fff", svgclass=None, lineclass=None)
    return mark_safe(svg)  # noqa: S308  the library's own drawing
