"""活动台账: in, out, in again; how words become kinds and series; what is refused; taken back."""

from pathlib import Path

import pytest
from django.utils import timezone

from campaigns.models import Activity, ActivityKind, ImportRule, Outcome, Series
from members import roles
from pingtang_union.ledger.declaration import ledger_by_slug
from pingtang_union.ledger.giving.export import export
from pingtang_union.ledger.importing.command import Importer
from tests.factories import ActivityFactory, UnionFactory, UserFactory
from tests.ledger import dress
from tests.members.test_round_trip import records
from tests.members.test_steps import deliver, take_back, write

pytestmark = pytest.mark.django_db
SHIPPED = Path(__file__).parents[2] / "pingtang_union" / "demo" / "ledgers"
LABELS = ("活动名称", "类别", "主题", "主办工会", "协办单位", "举办时间", "地点", "参加人数", "经费（元）")
OUTCOMES = ("活动名称", "成果项目", "数量", "单位", "举办时间")
HOST = "平塘县教育局工会委员会"


def shipped(name: str) -> tuple[str, bytes]:
    return f"{name}.xlsx", (SHIPPED / f"{name}.xlsx").read_bytes()


@pytest.fixture
def clerk(db):
    """县总工会经济技术与宣教."""
    return UserFactory(roles=(roles.ECONOMY,))


@pytest.fixture
def host(db):
    return UnionFactory(name=HOST)


def row(**cells) -> dict[str, object]:
    """An activity by label, with `cells` instead."""
    usual = {
        "活动名称": "优质课评比（第1期）", "类别": "技能竞赛", "主办工会": HOST, "举办时间": "2017.05.11",
        "参加人数": 120, "经费（元）": "5000",
    }  # fmt: skip
    return {**usual, **cells}


def ledger(*rows, outcomes=()) -> bytes:
    """A workbook of both sheets, rows by label."""
    grid = [["工会活动台账"], ["序号", *LABELS]]
    grid += [[number, *(one.get(label, "") for label in LABELS)] for number, one in enumerate(rows, 1)]
    sheets = {"活动台账": grid}
    if outcomes:
        lines = [[number, *(one.get(label, "") for label in OUTCOMES)] for number, one in enumerate(outcomes, 1)]
        sheets["活动成果"] = [["工会活动成果统计表"], ["序号", *OUTCOMES], *lines]
    return dress.xlsx(sheets)


def bring(*rows, by=None, outcomes=()):
    """The reports of the sheets."""
    [report] = Importer(by=by, is_partial=True).bring([("活动台账.xlsx", ledger(*rows, outcomes=outcomes))])
    assert report.error == ""
    return report.sheets


def said(sheet) -> list[str]:
    return [message["message"] for message in sheet.messages]


def counted(sheet) -> dict[str, int]:
    return {str(verdict): number for verdict, number in sheet.counts.items() if number and verdict != "warned"}


def test_the_countys_ledger_comes_in_whole_and_twice_changes_nothing():
    files = [shipped(name) for name in ("活动台账", "基层工会组织花名册")]
    for verdict in ("new", "unchanged"):
        report, _unions = Importer().bring(files)
        assert [counted(sheet) for sheet in report.sheets] == [{verdict: 95}, {verdict: 46}]
        assert [said(sheet) for sheet in report.sheets] == [[], []]
    assert set(Activity.objects.values_list("state", flat=True)) == {"held"}
    assert not Activity.objects.filter(kind__name="其他活动").exists()
    assert Activity.objects.get(name_key__contains="2018年职工象棋比赛".replace("2018", "2017")).series.name == (
        "阳光职工·幸福平塘"
    )
    assert Activity.objects.filter(kind__group="village").count() == 6


def test_both_sheets_go_out_and_come_back_without_a_change(clerk):
    Importer().bring([shipped(name) for name in ("活动台账", "基层工会组织花名册")])
    for slug, model, number in (("activities", Activity, 95), ("outcomes", Outcome, 46)):
        before = records(model)
        told = export(ledger_by_slug(slug), model.objects.visible_to(clerk), by=clerk, reason="年度核对", is_full=True)
        with told.file as file:
            batch = deliver(clerk, file.read())
        assert (batch.rows, batch.unchanged, batch.new, batch.changed) == (number, number, 0, 0)
        assert records(model) == before


