"""What of hardship files is still to be done beside the transitions: lists and the desk ask it alike."""

from django.db.models import Q
from django.utils import timezone

from pingtang_union.core.dates import shift_years
from relief.models import Household
from relief.models.codes import FileState


def to_do(what: str) -> Q:
    """Condition on files that wait for a visit, for the answer of the check, or for the yearly re-check."""
    if what == "visit":
        return Household.awaits_visit()
    if what == "check":
        return Household.awaits_check()
    before = shift_years(timezone.localdate().isoformat(), -1)
    stale = Q(rechecked_on__isnull=True) | Q(rechecked_on__lt=before)
    return Q(file_state=FileState.ON_FILE, since__lt=before) & stale
