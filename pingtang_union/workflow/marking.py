"""Marking records: seen, followed, labelled, given to someone; and telling people. Each act asks for the permission and
the scope itself, and takes keys of rows of any model."""

from collections.abc import Collection, Iterable
from typing import Any

from django.contrib.auth import get_user_model
from django.db import models, transaction
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.permissions import may, may_view, permission_of
from pingtang_union.workflow.attention import Assignment, Attached, Follow, Label, Labelling, Notice, Seen

_NOT_YOURS = "没有这条记录，或者不在您的管辖范围内。"


def union_of(target: Any) -> Any:
    """The union that a scoped record belongs to."""
    for name in filter(None, target.scope_path.split("__")):
        target = getattr(target, name)
    return target


def _rows(model: Any, pks: Collection[Any], by: Any, needs: type[Attached] | None = None) -> list[Any]:
    """Those of the rows that `by` may view. Raises DomainError without the permission, or when there are none."""
    if not may_view(by, model) or (needs is not None and not may(by, "change", needs)):
        raise DomainError("您的账号不能办理这项操作。")
    union = [model.scope_path] if model.scope_path else []
    rows = list(model._default_manager.visible_to(by).filter(pk__in=pks).select_related(*union).order_by("pk"))
    if not rows:
        raise DomainError(_NOT_YOURS)
    return rows


def _beside(row: Any, **facts: Any) -> dict[str, Any]:
    return {"target": row, "union": union_of(row), **facts}


def mark_seen(model: Any, pks: Collection[Any], *, by: Any) -> int:
    """Note that `by` has looked at the rows now."""
    rows = [Seen(**_beside(row, user=by, at=timezone.now())) for row in _rows(model, pks, by)]
    once = ["content_type", "object_id", "user"]
    Seen.objects.bulk_create(rows, update_conflicts=True, unique_fields=once, update_fields=["at"])
    return len(rows)


def follow(model: Any, pks: Collection[Any], *, by: Any) -> int:
    """`by` is told from now on what becomes of the rows."""
    rows = [Follow(**_beside(row, user=by)) for row in _rows(model, pks, by)]
    Follow.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def unfollow(model: Any, pks: Collection[Any], *, by: Any) -> int:
    """`by` is told no longer; also of rows that are no longer theirs to see."""
    return Follow.objects.of(model).filter(user=by, object_id__in=pks).delete()[0]


@transaction.atomic
def label(model: Any, pks: Collection[Any], label: Label, *, by: Any) -> int:
    """Put a label on the rows."""
    rows = _rows(model, pks, by, Labelling)
    if not label.is_active:
        raise DomainError(f"标签「{label}」已停用。")
    for row in rows:
        Labelling.objects.to(row).get_or_create(label=label, defaults=_beside(row, by=by))
    return len(rows)


@transaction.atomic
def unlabel(model: Any, pks: Collection[Any], label: Label, *, by: Any) -> int:
    """Take a label off the rows; gives how many had it."""
    rows = _rows(model, pks, by, Labelling)
    gone = list(Labelling.objects.of(model).filter(label=label, object_id__in=[row.pk for row in rows]))
    for one in gone:
        one.delete()  # each by itself, for the audit trail
    return len(gone)


@transaction.atomic
def relabel(target: Any, *, put: Iterable[Label], taken: Iterable[Label], by: Any) -> None:
    """Put labels on a record and take others off; what is in neither stays as it is, also what somebody else has put
    or taken meanwhile."""
    for one in taken:
        unlabel(type(target), [target.pk], one, by=by)
    for one in put:
        label(type(target), [target.pk], one, by=by)


def people_for(target: Any) -> models.QuerySet:
    """Who may view a record: accounts with the permission that serve its union or one above."""
    path = union_of(target).path
    above = [path[:end] for end in range(4, len(path) + 1, 4)]
    people = get_user_model()._default_manager.with_perm(
        permission_of(type(target), "view"), backend="django.contrib.auth.backends.ModelBackend"
    )
    return people.filter(is_active=True, union__path__in=above).order_by("full_name", "pk")


@transaction.atomic
def assign(target: Any, to: Any, *, by: Any, instead_of: int | None) -> None:
    """Give a record to `to`, who is told; None takes it back. `instead_of`: key of who had it on the page that `by`
    saw, so that of two who assign at once the second is told. Raises DomainError."""
    (row,) = _rows(type(target), [target.pk], by, Assignment)
    type(row)._base_manager.select_for_update(of=("self",)).get(pk=row.pk)
    present = Assignment.objects.to(row).select_related("user").first()
    if (present.user_id if present else None) != instead_of:
        now = f"已由{present.by.full_name}分给{present.user.full_name}" if present else "已取消分办"
        raise DomainError(f"您打开这一页以后，这件{now}。请看过现在的情况再办。")
    if to is not None and not people_for(row).filter(pk=to.pk, is_staff=True).exists():
        raise DomainError("这个账号不能办理这件，请另选经办人。")
    if present is not None and to is None:
        present.delete()
    elif to is not None:
        Assignment.objects.to(row).update_or_create(defaults=_beside(row, user=to, by=by, since=timezone.now()))
        tell([to], f"{by.full_name}分给您一件：{row}", row, but=by)


def tell(people: Iterable[Any], words: str, target: Any, *, but: Any = None) -> None:
    """Leave each of `people` a notice with the way to `target`; not to `but`, who did it."""
    told = {person.pk: person for person in people if person is not None and person != but}
    Notice.objects.bulk_create(
        Notice(user=person, words=words[:500], url=address_of(target, person)) for person in told.values()
    )


def address_of(target: Any, user: Any) -> str:
    """The page of a record for `user`: in the admin for county staff, else the officers'; "" where there is none."""
    app, name = target._meta.app_label, target._meta.model_name
    try:
        return reverse(f"admin:{app}_{name}_change" if user.is_staff else f"{app}:{name}_detail", args=[target.pk])
    except NoReverseMatch:
        return ""


def put_away(notices: Collection[int], *, by: Any) -> int:
    """Mark notices of `by` as read."""
    return Notice.objects.unread(by).filter(pk__in=notices).update(read_at=timezone.now())
