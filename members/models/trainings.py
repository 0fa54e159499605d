"""Courses and who attended them, cadre or not."""

from datetime import date
from typing import Any, Self

from django.db import models
from django.db.models import Q

from members.models.cadres import Cadre
from members.models.codes import Gender, Result, TrainingLevel
from members.models.unions import Union
from pingtang_union.core.fields import PartialDateField, not_before, well_formed
from pingtang_union.core.scope import ScopedModel, ScopedQuerySet
from pingtang_union.core.text import fold, fold_name


class AttendanceQuerySet(ScopedQuerySet):
    """Questions asked of attendances. One row is one person-time (人次)."""

    def held_by(self, day: date) -> Self:
        """Attendances of courses that had begun by `day`."""
        return self.filter(Q(training__started_on__isnull=True) | Q(training__started_on__lte=day.isoformat()))


class TrainingQuerySet(ScopedQuerySet):
    """Questions asked of courses."""

    def searched(self, words: str) -> Self:
        """By a part of the name."""
        key = fold(words)
        return self.filter(name_key__contains=key) if key else self.none()


class Training(ScopedModel):
    """A course (培训班), kept by the union that records it."""

    scope_path = "union"

    name = models.CharField("培训班名称", max_length=100)
    name_key = models.CharField("查找用名称", max_length=100, editable=False)
    union = models.ForeignKey(Union, models.PROTECT, verbose_name="登记单位", related_name="trainings")
    place = models.CharField("地点", max_length=50, blank=True)
    level = models.CharField("级别", max_length=12, choices=TrainingLevel, blank=True)
    started_on = PartialDateField("开班时间")
    ended_on = PartialDateField("结束时间")
    days = models.PositiveSmallIntegerField("天数", null=True, blank=True)
    declared_attendees = models.PositiveIntegerField("参训人数（填报）", null=True, blank=True)
    note = models.CharField("备注", max_length=200, blank=True)

    objects = TrainingQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "培训班"
        ordering = ["-started_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["union", "name_key", "started_on"],
                name="training_unique",
                violation_error_message="同名、同开班时间的培训班已经登记过。",
            ),
            models.CheckConstraint(
                condition=not_before("ended_on", "started_on"),
                name="training_end_after_start",
                violation_error_message="结束时间不能早于开班时间。",
            ),
            well_formed("training_dates_well_formed", "started_on", "ended_on"),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        self.name_key = fold(self.name)[:100]

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.name_key = fold(self.name)[:100]
        super().save(*args, **kwargs)


class Attendance(ScopedModel):
    """One person at one course. `cadre` is set where the person is a cadre of that union at the time."""

    scope_path = "union"

    training = models.ForeignKey(Training, models.PROTECT, verbose_name="培训班", related_name="attendances")
    union = models.ForeignKey(Union, models.PROTECT, verbose_name="所在工会", related_name="attendances")
    name = models.CharField("姓名", max_length=50)
    name_key = models.CharField("查找用姓名", max_length=50, editable=False)
    cadre = models.ForeignKey(
        Cadre, models.SET_NULL, null=True, blank=True, verbose_name="工会干部", related_name="attendances"
    )
    gender = models.CharField("性别", max_length=1, choices=Gender, blank=True)
    result = models.CharField("考核结果", max_length=10, choices=Result, blank=True)
    note = models.CharField("备注", max_length=200, blank=True)

    objects = AttendanceQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "参训记录"
        ordering = ["pk"]
        indexes = [models.Index(fields=["name_key"], name="attendance_name_key")]
        constraints = [
            models.UniqueConstraint(
                fields=["training", "union", "name_key"],
                name="attendance_once_a_course",
                violation_error_message="这个人已登记参加过这期培训。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} · {self.training}"

    def clean(self) -> None:
        self.name_key = fold_name(self.name)[:50]

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.name_key = fold_name(self.name)[:50]
        super().save(*args, **kwargs)
