"""工会干部花名册 and 社会化工会工作者花名册: one person in post a row."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from members.models import Cadre
from members.models.codes import (
    DUTY_SYNONYMS,
    RANK_SYNONYMS,
    CadreKind,
    Duty,
    Grade,
    Rank,
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
from pingtang_union.core.ledger.clean import code, partial_date, phone, text
from pingtang_union.core.ledger.context import Context
from pingtang_union.core.ledger.recognise import Table
from pingtang_union.core.ledger.records import RecordLedger, chunks, resolve_union
from pingtang_union.core.ledger.schema import Column, RowPlan, register

_PERSON = (GENDER, ETHNICITY, BORN_ON, ID_TYPE, id_number_column(is_required=False))
_UNION = Column(
    "union", "所在工会", text(100, squeeze=True), f"{UNION_ALIASES} 所在单位", is_essential=True, is_required=True
)
_PHONE = Column(
    "phone",
    "联系电话",
    phone,
    "电话 联系方式 手机 手机号码 手机号 移动电话 电话号码",
    is_repetitive=False,
)
_ENDED = Column("ended_on", "离任时间", partial_date(), "卸任时间 免职时间 离职时间")


class _PersonInPost(RecordLedger):
    """A person in post, told by the identity number, else by union and name."""

    model_label = "members.Cadre"
    kind: ClassVar[CadreKind]

    def resolve(self, table: Table, rows: list[RowPlan], context: Context) -> None:
        """Unions, numbers, and dates that fit."""
        memory: dict[str, tuple[int | None, str]] = {}
        for row in rows:
            resolve_union(row, context, "所在工会", memory=memory)
            row.values["kind"] = self.kind
        check_identity(rows)
        check_after_birth(rows, "started_on", self.label("started_on"))
        for row in rows:
            started, ended = row.values.get("started_on"), row.values.get("ended_on")
            if started and ended and ended < started[: len(ended)]:
                row.reject("离任时间", f"离任时间：{ended} 早于{self.label('started_on')} {started}，请核对。")

    def key(self, plan: RowPlan) -> Any:
        """("number", index), or ("name", union, name) for a row without a number."""
        values = plan.values
        if "id_index" in values:
            return ("number", values["id_index"])
        if "union_id" in values and "name_key" in values:
            return ("name", values["union_id"], values["name_key"])
        return None

    def key_column(self) -> str:
        """A repeated person is shown at the number."""
        return "身份证号"

    def stored(self, rows: list[RowPlan], context: Context) -> Mapping[Any, Sequence[Any]]:
        """Rows in post by number, and by union and name where a row or the record has no number."""
        fields = bulk.attnames(Cadre)
        index_at, union_at, name_at = (fields.index(name) for name in ("id_index", "union_id", "name_key"))
        found: dict[Any, Sequence[Any]] = {}
        in_post = Cadre.objects.filter(ended_on__isnull=True)
        for chunk in chunks(row.values["id_index"] for row in rows if "id_index" in row.values):
            for stored in bulk.stored_rows(in_post.filter(id_index__in=chunk)):
                found[("number", stored[index_at])] = stored
        unnumbered = [row for row in rows if self.key(row) not in found]
        named: dict[tuple[int, str], list[Sequence[Any]]] = {}
        for chunk in chunks({row.values["name_key"] for row in unnumbered}):
            for stored in bulk.stored_rows(in_post.filter(name_key__in=chunk)):
                named.setdefault((stored[union_at], stored[name_at]), []).append(stored)
        for row in unnumbered:
            same = named.get((row.values["union_id"], row.values["name_key"]), [])
            has_number = "id_index" in row.values
            fitting = [stored for stored in same if not (has_number and stored[index_at])]
            if len(fitting) == 1:
                found[self.key(row)] = fitting[0]
            elif len(fitting) > 1:
                row.reject("姓名", "姓名：这个工会有几位同名的干部，请填身份证号以便分清。")
            elif same and has_number:
                row.warn("身份证号", "身份证号：这个工会已有一位同名、号码不同的干部，按两个人登记，请核对。")
        for row in rows:
            existing = found.get(self.key(row))
            if existing is not None and row.is_open and existing[union_at] not in context.unions.names:
                row.reject("身份证号", "身份证号：这个人登记在您管不到的工会，请联系县总工会办理。")
        return {key: stored for key, stored in found.items() if stored[union_at] in context.unions.names}


@register
class CadreRoster(_PersonInPost):
    """Cadres with their rank."""

    title = "工会干部花名册"
    order = 20
    words = ("工会干部",)
    kind = CadreKind.CADRE
    columns = (
        NAME,
        *_PERSON,
        _UNION,
        Column(
            "post",
            "工会职务",
            text(50),
            "职务 工会任职 担任职务 现任职务 工会职务名称 任职职务",
            is_essential=True,
        ),
        Column(
            "rank",
            "行政职级",
            code(Rank.choices, RANK_SYNONYMS),
            "职级 行政级别 级别 职务层次 行政职务级别",
        ),
        Column("grade", "公务员职级", code(Grade.choices), "公务员职级并行 职级并行"),
        Column(
            "duty",
            "专（兼）职",
            code(Duty.choices, DUTY_SYNONYMS),
            "专兼职 专职或兼职 专职兼职 专兼挂 是否专职",
        ),
        Column("started_on", "任职时间", partial_date(), "任职日期 任职年月 任现职时间 上任时间"),
        _ENDED,
        _PHONE,
        NOTE,
    )


@register
class SocialWorkerRoster(_PersonInPost):
    """Employed social workers, counted apart from cadres."""

    title = "社会化工会工作者花名册"
    order = 21
    words = ("社会化", "社会工作者", "社工")
    kind = CadreKind.SOCIAL_WORKER
    columns = (
        NAME,
        *_PERSON,
        _UNION,
        Column(
            "post",
            "岗位",
            text(50),
            "岗位名称 工作岗位 聘用岗位 从事岗位 工会职务 职务",
            is_essential=True,
        ),
        Column(
            "started_on",
            "聘用时间",
            partial_date(),
            "聘用日期 受聘时间 聘任时间 入职时间 任职时间 聘用年月",
            is_essential=True,
        ),
        _ENDED,
        _PHONE,
        NOTE,
    )
