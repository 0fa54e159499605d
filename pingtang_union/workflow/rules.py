"""Rules for publicity (公示): policy as dated rows with their document."""

from datetime import date
from typing import ClassVar

from django.db import models
from django.db.models import Q


class PublicityRuleQuerySet(models.QuerySet["PublicityRule"]):
    """Questions asked of rules on publicity."""

    def on(self, day: date) -> "PublicityRule | None":
        """The rule in force on `day`; None before the first that is recorded."""
        return self.filter(in_force_from__lte=day).order_by("-in_force_from").first()


class PublicityRule(models.Model):
    """How many working days a decision has to be publicised before it is made (公示), from a date on: policy as a row
    with its document, not as code."""

    in_force_from = models.DateField("施行日期")
    working_days = models.PositiveSmallIntegerField("公示不少于（工作日）")
    document = models.CharField("依据", max_length=200, help_text="文件名称和文号")

    objects: ClassVar = PublicityRuleQuerySet.as_manager()

    class Meta:
        app_label = "core"  # where its table was made
        verbose_name = verbose_name_plural = "公示期规定"
        ordering = ["-in_force_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["in_force_from"],
                name="publicityrule_one_a_day",
                violation_error_message="这一天起施行的规定已经登记过。",
            ),
            models.CheckConstraint(
                condition=Q(working_days__gte=1, working_days__lte=60),
                name="publicityrule_days_in_range",
                violation_error_message="公示期要在 1 至 60 个工作日之间。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.in_force_from} 起：{self.working_days} 个工作日"
