"""Relief policy: dated rows with their document, nothing of it in code. A draft is tried out beside the one in force
(services.replay); what was issued is never changed, since old decisions point to it."""

from datetime import date
from decimal import Decimal
from typing import Any, Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from members.models import Union
from pingtang_union.core.fields import DocumentNumberField, account
from pingtang_union.core.scope import AddressedQuerySet, ScopedModel
from pingtang_union.money import MoneyField
from relief.models.assessment import Rules
from relief.models.codes import FundSource, HardshipCategory, Spending
from relief.models.programmes import Programme

EXAMPLE = "示例"


class ReliefPolicyQuerySet(AddressedQuerySet):
    """Questions asked of policies."""

    def issued(self) -> Self:
        """Those that count."""
        return self.filter(issued_at__isnull=False)

    def over(self, union: Union) -> Self:
        """Those of the unions above `union`, and its own."""
        return self.filter(union__path__in=[union.path[:end] for end in range(4, len(union.path) + 1, 4)])

    def on(self, day: date) -> Any:
        """The issued policy in force on `day`; None before the first."""
        return self.issued().filter(in_force_from__lte=day).order_by("-in_force_from", "-pk").first()


class ReliefPolicy(ScopedModel):
    """Who is in hardship, from a day on: the line, the limits of each category, what counts and what excludes."""

    scope_path = "union"

    union = models.ForeignKey(Union, models.PROTECT, verbose_name="制定单位", related_name="+")
    title = models.CharField("政策名称", max_length=100)
    document_number = DocumentNumberField("文号", blank=True)
    in_force_from = models.DateField("施行日期")
    is_example = models.BooleanField(f"{EXAMPLE}数据", default=False, help_text="演示用的数值，不是正式规定")
    issued_at = models.DateTimeField("发布时间", null=True, blank=True, editable=False)
    issued_by = account("发布人", editable=False)
    line = MoneyField("低保标准（元/人·月）")
    line_article = models.CharField("低保标准依据条款", max_length=60)
    formula_article = models.CharField("收入计算依据条款", max_length=60)
    deep_takes_equal = models.BooleanField("人均净收入等于低保标准的，算深度困难", default=False)
    deep_article = models.CharField("深度困难依据条款", max_length=60)
    relative_multiple = models.DecimalField(
        "相对困难上限（低保标准的倍数）", max_digits=4, decimal_places=2, validators=[MinValueValidator(Decimal(1))]
    )
    relative_takes_equal = models.BooleanField("等于上限的，算相对困难", default=True)
    relative_article = models.CharField("相对困难依据条款", max_length=60)
    accident_share = models.DecimalField(
        "意外致困：支出超过年收入的百分比", max_digits=5, decimal_places=2, null=True, blank=True,
        validators=[MinValueValidator(Decimal(1))], help_text="不设意外致困类别的不填",
    )  # fmt: skip
    accident_article = models.CharField("意外致困依据条款", max_length=60, blank=True)
    spot_share = models.PositiveSmallIntegerField(
        "年度抽查比例（%）", null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    note = models.CharField("说明", max_length=200, blank=True)

    objects = ReliefPolicyQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "帮扶政策"
        ordering = ["-in_force_from", "-pk"]
        permissions = [("issue_reliefpolicy", "发布帮扶政策")]
        constraints = [
            models.UniqueConstraint(
                fields=["union", "in_force_from"],
                condition=Q(issued_at__isnull=False),
                name="reliefpolicy_one_a_day",
                violation_error_message="这一天起施行的政策已经发布。",
            ),
            models.CheckConstraint(
                condition=Q(issued_at__isnull=True) | ~Q(document_number="") & Q(issued_by__isnull=False),
                name="reliefpolicy_issued_has_document",
                violation_error_message="发布的政策要有文号和发布人。",
            ),
            models.CheckConstraint(
                condition=Q(line__gt=0, relative_multiple__gte=1)
                & (Q(accident_share__isnull=True) | Q(accident_share__gt=0)),
                name="reliefpolicy_limits_positive",
                violation_error_message="标准要大于零，倍数不小于 1。",
            ),
            models.CheckConstraint(
                condition=Q(spot_share__isnull=True) | Q(spot_share__range=(1, 100)),
                name="reliefpolicy_spot_share_in_range",
                violation_error_message="抽查比例为 1 至 100。",
            ),
        ]

    def __str__(self) -> str:
        mark = f"（{EXAMPLE}）" if self.is_example and EXAMPLE not in self.title else ""
        return f"{self.title}{mark}{'' if self.issued_at else '（草案）'}"

    def rules(self) -> Rules:
        """In plain values, as `assess` takes it."""
        return Rules(
            name=str(self),
            line=self.line,
            line_article=self.line_article,
            formula_article=self.formula_article,
            deep_takes_equal=self.deep_takes_equal,
            deep_article=self.deep_article,
            relative_multiple=self.relative_multiple,
            relative_takes_equal=self.relative_takes_equal,
            relative_article=self.relative_article,
            accident_share=self.accident_share,
            accident_article=self.accident_article,
            deductions={one.kind: one.article for one in self.deductions.all()},
            exclusions={one.code: (one.words, one.article) for one in self.exclusions.all()},
        )


class _OfPolicy(ScopedModel):
    """A line of a policy, seen by whoever sees the policy."""

    scope_path = "policy__union"

    objects = AddressedQuerySet.as_manager()

    class Meta:
        abstract = True


class Deduction(_OfPolicy):
    """A kind of spending that the policy recognises."""

    policy = models.ForeignKey(ReliefPolicy, models.CASCADE, verbose_name="政策", related_name="deductions")
    kind = models.CharField("支出类别", max_length=10, choices=Spending)
    article = models.CharField("依据条款", max_length=60)

    class Meta:
        verbose_name = verbose_name_plural = "认定支出"
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["policy", "kind"], name="deduction_once")]

    def __str__(self) -> str:
        return self.get_kind_display()


