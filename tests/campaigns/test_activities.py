"""Acts on activities: who may, on which rows, what follows."""

from datetime import date

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from campaigns import services
from campaigns.models import Activity, ActivityKind, Coverage, Edition, Indicator, Outcome, Photo, Series, VillageAid
from campaigns.todo import desk, todo
from members import roles
from pingtang_union.core.exceptions import DomainError
from pingtang_union.workflow.attachments import CheckedFile
from tests.factories import ActivityFactory, OutcomeFactory, UnionFactory, UserFactory

pytestmark = pytest.mark.django_db
TODAY = date(2018, 6, 1)


@pytest.fixture(autouse=True)
def now():
    with time_machine.travel("2018-06-01T04:00:00+00:00", tick=False):
        yield


@pytest.fixture
def clerk(db):
    return UserFactory(roles=(roles.ECONOMY,))


@pytest.fixture
def other_desk(db):
    return UserFactory(roles=(roles.ORGANISATION,))


def new(union, **values):
    return Activity(union=union, kind=ActivityKind.objects.get(name="文体活动"), **{
        "name": "职工象棋比赛", "held_on": "2018-05-20", "declared": 20, **values,
    })  # fmt: skip


def photo(name="合影.jpg", kind="image/jpeg"):
    return CheckedFile(name, kind, b"\xff\xd8picture")


# --- Entering ----------------------------------------------------------------------------------


def test_a_head_count_says_that_it_was_held_and_the_rules_give_the_series(officer):
    held = services.save_activity(activity=new(officer.union, theme="阳光职工·幸福平塘"), by=officer)
    planned = services.save_activity(
        activity=new(officer.union, name="书法", declared=None, held_on="2018-09"), by=officer
    )
    assert (held.state, held.series.name, planned.state, planned.series) == (
        "held",
        "阳光职工·幸福平塘",
        "planned",
        None,
    )
    planned.declared, planned.held_on = 12, "2018-05-30"
    assert services.save_activity(activity=planned, by=officer).state == "held"


@pytest.mark.parametrize(
    ("values", "words"),
    [({"held_on": "2018-07"}, "举办后再填"), ({"held_on": ""}, "请填写举办时间"), ({"sessions": 0}, "至少为 1"),
     ({"ended_on": "2018-05-01"}, "不能早于"), ({"news": "联系13800138000"}, "手机号"), ({"spent": -1}, "小于零")],
)  # fmt: skip
def test_what_cant_be_is_refused_in_words(officer, values, words):
    with pytest.raises(DomainError, match=words):
        services.save_activity(activity=new(officer.union, **values), by=officer)


def test_the_database_itself_refuses_a_count_of_what_was_not_held():
    for values in ({"state": "planned", "declared": 3}, {"held_on": None}, {"sessions": 0}):
        with pytest.raises(IntegrityError), transaction.atomic():
            ActivityFactory(**values)
    one = ActivityFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        ActivityFactory(union=one.union, name=one.name, held_on=one.held_on)
    with pytest.raises(IntegrityError), transaction.atomic():
        VillageAid.objects.create(activity=one, village="光明村")
    with pytest.raises(ValidationError):
        Coverage(activity=one, title="报道", url="javascript:alert(1)").full_clean()


def test_only_the_own_side_writes(officer, township_officer, outsider, leader, clerk):
    activity = services.save_activity(activity=new(officer.union), by=officer)
    for by in (outsider, leader, UserFactory(roles=(roles.RELIEF,))):
        acts = [
            lambda by=by: services.save_activity(activity=new(officer.union, name="另一个"), by=by),
            lambda by=by: services.save_activity(activity=activity, by=by),
            lambda by=by: services.cancel(activity=activity, reason="因大雨取消", by=by),
            lambda by=by: services.add_part(
                part=Outcome(activity=activity, indicator=Indicator.objects.first(), value=1), by=by
            ),
            lambda by=by: services.add_photos(activity=activity, files=[photo()], by=by),
            lambda by=by: services.offer(activity=activity, by=by),
            lambda by=by: services.publish(activity=activity, by=by),
        ]
        for act in acts:
            with pytest.raises(DomainError):
                act()
    for by in (township_officer, clerk):
        activity.declared = activity.declared + 1
        services.save_activity(activity=activity, by=by)
    assert Activity.objects.get().declared == 22
    assert not Activity.objects.visible_to(outsider).exists()
    assert Activity.objects.visible_to(township_officer).exists()


