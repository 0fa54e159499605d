"""What pages show of an application: the transitions offered, what changed since it came back, the timeline. All of it
is read from the table in workflow.moving."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone

from pingtang_union.core.permissions import permission_of
from pingtang_union.workflow.models import Application, Return, Step
from pingtang_union.workflow.moving import barred_from, is_applicant, what_is_missing
from pingtang_union.workflow.table import ENDS, State, Transition, transition_called, transitions_of


@dataclass(frozen=True)
class Offer:
    """A transition that a page offers: why_not says what still keeps it from happening."""

    transition: Transition
    why_not: tuple[str, ...] = ()

    @property
    def is_ready(self) -> bool:
        """Whether it can be done now."""
        return not self.why_not


def offers(application: Application, user: Any) -> list[Offer]:
    """The transitions that start from the present state and are the user's to make, each with what is in its way."""
    offered = []
    for transition in transitions_of(type(application)):
        if application.state not in transition.sources:
            continue
        if not user.has_perm(permission_of(type(application), transition.permission)):
            continue
        if transition.is_by_applicant and not is_applicant(application, user):
            continue
        if transition.name in ("recommend", "send_back") and not application.needs_recommendation():
            continue  # not this office's matter at all
        barred = barred_from(application, transition, user)
        offered.append(Offer(transition, (barred,) if barred else tuple(what_is_missing(application, transition))))
    return offered


@dataclass(frozen=True)
class Difference:
    """One thing said otherwise than at the submission before."""

    label: str
    before: str
    after: str


def changes_between(before: Mapping[str, str], after: Mapping[str, str]) -> list[Difference]:
    """What two contents of an application say otherwise, in the order of the later one."""
    labels = [*after, *(label for label in before if label not in after)]
    return [
        Difference(label, before.get(label, ""), after.get(label, ""))
        for label in labels
        if before.get(label, "") != after.get(label, "")
    ]


def changes_since_return(steps: Iterable[Step]) -> list[Difference]:
    """What the latest submission says otherwise than the one before; [] when there is only one."""
    contents = [step.content for step in steps if step.content is not None]
    return changes_between(contents[-2], contents[-1]) if len(contents) > 1 else []


@dataclass(frozen=True)
class Moment:
    """One line of a timeline: done (with who and when), standing now, or still ahead."""

    label: str
    kind: str  # done, now, ahead
    step: Step | None = None


def timeline(application: Application, steps: Sequence[Step]) -> list[Moment]:
    """What happened, where it stands, and the way ahead to a decision as the table has it."""
    moments = [Moment(step.label, "done", step) for step in steps]
    moments.append(Moment(application.get_state_display(), "now"))
    state = State(application.state)
    needs = application.needs_recommendation()
    while state not in ENDS:
        way = [
            transition
            for transition in transitions_of(type(application))
            if state in transition.sources
            and transition.target not in (State.RETURNED, State.REJECTED, State.ABANDONED, State.DRAFT)
        ]
        if not needs:
            way = [transition for transition in way if transition.name != "recommend"]
        elif state == State.SUBMITTED:
            way = [transition for transition in way if transition.name == "recommend"]
        way = [transition for transition in way if transition.name != "retract"]
        if not way:
            break
        moments.append(Moment(way[0].label, "ahead"))
        state = way[0].target
    return moments


def return_step(application: Application) -> str:
    """The step of the form that a return names, or that its reason speaks of by the model's `step_words`; "" for
    none."""
    if application.state != State.RETURNED:
        return ""
    if named := Return.objects.to(application).values_list("step", flat=True).first():
        return str(named)
    reason = application.reason
    places = {
        reason.index(word): step for step, words in application.step_words.items() for word in words if word in reason
    }
    return places[min(places)] if places else ""


def asked_of(applications: Iterable[Application]) -> dict[int, list[str]]:
    """By key, in lines: why each that was sent back came back, and what has to be mended until when; one question."""
    back = {one.pk: one for one in applications if one.state == State.RETURNED}
    asked = {pk: [f"原因：{one.reason}"] for pk, one in back.items()}
    if not back:
        return asked
    rows = Return.objects.of(type(next(iter(back.values())))).filter(object_id__in=back).order_by("at", "pk")
    for pk, row in {row.object_id: row for row in rows.select_related("content_type")}.items():  # the latest
        step = f"需要修改的部分：{row.step_label()}。" if row.step else ""
        until = f"请于 {row.until} 前修改后重新提交。" if row.until else ""
        asked[pk] += [step + until] if step or until else []
    return asked


def waits_for(application: Application) -> str:
    """Whom an application that was handed in waits for."""
    if application.state == State.PUBLICISED:
        return f"公示至 {application.publicised_until:%Y-%m-%d}"
    if application.state == State.REVIEWED:
        return "等待公示" if application.needs_publicity else "等待县总工会认定"
    is_above = application.state == State.SUBMITTED and application.needs_recommendation()
    first = transition_called(type(application), "recommend").act
    return f"等待上级工会{first}" if is_above else "等待县总工会审核"


def stands_since(application: Application) -> date:
    """The day on which it came to where it stands."""
    at = application.reviewed_at or application.recommended_at or application.submitted_at or application.created_at
    return application.publicised_from or timezone.localdate(at)
