"""Ledgers of the county that the portal can tell but doesn't take yet: said plainly instead of refused as
unknown. An app that begins to take one deletes its line here."""

from pingtang_union.core.cleaning import text
from pingtang_union.ledger.declaration import Column, Ledger


def _announce(ledger_title: str, headers: str) -> Ledger:
    columns = tuple(
        Column(f"c{index}", header, text(10_000, formula_ok=True), is_essential=True)
        for index, header in enumerate(headers.split())
    )
    return type("Unsupported", (Ledger,), {"title": ledger_title, "order": 900, "columns": columns})()


UNSUPPORTED: list[Ledger] = [
    _announce("活动台账", "活动名称 类别 主题 主办工会 举办时间 参加人数"),
    _announce("活动成果", "活动名称 成果项目 数量"),
]