def test_parts_come_and_go(officer):
    activity = services.save_activity(activity=new(officer.union), by=officer)
    outcome = Outcome(activity=activity, indicator=Indicator.objects.get(name="征文"), value=3)
    services.add_part(part=outcome, by=officer)
    with pytest.raises(DomainError, match="已经登记过"):
        services.add_part(part=Outcome(activity=activity, indicator=outcome.indicator, value=4), by=officer)
    with pytest.raises(DomainError, match="至少填一项"):
        services.add_part(part=VillageAid(activity=activity, village="光明村"), by=officer)
    services.add_part(part=VillageAid(activity=activity, village="光明村", project="安装路灯"), by=officer)
    services.remove_part(part=outcome, by=officer)
    assert (activity.outcomes.count(), activity.village_aid.count()) == (0, 1)
    assert services.add_photos(activity=activity, files=[photo(), photo("台上.jpg")], by=officer) == 2
    with pytest.raises(DomainError, match="不是照片"):
        services.add_photos(activity=activity, files=[photo("方案.pdf", "application/pdf")], by=officer)
    with pytest.raises(DomainError, match="最多 30 张"):
        services.add_photos(activity=activity, files=[photo()] * 29, by=officer)
    assert Photo.objects.count() == 2


def test_only_what_is_planned_is_cancelled(officer):
    held, planned = ActivityFactory(union=officer.union), ActivityFactory(union=officer.union, state="planned")
    with pytest.raises(DomainError, match="只有计划中的"):
        services.cancel(activity=held, reason="因大雨取消", by=officer)
    services.cancel(activity=planned, reason="因大雨取消", by=officer)
    planned.refresh_from_db()
    assert (planned.state, "因大雨取消" in planned.note) == ("cancelled", True)


# --- The next year -----------------------------------------------------------------------------


def test_last_year_is_planned_again_once_without_results(clerk):
    series = Series.objects.get(name="阳光职工·幸福平塘")
    Edition.objects.create(series=series, year="2018", theme="劳动最光荣", programme="象棋、书法。")
    past = ActivityFactory(
        name="2018年职工象棋比赛", series=series, held_on="2018-05-20", spent=3000, news="热闹。", place="县文化广场"
    )
    OutcomeFactory(activity=past)
    ActivityFactory(series=series, held_on="2018-05-02", state="cancelled", declared=None)
    ActivityFactory(series=series, held_on="2018", union=UnionFactory(status="dissolved", dissolved_on="2018-05"))
    ActivityFactory(held_on="2018-05-03")  # of no series
    assert services.copy_edition(series=series, year="2019", by=clerk) == 1
    assert services.copy_edition(series=series, year="2019", by=clerk) == 0
    planned = Activity.objects.get(year="2019")
    assert (planned.name, planned.held_on, planned.state, planned.budget, planned.spent) == (
        "2019年职工象棋比赛", "2019-05", "planned", 3000, None,
    )  # fmt: skip
    assert (planned.declared, planned.news, planned.place) == (None, "", "县文化广场")
    assert not planned.outcomes.exists()
    assert Edition.objects.get(year="2019").programme == "象棋、书法。"


def test_an_officer_plans_the_own_unions_only(officer):
    series = Series.objects.first()
    ActivityFactory(series=series, held_on="2017-05")
    with pytest.raises(DomainError, match="没有可以照办的"):
        services.copy_edition(series=series, year="2018", by=officer)
    ActivityFactory(series=series, held_on="2017-05", union=officer.union)
    assert services.copy_edition(series=series, year="2018", by=officer) == 1
    assert not Edition.objects.exists()
    with pytest.raises(DomainError, match="已经过去"):
        services.copy_edition(series=series, year="2017", by=officer)


