"""Limited children forked from a process that has loaded their jobs already.

To start an interpreter and load a reader costs more than reading a test's file, and tests read some thousand files. The
child itself is the portal's: its limits, its job, its answer. Tests of what a child may do start it as the portal does
(`real_children` of conftest.py).
"""

import atexit
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from pingtang_union.files import child, limited

_ROOT = str(Path(__file__).parents[2])
_SERVE = "import sys; sys.path.append(sys.argv[1]); from tests.files.nursery import serve; serve(int(sys.argv[2]))"
_LOADED = (
    "ledger.reading.child",
    "ledger.giving.marked_child",
    "ledger.giving.form_child",
    "files.papers",
    "files.inside",
)
_AS_THE_PORTAL_DOES = limited._CHILD


# --- The process that forks ----------------------------------------------------------------


def serve(number: int) -> None:
    """Fork a child for each message on the socket until the other side is gone."""
    for name in _LOADED:
        import_module(f"pingtang_union.{name}")
    door = socket.socket(fileno=number)
    while True:
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:  # minders that are done
                pass
        message, files, _flags, _address = socket.recv_fds(door, 65536, 3)
        if not message:
            return
        if os.fork() == 0:
            door.close()
            _mind(json.loads(message), *files)
        for file in files:
            os.close(file)


def _mind(arguments: list[str], come_in: int, go_out: int, tell: int) -> None:
    """Fork the child, tell its number, and how it ended when it did."""
    pid = os.fork()
    if pid == 0:
        os.close(tell)
        os.dup2(come_in, 0)
        os.dup2(go_out, 1)
        os.closerange(3, 64)
        sys.argv = ["-c", *arguments]
        try:
            child.main()
        finally:
            os._exit(0)
    os.close(come_in)
    os.close(go_out)
    os.write(tell, pid.to_bytes(4, "big"))
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    os.write(tell, code.to_bytes(4, "big", signed=True))
    os._exit(0)


# --- The tests' side -----------------------------------------------------------------------


class _Nursery:
    """Starts the process that forks when the first child is wanted."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.door: socket.socket | None = None

    def ask(self, message: bytes, files: list[int]) -> None:
        with self.lock:
            if self.door is None:
                self.door, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
                process = subprocess.Popen(
                    [sys.executable, "-I", "-c", _SERVE, _ROOT, str(theirs.fileno())],
                    stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                    env={}, cwd="/", pass_fds=[theirs.fileno()],
                )  # fmt: skip
                theirs.close()
                atexit.register(process.wait)
                atexit.register(self.door.close)  # the last registered is called first
            socket.send_fds(self.door, [message], files)


class _Child:
    """What limited.py uses of subprocess.Popen."""

    def __init__(self, nursery: _Nursery, arguments: list[str]) -> None:
        come_in, into = os.pipe()
        out_of, go_out = os.pipe()
        self.told, tell = socket.socketpair()
        nursery.ask(json.dumps(arguments).encode(), [come_in, go_out, tell.fileno()])
        os.close(come_in)
        os.close(go_out)
        tell.close()
        self.stdin, self.stdout = os.fdopen(into, "wb"), os.fdopen(out_of, "rb")
        self.returncode: int | None = None
        self.pid = int.from_bytes(self.told.recv(4), "big")

    def kill(self) -> None:
        if self.returncode is None:
            with contextlib.suppress(ProcessLookupError):  # over, and nobody has asked for its end yet
                os.kill(self.pid, signal.SIGKILL)

    def wait(self) -> int:
        if self.returncode is None:
            self.returncode = int.from_bytes(self.told.recv(4), "big", signed=True)
            self.told.close()
        return self.returncode

    def __enter__(self) -> "_Child":
        return self

    def __exit__(self, *error: object) -> None:
        self.stdout.close()
        self.stdin.close()
        self.wait()


def install() -> None:
    """Children come from here from now on, those of another program apart."""
    nursery = _Nursery()

    def start(command: list[str], **options: Any) -> Any:
        is_usual = command[3] == _AS_THE_PORTAL_DOES
        return _Child(nursery, command[4:]) if is_usual else subprocess.Popen(command, **options)

    limited.subprocess = SimpleNamespace(Popen=start, PIPE=subprocess.PIPE, DEVNULL=subprocess.DEVNULL)  # type: ignore[attr-defined]
