"""Series of numbers: their rules, policy as dated rows, and how far each has come."""

from datetime import date
from typing import ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

YEAR, SERIAL = "{年度}", "{流水}"


class Series(models.TextChoices):
    """What is numbered."""

    CERTIFICATE = "certificate", "荣誉证书"


def validate_pattern(pattern: str) -> None:
    """Without both parts, two papers would bear one number."""
    if pattern.count(YEAR) != 1 or pattern.count(SERIAL) != 1:
        raise ValidationError(f"格式里 {YEAR} 和 {SERIAL} 各写一次，其余文字照写，如 平工荣〔{YEAR}〕{SERIAL}号。")


class NumberRuleQuerySet(models.QuerySet["NumberRule"]):
    """Questions asked of rules."""

    def on(self, series: str, day: date) -> "NumberRule | None":
        """The rule of a series in force on `day`; None before the first that is recorded."""
        return self.filter(series=series, in_force_from__lte=day).order_by("-in_force_from").first()


class NumberRule(models.Model):
    """How the numbers of a series look from a day on. A new rule changes the look and counts on."""

    series = models.CharField("编号对象", max_length=20, choices=Series, default=Series.CERTIFICATE)
    in_force_from = models.DateField("施行日期")
    pattern = models.CharField(
        "编号格式", max_length=30, validators=[validate_pattern],
        help_text=f"{YEAR} 为授予年份，{SERIAL} 为当年流水号，其余文字照写，如 平工荣〔{YEAR}〕{SERIAL}号",
    )  # fmt: skip
    digits = models.PositiveSmallIntegerField(
        "流水号位数", default=4, validators=[MinValueValidator(1), MaxValueValidator(8)], help_text="不足的在前面补 0"
    )
    document = models.CharField("依据", max_length=200, help_text="文件名称和文号，或决定的会议和日期")

    objects: ClassVar = NumberRuleQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "编号规则"
        ordering = ["series", "-in_force_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["series", "in_force_from"],
                name="numberrule_one_a_day",
                violation_error_message="这一天起施行的规则已经登记过。",
            ),
            models.CheckConstraint(
                condition=Q(digits__gte=1, digits__lte=8),
                name="numberrule_digits_in_range",
                violation_error_message="流水号为 1 至 8 位。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.in_force_from} 起：{self.pattern}"

    def number(self, year: int, serial: int) -> str:
        """平工荣〔2026〕0007号."""
        return self.pattern.replace(YEAR, str(year)).replace(SERIAL, str(serial).zfill(self.digits))


class Counter(models.Model):
    """The last serial drawn in a series and year."""

    series = models.CharField("编号对象", max_length=20, choices=Series)
    year = models.PositiveSmallIntegerField("年度")
    last = models.PositiveIntegerField("最后流水号", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "流水号"
        ordering = ["series", "year"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["series", "year"],
                name="counter_once",
                violation_error_message="这一年的流水号已经登记过。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_series_display()} {self.year}：{self.last}"


class Chain(models.TextChoices):
    """What is sealed in blocks."""

    FUNDS = "funds", "资金流水"


class Block(models.Model):
    """Rows sealed together: `head` is the hash over them and over the head of the block before (proof.seal)."""

    is_append_only: ClassVar[bool] = True

    chain = models.CharField("封存对象", max_length=20, choices=Chain)
    number = models.PositiveIntegerField("块号")
    previous = models.CharField("前一块链头", max_length=64)
    head = models.CharField("链头", max_length=64)
    at = models.DateTimeField("封存时间", auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "封存块"
        ordering = ["chain", "number"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["chain", "number"], name="block_one_a_number"),
            models.UniqueConstraint(fields=["chain", "previous"], name="block_one_after_another"),
        ]

    def __str__(self) -> str:
        return f"{self.get_chain_display()}第{self.number}块"


class Leaf(models.Model):
    """A sealed row: what of it is published, as it was sealed, and the commitment to the rest with its salt."""

    is_append_only: ClassVar[bool] = True

    block = models.ForeignKey(Block, models.PROTECT, verbose_name="封存块", related_name="leaves", db_index=False)
    place = models.PositiveIntegerField("块内序号")
    chain = models.CharField("封存对象", max_length=20, choices=Chain)
    object_id = models.BigIntegerField("记录")
    published = models.JSONField("公开内容")
    salt = models.CharField("盐值", max_length=32)
    commitment = models.CharField("承诺值", max_length=64)

    class Meta:
        verbose_name = verbose_name_plural = "封存记录"
        ordering = ["block", "place"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["block", "place"], name="leaf_one_a_place"),
            models.UniqueConstraint(fields=["chain", "object_id"], name="leaf_sealed_once"),
        ]

    def __str__(self) -> str:
        return f"{self.block} {self.place}"
