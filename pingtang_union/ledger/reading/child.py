"""Step 1, the job of the limited child (files/child.py): the bytes of a workbook become packets of rows.

It imports nothing of Django, so that it starts in some hundredths of a second. What it says, as JSON: "sheet": a
Head; "rows": {"rows": some rows of it, "moments": which of their cells are dates}; "end": how many columns hold
something; "apart": why the sheet is not read; "larger": more than a person should wait for.
"""

import csv
import datetime
import io
import math
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from pingtang_union.files.child import Refused, Say, TooBig
from pingtang_union.ledger.reading import styles, unseen
from pingtang_union.ledger.reading.binary import Locked, sheets_of_xls, sheets_of_xlsb
from pingtang_union.ledger.reading.unseen import Marks

MAX_UNPACKED_BYTES = 400 * 1024 * 1024
MAX_PARTS = 5_000
MAX_SHEETS = 1_000
MAX_COLUMNS = 150  # the county's widest ledger has 40
# Of all sheets together: checking and writing 100,000 members takes 390 MB.
MAX_ROWS = 105_000
MAX_CELLS = 2_500_000
MAX_TEXT = 32_767  # characters of a cell: what spreadsheet programs hold themselves
_PACKET_CELLS = 20_000
_CHARACTERS_OF_A_CELL = 16  # longer texts count as more cells, so that no packet is much larger than others

TOO_BIG = (
    "大得异常，不能读入：多半是很远的格子里有空格，或者不是表格软件做的文件。"
    "请把有内容的部分复制到新表格，另存为 .xlsx 再导入。"
)
DAMAGED = "不完整或已损坏，不能读入。请用表格软件打开，另存为 .xlsx 再导入；无法打开的，请重新复制一份。"
LOCKED = "设了打开密码，请先在表格软件里取消密码，再导入。"
FOREIGN = (
    "里夹带了表格软件不会写的内容（文档类型定义），可能有害，没有读入。请把内容复制到新表格，另存为 .xlsx 再导入。"
)
ARCHIVE = "是压缩包，不是表格。请先解压，再上传里面的表格。"
ODD_ERROR = "里有格子是公式错误（{}），不能读入。请把公式错误改成实际的内容，保存后再导入。"
MACROS = "文件里带有宏。宏没有运行，只读了格子里的内容。"
ENCODING = "文字编码无法识别。请用表格软件打开，另存为 .xlsx 再导入。"
NO_CSV = "不是能读的 CSV 文件。请用表格软件打开，另存为 .xlsx 再导入。"
TOO_WIDE = f"第 {MAX_COLUMNS} 列以后还有内容（到第 {{}} 列），台账最多 {MAX_COLUMNS} 列。请删去多余的列，再导入。"
TOO_LONG = (
    f"内容太多，或者隔得太远：一个文件最多 {MAX_ROWS // 10_000} 万行、{MAX_CELLS // 10_000} 万个格子。"
    "请删去远处多余的内容，或者按工会分成几个文件。"
)
_OTHER_KINDS = {"word/": "是 Word 文档", "ppt/": "是演示文稿"}
NO_LEDGER = "，不是表格。请上传 Excel 或 WPS 表格做的台账。"


class Larger(Exception):
    """More than `Limits` say, though no more than the file may hold."""


@dataclass(frozen=True)
class Limits:
    """How much is read of one file: bytes of its parts once unpacked, rows, cells. A person who waits has smaller ones
    than the worker; beyond them the file is for the worker."""

    unpacked: int = MAX_UNPACKED_BYTES
    rows: int = MAX_ROWS
    cells: int = MAX_CELLS


@dataclass
class Head:
    """A sheet before its rows."""

    name: str
    is_hidden: bool = False
    merged: list[tuple[tuple[int, int], tuple[int, int]]] = field(default_factory=list)
    marks: Marks = field(default_factory=Marks)
    notices: list[str] = field(default_factory=list)


def job(content: bytes, told: Any, say: Say) -> None:
    """Say what the bytes hold. told: {"is_text": bool, "limits": those of Limits}."""
    try:
        read(content, is_text=told["is_text"], say=say, limits=Limits(**told["limits"]))
    except Larger:
        say("larger", None)
    except (PasswordError, Locked) as error:
        raise Refused(LOCKED) from error
    except CalamineError as error:
        odd = re.search(r"#[A-Z/!?_]+", str(error)) if "error value" in str(error) else None
        raise Refused(ODD_ERROR.format(odd[0]) if odd else DAMAGED) from error
    except (Refused, TooBig, MemoryError):
        raise
    except BaseException as error:  # a panic of the library is no Exception
        if "capacity overflow" in str(error):
            raise TooBig from error
        raise


