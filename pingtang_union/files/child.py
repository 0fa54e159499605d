"""The child process: limits first, then one job over the bytes on standard input, its answer on standard output.

A job is a function `job(content, told, say)` named "package.module:function". `told` is what the parent said of the
task; `say(kind, value)` answers in frames: a letter, the length in four bytes, then JSON ("j": [kind, value]) or plain
bytes ("b"). The last frame is "done", "refused" with words for the person, "too big" or "damaged".
"""

import importlib
import resource
import sys
from collections.abc import Callable
from typing import Any

import orjson

MEMORY_BYTES = 480 * 1024 * 1024  # of address space: the process never holds more
CPU_SECONDS = 40
_OPEN_FILES = 64
MAX_SENT_BYTES = 100 * 1024 * 1024

Say = Callable[[str, Any], None]
Job = Callable[[bytes, Any, Say], None]


class Refused(Exception):
    """Why the bytes are not taken, in words for the person who sent them."""


class TooBig(Exception):
    """The bytes are beyond what such a file can be."""


def main() -> None:
    """Run the job that the command line names over standard input."""
    for what, soft, hard in (
        (resource.RLIMIT_AS, MEMORY_BYTES, MEMORY_BYTES),
        # With both limits alike the kernel kills at once, and nobody can tell it from a kill by an administrator.
        (resource.RLIMIT_CPU, CPU_SECONDS, CPU_SECONDS + 5),
        (resource.RLIMIT_CORE, 0, 0),
        (resource.RLIMIT_FSIZE, 0, 0),
        (resource.RLIMIT_NOFILE, _OPEN_FILES, _OPEN_FILES),
    ):
        resource.setrlimit(what, (soft, hard))
    out = sys.stdout.buffer
    sent = 0

    def say(kind: str, value: Any) -> None:
        nonlocal sent
        letter, frame = (b"b", value) if isinstance(value, bytes) else (b"j", orjson.dumps([kind, value]))
        sent += len(frame)
        if sent > MAX_SENT_BYTES:
            raise TooBig
        out.write(letter + len(frame).to_bytes(4, "big"))
        out.write(frame)

    try:
        module, name = sys.argv[1].split(":")
        job: Job = getattr(importlib.import_module(module), name)
        given = sys.stdin.buffer.read()
        length = int.from_bytes(given[:4], "big")
        job(given[4 + length :], orjson.loads(given[4 : 4 + length]), say)
        end: tuple[str, str] = ("done", "")
    except Refused as refusal:
        end = ("refused", str(refusal))
    except (TooBig, MemoryError):
        end = ("too big", "")
    except BaseException:  # a panic of a library is no Exception
        end = ("damaged", "")
    sent = 0
    say(*end)
    out.flush()
