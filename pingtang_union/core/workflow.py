"""Applications and how they move: one table of transitions for honours and relief.

The table drives buttons, permissions, the timeline of each page, the tests' matrix and README's diagram. `perform` is
the only writer of an application's state. Apps subclass `Application`, `Step` and `Objection`, and differ only by
guards (`missing_for`), hooks (`prepare_<transition>` before the row is saved, `on_<transition>` after) and what they
say of themselves (`content`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any, ClassVar, Self, TypeVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import F, Q
from django.utils import timezone

from pingtang_union.core.audit import record_workflow
from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.fields import DocumentNumberField
from pingtang_union.core.models import PublicityRule
from pingtang_union.core.scope import ScopedModel, ScopedQuerySet
from pingtang_union.core.workdays import Deadline, deadline

SHORTEST_REASON = 4
LONGEST_REASON = 500


class State(models.TextChoices):
    """Where an application stands."""

    DRAFT = "draft", "草稿"
    SUBMITTED = "submitted", "已提交"
    RECOMMENDED = "recommended", "已推荐"
    REVIEWED = "reviewed", "县审核通过"
    PUBLICISED = "publicised", "公示中"
    DECIDED = "decided", "已决定"
    RETURNED = "returned", "退回修改"
    REJECTED = "rejected", "不予通过"
    ABANDONED = "abandoned", "不再申报"


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
        """Whether it is the applying side's deed; all others are an office's, and never of who submitted."""
        return self.permission == "submit"


S = State
TRANSITIONS: tuple[Transition, ...] = (
    Transition(
        "submit", "提交", (S.DRAFT, S.RETURNED), S.SUBMITTED, "submit", stage="submitted",
        intro="提交以后，内容就不能再改，除非撤回或被退回。",
    ),
    Transition(
        "withdraw", "撤回修改", (S.SUBMITTED, S.RECOMMENDED), S.DRAFT, "submit",
        intro="撤回后变回草稿，改好了再提交。县总工会已经审核通过的，不能撤回。",
    ),
    Transition(
        "abandon", "不再申报", (S.DRAFT, S.RETURNED), S.ABANDONED, "submit", is_danger=True, needs_reason=True,
        intro="这份申报就此结束，记录留着，不再办理。",
    ),
    Transition(
        "recommend", "推荐", (S.SUBMITTED,), S.RECOMMENDED, "recommend", stage="recommended",
        intro="推荐后报县总工会审核，占用本级名额。",
    ),
    Transition(
        "send_back", "退回", (S.SUBMITTED,), S.RETURNED, "recommend", needs_reason=True,
        intro="退回申报的工会修改，对方会看到原因。",
    ),
    Transition(
        "approve", "审核通过", (S.SUBMITTED, S.RECOMMENDED), S.REVIEWED, "review", stage="reviewed",
        intro="审核通过后等待公示或认定。",
    ),
    Transition(
        "return", "退回", (S.SUBMITTED, S.RECOMMENDED, S.REVIEWED), S.RETURNED, "review", needs_reason=True,
        intro="退回申报的工会修改，对方会看到原因。",
    ),
    Transition(
        "reject", "不予通过", (S.SUBMITTED, S.RECOMMENDED, S.REVIEWED, S.PUBLICISED), S.REJECTED, "review",
        needs_reason=True, is_danger=True, intro="不予通过就此结束，不能再改再报；对方会看到原因。",
    ),
    Transition(
        "publicise", "开始公示", (S.REVIEWED,), S.PUBLICISED, "publicise", publicity=True,
        intro="公示从今天开始，公示期按公示期规定的工作日计算，当天不算。",
    ),
    Transition(
        "retract", "撤下公示", (S.PUBLICISED,), S.REVIEWED, "publicise", publicity=True, needs_reason=True,
        intro="撤下后回到县审核通过；再公示要从头计算日期。",
    ),
    Transition(
        "decide", "作出决定", (S.PUBLICISED,), S.DECIDED, "decide", stage="decided", publicity=True,
        asks=("decision_document",), intro="公示期满、没有未了结的异议，才能作出决定。",
    ),
    Transition(
        "confirm", "认定", (S.REVIEWED,), S.DECIDED, "decide", stage="decided", publicity=False,
        asks=("decision_document",), intro="认定后不能再改。",
    ),
)  # fmt: skip


def transitions_of(model: "type[Application]") -> tuple[Transition, ...]:
    """The lines of the table that `model` has."""
    return tuple(one for one in TRANSITIONS if one.publicity in (None, model.needs_publicity))


def transition_called(model: "type[Application]", name: str) -> Transition:
    """The line called `name`. Raises LookupError where `model` has none such."""
    for one in transitions_of(model):
        if one.name == name:
            return one
    raise LookupError(name)


def permission_of(model: type[models.Model], verb: str) -> str:
    """The permission that a transition of `model` asks for: "awards.review_nomination"."""
    return f"{model._meta.app_label}.{verb}_{model._meta.model_name}"


def permissions_of(model_name: str, noun: str, *, publicity: bool = True) -> list[tuple[str, str]]:
    """For an application's Meta.permissions: a verb for each office."""
    words = {"submit": "提交", "recommend": "推荐", "review": "审核", "publicise": "公示", "decide": "决定"}
    return [
        (f"{verb}_{model_name}", f"{word}{noun}") for verb, word in words.items() if publicity or verb != "publicise"
    ]


