"""Forms of persons against guessing: a number is counted, and may have to wait for the county, before the form looks
whether it is registered (members.services.numbers says why)."""

from typing import Any

from django.core.exceptions import ValidationError

from members.models.people import check_id_number
from members.services import numbers
from pingtang_union.core.text import narrow


class AskedNumberMixin:
    """Add it before a model form of a person that knows its `user`; call `look_at_number` at the end of `clean`."""

    user: Any = None
    registers = True  # the admin's page has counted before its transaction begins
    is_held = False
    # What is not compared with stored records: the number, until it has been counted. Whatever else is wrong with the
    # form, an answer about the number would be one that nobody has counted.
    uncompared: frozenset[str] = frozenset(("id_number", "id_index"))

    def look_at_number(self, data: dict[str, Any]) -> None:
        """Refuse a number that has to wait, and hand it to the county."""
        if "id_number" not in self.changed_data:  # type: ignore[attr-defined]  # a form
            self.uncompared = frozenset()
        if self.uncompared == frozenset() or "id_number" in self.errors:  # type: ignore[attr-defined]
            return
        number = plain_number(data.get("id_number"), data.get("id_type"))
        instance: Any = self.instance  # type: ignore[attr-defined]
        if not number:
            return
        if numbers.is_limited(self.user, type(instance)) and self.user.union_id is None:
            self.add_error("id_number", numbers.NO_UNION)  # type: ignore[attr-defined]
            return
        model = type(instance)
        place = f"{'修改' if instance.pk else '登记'}{model._meta.verbose_name}"
        asked = numbers.Asked.of(number, data.get("name") or "")
        why = numbers.why_held(self.user, model, asked, place=place, apart_from=instance.pk, registers=self.registers)
        if not why:
            self.uncompared = frozenset()
            return
        self.is_held = True
        union = data.get("union") or (instance.union if instance.union_id else None)
        if union is not None and data.get("name"):
            numbers.hold(
                by=self.user,
                union_id=union.pk,
                name=data["name"],
                number=number,
                id_type=data["id_type"],
                why=why,
                place=place,
            )
        self.add_error("id_number", numbers.HELD)  # type: ignore[attr-defined]


def plain_number(typed: Any, id_type: Any) -> str:
    """The number as it would be stored, "" for a mask, nothing, or what is no number: nobody compares those."""
    if not isinstance(typed, str) or not typed or "*" in typed or not id_type:
        return ""
    try:
        return check_id_number(narrow(typed), id_type)
    except ValidationError:
        return ""
