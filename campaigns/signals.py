"""The audit trail of campaigns."""

from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.db.models import Model

from campaigns.models import Activity, Photo
from pingtang_union.core.audit import audited

OPTIONS: dict[type[Model], dict[str, Any]] = {
    Activity: {"exclude_fields": ["name_key", "headcount", "year"], "m2m_fields": {"co_hosts"}},
    Photo: {"exclude_fields": ["content"]},
}

models: Iterable[Any] = apps.get_app_config("campaigns").get_models()
for model in models:
    audited(model, **OPTIONS.get(model, {}))
