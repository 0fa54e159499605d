"""Leaders' pages: who may open them, and that every number leads to exactly its rows."""

import re
from dataclasses import replace
from datetime import date
from html import unescape

import pytest
from django.urls import reverse

from awards.figures import FIGURES as HONOUR_FIGURES
from members import roles
from members.figures import FIGURES
from members.models import Cadre, Union
from pingtang_union import sections
from pingtang_union.core.figures import registry
from pingtang_union.money import shown as figure
from tests.factories import (
    AttendanceFactory,
    AwardFactory,
    CadreFactory,
    HonourFactory,
    TrainingFactory,
    UnionFactory,
    UserFactory,
    county,
    honour,
)

pytestmark = pytest.mark.django_db
DAY = "2018-03-31"
LINK = re.compile(r'<a href="(/dashboard/rows/[^"]+)">([^<]*)</a>')


@pytest.fixture
def reader(client, leader):
    """A client signed in as a leader of the county."""
    client.force_login(leader)
    return client


def as_role(client, role, union=None):
    """The client signed in as somebody of `role` (None: of no role) at the county, or at `union`."""
    client.force_login(UserFactory(roles=(role,) if role else (), union=union or county()))
    return client


@pytest.fixture
def records():
    """A few of everything, with gaps, and rows that only a later day counts."""
    town = UnionFactory(level="township", township="克度镇", set_up_on="2006-05", last_elected_on="2015-06")
    other = UnionFactory(
        township="平舟镇",
        category="enterprise",
        is_new_sector=True,
        set_up_on="2012",
        term_years=5,
        last_elected_on="2013-05-01",
    )
    below = UnionFactory(parent=town, township="", is_new_sector=False, last_elected_on="2012-01-01")
    UnionFactory(parent=town, township="克度镇", set_up_on="2018-04-01")
    UnionFactory(township="平舟镇", set_up_on="2010", status="dissolved", dissolved_on="2018-05")
    CadreFactory(union=town, rank="section_chief", name="杨秀英")
    CadreFactory(union=other, rank="", name="罗建", started_on="2012-08")
    CadreFactory(union=below, rank="unit_level", name="欧阳小英", ended_on="2018-05-01")
    CadreFactory(union=below, kind="social_worker", rank="", name="陆文", started_on="2018-04")
    for level, place, day, people in (
        ("province", "贵阳", "2017-09-13", 2),
        ("", "厦门", "2017-10", 1),
        ("county", "", "2018-06", 3),
    ):
        training = TrainingFactory(union=county(), level=level, place=place, started_on=day)
        for _ in range(people):
            AttendanceFactory(training=training, union=below)
    for code, union, day in (
        ("national.model_home", town, "2015-04-18"),
        ("prefecture.worker_pioneer", below, "2017"),
        ("county.pacesetter", other, "2015-12"),
        ("county.pacesetter", below, "2017-04-25"),
        ("county.women_post", town, "2018-05"),
        ("county.craftsman", other, "2012-04"),
    ):
        AwardFactory(honour=honour(code), union=union, awarded_on=day)
    AwardFactory(honour=HonourFactory(title="平塘县岗位能手"), union=town, awarded_on="2017-12")
    return town


def links(client, address):
    """(address, text) of every link to rows on a page."""
    page = client.get(address).content.decode()
    return [(unescape(href), text) for href, text in LINK.findall(page)]


# --- Who -----------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["/dashboard/", "/dashboard/rows/unions.total/"])
def test_a_stranger_signs_in_first(client, address):
    response = client.get(address)
    assert (response.status_code, response.url) == (302, f"/login/?next={address}")


@pytest.mark.parametrize("address", ["/dashboard/", "/dashboard/rows/unions.total/", "/dashboard/rows/cadres.total/"])
@pytest.mark.parametrize("role", [roles.TOWNSHIP, roles.GRASSROOTS, roles.SYSTEM_ADMIN, roles.AUDITOR, None])
def test_without_the_permission_there_is_no_dashboard(client, role, address):
    as_role(client, role)
    assert client.get(address).status_code == 403


