"""Service points and merchants: public once another has confirmed them, without anybody's numbers."""

import io
from datetime import date, timedelta

import pytest
from django.contrib import admin
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from members import roles
from pingtang_union.core.exceptions import DomainError
from pingtang_union.workflow.public_files import PublicFile, pass_file
from relief import services
from relief.models import Agreement, Merchant, PlaceKind, ServicePoint
from tests.factories import MerchantFactory, ServicePointFactory, UnionFactory, UserFactory, county

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk():
    return UserFactory(roles=(roles.RELIEF,))


def picture() -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "green").save(out, "JPEG")
    return SimpleUploadedFile("驿站.jpg", out.getvalue(), "image/jpeg")


def sent(union, **told) -> dict:
    return {
        "kind": PlaceKind.objects.first().pk, "name": "河畔驿站", "union": union.pk, "township": "平舟镇",
        "address": "河畔路1号", "offers": "饮水、充电", "keeper": "镇工会", "hours": "每日 7:00—21:00",
        "starts_on": "2020-01-01",
    } | told  # fmt: skip


def test_an_officers_point_is_public_once_the_county_has_confirmed_it(officer, clerk, client, signed_in):
    answer = signed_in(officer).post(reverse("relief:servicepoint_create"), sent(officer.union), follow=True)
    assert "由县总工会确认后公开" in answer.content.decode()
    point = ServicePoint.objects.get()
    assert (point.written_by, point.confirmed_by) == (officer, None)
    public = reverse("relief:points")
    assert "河畔驿站" not in client.get(public).content.decode()
    page = signed_in(clerk).post(reverse("admin:relief_servicepoint_confirm", args=[point.pk]), follow=True)
    assert "已确认公开" in page.content.decode()
    for address in (public, reverse("home"), f"{public}?township=平舟镇", f"{public}?kind={point.kind_id}"):
        assert "河畔驿站" in client.get(address).content.decode(), address
    for query in ("?township=金盆街道", "?kind=999", f"?kind={PlaceKind.objects.last().pk}"):
        assert "河畔驿站" not in client.get(public + query).content.decode(), query


def test_a_change_waits_again_and_closing_does_not(officer, clerk, client, signed_in):
    point = services.confirm_place(ServicePointFactory(union=officer.union, written_by=officer), by=clerk)
    point.ends_on = timezone.localdate() + timedelta(days=1)
    assert services.save_place(point, by=officer).confirmed_by == clerk
    signed_in(officer).post(reverse("relief:servicepoint_update", args=[point.pk]), sent(officer.union))
    point.refresh_from_db()
    assert (point.name, point.confirmed_by) == ("河畔驿站", None)


@pytest.mark.parametrize(
    ("starts", "ends", "is_there"), [(0, None, True), (1, None, False), (-5, -1, False), (-5, 0, True)]
)
def test_only_what_is_open_today(starts, ends, is_there, clerk, client):
    today = timezone.localdate()
    dates = {"starts_on": today + timedelta(days=starts)}
    point = ServicePointFactory(**dates, ends_on=None if ends is None else today + timedelta(days=ends))
    services.confirm_place(point, by=clerk)
    assert (point.name in client.get(reverse("relief:points")).content.decode()) == is_there
    merchant = MerchantFactory(**dates, ends_on=today + timedelta(days=9 if ends is None else ends))
    services.confirm_place(merchant, by=clerk)
    assert (merchant.name in client.get(reverse("relief:merchants")).content.decode()) == is_there


def test_who_wrote_it_does_not_confirm_and_nobody_else_does(officer, clerk):
    point = ServicePointFactory(union=officer.union, written_by=clerk)
    with pytest.raises(DomainError, match="另一人确认"):
        services.confirm_place(point, by=clerk)
    for by in (officer, UserFactory(roles=(roles.FINANCE,)), UserFactory(roles=(roles.LEADER,))):
        with pytest.raises(DomainError, match="没有办理"):
            services.confirm_place(point, by=by)
    with pytest.raises(IntegrityError), transaction.atomic():
        ServicePoint.objects.update(confirmed_by=clerk, confirmed_at=timezone.now())


def test_another_unions_point_is_out_of_reach(officer, signed_in):
    other = ServicePointFactory(union=UnionFactory())
    client = signed_in(officer)
    for name in ("detail", "update", "photo"):
        assert client.get(reverse(f"relief:servicepoint_{name}", args=[other.pk])).status_code == 404
    client.post(reverse("relief:servicepoint_create"), sent(other.union))
    assert ServicePoint.objects.count() == 1
    other.name = "改"
    with pytest.raises(DomainError, match="没有登记"):
        services.save_place(other, by=officer)


