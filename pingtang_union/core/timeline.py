"""What pages show of an application: the transitions offered, what changed since it came back, the timeline. All of it
is read from the table in core.workflow."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pingtang_union.core.workflow import (
    ENDS,
    Application,
    State,
    Step,
    Transition,
    barred_from,
    permission_of,
    transitions_of,
    what_is_missing,
)


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
    """The transitions that start from the present state and that the role permits, each with what is in its way."""
    found = []
    for transition in transitions_of(type(application)):
        if application.state not in transition.sources:
            continue
        if not user.has_perm(permission_of(type(application), transition.permission)):
            continue
        if transition.name in ("recommend", "send_back") and not application.needs_recommendation():
            continue  # not this office's matter at all
        barred = barred_from(application, transition, user)
        found.append(Offer(transition, (barred,) if barred else tuple(what_is_missing(application, transition))))
    return found


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
            one
            for one in transitions_of(type(application))
            if state in one.sources and one.target not in (State.RETURNED, State.REJECTED, State.ABANDONED, State.DRAFT)
        ]
        if not needs:
            way = [one for one in way if one.name != "recommend"]
        elif state == State.SUBMITTED:
            way = [one for one in way if one.name == "recommend"]
        way = [one for one in way if one.name != "retract"]
        if not way:
            break
        moments.append(Moment(way[0].label, "ahead"))
        state = way[0].target
    return moments
