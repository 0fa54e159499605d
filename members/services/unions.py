"""A union's place in the tree, and the federation of a township."""

from django.db import transaction

from members.models import Township, Union
from members.models.codes import Level, UnionStatus
from pingtang_union.core.audit import record_change
from pingtang_union.core.exceptions import DomainError


@transaction.atomic
def place_union(*, union: Union, parent: Union) -> Union:
    """Save `union` below `parent`: as a new node, or moved with everything below it.

    Raises DomainError when `parent` is the union itself or below it.
    """
    if union.pk is None:
        added = Union.objects.add_child(parent, instance=union)
        record_change(added, field_label="上级工会", before="", after=parent.name)
        if union.level == Level.TOWNSHIP:
            link_townships()
        return added
    union.save()
    if union.parent_path == parent.path:
        return union
    if parent.path.startswith(union.path):
        raise DomainError("上级工会不能是它自己或它的下级。")
    former = Union.objects.filter(path=union.parent_path).values_list("name", flat=True).first()
    Union.objects.move(union, parent, "last-child")
    union.refresh_from_db()
    record_change(union, field_label="上级工会", before=former or "", after=parent.name)
    return union


def link_townships() -> None:
    """Give each township without a federation the one whose name begins with the township's."""
    federations = list(Union.objects.filter(level=Level.TOWNSHIP).exclude(status=UnionStatus.DISSOLVED))
    for township in Township.objects.filter(federation=None).select_related("county"):
        names = (township.name, township.county.name.removesuffix("总工会") + township.name)
        below = (federation for federation in federations if federation.path.startswith(township.county.path))
        if federation := next((candidate for candidate in below if candidate.name.startswith(names)), None):
            township.federation = federation
            township.save(update_fields=["federation"])
