"""How often an address may ask what could be found out by trying: each process of the server counts by itself."""

from django.core.cache import cache
from django.http import HttpRequest

MOST_TRIES, PERIOD = 20, 600  # seconds


def asks_too_often(request: HttpRequest, what: str, *, most: int = MOST_TRIES) -> bool:
    """Count one more try of `what` by the request's address; True once it has to wait."""
    key = f"{what}-{request.META['REMOTE_ADDR']}"
    try:
        return cache.incr(key) > most
    except ValueError:  # the first within the period
        cache.set(key, 1, PERIOD)
        return False
