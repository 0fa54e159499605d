"""The parent of the child process: who wants a job done over bytes from outside calls `run`."""

import contextlib
import fcntl
import logging
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

import orjson
from django.conf import settings

from pingtang_union.files import child

logger = logging.getLogger(__name__)
AT_ONCE = 2  # children on the whole machine: each may take half a gigabyte
PATIENCE_SECONDS = 10.0  # that a person waits for a place among them
_ROOT = str(Path(__file__).resolve().parents[2])
_CHILD = "import sys; sys.path.append(sys.argv[2]); from pingtang_union.files.child import main; main()"
# What an administrator, a restart or the kernel short of memory sends: it says nothing of the file.
_FROM_OUTSIDE = {-signal.SIGKILL, -signal.SIGTERM, -signal.SIGINT, -signal.SIGHUP}


class NotDone(Exception):
    """Why a job came to no answer. Callers say it in the words of their file."""


class Refused(NotDone):
    """The job's own words for the person."""


class TooBig(NotDone):
    """The limit of memory, or of what may be answered."""


class TooSlow(NotDone):
    """The limit of time."""


class Damaged(NotDone):
    """What opens such files has failed over it."""


class Busy(NotDone):
    """No place among the children came free: try again, or leave it to the worker."""


class Interrupted(NotDone):
    """The child was ended from outside: says nothing of the file. Try again."""


Hear = Callable[[str, Any], None]
_ENDS: dict[str, type[NotDone]] = {"refused": Refused, "too big": TooBig, "damaged": Damaged}


def run(
    job: str, content: bytes, told: Any = None, *, hear: Hear, seconds: float, patience: float = PATIENCE_SECONDS
) -> None:
    """Run `job` ("package.module:function") over `content` in a limited child, and hear what it says.

    told: what the job has to know, as JSON holds it. hear: called with each (kind, value) of the answer; plain bytes
    come as kind "bytes". seconds: the longest it may take. patience: how long to wait for a place. Raises NotDone.
    """
    begins = orjson.dumps(told)
    # An empty environment: neither secrets nor the database's address are there for whatever takes the child over.
    command = [sys.executable, "-I", "-c", _CHILD, job, _ROOT]
    with (
        _place(patience),
        subprocess.Popen(  # noqa: S603  our own program
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={}, cwd="/"
        ) as process,
    ):
        assert process.stdin is not None and process.stdout is not None  # noqa: S101, PT018  pipes were asked for
        is_late = threading.Event()

        def stop() -> None:
            is_late.set()
            process.kill()

        timer = threading.Timer(seconds, stop)
        timer.start()
        try:
            # The child ends early when it must: its last words, or its silence, tell why.
            with contextlib.suppress(BrokenPipeError), process.stdin as stdin:
                stdin.write(len(begins).to_bytes(4, "big") + begins)
                stdin.write(content)
            end = _hear(process.stdout, hear)
            if end is None:
                process.wait()
        finally:
            timer.cancel()
            process.kill()
    if end is None:
        raise _why_silent(process.returncode, is_late=is_late.is_set())
    kind, words = end
    if kind != "done":
        raise _ENDS[kind](words)


def _hear(stream: IO[bytes], hear: Hear) -> tuple[str, str] | None:
    """Pass the answer on; gives its last word, or None when it breaks off."""
    while True:
        head = stream.read(5)
        length = int.from_bytes(head[1:], "big")
        if len(head) < 5 or length > child.MAX_SENT_BYTES:
            return None
        frame = stream.read(length)
        if len(frame) < length:
            return None
        if head[:1] == b"b":
            hear("bytes", frame)
            continue
        kind, value = orjson.loads(frame)
        if kind == "done" or kind in _ENDS:
            return kind, value
        hear(kind, value)


def _why_silent(code: int, *, is_late: bool) -> NotDone:
    """Why a child ended without a last word."""
    if is_late or code == -signal.SIGXCPU:
        return TooSlow()
    if code in _FROM_OUTSIDE:
        return Interrupted()
    if code > 0:  # the interpreter itself did not start, or not as far as its last word
        logger.error("the limited child ended with %s", code)
        return Damaged()
    return TooBig()  # an allocation that its limit refused ends some libraries at once


@contextlib.contextmanager
def _place(patience: float) -> Iterator[None]:
    """One of the machine's few places for a child, held by a locked file, so that it is free again whatever becomes
    of its holder. Raises Busy."""
    folder = Path(settings.CACHES["progress"]["LOCATION"])
    folder.mkdir(parents=True, exist_ok=True)
    until = time.monotonic() + patience
    with contextlib.ExitStack() as stack:
        places = [stack.enter_context((folder / f"child-{at}.lock").open("w")) for at in range(AT_ONCE)]
        while not any(map(_take, places)):
            if time.monotonic() >= until:
                raise Busy
            time.sleep(0.05)
        yield


def _take(file: IO[str]) -> bool:
    """Lock it; False while somebody else holds it."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
