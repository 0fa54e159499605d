"""Ten years after a file was ended it is made anonymous: the row of statistics stays, everything of anyone goes."""

from datetime import date
from typing import Any

from auditlog.context import disable_auditlog
from auditlog.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Sum
from django.urls import reverse

from pingtang_union.core.dates import shift_years
from pingtang_union.workflow.attention import Assignment, Follow, Labelling, Notice, Return, Seen
from relief.models import EarlyCase, Grant, GrantState, Household
from relief.models.codes import FileState

# 档案保存十年 (《困难职工档案管理办法》; DOMAIN 2).
KEPT_YEARS = 10
FORGOTTEN = "（档案已匿名）"


def due_for_forgetting(today: date) -> Any:
    """Files that were ended ten years ago, and more."""
    before = shift_years(today.isoformat(), -KEPT_YEARS)
    ended = Household.objects.filter(file_state__in=(FileState.OUT, FileState.CANCELLED), since__lte=before)
    return ended.select_related("union").order_by("since", "pk")


@transaction.atomic
def make_anonymous(household: Household, today: date) -> None:
    """Take the file away with all that hangs on it, and what the trail says of it. Its rows of statistics stay, with
    what was paid; grants stay as rows of their own. Raises ValueError before its time."""
    locked = due_for_forgetting(today).select_for_update(of=("self",)).filter(pk=household.pk).first()
    if locked is None:
        raise ValueError(f"file {household.pk} is kept")
    paid = Grant.objects.filter(household=locked, state=GrantState.PAID)
    for record in locked.records.all():
        until = {"granted_on__lte": record.ended_on.isoformat()} if record.ended_on else {}
        within = paid.filter(granted_on__gte=record.opened_on.isoformat(), **until)
        record.amount = within.aggregate(total=Sum("amount"))["total"] or 0
        record.save(update_fields=["amount"])
    for check in locked.spot_checks.all():
        check.findings, check.answer = (FORGOTTEN if text else "" for text in (check.findings, check.answer))
        check.save(update_fields=["findings", "answer"])
    kept: list[Any] = [locked, *EarlyCase.objects.filter(household=locked)]
    for relation in ("people", "causes", "visits", "files", "assessments", "acts", "objections", "national_rows"):
        kept += getattr(locked, relation).all()
    for person in locked.people.all():
        kept += person.consents.all()
    for one in (*kept, *locked.spot_checks.all()):
        trail = LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(type(one)))
        trail.filter(object_pk=str(one.pk)).delete()
    for model in (Seen, Follow, Labelling, Assignment, Return):
        model.objects.to(locked).delete()
    pages = (reverse(name, args=[locked.pk]) for name in ("relief:household_detail", "admin:relief_household_change"))
    Notice.objects.filter(url__in=pages).delete()
    with disable_auditlog():  # it would write down once more what is taken away
        locked.delete()
