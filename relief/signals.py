"""The audit trail of relief. Entries and payments of a batch are histories themselves."""

from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.db.models import Model

from pingtang_union.core.audit import audited
from relief.models import Entry, Fund, Grant, PaymentBatch, PaymentRow, Publication, Slip

OPTIONS: dict[type[Model], dict[str, Any]] = {
    Fund: {"exclude_fields": ["available", "version"]},
    Grant: {"exclude_fields": ["name_key", "household_key", "amount"]},
    PaymentBatch: {"exclude_fields": ["lock"]},
    Slip: {"exclude_fields": ["code"]},
}

models: Iterable[Any] = apps.get_app_config("relief").get_models()
for model in models:
    if model not in (Entry, PaymentRow, Publication):
        audited(model, **OPTIONS.get(model, {}))
