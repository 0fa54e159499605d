"""Step 2: a sheet becomes a table of a known ledger, or a refusal that lists what was found and missing.

Headers are matched by known aliases first and by likeness after that; a likely match is taken with a
warning that names it. What isn't likely is left out and named, and refused when it is essential.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from rapidfuzz import fuzz

from pingtang_union.core.ledger.clean import Cell, CleanError, as_text
from pingtang_union.core.ledger.read import Sheet
from pingtang_union.core.ledger.schema import Column, Ledger
from pingtang_union.core.text import fold, plain, visible

_HEADER_WITHIN_ROWS = 40
_LIKELY = 85.0  # of 100: one character more or less in four, or one of seven written otherwise
_LIKELY_CLEAN_SHARE = 0.8  # of the cells below a likely header that must read as its column
# Two headers that differ in one of these mean different things, however alike they look.
_TELLING = set("女男农党团退离入出转任职业上下原新旧前后副正父母子配偶家急介推审批拟应未不无首末总专兼非")
_PARENTHESES = re.compile(r"[（(\[【〔][^）)\]】〕]*[）)\]】〕]")
_SERIAL = {fold(word) for word in ("序号", "编号", "No", "№", "序", "行号", "顺序号")}
_TOTAL = re.compile(r"(?:本页|本表|全县)?(?:合计|总计|小计|共计|累计)[:：]?")
_FOOTER = re.compile(
    r"(?:单位|主要)?(?:负责人|审核人?|复核人?|填表人|制表人?|填报人|经办人|联系人|领导签字|签字|签章|盖章|填[表报]日期|填[表报]说明|填[表报]单位|说明|备注|注)\d*[:：].*"
)
_SECTION = re.compile(r"[（(]?[一二三四五六七八九十]+[、.．)）]")
_DITTO = {"同上", "〃", "″", "＂", '"', "''"}
_NOTE = re.compile(r"([^\s:：]{2,12})[:：]\s*(.*?)(?=\s{2,}[^\s:：]{2,12}[:：]|\s+[^\s:：]{2,12}[:：]\S|$)")


@dataclass(slots=True)
class Header:
    """Where a table's header stands and which column each of its cells means."""

    row: int  # of its last level, from 0
    levels: int
    texts: dict[int, str]  # column index -> what stands there
    found: dict[str, int]  # column name -> column index
    likely: dict[str, str] = field(default_factory=dict)  # column name -> what stands there
    unknown: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Table:
    """A sheet understood as a ledger."""

    sheet: Sheet
    ledger: Ledger
    header: Header

    @property
    def title_lines(self) -> list[str]:
        """Everything written above the header."""
        top = self.header.row - self.header.levels + 1
        return [visible(as_text(cell)) for row in self.sheet.rows[:top] for cell in row if visible(as_text(cell))]

    def notes(self) -> dict[str, str]:
        """What stands above the header as "word: text", by folded word."""
        top = self.header.row - self.header.levels + 1
        pairs: dict[str, str] = {}
        for row in self.sheet.rows[:top]:
            for cell in row:
                if isinstance(cell, str):
                    for word, content in _NOTE.findall(cell.strip()):
                        pairs.setdefault(fold(word), visible(content))
        return pairs

    def data_rows(self) -> Iterator[tuple[int, list[Cell]]]:
        """(sheet row from 1, cells) of the rows with data: no titles, totals, sections, signatures or blanks."""
        width = max((len(row) for row in self.sheet.rows), default=0)
        texts = self.header.texts
        serial = next((index for index, text in texts.items() if fold(text) in _SERIAL), None)
        fill = _fill_down(self.sheet, self.header.row + 1)
        first_index = min(texts)
        names = [
            self.header.found[column.name]
            for column in self.ledger.columns
            if (column.is_required or column.is_essential) and column.name in self.header.found
        ]
        first_header = fold(texts[first_index])
        previous: list[Cell] | None = None
        for index in range(self.header.row + 1, len(self.sheet.rows)):
            cells = self.sheet.rows[index]
            if len(cells) < width:
                cells = cells + [""] * (width - len(cells))
            if index in fill:
                cells = list(cells)
                for column, value in fill[index].items():
                    cells[column] = value
            if _is_no_data(cells, serial, names, first_index, first_header, texts):
                continue
            if previous is not None:
                for column, cell in enumerate(cells):
                    if cell.__class__ is str and cell in _DITTO:
                        cells[column] = previous[column]
            previous = cells
            yield index + 1, cells