def diagram() -> str:
    """The table as lines of text, for README: state, transition, state, with who may and what it needs."""
    lines = []
    for one in TRANSITIONS:
        sources = "、".join(source.label for source in one.sources)
        marks = [one.permission]
        if one.needs_reason:
            marks.append("reason")
        if one.publicity is not None:
            marks.append("with publicity" if one.publicity else "without publicity")
        lines.append(f"{sources} —{one.label}→ {one.target.label}  ({', '.join(marks)})")
    return "\n".join(lines)


# --- Records ---------------------------------------------------------------------------------


class ApplicationQuerySet(ScopedQuerySet):
    """Questions asked of applications."""

    def standing(self) -> Self:
        """Those not given up."""
        return self.exclude(state=State.ABANDONED)


def person_field(label: str) -> models.ForeignKey:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        verbose_name=label,
        related_name="+",
        db_index=False,
    )


def moment_field(label: str) -> models.DateTimeField:
    return models.DateTimeField(label, null=True, blank=True, editable=False)


def _different_people() -> list[models.CheckConstraint]:
    return [
        models.CheckConstraint(
            condition=Q(**{f"{one}_by__isnull": True})
            | Q(**{f"{other}_by__isnull": True})
            | ~Q(**{f"{one}_by": F(f"{other}_by")}),
            name=f"%(class)s_{one}_not_{other}",
            violation_error_message="提交、推荐、审核、决定要由不同的人办理。",
        )
        for one, other in combinations(STAGES, 2)
    ]


