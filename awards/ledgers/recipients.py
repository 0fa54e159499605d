"""Who a row of the ledger names: the union, the member or the cadre that the portal knows."""

from collections.abc import Iterable

from members.ledgers.namesakes import people_named
from members.models import Cadre, Member
from pingtang_union.core.text import fold, fold_name
from pingtang_union.ledger.outcome import RowOutcome
from pingtang_union.ledger.unions import UnionFinder

_UNION_ENDINGS = ("工会", "工会委员会", "工会联合会", "总工会")


def recipient_union(written: str, union_id: int | None, unions: UnionFinder) -> int | None:
    """The union that won a title, by any of its names; None for a team, and for a name that fits several.

    A unit's name without 工会 is its own (平塘县林业局), not its union's, unless the union goes by it. Where several
    unions fit, the one that the row belongs to is meant.
    """
    matches = unions.once(written)
    if not fold(written).endswith(_UNION_ENDINGS):
        matches = {pk for pk in matches if unions.is_named(pk, written)}
    if len(matches) > 1:
        matches = matches & {union_id}
    return next(iter(matches), None)


def link_people(rows: Iterable[RowOutcome]) -> None:
    """Link each row to the one member and the one cadre of its union with that name; to neither where several fit, or
    where the two are surely not one person."""
    rows = [row for row in rows if row.is_open and "union_id" in row.values]
    names = {fold_name(row.values["recipient"]) for row in rows}
    members, cadres = people_named(Member, names), people_named(Cadre, names)
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
