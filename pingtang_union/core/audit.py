"""The audit trail: who did what, when, from where, with the values before and after.

Single edits are written by django-auditlog; a ledger batch keeps its own rows before and after
(core.models.ImportRow); looking at a guarded value is written here. No page edits or deletes any of it.
"""

from auditlog.models import LogEntry
from auditlog.registry import auditlog
from django.db import models

from pingtang_union.core.exceptions import DomainError


def audited(model: type[models.Model], **options: object) -> None:
    """Record every creation, change and deletion of `model`, with its many-to-many fields."""
    auditlog.register(model, **options)


def record_reveal(obj: models.Model, *, field_label: str, reason: str) -> None:
    """Write that the current user saw a guarded field in full, and why.

    The actor and the address come from the audit middleware. Raises DomainError without a reason of
    at least four characters: an audit entry that says nothing helps nobody.
    """
    reason = " ".join(reason.split())
    if len(reason) < 4:
        raise DomainError("请写明查看的理由（至少 4 个字），理由会记入审计日志。")
    LogEntry.objects.log_create(
        obj, force_log=True, action=LogEntry.Action.ACCESS, changes={field_label: ["***", "查看完整内容"]},
        additional_data={"reason": reason},
    )
