"""荣誉台账: which title was given to whom, by which document."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from django.core.exceptions import ValidationError

from awards.ledgers.catalogue import Catalogue, contradiction
from awards.ledgers.recipients import link_people, recipient_union
from awards.models import Award, AwardSource, HonourLevel, RecipientKind
from awards.models.awards import new_token
from awards.models.honours import KIND_SYNONYMS, LEVEL_SYNONYMS, place_of_level
from members.ledgers.common import DATE_NOTE, NOTE, UNION_ALIASES
from pingtang_union.core.cleaning import (
    Cell,
    Cleaned,
    CleanError,
    as_text,
    code,
    digits,
    is_blank,
    partial_date,
    person_name,
    text,
)
from pingtang_union.core.dates import display_partial, is_same_day
from pingtang_union.core.text import fold, plain, simplify
from pingtang_union.core.validators import tidy_document_number, validate_document_number
from pingtang_union.files.privacy import IDENTITY, public
from pingtang_union.ledger import bulk
from pingtang_union.ledger.context import Context
from pingtang_union.ledger.declaration import Column, Ledger, register, resolve_unions
from pingtang_union.ledger.models import ImportRow
from pingtang_union.ledger.outcome import RowOutcome
from pingtang_union.ledger.reading.table import SECTION_NUMBER, Table, union_named_in

_LEVEL = code(HonourLevel.choices, LEVEL_SYNONYMS)
_SECTION_WORDS = ("荣誉称号", "荣誉", "表彰", "奖项", "称号")
# What a ledger finds out for itself: it never changes what a record says already.
_LINKS = frozenset(("recipient_union_id", "member_id", "cadre_id"))


def _office(cell: Cell) -> Cleaned:
    """Who gives a title, in simplified characters."""
    value, warning = text(60)(cell)
    return Cleaned(value and simplify(value), warning)


def _document_number(cell: Cell) -> Cleaned:
    """The number of a document: brackets, digits and characters mended where that is sure."""
    if is_blank(cell):
        return Cleaned(None)
    number = tidy_document_number(simplify(as_text(cell)))
    try:
        validate_document_number(number)
    except ValidationError as error:
        raise CleanError(error.messages[0]) from error
    return Cleaned(number)


def _certificate_number(cell: Cell) -> Cleaned:
    """A certificate's number as text; a spreadsheet's number only where it can't have lost its end."""
    if isinstance(cell, float | int) and not isinstance(cell, bool):
        return Cleaned(digits(cell, "证书编号"))
    return text(50)(cell)


