"""What relief is given under: programmes (帮扶项目) with their editions and instalments, and groups of people. Data of
the office, not code."""

from datetime import date
from typing import Self

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q

from members.models import Union
from pingtang_union.core.fields import DocumentNumberField
from pingtang_union.core.scope import AddressedQuerySet, ScopedModel
from pingtang_union.money import MoneyField
from pingtang_union.workflow.publishing import check_fields

EDITION = RegexValidator(r"^[0-9]{4}(-[0-9]{4})?$", "年度写成 2017，跨年的写成 2017-2018。")


class Group(models.Model):
    """A kind of people that relief reaches (人员类别)."""

    name = models.CharField("人员类别", max_length=30, unique=True)
    other_names = models.CharField("其他写法", max_length=200, blank=True, help_text="用空格隔开")
    is_for_children = models.BooleanField(
        "未成年人", default=False, help_text="发给未成年人的，姓名和家庭情况只给有权限的人看"
    )
    order = models.PositiveSmallIntegerField("次序", default=10)
    is_in_use = models.BooleanField("使用中", default=True)

    class Meta:
        verbose_name = verbose_name_plural = "人员类别"
        ordering = ["order", "pk"]

    def __str__(self) -> str:
        return self.name


class Programme(models.Model):
    """A kind of relief that comes again each year: 送温暖, 金秋助学 …"""

    name = models.CharField("帮扶项目", max_length=30, unique=True)
    other_names = models.CharField("其他写法", max_length=200, blank=True, help_text="用空格隔开")
    begins_in = models.PositiveSmallIntegerField(
        "年度起始月份",
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(12)],
        help_text="按自然年的填 1；元旦春节送温暖跨年，填 7，即当年7月至次年6月算一个年度",
    )
    is_festive = models.BooleanField("节日慰问", default=False)
    is_once_a_household = models.BooleanField("一户只发一份", default=False)
    order = models.PositiveSmallIntegerField("次序", default=10)
    is_in_use = models.BooleanField("使用中", default=True)
    note = models.CharField("说明", max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "帮扶项目"
        ordering = ["order", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(begins_in__range=(1, 12)),
                name="programme_begins_in_a_month",
                violation_error_message="月份应为 1 至 12。",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        check_fields(self, "name")

    def edition_on(self, day: str) -> str:
        """The edition that a day (2018-01-20, 2018-01 or 2018) falls into: "2018", or "2017-2018" where it crosses the
        year. Raises ValueError where the day is too inexact to tell."""
        year = int(day[:4])
        if self.begins_in == 1:
            return str(year)
        if len(day) < 7:
            raise ValueError(day)
        first = year if int(day[5:7]) >= self.begins_in else year - 1
        return f"{first}-{first + 1}"


class InstalmentQuerySet(AddressedQuerySet):
    """Questions asked of instalments."""

    def open_on(self, day: date) -> Self:
        """Those that may be applied for on `day`."""
        return self.filter(
            Q(opens_on__isnull=True) | Q(opens_on__lte=day), Q(closes_on__isnull=True) | Q(closes_on__gte=day)
        )


class Instalment(ScopedModel):
    """One time that a programme's edition pays: from which fund, to whom, how much a person. Addressed to the
    unions below whose plan it is."""

    scope_path = "union"

    union = models.ForeignKey(Union, models.PROTECT, verbose_name="制定单位", related_name="+")
    programme = models.ForeignKey(Programme, models.PROTECT, verbose_name="帮扶项目", related_name="instalments")
    edition = models.CharField("年度", max_length=9, validators=[EDITION])
    number = models.PositiveSmallIntegerField("批次", default=1)
    title = models.CharField("名称", max_length=60, help_text="如 2018年元旦春节送温暖第一批")
    fund = models.ForeignKey(
        "relief.Fund", models.PROTECT, null=True, blank=True, verbose_name="资金", related_name="instalments"
    )
    groups = models.ManyToManyField(Group, blank=True, verbose_name="发放对象", related_name="+")
    a_person = MoneyField("每人标准（元）", null=True, blank=True, help_text="没有统一标准的不填")
    most_a_person = MoneyField("每人最高（元）", null=True, blank=True)
    planned = MoneyField("计划金额（元）", null=True, blank=True, help_text="年度计划给这一批次的总额")
    opens_on = models.DateField("申报开始", null=True, blank=True)
    closes_on = models.DateField("申报截止", null=True, blank=True)
    document_number = DocumentNumberField("文号", blank=True)
    note = models.CharField("说明", max_length=200, blank=True)

    objects = InstalmentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "发放计划"
        ordering = ["-edition", "programme__order", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["union", "programme", "edition", "number"],
                name="instalment_once",
                violation_error_message="这个项目这一年度已有这一批次。",
            ),
            models.CheckConstraint(
                condition=Q(a_person__isnull=True) | Q(a_person__gt=0),
                name="instalment_amount_positive",
                violation_error_message="标准要大于零。",
            ),
            models.CheckConstraint(
                condition=Q(closes_on__isnull=True) | Q(opens_on__isnull=True) | Q(closes_on__gte=models.F("opens_on")),
                name="instalment_closes_after_opening",
                violation_error_message="申报截止不能早于申报开始。",
            ),
        ]

    def __str__(self) -> str:
        return self.title
