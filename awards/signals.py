"""The audit trail of honours. States are written by workflow.moving with their reasons; the log has them from there."""

from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.db.models import Model

from awards.models import Award, Honour, Nomination, NominationFile, Scorecard, ScorecardFile, SelectionRound
from pingtang_union.core.audit import audited
from pingtang_union.workflow.models import PublicityRule, Step

_MOVED = ["state", "revision", "reason"]
OPTIONS: dict[type[Model], dict[str, Any]] = {
    Honour: {"exclude_fields": ["title_key"]},
    Award: {"exclude_fields": ["recipient_key", "token"]},
    Nomination: {"exclude_fields": ["name_key", "nominee_key", *_MOVED]},
    Scorecard: {"exclude_fields": _MOVED},
    SelectionRound: {"m2m_fields": {"honours"}},
    NominationFile: {"exclude_fields": ["content"]},
    ScorecardFile: {"exclude_fields": ["content"]},
}

models: Iterable[Any] = apps.get_app_config("awards").get_models()
for model in (PublicityRule, *models):
    if not issubclass(model, Step):  # a history itself
        audited(model, **OPTIONS.get(model, {}))
