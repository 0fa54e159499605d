"""Who asks too often of a public page, counted by all processes of a machine together."""

import logging
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.cache import caches
from django.core.files import locks
from django.http import HttpRequest

logger = logging.getLogger(__name__)


MOST_TRIES, PERIOD = 20, 600  # seconds


def asks_too_often(request: HttpRequest, what: str, *, most: int = MOST_TRIES) -> bool:
    """Count one more try of `what` by the request's address; True once it has to wait."""
    return tried_too_often(f"{what}-{request.META['REMOTE_ADDR']}", most=most, period=PERIOD)


def tried_too_often(key: str, *, most: int, period: int, counts: Any = None) -> bool:
    """Count one more try of `key`; whether it is more than `most` within `period` seconds of the first. Where nobody
    can count, nobody gets on. `counts`: a handle of the cache "tries", the process's own if not given.

    One process after the other counts, since the cache itself reads and writes in two steps.
    """
    try:
        counts = counts if counts is not None else caches["tries"]
        folder = Path(settings.CACHES["tries"]["LOCATION"])
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # someone may have tidied up
        with (folder / "lock").open("w") as lock:
            locks.lock(lock, locks.LOCK_EX)  # until the file is closed
            until, tries = counts.get(key) or (time.time() + period, 0)
            counts.set(key, (until, tries + 1), max(until - time.time(), 1))
        return tries >= most
    except Exception:  # a full disk, a folder that is closed, a broken file
        logger.exception("nobody can count how often %s was asked", key.partition("-")[0])
        return True
