"""Activities (活动) and what they brought: outcomes, aid to villages, news, coverage, photos."""

from datetime import date
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Coalesce, Substr
from django.utils import timezone

from campaigns.models.catalogue import ActivityKind, Indicator, Series
from campaigns.models.codes import ActivityState
from members.models import Union
from pingtang_union.core.dates import shift_years
from pingtang_union.core.fields import PartialDateField, account, not_before, well_formed
from pingtang_union.core.scope import ScopedModel, ScopedQuerySet
from pingtang_union.core.text import fold
from pingtang_union.money import MoneyField
from pingtang_union.workflow.attachments import AttachmentManager, KeptFile
from pingtang_union.workflow.publishing import check_fields

# What an activity may lack, in the words of lists and queues.
LACKS = {
    "late": "已过举办时间未登记结果", "result": "已举办无结果", "photo": "近一年举办无照片", "news": "近一年举办无报道",
}  # fmt: skip
PUBLIC_TEXTS = ("name", "theme", "partners", "place", "news")


def is_to_come(day: str | None) -> bool:
    """Whether a day, known more or less exactly, can't have begun."""
    return bool(day) and str(day) > timezone.localdate().isoformat()[: len(str(day))]


class ActivityQuerySet(ScopedQuerySet):
    """Questions asked of activities."""

    def held_by(self, day: date) -> Self:
        """Activities held by `day`."""
        return self.filter(state=ActivityState.HELD, held_on__lte=day.isoformat())

    def lacking(self, what: str, today: date) -> Self:
        """Activities that lack what LACKS names it."""
        return self.filter(lack(what, today))

    def public(self) -> Self:
        """Those that strangers may read of."""
        return self.filter(published_by__isnull=False).exclude(state=ActivityState.CANCELLED)

    def searched(self, words: str) -> Self:
        """By a part of the name."""
        key = fold(words)
        return self.filter(name_key__contains=key) if key else self.none()


def lack(what: str, today: date) -> Q:
    """Condition on activities that lack what LACKS names it: a result is a head-count or an outcome, news a text or a
    link. Photos and news are asked for a year."""
    day = today.isoformat()
    if what == "late":
        over = Q()
        for length in (4, 7, 10):  # a month or a year is over with its last day
            over |= Q(held_on__length=length, held_on__lt=day[:length])
        return over & Q(state=ActivityState.PLANNED)
    held = Q(state=ActivityState.HELD)
    if what == "result":
        return held & Q(declared__isnull=True, signed_up__isnull=True) & ~_any(Outcome)
    recent = held & Q(held_on__gte=shift_years(day[:7], -1))
    return recent & ~_any(Photo) if what == "photo" else recent & Q(news="") & ~_any(Coverage)


def _any(model: type[models.Model]) -> Q:
    return Q(Exists(model._default_manager.filter(activity=OuterRef("pk"))))


