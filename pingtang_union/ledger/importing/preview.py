"""Rows of a checked file, kept between the look at them and the writing: sealed chunks in the database.

Chunk 0 holds the tables (header, what stands above it, sections); the others hold rows in two streams, one behind the
other: as they were cleaned, and what would happen with each. `digest` of the outcomes tells whether planning the same
rows again comes to the same end.
"""

import hashlib
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import Any

import orjson

from pingtang_union.core import crypto
from pingtang_union.ledger.declaration import ledgers
from pingtang_union.ledger.importing.plan import Planned
from pingtang_union.ledger.models import ImportBatch, ImportChunk, Verdict
from pingtang_union.ledger.outcome import Message, RowOutcome
from pingtang_union.ledger.reading.table import Header, Table
from pingtang_union.ledger.reading.workbook import Sheet
from pingtang_union.ledger.wording import WARNED

ROWS = 500  # in a chunk: a page of a preview opens one or two


def _unpack(content: bytes | memoryview) -> tuple[Any, bytes]:
    """What the first stream holds, and the bytes behind it."""
    stream = zlib.decompressobj()
    return orjson.loads(stream.decompress(crypto.unseal_bytes(content))), stream.unused_data


# --- Rows as they were cleaned -------------------------------------------------------------


def cleaned(table: int, rows: Sequence[RowOutcome]) -> bytes:
    """Rows of a table, packed before they are planned: planning turns words into references in place.

    [table, shapes, rows]: a shape is the names of the values that a row has, and stands once for all rows alike.
    """
    shapes: dict[tuple[str, ...], int] = {}
    packed = [
        (
            row.row,
            row.number,
            row.name,
            row.verdict,
            shapes.setdefault(tuple(row.values), len(shapes)),
            tuple(row.values.values()),
            [(m.column, m.kind, m.text, m.cell) for m in row.messages] if row.messages else (),
        )
        for row in rows
    ]
    return zlib.compress(orjson.dumps((table, list(shapes), packed)), 1)


def _cleaned_row(
    table: dict[str, Any], shapes: Sequence[Sequence[str]], stored: Sequence[Any], known: dict[str, str]
) -> RowOutcome:
    """A row as it was cleaned. `known`: its texts and those of rows before it, so that equal ones are held once."""
    row, number, name, verdict, shape, values, messages = stored
    held = [known.setdefault(value, value) if value.__class__ is str else value for value in values]
    by_name, name = dict(zip(shapes[shape], held, strict=True)), known.setdefault(name, name)
    sheet, ledger = table["sheet"], table["ledger"]
    return RowOutcome(row, number, by_name, name, verdict, _messages(messages), sheet=sheet, ledger=ledger)


def _messages(stored: Iterable[Sequence[str]]) -> list[Message]:
    return [Message(column, kind, text, cell=cell) for column, kind, text, cell in stored]


_NEW = Verdict.NEW.value
_SIMPLY_NEW = (_NEW, None, None, None, ())


def outcomes(rows: Sequence[RowOutcome]) -> bytes:
    """What would happen with rows, as JSON. A new record's key is not part of it: it is given when written."""
    return orjson.dumps(
        [
            _SIMPLY_NEW
            if not (row.messages or row.before) and row.verdict == _NEW
            else (
                row.verdict,
                None if row.verdict == _NEW else row.object_id,
                row.before,
                row.after() if row.before else None,
                [(m.column, m.kind, m.text, m.cell) for m in row.messages],
            )
            for row in rows
        ]
    )


def digest(packed: Iterable[bytes]) -> str:
    """One fingerprint of all outcomes of a file."""
    sha = hashlib.sha256()
    for chunk in packed:
        sha.update(chunk)
    return sha.hexdigest()


def in_chunks(planned: Sequence[Planned]) -> Iterator[tuple[int, list[RowOutcome]]]:
    """(table's number, some rows) over all tables, in order."""
    for number, part in enumerate(planned):
        for start in range(0, len(part.rows), ROWS):
            yield number, part.rows[start : start + ROWS]


# --- Keeping and taking out ----------------------------------------------------------------


def keep(batch: ImportBatch, planned: Sequence[Planned], before: Sequence[bytes], after: Sequence[bytes]) -> None:
    """Store a checked file's rows in place of what an earlier check stored. `before` and `after`: `cleaned` and
    `outcomes` by chunk."""
    manifest = [_describe(part.table) for part in planned]
    chunks = [ImportChunk(batch=batch, number=0, content=crypto.seal_bytes(zlib.compress(orjson.dumps(manifest), 1)))]
    for number, ((_table, rows), was, becomes) in enumerate(
        zip(in_chunks(planned), before, after, strict=True), start=1
    ):
        counts = {str(verdict): many for verdict, many in Counter(row.verdict for row in rows).items()}
        counts[WARNED] = sum(row.is_warned for row in rows)
        content = crypto.seal_bytes(was + zlib.compress(becomes, 1))
        chunks.append(ImportChunk(batch=batch, number=number, counts=counts, content=content))
    drop(batch)
    ImportChunk.objects.bulk_create(chunks, batch_size=50)


