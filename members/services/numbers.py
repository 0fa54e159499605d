"""How many numbers an account may put to the records, and what becomes of those beyond.

Every answer that differs (a transfer offered, a person known under another name, no answer at all) tells whether a
number is registered. A birthday and a name leave a thousand numbers to try, so that not the answers are limited but the
questions: whoever asks for more different numbers of one person, or of one day of birth, than a real roster has, gets
none of them answered. All rows of that group wait for the county, hit and miss alike, before anything is compared.

Asked are counted by the office over thirty days: in one file or in thirty, on pages, by one of its accounts or by all.
A number that the account may read anyway is no question.
"""

import logging
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from auditlog.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import connection, models, transaction
from django.utils import timezone

from members.models import Cadre, HeldNumber, HeldState, HeldWhy, Member, NumberAlarm, NumberAttempt, Union, User
from members.models.codes import Level
from pingtang_union.core import crypto
from pingtang_union.core.audit import caller, stated
from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.masking import mask
from pingtang_union.core.permissions import may_reveal
from pingtang_union.core.scope import scope_prefix
from pingtang_union.core.text import fold_name, narrow

logger = logging.getLogger("pingtang_union.numbers")

PERIOD = timedelta(days=30)
# Limits of what a real roster holds. A person has one number; a clerk may mistype it twice. Of one day of birth a
# roster of some hundred people has two or three, with twins among them; a large one three times as many as chance gives
# it at most, spread over the birthdays of a working life (from sixteen to sixty).
A_PERSON, A_DAY, TIMES = 3, 5, 3
WORKING_LIFE_DAYS = (60 - 16) * 365.25
# One text for every hold: it must not tell a number that is registered from one that is not.
HELD = "姓名和证件号码须经县总工会核实后登记。请先对照身份证核对；无误的，等待县总工会核实。"
SEARCHING = "填完整的号码，只在您能看到的记录里查。每次查找都记入审计日志。"
NO_UNION = "您的账号还没有分配所在工会，不能登记和查找证件号码。请联系县总工会系统管理员。"
NOT_FOUND = "没有查到。请对照身份证核对号码。"
_GB_11643 = re.compile(r"\d{17}[\dX]")
_OLD = re.compile(r"\d{15}")
_CHUNK = 5000


@dataclass(frozen=True, slots=True)
class Asked:
    """A number put to the records with the name it came with."""

    number: str
    index: str
    name_key: str

    @classmethod
    def of(cls, number: str, name: str) -> "Asked":
        """From what a form holds."""
        return cls(number, crypto.blind_index(number), fold_name(name))

    @property
    def day(self) -> str:
        """What numbers near one another share: the day of birth that stands in a number. It is read from the form of
        the number, whatever document is said to carry it. Where none stands in it (passports, permits) enumeration
        means its neighbours: all but the last three characters."""
        if _GB_11643.fullmatch(self.number):
            return self.number[6:14]
        if _OLD.fullmatch(self.number):
            return f"19{self.number[6:12]}"
        return f"near {self.number[:-3]}"

    @property
    def person(self) -> str:
        """The name, with the birthday that stands in the number; the name alone where none does, since one that is
        given could be given differently each time. Without a name everyone is someone else."""
        if not self.name_key:
            return self.number
        day = self.day
        return f"{self.name_key} {day}" if day.isdecimal() else self.name_key


def is_limited(by: Any, model: type[models.Model]) -> bool:
    """Whether answers may tell `by` of numbers that it may not read: everyone but the command line (None) and who may
    see every number of the whole county in full."""
    if by is None:
        return False
    prefix = scope_prefix(by)
    if prefix is None or not may_reveal(by, model):
        return True
    above = [prefix[:end] for end in range(Union.steplen, len(prefix), Union.steplen)]
    outside = Union.objects.exclude(path__startswith=prefix).exclude(path__in=above, level=Level.PREFECTURE)
    return outside.exists()


