"""What a number's format shows of it, in cells whose format changes what they say.

Spreadsheets keep a date as a number of days and a card's number as a number: only the format says that the day is not
shown, or that there are noughts in front. `Format` takes such a cell as a person sees it: a date shown to the month
as "2016-05", 12345 shown as 0000012345 as that text. An amount keeps its value whatever its format (percent,
thousands, currency, fractions, decimals), and so does every number that the format doesn't turn into another text.

Runs in the child process (ledger.reading.child); `ledger.reading.styles` finds which cells have such formats.
"""

import datetime
import re
from array import array
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

_DAY_ZERO = datetime.datetime(1899, 12, 30)  # noqa: DTZ001  a spreadsheet's dates have no zone
_EXACT_BELOW = 10**15  # a longer number has lost its end, and stays one, to be refused
_SAME = 1e-9  # what reckoning in binary adds to 2018.1
_MAX_CODE = 255  # characters of a format: what spreadsheet programs hold themselves
_KNOWN_CELLS = 20_000

Shows = Callable[[Any, float], Any]  # a cell and its number to what is shown


# --- Codes of formats become functions -----------------------------------------------------

_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"?'
    r"|\\(?P<escaped>.)"
    r"|[_*](?P<space>.)"
    r"|\[(?P<bracket>[^\]]*)\]"
    r"|(?P<half>am/pm|a/p|上午/下午)"
    r"|(?P<general>general|g/通用格式)"
    r"|(?P<power>(?<=[0#?.])e[+-])"
    r"|(?P<date>y+|m+|d+|h+|s+|e+|g+|a{3,}|b{2,})"
    r"|(?P<digit>[0#?])"
    r"|(?P<sign>[.,%/;@])"
    r"|(?P<other>.)",
    re.IGNORECASE | re.DOTALL,
)
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)\s*(-?\d+(?:\.\d+)?)")
_HOLDS: dict[str, Callable[[float, float], bool]] = {
    "<": lambda number, limit: number < limit,
    ">": lambda number, limit: number > limit,
    "=": lambda number, limit: number == limit,
    "<=": lambda number, limit: number <= limit,
    ">=": lambda number, limit: number >= limit,
    "<>": lambda number, limit: number != limit,
}
_WEEKDAYS = "一二三四五六日"


@dataclass(slots=True)
class _Section:
    """One of a format's parts between semicolons: its tokens as (kind, text), and for which numbers it stands."""

    tokens: list[tuple[str, str]] = field(default_factory=list)
    condition: tuple[str, float] | None = None
    is_elapsed: bool = False


def _sections(code: str) -> list[_Section]:
    sections = [_Section()]
    for match in _TOKEN.finditer(code):
        kind, text = str(match.lastgroup), match[str(match.lastgroup)]
        section = sections[-1]
        if kind == "sign" and text == ";":
            sections.append(_Section())
        elif kind == "bracket":
            if condition := _CONDITION.fullmatch(text.strip()):
                section.condition = condition[1], float(condition[2])
            elif re.fullmatch(r"h+|m+|s+", text, re.IGNORECASE):
                section.is_elapsed = True
            elif text.startswith("$-") and text[2:].upper() in ("F800", "X-SYSDATE"):
                section.tokens += [("date", "y"), ("date", "m"), ("date", "d")]  # the system's long date
            elif text.startswith("$") and (symbol := text[1:].partition("-")[0]):
                section.tokens.append(("literal", symbol))
        elif kind in ("quoted", "escaped", "other"):
            if text:
                section.tokens.append(("literal", text))
        elif kind != "space":
            section.tokens.append((kind, text.lower()))
    return sections


class Format:
    """A format that shows some cells as something else than their value; `compiled` makes it.

    day_shift: what lies between the workbook's day numbers and those that count from 1899-12-30.
    """

    def __init__(self, sections: list[tuple[Callable[[float], bool], Shows | None]], day_shift: int):
        self.sections = sections
        self.day_shift = day_shift
        self.known: dict[Any, Any] = {}

    def __call__(self, cell: Any) -> Any:
        """What stands there to be seen; the cell itself where that is its value."""
        if cell.__class__ is str or cell.__class__ is bool:
            return cell
        if cell not in self.known:
            if len(self.known) > _KNOWN_CELLS:
                self.known.clear()
            self.known[cell] = self._shown(cell)
        return self.known[cell]

    def _shown(self, cell: Any) -> Any:
        number = _number_of(cell, self.day_shift)
        if number is None:
            return cell
        shows = next((shows for holds, shows in self.sections if holds(number)), None)
        return cell if shows is None else shows(cell, number + self.day_shift)