@pytest.mark.parametrize("role", [roles.LEADER, roles.ORGANISATION, roles.ECONOMY, roles.RELIEF, roles.FINANCE])
def test_leaders_and_county_desks_read_it(client, role):
    as_role(client, role)
    assert client.get("/dashboard/").status_code == 200


# --- Numbers and their rows ----------------------------------------------------------------


@pytest.mark.parametrize("day", [DAY, "2018-07-01", "2012-12-31", "1999-01-01"])
def test_every_number_leads_to_exactly_its_rows(reader, records, day):
    found = links(reader, f"/dashboard/?as_of={day}")
    assert len(found) > 40
    for address, number in found:
        assert f"as_of={day}" in address
        response = reader.get(address)
        assert (address, figure(response.context["number"])) == (address, number)
        if not response.context["figure"].sum_of:
            assert len(response.context["rows"]) == int(number)


def test_every_figure_of_organisation_has_its_place_on_the_page(reader):
    shown = {address.split("/")[3] for address, _ in links(reader, f"/dashboard/?as_of={DAY}")}
    # The ranks are the breakdown of cadres.total.
    assert {figure.id for figure in FIGURES} - shown == {
        "cadres.deputy_county",
        "cadres.section_chief",
        "cadres.deputy_section",
        "cadres.unit_level",
    }
    assert {figure.id for figure in HONOUR_FIGURES} - shown == set()


def tables(response):
    """The dashboard's tables by slug."""
    blocks = [block for section in response.context["sections"] for block in section["blocks"]]
    return {block["declared"].slug: block for block in blocks if "lines" in block}


def lines(block):
    """The labels of a table with the numbers behind each."""
    return [(label, [part.number for part in parts]) for label, parts in block["lines"]]


def test_honours_stand_by_level_title_and_year(reader, records):
    response = reader.get(f"/dashboard/?as_of={DAY}")
    shown = tables(response)
    assert lines(shown["honour-levels"]) == [("国家级", [1]), ("省级", [0]), ("州级", [1]), ("县级", [3])]
    shown_cards = [block for one in response.context["sections"] for block in one["blocks"] if "cards" in block]
    cards = shown_cards[-1]["cards"]
    assert [(card.title, len(facts)) for card, facts in cards] == [
        ("国家级", 2),
        ("省级", 4),
        ("州级", 6),
        ("县级", 7),
    ]
    numbers = {words: one.number for _card, facts in cards for words, one in facts if one.number}
    assert numbers == {"全国模范职工之家": 1, "黔南州工人先锋号": 1, "五一劳动标兵": 2}
    assert lines(shown["county-titles"]) == [("平塘县五一劳动标兵", [2]), ("平塘县岗位能手", [1])]
    years = shown["honour-years"]
    assert [column.label for column, _is_charted in years["columns"]] == ["国家级", "省级", "州级", "县级", "合计"]
    assert [column.label for column, is_charted in years["columns"] if not is_charted] == ["合计"]
    assert lines(years) == [
        ("2015年", [1, 0, 0, 1, 2]),
        ("2016年", [0, 0, 0, 0, 0]),
        ("2017年", [0, 0, 1, 2, 3]),
    ]


def test_figures_of_two_units_stand_beside_each_other_and_one_is_charted(reader, records):
    courses = tables(reader.get(f"/dashboard/?as_of={DAY}"))["courses"]
    found = dict(lines(courses))
    assert (found["省级"], found["州级"], found["未登记"]) == ([1, 2], [0, 0], [1, 1])
    assert [(column.figure.unit, is_charted) for column, is_charted in courses["columns"]] == [
        ("期", False),
        ("人次", True),
    ]


def test_without_honours_the_page_says_so(reader):
    response = reader.get("/dashboard/")
    assert tables(response)["honour-years"]["lines"] == []
    assert "当日以前没有登记荣誉" in response.content.decode()


