"""The glass fund: what anyone sees and recomputes, to the cent, and what nobody learns from it."""

import json
import subprocess
import sys
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.utils import timezone

from members.models import Union
from pingtang_union.core.exceptions import DomainError
from pingtang_union.files.privacy import findings
from pingtang_union.proof import append_only, seal
from pingtang_union.proof.models import Block, Leaf
from pingtang_union.workflow.moving import what_is_missing
from pingtang_union.workflow.table import State, transition_called
from relief.models import Entry, Fund, GrantState, Household, Programme, Publication
from relief.services import glass, money, payments
from relief.services.glass import Cell, merged
from relief.services.payments import Result
from tests.factories import HouseholdFactory
from tests.relief.books import Desk, fund, grant, put, released
from tests.relief.walk import lead

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(db) -> Desk:
    return Desk()


@pytest.fixture
def document(desk) -> dict:
    """Two funds, a transfer, a reversal, two batches of which one has a failure; two nights."""
    source, other = fund("10000", desk.finance), fund("500.50", desk.finance)
    money.transfer(source=other, target=source, amount=Decimal("0.55"), effective_on=date(2018, 3, 1), by=desk.finance)
    glass.publish()
    with time_machine.travel(datetime(2018, 3, 5, 9, tzinfo=timezone.get_default_timezone())):
        batch = released(desk, source, *(grant() for _ in range(6)))
    said = [Result(1, is_paid=False, reason="户名不符"), *(Result(number, is_paid=True) for number in range(2, 7))]
    payments.note_results(batch=batch, results=said, on=date(2019, 1, 2), by=desk.finance)
    released(desk, source, *(grant(township="通州镇") for _ in range(3)))
    released(desk, source, grant(township="大塘镇"))
    money.reverse(entry=put(source, "30", desk.finance), reason="金额填写有误", by=desk.finance)
    return json.loads(json.dumps(glass.publish().document))


def recomputed(document: dict, path: Path, *arguments: str) -> subprocess.CompletedProcess:
    """What the stranger's command says: without any of our packages or settings."""
    file = path / "funds.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    return subprocess.run(
        [sys.executable, "-I", "-S", seal.__file__, str(file), *arguments], env={"PYTHONIOENCODING": "utf-8"},
        stdout=subprocess.PIPE, text=True, encoding="utf-8", check=False, cwd=path,
    )  # fmt: skip


def test_a_strangers_command_recomputes_it(document, tmp_path):
    run = recomputed(document, tmp_path, document["head"])

    assert (run.returncode, run.stdout[:3]) == (0, "相符：")
    assert [len(document["blocks"]), len(document["years"])] == [2, 3]


def test_both_hashes_are_the_standards():
    for content, known in (
        (b"abc", "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"),
        (b"abcd" * 16, "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"),
    ):
        assert (seal.sm3(content), seal.sm3_by_hand(content)) == (known, known)


def _amount(document):
    document["blocks"][0]["rows"][0]["columns"]["amount"] = "10000.01"


def _stated_year(document):
    document["years"][0]["kinds"]["income"] = "1.00"


def _cell(document):
    year = next(one for one in document["years"] if one["payments"])
    year["payments"][0]["amount"] = "1.00"


def _balance(document):
    document["years"][-1]["balance"] = "1.00"


def _dropped_row(document):
    document["blocks"][1]["rows"].pop()


def _dropped_block(document):
    document["blocks"].pop(0)


def _head(document):
    document["head"] = "0" * 64


def _hidden_year(document):
    document["years"].pop()


@pytest.mark.parametrize(
    "change",
    [_amount, _stated_year, _cell, _balance, _dropped_row, _dropped_block, _head, _hidden_year],
    ids=lambda change: change.__name__,
)
def test_whatever_is_changed_in_the_file_is_found(change, document, tmp_path):
    change(document)

    run = recomputed(document, tmp_path)

    assert (run.returncode, "不符：" in run.stdout) == (1, True)


