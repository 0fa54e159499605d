"""Selection rounds: one call of nominations for one or several titles, with its quotas, papers, opinions, vetoes and
ratios. What a call asks is data of the call, with its document; none of it is code."""

from datetime import date
from decimal import Decimal
from typing import Any, Self

from django.db import connection, models
from django.db.models import F, Q

from awards.models.honours import Honour
from members.models import Union
from pingtang_union.core.fields import DocumentNumberField
from pingtang_union.core.scope import AddressedQuerySet, ScopedModel
from pingtang_union.workflow.publishing import check_fields
from pingtang_union.workflow.table import State

# States in which a nomination counts: since it was handed in, passed on by its township, approved by the county.
HANDED_IN = (State.SUBMITTED, State.RECOMMENDED, State.REVIEWED, State.PUBLICISED, State.DECIDED)
PASSED_ON = HANDED_IN[1:]
APPROVED = HANDED_IN[2:]


class AppliesTo(models.TextChoices):
    """Kinds of nominees that a requirement is for."""

    ALL = "all", "所有推荐对象"
    PERSON = "person", "所有个人"
    FRONT_LINE = "front_line", "一线职工"
    MIGRANT = "migrant", "农民工"
    CADRE = "cadre", "机关事业单位干部"
    ENTERPRISE_HEAD = "enterprise_head", "企业负责人"
    COLLECTIVE = "collective", "集体和岗位"


class VetoKind(models.TextChoices):
    """Grounds on which a nomination falls at once (一票否决)."""

    SAFETY = "safety", "发生安全生产责任事故"
    ARREARS = "arrears", "拖欠职工工资"
    INSURANCE = "insurance", "未依法缴纳社会保险"
    NO_UNION = "no_union", "未建立工会组织"
    NO_CONTRACT = "no_contract", "未签订集体合同"
    POLLUTION = "pollution", "发生环境污染事件"


class Trait(models.TextChoices):
    """What a slate is balanced by."""

    INDUSTRIAL = "industrial", "产业工人"
    FRONT_LINE = "front_line", "其他一线职工"
    SCIENCE_EDUCATION = "science_education", "科教人员"
    MIGRANT = "migrant", "农民工"
    NON_PUBLIC = "non_public", "非公有制单位"
    ENTERPRISE_HEAD = "enterprise_head", "企业负责人"


class Bound(models.TextChoices):
    """Which side of a ratio is asked for."""

    AT_LEAST = "at_least", "不低于"
    AT_MOST = "at_most", "不高于"


class SelectionRoundQuerySet(AddressedQuerySet):
    """Questions asked of rounds."""

    def announced(self, day: date) -> Self:
        """Rounds that have opened by `day`: the unions below know of them."""
        return self.filter(opens_on__lte=day)

    def open_on(self, day: date) -> Self:
        """Rounds that take nominations on `day`."""
        return self.announced(day).filter(closes_on__gte=day, closed_on__isnull=True)


