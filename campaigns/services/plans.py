"""A year planned after the last."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from campaigns.models import Activity, ActivityState, Edition, Series
from campaigns.services.activities import NOT_YOURS
from members.models.codes import UnionStatus
from pingtang_union.core.dates import shift_years
from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.permissions import may
from pingtang_union.core.text import fold


@transaction.atomic
def copy_edition(*, series: Series, year: str, by: Any) -> int:
    """Plan what the year before had of a series, of the unions that `by` serves: kind, theme, place, sessions and what
    was spent as the budget, in the same month; nothing of its results. What the year has already, and what dissolved
    unions held, is left out, so that a second copy adds nothing. Whoever keeps editions copies the programme too.
    Returns how many activities were planned. Raises DomainError for who may not, where the year before had none, and
    for a year that is over."""
    if not may(by, "add", Activity):
        raise DomainError(NOT_YOURS)
    if int(year) < timezone.localdate().year:
        raise DomainError(f"{year}年已经过去，不能再编制计划。")
    before = str(int(year) - 1)
    Series.objects.select_for_update().get(pk=series.pk)  # of two copies at once the second finds the first's
    rows = Activity.objects.visible_to(by).filter(series=series, year=before).exclude(state=ActivityState.CANCELLED)
    past = list(rows.exclude(union__status=UnionStatus.DISSOLVED).order_by("held_on", "pk"))
    if not past:
        raise DomainError(f"{before}年没有「{series}」的活动，没有可以照办的。")
    if may(by, "add", Edition) and (former := Edition.objects.filter(series=series, year=before).first()):
        Edition.objects.get_or_create(series=series, year=year, defaults={"programme": former.programme})
    known = set(Activity.objects.visible_to(by).filter(year=year).values_list("union_id", "name_key"))
    made = 0
    for one in past:
        name = one.name.replace(before, year)
        if (one.union_id, fold(name)[:100]) in known:
            continue
        known.add((one.union_id, fold(name)[:100]))
        planned = Activity(
            name=name, union_id=one.union_id, partners=one.partners, kind_id=one.kind_id, series=series,
            theme=one.theme, held_on=shift_years(str(one.held_on)[:7], 1), place=one.place, sessions=one.sessions,
            budget=one.spent if one.spent is not None else one.budget,
        )  # fmt: skip
        planned.save()
        planned.co_hosts.set(one.co_hosts.all())
        made += 1
    return made
