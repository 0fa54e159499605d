"""会员花名册: the real-name roster of one union, or of several when it has a union column."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from django.db import models

from members.ledgers.common import (
    BORN_ON,
    DATE_NOTE,
    ETHNICITY,
    GENDER,
    ID_TYPE,
    NAME,
    NOTE,
    UNION_ALIASES,
    check_identity,
    id_number_column,
    warn_of_another_name,
)
from members.ledgers.events import take_back_events, write_events
from members.ledgers.namesakes import mask_of, namesake_records, recognise_masked, sealed_hex
from members.ledgers.screening import Screened, hold_row, is_confirmed, is_limited, note_answer, union_name
from members.ledgers.standing import (
    CHANGE,
    CHANGED_ON,
    HAS_LEFT,
    LEFT,
    RETAINED,
    STANDING,
    compare_standing,
    refuse_undated_retention,
    take_joining,
    take_standing,
)
from members.ledgers.titles import union_of_sheet
from members.models import HeldWhy, Member, MembershipEvent
from members.models.codes import (
    CONTRACT_SYNONYMS,
    CURRENT,
    EDUCATION_SYNONYMS,
    EMPLOYMENT_SYNONYMS,
    HOUSEHOLD_SYNONYMS,
    NEW_FORM_SYNONYMS,
    POLITICAL_SYNONYMS,
    SKILL_SYNONYMS,
    Contract,
    Education,
    Employment,
    EventKind,
    Household,
    Level,
    MemberStatus,
    NewForm,
    Political,
    Skill,
)
from pingtang_union.core.cleaning import Cell, Cleaned, code, digits, is_blank, mobile, partial_date, text, yes_no
from pingtang_union.ledger import bulk
from pingtang_union.ledger.context import Context
from pingtang_union.ledger.declaration import Column, Ledger, LedgerRefused, register, resolve_unions
from pingtang_union.ledger.hidden import values_of
from pingtang_union.ledger.models import ImportRow, Verdict
from pingtang_union.ledger.outcome import RowOutcome
from pingtang_union.ledger.reading.table import Table
from pingtang_union.ledger.standing import refuse_gone

_GONE = "表明这个人已经不在会。花名册只登记在会的会员，这一行没有登记；系统里仍登记在会的，请在会员页面办理退会或转会。"
_PLAIN_CARD = re.compile(r"[0-9]{5,30}")
_card_text = text(30)


def _card_number(cell: Cell) -> Cleaned:
    """A card's number as text: one that the spreadsheet took for a number has lost its end."""
    if cell.__class__ is str and _PLAIN_CARD.fullmatch(cell):
        return Cleaned(cell)  # nearly every row
    return Cleaned(None) if is_blank(cell) else _card_text(digits(cell, "会员卡号"))