def test_the_page_says_where_records_begin(reader, records):
    """Honours are recorded since 2014; unions have no such beginning."""
    warning = "记录自2014年1月1日起登记"
    for day, is_told in (("2013-12-31", True), ("2014-01-01", False)):
        pages = [f"/dashboard/?as_of={day}", f"/dashboard/rows/awards.total/?as_of={day}"]
        assert [warning in reader.get(page).content.decode() for page in pages] == [is_told, is_told]
    assert "起登记" not in reader.get("/dashboard/rows/unions.total/?as_of=1999-01-01").content.decode()


def test_doubtful_rows_are_counted_apart_and_one_click_away(reader, records):
    UnionFactory(set_up_on=None)
    tile = reader.get(f"/dashboard/?as_of={DAY}").context["top"]["tiles"][0]
    undated = Union.objects.counted().filter(set_up_on__isnull=True)
    assert (tile.number, tile.doubts.number, tile.doubts.label) == (5, undated.count(), "没有登记建会时间")
    page = reader.get(tile.url).content.decode()
    assert f'其中 <a href="?as_of={DAY}&amp;doubtful=1">{undated.count()}</a> 条没有登记建会时间' in page
    response = reader.get(tile.doubts.url)
    assert {row[0]["text"] for row in response.context["rows"]} == {union.name for union in undated}
    assert "基层工会，其中没有登记建会时间的" in response.content.decode()
    assert reader.get(f"/dashboard/rows/awards.total/?as_of={DAY}&doubtful=1").context["number"] == 5  # no such rows


def test_a_person_in_two_posts_counts_once(reader):
    union = UnionFactory()
    CadreFactory(union=union, id_number="522727198808089937", started_on="2012", ended_on="2019", name="杨秀英")
    CadreFactory(union=union, id_number="522727198808089937", started_on="2018-01", name="杨秀英")
    for name in ("罗建", "陆文"):
        CadreFactory(union=union, id_number="", started_on="2012", name=name)
    response = reader.get(f"/dashboard/rows/cadres.total/?as_of={DAY}")
    assert (response.context["number"], response.context["records"]) == (3, 4)
    assert "对应以下 4 条记录" in response.content.decode()
    assert reader.get(f"/dashboard/?as_of={DAY}").context["top"]["tiles"][4].number == 3


def test_the_tiles_state_the_day(reader, records):
    response = reader.get(f"/dashboard/?as_of={DAY}")
    assert [(tile.figure.id, tile.number) for tile in response.context["top"]["tiles"]] == [
        ("unions.total", 4),
        ("unions.organ", 3),
        ("unions.enterprise", 1),
        ("unions.new_sector", 1),
        ("cadres.total", 3),
        ("cadres.social_workers", 0),
        ("trainings.courses", 2),
        ("cadres.training_attendances", 3),
        ("campaigns.activities", 0),
        ("campaigns.participants", 0),
        ("relief.amount", 0),
        ("relief.person_times", 0),
    ]
    later = reader.get("/dashboard/?as_of=2018-07-01")
    assert [tile.number for tile in later.context["top"]["tiles"]] == [4, 3, 1, 1, 2, 1, 3, 6, 0, 0, 0, 0]


def changes(reader, day: str) -> dict[str, int | None]:
    """How far each tile moved within a year."""
    tiles = reader.get(f"/dashboard/?as_of={day}").context["top"]["tiles"]
    return {tile.figure.id: tile.change for tile in tiles}


def test_a_tile_says_how_far_it_moved_in_a_year(reader, records):
    moved = changes(reader, "2018-06-30")
    page = reader.get("/dashboard/?as_of=2018-06-30").content.decode()

    # In the year one union was set up and one dissolved, and three courses were held.
    assert (moved["unions.total"], moved["trainings.courses"], moved["cadres.training_attendances"]) == (0, 3, 6)
    assert moved["cadres.total"] == -1
    assert [words in page for words in ("同比持平", "同比增加 3", "同比减少 1", "减少 -")] == [True, True, True, False]


