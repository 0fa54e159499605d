"""The audit trail of relief. States are written by workflow.moving with their reasons; the log has them from there.
Entries and payments of a batch are histories themselves."""

from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.db.models import Model

from pingtang_union.core.audit import audited
from pingtang_union.workflow.models import Step
from relief.models import (
    Entry,
    Fund,
    Grant,
    Household,
    HouseholdFile,
    HouseholdPerson,
    PaymentBatch,
    PaymentRow,
    Publication,
    Slip,
    SpotDraw,
)

OPTIONS: dict[type[Model], dict[str, Any]] = {
    Fund: {"exclude_fields": ["available", "version"]},
    # Names of recipients, of children among them, are read by who may; the log is read by others.
    Grant: {"exclude_fields": ["name_key", "household_key", "amount"], "mask_fields": ["name"]},
    PaymentBatch: {"exclude_fields": ["lock"]},
    Slip: {"exclude_fields": ["code"]},
    Household: {"exclude_fields": ["name_key", "state", "revision", "reason"], "m2m_fields": {"exclusions"}},
    # Of words about health not even the end is logged.
    HouseholdPerson: {"exclude_fields": ["name_key"], "mask_callable": "pingtang_union.core.audit.hide"},
    HouseholdFile: {"exclude_fields": ["content"]},
    SpotDraw: {"exclude_fields": ["population"]},
}

models: Iterable[Any] = apps.get_app_config("relief").get_models()
for model in models:
    if model not in (Entry, PaymentRow, Publication) and not issubclass(model, Step):
        audited(model, **OPTIONS.get(model, {}))
