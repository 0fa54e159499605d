"""Rules for publicity (公示) and for how long offices may take (办理时限): policy as dated rows with their document."""

from datetime import date
from typing import ClassVar

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from pingtang_union.core.fields import DocumentNumberField
from pingtang_union.workflow.table import TRANSITIONS

ENDS_WITH = [(one.name, one.label) for one in TRANSITIONS if one.stage and not one.is_by_applicant]


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


def subjects() -> list[tuple[str, str]]:
    """Kinds of applications: label and words."""
    found = [model for model in apps.get_models() if hasattr(model, "filling_steps")]
    return [(model._meta.label_lower, str(model._meta.verbose_name)) for model in found]


def validate_subject(subject: str) -> None:
    if subject not in dict(subjects()):
        raise ValidationError("没有这种申报事项。")


class ClockRule(models.Model):
    """From a day on: so many working days from handing in to a transition."""

    subject = models.CharField("办理事项", max_length=60, validators=[validate_subject])
    ends_with = models.CharField("办到", max_length=20, choices=ENDS_WITH)
    in_force_from = models.DateField("施行日期")
    working_days = models.PositiveSmallIntegerField("时限（工作日）")
    document = models.CharField("依据", max_length=100, help_text="文件名称")
    document_number = DocumentNumberField("文号")
    is_example = models.BooleanField("示例数据", default=False, help_text="演示用的数值，不是正式规定")

    objects: ClassVar = models.Manager()

    class Meta:
        verbose_name = verbose_name_plural = "办理时限"
        ordering = ["subject", "ends_with", "-in_force_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "ends_with", "in_force_from"],
                name="clockrule_one_a_day",
                violation_error_message="这一天起施行的时限已经登记。",
            ),
            models.CheckConstraint(
                condition=Q(working_days__range=(1, 250)) & ~Q(document_number=""),
                name="clockrule_days_in_range",
                violation_error_message="时限为 1 至 250 个工作日，并要有文号。",
            ),
        ]

    def __str__(self) -> str:
        mark = "（示例）" if self.is_example else ""
        return f"{self.in_force_from} 起：{self.get_ends_with_display()} {self.working_days} 个工作日{mark}"
