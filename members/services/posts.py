"""Changes around cadres: leaving a post, and attending a course."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils import timezone

from members.models import Attendance, Cadre, Training, Union, User
from pingtang_union.core.dates import display_partial
from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.permissions import require
from pingtang_union.core.text import fold_name

_NOTE_LENGTH = Cadre._meta.get_field("note").max_length or 0


@transaction.atomic
def end_post(*, cadre: Cadre, on: str, by: User, reason: str = "") -> Cadre:
    """Let a cadre's post end on the partial date `on`; `reason` joins the record's note.

    Raises DomainError when the post has ended already, when `on` lies before its beginning or ahead, when the note
    would be too long, or when `by` doesn't see the cadre; PermissionDenied for who changes no cadres.
    """
    require(by, "change", Cadre)
    locked = Cadre.objects.visible_to(by).select_for_update(of=("self",)).filter(pk=cadre.pk).first()
    if locked is None:
        raise DomainError("这位干部不在您的管辖范围内。")
    if locked.ended_on:
        raise DomainError(f"{locked.name}已登记在{display_partial(locked.ended_on)}离任，不用再办。")
    exactness = min(len(on), len(locked.started_on or ""))
    if locked.started_on and on[:exactness] < locked.started_on[:exactness]:
        raise DomainError(f"离任时间不能早于任职时间（{display_partial(locked.started_on)}），请核对。")
    if on > timezone.localdate().isoformat()[: len(on)]:
        raise DomainError("离任时间未到，请届时办理。")
    note = "；".join(part for part in (locked.note, reason.strip()) if part)
    if len(note) > _NOTE_LENGTH:
        raise DomainError(f"和原来的备注合起来超过 {_NOTE_LENGTH} 个字，请写短一些。")
    locked.ended_on, locked.note = on, note
    locked.save(update_fields=["ended_on", "note"])
    return locked


@dataclass(frozen=True)
class Attended:
    """What became of names entered for a course: those added, and those that were in it already."""

    added: Sequence[str]
    known: Sequence[str]


@transaction.atomic
def add_attendances(
    *,
    training: Training,
    union: Union,
    by: User,
    cadres: Iterable[Cadre] = (),
    names: Iterable[str] = (),
    result: str = "",
) -> Attended:
    """Enter people of one union as having attended a course; whoever is in it already stays as she is.

    A name that exactly one cadre in post of the union bears is that cadre's. Entering the same people again, or by
    two at once, adds nobody twice. Raises DomainError when `by` doesn't see the course or the union, PermissionDenied
    for who enters no attendances.
    """
    require(by, "add", Attendance)
    # Locked: whoever enters people for the same course at the same time waits, and then sees them.
    if not Training.objects.visible_to(by).select_for_update(of=("self",)).filter(pk=training.pk):
        raise DomainError("这期培训班不在您的管辖范围内。")
    if not Union.objects.visible_to(by).filter(pk=union.pk).exists():
        raise DomainError("这个工会不在您的管辖范围内。")
    people: dict[str, tuple[str, Cadre | None]] = {}
    for cadre in cadres:
        people.setdefault(fold_name(cadre.name), (cadre.name, cadre))
    typed = {fold_name(name): name for name in names}
    same: dict[str, list[Cadre]] = {}
    for cadre in Cadre.objects.filter(union=union, name_key__in=typed, ended_on__isnull=True):
        same.setdefault(cadre.name_key, []).append(cadre)
    for key, name in typed.items():
        bearers = same.get(key, [])
        people.setdefault(key, (name, bearers[0] if len(bearers) == 1 else None))
    course = Attendance.objects.filter(training=training, union=union)
    present = set(course.filter(name_key__in=people).values_list("name_key", flat=True))
    added = []
    for key in sorted(people):  # one order for all: no deadlock
        if key in present:
            continue
        name, known_cadre = people[key]
        gender = known_cadre.gender if known_cadre else ""
        attendance = Attendance(
            training=training, union=union, name=name, cadre=known_cadre, gender=gender, result=result
        )
        try:
            with transaction.atomic():  # an import may write the same name at this moment: the database decides
                attendance.save()
        except IntegrityError:
            present.add(key)
        else:
            added.append(name)
    return Attended(added, [name for key, (name, _) in people.items() if key in present])