def _fill_down(sheet: Sheet, first_row: int) -> dict[int, dict[int, Cell]]:
    """Cells to copy into rows of merged ranges that span several rows: row -> column -> value."""
    fill: dict[int, dict[int, Cell]] = {}
    for (top, left), (bottom, _right) in sheet.merged:
        if top >= first_row and bottom > top and bottom < len(sheet.rows) and left < len(sheet.rows[top]):
            for row in range(top + 1, bottom + 1):
                fill.setdefault(row, {})[left] = sheet.rows[top][left]
    return fill


def _is_no_data(
    cells: list[Cell], serial: int | None, names: list[int], first_index: int, first_header: str, texts: dict[int, str]
) -> bool:
    """Whether a row below the header is blank, a total, a section's title, a signature line or the header again.

    `names`: the columns that no record is without.
    """
    if serial is not None and cells[serial].__class__ is float and cells[names[0]] != "":
        return False  # numbered and named: nearly every row
    filled = [
        index
        for index, cell in enumerate(cells)
        if cell != "" and cell is not None and (cell.__class__ is not str or cell.strip())
    ]
    if not filled or filled == [serial]:
        # A number alone is a row numbered in advance; a text alone in that column is a section's title.
        return True
    words = [plain(cell) for index in filled if (cell := cells[index]).__class__ is str]
    if any(_TOTAL.fullmatch(word) for word in words):
        return True
    if words and len(words) == len(filled) and all(_FOOTER.fullmatch(word) for word in words):
        return True
    head = cells[filled[0]]
    if head.__class__ is not str or not all(cells[index] == "" for index in names if index != filled[0]):
        text = plain(head) if head.__class__ is str else ""
    else:
        text = plain(head)
        if _FOOTER.match(text) or (_TOTAL.match(text) and len(text) <= 8) or text.endswith("以下空白"):
            return True
        if len(filled) == 1 and _SECTION.match(text):
            return True
    # The header again, as on every printed page.
    return (
        bool(text)
        and fold(text) == first_header
        and sum(fold(as_text(cells[index])) == fold(label) for index, label in texts.items() if index < len(cells)) * 2
        > len(texts)
    )


# --- Matching headers ----------------------------------------------------------------------


def _keys(text: str) -> list[str]:
    """Forms of a header to look up: as it is, without what stands in brackets, without 其中."""
    whole = fold(text)
    keys = [whole, fold(_PARENTHESES.sub("", text))]
    keys += [key.replace("其中", "").removeprefix("是否") for key in list(keys)]
    return [key for key in dict.fromkeys(keys) if key]


class _Names:
    """A ledger's columns by folded header."""

    def __init__(self, ledger: Ledger):
        self.by_key: dict[str, Column] = {}
        for column in ledger.columns:
            for text in (column.label, *column.aliases.split()):
                self.by_key.setdefault(fold(text), column)

    def exact(self, names: Iterable[str]) -> Column | None:
        for name in names:
            for key in _keys(name):
                if key in self.by_key:
                    return self.by_key[key]
        return None

    def likely(self, names: Iterable[str], taken: set[str]) -> Column | None:
        best: tuple[float, str | None, Column | None] = (0.0, None, None)
        runner_up = 0.0
        for name in names:
            for key in _keys(name):
                for known, column in self.by_key.items():
                    if column.name in taken or (set(key) ^ set(known)) & _TELLING:
                        continue
                    score = fuzz.ratio(key, known)
                    if len(known) >= 3 and known in key and len(key) <= 2 * len(known):
                        score = max(score, _LIKELY)  # our word with something before or behind it
                    if score > best[0]:
                        if best[2] is not None and best[2] is not column:
                            runner_up = best[0]
                        best = (score, known, column)
                    elif best[2] is not column:
                        runner_up = max(runner_up, score)
        return best[2] if best[0] >= _LIKELY and best[0] > runner_up else None


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


