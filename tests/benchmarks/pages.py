"""Pages a second through the application server, with database connections kept and without.

Two servers run side by side on one database made for it; each is asked in turn, so that a noisy moment hits both.
"""

import argparse
import http.client
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import psycopg

SECONDS = 5
READERS = 4
WAYS = {"kept": "600", "new each time": "0"}
_PREPARE = """
import django
django.setup()
from django.conf import settings
from django.contrib.auth.models import Group
from django.core.management import call_command
call_command("migrate", verbosity=0)
from importlib import import_module
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from members import roles
from members.models import Union, User
clerk = User.objects.create_user("clerk", full_name="经办人", union=Union.objects.get(depth=1))
clerk.groups.add(Group.objects.get(name=roles.ORGANISATION))
store = import_module(settings.SESSION_ENGINE).SessionStore()
store[SESSION_KEY], store[BACKEND_SESSION_KEY] = str(clerk.pk), settings.AUTHENTICATION_BACKENDS[-1]
store[HASH_SESSION_KEY] = clerk.get_session_auth_hash()
store.create()
User.objects.update(session_key=store.session_key, must_change_password=False)
print(store.session_key)
"""


@contextmanager
def database(address: str) -> Iterator[str]:
    """A database of its own beside the one named."""
    at = urlsplit(address)
    name = f"pages_{os.getpid()}"
    with psycopg.connect(address, autocommit=True) as session:
        session.execute(f'CREATE DATABASE "{name}"')
        try:
            yield at._replace(path=f"/{name}").geturl()
        finally:
            session.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def server(environment: dict[str, str]) -> Iterator[int]:
    """The application server as docs/deploy.md starts it, with one process."""
    port = free_port()
    command = ["gunicorn", "pingtang_union.wsgi", "--bind", f"127.0.0.1:{port}", "--threads", str(READERS)]
    process = subprocess.Popen([sys.executable, "-m", *command, "--no-control-socket"], env=environment)
    try:
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait()


def pages_a_second(port: int, path: str, cookie: str) -> float:
    """How many pages a few readers get in some seconds."""
    ends = time.monotonic() + SECONDS
    counts = [0] * READERS
    wrong: list[str] = []

    def read(reader: int) -> None:
        while time.monotonic() < ends:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            connection.request("GET", path, headers={"Cookie": f"sessionid={cookie}"})
            answer = connection.getresponse()
            answer.read()
            connection.close()
            if answer.status != 200:
                wrong.append(f"{path} answers {answer.status} {answer.headers.get('Location', '')}")
                return
            counts[reader] += 1

    threads = [threading.Thread(target=read, args=(reader,)) for reader in range(READERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if wrong:
        raise SystemExit(wrong[0])
    return sum(counts) / SECONDS


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--path", default="/transfers/", help="a page that a county clerk sees")
    options = parser.parse_args()
    with database(os.environ["DATABASE_URL"]) as address:
        environment = os.environ | {
            "DATABASE_URL": address, "DJANGO_SETTINGS_MODULE": "tests.settings", "SECRET_KEY": "only-for-benchmarks",
        }  # fmt: skip
        told = subprocess.run([sys.executable, "-c", _PREPARE], env=environment, check=True, stdout=subprocess.PIPE)
        cookie = told.stdout.decode().split()[-1]
        best = dict.fromkeys(WAYS, 0.0)
        with (
            server(environment | {"CONN_MAX_AGE": WAYS["kept"]}) as kept,
            server(environment | {"CONN_MAX_AGE": WAYS["new each time"]}) as new,
        ):
            for _ in range(options.rounds):
                for way, port in zip(WAYS, (kept, new), strict=True):
                    best[way] = max(best[way], pages_a_second(port, options.path, cookie))
    for way, number in best.items():
        print(f"{way}: {number:.1f} pages a second")
    print(f"kept / new: {best['kept'] / best['new each time']:.2f}")


if __name__ == "__main__":
    main()
