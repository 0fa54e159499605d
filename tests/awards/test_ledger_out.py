"""荣誉台账 given out: in sections by level, without what was revoked, and back again without a change."""

import io
from contextlib import contextmanager

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from awards.models import Award, Honour
from awards.services import revoke_award
from members import roles
from pingtang_union.ledger.declaration import ledger_by_slug
from pingtang_union.ledger.giving import template
from pingtang_union.ledger.giving.export import export
from pingtang_union.ledger.importing.command import Importer
from tests.factories import AwardFactory, HonourFactory, UnionFactory, UserFactory, honour
from tests.ledger import dress
from tests.members.test_round_trip import NAMES, TEXTS, brought_again, partial_dates, records
from tests.pages.test_ledgers_giving import book_of

pytestmark = pytest.mark.django_db

HEADER = 3  # title, union, header


def sheet_of(content: bytes):
    return load_workbook(io.BytesIO(content)).active


def given_out(by, rows=None) -> tuple[str, bytes, int]:
    told = export(ledger_by_slug("awards"), Award.objects.visible_to(by) if rows is None else rows, by=by)
    with told.file as file:
        return told.name, file.read(), told.rows


def lines(content: bytes) -> list[tuple]:
    """Number, title, level, kind and holder of each row below the header; of a section its title."""
    rows = list(sheet_of(content).iter_rows(min_row=HEADER + 1, max_col=5, values_only=True))[:-1]
    return [row if row[1] else row[:1] for row in rows]


@pytest.fixture
def union():
    return UnionFactory(name="平塘县林业局工会委员会")


def test_levels_are_sections_and_rows_follow_the_catalogue(awards_clerk, union):
    AwardFactory(union=union, recipient="穆平", awarded_on="2017-04")
    AwardFactory(union=union, recipient="罗秀英", awarded_on="2015-04")
    AwardFactory(union=union, recipient="采种班", honour=honour("county.pacesetter_post"))
    AwardFactory(union=union, recipient=union.name, recipient_union=union, honour=honour("national.model_home"))
    AwardFactory(union=union, recipient="石海", honour=HonourFactory(title="黔南州绿化能手", level="prefecture"))
    _name, content, rows = given_out(awards_clerk)
    assert rows == 5
    assert lines(content) == [
        ("一、国家级荣誉",),
        (1, "全国模范职工之家", "国家级", "集体", union.name),
        ("二、州级荣誉",),
        (2, "黔南州绿化能手", "州级", "个人", "石海"),
        ("三、县级荣誉",),
        (3, "平塘县五一劳动标兵岗", "县级", "岗位", "采种班"),
        (4, "平塘县五一劳动标兵", "县级", "个人", "罗秀英"),
        (5, "平塘县五一劳动标兵", "县级", "个人", "穆平"),
    ]


def test_a_section_goes_on_over_any_number_of_rows(awards_clerk, union, monkeypatch):
    monkeypatch.setattr("pingtang_union.ledger.giving.cells._CHUNK", 2)
    for number in range(5):
        AwardFactory(union=union, awarded_on=str(2014 + number), recipient="穆平")
    _name, content, _rows = given_out(awards_clerk)
    assert [line[0] for line in lines(content)] == ["一、县级荣誉", 1, 2, 3, 4, 5]


def test_what_was_revoked_is_no_honour_any_more(awards_clerk, union):
    award = AwardFactory(union=union, recipient="穆平")
    AwardFactory(union=union, recipient="罗秀英")
    revoke_award(award=award, on="2018-05", reason="弄虚作假", document_number="平工发〔2018〕9号", by=awards_clerk)
    _name, content, rows = given_out(awards_clerk)
    assert (rows, [line[-1] for line in lines(content)][1:]) == (1, ["罗秀英"])


# --- There and back ----------------------------------------------------------------------------

BRIEF = settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
DOCUMENTS = st.builds("平工发〔{}〕{}号".format, st.integers(2001, 2024), st.integers(1, 400))


@st.composite
def held(draw):
    """An honour of the catalogue, given to a person, a team or the union itself."""
    title = draw(st.sampled_from(list(Honour.objects.order_by("pk"))))
    own = not title.is_for_person and draw(st.booleans())
    team = draw(TEXTS.filter(lambda text: not text.endswith("会") and any(char.isalnum() for char in text)))
    return {
        "honour": title,
        "is_own": own,
        "recipient": draw(NAMES) if title.is_for_person else team,
        "granted_by": draw(st.one_of(st.just("贵州省总工会"), TEXTS)),
        "awarded_on": draw(partial_dates()),
        "document_number": draw(st.one_of(st.just(""), DOCUMENTS)),
        "certificate_number": draw(st.one_of(st.just(""), st.integers(1, 10**6).map("{:08d}".format))),
        "note": draw(st.one_of(st.just(""), TEXTS)),
    }


