"""System checks: no model escapes the scope by being forgotten."""

from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.admin import site
from django.core.checks import CheckMessage, Error, register

from pingtang_union.core.admin import ScopedAdmin
from pingtang_union.core.scope import ScopedModel, ScopedQuerySet

OURS = {"core", "members", "awards", "campaigns", "relief"}


@register
def every_model_is_scoped_or_listed(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Our models and everything registered in the admin are scoped, or in UNSCOPED_MODELS with a reason."""
    errors: list[CheckMessage] = []
    registered = set(site._registry)
    for model in apps.get_models():
        if model._meta.app_label not in OURS and model not in registered:
            continue
        if issubclass(model, ScopedModel):
            if not isinstance(getattr(model, "scope_path", None), str):
                errors.append(Error(f"{model._meta.label} has no scope_path.", obj=model, id="core.E001"))
            if not isinstance(model._default_manager.all(), ScopedQuerySet):
                errors.append(Error(f"{model._meta.label}'s manager has no visible_to.", obj=model, id="core.E002"))
            if model in registered and not isinstance(site._registry[model], ScopedAdmin):
                errors.append(Error(f"{model._meta.label}'s admin is no ScopedAdmin.", obj=model, id="core.E003"))
        elif not settings.UNSCOPED_MODELS.get(model._meta.label):
            errors.append(
                Error(f"{model._meta.label} is neither scoped nor in UNSCOPED_MODELS.", obj=model, id="core.E004")
            )
    return errors
