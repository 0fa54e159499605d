"""Where the rows of a union roster go in the tree: superiors found, circles refused, paths given, moves made."""

from django.db.models import F

from members.models import Union
from pingtang_union.core.ledger.context import Context
from pingtang_union.core.ledger.schema import RowPlan
from pingtang_union.core.models import Verdict

_STEP = Union.steplen


class Placement:
    """The superior of each open row: a stored union's id, or the row of a new one in the same file."""

    def __init__(self, rows: list[RowPlan], new_by_key: dict[str, RowPlan], context: Context):
        """Find the superiors; rejects rows whose superior is unknown, refused, or themselves in a circle."""
        self.rows = rows
        self.context = context
        home = context.home
        self.superiors: dict[int, int | RowPlan] = {}
        for row in rows:
            if row.is_open:
                superior = self._superior(row, new_by_key, home)
                if superior is not None:
                    self.superiors[id(row)] = superior
        self._refuse_circles()

    def _superior(self, row: RowPlan, new_by_key: dict[str, RowPlan], home: int) -> int | RowPlan | None:
        written = row.values.get("superior")
        if not written:
            if row.verdict == Verdict.NEW:
                row.warn("上级工会", f"没有填上级工会，暂列在{self.context.unions.names[home]}之下，请核对。")
                return home
            return None
        stored, problem = self.context.unions.find(written)
        if stored is not None:
            return stored
        new = new_by_key.get(self.context.unions.key(written))
        if new is None:
            row.reject("上级工会", f"上级工会：{problem}", awaits_reference=True)
        return new

    def _refuse_circles(self) -> None:
        for row in self.rows:
            seen, above = {id(row)}, self.superiors.get(id(row))
            while isinstance(above, RowPlan):
                if id(above) in seen:
                    row.reject("上级工会", "上级工会绕成了一圈，请核对。")
                    break
                if not above.is_open:
                    row.reject("上级工会", f"上级工会「{above.name}」在第 {above.row} 行被退回，请先改好那一行。")
                    break
                seen.add(id(above))
                above = self.superiors.get(id(above))

    def place_new(self) -> None:
        """Give each new union the next free path below its superior, superiors first."""
        last: dict[str, int] = {}
        for path in self.context.unions.paths.values():
            parent, position = path[:-_STEP], Union._str2int(path[-_STEP:])
            last[parent] = max(last.get(parent, 0), position)
        children: dict[str, int] = {}

        def place(row: RowPlan) -> str:
            if "path" in row.values:
                return str(row.values["path"])
            above = self.superiors[id(row)]
            parent = place(above) if isinstance(above, RowPlan) else self.context.unions.paths[above]
            last[parent] = last.get(parent, 0) + 1
            path = Union._get_path(parent, len(parent) // _STEP + 1, last[parent])
            row.values |= {"path": path, "depth": len(path) // _STEP, "numchild": 0}
            children[parent] = children.get(parent, 0) + 1
            return str(path)

        new = [row for row in self.rows if row.verdict == Verdict.NEW]
        for row in new:
            place(row)
        by_path = {row.values["path"]: row for row in new}
        for parent, number in children.items():
            if parent in by_path:
                by_path[parent].values["numchild"] += number
            else:
                Union.objects.filter(path=parent).update(numchild=F("numchild") + number)

    def move_stored(self) -> None:
        """Move unions whose superior changed, each with what is below it; the old superior goes into `before`."""
        unions = self.context.unions
        moved = False
        for row in self.rows:
            above = self.superiors.get(id(row))
            if above is None or row.existing is None or not row.is_open:
                continue
            target_id = above.object_id if isinstance(above, RowPlan) else above
            assert row.object_id is not None  # noqa: S101  stored
            assert target_id is not None  # noqa: S101  stored, or just written
            target_path, path = unions.paths[target_id], unions.paths[row.object_id]
            if path[:-_STEP] == target_path or row.object_id == target_id:
                continue
            if target_path.startswith(path):
                row.reject("上级工会", "上级工会不能是它自己的下级，请核对。")
                continue
            old = next((unions.names[pk] for pk, known in unions.paths.items() if known == path[:-_STEP]), "")
            Union.objects.move(Union.objects.get(pk=row.object_id), Union.objects.get(pk=target_id), "last-child")
            row.before = {**(row.before or {}), "superior": old}
            row.verdict = Verdict.CHANGED
            moved = True
            unions.paths.update(Union.objects.values_list("pk", "path"))
        if moved:
            self.context.forget()
