"""Work of the night, as apps declare it (core.portal): rows forgotten when their time is over, and their other jobs."""

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone

from pingtang_union.core.portal import declared, merged
from pingtang_union.models import JobRun

logger = logging.getLogger(__name__)
HOUR = 3  # of the night, after the backup


def jobs() -> dict[str, Callable[[], Any]]:
    """Every declared job, by name."""
    return merged("JOBS") | {
        f"forget {one.model}": lambda one=one: one.forget(timezone.now() - one.period)
        for one in declared("KEPT_FOR")
        if one.period is not None
    }


def run_due() -> None:
    """Do what has not been done since last night. What fails is logged, and tried again the next night."""
    now = timezone.localtime()
    night = now.replace(hour=HOUR, minute=0, second=0, microsecond=0)
    if night > now:
        night -= timedelta(days=1)
    for name, job in jobs().items():
        run, _is_new = JobRun.objects.get_or_create(name=name, defaults={"at": now})
        # Of several workers the one that changes the row does the job.
        if run.at < night and JobRun.objects.filter(pk=run.pk, at=run.at).update(at=now):
            try:
                job()
            except Exception:
                logger.exception("%s failed", name)
            else:
                logger.info("%s is done", name)
