"""Whatever a job over foreign bytes does, it ends the child and nothing else, and its end is told apart."""

import os
import threading
import time
from typing import Any

import pytest

from pingtang_union.files import limited

pytestmark = pytest.mark.usefixtures("real_children")


def heard(job: str, content: bytes = b"", told: Any = None, **options: Any) -> list[tuple[str, Any]]:
    """What a job of `tests.files.jobs` says."""
    answer: list[tuple[str, Any]] = []
    options.setdefault("seconds", 20)
    limited.run(f"tests.files.jobs:{job}", content, told, hear=lambda *said: answer.append(said), **options)
    return answer


def test_a_job_gets_bytes_and_words_and_answers_with_both():
    told = {"name": "会员花名册", "rows": [1, None, "二"]}
    assert heard("echo", b"\0\xff" * 100_000, told) == [("told", told), ("bytes", b"\0\xff" * 100_000)]


def test_a_child_knows_no_secret(monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "very secret")
    assert os.environ["DATA_KEY"]
    [(_kind, environment), (_other, folder)] = heard("look_around")
    # What the interpreter sets for itself is all there is.
    assert set(environment) <= {"LC_CTYPE"}
    assert folder == "/"


@pytest.mark.parametrize(
    ("job", "told", "end"),
    [
        ("refuse", None, limited.Refused),
        ("eat", None, limited.TooBig),
        ("send_much", None, limited.TooBig),
        ("fail", None, limited.Damaged),
        ("open_sockets", None, limited.Damaged),
        ("nothing_of_this_name", None, limited.Damaged),
        ("die", "SIGSEGV", limited.TooBig),
        ("die", "SIGABRT", limited.TooBig),
        ("die", "SIGXCPU", limited.TooSlow),
        ("die", "SIGKILL", limited.Interrupted),
        ("die", "SIGTERM", limited.Interrupted),
        ("die", "SIGHUP", limited.Interrupted),
    ],
)
def test_each_end_is_told_apart(job, told, end):
    with pytest.raises(limited.NotDone) as caught:
        heard(job, told=told)
    assert type(caught.value) is end


def test_a_child_killed_before_it_reads_is_interrupted_too(monkeypatch):
    """Its pipe breaks while the file is still being handed over."""
    monkeypatch.setattr(limited, "_CHILD", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    with pytest.raises(limited.Interrupted):
        limited.run("tests.files.jobs:echo", b"x" * 1_000_000, hear=lambda _kind, _value: None, seconds=20)


def test_words_of_a_refusal_reach_the_person_and_a_failure_says_nothing_of_the_content():
    with pytest.raises(limited.Refused, match="是空白的。"):
        heard("refuse")
    with pytest.raises(limited.Damaged) as caught:
        heard("fail")
    assert "姓名" not in str(caught.value)


def test_a_job_that_never_ends_is_ended():
    began = time.monotonic()
    with pytest.raises(limited.TooSlow):
        heard("never_end", seconds=0.5)
    assert time.monotonic() - began < 10


def test_a_job_that_uses_the_processor_for_too_long_is_ended_by_the_system(monkeypatch):
    begin = "import sys; sys.path.append(sys.argv[2]); from pingtang_union.files import child"
    monkeypatch.setattr(limited, "_CHILD", f"{begin}; child.CPU_SECONDS = 1; child.main()")
    with pytest.raises(limited.TooSlow):
        heard("use_the_processor", seconds=30)


def test_a_child_leaves_nothing_on_the_disk(tmp_path):
    place = tmp_path / "left"
    with pytest.raises(limited.NotDone):
        heard("write_down", told=str(place))
    assert not place.exists() or place.stat().st_size == 0


def test_an_error_of_who_hears_ends_the_child_too():
    def hear(kind: str, value: Any) -> None:
        raise LookupError

    began = time.monotonic()
    with pytest.raises(LookupError):
        limited.run("tests.files.jobs:speak_and_wait", b"", hear=hear, seconds=60)
    assert time.monotonic() - began < 10


def test_two_at_once_and_the_next_waits_its_time():
    began = [threading.Event() for _ in range(limited.AT_ONCE)]
    let_go = threading.Event()

    def hold(event: threading.Event) -> None:
        def hear(kind: str, value: Any) -> None:
            event.set()
            let_go.wait(20)

        limited.run("tests.files.jobs:hold_a_place", b"", 0, hear=hear, seconds=60)

    holders = [threading.Thread(target=hold, args=[event]) for event in began]
    for holder in holders:
        holder.start()
    assert all(event.wait(20) for event in began)
    try:
        with pytest.raises(limited.Busy):
            heard("echo", patience=0.2)
        timer = threading.Timer(0.3, let_go.set)
        timer.start()
        assert heard("echo", told="now") == [("told", "now"), ("bytes", b"")]
    finally:
        let_go.set()
        for holder in holders:
            holder.join()