def test_before_a_figure_counts_nothing_is_compared(reader, records, monkeypatch):
    known = registry() | {"unions.total": replace(registry()["unions.total"], since=date(2017, 4, 1))}
    monkeypatch.setattr(sections, "registry", lambda: known)

    assert changes(reader, "2018-03-31")["unions.total"] is None
    assert changes(reader, "2018-04-01")["unions.total"] == 1
    assert changes(reader, "2018-03-31")["unions.organ"] == 0


def test_today_is_the_day_without_another(reader, leader, time_machine):
    time_machine.move_to("2018-03-30T17:00:00+00:00")  # already the 31st in Shanghai
    reader.force_login(leader)
    assert reader.get("/dashboard/").context["as_of"].isoformat() == DAY
    assert {f"as_of={DAY}" in address for address, _ in links(reader, "/dashboard/")} == {True}


@pytest.mark.parametrize("address", ["/dashboard/", "/dashboard/rows/unions.total/"])
@pytest.mark.parametrize("text", ["2018-02-30", "昨天", "9999-12-31", "0001-01-01", "2018-03-31'--"])
def test_a_bad_day_is_said_and_today_shown(reader, leader, time_machine, address, text):
    time_machine.move_to("2018-03-31T04:00:00+00:00")
    reader.force_login(leader)
    response = reader.get(address, {"as_of": text})
    assert (response.status_code, response.context["as_of"].isoformat()) == (200, DAY)
    assert [message.level_tag for message in response.context["messages"]] == ["error"]


def test_terms_without_a_record_are_named_as_reckoned(reader, records):
    page = reader.get(f"/dashboard/?as_of={DAY}").content.decode()
    assert "《中华人民共和国工会法》（2001年修正）第十五条" in page
    assert "届满时间不确定" in page


def test_a_day_before_any_rule_reckons_nothing(reader, records):
    page = reader.get("/dashboard/?as_of=1999-01-01").content.decode()
    assert "不作推算" in page
    assert "假如届期都是" not in page


def test_the_page_costs_the_same_for_few_and_many(reader, records, django_assert_num_queries):
    reader.get("/dashboard/")  # the first request of a session writes it
    with django_assert_num_queries(DASHBOARD_QUERIES):
        reader.get(f"/dashboard/?as_of={DAY}")
    for number in range(12):
        cadre = CadreFactory(union__township=f"第{number}乡", union__set_up_on=str(1990 + number))
        AttendanceFactory(training__union=county(), training__started_on="2017", union=cadre.union)
        AwardFactory(union=cadre.union, awarded_on=str(2014 + number % 4))
    with django_assert_num_queries(DASHBOARD_QUERIES):
        reader.get(f"/dashboard/?as_of={DAY}")


# Session, account, its union, its permissions (2), its role's name, then one query a family or breakdown, and
# five for the families of the tiles a year before.
DASHBOARD_QUERIES = 63
ROWS_QUERIES = 8


@pytest.mark.parametrize("id", ["unions.total", "cadres.total", "cadres.training_attendances", "trainings.courses"])
def test_a_list_costs_the_same_for_few_and_many(reader, records, django_assert_num_queries, id):
    reader.get("/dashboard/rows/unions.total/")  # the first request of a session writes it
    with django_assert_num_queries(ROWS_QUERIES):
        reader.get(f"/dashboard/rows/{id}/")
    for _ in range(6):
        cadre = CadreFactory()
        AttendanceFactory(training__union=county(), union=cadre.union)
    with django_assert_num_queries(ROWS_QUERIES):
        reader.get(f"/dashboard/rows/{id}/")


def test_a_leader_of_a_township_sees_its_rows_only(client, records):
    as_role(client, roles.LEADER, records)
    response = client.get(f"/dashboard/?as_of={DAY}")
    assert [tile.number for tile in response.context["top"]["tiles"]] == [2, 2, 0, 0, 2, 0, 0, 3, 0, 0, 0, 0]
    assert client.get(f"/dashboard/rows/unions.total/?as_of={DAY}").context["number"] == 2


