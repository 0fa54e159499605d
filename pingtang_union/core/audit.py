"""The audit trail: who did what, when, from where, with the values before and after.

Single edits are written by django-auditlog; a ledger batch keeps its own rows before and after
(ledger.models.ImportRow); looking at a guarded value and taking records out as a ledger are written here. No page
edits or deletes any of it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from auditlog.context import auditlog_value, set_actor
from auditlog.diff import model_instance_diff
from auditlog.models import LogEntry
from auditlog.registry import auditlog
from django.contrib.contenttypes.models import ContentType
from django.db import models

from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.fields import SealedField, mask


def hide(value: str) -> str:
    """A guarded value in the log: nothing of it, only whether there was one."""
    return "" if value in ("", "None") else "***"


def mask_number(value: str) -> str:
    """A guarded number in the log: its mask. A mask stays as it is."""
    return "" if value in ("", "None") else mask(value)


def audited(model: type[models.Model], **options: Any) -> None:
    """Record every creation, change and deletion of `model`, with its many-to-many fields.

    Sealed fields are logged as masks: before it is saved a new number is still plain text, and the log must
    never hold one. Other `mask_fields` are hidden wholly.
    """
    sealed = [field.name for field in model._meta.fields if isinstance(field, SealedField)]
    options["mask_fields"] = [*options.get("mask_fields", []), *sealed]
    indexes = [field.index for field in model._meta.fields if isinstance(field, SealedField) and field.index]
    options["exclude_fields"] = [*options.get("exclude_fields", []), *indexes]
    options.setdefault("mask_callable", f"{__name__}.{'mask_number' if sealed else 'hide'}")
    auditlog.register(model, **options)


def caller() -> str | None:
    """The address of whoever makes the current request; None outside of one."""
    current = auditlog_value.get(None)
    return current.get("remote_addr") if current else None


@contextmanager
def acting_as(actor: Any) -> Iterator[None]:
    """Write events as `actor`'s, with the address of the current request. The library's own context forgets the
    address, and the request's actor once it is over."""
    outer = auditlog_value.get(None)
    try:
        with set_actor(actor, remote_addr=caller()):
            yield
    finally:
        if outer is not None:
            auditlog_value.set(outer)


def record_change(obj: models.Model, *, field_label: str, before: str, after: str) -> None:
    """Write a change that no saved column of `obj` shows, such as its place in the tree."""
    LogEntry.objects.log_create(
        obj, force_log=True, action=LogEntry.Action.UPDATE, changes={field_label: [before, after]}
    )


def stated(reason: str, *, asked: str = "查看的理由") -> str:
    """A reason as it is recorded. Raises DomainError for one of fewer than four characters: an audit entry that
    says nothing helps nobody."""
    reason = " ".join(reason.split())
    if len(reason) < 4:
        raise DomainError(f"请写明{asked}（至少 4 个字），理由会记入审计日志。")
    return reason


def record_reveal(obj: models.Model, *, field_label: str, reason: str) -> None:
    """Write that the current user saw a guarded field in full, and why.

    The actor and the address come from the audit middleware. Raises DomainError without a reason of
    at least four characters: an audit entry that says nothing helps nobody.
    """
    reason = stated(reason)
    LogEntry.objects.log_create(
        obj,
        force_log=True,
        action=LogEntry.Action.ACCESS,
        changes={field_label: ["***", "查看完整内容"]},
        additional_data={"reason": reason},
    )


def record_export(
    model: type[models.Model], *, title: str, by: Any, rows: int, conditions: str, numbers: str, reason: str = ""
) -> None:
    """Write that `by` took `rows` records of `model` out as a ledger.

    title: which ledger, and of whom. conditions: how the list was filtered, in words. numbers: how identity numbers
    were given ("" where the ledger has none). It is no record's event: it names none.
    """
    changes = {"行数": ["", str(rows)], "条件": ["", conditions or "全部"]}
    if numbers:
        changes["证件号码"] = ["", numbers]
    LogEntry.objects.create(
        content_type=ContentType.objects.get_for_model(model),
        object_pk="",
        object_repr=title,
        action=LogEntry.Action.ACCESS,
        actor=by,
        changes=changes,
        additional_data={"export": True, "reason": reason},
    )


def is_export(entry: LogEntry) -> bool:
    """Whether an entry tells of records taken out."""
    return bool((entry.additional_data or {}).get("export"))


def record_workflow(obj: Any, *, label: str, before: Any, after: str, by: Any, reason: str) -> None:
    """Write that `by` moved an application: which transition, from where to where, why, and each column that changed
    since `before`, the row as it was."""
    LogEntry.objects.log_create(
        obj,
        force_log=True,
        action=LogEntry.Action.UPDATE,
        actor=by,
        changes={
            "办理": [before.get_state_display(), f"{label}：{after}"],
            **((auditlog.contains(type(obj)) and model_instance_diff(before, obj)) or {}),
        },
        additional_data={"reason": reason},
    )
