"""Granting permissions to roles inside migrations."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

_STANDARD = {"add": "Can add", "change": "Can change", "delete": "Can delete", "view": "Can view"}


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
