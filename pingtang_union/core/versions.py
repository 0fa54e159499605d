"""Two people at one form. A page remembers, in a hidden field, marks of what it showed; who saves second is told what
changed meanwhile, and nothing is overwritten until the page is saved once more."""

from collections.abc import Iterable, Mapping

from django.db import models
from django.utils.crypto import salted_hmac

from pingtang_union.core.fields import Sealed


def texts_of(record: models.Model, names: Iterable[str]) -> dict[str, str]:
    """What these fields of a stored record hold; names of no column of its own are passed over."""
    columns = {field.name: field.value_from_object(record) for field in record._meta.fields}
    held = {name: columns[name] for name in names if name in columns}
    return {name: value.token.hex() if isinstance(value, Sealed) else repr(value) for name, value in held.items()}


def version_of(record: models.Model | str, shown: Mapping[str, str]) -> str:
    """Marks of what a page shows of a record, for its hidden field: they tell nothing of the texts."""
    return " ".join(f"{_mark(record, key)}:{_mark(record, key, text)}" for key, text in shown.items())


def changed_since(record: models.Model | str, stored: Mapping[str, str], version: str) -> tuple[list[str], bool]:
    """The keys of `stored` whose text isn't what `version` marks, and whether the page showed something that is gone.
    A mark that is none of ours counts as changed."""
    seen = dict(part.partition(":")[::2] for part in version.split())
    changed = [key for key, text in stored.items() if seen.pop(_mark(record, key), "") != _mark(record, key, text)]
    return changed, bool(seen)


def not_overwritten(changes: Iterable[str]) -> str:
    """What the second is told; `changes` say what, and how it stands now."""
    changed = "；".join(changes)
    return f"您打开这一页以后，别人改过：{changed}。没有覆盖。请先核对；仍要按下面填的保存，请再点一次「保存」。"


def _mark(record: models.Model | str, *parts: str) -> str:
    what = record if isinstance(record, str) else f"{record._meta.label} {record.pk}"
    return salted_hmac("core.versions", " ".join((what, *parts))).hexdigest()[:12]
