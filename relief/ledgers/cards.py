"""爱心服务卡发放台账: how many cards each union was given."""

from members.ledgers.common import DATE_NOTE, NOTE, UNION_ALIASES
from pingtang_union.core.cleaning import code, count, partial_date, text
from pingtang_union.ledger.context import Context
from pingtang_union.ledger.declaration import Column, Ledger, register
from pingtang_union.ledger.outcome import RowOutcome
from pingtang_union.ledger.reading.table import Table
from relief.models import CardKind

_SYNONYMS = {"service": "服务卡 职工服务卡 普惠卡 爱心卡", "relief": "帮扶卡 职工帮扶卡"}


@register
class CardLedger(Ledger):
    """Cards handed to one union at once a row."""

    slug = "cards"
    title = "爱心服务卡发放台账"
    purpose = "登记发给各工会的爱心服务卡，一次写一行。"
    order = 80
    words = ("服务卡", "帮扶卡", "发卡")
    model_label = "relief.CardIssue"
    told_by = ("union_id", "kind", "issued_on", "partner")
    added_up = ("count",)
    columns = (
        Column(
            "union", "领卡工会", text(100, squeeze=True), f"{UNION_ALIASES} 领卡单位 单位 所在工会",
            note="写工会全称，与组织花名册一致。", is_essential=True, is_required=True,
        ),
        Column(
            "kind", "卡种", code(CardKind.choices, _SYNONYMS), "卡类 卡别 卡名称", is_essential=True, is_required=True
        ),
        Column("partner", "合作单位", text(50), "合作银行 发卡银行 发卡单位 开卡银行"),
        Column(
            "issued_on", "发放时间", partial_date(), "发卡时间 发放日期 领卡时间 发卡日期",
            note=DATE_NOTE, is_essential=True, is_required=True,
        ),
        Column("count", "张数", count(), "数量 发卡数量 发放数量 张", is_essential=True, is_required=True),
        Column("received_by", "领取人", text(50), "领卡人 签收人"),
        NOTE,
    )  # fmt: skip

    def resolve(self, table: Table, rows: list[RowOutcome], context: Context) -> None:
        """Unions; no partner is a partner of no name."""
        super().resolve(table, rows, context)
        for row in rows:
            row.values.setdefault("partner", "")
            if row.values.get("count") == 0:
                row.reject(self.label("count"), f"{self.label('count')}：应大于零，没有发的不用填。")
