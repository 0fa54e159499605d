"""Step 2: a sheet becomes a table of a known ledger, or a refusal that lists what was found and missing.

Headers are matched by known aliases first and by likeness after that; a likely match is taken with a
warning that names it. What isn't likely is left out and named, and refused when it is essential.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz

from pingtang_union.core.cleaning import Cell, CleanError, as_text, counting_days
from pingtang_union.core.text import fold, visible
from pingtang_union.ledger.declaration import Column, Ledger
from pingtang_union.ledger.reading.table import PARENTHESES, SERIAL, Header, Table
from pingtang_union.ledger.reading.workbook import Sheet

_HEADER_WITHIN_ROWS = 40
_LIKELY = 85.0  # of 100: one character more or less in four, or one of seven written otherwise
_LONGEST_HEADER, _TITLE = 100, 200  # characters of a cell that may be one
_LIKELY_CLEAN_SHARE = 0.8  # of the cells below a likely header that must read as its column
_TELLING = set("女男农党团退离入出转任职业上下原新旧前后副正父母子配偶家急介推审批拟应未不无首末总专兼非")
_TELLING |= set("占比率效址难困少去历曾级位席话费额")

_NO_CHOICES: Mapping[tuple[str, str], str] = {}

# --- Matching headers ----------------------------------------------------------------------


_NUMBERED = re.compile(r"^\s*[0-9０-９]+\s*[、.．]\s*")


@lru_cache(maxsize=20_000)  # what one file's first rows may ask for, again and again
def _keys(text: str) -> tuple[str, ...]:
    """Forms of a header to look up: as it is, without what stands in brackets, without 其中."""
    text = _NUMBERED.sub("", text)
    whole = fold(text)
    keys = [whole, fold(PARENTHESES.sub("", text))]
    keys += [key.replace("其中", "").removeprefix("是否") for key in list(keys)]
    return tuple(key for key in dict.fromkeys(keys) if key)


class _Names:
    """A ledger's columns by folded header, with the rank of each header: our label before the others."""

    def __init__(self, ledger: Ledger):
        self.by_key: dict[str, tuple[int, Column]] = {}
        for column in ledger.read_columns:
            for rank, text in enumerate((column.label, *column.aliases.split())):
                known = self.by_key.get(fold(text))
                if known is None or rank < known[0]:
                    self.by_key[fold(text)] = (rank, column)

    def exact(self, names: Iterable[str]) -> tuple[int, Column] | None:
        for name in names:
            for key in _keys(name):
                if key in self.by_key:
                    return self.by_key[key]
        return None

    def likely(self, names: Iterable[str], taken: set[str]) -> Column | None:
        best: tuple[float, Column | None] = (0.0, None)
        runner_up = 0.0
        for name in names:
            for key in _keys(name):
                for known, (_rank, column) in self.by_key.items():
                    if column.name in taken or (set(key) ^ set(known)) & _TELLING:
                        continue
                    score = fuzz.ratio(key, known)
                    if len(known) >= 3 and known in key and len(key) <= 2 * len(known):
                        score = max(score, _LIKELY)  # our word with something before or behind it
                    if score > best[0]:
                        if best[1] is not None and best[1] is not column:
                            runner_up = best[0]
                        best = (score, column)
                    elif best[1] is not column:
                        runner_up = max(runner_up, score)
        return best[1] if best[0] >= _LIKELY and best[0] > runner_up else None


_NAMES: dict[int, _Names] = {}


def _names_of(ledger: Ledger) -> _Names:
    if id(ledger) not in _NAMES:
        _NAMES[id(ledger)] = _Names(ledger)
    return _NAMES[id(ledger)]


def _header_texts(sheet: Sheet, last: int, levels: int) -> dict[int, list[str]]:
    """Texts of the header's levels by column, upper ones first, spread over the cells they are merged across."""
    grid = [[visible(as_text(cell)) for cell in sheet.rows[row]] for row in range(last - levels + 1, last + 1)]
    width = max(len(row) for row in grid)
    grid = [row + [""] * (width - len(row)) for row in grid]
    for level, row in enumerate(grid[:-1]):
        for column in range(1, width):
            # A blank cell beside an upper text belongs to it when something stands below.
            below = [any(grid[lower][at] for lower in range(level + 1, levels)) for at in (column - 1, column)]
            if not row[column] and row[column - 1] and all(below):
                row[column] = row[column - 1]
    return {
        column: parts
        for column in range(width)
        if (parts := list(dict.fromkeys(grid[level][column] for level in range(levels) if grid[level][column])))
    }


# Words of an upper header that give the lower ones their meaning: 总数 below 会员情况 is 会员总数.
_GROUPS = {"会员": ("会员", "入会"), "职工": ("职工", "员工", "从业", "在职"), "单位": ("单位", "企业", "法人")}