def read(content: bytes, *, is_text: bool, say: Say, limits: Limits) -> None:
    """Say what the bytes hold. Raises Refused, TooBig, Larger or whatever the library raises."""
    rest = _Rest(limits)
    if is_text:
        say("sheet", Head(""))
        _say_rows(_csv_rows(content), say, rest)
        return
    marks_by_sheet: list[Marks] = []
    look = styles.Styles()
    notices = []
    if content.startswith(b"PK"):
        with _archive(content) as archive:
            _look_into(archive, limits)
            names = {name.lower() for name in archive.namelist()}
            if any(name.endswith("vbaproject.bin") for name in names):
                notices.append(MACROS)
            if "content.xml" in names:
                marks_by_sheet, look = unseen.sheets_of_ods(archive), styles.of_ods(archive)
            elif "xl/workbook.xml" in names or "xl\\workbook.xml" in names:
                marks_by_sheet, look = unseen.sheets_of_xlsx(archive), styles.of_xlsx(archive)
            elif "xl/workbook.bin" in names:
                marks_by_sheet, look = sheets_of_xlsb(archive), styles.of_xlsb(archive)
    else:
        marks_by_sheet, look = sheets_of_xls(content), styles.of_xls(content)
        if "_VBA_PROJECT".encode("utf-16-le") in content:
            notices.append(MACROS)
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    metadata = book.sheets_metadata
    if len(metadata) > MAX_SHEETS:
        raise Refused(f"有 {len(metadata)} 个工作表，一次最多 {MAX_SHEETS} 个，请分成几个文件。")
    for index, meta in enumerate(metadata):
        if meta.typ != SheetTypeEnum.WorkSheet:
            continue
        sheet = book.get_sheet_by_index(index)
        marks = marks_by_sheet[index] if len(marks_by_sheet) == len(metadata) else Marks()
        marks.day_shift = look.day_shift
        rows = _rows_of(sheet)
        if len(look.sheets) == len(metadata):
            rows = look.sheets[index].rows(rows)
        is_hidden = meta.visible != SheetVisibleEnum.Visible
        say("sheet", Head(_text(meta.name), is_hidden, list(sheet.merged_cell_ranges or ()), marks, notices))
        _say_rows(rows, say, rest)


# --- Archives ------------------------------------------------------------------------------


def _archive(content: bytes) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError, OverflowError) as error:
        raise Refused(DAMAGED) from error


def _look_into(archive: zipfile.ZipFile, limits: Limits) -> None:
    """Refuse what is no workbook, is locked, or would be too much. Sizes are those that the archive claims: one
    that lies meets the limits of this process."""
    parts = archive.infolist()
    unpacked = sum(part.file_size for part in parts)
    if len(parts) > MAX_PARTS or unpacked > MAX_UNPACKED_BYTES:
        raise TooBig
    if unpacked > limits.unpacked:
        raise Larger
    if any(part.flag_bits & 1 for part in parts):
        raise Refused(LOCKED)
    names = [part.filename.replace("\\", "/").lower() for part in parts]
    if "encrypted-package" in names:
        raise Refused(LOCKED)
    for beginning, kind in _OTHER_KINDS.items():
        if any(name.startswith(beginning) for name in names):
            raise Refused(kind + NO_LEDGER)
    if not any(name.startswith("xl/") or name == "content.xml" for name in names):
        is_broken = "[content_types].xml" in names or "mimetype" in names
        raise Refused(DAMAGED if is_broken else ARCHIVE)
    try:
        for part, name in zip(parts, names, strict=True):
            if name.endswith((".xml", ".rels")):
                with archive.open(part) as stream:
                    head = stream.read(4096)
                # Text in two bytes a character would hide from the search, and from the library too.
                if b"<!DOCTYPE" in head or b"<!ENTITY" in head or b"\0" in head[:200]:
                    raise Refused(FOREIGN)
                if name == "meta-inf/manifest.xml" and b"encryption-data" in archive.read(part):
                    raise Refused(LOCKED)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError) as error:
        raise Refused(DAMAGED) from error


# --- Rows ----------------------------------------------------------------------------------


def _rows_of(sheet: CalamineSheet) -> Iterator[list[Any]]:
    """Rows from the sheet's first on, cells from its column A on."""
    before = [""] * (sheet.start[1] if sheet.start else 0)
    for row in sheet.iter_rows():
        yield before + row if before else row


