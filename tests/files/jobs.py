"""Jobs for the limited child that do what a harmful file might make one do."""

import os
import signal
import socket
import time
from typing import Any

from pingtang_union.files.child import Refused, Say


def echo(content: bytes, told: Any, say: Say) -> None:
    say("told", told)
    say("bytes", content)


def look_around(content: bytes, told: Any, say: Say) -> None:
    say("environment", dict(os.environ))
    say("folder", os.getcwd())


def refuse(content: bytes, told: Any, say: Say) -> None:
    raise Refused("是空白的。")


def eat(content: bytes, told: Any, say: Say) -> None:
    held = bytearray()
    while True:
        held += bytes(50 * 1024 * 1024)


def never_end(content: bytes, told: Any, say: Say) -> None:
    time.sleep(60)


def use_the_processor(content: bytes, told: Any, say: Say) -> None:
    while True:
        pass


def fail(content: bytes, told: Any, say: Say) -> None:
    raise ValueError("姓名")


def send_much(content: bytes, told: Any, say: Say) -> None:
    while True:
        say("bytes", bytes(1024 * 1024))


def die(content: bytes, told: Any, say: Say) -> None:
    os.kill(os.getpid(), signal.Signals[told])


def write_down(content: bytes, told: Any, say: Say) -> None:
    with open(told, "wb") as file:
        file.write(b"x")


def hold_a_place(content: bytes, told: Any, say: Say) -> None:
    say("began", None)
    time.sleep(told)


def speak_and_wait(content: bytes, told: Any, say: Say) -> None:
    say("bytes", bytes(1024 * 1024))  # more than is held back until the end
    time.sleep(30)


def open_sockets(content: bytes, told: Any, say: Say) -> None:
    held = [socket.socket() for _ in range(200)]
    say("opened", len(held))