@register
class MemberRoster(Screened):
    """One member a row. The union stands in a column, in the note above the header, or in the title.

    Membership is written as events: a new member joins, a former one joins again, a corrected joining
    date is a correcting event. A current member of another union is offered as a transfer.
    """

    slug = "members"
    title = "会员花名册"
    purpose = "实名登记本单位的工会会员，一人一行。"
    order = 50
    words = ("会员花名册", "会员名册", "会员登记")
    # Federations of unions have no members of their own.
    not_kept_at = (Level.PREFECTURE, Level.COUNTY, Level.TOWNSHIP, Level.SYSTEM)
    model_label = "members.Member"
    told_by = ("id_index",)
    repeat_shown_at = "id_number"
    orders = (("joined_on", "born_on"),)
    columns = (
        NAME,
        Column("union", "所在工会", text(100, squeeze=True), UNION_ALIASES, note="写工会全称，与组织花名册一致。"),
        GENDER,
        ETHNICITY,
        ID_TYPE,
        id_number_column(is_required=True),
        BORN_ON,
        Column(
            "education",
            "学历",
            code(Education.choices, EDUCATION_SYNONYMS),
            "文化程度 最高学历 学历层次 文化水平 教育程度 受教育程度",
        ),
        Column("political", "政治面貌", code(Political.choices, POLITICAL_SYNONYMS), "政治面目 党派 政治身份"),
        Column(
            "phone",
            "移动电话",
            mobile,
            "手机 手机号码 手机号 联系电话 电话 电话号码 联系方式 移动电话号码 本人手机 联系手机 本人电话",
            note="按文本填写 11 位手机号。",
            is_text=True,
            is_repetitive=False,
        ),
        Column(
            "contract",
            "用工形式",
            code(Contract.choices, CONTRACT_SYNONYMS),
            "用工性质 用工类型 编制情况 用工类别 用工方式 人员性质",
        ),
        Column("is_migrant", "是否农民工", yes_no, "农民工 是否为农民工 是否农民工会员"),
        Column(
            "joined_on",
            "入会时间",
            partial_date(),
            "入会日期 加入工会时间 入会年月 入工会时间 加入工会日期 加入时间 批准入会时间",
            note=DATE_NOTE,
        ),
        STANDING,
        Column(
            "card_number",
            "会员卡号",
            _card_number,
            "卡号 工会会员卡号 会员证号",
            note="按文本填写，开头的 0 不要漏。",
            is_text=True,
            is_repetitive=False,
        ),
        Column("employment", "就业情况", code(Employment.choices, EMPLOYMENT_SYNONYMS), "就业状况 就业状态"),
        Column(
            "new_form",
            "新就业形态",
            code(NewForm.choices, NEW_FORM_SYNONYMS),
            "新就业形态类型 新业态类型 新就业形态劳动者",
        ),
        Column("skill", "技能等级", code(Skill.choices, SKILL_SYNONYMS), "职业技能等级 技术等级"),
        Column("household", "户籍类型", code(Household.choices, HOUSEHOLD_SYNONYMS), "户口性质 户籍性质 户口类型"),
        Column("household_place", "户籍所在地", text(100), "户口所在地 户籍地址 户籍地"),
        Column("native_place", "籍贯", text(50)),
        Column("employer", "工作单位", text(100), "所在单位 单位 单位名称 用人单位"),
        Column("team", "工会小组", text(50), "所在小组 小组"),
        NOTE,
    )
    also_read = (CHANGE, CHANGED_ON, HAS_LEFT, LEFT)
    sources: ClassVar = {**Ledger.sources, "standing": "status"}

    def given(self, queryset: Any, by: Any = None) -> Any:
        """Those who are members: who has left stands in no roster, and brought again would ask to rejoin."""
        return queryset.filter(status__in=CURRENT)

    def prepare(self, rows: Sequence[RowOutcome]) -> None:
        """Numbers, who is no member any more, and a joining after the birth."""
        check_identity(rows)
        refuse_gone(rows, {column.name: column.label for column in (STANDING, CHANGE, HAS_LEFT, LEFT)}, _GONE)
        for row in rows:
            if row.values.get("standing", row.values.get("change")) is not None:
                take_standing(row)
        self.refuse_contradictions(rows)

    def resolve(self, table: Table, rows: list[RowOutcome], context: Context) -> None:
        """Unions, and who a masked number is."""
        column = "union" if "union" in table.header.found else ""
        union_id = None
        if not column:
            union_id = union_of_sheet(table, context)
            if union_id is None and "employer" in table.header.found:
                column = "employer"
                for row in rows:
                    if "employer" in row.values:
                        row.values["union"] = row.values["employer"]
        if column:
            label = self.label(column)
            for row in rows:
                if "union" not in row.values and row.is_open:
                    row.reject(label, f"{label}：没有填，请补填。")
            resolve_unions(rows, context, label)
            for row in rows:
                if row.values.get("union_id") in context.unions.federations:
                    row.reject(label, f"{label}：县以上总工会不直接登记会员，请填会员所在的基层工会。")
        elif union_id is None:
            raise LedgerRefused("没有写明是哪个工会的花名册。请在标题下写一行「工会名称：……」，或加一列「所在工会」。")
        else:
            for row in rows:
                row.values["union_id"] = union_id
        recognise_masked(rows, Member)
        self._look_at_employers(table, rows, context)

    def _look_at_employers(self, table: Table, rows: list[RowOutcome], context: Context) -> None:
        """A roster under a federation whose employers have unions of their own is several rosters in one."""
        if "union" in table.header.found:
            return
        named: dict[str, set[int]] = {}
        for row in rows:
            employer, union_id = row.values.get("employer"), row.values.get("union_id")
            if not employer or union_id is None or not row.is_open:
                continue
            if employer not in named:
                named[employer] = context.unions.candidates(employer)
            own = named[employer]
            if own and union_id not in own and context.unions.names[union_id].endswith("联合会"):
                row.reject(
                    "工作单位", f"工作单位：「{employer}」有自己的工会，请加一列「所在工会」写明会员属于哪个工会。"
                )

    def stored(self, rows: list[RowOutcome], context: Context) -> Mapping[Any, Any]:
        """Members with these numbers, present or former."""
        return bulk.stored_by(Member, "id_index", (row.values["id_index"] for row in rows if "id_index" in row.values))

    def plan(self, table: Table, rows: list[RowOutcome], context: Context) -> None:
        """As for every record; then look for members whose number may be written wrongly."""
        super().plan(table, rows, context)
        self._look_for_namesakes(table, rows, context)
        new = [row for row in rows if row.verdict == Verdict.NEW]
        self.refuse_contradictions([row for row in new if take_joining(row)])
        for row in new:
            if row.is_open and row.values.get("standing") == RETAINED:
                refuse_undated_retention(row)

    def match(self, rows: list[RowOutcome], context: Context) -> None:
        """As for every record, some thousand rows at a time: stored members of a whole roster would fill the memory."""
        for part in bulk.chunks(rows):
            super().match(part, context)
            self._weigh(part, context)

    def _weigh(self, rows: Iterable[RowOutcome], context: Context) -> None:
        """What it means that a member is known: corrected, elsewhere, or gone before."""
        for row in rows:
            if row.existing is None or not row.is_open:
                continue
            other = row.existing.union_id
            if other != row.values["union_id"] and row.existing.name_key != row.values["name_key"]:
                # Whoever has a number only learns nothing of whom it belongs to, and gets no hold of her.
                if is_limited(context, Member):
                    if not is_confirmed(row, context, Member):
                        hold_row(row, context, HeldWhy.ELSEWHERE)
                        continue
                else:
                    text_ = "身份证号：这个号码已登记在别的工会，姓名和本行的不一致，请对照身份证核对这两项。"
                    row.reject("身份证号", text_)
                    continue
            if row.before and "name" in row.before and other == row.values["union_id"]:
                warn_of_another_name(row)
            named = union_name(other, context, Member)  # "" for who doesn't see it, nor anything of the record
            if named:
                compare_standing(row, row.existing.status)
            if row.existing.status in CURRENT:
                if other != row.values["union_id"]:
                    self._offer_transfer(row, other, named)
                continue
            if not named:
                note_answer(row, context, "曾是会员")
            if self._may_rejoin(row, named):
                row.values["status"] = MemberStatus.ACTIVE.value
                former_values = {**(row.before or {}), "status": row.existing.status}
                row.before, row.hidden = (former_values, None) if named else (None, former_values)
                row.verdict = Verdict.CHANGED
                former = f"「{named}」" if named else "别的工会"
                row.warn("姓名", f"姓名：曾是{former}的会员，已经离会；这次按重新入会登记，请核对。")
        for row in rows:
            is_elsewhere = row.existing is not None and row.existing.union_id != row.values.get("union_id")
            if is_elsewhere and row.verdict in (Verdict.REJECT, Verdict.HELD):
                row.object_id = row.before = row.hidden = (
                    None  # what another union has registered isn't shown beside a refusal
                )
            row.existing = None

    def _look_for_namesakes(self, table: Table, rows: list[RowOutcome], context: Context) -> None:
        """New rows that bear the name and the day of birth of a member known here under another number: one of the
        numbers may be wrong. A person decides; where nobody can be asked they are taken for two people."""
        new = [row for row in rows if row.verdict == Verdict.NEW]
        records = namesake_records(new, context)
        if not records:
            return
        for row in new:
            alike = records.get((row.values["name_key"], row.values.get("born_on", "")), [])
            if not alike:
                continue
            decision = (context.decisions or {}).get((table.sheet.name, row.row))
            meant = next((stored for stored in alike if stored.id == decision), None)
            if meant is not None:
                self._correct_number(row, meant, context)
            elif decision == 0 or context.decisions is None:
                row.warn("身份证号", f"身份证号：与已登记的{row.name}同名、同日出生而号码不同，按两个人登记，请核对。")
            else:
                row.object_id = alike[0].id
                masks = "、".join(mask_of(stored.id_number) for stored in alike)
                text_ = f"身份证号：已登记有同名、同日出生而号码不同的会员（{masks}），请辨认是不是同一个人。"
                row.leave(Verdict.UNDECIDED, "身份证号", text_)

    def _correct_number(self, row: RowOutcome, existing: Any, context: Context) -> None:
        """The row means this member, whose number was registered wrongly."""
        self.compare(row, existing, context)
        if row.verdict == Verdict.REJECT:
            return
        row.verdict = Verdict.CHANGED
        row.before = {**(row.before or {}), "id_index": existing.id_index, "id_number": sealed_hex(existing.id_number)}
        row.warn("身份证号", f"身份证号：按同一个人登记，原号码 {mask_of(existing.id_number)} 更正为本行的号码。")
        self._weigh([row], context)

    @staticmethod
    def _may_rejoin(row: RowOutcome, union_name: str) -> bool:
        """Whether a former member's row can be a joining anew; rejects it otherwise. `union_name`: as for a transfer;
        who doesn't see the union isn't told what its record says."""
        if row.values.get("standing") == RETAINED:
            row.reject(STANDING.label, f"{STANDING.label}：这个人已经离会，不能登记为保留会籍，请核对。")
            return False
        member_id = int(row.object_id or 0)
        last = MembershipEvent.objects.standing().filter(member_id=member_id).in_order().last()
        joined = row.values.get("joined_on")
        if last is not None and last.kind == EventKind.DEATH:
            died = "姓名：这个人登记为已去世，请核对；如登记有误，请联系县总工会更正。"
            row.reject("姓名", died if union_name else "姓名：这个人不能按重新入会登记，请联系县总工会核对。")
        elif last is not None and (not joined or (last.on and joined < last.on[: len(joined)])):
            since = f"已于 {last.on or '（未记日期）'} 离会" if union_name else "曾是别的工会的会员，已经离会"
            row.reject(
                "入会时间",
                f"入会时间：这个人{since}，重新入会要填离会以后的入会时间，请核对。",
            )
        return row.is_open

    def applies(self, row: RowOutcome, existing: Any) -> bool:
        """A member of another union is offered a transfer instead."""
        return bool(existing.union_id == row.values.get("union_id"))

    @staticmethod
    def _offer_transfer(row: RowOutcome, from_union_id: int, union_name: str) -> None:
        """`union_name`: of the other union, "" for who doesn't see it; then the row doesn't keep which it is either."""
        row.before = {"union_id": from_union_id if union_name else None}
        there = f"「{union_name}」" if union_name else "别的工会"
        text_ = f"身份证号：这个人已是{there}的会员，不重复登记；如已调入本单位，请办理转会。"
        row.leave(Verdict.TRANSFER, "身份证号", text_)

    def complete(self, row: RowOutcome, context: Context) -> None:
        """A new member is active, or retained from a day that the row names."""
        is_retained = row.values.get("standing") == RETAINED
        row.values["status"] = (MemberStatus.RETAINED if is_retained else MemberStatus.ACTIVE).value

    def commit(self, rows: list[RowOutcome], context: Context) -> None:
        """Write members, then the events that their union, status and joining date follow from."""
        super().commit(rows, context)
        write_events(rows, context)

    def undo(self, rows: Sequence[ImportRow], context: Context) -> list[RowOutcome]:
        """As for every record; the events that the batch wrote go with what followed from them."""
        later: set[int] = set()
        for part in bulk.chunks([row.object_id for row in rows]):
            events = MembershipEvent.objects.filter(member_id__in=part, recorded_at__gt=rows[0].batch.written_at)
            later.update(events.exclude(batch_id=context.batch_id).values_list("member_id", flat=True))
        context.notes["moved on"] = later
        undone = super().undo(rows, context)
        restored = [row.object_id for row in undone if row.verdict == Verdict.RESTORED]
        take_back_events(restored, context)
        return undone

    def has_moved_on(self, row: ImportRow, context: Context) -> bool:
        """Whether an event has been recorded since, where the batch recorded one too."""
        of_events = {"status", "joined_on", "union_id"}
        return row.object_id in context.notes["moved on"] and not of_events.isdisjoint(values_of(row)[0])

    def references(self, relation: Any, context: Context) -> models.QuerySet:
        """The joining that the batch itself wrote doesn't keep a member."""
        rows = super().references(relation, context)
        if relation.related_model is MembershipEvent:
            return rows.exclude(batch_id=context.batch_id) if context.batch_id else rows
        return rows

    def remove(self, ids: Sequence[int], context: Context) -> None:
        """The members and their joinings."""
        take_back_events(ids, context)
        super().remove(ids, context)