def beyond_limit(
    by: Any, model: type[models.Model], asked: Sequence[Asked], *, place: str, batch: Any = None, registers: bool = True
) -> set[int]:
    """Positions in `asked` that must not be compared with what is stored: groups beyond the limit, whole.

    registers: the numbers are remembered, in a short transaction that holds the office's row, so that of two who ask
    at once both count; otherwise somebody has already. An alarm is raised where numbers are held. Who serves no union
    has no office to count by, and gets nothing answered.
    """
    if not asked or not is_limited(by, model):
        return set()
    if by.union_id is None:
        return set(range(len(asked)))
    open_to_all = _known_to(by, asked) | confirmed(by, asked)
    counted = [number for number in asked if (number.index, number.name_key) not in open_to_all]
    if not counted:
        return set()
    digest = crypto.blind_index
    digests = {number: (digest(f"day {number.day}"), digest(f"person {number.person}")) for number in counted}
    if registers:
        with transaction.atomic():
            Union.objects.select_for_update(of=("self",), no_key=True).get(pk=by.union_id)
            _remember(by, digests)
            days, people, named = _groups_beyond(by)
    else:
        days, people, named = _groups_beyond(by)
    held = {
        position
        for position, number in enumerate(asked)
        if number in digests and (digests[number][0] in days or digests[number][1] in people or number.index in named)
    }
    if held and registers:
        waiting = _waiting(by, asked)  # what waits already was alarmed of: an officer brings the file again
        numbers = {asked[position].index for position in held} - waiting
        if numbers:
            _raise_alarm(by, len(numbers), place, batch)
    return held


def _waiting(by: Any, asked: Sequence[Asked]) -> set[str]:
    """Indexes of numbers that the county has of the account's unions and hasn't answered yet."""
    return set(HeldNumber.objects.visible_to(by).open().values_list("id_index", flat=True)) & {
        number.index for number in asked
    }


def _known_to(by: Any, asked: Sequence[Asked]) -> set[tuple[str, str]]:
    """(index, name) of numbers that the account may read in its own rows: they tell it nothing."""
    known: set[str] = set()
    for model in (Member, Cadre):
        if may_reveal(by, model):
            for part in _parts({number.index for number in asked}):
                rows = model._default_manager.visible_to(by).filter(id_index__in=part)
                known.update(str(index) for index in rows.values_list("id_index", flat=True))
    return {(number.index, number.name_key) for number in asked if number.index in known}


def confirmed(by: Any, asked: Sequence[Asked]) -> set[tuple[str, str]]:
    """(index, name) that the county has found right for the account's unions."""
    pairs: set[tuple[str, str]] = set()
    if HeldNumber.objects.visible_to(by).filter(state=HeldState.CONFIRMED).exists():
        for part in _parts({number.index for number in asked}):
            rows = HeldNumber.objects.visible_to(by).filter(state=HeldState.CONFIRMED, id_index__in=part)
            pairs.update(rows.values_list("id_index", "name_key"))
    return pairs


def _groups_beyond(by: Any) -> tuple[set[str], set[str], set[str]]:
    """Digests of the days and of the people of which more numbers have been asked for than the limits allow, and
    numbers that have been tried with more names. What is asked now is among the attempts; the database counts them,
    since the office waits.

    What the size expects goes by the people that there are: numbers made up for the purpose widen no limit.
    """
    mine = models.Q(union=by.union_id) | models.Q(account=by)
    attempts = NumberAttempt.objects.filter(mine, at__gte=timezone.now() - PERIOD).order_by()
    many = models.Count("number", distinct=True)
    size = attempts.aggregate(many=many)["many"]
    if size * TIMES > A_DAY * WORKING_LIFE_DAYS:
        size = min(size, Member.objects.visible_to(by).count() + Cadre.objects.visible_to(by).count())
    a_day = max(A_DAY, TIMES * size / WORKING_LIFE_DAYS)
    days = attempts.values("day").annotate(many=many).filter(many__gt=int(a_day))
    people = attempts.values("person").annotate(many=many).filter(many__gt=A_PERSON)
    names = models.Count("person", distinct=True)
    named = attempts.values("number").annotate(names=names).filter(names__gt=A_PERSON)
    return (
        set(days.values_list("day", flat=True)),
        set(people.values_list("person", flat=True)),
        set(named.values_list("number", flat=True)),
    )


