"""Where a row of relief belongs: 所在工会（住址） is a union, or a village of a town."""

from dataclasses import dataclass

from members.models import Township, Union
from members.models.unions import township_key
from pingtang_union.ledger.context import Context

_UNION_ENDINGS = ("工会", "工会委员会", "工会联合会")


@dataclass(frozen=True, slots=True)
class Place:
    """The union that a row belongs to, its township, and what is to be said of it; `refusal` where it is none."""

    union_id: int | None
    address: str
    township: str = ""
    doubt: str = ""
    refusal: str = ""


class Addresses:
    """Finds where addresses belong, for one run of an import. is_wide: a village may belong to a federation that the
    user doesn't see, and what belongs nowhere to the county; unions are the user's all the same."""

    def __init__(self, context: Context, *, is_wide: bool = False):
        self.context, self.is_wide = context, is_wide
        self.home = Context().home if is_wide else context.home
        self._known: dict[str, Place] = {}
        self._townships = dict(Union.objects.order_by().values_list("pk", "township"))
        # The longest name first: 平舟镇 before 平舟.
        spellings = Township.objects.spellings()
        self._towns = sorted(spellings.items(), key=lambda pair: len(pair[0]), reverse=True)
        self._federations = dict(Township.objects.order_by().values_list("name", "federation"))

    def find(self, written: str) -> Place:
        """Where `written` belongs: a union by any of its names, else the federation of the town that it begins with,
        else the county, with a doubt."""
        if written not in self._known:
            self._known[written] = self._find(written)
        return self._known[written]

    def _find(self, written: str) -> Place:
        union_id, problem = self.context.unions.find(written)
        if union_id is None and len(dissolved := self.context.unions.once(written)) == 1:
            union_id = next(iter(dissolved))
        if union_id is not None:
            return Place(union_id, self.context.unions.names[union_id], self._townships.get(union_id, ""))
        if written.endswith(_UNION_ENDINGS):
            return Place(None, written, refusal=problem)
        key = township_key(written)  # without the county before it
        town = next((name for spelling, name in self._towns if key.startswith(spelling) and spelling), "")
        if not town:
            return Place(self.home, written, doubt=f"「{written}」看不出是哪个工会、哪个乡镇，列在县总工会，请核对。")
        federation = self._federations.get(town)
        if federation is None or not (self.is_wide or federation in self.context.unions.names):
            return Place(self.home, written, town, f"{town}没有登记工会联合会，列在县总工会，请核对。")
        return Place(federation, written, town)
