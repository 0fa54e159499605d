"""How long other pages take while hostile files are sent, and how much the server's process holds.

One server on a database made for it, as tests/benchmarks/pages.py starts it. A reader asks for a page, first alone,
then while senders send workbooks that once took a gigabyte or more than a minute in the server itself.
"""

import argparse
import http.client
import os
import statistics
import subprocess
import sys
import threading
import time
import uuid
from pathlib import Path

from tests.benchmarks.pages import _PREPARE, database, free_port
from tests.files.hostile import WORKBOOKS

SENDERS = 3
SECONDS = 20
SENT = ("merged to row 100,005 in another folder", "a bomb of texts", "ten thousand rules of formats")
_TOKEN = "a" * 32


def ask(port: int, method: str, path: str, cookie: str, body: bytes = b"", kind: str = "") -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=180)
    headers = {"Cookie": f"sessionid={cookie}; csrftoken={_TOKEN}", **({"Content-Type": kind} if kind else {})}
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status


def send(port: int, cookie: str, door: str, content: bytes) -> int:
    edge = uuid.uuid4().hex
    field = "files" if door == "/ledgers/bring/" else "file"
    body = (
        f'--{edge}\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\n{_TOKEN}\r\n'
        f'--{edge}\r\nContent-Disposition: form-data; name="{field}"; filename="a.xlsx"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    ).encode()
    return ask(
        port,
        "POST",
        door,
        cookie,
        body + content + f"\r\n--{edge}--\r\n".encode(),
        f"multipart/form-data; boundary={edge}",
    )


def waits(port: int, path: str, cookie: str) -> list[float]:
    """Seconds that each page took."""
    found, ends = [], time.monotonic() + SECONDS
    while time.monotonic() < ends:
        began = time.monotonic()
        if (status := ask(port, "GET", path, cookie)) != 200:
            raise SystemExit(f"{path} answers {status}")
        found.append(time.monotonic() - began)
        time.sleep(0.05)
    return found


def told(name: str, seconds: list[float]) -> float:
    middle = statistics.median(seconds)
    slow = sorted(seconds)[int(len(seconds) * 0.95)]
    print(f"{name}: {len(seconds)} pages, half within {middle * 1000:.0f} ms, 95 of 100 within {slow * 1000:.0f} ms")
    return middle


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--path", default="/transfers/", help="a page that a county clerk sees")
    options = parser.parse_args()
    with database(os.environ["DATABASE_URL"]) as address:
        environment = os.environ | {
            "DATABASE_URL": address, "DJANGO_SETTINGS_MODULE": "tests.settings", "SECRET_KEY": "only-for-benchmarks",
        }  # fmt: skip
        prepared = subprocess.run([sys.executable, "-c", _PREPARE], env=environment, check=True, stdout=subprocess.PIPE)
        cookie = prepared.stdout.decode().split()[-1]
        port, pids = free_port(), Path(f"/proc/{os.getpid()}")
        command = ["gunicorn", "pingtang_union.wsgi", "--bind", f"127.0.0.1:{port}", "--threads", "8"]
        process = subprocess.Popen([sys.executable, "-m", *command, "--no-control-socket"], env=environment)
        try:
            for _ in range(200):
                try:
                    ask(port, "GET", "/login/", cookie)
                    break
                except OSError:
                    time.sleep(0.1)
            alone = told("alone", waits(port, options.path, cookie))
            is_over, answers = threading.Event(), list[int]()

            def keep_sending(door: str, content: bytes) -> None:
                while not is_over.is_set():
                    answers.append(send(port, cookie, door, content))

            senders = [
                threading.Thread(
                    target=keep_sending, args=("/ledgers/fill/" if at % 2 else "/ledgers/bring/", WORKBOOKS[name]())
                )
                for at, name in enumerate(SENT)
            ]
            for sender in senders:
                sender.start()
            meanwhile = told("meanwhile", waits(port, options.path, cookie))
            is_over.set()
            for sender in senders:
                sender.join()
            print(f"meanwhile / alone: {meanwhile / alone:.2f}; {len(answers)} files answered, {sorted(set(answers))}")
            workers = subprocess.run(["pgrep", "-P", str(process.pid)], capture_output=True, text=True).stdout.split()
            for worker in workers:
                status = (pids.parent / worker / "status").read_text().splitlines()
                peak = next(line.split()[1] for line in status if line.startswith("VmHWM"))
                print(f"the server's process held {int(peak) / 1024:.0f} MB at the most")
        finally:
            process.terminate()
            process.wait()


if __name__ == "__main__":
    main()