def _number_of(cell: Any, day_shift: int) -> float | None:
    """The number that the workbook has there; None where it has none that a format could show."""
    if isinstance(cell, int | float):
        return float(cell)
    if isinstance(cell, datetime.datetime):
        return (cell - _DAY_ZERO) / datetime.timedelta(days=1) - day_shift
    if isinstance(cell, datetime.date):
        return float((cell - _DAY_ZERO.date()).days - day_shift)
    if isinstance(cell, datetime.time):
        return (cell.hour * 3600 + cell.minute * 60 + cell.second) / 86400
    return None


def compiled(code: str, day_shift: int = 0) -> Format | None:
    """The format of a code, or None when it shows every cell as its value says anyway."""
    if len(code) > _MAX_CODE:
        return None
    # The fourth section is for texts, and so is one with @ beside others.
    sections = _sections(code)
    if len(sections) == 1:
        sections[0].tokens = [("general", "") if token == ("sign", "@") else token for token in sections[0].tokens]
    sections = [section for section in sections[:3] if ("sign", "@") not in section.tokens]
    shown = [_shows(section) for section in sections]
    if not any(shown):
        return None
    return Format(list(zip(_conditions(sections), shown, strict=True)), day_shift)


def _conditions(sections: list[_Section]) -> Iterator[Callable[[float], bool]]:
    """For which numbers each section stands: as it says itself, else above nought, below, and nought."""
    has_conditions = any(section.condition for section in sections)
    for at, section in enumerate(sections):
        if section.condition:
            sign, limit = section.condition
            yield lambda number, holds=_HOLDS[sign], limit=limit: holds(number, limit)  # type: ignore[misc]
        elif has_conditions or len(sections) == 1:
            yield lambda number: True
        elif at == 0:
            yield (lambda number: number > 0) if len(sections) == 3 else (lambda number: number >= 0)
        else:
            yield (lambda number: number < 0) if at == 1 else (lambda number: True)


def _shows(section: _Section) -> Shows | None:
    kinds = {kind for kind, _text in section.tokens}
    if section.is_elapsed:
        return None
    if "date" in kinds and "general" not in kinds:
        return _date_shows(section.tokens)
    if kinds == {"literal"}:
        return _words_show("".join(text for _kind, text in section.tokens))
    return _number_shows(section.tokens)


# --- Dates ---------------------------------------------------------------------------------


def _date_shows(tokens: list[tuple[str, str]]) -> Shows | None:
    """A date as exact as its format shows it; None where that is to the day."""
    parts = [text for kind, text in tokens if kind == "date"]
    shown = {_part(parts, at) for at in range(len(parts))}
    if {"year", "month", "day"} <= shown:
        return None
    if "year" in shown:
        is_month = "month" in shown
        return lambda cell, number: _dated(cell, number, "%Y-%m" if is_month else "%Y")
    return lambda cell, number: _without_year(cell, number, shown)


def _part(parts: list[str], at: int) -> str:
    """What a letter of a format stands for: m behind hours or before seconds are minutes."""
    letter, length = parts[at][0], len(parts[at])
    if letter in "yeb":
        return "year"
    if letter == "m":
        is_minutes = length < 3 and (parts[at - 1][0] == "h" if at else False)
        is_minutes |= length < 3 and at + 1 < len(parts) and parts[at + 1][0] == "s"
        return "minute" if is_minutes else "month"
    if letter == "d" and length < 3:
        return "day"
    return {"d": "weekday", "a": "weekday", "h": "hour", "s": "second"}.get(letter, "era")


def _moment(number: float) -> datetime.datetime | None:
    try:
        return _DAY_ZERO + datetime.timedelta(seconds=round(number * 86400))
    except OverflowError:
        return None


def _dated(cell: Any, number: float, pattern: str) -> Any:
    moment = _moment(number)
    if moment is None or moment.year < 1900:
        return cell
    return moment.strftime(pattern)


def _without_year(cell: Any, number: float, shown: set[str]) -> Any:
    """A date whose year isn't shown, or a time, in the words that are: no date that a record could hold."""
    moment = _moment(number)
    if moment is None:
        return cell
    words = f"{moment.month}月" * ("month" in shown) + f"{moment.day}日" * ("day" in shown)
    if not words and "weekday" in shown:
        words = f"星期{_WEEKDAYS[moment.weekday()]}"
    if not words and shown & {"hour", "minute", "second"}:
        words = f"{moment.hour}:{moment.minute:02d}" + f":{moment.second:02d}" * ("second" in shown)
    return words or cell


# --- Numbers -------------------------------------------------------------------------------


def _words_show(words: str) -> Shows | None:
    """A section without digits stands for a word: 1 as 男. A dash or a blank is no word, and 无 says of an amount
    what its nought says."""
    is_word = any(char.isalnum() for char in words) and words.strip() not in ("无", "零")
    return (lambda cell, number: words.strip()) if is_word else None


