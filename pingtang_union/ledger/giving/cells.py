"""Records become cells: the way back of `clean`, so that what is given out and brought in again changes nothing.

Every cell is what the column's cleaner reads as the stored value: labels for codes, ISO texts for dates as exact as
they are known, 是 and 否. Callers pass a queryset that is scoped already.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeAlias

from django.db import models
from django.db.models import ExpressionWrapper, F

from pingtang_union.core import crypto
from pingtang_union.core.cleaning import YES_NO
from pingtang_union.core.fields import PartialDateField, SealedField, mask
from pingtang_union.core.masking import masked
from pingtang_union.ledger.declaration import Column, Ledger

GivenCell: TypeAlias = str | int | None
_Convert: TypeAlias = Callable[[Sequence[Any]], Sequence[GivenCell]]  # a column's values to its cells
_CHUNK = 2000  # rows in memory at a time


def cells(ledger: Ledger, queryset: Any, *, is_full: bool, by: Any = None) -> Iterator[dict[str, GivenCell]]:
    """Each record's cells by column name, in one query and constant memory.

    queryset: scoped records; those that the ledger doesn't hold are left out (`Ledger.given`). is_full:
    identity numbers and dates of birth in full; otherwise the mask and the year. by: who is to get them.
    """
    names = [column.name for column in ledger.columns]
    for columns in chunks(ledger, queryset, is_full=is_full, by=by):
        for row in zip(*columns, strict=True):
            yield dict(zip(names, row, strict=True))


def chunks(
    ledger: Ledger, queryset: Any, *, is_full: bool, by: Any = None, columns: Sequence[Column] = ()
) -> Iterator[list[Sequence[GivenCell]]]:
    """The same cells, some thousand rows at a time, by column: `columns`, or the ledger's in their order."""
    paths = [ledger.sources.get(column.name, column.name) for column in columns or ledger.columns]
    fields = [field_at(ledger.model, path) for path in paths]
    converters = [_converter(field, is_full=is_full) for field in fields]
    wanted = [*(_raw(path, field) for path, field in zip(paths, fields, strict=True)), *ledger.veiled_by]
    names = [column.name for column in columns or ledger.columns]
    records = ledger.given(queryset, by).values_list(*wanted).iterator(chunk_size=_CHUNK)
    # A column at a time: a hundred thousand rows of 23 columns leave no time for a call a cell.
    while chunk := list(islice(records, _CHUNK)):
        values = list(zip(*chunk, strict=True))
        made = [convert(column) for convert, column in zip(converters, values[: len(names)], strict=True)]
        yield ledger.veil(names, made, values[len(names) :], by=by, is_full=is_full)


def field_at(model: type[models.Model], path: str) -> models.Field | None:
    """The field at the end of a path, or None for an annotation."""
    *way, last = path.split("__")
    for name in way:
        related = model._meta.get_field(name).related_model
        assert isinstance(related, type)  # noqa: S101  a path goes through foreign keys
        model = related
    return next((field for field in model._meta.fields if field.name == last), None)


def _raw(path: str, field: models.Field | None) -> Any:
    """The column as the database has it: one field with a conversion of its own would have Django copy every row."""
    if isinstance(field, SealedField):
        return ExpressionWrapper(F(path), output_field=models.BinaryField())
    if isinstance(field, models.BooleanField):
        return ExpressionWrapper(F(path), output_field=models.IntegerField(null=True))
    return F(path)


def _converter(field: models.Field | None, *, is_full: bool) -> _Convert:
    if isinstance(field, SealedField):
        return _full_numbers if is_full else _masked_numbers
    if isinstance(field, PartialDateField):
        return _years if field.guarded and not is_full else _as_they_are
    if isinstance(field, models.BooleanField):
        return _looked_up({True: YES_NO[0], False: YES_NO[1], None: None})  # 1 and 0 are found as True and False
    if isinstance(field, models.IntegerField):
        return _as_they_are
    # Blank texts are blank cells. A code that its list no longer has stays visible as the code.
    labels = dict(field.flatchoices) if field is not None and field.flatchoices else {}
    if not labels and not is_full:
        return _masked_texts
    return _looked_up({**{str(code): str(label) for code, label in labels.items()}, "": None})


def _looked_up(known: dict[Any, GivenCell]) -> _Convert:
    find = known.get
    return lambda values: [find(value, value) for value in values]


def _masked_texts(values: Sequence[Any]) -> Sequence[GivenCell]:
    """Free text may hold a number too. Brought back, its mask is known for what it stands for (`Ledger`)."""
    return [masked(value) if value.__class__ is str and len(value) > 14 else value or None for value in values]


def _as_they_are(values: Sequence[Any]) -> Sequence[GivenCell]:
    return values


def _years(values: Sequence[Any]) -> Sequence[GivenCell]:
    return [value and value[:4] for value in values]


def _full_numbers(values: Sequence[Any]) -> Sequence[GivenCell]:
    numbers = iter(crypto.unseal_all(bytes(value) for value in values if value is not None))
    return [None if value is None else next(numbers) for value in values]


def _masked_numbers(values: Sequence[Any]) -> Sequence[GivenCell]:
    return [number and mask(str(number)) for number in _full_numbers(values)]
