"""A sheet understood as a table: its header, the notes above it, and which rows below it are records."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain

from pingtang_union.core.cleaning import Cell, as_text, is_ditto
from pingtang_union.core.text import fold, plain, visible
from pingtang_union.ledger.declaration import Ledger
from pingtang_union.ledger.reading.workbook import Sheet

PARENTHESES = re.compile(r"[（(\[【〔][^）)\]】〕]*[）)\]】〕]")
SERIAL = {fold(word) for word in ("序号", "编号", "No", "№", "序", "行号", "顺序号")}
_TOTAL = re.compile(r".{0,8}(?:合计|总计|小计|共计|累计|总数|总人数)(?:[（(].*[)）]|\d+[个人名])?[:：]?")
_NO_RECORD = re.compile(  # page numbers, a date of signing, a count: none of them a union or a person
    r"第\d+页.*|共\d+页.*|\d{4}年\d{1,2}月(?:\d{1,2}日)?|[-—*(（]*以下空白[-—*)）]*|.{2,8}\d+个|\d+人"
)
_EXAMPLE = {"例", "示例", "样例", "例如", "范例", "填写示例", "例:"}
_SIGNER = (
    r"(?:单位|主要|工会)?(?:负责人|主席[（(]?签[字名][)）]?|领导|领导签字|审核人?|复核人?|填表人|制表人?|填报人|经办人|联系人|签字|签章|盖章|公章|"
    r"填[表报]日期|填[表报]时间|制表日期|日期|填[表报]说明|填[表报]单位|说明|备注|注|附注|联系电话|"
    r"导出人|导出时间|导出条件)"
)
_FOOTER = re.compile(
    _SIGNER + r"(?:[（(][^）)]*[)）])?\d*(?:[:：].*|$)|(?:填表人|审核人|制表人|复核人|单位负责人)\S{0,20}"
)
# Whatever an office calls who signs: 分管领导：　带队领导：张三　（签字）.
_LABELLED = re.compile(r"[^\d:：]{2,12}[:：].{0,12}")
SECTION_NUMBER = re.compile(r"[（(]?[一二三四五六七八九十]+[、.．)）]")
_BLOCK = 500  # rows
_DITTO_BEGINS = set("同〃″”\"＂' \u3000\xa0")
_STAMP = re.compile(r"[（(](?:盖章|公章|签章|章)[)）]|[,，]\s*填[表报].*$")
_NOTE_TEXT = 1000  # a longer text is a page of rules, and slow to search for notes
_COLON = re.compile(r"[:：]")
_SPACED_COLON = re.compile(r"\s+([:：])")
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
    keys: dict[int, str] = field(default_factory=dict)  # column index -> folded texts of all levels
    chosen: list[int] = field(default_factory=list)  # column indexes whose meaning the office has given
    # Columns that mean what another one is read for already: (index left out, index read).
    doubled: list[tuple[int, int]] = field(default_factory=list)


@dataclass(slots=True)
class Table:
    """A sheet understood as a ledger."""

    sheet: Sheet
    ledger: Ledger
    header: Header
    sections: list[str] = field(default_factory=list)  # texts of passed-over rows, once the rows are read
    # (sheet row from 1, cells) of the totals among them, and what is said of those that don't fit their rows
    totals: list[tuple[int, list[Cell]]] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)

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
            texts = [cell.strip() for cell in row if isinstance(cell, str) and cell.strip() and len(cell) < _NOTE_TEXT]
            for text, beside in zip(texts, [*texts[1:], ""], strict=False):
                for word, content in _NOTE.findall(_SPACED_COLON.sub(r"\1", text)):
                    # Word and text may stand in two cells.
                    text_ = visible(content) or (beside if not _COLON.search(beside) else "")
                    pairs.setdefault(_note_key(word), _STAMP.sub("", text_).strip(" ，,；;"))
        return pairs

    def has_rows(self) -> bool:
        """Whether there is any row with data."""
        is_there = next(self.data_rows(), None) is not None
        self.sections.clear()  # reading the rows tells them anew
        self.totals.clear()
        return is_there

    def data_rows(self) -> Iterator[tuple[int, list[Cell]]]:
        """(sheet row from 1, cells) of the rows with data: no titles, totals, sections, signatures or blanks."""
        width = max((len(row) for row in self.sheet.rows), default=0)
        texts = self.header.texts
        serial = next((index for index, text in texts.items() if fold(text) in SERIAL), None)
        fill = _fill_down(self.sheet, self.header.row + 1)
        names = [
            self.header.found[column.name]
            for column in self.ledger.columns
            if (column.is_required or column.is_essential) and column.name in self.header.found
        ]
        defaults = {
            texts[self.header.found[column.name]]
            for column in self.ledger.read_columns
            if column.is_repetitive and column.name in self.header.found and self.header.found[column.name] in texts
        }
        first_header = fold(texts[min(texts)])
        dittos = _dittos(self.sheet.rows)
        previous: list[Cell] | None = None
        for index in range(self.header.row + 1, len(self.sheet.rows)):
            cells = self.sheet.rows[index]
            if len(cells) < width:
                cells = cells + [""] * (width - len(cells))
            if index in fill:
                cells = list(cells)
                for column, value in fill[index].items():
                    cells[column] = value
            if _is_no_data(cells, serial, names, first_header, texts, defaults):
                texts_ = [plain(cell) for cell in cells if isinstance(cell, str) and cell.strip()]
                self.sections += texts_[:2]
                if texts_ and _TOTAL.fullmatch(texts_[0]):
                    self.totals.append((index + 1, cells))
                continue
            if previous is not None and not dittos.isdisjoint(cells):
                for column, cell in enumerate(cells):
                    if cell.__class__ is str and cell in dittos:
                        cells[column] = previous[column]
            previous = cells
            yield index + 1, cells


def _dittos(rows: list[list[Cell]]) -> set[Cell]:
    """Cells that say "as above": looked for among the different cells of some hundred rows at a time, which are few."""
    return {
        cell
        for start in range(0, len(rows), _BLOCK)
        for cell in set(chain.from_iterable(rows[start : start + _BLOCK]))
        if cell.__class__ is str and cell[:1] in _DITTO_BEGINS and is_ditto(cell)
    }


def _note_key(word: str) -> str:
    """Key of a note's word: without what stands in brackets (填报单位（盖章）)."""
    return fold(PARENTHESES.sub("", word)) or fold(word)


