"""What is exported and brought again changes nothing, whatever the records hold; blank cells never erase."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from members.models import Attendance, Cadre, Member, Training, Union
from members.models.codes import (
    ETHNICITIES,
    Category,
    Contract,
    Duty,
    Education,
    Employment,
    Gender,
    IdType,
    Industry,
    Nature,
    Political,
    Rank,
    Result,
    Skill,
    TrainingLevel,
)
from pingtang_union.core.cleaning import is_blank, is_ditto
from pingtang_union.core.text import visible
from pingtang_union.core.validators import check_digit
from pingtang_union.ledger.declaration import ledger_by_slug
from pingtang_union.ledger.giving.export import export
from pingtang_union.ledger.importing.command import Importer
from tests.factories import AttendanceFactory, CadreFactory, MemberFactory, TrainingFactory, UnionFactory

pytestmark = pytest.mark.django_db
BRIEF = settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
COUNTED = ("new", "changed", "unchanged", "transfer", "rejected")

ODD = ("=1+1", "+86 139", "-x", "@y", "=cmd|' /C calc'!A0", "0123", "1e5", "2018.03", "a & <b>", "_x0041_", "'引号")
TEXTS = st.one_of(
    st.sampled_from(ODD), st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=20)
).filter(lambda text: text == visible(text) and not is_blank(text) and not is_ditto(text) and not text.startswith("#"))
NAMES = st.text(st.sampled_from("穆罗石陈王李平安秀英文明国建"), min_size=2, max_size=4)
DAYS = st.dates(date(1960, 1, 1), date(2005, 12, 31))


def coded(choices) -> st.SearchStrategy[str]:
    return st.sampled_from(["", *(value for value, _label in getattr(choices, "choices", choices) if value)])


@st.composite
def partial_dates(draw, first=2006, last=2024):
    exact = f"{draw(st.integers(first, last))}-{draw(st.integers(1, 12)):02d}-{draw(st.integers(1, 28)):02d}"
    return exact[: draw(st.sampled_from((4, 7, 10)))]


@st.composite
def identities(draw):
    """Number, day of birth and gender that agree."""
    born, order = draw(DAYS), draw(st.integers(1, 999))
    first = f"522727{born:%Y%m%d}{order:03d}"
    return {
        "id_number": first + check_digit(first),
        "id_type": IdType.RESIDENT.value,
        "born_on": born.isoformat(),
        "gender": Gender.MALE.value if order % 2 else Gender.FEMALE.value,
    }


@st.composite
def members(draw):
    return {
        **draw(identities()),
        "name": draw(NAMES),
        "ethnicity": draw(coded(ETHNICITIES)),
        "education": draw(coded(Education)),
        "political": draw(coded(Political)),
        "contract": draw(coded(Contract)),
        "employment": draw(coded(Employment)),
        "skill": draw(coded(Skill)),
        "is_migrant": draw(st.sampled_from((True, False, None))),
        "phone": draw(st.sampled_from(("", "19000023695", "13900000001"))),
        "card_number": draw(st.sampled_from(("", "000123", "6228480402564890018"))),
        "joined_on": draw(partial_dates()),
        "note": draw(st.one_of(st.just(""), TEXTS)),
        "team": draw(st.one_of(st.just(""), TEXTS)),
        "employer": draw(st.one_of(st.just(""), TEXTS)),
        "native_place": draw(st.one_of(st.just(""), TEXTS)),
    }


@st.composite
def cadres(draw):
    return {
        **(draw(identities()) if draw(st.booleans()) else {"id_number": "", "id_type": ""}),
        "name": draw(NAMES),
        "post": draw(TEXTS),
        "rank": draw(coded(Rank)),
        "duty": draw(coded(Duty)),
        "started_on": draw(partial_dates(2010, 2015)),
        "phone": draw(st.sampled_from(("", "0854-4821234", "13900000001、0854-4821234"))),
        "note": draw(st.one_of(st.just(""), TEXTS)),
    }


@st.composite
def unions(draw):
    staff = draw(st.one_of(st.none(), st.integers(0, 500)))
    return {
        "name": draw(st.text(st.sampled_from("金盆街道第一二三四五六七八九小学教育局"), min_size=6, max_size=12))
        + "工会委员会",
        "category": draw(st.sampled_from([value for value, _label in Category.choices])),
        "nature": draw(coded(Nature)),
        "industry": draw(coded(Industry)),
        "set_up_on": draw(partial_dates(2006, 2010)),
        "last_elected_on": draw(st.one_of(st.none(), partial_dates(2011, 2024))),
        "term_years": draw(st.sampled_from((None, 3, 5))),
        "staff_total": staff,
        "staff_women": None if staff is None else draw(st.integers(0, staff)),
        "is_new_sector": draw(st.sampled_from((True, False, None))),
        "phone": draw(st.sampled_from(("", "0854-4821234"))),
        "document_number": draw(st.one_of(st.just(""), TEXTS)),
        "note": draw(st.one_of(st.just(""), TEXTS)),
    }


@st.composite
def trainings(draw):
    return {
        "name": draw(NAMES) + "培训班",
        "place": draw(st.one_of(st.just(""), TEXTS)),
        "level": draw(coded(TrainingLevel)),
        "started_on": draw(partial_dates(2010, 2015)),
        "days": draw(st.one_of(st.none(), st.integers(1, 30))),
        "declared_attendees": draw(st.one_of(st.none(), st.integers(0, 300))),
        "note": draw(st.one_of(st.just(""), TEXTS)),
    }


@contextmanager
def taken_back() -> Iterator[None]:
    """Each example begins with the same records."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def given_out(slug: str, by, *, is_full: bool) -> tuple[str, bytes, int]:
    ledger = ledger_by_slug(slug)
    told = export(ledger, ledger.model.objects.visible_to(by), by=by, is_full=is_full, reason="核对往返一致")
    with told.file as file:
        return told.name, file.read(), told.rows