def test_an_account_without_a_union_sees_no_row_and_why(client, records):
    client.force_login(UserFactory(roles=(roles.LEADER,), union=None))
    response = client.get(f"/dashboard/?as_of={DAY}")
    assert {tile.number for tile in response.context["top"]["tiles"]} == {0}
    assert "尚未分配所在工会" in response.content.decode()


# --- The list behind a number --------------------------------------------------------------


def test_the_list_says_what_it_lists(reader, records):
    response = reader.get(f"/dashboard/rows/unions.total/?as_of={DAY}&township=克度镇&category=organ")
    assert (response.context["chosen"], response.context["number"]) == (
        [("类别", "机关工会"), ("所属乡镇（街道）", "克度镇")],
        1,
    )
    page = response.content.decode()
    assert "截至2018年3月31日" in page
    assert "所属乡镇（街道）：克度镇" in page


@pytest.mark.parametrize(
    "address",
    ["nothing.total/", "unions.total/?category=party", "unions.total/?new_sector=maybe", "cadres.total/?rank=emperor"],
)
def test_what_is_no_figure_is_not_found(reader, address):
    assert reader.get(f"/dashboard/rows/{address}").status_code == 404


def test_other_words_in_the_address_change_nothing(reader, records):
    response = reader.get(f"/dashboard/rows/unions.total/?as_of={DAY}&rank=section_chief&page=x")
    assert (response.context["number"], response.context["page_obj"].number) == (4, 1)


def test_lists_are_paged_by_twenty(reader):
    union = UnionFactory()
    for number in range(51):
        CadreFactory(union=union, name=f"杨{number}")
    response = reader.get("/dashboard/rows/cadres.total/?page=3")
    assert (response.context["number"], len(response.context["rows"])) == (51, 11)
    assert "page=1" in response.content.decode()


def names(response):
    return [row[0]["text"] for row in response.context["rows"]]


@pytest.mark.parametrize("role", [roles.LEADER, roles.FINANCE])
def test_who_does_not_keep_persons_records_reads_masked_names(client, records, role):
    as_role(client, role)
    response = client.get(f"/dashboard/rows/cadres.total/?as_of={DAY}")
    assert names(response) == ["杨*英", "罗*", "欧**英"]
    page = response.content.decode()
    assert [name for name in ("杨秀英", "罗建", "欧阳小英") if name in page] == []


def test_a_county_desk_reads_names_in_full(client, records):
    as_role(client, roles.ORGANISATION)
    response = client.get(f"/dashboard/rows/cadres.total/?as_of={DAY}")
    assert names(response) == ["杨秀英", "罗建", "欧阳小英"]


@pytest.mark.parametrize("role", [roles.LEADER, roles.ORGANISATION])
def test_no_list_shows_a_number_of_identity(client, role):
    CadreFactory(id_number="522727198808089937", phone="19000018509")
    as_role(client, role)
    page = client.get("/dashboard/rows/cadres.total/").content.decode()
    assert [text for text in ("522727", "9937", "19000018509") if text in page] == []


def test_staff_go_on_to_the_record_and_leaders_do_not(client, records):
    first = Cadre.objects.get(name="杨秀英")
    as_role(client, roles.ORGANISATION)
    rows = client.get(f"/dashboard/rows/cadres.total/?as_of={DAY}").context["rows"]
    assert rows[0][0]["url"] == reverse("admin:members_cadre_change", args=[first.pk])
    as_role(client, roles.FINANCE)
    rows = client.get(f"/dashboard/rows/cadres.total/?as_of={DAY}").context["rows"]
    assert {row[0]["url"] for row in rows} == {""}
    as_role(client, roles.LEADER)
    rows = client.get(f"/dashboard/rows/cadres.total/?as_of={DAY}").context["rows"]
    assert {row[0]["url"] for row in rows} == {""}


def test_the_page_runs_no_script_of_its_own(reader, records):
    response = reader.get("/dashboard/")
    page = response.content.decode()
    assert re.findall(r"<script(?![^>]*\bsrc=)", page) == []
    assert re.findall(r"\sstyle=|\son\w+=", page) == []
    assert "unsafe" not in response.headers["Content-Security-Policy"]