def test_a_wholly_rebuilt_chain_is_caught_by_a_printed_head(document, tmp_path):
    printed = document["blocks"][0]["head"]
    document["blocks"][0]["rows"][0]["columns"]["document_number"] = "平工发〔2018〕9号"
    previous = seal.FIRST
    for block in document["blocks"]:
        leaves = [seal.leaf(row["columns"], row["commitment"]) for row in block["rows"]]
        block["previous"], block["head"] = previous, seal.head(previous, block["number"], leaves)
        previous = block["head"]
    document["head"] = previous

    assert recomputed(document, tmp_path).returncode == 0
    run = recomputed(document, tmp_path, printed)
    assert (run.returncode, "整体改写" in run.stdout) == (1, True)


def test_an_entry_changed_behind_the_triggers_differs_from_its_seal(document):
    from django.db import connection  # noqa: PLC0415

    entry = Entry.objects.order_by("pk").first()
    append_only.unguard(connection, "relief_entry")
    Entry.objects.filter(pk=entry.pk).update(key="other")

    assert glass.broken() == [entry.pk]
    with pytest.raises(DomainError, match="没有公布"):
        glass.publish()


@pytest.mark.parametrize("model", [Block, Leaf, Publication])
def test_blocks_and_publications_are_written_once(model, document):
    column = {Block: "number", Leaf: "place", Publication: "head"}[model]
    rows = model.objects.all()
    for act in (lambda: rows._raw_delete("default"), lambda: rows.update(**{column: "7"})):
        with pytest.raises(DatabaseError, match="never changed or deleted"), transaction.atomic():
            act()


def test_a_night_without_news_publishes_nothing(document):
    before = Publication.objects.count(), Block.objects.count()

    glass.publish()

    assert (Publication.objects.count(), Block.objects.count()) == before


def test_names_accounts_and_who_wrote_stay_inside(document, desk):
    text = json.dumps(document, ensure_ascii=False)

    for one in Entry.objects.exclude(payment=None)[0].payment.rows.select_related("grant"):
        assert one.grant.name not in text
        assert one.grant.full_account not in text
    assert '"by"' not in text
    assert Leaf.objects.first().salt not in text


# --- Small cells ---


def cell(programme: str, township: str, persons: int) -> Cell:
    """Of persons who are in no other cell."""
    return shared(programme, township, *(f"{programme}{township}{number}" for number in range(persons)))


def shared(programme: str, township: str, *persons: str) -> Cell:
    return Cell(programme, township, set(persons), Decimal(len(persons) * 100))


def told(cells) -> list[tuple]:
    return [(one.programme, one.township, len(one.persons)) for one in merged(cells)]


def test_cells_of_fewer_than_three_are_put_together():
    assert told([cell("送温暖", "甲", 9), cell("送温暖", "乙", 2), cell("送温暖", "丙", 1)]) == [
        ("送温暖", "甲", 9), ("送温暖", "其他乡镇", 3),
    ]  # fmt: skip


def test_one_small_cell_takes_the_next_smallest_with_it():
    cells = [cell("送温暖", "甲", 9), cell("送温暖", "乙", 4), cell("送温暖", "丙", 1)]

    assert told(cells) == [("送温暖", "甲", 9), ("送温暖", "其他乡镇", 5)]


def test_a_small_programme_goes_to_the_others():
    cells = [cell("送温暖", "甲", 9), cell("送温暖", "乙", 3), cell("法律援助", "甲", 1)]

    assert told(cells) == [("送温暖", "甲", 9), ("其他项目", "", 4)]


def test_no_cell_of_fewer_than_three_is_left_where_there_are_enough():
    for seed in range(200):
        cells = [cell(f"项目{at % 3}", f"镇{at}", (seed * (at + 1) * 7 + at) % 5) for at in range(1 + seed % 9)]
        found = merged(cells)
        assert sum(len(one.persons) for one in found) == sum(len(one.persons) for one in cells)
        if sum(len(one.persons) for one in cells) >= 3:
            assert min(len(one.persons) for one in found) >= 3


def test_who_is_in_two_cells_counts_once_in_what_is_put_together():
    both = [shared("送温暖", "甲", "一", "二"), shared("送温暖", "乙", "一", "二")]
    assert [one.told()["persons"] for one in merged(both)] == [None]

    cells = [shared("送温暖", "甲", "一", "二"), shared("送温暖", "乙", "二", "三"), cell("送温暖", "丙", 4)]
    assert told(cells) == [("送温暖", "丙", 4), ("送温暖", "其他乡镇", 3)]


