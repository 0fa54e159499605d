"""Sealing rows in blocks, each of which holds the head of the one before."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from pingtang_union.proof import seal
from pingtang_union.proof.models import Block, Chain, Leaf


@dataclass(frozen=True)
class Row:
    """A record to seal: its key, what of it is published, what is only committed to. Both as JSON holds them."""

    pk: int
    published: dict[str, Any]
    rest: dict[str, Any]


@transaction.atomic
def seal_rows(chain: Chain, rows: Sequence[Row]) -> Block | None:
    """A block of these rows, none where there are none. Of two who seal at once the database lets one through."""
    if not rows:
        return None
    last = Block.objects.filter(chain=chain).order_by("-number").first()
    number, previous = (last.number + 1, last.head) if last else (1, seal.FIRST)
    leaves = []
    for place, row in enumerate(rows, 1):
        salt = secrets.token_hex(16)
        committed = seal.commitment(salt, row.rest)
        leaves.append(
            Leaf(place=place, chain=chain, object_id=row.pk, published=row.published, salt=salt, commitment=committed)
        )
    head = seal.head(previous, number, [seal.leaf(leaf.published, leaf.commitment) for leaf in leaves])
    block = Block.objects.create(chain=chain, number=number, previous=previous, head=head)
    for leaf in leaves:
        leaf.block = block
    Leaf.objects.bulk_create(leaves)
    return block


def published(chain: Chain) -> list[dict[str, Any]]:
    """The whole chain as it is published (proof.seal reads it): two questions."""
    return [
        {
            "number": block.number,
            "previous": block.previous,
            "head": block.head,
            "at": block.at.isoformat(),
            "rows": [{"columns": leaf.published, "commitment": leaf.commitment} for leaf in block.leaves.all()],
        }
        for block in Block.objects.filter(chain=chain).order_by("number").prefetch_related("leaves")
    ]


def differing(chain: Chain, rows: Sequence[Row]) -> list[int]:
    """Keys of sealed records that say something else by now, or that nobody gave."""
    now = {row.pk: row for row in rows}
    return [
        leaf.object_id
        for leaf in Leaf.objects.filter(chain=chain)
        if (row := now.get(leaf.object_id)) is None
        or row.published != leaf.published
        or seal.commitment(leaf.salt, row.rest) != leaf.commitment
    ]