class Application(ScopedModel):
    """Something a union applies for and offices answer. Subclasses say what; only `perform` moves it.

    `revision` grows with every transition and every edit: a page tells which one it showed, and nobody approves what
    he hasn't seen.
    """

    scope_path = "union"
    needs_publicity: ClassVar[bool] = True

    union = models.ForeignKey(
        "members.Union", models.PROTECT, verbose_name="申报工会", related_name="%(class)ss", db_index=False
    )
    state = models.CharField("状态", max_length=12, choices=State, default=State.DRAFT, editable=False)
    revision = models.PositiveIntegerField("版本", default=1, editable=False)
    created_at = models.DateTimeField("建立时间", auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        verbose_name="填写人",
        related_name="+",
        db_index=False,
    )
    submitted_by, submitted_at = person_field("提交人"), moment_field("提交时间")
    recommended_by, recommended_at = person_field("推荐人"), moment_field("推荐时间")
    reviewed_by, reviewed_at = person_field("审核人"), moment_field("审核时间")
    decided_by, decided_at = person_field("决定人"), moment_field("决定时间")
    publicised_from = models.DateField("公示开始", null=True, blank=True, editable=False)
    publicised_until = models.DateField("公示截止", null=True, blank=True, editable=False)
    publicity_days = models.PositiveSmallIntegerField("公示工作日", null=True, blank=True, editable=False)
    decision_document = DocumentNumberField("决定文号", blank=True)
    reason = models.CharField("退回或不予通过的原因", max_length=LONGEST_REASON, blank=True, editable=False)

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        abstract = True
        indexes = [
            models.Index(fields=["union", "state"], name="%(class)s_union_state"),
            models.Index(fields=["state", "publicised_until"], name="%(class)s_state"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=(State.DRAFT, State.ABANDONED))
                | Q(submitted_by__isnull=False, submitted_at__isnull=False),
                name="%(class)s_submitted_has_person",
                violation_error_message="提交过的要记下提交人和时间。",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=(State.REVIEWED, State.PUBLICISED, State.DECIDED))
                | Q(reviewed_by__isnull=False, reviewed_at__isnull=False),
                name="%(class)s_reviewed_has_person",
                violation_error_message="审核通过的要记下审核人和时间。",
            ),
            models.CheckConstraint(
                condition=Q(state=State.DECIDED, decided_by__isnull=False, decided_at__isnull=False)
                | (~Q(state=State.DECIDED) & Q(decided_by__isnull=True, decided_at__isnull=True)),
                name="%(class)s_decided_has_person",
                violation_error_message="决定要记下决定人和时间。",
            ),
            models.CheckConstraint(
                condition=~Q(state=State.PUBLICISED)
                # A comparison with nothing is neither true nor false, which a CHECK lets pass.
                | Q(
                    publicised_from__isnull=False,
                    publicised_until__isnull=False,
                    publicity_days__isnull=False,
                    publicised_until__gt=F("publicised_from"),
                    publicity_days__gte=1,
                ),
                name="%(class)s_publicised_has_days",
                violation_error_message="公示要有开始和截止日期。",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=(State.RETURNED, State.REJECTED)) | ~Q(reason=""),
                name="%(class)s_return_has_reason",
                violation_error_message="退回和不予通过要写明原因。",
            ),
            *_different_people(),
        ]

    # --- what subclasses say ---

    def missing_for(self, transition: Transition) -> list[str]:
        """What still keeps `transition` from happening, in words: the model's guard. [] lets it pass. May lock rows
        that the answer depends on; `perform` has locked this one."""
        return []

    def content(self) -> dict[str, str]:
        """What the application says, label by label in words: kept with each submission, so that the next shows what
        changed. No number of anyone."""
        return {}

    def needs_recommendation(self) -> bool:
        """Whether an office between the union and the county has to recommend it first."""
        return False

    # --- what pages ask ---

    @property
    def is_editable(self) -> bool:
        """Whether the applying side may change it now."""
        return self.state in EDITABLE

    @property
    def is_over(self) -> bool:
        """Whether nothing more happens to it."""
        return self.state in ENDS

    @property
    def was_returned(self) -> bool:
        """Whether an office has sent it back once: it came in time, whenever it comes again."""
        return self.reason != ""

    def publicity(self) -> Deadline | None:
        """The last day of publicity. Reckoned anew, since holidays may have become known: the later day counts."""
        if self.publicised_from is None or self.publicised_until is None:
            return None
        reckoned = deadline(self.publicised_from, self.publicity_days or 0)
        return Deadline(max(reckoned.day, self.publicised_until), reckoned.is_known)


class Step(ScopedModel):
    """One transition that happened: the application's history, added and never changed. Subclasses have `application`,
    a foreign key with related_name "steps"."""

    scope_path = "application__union"

    number = models.PositiveIntegerField("序号")
    name = models.CharField("事项", max_length=20)
    source = models.CharField("原状态", max_length=12, choices=State)
    target = models.CharField("新状态", max_length=12, choices=State)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="办理人", related_name="+", db_index=False
    )
    at = models.DateTimeField("时间")
    reason = models.CharField("原因或说明", max_length=LONGEST_REASON, blank=True)
    content = models.JSONField("提交时的内容", null=True, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["application", "number"], name="%(class)s_number")]

    def __str__(self) -> str:
        return f"{self.label}（{self.at:%Y-%m-%d}）"

    @property
    def label(self) -> str:
        """The transition in a word."""
        return next((one.label for one in TRANSITIONS if one.name == self.name), self.name)


class ObjectionState(models.TextChoices):
    """What became of an objection."""

    OPEN = "open", "正在核查"
    DISMISSED = "dismissed", "经查不属实"
    UPHELD = "upheld", "经查属实"


A = TypeVar("A", bound=Application)


# --- Moving ----------------------------------------------------------------------------------


