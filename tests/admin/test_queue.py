"""The page of the background work: who sees it, what it tells, and what it doesn't."""

import time

import pytest
from django.contrib import admin
from django.core.cache import caches
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from members import roles
from pingtang_union.ledger.importing.progress import CHECKING, Progress
from pingtang_union.ledger.models import BatchKind, BatchState, ImportBatch
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
URL = reverse("admin:core_importbatch_queue")


@pytest.fixture(autouse=True)
def _without_a_worker():
    caches["progress"].clear()


def batch(by, state, **values) -> ImportBatch:
    values = {"file_name": "欧阳修.xlsx", "moved_at": timezone.now(), **values}
    return ImportBatch.objects.create(union=by.union, by=by, state=state, sha256="0" * 64, **values)


def beat(seconds_ago: float, batch_id: int | None = None) -> None:
    caches["progress"].set("worker", {"at": time.time() - seconds_ago, "batch": batch_id})


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (roles.ORGANISATION, 200), (roles.ECONOMY, 200), (roles.SYSTEM_ADMIN, 200), (roles.AUDITOR, 200),
        (roles.SECURITY_ADMIN, 403), (roles.FINANCE, 403),
    ],
)  # fmt: skip
def test_who_may_see_it(role, status, signed_in):
    assert signed_in(UserFactory(roles=(role,))).get(URL).status_code == status


def test_officers_have_no_way_to_it(officer, signed_in):
    assert signed_in(officer).get(URL).status_code == 302


def test_what_waits_runs_and_failed_is_told_without_names(system_admin, officer, signed_in):
    waits = batch(officer, BatchState.QUEUED)
    runs = batch(officer, BatchState.CHECKING, attempts=2)
    failed = batch(officer, BatchState.FAILED, error="没有导入：数据库拒绝了。")
    batch(officer, BatchState.READY)
    Progress(runs.pk, CHECKING).step(10)

    response = signed_in(system_admin).get(URL)

    page = response.content.decode()
    assert [(line.batch.pk, line.state) for line in response.context["running"]] == [
        (waits.pk, "排队等候检查"), (runs.pk, "正在检查"),
    ]  # fmt: skip
    assert [line.batch.pk for line in response.context["failed"]] == [failed.pk]
    assert "读取文件，0%（第 2 次）" in page
    assert "没有导入：数据库拒绝了。" in page
    assert ("欧阳修" in page, reverse("ledger_batch", args=[failed.pk]) in page) == (False, False)


def test_an_undoing_is_called_so(county_clerk, officer, signed_in):
    written = batch(officer, BatchState.WRITTEN)
    undoing = batch(officer, BatchState.WAITING, kind=BatchKind.UNDO, undoes=written, reason="传错了文件")

    response = signed_in(county_clerk).get(URL)

    assert [line.state for line in response.context["running"]] == ["排队等候撤销"]
    assert reverse("ledger_batch", args=[undoing.pk]) in response.content.decode()


def test_another_countys_queue_is_not_told(outsider, officer, signed_in):
    batch(officer, BatchState.FAILED, error="某个原因")

    response = signed_in(outsider).get(URL)

    assert (response.context["number"], response.context["failed_number"]) == (0, 0)
    assert "某个原因" not in response.content.decode()


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(None, "后台程序没有运行"), (300, "最近一次响应为 5 分钟以前"), (5, "正在处理第 77 批")],
)
def test_whether_a_worker_lives(seconds, said, system_admin, signed_in):
    if seconds is not None:
        beat(seconds, 77)

    assert said in signed_in(system_admin).get(URL).content.decode()


def test_queries_do_not_grow(system_admin, officer, signed_in):
    client = signed_in(system_admin)
    client.get(URL)
    counts = []
    for number in (1, 3):
        for _ in range(number):
            batch(officer, BatchState.QUEUED)
            batch(officer, BatchState.FAILED, error="原因")
        with CaptureQueriesContext(connection) as asked:
            client.get(URL)
        counts.append(len(asked))
    assert counts[0] == counts[1]


@pytest.mark.parametrize(("seconds", "is_warned"), [(None, True), (300, True), (5, False)])
def test_who_waits_for_a_worker_that_is_gone_is_told(seconds, is_warned, officer, signed_in):
    if seconds is not None:
        beat(seconds)
    waits = batch(officer, BatchState.QUEUED)

    page = signed_in(officer).get(reverse("ledger_batch", args=[waits.pk])).content.decode()

    assert ("后台程序没有运行" in page) is is_warned


def test_the_sidebar_shows_this_page_and_not_the_batches(county_clerk, rf):
    active = {}
    for address in (URL, reverse("admin:core_importbatch_changelist")):
        request = rf.get(address)
        request.user = county_clerk
        groups = admin.site.get_sidebar_list(request)
        active[address] = [item["title"] for group in groups for item in group["items"] if item["active"]]
    assert list(active.values()) == [["后台处理"], ["台账导入批次"]]
