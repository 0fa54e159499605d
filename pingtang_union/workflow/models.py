"""Applications: something that a union applies for and offices answer, its steps, and the rules for publicity."""

from collections.abc import Mapping
from itertools import combinations
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from pingtang_union.core.fields import DocumentNumberField, account
from pingtang_union.core.scope import ScopedModel, ScopedQuerySet
from pingtang_union.tones import Toned
from pingtang_union.workflow.attention import Assignment as Assignment
from pingtang_union.workflow.attention import Follow as Follow
from pingtang_union.workflow.attention import Label as Label
from pingtang_union.workflow.attention import Labelling as Labelling
from pingtang_union.workflow.attention import Notice as Notice
from pingtang_union.workflow.attention import Return as Return
from pingtang_union.workflow.attention import Seen as Seen
from pingtang_union.workflow.public_files import PublicFile as PublicFile
from pingtang_union.workflow.publishing import OfficePhone as OfficePhone
from pingtang_union.workflow.rules import ClockRule as ClockRule
from pingtang_union.workflow.rules import PublicityRule as PublicityRule
from pingtang_union.workflow.table import EDITABLE, ENDS, LONGEST_REASON, STAGES, State, Transition, transitions_of
from pingtang_union.workflow.workdays import Deadline, deadline


class ApplicationQuerySet(ScopedQuerySet):
    """Questions asked of applications."""

    def standing(self) -> Self:
        """Those not given up."""
        return self.exclude(state=State.ABANDONED)


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
    # The steps in which it is filled in, by name and in words: a return says which one is to be mended.
    filling_steps: ClassVar[tuple[tuple[str, str], ...]] = ()
    public_fields: ClassVar[tuple[str, ...]] = ()  # that strangers read, from publicity on: "summary", "round__title"
    # What somebody did beside the stages, a column `<name>_by` each: whoever did it acts at no stage of an office.
    other_stages: ClassVar[tuple[str, ...]] = ()
    # By name of a transition: its label and intro, where the table's aren't those of the model's trade.
    words_of: ClassVar[dict[str, dict[str, str]]] = {}
    step_words: ClassVar[Mapping[str, tuple[str, ...]]] = {}  # by step of its form: words that a return calls it by

    union = models.ForeignKey(
        "members.Union", models.PROTECT, verbose_name="申报工会", related_name="%(class)ss", db_index=False
    )
    state = models.CharField("状态", max_length=12, choices=State, default=State.DRAFT, editable=False)
    revision = models.PositiveIntegerField("版本", default=1, editable=False)
    created_at = models.DateTimeField("建立时间", auto_now_add=True)
    created_by = account("填写人", editable=False)
    submitted_by, submitted_at = account("提交人", editable=False), moment_field("提交时间")
    recommended_by, recommended_at = account("推荐人", editable=False), moment_field("推荐时间")
    reviewed_by, reviewed_at = account("审核人", editable=False), moment_field("审核时间")
    decided_by, decided_at = account("决定人", editable=False), moment_field("决定时间")
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

    def missing_by_step(self) -> dict[str, list[str]]:
        """What the applying side still has to fill in, by the step that asks for it; [] for a step that is done."""
        return {}

    def still_missing(self) -> list[str]:
        """The same, in the order of the steps."""
        return [words for missing in self.missing_by_step().values() for words in missing]

    @classmethod
    def awaits(cls, transition: Transition) -> Q:
        """Condition on rows that wait for `transition` today, whoever makes it; none for a recommendation, unless
        `needs_recommendation` asks for it."""
        condition = Q(state__in=transition.sources) if transition.name != "recommend" else Q(pk__in=())
        return condition & Q(publicised_until__lt=timezone.localdate()) if transition.name == "decide" else condition

    @classmethod
    def acted_beside(cls, user: Any) -> Q:
        """Condition on rows of which `user` did something beside the stages."""
        condition = Q(pk__in=())
        for name in cls.other_stages:
            condition |= Q(**{f"{name}_by": user})
        return condition

    def content(self) -> dict[str, str]:
        """What the application says, label by label in words: kept with each submission, so that the next shows what
        changed. No number of anyone."""
        return {}

    def needs_recommendation(self) -> bool:
        """Whether an office between the union and the county has to recommend it first."""
        return False

    # --- what pages ask ---

    def public_texts(self) -> dict[str, str]:
        """What strangers read of it once it is in publicity or decided, by what a page calls it."""
        texts = {}
        for path in self.public_fields:
            record: Any = self
            labels = []
            for name in path.split("__"):
                labels.append(str(record._meta.get_field(name).verbose_name))
                record = getattr(record, name)
            texts["的".join(labels)] = str(record or "")
        return texts

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
    by = account("办理人", null=False)
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
        model = self._meta.get_field("application").related_model
        return next((one.label for one in transitions_of(model) if one.name == self.name), self.name)


class ObjectionState(Toned):
    """What became of an objection."""

    OPEN = "open", "is-warn", "正在核查"
    DISMISSED = "dismissed", "", "经查不属实"
    UPHELD = "upheld", "is-bad", "经查属实"
