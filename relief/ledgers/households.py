"""困难职工档案台账: a person of a household a row, the worker first, with what the household has."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar

from django.db.models import Case, Value, When

from members.ledgers.common import check_identity
from members.ledgers.namesakes import mask_of, sealed_hex
from pingtang_union.core.figures import mask_name
from pingtang_union.core.permissions import may
from pingtang_union.core.text import fold_name
from pingtang_union.ledger import bulk
from pingtang_union.ledger.context import Context
from pingtang_union.ledger.declaration import register
from pingtang_union.ledger.grouped import BEGINS, GROUP, GroupedLedger, beside, of_head
from pingtang_union.ledger.models import Verdict
from pingtang_union.ledger.outcome import RowOutcome
from pingtang_union.ledger.reading.table import Table
from pingtang_union.workflow.table import EDITABLE, State
from relief.ledgers.household_columns import HOUSEHOLD, PERSON
from relief.ledgers.household_heads import STANDING, HouseholdHead, causes_of
from relief.models import Household, HouseholdPerson
from relief.models.codes import Relation
from relief.services.households import MOST_PEOPLE
from relief.services.masking import HIDDEN, sees

_SELF = Relation.SELF.value
_MEMBER_WORDS = ("家庭成员", "家庭成员情况", "家庭成员信息", "家庭成员基本情况", "成员", "家属")
_TOLD_GENDER = "told_gender"
_OF_CHILDREN = ("school", "grade")


@register
class HouseholdLedger(GroupedLedger):
    """Families below their workers. New files come as drafts; of others only those change that the account may edit."""

    slug = "households"
    title = "困难职工档案台账"
    purpose = "登记困难职工家庭，一人一行，申请人本人在前；导入后成为草稿，补齐材料再提交。"
    line = "一人一行：先写申请人本人，家庭成员接着往下写；住址、收支、账户等家庭的内容只写在本人一行。"
    order = 75
    words = ("困难职工", "困难职工档案", "家庭成员")
    model_label = "relief.HouseholdPerson"
    head = HouseholdHead()
    head_field = "household"
    group_word = "户"
    said_beside = ("relation",)
    repeat_shown_at = "name"
    columns = (*of_head("household", HOUSEHOLD[:1]), *PERSON, *of_head("household", HOUSEHOLD[1:]))
    also_read = beside((column for column in PERSON if column.name != "relation"), *_MEMBER_WORDS)
    sources: ClassVar = {
        "union": "household__union__name",
        "household__main_cause": "household_id",
        "household__other_causes": "household_id",
    }
    veiled_by = ("relation", "born_on", "household_id")

    @cached_property
    def guards(self) -> frozenset[str]:
        """With what tells who somebody's child is."""
        return super().guards | {"name", *_OF_CHILDREN}

    # --- out ---

    def given(self, queryset: Any, by: Any = None) -> Any:
        """The people of files that stand, file by file, the worker first. Takes files, too. Nobody who may not see a
        file's people."""
        if queryset.model is Household:
            queryset = HouseholdPerson.objects.filter(household__in=queryset.order_by().values("pk"))
        if by is not None and not may(by, "view", HouseholdPerson):
            return queryset.none()
        is_worker = Case(When(relation=_SELF, then=Value(0)), default=Value(1))
        return queryset.filter(STANDING).order_by("household_id", is_worker, "pk")

    def veil(self, names: Sequence[str], cells: list[Any], told: Sequence[Any], *, by: Any, is_full: bool) -> list[Any]:
        """The household's cells beside the worker; health, account and children for who may see them."""
        health, account, children = (by is None or sees(by, what) for what in ("health", "account", "children"))
        relations, births, households = told
        causes = causes_of(households)
        at = [HouseholdPerson(relation=one, born_on=born) for one, born in zip(relations, births, strict=True)]
        hidden = [person.is_minor and not children for person in at]
        made = []
        for name, column in zip(names, cells, strict=True):
            if name in ("household__main_cause", "household__other_causes"):
                column = [causes[pk][name.removeprefix("household__")] or None for pk in column]
            if name == "household__bank_account" and not account:
                column = [cell and HIDDEN for cell in column]
            if name == "health" and not (health and is_full):
                column = [cell and HIDDEN for cell in column]
            if name in ("health", "id_number") or name in _OF_CHILDREN:
                column = [cell and (HIDDEN if hide else cell) for cell, hide in zip(column, hidden, strict=True)]
            if name == "name":
                column = [mask_name(cell) if hide else cell for cell, hide in zip(column, hidden, strict=True)]
            if name == "born_on":
                column = [cell[:4] if cell and hide else cell for cell, hide in zip(column, hidden, strict=True)]
            if name in self._of_head and name != "household__name":
                column = [cell if one == _SELF else None for cell, one in zip(column, relations, strict=True)]
            made.append(column)
        return made

    # --- reading ---

    def begins(self, row: RowOutcome, first: RowOutcome) -> bool:
        """本人 begins a household, and so does another 申请人; without a relation, what the household would have."""
        values, theirs = row.values, first.values
        if "relation" in values and values["relation"] == _SELF:
            return True
        applicant = values.get("household__name")
        if applicant is not None and applicant != theirs.get("household__name", theirs.get("name")):
            return True
        stated = any(theirs.get(name) != values[name] for name in self._of_head if name in values)
        return "relation" not in values and not row.messages and stated

    def is_first(self, values: Mapping[str, Any]) -> bool:
        """本人 among the family is the worker."""
        return values.get("relation") == _SELF

    def begun(self, row: RowOutcome) -> None:
        """Who has no relation is the worker, whom 申请人 names."""
        row.values.setdefault("relation", _SELF)
        if "household__name" in row.values:
            row.values.setdefault("name", row.values["household__name"])

    def prepare(self, rows: Sequence[RowOutcome]) -> None:
        """Names, relations, numbers; a household has its worker."""
        stated = {id(row) for row in rows if "gender" in row.values}
        check_identity(rows)
        for row in rows:
            if (
                id(row) not in stated and "gender" in row.values
            ):  # what the number tells is no change of a stored person
                row.values[_TOLD_GENDER] = row.values.pop("gender")
            values, said = row.values, {message.column for message in row.messages}
            is_first = not values[BEGINS]
            for name in ("relation", "name"):
                if name not in values and self.label(name) not in said:
                    row.reject(self.label(name), f"{self.label(name)}：没有填，请补填。")
            relation = values.get("relation")
            if is_first and relation not in (None, _SELF):
                label = self.label("relation")
                row.reject(label, f"{label}：上面没有这一户的申请人，每户第一行应为「本人」。")
            applicant = values.get("household__name")
            if is_first and applicant and fold_name(applicant) != values.get("name_key", fold_name(applicant)):
                row.reject("申请人", f"申请人：与「本人」一行的姓名（{values['name']}）不同，请核对哪个写错了。")
            if called := values.get("name"):
                told = HouseholdPerson(relation=relation or "", name=called).told
                row.name = str(called) if relation == _SELF else told
        super().prepare(rows)

    # --- planning ---

    def head_of(self, first: RowOutcome) -> RowOutcome:
        """With who the worker is."""
        head = super().head_of(first)
        values = first.values
        head.values |= {name: values[name] for name in ("name", "name_key", "id_index") if name in values}
        if "*" in (number := values.get("id_number", "")):
            head.values["mask"] = number
        return head

    def resolve(self, table: Table, rows: list[RowOutcome], context: Context) -> None:
        """Whom masked names and numbers mean, among those of the same file."""
        known = {row.values[GROUP] for row in rows if isinstance(row.values[GROUP], int)}
        people: dict[Any, list[Any]] = context.notes.setdefault("people of files", defaultdict(list))
        for stored in bulk.stored_among(HouseholdPerson.objects.order_by("pk"), "household_id", known - set(people)):
            people[stored.household_id].append(stored)
        for row in rows:
            family = people.get(row.values[GROUP], ())
            if "*" in row.values.get("name", ""):
                self._recognise_name(row, family)
            if "*" in row.values.get("id_number", ""):
                self._recognise_number(row, family)

    def _recognise_name(self, row: RowOutcome, family: Sequence[Any]) -> None:
        values = row.values
        fitting = [
            one for one in family if mask_name(one.name) == values["name"] and one.relation == values.get("relation")
        ]
        if (born := values.get("born_on")) and len(fitting) > 1:
            fitting = [one for one in fitting if (one.born_on or "").startswith(born)]
        if len(fitting) == 1:
            values |= {"name": fitting[0].name, "name_key": fitting[0].name_key}
        else:
            row.reject("姓名", "姓名：中间是星号，这一户又没有唯一一位相符的成员，请填全名。")

    def _recognise_number(self, row: RowOutcome, family: Sequence[Any]) -> None:
        values = row.values
        written = values.pop("id_number")
        fitting = [
            one for one in family if one.name_key == values.get("name_key") and written == mask_of(one.id_number)
        ]
        if len(fitting) == 1:
            values["id_index"] = fitting[0].id_index
        elif row.is_open:
            row.reject(
                "身份证号", "身份证号：号码中间是星号，这一户又没有唯一一位同名、号码相符的成员，请填完整的号码。"
            )

    def key(self, row: RowOutcome) -> Any:
        """The household, and in it the number, or the name of who has none."""
        values = row.values
        if "id_index" in values:
            return (values[GROUP], "number", values["id_index"])
        return (values[GROUP], "name", values["name_key"]) if "name_key" in values else None

    def stored(self, rows: list[RowOutcome], context: Context) -> Mapping[Any, Any]:
        """People of the file; who lacks a number, in the file or in the row, by name."""
        people = context.notes["people of files"]
        by_key: dict[Any, Any] = {}
        for group in {row.values[GROUP] for row in rows}:
            for one in people.get(group, ()):
                by_key[group, "number", one.id_index] = one
        for row in rows:
            if (key := self.key(row)) is None or key in by_key:
                continue
            named = [one for one in people.get(row.values[GROUP], ()) if one.name_key == row.values["name_key"]]
            fitting = [one for one in named if not (one.id_index and "id_index" in row.values)]
            if len(fitting) == 1:
                by_key[key] = fitting[0]
            elif fitting:
                row.reject("姓名", "姓名：这一户有几位同名的成员，请填身份证号以便分清。")
        return by_key

    def compare(self, row: RowOutcome, existing: Any, context: Context) -> None:
        """The number goes with its index."""
        super().compare(row, existing, context)
        if row.before and "id_index" in row.before:
            row.before["id_number"] = sealed_hex(existing.id_number) if existing.id_number else None

    def complete(self, row: RowOutcome, context: Context) -> None:
        """The gender that the number tells."""
        if _TOLD_GENDER in row.values:
            row.values.setdefault("gender", row.values[_TOLD_GENDER])

    def why_not(self, group: Sequence[RowOutcome], head: RowOutcome, context: Context) -> str:
        """A file that is handed in is no longer changed, and only its own side changes it."""
        file, by = head.existing, context.by
        counts = Counter(row.verdict for row in group)
        if file is None:
            return _too_many(counts[Verdict.NEW])
        if file.state not in EDITABLE:
            state = State(file.state).label
            return f"这一户的档案当前状态是「{state}」，内容与本表不同，不能用台账修改；要改请先撤回，或由上级退回。"
        if by is not None and file.union_id != by.union_id and by.pk not in (file.created_by_id, file.submitted_by_id):
            return "这一户的档案由申报的工会填写，只有它和替它填报的人能修改。"
        return _too_many(len(context.notes["people of files"].get(file.id, ())) + counts[Verdict.NEW])

    def moved_on(self, heads: set[int], context: Context) -> dict[int, str]:
        """Files handed in since."""
        handed_in = Household.objects.filter(pk__in=heads).exclude(state__in=EDITABLE)
        return dict.fromkeys(handed_in.values_list("pk", flat=True), "这一户的档案已经提交，保留现在的内容。")


def _too_many(number: int) -> str:
    return f"一户最多登记 {MOST_PEOPLE} 人，这一户有 {number} 人，请核对。" if number > MOST_PEOPLE else ""