@pytest.mark.parametrize(
    ("field", "words"),
    [("phone", "13885412345"), ("offers", "找王师傅一三八八五四一二三四五"), ("keeper", "522727 19800101 123X"),
     ("hours", "来前打138 8541 2345"), ("address", "卡号6217000012341234567")],
)  # fmt: skip
def test_nothing_of_anybody_becomes_public(field, words, officer, clerk, client, signed_in):
    page = signed_in(officer).post(reverse("relief:servicepoint_create"), sent(officer.union, **{field: words}))
    assert "不能公开" in page.content.decode()
    assert not ServicePoint.objects.exists()
    point = ServicePointFactory(union=officer.union)
    ServicePoint.objects.update(**{field: words[:20]})  # past every form
    with pytest.raises(DomainError, match="不能公开"):
        services.confirm_place(point, by=clerk)
    ServicePoint.objects.update(confirmed_by=clerk, confirmed_at=timezone.now())
    assert words[:20] not in client.get(reverse("relief:points")).content.decode()


def test_a_photo_waits_for_a_second_person(officer, clerk, client, signed_in):
    point = services.confirm_place(ServicePointFactory(union=officer.union, written_by=officer), by=clerk)
    signed_in(officer).post(reverse("relief:servicepoint_photo", args=[point.pk]), {"photo": picture()})
    file, public = PublicFile.objects.get(), reverse("relief:points")
    point.refresh_from_db()
    assert (point.photo, file.added_by, file.is_waiting, point.confirmed_by) == (file, officer, True, clerk)
    address = reverse("public_file", args=[file.token])
    assert address not in client.get(public).content.decode()
    assert client.get(address).status_code == 404
    pass_file(file=file, by=clerk)
    assert address in client.get(public).content.decode()
    assert client.get(address)["Content-Type"] == "image/jpeg"
    signed_in(officer).post(reverse("relief:servicepoint_photo", args=[point.pk]), {"photo": picture()})
    assert client.get(address).status_code == 404  # the former one


def test_a_photo_is_a_picture(officer, signed_in):
    point = ServicePointFactory(union=officer.union)
    paper = SimpleUploadedFile("驿站.pdf", b"%PDF-1.4\n%%EOF", "application/pdf")
    page = signed_in(officer).post(reverse("relief:servicepoint_photo", args=[point.pk]), {"photo": paper})
    assert page.status_code == 200
    assert not PublicFile.objects.exists()


def test_an_agreement_is_not_public(clerk, officer, client, signed_in):
    merchant = MerchantFactory()
    signed_in(clerk).post(reverse("admin:relief_merchant_agreement", args=[merchant.pk]), {"file": picture()})
    file = reverse("relief:agreement", args=[Agreement.objects.get().pk])
    assert signed_in(clerk).get(file).status_code == 200
    assert client.get(file).status_code == 302
    assert signed_in(officer).get(file).status_code == 403


def test_a_table_brought_in_is_written_by_who_brings_it(clerk, rf):
    merchant = services.confirm_place(MerchantFactory(), by=clerk)
    request = rf.get("/")
    request.user = clerk
    admin.site._registry[Merchant].brought_in(request, merchant)
    merchant.save()
    merchant.refresh_from_db()
    assert (merchant.written_by, merchant.confirmed_by) == (clerk, None)


def test_public_pages_ask_as_much_for_many(clerk, client):
    counted = []
    for _ in range(2):
        services.confirm_place(ServicePointFactory(union=county()), by=clerk)
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse("relief:points"))
        counted.append(len(captured))
    assert counted[0] == counted[1]


def test_the_desk_counts_what_waits_for_others(clerk, signed_in):
    ServicePointFactory(union=county(), written_by=clerk)
    assert "服务站点待确认" not in signed_in(clerk).get(reverse("desk")).content.decode()
    ServicePointFactory(union=county())
    page = signed_in(clerk).get(reverse("desk")).content.decode()
    assert "服务站点待确认" in page


def test_dates_in_order():
    with pytest.raises(IntegrityError), transaction.atomic():
        MerchantFactory(starts_on=date(2026, 1, 2), ends_on=date(2026, 1, 1))
