"""What strangers read of relief: service points and merchants that are open and confirmed, texts once more without what
mustn't go out, pictures that a second person has passed."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import Prefetch

from pingtang_union.workflow.public_files import PublicFile
from pingtang_union.workflow.publishing import public_text
from relief.models import Merchant, ServicePoint

_ON_FRONT = 6


def public_points(today: date) -> Any:
    """Points of the day."""
    passed = Prefetch("photo", PublicFile.objects.shown())
    return ServicePoint.objects.public(today).select_related("kind").prefetch_related(passed)


def public_merchants(today: date) -> Any:
    """Merchants whose agreement runs on the day."""
    return Merchant.objects.public(today)


def blotted(rows: Iterable[Any]) -> list[Any]:
    """The rows with every text as it may be read."""
    found = list(rows)
    for one in found:
        for name in {"name", "address", "offers", "keeper", "hours", "phone"} & vars(one).keys():
            setattr(one, name, public_text(getattr(one, name)))
    return found


def front_points(today: date) -> list[Any]:
    """Those of the front page."""
    return blotted(public_points(today)[:_ON_FRONT])
