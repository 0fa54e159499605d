"""What the binary workbooks (.xls, .xlsb) say that the reading library passes over: hidden rows and columns, and error
values, which it gives as blanks. Runs in the child process (ledger.reading.child).

.xls is a file system of its own, MS-CFB, that holds a stream of records, MS-XLS; .xlsb is an archive of streams of
records, MS-XLSB. Numbers of records are from there.
"""

import zipfile
from collections.abc import Iterator
from struct import Struct
from struct import error as struct_error
from xml.etree import ElementTree

from pingtang_union.ledger.reading.unseen import Marks

U16 = Struct("<H")
U32 = Struct("<I")
RECORD = Struct("<HH")
_PAIR = Struct("<HH")
_ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}
_NO_SECTOR = 0xFFFFFFF0  # from here on the numbers mean: end of chain, free, …


class Locked(Exception):
    """The workbook needs a password."""


# --- The file system of .xls ---------------------------------------------------------------


class _Compound:
    def __init__(self, content: bytes):
        self.content = content
        self.sector = 1 << U16.unpack_from(content, 30)[0]
        self.small_sector = 1 << U16.unpack_from(content, 32)[0]
        if not 128 <= self.sector <= 1 << 20 or not 16 <= self.small_sector <= self.sector:
            raise ValueError("sectors of no size that programs use")
        first_directory, self.small_below = U32.unpack_from(content, 48)[0], U32.unpack_from(content, 56)[0]
        tables = [U32.unpack_from(content, 76 + 4 * at)[0] for at in range(109)]
        further = U32.unpack_from(content, 68)[0]
        while further < _NO_SECTOR and len(tables) * self.sector < len(content):
            more = self._numbers(self._at(further))
            tables += more[:-1]
            further = more[-1]
        self.next: list[int] = []
        for number in tables:
            if number < _NO_SECTOR:
                self.next += self._numbers(self._at(number))
        self.directory = self._chain(first_directory)
        root = next((entry for entry in self._entries() if entry[1] == 5), None)
        self.small = self._chain(root[2]) if root else b""
        self.small_next = self._numbers(self._chain(U32.unpack_from(content, 60)[0]))

    @staticmethod
    def _numbers(block: bytes) -> list[int]:
        return [number for (number,) in U32.iter_unpack(block[: len(block) // 4 * 4])]

    def _at(self, number: int) -> bytes:
        begin = (number + 1) * self.sector
        return self.content[begin : begin + self.sector]

    def _chain(self, number: int) -> bytes:
        parts: list[bytes] = []
        # A chain that bites its tail would never end.
        while number < len(self.next) and len(parts) * self.sector <= len(self.content):
            parts.append(self._at(number))
            number = self.next[number]
        return b"".join(parts)

    def _entries(self) -> Iterator[tuple[str, int, int, int]]:
        """(name, type, first sector, size) of each entry of the directory."""
        for begin in range(0, len(self.directory) - 127, 128):
            entry = self.directory[begin : begin + 128]
            name = entry[: max(U16.unpack_from(entry, 64)[0] - 2, 0)].decode("utf-16-le", "replace")
            yield name, entry[66], U32.unpack_from(entry, 116)[0], U32.unpack_from(entry, 120)[0]

    def stream(self, *names: str) -> bytes:
        """A stream's bytes by one of its names, in whatever capitals; b"" when there is none."""
        for name, kind, first, size in self._entries():
            if kind == 2 and name.lower() in names:
                if size >= self.small_below:
                    return self._chain(first)[:size]
                parts: list[bytes] = []
                number = first
                while number < len(self.small_next) and len(parts) * self.small_sector <= size:
                    begin = number * self.small_sector
                    parts.append(self.small[begin : begin + self.small_sector])
                    number = self.small_next[number]
                return b"".join(parts)[:size]
        return b""


# --- Records of .xls -----------------------------------------------------------------------

_BOF, _EOF, _SHEET, _PASSWORD = 0x0809, 0x000A, 0x0085, 0x002F
_ROW, _COLUMNS, _FORMULA, _ERROR, _FILTERED = 0x0208, 0x007D, 0x0006, 0x0205, 0x009B


def stream_of_xls(content: bytes) -> bytes:
    """The stream of records that is the workbook; b"" when there is none. Raises ValueError, IndexError or
    struct.error when the file is no such file system."""
    return _Compound(content).stream("workbook", "book")


def sheets_of_xls(content: bytes) -> list[Marks]:
    """Marks of each sheet in order; [] when the file is no .xls. Raises Locked."""
    try:
        stream = stream_of_xls(content)
        begins = []
        for kind, at, size in records(stream, 0):
            if kind == _PASSWORD:
                raise Locked
            if kind == _SHEET and size >= 8:
                begins.append(U32.unpack_from(stream, at)[0])
        return [_of_records(stream, begin) for begin in begins]
    except (struct_error, IndexError, ValueError):
        return []


def records(stream: bytes, at: int) -> Iterator[tuple[int, int, int]]:
    """(record, where its content begins, its size) from `at` to the end of what begins there."""
    depth = 0
    while at + 4 <= len(stream):
        kind, size = RECORD.unpack_from(stream, at)
        at += 4
        if kind == _BOF:
            depth += 1
        elif kind == _EOF:
            depth -= 1
            if depth <= 0:
                return
        elif depth == 1:  # deeper are charts inside the sheet
            yield kind, at, size
        at += size


def _of_records(stream: bytes, begin: int) -> Marks:
    marks = Marks()
    for kind, at, size in records(stream, begin):
        if kind == _ROW and size >= 16:
            if stream[at + 12] & 0x20:
                marks.hidden_rows.append(U16.unpack_from(stream, at)[0])
        elif kind == _COLUMNS and size >= 10:
            if stream[at + 8] & 1:
                marks.hidden_columns.append(_PAIR.unpack_from(stream, at))
        elif kind == _ERROR and size >= 8:
            if stream[at + 7]:
                marks.errors.append((*_PAIR.unpack_from(stream, at), _ERRORS.get(stream[at + 6], "#N/A")))
        elif kind == _FORMULA and size >= 14:
            if stream[at + 12 : at + 14] == b"\xff\xff" and stream[at + 6] == 2:
                marks.errors.append((*_PAIR.unpack_from(stream, at), _ERRORS.get(stream[at + 8], "#N/A")))
        elif kind == _FILTERED:
            marks.is_filtered = True
    marks.check()
    return marks


# --- Records of .xlsb ----------------------------------------------------------------------


def sheets_of_xlsb(archive: zipfile.ZipFile) -> list[Marks]:
    """Marks of each sheet in order; [] when the workbook's list of sheets can't be followed."""
    try:
        return [_of_small_records(archive.read(part)) for part in sheet_parts_of_xlsb(archive)]
    except (KeyError, ElementTree.ParseError, struct_error, IndexError, UnicodeDecodeError):
        return []


def sheet_parts_of_xlsb(archive: zipfile.ZipFile) -> list[str]:
    """The part of each sheet of an .xlsb in order. Raises KeyError, ParseError or what a broken record raises."""
    names = {name.replace("\\", "/").lower(): name for name in archive.namelist()}
    links = ElementTree.fromstring(archive.read(names["xl/_rels/workbook.bin.rels"]))  # noqa: S314  in a child
    targets = {link.get("Id", ""): link.get("Target", "") for link in links}
    parts = []
    for kind, content in small_records(archive.read(names["xl/workbook.bin"])):
        if kind == 156:
            length = U32.unpack_from(content, 8)[0]
            target = targets[content[12 : 12 + 2 * length].decode("utf-16-le")]
            part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            parts.append(names[part.lower()])
    return parts


def small_records(stream: bytes) -> Iterator[tuple[int, bytes]]:
    at, end = 0, len(stream)
    while at < end:
        kind = stream[at]
        at += 1
        if kind & 0x80:
            kind = (kind & 0x7F) | stream[at] << 7
            at += 1
        size = shift = 0
        for _ in range(4):
            byte = stream[at]
            at += 1
            size |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80:
                break
        yield kind, stream[at : at + size]
        at += size


def _of_small_records(stream: bytes) -> Marks:
    marks, row = Marks(), 0
    for kind, content in small_records(stream):
        if kind == 0:
            row = U32.unpack_from(content, 0)[0]
            if content[11] & 0x10:
                marks.hidden_rows.append(row)
        elif kind in (3, 11):
            marks.errors.append((row, U32.unpack_from(content, 0)[0], _ERRORS.get(content[8], "#N/A")))
        elif kind == 60 and content[16] & 1:
            marks.hidden_columns.append((U32.unpack_from(content, 0)[0], U32.unpack_from(content, 4)[0]))
    marks.check()
    return marks
