"""Step 1: bytes become sheets of cells. The kind of file is told by its content, never by its suffix.

What reads a workbook runs in a process of its own with limits on memory and time (files/limited.py, with the job
ledger.reading.child), so that no file can take the server or the worker with it.
"""

import datetime
import re
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from pathlib import PurePath
from typing import Any

from pingtang_union.core.cleaning import Cell
from pingtang_union.core.exceptions import Interrupted
from pingtang_union.core.text import visible
from pingtang_union.files import limited
from pingtang_union.ledger.reading import child
from pingtang_union.ledger.reading.unseen import Marks, Place, letters_of

SUFFIXES = {".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", ".csv"}
MAX_BYTES = 50 * 1024 * 1024  # what one office PC can hold of one ledger
MACROS = child.MACROS
# Reading 50 MB takes less than 30 seconds; the page gives a silent step up after 90.
_SECONDS = 20
_SECONDS_PER_MB = 1
_MAX_SHEET_NAME = 100
_ZIP = b"PK"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_JOB = "pingtang_union.ledger.reading.child:job"
_OLE_KINDS = {
    "EncryptedPackage": child.LOCKED,
    "WordDocument": "是 Word 文档" + child.NO_LEDGER,
    "PowerPoint Document": "是演示文稿" + child.NO_LEDGER,
}
_SIGNATURES = {
    b"%PDF": "是 PDF 文件，不是表格。请找到原来的表格上传；只有 PDF 或纸质的，请按空白表填写后上传。",
    b"\x89PNG": "是图片，不是表格。截图和照片不能读入，请上传原来的表格。",
    b"\xff\xd8\xff": "是图片，不是表格。截图和照片不能读入，请上传原来的表格。",
    b"GIF8": "是图片，不是表格。截图和照片不能读入，请上传原来的表格。",
    b"BM": "是图片，不是表格。截图和照片不能读入，请上传原来的表格。",
    b"{\\rtf": "是 Word 文档" + child.NO_LEDGER,
    b"Rar!": child.ARCHIVE,
    b"7z\xbc\xaf": child.ARCHIVE,
    b"\x1f\x8b": child.ARCHIVE,
}
WEB_PAGE = "其实是网页（HTML 或 XML）文件，只是改了后缀。请用表格软件打开，另存为 .xlsx 再导入。"
NO_TABLE = "不是表格文件（内容与后缀不符）。请用表格软件打开，另存为 .xlsx 再导入。"
TOO_SLOW = "读得太久，已经停下，没有读入。请把有内容的部分复制到新表格，另存为 .xlsx 再导入。"
BUSY = "同时检查的文件较多，请稍后再试。"
# Read while a person waits: a few thousand rows. Beyond that the worker has the file.
HURRIED = child.Limits(unpacked=6_000_000, rows=20_000, cells=300_000)
UNSAVED = "公式没有保存结果，请在表格软件里打开、保存一次再传。"

Merge = tuple[tuple[int, int], tuple[int, int]]


class UnreadableFile(Exception):
    """Why a file can't be read, and what the clerk can do."""


class LargerFile(Exception):
    """More than the limits of reading say: for the worker, which has all the time it needs."""


class Broken(str):
    """A cell that must not be read as what it looks like: `said` is why, for the clerk.

    As a text it begins like a formula, which no column takes.
    """

    said: str

    def __new__(cls, shown: str, said: str) -> "Broken":
        """`shown`: what messages quote."""
        cell = super().__new__(cls, shown)
        cell.said = said
        return cell


@dataclass(slots=True)
class Sheet:
    """A sheet's cells by row, from its first row on; merged ranges as ((row, column), (row, column)) from 0."""

    name: str
    rows: list[list[Cell]]
    merged: list[Merge] = field(default_factory=list)
    is_hidden: bool = False
    notices: list[str] = field(default_factory=list)  # what a clerk must be told of the sheet: hidden rows, …
    refusal: str = ""  # why the sheet was not read, though others of the file were
    day_shift: int = 0  # days to add to its day numbers so that they count from 1899-12-30


