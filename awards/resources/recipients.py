"""Who a row of the ledger names: the union, the member or the cadre that the portal knows."""

from collections.abc import Iterable
from typing import Any

from members.models import Cadre, Member
from pingtang_union.core.ledger.context import UnionFinder
from pingtang_union.core.ledger.records import chunks
from pingtang_union.core.ledger.schema import RowPlan
from pingtang_union.core.text import fold, fold_name

_UNION_ENDINGS = ("工会", "工会委员会", "工会联合会", "总工会")


def recipient_union(written: str, union_id: int | None, unions: UnionFinder) -> int | None:
    """The union that won a title, by any of its names; None for a team, and for a name that fits several.

    A unit's name without 工会 is its own (平塘县林业局), not its union's, unless the union goes by it. Where several
    unions fit, the one that the row belongs to is meant.
    """
    found = unions.once(written)
    if not fold(written).endswith(_UNION_ENDINGS):
        found = {pk for pk in found if unions.is_named(pk, written)}
    if len(found) > 1:
        found = found & {union_id}
    return next(iter(found), None)


def link_people(rows: Iterable[RowPlan]) -> None:
    """Link each row to the one member and the one cadre of its union with that name; to neither where several fit, or
    where the two are surely not one person."""
    rows = [row for row in rows if row.is_open and "union_id" in row.values]
    names = {fold_name(row.values["recipient"]) for row in rows}
    members, cadres = _named(Member, names), _named(Cadre, names)
    for row in rows:
        place = (row.values["union_id"], fold_name(row.values["recipient"]))
        member, cadre = members.get(place, []), cadres.get(place, [])
        numbers = {number for _pk, number in (*member, *cadre) if number}
        if len(member) > 1 or len(numbers) > 1:
            continue
        if member:
            row.values["member_id"] = member[0][0]
        if len(cadre) == 1:
            row.values["cadre_id"] = cadre[0][0]


def _named(model: Any, names: set[str]) -> dict[tuple[int, str], list[tuple[int, str | None]]]:
    """(id, index of the identity number) of the persons with these names, by union and name."""
    found: dict[tuple[int, str], list[tuple[int, str | None]]] = {}
    for chunk in chunks(names):
        rows = model.objects.filter(name_key__in=chunk).values_list("union_id", "name_key", "pk", "id_index")
        for union_id, key, pk, number in rows:
            found.setdefault((union_id, key), []).append((pk, number))
    return found
