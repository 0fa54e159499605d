"""Lists of the national system brought back: its export compared with our files, field by field (名单对照), and the
superior's remarks led to the unions' workbenches. What a list says stays sealed in its rows."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Exists, Subquery
from django.utils import timezone

from pingtang_union.core import crypto
from pingtang_union.core.cleaning import Cell, CleanError, as_text, clean_partial_date
from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.masking import masked
from pingtang_union.core.permissions import may, permission_of
from pingtang_union.core.text import fold, fold_name
from pingtang_union.core.validators import day_of_birth
from pingtang_union.ledger.against import Line, Table, Way, match, read_list, same_amount, same_day, same_text
from pingtang_union.workflow.marking import tell
from pingtang_union.workflow.moving import refuse_invalid
from relief.models import Household, HouseholdPerson, NationalList, NationalRow
from relief.models.national import LISTS, THEIRS, ListKind, RowKind, RowVerdict, Source, Told
from relief.services import masking
from relief.services.national import NationalWords, with_all

_NEEDED = {
    ListKind.MIRROR: {
        RowKind.HOUSEHOLD: (Source.NAME, Source.CATEGORY),
        RowKind.PERSON: (Source.NAME, Source.RELATION),
    },
    ListKind.REMARKS: {RowKind.HOUSEHOLD: (Source.NAME, Source.REMARK)},
}
_AMOUNTS = (Source.MONTH_INCOME, Source.OTHER_INCOME, Source.YEAR_INCOME, Source.PEOPLE)
_NUMBERS = (Source.ID_NUMBER, Source.WORKER_ID)
_DAYS = (Source.BORN_ON, Source.WORKS_SINCE)
_FIRST = 15  # digits of an identity number that a spreadsheet keeps
BY_HAND = "人工指定"


@transaction.atomic
def bring(*, content: bytes, name: str, kind: str, until: date | None = None, by: Any) -> NationalList:
    """Read a list, find the file of each row, and keep what came of it. Raises DomainError for who may not, and for a
    file that can't be read: then nothing is kept."""
    if not may(by, "add", NationalList) or by.union_id is None:
        raise DomainError("您的账号不能登记全国系统名单。")
    words = NationalWords()
    lines = read_list(content, name, _tables(words, kind))
    if kind == ListKind.REMARKS:
        lines = [line for line in lines if line.text(Source.REMARK)]
    if not lines:
        raise DomainError("名单里没有内容。")
    brought = NationalList(
        union=by.union, kind=kind, title=name[:100], until=until, brought_by=by, brought_at=timezone.now()
    )
    refuse_invalid(brought)
    brought.save()
    files = list(with_all(Household.objects.visible_to(by).on_file()))
    rows = _remarks(lines, files) if kind == ListKind.REMARKS else _mirrored(lines, files, words)
    for number, (line, row) in enumerate(sorted(rows, key=lambda pair: (pair[0].sheet, pair[0].number)), 1):
        row.brought, row.number, row.place = brought, number, f"「{line.sheet[:40]}」第{line.number}行"
        row.union = row.household.union if row.household else by.union
        if row.verdict == RowVerdict.UNKNOWN:
            row.keep([(one.source, one.header, line.text(one.source), "") for one in words.columns[line.table]
                      if line.text(one.source) and one.source != Source.REMARK])  # fmt: skip
    NationalRow.objects.bulk_create([row for _, row in rows])
    _tell([row for _, row in rows if row.verdict == RowVerdict.REMARK], by)
    return brought


def _tables(words: NationalWords, kind: str) -> list[Table]:
    tables = []
    for row_kind, needed in _NEEDED[ListKind(kind)].items():
        headers = {one.source: (one.header, *one.other_headers.split()) for one in words.columns[row_kind]}
        if lacking := [source.label for source in needed if source not in headers]:
            raise DomainError(f"「全国系统列名」里没有{'、'.join(lacking)}，请先补上。")
        tables.append(Table(row_kind.value, headers, frozenset(needed), Source.NAME))
    return tables


# --- Whose row it is ---------------------------------------------------------------------------


def _name(line: Line) -> str:
    return fold_name(line.text(Source.NAME))


def _index(line: Line, key: str) -> list[str]:
    number, is_whole = line.digits(key)
    return [crypto.blind_index(number)] if number and is_whole else []


def _is_certain(line: Line) -> bool:
    """Whether the identity number is right to its last digit: then no name finds another person."""
    number, is_whole = line.digits(Source.ID_NUMBER)
    return is_whole and bool(day_of_birth(number, timezone.localdate().isoformat()))


def _born(line: Line) -> list[tuple[str, str]]:
    try:
        born = clean_partial_date(line.cells.get(Source.BORN_ON, "")).value
    except CleanError:
        return []
    return [(_name(line), born)] if born else []


def _beginning(line: Line) -> list[tuple[str, str]]:
    number, _ = line.digits(Source.ID_NUMBER)
    return [(number[:_FIRST], _name(line))] if len(number) >= _FIRST else []


