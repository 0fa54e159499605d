from pingtang_union.core.cleaning import partial_date, text
from pingtang_union.ledger.declaration import Column, Ledger, register


@register
class VisitLedger(Ledger):
    slug = "visits"
    title = "走访台账"
    order = 900
    words = ("走访",)
    model_label = "tiny.Visit"
    told_by = ("union_id", "place", "visited_on")
    columns = (
        Column("union", "走访的工会", text(100, squeeze=True), is_essential=True, is_required=True),
        Column("place", "走访地点", text(50), is_essential=True, is_required=True),
        Column("visited_on", "走访时间", partial_date(), is_essential=True, is_required=True),
        Column("note", "走访备注", text(100)),
    )