@transaction.atomic
def perform(
    application: A,
    name: str,
    *,
    by: Any,
    reason: str = "",
    seen: int | None = None,
    details: Mapping[str, Any] | None = None,
) -> A:
    """Move `application` along the transition called `name`; gives the row as it stands then.

    Locks the row, then checks that `by` sees it, that its state is one that the transition starts from, the
    permission, that nobody acts at two stages, the reason, and the model's guard. Writes state, stage, a Step and an
    audit event, and calls the model's hooks `prepare_<name>()` and `on_<name>(by=…)`, all or nothing. `seen` is the
    revision that the page showed; `details` holds what the transition asks for. Raises DomainError with what is wrong
    and what to do.
    """
    model = type(application)
    locked = model._base_manager.select_for_update().filter(pk=application.pk).first()
    if locked is None or not model.objects.visible_to(by).filter(pk=application.pk).exists():
        raise DomainError("没有这份申报，或者它不归您管。")
    try:
        transition = transition_called(model, name)
    except LookupError:
        raise DomainError("没有这样的办理事项。") from None
    if not by.has_perm(permission_of(model, transition.permission)):
        raise DomainError(f"您的账号不能办理「{transition.label}」。")
    if locked.state not in transition.sources:
        raise DomainError(f"现在的状态是「{locked.get_state_display()}」，不能{transition.label}。请刷新后再看。")
    if seen is not None and seen != locked.revision:
        raise DomainError("您打开这一页以后，内容有了变动，没有办理。请先看过现在的内容再办。")
    barred = barred_from(locked, transition, by)
    if barred:
        raise DomainError(barred)
    reason = _reason(reason, transition)
    _take_details(locked, transition, details or {})
    missing = what_is_missing(locked, transition)
    if missing:
        raise DomainError("；".join(missing))
    now = timezone.now()
    source = locked.state
    _mark_stages(locked, transition, by, now)
    if name == "publicise":
        _begin_publicity(locked)
    elif name in ("retract", "return", "withdraw"):
        locked.publicised_from = locked.publicised_until = locked.publicity_days = None
    if transition.target in (State.RETURNED, State.REJECTED):
        locked.reason = reason
    prepare = getattr(locked, f"prepare_{name}", None)
    if prepare is not None:
        prepare()
    locked.state = transition.target
    locked.revision += 1
    _write(locked)
    steps: Any = locked.steps  # type: ignore[attr-defined]  # every concrete Step names it
    steps.create(
        number=steps.count() + 1,
        name=name,
        source=source,
        target=transition.target,
        by=by,
        at=now,
        reason=reason,
        content=locked.content() if name == "submit" else None,
    )
    record_workflow(
        locked, label=transition.label, before=State(source).label, after=transition.target.label, by=by, reason=reason
    )
    hook = getattr(locked, f"on_{name}", None)
    if hook is not None:
        hook(by=by)
    return locked


def barred_from(application: Application, transition: Transition, by: Any) -> str:
    """Why `by` in person may not do it ("" when nothing is against it): nobody acts at two stages of one application,
    and no office's deed is done by who submitted it."""
    if transition.is_by_applicant:
        return ""
    if application.submitted_by_id == by.pk:
        return f"这份申报是您自己提交的，要由别人{transition.label}。"
    if transition.stage:
        for stage in STAGES[: STAGES.index(transition.stage)]:
            if getattr(application, f"{stage}_by_id") == by.pk:
                return f"前面的环节是您办理的，要由别人{transition.label}。"
    return ""


def what_is_missing(application: Application, transition: Transition) -> list[str]:
    """What keeps a transition from happening: order of offices, publicity, objections, and the model's own guard."""
    missing = []
    if transition.name == "approve" and application.state == State.SUBMITTED and application.needs_recommendation():
        missing.append("要先由上级工会（乡镇或系统）推荐")
    if transition.name in ("recommend", "send_back") and not application.needs_recommendation():
        missing.append("这份申报不用推荐，直接由县总工会审核")
    if transition.name == "decide":
        missing += _publicity_missing(application)
    if transition.name in ("publicise", "decide"):
        missing += _objections_missing(application, transition)
    if transition.name == "publicise" and PublicityRule.objects.on(timezone.localdate()) is None:
        missing.append("还没有登记公示期规定，不知道要公示几个工作日，请先在业务管理里登记")
    return missing + application.missing_for(transition)


