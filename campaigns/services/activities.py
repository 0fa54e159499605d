"""Activities entered and corrected, with what hangs on them."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction

from campaigns.models import Activity, ActivityState, Coverage, ImportRule, Photo
from campaigns.models.activities import PUBLIC_TEXTS, Part
from campaigns.models.catalogue import meant
from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.permissions import may
from pingtang_union.core.scope import reaches
from pingtang_union.workflow.attachments import CheckedFile
from pingtang_union.workflow.moving import refuse_invalid

NOT_YOURS = "您没有登记这个活动的权限，请联系主办工会或县总工会经济技术与宣教部门。"
_MOST_PHOTOS = 30  # of one activity: they lie sealed in the database


@transaction.atomic
def save_activity(*, activity: Activity, by: Any) -> Activity:
    """Enter or correct an activity. A new one without a series gets the one that the rules read out of its name. One
    that is public and says something else now waits for another person's yes again. Raises DomainError for who may
    not."""
    if not (may(by, "change" if activity.pk else "add", Activity) and reaches(by, activity.union)):
        raise DomainError(NOT_YOURS)
    if activity.pk is None:
        if activity.series_id is None:
            words = activity.name, activity.kind.name, activity.theme
            activity.series_id = meant(ImportRule.objects.all(), *words)[1]
    else:
        stored = Activity.objects.select_for_update(of=("self",)).get(pk=activity.pk)
        if not reaches(by, stored.union):
            raise DomainError(NOT_YOURS)
        # The form was read before the row was locked: what acts wrote meanwhile stays.
        if stored.state != ActivityState.PLANNED and activity.declared is None:
            activity.state = stored.state
        said_before = [getattr(stored, name) for name in PUBLIC_TEXTS]
        activity.offered_by, activity.published_by = stored.offered_by, stored.published_by
        activity.published_at = stored.published_at
        if stored.published_by_id and said_before != [getattr(activity, name) for name in PUBLIC_TEXTS]:
            activity.offered_by, activity.published_by, activity.published_at = by, None, None
    refuse_invalid(activity)
    activity.save()
    return activity


@transaction.atomic
def cancel(*, activity: Activity, reason: str, by: Any) -> Activity:
    """A planned activity won't be held; the reason stays in its note. Raises DomainError for who may not, and for one
    that was held."""
    locked = locked_for(activity, by)
    if locked.state != ActivityState.PLANNED:
        raise DomainError(f"这个活动是「{locked.get_state_display()}」，只有计划中的活动可以取消。")
    if len(reason.strip()) < 4:
        raise DomainError("请写明取消的原因（至少 4 个字）。")
    locked.state = ActivityState.CANCELLED
    locked.note = "；".join(filter(None, (locked.note, f"取消原因：{reason.strip()}")))[:200]
    locked.save(update_fields=["state", "note"])
    return locked


@transaction.atomic
def add_part(*, part: Part, by: Any) -> Part:
    """Add an outcome, aid to a village, a link. A link to a public activity, which strangers read, waits with it for
    another person's yes again. Raises DomainError for who may not, and where it isn't valid."""
    part.activity = activity = locked_for(part.activity, by)  # type: ignore[attr-defined]  # every part has one
    if not may(by, "add", type(part)):
        raise DomainError(NOT_YOURS)
    refuse_invalid(part)
    part.save()
    if isinstance(part, Coverage) and activity.published_by_id:
        activity.offered_by, activity.published_by, activity.published_at = by, None, None
        activity.save(update_fields=["offered_by", "published_by", "published_at"])
    return part


@transaction.atomic
def remove_part(*, part: Part, by: Any) -> None:
    """Take away what was entered by mistake. Raises DomainError for who may not."""
    locked_for(part.activity, by)  # type: ignore[attr-defined]  # every part has one
    if not may(by, "delete", type(part)):
        raise DomainError(NOT_YOURS)
    part.delete()


@transaction.atomic
def add_photos(*, activity: Activity, files: Iterable[CheckedFile], caption: str = "", by: Any) -> int:
    """Keep checked pictures, sealed; returns how many. Raises DomainError for who may not, for what is no picture, and
    for more than an activity keeps."""
    locked = locked_for(activity, by)
    if not may(by, "add", Photo):
        raise DomainError(NOT_YOURS)
    known = locked.photos.count()
    for number, checked in enumerate(files, known + 1):
        if not checked.content_type.startswith("image/"):
            raise DomainError(f"「{checked.name}」不是照片，请上传 JPG 或 PNG。")
        if number > _MOST_PHOTOS:
            raise DomainError(f"一个活动最多 {_MOST_PHOTOS} 张照片，请先删去一些。")
        photo = Photo(activity=locked, caption=caption, added_by=by)
        photo.fill(checked)
        refuse_invalid(photo)
        photo.save()
    return locked.photos.count() - known


def locked_for(activity: Activity, by: Any, verb: str = "change") -> Activity:
    """The stored activity, locked. Raises DomainError for who may not, or may not see it."""
    locked = Activity.objects.select_for_update(of=("self",)).visible_to(by).filter(pk=activity.pk).first()
    if locked is None or not may(by, verb, Activity):
        raise DomainError(NOT_YOURS)
    return locked
