"""Funds (资金) that relief is paid from."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from members.models import Union
from pingtang_union.core.scope import ScopedModel, ScopedQuerySet
from pingtang_union.money import MoneyField
from pingtang_union.workflow.publishing import check_fields
from relief.models.codes import FundSource


class Fund(ScopedModel):
    """Money of one source, year and purpose. `available` is moved by entries only."""

    scope_path = "union"

    union = models.ForeignKey(Union, models.PROTECT, verbose_name="管理单位", related_name="+")
    name = models.CharField("资金名称", max_length=60)
    source = models.CharField("来源", max_length=12, choices=FundSource)
    year = models.PositiveSmallIntegerField("年度")
    purpose = models.CharField("用途", max_length=100, blank=True)
    available = MoneyField("可用余额（元）", default=0, editable=False)
    version = models.PositiveIntegerField("版本", default=0, editable=False)
    is_open = models.BooleanField("使用中", default=True)

    objects: ClassVar = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "资金"
        ordering = ["-year", "pk"]
        permissions = [("move_fund", "登记资金收支")]
        constraints = [
            models.UniqueConstraint(
                fields=["union", "name", "year"],
                name="fund_once_a_year",
                violation_error_message="这一年度已有同名的资金。",
            ),
            models.CheckConstraint(
                condition=Q(available__gte=0),
                name="fund_not_overdrawn",
                violation_error_message="资金余额不够。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year}年{self.name}"

    def clean(self) -> None:
        check_fields(self, "name")

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Never the money of a fund that there is: what a form has read may be old by now, and only entries move it."""
        if not self._state.adding and kwargs.get("update_fields") is None:
            own = {field.name for field in self._meta.concrete_fields if not field.primary_key}
            kwargs["update_fields"] = own - {"available", "version"}
        super().save(*args, **kwargs)
