"""会员花名册: the real-name roster of one union, or of several when it has a union column."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.db import connection
from django.utils import timezone

from members.models import Member, MembershipEvent, Union
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
    MemberStatus,
    NewForm,
    Political,
    Skill,
)
from members.resources.common import (
    BORN_ON,
    ETHNICITY,
    GENDER,
    ID_TYPE,
    NAME,
    NOTE,
    UNION_ALIASES,
    check_after_birth,
    check_identity,
    id_number_column,
)
from pingtang_union.core.ledger import bulk
from pingtang_union.core.ledger.clean import code, mobile, partial_date, text, yes_no
from pingtang_union.core.ledger.context import Context
from pingtang_union.core.ledger.recognise import Table, union_named_in
from pingtang_union.core.ledger.records import RecordLedger, chunks, resolve_union
from pingtang_union.core.ledger.schema import Column, LedgerRefused, Message, MessageKind, RowPlan, register
from pingtang_union.core.models import Verdict
from pingtang_union.core.text import fold

_UNION_WORDS = ("工会名称", "所在工会", "所属工会", "基层工会", "工会", "填报工会", "填报单位", "单位名称", "单位")


@register
class MemberRoster(RecordLedger):
    """One member a row. The union stands in a column, in the note above the header, or in the title.

    Membership is written as events: a new member joins, a former one joins again, a corrected joining
    date is a correcting event. A current member of another union is offered as a transfer.
    """

    title = "会员花名册"
    order = 50
    words = ("会员花名册", "会员名册", "会员登记")
    model_label = "members.Member"
    columns = (
        NAME,
        Column("union", "所在工会", text(100, squeeze=True), UNION_ALIASES),
        GENDER,
        ETHNICITY,
        ID_TYPE,
        id_number_column(is_required=True),
        BORN_ON,
        Column("education", "学历", code(Education.choices, EDUCATION_SYNONYMS), "文化程度 最高学历 学历层次"),
        Column("political", "政治面貌", code(Political.choices, POLITICAL_SYNONYMS), "政治面目 党派"),
        Column(
            "phone",
            "移动电话",
            mobile,
            "手机 手机号码 手机号 联系电话 电话 电话号码 联系方式 移动电话号码",
            is_repetitive=False,
        ),
        Column("contract", "用工形式", code(Contract.choices, CONTRACT_SYNONYMS), "用工性质 用工类型 编制情况"),
        Column("is_migrant", "是否农民工", yes_no, "农民工 是否为农民工 是否农民工会员"),
        Column("joined_on", "入会时间", partial_date(), "入会日期 加入工会时间 入会年月 入工会时间"),
        Column("card_number", "会员卡号", text(30), "卡号 工会会员卡号 会员证号", is_repetitive=False),
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

    def resolve(self, table: Table, rows: list[RowPlan], context: Context) -> None:
        """Unions, numbers, and a joining after the birth."""
        if "union" in table.header.found:
            memory: dict[str, tuple[int | None, str]] = {}
            for row in rows:
                if "union" not in row.values and row.is_open:
                    row.reject("所在工会", "所在工会：没有填，请补填。")
                resolve_union(row, context, "所在工会", memory=memory)
        else:
            union_id = self._union_of(table, context)
            for row in rows:
                row.values["union_id"] = union_id
        check_identity(rows)
        check_after_birth(rows, "joined_on", "入会时间")

    @staticmethod
    def _union_of(table: Table, context: Context) -> int:
        """The union that the sheet's note, title or file name gives; refuses the sheet when none or two do."""
        noted = union_named_in(table, _UNION_WORDS)
        titled = next((line for line in table.title_lines if "花名册" in line or "名册" in line), "")
        named = [noted, _before_roster(titled), _before_roster(table.sheet.name), _after_roster(context.file_name)]
        found: dict[int, str] = {}
        for text_ in named:
            if text_:
                union_id, problem = context.unions.find(text_)
                if union_id is not None and union_id not in context.unions.federations:
                    found.setdefault(union_id, text_)
                elif union_id is None and (text_ is noted or "工会" in fold(text_)):
                    # Never another union's roster into the importer's own, because its name isn't known.
                    raise LedgerRefused(problem, awaits_reference=True)
        if not found and context.by is not None and len(context.unions.names) == 1:
            return next(iter(context.unions.names))
        if not found:
            raise LedgerRefused("没有写明是哪个工会的花名册。请在标题下写一行「工会名称：……」，或加一列「所在工会」。")
        if len(found) > 1:
            listed = "、".join(f"「{text_}」" for text_ in found.values())
            raise LedgerRefused(f"标题和说明里写了不同的工会：{listed}，请改成一致后再导入。")
        return next(iter(found))

    def key(self, plan: RowPlan) -> Any:
        """The number's index."""
        return plan.values.get("id_index")

    def key_column(self) -> str:
        """A repeated person is shown at the number."""
        return "身份证号"

    def stored(self, rows: list[RowPlan], context: Context) -> Mapping[Any, Sequence[Any]]:
        """Members with these numbers, present or former."""
        index_at = bulk.attnames(Member).index("id_index")
        return {
            stored[index_at]: stored
            for chunk in chunks(row.values["id_index"] for row in rows if "id_index" in row.values)
            for stored in bulk.stored_rows(Member.objects.filter(id_index__in=chunk))
        }

    def plan(self, table: Table, rows: list[RowPlan], context: Context) -> None:
        """As for every record; then tell members of other unions and former members from changed ones."""
        super().plan(table, rows, context)
        fields = bulk.attnames(Member)
        union_at, status_at = fields.index("union_id"), fields.index("status")
        for row in rows:
            if row.existing is None or not row.is_open:
                continue
            other = row.existing[union_at]
            if row.existing[status_at] in CURRENT:
                if other != row.values["union_id"]:
                    self._offer_transfer(row, _union_name(other, context))
            else:
                row.values["status"] = MemberStatus.ACTIVE
                row.before = {**(row.before or {}), "status": row.existing[status_at]}
                row.verdict = Verdict.CHANGED
                row.warn(
                    "姓名", f"姓名：曾是「{_union_name(other, context)}」的会员，已经离会；这次按重新入会登记，请核对。"
                )

    @staticmethod
    def _offer_transfer(row: RowPlan, union_name: str) -> None:
        row.verdict = Verdict.TRANSFER
        row.before = None
        row.messages.append(
            Message(
                "身份证号",
                MessageKind.TRANSFER,
                f"身份证号：这个人已是「{union_name}」的会员，不重复登记；如已调入本单位，请办理转会。",
            )
        )

    def complete(self, plan: RowPlan, context: Context) -> None:
        """A new member is active."""
        plan.values["status"] = MemberStatus.ACTIVE

    def commit(self, rows: list[RowPlan], context: Context) -> None:
        """Write members, then the events that their union, status and joining date follow from."""
        super().commit(rows, context)
        now = timezone.now()
        recorded_at = (
            now if connection.vendor == "postgresql" else bulk.database_value(MembershipEvent, "recorded_at", now)
        )
        by = context.by.pk if context.by else None
        corrected = self._joinings_to_correct(rows)
        names = ("member_id", "kind", "union_id", "on", "reason", "corrects_id", "recorded_at", "recorded_by_id")

        def events() -> Iterator[tuple[Any, ...]]:
            for row in rows:
                joins = row.verdict == Verdict.NEW or (row.before is not None and "status" in row.before)
                if joins or row.object_id in corrected:
                    reason = "花名册登记" if joins else "花名册更正入会时间"
                    yield (
                        row.object_id,
                        EventKind.JOIN.value,
                        row.values["union_id"],
                        row.values.get("joined_on"),
                        reason,
                        None if joins else corrected.get(row.object_id),
                        recorded_at,
                        by,
                    )

        bulk.insert(MembershipEvent, names, events())

    @staticmethod
    def _joinings_to_correct(rows: list[RowPlan]) -> dict[int | None, int | None]:
        """Member id to the standing joining event that a changed joining date corrects."""
        ids = [
            row.object_id
            for row in rows
            if row.verdict == Verdict.CHANGED
            and row.before
            and "joined_on" in row.before
            and "status" not in row.before
        ]
        corrected: dict[int | None, int | None] = dict.fromkeys(ids)
        for chunk in chunks(ids):
            standing = (
                MembershipEvent.objects.standing().filter(member_id__in=chunk, kind=EventKind.JOIN).order_by("pk")
            )
            corrected.update(standing.values_list("member_id", "pk"))
        return corrected


def _union_name(union_id: int, context: Context) -> str:
    """Name of any union: a clerk must learn where a person is a member, though not see that union's rows."""
    return context.unions.names.get(union_id) or Union.objects.get(pk=union_id).name


def _before_roster(words: str) -> str:
    """The union in a title such as 平塘县林业局工会委员会会员花名册."""
    for word in ("工会会员花名册", "会员花名册", "会员名册", "会员登记表", "花名册"):
        head, found, _tail = words.partition(word)
        if found:
            return head + "工会" if word == "工会会员花名册" else head
    return ""


def _after_roster(file_name: str) -> str:
    """The union in a file name such as 会员花名册-平塘供电局工会委员会.xlsx."""
    stem = file_name.rsplit("/", 1)[-1].rsplit(".", 1)[0]
    _head, found, tail = stem.partition("花名册")
    if not found:
        return ""
    tail = tail.strip("-—_（）() ")
    return tail if fold(tail) else _before_roster(stem)


__all__ = ["MemberRoster"]