def _where(line: Line) -> list[tuple[str, str]]:
    places = (fold(line.text(key)) for key in (Source.UNION, Source.EMPLOYER))
    return [(_name(line), place) for place in places if place]


def _workers(household: Household) -> list[HouseholdPerson]:
    return [one for one in household.people.all() if one.is_worker]


def _by_number(key: str) -> list[Way[Household]]:
    """How a line finds its file by numbers: of the worker, whose stands under `key`, or of the file there."""
    return [
        Way("身份证号", lambda line: _index(line, key),
            lambda row: [one.id_index for one in _workers(row) if one.id_index]),
        Way("职工编号", lambda line: [text] if (text := fold(line.text(Source.NATIONAL_NUMBER))) else [],
            lambda row: [fold(row.national_number)] if row.national_number else []),
    ]  # fmt: skip


def _ways(lines: Iterable[Line]) -> list[Way[Household]]:
    names = {_name(line) for line in lines}  # only these persons' numbers are opened

    def unless_certain(keys: Any) -> Any:
        return lambda line: [] if _is_certain(line) else keys(line)

    return [
        *_by_number(Source.ID_NUMBER),
        Way("证件号前15位和姓名", unless_certain(_beginning),
            lambda row: [(one.full_id_number[:_FIRST], row.name_key) for one in _workers(row)
                         if row.name_key in names]),
        Way("姓名和工会（单位）", unless_certain(_where),
            lambda row: [(row.name_key, fold(place)) for place in (row.union.name, row.union.short_name, row.employer)
                         if place]),
        Way("姓名和出生日期", unless_certain(_born),
            lambda row: [(row.name_key, one.born_on) for one in _workers(row) if one.born_on]),
    ]  # fmt: skip


def _remarks(lines: list[Line], files: list[Household]) -> list[tuple[Line, NationalRow]]:
    found = match(lines, files, _ways(lines), is_once=False)
    rows = [
        (line, NationalRow(household=household, way=way, verdict=RowVerdict.REMARK))
        for line, household, way in found.found
    ]
    rows += [(line, NationalRow(verdict=RowVerdict.UNKNOWN)) for line in found.unknown]
    for line, row in rows:
        row.remark = line.text(Source.REMARK)[:500]
    return rows


def _mirrored(lines: list[Line], files: list[Household], words: NationalWords) -> list[tuple[Line, NationalRow]]:
    of_workers = [line for line in lines if line.table == RowKind.HOUSEHOLD]
    of_members = [line for line in lines if line.table == RowKind.PERSON]
    households = match(of_workers, files, _ways(of_workers))
    members, homes = _members(of_members, files)
    rows: list[tuple[Line, NationalRow]] = []
    for line, household, way in households.found:
        differs = differences(line, household, _workers(household)[0], words)
        if of_members:
            differs += [("", f"对方没有{one.told}", "", "") for one in members.left if one.household_id == household.pk]
        changed = _changed_on(line) or max(day for day in (household.since, household.rechecked_on) if day).isoformat()
        rows.append((line, _row(household, differs, way=way, changed_on=changed)))
    for line, person, way in members.found:
        household = homes[person.household_id]
        rows.append((line, _row(household, differences(line, household, person, words), way=way, is_person=True)))
    rows += [(line, NationalRow(verdict=RowVerdict.UNKNOWN)) for line in households.unknown]
    known = match(members.unknown, files, _by_number(Source.WORKER_ID), is_once=False)
    rows += [
        (line, NationalRow(household=household, verdict=RowVerdict.UNKNOWN, is_person=True))
        for line, household, _ in known.found
    ]
    rows += [(line, NationalRow(verdict=RowVerdict.UNKNOWN, is_person=True)) for line in known.unknown]
    return rows


def _row(household: Household, differs: list[Told], **facts: Any) -> NationalRow:
    row = NationalRow(household=household, verdict=RowVerdict.DIFFERS if differs else RowVerdict.SAME, **facts)
    row.differs = [header for _, header, _, _ in differs]
    row.keep(differs)
    return row


def _members(lines: list[Line], files: list[Household]) -> tuple[Any, dict[int, Household]]:
    homes = {household.pk: household for household in files}
    people = [one for household in files for one in household.people.all() if not one.is_worker]
    home_of = {
        id(line): home.pk for line, home, _ in match(lines, files, _by_number(Source.WORKER_ID), is_once=False).found
    }
    ways: list[Way[HouseholdPerson]] = [
        Way("身份证号", lambda line: _index(line, Source.ID_NUMBER),
            lambda row: [row.id_index] if row.id_index else []),
        Way("同户姓名", lambda line: [(home_of.get(id(line)), _name(line))],
            lambda row: [(row.household_id, row.name_key)]),
    ]  # fmt: skip
    return match(lines, people, ways), homes


def _changed_on(line: Line) -> str:
    try:
        return clean_partial_date(line.cells.get(Source.CHANGED_ON, "")).value or ""
    except CleanError:
        return ""


# --- What differs ------------------------------------------------------------------------------


