"""What activities are named by: kinds, indicators, series with their yearly editions, and the rules by which a ledger's
words mean them. Lists of the office, not code."""

from collections.abc import Iterable

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from campaigns.models.codes import IndicatorGroup, KindGroup
from pingtang_union.core.text import fold

YEAR = RegexValidator(r"^(19|20|21)[0-9]{2}$", "年份写成 2018。")


class Named(models.Model):
    """A list whose rows ledgers may call by several names."""

    name = models.CharField("名称", max_length=50, unique=True)
    other_names = models.CharField("其他写法", max_length=200, blank=True, help_text="用空格隔开")
    order = models.PositiveSmallIntegerField("次序", default=10)
    is_in_use = models.BooleanField("使用中", default=True)

    class Meta:
        abstract = True
        ordering = ["order", "pk"]

    def __str__(self) -> str:
        return self.name


class ActivityKind(Named):
    """A kind of activity (活动类别)."""

    group = models.CharField("统计归口", max_length=12, choices=KindGroup, default=KindGroup.OTHER)

    class Meta(Named.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "活动类别"


class Indicator(Named):
    """A kind of outcome (成果项目), always counted in one unit."""

    unit = models.CharField("单位", max_length=10)
    group = models.CharField("统计归口", max_length=12, choices=IndicatorGroup, default=IndicatorGroup.OTHER)

    class Meta(Named.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "成果项目"


class Series(Named):
    """Activities under one brand that come again: 阳光职工·幸福平塘."""

    note = models.CharField("说明", max_length=200, blank=True)

    class Meta(Named.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "活动系列"


class Edition(models.Model):
    """One year of a series: its theme and programme. Activities belong to it by their series and year."""

    series = models.ForeignKey(Series, models.PROTECT, verbose_name="活动系列", related_name="editions")
    year = models.CharField("年份", max_length=4, validators=[YEAR])
    theme = models.CharField("年度主题", max_length=100, blank=True)
    programme = models.TextField("活动方案", max_length=5000, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "年度活动方案"
        ordering = ["-year", "series__order", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["series", "year"],
                name="edition_once_a_year",
                violation_error_message="这个系列这一年已有方案。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.series}（{self.year}年）"


class ImportRule(models.Model):
    """How a ledger's row gets its kind and series: where all the words stand in its name, category and theme. The
    first rule that fits says it; a category that no rule knows is looked up among the kinds."""

    words = models.CharField("出现的词", max_length=100, help_text="用空格隔开，名称、类别和主题中全部出现才适用")
    kind = models.ForeignKey(
        ActivityKind, models.PROTECT, null=True, blank=True, verbose_name="归入类别", related_name="+"
    )
    series = models.ForeignKey(Series, models.PROTECT, null=True, blank=True, verbose_name="归入系列", related_name="+")
    order = models.PositiveSmallIntegerField("次序", default=10, help_text="小的在前，先适用")
    is_in_use = models.BooleanField("使用中", default=True)

    class Meta:
        verbose_name = verbose_name_plural = "台账归类规则"
        ordering = ["order", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["words"], name="importrule_words_once", violation_error_message="这些词已有一条规则。"
            ),
            models.CheckConstraint(
                condition=Q(kind__isnull=False) | Q(series__isnull=False),
                name="importrule_says_something",
                violation_error_message="归入类别和归入系列至少填一项。",
            ),
        ]

    def __str__(self) -> str:
        return self.words

    def fits(self, text: str) -> bool:
        """Whether all the words stand in a folded text."""
        return all(fold(word) in text for word in self.words.split())


def meant(rules: Iterable[ImportRule], *words: str) -> tuple[int | None, int | None]:
    """(kind, series) that the first fitting rules say of words; None where none says any."""
    text = fold("".join(words))
    fitting = [rule for rule in rules if rule.is_in_use and rule.fits(text)]
    return (
        next((rule.kind_id for rule in fitting if rule.kind_id), None),
        next((rule.series_id for rule in fitting if rule.series_id), None),
    )
