"""What is done to a round as a whole."""

from typing import Any

from django.db import models, transaction

from awards.models import RequiredOpinion, RequiredPaper, RoundVeto, SelectionRound, SlateRatio, StarScheme
from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.scope import reaches

# What a round asks for, each kind with the columns that tell one of its rows from another.
_REQUIREMENTS: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (RequiredPaper, ("title", "applies_to")),
    (RequiredOpinion, ("department", "applies_to")),
    (RoundVeto, ("kind",)),
    (SlateRatio, ("trait", "bound")),
)


def may_keep(addressed: SelectionRound | StarScheme, user: Any) -> bool:
    """Whether `user` keeps a round or scheme: of the own union or one below it. Those from above are to read."""
    return reaches(user, addressed.union)


@transaction.atomic
def copy_requirements(*, round: SelectionRound, source: SelectionRound, by: Any) -> int:
    """Add to `round` the papers, opinions, vetoes and ratios of `source` that it lacks; quotas are each year's own.

    Gives how many rows were added. Raises DomainError for who may not change the round or doesn't see the source, and
    for a round copied into itself.
    """
    locked = SelectionRound.objects.select_for_update(of=("self",)).visible_to(by).filter(pk=round.pk).first()
    if locked is None or not SelectionRound.objects.visible_to(by).filter(pk=source.pk).exists():
        raise DomainError("无此评选推荐，或不在您的管理范围。")
    if not by.has_perm("awards.change_selectionround") or not may_keep(locked, by):
        raise DomainError("您的账号不能修改这次评选推荐。")
    if locked.pk == source.pk:
        raise DomainError("请选择另一次评选推荐。")
    return sum(_copy(model, names, locked, source) for model, names in _REQUIREMENTS)


def _copy(model: type[models.Model], names: tuple[str, ...], target: SelectionRound, source: SelectionRound) -> int:
    rows: Any = model._default_manager
    there = set(rows.filter(round=target).values_list(*names))
    added = 0
    for row in rows.filter(round=source).order_by("pk"):
        if tuple(getattr(row, name) for name in names) in there:
            continue
        row.pk, row.round = None, target
        row._state.adding = True
        row.save()  # one by one: the audit trail sees no bulk
        added += 1
    return added
