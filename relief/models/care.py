"""Visits (走访慰问) that need no file, and who may need help early (提前关注): rules in words, found in own records,
for a person to look at. Nothing follows by itself: no category, no score, no order of who needs it more."""

from datetime import date
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q

from members.models import Member, Union
from pingtang_union.core.fields import DocumentNumberField, account
from pingtang_union.core.scope import ScopedModel, ScopedQuerySet
from pingtang_union.workflow.attachments import Attachment
from relief.models.policies import EXAMPLE
from relief.models.programmes import Instalment, Programme


class CareVisit(ScopedModel):
    """One visit to one or several people: each becomes a grant. It is the visitor's; its grants belong where the
    address says."""

    scope_path = "union"

    union = models.ForeignKey(Union, models.PROTECT, verbose_name="走访单位", related_name="+")
    programme = models.ForeignKey(Programme, models.PROTECT, verbose_name="帮扶项目", related_name="+")
    plan = models.ForeignKey(
        Instalment, models.PROTECT, null=True, blank=True, verbose_name="发放计划", related_name="+"
    )
    visited_on = models.DateField("走访日期")
    address = models.CharField("所在工会（住址）", max_length=100)
    note = models.CharField("走访情况", max_length=200, blank=True)
    key = models.CharField("防重编号", max_length=32, unique=True, editable=False)
    recorded_by = account("登记人", null=False, editable=False)
    recorded_at = models.DateTimeField("登记时间", auto_now_add=True)

    objects: ClassVar = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "走访慰问"
        ordering = ["-visited_on", "-pk"]

    def __str__(self) -> str:
        return f"{self.visited_on} {self.address}"


class VisitPhoto(Attachment):
    """A photo of a visit. Not public."""

    application = models.ForeignKey(CareVisit, models.CASCADE, verbose_name="走访慰问", related_name="files")

    class Meta(Attachment.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "走访照片"


class Check(models.TextChoices):
    """What a rule looks for."""

    ILLNESS = "illness", "一年内某项目帮扶达到金额（元），未在档"
    SINGLE = "single", "申请未建档或已撤档，一人有工资收入、有子女上学"
    RETAINED = "retained", "保留会籍满年数"
    PROGRAMMES = "programmes", "一年内受助项目达到个数"
    AMOUNT = "amount", "一年内受助金额达到（元）"


EARLY = (Check.ILLNESS, Check.SINGLE, Check.RETAINED)  # the others are conditions of the list of grants


_TWICE = "这一天起用的同类规则已经登记。"


class CareRule(models.Model):
    """A rule in the office's words, from a day on: of one check and programme the latest counts."""

    check_code = models.CharField("查找方法", max_length=10, choices=Check)
    words = models.CharField("规则", max_length=100, help_text="用文字写明，与名单一同显示")
    threshold = models.PositiveIntegerField(
        "界限", null=True, blank=True, help_text="金额（元）、年数或个数，见查找方法"
    )
    programme = models.ForeignKey(
        Programme, models.PROTECT, null=True, blank=True, verbose_name="帮扶项目", related_name="+",
        help_text="按项目查找的填，如 大病救助",
    )  # fmt: skip
    in_force_from = models.DateField("起用日期")
    document = models.CharField("依据", max_length=100)
    document_number = DocumentNumberField("文号", blank=True)
    is_in_use = models.BooleanField("使用中", default=True)
    is_example = models.BooleanField(f"{EXAMPLE}数据", default=False, help_text="演示用的数值，不是正式规定")

    class Meta:
        verbose_name = verbose_name_plural = "关注规则"
        ordering = ["check_code", "-in_force_from", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["check_code", "programme", "in_force_from"],
                name="carerule_one_a_day_and_programme",
                violation_error_message=_TWICE,
            ),
            models.UniqueConstraint(
                fields=["check_code", "in_force_from"],
                condition=Q(programme__isnull=True),
                name="carerule_one_a_day",
                violation_error_message=_TWICE,
            ),
            models.CheckConstraint(
                condition=Q(check_code=Check.SINGLE, threshold__isnull=True)
                | ~Q(check_code=Check.SINGLE) & Q(threshold__isnull=False, threshold__gt=0),
                name="carerule_has_threshold",
                violation_error_message="除单职工家庭外，都要填大于零的界限；单职工家庭不填。",
            ),
            models.CheckConstraint(
                condition=Q(check_code=Check.ILLNESS, programme__isnull=False)
                | ~Q(check_code=Check.ILLNESS) & Q(programme__isnull=True),
                name="carerule_illness_has_programme",
                violation_error_message="按项目查找的要选帮扶项目，其他不选。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.words}（{EXAMPLE}）" if self.is_example and EXAMPLE not in self.words else self.words


def rules_on(day: date) -> list[CareRule]:
    """The rules in force: one question."""
    rows = CareRule.objects.filter(in_force_from__lte=day).order_by("check_code", "programme", "in_force_from")
    latest = {(one.check_code, one.programme_id): one for one in rows}
    return [one for one in latest.values() if one.is_in_use]


class EarlyCaseQuerySet(ScopedQuerySet):
    """Questions asked of cases."""

    def to_look_at(self) -> Self:
        """Those that a rule names now and nobody has looked at."""
        return self.filter(is_current=True, looked_on__isnull=True)


class EarlyCase(ScopedModel):
    """Somebody whom a rule names: a member, the worker of a file that doesn't stand, or who was given a grant."""

    scope_path = "union"

    rule = models.ForeignKey(CareRule, models.PROTECT, verbose_name="规则", related_name="cases", db_index=False)
    union = models.ForeignKey(Union, models.PROTECT, verbose_name="所在工会", related_name="+")
    member = models.ForeignKey(Member, models.CASCADE, null=True, blank=True, verbose_name="会员", related_name="+")
    household = models.ForeignKey(
        "relief.Household", models.CASCADE, null=True, blank=True, verbose_name="困难职工档案", related_name="+"
    )
    grant = models.ForeignKey(
        "relief.Grant", models.CASCADE, null=True, blank=True, verbose_name="帮扶发放", related_name="+"
    )
    found_on = models.DateField("列入日期", auto_now_add=True)
    is_current = models.BooleanField("仍符合", default=True)
    looked_on = models.DateField("查看日期", null=True, blank=True)
    looked_by = account("查看人", editable=False)
    note = models.CharField("查看情况", max_length=200, blank=True)

    objects: ClassVar = EarlyCaseQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "提前关注"
        ordering = ["union", "rule", "pk"]
        default_permissions = ("view",)
        permissions = [("look_earlycase", "登记提前关注的查看情况")]
        constraints = [
            *(
                models.UniqueConstraint(fields=["rule", name], name=f"earlycase_{name}_once")
                for name in ("member", "household", "grant")
            ),
            models.CheckConstraint(
                condition=Q(member__isnull=False, household__isnull=True, grant__isnull=True)
                | Q(member__isnull=True, household__isnull=False, grant__isnull=True)
                | Q(member__isnull=True, household__isnull=True, grant__isnull=False),
                name="earlycase_names_one",
            ),
            models.CheckConstraint(
                condition=Q(looked_on__isnull=True, looked_by__isnull=True)
                | Q(looked_on__isnull=False, looked_by__isnull=False) & ~Q(note=""),
                name="earlycase_looked_has_note",
                violation_error_message="请写明查看情况。",
            ),
        ]

    def __str__(self) -> str:
        return str(self.household or self.grant or f"{self.union}会员")
