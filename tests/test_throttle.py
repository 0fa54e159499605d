"""How often an address may try: one count for all processes, and none gets on where nobody can count."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import time_machine
from django.conf import settings as stated
from django.core.cache import caches

from pingtang_union.throttle import tried_too_often

LIMIT = {"most": 3, "period": 600}


def handles(number):
    """As many processes have: each its own."""
    return [caches.create_connection("tries") for _ in range(number)]


def test_two_processes_count_together():
    one, other = handles(2)
    tries = [tried_too_often("verify-a", counts=counts, **LIMIT) for counts in (one, other, one, other, one)]
    assert tries == [False, False, False, True, True]
    assert not tried_too_often("verify-b", counts=other, **LIMIT)


def test_no_try_is_lost_of_many_at_once():
    with ThreadPoolExecutor(8) as people:
        tries = people.map(lambda counts: tried_too_often("verify-a", counts=counts, **LIMIT), handles(40))
        assert sorted(tries) == [False] * 3 + [True] * 37


def test_the_period_runs_from_the_first_try_on():
    with time_machine.travel("2026-11-28 10:00", tick=False) as now:
        for minutes, is_too_often in ((0, False), (4, False), (8, False), (9, True), (11, False)):
            now.move_to(f"2026-11-28 10:{minutes:02}")
            assert tried_too_often("verify-a", **LIMIT) == is_too_often, minutes


def test_where_nobody_can_count_nobody_gets_on(settings, tmp_path, caplog):
    assert not tried_too_often("verify-10.1.1.1", **LIMIT)
    [kept] = Path(stated.CACHES["tries"]["LOCATION"]).glob("*.djcache")
    kept.write_bytes(b"broken")
    assert tried_too_often("verify-10.1.1.1", **LIMIT)
    file = tmp_path / "no folder"
    file.touch()
    settings.CACHES = {**settings.CACHES, "tries": {**settings.CACHES["tries"], "LOCATION": str(file / "tries")}}
    assert tried_too_often("verify-10.2.2.2", **LIMIT)
    assert caplog.text.count("nobody can count how often verify was asked") == 2
    assert "10.1.1.1" not in caplog.text, "the log holds no address"