class _Known(dict[Any, Any]):
    """Texts and numbers as they are sent, one object for all that are equal: memory."""

    has_long = False

    def __missing__(self, cell: Any) -> Any:
        if cell.__class__ is str:
            self.has_long |= len(cell) > 10 * _CHARACTERS_OF_A_CELL
            sent = cell if cell.isprintable() and len(cell) <= MAX_TEXT else _text(cell)
        else:
            sent = cell if math.isfinite(cell) else "#NUM!"
        self[cell] = sent
        return sent


class _Rest:
    """How much more of a file is read."""

    def __init__(self, limits: Limits) -> None:
        self.rows, self.cells = limits.rows, limits.cells
        self.is_all = limits.rows >= MAX_ROWS and limits.cells >= MAX_CELLS


def _say_rows(rows: Iterable[list[Any]], say: Say, rest: _Rest) -> None:
    """Say the rows down to the last with something in it; whoever hears cuts them to the columns in use."""
    packet: list[list[Any]] = []
    moments: list[tuple[int, int, int]] = []  # (row of the packet, column, which of MOMENTS)
    known = _Known()
    blank = size = count = used = 0
    for row in rows:
        if not any(row) and not any(cell != "" for cell in row):
            blank += 1
            continue
        row = [known[cell] if (kind := cell.__class__) is str or kind is float else _plain(cell) for cell in row]
        if len(row) > used:
            used += max((at for at, cell in enumerate(row[used:], start=1) if _is_said(cell)), default=0)
            if used > MAX_COLUMNS:
                say("apart", TOO_WIDE.format(used))
                return
        if not any(map(_is_said, row)):
            blank += 1
            continue
        count += blank + 1
        if count > rest.rows or count * used > rest.cells:
            if not rest.is_all:
                raise Larger
            say("apart", TOO_LONG)
            return
        packet += [[] for _ in range(blank)]
        for at, cell in enumerate(row):
            if (kind := cell.__class__) is not str and kind is not float and kind in MOMENTS:
                moments.append((len(packet), at, MOMENTS.index(kind)))
        packet.append(row)
        size += len(row) + blank
        if known.has_long:
            size += sum(len(cell) for cell in row if cell.__class__ is str) // _CHARACTERS_OF_A_CELL
        blank = 0
        if size > _PACKET_CELLS:
            say("rows", {"rows": packet, "moments": moments})
            packet, moments, size = [], [], 0
            known = _Known()
    say("rows", {"rows": packet, "moments": moments})
    say("end", used)
    rest.rows -= count
    rest.cells -= count * used


MOMENTS: tuple[type, ...] = (datetime.datetime, datetime.date, datetime.time)  # JSON holds them as texts


def _is_said(cell: Any) -> bool:
    return cell != "" if cell.__class__ is not str else not (cell == "" or cell.isspace())


_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")  # no database takes them all


def _text(cell: str) -> str:
    """A text without control characters, cut to what a cell can hold."""
    return _CONTROLS.sub("", cell[: MAX_TEXT + 1])


def _plain(cell: Any) -> Any:
    """Other values than texts and numbers as those that cleaners know."""
    if isinstance(cell, int) and not isinstance(cell, bool):
        return float(cell) if abs(cell) < 1 << 53 else str(cell)
    if isinstance(cell, datetime.timedelta):
        minutes, seconds = divmod(round(cell.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02d}" + (f":{seconds:02d}" if seconds else "")
    return cell


# --- Text tables ---------------------------------------------------------------------------


def _csv_rows(content: bytes) -> Iterator[list[Any]]:
    encoding, sample = _encoding(content)
    try:
        delimiter = csv.Sniffer().sniff(sample, delimiters=",;\t").delimiter
    except csv.Error:
        delimiter = max(",;\t", key=sample.count)
    csv.field_size_limit(2 * len(content))
    stream = io.TextIOWrapper(io.BytesIO(content), encoding=encoding, newline="")
    try:
        for row in csv.reader(stream, delimiter=delimiter):
            if len(row) > MAX_CELLS:
                raise TooBig
            yield row
    except csv.Error as error:
        raise Refused(NO_CSV) from error


def _encoding(content: bytes) -> tuple[str, str]:
    """The encoding that the whole text can be read in, and the text's beginning. Raises Refused."""
    encodings: tuple[str, ...] = ("utf-8-sig", "gb18030")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ("utf-16",)
    elif b"\0" in content[:2000]:
        # No mark, but the commas and line ends of a table have a zero before or behind them.
        before, behind = content[0:4000:2].count(0), content[1:4000:2].count(0)
        encodings = ("utf-16-le",) if behind >= before else ("utf-16-be",)
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text[:2000]:
            return encoding, text[:8192]
    raise Refused(ENCODING)
