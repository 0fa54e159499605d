"""Rows of a checked file, kept between the look at them and the writing: sealed chunks in the database.

Chunk 0 holds the tables (header, what stands above it, sections); the others hold rows in two streams, one behind the
other: as they were cleaned, and what would happen with each. `digest` of the outcomes tells whether planning the same
rows again comes to the same end.
"""

import hashlib
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from pingtang_union.core import crypto
from pingtang_union.core.ledger.planning import Planned
from pingtang_union.core.ledger.read import Sheet
from pingtang_union.core.ledger.schema import Message, RowPlan, ledgers
from pingtang_union.core.ledger.table import Header, Table
from pingtang_union.core.models import ImportBatch, ImportChunk, Verdict

ROWS = 500  # in a chunk: a page of a preview opens one or two


def _unpack(content: bytes | memoryview) -> tuple[Any, bytes]:
    """What the first stream holds, and the bytes behind it."""
    stream = zlib.decompressobj()
    return orjson.loads(stream.decompress(crypto.unseal_bytes(content))), stream.unused_data


# --- Rows as they were cleaned -------------------------------------------------------------


def cleaned(table: int, rows: Sequence[RowPlan]) -> bytes:
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


def _plan(shapes: Sequence[Sequence[str]], stored: Sequence[Any], known: dict[str, str]) -> RowPlan:
    """A row as it was cleaned. `known`: its texts and those of rows before it, so that equal ones are held once."""
    row, number, name, verdict, shape, values, messages = stored
    held = [known.setdefault(value, value) if value.__class__ is str else value for value in values]
    plan = RowPlan(row, number, dict(zip(shapes[shape], held, strict=True)), known.setdefault(name, name), verdict)
    if messages:
        plan.messages = [Message(column, kind, text, cell=cell) for column, kind, text, cell in messages]
    return plan


_NEW = Verdict.NEW.value
_SIMPLY_NEW = (_NEW, None, None, None, ())


def outcomes(rows: Sequence[RowPlan]) -> bytes:
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
    for one in packed:
        sha.update(one)
    return sha.hexdigest()


def in_chunks(planned: Sequence[Planned]) -> Iterator[tuple[int, list[RowPlan]]]:
    """(table's number, some rows) over all tables, in order."""
    for number, one in enumerate(planned):
        for start in range(0, len(one.rows), ROWS):
            yield number, one.rows[start : start + ROWS]


# --- Keeping and taking out ----------------------------------------------------------------


def keep(batch: ImportBatch, planned: Sequence[Planned], before: Sequence[bytes], after: Sequence[bytes]) -> None:
    """Store a checked file's rows in place of what an earlier check stored. `before` and `after`: `cleaned` and
    `outcomes` by chunk."""
    manifest = [_describe(one.table) for one in planned]
    chunks = [ImportChunk(batch=batch, number=0, content=crypto.seal_bytes(zlib.compress(orjson.dumps(manifest), 1)))]
    for number, ((_table, rows), was, becomes) in enumerate(
        zip(in_chunks(planned), before, after, strict=True), start=1
    ):
        counts = {str(verdict): many for verdict, many in Counter(row.verdict for row in rows).items()}
        counts["warned"] = sum(1 for row in rows if row.is_open and row.messages)
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
        "header": {
            "row": header.row,
            "levels": header.levels,
            "texts": list(header.texts.items()),
            "found": header.found,
            "likely": header.likely,
            "unknown": header.unknown,
            "keys": list(header.keys.items()),
            "chosen": header.chosen,
        },
        "sections": table.sections,
    }


def _table(stored: dict[str, Any]) -> Table:
    header = stored["header"]
    by_title = {ledger.title: ledger for ledger in ledgers()}
    return Table(
        Sheet(stored["sheet"], stored["top"], is_hidden=stored["is_hidden"], notices=stored["notices"]),
        by_title[stored["ledger"]],
        Header(
            header["row"],
            header["levels"],
            dict(header["texts"]),
            header["found"],
            header["likely"],
            header["unknown"],
            dict(header["keys"]),
            header["chosen"],
        ),
        stored["sections"],
    )


