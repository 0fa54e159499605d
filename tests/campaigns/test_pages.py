"""Pages of activities: entry on a phone, plan, what strangers read."""

import io
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from campaigns import services
from campaigns.models import Activity, ActivityKind, Coverage, Edition, Indicator, Photo, Series
from campaigns.todo import todo
from members import roles
from tests.factories import ActivityFactory, OutcomeFactory, UserFactory
from tests.page_helpers import errors, filled, listed

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def now(time_machine):
    time_machine.move_to("2018-06-01T04:00:00+00:00", tick=False)


@pytest.fixture
def clerk(db):
    return UserFactory(roles=(roles.ECONOMY,))


def url(name, *args):
    return reverse(f"campaigns:{name}", args=args)


def published(officer, clerk, **values):
    """A public activity of the officer's union."""
    activity = ActivityFactory(union=officer.union, **values)
    services.offer(activity=activity, by=officer)
    return services.publish(activity=activity, by=clerk)


def test_an_officer_enters_an_activity_with_five_fields(signed_in, officer):
    client = signed_in(officer)
    page = client.get(url("activity_create"))
    first = [field.name for field in page.context["form"].grouped()[0].fields]
    assert first == ["name", "kind", "held_on", "place", "declared"]
    data = filled(page, name="职工徒步走", kind=ActivityKind.objects.get(name="职工徒步走").pk, declared=80)
    client.post(url("activity_create"), data)
    planned = {**data, "name": "秋季徒步走", "held_on": "2018年9月", "declared": ""}
    client.post(url("activity_create"), planned)
    assert Activity.objects.get(held_on="2018-09").state == "planned"
    activity = Activity.objects.get(held_on="2018-06-01")
    assert (activity.held_on, activity.state, activity.union) == ("2018-06-01", "held", officer.union)
    assert errors(client.post(url("activity_create"), data)) == {"name": ["这个工会同名、同一时间的活动已经登记过。"]}


def test_a_planned_one_is_reported_with_what_is_not_known_yet(signed_in, officer):
    planned = ActivityFactory(union=officer.union, state="planned", held_on="2018-05-20")
    client = signed_in(officer)
    page = client.get(url("activity_report", planned.pk))
    assert [*page.context["form"].fields] == ["declared", "held_on", "sessions", "spent", "news"]
    client.post(url("activity_report", planned.pk), filled(page, declared=33))
    planned.refresh_from_db()
    assert (planned.state, planned.declared) == ("held", 33)
    assert "登记结果" not in [one.badge for one in todo(officer, date(2018, 6, 1))]


def test_parts_and_photos_on_their_pages(signed_in, officer):
    activity = ActivityFactory(union=officer.union, of="驻村走访")
    client = signed_in(officer)
    indicator = Indicator.objects.get(name="征文")
    client.post(url("outcome_add", activity.pk), {"indicator": indicator.pk, "value": 4})
    client.post(
        url("villageaid_add", activity.pk), {"village": "光明村", "funds": "2000", "goods": "0", "project": "路灯"}
    )
    client.post(url("coverage_add", activity.pk), {"title": "走进光明村", "url": "https://example.cn/1"})
    Image.new("RGB", (8, 8)).save(picture := io.BytesIO(), "JPEG")
    sent = {
        "photos": [SimpleUploadedFile("一.jpg", picture.getvalue()), SimpleUploadedFile("二.jpg", picture.getvalue())]
    }
    client.post(url("photo_add", activity.pk), sent)
    page = client.get(url("activity_detail", activity.pk)).content.decode()
    assert [word in page for word in ("征文", "2,000.00", "路灯", "走进光明村")] == [True] * 4
    kept = Photo.objects.first()
    assert client.get(url("photo", kept.pk)).headers["Content-Type"] == "image/jpeg"
    client.post(url("outcome_remove", activity.outcomes.get().pk))
    client.post(url("photo_remove", kept.pk))
    assert (activity.outcomes.count(), activity.photos.count()) == (0, 1)
    refused = client.post(url("photo_add", activity.pk), {"photos": SimpleUploadedFile("坏.jpg", b"#!/bin/sh\n")})
    assert (refused.status_code, activity.photos.count()) == (200, 1)


def test_another_unions_pages_are_not_there(signed_in, outsider, officer):
    activity = ActivityFactory(union=officer.union)
    outcome = OutcomeFactory(activity=activity)
    client = signed_in(outsider)
    names = ("detail", "update", "report", "cancel", "offer", "withdraw")
    addresses = [url(f"activity_{name}", activity.pk) for name in names]
    addresses += [url(f"{part}_add", activity.pk) for part in ("outcome", "villageaid", "coverage", "photo")]
    addresses.append(url("outcome_remove", outcome.pk))
    assert {client.get(address).status_code for address in addresses} <= {403, 404}
    assert activity.name not in client.get(url("plan") + "?year=2017").content.decode()
    assert listed(client.get(url("activity_list"))) == []


