"""A ledger of ten columns with one reference is a declaration: what a row is told by gives everything else."""

import inspect
import io

import pytest
from openpyxl import load_workbook

from members.ledgers.common import BORN_ON, GENDER, NAME, NOTE, PHONE_NOTE, id_number_column
from members.ledgers.screening import Screened
from members.models import Cadre
from members.models.codes import CadreKind
from pingtang_union.core.cleaning import partial_date, phone, text
from pingtang_union.ledger import declaration
from pingtang_union.ledger.declaration import Column
from pingtang_union.ledger.giving.export import export
from pingtang_union.ledger.models import BatchState
from tests.factories import CadreFactory, UnionFactory
from tests.ledger import dress
from tests.members.test_steps import deliver, take_back, verdicts, write

pytestmark = pytest.mark.django_db
UNION = "平塘县林业局工会委员会"
PERSON = ("穆平", "男", "522727198511259937", UNION, "安全监督员", "2024-03-01", "", "19000023695", "第一届")
HEADERS = ("姓名", "性别", "身份证号", "所在工会", "职务", "受聘日期", "离任时间", "联系电话", "备注")


class Inspectors(Screened):
    """Persons whom a union has named to look after safety: told by who, where and since when."""

    slug = "inspectors"
    title = "劳动保护监督检查员台账"
    order = 25
    words = ("监督检查员",)
    model_label = "members.Cadre"
    told_by = ("id_index", "union_id", "started_on")
    repeat_shown_at = "id_number"
    orders = (("ended_on", "started_on"),)
    columns = (
        NAME,
        GENDER,
        BORN_ON,
        id_number_column(is_required=True),
        Column("union", "所在工会", text(100, squeeze=True), "工会名称", is_essential=True, is_required=True),
        Column("post", "职务", text(50), "检查员职务", is_essential=True),
        Column("started_on", "受聘日期", partial_date(), "聘任时间", is_essential=True, is_required=True),
        Column("ended_on", "离任时间", partial_date(), "解聘时间"),
        Column("phone", "联系电话", phone, "电话", note=PHONE_NOTE, is_text=True, is_repetitive=False),
        NOTE,
    )

    def complete(self, plan, context):
        """They are cadres."""
        plan.values["kind"] = CadreKind.CADRE.value


@pytest.fixture(autouse=True)
def only_inspectors(monkeypatch):
    monkeypatch.setattr(declaration, "_LEDGERS", [Inspectors()])


def sheet(*rows) -> bytes:
    return dress.xlsx({"劳动保护监督检查员": [HEADERS, *rows]})


def test_sixty_lines_are_enough():
    assert len(inspect.getsource(Inspectors).splitlines()) <= 60


def test_it_is_previewed_written_and_taken_back(county_clerk):
    UnionFactory(name=UNION)
    preview = deliver(county_clerk, sheet(PERSON), "检查员.xlsx")
    assert (preview.state, verdicts(preview), Cadre.objects.count()) == (BatchState.READY, {"new": 1}, 0)
    batch = write(preview)
    cadre = Cadre.objects.get()
    assert (cadre.name, cadre.union.name, cadre.started_on, cadre.post) == ("穆平", UNION, "2024-03-01", "安全监督员")

    changed = write(deliver(county_clerk, sheet((*PERSON[:4], "组长", *PERSON[5:]))))
    assert (changed.changed, Cadre.objects.get().post) == (1, "组长")
    take_back(changed, county_clerk)
    assert Cadre.objects.get().post == "安全监督员"
    take_back(batch, county_clerk)
    assert not Cadre.objects.exists()


def test_what_is_exported_changes_nothing(county_clerk):
    UnionFactory(name=UNION)
    write(deliver(county_clerk, sheet(PERSON)))
    with export(Inspectors(), Cadre.objects.all(), by=county_clerk).file as given:
        content = given.read()
    assert load_workbook(io.BytesIO(content)).worksheets[0].max_row >= 2
    assert verdicts(deliver(county_clerk, content)) == {"unchanged": 1}


def test_a_row_that_stands_twice_is_refused_at_its_column(county_clerk):
    UnionFactory(name=UNION)
    again = deliver(county_clerk, sheet(PERSON, PERSON, (*PERSON[:5], "2025-01-01", *PERSON[6:])))
    assert verdicts(again) == {"new": 2, "reject": 1}
    rows = declaration.ledgers()[0]
    assert rows.label(rows.repeat_shown_at) == "身份证号"


def test_records_out_of_sight_are_no_match(officer, monkeypatch):
    monkeypatch.setattr(Inspectors, "told_by", ("id_index", "started_on"))
    monkeypatch.setattr(declaration, "_LEDGERS", [Inspectors()])
    elsewhere = CadreFactory(union=UnionFactory(), id_number=PERSON[2], started_on=PERSON[5], name="别人")
    mine = deliver(officer, sheet((*PERSON[:3], officer.union.name, *PERSON[4:])))
    assert verdicts(mine) == {"new": 1}
    assert "别人" not in str([mine.messages, mine.concerns])
    assert Cadre.objects.get() == elsewhere