class Activity(ScopedModel):
    """One activity, kept by the union that holds it. Its year comes from its day, which a plan may know to the month
    only; its edition is its series in that year."""

    scope_path = "union"

    name = models.CharField("活动名称", max_length=100)
    name_key = models.CharField("查找用名称", max_length=100, editable=False)
    union = models.ForeignKey(Union, models.PROTECT, verbose_name="主办工会", related_name="activities")
    co_hosts = models.ManyToManyField(Union, blank=True, verbose_name="联合主办工会", related_name="+")
    partners = models.CharField("协办单位", max_length=200, blank=True, help_text="几个单位之间用顿号隔开")
    kind = models.ForeignKey(ActivityKind, models.PROTECT, verbose_name="活动类别", related_name="activities")
    series = models.ForeignKey(
        Series, models.PROTECT, null=True, blank=True, verbose_name="活动系列", related_name="activities"
    )
    theme = models.CharField("主题", max_length=100, blank=True)
    held_on = PartialDateField("举办时间", is_plan=True, help_text="计划中的可以只写到月，如 2018.05")
    ended_on = PartialDateField("结束时间", is_plan=True, help_text="当天结束的不填")
    year = models.GeneratedField(
        expression=Substr("held_on", 1, 4), output_field=models.CharField(max_length=4), db_persist=True,
        verbose_name="年份",
    )  # fmt: skip
    place = models.CharField("地点", max_length=50, blank=True)
    sessions = models.PositiveSmallIntegerField("场次（期数）", default=1)
    budget = MoneyField("预算（元）", null=True, blank=True)
    spent = MoneyField("经费（元）", null=True, blank=True)
    declared = models.PositiveIntegerField(
        "参加人数", null=True, blank=True, help_text="举办后填写；填了即登记为已举办"
    )
    signed_up = models.PositiveIntegerField("报名人数", null=True, blank=True, editable=False)
    # The figure: as declared, and as signed up where nobody declared it.
    headcount = models.GeneratedField(
        expression=Coalesce(F("declared"), F("signed_up"), 0), output_field=models.PositiveIntegerField(),
        db_persist=True, verbose_name="人数",
    )  # fmt: skip
    news = models.TextField("活动报道", max_length=5000, blank=True)
    note = models.CharField("备注", max_length=200, blank=True)
    state = models.CharField(
        "状态", max_length=10, choices=ActivityState, default=ActivityState.PLANNED, editable=False
    )
    offered_by = account("提请公开人", editable=False)
    published_by = account("核准公开人", editable=False)
    published_at = models.DateTimeField("公开时间", null=True, blank=True, editable=False)

    objects = ActivityQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "活动"
        ordering = ["-held_on", "pk"]
        permissions = [("publish_activity", "核准公开活动")]
        indexes = [
            models.Index(fields=["held_on"], name="activity_held_on"),
            models.Index(fields=["name_key"], name="activity_name_key"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["union", "name_key", "held_on"],
                name="activity_once",
                violation_error_message="这个工会同名、同一时间的活动已经登记过。",
            ),
            models.CheckConstraint(
                condition=Q(held_on__isnull=False),
                name="activity_has_time",
                violation_error_message="请填写举办时间，至少写到年。",
            ),
            models.CheckConstraint(
                condition=not_before("ended_on", "held_on"),
                name="activity_end_after_start",
                violation_error_message="结束时间不能早于举办时间。",
            ),
            models.CheckConstraint(
                condition=Q(state=ActivityState.HELD) | Q(declared__isnull=True),
                name="activity_counted_when_held",
                violation_error_message="没有举办的活动不填参加人数。",
            ),
            models.CheckConstraint(
                condition=Q(sessions__gte=1),
                name="activity_has_sessions",
                violation_error_message="场次（期数）至少为 1。",
            ),
            models.CheckConstraint(
                condition=(Q(budget__isnull=True) | Q(budget__gte=0)) & (Q(spent__isnull=True) | Q(spent__gte=0)),
                name="activity_money_not_negative",
                violation_error_message="预算和经费不能小于零。",
            ),
            models.CheckConstraint(
                condition=Q(published_by__isnull=True, published_at__isnull=True)
                | (
                    Q(published_by__isnull=False, published_at__isnull=False, offered_by__isnull=False)
                    & ~Q(published_by=F("offered_by"))
                ),
                name="activity_published_by_another",
                violation_error_message="您自己提请公开的活动，要由另一人核准。",
            ),
            well_formed("activity_dates_well_formed", "held_on", "ended_on"),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        self.name_key = fold(self.name)[:100]
        self.held_on = self.held_on or None  # type: ignore[assignment]  # what a column of text may hold
        if self.declared is not None:
            if is_to_come(self.held_on):
                raise ValidationError({"declared": "举办时间还没有到，举办后再填参加人数。"})
            self.state = ActivityState.HELD  # who took part says that it was held
        check_fields(self, *PUBLIC_TEXTS)

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.name_key = fold(self.name)[:100]
        super().save(*args, **kwargs)


class Part(ScopedModel):
    """Something of an activity that is a row of its own."""

    scope_path = "activity__union"

    class Meta:
        abstract = True
        ordering = ["pk"]


class Outcome(Part):
    """What an activity brought: so much of an indicator, in its unit."""

    activity = models.ForeignKey(Activity, models.CASCADE, verbose_name="活动", related_name="outcomes")
    indicator = models.ForeignKey(Indicator, models.PROTECT, verbose_name="成果项目", related_name="+")
    value = models.PositiveIntegerField("数量")

    class Meta(Part.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "活动成果"
        constraints = [
            models.UniqueConstraint(
                fields=["activity", "indicator"],
                name="outcome_once_an_activity",
                violation_error_message="这个活动的这项成果已经登记过。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator} {self.value} {self.indicator.unit}"


class VillageAid(Part):
    """What a visit (驻村走访) gave one village: funds, goods, a project."""

    activity = models.ForeignKey(Activity, models.CASCADE, verbose_name="活动", related_name="village_aid")
    village = models.CharField("村（社区）", max_length=50)
    funds = MoneyField("资金（元）", default=0)
    goods = MoneyField("物资折价（元）", default=0)
    project = models.CharField("帮扶项目", max_length=200, blank=True, help_text="如 通组路硬化、安装路灯")

    class Meta(Part.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "驻村帮扶"
        constraints = [
            models.CheckConstraint(
                condition=Q(funds__gte=0, goods__gte=0) & (Q(funds__gt=0) | Q(goods__gt=0) | ~Q(project="")),
                name="villageaid_gives_something",
                violation_error_message="资金、物资折价和帮扶项目至少填一项，金额不能小于零。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.village}：{self.activity}"


class Coverage(Part):
    """A link of who reported on an activity."""

    activity = models.ForeignKey(Activity, models.CASCADE, verbose_name="活动", related_name="coverage")
    title = models.CharField("标题", max_length=100)
    url = models.CharField("网址", max_length=300, validators=[URLValidator(["http", "https"])])
    medium = models.CharField("媒体", max_length=50, blank=True, help_text="如 贵州热点、黔南在线")

    class Meta(Part.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "媒体报道"

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        check_fields(self, "title", "medium")


class Photo(KeptFile, Part):
    """A photo of an activity, sealed. Strangers see it once it was passed along with the activity."""

    activity = models.ForeignKey(Activity, models.CASCADE, verbose_name="活动", related_name="photos")
    caption = models.CharField("照片说明", max_length=60, blank=True)
    is_public = models.BooleanField("已公开", default=False, editable=False)

    objects = AttachmentManager()

    class Meta(Part.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "活动照片"

    def clean(self) -> None:
        check_fields(self, "caption")
