"""What the role lets a user do. Which rows is the scope's (core.scope); None, for nobody, may nothing."""

from typing import Any

from django.contrib.auth import get_permission_codename
from django.core.exceptions import PermissionDenied
from django.db import models


def permission_of(model: Any, verb: str) -> str:
    """The code of a permission on `model`: "awards.review_nomination"."""
    return f"{model._meta.app_label}.{get_permission_codename(verb, model._meta)}"


def may(user: Any, verb: str, model: type[models.Model]) -> bool:
    """Whether `user` may "view", "add", "change", "delete" or do whatever else `model` has a permission for."""
    return user is not None and bool(user.has_perm(permission_of(model, verb)))


def require(user: Any, verb: str, model: type[models.Model]) -> None:
    """Raise PermissionDenied unless `user` may: services ask it where the act is done. None stands for a command, which
    whoever has the server runs."""
    if user is not None and not may(user, verb, model):
        raise PermissionDenied


def may_view(user: Any, model: type[models.Model]) -> bool:
    """Whether `user` may open the admin's pages of `model`: no link of ours leads to a refusal."""
    return may(user, "view", model) or may(user, "change", model)


def may_reveal(user: Any, model: type[models.Model]) -> bool:
    """Whether `user` may see guarded values of `model` in full."""
    return may(user, "reveal", model)


def may_see_numbers(user: Any) -> bool:
    """Whether `user` may see people's identity numbers in full, so that free text is shown as it was written."""
    return user is not None and any(user.has_perm(f"members.reveal_{name}") for name in ("member", "cadre"))
