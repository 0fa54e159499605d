"""Service points and merchants: written by their union, confirmed by another at the county, then public."""

from typing import Any, TypeVar

from django.db import transaction
from django.utils import timezone

from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.permissions import may
from pingtang_union.core.scope import reaches
from pingtang_union.workflow.attachments import CheckedFile
from pingtang_union.workflow.moving import refuse_invalid
from pingtang_union.workflow.public_files import LookedInto, keep
from relief.models import Agreement, Merchant, ServicePoint
from relief.models.places import OWN, PHOTOS, Place

P = TypeVar("P", bound=Place)


def save_place(place: P, *, by: Any) -> P:
    """Write a new place, or a change: what strangers read waits for the county's word. Raises DomainError for who may
    not, and for a union that isn't the user's own or below."""
    if not (may(by, "change" if place.pk else "add", type(place)) and reaches(by, place.union)):
        raise DomainError(f"您没有登记这个工会的{place._meta.verbose_name}的权限。")
    stored = type(place)._default_manager.filter(pk=place.pk).first()
    if stored is None or any(getattr(stored, name) != getattr(place, name) for name in place.told):
        place.written_by, place.confirmed_by, place.confirmed_at = by, None, None
    place.save()
    return place


@transaction.atomic
def confirm_place(place: P, *, by: Any) -> P:
    """The county's word: it is as it says, and may be public. Raises DomainError for who may not, for who wrote it, and
    where it holds what mustn't go out."""
    locked = _locked(place, "confirm", by)
    if locked.confirmed_by_id is not None:
        raise DomainError("已经确认公开。")
    if locked.written_by_id in (None, by.pk):
        raise DomainError(OWN)
    locked.confirmed_by, locked.confirmed_at = by, timezone.now()
    refuse_invalid(locked)
    locked.save()
    return locked


@transaction.atomic
def set_photo(point: ServicePoint, *, looked: LookedInto, by: Any) -> ServicePoint:
    """Give a point its picture, public once a second person has passed it (公开附件); the former one is shown no
    more. Raises DomainError for who may not, and for what is no picture."""
    locked = _locked(point, "change", by)
    if not looked.checked.content_type.startswith("image/"):
        raise DomainError("照片请传 JPG 或 PNG 图片。")
    if locked.photo is not None:
        locked.photo.is_shown = False
        locked.photo.save(update_fields=["is_shown"])
    locked.photo = keep(title=f"{locked.name}照片"[:60], place=PHOTOS, looked=looked, by=by)
    locked.save(update_fields=["photo"])
    return locked


@transaction.atomic
def add_agreement(merchant: Merchant, *, checked: CheckedFile, by: Any) -> Agreement:
    """Keep the agreement with a merchant. Raises DomainError for who may not."""
    file = Agreement(application=_locked(merchant, "change", by), added_by=by)
    file.fill(checked)
    file.save()
    return file


def _locked(place: P, verb: str, by: Any) -> P:
    model = type(place)
    rows: Any = model._default_manager.select_for_update(of=("self",))
    locked: P | None = rows.visible_to(by).filter(pk=place.pk).first()
    if locked is None or not may(by, verb, model):
        raise DomainError(f"您没有办理这个{model._meta.verbose_name}的权限。")
    return locked