def read_workbook(
    content: bytes, name: str, *, limits: child.Limits | None = None, patience: float = limited.PATIENCE_SECONDS
) -> list[Sheet]:
    """The sheets of a workbook or a text table.

    limits: how much is read (as much as a file may hold). patience: seconds to wait while others are read. Raises
    UnreadableFile with what to do about it, LargerFile beyond the limits, and limited.Busy or Interrupted when the file
    could not be looked at, which says nothing of it.
    """
    is_text = _is_text(content, name)
    sheets: list[Sheet] = []
    told = {"is_text": is_text, "limits": asdict(limits or child.Limits())}
    seconds = _SECONDS + _SECONDS_PER_MB * len(content) / 1024 / 1024
    try:
        limited.run(_JOB, content, told, hear=_hearer(sheets), seconds=seconds, patience=patience)
    except limited.Refused as refusal:
        raise UnreadableFile(str(refusal)) from refusal
    except limited.TooBig as error:
        raise UnreadableFile(child.TOO_BIG) from error
    except limited.TooSlow as error:
        raise UnreadableFile(TOO_SLOW) from error
    except limited.Damaged as error:
        raise UnreadableFile(child.DAMAGED) from error
    except limited.Interrupted as error:
        raise Interrupted from error
    return _named(sheets, name, is_text)


def read_here(content: bytes, name: str) -> list[Sheet]:
    """The same in this very process: for jobs that run in a limited child themselves."""
    is_text = _is_text(content, name)
    sheets: list[Sheet] = []
    child.read(content, is_text=is_text, say=_hearer(sheets), limits=child.Limits())
    return _named(sheets, name, is_text)


def _is_text(content: bytes, name: str) -> bool:
    """Whether it is a text table; raises UnreadableFile where the first bytes tell already that it can't be read."""
    if not content:
        raise UnreadableFile("是空文件，请核对是否选错了文件。")
    if len(content) > MAX_BYTES:
        raise UnreadableFile(too_large(len(content)))
    if content.startswith(_OLE):
        for stream, refusal in _OLE_KINDS.items():
            if stream.encode("utf-16-le") in content:
                raise UnreadableFile(refusal)
    elif not content.startswith(_ZIP):
        _refuse_other_kinds(content, PurePath(name).suffix.lower())
        return True
    return False


def _named(sheets: list[Sheet], name: str, is_text: bool) -> list[Sheet]:
    if is_text:
        sheets[0].name = PurePath(name).stem
    _name_apart(sheets)
    return sheets


def too_large(size: int) -> str:
    """Why a file of so many bytes is not taken."""
    return f"文件有 {size // 1024 // 1024} MB，最大 {MAX_BYTES // 1024 // 1024} MB，请按工会分成几个文件。"


def safe_name(name: str) -> str:
    """A file's name as it is kept and shown: its last part, no signs that hide or turn round others, 255 at most."""
    shown = "".join(char for char in visible(re.split(r"[\\/]", name)[-1]) if char.isprintable()) or "未命名"
    if len(shown) > 255:
        suffix = PurePath(shown).suffix[:10]
        shown = shown[: 254 - len(suffix)] + "…" + suffix
    return shown


