"""Star unions (好花红星级工会): by what unions are scored. Dimensions, items, marks and thresholds are rows of a
scheme; the code holds no criterion. What a union says of itself stands in scorecards.py.
"""

from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Self

from django.db import models
from django.db.models import Q, Sum

from members.models import Union
from pingtang_union.core.fields import DocumentNumberField
from pingtang_union.core.scope import AddressedQuerySet, ScopedModel

STARS = [(number, f"{word}星级") for number, word in enumerate("一二三四五", 1)]


def points(number: Decimal | int) -> str:
    """A score as people write it: 8 and 7.5, never 8.0."""
    return f"{number:.1f}".removesuffix(".0")


def stars_label(stars: int | None) -> str:
    """四星级; 未达星级 for 0, "" for nothing."""
    return dict(STARS).get(stars, "未达星级") if stars is not None else ""


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
    document_number = DocumentNumberField("文号", blank=True)
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

    def is_open_on(self, day: date) -> bool:
        """Whether unions may begin a scorecard, and hand one in for the first time, on `day`."""
        return self.is_in_use and (self.closes_on is None or day <= self.closes_on)

    def covers(self, union: Union) -> bool:
        """Whether `union` is scored by it: every union below the one that issued it, never that one itself."""
        return union.path != self.union.path and union.path.startswith(self.union.path)

    def missing_to_use(self) -> list[str]:
        """What keeps unions from being scored by it, in words; [] when nothing does."""
        dimensions = list(self.dimensions.annotate(marks=Sum("items__marks")).order_by("order", "pk"))
        missing = [f"维度「{dimension}」还没有评分项目" for dimension in dimensions if dimension.marks is None]
        full = sum((dimension.marks for dimension in dimensions if dimension.marks), Decimal(0))
        if not dimensions:
            missing.append("还没有维度和评分项目")
        thresholds = list(self.thresholds.order_by("stars"))
        if not thresholds:
            missing.append("还没有星级分数线")
        for lower, higher in pairwise(thresholds):
            if higher.least <= lower.least:
                missing.append(f"{higher.get_stars_display()}的最低得分要高于{lower.get_stars_display()}的")
        if full:
            missing += [
                f"{threshold.get_stars_display()}的最低得分 {points(threshold.least)} 分超过了满分 {points(full)} 分"
                for threshold in thresholds
                if threshold.least > full
            ]
        return missing

    def full_marks(self) -> Decimal:
        """The sum of all items' marks."""
        return StarItem.objects.filter(dimension__scheme=self).aggregate(total=Sum("marks"))["total"] or Decimal(0)

    def stars_for(self, score: Decimal) -> int:
        """Stars that a score reaches by the thresholds; 0 below the lowest."""
        reached = [threshold.stars for threshold in self.thresholds.all() if score >= threshold.least]
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
    stars = models.PositiveSmallIntegerField("星级", choices=STARS)
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
        return f"{self.get_stars_display()}：{points(self.least)} 分起"
