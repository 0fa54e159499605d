"""慰问帮扶发放台账 and 爱心服务卡发放台账: in, out, in again; where a row belongs; what is refused; taken back."""

from decimal import Decimal
from pathlib import Path

import pytest
from django.urls import reverse

from members import roles
from members.models import Township, Union
from pingtang_union.ledger.declaration import ledger_by_slug
from pingtang_union.ledger.giving.export import export
from pingtang_union.ledger.importing.command import Importer
from relief.models import CardIssue, Grant, GrantState, Group, Programme
from tests.factories import GrantFactory, InstalmentFactory, MemberFactory, UnionFactory, UserFactory, county
from tests.ledger import dress
from tests.members.test_numbers import numbered
from tests.members.test_round_trip import records
from tests.members.test_steps import deliver, take_back, write

pytestmark = pytest.mark.django_db
SHIPPED = Path(__file__).parents[2] / "pingtang_union" / "demo" / "ledgers"
LABELS = (
    "姓名", "身份证号", "人员类别", "所在工会（住址）", "帮扶项目", "发放时间", "慰问金（元）", "慰问物资折价（元）",
    "经办人", "备注", "批次",
)  # fmt: skip
WATER = "平塘县自来水公司工会委员会"


def shipped(name: str) -> tuple[str, bytes]:
    return f"{name}.xlsx", (SHIPPED / f"{name}.xlsx").read_bytes()


@pytest.fixture
def clerk(db):
    """县总工会帮扶."""
    return UserFactory(username="relief", full_name="帮扶经办人", roles=(roles.RELIEF,))


@pytest.fixture
def water(db) -> Union:
    return UnionFactory(name=WATER, category="enterprise", township="金盆街道")


@pytest.fixture
def town(db) -> Union:
    """平舟镇 with its federation."""
    federation = UnionFactory(name="平塘县平舟镇工会联合会", level="township", township="平舟镇")
    Township.objects.filter(name="平舟镇").update(federation=federation)
    return federation


def row(**cells) -> dict[str, object]:
    """A grant by label, with `cells` instead."""
    usual = {
        "姓名": "穆平", "身份证号": numbered(1), "人员类别": "困难职工", "所在工会（住址）": WATER,
        "帮扶项目": "五一慰问",
        "发放时间": "2018-04-27", "慰问金（元）": "400.00", "慰问物资折价（元）": "100元",
    }  # fmt: skip
    return {**usual, **cells}


def ledger(*rows) -> bytes:
    """A workbook of rows by label; a list among them is a row as it stands."""
    grid = [["平塘县总工会慰问帮扶发放台账"], ["序号", *LABELS]]
    for number, one in enumerate(rows, 1):
        grid.append(one if isinstance(one, list) else [number, *(one.get(label, "") for label in LABELS)])
    return dress.xlsx({"发放台账": grid})


def bring(*rows, by=None):
    """The report of the one sheet."""
    [report] = Importer(by=by).bring([("慰问帮扶发放台账.xlsx", ledger(*rows))])
    assert report.error == ""
    return report.sheets[0]


def counted(sheet) -> dict[str, int]:
    return {str(verdict): number for verdict, number in sheet.counts.items() if number and verdict != "warned"}


def said(sheet) -> list[str]:
    return [message["message"] for message in sheet.messages]


# --- The county's own ledgers ----------------------------------------------------------------


def test_the_countys_ledgers_come_in_whole_and_twice_changes_nothing():
    files = [shipped(name) for name in ("慰问帮扶发放台账", "爱心服务卡发放台账", "基层工会组织花名册")]
    for verdict in ("new", "unchanged"):
        grants, cards, _unions = Importer().bring(files)
        assert [counted(sheet) for sheet in grants.sheets] == [{verdict: n} for n in (330, 60, 150, 170, 96, 50)]
        assert [said(sheet) for sheet in grants.sheets] == [[]] * 6  # its totals are the sums of its rows
        assert ([counted(sheet) for sheet in cards.sheets], said(cards.sheets[0])) == ([{verdict: 180}], [])
    assert {grant.is_outside_books for grant in Grant.objects.all()} == {True}
    assert set(Grant.objects.filter(programme__name="元旦春节送温暖").values_list("edition", flat=True)) == {
        "2016-2017", "2017-2018",
    }  # fmt: skip