def _names(parts: list[str]) -> list[str]:
    """Names to try for a header of several levels: all together, then the lowest. An upper one alone would
    also fit a row of data below it."""
    return ["".join(parts), parts[-1]] if len(parts) > 1 else parts


def match_header(sheet: Sheet, last: int, levels: int, ledger: Ledger) -> Header:
    """Match the rows that end in `last` as a header of `ledger`."""
    names = _Names(ledger)
    stacked = _header_texts(sheet, last, levels)
    header = Header(last, levels, {column: parts[-1] for column, parts in stacked.items()}, {})
    open_columns = []
    for index, parts in stacked.items():
        column = names.exact(_names(parts))
        if column is not None and column.name not in header.found:
            header.found[column.name] = index
        elif fold(parts[-1]) not in _SERIAL:
            open_columns.append(index)
    for index in open_columns:
        column = names.likely(_names(stacked[index]), set(header.found))
        if column is not None and _reads_as(sheet, last + 1, index, column):
            header.found[column.name] = index
            header.likely[column.name] = header.texts[index]
        else:
            header.unknown.append(header.texts[index])
    return header


def _reads_as(sheet: Sheet, first: int, index: int, column: Column) -> bool:
    """Whether the first cells below a likely header can be read as its column."""
    sample = [row[index] for row in sheet.rows[first : first + 30] if index < len(row) and row[index] != ""][:20]
    good = 0
    for cell in sample:
        try:
            column.clean(cell)
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
    """A sheet's outcome: a table, or why it is none. `is_tabular` tells a table from a page of notes."""

    table: Table | None
    refusal: str = ""
    is_tabular: bool = False


def recognise(sheet: Sheet, known: Iterable[Ledger], hint: str = "") -> Recognition:
    """Tell which ledger a sheet is. `hint` (the file's name) only breaks ties."""
    known = list(known)
    best: tuple[float, Table] | None = None
    near: tuple[float, Header, Ledger] | None = None
    is_tabular = False
    title = fold(hint + sheet.name + "".join(as_text(cell) for row in sheet.rows[:3] for cell in row))
    for last, levels in _candidates(sheet):
        is_tabular = is_tabular or len([cell for cell in sheet.rows[last] if cell]) >= 3
        for ledger in known:
            header = match_header(sheet, last, levels, ledger)
            exact = len(header.found) - len(header.likely)
            score = exact + 0.5 * len(header.likely) - 0.25 * len(header.unknown) - 0.1 * levels
            missing = [column for column in ledger.columns if column.is_essential and column.name not in header.found]
            covers = len(header.found) * 2 >= len(header.found) + len(header.unknown)
            if missing or not covers:
                if len(header.found) >= 2 and (near is None or score > near[0]):
                    near = (score, header, ledger)
                continue
            score += 0.5 * any(fold(word) in title for word in ledger.words)
            if best is None or score > best[0]:
                best = (score, Table(sheet, ledger, header))
    if best is not None:
        return Recognition(best[1], is_tabular=True)
    if near is not None:
        _score, header, ledger = near
        found = "、".join(ledger.label(name) for name in header.found)
        missing_labels = "、".join(
            column.label for column in ledger.columns if column.is_essential and column.name not in header.found
        )
        unknown = "、".join(f"「{text}」" for text in header.unknown)
        return Recognition(
            None,
            f"工作表「{sheet.name}」看不出是哪种台账。最接近「{ledger.title}」：第 {header.row + 1} 行认出了 {found}"
            + (f"；缺少 {missing_labels}" if missing_labels else "")
            + (f"；不认识 {unknown}" if unknown else "")
            + "。请把表头改成「"
            + "、".join(c.label for c in ledger.columns if c.is_essential)
            + "」等名称后再导入。",
            is_tabular=True,
        )
    return Recognition(
        None,
        f"工作表「{sheet.name}」看不出是哪种台账：前 {_HEADER_WITHIN_ROWS} 行里没有认识的表头。能读的台账有："
        + "、".join(ledger.title for ledger in known)
        + "。",
        is_tabular=is_tabular,
    )


def union_named_in(table: Table, words: Iterable[str]) -> str:
    """The organisation named above the header under one of `words` (工会名称：…), or ""."""
    notes = table.notes()
    return next((notes[fold(word)] for word in words if notes.get(fold(word))), "")
