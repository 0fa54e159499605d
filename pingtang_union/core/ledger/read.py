"""Step 1: bytes become sheets of cells. The kind of file is told by its content, never by its suffix."""

import csv
import io
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import PurePath

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from pingtang_union.core.ledger.clean import Cell

SUFFIXES = {".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", ".csv"}
# What one office PC can hold of one ledger: 50 MB as a file, 600 MB unpacked.
MAX_BYTES = 50 * 1024 * 1024
MAX_UNPACKED_BYTES = 600 * 1024 * 1024
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
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
    except zipfile.BadZipFile as error:
        raise UnreadableFile("文件不完整或已损坏，请重新复制或另存一次再导入。") from error
    if unpacked > MAX_UNPACKED_BYTES:
        raise UnreadableFile("文件展开后大得异常，不能导入。请把有内容的部分复制到新表格，另存为 .xlsx 再导入。")


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
