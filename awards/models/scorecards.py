"""A union's yearly scorecard: its own scores with evidence, the county's, and the stars by the scheme's thresholds."""

from dataclasses import dataclass
from decimal import Decimal

from django.db import connection, models
from django.db.models import Q, Sum
from django.utils import timezone

from awards.models.stars import StarDimension, StarItem, StarScheme, points, stars_label
from pingtang_union.core.scope import ScopedModel, ScopedQuerySet
from pingtang_union.workflow.attachments import Attachment
from pingtang_union.workflow.models import Application, ApplicationQuerySet, Step
from pingtang_union.workflow.table import State, Transition, permissions_of

_SHORT = 30  # of an item's text, where a message names it


class Scorecard(Application):
    """A union's scorecard of a year: its own scores with evidence, the county's, and the stars by the thresholds."""

    needs_publicity = False

    scheme = models.ForeignKey(StarScheme, models.PROTECT, verbose_name="评定标准", related_name="scorecards")
    stars = models.PositiveSmallIntegerField("评定星级", null=True, blank=True, editable=False)
    total = models.DecimalField("评定得分", max_digits=6, decimal_places=1, null=True, blank=True, editable=False)

    objects = ApplicationQuerySet.as_manager()

    class Meta(Application.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "星级自评"
        ordering = ["-pk"]
        permissions = [*permissions_of("scorecard", "星级自评", publicity=False)]
        constraints = [
            *Application.Meta.constraints,
            models.UniqueConstraint(
                fields=["scheme", "union"],
                condition=~Q(state=State.ABANDONED),
                name="scorecard_once_a_scheme",
                violation_error_message="这个工会今年已经有一份自评。",
            ),
            models.CheckConstraint(
                condition=Q(state=State.DECIDED, stars__isnull=False, total__isnull=False)
                | (~Q(state=State.DECIDED) & Q(stars__isnull=True, total__isnull=True)),
                name="scorecard_decided_has_stars",
                violation_error_message="认定要有得分和星级。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.union}：{self.scheme}"

    def missing_for(self, transition: Transition) -> list[str]:
        """Items scored, by the union before handing in, by the county before approving; thresholds for the stars."""
        if transition.name == "submit":
            return self._missing_to_submit()
        if transition.name == "approve":
            return self._unscored("county_score", "县里还没有评分")
        if transition.name == "confirm" and not self.scheme.thresholds.exists():
            return ["评定标准里没有星级分数线，不知道评几星"]
        return []

    def _missing_to_submit(self) -> list[str]:
        """The scheme's row is locked while the scorecard moves, so that nobody changes its items at that moment."""
        schemes = StarScheme.objects.all()
        scheme = (schemes.select_for_update() if connection.in_atomic_block else schemes).get(pk=self.scheme_id)
        missing = self._unscored("self_score", "没有自评")
        if not scheme.is_in_use:
            missing.append("这个评定标准已经停用")
        elif self.submitted_at is None and not scheme.is_open_on(timezone.localdate()):
            missing.append(f"自评已于 {scheme.closes_on:%Y-%m-%d} 截止")
        return missing

    def _unscored(self, column: str, lacks: str) -> list[str]:
        lines = [line for part in self.parts() for line in part.lines]
        missing = [] if lines else ["评定标准里还没有评分项目"]
        for line in lines:
            given = getattr(line.score, column)
            if given is None:
                missing.append(f"{line.place}{lacks}")
            elif given > line.item.marks:  # the scheme was changed while this was a draft
                missing.append(f"{line.place}满分是 {points(line.item.marks)} 分，填了 {points(given)} 分")
            if column == "self_score" and line.lacks_evidence:
                missing.append(f"{line.place}要传佐证材料")
        return missing

    def parts(self) -> list["Part"]:
        """The whole sheet in the scheme's order, with scores and evidence: four questions."""
        scores = {score.item_id: score for score in self.scores.all()}
        files: dict[int, list[ScorecardFile]] = {}
        for file in self.files.all():
            files.setdefault(file.item_id, []).append(file)
        dimensions = StarDimension.objects.filter(scheme=self.scheme_id).prefetch_related("items")
        return [
            Part(
                dimension,
                [
                    Line(
                        f"{dimension}第 {number} 项「{_short(item.text)}」",
                        number,
                        item,
                        scores.get(item.pk) or ItemScore(scorecard=self, item=item),
                        files.get(item.pk, []),
                    )
                    for number, item in enumerate(dimension.items.all(), 1)
                ],
            )
            for dimension in dimensions
        ]

    @property
    def shows_county_scores(self) -> bool:
        """Whether the union may read the county's scores: not while the county is still at them, nor what is left of
        them after the union took the scorecard back."""
        return self.state in (State.REVIEWED, State.DECIDED, State.RETURNED, State.REJECTED)

    def stars_label(self) -> str:
        """The stars that were confirmed, in words; "" before."""
        return stars_label(self.stars)

    def totals(self) -> tuple[Decimal, Decimal]:
        """(self score, county score), summed; unscored items count nothing."""
        sums = self.scores.aggregate(own=Sum("self_score"), county=Sum("county_score"))
        return sums["own"] or Decimal(0), sums["county"] or Decimal(0)

    def prepare_confirm(self) -> None:
        """The county's sum and the stars that it reaches become columns: thresholds may change later."""
        self.total = self.totals()[1]
        self.stars = self.scheme.stars_for(self.total)

    def content(self) -> dict[str, str]:
        """Each item's own score in words, with note and evidence."""
        return {
            line.place: "、".join(
                [
                    f"{points(line.score.self_score)} 分" if line.score.self_score is not None else "未自评",
                    *([line.score.self_note] if line.score.self_note else []),
                    *(f"{file.name}（{file.size} 字节）" for file in line.files),
                ]
            )
            for part in self.parts()
            for line in part.lines
        }


class ScorecardStep(Step):
    """A transition of a scorecard that happened."""

    application = models.ForeignKey(Scorecard, models.PROTECT, verbose_name="星级自评", related_name="steps")

    class Meta(Step.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "自评办理记录"


class ScorecardFile(Attachment):
    """Evidence for one item."""

    application = models.ForeignKey(Scorecard, models.CASCADE, verbose_name="星级自评", related_name="files")
    item = models.ForeignKey(StarItem, models.PROTECT, verbose_name="评分项目", related_name="files")

    class Meta(Attachment.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "佐证材料"


class ItemScore(ScopedModel):
    """Both scores of one item. That neither is beyond the item's marks is checked where it is written."""

    scope_path = "scorecard__union"

    scorecard = models.ForeignKey(
        Scorecard, models.CASCADE, verbose_name="星级自评", related_name="scores", db_index=False
    )
    item = models.ForeignKey(StarItem, models.PROTECT, verbose_name="评分项目", related_name="scores")
    self_score = models.DecimalField("自评分", max_digits=5, decimal_places=1, null=True, blank=True)
    self_note = models.CharField("自评说明", max_length=300, blank=True)
    county_score = models.DecimalField("县评分", max_digits=5, decimal_places=1, null=True, blank=True)
    county_note = models.CharField("县评说明", max_length=300, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "项目得分"
        ordering = ["item__dimension__order", "item__order", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["scorecard", "item"], name="itemscore_once"),
            models.CheckConstraint(
                condition=Q(self_score__isnull=True) | Q(self_score__gte=0),
                name="itemscore_self_not_negative",
                violation_error_message="得分不能小于 0。",
            ),
            models.CheckConstraint(
                condition=Q(county_score__isnull=True) | Q(county_score__gte=0),
                name="itemscore_county_not_negative",
                violation_error_message="得分不能小于 0。",
            ),
        ]

    def __str__(self) -> str:
        return str(self.item)


# --- The whole sheet -----------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """An item with its scores and evidence; `place` tells where it stands. A score not given yet isn't saved."""

    place: str
    number: int
    item: StarItem
    score: ItemScore
    files: list[ScorecardFile]

    @property
    def lacks_evidence(self) -> bool:
        """Whether evidence is asked for and none is there."""
        return self.item.needs_evidence and not self.files


@dataclass(frozen=True)
class Part:
    """A dimension with its lines."""

    dimension: StarDimension
    lines: list[Line]

    @property
    def marks(self) -> Decimal:
        """What can be had."""
        return sum((line.item.marks for line in self.lines), Decimal(0))

    @property
    def own(self) -> Decimal:
        """The sum of the union's scores so far."""
        return sum((line.score.self_score for line in self.lines if line.score.self_score is not None), Decimal(0))

    @property
    def county(self) -> Decimal:
        """The sum of the county's scores so far."""
        return sum((line.score.county_score for line in self.lines if line.score.county_score is not None), Decimal(0))

    @property
    def unscored(self) -> int:
        """How many items the union has still to score or to prove."""
        return sum(line.score.self_score is None or line.lacks_evidence for line in self.lines)

    @property
    def is_done(self) -> bool:
        """Whether the union has scored all of it, with evidence where that is asked for."""
        return not self.unscored


def _short(text: str) -> str:
    return text if len(text) <= _SHORT else f"{text[:_SHORT]}…"
