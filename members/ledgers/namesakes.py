"""Who a row of a roster means when its number alone doesn't say: masked numbers, and namesakes born on one day."""

from collections.abc import Iterable
from typing import Any

from members.models import Cadre, Member
from pingtang_union.core.fields import Sealed
from pingtang_union.core.masking import former_mask, mask
from pingtang_union.ledger import bulk
from pingtang_union.ledger.context import Context
from pingtang_union.ledger.outcome import RowOutcome


def recognise_masked(rows: Iterable[RowOutcome], model: Any) -> None:
    """Give rows that carry a mask (522727**********37) the number that it stands for, or reject them.

    An export without full numbers comes back like this. The mask counts only beside the same name in the same
    union, and only when it fits one record. Masks of workbooks given out before (522727********9937) count too.
    """
    masked = [row for row in rows if "*" in row.values.get("id_number", "")]
    known: dict[tuple[Any, str, str], list[tuple[str, str | None, str]]] = {}
    sealed: Any  # a Sealed, which the types of BinaryField don't tell
    for chunk in bulk.chunks({row.values["name_key"] for row in masked if "name_key" in row.values}):
        records = model.objects.filter(
            name_key__in=chunk, union_id__in={row.values.get("union_id") for row in masked}, id_number__isnull=False
        )
        for union_id, name_key, sealed, index, id_type in records.values_list(
            "union_id", "name_key", "id_number", "id_index", "id_type"
        ):
            number = sealed.reveal()
            for form in {mask(number), former_mask(number)}:
                known.setdefault((union_id, name_key, form), []).append((number, index, id_type))
    for row in masked:
        values = row.values
        fitting = known.get((values.get("union_id"), values.get("name_key", ""), values.pop("id_number")), [])
        if len({index for _number, index, _type in fitting}) == 1:
            values["id_number"], values["id_index"], values["id_type"] = fitting[0]
        elif row.is_open:
            row.reject(
                "身份证号",
                "身份证号：号码中间是星号，本工会又没有唯一一位同名、号码相符的登记，请填完整的号码。",
            )


def people_named(
    model: type[Member] | type[Cadre], names: Iterable[str]
) -> dict[tuple[int, str], list[tuple[int, str | None]]]:
    """(id, index of the identity number) of the persons with these names, by union and name."""
    people: dict[tuple[int, str], list[tuple[int, str | None]]] = {}
    for chunk in bulk.chunks(names):
        rows = model.objects.filter(name_key__in=chunk).values_list("union_id", "name_key", "pk", "id_index")
        for union_id, key, pk, number in rows:
            people.setdefault((union_id, key), []).append((pk, number))
    return people


def namesakes_of(rows: Iterable[RowOutcome]) -> dict[tuple[str, str], list[int]]:
    """Ids of members by (folded name, exact day of birth) for these rows: in any union, to be narrowed by scope."""
    keys = {
        (row.values["name_key"], born)
        for row in rows
        if len(born := row.values.get("born_on") or "") == 10 and "name_key" in row.values
    }
    ids: dict[tuple[str, str], list[int]] = {}
    for pk, name_key, born_on in bulk.matching(Member, ("name_key", "born_on"), keys):
        ids.setdefault((name_key, born_on), []).append(pk)
    return ids


def namesake_records(rows: Iterable[RowOutcome], context: Context) -> dict[tuple[str, str], list[Any]]:
    """Stored members, in the unions that the account serves, who bear a row's name and were born on its day."""
    named = namesakes_of(rows)
    records: dict[tuple[str, str], list[Any]] = {}
    ids = [pk for ids in named.values() for pk in ids]
    for stored in bulk.stored_among(Member.objects.order_by("pk"), "pk", ids):
        if stored.union_id in context.unions.names:
            records.setdefault((stored.name_key, stored.born_on), []).append(stored)
    return records


def mask_of(sealed: Any) -> str:
    """The mask of a stored, sealed number."""
    return str(Sealed(_plain(sealed))) if sealed is not None else ""


def sealed_hex(sealed: Any) -> str:
    """A sealed number as text, for a batch's values before: sealed as it is."""
    return _plain(sealed).hex()


def _plain(sealed: Any) -> bytes:
    """Bytes out of what the bulk reader gives: PostgreSQL's driver wraps them for writing."""
    return bytes(getattr(sealed, "obj", sealed))