class Exclusion(_OfPolicy):
    """What keeps a household out, whatever its income. `code` tells it in every policy that has it."""

    policy = models.ForeignKey(ReliefPolicy, models.CASCADE, verbose_name="政策", related_name="exclusions")
    code = models.SlugField("代码", max_length=20, help_text="各年政策中同一情形用同一代码，如 car", db_index=False)
    words = models.CharField("不予建档的情形", max_length=100)
    article = models.CharField("依据条款", max_length=60)

    class Meta:
        verbose_name = verbose_name_plural = "不予建档情形"
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["policy", "code"], name="exclusion_once")]

    def __str__(self) -> str:
        return self.words


class PolicyPaper(_OfPolicy):
    """A paper that is asked for, of all or of those in hardship for one cause."""

    policy = models.ForeignKey(ReliefPolicy, models.CASCADE, verbose_name="政策", related_name="papers")
    title = models.CharField("材料", max_length=60)
    cause = models.ForeignKey(
        "relief.Cause", models.PROTECT, null=True, blank=True, verbose_name="致困原因", related_name="+",
        help_text="只向这种原因的要；都要的不填",
    )  # fmt: skip
    is_identity = models.BooleanField("身份证件", default=False, help_text="查看和下载时加水印，只收图片")
    is_needed = models.BooleanField("必须上传", default=True)
    order = models.PositiveSmallIntegerField("次序", default=10)

    class Meta:
        verbose_name = verbose_name_plural = "申请材料"
        ordering = ["order", "pk"]
        constraints = [models.UniqueConstraint(fields=["policy", "title"], name="policypaper_once")]

    def __str__(self) -> str:
        return self.title


class Cap(_OfPolicy):
    """The most that a household of a category may have in a year from one programme and source."""

    policy = models.ForeignKey(ReliefPolicy, models.CASCADE, verbose_name="政策", related_name="caps")
    programme = models.ForeignKey(Programme, models.PROTECT, verbose_name="帮扶项目", related_name="+")
    category = models.CharField("困难类别", max_length=10, choices=HardshipCategory)
    source = models.CharField("资金来源", max_length=12, choices=FundSource)
    most = MoneyField("每户每年最高（元）")
    article = models.CharField("依据条款", max_length=60)

    class Meta:
        verbose_name = verbose_name_plural = "帮扶标准"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["policy", "programme", "category", "source"],
                name="cap_once",
                violation_error_message="这个项目、类别和来源的标准已经登记。",
            ),
            models.CheckConstraint(
                condition=Q(most__gt=0) & ~Q(category=HardshipCategory.NONE),
                name="cap_positive",
                violation_error_message="标准要大于零，并属于一个困难类别。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.programme}、{self.get_category_display()}、{self.get_source_display()}"


class Cause(models.Model):
    """A cause of hardship of the national list (致困原因)."""

    number = models.PositiveSmallIntegerField("编号", unique=True)
    name = models.CharField("致困原因", max_length=30, unique=True)
    is_in_use = models.BooleanField("使用中", default=True)

    class Meta:
        verbose_name = verbose_name_plural = "致困原因"
        ordering = ["number"]

    def __str__(self) -> str:
        return self.name