def _remember(by: Any, digests: dict[Asked, tuple[str, str]]) -> None:
    now = timezone.now()
    old = NumberAttempt.objects.filter(union=by.union_id, at__lt=now - PERIOD)
    old._raw_delete(old.db)
    NumberAttempt.objects.bulk_create(
        [
            NumberAttempt(union_id=by.union_id, account=by, at=now, number=one.index, day=day, person=person)
            for one, (day, person) in {
                (number.index, both[1]): (number, both) for number, both in digests.items()
            }.values()
        ],
        batch_size=1000,
        update_conflicts=True,
        unique_fields=["account", "union", "number", "person"],
        update_fields=["at"],
    )


def _raise_alarm(by: Any, numbers: int, place: str, batch: Any) -> None:
    """For the county and the auditor; the line in the log names accounts and counts, no person."""
    NumberAlarm.objects.create(union_id=by.union_id, account=by, numbers=numbers, place=place[:300], batch=batch)
    logger.warning(
        "account %s asked for more numbers of one birthday or person than a roster has: %s held (batch %s)",
        by.pk,
        numbers,
        batch.pk if batch is not None else "-",
    )


def why_held(
    by: Any,
    model: type[Member] | type[Cadre],
    asked: Asked,
    *,
    place: str,
    apart_from: int | None = None,
    registers: bool = True,
) -> str:
    """Why a number that a form carries must wait for the county, or "" when the form may go on: rosters' rule for
    pages. apart_from: the record that the form changes. What is told is written down."""
    if not is_limited(by, model):
        return ""
    if beyond_limit(by, model, [asked], place=place, registers=registers):
        return HeldWhy.MANY
    known: Any = model._default_manager.filter(id_index=asked.index).exclude(pk=apart_from or 0)
    record = (known.filter(ended_on__isnull=True) if model is Cadre else known).first()
    if record is None or model._default_manager.visible_to(by).filter(pk=record.pk).exists():
        return ""
    # A confirmed name and number are a member's; a post elsewhere has to end first, whatever was confirmed.
    is_right = record.name_key == asked.name_key or (asked.index, asked.name_key) in confirmed(by, [asked])
    offers = model is Member and is_right
    record_answers(by, [(model, asked.number, "待转会" if offers else "待县核实", place)])
    if offers:
        return ""
    return HeldWhy.IN_POST if model is Cadre else HeldWhy.ELSEWHERE


def find_by_number(by: Any, model: type[Member] | type[Cadre], typed: str) -> Any:
    """The records of `by`'s own rows with this number, for who may read numbers; an audit event each time. Raises
    DomainError for who may not, and beyond the limit."""
    if not may_reveal(by, model):
        raise DomainError("您的账号不能按证件号查找。")
    if by.union_id is None:
        raise DomainError(NO_UNION)
    number = narrow(typed).replace("-", "").upper()
    place = f"按证件号查找{model._meta.verbose_name}"
    if beyond_limit(by, model, [Asked.of(number, "")], place=place):
        raise DomainError("近 30 天查找的同一天出生的号码过多，不再查找。确有需要，请联系县总工会。")
    matches = model._default_manager.visible_to(by).filter(id_index=crypto.blind_index(number)).select_related("union")
    record_answers(by, [(model, number, "查到" if matches else "没有查到", place)])
    return matches


def purge_attempts(before: datetime) -> int:
    """Forget those before that moment; gives how many. An office that asks again has its own forgotten by itself, the
    others' are each night (members.portal)."""
    old = NumberAttempt.objects.filter(at__lt=before)
    return int(old._raw_delete(old.db))


# --- What is told --------------------------------------------------------------------------


def record_answers(by: Any, answers: Iterable[tuple[type[models.Model], str, str, str]]) -> None:
    """Write audit events of answers that tell of a number: (model, number, what was answered, where). Masks only."""
    LogEntry.objects.bulk_create(
        [
            LogEntry(
                content_type=ContentType.objects.get_for_model(model),
                object_pk="",
                object_repr="按证件号码查对",
                action=LogEntry.Action.ACCESS,
                actor=by,
                remote_addr=caller(),
                changes={"证件号码": ["", mask(number)], "答复": ["", answer]},
                additional_data={"reason": place[:300]},
            )
            for model, number, answer, place in answers
        ],
        batch_size=500,
    )