def test_they_go_out_and_come_back_without_a_change(clerk):
    Importer().bring([shipped(name) for name in ("慰问帮扶发放台账", "爱心服务卡发放台账", "基层工会组织花名册")])
    for slug, model, number in (("grants", Grant, 856), ("cards", CardIssue, 180)):
        before = records(model)
        told = export(ledger_by_slug(slug), model.objects.visible_to(clerk), by=clerk, reason="年度核对", is_full=True)
        with told.file as file:
            batch = deliver(clerk, file.read())
        assert (batch.rows, batch.unchanged, batch.new, batch.changed) == (number, number, 0, 0)
        assert records(model) == before


def test_a_clerks_batch_is_taken_back_whole(clerk, water):
    batch = write(deliver(clerk, ledger(row(), row(姓名="陆乙", 身份证号=numbered(2)))))
    assert (
        list(Grant.objects.values_list("amount", "state", "created_by"))
        == [(Decimal(500), GrantState.PAID, clerk.pk)] * 2
    )
    take_back(batch, clerk)
    assert Grant.objects.count() == 0


# --- Where a row belongs ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "union", "township"),
    [
        (WATER, WATER, "金盆街道"),
        ("自来水公司", WATER, "金盆街道"),
        ("平舟镇光明村", "平塘县平舟镇工会联合会", "平舟镇"),
        ("平塘县平舟镇光明村二组", "平塘县平舟镇工会联合会", "平舟镇"),
        ("大塘镇河坝村", "", "大塘镇"),
    ],
)
def test_a_row_belongs_to_its_union_or_to_its_towns_federation(water, town, address, union, township):
    bring(row(**{"所在工会（住址）": address}))
    [grant] = Grant.objects.all()
    assert (grant.union.name, grant.township) == (union or county().name, township)


def test_a_place_that_nobody_knows_is_the_countys_with_a_word(water):
    sheet = bring(row(**{"所在工会（住址）": "火星基地"}))
    assert "看不出是哪个工会、哪个乡镇" in said(sheet)[0]
    assert Grant.objects.get().union == county()


def test_a_member_of_the_union_is_linked_and_nobody_elses(water):
    own, other = MemberFactory(union=water, id_number=numbered(1)), MemberFactory(id_number=numbered(2))
    bring(row(), row(姓名="陆乙", 身份证号=numbered(2)))
    assert list(Grant.objects.order_by("pk").values_list("member", flat=True)) == [own.pk, None]
    assert other.grants.count() == 0


# --- What is refused -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        ({"帮扶项目": "扶贫"}, "「扶贫」不在帮扶项目目录里。目录里有：元旦春节送温暖、三八慰问"),
        ({"人员类别": "劳模"}, "「劳模」不在人员类别目录里"),
        ({"所在工会（住址）": "平塘县自来水厂公司工会委员会"}, "没有找到名为「平塘县自来水厂公司工会委员会」的工会。"),
        ({"慰问金（元）": "", "慰问物资折价（元）": ""}, "都没有填"),
        ({"慰问金（元）": "八百"}, "不是确切的金额"),
        ({"帮扶项目": "送温暖", "发放时间": "2018"}, "跨年度，请至少写到月"),
        ({"身份证号": numbered(1)[:-1] + ("0" if numbered(1)[-1] != "0" else "1")}, "身份证号"),
    ],
)  # fmt: skip
def test_a_faulty_row_says_what_to_do(water, cells, why):
    sheet = bring(row(**cells))
    assert counted(sheet) == {"reject": 1}
    assert why in said(sheet)[0]


def test_a_person_has_one_grant_an_instalment(water):
    sheet = bring(row(), row(发放时间="2018-05-02"))
    assert counted(sheet) == {"reject": 1, "new": 1}
    assert bring(row()).counts["new"] == 1
    again = bring(row(发放时间="2018-05-02"))
    assert "第 1 批已登记过一份（2018-04-27）" in said(again)[0]
    assert counted(bring(row(发放时间="2018-05-02", 批次=2))) == {"new": 1}
    assert counted(bring(row(发放时间="2017-04-27"))) == {"new": 1}


