"""What imports changed, in words, and the whole history of one record."""

from collections.abc import Sequence
from typing import Any

from auditlog.models import LogEntry
from django.db import models
from django.db.models import Value

from pingtang_union.core.changes import (
    NEVER_SHOWN,
    Change,
    Entry,
    describe_entries,
    field_of,
    label_of,
    model_of,
    value_text,
)
from pingtang_union.ledger.hidden import shown_before
from pingtang_union.ledger.models import ImportRow, Verdict


def describe_import(row: ImportRow, user: Any = None) -> list[Change]:
    """What an import changed in the record of `row`, by label, as `user` may read it. Related rows stay numbers.

    A row of a new record, or one of an older import, has no values after.
    """
    model = model_of(row.model) if row.model else None
    after = row.after or {}
    described = []
    for name, value in (shown_before(row) or {}).items():
        field = field_of(model, name)
        if field is not None and field.name in NEVER_SHOWN:
            continue
        became = _numbered(field, after[name], user) if name in after else "—"
        described.append(Change(label_of(model, name), _numbered(field, value, user), became))
    return described


def _numbered(field: models.Field | None, value: Any, user: Any) -> str:
    is_key = isinstance(field, models.ForeignKey)
    return f"编号 {value}" if is_key and value is not None else value_text(field, value, user)


class History(Sequence[Entry]):
    """Everything that changed one object, newest first: its audit entries and the ledger rows that wrote it.

    A page of it asks the database four questions, however many entries there are.
    """

    def __init__(self, obj: models.Model, user: Any):
        self.user = user
        entries = LogEntry.objects.get_for_object(obj).order_by()
        rows = ImportRow.objects.filter(
            model=obj._meta.label, object_id=obj.pk, verdict__in=(Verdict.NEW, Verdict.CHANGED)
        ).order_by()
        self.places = (
            entries.values_list("timestamp", "pk", Value("entry"))
            .union(rows.values_list("batch__at", "pk", Value("import")), all=True)
            .order_by("-timestamp", "-pk")
        )

    def __len__(self) -> int:
        return self.places.count()

    def __getitem__(self, page: Any) -> Any:
        """The entries of a slice."""
        places = list(self.places[page])
        entries = LogEntry.objects.filter(pk__in=[pk for _, pk, kind in places if kind == "entry"])
        rows = ImportRow.objects.filter(pk__in=[pk for _, pk, kind in places if kind == "import"])
        by_place: dict[tuple[str, int], Entry] = {}
        listed = list(entries.select_related("actor", "content_type"))
        for entry, described in zip(listed, describe_entries(listed, self.user), strict=True):
            by_place["entry", entry.pk] = described
        for row in rows.select_related("batch__by"):
            by_place["import", row.pk] = _imported(row, self.user)
        return [by_place[kind, pk] for _, pk, kind in places if (kind, pk) in by_place]


def _imported(row: ImportRow, user: Any) -> Entry:
    return Entry(
        at=row.batch.at,
        who=str(row.batch.by) if row.batch.by else "命令行",
        address=f"台账「{row.batch.file_name}」（{row.sheet}第 {row.row} 行）",
        action=f"台账导入：{row.get_verdict_display()}",
        reason="",
        changes=describe_import(row, user),
    )
