"""基层工会组织花名册: unions with their place in the tree."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from members.ledgers.common import DATE_NOTE, PHONE_NOTE
from members.ledgers.placement import Placement
from members.ledgers.standing import DISSOLVED, DISSOLVED_ON, EXISTENCE
from members.ledgers.titles import category_of, level_of
from members.models import Township, Union
from members.models.codes import (
    CATEGORY_SYNONYMS,
    LEVEL_SYNONYMS,
    NATURE_SYNONYMS,
    Category,
    Industry,
    Level,
    Nature,
    UnionStatus,
)
from members.models.unions import township_of
from members.services.unions import link_townships
from pingtang_union.core.cleaning import (
    Cell,
    Cleaned,
    Cleaner,
    code,
    count,
    credit_code,
    partial_date,
    person_name,
    phone,
    text,
    yes_no,
)
from pingtang_union.core.text import fold, simplify
from pingtang_union.ledger import bulk
from pingtang_union.ledger.context import Context
from pingtang_union.ledger.declaration import Column, Ledger, LedgerRefused, register
from pingtang_union.ledger.models import ImportRow, Verdict
from pingtang_union.ledger.outcome import RowOutcome
from pingtang_union.ledger.reading.table import Table
from pingtang_union.ledger.standing import refuse_gone


def _organisation(max_length: int) -> Cleaner:
    """A name of an organisation or place: no white space, simplified characters."""
    plain = text(max_length, squeeze=True)

    def clean(cell: Cell) -> Cleaned:
        cleaned = plain(cell)
        return Cleaned(simplify(cleaned.value)) if cleaned.value else cleaned

    return clean


_DATE, _COUNT = partial_date(), count()
_GONE = (
    "表明这个工会现在不是正常的工会。花名册只登记正常的工会，这一行没有登记；撤销、筹备的工会请由县总工会在系统里办理。"
)
# What only who may set unions up may change, with its label.
COUNTY_MATTERS = {"name": "工会名称", "category": "工会类别", "level": "工会层级"}


@register
class UnionRoster(Ledger):
    """One row a union. 机关 or 企业 stands in a column, the sheet's name, the title or the file's name."""

    slug = "unions"
    title = "基层工会组织花名册"
    purpose = "登记工会组织的建会、换届、职工和会员人数等情况，一个工会一行。"
    order = 10
    words = ("工会组织", "基层工会", "工会花名册")
    model_label = "members.Union"
    decides_when_writing = True  # where a union goes in the tree
    sources: ClassVar = {"superior": "parent_name"}
    orders = (("last_elected_on", "set_up_on"), ("dissolved_on", "set_up_on"))
    parts = (
        ("staff_women", "staff_total"),
        ("staff_migrant", "staff_total"),
        ("members_women", "members_total"),
        ("members_migrant", "members_total"),
    )
    columns = (
        Column(
            "name",
            "工会名称",
            _organisation(100),
            (
                "基层工会名称 工会组织名称 工会全称 工会组织 基层工会 单位工会名称 基层工会组织名称 "
                "工会 单位名称 组织名称 建会单位名称 单位全称 工会法人名称 工会单位名称"
            ),
            is_essential=True,
            is_required=True,
            is_repetitive=False,
        ),
        Column(
            "superior",
            "上级工会",
            _organisation(100),
            (
                "上级工会名称 隶属工会 主管工会 上级工会组织 所属上级工会 隶属上级 上级组织 "
                "上级 隶属上级工会 隶属关系 主管单位 上级主管工会 上级主管单位 归口工会"
            ),
        ),
        Column("category", "工会类别", code(Category.choices, CATEGORY_SYNONYMS), "类别 机关或企业 机关企业 工会类型"),
        Column("level", "工会层级", code(Level.choices, LEVEL_SYNONYMS), "层级 组织类型 工会组织类型"),
        Column(
            "nature",
            "单位性质",
            code(Nature.choices, NATURE_SYNONYMS),
            "单位类别 性质 单位类型 企业性质 用人单位性质 经济类型 企业类型 经济性质 登记注册类型 所有制性质",
        ),
        Column("industry", "所属行业", code(Industry.choices), "行业 行业类别 国民经济行业"),
        Column(
            "township",
            "所属乡镇（街道）",
            _organisation(30),
            (
                "所属乡镇 乡镇街道 乡镇 所在乡镇 镇乡街道 所属街道 乡镇（街道） "
                "所在乡镇（街道） 所属镇乡街道 属地 行政区划 所属区域 镇乡"
            ),
        ),
        Column(
            "system", "所属系统", _organisation(30), "系统 所在系统 主管系统 行业系统 归属系统 系统名称 所属行业系统"
        ),
        Column(
            "set_up_on",
            "建会时间",
            _DATE,
            (
                "成立时间 组建时间 建会日期 建会批复时间 批复时间 成立日期 建立时间 工会成立时间 组建日期 "
                "建会年月 批准时间 批准成立时间 成立工会时间 建立工会时间 首次建会时间 设立时间 建会批准时间"
            ),
            note=DATE_NOTE,
        ),
        Column(
            "document_number",
            "建会批复文号",
            text(50),
            "批复文号 建会文号 文号 批复文件",
            note="如 平工发〔2018〕12号。",
        ),
        Column(
            "last_elected_on",
            "换届时间",
            _DATE,
            (
                "最近换届时间 换届日期 选举时间 最近一次换届时间 上次换届时间 本届选举时间 最近换届 "
                "换届选举时间 换届年月 本届选举日期 换届选举日期 最后一次换届时间 改选时间 本届成立时间"
            ),
            note=DATE_NOTE,
        ),
        Column(
            "term_years",
            "届期（年）",
            count(9),
            "届期 任期 任期年限 每届任期 任期（年）",
            note="按批复填 3 或 5；没有依据的不填。",
        ),
        Column(
            "credit_code",
            "统一社会信用代码",
            credit_code,
            "信用代码 社会信用代码 统一信用代码 工会统一社会信用代码 统一代码 法人代码 工会法人证书代码 工会代码",
            note="按文本填写工会自己的 18 位代码，以 81 或 89 开头。",
            is_text=True,
            is_repetitive=False,
        ),
        Column(
            "staff_total",
            "职工人数",
            _COUNT,
            (
                "职工总数 职工数 职工总人数 在职职工数 在职职工人数 职工情况总数 职工情况合计 职工情况人数 "
                "职工合计 员工人数 员工总数 在职人数 从业人员数 职工小计 职工计 职工数量"
            ),
        ),
        Column(
            "staff_women",
            "女职工",
            _COUNT,
            "女职工人数 女职工数 职工情况女 职工情况女性 职工女 职工女性 女职工总数 女员工数",
        ),
        Column("staff_migrant", "农民工", _COUNT, "农民工人数 农民工数 农民工职工 职工情况农民工 职工农民工"),
        Column(
            "members_total",
            "会员人数",
            _COUNT,
            (
                "会员总数 会员数 会员总人数 工会会员数 工会会员人数 会员情况总数 会员情况合计 "
                "会员情况人数 会员合计 入会人数 已入会人数 会员小计 会员计 会员数量"
            ),
        ),
        Column(
            "members_women",
            "女会员",
            _COUNT,
            "女会员人数 女会员数 会员情况女 会员情况女性 会员女 会员女性 女工会会员",
        ),
        Column(
            "members_migrant",
            "农民工会员",
            _COUNT,
            "农民工会员人数 农民工会员数 会员情况农民工 会员农民工 农民工入会数",
        ),
        Column(
            "chair",
            "工会主席",
            person_name,
            "主席 主席姓名 工会主席姓名 工会负责人 负责人 工会主席（负责人） 现任主席 现任工会主席",
            is_repetitive=False,
        ),
        Column(
            "phone",
            "联系电话",
            phone,
            (
                "电话 联系方式 手机 手机号码 手机号 主席电话 移动电话 电话号码 "
                "联系电话号码 联系手机 办公电话 座机 固定电话 主席手机 负责人电话"
            ),
            note=PHONE_NOTE,
            is_text=True,
            is_repetitive=False,
        ),
        Column(
            "is_new_sector",
            "是否两新组织",
            yes_no,
            "两新组织 是否两新 两新 是否属两新组织 是否属于两新组织",
            note="新经济组织、新社会组织填「是」。",
        ),
        Column("short_name", "简称", _organisation(50), "工会简称 单位简称"),
        Column("note", "备注", text(200), "说明 附注 备注说明"),
    )
    also_read = (EXISTENCE, DISSOLVED, DISSOLVED_ON)

    def given(self, queryset: Any, by: Any = None) -> Any:
        """Unions below the county that still exist. A superior whom `by` can't see isn't named: no ledger that
        `by` brings may name it either."""
        listed = queryset.counted().exclude(status=UnionStatus.DISSOLVED)
        return listed.with_parent_name(Union.objects.all() if by is None else Union.objects.visible_to(by))

    def prepare(self, rows: Sequence[RowOutcome]) -> None:
        """Unions that are none any more, or none yet."""
        refuse_gone(rows, {column.name: column.label for column in self.also_read}, _GONE)

    fold_key = staticmethod(fold)  # names of unions are told apart without their punctuation

    def resolve(self, table: Table, rows: list[RowOutcome], context: Context) -> None:
        """Category, counts that fit, and the term after the founding; superiors come when all sheets are read."""
        townships = Township.objects.spellings()
        category = category_of(table, context.file_name)
        other = next((label for value, label in Category.choices if value != category and label in table.sections), "")
        if category and other and "category" not in table.header.found:
            raise LedgerRefused(f"表里的分段写着「{other}」，与工作表不同。请分成两个工作表，或加一列「工会类别」。")
        for row in rows:
            if not row.is_open:
                continue
            values = row.values
            if "category" not in values:
                if category:
                    values["category"] = category
                else:
                    row.reject(
                        "工会类别",
                        "看不出是机关工会还是企业工会。请在工作表名或标题里写明「机关工会」或「企业工会」，"
                        "或加一列「工会类别」。",
                    )
            values["name_key"] = fold(values["name"])
            if written := values.get("township"):
                values["township"], doubt = township_of(written, townships)
                if doubt:
                    row.warn("所属乡镇（街道）", doubt)
            if values.get("term_years") not in (None, 3, 5):
                row.reject("届期（年）", "届期为 3 年或 5 年（《工会法》），请核对。")
            if values.get("level") in (Level.COUNTY, Level.PREFECTURE):
                row.reject("工会层级", "基层工会花名册里不能有县级以上的工会，请核对层级。")
        self.refuse_contradictions(rows)
        self._refuse_repeated_codes(rows, context)
        self._match(rows, context)

    @staticmethod
    def _refuse_repeated_codes(rows: list[RowOutcome], context: Context) -> None:
        seen: dict[str, RowOutcome] = context.notes.setdefault("codes", {})
        for row in rows:
            code_ = row.values.get("credit_code")
            if code_ and (first := seen.setdefault(code_, row)) is not row and first.name != row.name:
                row.reject(
                    "统一社会信用代码",
                    f"与「{first.name}」（第 {first.row} 行）的代码相同，一个代码只属于一个工会，请核对。",
                )

    def _match(self, rows: list[RowOutcome], context: Context) -> None:
        """Tell which stored union each row is: by credit code, else by any of its names."""
        codes = [row.values["credit_code"] for row in rows if row.values.get("credit_code")]
        by_code = {
            code_: (pk, name, status)
            for chunk in bulk.chunks(codes)
            for code_, pk, name, status in Union.objects.filter(credit_code__in=chunk).values_list(
                "credit_code", "pk", "name", "status"
            )
        }
        for row in rows:
            if not row.is_open:
                continue
            name = row.values["name"]
            named = context.unions.candidates(name)
            if len(named) > 1:
                row.reject("工会名称", context.unions.find(name)[1])
                continue
            by_name = next(iter(named), None)
            coded = by_code.get(row.values.get("credit_code"))
            if coded and by_name and coded[0] != by_name:
                row.reject("统一社会信用代码", f"这个代码已登记在「{coded[1]}」名下，与本行的工会不同，请核对。")
            elif coded and coded[0] not in context.unions.names:
                row.reject("统一社会信用代码", "这个代码已登记在别的工会名下，请核对。")
            elif coded and coded[2] == UnionStatus.DISSOLVED:
                row.reject("统一社会信用代码", f"这个代码属于已撤销的「{coded[1]}」，请核对。")
            elif coded and not by_name:
                row.warn("工会名称", f"信用代码与已登记的「{coded[1]}」相同，按同一个工会改名，请核对。")
            row.values["matched"] = coded[0] if coded else by_name
            if row.values["matched"] in context.unions.federations:
                row.reject("工会名称", "县总工会本身不列入基层工会花名册，请删去这一行。")

    def key(self, row: RowOutcome) -> Any:
        """The stored union, or the new one's name."""
        return row.values.get("matched") or row.values.get("name_key")

    def repeat_keys(self, row: RowOutcome, context: Context) -> list[Any]:
        """No two rows may be one stored union, or bear one name in whatever form."""
        name = row.values.get("name")
        keys = [row.values.get("matched"), ("name", context.unions.key(name)) if name else None]
        return [key for key in keys if key is not None]

    def stored(self, rows: list[RowOutcome], context: Context) -> Mapping[Any, Any]:
        ids = [row.values["matched"] for row in rows if row.values.get("matched")]
        return {stored.id: stored for stored in bulk.stored_among(Union.objects.all(), "pk", ids)}

    def same(self, name: str, old: Any, new: Any, context: Context) -> bool:
        """A union's name in another of its forms is no change of name."""
        return name == "name" and context.unions.key(old) == context.unions.key(new)

    def plan(self, table: Table, rows: list[RowOutcome], context: Context) -> None:
        """As for every record; then make the rows known, so that others may name them as superiors."""
        super().plan(table, rows, context)
        if not context.may("add", Union):
            self._refuse_county_matters(rows)
        pending = context.notes.setdefault("new unions", {})
        for row in rows:
            if row.verdict == Verdict.NEW:
                pending[context.unions.key(row.values["name"])] = row

    @staticmethod
    def _refuse_county_matters(rows: list[RowOutcome]) -> None:
        """Who keeps one union's card changes neither its name nor what kind of union it is."""
        for row in rows:
            for name, label in COUNTY_MATTERS.items():
                if row.verdict == Verdict.CHANGED and name in (row.before or {}):
                    row.reject(label, f"{label}：由县总工会办理，请改回原来的内容，或联系县总工会。")

    def commit(self, rows: list[RowOutcome], context: Context) -> None:
        """Find each row's superior among stored and new unions, give paths, write, move."""
        new_by_key: dict[str, RowOutcome] = context.notes.get("new unions", {})
        placement = Placement(rows, new_by_key, context)
        placement.place_new()
        super().commit(rows, context)
        for row in rows:
            if row.verdict == Verdict.NEW:
                assert row.object_id is not None  # noqa: S101  given by super().commit
                context.unions.add(
                    row.object_id, row.values["name"], row.values["path"], row.values.get("short_name", "")
                )
        placement.move_stored()
        if any(row.verdict == Verdict.NEW and row.values.get("level") == Level.TOWNSHIP for row in rows):
            link_townships()

    def union_of(self, row: RowOutcome) -> int | None:
        return row.object_id

    def undo(self, rows: Sequence[ImportRow], context: Context) -> list[RowOutcome]:
        """As for every record, once it is known which unions someone has moved on since."""
        moves = [row for row in rows if row.verdict == Verdict.CHANGED and "superior" in (row.before or {})]
        context.notes["moved on"] = {row.object_id for row in moves if not self._is_where_put(row, context)}
        return super().undo(rows, context)

    def undo_changed(self, rows: Sequence[ImportRow], context: Context) -> list[RowOutcome]:
        """Unions whose values return go back below their former superior too, before that of the batch may go."""
        undone = super().undo_changed(rows, context)
        for row in undone:
            if row.verdict == Verdict.RESTORED and "superior" in (row.existing.before or {}):
                self._put_back(row, row.existing.before["superior"], context)
        return undone

    @staticmethod
    def _put_back(row: RowOutcome, former: str, context: Context) -> None:
        node = Union.objects.get(pk=row.object_id)
        parent = Union.objects.filter(pk=context.unions.find(former)[0]).first() if former else None
        if parent is None or parent.path.startswith(node.path):
            row.warn("", f"原来的上级工会「{former}」已不能恢复，请核对。")
        elif node.parent_path != parent.path:
            Union.objects.move(node, parent, "last-child")

    @staticmethod
    def _is_where_put(row: ImportRow, context: Context) -> bool:
        """Whether a union is gone, or still below the superior that the batch gave it."""
        given = context.unions.candidates(str((row.after or {}).get("superior", "")))
        path = context.unions.paths.get(row.object_id or 0)
        return path is None or path[: -Union.steplen] in {context.unions.paths[pk] for pk in given}

    def has_moved_on(self, row: ImportRow, context: Context) -> bool:
        """Whether the union has another superior than the batch gave it."""
        return row.object_id in context.notes["moved on"]

    def kept_reasons(self, rows: Sequence[ImportRow], context: Context) -> dict[int | None, str]:
        """As for every record; a union with others below it that stay, stays."""
        kept = super().kept_reasons(rows, context)
        paths = dict(Union.objects.filter(pk__in=[row.object_id for row in rows]).values_list("pk", "path"))
        going = {path for pk, path in paths.items() if pk not in kept}
        by_path = {path: pk for pk, path in paths.items()}
        for path in Union.objects.order_by("-path").values_list("path", flat=True):
            parent = path[: -Union.steplen]
            if path not in going and parent in going:
                going.discard(parent)
                kept[by_path[parent]] = "下面还有别的工会，保留。"
        return kept

    def references(self, relation: Any, context: Context) -> Any:
        """A township is linked to its federation by itself, and keeps none from going."""
        rows = super().references(relation, context)
        return rows.none() if relation.related_model is Township else rows

    def remove(self, ids: Sequence[int], context: Context) -> None:
        """Take nodes out of the tree, lower ones first."""
        for node in Union.objects.filter(pk__in=ids).order_by("-depth"):
            Union.objects.filter(pk=node.pk).delete()

    def complete(self, row: RowOutcome, context: Context) -> None:
        """The level that the name itself tells (naming rules of unions)."""
        row.values.setdefault("level", level_of(row.values["name"]))
