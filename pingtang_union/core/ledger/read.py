"""Step 1: bytes become sheets of cells. The kind of file is told by its content, never by its suffix."""

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import PurePath

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from pingtang_union.core.ledger.clean import Cell

SUFFIXES = {".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", ".csv"}
# What one office PC can hold of one ledger: 50 MB as a file, 600 MB unpacked.
MAX_BYTES = 50 * 1024 * 1024
MAX_UNPACKED_BYTES = 600 * 1024 * 1024
# A reader lays a sheet out as a full rectangle: one blank in the last cell would ask for 17 thousand million.
MAX_CELLS = 6_000_000
_ROW = re.compile(rb'<(?:\w+:)?row [^>]*?\br="(\d+)"')
_BEYOND_Z = re.compile(rb' r="[A-Z]{2}')
_ODD_XML = (b"r='", b"\tr=", b"\nr=", b"\rr=", b" r =")
_CELL = re.compile(rb"""\br\s*=\s*["']([A-Z]{1,3})(\d+)["']""")
_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")

Merge = tuple[tuple[int, int], tuple[int, int]]


class UnreadableFile(Exception):
    """Why a file can't be read, and what the clerk can do."""


@dataclass(slots=True)
class Sheet:
    """A sheet's cells by row, from its first row on; merged ranges as ((row, column), (row, column)) from 0."""

    name: str
    rows: list[list[Cell]]
    merged: list[Merge] = field(default_factory=list)
    is_hidden: bool = False
    notices: list[str] = field(default_factory=list)  # what a clerk must be told of the sheet: hidden rows, …


def read_workbook(content: bytes, name: str) -> list[Sheet]:
    """The sheets of a workbook or a text table. Raises UnreadableFile with what to do about it."""
    suffix = PurePath(name).suffix.lower()
    if not content:
        raise UnreadableFile("是空文件，请核对是否选错了文件。")
    if len(content) > MAX_BYTES:
        raise UnreadableFile(
            f"文件有 {len(content) // 1024 // 1024} MB，最大 {MAX_BYTES // 1024 // 1024} MB，请按工会分成几个文件。"
        )
    if content.startswith(_OLE):
        if _ENCRYPTED in content:
            raise UnreadableFile("文件设了打开密码，请先在表格软件里取消密码，再导入。")
        return _read_calamine(content)
    if content.startswith(_ZIP):
        _refuse_bomb(content)
        return _read_calamine(content)
    head = content[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith(b"<"):
        raise UnreadableFile("其实是网页（HTML 或 XML）文件，只是改了后缀。请用表格软件打开，另存为 .xlsx 再导入。")
    if suffix != ".csv":
        raise UnreadableFile("不是表格文件（内容与后缀不符）。请用表格软件打开，另存为 .xlsx 再导入。")
    return [Sheet(PurePath(name).stem, _read_csv(content))]


def _refuse_bomb(content: bytes) -> None:
    """Refuse a workbook that would not fit into memory, before anything is unpacked or laid out."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MAX_UNPACKED_BYTES:
                raise UnreadableFile(
                    "文件展开后大得异常，不能导入。请把有内容的部分复制到新表格，另存为 .xlsx 再导入。"
                )
            for entry in archive.infolist():
                if entry.filename.startswith("xl/worksheets/") and entry.filename.endswith(".xml"):
                    _refuse_far_cells(archive.read(entry))
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
        raise UnreadableFile("文件不完整或已损坏，请重新复制或另存一次再导入。") from error


def _refuse_far_cells(sheet: bytes) -> None:
    """Refuse a sheet whose outermost cells span more than MAX_CELLS."""
    last = sheet.rfind(b"row ")
    match = _ROW.match(sheet, sheet.rfind(b"<", 0, last)) if last > 0 else None
    rows, columns = int(match[1]) if match else 1, 26
    # Most sheets end here: within column Z, written as every office program writes it.
    is_plain = match is not None and not any(mark in sheet for mark in _ODD_XML)
    if not is_plain or rows * columns > MAX_CELLS or _BEYOND_Z.search(sheet):
        for cell in _CELL.finditer(sheet):
            number = 0
            for letter in cell[1]:
                number = number * 26 + letter - 64
            columns, rows = max(columns, number), max(rows, int(cell[2]))
    if rows * columns > MAX_CELLS:
        raise UnreadableFile(
            f"表格占了 {rows} 行、{columns} 列，大得异常，多半是很远的格子里有空格。"
            "请把有内容的部分复制到新表格，另存为 .xlsx 再导入。"
        )


def _read_calamine(content: bytes) -> list[Sheet]:
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        hidden = {meta.name for meta in book.sheets_metadata if meta.visible != SheetVisibleEnum.Visible}
        names = [meta.name for meta in book.sheets_metadata if meta.typ == SheetTypeEnum.WorkSheet]
        sheets = []
        for name in names:
            sheet = book.get_sheet_by_name(name)
            sheets.append(
                Sheet(
                    name, sheet.to_python(skip_empty_area=False), list(sheet.merged_cell_ranges or ()), name in hidden
                )
            )
    except (CalamineError, OSError, ValueError) as error:
        raise UnreadableFile("不是能读的表格文件，或者已经损坏。请用表格软件打开，另存为 .xlsx 再导入。") from error
    return sheets


def _read_csv(content: bytes) -> list[list[Cell]]:
    text = _decode(content)
    try:
        dialect: type[csv.Dialect] | csv.Dialect = csv.Sniffer().sniff(text[:8192], delimiters=",;\t")
        delimiter = dialect.delimiter
    except csv.Error:
        delimiter = ","
    try:
        return [list(row) for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)]
    except csv.Error as error:
        raise UnreadableFile("不是能读的 CSV 文件。请用表格软件打开，另存为 .xlsx 再导入。") from error


def _decode(content: bytes) -> str:
    encodings: Iterable[str] = ("utf-8-sig", "gb18030")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ("utf-16",)
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise UnreadableFile("文字编码无法识别。请用表格软件打开，另存为 .xlsx 再导入。")
