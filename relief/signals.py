"""The audit trail of relief. States are written by workflow.moving with their reasons; the log has them from there.
Entries and payments of a batch are histories themselves."""

from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.db.models import Model

from pingtang_union.core.audit import audited
from pingtang_union.workflow.models import Step
from relief.models import (
    Agreement,
    CareVisit,
    EarlyCase,
    Entry,
    FileAct,
    Fund,
    Grant,
    HomeVisit,
    Household,
    HouseholdFile,
    HouseholdPerson,
    PaymentBatch,
    PaymentRow,
    Publication,
    Receipt,
    Slip,
    SpotDraw,
    VisitPhoto,
)

OPTIONS: dict[type[Model], dict[str, Any]] = {
    Fund: {"exclude_fields": ["available", "version"]},
    # Names of recipients, of children among them, are read by who may; the log is read by others.
    Grant: {"exclude_fields": ["name_key", "household_key", "amount"], "mask_fields": ["name"]},
    PaymentBatch: {"exclude_fields": ["lock"]},
    Slip: {"exclude_fields": ["code"]},
    # The trail is read by who doesn't work on files: that a thing was changed it tells, and not what it says.
    Household: {
        "exclude_fields": ["name_key", "state", "revision", "reason"],
        "m2m_fields": {"exclusions"},
        "mask_fields": ["name", "phone", "address", "hukou_place", "national_number", "payee_name", "check_note"],
        "mask_callable": "pingtang_union.core.audit.hide",
    },
    # Of words about health not even the end is logged.
    HouseholdPerson: {
        "exclude_fields": ["name_key"],
        "mask_fields": ["name", "school", "grade", "phone"],
        "mask_callable": "pingtang_union.core.audit.hide",
    },
    HouseholdFile: {"exclude_fields": ["content", "name"]},
    HomeVisit: {"exclude_fields": ["findings"]},
    FileAct: {"exclude_fields": ["reason"]},
    **{one: {"exclude_fields": ["content", "name"]} for one in (Agreement, Receipt, VisitPhoto)},
    CareVisit: {"exclude_fields": ["key", "note"]},
    EarlyCase: {"exclude_fields": ["note"]},
    SpotDraw: {"exclude_fields": ["population"]},
}

models: Iterable[Any] = apps.get_app_config("relief").get_models()
for model in models:
    if model not in (Entry, PaymentRow, Publication) and not issubclass(model, Step):
        audited(model, **OPTIONS.get(model, {}))
