"""Files in publicity for the public notice board: masked name, union and category, and nothing else."""

from datetime import date

from pingtang_union.workflow.notices import Nominee, Notice
from pingtang_union.workflow.table import State
from relief.models import Household

TITLE = "困难职工建档"


def notices(today: date) -> list[Notice]:
    """One notice of all files that hang out on `today`, or none; one query."""
    rows = Household.objects.filter(state=State.PUBLICISED, publicised_from__lte=today).select_related("union")
    rows = rows.only(
        "name", "category", "publicised_from", "publicised_until", "publicity_days", "union__name"
    ).order_by("publicised_from", "pk")
    hanging = [(one, end) for one in rows if (end := one.publicity()) and end.day >= today]
    nominees = [
        Nominee.masked(
            is_person=True,
            name=one.name,
            summary="",
            title=one.get_category_display(),
            union=one.union.name,
            kind=one.get_category_display(),
            first=one.publicised_from,
            last=end.day,
        )
        for one, end in hanging
    ]
    return [Notice("relief-files", TITLE, "", "", nominees)] if nominees else []
