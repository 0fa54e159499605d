"""What goes with a hardship file: its papers, the home visit, its steps and objections, what was decided and why, what
happened after, the row of statistics that outlives it, and the yearly spot check."""

from typing import Any

from django.db import models
from django.db.models import F, Q

from members.models import Union
from pingtang_union.core.fields import account
from pingtang_union.core.scope import ScopedModel, ScopedQuerySet
from pingtang_union.money import MoneyField
from pingtang_union.workflow.attachments import Attachment
from pingtang_union.workflow.models import Step, moment_field
from pingtang_union.workflow.objections import Objection
from relief.models.codes import Act, HardshipCategory
from relief.models.households import Household
from relief.models.policies import PolicyPaper, ReliefPolicy


class HouseholdStep(Step):
    """A transition of a file that happened."""

    application = models.ForeignKey(Household, models.CASCADE, verbose_name="困难职工档案", related_name="steps")

    class Meta(Step.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "档案办理记录"


class HouseholdObjection(Objection):
    """An objection to a file in publicity."""

    application = models.ForeignKey(Household, models.CASCADE, verbose_name="困难职工档案", related_name="objections")

    class Meta(Objection.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "档案公示异议"


class HomeVisit(ScopedModel):
    """A visit at home, by two: an account that writes the record, and who came along."""

    scope_path = "application__union"

    application = models.ForeignKey(Household, models.CASCADE, verbose_name="困难职工档案", related_name="visits")
    visited_on = models.DateField("走访日期")
    visitor = account("走访人", null=False, editable=False)
    companion = models.CharField("同行走访人", max_length=50)
    findings = models.CharField("走访情况", max_length=500, help_text="家庭居住、收入支出、健康就学等，与申报是否一致")
    recorded_at = models.DateTimeField("登记时间", auto_now_add=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "入户走访"
        ordering = ["-visited_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(companion="") & ~Q(findings=""),
                name="homevisit_by_two_with_record",
                violation_error_message="入户走访由两人进行，并写明情况。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.visited_on}：{self.visitor}、{self.companion}"


class HouseholdFile(Attachment):
    """A scan of a paper that the policy asks for, a photo of a visit, or another paper."""

    application = models.ForeignKey(Household, models.CASCADE, verbose_name="困难职工档案", related_name="files")
    paper = models.ForeignKey(
        PolicyPaper, models.PROTECT, null=True, blank=True, verbose_name="材料", related_name="files"
    )
    visit = models.ForeignKey(
        HomeVisit, models.CASCADE, null=True, blank=True, verbose_name="入户走访", related_name="photos"
    )

    class Meta(Attachment.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "档案附件"

    def __str__(self) -> str:
        """The paper that it is: names of files often say whose."""
        return "入户走访照片" if self.visit_id else str(self.paper) if self.paper_id else "其他附件"


class Assessment(ScopedModel):
    """A calculation as it was when the county reviewed, or checked again: facts, rules and outcome in plain values."""

    scope_path = "household__union"

    household = models.ForeignKey(Household, models.CASCADE, verbose_name="困难职工档案", related_name="assessments")
    policy = models.ForeignKey(ReliefPolicy, models.PROTECT, verbose_name="依据政策", related_name="assessments")
    category = models.CharField("困难类别", max_length=10, choices=HardshipCategory)
    facts = models.JSONField("认定依据的数据")
    outcome = models.JSONField("认定结果")
    made_at = models.DateTimeField("认定时间", auto_now_add=True)
    made_by = account("认定人", null=False)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "困难认定"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.household}：{self.get_category_display()}"


class FileAct(ScopedModel):
    """Something that happened to a file after the decision, with its day and reason. Added, never changed."""

    scope_path = "household__union"

    household = models.ForeignKey(Household, models.CASCADE, verbose_name="困难职工档案", related_name="acts")
    kind = models.CharField("事项", max_length=8, choices=Act)
    on = models.DateField("日期")
    reason = models.CharField("原因或情况", max_length=200)
    assessment = models.ForeignKey(
        Assessment, models.CASCADE, null=True, blank=True, verbose_name="认定", related_name="+"
    )
    by = account("办理人", null=False)
    at = models.DateTimeField("办理时间", auto_now_add=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "档案后续办理"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(reason=""), name="fileact_has_reason", violation_error_message="请写明原因。"
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=(Act.RECHECK, Act.BACK)) | Q(assessment__isnull=False),
                name="fileact_recheck_has_assessment",
                violation_error_message="复核和返困要有认定。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.on} {self.get_kind_display()}"


class FileRecordQuerySet(ScopedQuerySet):
    """Questions asked of the rows of statistics."""

    def on_file_on(self, day: Any) -> Any:
        """Files that stood on `day`."""
        return self.filter(Q(ended_on__isnull=True) | Q(ended_on__gt=day), opened_on__lte=day)


class FileRecord(ScopedModel):
    """A file in numbers: made with the decision, it stays when the file is made anonymous: no figure of the past
    changes. It holds nothing of anyone, and belongs to the township's federation, or to the county. Back in hardship
    is another row."""

    scope_path = "union"

    union = models.ForeignKey(Union, models.PROTECT, verbose_name="所属", related_name="+")
    household = models.ForeignKey(
        Household, models.SET_NULL, null=True, blank=True, verbose_name="困难职工档案", related_name="records"
    )
    year = models.PositiveSmallIntegerField("建档年度")
    township = models.CharField("乡镇（街道）", max_length=30, blank=True)
    category = models.CharField("困难类别", max_length=10, choices=HardshipCategory)
    cause = models.CharField("主要致困原因", max_length=30, blank=True)
    people = models.PositiveSmallIntegerField("家庭人口")
    opened_on = models.DateField("建档日期")
    ended_on = models.DateField("脱困或注销日期", null=True, blank=True)
    # Filled when the file is made anonymous; until then its grants say it.
    amount = MoneyField("帮扶金额（元）", null=True, blank=True)

    objects = FileRecordQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "档案统计"
        ordering = ["-opened_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["household"],
                condition=Q(household__isnull=False, ended_on__isnull=True),
                name="filerecord_one_open",
            ),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(ended_on__gte=F("opened_on")),
                name="filerecord_ends_after_opening",
                violation_error_message="结束不能早于建档。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year}年{self.township}：{self.get_category_display()}"


class SpotDraw(ScopedModel):
    """The files drawn for a year's spot check. Seed, share and the files that it was drawn from are kept: whoever draws
    again gets the same."""

    scope_path = "union"

    union = models.ForeignKey(Union, models.PROTECT, verbose_name="抽查单位", related_name="+")
    year = models.PositiveSmallIntegerField("年度")
    share = models.PositiveSmallIntegerField("比例（%）", editable=False)
    seed = models.CharField("随机种子", max_length=64, editable=False)
    population = models.JSONField("参加抽取的档案", editable=False)  # [union, [file, …]] by union
    drawn_by, drawn_at = account("抽取人", null=False, editable=False), moment_field("抽取时间")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "档案抽查"
        ordering = ["-year", "-pk"]
        permissions = [("draw_spotdraw", "抽取档案")]
        constraints = [
            models.UniqueConstraint(
                fields=["union", "year"],
                name="spotdraw_once_a_year",
                violation_error_message="这一年度已经抽取。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year}年度抽查"


class SpotCheck(ScopedModel):
    """One drawn file: what the county found, what the union answers."""

    scope_path = "union"

    draw = models.ForeignKey(SpotDraw, models.PROTECT, verbose_name="抽查", related_name="checks", db_index=False)
    union = models.ForeignKey(Union, models.PROTECT, verbose_name="所在工会", related_name="+")
    household = models.ForeignKey(
        Household, models.SET_NULL, null=True, verbose_name="困难职工档案", related_name="spot_checks"
    )
    findings = models.CharField("抽查情况", max_length=500, blank=True, editable=False)
    is_in_order = models.BooleanField("档案规范", null=True, editable=False)
    found_by, found_at = account("抽查人", editable=False), moment_field("抽查时间")
    answer = models.CharField("整改情况", max_length=500, blank=True, editable=False)
    answered_by, answered_at = account("答复人", editable=False), moment_field("答复时间")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "抽查结果"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["draw", "household"], name="spotcheck_once"),
            models.CheckConstraint(
                condition=Q(found_by__isnull=True, findings="", is_in_order__isnull=True)
                | Q(found_by__isnull=False, found_at__isnull=False, is_in_order__isnull=False) & ~Q(findings=""),
                name="spotcheck_found_has_person",
                violation_error_message="抽查情况要写明结论、抽查人和时间。",
            ),
            models.CheckConstraint(
                condition=Q(answer="") | Q(answered_by__isnull=False, found_by__isnull=False),
                name="spotcheck_answer_follows_finding",
                violation_error_message="先有抽查情况，再答复。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.draw}：{self.household or '（已匿名）'}"