@contextmanager
def taken_back():
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def unlike(one) -> tuple:
    """What no two drawn honours share: one title has one holder here, and a certificate one number."""
    return one["honour"].pk


@BRIEF
@given(data=st.data())
def test_honours_go_and_come_back_unchanged(county_clerk, data):
    rows = data.draw(st.lists(held(), min_size=1, max_size=5, unique_by=unlike))
    numbers = [row["certificate_number"] for row in rows]
    with taken_back():
        union = UnionFactory(name="平塘县林业局工会委员会")
        for at, row in enumerate(rows):
            if row.pop("is_own"):
                row |= {"recipient": union.name, "recipient_union": union}
            if row["certificate_number"] in numbers[:at]:
                row["certificate_number"] = ""
            AwardFactory(union=union, **row)
        name, content, number = given_out(county_clerk)
        before = records(Award)
        assert number == len(rows)
        assert [cell for line in sheet_of(content).iter_rows() for cell in line if cell.data_type == "f"] == []
        assert brought_again(county_clerk, name, content) == {"unchanged": number}
        assert records(Award) == before


def test_what_was_exported_makes_the_same_records_elsewhere(awards_clerk, union):
    AwardFactory(union=union, recipient="穆平", awarded_on="2017-04", certificate_number="0012")
    AwardFactory(union=union, recipient=union.name, recipient_union=union, honour=honour("national.model_home"))
    fields = ("honour", "recipient", "union", "recipient_union", "awarded_on", "granted_by", "document_number")
    before = list(Award.objects.order_by("honour").values_list(*fields, "certificate_number", "note"))
    name, content, _rows = given_out(awards_clerk)
    Award.objects.all().delete()
    [report] = Importer(by=awards_clerk).bring([(name, content)])
    assert report.is_written
    assert list(Award.objects.order_by("honour").values_list(*fields, "certificate_number", "note")) == before


# --- Pages -------------------------------------------------------------------------------------


def test_a_list_is_exported_as_it_is_filtered(signed_in, officer, grassroots):
    AwardFactory(union=grassroots, recipient="穆平", awarded_on="2017-04")
    AwardFactory(union=grassroots, recipient="罗秀英", awarded_on="2016-04")
    AwardFactory(recipient="别处的人", awarded_on="2017-04")
    address = reverse("ledger_export", args=["awards"]) + "?year=2017"
    assert signed_in(officer).get(address).context["number"] == 1
    book = book_of(signed_in(officer).post(address))
    assert [row[4] for row in book.active.iter_rows(min_row=HEADER + 1, values_only=True)][1:2] == ["穆平"]
    assert book.active.cell(HEADER + 1, 1).value == "一、县级荣誉"


def test_the_filled_workbook_brought_again_changes_nothing(officer, grassroots):
    AwardFactory(union=grassroots, recipient="穆平", awarded_on="2017-04")
    AwardFactory(recipient="别处的人")
    filled = template.prefilled(ledger_by_slug("awards"), Award.objects.visible_to(officer), by=officer)
    with filled.file as file:
        content = file.read()
    assert filled.rows == 1
    assert brought_again(officer, filled.name, content) == {"unchanged": 1}


def test_a_superiors_form_comes_back_filled(signed_in, union):
    AwardFactory(union=union, recipient="穆平", awarded_on="2017-04")
    AwardFactory(union=union, recipient=union.name, recipient_union=union, honour=honour("national.model_home"))
    header = ["序号", "获奖单位（个人）", "荣誉称号", "获奖时间", "文号", "联系人"]
    form = dress.xlsx({"名册": [["先进集体和个人名册"], ["填报单位："], header]})
    client = signed_in(UserFactory(roles=(roles.ECONOMY,)))
    sent = client.post(reverse("ledger_fill"), {"file": SimpleUploadedFile("先进名册.xlsx", form)})
    page = client.get(sent.url)
    way = page.context["ways"][0]
    assert (way["fit"].ledger.slug, way["has_rows"], way["fit"].empty) == ("awards", True, ("联系人",))
    client.post(sent.url, {"way": way["fit"].key, "rows": "all", "numbers": "masked"})
    book = book_of(client.get(sent.url + "file/"))
    rows = [row[:5] for row in book.active.iter_rows(min_row=4, max_row=5, values_only=True)]
    assert rows == [
        (1, union.name, "全国模范职工之家", "2017-04-25", "平工发〔2017〕12号"),
        (2, "穆平", "平塘县五一劳动标兵", "2017-04", "平工发〔2017〕12号"),
    ]
