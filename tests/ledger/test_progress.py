"""How far a running batch is: rows done, the share, the time left, and when nobody can be running it any more."""

import pytest
from django.urls import reverse

from pingtang_union.ledger.importing import progress
from pingtang_union.ledger.models import BatchState, ImportBatch

STEPS = (("读取文件", 0.5), ("导入", 0.5))


@pytest.fixture
def clock(monkeypatch):
    """A clock that the test sets."""

    class Clock:
        now = 1_000.0

        def time(self) -> float:
            return self.now

    clock = Clock()
    monkeypatch.setattr(progress, "time", clock)
    return clock


def test_rows_done_and_the_time_left_follow_from_the_steps(clock):
    told = progress.Progress(7, STEPS)
    told.step()
    clock.now += 10
    told.step(1000)
    standing = progress.standing(7)
    assert (standing.step, standing.done, standing.total, standing.share) == ("导入", 0, 1000, 0.5)
    assert standing.seconds_left == 10
    clock.now += 5
    told.tick(500)
    standing = progress.standing(7)
    assert (standing.done, standing.share, standing.seconds_left) == (500, 0.75, 5)
    told.end()
    assert progress.standing(7) is None


def test_who_has_long_said_nothing_has_died(clock):
    told = progress.Progress(7, STEPS)
    told.step(1000)
    clock.now += 90
    assert not progress.standing(7).is_lost
    clock.now += 1
    assert progress.standing(7).is_lost
    told.tick(1)
    assert not progress.standing(7).is_lost
    told.end()


def test_nothing_is_said_of_the_time_while_nobody_can_tell(clock):
    told = progress.Progress(7, STEPS)
    assert progress.standing(7).seconds_left is None
    told.step(1000)
    clock.now += 1
    told.tick(10)
    assert progress.standing(7).seconds_left is None
    told.end()


@pytest.mark.django_db
def test_the_page_tells_rows_and_time_and_offers_to_go_on_with_what_was_lost(clock, officer, grassroots, signed_in):
    client = signed_in(officer)
    batch = ImportBatch.objects.create(
        union=grassroots, by=officer, state=BatchState.WRITING, file_name="甲.xlsx", sha256="0" * 64
    )
    told = progress.Progress(batch.pk, STEPS)
    told.step()
    clock.now += 60
    told.step(1000)
    clock.now += 30
    told.tick(500)
    page = reverse("ledger_progress", args=[batch.pk])
    text = client.get(page).content.decode()
    assert "已处理 500 条，共 1000 条，大约还要 30 秒" in text
    assert '<progress class="progress" value="75" max="100"' in text
    assert reverse("ledger_resume", args=[batch.pk]) not in text
    clock.now += 91
    assert reverse("ledger_resume", args=[batch.pk]) in client.get(page).content.decode()
    told.end()