def test_a_row_that_takes_the_instalment_of_another_grant_is_refused_alone(water):
    bring(row(), row(发放时间="2018-05-02", 批次=2))
    sheet = bring(row(发放时间="2018-05-02", 批次=1), row(姓名="陆乙", 身份证号=numbered(2)))
    assert counted(sheet) == {"reject": 1, "new": 1}
    assert "第 1 批已登记过一份（2018-04-27）" in said(sheet)[0]
    assert counted(bring(row(), row(发放时间="2018-05-02", 批次=2))) == {"unchanged": 2}


def test_a_grant_that_is_promised_but_not_paid_is_told_as_such(water):
    GrantFactory(
        union=water, name="穆平", id_number=numbered(1), granted_on=None, edition="2018", state="approved",
        is_outside_books=False, address=WATER, of="五一慰问",
    )  # fmt: skip
    assert "第 1 批已登记过一份（未发放）" in said(bring(row()))[0]


def test_what_the_books_hold_is_not_changed_by_a_ledger(water):
    GrantFactory(
        union=water, name="穆平", id_number=numbered(1), granted_on="2018-04-27", cash=400, goods=100,
        is_outside_books=False, address=WATER, of="五一慰问",
    )  # fmt: skip
    sheet = bring(row(**{"慰问金（元）": 900}))
    assert "已经入账，不能用台账修改" in said(sheet)[-1]


def test_a_total_that_does_not_fit_is_told_and_refuses_nothing(water):
    fitting = ["小计", "", "", "", "", "", "", 400, 100]
    other = row(姓名="陆乙", 身份证号=numbered(2))
    assert said(bring(row(), fitting, other, ["合计", "", "", "", "", "共2人次", "", "", "1,000.00"])) == []
    Grant.objects.all().delete()
    sheet = bring(row(), other, ["合计", "", "", "", "", "共3人次", "", 800, 900])
    assert counted(sheet) == {"new": 2}
    assert said(sheet) == [
        "第 5 行的合计：「慰问物资折价（元）」写的是 900.00，上面各行相加是 200.00，请核对。",
        "第 5 行的合计：写的是共3人次，上面读到 2 条，请核对。",
    ]


def test_cards_come_in_once_a_day_and_partner(water):
    def cards(*counts):
        grid = [["领卡工会", "卡种", "合作单位", "发放时间", "张数", "领取人"]]
        grid += [[WATER, "爱心服务卡", partner, "2016-06-05", number, "莫梓俊"] for partner, number in counts]
        [report] = Importer().bring([("爱心服务卡发放台账.xlsx", dress.xlsx({"发卡台账": grid}))])
        return report.sheets[0]

    assert counted(cards(("", 32), ("贵州银行", 10))) == {"new": 2}
    assert counted(cards(("", 33))) == {"changed": 1}
    assert "应大于零" in said(cards(("", 0)))[0]
    assert sorted(CardIssue.objects.values_list("count", flat=True)) == [10, 33]


# --- Who reads what --------------------------------------------------------------------------


def test_names_of_children_need_a_right_of_their_own(signed_in, clerk, water):
    GrantFactory(union=water, name="吴小英", among="留守儿童")
    url = reverse("admin:relief_grant_changelist")
    finance = UserFactory(roles=(roles.FINANCE,))
    assert [word in signed_in(clerk).get(url).content.decode() for word in ("吴小英",)] == [True]
    page = signed_in(finance).get(url).content.decode()
    assert ("吴小英" in page, "吴*英" in page) == (False, True)


def test_a_group_that_the_plan_does_not_name_is_warned_of(water):
    plan = InstalmentFactory(programme=Programme.objects.get(name="五一慰问"), edition="2018", number=1)
    plan.groups.set(Group.objects.filter(name="环卫工人"))
    other = {"姓名": "穆安", "身份证号": numbered(2), "人员类别": "环卫工人"}

    report = bring(row(), row(**other))

    assert Grant.objects.count() == 2  # the past is only warned of
    [told] = said(report)
    assert "这一批次的发放计划只发给环卫工人" in told
