"""Audit entries and earlier values in words: field labels, code lists and names instead of keys."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from auditlog.models import LogEntry
from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils import timezone

from pingtang_union.core.audit import is_export
from pingtang_union.core.dates import display_partial
from pingtang_union.core.fields import PartialDateField, SealedField
from pingtang_union.core.keys import key_in
from pingtang_union.core.permissions import may_reveal
from pingtang_union.core.scope import ScopedModel

ACTIONS = {
    LogEntry.Action.CREATE: "新增",
    LogEntry.Action.UPDATE: "修改",
    LogEntry.Action.DELETE: "删除",
    LogEntry.Action.ACCESS: "查看",
}
EXPORTED = "导出"
EMPTY = "（空）"
GUARDED = "（受保护，不显示）"
_M2M = {"add": "增加", "delete": "去掉", "set": "改为", "clear": "清空"}
_NOTHING = ("", "None", None)
NEVER_SHOWN = {"password", "id_index", "name_key", "path", "depth", "numchild"}


@dataclass(frozen=True)
class Change:
    """One field of one entry: its label, the value before and the value after."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Entry:
    """One audit entry as pages show it."""

    at: datetime
    who: str
    address: str
    action: str
    reason: str
    changes: list[Change]


def model_of(label: str) -> type[models.Model] | None:
    """The model "app.Model" or "model" of a stored row, or None when there is no such model now."""
    if "." in label:
        try:
            return apps.get_model(label)
        except LookupError:
            return None
    named = [model for model in apps.get_models() if model._meta.model_name == label.lower()]
    return named[0] if len(named) == 1 else None


def field_of(model: type[models.Model] | None, name: str) -> models.Field | None:
    """The field `name` (or its column "union_id") of `model`, or at the end of a path ("household__phone"); or None."""
    *way, name = name.split("__")
    for step in way:
        on_the_way = field_of(model, step)
        model = on_the_way.related_model if on_the_way is not None else None
    if model is None:
        return None
    try:
        field = model._meta.get_field(name)
    except FieldDoesNotExist:
        return next((one for one in model._meta.fields if one.attname == name), None)
    return field if isinstance(field, models.Field) else None


def label_of(model: type[models.Model] | None, name: str) -> str:
    """A field's Chinese label; a name that is no field stays as it is (reveals store labels)."""
    field = field_of(model, name)
    return str(field.verbose_name) if field else name


def moment(at: datetime) -> str:
    """A point in time to the second, in local time: logs are compared by it."""
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M:%S}"


def guarded_date(value: str | None) -> str:
    """A guarded date for whoever may not see it in full: its year."""
    return display_partial((value or "")[:4])


def value_text(field: models.Field | None, value: Any, user: Any = None) -> str:
    """A stored value in words. A related row outside `user`'s scope is named by its number only."""
    if value is None or value == "" or value == "None":
        return EMPTY
    if field is None:
        return str(value)
    if field.name in NEVER_SHOWN:
        return GUARDED
    if isinstance(field, SealedField):
        return str(value) if "*" in str(value) else GUARDED
    if isinstance(field, models.BooleanField):
        return {"True": "是", "False": "否"}.get(str(value), str(value))
    if isinstance(field, models.ForeignKey):
        return _related_text(field, value, user)
    if isinstance(field, models.DateTimeField):
        return _moment_text(str(value))
    if field.flatchoices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(field, PartialDateField):
        hidden = field.guarded and not may_reveal(user, field.model)
        return guarded_date(str(value)) if hidden else display_partial(str(value))
    return str(value)


def _moment_text(value: str) -> str:
    """A stored point in time, as the audit log writes it (in UTC); what is none stays as it is."""
    with suppress(ValueError, OverflowError):
        at = datetime.fromisoformat(value)
        return moment(at if at.tzinfo else at.replace(tzinfo=UTC))
    return value


def _related_text(field: models.ForeignKey, value: Any, user: Any) -> str:
    related = field.remote_field.model
    if key_in(value):
        rows = related._default_manager.filter(pk=value)
        if issubclass(related, ScopedModel):
            rows = rows.visible_to(user)  # type: ignore[attr-defined]  # every ScopedModel's queryset has it
        found = rows.first()
        return str(found) if found else f"编号 {value}"
    return str(value)


def action_of(entry: LogEntry) -> str:
    """What was done, in a word."""
    return EXPORTED if is_export(entry) else str(ACTIONS[entry.action])


def fields_in(entry: LogEntry) -> list[str]:
    """Names in an entry's changes that say something: no reverse relations, no keys of ours, nothing that stayed
    empty."""
    model = entry.content_type.model_class()
    reverse = {one.name for one in model._meta.related_objects} if model else set()
    reverse |= {one.get_accessor_name() for one in model._meta.related_objects} if model else set()
    hidden = reverse | (NEVER_SHOWN - {"password"}) | {"id"}
    return [
        name
        for name, values in (entry.changes or {}).items()
        if name not in hidden and (isinstance(values, dict) or any(value not in _NOTHING for value in values))
    ]


def describe_changes(entry: LogEntry, user: Any) -> list[Change]:
    """The changes of one entry, by label."""
    model = entry.content_type.model_class()
    described = []
    for name in fields_in(entry):
        values = entry.changes[name]
        if isinstance(values, dict):
            after = f"{_M2M.get(values.get('operation', ''), '')}：{'、'.join(values.get('objects', []))}"
            described.append(Change(label_of(model, name), "", after))
        else:
            before, after = (value_text(field_of(model, name), value, user) for value in values)
            described.append(Change(label_of(model, name), before, after))
    return sorted(described, key=lambda change: change.label)


def describe_entries(entries: Iterable[LogEntry], user: Any) -> list[Entry]:
    """Entries as pages show them."""
    return [
        Entry(
            at=entry.timestamp,
            who=str(entry.actor) if entry.actor else "系统",
            address=entry.remote_addr or "",
            action=action_of(entry),
            reason=(entry.additional_data or {}).get("reason", ""),
            changes=describe_changes(entry, user),
        )
        for entry in entries
    ]