# --- What is missing ---------------------------------------------------------------------------


def test_what_is_missing_is_found_and_told(officer, clerk):
    union = officer.union
    late = [ActivityFactory(union=union, held_on=day, state="planned") for day in ("2018-05-31", "2018-05", "2017")]
    for day in ("2018-06-01", "2018-06", "2018"):
        ActivityFactory(union=union, held_on=day, state="planned")
    bare = ActivityFactory(union=union, held_on="2018-04", declared=None)
    old = ActivityFactory(union=union, held_on="2016-04")
    whole = ActivityFactory(union=union, held_on="2018-04-02", news="热闹。")
    services.add_photos(activity=whole, files=[photo()], by=officer)
    found = {what: set(Activity.objects.lacking(what, TODAY)) for what in ("late", "result", "photo", "news")}
    assert found == {"late": {*late}, "result": {bare}, "photo": {bare}, "news": {bare}}
    assert old not in found["photo"]
    assert [(one.label, one.number) for one in desk(clerk, TODAY)] == [
        ("活动已过举办时间未登记结果", 3), ("活动已举办无结果", 1), ("活动近一年举办无照片", 1),
        ("活动近一年举办无报道", 1),
    ]  # fmt: skip
    assert [one.title for one in todo(officer, TODAY)][:3] == [one.name for one in reversed(late)]
    assert (len(todo(officer, TODAY)), desk(UserFactory(roles=(roles.LEADER,)), TODAY)) == (6, [])


# --- In public ---------------------------------------------------------------------------------


def test_two_people_make_it_public_and_a_change_asks_again(officer, clerk, other_desk):
    activity = services.save_activity(activity=new(officer.union, news="热闹。"), by=officer)
    services.add_photos(activity=activity, files=[photo()], by=officer)
    with pytest.raises(DomainError, match="没有提请公开"):
        services.publish(activity=activity, by=clerk)
    services.offer(activity=activity, by=clerk)
    with pytest.raises(DomainError, match="另一人"):
        services.publish(activity=activity, by=clerk)
    services.publish(activity=activity, by=other_desk)
    assert Activity.objects.public().count() == Photo.objects.filter(is_public=True).count() == 1
    activity.refresh_from_db()
    activity.spent = 300
    services.save_activity(activity=activity, by=officer)
    assert Activity.objects.public().exists()
    activity.news = "更热闹。"
    services.save_activity(activity=activity, by=officer)
    assert not Activity.objects.public().exists()
    services.publish(activity=activity, by=clerk)
    services.withdraw(activity=activity, by=other_desk)
    assert (Activity.objects.public().exists(), Photo.objects.filter(is_public=True).exists()) == (False, False)


def test_nobody_passes_the_own_photo(officer, clerk):
    activity = ActivityFactory(union=officer.union)
    services.offer(activity=activity, by=officer)
    services.add_photos(activity=activity, files=[photo()], by=clerk)
    services.publish(activity=activity, by=clerk)
    assert not Photo.objects.get().is_public


def test_numbers_don_t_go_out(officer):
    activity = ActivityFactory(union=officer.union, news="身份证522727198001011239，手机13800138000")
    with pytest.raises(DomainError, match="不能公开"):
        services.offer(activity=activity, by=officer)


def test_a_link_added_to_a_public_activity_waits_for_another_yes(officer, clerk, other_desk):
    activity = ActivityFactory(union=officer.union)
    services.offer(activity=activity, by=clerk)
    services.publish(activity=activity, by=other_desk)

    link = Coverage(activity=activity, title="县城徒步走", url="https://example.org/1")
    services.add_part(part=link, by=officer)

    assert not Activity.objects.public().exists()
    services.publish(activity=activity, by=clerk)
    assert Activity.objects.public().exists()