def drop(batch: ImportBatch) -> None:
    """Forget the rows."""
    rows = ImportChunk.objects.filter(batch=batch)
    rows._raw_delete(rows.db)


def _describe(table: Table) -> dict[str, Any]:
    header = table.header
    top = [
        [cell if isinstance(cell, str | int | float | bool) else str(cell) for cell in row]
        for row in table.sheet.rows[: header.row + 1]
    ]
    return {
        "ledger": table.ledger.title,
        "sheet": table.sheet.name,
        "is_hidden": table.sheet.is_hidden,
        "notices": table.sheet.notices,
        "top": top,
        "header": {**asdict(header), "texts": list(header.texts.items()), "keys": list(header.keys.items())},
        "sections": table.sections,
    }


def _table(stored: dict[str, Any]) -> Table:
    header = stored["header"] | {name: dict(stored["header"][name]) for name in ("texts", "keys")}
    by_title = {ledger.title: ledger for ledger in ledgers()}
    sheet = Sheet(stored["sheet"], stored["top"], is_hidden=stored["is_hidden"], notices=stored["notices"])
    return Table(sheet, by_title[stored["ledger"]], Header(**header), stored["sections"])


def take(batch: ImportBatch, tick: Callable[[int], None] | None = None) -> list[Planned]:
    """The tables and rows of a checked file as they were before planning."""
    stored = ImportChunk.objects.filter(batch=batch).order_by("number").values_list("number", "content").iterator()
    tables: list[dict[str, Any]] = []
    planned: list[Planned] = []
    for number, content in stored:
        if number == 0:
            tables = _unpack(content)[0]
            planned = [Planned(_table(table), []) for table in tables]
            continue
        (at, shapes, rows), _outcomes = _unpack(content)
        known: dict[str, str] = {}
        planned[at].rows += [_cleaned_row(tables[at], shapes, row, known) for row in rows]
        if tick is not None:
            tick(len(rows))
    return planned


# --- Looking at them -----------------------------------------------------------------------


class Rows:
    """The checked rows of a batch with one verdict ("warned": taken with a warning; "": all), for a paginator:
    a page opens only the chunks that it shows. Values are the cells as they were read, and what replaces others."""

    def __init__(self, batch: ImportBatch, verdict: str = ""):
        self.batch, self.verdict = batch, verdict
        chunks = ImportChunk.objects.filter(batch=batch).order_by("number").values_list("number", "counts")
        self.chunks: list[tuple[int, int]] = []
        for number, counts in chunks:
            if number:
                rows = counts.get(verdict, 0) if verdict else sum(counts.values()) - counts.get(WARNED, 0)
                self.chunks.append((number, rows))

    def __len__(self) -> int:
        return sum(rows for _number, rows in self.chunks)

    def __getitem__(self, part: slice) -> list[RowOutcome]:
        start, stop = part.start or 0, len(self) if part.stop is None else part.stop
        wanted: dict[int, slice] = {}
        seen = 0
        for number, rows in self.chunks:
            first, last = max(start - seen, 0), min(stop - seen, rows)
            if first < last:
                wanted[number] = slice(first, last)
            seen += rows
        chunks = self._chunks(number__in=[0, *wanted]) if wanted else ()
        return [row for number, rows in chunks for row in rows[wanted[number]]]

    def __iter__(self) -> Iterator[RowOutcome]:
        """Every row, a chunk at a time."""
        for _number, rows in self._chunks():
            yield from rows

    def _chunks(self, **fitting: Any) -> Iterator[tuple[int, list[RowOutcome]]]:
        """(number, the rows with the verdict) of each chunk."""
        tables: list[dict[str, Any]] = []
        chunks = ImportChunk.objects.filter(batch=self.batch, **fitting).order_by("number")
        for number, content in chunks.values_list("number", "content").iterator(chunk_size=20):
            cleaned, behind = _unpack(content)
            if number == 0:
                tables = cleaned
                continue
            table, shapes, rows = cleaned
            outcomes = [_cleaned_row(tables[table], shapes, row, {}) for row in rows]
            for row, planned in zip(outcomes, orjson.loads(zlib.decompress(behind)), strict=True):
                row.verdict, row.object_id, row.before, after, messages = planned
                row.values |= after or {}
                row.messages = _messages(messages)
                row.key = f"{table}-{row.row}"  # a sheet's name may be shown masked
            yield number, [row for row in outcomes if self._shows(row)]

    def _shows(self, row: RowOutcome) -> bool:
        return row.is_warned if self.verdict == WARNED else self.verdict in ("", row.verdict)
