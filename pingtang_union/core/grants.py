"""What roles may do: an app's GRANTS (core.portal), given after migrating; changes of them, in migrations."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.apps import AppConfig
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import ImproperlyConfigured

from pingtang_union.core.portal import portals
from pingtang_union.models import RoleGrant

_STANDARD = {"add": "Can add", "change": "Can change", "delete": "Can delete", "view": "Can view"}


def give_declared(app_config: AppConfig, using: str, **kwargs: Any) -> None:
    """Give each role what the app's GRANTS declare, each permission once: what an office takes from a role stays taken.
    Called by migrate once the app's permissions are made. Raises ImproperlyConfigured for one that there isn't."""
    grants = next((portal.GRANTS for portal in portals() if portal.app == app_config.label), {})
    declared = {(role, code) for role, codes in grants.items() for code in codes}
    given = RoleGrant.objects.using(using)
    for role, code in sorted(declared - set(given.values_list("role", "permission")) if declared else ()):
        label, _, codename = code.partition(".")
        permission = Permission.objects.using(using).filter(content_type__app_label=label, codename=codename).first()
        if permission is None:
            raise ImproperlyConfigured(f"{app_config.name}.portal grants {code}, which is no permission.")
        Group.objects.using(using).get_or_create(name=role)[0].permissions.add(permission)
        given.create(role=role, permission=code)


def granting(grants: Mapping[str, Sequence[str]]) -> tuple[Callable[..., None], Callable[..., None]]:
    """Forward and backward functions for RunPython that give each role its permissions and take them back.

    `grants` maps a role to "app.action_model" codenames, or "app.codename:model" where the two differ.
    Django makes permission rows only after all migrations have run, so the missing ones are made here and
    left for it to find.
    """

    def resolve(apps: Any, code: str) -> Any:
        label, codename = code.split(".")
        codename, _, model_name = codename.partition(":")
        action, _, last = codename.partition("_")
        model_name = model_name or last
        content_type, _ = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
            app_label=label, model=model_name
        )
        permission, _ = apps.get_model("auth", "Permission").objects.get_or_create(
            content_type=content_type,
            codename=codename,
            defaults={"name": f"{_STANDARD.get(action, action)} {model_name}"},
        )
        return permission

    def forward(apps: Any, schema_editor: Any) -> None:
        for role, codes in grants.items():
            group, _ = apps.get_model("auth", "Group").objects.get_or_create(name=role)
            group.permissions.add(*(resolve(apps, code) for code in codes))

    def backward(apps: Any, schema_editor: Any) -> None:
        for role, codes in grants.items():
            group = apps.get_model("auth", "Group").objects.filter(name=role).first()
            if group:
                group.permissions.remove(*(resolve(apps, code) for code in codes))

    return forward, backward
