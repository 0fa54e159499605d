"""Who sees which rows. `visible_to(user)` is the only filter, and no union means no rows.

Unions form a tree stored as paths; a user serves one node and sees its subtree. Groups say what a
user may do, the node says on which rows: the two are never mixed.
"""

from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q


def scope_prefix(user: Any) -> str | None:
    """Path of the union that `user` serves, or None for anyone who serves none (who then sees nothing)."""
    if user is None or not user.is_authenticated or not user.is_active or user.union_id is None:
        return None
    return user.union.path or None


def reaches(user: Any, union: Any) -> bool:
    """Whether `union` lies in the user's subtree."""
    prefix = scope_prefix(user)
    return prefix is not None and union.path.startswith(prefix)


def scope_q(user: Any, way: str) -> Q:
    """Condition "the union at the end of `way` lies in the user's subtree"; false for who serves no union.

    `way` is a field path to a union ("member__union"), or "" when the row is a union itself.
    """
    prefix = scope_prefix(user)
    if prefix is None:
        return Q(pk__in=[])
    return Q(**{f"{way}__path__startswith" if way else "path__startswith": prefix})


class ScopedQuerySet(models.QuerySet):
    """Rows that know the way to their union."""

    def visible_to(self, user: Any) -> Self:
        """The rows of the user's union and the unions below it; none for who serves no union."""
        return self.filter(scope_q(user, self.model.scope_path))  # type: ignore[attr-defined]  # every model using it is a ScopedModel


class AddressedQuerySet(ScopedQuerySet):
    """Rows by which a union addresses those below it: calls, selection rounds, schemes."""

    def visible_to(self, user: Any) -> Self:
        """Rows of one's own union, of those below, and of those above: they are who is addressed."""
        prefix = scope_prefix(user)
        if prefix is None:
            return self.none()
        way = self.model.scope_path  # type: ignore[attr-defined]  # every model using it is a ScopedModel
        above = [prefix[:end] for end in range(4, len(prefix), 4)]
        return self.filter(Q(**{f"{way}__path__startswith": prefix}) | Q(**{f"{way}__path__in": above}))


class ScopedModel(models.Model):
    """Base of every model with private rows: `scope_path` names the way to its union."""

    scope_path: ClassVar[str]
    objects = ScopedQuerySet.as_manager()

    class Meta:
        abstract = True
