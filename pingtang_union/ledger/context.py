"""What the ledgers of one run share: who imports, and which unions may be named."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import models

from pingtang_union.core.permissions import may
from pingtang_union.ledger.unions import FEDERATIONS, UnionFinder


def _no_tick(rows: int) -> None:
    """Nobody watches."""


@dataclass(slots=True)
class Context:
    """One run of an import: the account (None: an operator at the command line, who sees everything).

    decisions: what a person said of single rows, by (sheet, row): the id of the record that the row means, or 0
    for none of those shown. None: nobody can be asked, so that namesakes are taken for two people, with a warning.
    tick: told how many more rows are done. batch_id: the batch that the writing belongs to.
    """

    by: Any = None
    file_name: str = ""
    decisions: Mapping[tuple[str, int], int] | None = None
    tick: Callable[[int], None] = _no_tick
    batch_id: int | None = None
    _finder: UnionFinder | None = None
    notes: dict[Any, Any] = field(default_factory=dict)

    def may(self, action: str, model: type[models.Model]) -> bool:
        """Whether the account may "add" or "change" records of `model`; the command line may everything."""
        return self.by is None or may(self.by, action, model)

    @property
    def unions(self) -> UnionFinder:
        """The unions that may be named: the account's own, or all at the command line."""
        if self._finder is None:
            manager = apps.get_model("members", "Union").objects
            self._finder = UnionFinder(manager.all() if self.by is None else manager.visible_to(self.by))
        return self._finder

    @property
    def home(self) -> int:
        """The union that imports: the account's own; at the command line the county federation."""
        if self.by is not None:
            return int(self.by.union_id)
        federations = apps.get_model("members", "Union").objects.filter(level__in=FEDERATIONS).order_by("path")
        named = federations.filter(name=settings.FEDERATION_NAME).first() or federations.filter(level="county").first()
        return int((named or federations[0]).pk)

    def refresh(self) -> None:
        """Look unions up anew: the tree has changed."""
        self._finder = None

    def forget(self) -> None:
        """Begin anew: another file, or one that was taken back."""
        self._finder = None
        self.notes.clear()