@register
class AwardLedger(Ledger):
    """One title given once a row. A record is told by title, union, holder and day, known more or less exactly."""

    slug = "awards"
    title = "荣誉台账"
    purpose = "登记获得的荣誉：什么称号、哪一级、授予谁、哪年哪月、哪个文件。"
    order = 60
    words = ("荣誉", "获奖", "表彰", "先进")
    model_label = "awards.Award"
    repeat_shown_at = "recipient"
    sources: ClassVar = {
        "title": "honour__title",
        "level": "honour__level",
        "kind": "honour__kind",
        "union_name": "union__name",
    }
    section_column = "level"
    columns = (
        Column(
            "title",
            "荣誉称号",
            text(100),
            "荣誉名称 获奖名称 称号 表彰名称 奖项 奖项名称 表彰项目 荣誉 命名名称 获得荣誉 所获荣誉 获奖项目 荣获称号",
            note="与业务管理里「荣誉称号」的名称一致，如「平塘县五一劳动标兵」。",
            is_essential=True,
            is_required=True,
        ),
        Column("level", "级别", _LEVEL, "荣誉级别 表彰级别 奖项级别 获奖级别 等级 荣誉等级 授奖级别 层级"),
        Column(
            "kind",
            "类型",
            code(RecipientKind.choices, KIND_SYNONYMS),
            "集体或个人 类别 对象类型 荣誉类型 获奖类型 集体/个人 个人/集体 集体（个人） 授予对象 表彰类型",
        ),
        Column(
            "recipient",
            "获奖集体（个人）",
            public(text(100)),
            (
                "获奖单位（个人） 获奖者 获奖人 获奖对象 获奖集体或个人 获奖单位或个人 受表彰集体（个人） "
                "获奖个人（集体） 受表彰单位（个人） 获奖集体 获奖个人 获奖单位 表彰对象 受表彰对象 先进集体（个人） "
                "姓名（单位） 单位（个人） 荣获者 获得者 获荣誉集体（个人） 姓名 获奖名单"
            ),
            note="集体写全称，个人写姓名，一行只写一个。",
            is_essential=True,
            is_required=True,
            is_repetitive=False,
        ),
        Column(
            "union_name",
            "所在工会",
            text(100, squeeze=True),
            f"{UNION_ALIASES} 所在单位 单位 推荐单位 工作单位",
            note="写工会全称，与组织花名册一致；获奖的就是工会的可以不写。",
        ),
        Column(
            "granted_by",
            "授予单位",
            public(_office),
            "授予机关 表彰单位 颁奖单位 授奖单位 命名单位 授予部门 颁发单位 表彰机关 授予机构 发文单位 颁奖机构",
            note="不填按荣誉称号目录里的授予单位登记。",
        ),
        Column(
            "awarded_on",
            "授予时间",
            partial_date(),
            (
                "授予日期 表彰时间 获奖时间 命名时间 获奖日期 表彰日期 授奖时间 获得时间 授予年月 获奖年月 "
                "命名日期 颁发时间 荣获时间 获奖年度 表彰年度 授予年份"
            ),
            note=DATE_NOTE,
            is_essential=True,
            is_required=True,
        ),
        Column(
            "document_number",
            "表彰文号",
            _document_number,
            "文号 表彰文件 文件号 文件文号 发文字号 命名文号 授予文号 表彰决定文号 决定文号 表彰文件号 文件编号",
            note="如 平工发〔2018〕12号。",
            is_text=True,
        ),
        Column(
            "certificate_number",
            "证书编号",
            public(_certificate_number, kinds=(IDENTITY,)),
            "证书号 证书号码 荣誉证书编号 荣誉证书号 奖牌编号 证号",
            is_text=True,
            is_repetitive=False,
        ),
        NOTE,
    )

    # --- out ---

    def given(self, queryset: Any, by: Any = None) -> Any:
        """Honours that are held, from the highest level down, as the catalogue lists them. One that was revoked is
        no honour any more: it stays in the portal and out of the ledgers."""
        return queryset.filter(revoked_on__isnull=True).order_by(
            place_of_level("honour__level"), "honour__order", "honour_id", "awarded_on", "pk"
        )

    def section_title(self, cell: Any) -> str:
        """国家级荣誉 above the rows of that level."""
        return f"{cell}荣誉"

    # --- in ---

    has_sections = True

    def read_section(self, title: str) -> dict[str, Any]:
        """The level that a section's title gives: 一、国家级荣誉."""
        key = fold(SECTION_NUMBER.sub("", plain(title)))
        for word in _SECTION_WORDS:
            key = key.removesuffix(word)
        level = _LEVEL.known.get(key)
        return {} if level is None else {"level": level}

    def prepare(self, rows: Sequence[RowOutcome]) -> None:
        """Who and what, as a row is called; level and kind in words, since the record has neither."""
        for row in rows:
            values = row.values
            if "level" in values:
                values["level"] = HonourLevel(values["level"]).label
            if "kind" in values:
                values["kind"] = RecipientKind(values["kind"]).label
            if "recipient" in values:
                row.name = f"{values['recipient']}（{values['title']}）" if "title" in values else values["recipient"]

    def resolve(self, table: Table, rows: list[RowOutcome], context: Context) -> None:
        """Titles, unions and holders."""
        catalogue: Catalogue = context.notes.get("honours") or Catalogue()
        context.notes["honours"] = catalogue
        noted, _problem = context.unions.find(union_named_in(table, ("工会名称", "所在工会")) or "-")
        persons = []
        named = {id(row) for row in rows if "union_name" in row.values}
        for row in rows:
            self._find_dissolved(row, context)
        resolve_unions(rows, context, self.label("union_name"), name="union_name")
        for row in rows:
            self._find_honour(row, catalogue)
            if "honour_id" not in row.values or "recipient" not in row.values:
                continue
            if catalogue.titles[row.values["honour_id"]].is_for_person:
                self._clean_name(row)
                persons.append(row)
            else:
                self._recognise(row, context)
            if id(row) not in named and "union_id" not in row.values:
                self._take_noted(row, noted, context)
            row.values["recipient_key"] = fold(row.values["recipient"])[:100]
            if not row.values["recipient_key"]:
                row.reject(self.label("recipient"), f"{self.label('recipient')}：里面没有文字，请填写名称或姓名。")
        link_people(persons)
        self._refuse_repeated_certificates(table, rows, context)

    @staticmethod
    def _find_dissolved(row: RowOutcome, context: Context) -> None:
        """An honour stays with its union when that is dissolved."""
        written = row.values.get("union_name")
        if written and not context.unions.candidates(written) and len(found := context.unions.once(written)) == 1:
            del row.values["union_name"]
            row.values["union_id"] = next(iter(found))

    def _find_honour(self, row: RowOutcome, catalogue: Catalogue) -> None:
        level, kind = row.values.pop("level", None), row.values.pop("kind", None)
        written = row.values.pop("title", None)
        if written is None:
            return
        honour, told = catalogue.find(written, level)
        if honour is None:
            row.reject(self.label("title"), f"{self.label('title')}：{told}")
            return
        if told:
            row.warn(self.label("title"), f"{self.label('title')}：{told}")
        row.values["honour_id"] = honour.pk
        if wrong := contradiction(honour, level, kind):
            row.reject(wrong[0], f"{wrong[0]}：{wrong[1]}")

    def _clean_name(self, row: RowOutcome) -> None:
        label = self.label("recipient")
        try:
            name, warning = person_name(row.values["recipient"])
        except CleanError as error:
            row.reject(label, f"{label}：{error}")
            return
        if name is None:
            row.reject(label, f"{label}：没有填，请补填。")
            return
        row.values["recipient"] = name
        if warning:
            row.warn(label, f"{label}：{warning}")

    @staticmethod
    def _recognise(row: RowOutcome, context: Context) -> None:
        """A union by its whole name, anything else by the name that stands there."""
        pk = recipient_union(row.values["recipient"], row.values.get("union_id"), context.unions)
        if pk is None:
            row.values["recipient"] = simplify(row.values["recipient"])
            return
        row.values["recipient"], row.values["recipient_union_id"] = context.unions.names[pk], pk
        if not any(message.column == "所在工会" for message in row.messages):
            row.values.setdefault("union_id", pk)

    def _take_noted(self, row: RowOutcome, noted: int | None, context: Context) -> None:
        """A blank cell means the union that the sheet is of; a county's sheet holds everybody's honours."""
        if noted is None or noted in context.unions.federations:
            row.reject(self.label("union_name"), f"{self.label('union_name')}：没有填，请补填。")
        else:
            row.values["union_id"] = noted

    def _refuse_repeated_certificates(self, table: Table, rows: Iterable[RowOutcome], context: Context) -> None:
        seen: dict[str, tuple[str, int]] = context.notes.setdefault("certificates", {})
        for row in rows:
            if number := row.values.get("certificate_number"):
                place = (table.sheet.name, row.row)
                first = seen.setdefault(number, place)
                if first != place:
                    where = "" if first[0] == place[0] else f"工作表「{first[0]}」"
                    row.reject(
                        self.label("certificate_number"),
                        f"{self.label('certificate_number')}：与{where}第 {first[1]} 行的编号相同，请核对。",
                    )

    def key(self, row: RowOutcome) -> Any:
        """(title, union, holder, day)."""
        values = row.values
        try:
            holder = values.get("recipient_union_id") or values["recipient_key"]
            return (values["honour_id"], values["union_id"], holder, values["awarded_on"])
        except KeyError:
            return None

    def same(self, name: str, old: Any, new: Any, context: Context) -> bool:
        """Links are set with the record; a name that a union had at the time stays (`stored`)."""
        return name in _LINKS

    def stored(self, rows: list[RowOutcome], context: Context) -> Mapping[Any, Any]:
        """Stored awards by that key; a day known more or less exactly is still the same day."""
        kept: dict[tuple[int, int], list[Any]] = {}
        for stored in bulk.stored_among(Award.objects.all(), "union_id", {row.values["union_id"] for row in rows}):
            kept.setdefault((stored.honour_id, stored.union_id), []).append(stored)
        by_key: dict[Any, Any] = {}
        meant: dict[int, int] = context.notes.setdefault("awards meant", {})  # award's id -> row
        nearly = []
        for row in rows:
            values = row.values
            holders = {values["recipient_key"], values.get("recipient_union_id")} - {None}
            same = [
                stored
                for stored in kept.get((values["honour_id"], values["union_id"]), [])
                if holders & {stored.recipient_key, stored.recipient_union_id}
            ]
            exact = next((stored for stored in same if stored.awarded_on == values["awarded_on"]), None)
            if exact is None:
                nearly.append((row, same))
            else:
                by_key[self.key(row)] = self._mean(row, exact, meant)
        for row, same in nearly:
            day = row.values["awarded_on"]
            near = [stored for stored in same if is_same_day(stored.awarded_on, day)]
            if len(near) > 1:
                row.reject("授予时间", "授予时间：这段时间里登记过几次同样的荣誉，请写明日期。")
            elif near and near[0].id in meant:
                other = display_partial(near[0].awarded_on)
                row.reject(
                    "授予时间",
                    f"授予时间：与第 {meant[near[0].id]} 行像是同一次授予（登记为{other}），请核对时间。",
                )
            elif near:
                by_key[self.key(row)] = self._mean(row, near[0], meant)
        return by_key

    @staticmethod
    def _mean(row: RowOutcome, stored: Any, meant: dict[int, int]) -> Any:
        """The row means this award, which keeps the name of its holder as the decision has it."""
        meant[stored.id] = row.row
        for name in ("recipient", "recipient_key"):
            if stored.recipient_union_id:
                row.values[name] = getattr(stored, name)
        return stored

    def match(self, rows: list[RowOutcome], context: Context) -> None:
        """As for every record; then what a ledger may not change, and certificates that others have."""
        super().match(rows, context)
        for row in rows:
            if row.existing is not None and row.is_open:
                self._protect(row, row.existing.revoked_on, row.existing.nomination_id)
        holders: dict[str, int] = {}
        for chunk in bulk.chunks(
            {row.values["certificate_number"] for row in rows if "certificate_number" in row.values}
        ):
            known = Award.objects.filter(certificate_number__in=chunk)
            holders |= dict(known.values_list("certificate_number", "pk"))
        for row in rows:
            holder = holders.get(row.values.get("certificate_number", ""))
            if holder is not None and holder != row.object_id and row.is_open:
                label = self.label("certificate_number")
                row.reject(label, f"{label}：这个编号已经登记在另一条荣誉上，请核对。")

    def _protect(self, row: RowOutcome, revoked_on: str | None, nomination_id: int | None) -> None:
        before = row.before or {}
        if revoked_on:
            text_ = f"这项荣誉已于{display_partial(revoked_on)}撤销"
            if before:
                row.reject(self.label_of(next(iter(before))), f"{text_}，登记的内容不再改动，请从台账里删去这一行。")
            else:
                row.warn(self.label("title"), f"{text_}，请从台账里删去这一行。")
        elif nomination_id and (kept := [name for name, old in before.items() if old not in ("", None)]):
            labels = "、".join(self.label_of(name) for name in kept)
            row.reject(
                self.label_of(kept[0]),
                f"{labels}：与评选推荐产生的登记不同，台账不改动它。请核对；登记有误的，请县总工会在业务管理的「获奖记录」里更正。",
            )

    def complete(self, row: RowOutcome, context: Context) -> None:
        """A public address of its own, where it comes from, and who gives this title."""
        values = row.values
        values["token"], values["source"] = new_token(), AwardSource.LEDGER.value
        values.setdefault("granted_by", context.notes["honours"].titles[values["honour_id"]].granted_by)

    def kept_reasons(self, rows: Sequence[ImportRow], context: Context) -> dict[int | None, str]:
        """As for every record; an award of a nomination stays."""
        ids = [row.object_id for row in rows if row.object_id is not None]
        made = Award.objects.filter(pk__in=ids, nomination__isnull=False).values_list("pk", flat=True)
        return super().kept_reasons(rows, context) | dict.fromkeys(made, "由评选推荐产生，保留。")