def _publicity_missing(application: Application) -> list[str]:
    missing = []
    end = application.publicity()
    if end is None or timezone.localdate() <= end.day:
        until = f"{end.day:%Y-%m-%d}" if end else "（没有登记）"
        missing.append(f"公示到 {until} 为止，期满后才能作出决定")
    return missing


def _objections_missing(application: Application, transition: Transition) -> list[str]:
    """Open objections, and those upheld that no review has looked at since. What was mended and approved anew may go
    on: an objection isn't held against it for ever."""
    stands = Q(state=ObjectionState.OPEN) | Q(state=ObjectionState.UPHELD, settled_at__gte=application.reviewed_at)
    states = set(application.objections.filter(stands).values_list("state", flat=True))  # type: ignore[attr-defined]
    missing = []
    if ObjectionState.OPEN in states:
        missing.append(f"还有异议没有核查完，了结后才能{transition.label}")
    if ObjectionState.UPHELD in states:
        first = "撤下公示、" if application.state == State.PUBLICISED else ""
        missing.append(f"有异议经查属实，不能{transition.label}；请{first}退回修改、重新审核，或不予通过")
    return missing


def _reason(reason: str, transition: Transition) -> str:
    reason = " ".join(reason.split())
    if transition.needs_reason and len(reason) < SHORTEST_REASON:
        raise DomainError(f"请写明{transition.label}的原因（至少 {SHORTEST_REASON} 个字），对方要看得懂。")
    if len(reason) > LONGEST_REASON:
        raise DomainError(f"原因最多写 {LONGEST_REASON} 个字，现在是 {len(reason)} 个字。")
    return reason


def _take_details(application: Application, transition: Transition, details: Mapping[str, Any]) -> None:
    if unknown := set(details) - set(transition.asks):
        raise ValueError(f"{transition.name} asks for no {unknown}")
    for name, value in details.items():
        field = application._meta.get_field(name)
        assert isinstance(field, models.Field)  # noqa: S101  the table names columns
        try:
            setattr(application, name, field.clean(value, application))
        except ValidationError as error:
            raise DomainError(f"{field.verbose_name}：{error.messages[0]}") from error


def _write(application: Application) -> None:
    """Save it; what the database refuses is said in the words of the constraint."""
    try:
        with transaction.atomic():
            application.save()
    except IntegrityError as error:
        try:
            application.validate_constraints()
        except ValidationError as said:
            raise DomainError("；".join(said.messages)) from error
        raise


def _mark_stages(application: Application, transition: Transition, by: Any, now: Any) -> None:
    """Note who acted, and forget the stages that have to be gone through again."""
    if transition.stage:
        setattr(application, f"{transition.stage}_by", by)
        setattr(application, f"{transition.stage}_at", now)
        again = STAGES[STAGES.index(transition.stage) + 1 :]
    elif transition.target in (State.RETURNED, State.DRAFT):
        again = STAGES[1:]
    else:
        again = ()
    for stage in again:
        setattr(application, f"{stage}_by", None)
        setattr(application, f"{stage}_at", None)


def _begin_publicity(application: Application) -> None:
    today = timezone.localdate()
    rule = PublicityRule.objects.on(today)
    assert rule is not None  # noqa: S101  what_is_missing has looked
    application.publicity_days = rule.working_days
    application.publicised_from = today
    application.publicised_until = deadline(today, rule.working_days).day


# --- Editing ---------------------------------------------------------------------------------


def locked_for_edit(application: A, *, by: Any) -> A:
    """The application, locked, for changing what it says; its revision grows with the caller's save. Call it inside a
    transaction. Raises DomainError unless it is a draft or was returned, and `by` may submit it."""
    model = type(application)
    locked = model._base_manager.select_for_update().filter(pk=application.pk).first()
    if locked is None or not model.objects.visible_to(by).filter(pk=application.pk).exists():
        raise DomainError("没有这份申报，或者它不归您管。")
    if not by.has_perm(permission_of(model, "submit")):
        raise DomainError("您的账号不能修改这份申报。")
    if not locked.is_editable:
        raise DomainError(f"现在的状态是「{locked.get_state_display()}」，内容不能改；要改请先撤回。")
    locked.revision += 1
    return locked