def _refuse_other_kinds(content: bytes, suffix: str) -> None:
    head = content[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith(b"<"):
        raise UnreadableFile(WEB_PAGE)
    for signature, refusal in _SIGNATURES.items():
        # Two letters alone may begin a text.
        if content.startswith(signature) and (len(signature) > 2 or b"\0" in content[:32]):
            raise UnreadableFile(refusal)
    if suffix != ".csv":
        raise UnreadableFile(NO_TABLE)


# --- Hearing the child ---------------------------------------------------------------------


def _hearer(sheets: list[Sheet]) -> Callable[[str, Any], None]:
    """What takes the child's words down into `sheets`. Raises LargerFile when it says so."""
    marks = Marks()
    known: dict[str, str] = {}  # texts recur: each is held once

    def hear(kind: str, told: Any) -> None:
        nonlocal marks
        if kind == "sheet":
            known.clear()
            head = told if isinstance(told, child.Head) else child.Head(**told)
            marks = head.marks if isinstance(head.marks, Marks) else Marks(**head.marks)
            merged: list[Merge] = [((a, b), (c, d)) for (a, b), (c, d) in head.merged]
            sheets.append(Sheet(head.name, [], merged, head.is_hidden, list(head.notices)))
        elif kind == "rows":
            if len(known) > _KNOWN_TEXTS:
                known.clear()
            once = known.setdefault
            rows = [[once(cell, cell) if cell.__class__ is str else cell for cell in row] for row in told["rows"]]
            for row, column, which in told["moments"]:
                if (cell := rows[row][column]).__class__ is str:
                    rows[row][column] = _MOMENTS[which](cell)
            sheets[-1].rows += rows
        elif kind == "apart":
            sheets[-1].rows, sheets[-1].merged, sheets[-1].refusal = [], [], told
        elif kind == "end":
            _finish(sheets[-1], told, marks)
        elif kind == "larger":
            raise LargerFile

    return hear


_KNOWN_TEXTS = 100_000
_MOMENTS = (datetime.datetime.fromisoformat, datetime.date.fromisoformat, datetime.time.fromisoformat)


# --- What a sheet's rows don't say ---------------------------------------------------------


def _finish(sheet: Sheet, used: int, marks: Marks) -> None:
    """Cut the rows to the columns in use, put in what the cells didn't tell, and say what is hidden."""
    sheet.day_shift = marks.day_shift
    for row in sheet.rows:
        if len(row) > used:
            del row[used:]
    images = [*marks.images, *_pictures(sheet.rows)]
    _put(sheet.rows, ((place, "") for place in images))
    _put(sheet.rows, ((place, Broken("=（公式没有结果）", UNSAVED)) for place in marks.unsaved))
    _put(
        sheet.rows,
        (
            ((row, column), Broken(text, f"单元格里是公式错误 {text}，请改成实际的内容。"))
            for row, column, text in marks.errors
        ),
    )
    if images:
        sheet.notices.append(f"{_places(images)}里是图片。图片不能读入，别的格子照常读入了。")
    if marks.unsaved:
        sheet.notices.append(f"{_places(marks.unsaved)}里的{UNSAVED}")
    if marks.errors:
        sheet.notices.append(
            f"{_places([(row, column) for row, column, _text in marks.errors])}里是公式错误，没有读入。"
        )
    hidden = sorted({row for row in marks.hidden_rows if row < len(sheet.rows) and any(map(_is_said, sheet.rows[row]))})
    if hidden:
        how = "表格正在筛选，没有显示的" if marks.is_filtered else "隐藏的"
        sheet.notices.append(f"{how} {len(hidden)} 行（第 {_spans(hidden)} 行）也照样读入了，请核对。")
    columns = _hidden_columns(sheet, used, marks)
    if columns:
        sheet.notices.append(f"隐藏的 {len(columns)} 列（{'、'.join(columns[:10])}）也照样读入了，请核对。")


def _hidden_columns(sheet: Sheet, used: int, marks: Marks) -> list[str]:
    columns = sorted({at for first, last in marks.hidden_columns for at in range(first, min(last + 1, used))})
    return [
        letters_of(at + 1) + " 列" for at in columns if any(at < len(row) and _is_said(row[at]) for row in sheet.rows)
    ]


def _is_said(cell: Cell) -> bool:
    return bool(cell.strip()) if isinstance(cell, str) else cell is not None


_PICTURE = re.compile(r"=\s*(?:_xlfn\.)?DISPIMG\(", re.IGNORECASE)


def _pictures(rows: list[list[Cell]]) -> list[Place]:
    """Cells in which WPS keeps a picture: the formula =DISPIMG("ID_…",1) stands there as a text."""
    return [
        (at, column)
        for at, row in enumerate(rows)
        for column, cell in enumerate(row)
        if cell.__class__ is str and cell[:1] == "=" and _PICTURE.match(cell)
    ]


def _put(rows: list[list[Cell]], cells: Iterable[tuple[Place, Any]]) -> None:
    for (row, column), value in cells:
        if row >= child.MAX_ROWS or column >= child.MAX_COLUMNS:
            continue
        while len(rows) <= row:
            rows.append([])
        rows[row] += [""] * (column + 1 - len(rows[row]))
        rows[row][column] = value


def _places(places: list[Place]) -> str:
    """Cells as people call them, the first few and how many they are."""
    named = "、".join(f"{letters_of(column + 1)}{row + 1}" for row, column in places[:5])
    return f"{named} 格" if len(places) <= 5 else f"{named} 等 {len(places)} 格"


def _spans(numbers: list[int]) -> str:
    """Rows from 0 as people count them, runs together: 5—9、20, the first few."""
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and runs[-1][1] == number - 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    shown = [str(first + 1) if first == last else f"{first + 1}—{last + 1}" for first, last in runs[:5]]
    return "、".join(shown) + ("等" if len(runs) > 5 else "")


def _name_apart(sheets: list[Sheet]) -> None:
    """Names that are shown, kept and told apart: none empty, none overlong, none twice."""
    taken: set[str] = set()
    for number, sheet in enumerate(sheets, start=1):
        name = "".join(char for char in visible(sheet.name) if char.isprintable()) or f"第 {number} 个工作表"
        name = unique = name[:_MAX_SHEET_NAME]
        again = 2
        while unique in taken:
            ending = f"（{again}）"
            unique, again = name[: _MAX_SHEET_NAME - len(ending)] + ending, again + 1
        sheet.name = unique
        taken.add(unique)
