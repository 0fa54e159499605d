"""A hardship file in the national system's words: what of it is still missing there, and the table to hand in."""

from collections.abc import Callable, Iterable, Mapping
from io import BytesIO
from typing import Any

from django.db import transaction
from django.utils import timezone

from pingtang_union.core.audit import record_export, stated
from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.fields import Sealed
from pingtang_union.core.permissions import may, permission_of
from pingtang_union.core.text import fold
from pingtang_union.ledger.giving import xlsx
from pingtang_union.ledger.giving.export import Given, file_name
from pingtang_union.workflow.moving import locked_for, refuse_invalid
from relief.models import Household, HouseholdPerson, NationalColumn, NationalList, NationalWord
from relief.models.codes import NATIONAL, FileState
from relief.models.national import LISTS, THEIRS, RowKind, Source

OPEN = {Source.HEALTH}  # words that stand in no list there are written as they are
# What is asked of each person for the national system, and may be told after the decision too.
OF_PERSON = ("gender", "ethnicity", "political", "model_worker", "marital", "has_insurance")
_MONTHS = 12


def _full(value: Any) -> str:
    return value.reveal() if isinstance(value, Sealed) else str(value or "")


def _worker(household: Household) -> HouseholdPerson | None:
    return next((one for one in household.people.all() if one.is_worker), None)


def _cause(household: Household) -> str:
    return next((str(line.cause.number) for line in household.causes.all() if line.place == 0), "")


def _amount(value: Any) -> str:
    return f"{value:.2f}"


def _other_income(household: Household) -> Any:
    return sum(household.incomes().values())


_OF_HOUSEHOLD: dict[str, Callable[[Household], str]] = {
    Source.WORKER_ID: lambda one: _full(worker.id_number) if (worker := _worker(one)) else "",
    Source.OTHER_INCOME: lambda one: _amount(_other_income(one)),
    Source.YEAR_INCOME: lambda one: _amount(sum(who.income for who in one.people.all()) + _other_income(one)),
    Source.PEOPLE: lambda one: str(len(one.people.all())),
    Source.CAUSE: _cause,
    Source.MADE_BY: lambda one: one.created_by.full_name if one.created_by else "",
    Source.UNION: lambda one: one.union.name,
}
_OF_EACH: dict[str, Callable[[HouseholdPerson], str]] = {
    Source.ID_NUMBER: lambda one: _full(one.id_number),
    Source.HEALTH: lambda one: _full(one.health),
    Source.MONTH_INCOME: lambda one: _amount(one.income / _MONTHS),
    Source.INSURANCE: lambda one: "yes" if one.has_insurance else "no",
}
_COLUMNS_OF_EACH = frozenset(
    (Source.NAME, Source.RELATION, Source.ETHNICITY, Source.GENDER, Source.POLITICAL, Source.BORN_ON, Source.STANDING,
     Source.MODEL_WORKER, Source.MARITAL, Source.HUKOU, Source.SCHOOL)
)  # fmt: skip


def value_of(source: str, household: Household, person: HouseholdPerson) -> str:
    """What of ours fills a column: a code where it has a list. Needs a household `with_checklists` and its creator."""
    if source in THEIRS and source != Source.UNION:
        return ""
    if source in _OF_HOUSEHOLD:
        return _OF_HOUSEHOLD[source](household)
    if source in _OF_EACH:
        return _OF_EACH[source](person)
    return str(getattr(person if source in _COLUMNS_OF_EACH else household, source) or "")


class NationalWords:
    """The columns and words there, as the office keeps them: two questions."""

    def __init__(self) -> None:
        self.columns: dict[str, list[NationalColumn]] = {kind: [] for kind in RowKind.values}
        for column in NationalColumn.objects.all():
            self.columns[column.kind].append(column)
        self._written: dict[tuple[str, str], str] = {}
        self._read: dict[tuple[str, str], set[str]] = {}
        for word in NationalWord.objects.all():
            self._read.setdefault((word.list, fold(word.word)), set()).add(word.code)
            if word.is_written:
                self._written[word.list, word.code] = word.word

    def written(self, source: str, value: str) -> str:
        """What stands there for a value of ours; "" where their list has no word for it."""
        if source not in LISTS:
            return value
        return self._written.get((source, value), value if source in OPEN else "")

    def codes(self, source: str, word: str) -> set[str]:
        """Codes of ours that a word there may mean."""
        return self._read.get((source, fold(word)), {word} if source in OPEN else set())

    def row(self, kind: str, household: Household, person: HouseholdPerson) -> dict[NationalColumn, tuple[str, str]]:
        """By column: the value of ours and what stands there for it."""
        values = ((column, value_of(column.source, household, person)) for column in self.columns[kind])
        return {column: (value, self.written(column.source, value)) for column, value in values}


def rows_of(household: Household) -> list[tuple[str, HouseholdPerson]]:
    """The rows that a file has there: the worker's, then one a member."""
    people = list(household.people.all())
    return [
        *((RowKind.HOUSEHOLD.value, one) for one in people if one.is_worker),
        *((RowKind.PERSON.value, one) for one in people if not one.is_worker),
    ]


