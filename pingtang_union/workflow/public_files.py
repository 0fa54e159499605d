"""Files that anyone may download (公开附件): none that holds what mustn't go out; what only eyes can read, a scan,
waits for a second person's yes."""

import secrets
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from django.db import IntegrityError, models, transaction
from django.db.models import F, Q
from django.utils import timezone

from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.fields import account
from pingtang_union.core.permissions import permission_of
from pingtang_union.workflow.attachments import CheckedFile, KeptFile, check_file
from pingtang_union.workflow.publishing import check_fields, look_into, refuse

_MOST_PLACES = 10
OWN = "您自己上传的附件，要由另一人核看。"


@dataclass(frozen=True)
class LookedInto:
    """A checked file without findings, and where it can only be read by a person."""

    checked: CheckedFile
    unread: list[str]


def looked_into(upload: Any) -> LookedInto:
    """A file of a form, checked and looked into. Raises DomainError that names it, as both do."""
    checked = check_file(upload.name, upload.read(), size=upload.size)
    return LookedInto(checked, look_into(checked.name, checked.content))


def new_token() -> str:
    """What its address is made of: can't be guessed or counted through."""
    return secrets.token_hex(8)


class PublicFileQuerySet(models.QuerySet["PublicFile"]):
    """Questions asked of public files."""

    def shown(self) -> Self:
        """Those that strangers may have, without their bytes."""
        is_seen = Q(needs_look=False) | Q(passed_by__isnull=False)
        return self.filter(is_seen, is_shown=True).defer("content")

    def waiting(self) -> Self:
        """Those that wait for a second person."""
        return self.filter(needs_look=True, passed_by__isnull=True, is_shown=True)


class PublicFile(KeptFile):
    """One file. Its bytes never change: another version is another file."""

    title = models.CharField("标题", max_length=60)
    place = models.CharField("位置", max_length=60, blank=True)  # "" is the front page, else the key of a notice
    is_shown = models.BooleanField("公开显示", default=True, help_text="不再公开的，取消勾选")
    needs_look = models.BooleanField("须人工核看", editable=False)
    unread = models.CharField("须核看之处", max_length=500, blank=True, editable=False)
    passed_by = account("核看人", editable=False)
    passed_at = models.DateTimeField("核看时间", null=True, blank=True, editable=False)
    token = models.CharField("公开页面编码", max_length=16, default=new_token, editable=False, unique=True)

    objects: ClassVar = PublicFileQuerySet.as_manager()

    class Meta(KeptFile.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "公开附件"
        ordering = ["-pk"]
        permissions = [("pass_publicfile", "核看公开附件")]
        constraints = [
            models.CheckConstraint(
                condition=Q(passed_by__isnull=True, passed_at__isnull=True)
                | (Q(passed_by__isnull=False, passed_at__isnull=False) & ~Q(passed_by=F("added_by"))),
                name="publicfile_passed_by_another",
                violation_error_message=OWN,
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        check_fields(self, "title")

    @property
    def is_waiting(self) -> bool:
        """Whether a second person has to look at it first."""
        return self.needs_look and self.passed_by_id is None


def put_up(*, title: str, place: str, looked: LookedInto, by: Any) -> PublicFile:
    """Put a file up for anyone; what only eyes can read is shown once another person has passed it."""
    if not by.has_perm(permission_of(PublicFile, "add")):
        raise DomainError("您的账号不能上传公开附件。")
    return keep(title=title, place=place, looked=looked, by=by)


@transaction.atomic
def keep(*, title: str, place: str, looked: LookedInto, by: Any) -> PublicFile:
    """As `put_up`, for services that have asked for a right of their own."""
    refuse({"标题": title})
    unread = "、".join(looked.unread[:_MOST_PLACES]) + ("等" if len(looked.unread) > _MOST_PLACES else "")
    file = PublicFile(title=title, place=place, added_by=by, needs_look=bool(looked.unread), unread=unread)
    file.fill(looked.checked)
    file.save()
    return file


@transaction.atomic
def pass_file(*, file: PublicFile, by: Any) -> PublicFile:
    """A second person's yes: has looked at it, and nothing in it must stay inside. Raises DomainError for who may not,
    for who put it up, and where nothing waits."""
    locked = PublicFile.objects.select_for_update(of=("self",)).filter(pk=file.pk).defer("content").first()
    if locked is None or not by.has_perm(permission_of(PublicFile, "pass")):
        raise DomainError("您的账号不能核看公开附件。")
    if locked.added_by_id == by.pk:
        raise DomainError(OWN)
    if not locked.is_waiting:
        raise DomainError("这个附件不需核看，或者已经核看过。")
    locked.passed_by, locked.passed_at = by, timezone.now()
    try:
        with transaction.atomic():
            locked.save(update_fields=["passed_by", "passed_at"])
    except IntegrityError as error:
        raise DomainError(OWN) from error
    return locked
