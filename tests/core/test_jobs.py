"""Work of the night: once, whoever asks, and what fails is tried again the next night."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone
from django.utils.timezone import localtime

from members.models import NumberAttempt
from pingtang_union.core import jobs
from pingtang_union.core.portal import Kept
from pingtang_union.models import JobRun

pytestmark = pytest.mark.django_db


@pytest.fixture
def done(monkeypatch) -> list[str]:
    """The names of jobs as they are done: one of no rows, one that forgets after thirty days."""
    did: list[str] = []
    forgetting = Kept("a.Row", timedelta(days=30), "enough", lambda before: did.append(f"{localtime(before):%m-%d}"))
    declared = {
        "JOBS": {"each": lambda: did.append("each")},
        "KEPT_FOR": [Kept("a.Kept", None, "law"), forgetting],
    }
    for name in ("declared", "merged"):
        monkeypatch.setattr(jobs, name, declared.__getitem__)
    return did


def run_at(moment: str) -> None:
    with time_machine.travel(f"2026-11-{moment}+08:00", tick=False):
        jobs.run_due()


def test_each_job_is_done_in_its_nights_and_once(done):
    run_at("10T12:00:00")
    assert done == []  # its first night is still to come
    for moment in ("11T02:59:00", "11T03:00:00", "11T03:01:00", "11T23:00:00"):
        run_at(moment)
    assert done == ["each", "10-12"]
    run_at("12T08:00:00")  # the worker was off in the night
    assert done == ["each", "10-12", "each", "10-13"]


def test_of_two_workers_one_does_it(done, monkeypatch):
    run_at("10T12:00:00")
    found = JobRun.objects.get(name="each")
    run_at("11T04:00:00")
    monkeypatch.setattr(JobRun.objects, "get_or_create", lambda name, defaults: (found, False))  # read before the other
    run_at("11T04:00:01")
    assert done.count("each") == 1


def test_one_that_fails_keeps_no_other_from_its_turn_and_is_tried_again(done, monkeypatch, caplog):
    def fail() -> None:
        done.append("failed")
        raise OSError

    monkeypatch.setattr(jobs, "jobs", lambda: {"bad": fail, "good": lambda: done.append("good")})
    for moment in ("10T12:00:00", "11T04:00:00", "11T05:00:00", "12T04:00:00"):
        run_at(moment)
    assert done == ["failed", "good"] * 2
    assert [record.message for record in caplog.records if record.levelname == "ERROR"] == ["bad failed"] * 2


def test_old_tries_of_numbers_are_forgotten_and_files_only_where_the_office_says_so(officer):
    now = timezone.now()
    for days in (29, 31):
        facts = {"union": officer.union, "account": officer, "number": str(days)}
        NumberAttempt.objects.create(**facts, at=now - timedelta(days=days))
    found = jobs.jobs()
    found["forget members.NumberAttempt"]()
    assert NumberAttempt.objects.count() == 1
    assert "forget core.ImportFile" not in found