def missing_there(household: Household, mapping: NationalWords) -> list[str]:
    """What compulsory field there is empty still, in words; a code of ours without a word counts too."""
    rows = rows_of(household)
    missing = [] if any(kind == RowKind.HOUSEHOLD for kind, _ in rows) else ["没有登记申请人本人"]
    for kind, person in rows:
        whose = "" if kind == RowKind.HOUSEHOLD else f"{person.told}："
        for column, (value, text) in mapping.row(kind, household, person).items():
            if text or not column.is_compulsory or (column.source == Source.STANDING and person.is_minor):
                continue
            why = f"「{label_of(column.source, value)}」没有对应的全国系统说法" if value else "没有填写"
            missing.append(f"{whose}{column.header}{why}")
    return missing


def label_of(source: str, value: str) -> str:
    """A code of ours in words."""
    if source == Source.INSURANCE:
        return {"yes": "参加", "no": "未参加"}.get(value, value)
    for model in (Household, HouseholdPerson):
        field: Any = next((one for one in model._meta.fields if one.name == source and one.choices), None)
        if field is not None:
            return str(dict(field.flatchoices).get(value, value))
    return value


def with_all(rows: Any) -> Any:
    """Files with what `NationalWords.row` reads, so that many ask a constant number of questions."""
    return rows.with_checklists().select_related("union", "created_by")


def lacking_by_union(user: Any) -> tuple[int, list[tuple[Any, list[tuple[Household, list[str]]]]]]:
    """How many files on file are ready, and by union those that aren't, each with what is missing there."""
    mapping, ready = NationalWords(), 0
    found: dict[Any, list[tuple[Household, list[str]]]] = {}
    files = with_all(Household.objects.visible_to(user).on_file()).order_by("union__path", "name_key", "pk")
    for household in files:
        if missing := missing_there(household, mapping):
            found.setdefault(household.union, []).append((household, missing))
        else:
            ready += 1
    return ready, list(found.items())


# --- Filling up what only the national system asks ---------------------------------------------


@transaction.atomic
def supplement(
    *, household: Household, values: Mapping[str, Any], people: Mapping[int, Mapping[str, Any]], by: Any
) -> Household:
    """Tell of a file on file what only the national system asks: nothing of it decides a category. Raises DomainError
    for who may not, and for a file that isn't on file."""
    locked = locked_for(household, by)
    if not may_supplement(by):
        raise DomainError("您的账号不能补充档案信息。")
    if locked.file_state != FileState.ON_FILE:
        raise DomainError("在档的档案才在这里补充；未建档的，请在申请里填写。")
    if set(values) - set(NATIONAL) or any(set(told) - set(OF_PERSON) for told in people.values()):
        raise ValueError("not asked by the national system only")
    for name, value in values.items():
        setattr(locked, name, value)
    for person in locked.people.filter(pk__in=people):
        for name, value in people[person.pk].items():
            setattr(person, name, value)
        refuse_invalid(person)
        person.save(update_fields=list(people[person.pk]))
    locked.revision += 1
    refuse_invalid(locked)
    locked.save()
    return locked


def may_supplement(user: Any) -> bool:
    """Whether the role fills in or checks files."""
    return may(user, "submit", Household) or may(user, "check", Household)


# --- The table to hand in ----------------------------------------------------------------------


def export(*, households: Iterable[int] | None = None, only_ready: bool = True, reason: str, by: Any) -> Given:
    """Files on file as the national system's two tables, numbers and health in full: those of `households`, or all that
    `by` sees. Raises DomainError without the permissions, without a reason, and where there is nothing to give."""
    if not may_export(by):
        raise DomainError("您的账号不能导出全国系统报送表，需要同时能查看完整证件号、健康状况和未成年人信息。")
    reason = stated(reason, asked="导出的理由")
    files = Household.objects.visible_to(by).on_file()
    mapping = NationalWords()
    chosen = with_all(files if households is None else files.filter(pk__in=households)).order_by("union__path", "pk")
    ready = [one for one in chosen if not only_ready or not missing_there(one, mapping)]
    if not ready:
        raise DomainError("没有可以导出的档案：在档并填齐的才能导出，缺项见「全国系统缺项」。")
    sheets = []
    for kind in RowKind:
        columns = [one for one in mapping.columns[kind] if one.source not in THEIRS]
        table = [
            [cells[column][1] for column in columns]
            for one in ready
            for row_kind, person in rows_of(one)
            if row_kind == kind
            for cells in [mapping.row(kind, one, person)]
        ]
        heads = [column.header for column in columns]
        sheets.append(
            xlsx.PlainSheet(
                name="困难职工" if kind == RowKind.HOUSEHOLD else "家庭成员",
                rows=[(heads, dict.fromkeys(range(len(heads)), xlsx.BOLD)), *((cells, {}) for cells in table)],
                widths=xlsx.widths_of([heads, *table]),
                text_columns=frozenset(range(len(heads))),
            )
        )
    file = BytesIO()
    xlsx.write_sheets(file, sheets, ())
    file.seek(0)
    record_export(
        Household, title="全国系统报送表：导出", by=by, rows=len(ready), numbers="完整号码", reason=reason,
        conditions="填齐的在档档案" if only_ready else "在档档案",
    )  # fmt: skip
    return Given(file, file_name("全国系统报送表", str(by.union), f"{timezone.localdate():%Y%m%d}"), len(ready))


def may_export(user: Any) -> bool:
    """Whether the role may take out all that the table holds."""
    sees = all(may(user, what, Household) for what in ("reveal", "health", "children"))
    return sees and bool(user.has_perm(permission_of(NationalList, "export")))
