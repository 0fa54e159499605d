"""What 困难职工档案台账 says of the household itself: the draft that a new one becomes, what changes of another."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import F, Q
from django.utils import timezone

from members.models import Member
from pingtang_union.core.masking import mask
from pingtang_union.core.permissions import may
from pingtang_union.core.text import fold, fold_name
from pingtang_union.ledger import bulk
from pingtang_union.ledger.context import Context
from pingtang_union.ledger.declaration import Ledger
from pingtang_union.ledger.hidden import values_of
from pingtang_union.ledger.models import ImportRow, Verdict
from pingtang_union.ledger.outcome import RowOutcome, undone_row
from pingtang_union.ledger.reading.table import Table, union_named_in
from pingtang_union.workflow.table import EDITABLE, State
from relief.ledgers.household_columns import HOUSEHOLD
from relief.models import Cause, Household, HouseholdCause, HouseholdPerson
from relief.models.codes import FileState, Relation
from relief.models.people import MOST_OTHER_CAUSES

_CAUSES = ("main_cause", "other_causes")
_UNION_WORDS = ("工会名称", "所在工会", "填报单位", "填报工会", "单位名称", "单位")
# Files, by a person of theirs, that are neither given up nor ended.
STANDING = ~Q(household__state__in=(State.REJECTED, State.ABANDONED)) & Q(
    household__file_state__in=(FileState.PENDING, FileState.ON_FILE)
)


def causes_of(households: Iterable[int]) -> dict[int, dict[str, str]]:
    """By file, its main cause and the others, in words."""
    causes: dict[int, dict[str, str]] = defaultdict(lambda: dict.fromkeys(_CAUSES, ""))
    for chunk in bulk.chunks(set(households)):
        lines = HouseholdCause.objects.filter(household__in=chunk).order_by("place").values_list(
            "household_id", "place", "cause__name"
        )  # fmt: skip
        for pk, place, name in lines:
            known = causes[pk]
            known["other_causes" if place else "main_cause"] += f"、{name}" if place and known["other_causes"] else name
    return causes


class HouseholdHead(Ledger):
    """One file a worker, told by the worker's number; who has none, by union and name."""

    title = "困难职工档案"
    model_label = "relief.Household"
    columns = HOUSEHOLD

    def resolve(self, table: Table, rows: list[RowOutcome], context: Context) -> None:
        """Unions, else the one that the sheet is of; causes; the payee."""
        noted = union_named_in(table, _UNION_WORDS)
        for row in rows:
            if noted:
                row.values.setdefault("union", noted)
            if "union" not in row.values and row.is_open:
                row.reject("所在工会", "所在工会：没有填，请补填。")
        super().resolve(table, rows, context)
        if "causes" not in context.notes:
            context.notes["causes"] = {fold(cause.name): cause.name for cause in Cause.objects.order_by("number")}
        for row in rows:
            self._name_causes(row, context.notes["causes"])
            payee = row.values.get("payee_name")
            if payee and "name_key" in row.values and fold_name(payee) != row.values["name_key"]:
                row.reject("户名", "户名：应与申请人一致，帮扶金只发给本人，请核对。")
            elif payee and "name" in row.values:
                row.values["payee_name"] = row.values["name"]

    def _name_causes(self, row: RowOutcome, known: Mapping[str, str]) -> None:
        for name in _CAUSES:
            if (written := row.values.get(name)) is None:
                continue
            words = [written] if name == "main_cause" else written.replace("，", "、").replace("；", "、").split("、")
            label, named = self.label(name), [known.get(fold(word), "") for word in words if word.strip()]
            if "" in named:
                listed = "、".join(known.values())
                row.reject(label, f"{label}：「{words[named.index('')]}」不在目录里。目录里有：{listed}。")
            elif len(set(named)) > MOST_OTHER_CAUSES:
                row.reject(label, f"{label}：写了 {len(set(named))} 项，最多 {MOST_OTHER_CAUSES} 项，请删去次要的。")
            row.values[name] = "、".join(dict.fromkeys(named))

    def key(self, row: RowOutcome) -> Any:
        """("number", index), or ("name", union, name)."""
        values = row.values
        if "id_index" in values:
            return ("number", values["id_index"])
        try:
            return ("name", values["union_id"], values["name_key"])
        except KeyError:
            return None

    def stored(self, rows: list[RowOutcome], context: Context) -> Mapping[Any, Any]:
        """Standing files that the account sees, by the worker's number; who has none, in the file or in the row, by
        union and name. Of two files the one that can still be changed, else the later."""
        people = HouseholdPerson.objects.all() if context.by is None else HouseholdPerson.objects.visible_to(context.by)
        workers = people.filter(STANDING, relation=Relation.SELF).order_by("household_id")
        names = ("household_id", "id_index", "household__union_id", "name_key", "id_number")
        found: list[Any] = []
        for chunk in bulk.chunks({row.values["id_index"] for row in rows if "id_index" in row.values}):
            found += workers.filter(id_index__in=chunk).values_list(*names)
        for chunk in bulk.chunks({row.values["name_key"] for row in rows if "name_key" in row.values}):
            found += workers.filter(name_key__in=chunk).values_list(*names)
        files = {
            stored.id: stored for stored in bulk.stored_among(Household.objects.all(), "pk", {one[0] for one in found})
        }
        context.notes.setdefault("causes of files", {}).update(causes_of(files))
        numbered = {("number", one[1]): files[one[0]] for one in self._in_order(found, files) if one[1]}
        named: dict[Any, dict[int, Any]] = defaultdict(dict)
        for one in found:
            named["name", one[2], one[3]][one[0]] = one
        by_key: dict[Any, Any] = dict(numbered)
        for row in rows:
            key, values = self.key(row), row.values
            if key is None or key in by_key:
                continue
            alike = named.get(("name", values.get("union_id"), values.get("name_key")), {}).values()
            if "mask" in values:
                fitting = [one for one in alike if str(one[4]) == values["mask"]]
            else:
                fitting = [one for one in alike if not (one[1] and "id_index" in values)]
            if len(fitting) == 1:
                by_key[key] = files[fitting[0][0]]
            elif fitting:
                row.reject("申请人", "申请人：这个工会有几位同名的申请人，请填身份证号以便分清。")
        return by_key

    @staticmethod
    def _in_order(found: list[Any], files: Mapping[int, Any]) -> list[Any]:
        """The file that counts, last."""
        return sorted(found, key=lambda one: (files[one[0]].state in EDITABLE, one[0]))

    def match(self, rows: list[RowOutcome], context: Context) -> None:
        """As for every record; an account whose number is hidden says nothing new."""
        super().match(rows, context)
        for row in rows:
            account = row.values.get("bank_account", "")
            if row.is_open and "*" in account and (row.existing is None or "bank_account" in (row.before or {})):
                row.reject("银行账号", "银行账号：号码中间是星号，与已登记的又不相符，请填完整的号码。")

    def same(self, name: str, old: Any, new: Any, context: Context) -> bool:
        """A masked account that stands for the stored one."""
        return name == "bank_account" and bool(old) and new == mask(str(old))

    def compare(self, row: RowOutcome, existing: Any, context: Context) -> None:
        """Causes too; another name takes the account's with it; the union stays."""
        if row.values.get("payee_name") and existing.name_key == row.values.get("name_key"):
            row.values["payee_name"] = existing.name
        super().compare(row, existing, context)
        before = dict(row.before or {})
        if "union_id" in before and row.is_open:
            row.reject("所在工会", "所在工会：这个人在另一个工会已有困难职工档案，不能用台账改到别的工会，请核对。")
        if "name" in before and existing.payee_name and "payee_name" not in before:
            before["payee_name"], row.values["payee_name"] = existing.payee_name, row.values.get("payee_name", "")
        causes = context.notes["causes of files"][existing.id]
        main = row.values.get("main_cause") or causes["main_cause"]
        if "other_causes" in row.values:
            row.values["other_causes"] = "、".join(_without(row.values["other_causes"], main))
        elif main in causes["other_causes"].split("、"):
            row.values["other_causes"] = "、".join(_without(causes["other_causes"], main))
        before |= {name: causes[name] for name in _CAUSES if row.values.get(name, causes[name]) != causes[name]}
        if before and row.is_open:
            row.before, row.verdict = before, Verdict.CHANGED

    def refuse_unpermitted(self, rows: Iterable[RowOutcome], context: Context) -> None:
        """Who may not hand in a file brings none."""
        rows = list(rows)
        super().refuse_unpermitted(rows, context)
        if context.by is not None and not may(context.by, "submit", Household):
            for row in rows:
                if row.verdict in (Verdict.NEW, Verdict.CHANGED):
                    row.reject("申请人", "您的账号不能申请建档。")

    # --- writing ---

    def commit(self, rows: list[RowOutcome], context: Context) -> None:
        """Write files and their causes; whoever has an older page of a file open is told."""
        new = [row for row in rows if row.verdict == Verdict.NEW]
        self._link(new)
        super().commit(rows, context)
        known = [row.object_id for row in rows if row.object_id is not None and row.verdict != Verdict.NEW]
        Household.objects.filter(pk__in=known).update(revision=F("revision") + 1)
        _write_causes(
            {
                row.object_id: {
                    name: row.values.get(name)
                    or context.notes.get("causes of files", {}).get(row.object_id, {}).get(name, "")
                    for name in _CAUSES
                }
                for row in rows
                if row.verdict == Verdict.NEW or set(_CAUSES) & set(row.before or ())
            }
        )

    def _changing(self, row: RowOutcome) -> frozenset[str]:
        return super()._changing(row) - set(_CAUSES)

    @staticmethod
    def _link(rows: Iterable[RowOutcome]) -> None:
        """Who is on the roster of the same union is that member."""
        rows = [row for row in rows if "id_index" in row.values]
        members = bulk.stored_among(Member.objects.all(), "id_index", {row.values["id_index"] for row in rows})
        found = {(stored.id_index, stored.union_id): stored.id for stored in members}
        for row in rows:
            row.values["member_id"] = found.get((row.values["id_index"], row.values["union_id"]))

    def complete(self, row: RowOutcome, context: Context) -> None:
        """A draft of whoever brings it."""
        row.values |= {
            "created_by_id": context.by and context.by.pk,
            "created_at": bulk.database_value(Household, "created_at", timezone.now()),
        }
        row.values.setdefault("phone", "")

    # --- taking back ---

    def undo_changed(self, rows: Sequence[ImportRow], context: Context) -> list[RowOutcome]:
        """With the causes, where they are still those of the batch."""
        told = {row.object_id: values_of(row) for row in rows}
        now = causes_of(pk for pk in told if pk is not None)
        edited = {
            pk
            for pk, (before, after) in told.items()
            if any(now[pk or 0][n] != after[n] for n in _CAUSES if n in before)
        }
        undone = [
            undone_row(row, Verdict.KEPT, "导入以后又有变动（致困原因），保留现在的内容。")
            for row in rows
            if row.object_id in edited
        ]
        undone += super().undo_changed([row for row in rows if row.object_id not in edited], context)
        restored = [row.existing.object_id for row in undone if row.verdict == Verdict.RESTORED]
        _write_causes({pk: now[pk] | {name: value for name, value in told[pk][0].items() if name in _CAUSES}
                       for pk in restored if set(_CAUSES) & set(told[pk][0])})  # fmt: skip
        return undone

    def kept_reasons(self, rows: Sequence[ImportRow], context: Context) -> dict[int | None, str]:
        """Every edit of a file counts its revision up."""
        edited = Household.objects.filter(pk__in=[row.object_id for row in rows]).exclude(revision=1)
        return super().kept_reasons(rows, context) | dict.fromkeys(
            edited.values_list("pk", flat=True), "导入以后有人改过，保留。"
        )

    def references(self, relation: Any, context: Context) -> Any:
        """Its people and causes go with it."""
        others = super().references(relation, context)
        return others.none() if relation.related_model in (HouseholdPerson, HouseholdCause) else others

    def remove(self, ids: Sequence[int], context: Context) -> None:
        """With their causes."""
        _forget_causes(ids)
        super().remove(ids, context)


def _without(causes: str, main: str) -> list[str]:
    return [cause for cause in causes.split("、") if cause and cause != main]


def _write_causes(files: Mapping[Any, Mapping[str, str]]) -> None:
    """Replace the causes of files."""
    if not files:
        return
    _forget_causes(files)
    ids = {cause.name: cause.pk for cause in Cause.objects.all()}
    lines = [
        (pk, ids[name], place)
        for pk, causes in files.items()
        for place, name in enumerate([causes["main_cause"], *_without(causes["other_causes"], causes["main_cause"])])
        if name
    ]
    bulk.insert(HouseholdCause, ("household_id", "cause_id", "place"), lines)


def _forget_causes(files: Iterable[Any]) -> None:
    for chunk in bulk.chunks(files):
        lines = HouseholdCause.objects.filter(household__in=chunk)
        lines._raw_delete(lines.db)
