"""工会干部花名册 and 社会化工会工作者花名册: one person in post a row."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from members.ledgers.common import (
    BORN_ON,
    DATE_NOTE,
    ETHNICITY,
    GENDER,
    ID_TYPE,
    NAME,
    NOTE,
    PHONE_NOTE,
    UNION_ALIASES,
    check_identity,
    id_number_column,
    warn_of_another_name,
)
from members.ledgers.screening import Screened, hold_row
from members.ledgers.standing import IN_PLACE, IN_POST, OUT_OF_POST
from members.models import Cadre, HeldWhy
from members.models.codes import (
    DUTY_SYNONYMS,
    RANK_SYNONYMS,
    CadreKind,
    Duty,
    Grade,
    Rank,
)
from pingtang_union.core.cleaning import code, partial_date, phone, text
from pingtang_union.core.dates import is_same_day
from pingtang_union.ledger import bulk
from pingtang_union.ledger.context import Context
from pingtang_union.ledger.declaration import Column, register
from pingtang_union.ledger.models import ImportRow, Verdict
from pingtang_union.ledger.outcome import RowOutcome
from pingtang_union.ledger.reading.table import Table
from pingtang_union.ledger.standing import refuse_gone

_PERSON = (GENDER, ETHNICITY, BORN_ON, ID_TYPE, id_number_column(is_required=False))
_UNION = Column(
    "union",
    "所在工会",
    text(100, squeeze=True),
    f"{UNION_ALIASES} 所在单位 任职单位 所属单位",
    note="写工会全称，与组织花名册一致。",
    is_essential=True,
    is_required=True,
)
_PHONE = Column(
    "phone",
    "联系电话",
    phone,
    "电话 联系方式 手机 手机号码 手机号 移动电话 电话号码",
    note=PHONE_NOTE,
    is_text=True,
    is_repetitive=False,
)
_ENDED = Column("ended_on", "离任时间", partial_date(), "卸任时间 免职时间 离职时间", note="仍在任的不填。")
_STANDINGS = {column.name: column.label for column in (IN_POST, OUT_OF_POST)}
_GONE = "表明这个人已经不在任，又没有填离任时间，这一行没有登记。请补填「离任时间」，或删去这一行。"


class _PersonInPost(Screened):
    """A person in post, told by the identity number, else by union and name."""

    model_label = "members.Cadre"
    repeat_shown_at = "id_number"
    orders = (("ended_on", "started_on"), ("started_on", "born_on"))
    also_read = (IN_POST, OUT_OF_POST)
    kind: ClassVar[CadreKind]

    def given(self, queryset: Any, by: Any = None) -> Any:
        """The persons of this kind."""
        return queryset.filter(kind=self.kind)

    def present(self, queryset: Any) -> Any:
        """Those in post."""
        return queryset.filter(ended_on__isnull=True)

    def prepare(self, rows: Sequence[RowOutcome]) -> None:
        """Numbers, who is in post no more, and dates that fit."""
        check_identity(rows)
        ended = [row for row in rows if "ended_on" in row.values]
        refuse_gone((row for row in rows if "ended_on" not in row.values), _STANDINGS, _GONE)
        for row in ended:
            if row.values.get(IN_POST.name) == IN_PLACE:
                row.warn(IN_POST.label, f"{IN_POST.label}：本行写的是在职，又填了离任时间，按离任登记，请核对。")
        self.refuse_contradictions(rows)

    def resolve(self, table: Table, rows: list[RowOutcome], context: Context) -> None:
        """Unions, and who a masked number is."""
        super().resolve(table, rows, context)
        for row in rows:
            row.values["kind"] = self.kind
        numbered: dict[Any, int] = context.notes.setdefault("numbered cadres", {})
        for row in rows:
            if "id_index" in row.values and "union_id" in row.values and "name_key" in row.values:
                numbered.setdefault((row.values["union_id"], row.values["name_key"]), row.row)
        for row in rows:
            place = (row.values.get("union_id"), row.values.get("name_key"))
            if "id_index" not in row.values and place in numbered and row.is_open:
                row.reject(
                    "身份证号", f"身份证号：没有填，而第 {numbered[place]} 行有同一工会的同名干部，请填号码以便分清。"
                )

    def key(self, row: RowOutcome) -> Any:
        """("number", index), or ("name", union, name) for a row without a number."""
        values = row.values
        if "id_index" in values:
            return ("number", values["id_index"])
        if "union_id" in values and "name_key" in values:
            return ("name", values["union_id"], values["name_key"])
        return None

    def stored(self, rows: list[RowOutcome], context: Context) -> Mapping[Any, Any]:
        """Rows in post by number, and by union and name where a row or the record has no number."""
        in_post = Cadre.objects.filter(ended_on__isnull=True)
        numbers = [row.values["id_index"] for row in rows if "id_index" in row.values]
        by_key: dict[Any, Any] = {
            ("number", stored.id_index): stored for stored in bulk.stored_among(in_post, "id_index", numbers)
        }
        unnumbered = [row for row in rows if self.key(row) not in by_key]
        named: dict[tuple[int, str], list[Any]] = {}
        for stored in bulk.stored_among(in_post, "name_key", {row.values["name_key"] for row in unnumbered}):
            named.setdefault((stored.union_id, stored.name_key), []).append(stored)
        for row in unnumbered:
            same = named.get((row.values["union_id"], row.values["name_key"]), [])
            has_number = "id_index" in row.values
            fitting = [stored for stored in same if not (has_number and stored.id_index)]
            if len(fitting) == 1:
                by_key[self.key(row)] = fitting[0]
            elif len(fitting) > 1:
                row.reject("姓名", "姓名：这个工会有几位同名的干部，请填身份证号以便分清。")
            elif same and has_number:
                row.warn("身份证号", "身份证号：这个工会已有一位同名、号码不同的干部，按两个人登记，请核对。")
        self._find_ended([row for row in rows if "ended_on" in row.values and self.key(row) not in by_key], by_key)
        for row in rows:
            existing = by_key.get(self.key(row))
            if existing is not None and row.is_open and existing.union_id not in context.unions.names:
                # That somebody has the number is the county's to know. What it confirmed for another reason waits
                # again: the post there has to end first.
                hold_row(row, context, HeldWhy.IN_POST)
        return {key: stored for key, stored in by_key.items() if stored.union_id in context.unions.names}

    def _find_ended(self, rows: list[RowOutcome], by_key: dict[Any, Any]) -> None:
        """Posts that have ended and stand in the ledger with their end: the record of then, not a new one."""
        ended = Cadre.objects.filter(ended_on__isnull=False)
        for row in rows:
            if "id_index" in row.values:
                candidates = ended.filter(id_index=row.values["id_index"])
            else:
                candidates = ended.filter(union_id=row.values["union_id"], name_key=row.values["name_key"])
            same = [
                stored
                for stored in bulk.stored_rows(candidates)
                if stored.union_id == row.values["union_id"] and is_same_day(stored.ended_on, row.values["ended_on"])
            ]
            if len(same) == 1:
                by_key[self.key(row)] = same[0]

    def plan(self, table: Table, rows: list[RowOutcome], context: Context) -> None:
        """As for every record; then tell a new post from a corrected one."""
        super().plan(table, rows, context)
        for row in rows:
            if row.existing is None or not row.is_open or not row.before:
                continue
            if "name" in row.before:
                warn_of_another_name(row)
            if "union_id" in row.before or "kind" in row.before:
                self._begin_new_post(row, row.existing.started_on, context)

    def _begin_new_post(self, row: RowOutcome, old_start: str | None, context: Context) -> None:
        """Another union or kind is a new post: the old row ends the day the new one begins, and stays."""
        union_id = (row.before or {}).get("union_id")
        old = f"「{context.unions.names[union_id]}」" if union_id else "另一类人员"
        label = self.label("started_on")
        started = row.values.get("started_on")
        if not started or (old_start and started <= old_start[: len(started)]):
            row.reject(label, f"{label}：原在{old}任职、没有离任时间，请填写到新岗位的{label}（晚于原来的）。")
            return
        row.verdict = Verdict.NEW
        row.before = {"id": row.object_id, "ended_on": None}
        row.warn(label, f"{label}：原在{old}任职，自 {started} 起登记到本行的岗位，原任职同时结束，请核对。")

    def undo(self, rows: Sequence[ImportRow], context: Context) -> list[RowOutcome]:
        """As for every record; a post that a new one had ended goes on, when nobody has changed it since."""
        ended_on = dict(Cadre.objects.filter(pk__in=[row.object_id for row in rows]).values_list("pk", "started_on"))
        undone = super().undo(rows, context)
        for row in undone:
            former = (row.existing.before or {}).get("id")
            if row.verdict == Verdict.REMOVED and former:
                Cadre.objects.filter(pk=former, ended_on=ended_on[row.object_id or 0]).update(ended_on=None)
        return undone

    def commit(self, rows: list[RowOutcome], context: Context) -> None:
        """End the posts that new ones replace, then write."""
        for row in rows:
            if row.verdict == Verdict.NEW and row.before:
                Cadre.objects.filter(pk=row.before["id"]).update(ended_on=row.values["started_on"])
        super().commit(rows, context)


@register
class CadreRoster(_PersonInPost):
    """Cadres with their rank."""

    slug = "cadres"
    title = "工会干部花名册"
    purpose = "登记工会主席、副主席、委员等工会干部，任职和离任都填在这里。"
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
            (
                "担任工会职务 现任工会职务 兼任工会职务 工会任职 工会职务名称 职务 "
                "担任职务 现任职务 任职职务 所任职务 职务名称"
            ),
            is_essential=True,
        ),
        Column(
            "rank",
            "行政职级",
            code(Rank.choices, RANK_SYNONYMS),
            "职级 行政级别 职务层次 行政职务级别 职务级别 干部级别 现任职级 职务职级 级别",
        ),
        Column("grade", "公务员职级", code(Grade.choices), "公务员职级并行 职级并行"),
        Column(
            "duty",
            "专（兼）职",
            code(Duty.choices, DUTY_SYNONYMS),
            "专兼职 专职或兼职 专职兼职 专兼挂 专兼职情况",
        ),
        Column(
            "started_on",
            "任职时间",
            partial_date(),
            "任职日期 任职年月 任现职时间 上任时间 当选时间 任命时间 任职起始时间",
            note=DATE_NOTE,
        ),
        _ENDED,
        _PHONE,
        NOTE,
    )


@register
class SocialWorkerRoster(_PersonInPost):
    """Employed social workers, counted apart from cadres."""

    slug = "social-workers"
    title = "社会化工会工作者花名册"
    purpose = "登记聘用的社会化工会工作者，与工会干部分开统计。"
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
            "聘用日期 受聘时间 聘任时间 入职时间 入职日期 任职时间 聘用年月 上岗时间 录用时间 招聘时间 上岗日期",
            note=DATE_NOTE,
            is_essential=True,
        ),
        _ENDED,
        _PHONE,
        NOTE,
    )
