"""The audit trail of relief."""

from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.db.models import Model

from pingtang_union.core.audit import audited
from relief.models import Grant

OPTIONS: dict[type[Model], dict[str, Any]] = {Grant: {"exclude_fields": ["name_key", "household_key", "amount"]}}

models: Iterable[Any] = apps.get_app_config("relief").get_models()
for model in models:
    audited(model, **OPTIONS.get(model, {}))