def test_a_batch_of_both_sheets_is_taken_back_whole(clerk, host):
    outcome = {"活动名称": "优质课评比(第1期)", "成果项目": "参赛作品", "数量": 12, "单位": "幅"}
    batch = write(deliver(clerk, ledger(row(), outcomes=[outcome])))
    assert (Activity.objects.count(), Outcome.objects.get().value) == (1, 12)
    take_back(batch, clerk)
    assert (Activity.objects.count(), Outcome.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    ("name", "category", "theme", "kind", "series"),
    [
        ("“三·八”职工徒步走（第1期）", "文体活动", "三·八节", "职工徒步走", "“三·八”系列活动"),
        ("职工书法大赛", "文体活动", "阳光职工·幸福平塘", "文体活动", "阳光职工·幸福平塘"),
        ("春风行动招聘会", "就业援助", "", "招聘会", "春风行动"),
        ("女职工法律讲座", "普法宣传", "", "维权宣传", None),
        ("旅发会导游培训班", "旅游培训", "", "导游（解说员）培训", None),
        ("行业培训", "旅游培训", "", "旅游培训", None),
    ],
)
def test_rules_and_names_give_the_kind_and_series(host, name, category, theme, kind, series):
    bring(row(活动名称=name, 类别=category, 主题=theme))
    found = Activity.objects.get()
    assert (found.kind.name, found.series and found.series.name) == (kind, series)


def test_the_office_changes_a_rule_and_the_next_ledger_follows(host):
    kind = ActivityKind.objects.create(name="厂务公开")
    [sheet] = bring(row(类别="民主管理"))
    assert "不在活动类别目录里" in said(sheet)[0]
    ImportRule.objects.create(words="民主管理", kind=kind, series=Series.objects.first())
    bring(row(类别="民主管理"))
    assert Activity.objects.get().kind == kind


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"举办时间": f"{timezone.localdate().year + 1}-05"}, "举办后再填"),
        ({"主办工会": "火星工会委员会"}, "火星工会"),
        ({"地点": "联系人13800138000"}, "这一项会公开"),
        ({"参加人数": "30余人"}, "30余人"),
        ({"举办时间": ""}, "举办时间"),
    ],
)
def test_what_a_row_cant_say_is_refused(host, cells, words):
    [sheet] = bring(row(**cells))
    assert (Activity.objects.count(), words in "".join(said(sheet))) == (0, True)


def test_an_outcome_finds_its_activity_by_name_and_day(host):
    ActivityFactory(union=host, name="招聘会", of="招聘会", held_on="2016-02-06")
    ActivityFactory(union=host, name="招聘会", of="招聘会", held_on="2018-02-04")
    line = {"活动名称": "招聘会", "成果项目": "就业岗位", "数量": 7, "单位": "个"}
    sheets = bring(row(), outcomes=[line, {**line, "举办时间": "2018年2月"}, {**line, "活动名称": "没有的"},
                                    {**line, "举办时间": "2016", "单位": "万个"}])  # fmt: skip
    told = "".join(said(sheets[1]))
    assert [word in told for word in ("登记过几次", "没有登记过", "以「个」计数")] == [True] * 3
    assert Outcome.objects.get().activity.held_on == "2018-02-04"


def test_what_was_planned_is_held_and_no_second_activity(host):
    planned = ActivityFactory(union=host, name="优质课评比（第1期）", held_on="2017-04", state="planned", budget=9000)
    bring(row())
    planned.refresh_from_db()
    assert (Activity.objects.count(), planned.state, planned.held_on, planned.declared, planned.budget) == (
        1, "held", "2017-05-11", 120, 9000,
    )  # fmt: skip


def test_what_is_public_is_counted_but_not_reworded(host, clerk):
    one = ActivityFactory(union=host, name="优质课评比（第1期）", held_on="2017-05-11", declared=3)
    Activity.objects.filter(pk=one.pk).update(
        offered_by=clerk, published_by=UserFactory(), published_at=timezone.now(), spent=5000
    )
    bring(row())
    [sheet] = bring(row(地点="天眼小镇"))
    one.refresh_from_db()
    assert (one.declared, one.place, "已经公开" in said(sheet)[0]) == (120, "", True)


def test_a_plan_comes_in_by_the_ledger_too(host):
    bring(row(举办时间=f"{timezone.localdate().year + 1}年5月", 参加人数="", 类别="读书征文"))
    assert Activity.objects.get().state == "planned"


def test_an_officer_brings_the_own_unions_only(host):
    officer = UserFactory(union=host, roles=(roles.GRASSROOTS,))
    other = ActivityFactory(name="优质课评比（第1期）", held_on="2017-05-11")
    bring(row(), row(活动名称="别家的", 主办工会=other.union.name), by=officer)
    assert list(Activity.objects.filter(union=host).values_list("name", "declared")) == [("优质课评比（第1期）", 120)]
    assert Activity.objects.count() == 2
