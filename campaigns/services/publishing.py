"""What strangers may read of an activity: offered by one person, passed by another."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from campaigns.models import Activity, ActivityState
from campaigns.models.activities import PUBLIC_TEXTS
from campaigns.services.activities import locked_for
from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.permissions import may
from pingtang_union.workflow.publishing import refuse


def _refuse_numbers(activity: Activity) -> None:
    texts = {
        str(field.verbose_name): getattr(activity, field.name)
        for field in Activity._meta.fields
        if field.name in PUBLIC_TEXTS
    }
    texts |= {f"报道「{one.title}」": f"{one.title} {one.medium}" for one in activity.coverage.all()}
    texts |= {f"照片「{one.name}」的说明": one.caption for one in activity.photos.all()}
    refuse(texts)


@transaction.atomic
def offer(*, activity: Activity, by: Any) -> Activity:
    """Put an activity forward for the public pages, with all that is new of it. Raises DomainError for who may not,
    and where a text or a caption holds what mustn't go out."""
    locked = locked_for(activity, by)
    if locked.state == ActivityState.CANCELLED:
        raise DomainError("已取消的活动不公开。")
    _refuse_numbers(locked)
    locked.offered_by, locked.published_by, locked.published_at = by, None, None
    locked.save(update_fields=["offered_by", "published_by", "published_at"])
    return locked


@transaction.atomic
def publish(*, activity: Activity, by: Any) -> Activity:
    """A second person's yes: has read the text and looked at the photos of others that are there now, and all
    of it may go out. Raises DomainError for who may not, for who offered it, and where nothing was offered."""
    locked = locked_for(activity, by, "publish")
    if locked.offered_by_id is None or locked.published_by_id is not None:
        raise DomainError("这个活动没有提请公开，或者已经公开。")
    if locked.offered_by_id == by.pk:
        raise DomainError("您自己提请公开的活动，要由另一人核准。")
    _refuse_numbers(locked)
    locked.published_by, locked.published_at = by, timezone.now()
    locked.save(update_fields=["published_by", "published_at"])
    for photo in locked.photos.filter(is_public=False).exclude(added_by=by):
        photo.is_public = True
        photo.save(update_fields=["is_public"])
    return locked


@transaction.atomic
def withdraw(*, activity: Activity, by: Any) -> Activity:
    """Take an activity off the public pages. Raises DomainError for who may neither publish nor change it."""
    locked = locked_for(activity, by, "publish" if may(by, "publish", Activity) else "change")
    if locked.offered_by_id is None:
        raise DomainError("这个活动没有公开。")
    locked.offered_by, locked.published_by, locked.published_at = None, None, None
    locked.save(update_fields=["offered_by", "published_by", "published_at"])
    for photo in locked.photos.filter(is_public=True):
        photo.is_public = False
        photo.save(update_fields=["is_public"])
    return locked
