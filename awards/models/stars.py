"""Star unions (好花红星级工会): a scheme with its document, and each union's yearly scorecard.

Dimensions, items, marks and thresholds are rows of the scheme; the code holds no criterion.
"""

from decimal import Decimal
from typing import Self

from django.db import models
from django.db.models import Q, Sum

from members.models import Union
from pingtang_union.core.attachments import Attachment
from pingtang_union.core.scope import AddressedQuerySet, ScopedModel, ScopedQuerySet
from pingtang_union.core.validators import validate_document_number
from pingtang_union.core.workflow import Application, ApplicationQuerySet, State, Step, Transition, permissions_of


class StarSchemeQuerySet(AddressedQuerySet):
    """Questions asked of schemes."""

    def in_use(self) -> Self:
        """Schemes by which unions are scored now."""
        return self.filter(is_in_use=True)


class StarScheme(ScopedModel):
    """By what unions are scored (评定标准), with the document that says so."""

    scope_path = "union"

    union = models.ForeignKey(Union, models.PROTECT, verbose_name="发文单位", related_name="+")
    title = models.CharField("名称", max_length=100, help_text="如 好花红星级工会评定标准（2026 年）")
    document = models.CharField("依据文件", max_length=100, blank=True)
    document_number = models.CharField("文号", max_length=50, blank=True, validators=[validate_document_number])
    year = models.PositiveSmallIntegerField("年度")
    closes_on = models.DateField("自评截止", null=True, blank=True)
    is_in_use = models.BooleanField("正在使用", default=False, help_text="勾选后各工会就能自评；评定标准要先填全")
    note = models.CharField("说明", max_length=500, blank=True)

    objects = StarSchemeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "星级评定标准"
        ordering = ["-year", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["union", "year", "title"],
                name="starscheme_once",
                violation_error_message="这一年度已有同名的评定标准。",
            ),
            models.CheckConstraint(
                condition=Q(year__gte=1949, year__lte=2199),
                name="starscheme_year_in_range",
                violation_error_message="年度要写成 2026 这样的四位数。",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def full_marks(self) -> Decimal:
        """The sum of all items' marks."""
        return StarItem.objects.filter(dimension__scheme=self).aggregate(total=Sum("marks"))["total"] or Decimal(0)

    def stars_for(self, score: Decimal) -> int:
        """Stars that a score reaches by the thresholds; 0 below the lowest."""
        reached = [one.stars for one in self.thresholds.all() if score >= one.least]
        return max(reached, default=0)


class StarDimension(ScopedModel):
    """A dimension of a scheme (组织建设、队伍建设 …)."""

    scope_path = "scheme__union"

    scheme = models.ForeignKey(StarScheme, models.CASCADE, verbose_name="评定标准", related_name="dimensions")
    name = models.CharField("维度", max_length=30)
    order = models.PositiveSmallIntegerField("次序", default=10)

    objects = AddressedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "评定维度"
        ordering = ["order", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["scheme", "name"], name="stardimension_once", violation_error_message="这个维度已经填过。"
            )
        ]

    def __str__(self) -> str:
        return self.name


class StarItem(ScopedModel):
    """An item that is scored."""

    scope_path = "dimension__scheme__union"

    dimension = models.ForeignKey(StarDimension, models.CASCADE, verbose_name="维度", related_name="items")
    text = models.CharField("评分项目", max_length=300)
    marks = models.DecimalField("满分", max_digits=5, decimal_places=1)
    needs_evidence = models.BooleanField("要传佐证材料", default=False)
    order = models.PositiveSmallIntegerField("次序", default=10)

    objects = AddressedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "评分项目"
        ordering = ["dimension__order", "dimension", "order", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(marks__gt=0),
                name="staritem_marks_positive",
                violation_error_message="满分要大于 0。",
            )
        ]

    def __str__(self) -> str:
        return self.text


class StarThreshold(ScopedModel):
    """The score from which on a union has so many stars."""

    scope_path = "scheme__union"

    scheme = models.ForeignKey(StarScheme, models.CASCADE, verbose_name="评定标准", related_name="thresholds")
    stars = models.PositiveSmallIntegerField(
        "星级", choices=[(number, f"{word}星级") for number, word in enumerate("一二三四五", 1)]
    )
    least = models.DecimalField("最低得分", max_digits=5, decimal_places=1)

    objects = AddressedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "星级分数线"
        ordering = ["-stars"]
        constraints = [
            models.UniqueConstraint(
                fields=["scheme", "stars"], name="starthreshold_once", violation_error_message="这个星级已经填过。"
            ),
            models.CheckConstraint(
                condition=Q(stars__gte=1, stars__lte=5),
                name="starthreshold_stars_in_range",
                violation_error_message="星级是一星至五星。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_stars_display()}：{self.least} 分起"


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
        """Every item scored by the union before handing in, by the county before approving."""
        if transition.name not in ("submit", "approve"):
            return []
        column = "self_score" if transition.name == "submit" else "county_score"
        who = "没有自评" if transition.name == "submit" else "县里还没有评分"
        scores = {score.item_id: score for score in self.scores.all()}
        filed = set(self.files.values_list("item_id", flat=True))
        missing = []
        items = list(StarItem.objects.filter(dimension__scheme=self.scheme_id))
        if not items:
            missing.append("评定标准里还没有评分项目")
        for item in items:
            score = scores.get(item.pk)
            if score is None or getattr(score, column) is None:
                missing.append(f"「{item}」{who}")
            elif transition.name == "submit" and item.needs_evidence and item.pk not in filed:
                missing.append(f"「{item}」要传佐证材料")
        if transition.name == "submit" and not self.scheme.is_in_use:
            missing.append("这个评定标准已经停用")
        return missing

    def totals(self) -> tuple[Decimal, Decimal]:
        """(self score, county score), summed; unscored items count nothing."""
        sums = self.scores.aggregate(own=Sum("self_score"), county=Sum("county_score"))
        return sums["own"] or Decimal(0), sums["county"] or Decimal(0)

    def prepare_confirm(self) -> None:
        """The county's sum and the stars that it reaches become columns: thresholds may change later."""
        self.total = self.totals()[1]
        self.stars = self.scheme.stars_for(self.total)

    def content(self) -> dict[str, str]:
        """Each item's own score in words."""
        files: dict[int, list[str]] = {}
        for file in self.files.all():
            files.setdefault(file.item_id, []).append(file.name)
        return {
            f"{score.item.dimension}：{score.item}": "、".join(
                [
                    f"{score.self_score} 分" if score.self_score is not None else "未自评",
                    *([score.self_note] if score.self_note else []),
                    *files.get(score.item_id, []),
                ]
            )
            for score in self.scores.select_related("item__dimension")
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
