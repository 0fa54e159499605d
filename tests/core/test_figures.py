"""The engine of figures, and the command that prints them all."""

import json
from datetime import date
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from members import roles
from members.models import Union
from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.figures import (
    UNRECORDED,
    Dimension,
    Figure,
    Slice,
    mask_name,
    parse_as_of,
    registry,
    rows_of,
    values,
    whole_database,
)
from pingtang_union.management.commands.figures import _plain
from tests.factories import AttendanceFactory, CadreFactory, TrainingFactory, UnionFactory, UserFactory, county

DAY = date(2018, 3, 31)
PART_ONE = {
    "unions.total",
    "unions.organ",
    "unions.enterprise",
    "cadres.total",
    "cadres.deputy_county",
    "cadres.section_chief",
    "cadres.deputy_section",
    "cadres.unit_level",
    "cadres.social_workers",
    "cadres.leadership_training",
    "cadres.training_xiamen",
    "cadres.training_guangzhou",
    "cadres.grassroots_trained",
}
everyone = Figure(
    id="test.members",
    label="会员",
    unit="人",
    note="填报的会员人数之和",
    model=Union,
    population=lambda visible, as_of: visible.counted(),
    sum_of="members_total",
    dimensions=(Dimension("township", "乡镇", "township", order="number"),),
)


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("杨秀英", "杨*英"),
        ("杨英", "杨*"),
        ("欧阳小英", "欧**英"),
        ("杨", "杨*"),
        ("买买提·吐尔逊", "买*****逊"),
        ("", ""),
    ],
)
def test_names_are_masked(name, masked):
    assert mask_name(name) == masked


def test_a_day_is_read():
    assert parse_as_of(" 2018-03-31 ") == DAY


@pytest.mark.parametrize(
    "text", ["", "2018-02-30", "2018-3-1", "20180331", "2018-W13-6", "昨天", "1899-12-31", "9999-12-31"]
)
def test_anything_else_is_refused_in_plain_words(text):
    with pytest.raises(DomainError, match="日期"):
        parse_as_of(text)


def test_the_registry_knows_the_figures_of_part_one():
    assert PART_ONE - set(registry()) == set()
    assert [id for id, figure in registry().items() if id != figure.id] == []


@pytest.mark.django_db
def test_a_sum_adds_the_field_and_not_the_rows():
    UnionFactory(members_total=30, township="平舟镇")
    UnionFactory(members_total=12, township="克度镇")
    UnionFactory(members_total=None, township="克度镇")
    UnionFactory(members_total=5, township="")
    assert everyone.value(whole_database, DAY) == 47
    assert everyone.breakdown("township", whole_database, DAY) == [
        Slice("平舟镇", "平舟镇", 30),
        Slice("克度镇", "克度镇", 12),
        Slice(UNRECORDED, "未登记", 5),
    ]
    assert values([everyone], whole_database, DAY) == {"test.members": 47}


@pytest.mark.django_db
def test_a_sum_over_nothing_is_zero():
    assert everyone.value(whole_database, DAY) == 0
    assert everyone.breakdown("township", whole_database, DAY) == []


@pytest.mark.django_db
def test_a_page_asks_only_what_its_user_may_see():
    federation = UnionFactory(level="township")
    mine = UnionFactory(parent=federation)
    UnionFactory()
    user = UserFactory(roles=(roles.LEADER,), union=federation)
    total = registry()["unions.total"]
    assert total.value(whole_database, DAY) == 3
    assert total.value(rows_of(user), DAY) == 2
    assert set(total.rows(rows_of(user)(Union), DAY)) == {federation, mine}
    assert total.value(rows_of(UserFactory(roles=(roles.LEADER,), union=None)), DAY) == 0


@pytest.mark.django_db
def test_figures_of_one_population_cost_one_query(django_assert_num_queries):
    known = registry()
    family = [known[id] for id in ("unions.total", "unions.organ", "unions.enterprise", "unions.new_sector")]
    with django_assert_num_queries(1):
        values(family, whole_database, DAY)


@pytest.mark.django_db
@pytest.mark.parametrize("id", list(registry()))
def test_every_breakdown_adds_up_and_leads_to_its_rows(id):
    union = UnionFactory(township="平舟镇", set_up_on="2012-05", is_new_sector=True, last_elected_on="2013-05-01")
    UnionFactory(
        township="克度镇", set_up_on="2015", is_new_sector=False, category="enterprise", last_elected_on="2015-05"
    )
    bare = UnionFactory()
    CadreFactory(union=union, rank="section_chief", duty="full")
    CadreFactory(union=bare, rank="", name="罗建")
    CadreFactory(union=bare, kind="social_worker", name="陆文")
    for level, place in (("county", "平塘"), ("province", "厦门"), ("", "广州")):
        AttendanceFactory(training=TrainingFactory(union=county(), level=level, place=place), union=union)
    figure = registry()[id]
    for dimension in figure.dimensions:
        slices = figure.breakdown(dimension.key, whole_database, DAY)
        assert sum(part.number for part in slices) == figure.value(whole_database, DAY)
        for part in slices:
            rows = dimension.narrow(figure.rows(whole_database(figure.model), DAY), part.token)
            assert (dimension.describe(part.token), figure.total(rows)) == (part.label, part.number)


def test_an_unknown_code_is_no_value():
    dimension = registry()["unions.total"].dimension("category")
    with pytest.raises(LookupError):
        dimension.describe("party")
    with pytest.raises(LookupError):
        registry()["unions.total"].dimension("rank")


# --- manage.py figures ---------------------------------------------------------------------


def run(*args):
    out = StringIO()
    call_command("figures", *args, stdout=out)
    return out.getvalue()


@pytest.mark.django_db
def test_the_command_prints_one_flat_object():
    UnionFactory(set_up_on="2016")
    UnionFactory(set_up_on="2017", category="enterprise")
    figures = json.loads(run("--as-of", "2016-12-31", "--json"))
    assert list(figures) == list(registry())
    assert (figures["unions.total"], figures["unions.organ"], figures["unions.enterprise"]) == (1, 1, 0)


@pytest.mark.django_db
def test_the_command_takes_today_without_a_date(time_machine):
    UnionFactory(set_up_on="2018-04-01")
    time_machine.move_to("2018-03-31T15:59:00+00:00")  # 23:59 in Shanghai
    assert json.loads(run("--json"))["unions.total"] == 0
    time_machine.move_to("2018-03-31T16:00:00+00:00")
    assert json.loads(run("--json"))["unions.total"] == 1


@pytest.mark.django_db
def test_the_table_names_number_unit_and_figure():
    UnionFactory()
    lines = run("--as-of", "2018-03-31").splitlines()
    assert lines[0].split() == ["unions.total", "1", "个", "基层工会"]
    assert [line.split()[0] for line in lines] == list(registry())


@pytest.mark.parametrize("text", ["2018-02-30", "", "昨天"])
def test_a_bad_date_ends_the_command_with_2(text):
    with pytest.raises(CommandError, match="日期") as caught:
        run("--as-of", text)
    assert caught.value.returncode == 2


@pytest.mark.parametrize(("value", "plain"), [(Decimal("1105320.00"), 1105320), (Decimal("0.50"), 0.5), (7, 7)])
def test_money_prints_as_a_number(value, plain):
    assert _plain(value) == plain