class SelectionRound(ScopedModel):
    """One call (评选推荐通知): which titles, by when, how many."""

    scope_path = "union"

    union = models.ForeignKey(Union, models.PROTECT, verbose_name="发文单位", related_name="+")
    title = models.CharField("名称", max_length=100, help_text="如 2026 年五一劳动奖评选推荐")
    year = models.PositiveSmallIntegerField("年度")
    honours = models.ManyToManyField(Honour, verbose_name="评选的荣誉", related_name="rounds")
    call_document = DocumentNumberField("通知文号", blank=True)
    opens_on = models.DateField("开始日期")
    closes_on = models.DateField("申报截止", help_text="过了这一天，工会不能再提交；退回修改的不受此限")
    recommend_by = models.DateField("推荐截止", null=True, blank=True, help_text="乡镇（系统）工会推荐的最后一天")
    closed_on = models.DateField("结束日期", null=True, blank=True, help_text="填写后不再申报和推荐")
    county_places = models.PositiveIntegerField(
        "全县名额", null=True, blank=True, help_text="审核通过的不能超过这个数；不限的不填"
    )
    needs_recommendation = models.BooleanField("须经乡镇（系统）工会推荐", default=True)
    objection_contact = models.CharField(
        "受理异议的方式", max_length=200, blank=True, help_text="电话、地址、电子邮箱，印在公示上"
    )
    note = models.CharField("要求", max_length=500, blank=True)

    objects = SelectionRoundQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "评选推荐"
        ordering = ["-opens_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["union", "title"],
                name="selectionround_title_unique",
                violation_error_message="已有同名的评选推荐。",
            ),
            models.CheckConstraint(
                condition=Q(closes_on__gte=F("opens_on")),
                name="selectionround_closes_after_opening",
                violation_error_message="申报截止不能早于开始日期。",
            ),
            models.CheckConstraint(
                condition=Q(recommend_by__isnull=True) | Q(recommend_by__gte=F("opens_on")),
                name="selectionround_recommend_after_opening",
                violation_error_message="推荐截止不能早于开始日期。",
            ),
            models.CheckConstraint(
                condition=Q(closed_on__isnull=True) | Q(closed_on__gte=F("opens_on")),
                name="selectionround_closed_after_opening",
                violation_error_message="结束日期不能早于开始日期。",
            ),
            models.CheckConstraint(
                condition=Q(year__gte=1949, year__lte=2199),
                name="selectionround_year_in_range",
                violation_error_message="年度要写成 2026 这样的四位数。",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        super().clean()
        check_fields(self, "title", "objection_contact")

    def is_open_on(self, day: date) -> bool:
        """Whether it takes nominations on `day`."""
        return self.opens_on <= day <= self.closes_on and self.closed_on is None

    def full_for(self, nomination: Any, *, counts_county: bool, of_union_only: bool) -> list[str]:
        """The quotas that one more, `nomination`, would pass. The round's row is locked: of many at once no more get
        through than there are places."""
        rounds = SelectionRound.objects.all()
        if connection.in_atomic_block:  # a page that only asks has nothing to lock
            rounds = rounds.select_for_update(no_key=True)  # nobody who begins another draft has to wait
        places = rounds.get(pk=self.pk).county_places
        rivals = self.nominations.exclude(pk=nomination.pk)
        full = []
        if counts_county and places is not None and rivals.filter(state__in=APPROVED).count() >= places:
            full.append(f"全县 {places} 个名额已经用完")
        for quota in self.quotas.select_related("union"):
            is_own = quota.union_id == nomination.union_id
            if not quota.covers(nomination.union) or (of_union_only and not is_own):
                continue
            if rivals.filter(quota.takers()).count() >= quota.places:
                full.append(f"{quota.holder}的 {quota.places} 个名额已经用完")
        return full


class _OfRound(ScopedModel):
    """A row of a call: seen by whoever sees the call."""

    scope_path = "round__union"

    objects = AddressedQuerySet.as_manager()

    class Meta:
        abstract = True


class Quota(_OfRound):
    """How many nominations a union with those below it, or the unions of a system (教育、卫生计生 …), may put up."""

    round = models.ForeignKey(SelectionRound, models.CASCADE, verbose_name="评选推荐", related_name="quotas")
    union = models.ForeignKey(
        Union, models.PROTECT, null=True, blank=True, verbose_name="工会（连同下级）", related_name="+"
    )
    system = models.CharField("系统", max_length=30, blank=True, help_text="与工会资料里的「所属系统」一致")
    places = models.PositiveIntegerField("名额")

    class Meta:
        verbose_name = verbose_name_plural = "名额"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(union__isnull=False, system="") | (Q(union__isnull=True) & ~Q(system="")),
                name="quota_of_union_or_system",
                violation_error_message="名额给一个工会或者一个系统，两者填一个。",
            ),
            models.UniqueConstraint(
                fields=["round", "union"],
                name="quota_union_once",
                violation_error_message="这个工会的名额已经填过。",
            ),
            models.UniqueConstraint(
                fields=["round", "system"],
                condition=~Q(system=""),
                name="quota_system_once",
                violation_error_message="这个系统的名额已经填过。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.holder}：{self.places}"

    @property
    def holder(self) -> str:
        """Whose quota it is."""
        return self.union.name if self.union is not None else f"{self.system}系统"

    def covers(self, union: Union) -> bool:
        """Whether nominations of `union` take its places."""
        if self.union is not None:
            return union.path.startswith(self.union.path)
        return union.system == self.system

    def takers(self) -> Q:
        """Condition on nominations: those that take one of its places. One takes a place of its own union when it is
        handed in; of a system or a union above when it is recommended, or handed in where nobody recommends it."""
        passed = Q(state__in=PASSED_ON) | Q(state__in=HANDED_IN) & (Q(is_direct=True) | Q(union=self.union_id))
        if self.union is not None:
            return Q(union__path__startswith=self.union.path) & passed
        return Q(union__system=self.system) & passed


class RequiredPaper(_OfRound):
    """A paper of the checklist (材料清单)."""

    round = models.ForeignKey(SelectionRound, models.CASCADE, verbose_name="评选推荐", related_name="papers")
    title = models.CharField("材料", max_length=100)
    applies_to = models.CharField("适用", max_length=20, choices=AppliesTo, default=AppliesTo.ALL)
    copies = models.PositiveSmallIntegerField("份数", default=1)
    needs_file = models.BooleanField("要传扫描件", default=False)
    note = models.CharField("说明", max_length=200, blank=True)
    order = models.PositiveSmallIntegerField("次序", default=10)

    class Meta:
        verbose_name = verbose_name_plural = "所需材料"
        ordering = ["order", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["round", "title", "applies_to"],
                name="requiredpaper_once",
                violation_error_message="这项材料已经填过。",
            )
        ]

    def __str__(self) -> str:
        return self.title