def records(model) -> list:
    return list(model._base_manager.order_by("pk").values_list())


def brought_again(by, name: str, content: bytes) -> dict[str, int]:
    [report] = Importer(by=by, is_partial=True).bring([(name, content)])
    assert report.error == ""
    [sheet] = report.sheets
    refusals = [message["message"] for message in sheet.messages if message["verdict"] == "reject"]
    assert refusals == []
    told = sheet.as_json()
    return {verdict: told[verdict] for verdict in COUNTED if told[verdict]}


def assert_nothing_changes(by, slug: str, model, number: int) -> None:
    for is_full in (True, False):
        name, content, rows = given_out(slug, by, is_full=is_full)
        assert rows == number
        book = load_workbook(io.BytesIO(content))
        assert [cell for row in book.active.iter_rows() for cell in row if cell.data_type == "f"] == []
        before = records(model)
        assert brought_again(by, name, content) == ({"unchanged": number} if number else {})
        assert records(model) == before


@BRIEF
@given(rows=st.lists(members(), min_size=1, max_size=4, unique_by=lambda row: row["id_number"]))
def test_members_go_and_come_back_unchanged(county_clerk, rows):
    with taken_back():
        union = UnionFactory(name="平塘县自来水公司工会委员会")
        for row in rows:
            MemberFactory(union=union, **row)
        assert_nothing_changes(county_clerk, "members", Member, len(rows))


@BRIEF
@given(rows=st.lists(cadres(), min_size=1, max_size=4, unique_by=lambda row: row["name"]))
def test_cadres_go_and_come_back_unchanged(county_clerk, rows):
    numbers = [row["id_number"] for row in rows if row["id_number"]]
    with taken_back():
        union = UnionFactory(name="平塘县自来水公司工会委员会")
        for row in rows:
            if numbers.count(row["id_number"]) > 1:
                row |= {"id_number": "", "id_type": "", "born_on": None, "gender": ""}
            CadreFactory(union=union, **row)
        assert_nothing_changes(county_clerk, "cadres", Cadre, len(rows))


@BRIEF
@given(rows=st.lists(unions(), min_size=1, max_size=3, unique_by=lambda row: row["name"]))
def test_unions_go_and_come_back_unchanged(county_clerk, rows):
    with taken_back():
        for row in rows:
            UnionFactory(**row)
        assert_nothing_changes(county_clerk, "unions", Union, len(rows))


@BRIEF
@given(
    rows=st.lists(trainings(), min_size=1, max_size=3, unique_by=lambda row: row["name"]),
    result=coded(Result),
    note=TEXTS,
)
def test_trainings_and_their_attendants_go_and_come_back_unchanged(county_clerk, rows, result, note):
    with taken_back():
        union = UnionFactory(name="平塘县自来水公司工会委员会")
        for row in rows:
            training = TrainingFactory(union=union, **row)
            AttendanceFactory(name="穆平", training=training, union=union, result=result, note=note)
        assert_nothing_changes(county_clerk, "trainings", Training, len(rows))
        assert_nothing_changes(county_clerk, "attendances", Attendance, len(rows))


KEYS = {
    "members": {"姓名", "身份证号", "所在工会", "证件类型"},
    "cadres": {"姓名", "身份证号", "所在工会", "证件类型"},
    "unions": {"工会名称", "工会类别"},
    "trainings": {"培训班名称", "开班时间", "登记单位"},
}


@BRIEF
@given(member=members(), cadre=cadres(), union=unions(), training=trainings())
def test_blank_cells_never_erase(county_clerk, member, cadre, union, training):
    with taken_back():
        home = UnionFactory(**union)
        MemberFactory(union=home, **member)
        CadreFactory(union=home, **cadre)
        TrainingFactory(union=home, **training)
        for slug, keys in KEYS.items():
            model = ledger_by_slug(slug).model
            name, content, _rows = given_out(slug, county_clerk, is_full=True)
            book = load_workbook(io.BytesIO(content))
            sheet = book.active
            for column in range(1, sheet.max_column + 1):
                if sheet.cell(3, column).value not in keys:
                    sheet.cell(4, column).value = None
            buffer = io.BytesIO()
            book.save(buffer)
            before = records(model)
            assert brought_again(county_clerk, name, buffer.getvalue()) == {"unchanged": 1}, slug
            assert records(model) == before