def _names(parts: list[str]) -> list[str]:
    """Names to try for a header of several levels: all together, the group with the lowest, the lowest.

    The lowest alone only where the upper one gives it no other meaning: 农民工 below 会员 isn't the workers'
    农民工. An upper one alone would also fit a row of data below it.
    """
    if len(parts) == 1:
        return parts
    upper, lowest = fold("".join(parts[:-1])), parts[-1]
    group = next((group for group, words in _GROUPS.items() if any(word in upper for word in words)), "")
    names = ["".join(parts)]
    if not group:
        return [*names, lowest]
    if group in fold(lowest):
        return [*names, lowest]
    names.append(group + lowest.replace("其中", "").strip("：: "))
    return names


def _chosen(choices: "Choices", ledger: Ledger, key: str, lowest: str) -> str | None:
    """What the office said of a header: by all its levels, else by the lowest, since a note above may look like one."""
    chosen = choices.get((ledger.title, key))
    return choices.get((ledger.title, fold(lowest))) if chosen is None else chosen


Choices = Mapping[tuple[str, str], str]  # (ledger's title, folded header) -> column name, or "" to leave it out


class _Stack:
    """Rows that could be a header, looked at once for all ledgers: by column the texts of its levels, the names to
    try, its key, and whether it only numbers the rows."""

    def __init__(self, sheet: Sheet, last: int, levels: int):
        self.last, self.levels = last, levels
        self.parts = _header_texts(sheet, last, levels)
        self.names = {column: _names(parts) for column, parts in self.parts.items()}
        self.keys = {column: fold("".join(parts)) for column, parts in self.parts.items()}
        self.serials = {column for column, parts in self.parts.items() if fold(parts[-1]) in SERIAL}


def match_header(
    sheet: Sheet, stack: _Stack, ledger: Ledger, *, with_likely: bool = True, choices: Choices = _NO_CHOICES
) -> Header:
    """Match rows as a header of `ledger`: what the office said it means, then our labels, then other words by their
    rank, then likely ones."""
    names = _names_of(ledger)
    stacked, last = stack.parts, stack.last
    texts = {column: parts[-1] for column, parts in stacked.items()}
    header = Header(last, stack.levels, texts, {}, keys=stack.keys)
    exact = []
    columns = {column.name: column for column in ledger.read_columns}
    for index, parts in stacked.items():
        chosen = _chosen(choices, ledger, header.keys[index], parts[-1]) if choices else None
        if chosen is not None:
            header.chosen.append(index)
            if chosen in columns:
                exact.append((-1, index, columns[chosen]))
            continue
        match = names.exact(stack.names[index])
        if match is not None:
            exact.append((match[0], index, match[1]))
    taken = set()
    doubles: dict[int, int] = {}  # columns that mean what another one is already read for
    for _rank, index, column in sorted(exact, key=lambda match: match[:2]):
        if column.name not in header.found:
            header.found[column.name] = index
            taken.add(index)
        else:
            doubles[index] = header.found[column.name]
    for index, parts in stacked.items():
        if index in taken or index in header.chosen or index in stack.serials:
            continue
        is_short = len(parts[-1]) <= _LONGEST_HEADER
        likely = names.likely(stack.names[index], set(header.found)) if with_likely and is_short else None
        if likely is not None and _reads_as(sheet, last + 1, index, likely):
            header.found[likely.name] = index
            header.likely[likely.name] = header.texts[index]
        elif index in doubles:
            header.doubled.append((index, doubles[index]))
        else:
            header.unknown.append(header.texts[index])
    return header


def _reads_as(sheet: Sheet, first: int, index: int, column: Column) -> bool:
    """Whether the first cells below a likely header can be read as its column."""
    sample = [row[index] for row in sheet.rows[first : first + 30] if index < len(row) and row[index] != ""][:20]
    clean, good = counting_days(column.clean, sheet.day_shift), 0
    for cell in sample:
        try:
            clean(cell)
        except CleanError:
            continue
        good += 1
    return good >= len(sample) * _LIKELY_CLEAN_SHARE


def _candidates(sheet: Sheet) -> Iterator[tuple[int, int]]:
    """(last row, levels) of rows that could be a header: several texts, nothing but texts."""
    rows = sheet.rows[:_HEADER_WITHIN_ROWS]
    wordy = [sum(1 for cell in row if isinstance(cell, str) and cell.strip()) if _is_wordy(row) else 0 for row in rows]
    for index in range(len(rows)):
        if wordy[index] >= 2:
            for levels in (1, 2, 3):
                if index - levels + 1 >= 0 and all(wordy[row] for row in range(index - levels + 1, index + 1)):
                    yield index, levels


def _is_wordy(row: list[Cell]) -> bool:
    return all(isinstance(cell, str) for cell in row if cell is not None)


@dataclass(slots=True)
class Recognition:
    """A sheet's outcome: a table, or why it is none. `is_tabular` tells a table from a page of notes; `is_near`
    one that is surely meant as a ledger of ours; `nearest` is then the table that it would be, so that a person
    can say what its columns mean."""

    table: Table | None
    refusal: str = ""
    is_tabular: bool = False
    is_near: bool = False
    nearest: Table | None = None


_NEAR = 4  # columns found that make an incomplete table a ledger of ours
_LOOKED_AT = 8  # headers worth looking at for likeness


