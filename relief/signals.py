"""The audit trail of relief. States are written by workflow.moving with their reasons; the log has them from there."""

from typing import Any

from django.apps import apps
from django.db.models import Model

from pingtang_union.core.audit import audited
from pingtang_union.workflow.models import Step
from relief.models import Household, HouseholdFile, HouseholdPerson, SpotDraw

OPTIONS: dict[type[Model], dict[str, Any]] = {
    Household: {"exclude_fields": ["name_key", "state", "revision", "reason"], "m2m_fields": {"exclusions"}},
    # Of words about health not even the end is logged.
    HouseholdPerson: {"exclude_fields": ["name_key"], "mask_callable": "pingtang_union.core.audit.hide"},
    HouseholdFile: {"exclude_fields": ["content"]},
    SpotDraw: {"exclude_fields": ["population"]},
}
FILES = (
    "household", "householdperson", "householdcause", "consent", "homevisit", "householdfile", "householdobjection",
    "assessment", "fileact", "filerecord", "reliefpolicy", "deduction", "exclusion", "policypaper", "cap", "cause",
    "spotdraw", "spotcheck",
)  # fmt: skip
for name in FILES:
    model: Any = apps.get_model("relief", name)
    if not issubclass(model, Step):  # a history itself
        audited(model, **OPTIONS.get(model, {}))
