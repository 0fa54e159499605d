"""慰问帮扶发放台账: who was given what, under which programme, when."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar

from members.ledgers.common import DATE_NOTE, ID_TYPE, NAME, NOTE, UNION_ALIASES, check_identity, id_number_column
from members.ledgers.namesakes import recognise_masked
from members.models import Member
from pingtang_union.core.cleaning import count, partial_date, text
from pingtang_union.ledger import bulk
from pingtang_union.ledger.context import Context
from pingtang_union.ledger.declaration import Column, Ledger, register
from pingtang_union.ledger.models import Verdict
from pingtang_union.ledger.outcome import RowOutcome
from pingtang_union.ledger.reading.table import Table
from pingtang_union.money import money
from relief.ledgers.addresses import Addresses
from relief.ledgers.catalogue import Names
from relief.models import COUNTED, Grant, GrantSource, GrantState, Group, Instalment, Programme

_ONCE = ("programme_id", "edition", "instalment")


def _groups_of_plans() -> dict[tuple[Any, ...], dict[int, str]]:
    """Whom the plans are for that name groups, by programme, edition and instalment."""
    found: dict[tuple[Any, ...], dict[int, str]] = {}
    for *key, pk, name in Instalment.objects.filter(groups__isnull=False).values_list(
        "programme", "edition", "number", "groups", "groups__name"
    ):
        found.setdefault(tuple(key), {})[pk] = name
    return found


@register
class GrantLedger(Ledger):
    """One grant a row, told by person, programme and day. What it brings was paid before the portal kept books: no fund
    is touched, so that a batch can be taken back. A person without a number is told by name and address."""

    slug = "grants"
    title = "慰问帮扶发放台账"
    purpose = "登记已经发放的慰问金和慰问物资，一人一次写一行。"
    order = 70
    words = ("慰问", "帮扶", "救助", "送温暖", "助学", "发放台账")
    model_label = "relief.Grant"
    told_by = ("id_index", "programme_id", "granted_on")
    added_up = ("cash", "goods")
    repeat_shown_at = "id_number"
    sources: ClassVar = {"name": "shown_name", "group": "group__name", "programme": "programme__name"}
    columns = (
        NAME,
        ID_TYPE,
        id_number_column(is_required=False),
        Column(
            "group",
            "人员类别",
            text(30),
            "人员类型 对象类别 帮扶对象类别 慰问对象类别 类别 人员身份 慰问对象",
            is_essential=True,
        ),
        Column(
            "address",
            "所在工会（住址）",
            text(100, squeeze=True),
            (
                f"{UNION_ALIASES} 所在工会 住址 家庭住址 所在单位 所在工会（地址） 所在工会/住址 工作单位（住址） "
                "单位（住址） 单位 住址（单位）"
            ),
            note="有单位的写工会全称，没有单位的写乡镇和村（社区）。",
            is_required=True,
        ),
        Column(
            "programme",
            "帮扶项目",
            text(30),
            "慰问项目 救助项目 项目 项目名称 发放项目 帮扶项目名称",
            note="与业务管理里「帮扶项目」的名称一致，如「金秋助学」。",
            is_essential=True,
            is_required=True,
        ),
        Column(
            "instalment", "批次", count(99), "第几批 批次号", note="同一年度分几批发放的填 1、2、3；不填按第 1 批登记。"
        ),
        Column(
            "granted_on",
            "发放时间",
            partial_date(),
            "发放日期 慰问时间 慰问日期 救助时间 领取时间 帮扶时间 领取日期",
            note=DATE_NOTE,
            is_essential=True,
            is_required=True,
        ),
        Column(
            "cash", "慰问金（元）", money, "慰问金 救助金 助学金 救助金额 资金 金额 发放金额 慰问金额 帮扶金额 现金"
        ),
        Column(
            "goods", "慰问物资折价（元）", money, "慰问物资折价 物资折价 物资 实物折价 慰问品折价 慰问品 折价 物资金额"
        ),
        Column("handled_by", "经办人", text(50), "经手人 发放人"),
        Column("received_by", "领取人", text(50), "领取人签字 签收人 领款人 代领人"),
        NOTE,
    )

    # --- out ---

    def given(self, queryset: Any, by: Any = None) -> Any:
        """What was paid, programme by programme, in the order of days; names as `by` may read them."""
        paid = queryset.filter(state=GrantState.PAID).with_names_for(by)
        return paid.order_by("programme__order", "programme_id", "granted_on", "pk")

    # --- in ---

    def prepare(self, rows: Sequence[RowOutcome]) -> None:
        """Numbers, and something given."""
        check_identity(rows)
        for row in rows:
            if row.is_open and not any(Decimal(row.values.get(name, 0)) for name in ("cash", "goods")):
                label = self.label("cash")
                row.reject(label, f"{label}：慰问金和慰问物资折价都没有填，请补填。")

    def resolve(self, table: Table, rows: list[RowOutcome], context: Context) -> None:
        """Programmes, groups, editions and where each row belongs."""
        if "relief" not in context.notes:  # once a file, whatever sheets it has
            names = Names(Programme, "帮扶项目"), Names(Group, "人员类别")
            context.notes["relief"] = (Addresses(context), *names, _groups_of_plans())
        addresses, programmes, groups, planned = context.notes["relief"]
        for row in rows:
            self._find(row, "programme", programmes)
            self._find(row, "group", groups)
            self._place(row, addresses)
            row.values.setdefault("instalment", 1)
            if (pk := row.values.get("programme_id")) and (day := row.values.get("granted_on")):
                try:
                    row.values["edition"] = programmes.rows[pk].edition_on(day)
                except ValueError:
                    label = self.label("granted_on")
                    row.reject(label, f"{label}：{programmes.rows[pk]}跨年度，请至少写到月，如 2018-01。")
            told = planned.get(tuple(row.values.get(name) for name in _ONCE), {})
            if told and row.values.get("group_id") not in told:
                label = self.label("group")
                row.warn(label, f"{label}：这一批次的发放计划只发给{'、'.join(told.values())}，请核对。")
        recognise_masked(rows, Grant)

    def _find(self, row: RowOutcome, name: str, names: Names) -> None:
        written = row.values.pop(name, None)
        if written is None:
            return
        pk, problem = names.find(written)
        if pk is None:
            row.reject(self.label(name), f"{self.label(name)}：{problem}", awaits_reference=True)
        else:
            row.values[f"{name}_id"] = pk

    def _place(self, row: RowOutcome, addresses: Addresses) -> None:
        written = row.values.get("address")
        if written is None:
            return
        place, label = addresses.find(written), self.label("address")
        if place.union_id is None:
            row.reject(label, f"{label}：{place.refusal}", awaits_reference=True)
            return
        row.values |= {"union_id": place.union_id, "address": place.address, "township": place.township}
        if place.doubt:
            row.warn(label, f"{label}：{place.doubt}")

    def key(self, row: RowOutcome) -> Any:
        """(number, or name and address; programme; day)."""
        values = row.values
        try:
            person = values.get("id_index") or (values["name_key"], values["address"])
            return (person, values["programme_id"], values["granted_on"])
        except KeyError:
            return None

    def repeat_keys(self, row: RowOutcome, context: Context) -> list[Any]:
        """One grant a day, and one an instalment."""
        keys = super().repeat_keys(row, context)
        if keys and "id_index" in row.values and "edition" in row.values:
            keys.append(("once", row.values["id_index"], *(row.values[name] for name in _ONCE)))
        return keys

    def stored(self, rows: list[RowOutcome], context: Context) -> Mapping[Any, Any]:
        """Stored grants by that key. Rejects rows whose person has another grant of the same instalment already."""
        records = Grant.objects.all() if context.by is None else Grant.objects.visible_to(context.by)
        numbered = {row.values["id_index"] for row in rows if "id_index" in row.values}
        named = {row.values["name_key"] for row in rows if "id_index" not in row.values and "name_key" in row.values}
        by_key: dict[Any, Any] = {}
        once: dict[Any, Any] = {}
        for stored in bulk.stored_among(records, "id_index", numbered):
            by_key[stored.id_index, stored.programme_id, stored.granted_on] = stored
            if stored.state in COUNTED:
                once[stored.id_index, *(getattr(stored, name) for name in _ONCE)] = stored
        for stored in bulk.stored_among(records.filter(id_index__isnull=True), "name_key", named):
            by_key[(stored.name_key, stored.address), stored.programme_id, stored.granted_on] = stored
        for row in rows:
            if "id_index" in row.values and "edition" in row.values:
                existing = by_key.get(self.key(row))
                had = once.get((row.values["id_index"], *(row.values[name] for name in _ONCE)))
                if had is not None and (existing is None or existing.id != had.id):
                    self._refuse_second(row, had)
        return by_key

    def _refuse_second(self, row: RowOutcome, had: Any) -> None:
        label = self.label("granted_on")
        row.reject(
            label,
            f"{label}：这个人这一年度第 {had.instalment} 批已登记过一份（{had.granted_on or '未发放'}）。"
            "同一批次每人只有一份；确实是另一批次的，请在「批次」列写明。",
        )

    def compare(self, row: RowOutcome, existing: Any, context: Context) -> None:
        """What the fund's books hold isn't changed by a ledger."""
        super().compare(row, existing, context)
        if row.verdict == Verdict.CHANGED and not existing.is_outside_books:
            row.reject("", "这一笔由服务平台发放，已经入账，不能用台账修改。请删去这一行。")

    def complete(self, row: RowOutcome, context: Context) -> None:
        """What came by a ledger was paid, outside the books."""
        row.values |= {
            "state": GrantState.PAID.value,
            "source": GrantSource.LEDGER.value,
            "is_outside_books": True,
            "created_by_id": context.by and context.by.pk,
        }

    def commit(self, rows: list[RowOutcome], context: Context) -> None:
        """Write; who is a member of the union that the row belongs to is linked to the roster."""
        self._link([row for row in rows if row.verdict == Verdict.NEW], context)
        super().commit(rows, context)

    @staticmethod
    def _link(rows: Iterable[RowOutcome], context: Context) -> None:
        rows = [row for row in rows if "id_index" in row.values]
        members = bulk.stored_among(Member.objects.all(), "id_index", {row.values["id_index"] for row in rows})
        found = {stored.id_index: stored for stored in members}
        for row in rows:
            stored = found.get(row.values["id_index"])
            if stored is not None and stored.union_id == row.values["union_id"]:
                row.values["member_id"] = stored.id
