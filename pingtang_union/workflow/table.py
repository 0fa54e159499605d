"""The table of transitions: which states there are, what leads from one to the next, who may and what it needs.

It drives buttons, permissions, the timeline of each page, the tests' matrix and the diagram in docs/workflow.md.
"""

from dataclasses import dataclass, replace
from typing import Any

from pingtang_union.tones import Toned

SHORTEST_REASON = 4
LONGEST_REASON = 500


class State(Toned):
    """Where an application stands."""

    DRAFT = "draft", "", "草稿"
    SUBMITTED = "submitted", "is-info", "已提交"
    RECOMMENDED = "recommended", "is-info", "已推荐"
    REVIEWED = "reviewed", "is-info", "县审核通过"
    PUBLICISED = "publicised", "is-notice", "公示中"
    DECIDED = "decided", "is-ok", "已决定"
    RETURNED = "returned", "is-warn", "退回修改"
    REJECTED = "rejected", "is-bad", "不予通过"
    ABANDONED = "abandoned", "", "不再申报"


EDITABLE = (State.DRAFT, State.RETURNED)
ENDS = (State.DECIDED, State.REJECTED, State.ABANDONED)
# Offices in the order in which they act: what each did is a pair of columns, `<stage>_by` and `<stage>_at`.
STAGES = ("submitted", "recommended", "reviewed", "decided")


@dataclass(frozen=True)
class Transition:
    """One line of the table.

    permission: the verb of the model's permission ("review" is awards.review_nomination). stage: the columns that it
    fills; those of the stages behind it are emptied. asks: fields of the application that the form asks for along.
    publicity: True where only models with publicity have it, False where only those without. intro: what the page
    says before one does it.
    """

    name: str
    label: str
    sources: tuple[State, ...]
    target: State
    permission: str
    stage: str = ""
    needs_reason: bool = False
    asks: tuple[str, ...] = ()
    publicity: bool | None = None
    is_danger: bool = False
    intro: str = ""

    @property
    def is_by_applicant(self) -> bool:
        """Whether the applying side makes it. Offices make all others, never the person who submitted."""
        return self.permission == "submit"

    @property
    def act(self) -> str:
        """What is done, without what comes of it."""
        return self.label.removesuffix("通过")


S = State
TRANSITIONS: tuple[Transition, ...] = (
    Transition(
        "submit", "提交", (S.DRAFT, S.RETURNED), S.SUBMITTED, "submit", stage="submitted",
        intro="提交后不能修改；撤回或被退回后，可修改再提交。",
    ),
    Transition(
        "withdraw", "撤回修改", (S.SUBMITTED, S.RECOMMENDED), S.DRAFT, "submit",
        intro="撤回后恢复为草稿，修改后可再提交。县总工会已审核通过的，不能撤回。",
    ),
    Transition(
        "abandon", "不再申报", (S.DRAFT, S.RETURNED), S.ABANDONED, "submit", is_danger=True, needs_reason=True,
        intro="本申报办结，不再办理，记录保留。",
    ),
    Transition(
        "recommend", "推荐", (S.SUBMITTED,), S.RECOMMENDED, "recommend", stage="recommended",
        intro="推荐后报县总工会审核，占用本级名额。",
    ),
    Transition(
        "send_back", "退回", (S.SUBMITTED,), S.RETURNED, "recommend", needs_reason=True,
        intro="退回申报工会修改，原因对方可见。",
    ),
    Transition(
        "approve", "审核通过", (S.SUBMITTED, S.RECOMMENDED), S.REVIEWED, "review", stage="reviewed",
        intro="审核通过后等待公示或认定。",
    ),
    Transition(
        "return", "退回", (S.SUBMITTED, S.RECOMMENDED, S.REVIEWED), S.RETURNED, "review", needs_reason=True,
        intro="退回申报工会修改，原因对方可见。",
    ),
    Transition(
        "reject", "不予通过", (S.SUBMITTED, S.RECOMMENDED, S.REVIEWED, S.PUBLICISED), S.REJECTED, "review",
        needs_reason=True, is_danger=True, intro="不予通过即告办结，不能修改后再报；原因对方可见。",
    ),
    Transition(
        "publicise", "开始公示", (S.REVIEWED,), S.PUBLICISED, "publicise", publicity=True,
        intro="公示自今日起，公示期按规定的工作日计算，当日不计。",
    ),
    Transition(
        "retract", "撤下公示", (S.PUBLICISED,), S.REVIEWED, "publicise", publicity=True, needs_reason=True,
        intro="撤下后恢复为县审核通过；再次公示的，重新计算公示期。",
    ),
    Transition(
        "decide", "作出决定", (S.PUBLICISED,), S.DECIDED, "decide", stage="decided", publicity=True,
        asks=("decision_document",), intro="公示期满、没有未了结的异议，才能作出决定。",
    ),
    Transition(
        "confirm", "认定", (S.REVIEWED,), S.DECIDED, "decide", stage="decided", publicity=False,
        asks=("decision_document",), intro="认定后不能修改。",
    ),
)  # fmt: skip


def transitions_of(model: Any) -> tuple[Transition, ...]:
    """The lines of the table that a model of applications has, in its words."""
    return tuple(
        replace(transition, **model.words_of.get(transition.name, {}))
        for transition in TRANSITIONS
        if transition.publicity in (None, model.needs_publicity)
    )


def transition_called(model: Any, name: str) -> Transition:
    """The line called `name`. Raises LookupError where `model` has none such."""
    for transition in transitions_of(model):
        if transition.name == name:
            return transition
    raise LookupError(name)


def permissions_of(model_name: str, noun: str, *, publicity: bool = True) -> list[tuple[str, str]]:
    """For an application's Meta.permissions: a verb for each office."""
    words = {"submit": "提交", "recommend": "推荐", "review": "审核", "publicise": "公示", "decide": "决定"}
    return [
        (f"{verb}_{model_name}", f"{word}{noun}") for verb, word in words.items() if publicity or verb != "publicise"
    ]


def diagram() -> str:
    """The table as lines of text, for docs/workflow.md: state, transition, state, with who may and what it needs."""
    lines = []
    for transition in TRANSITIONS:
        sources = "、".join(source.label for source in transition.sources)
        marks = [transition.permission]
        if transition.needs_reason:
            marks.append("reason")
        if transition.publicity is not None:
            marks.append("with publicity" if transition.publicity else "without publicity")
        lines.append(f"{sources} —{transition.label}→ {transition.target.label}  ({', '.join(marks)})")
    return "\n".join(lines)