def test_two_persons_with_two_grants_each_are_two(desk):
    source = fund("10000", desk.finance)
    one = grant(name="韦一", cash=Decimal(100))
    again = [grant(name="韦一", id_number=one.full_id_number, instalment=n, cash=Decimal(100)) for n in (2, 3)]
    unnumbered = [
        grant(name="石二", id_number="", address="金盆街道东街", instalment=n, cash=Decimal(100)) for n in (1, 2)
    ]
    released(desk, source, one, *again, *unnumbered)
    released(desk, source, *(grant(township="通州镇") for _ in range(3)))

    [cell] = glass.publish().document["years"][-1]["payments"]

    assert (cell["township"], cell["persons"], cell["amount"]) == ("其他乡镇", 5, "2000.00")


def test_of_one_person_no_year_outside_the_books_is_told(desk):
    number = grant().full_id_number
    for instalment in (1, 2, 3):
        grant(
            is_outside_books=True, state=GrantState.PAID, granted_on="2017-12-20", instalment=instalment,
            programme=Programme.objects.first(), name="韦一", id_number=number, edition="2017",
        )  # fmt: skip
    fund("10", desk.finance)

    assert [one["year"] for one in glass.publish().document["years"]] == [2018]


# --- The page ---


def test_anyone_reads_a_year_without_names(document, client):
    response = client.get("/glass/")
    text = response.content.decode()
    year = date.today().year  # noqa: DTZ011  released today

    assert (response.status_code, document["head"] in text) == (200, True)
    seen = [words in text for words in ("2,000.00", "金盆街道", "通州镇", "大塘镇", "其他乡镇")]
    assert seen == [True, False, False, False, True]
    assert year == document["years"][-1]["year"]
    before = client.get("/glass/2018/").content.decode()
    assert [words in before for words in ("10,530.50", "3,000.00", "金盆街道", "7,530.50")] == [True] * 4
    assert "8,030.50" in client.get("/glass/2019/").content.decode()
    assert client.get("/glass/1999/").status_code == 404


def test_the_page_says_what_lies_outside_the_books(desk, client):
    for number in range(3):
        grant(
            is_outside_books=True, state=GrantState.PAID, granted_on="2017-12-20", instalment=number + 1,
            cash=Decimal(400), programme=Programme.objects.first(),
        )  # fmt: skip
    fund("10", desk.finance)
    glass.publish()

    text = client.get("/glass/2017/").content.decode()

    assert "3 人次 1,200.00 元，为账外历史记录" in text


def test_file_and_command_are_there_to_take(document, client, tmp_path):
    assert json.loads(b"".join(client.get("/glass/funds.json").streaming_content)) == document
    program = tmp_path / "seal.py"
    program.write_bytes(client.get("/glass/seal.py").content)
    assert program.read_text(encoding="utf-8") == Path(seal.__file__).read_text(encoding="utf-8")


def test_before_anything_is_published_the_page_says_so(client):
    assert "尚未公布" in client.get("/glass/").content.decode()
    assert client.get("/glass/funds.json").status_code == 404


def test_the_page_asks_one_question(document, client, django_assert_max_num_queries):
    client.get("/glass/")
    with django_assert_max_num_queries(3):
        client.get("/glass/")


# --- The linter at these doors ---


@pytest.mark.parametrize("record", [Fund(name="帮扶 138 8541 2345"), Programme(name="慰问一三八八五四一二三四五")])
def test_no_name_that_is_published_holds_a_number(record):
    with pytest.raises(ValidationError, match="手机号码"):
        record.clean()


def test_what_came_past_them_is_made_illegible(desk):
    source = fund("10000", desk.finance, name="帮扶 13885412345")
    released(desk, source, *(grant(township="金盆街道 13885412345") for _ in range(3)))

    said = json.dumps([glass.publish().document[part] for part in ("funds", "years")], ensure_ascii=False)
    assert ("金盆街道" in said, findings(said)) == (True, [])


def test_a_file_of_a_union_whose_name_holds_a_number_is_not_publicised(grassroots):
    household = lead(HouseholdFactory(union=grassroots), State.REVIEWED)
    Union.objects.filter(pk=grassroots.pk).update(name="工会 138 8541 2345")
    household = Household.objects.get()

    missing = what_is_missing(household, transition_called(Household, "publicise"))
    assert [words for words in missing if "手机号码" in words] == missing != []