def _number_shows(tokens: list[tuple[str, str]]) -> Shows | None:
    """A number whose noughts, or whose parts, only the format shows; None for amounts, which keep their value."""
    tokens = [("digit", "0") if kind == "general" else (kind, text) for kind, text in tokens]
    kinds = [kind for kind, _text in tokens]
    signs = [text for kind, text in tokens if kind == "sign"]
    if "digit" not in kinds or "power" in kinds or "date" in kinds:
        return None
    first, last = kinds.index("digit"), len(kinds) - 1 - kinds[::-1].index("digit")
    zeros = tokens.count(("digit", "0"))
    if signs == ["."]:
        return _decimals_show(tokens, first, last)
    if signs and set(signs) == {","} and zeros > 1 and kinds[last] == "digit" and "literal" not in kinds:
        return (lambda cell, number: _grouped(cell, zeros)) if ("sign", ",") not in tokens[last:] else None
    if signs:
        return None
    prefix = "".join(text for _kind, text in tokens[:first])
    is_parted = "literal" in kinds[first:last]
    if zeros < 2 and not is_parted and not re.search("[0-9A-Za-z]", prefix):
        return None
    return lambda cell, number: _filled(cell, tokens)


def _is_whole(cell: Any) -> bool:
    return isinstance(cell, int | float) and 0 <= cell < _EXACT_BELOW and cell == int(cell)


def _filled(cell: Any, tokens: list[tuple[str, str]]) -> Any:
    """A whole number put into its format's places from the right; what is left over stands in the first place."""
    if not _is_whole(cell):
        return cell
    digits = str(int(cell)) if cell else ""
    shown: list[str] = []
    places = sum(kind == "digit" for kind, _text in tokens)
    for kind, text in reversed(tokens):
        if kind != "digit":
            shown.append(text)
            continue
        places -= 1
        taken = digits if places == 0 else digits[-1:]
        digits = digits[: len(digits) - len(taken)]
        shown.append(taken or ("0" if text == "0" else ""))
    filled = "".join(reversed(shown)).strip()
    return cell if filled == str(int(cell)) else filled


def _grouped(cell: Any, zeros: int) -> Any:
    """A whole number with noughts in front, its thousands apart: 00,123."""
    if not _is_whole(cell) or len(digits := str(int(cell))) >= zeros:
        return cell
    digits = digits.zfill(zeros)
    return re.sub(r"(?<=\d)(?=(?:\d{3})+$)", ",", digits)


def _decimals_show(tokens: list[tuple[str, str]], first: int, last: int) -> Shows | None:
    """With decimals: noughts in front, and 2018.1 that is shown as 2018.10 and means October."""
    point = tokens.index(("sign", "."))
    whole, behind = tokens[first:point], tokens[point + 1 : last + 1]
    if set(behind) != {("digit", "0")} or any(kind != "digit" for kind, _text in whole):
        return None
    zeros, places = whole.count(("digit", "0")), len(behind)
    if any(char.isalnum() for kind, text in tokens if kind == "literal" for char in text):
        return None

    def shows(cell: Any, number: float) -> Any:
        if not isinstance(cell, int | float) or not 0 <= cell < _EXACT_BELOW:
            return cell
        shown = f"{cell:0{max(zeros, 1) + places + 1}.{places}f}"
        if abs(float(shown) - cell) > _SAME:
            return cell  # rounded: the value counts
        is_october = places == 2 and re.fullmatch(r"(?:19|20)\d\d\.10", shown)
        return shown if is_october or (shown.startswith("0") and zeros > 1) else cell

    return shows


# --- The cells of a sheet ------------------------------------------------------------------


class Shown:
    """Which cells of a sheet have a format that `Format` knows: by column, a number for each row."""

    def __init__(self) -> None:
        self.formats: dict[Format, int] = {}
        self.columns: dict[int, array[int]] = {}

    def put(self, row: int, column: int, cell_format: Format) -> None:
        """The cell has that format."""
        codes = self.columns.setdefault(column, array("H"))
        if row >= len(codes):
            codes.frombytes(bytes(2 * (row + 1 - len(codes))))
        codes[row] = self.formats.setdefault(cell_format, len(self.formats) + 1)

    def rows(self, rows: Iterable[list[Any]]) -> Iterator[list[Any]]:
        """The sheet's rows, from its first on, with these cells as they are shown."""
        by_number = [None, *self.formats]
        columns = sorted(self.columns.items())
        for at, row in enumerate(rows):
            for column, codes in columns:
                if at < len(codes) and column < len(row) and (cell_format := by_number[codes[at]]):
                    row[column] = cell_format(row[column])
            yield row