def differences(line: Line, household: Household, person: HouseholdPerson, words: NationalWords) -> list[Told]:
    """Columns in which the list and the file say different things; what one of both lacks differs."""
    return [
        (column.source, column.header, line.text(column.source), text or value)
        for column, (value, text) in words.row(line.table, household, person).items()
        if column.source in line.cells and column.source not in THEIRS and not _same(column.source, line, value, words)
    ]


def _same(source: str, line: Line, ours: str, words: NationalWords) -> bool:
    theirs: Cell = line.cells[source]
    if not line.text(source) or not ours:
        return not ours and (not line.text(source) or (source in LISTS and "" in words.codes(source, as_text(theirs))))
    if source in LISTS:
        return ours in words.codes(source, as_text(theirs))
    if source in _NUMBERS:
        number, is_whole = line.digits(source)
        return number == ours if is_whole else ours[:_FIRST] == number[:_FIRST]
    compare = same_amount if source in _AMOUNTS else same_day if source in _DAYS else same_text
    return compare(theirs, ours)


def shown(row: NationalRow, user: Any) -> list[tuple[str, str, str]]:
    """What a row said, or where both differ, as `user` may read it: column, the list's, the file's. Numbers masked."""
    sees = masking.sees(user, "health") and masking.sees(user, "children")

    def read(source: str, text: str) -> str:
        return masking.HIDDEN if text and source == Source.HEALTH and not sees else masked(text)

    return [(header, read(source, theirs), read(source, ours)) for source, header, theirs, ours in row.told()]


# --- The superior's remarks --------------------------------------------------------------------


def _tell(rows: list[NationalRow], by: Any) -> None:
    """Tell those of each union who hand in its files."""
    of_union: dict[int, list[NationalRow]] = {}
    for row in rows:
        of_union.setdefault(row.union_id, []).append(row)
    backend = "django.contrib.auth.backends.ModelBackend"
    people = get_user_model()._default_manager.with_perm(permission_of(Household, "submit"), backend=backend)
    to: dict[int, list[Any]] = {}
    for person in people.filter(is_active=True, union__in=of_union):
        to.setdefault(person.union_id, []).append(person)
    for union, theirs in of_union.items():
        until = f"，请于 {theirs[0].brought.until} 前答复" if theirs[0].brought.until else "，请答复"
        tell(to.get(union, ()), f"上级对 {len(theirs)} 份困难职工档案提出意见{until}。", theirs[0].household, but=by)


def _locked(row: NationalRow, by: Any) -> NationalRow:
    locked = NationalRow.objects.visible_to(by).select_for_update(of=("self",)).filter(pk=row.pk).first()
    if locked is None or locked.brought.kind != ListKind.REMARKS:
        raise DomainError("没有这条上级意见，或者它不在您的管理范围。")
    if locked.answered_at is not None:
        raise DomainError("已经答复，不能再改。")
    return locked


@transaction.atomic
def assign(*, row: NationalRow, household: Household, by: Any) -> NationalRow:
    """Say whose file a remark is about that no key could tell. Raises DomainError."""
    locked = _locked(row, by)
    if not may(by, "add", NationalList):
        raise DomainError("您的账号不能指定档案。")
    if locked.household_id is not None or not Household.objects.visible_to(by).filter(pk=household.pk).exists():
        raise DomainError("这条意见已有对应的档案，或者所选档案不在您的管理范围。")
    locked.household, locked.union, locked.way, locked.verdict = household, household.union, BY_HAND, RowVerdict.REMARK
    locked.save()
    _tell([locked], by)
    return locked


@transaction.atomic
def answer_remark(*, row: NationalRow, answer: str, by: Any) -> NationalRow:
    """Close a remark with the union's answer, or with the county's word. Raises DomainError."""
    locked = _locked(row, by)
    if not (may(by, "submit", Household) or may(by, "add", NationalList)):
        raise DomainError("您的账号不能答复上级意见。")
    answer = " ".join(answer.split())
    if locked.household_id is None or len(answer) < 4:
        raise DomainError("请先对应到档案，并写明整改情况（至少 4 个字）。")
    locked.answer, locked.answered_by, locked.answered_at = answer, by, timezone.now()
    refuse_invalid(locked)
    locked.save()
    return locked


def not_in_last_list(files: Any) -> Any:
    """Files on file that the list compared last doesn't hold; none before the first."""
    last = NationalList.objects.filter(kind=ListKind.MIRROR).order_by("-pk").values("pk")[:1]
    rows = NationalRow.objects.filter(brought=Subquery(last), is_person=False)
    return (
        files.on_file()
        .filter(Exists(NationalList.objects.filter(kind=ListKind.MIRROR)))
        .exclude(pk__in=rows.filter(household__isnull=False).values("household"))
    )


def forget_said(before: datetime) -> int:
    """Let go of what old lists said; that there was a difference, remark and answer stay."""
    return NationalRow.objects.filter(brought__brought_at__lt=before, said__isnull=False).update(said=None)
