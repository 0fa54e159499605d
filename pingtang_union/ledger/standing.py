"""Cleaner of a column that says whether who stands in the row is still there: 会籍状态, 在职状态, 工会状态.

A roster lists who is there. A row that says 已退会 must never come in as a member, so that every word means something
here: one for those who are there, one for those who are gone, which the ledger refuses row by row
(`refuse_gone`), and any other is refused with the words that are known.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pingtang_union.core.cleaning import Cell, Cleaned, CleanError, as_text, is_blank, quoted
from pingtang_union.core.text import fold, narrow
from pingtang_union.ledger.outcome import RowOutcome
from pingtang_union.ledger.reading.table import PARENTHESES

_GONE = "gone "  # before the word that says so, as a row's value
_YES, _NO = (
    {"是", "√", "✓", "✔", "有", "y", "yes", "true", "对"},
    {"否", "×", "✗", "✘", "╳", "没有", "n", "no", "false"},
)


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """present: the words for who is there, between blanks, by the value that the row gets; gone: parts of words that
    say who is not; says_gone: the header asks the other way round (是否退会), so that 是 means gone.

    labels: by value, what a template offers.
    """

    present: Mapping[str, str]
    gone: str
    labels: Mapping[str, str] = field(default_factory=dict)
    says_gone: bool = False

    @property
    def choices(self) -> tuple[str, ...]:
        """What a template offers."""
        return tuple(self.labels.values())

    def __call__(self, cell: Cell) -> Cleaned:
        """The value of who is there, or the word that says gone, for `gone_word`."""
        if is_blank(cell):
            return Cleaned(None)
        written = as_text(cell)
        word = narrow(written).lower()
        if word in _YES | _NO:
            return Cleaned(_GONE + quoted(written) if (word in _YES) == self.says_gone else next(iter(self.present)))
        if value := self._present(written):
            return Cleaned(value)
        if re.search(self.gone, fold(written)):
            return Cleaned(_GONE + quoted(written))
        if value := self._present(PARENTHESES.sub("", written)):
            return Cleaned(value)
        known = "、".join(word for words in self.present.values() for word in words.split()[:4])
        raise CleanError(
            f"看不出「{quoted(written)}」是什么意思。能读的有：{known}，"
            f"以及{'、'.join(self.gone.split('|')[:6])}等；请改成其中的一种，或删去这一列。"
        )

    def _present(self, written: str) -> str:
        folded = fold(written)
        return next((value for value, words in self.present.items() if folded in map(fold, words.split())), "")


def gone_if_filled(cell: Cell) -> Cleaned:
    """Cleaner of a column that holds something only where somebody is gone: 退会时间, 转出单位."""
    return Cleaned(None if is_blank(cell) else _GONE + quoted(cell))


def gone_word(value: str | None) -> str:
    """The word that says gone; "" for who is there and where nothing is said."""
    return value.removeprefix(_GONE) if value and value.startswith(_GONE) else ""


def refuse_gone(rows: Iterable[RowOutcome], labels: Mapping[str, str], text: str) -> None:
    """Reject the rows that one of these columns (label by name) says to be gone. `text` follows the quoted word."""
    for row in rows:
        for name, label in labels.items():
            if word := gone_word(row.values.get(name)):
                row.reject(label, f"{label}：「{word}」{text}", cell=word)