@pytest.mark.parametrize(("what", "found"), [("late", 1), ("photo", 1), ("news", 0), ("nonsense", 0)])
def test_the_list_finds_what_is_missing(signed_in, officer, what, found):
    ActivityFactory(union=officer.union, state="planned", held_on="2018-05")
    ActivityFactory(union=officer.union, held_on="2018-04", news="热闹。")
    assert len(listed(signed_in(officer).get(url("activity_list"), {"lacks": what}))) == found


def test_the_plan_and_an_edition_beside_the_year_before(signed_in, clerk):
    series = Series.objects.first()
    Edition.objects.create(series=series, year="2018", theme="劳动最光荣")
    ActivityFactory(series=series, held_on="2017-05-20", declared=100, spent=800)
    ActivityFactory(name="今年的比武", series=series, held_on="2018-05", declared=130)
    client = signed_in(clerk)
    plan = client.get(url("plan"), {"year": "2018"})
    assert [(month, [day for day, _one in days]) for month, days in plan.context["months"]] == [("5月", ["日期待定"])]
    page = client.get(url("edition", series.pk, "2018"))
    [kind] = page.context["kinds"]
    assert (kind["people_now"], kind["people_then"], kind["spent_then"]) == (130, 100, "800.00")
    assert "劳动最光荣" in page.content.decode()
    client.post(url("edition_copy", series.pk, "2019"))
    assert [one.name for one in Activity.objects.filter(year="2019")] == ["今年的比武"]
    assert client.get(url("edition", series.pk, "20x8")).status_code == 404


@pytest.mark.parametrize("name", ["activity_list", "plan", "public_calendar", "public_ics"])
def test_pages_cost_the_same_for_few_and_many(signed_in, officer, clerk, django_assert_num_queries, name):
    client = signed_in(officer)
    client.get(url(name))  # the first request of a session writes it
    for number in (1, 3):
        for _one in range(number):
            published(officer, clerk, series=Series.objects.first(), held_on="2018-05-20")
        with django_assert_num_queries(QUERIES[name]):
            client.get(url(name))


QUERIES = {"activity_list": 12, "plan": 8, "public_calendar": 7, "public_ics": 3}


def test_strangers_read_what_two_people_passed(client, officer, clerk):
    hidden = ActivityFactory(union=officer.union, name="内部比武", held_on="2018-06-20", state="planned")
    shown = published(
        officer, clerk, name="五一书法大赛，复赛", held_on="2018-06-21", state="planned", place="县文化馆"
    )
    Coverage.objects.create(activity=shown, title="开赛", url="https://example.cn/2")
    for address in (reverse("home"), url("public_calendar"), url("public_activity", shown.pk)):
        page = client.get(address).content.decode()
        assert ("五一书法大赛" in page, "内部比武" in page) == (True, False), address
    assert client.get(url("public_activity", hidden.pk)).status_code == 404
    calendar = client.get(url("public_ics")).content.decode()
    assert calendar.startswith("BEGIN:VCALENDAR\r\n")
    assert "DTSTART;VALUE=DATE:20180621\r\nDTEND;VALUE=DATE:20180622\r\n" in calendar
    assert max(len(line.encode()) for line in calendar.split("\r\n")) <= 75
    services.withdraw(activity=shown, by=clerk)
    assert client.get(url("public_activity", shown.pk)).status_code == 404
    assert "书法" not in client.get(reverse("home")).content.decode()


def test_staff_work_in_the_admin(signed_in, clerk, officer):
    client = signed_in(clerk)
    activity = ActivityFactory(union=officer.union, news="热闹。")
    services.offer(activity=activity, by=officer)
    queue = client.get(reverse("admin:campaigns_activity_changelist"), {"public": "offered"})
    assert queue.context["cl"].result_count == 1
    client.post(reverse("admin:campaigns_activity_publish", args=[activity.pk]), {})
    activity.refresh_from_db()
    assert activity.published_by == clerk
    planned = ActivityFactory(state="planned")
    client.post(reverse("admin:campaigns_activity_cancel", args=[planned.pk]), {"reason": "因大雨取消"})
    planned.refresh_from_db()
    assert planned.state == "cancelled"
    assert client.get(reverse("admin:campaigns_activity_add")).status_code == 200