def _fill_down(sheet: Sheet, first_row: int) -> dict[int, dict[int, Cell]]:
    """Cells to copy into rows of merged ranges that span several rows: row -> column -> value."""
    fill: dict[int, dict[int, Cell]] = {}
    for (top, left), (bottom, _right) in sheet.merged:
        if top >= first_row and bottom > top and bottom < len(sheet.rows) and left < len(sheet.rows[top]):
            for row in range(top + 1, bottom + 1):
                fill.setdefault(row, {})[left] = sheet.rows[top][left]
    return fill


def _is_no_data(
    cells: list[Cell],
    serial: int | None,
    names: list[int],
    first_header: str,
    texts: dict[int, str],
    defaults: set[str],
) -> bool:
    """Whether a row below the header is blank, a total, a section's title, a signature line or the header again.

    `names`: the columns that no record is without; `defaults`: headers of columns that are filled in advance.
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
    words = {index: plain(cell) for index in filled if (cell := cells[index]).__class__ is str}
    is_nameless = all(cells[index] == "" for index in names)
    head = words.get(filled[0], "")
    numbered = serial is not None and cells[serial].__class__ is float
    if head in _EXAMPLE:
        return True
    if words and len(words) == len(filled) and _is_signature(list(words.values())):
        return True
    # A total, page or date where a name should be, or in a row without one.
    if not numbered and any(
        _TOTAL.fullmatch(word) or _NO_RECORD.fullmatch(word)
        for index, word in words.items()
        if is_nameless or index in (names[0], filled[0])
    ):
        return True
    if len(filled) == 1 and len(names) > 1 and SECTION_NUMBER.match(head):
        return True  # a section's title in the first of the columns that no record is without
    if is_nameless or names == [filled[0]]:
        if _FOOTER.match(head) and (is_nameless or len(filled) == 1 or _COLON.search(head)):
            return True
        if len(filled) == 1 and (SECTION_NUMBER.match(head) or (is_nameless and head and not numbered)):
            return True
        if (
            numbered
            and is_nameless
            and len(filled) <= 3
            and all(index == serial or texts.get(index) in defaults for index in filled)
        ):
            return True  # numbered in advance, with a default in a code column
    if len(filled) >= 3 and _is_numbering([as_text(cells[index]) for index in filled]):
        return True
    # The header again, as on every printed page.
    return (
        bool(head)
        and fold(head) == first_header
        and sum(fold(as_text(cells[index])) == fold(label) for index, label in texts.items() if index < len(cells)) * 2
        > len(texts)
    )


def _is_signature(words: list[str]) -> bool:
    """Whether a row of texts is 填表人：… 审核人：…, in whatever cells the words and the names stand."""
    signs = [bool(_FOOTER.fullmatch(word)) for word in words]
    if len(words) > 1 and all(map(_LABELLED.fullmatch, words)):
        return True
    return all(signs) or (signs[0] and bool(re.fullmatch(_SIGNER + "[:：]?", words[0])) and len(words) <= 6)


def _is_numbering(words: list[str]) -> bool:
    """Whether a row numbers the columns: 1 2 3 … or 甲 乙 丙 …."""
    return words == [str(number) for number in range(1, len(words) + 1)] or "".join(words) in "甲乙丙丁戊己庚辛壬癸"


def union_named_in(table: Table, words: Iterable[str]) -> str:
    """The organisation named above the header under one of `words` (工会名称：…), or ""."""
    notes = table.notes()
    return next((notes[fold(word)] for word in words if notes.get(fold(word))), "")