class RequiredOpinion(_OfRound):
    """A department whose opinion is asked (征求意见)."""

    round = models.ForeignKey(SelectionRound, models.CASCADE, verbose_name="评选推荐", related_name="opinions")
    department = models.CharField("部门", max_length=60)
    applies_to = models.CharField("适用", max_length=20, choices=AppliesTo, default=AppliesTo.ALL)
    order = models.PositiveSmallIntegerField("次序", default=10)

    class Meta:
        verbose_name = verbose_name_plural = "征求意见的部门"
        ordering = ["order", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["round", "department", "applies_to"],
                name="requiredopinion_once",
                violation_error_message="这个部门已经填过。",
            )
        ]

    def __str__(self) -> str:
        return self.department


class RoundVeto(_OfRound):
    """A ground on which a nomination of this round falls at once."""

    round = models.ForeignKey(SelectionRound, models.CASCADE, verbose_name="评选推荐", related_name="vetoes")
    kind = models.CharField("否决情形", max_length=20, choices=VetoKind)
    period = models.CharField("期间", max_length=50, blank=True, help_text="如 近三年内")

    class Meta:
        verbose_name = verbose_name_plural = "一票否决情形"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["round", "kind"], name="roundveto_once", violation_error_message="这种情形已经填过。"
            )
        ]

    def __str__(self) -> str:
        return f"{self.period}{self.get_kind_display()}"


class SlateRatio(_OfRound):
    """A share of the slate that the call asks for (推荐人选结构比例)."""

    round = models.ForeignKey(SelectionRound, models.CASCADE, verbose_name="评选推荐", related_name="ratios")
    trait = models.CharField("哪一类", max_length=20, choices=Trait)
    bound = models.CharField("要求", max_length=10, choices=Bound, default=Bound.AT_LEAST)
    percent = models.DecimalField("百分比", max_digits=5, decimal_places=2)

    class Meta:
        verbose_name = verbose_name_plural = "结构比例"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["round", "trait", "bound"],
                name="slateratio_once",
                violation_error_message="这一类的比例已经填过。",
            ),
            models.CheckConstraint(
                condition=Q(percent__gte=0, percent__lte=100),
                name="slateratio_percent_in_range",
                violation_error_message="百分比要在 0 至 100 之间。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_trait_display()}{self.get_bound_display()} {Decimal(self.percent).normalize():f}%"
