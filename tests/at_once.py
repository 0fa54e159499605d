"""What tests of many writers share: jobs run at once, each on a connection of its own."""

import threading

import pytest
from django.db import connection

needs_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="many writers need PostgreSQL")


def at_once(jobs) -> list:
    """Run callables in threads of their own; what each gave or raised."""
    results: list = [None] * len(jobs)
    gate = threading.Barrier(len(jobs))

    def run(index, job):
        gate.wait()
        try:
            results[index] = job()
        except Exception as error:
            results[index] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results
