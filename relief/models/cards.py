"""Service cards (爱心服务卡): how many each union was given, when, with whom."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import Q

from members.models import Union
from pingtang_union.core.fields import PartialDateField, well_formed
from pingtang_union.core.scope import ScopedModel, ScopedQuerySet


class CardKind(models.TextChoices):
    """Kinds of cards that the federation issues."""

    SERVICE = "service", "爱心服务卡"
    RELIEF = "relief", "爱心帮扶卡"


class CardIssueQuerySet(ScopedQuerySet):
    """Questions asked of issues."""

    def issued_by(self, day: date) -> Self:
        """Issues until `day`."""
        return self.filter(issued_on__lte=day.isoformat())


class CardIssue(ScopedModel):
    """Cards handed to one union at once."""

    scope_path = "union"

    union = models.ForeignKey(Union, models.PROTECT, verbose_name="领卡工会", related_name="+")
    kind = models.CharField("卡种", max_length=8, choices=CardKind, default=CardKind.SERVICE)
    partner = models.CharField("合作单位", max_length=50, blank=True)
    issued_on = PartialDateField("发放时间")
    count = models.PositiveIntegerField("张数")
    received_by = models.CharField("领取人", max_length=50, blank=True)
    note = models.CharField("备注", max_length=200, blank=True)

    objects = CardIssueQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "发卡记录"
        ordering = ["-issued_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["union", "kind", "issued_on", "partner"],
                name="cardissue_once_a_day",
                violation_error_message="这个工会这一天已登记过这种卡，请改张数。",
            ),
            models.CheckConstraint(
                condition=Q(count__gt=0), name="cardissue_some", violation_error_message="张数要大于零。"
            ),
            models.CheckConstraint(
                condition=Q(issued_on__isnull=False),
                name="cardissue_has_date",
                violation_error_message="请填写发放时间。",
            ),
            well_formed("cardissue_dates_well_formed", "issued_on"),
        ]

    def __str__(self) -> str:
        return f"{self.union}：{self.count} 张{self.get_kind_display()}"
