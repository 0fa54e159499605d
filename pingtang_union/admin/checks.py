"""System checks: no model escapes the scope by being forgotten."""

from typing import Any

from django.apps import apps
from django.contrib.admin import site
from django.core.checks import CheckMessage, Error, register

from pingtang_union.admin import ScopedAdmin
from pingtang_union.core.portal import merged
from pingtang_union.core.scope import ScopedModel, ScopedQuerySet


@register
def every_model_is_scoped_or_listed(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Every model of every installed app is scoped, or UNSCOPED in a portal.py with a reason."""
    errors: list[CheckMessage] = []
    unscoped = merged("UNSCOPED")
    for model in apps.get_models():
        if issubclass(model, ScopedModel):
            if not isinstance(getattr(model, "scope_path", None), str):
                errors.append(Error(f"{model._meta.label} has no scope_path.", obj=model, id="core.E001"))
            if not isinstance(model._default_manager.all(), ScopedQuerySet):
                errors.append(Error(f"{model._meta.label}'s manager has no visible_to.", obj=model, id="core.E002"))
            if model in site._registry and not isinstance(site._registry[model], ScopedAdmin):
                errors.append(Error(f"{model._meta.label}'s admin is no ScopedAdmin.", obj=model, id="core.E003"))
        elif not unscoped.get(model._meta.label):
            errors.append(Error(f"{model._meta.label} is neither scoped nor UNSCOPED.", obj=model, id="core.E004"))
    return errors
