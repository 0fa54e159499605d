"""Where the rows of a union roster go in the tree: superiors found, circles refused, paths given, moves made."""

from django.db.models import F

from members.models import Union
from pingtang_union.ledger.context import Context
from pingtang_union.ledger.models import Verdict
from pingtang_union.ledger.outcome import RowOutcome

_STEP = Union.steplen


class Placement:
    """The superior of each open row: a stored union's id, or the row of a new one in the same file."""

    def __init__(self, rows: list[RowOutcome], new_by_key: dict[str, RowOutcome], context: Context):
        """Find the superiors; rejects rows whose superior is unknown, refused, or themselves in a circle."""
        self.rows = rows
        self.context = context
        home = context.home
        self._seen_paths = set(context.unions.paths.values())
        self.superiors: dict[int, int | RowOutcome] = {}
        for row in rows:
            if row.is_open:
                superior = self._superior(row, new_by_key, home)
                if superior is not None and self._may_place(row, superior):
                    self.superiors[id(row)] = superior
        self._refuse_circles()

    def _superior(self, row: RowOutcome, new_by_key: dict[str, RowOutcome], home: int) -> int | RowOutcome | None:
        written = row.values.get("superior")
        if not written:
            if row.verdict == Verdict.NEW:
                row.warn("上级工会", f"没有填上级工会，暂列在{self.context.unions.names[home]}之下，请核对。")
                return home
            return None
        if row.existing is not None and self._is_present_superior(row, written):
            return None  # whoever keeps one union need not see the one above it
        stored, problem = self.context.unions.find(written)
        if stored is not None:
            return stored
        new = new_by_key.get(self.context.unions.key(written))
        if new is None:
            row.reject("上级工会", f"上级工会：{problem}", awaits_reference=True)
        return new

    def _is_present_superior(self, row: RowOutcome, written: str) -> bool:
        """Whether a superior outside the account's own unions is the one that the union has already."""
        parent = self.context.unions.paths[int(row.object_id or 0)][:-_STEP]
        if parent in self._seen_paths:
            return False
        above = Union.objects.filter(path=parent).values_list("name", "short_name").first()
        names = [name for name in above or () if name]
        return self.context.unions.key(written) in {self.context.unions.key(name) for name in names}

    def _may_place(self, row: RowOutcome, superior: int | RowOutcome) -> bool:
        """Whether the account may put the union there; rejects the row otherwise."""
        if self.context.may("add", Union) or row.existing is None:
            return True
        paths = self.context.unions.paths
        if not isinstance(superior, RowOutcome) and paths[superior] == paths[int(row.object_id or 0)][:-_STEP]:
            return True
        row.reject("上级工会", "上级工会：由县总工会调整，请改回原来的上级，或联系县总工会。")
        return False

    def _refuse_circles(self) -> None:
        """Reject rows that would end up below themselves, or below a refused row, once all are in place."""
        unions = self.context.unions
        by_path = {path: pk for pk, path in unions.paths.items()}
        above: dict[int, int | None] = {pk: by_path.get(path[:-_STEP]) for pk, path in unions.paths.items()}
        rows = {self._node(row): row for row in self.rows}
        for row in self.rows:
            if id(row) in self.superiors:
                superior = self.superiors[id(row)]
                above[self._node(row)] = self._node(superior) if isinstance(superior, RowOutcome) else superior
        for row in self.rows:
            if id(row) not in self.superiors:
                continue
            seen: set[int] = {self._node(row)}
            node = above.get(self._node(row))
            while node is not None and row.is_open:
                if node in seen:
                    row.reject("上级工会", "上级工会绕成了一圈（成了自己的下级），请核对。")
                elif node in rows and not rows[node].is_open and rows[node].existing is None:
                    refused = rows[node]
                    row.reject("上级工会", f"上级工会「{refused.name}」在第 {refused.row} 行被退回，请先改好那一行。")
                seen.add(node)
                node = above.get(node)

    @staticmethod
    def _node(row: RowOutcome) -> int:
        """A union's id, or for a new one a number that no id has."""
        return row.object_id if row.existing is not None and row.object_id is not None else -id(row)

    def place_new(self) -> None:
        """Give each new union the next free path below its superior, superiors first."""
        last: dict[str, int] = {}
        for path in self.context.unions.paths.values():
            parent, position = path[:-_STEP], Union._str2int(path[-_STEP:])
            last[parent] = max(last.get(parent, 0), position)
        children: dict[str, int] = {}

        def place(row: RowOutcome) -> str:
            if "path" in row.values:
                return str(row.values["path"])
            above = self.superiors[id(row)]
            parent = place(above) if isinstance(above, RowOutcome) else self.context.unions.paths[above]
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
        """Move unions whose superior changed, each with what is below it; the old superior goes into `before`.

        From the top down as the tree will be: then no superior lies below the union that moves under it.
        """
        unions = self.context.unions
        moves = []
        for row in self.rows:
            above = self.superiors.get(id(row))
            if above is None or row.existing is None or not row.is_open:
                continue
            target = above.object_id if isinstance(above, RowOutcome) else above
            path = unions.paths[int(row.object_id or 0)]
            if target is not None and unions.paths[target] != path[:-_STEP]:
                moves.append((self._final_depth(row), row, target))
        for _depth, row, target in sorted(moves, key=lambda move: move[0]):
            node = Union.objects.get(pk=row.object_id)
            old = Union.objects.filter(path=node.parent_path).values_list("name", flat=True).first()
            Union.objects.move(node, Union.objects.get(pk=target), "last-child")
            row.before = {**(row.before or {}), "superior": old or ""}
            row.verdict = Verdict.CHANGED
        if moves:
            self.context.refresh()

    def _final_depth(self, row: RowOutcome) -> int:
        depth = 0
        above: int | RowOutcome | None = row
        rows = {self._node(one): one for one in self.rows}
        while above is not None:
            depth += 1
            if isinstance(above, int):
                if above not in rows:
                    return depth + len(self.context.unions.paths[above]) // _STEP
                above = rows[above]
            following = self.superiors.get(id(above))
            if following is None:
                return depth + len(self.context.unions.paths.get(int(above.object_id or 0), "")) // _STEP
            above = following
        return depth