def take(batch: ImportBatch, tick: Callable[[int], None] | None = None) -> list[Planned]:
    """The tables and rows of a checked file as they were before planning."""
    stored = ImportChunk.objects.filter(batch=batch).order_by("number").values_list("number", "content").iterator()
    planned: list[Planned] = []
    for number, content in stored:
        if number == 0:
            planned = [Planned(_table(one), []) for one in _unpack(content)[0]]
            continue
        (table, shapes, rows), _outcomes = _unpack(content)
        known: dict[str, str] = {}
        planned[table].rows += [_plan(shapes, row, known) for row in rows]
        if tick is not None:
            tick(len(rows))
    return planned


# --- Looking at them -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Checked:
    """One row of a preview: where it stands, what was read, and what would happen with it."""

    sheet: str
    ledger: str
    row: int
    number: int
    name: str
    verdict: str
    values: dict[str, Any]
    object_id: int | None = None
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None
    messages: list[Message] = field(default_factory=list)

    @property
    def is_warned(self) -> bool:
        return bool(self.messages) and self.verdict in (Verdict.NEW, Verdict.CHANGED, Verdict.UNCHANGED)


class Rows:
    """The checked rows of a batch with one verdict ("warned": taken with a warning; "": all), for a paginator:
    a page opens only the chunks that it shows."""

    def __init__(self, batch: ImportBatch, verdict: str = ""):
        self.batch, self.verdict = batch, verdict
        chunks = ImportChunk.objects.filter(batch=batch).order_by("number").values_list("number", "counts")
        self.chunks: list[tuple[int, int]] = []
        for number, counts in chunks:
            if number:
                rows = counts.get(verdict, 0) if verdict else sum(counts.values()) - counts.get("warned", 0)
                self.chunks.append((number, rows))

    def __len__(self) -> int:
        return sum(rows for _number, rows in self.chunks)

    def __getitem__(self, part: slice) -> list[Checked]:
        start, stop = part.start or 0, len(self) if part.stop is None else part.stop
        wanted: dict[int, tuple[int, int]] = {}
        seen = 0
        for number, rows in self.chunks:
            first, last = max(start - seen, 0), min(stop - seen, rows)
            if first < last:
                wanted[number] = (first, last)
            seen += rows
        if not wanted:
            return []
        stored = dict(
            ImportChunk.objects.filter(batch=self.batch, number__in=[0, *wanted]).values_list("number", "content")
        )
        tables, _nothing = _unpack(stored[0])
        found: list[Checked] = []
        for number, (first, last) in wanted.items():
            found += self._fitting(stored[number], tables)[first:last]
        return found

    def __iter__(self) -> Iterator[Checked]:
        """Every row, a chunk at a time."""
        stored = ImportChunk.objects.filter(batch=self.batch).order_by("number").values_list("number", "content")
        tables: list[dict[str, Any]] = []
        for number, content in stored.iterator(chunk_size=20):
            if number == 0:
                tables, _nothing = _unpack(content)
            else:
                yield from self._fitting(content, tables)

    def _fitting(self, content: bytes | memoryview, tables: list[dict[str, Any]]) -> list[Checked]:
        (table, shapes, rows), behind = _unpack(content)
        becomes = orjson.loads(zlib.decompress(behind))
        sheet, ledger = tables[table]["sheet"], tables[table]["ledger"]
        found = []
        for (row, number, name, _was, shape, values, _said), (verdict, object_id, before, after, messages) in zip(
            rows, becomes, strict=True
        ):
            one = Checked(
                sheet,
                ledger,
                row,
                number,
                name,
                verdict,
                dict(zip(shapes[shape], values, strict=True)),
                object_id,
                before,
                after,
                [Message(column, kind, text, cell=cell) for column, kind, text, cell in messages],
            )
            if not self.verdict or verdict == self.verdict or (self.verdict == "warned" and one.is_warned):
                found.append(one)
        return found