# --- What waits for the county -------------------------------------------------------------


def hold(
    *, by: User, union_id: int, name: str, number: str, id_type: str, why: str, place: str, batch: Any = None
) -> HeldNumber:
    """Hand a name and a number to the county. What waits already is not handed over twice."""
    values = {"name": name[:50], "id_type": id_type, "why": why, "by": by, "place": place[:300], "batch": batch}
    with transaction.atomic():
        Union.objects.select_for_update(of=("self",), no_key=True).get(pk=union_id)
        key = {"union_id": union_id, "id_index": crypto.blind_index(number), "name_key": fold_name(name)[:50]}
        waiting = HeldNumber.objects.open().filter(**key).first()
        if waiting is None:
            before = HeldNumber.objects.filter(**key, state=HeldState.REFUSED).order_by("-settled_at").first()
            if before is not None and before.settled_at is not None:  # the county sees what it has answered once
                on = f"{timezone.localtime(before.settled_at):%Y-%m-%d}"
                values["place"] = f"{place}；此前 {on} 不予登记：{before.answer}"[:300]
            return HeldNumber.objects.create(**key, **values, id_number=number)
        if batch is not None and waiting.batch_id != batch.pk:
            waiting.batch = batch
            waiting.save(update_fields=["batch"])
        return waiting


@transaction.atomic
def settle_number(*, held: HeldNumber, by: User, agree: bool, answer: str = "") -> HeldNumber:
    """Say that name and number are right, so that the union's row passes from now on, or that they are not to be
    registered, and why. Raises DomainError for who may not, who handed them over, and what is settled."""
    locked = HeldNumber.objects.visible_to(by).select_for_update(of=("self",)).filter(pk=held.pk).first()
    if locked is None or not (by.has_perm("members.settle_heldnumber") and may_reveal(by, HeldNumber)):
        raise DomainError("您的账号不能核实这个号码。")
    if locked.state != HeldState.OPEN:
        raise DomainError(f"已经办过（{locked.get_state_display()}），不能再改。")
    if locked.by_id == by.pk:
        raise DomainError("自己报的号码不能由自己核实。")
    if agree and locked.why == HeldWhy.IN_POST:
        _refuse_while_in_post(locked, by)
    locked.answer = stated(answer, asked="不予登记的原因") if not agree else " ".join(answer.split())[:200]
    if len(locked.answer) > 200:
        raise DomainError("原因最多写 200 个字。")
    locked.state = HeldState.CONFIRMED if agree else HeldState.REFUSED
    locked.settled_by, locked.settled_at = by, timezone.now()
    locked.save(update_fields=["state", "answer", "settled_by", "settled_at"])
    return locked


def withdraw(*, batch_id: int) -> None:
    """A batch is taken back, and with it what it asked of the county. One by one: each is an audit event of whoever
    takes the batch back."""
    waiting = HeldNumber.objects.open().select_for_update(of=("self",)).filter(batch_id=batch_id)
    for held in waiting.order_by("pk"):
        held.state = HeldState.WITHDRAWN
        held.save(update_fields=["state"])


def _refuse_while_in_post(held: HeldNumber, by: User) -> None:
    """One person is in one post: the union's row could not be written while the other post stands."""
    posts = Cadre.objects.visible_to(by).filter(id_index=held.id_index, ended_on__isnull=True)
    other = posts.exclude(union=held.union_id).select_related("union").first()
    if other is not None:
        raise DomainError(
            f"这个号码在{other.union}还有在任的干部记录（{other.name}）。确已调离的，请先登记该记录的离任时间，再来核实。"
        )


def _parts(values: Iterable[str]) -> Iterator[list[str]]:
    size = _CHUNK if connection.vendor == "postgresql" else 900
    ordered = sorted(values)
    for start in range(0, len(ordered), size):
        yield ordered[start : start + size]