def recognise(sheet: Sheet, known: Iterable[Ledger], hint: str = "", choices: Choices = _NO_CHOICES) -> Recognition:
    """Tell which ledger a sheet is. `hint` (the file's name) only breaks ties; `choices` are what the office said
    its headers mean.

    The ledger that fits best counts, also when it lacks a column that it can't do without: a roster of
    cadres whose 工会职务 is called otherwise must not come in as members.
    """
    known = list(known)
    candidates = [candidate for candidate in _candidates(sheet) if not _goes_on(sheet, candidate[0])]
    is_tabular = any(sum(1 for cell in sheet.rows[last] if cell) >= 3 for last, _levels in candidates)
    title = fold(hint + sheet.name + "".join(as_text(cell)[:_TITLE] for row in sheet.rows[:3] for cell in row))
    rough = []
    for last, levels in candidates:
        stack = _Stack(sheet, last, levels)
        for ledger in known:
            header = match_header(sheet, stack, ledger, with_likely=False, choices=choices)
            rough.append((_score(header, ledger, title), stack, ledger))
    rough.sort(key=lambda candidate: -candidate[0])
    best: tuple[float, Header, Ledger] | None = None
    for _rough, stack, ledger in rough[:_LOOKED_AT]:
        header = match_header(sheet, stack, ledger, choices=choices)
        score = _score(header, ledger, title)
        if len(header.found) >= 2 and (best is None or score > best[0]):
            best = (score, header, ledger)
    if best is None:
        return Recognition(
            None,
            f"工作表「{sheet.name}」看不出是哪种台账：前 {_HEADER_WITHIN_ROWS} 行里没有认识的表头。能读的台账有："
            + "、".join(ledger.title for ledger in known)
            + "。",
            is_tabular=is_tabular,
        )
    _best, header, ledger = best
    missing = [column.label for column in ledger.columns if column.is_essential and column.name not in header.found]
    covers = len(header.found) >= _NEAR or len(header.found) >= len(header.unknown)
    if not missing and covers:
        return Recognition(Table(sheet, ledger, header), is_tabular=True)
    unknown = "、".join(f"「{text}」" for text in header.unknown)
    return Recognition(
        None,
        f"工作表「{sheet.name}」看不出是哪种台账。最接近「{ledger.title}」：第 {header.row + 1} 行认出了 "
        + "、".join(ledger.label(name) for name in header.found)
        + (f"；缺少 {'、'.join(missing)}" if missing else "")
        + (f"；不认识 {unknown}" if unknown else "")
        + "。请把表头改成「"
        + "、".join(column.label for column in ledger.columns if column.is_essential)
        + "」等名称后再导入。",
        is_tabular=True,
        is_near=len(header.found) >= _NEAR,
        nearest=Table(sheet, ledger, header),
    )


def headers_to_fill(sheet: Sheet, known: Iterable[Ledger]) -> Iterator[tuple[float, Header, Ledger]]:
    """(how well it fits, header, ledger) of each ledger that could fill two columns of a blank form or more. What
    reading can't do without may be missing: a form that asks for three things of a person is filled all the same."""
    title = fold(sheet.name + "".join(as_text(cell)[:_TITLE] for row in sheet.rows[:3] for cell in row))
    stacks = [_Stack(sheet, last, levels) for last, levels in _candidates(sheet) if not _goes_on(sheet, last)]
    for ledger in known:
        headers = [_given_only(match_header(sheet, stack, ledger), ledger) for stack in stacks]
        header = max(headers, key=_reach, default=None)
        if header is not None and len(header.found) >= 2:
            named = any(fold(word) in title for word in ledger.words)
            yield len(header.found) - 0.5 * len(header.unknown) + 0.5 * named, header, ledger


def _given_only(header: Header, ledger: Ledger) -> Header:
    """The header without what is read and never given."""
    for column in ledger.also_read:
        if (index := header.found.pop(column.name, None)) is not None:
            header.unknown.append(header.texts[index])
            header.likely.pop(column.name, None)
    return header


def _reach(header: Header) -> tuple[int, bool, int]:
    """What makes one of a form's headers the right one: columns found, then the number's column, then few levels."""
    return len(header.found), any(fold(text) in SERIAL for text in header.texts.values()), -header.levels


def _score(header: Header, ledger: Ledger, title: str) -> float:
    """How well a header fits a ledger: columns found, likely ones half, unknown ones against it."""
    exact = len(header.found) - len(header.likely)
    named = any(fold(word) in title for word in ledger.words)
    complete = all(column.name in header.found for column in ledger.columns if column.is_essential)
    not_read = len(header.unknown) + len(header.doubled)
    return exact + 0.5 * len(header.likely) - 0.25 * not_read - 0.1 * header.levels + 0.5 * named + complete


def _goes_on(sheet: Sheet, row: int) -> bool:
    """Whether the row is only an upper level: a text merged across columns with texts of their own below."""
    below = sheet.rows[row + 1] if row + 1 < len(sheet.rows) else []
    for (top, left), (bottom, right) in sheet.merged:
        if top <= row == bottom and right > left:
            texts = [cell for cell in below[left : right + 1] if isinstance(cell, str) and cell.strip()]
            if len(texts) >= 2:
                return True
    return False
