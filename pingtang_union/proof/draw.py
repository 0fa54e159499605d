"""Drawing lots that anyone can draw again: what is drawn follows from the seed and the names alone.

Each name's lot is SM3 (GB/T 32905) of seed, "|" and name; the lowest lots are drawn. Who knows the seed can't be told
another result; who doesn't know it beforehand can't choose one.
"""

import secrets
from collections.abc import Iterable

from cryptography.hazmat.primitives.hashes import SM3, Hash


def new_seed() -> str:
    """Sixty-four hex digits that nobody could foresee."""
    return secrets.token_hex(32)


def lot(seed: str, name: str) -> str:
    """The lot of one name."""
    digest = Hash(SM3())
    digest.update(f"{seed}|{name}".encode())
    return digest.finalize().hex()


def drawn(seed: str, names: Iterable[str], number: int) -> list[str]:
    """The `number` names with the lowest lots, in that order; all of them where there aren't more."""
    return sorted(set(names), key=lambda name: lot(seed, name))[:number]


def share_of(number: int, percent: int) -> int:
    """How many of `number` are at least `percent` of a hundred: of three, 30 % is one."""
    return -(-number * percent // 100)
