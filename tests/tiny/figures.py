from pingtang_union.core.figures import Column, Figure
from pingtang_union.sections import Section, Tiles
from tests.tiny.models import Visit

FIGURES = (
    Figure(
        id="tiny.visits",
        label="走访",
        unit="次",
        note="当日以前登记的走访",
        model=Visit,
        population=lambda visible, as_of: visible.filter(visited_on__lte=as_of.isoformat()),
        columns=(Column("地点", lambda visit: visit.place),),
    ),
)
SECTIONS = (Section("visits", "走访情况", "footprints", 900, dates=("走访",), blocks=(Tiles(("tiny.visits",)),)),)
